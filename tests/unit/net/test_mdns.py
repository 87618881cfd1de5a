"""What is announced on the local network, and what is believed of what others announce."""

import threading
from collections.abc import Sequence
from typing import cast

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from zeroconf import DNSCache, ServiceInfo, ServiceStateChange, Zeroconf

from p2pnode.net.addresses import parse_address
from p2pnode.net.dialling.mdns import (
    ASKING,
    SERVICE,
    Discovery,
    Found,
    Lookout,
    ask,
    make_service,
    read_service,
)
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, to_text

OURS = CommunityId(b"c" * 32)
THEIRS = CommunityId(b"d" * 32)
ALICE = DeviceKey(b"a" * 32)
BOB = DeviceKey(b"b" * 32)
LAN = [parse_address(f"/ip4/{host}/tcp/4747") for host in ("192.0.2.1", "127.0.0.1")]
LAN_TEXT = ("/ip4/192.0.2.1/tcp/4747",)


def test_announcement_reads_back_in_the_same_community_only() -> None:
    info = make_service(OURS, ALICE, LAN)
    assert info is not None
    assert read_service(info, OURS) == (ALICE, LAN_TEXT)
    assert read_service(info, THEIRS) is None


@given(community=st.binary(min_size=32, max_size=32).map(CommunityId))
def test_announcement_tells_nothing_of_the_communitys_id(community: CommunityId) -> None:
    info, other = (make_service(community, one, LAN) for one in (ALICE, BOB))
    assert info is not None
    assert other is not None
    mark = info.decoded_properties["community"]
    assert mark is not None
    assert other.decoded_properties["community"] == mark, "they know each other by it"
    device = to_text("dev", ALICE)
    said = f"{info.name} {info.server} {mark}".replace(device[4:20], "").replace(device[4:16], "")
    name = to_text("com", community)[4:]
    assert not [at for at in range(len(name) - 5) if name[at : at + 6] in said.lower()]
    assert community.hex()[:8] not in said


def test_nothing_is_announced_that_others_cannot_reach() -> None:
    assert make_service(OURS, ALICE, [parse_address("/ip4/127.0.0.1/tcp/4747")]) is None


def test_nonsense_is_passed_over() -> None:
    good = make_service(OURS, ALICE, LAN)
    assert good is not None
    community = good.decoded_properties["community"]
    for device in (None, "", "dev_x", "dev_" + "a" * 58, b"\xff\xfe"):
        properties = {"community": community, "device": device}
        info = ServiceInfo(SERVICE, f"x.{SERVICE}", port=1, properties=properties)
        assert read_service(info, OURS) is None


class EndedLoop:
    """A Zeroconf whose loop ended while one of its threads was about to ask."""

    def get_service_info(self, *_: object) -> ServiceInfo:
        raise AssertionError("Zeroconf instance loop must be running")


@pytest.mark.parametrize("is_closing", [True, False])
def test_asking_while_it_ends_finds_nothing_and_harms_nobody(
    caplog: pytest.LogCaptureFixture, is_closing: bool
) -> None:
    closing = threading.Event()
    if is_closing:
        closing.set()
    assert ask(cast(Zeroconf, EndedLoop()), SERVICE, "name", closing) is None
    assert len(caplog.records) == (0 if is_closing else 1)


class SilentNetwork:
    """A Zeroconf that nobody answers until `answer` is set; what is in `cache` came by itself."""

    def __init__(self, *infos: ServiceInfo) -> None:
        self.cache = DNSCache()
        self.asked: list[str] = []
        self.answer = threading.Event()
        for info in infos:
            records = [info.dns_pointer(), info.dns_service(), info.dns_text()]
            self.cache.async_add_records([*records, *info.dns_addresses()])

    def get_service_info(self, _type: str, name: str, _timeout_ms: int) -> None:
        self.asked.append(name)
        self.answer.wait()


def test_names_that_nobody_answers_for_hold_up_no_member() -> None:
    """A thousand of them first, and they are asked about few at a time."""
    info = make_service(OURS, ALICE, LAN)
    assert info is not None
    network = SilentNetwork(info)
    found: list[tuple[DeviceKey, tuple[str, ...]]] = []
    lookout = Lookout(BOB, threading.Event())
    lookout.watch(OURS, lambda *one: found.append(one))
    prefix = info.name.partition("-")[0]
    try:
        for number in range(1000):
            name = f"{prefix}-{number}.{SERVICE}"
            lookout.look(cast(Zeroconf, network), SERVICE, name, ServiceStateChange.Added)
        lookout.look(cast(Zeroconf, network), SERVICE, info.name, ServiceStateChange.Added)
        assert found == [(ALICE, LAN_TEXT)]
        assert len(network.asked) <= ASKING
    finally:
        network.answer.set()


def test_names_of_other_communities_are_not_asked_about() -> None:
    network = SilentNetwork()
    network.answer.set()
    lookout = Lookout(BOB, threading.Event())
    lookout.watch(OURS, lambda *_: None)
    for name in (f"x.{SERVICE}", f"-.{SERVICE}", SERVICE, ""):
        lookout.look(cast(Zeroconf, network), SERVICE, name, ServiceStateChange.Added)
    assert network.asked == []


async def test_hosts_find_each_other_in_each_of_their_communities_by_one_zeroconf_each() -> None:
    """Also in one that is added later, whose names were seen when nobody asked for them."""
    found: dict[tuple[CommunityId, DeviceKey], tuple[str, ...]] = {}
    changed = trio.Event()
    lo = ["127.0.0.1"]
    alice, bob = (Discovery(one, lambda: LAN, lo) for one in (ALICE, BOB))

    def note(community: CommunityId) -> Found:
        def on_found(device: DeviceKey, addresses: Sequence[str]) -> None:
            nonlocal changed
            found[community, device] = tuple(addresses)
            changed.set()
            changed = trio.Event()

        return on_found

    async def wait_for(*wanted: tuple[CommunityId, DeviceKey]) -> None:
        while not set(wanted) <= set(found):
            await changed.wait()

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            for one in (alice, bob):
                one.add(OURS, note(OURS))
                nursery.start_soon(one.run)
            alice.add(THEIRS, note(THEIRS))
            await wait_for((OURS, ALICE), (OURS, BOB))
            assert (THEIRS, ALICE) not in found, "nobody else looks for it"
            bob.add(THEIRS, note(THEIRS))
            await wait_for((THEIRS, ALICE), (THEIRS, BOB))
            nursery.cancel_scope.cancel()
    assert set(found.values()) == {LAN_TEXT}
