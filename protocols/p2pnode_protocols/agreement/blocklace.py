"""The blocklace: one epoch's valid blocks, closed under parents.

Adding a block twice, or in any order that respects parents, gives the same one (R2.18).
Only validity against the epoch and the parents lives here (docs/protocol.md §2.5); what
the blocks decide is `commit.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..wire.errors import NotYet, PeerFault
from ..wire.ids import BlockId, EpochId, MemberId, Round, WallMs, to_short
from ..wire.limits import SKEW_MS
from .blocks import Block
from .committee import Committee

__all__ = ["Blocklace", "Vertex"]


class Vertex:
    """A block in its place: its parents found, its links as bit masks over the committee.

    The masks and flags below `parents` are `commit.py`'s working state; they stand here
    so that a vote costs a bit operation and no look-up.
    """

    __slots__ = (
        "author",
        "block",
        "certifier_mask",
        "certifiers",
        "covered",
        "id",
        "is_output",
        "middle_ms",
        "parents",
        "round",
        "strong_mask",
        "vote_mask",
        "voters",
    )

    def __init__(self, block: Block, author: int, parents: tuple[Vertex, ...]) -> None:
        self.block = block
        self.id: BlockId = block.id
        self.round: Round = block.round
        self.author = author
        self.parents = parents
        strong = [parent for parent in parents if parent.round == block.round - 1]
        self.middle_ms = _middle_ms(strong)
        self.strong_mask = 0  # authors of the parents of the round before …
        self.vote_mask = 0  # … and of those among them that this block votes for (R3.2)
        for parent in strong:
            self.strong_mask |= 1 << parent.author
            if parent.block.time_ms <= self.middle_ms + SKEW_MS:
                self.vote_mask |= 1 << parent.author
        self.voters = 0  # authors of next-round blocks that vote for this one
        self.certifiers: list[Vertex] = []
        self.certifier_mask = 0
        self.is_output = False  # in the finalized log
        self.covered = False  # in the history of a block this node made

    def votes_for(self, block: Vertex) -> bool:
        """Return whether this block votes for one of the round before (R3.2)."""
        return bool(self.vote_mask >> block.author & 1) and block in self.parents

    def __repr__(self) -> str:
        return f"<{self.id.hex()[:8]} round {self.round} author {self.author}>"


def _middle_ms(strong: list[Vertex]) -> WallMs:
    """Return the lower median of the times of a block's parents of the round before (R3.2).

    Of Q or more times with at most f liars' among them it lies between two honest ones; a
    mean would not. A round-1 block has no such parents: 0.
    """
    times = sorted([parent.block.time_ms for parent in strong])
    return times[(len(times) - 1) // 2] if times else WallMs(0)


class Blocklace:
    """All valid blocks of one epoch that this node holds."""

    def __init__(self, committee: Committee) -> None:
        self.committee = committee
        self._vertices: dict[BlockId, Vertex] = {}
        self._slots: dict[tuple[Round, int], list[Vertex]] = {}
        self._sequences: dict[tuple[int, int], Vertex] = {}  # by author and sequence, first come
        self.present: dict[Round, int] = {}  # authors that have a block of the round
        self.tips: list[Vertex | None] = [None] * len(committee)  # highest round, first come
        self.heights: list[Round] = [Round(0)] * len(committee)  # their rounds
        self.max_round = Round(0)
        self.forked: set[MemberId] = set()  # whose forks have been seen, here or waiting

    def __contains__(self, block: BlockId) -> bool:
        return block in self._vertices

    def __len__(self) -> int:
        return len(self._vertices)

    def __iter__(self) -> Iterator[Vertex]:
        """Yield all blocks in the order in which they came."""
        return iter(self._vertices.values())

    def get(self, block: BlockId) -> Vertex | None:
        return self._vertices.get(block)

    def slot(self, round_: Round, author: int) -> list[Vertex]:
        """Return the blocks of a slot in order of arrival; more than one is a fork."""
        return self._slots.get((round_, author), [])

    def highest(self, author: int) -> Round:
        return self.heights[author]

    def chain_above(self, author: int, round_: Round) -> Iterator[Vertex]:
        """Yield the author's blocks of rounds above `round_`, lowest first, forks included."""
        for number in range(round_ + 1, self.highest(author) + 1):
            yield from self.slot(Round(number), author)

    def latest_below(self, author: int, round_: Round) -> Vertex | None:
        """Return the author's first-arrived block of the highest round below `round_`."""
        tip = self.tips[author]
        number = Round(min(round_ - 1, tip.round)) if tip is not None else Round(0)
        while number > 0:
            held = self.slot(number, author)
            if held:
                return held[0]
            number = Round(number - 1)
        return None

    def check(self, block: Block) -> Vertex:
        """Return the vertex that `add` would put in; nothing changes.

        Raises:
            NotYet: `unknown_parent`; keep the block until `missing_parents` have come.
            PeerFault: `bad_epoch`, `not_on_committee`, `bad_parents`, `bad_time`.
        """
        committee = self.committee
        if block.epoch != committee.epoch:
            raise _fault(
                block, "bad_epoch", f"epoch {to_short('epo', block.epoch)} is not this one"
            )
        author = committee.index.get(block.author)
        if author is None or committee.keys[author] != block.device:  # R2.13
            raise _fault(
                block,
                "not_on_committee",
                f"by {to_short('mem', block.author)}: not a node key of epoch "
                f"{to_short('epo', committee.epoch)}",
            )
        if block.round == 1:  # R2.14
            self._check_sequence(block, None)
            if block.parents != (_genesis(committee.epoch),):
                raise _fault(block, "bad_parents", "round 1 has the epoch as its only parent")
            return Vertex(block, author, ())
        if len(block.parents) > len(committee):  # R2.15; no need to wait for any of them
            raise _fault(
                block, "bad_parents", f"{len(block.parents)} parents, of {len(committee)} authors"
            )
        parents: list[Vertex] = []
        for parent in block.parents:
            vertex = self._vertices.get(parent)
            if vertex is None:
                raise NotYet(
                    "unknown_parent", f"{_name(block)}: parent {to_short('blk', parent)} is missing"
                )
            parents.append(vertex)
        self._check_parents(block, author, parents)
        return Vertex(block, author, tuple(parents))

    def _check_parents(self, block: Block, author: int, parents: list[Vertex]) -> None:
        seen = strong = 0  # R2.15
        own = parents[0].block if parents[0].author == author else None
        self._check_sequence(block, own)
        for place, parent in enumerate(parents):
            bit = 1 << parent.author
            if seen & bit:
                raise _fault(block, "bad_parents", "two parents by one author")
            seen |= bit
            if parent.round >= block.round:
                raise _fault(
                    block,
                    "bad_parents",
                    f"round {block.round} has a parent of round {parent.round}",
                )
            if parent.round == block.round - 1:
                strong |= bit
            if parent.author == author:
                if place != 0:
                    raise _fault(block, "bad_parents", "its own previous block must be first")
                if block.time_ms <= parent.block.time_ms:  # R2.16
                    raise _fault(
                        block,
                        "bad_time",
                        f"time {block.time_ms} is not after its previous block's "
                        f"{parent.block.time_ms}",
                    )
        if strong.bit_count() < self.committee.quorum:
            raise _fault(
                block,
                "bad_parents",
                f"round {block.round} needs {self.committee.quorum} parents of round "
                f"{block.round - 1}, has {strong.bit_count()}",
            )

    @staticmethod
    def _check_sequence(block: Block, previous: Block | None) -> None:
        expected = 1 if previous is None else previous.sequence + 1
        if block.sequence != expected:
            raise _fault(
                block,
                "bad_parents",
                f"number {block.sequence} of its author's, but it follows number {expected - 1}",
            )

    def missing_parents(self, block: Block) -> tuple[BlockId, ...]:
        """Return the parents that are not here, in the block's order."""
        if block.round == 1:
            return ()
        return tuple(parent for parent in block.parents if parent not in self._vertices)

    def add(self, vertex: Vertex) -> Vertex | None:
        """Put a checked vertex in; return the block it forks with, if any.

        A fork (R2.19) is two blocks of one author with the same sequence or round: where a
        chain splits, the two blocks after the split have the same sequence.
        """
        assert vertex.id not in self._vertices
        round_, author = vertex.round, vertex.author
        self._vertices[vertex.id] = vertex
        held = self._slots.setdefault((round_, author), [])
        tip = self.tips[author]
        twin = self._sequences.setdefault((author, vertex.block.sequence), vertex)
        rival = held[0] if held else twin if twin is not vertex else None
        if rival is not None:
            self.forked.add(vertex.block.author)
        held.append(vertex)
        self.present[round_] = self.present.get(round_, 0) | 1 << author
        if tip is None or round_ > tip.round:
            self.tips[author] = vertex
            self.heights[author] = round_
        self.max_round = max(self.max_round, round_)
        return rival

    def count_slot(self, block: Block) -> int:
        """Return how many blocks of its slot are here."""
        author = self.committee.index.get(block.author)
        return 0 if author is None else len(self.slot(block.round, author))

    def rival(self, block: Block) -> Block | None:
        """Return a block here that is a fork with `block` (R2.19), if any."""
        author = self.committee.index.get(block.author)
        if author is None:
            return None
        held = self.slot(block.round, author)
        twin = held[0] if held else self._sequences.get((author, block.sequence))
        return None if twin is None or twin.id == block.id else twin.block

    def quorum_round(self) -> Round:
        """Return the highest round of which a quorum of authors' blocks is here, or 0 (R4.4)."""
        round_ = self.max_round
        while round_ > 0 and self.present.get(round_, 0).bit_count() < self.committee.quorum:
            round_ = Round(round_ - 1)
        return round_


def _name(block: Block) -> str:
    return f"block {to_short('blk', block.id)}"


def _fault(block: Block, code: str, problem: str) -> PeerFault:
    # Worded when there is one, not at each block: names take longer than the checks.
    return PeerFault(code, f"{_name(block)}: {problem}")


def _genesis(epoch: EpochId) -> BlockId:
    return BlockId(bytes(epoch))
