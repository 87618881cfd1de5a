"""All that can happen around a forked slot among four members, one of whom lies.

n = 4, f = 1, Q = 3; the liar (place 3) makes two blocks of round 1, A and B. In the next two rounds
each honest member makes a block on every admissible choice of parents: its own, and so many others
that they are a quorum; of the liar none or any of its blocks. The liar makes more than one block
again: whatever vote an honest block could want of it is there to be chosen. Then four rounds in
which all honest see one another: they bring the anchors that decide what is still open.

Left out: weak links, honest members that miss a round, more than three blocks of the liar's in one.
Choices that differ by names of honest members or by the names A and B count once in round 2.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from p2pnode_protocols.agreement.blocks import Block

from .dag import Dag

HONEST = (0, 1, 2)
LIAR = 3
QUORUM = 3

# Of one honest block: which others it names, and the number of the liar's block, or None.
Choice = tuple[frozenset[int], int | None]
Round = tuple[Choice, ...]  # of the three honest, in order


def choices(author: int, liars_blocks: int) -> list[Choice]:
    """Return everything an honest block may stand on besides its author's own last block."""
    others = [one for one in HONEST if one != author]
    found: list[Choice] = []
    for size in range(len(others) + 1):
        for named in itertools.combinations(others, size):
            for fork in (None, *range(liars_blocks)):
                if 1 + len(named) + (fork is not None) >= QUORUM:
                    found.append((frozenset(named), fork))
    return found


def every_round(liars_blocks: int) -> Iterator[Round]:
    yield from itertools.product(*(choices(author, liars_blocks) for author in HONEST))


def is_first_of_its_kind(round_: Round) -> bool:
    """Whether no renaming of the honest and of A and B gives a smaller round."""
    mine = _key(round_)
    for order in itertools.permutations(HONEST):
        for swap in (False, True):
            renamed: dict[int, Choice] = {}
            for author, (named, fork) in zip(HONEST, round_, strict=True):
                other = fork if fork is None or not swap else 1 - fork
                renamed[order[author]] = (frozenset(order[one] for one in named), other)
            if _key(tuple(renamed[author] for author in HONEST)) < mine:
                return False
    return True


def _key(round_: Round) -> tuple[tuple[tuple[int, ...], int], ...]:
    return tuple((tuple(sorted(named)), -1 if fork is None else fork) for named, fork in round_)


class Story:
    """One second round, and on it any third, with the liar's blocks in between."""

    def __init__(self, second: Round) -> None:
        self.dag = Dag(4)
        self.first = [self.dag.block(author, 1) for author in HONEST]
        self.forks = [self.dag.block(LIAR, 1, time_ms=time_ms) for time_ms in (7, 8)]
        self.second = self._honest(2, self.first, self.forks, second)
        # The liar votes for A, for B, and for neither.
        self.votes = [
            self.dag.block(LIAR, 2, [self.forks[0], *self.first]),
            self.dag.block(LIAR, 2, [self.forks[1], *self.first]),
            self.dag.block(LIAR, 2, self.first),
        ]
        self._kept = len(self.dag.blocks)

    def third(self, round_: Round) -> tuple[list[Block], list[Block]]:
        """Return the honest blocks of round 3 and the liar's; those made before are forgotten."""
        del self.dag.blocks[self._kept :]
        honest = self._honest(3, self.second, self.votes, round_)
        liars = [self.dag.block(LIAR, 3, [vote, *self.second]) for vote in self.votes]
        return honest, liars

    def go_on(self, below: Sequence[Block]) -> None:
        """Make rounds 4 to 7, the honest seeing all of one another's blocks and the liar silent."""
        for number in (4, 5, 6, 7):
            below = self.dag.round(number, HONEST, below)

    def _honest(
        self, number: int, below: Sequence[Block], forks: Sequence[Block], round_: Round
    ) -> list[Block]:
        made = []
        for author, (named, fork) in zip(HONEST, round_, strict=True):
            parents = [below[author], *(below[one] for one in sorted(named))]
            made.append(
                self.dag.block(author, number, parents + ([] if fork is None else [forks[fork]]))
            )
        return made


def close(blocks: Sequence[Block], tips: Sequence[Block]) -> list[Block]:
    """Return those of `blocks` that the tips stand on, and the tips: what a node may hold."""
    by_id = {block.id: block for block in blocks}
    held = {tip.id for tip in tips}
    stack = list(tips)
    while stack:
        for parent in stack.pop().parents:
            if parent in by_id and parent not in held:
                held.add(parent)
                stack.append(by_id[parent])
    return [block for block in blocks if block.id in held]
