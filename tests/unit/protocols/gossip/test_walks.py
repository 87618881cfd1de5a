"""What one message makes a node walk does not grow with what a liar has it keep (R2.19, R7.24).

Touches are counted, not time: of what waits for what, and of what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.gossip.asking.want_queues import SPARE, WANT_EVERY_MS
from p2pnode_protocols.gossip.peers.vain import STEPS
from p2pnode_protocols.messages.spreading import Want
from p2pnode_protocols.record.bodies import Body
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.steps.inputs import Tick
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, MonoMs, WallMs
from p2pnode_protocols.wire.limits import ORPHANS_PER_SEAT, WANT_HASHES

from .test_floods import Town, held_of_slot, rounds, third

MOST = 200  # touches in one step: of a few blocks and their parents
FORKS = 3


class Touches:
    count = 0


class CountingDict(dict[Any, Any]):
    def __iter__(self) -> Iterator[Any]:
        for one in super().__iter__():
            Touches.count += 1
            yield one


class CountingSet(set[Any]):
    def __iter__(self) -> Iterator[Any]:
        for one in super().__iter__():
            Touches.count += 1
            yield one


def wait_in_a_thicket(town: Town, forks: list[Block]) -> list[Block]:
    """Let the liar fill its share with blocks that all wait for the forks, each by many ways."""
    waiting: list[Block] = []
    for number in range(ORPHANS_PER_SEAT):
        parents = [*(one.id for one in forks), *(one.id for one in waiting[-3:])]
        nowhere = BlockId(number.to_bytes(32, "big"))
        made = town.make(
            town.liar,
            [*parents[-6:], nowhere],
            round_=10 + number,
            sequence=10 + number,
        )
        waiting.append(made)
    town.tell(town.liar, waiting)
    assert len(town.core.sync.held.orphans) == ORPHANS_PER_SEAT
    return waiting


def count(town: Town) -> None:
    orphans = town.core.sync.held.orphans
    orphans._waiting = CountingDict(
        {one: CountingDict(waiting) for one, waiting in orphans._waiting.items()}
    )
    orphans._lacking = CountingDict(
        {one: CountingSet(lacking) for one, lacking in orphans._lacking.items()}
    )


def touches_of(town: Town, *blocks: Block) -> int:
    Touches.count = 0
    town.tell(town.liar, blocks)
    return Touches.count


@pytest.fixture
def town() -> Town:
    return Town(7)


def test_pushing_a_fork_again_walks_nothing_of_what_the_liar_keeps_waiting(town: Town) -> None:
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(2 + FORKS)]
    town.tell(town.liar, forks[:2])
    forks = forks[2:]
    waiting = wait_in_a_thicket(town, forks)
    count(town)
    town.tell(town.liar, forks[:1])
    for one in forks * 3:
        assert touches_of(town, one) <= MOST
    for number, one in enumerate(forks * 10):  # and blocks that make others give way in between
        name = BlockId(bytes([number]) * 32)
        low = town.make(town.liar, [waiting[number].id, name], round_=9, sequence=9, time_ms=number)
        assert touches_of(town, low, one) <= MOST
    assert held_of_slot(town, 3, town.liar) <= 3


def test_who_makes_a_node_walk_pays_for_the_steps(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two liars: what the second keeps waiting names all of the first's, and comes and goes."""
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(2 + FORKS)]
    town.tell(town.liar, forks[:2])
    waiting = wait_in_a_thicket(town, forks[2:])
    orphans, spent = town.core.sync.held.orphans, town.core.sync.peers.vain._spent
    monkeypatch.setattr(town.core.sync.held.fork_paces, "has_bytes", lambda *_: False)
    monkeypatch.setattr(town.core.sync.held.fork_paces, "may_exceed", lambda *_: False)
    liar, walked = town.cluster.charter.members[town.liar].id, 0
    take: Callable[[], int] = orphans.take_steps

    def counted() -> int:
        nonlocal walked
        walked += (steps := take())
        return steps

    monkeypatch.setattr(orphans, "take_steps", counted)
    town.tell(town.liar, forks[2:3])
    fill = [town.orphan(town.liar - 1, number) for number in range(20, 19 + ORPHANS_PER_SEAT)]
    town.tell(town.liar, fill)
    before, times = spent[liar], 40
    for number in range(times):  # each makes the one before it give way
        round_ = 5_000 - number
        named = waiting[-1].id if number % 2 else BlockId(b"m" * 32)
        nowhere = BlockId(round_.to_bytes(32, "big"))
        speaker = town.make(town.liar - 1, [named, nowhere], round_=round_, sequence=round_)
        town.tell(town.liar, [speaker])
        town.tell(town.liar, forks[-1:])
    assert walked > 50 * STEPS
    assert spent[liar] - before >= 4 * times + (walked - 2 * times * STEPS) // STEPS
    assert spent[liar] - before > 4 * times + times


