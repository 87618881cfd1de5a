"""In which turn peers are asked."""

from __future__ import annotations

from dataclasses import dataclass

from p2pnode_protocols.ids import DeviceKey
from p2pnode_protocols.turns import REMEMBERED, Turns


@dataclass(frozen=True)
class Peer:
    device: DeviceKey
    seat: bytes


def peer(name: str, seat: str | None = None) -> Peer:
    return Peer(DeviceKey(name.encode()), (seat or name).encode())


def order(turns: Turns, *peers: Peer) -> list[str]:
    return [one.device.decode() for one in sorted(peers, key=turns.rank)]


ALICE, BOB, EVE = peer("alice"), peer("bob"), peer("eve")


def test_who_was_asked_longest_ago_comes_first() -> None:
    turns = Turns()
    for one in (BOB, ALICE, EVE, BOB):
        turns.ask(one)
    assert order(turns, ALICE, BOB, EVE) == ["alice", "eve", "bob"]


def test_who_failed_comes_after_all_others_until_it_brings_something() -> None:
    turns = Turns()
    turns.ask(EVE)
    turns.fail(EVE)
    for one in (ALICE, BOB):
        turns.ask(one)
    assert order(turns, ALICE, BOB, EVE) == ["alice", "bob", "eve"]
    assert turns.has_failed(EVE)
    turns.bring(EVE)
    assert order(turns, ALICE, BOB, EVE) == ["eve", "alice", "bob"]
    assert not turns.has_failed(EVE)


def test_devices_of_one_seat_stand_for_each_other() -> None:
    turns = Turns()
    phone = peer("a phone", "eve")
    turns.ask(EVE)
    turns.fail(EVE)
    assert order(turns, phone, EVE, BOB) == ["bob", "a phone", "eve"]


def test_what_is_remembered_is_bounded() -> None:
    turns = Turns()
    turns.ask(EVE)
    turns.fail(EVE)
    for number in range(REMEMBERED):
        turns.ask(peer(str(number), "nobody's"))
    assert len(turns._turns) == REMEMBERED
    assert not turns.has_failed(EVE)
