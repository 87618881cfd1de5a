"""Parts of the net, each with those below it alone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import trio
import trio.testing

from p2pnode.net.callers.gate import Gate
from p2pnode.net.config import NetConfig
from p2pnode.net.dialling.book import FORGET, Book
from p2pnode.net.dialling.peers import Peers
from p2pnode.net.flushing import Flusher
from p2pnode.net.interface import NetEvent
from p2pnode.net.outward import Outward
from p2pnode.net.seats.cpu import BURST_S
from p2pnode.net.seats.seats import SHARES, Seats
from p2pnode.net.seldom import PeerLog
from p2pnode_protocols.steps.inputs import PeerUp
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey

ALICE, BOB, BOBS_PHONE, CAROL, MALLORY = (DeviceKey(bytes([n]) * 32) for n in range(5))
SEAT = {BOB: b"bob", BOBS_PHONE: b"bob", CAROL: b"carol"}
CONFIG = NetConfig(strangers=1)
COMMUNITY, OTHER = CommunityId(b"c" * 32), CommunityId(b"o" * 32)
AT = "/ip4/192.0.2.1/tcp/4747"


def make_seats(*let_in: DeviceKey) -> Seats:
    return Seats(CONFIG, SEAT.__contains__, let_in.__contains__, lambda one: SEAT.get(one, one))


class Town:
    """A community as far as an endpoint knows it."""

    def __init__(self, seats: dict[DeviceKey, bytes]) -> None:
        self.book = Book(CONFIG, ALICE)
        self.peers = self.join(COMMUNITY, seats)

    def join(self, community: CommunityId, seats: dict[DeviceKey, bytes]) -> Peers:
        peers = Peers(CONFIG, self.book, seats.__contains__)
        self.book.communities[community] = Known(peers, seats)
        return peers


@dataclass
class Known:
    peers: Peers
    seats: dict[DeviceKey, bytes]

    def is_known(self, device: DeviceKey) -> bool:
        return self.peers.is_known(device)

    def is_let_in(self, _device: DeviceKey) -> bool:
        return False

    def is_kept_away(self, device: DeviceKey) -> bool:
        return self.peers.is_kept_away(device)

    def seat_of(self, device: DeviceKey) -> bytes:
        return self.seats.get(device, device)


# --- seats --------------------------------------------------------------------------------


async def test_devices_of_one_seat_share_room_and_core_and_those_of_none_as_well() -> None:
    seats = make_seats()
    assert seats.find_room(BOB) is seats.find_room(BOBS_PHONE)
    assert seats.find_share(BOB) is seats.find_share(BOBS_PHONE)
    assert seats.find_share(BOB) is not seats.find_share(CAROL)
    assert seats.find_room(MALLORY) is seats.find_room(ALICE) is not seats.find_room(CAROL)


async def test_whom_an_invite_has_let_in_has_a_share_of_its_own_and_no_room() -> None:
    seats = make_seats(MALLORY)
    assert seats.at(MALLORY).is_in
    assert seats.find_share(MALLORY) is not seats.find_share(ALICE)
    assert seats.find_room(MALLORY) is seats.find_room(ALICE)


async def test_of_many_shares_those_that_are_as_new_are_forgotten() -> None:
    everybody = [DeviceKey(number.to_bytes(32, "big")) for number in range(SHARES + 1)]
    seats = Seats(CONFIG, lambda _device: True, lambda _device: False, bytes)
    spent, idle = seats.find_share(everybody[0]), seats.find_share(everybody[1])
    spent.spend(BURST_S / 2)
    for device in everybody[2:]:
        seats.find_share(device)
    assert seats.find_share(everybody[0]) is spent
    assert seats.find_share(everybody[1]) is not idle


async def test_rooms_in_which_nobody_is_are_forgotten() -> None:
    seats = make_seats()
    seats.find_room(BOB)
    seats.forget_rooms()
    assert seats.rooms == {}


# --- who is known, and who may connect ----------------------------------------------------


async def test_who_is_wanted_is_known_though_it_has_no_seat() -> None:
    town = Town(SEAT)
    (record,) = town.peers.set_wanted({MALLORY: [AT], ALICE: [AT]})
    assert (record.device, record.addresses) == (MALLORY, [AT])
    assert town.book.is_known(MALLORY)
    assert town.book.known_sources() == {"192.0.2.1"}
    assert town.peers.set_wanted({}) == []
    assert not town.book.is_known(MALLORY)
    assert town.book.known_sources() == frozenset()


async def test_a_tip_makes_nobodys_address_a_known_one() -> None:
    town = Town(SEAT)
    (record,) = town.peers.set_wanted({BOB: ()})
    town.peers.add_tips(BOB, b"carol", [AT, "no address"])
    town.peers.add_tips(CAROL, b"bob", [AT])
    assert record.tips.addresses == [AT]
    assert town.book.known_sources() == frozenset()
    assert town.book.get(CAROL) is None


async def test_of_ever_new_devices_few_are_remembered() -> None:
    town = Town(SEAT)
    for number in range(2 * FORGET):
        town.peers.remember(DeviceKey(number.to_bytes(32, "big")))
    assert len(town.book) == FORGET
    assert len(list(town.peers)) == FORGET


async def test_nobody_is_admitted_before_the_door_is_open_nor_who_is_held() -> None:
    town = Town(SEAT)
    gate = Gate(CONFIG, town.book)
    assert not gate.admit(BOB)
    gate.is_open = True
    assert gate.admit(BOB)
    assert gate.admit(MALLORY), "there is a place for one stranger"
    assert not gate.admit(ALICE), "that is this device"
    town.peers.remember(BOB).hold(60)
    assert not gate.admit(BOB)


async def test_who_is_held_in_one_community_may_come_for_another() -> None:
    town = Town(SEAT)
    other = town.join(OTHER, {BOB: b"bob"})
    gate = Gate(CONFIG, town.book)
    gate.is_open = True
    town.peers.remember(BOB).hold(60)
    assert gate.admit(BOB)
    assert town.peers.is_kept_away(BOB)
    assert not other.is_kept_away(BOB)
    other.remember(BOB).is_blocked = True
    assert not gate.admit(BOB)
    town.peers.remember(MALLORY).hold(60)
    assert not gate.admit(MALLORY), "a stranger is nobody's"


async def test_a_device_is_dialled_for_whichever_community_wants_it() -> None:
    town = Town(SEAT)
    other = town.join(OTHER, SEAT)
    (remote,) = town.peers.set_wanted({BOB: [AT]})
    other.set_wanted({BOB: []})
    town.peers.remember(BOB).is_blocked = True
    assert remote.dial_at_s == 0.0
    other.remember(BOB).hold(60)
    assert remote.dial_at_s == pytest.approx(trio.current_time() + 60, abs=1)
    other.set_wanted({})
    assert remote.dial_at_s is None
    other.forget_all()
    assert len(remote.wishes) == 1


# --- ways in and out ----------------------------------------------------------------------


async def test_an_event_waits_for_room_and_nobody_waits_for_a_receiver_that_has_gone() -> None:
    send, receive = trio.open_memory_channel[NetEvent](1)
    outward = Outward(send)
    assert outward.offer(PeerUp(BOB))
    assert not outward.offer(PeerUp(CAROL))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outward.emit, PeerUp(CAROL))
        assert [await receive.receive(), await receive.receive()] == [PeerUp(BOB), PeerUp(CAROL)]
    receive.close()
    with trio.fail_after(1):
        await outward.emit(PeerUp(BOB))
    assert outward.offer(PeerUp(BOB)), "nobody has to wait"


class Written:
    def __init__(self) -> None:
        self.times = 0

    def flush(self) -> None:
        self.times += 1


async def test_what_is_queued_in_one_turn_is_written_once(autojump_clock: trio.abc.Clock) -> None:
    flusher, bob, carol = Flusher(), Written(), Written()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(flusher.run)
        for _ in range(3):
            flusher.mark(bob)
        await trio.testing.wait_all_tasks_blocked()
        assert (bob.times, carol.times) == (1, 0)
        flusher.mark(bob)
        flusher.mark(carol)
        await trio.testing.wait_all_tasks_blocked()
        assert (bob.times, carol.times) == (2, 1)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("first", "second", "told"), [(BOB, CAROL, 1), (MALLORY, ALICE, 0)])
async def test_those_of_no_seat_pass_for_one_in_the_log(
    first: DeviceKey, second: DeviceKey, told: int
) -> None:
    peer_log = PeerLog(SEAT.__contains__)
    assert peer_log.count(first, "gone") == 1
    assert peer_log.count(second, "gone") == told
    assert peer_log.count(second, "connected") == 1
