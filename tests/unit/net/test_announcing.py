"""What a node announces is what its peers can read."""

import pytest

from p2pnode.net.config import NetConfig
from p2pnode.net.endpoint import Endpoint
from p2pnode.net.errors import NetError
from p2pnode_protocols.wire.limits import ADDRESS_CHARS

BESIDE_NAME = len("/dns//tcp/4747/p2p/") + 52


def start(name_chars: int) -> Endpoint:
    labels = ["a" * 49] * 5
    name = ".".join(labels)[: name_chars - 1] + "b"
    config = NetConfig(announce=(f"/dns/{name}/tcp/4747",))
    return Endpoint(config, bytes(32))


def test_the_longest_name_that_peers_read_is_announced() -> None:
    (told,) = start(ADDRESS_CHARS - BESIDE_NAME).addresses
    assert len(told) == ADDRESS_CHARS


@pytest.mark.parametrize("more", [1, 40])
def test_a_name_that_makes_an_address_too_long_for_peers_is_refused(more: int) -> None:
    with pytest.raises(NetError, match=f"{ADDRESS_CHARS + more} characters, {ADDRESS_CHARS}"):
        start(ADDRESS_CHARS - BESIDE_NAME + more)
