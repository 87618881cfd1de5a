"""Blocks that wait for parents: R2.17, R7.19."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.dag import Dag

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.gossip.shares.orphans import Orphans
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, MemberId, Round
from p2pnode_protocols.wire.limits import ORPHAN_BYTES, ORPHANS, ORPHANS_PER_SEAT

ALICE, BOB, CAROL, DAVE = range(4)
PEER, OTHER = DeviceKey(b"p" * 32), DeviceKey(b"q" * 32)
NOWHERE = BlockId(b"n" * 32)


@pytest.fixture
def dag() -> Dag:
    return Dag(4)


@pytest.fixture
def first(dag: Dag) -> list[Block]:
    return dag.round(1, range(4))


def like(
    block: Block, number: int, *, author: int | None = None, header: int | None = None
) -> Block:
    """Return another block of its author, or of another; of round and sequence `number`."""
    return replace(
        block,
        id=BlockId(bytes([author or 0]) + number.to_bytes(31, "big")),
        author=block.author if author is None else type(block.author)(bytes([author]) * 32),
        round=Round(number),
        sequence=number,
        header=block.header if header is None else bytes(header),
    )


def test_they_come_back_when_their_last_parent_arrives(dag: Dag, first: list[Block]) -> None:
    orphans = Orphans()
    block = dag.block(ALICE, 2, first)
    orphans.hold(block, [first[BOB].id, first[DAVE].id], PEER)
    assert block.id in orphans
    assert orphans.is_wanted(first[BOB].id)
    assert orphans.is_wanted(first[DAVE].id)
    assert orphans.release(first[DAVE].id) == []
    assert not orphans.is_wanted(first[DAVE].id)
    assert orphans.release(first[BOB].id) == [(block, PEER)]
    assert len(orphans) == 0


def test_what_waits_for_an_invalid_block_is_dropped_with_it(dag: Dag, first: list[Block]) -> None:
    orphans = Orphans()
    second, third = dag.block(ALICE, 2, first), dag.block(BOB, 2, first)
    orphans.hold(second, [first[0].id, NOWHERE], PEER)
    orphans.hold(third, [second.id], PEER)
    assert orphans.drop(first[0].id) == 2
    assert len(orphans) == 0
    assert not orphans.is_wanted(NOWHERE)


def test_one_author_fills_its_own_share_whoever_carries_its_blocks(first: list[Block]) -> None:
    orphans = Orphans()
    for number in range(2, ORPHANS_PER_SEAT + 20):
        carrier = DeviceKey(bytes([number % 16]) * 32)
        gone = orphans.hold(like(first[DAVE], number), [NOWHERE], carrier)
        assert bool(gone) == (number >= ORPHANS_PER_SEAT + 2)
    assert orphans.hold(like(first[ALICE], 9, author=1), [NOWHERE], PEER) == []
    assert len(orphans) == ORPHANS_PER_SEAT + 1


def test_a_block_of_a_lower_round_takes_the_place_of_a_higher_one(first: list[Block]) -> None:
    orphans = Orphans()
    for number in range(10, 10 + ORPHANS_PER_SEAT):
        orphans.hold(like(first[DAVE], number), [NOWHERE], PEER)
    low = like(first[DAVE], 2)
    assert orphans.hold(low, [NOWHERE], PEER) == [like(first[DAVE], 9 + ORPHANS_PER_SEAT).id]
    assert low.id in orphans


def test_all_full_the_largest_holder_gives_way(first: list[Block]) -> None:
    orphans = Orphans()
    seats = ORPHANS // ORPHANS_PER_SEAT
    for author in range(1, seats + 1):
        for number in range(1, ORPHANS_PER_SEAT + 1):
            assert orphans.hold(like(first[0], number, author=author), [NOWHERE], PEER) == []
    for number in range(1, 100):
        gone = orphans.hold(like(first[0], number, author=200), [NOWHERE], PEER)
        assert len(gone) == 1
        assert gone[0][0] <= seats, "of those who hold most"
    assert len(orphans) == ORPHANS


def test_full_blocks_are_bounded_in_memory(first: list[Block]) -> None:
    orphans = Orphans()
    for author in range(1, 30):
        for number in range(1, 10):
            block = like(first[0], number, author=author, header=500_000)
            orphans.hold(block, [NOWHERE], PEER)
            assert orphans.size <= ORPHAN_BYTES
    counts = [count for count, _size in orphans.held().values()]
    assert max(counts) - min(counts) <= 1
    assert len(counts) > 20, "nobody has had to go without"


def test_nothing_is_kept_of_who_hung_up_unless_it_is_wanted(dag: Dag, first: list[Block]) -> None:
    orphans = Orphans()
    second = dag.block(ALICE, 2, first)
    third, lone = like(first[BOB], 3), like(first[BOB], 2)
    orphans.hold(second, [first[0].id], PEER)
    orphans.hold(third, [second.id, NOWHERE], OTHER)
    orphans.hold(lone, [NOWHERE], PEER)
    orphans.lost(PEER)
    assert (second.id in orphans, lone.id in orphans) == (True, False)
    orphans.lost(OTHER)
    assert len(orphans) == 0, "what was kept for its sake has gone with it"
    assert not orphans.is_wanted(first[0].id)


def test_what_another_has_brought_as_well_stays(first: list[Block]) -> None:
    orphans = Orphans()
    orphans.hold(first[BOB], [NOWHERE], PEER)
    orphans.brought(first[BOB].id, OTHER)
    orphans.lost(PEER)
    assert orphans.carrier(first[BOB].id) == OTHER


def namers(orphans: Orphans, block: Block, *forked: MemberId) -> list[MemberId]:
    return list(orphans.find_namers(block, set(forked)))


def test_only_others_who_have_not_forked_speak_for_a_block(dag: Dag, first: list[Block]) -> None:
    orphans = Orphans()
    members = dag.committee.members
    wanted = first[DAVE]
    later = dag.block(DAVE, 2, [first[DAVE], *first[:3]])
    assert namers(orphans, wanted) == []
    orphans.hold(later, [wanted.id], PEER)
    assert namers(orphans, wanted) == [], "its own author does not count"
    above = dag.block(CAROL, 3, [later])
    orphans.hold(above, [later.id], PEER)
    assert namers(orphans, wanted) == [members[CAROL]]
    assert namers(orphans, wanted, members[CAROL]) == []
    beside = dag.block(BOB, 2, first)
    orphans.hold(beside, [wanted.id], PEER)
    assert namers(orphans, wanted, members[CAROL]) == [members[BOB]]
    assert sorted(namers(orphans, wanted)) == sorted((members[BOB], members[CAROL]))


def test_who_gives_way_speaks_for_a_block_no_more(first: list[Block]) -> None:
    orphans, wanted = Orphans(), first[DAVE]
    orphans.hold(like(wanted, 2), [wanted.id], PEER)  # its own author's, which stays
    last = like(wanted, 2 + ORPHANS_PER_SEAT, author=1)
    orphans.hold(last, [wanted.id], PEER)
    assert namers(orphans, wanted) == [last.author]
    for number in range(2, 2 + ORPHANS_PER_SEAT):
        orphans.hold(like(wanted, number, author=1), [NOWHERE], PEER)
    assert last.id not in orphans
    assert namers(orphans, wanted) == []
    orphans.hold(last, [wanted.id], PEER)
    assert namers(orphans, wanted) == [], "it gives way at once"
