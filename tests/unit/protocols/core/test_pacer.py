"""When the next block is made: who is waited for, how long (docs/protocol.md §4)."""

from __future__ import annotations

from support.cores.dag import Dag, Reader

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.core.log.pacer import Pace, Pacer
from p2pnode_protocols.wire.ids import MonoMs

DELTA = 40
ALL = 0b1111
DAVE = 3


def setup(authors: list[int]) -> tuple[Dag, Reader, list[Block]]:
    dag = Dag(4)
    reader = Reader(dag.committee)
    blocks = dag.round(1, authors)
    reader.add_all(blocks)
    return dag, reader, blocks


def test_the_first_round_waits_for_nobody() -> None:
    _, reader, _ = setup([])
    pace = Pacer(DELTA, 1000).next_round(reader.lace, 0, ALL, MonoMs(0))
    assert pace == Pace(round=1)


def test_without_a_quorum_there_is_nothing_to_do_but_wait_for_blocks() -> None:
    _, reader, _ = setup([0, 1])
    assert Pacer(DELTA, 1000).next_round(reader.lace, 0, ALL, MonoMs(0)) == Pace()


def test_absent_member_delays_the_round_until_delta_and_only_once() -> None:
    dag, reader, below = setup([0, 1, 2])
    pacer = Pacer(DELTA, 1000)
    assert pacer.next_round(reader.lace, 0, ALL, MonoMs(100)) == Pace(wake_at=MonoMs(140))
    assert pacer.next_round(reader.lace, 0, ALL, MonoMs(139)) == Pace(wake_at=MonoMs(140))
    assert pacer.next_round(reader.lace, 0, ALL, MonoMs(140)) == Pace(round=2)
    reader.add_all(dag.round(2, [0, 1, 2], below))
    assert pacer.next_round(reader.lace, 0, ALL, MonoMs(141)) == Pace(round=3)


def test_a_member_that_is_heard_again_is_waited_for_again() -> None:
    _, reader, _ = setup([0, 1, 2])
    pacer = Pacer(DELTA, 1000)
    pacer.next_round(reader.lace, 0, ALL, MonoMs(0))
    pacer.next_round(reader.lace, 0, ALL, MonoMs(DELTA))
    assert pacer.absent == 1 << DAVE
    pacer.on_block(DAVE)
    assert pacer.absent == 0


def test_nobody_waits_for_a_member_that_does_not_attend() -> None:
    _, reader, _ = setup([0, 1, 2])
    assert Pacer(DELTA, 1000).next_round(reader.lace, 0, 0b0111, MonoMs(0)) == Pace(round=2)


def test_delta_doubles_up_to_its_limit_and_falls_with_commits() -> None:
    dag, reader, below = setup([0, 1, 2])
    pacer = Pacer(DELTA, 100)
    now = MonoMs(0)
    for round_ in (2, 3, 4):
        pacer.on_block(DAVE)
        pacer.next_round(reader.lace, 0, ALL, now)
        now = MonoMs(now + 1000)
        assert pacer.next_round(reader.lace, 0, ALL, now).round == round_
        below = dag.round(round_, [0, 1, 2], below)
        reader.add_all(below)
    assert pacer.delta_ms == 100
    pacer.on_commit()
    pacer.on_commit()
    assert pacer.delta_ms == DELTA


def test_a_node_that_is_behind_jumps_to_the_highest_quorum_round() -> None:
    dag, reader, below = setup([0, 1, 2])
    for round_ in (2, 3, 4, 5):
        below = dag.round(round_, [0, 1, 2], below)
        reader.add_all(below)
    assert Pacer(DELTA, 1000).next_round(reader.lace, DAVE, 0b0111, MonoMs(0)) == Pace(round=6)
