"""The commit rule on small DAGs drawn by hand, one for each way to miscount (R3.3–R3.8).

Random ones, held against the literal rule, are in `tests/property/test_commit_rule.py`.
"""

from __future__ import annotations

import itertools

import pytest
from support.cores.dag import Dag, Reader
from support.cores.oracle import Oracle

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.wire.ids import Round


class Drawn:
    """Four nodes, of which the first slot of round 1 is to be decided; then a, b and c."""

    def __init__(self) -> None:
        self.dag = Dag(4)
        self.slot, self.a, self.b, self.c = self.dag.committee.slot_order(Round(1))
        first = self.dag.round(1, range(4))
        self.first = {place: first[place] for place in range(4)}

    def second(self, author: int, *others: int) -> Block:
        """Make a block of round 2 on its author's first and these."""
        return self.dag.block(author, 2, [self.first[one] for one in (author, *others)])

    def fates(self) -> list[tuple[int, int, bytes | None]]:
        reader = Reader(self.dag.committee)
        reader.add_all(self.dag.blocks)
        assert reader.fates() == Oracle(self.dag.committee, self.dag.blocks).fates()
        return reader.fates()

    def end(self, below: list[Block]) -> list[tuple[int, int, bytes | None]]:
        """Grow full rounds from 4 on, until the first slot is decided by its anchor."""
        for round_ in (4, 5, 6):
            below = self.dag.round(round_, range(4), below)
        return self.fates()


def test_a_quorum_without_a_vote_skips_at_once() -> None:
    drawn = Drawn()
    drawn.second(drawn.a, drawn.b, drawn.c)
    drawn.second(drawn.b, drawn.a, drawn.c)
    assert drawn.fates() == []
    drawn.second(drawn.c, drawn.a, drawn.b)
    assert drawn.fates()[0] == (1, drawn.slot, None)


def test_one_certificate_less_than_a_quorum_decides_nothing_yet() -> None:
    drawn = Drawn()
    slot, a, b, c = drawn.slot, drawn.a, drawn.b, drawn.c
    votes = [drawn.second(slot, a, b), drawn.second(a, slot, b), drawn.second(b, slot, a)]
    own = {slot: votes[0], a: votes[1], b: votes[2], c: drawn.second(c, a, b)}
    third: list[Block] = []
    # The first slot of this round is no anchor for round 1 yet (R3.6): it certifies nothing.
    for place, author in enumerate(drawn.dag.committee.slot_order(Round(3))):
        others = [one for one in votes if one is not own[author]]
        if place not in (1, 2):
            others = [own[c], *others[:1]] if author != c else others[:2]
        third.append(drawn.dag.block(author, 3, [own[author], *others]))
    assert drawn.fates() == []
    fate = drawn.end(third)[0]
    assert fate == (1, slot, drawn.first[slot].id), "its anchor has certificates below it"


def test_a_fork_votes_by_the_twin_that_is_a_parent() -> None:
    # By author there are three votes, but the blocks of round 3 stand on the other twin.
    drawn = Drawn()
    slot, a, b, forker = drawn.slot, drawn.a, drawn.b, drawn.c
    votes = [drawn.second(slot, a, b), drawn.second(a, slot, b)]
    without = drawn.second(b, a, forker)
    drawn.second(forker, slot, a)
    other = drawn.second(forker, a, b)
    third = [
        drawn.dag.block(slot, 3, [votes[0], votes[1], other]),
        drawn.dag.block(a, 3, [votes[1], votes[0], other]),
        drawn.dag.block(b, 3, [without, votes[0], other]),
        drawn.dag.block(forker, 3, [other, votes[0], votes[1]]),
    ]
    assert drawn.fates() == []
    assert drawn.end(third)[0] == (1, slot, None), "nothing certifies it"


@pytest.mark.parametrize("pair", list(itertools.combinations(range(7), 2)))
def test_blocks_of_a_round_that_one_commit_brings_are_in_slot_order(pair: tuple[int, int]) -> None:
    # Only these two stand on each other's first block: both are skipped, and come with whichever
    # of their second blocks is committed first.
    dag = Dag(7)
    first = dag.round(1, range(7))
    rest = [first[author] for author in range(7) if author not in pair]
    second: list[Block] = []
    for author in range(7):
        own, partners = first[author], [first[one] for one in pair if author in pair]
        others = [one for one in [*partners, *rest] if one is not own]
        second.append(dag.block(author, 2, [own, *others][: dag.committee.quorum]))
    below = second
    for round_ in (3, 4, 5):
        below = dag.round(round_, range(7), below)
    reader = Reader(dag.committee)
    reader.add_all(dag.blocks)
    skipped = [slot.author for slot in reader.decided if slot.round == 1 and slot.block is None]
    assert sorted(skipped) == list(pair)
    came = [one.author for one in reader.log if one.round == 1 and one.author in pair]
    assert came == [one for one in dag.committee.slot_order(Round(1)) if one in pair]
