"""Block validity against epoch and parents, forks, orphans (docs/protocol.md §2)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.dag import Dag, Reader

from p2pnode_protocols.agreement.blocklace import Blocklace
from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.wire.errors import NotYet, PeerFault
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, EpochId, MemberId

ALICE, BOB, CAROL, DAVE = range(4)


@pytest.fixture
def dag() -> Dag:
    return Dag(4)  # f = 1, Q = 3


@pytest.fixture
def first(dag: Dag) -> list[Block]:
    return dag.round(1, range(4))


def lace_of(dag: Dag) -> Blocklace:
    reader = Reader(dag.committee)
    reader.add_all(dag.blocks)
    return reader.lace


def refusal(lace: Blocklace, block: Block) -> str:
    before = len(lace)
    with pytest.raises(PeerFault) as caught:
        lace.check(block)
    assert len(lace) == before
    return caught.value.code


def test_round_one_stands_on_the_epoch_alone(dag: Dag, first: list[Block]) -> None:
    lace = lace_of(dag)
    odd = replace(first[0], id=BlockId(b"x" * 32), parents=(first[1].id,))
    assert refusal(lace, odd) == "bad_parents"


def test_a_block_needs_a_quorum_of_the_round_before(dag: Dag, first: list[Block]) -> None:
    lace = lace_of(dag)
    assert refusal(lace, dag.block(ALICE, 2, first[:2])) == "bad_parents"
    assert lace.check(dag.block(ALICE, 2, first[:3])).strong_mask.bit_count() == 3


def test_two_parents_by_one_author_are_refused(dag: Dag, first: list[Block]) -> None:
    twin = dag.block(BOB, 1, time_ms=7)
    lace = lace_of(dag)
    assert refusal(lace, dag.block(ALICE, 2, [*first[:3], twin])) == "bad_parents"


def test_a_parent_of_the_same_round_is_refused(dag: Dag, first: list[Block]) -> None:
    peer = dag.block(BOB, 2, [first[BOB], first[ALICE], first[CAROL]])
    lace = lace_of(dag)
    odd = dag.block(ALICE, 2, [first[ALICE], first[CAROL], first[DAVE], peer])
    assert refusal(lace, odd) == "bad_parents"


def test_own_previous_block_comes_first(dag: Dag, first: list[Block]) -> None:
    lace = lace_of(dag)
    assert refusal(lace, dag.block(ALICE, 2, [first[BOB], first[ALICE], first[CAROL]])) == (
        "bad_parents"
    )


def test_time_must_grow_along_a_chain_but_not_across(dag: Dag, first: list[Block]) -> None:
    lace = lace_of(dag)
    same = first[ALICE].time_ms
    assert refusal(lace, dag.block(ALICE, 2, first, time_ms=same)) == "bad_time"
    others = [first[BOB], first[CAROL], first[DAVE]]
    assert lace.check(dag.block(ALICE, 2, [first[ALICE], *others], time_ms=same + 1))


def test_a_stranger_and_a_wrong_key_are_not_on_the_committee(dag: Dag, first: list[Block]) -> None:
    lace = lace_of(dag)
    stranger = replace(first[0], id=BlockId(b"s" * 32), author=MemberId(b"s" * 32))
    wrong_key = replace(first[0], id=BlockId(b"k" * 32), device=DeviceKey(b"k" * 32))
    assert refusal(lace, stranger) == refusal(lace, wrong_key) == "not_on_committee"


def test_another_epochs_block_is_refused(dag: Dag, first: list[Block]) -> None:
    replayed = replace(first[0], id=BlockId(b"r" * 32), epoch=EpochId(b"o" * 32))
    assert refusal(lace_of(dag), replayed) == "bad_epoch"


def test_an_unknown_parent_is_nobodys_fault(dag: Dag, first: list[Block]) -> None:
    reader = Reader(dag.committee)
    reader.add_all(first[:3])
    block = dag.block(BOB, 2, [first[BOB], first[ALICE], first[DAVE]])
    with pytest.raises(NotYet):
        reader.lace.check(block)
    assert reader.lace.missing_parents(block) == (first[DAVE].id,)


def test_two_blocks_of_one_round_are_a_fork_and_both_stay(dag: Dag, first: list[Block]) -> None:
    twin = dag.block(ALICE, 1, time_ms=7)
    reader = Reader(dag.committee)
    assert [reader.add(block) for block in first] == [None] * 4
    assert reader.add(twin) is first[ALICE]
    assert [one.id for one in reader.lace.slot(twin.round, ALICE)] == [first[ALICE].id, twin.id]


def test_leaving_ones_own_previous_block_out_is_a_fork(dag: Dag, first: list[Block]) -> None:
    reader = Reader(dag.committee)
    reader.add_all(first)
    hidden = dag.block(ALICE, 2, [first[BOB], first[CAROL], first[DAVE]])
    assert reader.add(hidden) is first[ALICE]


@pytest.mark.parametrize("number", [1, 3])
def test_a_block_counts_one_more_than_the_one_it_follows(
    dag: Dag, first: list[Block], number: int
) -> None:
    second = dag.block(ALICE, 2, first)
    assert second.sequence == 2
    assert refusal(lace_of(dag), replace(second, sequence=number)) == "bad_parents"


def test_a_first_block_counts_one(dag: Dag, first: list[Block]) -> None:
    assert refusal(Blocklace(dag.committee), replace(first[ALICE], sequence=2)) == "bad_parents"
    latecomer = dag.block(DAVE, 2, first[:3])
    assert latecomer.sequence == 1
    assert refusal(lace_of(dag), replace(latecomer, sequence=2)) == "bad_parents"
