"""Parts of the net, each with those below it alone."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from p2pnode.net.callers.gate import Gate
from p2pnode.net.config import NetConfig
from p2pnode.net.dialling.book import FORGET, Book
from p2pnode.net.flushing import Flusher
from p2pnode.net.interface import NetEvent
from p2pnode.net.outward import Outward
from p2pnode.net.seats.cpu import BURST_S
from p2pnode.net.seats.seats import SHARES, Seats
from p2pnode.net.seldom import PeerLog
from p2pnode_protocols.steps.inputs import PeerUp
from p2pnode_protocols.wire.ids import DeviceKey

ALICE, BOB, BOBS_PHONE, CAROL, MALLORY = (DeviceKey(bytes([n]) * 32) for n in range(5))
SEAT = {BOB: b"bob", BOBS_PHONE: b"bob", CAROL: b"carol"}
CONFIG = NetConfig(strangers=1)
AT = "/ip4/192.0.2.1/tcp/4747"


def make_seats(*let_in: DeviceKey) -> Seats:
    return Seats(CONFIG, SEAT.__contains__, let_in.__contains__, lambda one: SEAT.get(one, one))


def make_book() -> Book:
    return Book(CONFIG, ALICE, SEAT.__contains__)


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
    book = make_book()
    (record,) = book.set_wanted({MALLORY: [AT], ALICE: [AT]})
    assert (record.device, record.addresses) == (MALLORY, [AT])
    assert book.is_known(MALLORY)
    assert book.known_sources() == {"192.0.2.1"}
    assert book.set_wanted({}) == []
    assert not book.is_known(MALLORY)
    assert book.known_sources() == frozenset()


async def test_a_tip_makes_nobodys_address_a_known_one() -> None:
    book = make_book()
    (record,) = book.set_wanted({BOB: ()})
    book.add_tips(BOB, b"carol", [AT, "no address"])
    book.add_tips(CAROL, b"bob", [AT])
    assert record.tips.addresses == [AT]
    assert book.known_sources() == frozenset()
    assert book.get(CAROL) is None


async def test_of_ever_new_devices_few_are_remembered() -> None:
    book = make_book()
    for number in range(2 * FORGET):
        book.remember(DeviceKey(number.to_bytes(32, "big")))
    assert len(book) == FORGET


async def test_nobody_is_admitted_before_the_door_is_open_nor_who_is_held() -> None:
    book = make_book()
    gate = Gate(CONFIG, ALICE, book, make_seats())
    assert not gate.admit(BOB)
    gate.is_open = True
    assert gate.admit(BOB)
    assert gate.admit(MALLORY), "there is a place for one stranger"
    assert not gate.admit(ALICE), "that is this device"
    book.remember(BOB).hold(60)
    assert not gate.admit(BOB)


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
