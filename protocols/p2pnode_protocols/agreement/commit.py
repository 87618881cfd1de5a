"""The commit rule of one epoch: every member a slot in every round; and each commit's time.

Rules: docs/protocol.md §3. Each block is looked at once when it is added;
deciding afterwards costs the undecided window, not the history. Nothing here depends on
the order in which blocks arrive, only on which have arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ..wire.ids import Round, WallMs
from ..wire.limits import PROMPT_MS
from .blocklace import Blocklace, Vertex
from .committee import Committee
from .envelope import AnyOp

# Rounds from a block to the blocks that certify it.
CERTIFY: Final = 2
# … and to the first slots that can be its anchor.
ANCHOR: Final = 3


class LogSoFar(Protocol):
    """What a commit's time depends on besides blocks: the log up to the commit before (R3.9)."""

    @property
    def time_ms(self) -> WallMs:
        """The time of the commit before."""

    def is_new(self, op: AnyOp) -> bool:
        """Return whether a commit that brings this op now would do anything with it."""

    def next_due_ms(self) -> WallMs | None:
        """Return the earliest time at which time alone decides something."""

    def closes_around(self, time_ms: WallMs) -> tuple[WallMs | None, WallMs | None]:
        """Return the last close of an open proposal up to a time, and the first after it."""

    def closes_to_come(
        self, ops: Iterable[AnyOp], time_ms: WallMs, before_ms: WallMs
    ) -> Sequence[WallMs]:
        """Return when proposals close, if before that, that a commit at this time opens.

        Args:
            ops: what the commit brings.
        """


@dataclass(frozen=True, slots=True)
class Decided:
    """One slot's fate, in slot order. `block` None: skipped."""

    round: Round
    author: int
    block: Vertex | None
    is_direct: bool
    time_ms: WallMs  # of the commit; 0 if skipped
    history: tuple[Vertex, ...]  # what the commit outputs, in log order (R3.8)


@dataclass(slots=True)
class _Due:
    """A committed slot whose turn in the log has come."""

    block: Vertex
    history: tuple[Vertex, ...]
    # What follows is asked for once: the log so far stays as it is until the block's turn is over.
    brings: bool | None  # any op; None: not asked yet
    coming: Sequence[WallMs] | None  # closes of what it opens at its word; None: not asked yet
    prompt: list[Vertex]  # the votes that bear its word out, as far as they are here


