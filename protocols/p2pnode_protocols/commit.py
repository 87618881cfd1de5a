"""The commit rule of one epoch: every member a slot in every round.

Rules: docs/protocol.md §3. Each block is looked at once when it is added;
deciding afterwards costs the undecided window, not the history. Nothing here depends on
the order in which blocks arrive, only on which have arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .blocklace import Blocklace, Vertex
from .committee import Committee
from .ids import Round, WallMs

# Rounds from a block to the blocks that certify it.
CERTIFY: Final = 2


@dataclass(frozen=True, slots=True)
class Decided:
    """One slot's fate, in slot order. `block` None: skipped."""

    round: Round
    author: int
    block: Vertex | None
    is_direct: bool


class _Slot:
    __slots__ = ("block", "is_decided", "is_direct", "skippers")

    def __init__(self) -> None:
        self.skippers = 0  # authors of next-round blocks without a parent in this slot
        self.is_decided = False
        self.is_direct = False
        self.block: Vertex | None = None  # once decided: the committed block, or None


class Committer:
    """Decide slots of one epoch as blocks arrive."""

    def __init__(self, blocklace: Blocklace) -> None:
        self._lace = blocklace
        self._committee: Committee = blocklace.committee
        self._rounds: dict[Round, list[_Slot]] = {}
        self._forked: dict[Round, int] = {}  # authors with more than one block of a round
        self._round = Round(1)  # first slot not yet handed out: its round …
        self._place = 0  # … and its place in that round's slot order
        self._dirty = False

    @property
    def undecided_round(self) -> Round:
        """The round of the first slot that is not decided and handed out."""
        return self._round

    def _slots_of(self, round_: Round) -> list[_Slot]:
        slots = self._rounds.get(round_)
        if slots is None:
            slots = self._rounds[round_] = [_Slot() for _ in self._committee.members]
        return slots

    def add(self, vertex: Vertex) -> None:
        """Count what a block just added to the blocklace votes for, skips and certifies."""
        round_, bit = vertex.round, 1 << vertex.author
        if len(self._lace.slot(round_, vertex.author)) > 1:
            self._forked[round_] = self._forked.get(round_, 0) | bit
        if round_ >= self._round:
            self._slots_of(round_)
        for parent in vertex.parents:
            if parent.round == round_ - 1:
                parent.voters |= bit  # R3.2
        if round_ - 1 >= self._round:
            self._count_skips(vertex, bit)
        if round_ - CERTIFY >= self._round:
            self._count_certificates(vertex, bit)

    def _count_skips(self, vertex: Vertex, bit: int) -> None:
        # R3.5 direct skip: a quorum of next-round authors has no parent in the slot.
        absent = self._committee.full & ~vertex.strong_mask
        slots = self._slots_of(Round(vertex.round - 1))
        while absent:
            low = absent & -absent
            absent ^= low
            slot = slots[low.bit_length() - 1]
            slot.skippers |= bit
            if not slot.is_decided and slot.skippers.bit_count() >= self._committee.quorum:
                slot.is_decided = slot.is_direct = True
                self._dirty = True

    def _count_certificates(self, vertex: Vertex, bit: int) -> None:
        round_ = Round(vertex.round - CERTIFY)
        quorum, strong = self._committee.quorum, vertex.strong_mask
        for author, slot in enumerate(self._slots_of(round_)):
            if slot.is_decided:
                continue
            for block in self._lace.slot(round_, author):
                # Each block looks at each slot: most are turned away by the first test.
                if (strong & block.voters).bit_count() < quorum:
                    continue
                if not self._certifies(vertex, block):
                    continue
                block.certifiers.append(vertex)
                block.certifier_mask |= bit
                # R3.4 direct commit: a quorum of authors certifies.
                if not slot.is_decided and block.certifier_mask.bit_count() >= quorum:
                    slot.is_decided = slot.is_direct = True
                    slot.block = block
                    self._dirty = True

    def _certifies(self, vertex: Vertex, block: Vertex) -> bool:
        # R3.3 certify: a quorum of authors' parents of `vertex` vote for `block`.
        forked = self._forked.get(Round(vertex.round - 1), 0)
        votes = vertex.strong_mask & block.voters
        count = (votes & ~forked).bit_count()
        if votes & forked:
            # An author with two blocks of that round counts by the one that is a parent.
            for parent in vertex.parents:
                if (
                    parent.round == vertex.round - 1
                    and forked >> parent.author & 1
                    and block in parent.parents
                ):
                    count += 1
        return count >= self._committee.quorum

    def is_telling(self, vertex: Vertex) -> bool:
        """Return whether a block not added yet skips or certifies what none of its slot does.

        Of slots that are not decided. So at most 2n blocks of one slot are telling, one after
        the other: each has at most one certified block in each slot (Lemma 2).
        """
        bit, strong = 1 << vertex.author, vertex.strong_mask
        for author, slot in enumerate(self._rounds.get(Round(vertex.round - 1), ())):
            if not (slot.is_decided or slot.skippers & bit or strong >> author & 1):
                return True
        round_ = Round(vertex.round - CERTIFY)
        return any(
            not slot.is_decided
            and not block.certifier_mask & bit
            and self._certifies(vertex, block)
            for author, slot in enumerate(self._rounds.get(round_, ()))
            for block in self._lace.slot(round_, author)
        )

    def _resolve(self) -> None:
        """Decide indirectly what can be (R3.6), from the newest round down."""
        anchors: dict[Round, _Slot | None] = {}  # first slot not skipped, of this round or later
        top = self._lace.max_round
        for number in range(top, self._round - 1, -1):
            round_ = Round(number)
            slots = self._slots_of(round_)
            anchor = anchors.get(Round(round_ + 3))
            if anchor is not None and anchor.is_decided:
                for author, slot in enumerate(slots):
                    if not slot.is_decided:
                        assert anchor.block is not None
                        slot.block = self._certified_in(round_, author, anchor.block)
                        slot.is_decided = True
            first = next(
                (
                    slots[author]
                    for author in self._committee.slot_order(round_)
                    if not (slots[author].is_decided and slots[author].block is None)
                ),
                None,
            )
            anchors[round_] = first if first is not None else anchors.get(Round(round_ + 1))

    def _certified_in(self, round_: Round, author: int, anchor: Vertex) -> Vertex | None:
        """Return the slot's block that a block in the anchor's history certifies, if any.

        At most one can be: two certificates for different blocks of a slot would share an
        honest voter (docs/protocol.md, Lemma 2).
        """
        candidates = [one for one in self._lace.slot(round_, author) if one.certifiers]
        if not candidates:
            return None
        floor = round_ + CERTIFY
        seen = {anchor.id}
        stack = [anchor]
        while stack:
            vertex = stack.pop()
            if vertex.round == floor:
                for block in candidates:
                    if block.certifier_mask >> vertex.author & 1 and vertex in block.certifiers:
                        return block
                continue
            for parent in vertex.parents:
                if parent.round >= floor and parent.id not in seen:
                    seen.add(parent.id)
                    stack.append(parent)
        return None

    def advance(self) -> Iterator[Decided]:
        """Yield the slots decided now, in slot order, up to the first undecided (R3.7).

        Calling again continues; a caller may stop early (the epoch ended).
        """
        if not self._dirty:
            return
        self._dirty = False
        self._resolve()
        while True:
            slots = self._rounds.get(self._round)
            if slots is None:
                return
            order = self._committee.slot_order(self._round)
            author = order[self._place]
            slot = slots[author]
            if not slot.is_decided:
                return
            decided = Decided(self._round, author, slot.block, slot.is_direct)
            self._place += 1
            if self._place == len(order):
                self._place = 0
                del self._rounds[self._round]
                self._round = Round(self._round + 1)
            yield decided

    def take_history(self, block: Vertex) -> list[Vertex]:
        """Return the committed block's history not output before, in log order (R3.8), once.

        Order: round, then slot order of the author, then id.
        """
        found: list[Vertex] = []
        stack = [block]
        block.is_output = True
        while stack:
            vertex = stack.pop()
            found.append(vertex)
            for parent in vertex.parents:
                if not parent.is_output:
                    parent.is_output = True
                    stack.append(parent)
        if len(found) > 1:
            found.sort(key=self._log_key)
        return found

    def _log_key(self, vertex: Vertex) -> tuple[int, int, bytes]:
        place = self._committee.slot_order(vertex.round).index(vertex.author)
        return vertex.round, place, vertex.id


def compute_commit_time(block: Vertex, previous: WallMs) -> WallMs:
    """Return a commit's time: max(previous, lower median of its strong parents' times).

    With at most f < n/2 liars the median lies between two honest clocks; a round-1 block
    has no such parents and keeps the previous time (R3.9).
    """
    times = sorted(
        parent.block.time_ms for parent in block.parents if parent.round == block.round - 1
    )
    if not times:
        return previous
    return max(previous, times[(len(times) - 1) // 2])
