"""In which turn peers are asked: R7.7."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from p2pnode_protocols.gossip.asking.turns import REMEMBERED, Turns
from p2pnode_protocols.wire.ids import DeviceKey, MonoMs

PATIENCE_MS = 5_000


@dataclass(frozen=True)
class Peer:
    device: DeviceKey
    seat: bytes


def peer(name: str, seat: str | None = None) -> Peer:
    return Peer(DeviceKey(name.encode()), (seat or name).encode())


def order(turns: Turns, *peers: Peer) -> list[str]:
    return [one.device.decode() for one in sorted(peers, key=turns.rank)]


ALICE, BOB, EVE = peer("alice"), peer("bob"), peer("eve")
PHONE = peer("a phone", "eve")


def ask(turns: Turns, one: Peer, takes_ms: int = 1) -> None:
    turns.ask(one, MonoMs(7))
    turns.answered(one, MonoMs(7 + takes_ms))


def test_who_was_asked_longest_ago_comes_first() -> None:
    turns = Turns()
    for one in (BOB, ALICE, EVE, BOB):
        ask(turns, one)
    assert order(turns, ALICE, BOB, EVE) == ["alice", "eve", "bob"]


def test_who_failed_comes_when_the_others_have_cost_as_much() -> None:
    turns = Turns()
    turns.ask(EVE, MonoMs(0))
    turns.fail(EVE, PATIENCE_MS)
    assert turns.has_failed(EVE)
    for _ in range(49):
        ask(turns, ALICE, 100)
        assert order(turns, ALICE, EVE) == ["alice", "eve"]
    ask(turns, ALICE, 100)
    assert order(turns, ALICE, EVE) == ["eve", "alice"]
    turns.bring(EVE)
    assert not turns.has_failed(EVE)


@pytest.mark.parametrize("takes_ms", [1, 50, 4_999])
def test_time_is_shared_out_however_long_one_takes(takes_ms: int) -> None:
    turns = Turns()
    spent: Counter[str] = Counter()
    while sum(spent.values()) < 100_000:
        one = min((ALICE, BOB, EVE), key=turns.rank)
        costs_ms = takes_ms if one is EVE else 20
        ask(turns, one, costs_ms)
        spent[one.device.decode()] += costs_ms
    assert spent["alice"] > 30_000
    assert spent["bob"] > 30_000


def test_who_was_asked_nothing_for_long_has_saved_nothing_up() -> None:
    turns = Turns()
    ask(turns, EVE)
    for _ in range(100):
        ask(turns, min((ALICE, BOB), key=turns.rank), 1_000)
    for _ in range(3):
        ask(turns, EVE, 4_900)
        first = order(turns, ALICE, BOB, EVE)[0]
        assert first != "eve"
        ask(turns, ALICE, 4_000)
        ask(turns, BOB, 4_000)


def test_devices_of_one_seat_stand_for_each_other() -> None:
    turns = Turns()
    turns.ask(EVE, MonoMs(0))
    turns.fail(EVE, PATIENCE_MS)
    assert order(turns, PHONE, EVE, BOB) == ["bob", "a phone", "eve"]
    assert turns.has_failed(PHONE)
    assert not turns.has_failed(BOB)


def test_what_is_remembered_is_bounded() -> None:
    turns = Turns()
    turns.ask(EVE, MonoMs(0))
    turns.fail(EVE, PATIENCE_MS)
    for number in range(REMEMBERED):
        ask(turns, peer(str(number), "nobody's"))
    assert len(turns._turns) == REMEMBERED
    assert not turns._asked_at
    assert not turns.has_failed(EVE)