class _Slot:
    __slots__ = ("block", "is_decided", "is_direct", "skippers")

    def __init__(self) -> None:
        self.skippers = 0  # authors of next-round blocks that vote for nothing in this slot
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
        self._due: _Due | None = None  # the block of that slot, while its time is awaited

    @property
    def undecided_round(self) -> Round:
        """The round of the first slot that is not handed out: it, or its time, is undecided."""
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
            if parent.round == round_ - 1 and vertex.vote_mask >> parent.author & 1:
                parent.voters |= bit  # R3.2
        if round_ - 1 >= self._round:
            self._count_skips(vertex, bit)
        if round_ - CERTIFY >= self._round:
            self._count_certificates(vertex, bit)

    def _count_skips(self, vertex: Vertex, bit: int) -> None:
        # R3.5 direct skip: a quorum of next-round authors votes for nothing in the slot.
        absent = self._committee.full & ~vertex.vote_mask
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
        forked = self._forked.get(Round(vertex.round - 1), 0)
        for author, slot in enumerate(self._slots_of(round_)):
            if slot.is_decided:
                continue
            for block in self._lace.slot(round_, author):
                # Each block looks at each slot: the first test tells, if nobody has forked.
                among = strong & block.voters
                if among.bit_count() < quorum:
                    continue
                if among & forked and not self._certifies(vertex, block):
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
        count = self._count_parents(vertex, block.voters, lambda one: one.votes_for(block))
        return count >= self._committee.quorum

    def is_telling(self, vertex: Vertex) -> bool:
        """Return whether a block not added yet shows what none of its slot does.

        It skips or certifies, in a slot that is not decided, or bears out the word whose time
        is awaited. So at most 3n blocks of one slot are telling, one after the other: each slot
        below has at most one certified block (Lemma 2), and at most one word.
        """
        bit = 1 << vertex.author
        for author, slot in enumerate(self._rounds.get(Round(vertex.round - 1), ())):
            if not (slot.is_decided or slot.skippers & bit or vertex.vote_mask >> author & 1):
                return True
        if self._due is not None and vertex.round == self._due.block.round + CERTIFY:
            prompt, held = self._due.prompt, self._lace.slot(vertex.round, vertex.author)
            if self._bears_out(vertex, prompt) and not any(
                self._bears_out(one, prompt) for one in held
            ):
                return True
        round_ = Round(vertex.round - CERTIFY)
        return any(
            not slot.is_decided
            and not block.certifier_mask & bit
            and self._certifies(vertex, block)
            for author, slot in enumerate(self._rounds.get(round_, ()))
            for block in self._lace.slot(round_, author)
        )

    def _count_parents(
        self, vertex: Vertex, authors: int, is_counted: Callable[[Vertex], bool]
    ) -> int:
        """Return how many parents of `vertex`, of the round before it, are counted.

        Args:
            authors: who has a block of that round that is counted.
            is_counted: asked of the blocks of those authors who have more than one there: they
                count by the one that is a parent.
        """
        below = Round(vertex.round - 1)
        forked = self._forked.get(below, 0)
        among = vertex.strong_mask & authors
        count = (among & ~forked).bit_count()
        if among & forked:
            for parent in vertex.parents:
                is_forked = parent.round == below and forked >> parent.author & 1
                count += bool(is_forked and is_counted(parent))
        return count

    def _resolve(self) -> None:
        """Decide indirectly what can be (R3.6), from the newest round down."""
        anchors: dict[Round, _Slot | None] = {}  # first slot not skipped, of this round or later
        top = self._lace.max_round
        for number in range(top, self._round - 1, -1):
            round_ = Round(number)
            slots = self._slots_of(round_)
            anchor = anchors.get(Round(round_ + ANCHOR))
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
        floor = Round(round_ + CERTIFY)
        for vertex in _history_down_to(anchor, floor):
            if vertex.round == floor:
                for block in candidates:
                    if block.certifier_mask >> vertex.author & 1 and vertex in block.certifiers:
                        return block
        return None

    def advance(self, log: LogSoFar) -> Iterator[Decided]:
        """Yield what is decided now, in slot order, up to the first slot that is not (R3.7).

        Calling again continues; a caller may stop early (the epoch ended).

        Args:
            log: as it is after the commits yielded before; it is asked anew for each.
        """
        if not self._dirty and self._due is None:
            return
        if self._dirty:
            self._dirty = False
            self._resolve()
        while (slots := self._rounds.get(self._round)) is not None:
            order = self._committee.slot_order(self._round)
            author = order[self._place]
            slot = slots[author]
            if not slot.is_decided:
                return
            decided = self._hand_out(author, slot, log)
            if decided is None:
                return
            self._place += 1
            if self._place == len(order):
                self._place = 0
                del self._rounds[self._round]
                self._round = Round(self._round + 1)
            yield decided

    def _hand_out(self, author: int, slot: _Slot, log: LogSoFar) -> Decided | None:
        """Return what the log takes from the first slot not handed out; None: not known yet."""
        if slot.block is None:
            return Decided(self._round, author, None, slot.is_direct, WallMs(0), ())
        if self._due is None:
            self._due = _Due(slot.block, self._find_history(slot.block), None, None, [])
        block, history = self._due.block, self._due.history
        time_ms = self._find_time(self._due, log)
        if time_ms is None:
            return None
        self._due = None
        for vertex in history:
            vertex.is_output = True
        return Decided(self._round, author, block, slot.is_direct, time_ms, history)

    # --- the time of a commit (R3.9) --------------------------------------------------------

    def _find_time(self, awaited: _Due, log: LogSoFar) -> WallMs | None:
        """Return the time of a commit, or None while it is not known.

        Its author's word, if that is borne out by who voted for it promptly; else the
        honest time of the first commit behind it that is sure to have seen it.
        """
        block, previous = awaited.block, log.time_ms
        word = max(previous, block.block.time_ms, block.middle_ms)
        due = log.next_due_ms()
        if (due is None or due > word) and not self._brings_ops(awaited, log):
            return max(previous, block.middle_ms)  # R3.9 (a): nothing depends on it
        prompt = awaited.prompt = self._find_prompt(awaited, word, log)
        if self._is_borne_out(block, prompt):  # R3.9 (b)
            return word
        anchor = self._find_anchor(block.round)
        if anchor is None:
            return None
        # R3.9 (c)
        if self._holds_prompt(anchor, prompt):
            return word
        return max(previous, anchor.middle_ms)

    @staticmethod
    def _brings_ops(awaited: _Due, log: LogSoFar) -> bool:
        if awaited.brings is None:  # loops, not a generator: most blocks have no ops
            awaited.brings = False
            for vertex in awaited.history:
                for op in vertex.block.ops:
                    if log.is_new(op):
                        awaited.brings = True
                        return True
        return awaited.brings

    def _find_prompt(self, awaited: _Due, word: WallMs, log: LogSoFar) -> list[Vertex]:
        """Return the prompt votes for a block (R3.9): soon after its word, at no other side of a
        close."""
        block = awaited.block
        if awaited.coming is None:
            ops = (op for vertex in awaited.history for op in vertex.block.ops)
            awaited.coming = log.closes_to_come(ops, word, WallMs(word + PROMPT_MS))
        coming = awaited.coming
        last, following = log.closes_around(word)
        after = max((one for one in (last, *coming) if one is not None and one <= word), default=0)
        until = min(
            one for one in (word + PROMPT_MS, following, *coming) if one is not None and one > word
        )
        # Votes on what opens here may be in the log since an earlier commit of the same round.
        is_soon = any(word < one < word + PROMPT_MS for one in coming)
        others = self._committed_before() if is_soon else []
        return [
            voter
            for author in range(len(self._committee))
            if block.voters >> author & 1
            for voter in self._lace.slot(Round(block.round + 1), author)
            if after <= voter.block.time_ms < until
            and voter.votes_for(block)
            and all(voter.votes_for(one) for one in others)
        ]

    def _committed_before(self) -> list[Vertex]:
        """Return the blocks committed so far in the round that is being handed out."""
        order = self._committee.slot_order(self._round)[: self._place]
        slots = self._rounds[self._round]
        return [block for author in order if (block := slots[author].block) is not None]

    def _is_borne_out(self, block: Vertex, prompt: list[Vertex]) -> bool:
        """Return whether a quorum of authors has blocks that bear it out."""
        if not prompt:
            return False
        over, count = Round(block.round + CERTIFY), 0
        for author in range(len(self._committee)):
            count += any(self._bears_out(one, prompt) for one in self._lace.slot(over, author))
        return count >= self._committee.quorum

    def _bears_out(self, vertex: Vertex, prompt: list[Vertex]) -> bool:
        """Return whether prompt votes of f + 1 authors are among the block's parents."""
        count = self._count_parents(vertex, _mask_of(prompt), prompt.__contains__)
        return count > self._committee.faults

    def _find_anchor(self, round_: Round) -> Vertex | None:
        """Return the block of the first slot from three rounds on that is not skipped (R3.6)."""
        for number in range(round_ + ANCHOR, self._lace.max_round + 1):
            slots = self._slots_of(Round(number))
            for author in self._committee.slot_order(Round(number)):
                slot = slots[author]
                if not slot.is_decided:
                    return None
                if slot.block is not None:
                    return slot.block
        return None

    def _holds_prompt(self, anchor: Vertex, prompt: list[Vertex]) -> bool:
        """Return whether f + 1 authors' prompt votes are in the anchor's history."""
        if not prompt:
            return False
        floor = prompt[0].round
        found = 0
        for vertex in _history_down_to(anchor, floor):
            if vertex.round == floor and vertex in prompt:
                found |= 1 << vertex.author
        return found.bit_count() > self._committee.faults

    # --- what a commit outputs (R3.8) -------------------------------------------------------

    def _find_history(self, block: Vertex) -> tuple[Vertex, ...]:
        """Return a block's history not output before, in log order.

        Order: round, then slot order of the author, then id.
        """
        found = [block]
        seen = {block.id}
        stack = [block]
        while stack:
            for parent in stack.pop().parents:
                if not parent.is_output and parent.id not in seen:
                    seen.add(parent.id)
                    found.append(parent)
                    stack.append(parent)
        if len(found) > 1:
            found.sort(key=self._log_key)
        return tuple(found)

    def _log_key(self, vertex: Vertex) -> tuple[int, int, bytes]:
        place = self._committee.slot_order(vertex.round).index(vertex.author)
        return vertex.round, place, vertex.id


def _mask_of(vertices: list[Vertex]) -> int:
    mask = 0
    for vertex in vertices:
        mask |= 1 << vertex.author
    return mask


def _history_down_to(block: Vertex, floor: Round) -> Iterator[Vertex]:
    """Yield a block and its history, down to a round."""
    seen = {block.id}
    stack = [block]
    while stack:
        vertex = stack.pop()
        yield vertex
        for parent in vertex.parents:
            if parent.round >= floor and parent.id not in seen:
                seen.add(parent.id)
                stack.append(parent)
