"""Texts become addresses or say what is wrong with them; peer ids are libp2p's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libp2p.crypto.ed25519 import Ed25519PublicKey, create_new_key_pair
from libp2p.peer.id import ID

from p2pnode.net.addresses import Address, AddressError, expand_addresses, parse_address
from p2pnode.net.identity import add_peer_id, compute_peer_id, read_peer_id, split_address
from p2pnode_protocols.wire.ids import DeviceKey

ALICE = DeviceKey(create_new_key_pair(b"a" * 32).public_key.to_bytes())


@pytest.mark.parametrize(
    "text",
    [
        "/ip4/192.0.2.1/tcp/4747",
        "/ip6/2001:db8::1/tcp/1",
        "/dns/node.example.org/tcp/65535",
        "/dns4/localhost/tcp/0",
        "/dns4/a_b.c-d.example./tcp/0",
        f"/ip4/127.0.0.1/tcp/9/p2p/{compute_peer_id(ALICE)}",
    ],
)
def test_usable_address_reads_back_as_written(text: str) -> None:
    assert str(parse_address(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected"),
        ("127.0.0.1:4747", "expected"),
        ("/ip4/127.0.0.1/tcp", "expected"),
        ("/ip4/127.0.0.1/tcp/1/p2p/x/y", "expected"),
        ("/ip4/256.0.0.1/tcp/1", "not an IP address"),
        ("/ip4/::1/tcp/1", "not of the kind ip4"),
        ("/ip6/127.0.0.1/tcp/1", "not of the kind ip6"),
        ("/ip4/127.0.0.1/udp/1", "only tcp"),
        ("/ip4/127.0.0.1/tcp/65536", "0 to 65535"),
        ("/ip4/127.0.0.1/tcp/-1", "0 to 65535"),
        ("/ip4/127.0.0.1/tcp/²", "0 to 65535"),
        ("/unix/socket/tcp/1", "none of"),
        ("/dns/under score/tcp/1", "not a host name"),
        ("/dns/" + "a" * 100 + "!/tcp/1", "not a host name"),  # once took years to be refused
        ("/dns/" + "a." * 130 + "/tcp/1", "not a host name"),
        ("/dns/" + "a" * 64 + "/tcp/1", "not a host name"),
        ("/dns/a..b/tcp/1", "not a host name"),
        ("/ip4/127.0.0.1/tcp/" + "1" * 5000, "0 to 65535"),
        ("/a\nb/x/tcp/1", r"'a\\nb' is none of"),
        ("/ip4/127.0.0.1/a\nb/1", r"'a\\nb' found"),
        ("/ip4/127.0.0.1/tcp/1/ws/x", "/p2p/PEERID"),
        ("/ip4/127.0.0.1/tcp/1/p2p/0OIl", "/p2p/PEERID"),
    ],
)
def test_unusable_address_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(AddressError, match=reason):
        parse_address(text)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_an_address_error(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError:
        return
    assert parse_address(str(address)) == address


@given(st.binary(min_size=32, max_size=32))
def test_device_key_and_peer_id_are_two_spellings(raw: bytes) -> None:
    seeded = create_new_key_pair(raw).public_key
    device = DeviceKey(seeded.to_bytes())
    theirs = ID.from_pubkey(Ed25519PublicKey.from_bytes(device))
    assert compute_peer_id(device) == theirs.to_base58()
    assert read_peer_id(theirs.to_bytes()) == device


def test_address_with_peer_id_names_its_device() -> None:
    text = str(add_peer_id(Address("ip4", "192.0.2.1", 4747), ALICE))
    assert split_address(text) == (ALICE, text)


def test_address_of_nobody_or_of_another_kind_of_key_is_refused() -> None:
    with pytest.raises(AddressError, match="missing"):
        split_address("/ip4/192.0.2.1/tcp/4747")
    rsa = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
    with pytest.raises(AddressError, match="Ed25519"):
        split_address(f"/ip4/192.0.2.1/tcp/4747/p2p/{rsa}")


def test_all_interfaces_become_addresses_that_can_be_dialled() -> None:
    expanded = expand_addresses([Address("ip4", "0.0.0.0", 4747), Address("ip6", "::1", 4748)])
    assert expanded
    assert not any(one.is_unspecified for one in expanded)
    assert Address("ip6", "::1", 4748) in expanded
    loopback = [one.is_loopback for one in expanded]
    assert loopback == sorted(loopback), "loopback comes last"