def test_a_block_of_more_parents_than_there_are_seats_never_waits(town: Town) -> None:
    many = [BlockId(bytes([number]) * 32) for number in range(8)]
    town.tell(town.liar, [town.make(town.liar, many[:7], round_=5)])
    assert len(town.core.sync.held.orphans) == 1
    town.tell(town.liar, [town.make(town.liar, many, round_=6)])
    assert len(town.core.sync.held.orphans) == 1
    assert {code for _peer, code in town.refused()} == {"bad_parents"}


def asked_at(town: Town, now_ms: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[bytes], int]:
    """Return what is asked for at a time, and how often it was looked at whom to ask."""
    looks = 0
    choose = town.core.sync.wants._candidates

    def counted(*args: Any) -> list[DeviceKey]:
        nonlocal looks
        looks += 1
        return choose(*args)

    with monkeypatch.context() as patch:
        patch.setattr(town.core.sync.wants, "_candidates", counted)
        now = town.cluster.now()
        step = town.core.handle(Tick(), replace(now, mono_ms=MonoMs(now.mono_ms + now_ms)))
    wants = [one.message for one in step.sends if isinstance(one, Send)]
    return [one for want in wants if isinstance(want, Want) for one in want.hashes], looks


def test_looking_for_what_to_ask_for_takes_no_longer_for_all_that_a_liar_names(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [BlockId(number.to_bytes(32, "big")) for number in range(7 * ORPHANS_PER_SEAT)]
    blocks = [
        town.make(town.liar, names[at : at + 7], round_=5 + at, sequence=5 + at)
        for at in range(0, len(names), 7)
    ]
    town.tell(town.liar, blocks)
    honest = town.orphan(1, 60_000)
    town.tell(1, [honest])
    asked: list[bytes] = []
    for number in range(1, 2 + len(names) // WANT_HASHES):
        found, looks = asked_at(town, number * WANT_EVERY_MS, monkeypatch)
        assert looks <= 4 * WANT_HASHES
        again = asked_at(town, number * WANT_EVERY_MS + WANT_EVERY_MS // 2, monkeypatch)
        assert again == ([], 0), "however often it is looked"
        if number == 1:
            assert {*honest.parents} <= {*found}
        asked += found
    assert {*names} <= {*asked}, "each in its turn"


def test_nothing_is_kept_of_what_was_asked_for_when_what_needed_it_gives_way(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4 * ORPHANS_PER_SEAT, 0, -1):
        town.tell(town.liar, [town.orphan(town.liar, 10 + number)])
        if number % 64 == 0:
            asked_at(town, WANT_EVERY_MS, monkeypatch)
    wants = town.core.sync.wants._queues
    assert len(wants) <= 3 * ORPHANS_PER_SEAT + 3 * 64
    assert sum(map(len, wants._queues.values())) <= 2 * len(wants) + SPARE


def test_no_message_makes_a_node_look_through_all_that_is_pending(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any seat may have `PENDING_PER_MEMBER` ops pending, and say much that weighs 1."""
    looks = 0
    find = town.core.pool.of_kind

    def counted(kind: type[Body]) -> tuple[Op, ...]:
        nonlocal looks
        looks += 1
        return find(kind)

    monkeypatch.setattr(town.core.pool, "of_kind", counted)
    for _ in range(10):
        town.tell(town.liar, [])
    assert looks == 0
    made = rounds(town, 2)
    town.tell(town.liar, [third(town, made[0], extra) for extra in range(2)])
    for _ in range(100):  # there is a fork to prove now: once it is this node's turn
        town.cluster.now_ms += 100
        town.tell(town.liar, [])
    assert 1 <= looks <= 3


def test_while_time_passes_what_is_pending_is_not_looked_through_for_each_word_of_a_peer(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    core, looks = town.core, 0
    town.cluster.vote(1, town.cluster.propose(0, urgent=False))
    town.cluster.run(100)
    assert len(core.pool) == 2
    find = core.pool.next_due

    def counted(*args: Any) -> MonoMs | None:
        nonlocal looks
        looks += 1
        return find(*args)

    monkeypatch.setattr(core.pool, "next_due", counted)
    for _ in range(20):
        town.cluster.now_ms += 7
        town.tell(town.liar, [])
    assert looks <= 1
    now = town.cluster.now()
    core.handle(Tick(), replace(now, wall_ms=WallMs(now.wall_ms + 60_000)))
    assert looks <= 2, "another wall clock: closes are nearer"
