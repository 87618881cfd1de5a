"""Blocks that wait for parents: a share for each author's seat (docs/protocol.md R2.17)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from ...agreement.blocks import Block
from ...wire.ids import BlockId, DeviceKey, MemberId
from ...wire.limits import ORPHAN_BYTES, ORPHAN_BYTES_PER_SEAT, ORPHANS, ORPHANS_PER_SEAT
from ..memory import memory_of_block
from .shares import Limits, Shares

WANT_MEMORY = 640  # bytes that asking for one missing parent takes

_Place = tuple[MemberId, str, int]


class Orphans:
    """Blocks whose parents have not all arrived.

    Each counts for its author, whoever brought it: only the author can have signed it. A block is
    kept while somebody who brought it is connected, or another block here waits for it.
    """

    def __init__(self) -> None:
        self._blocks: Shares[BlockId, Block] = Shares(
            Limits(ORPHANS_PER_SEAT, ORPHAN_BYTES_PER_SEAT, ORPHANS, ORPHAN_BYTES)
        )
        self._lacking: dict[BlockId, set[BlockId]] = {}  # the parents that each waits for
        self._waiting: dict[BlockId, dict[BlockId, None]] = {}  # by parent: what waits for it
        self._unwanted: list[BlockId] = []  # that were waited for, since this was last asked
        # By author and round, and by author and sequence: two in one place are a fork.
        self._places: dict[_Place, dict[BlockId, None]] = {}
        self._places_of: dict[BlockId, tuple[_Place, _Place]] = {}
        # By what is waited for: a bit for each author of whom a block waits for it, directly or
        # through others. None until somebody asks, and again once one may be too many.
        self._marks: dict[BlockId, int] | None = None
        self._bits: dict[MemberId, int] = {}
        self._mute: frozenset[MemberId] = frozenset()  # authors that have no bit
        self._steps = 0

    def __contains__(self, block: BlockId) -> bool:
        return block in self._blocks

    def __len__(self) -> int:
        return len(self._blocks)

    @property
    def size(self) -> int:
        """Bytes of memory that the blocks here count for."""
        return self._blocks.size

    def held(self) -> dict[bytes, tuple[int, int]]:
        """Return how many blocks and bytes of memory count for each author."""
        return self._blocks.held()

    def is_wanted(self, block: BlockId) -> bool:
        return block in self._waiting

    def take_unwanted(self) -> list[BlockId]:
        """Return what nothing waits for any more, though it has not come; once."""
        unwanted, self._unwanted = self._unwanted, []
        return unwanted

    def hold(
        self, block: Block, missing: Iterable[BlockId], carrier: DeviceKey
    ) -> Sequence[BlockId]:
        """Keep `block` until all its `missing` parents have come.

        Returns:
            What had to give way, which may be the block itself. Nobody is to blame for that: what
            is needed comes again, by a pull or because it is asked for.
        """
        lacking = set(missing)
        if block.id not in self._blocks:
            self._lacking[block.id] = lacking
            for parent in lacking:
                self._waiting.setdefault(parent, {})[block.id] = None
            self._places_of[block.id] = _find_places(block)
            for place in self._places_of[block.id]:
                self._places.setdefault(place, {})[block.id] = None
        gone = self._blocks.put(
            block.id,
            block,
            seat=block.author,
            size=memory_of_block(block) + WANT_MEMORY * len(block.parents),
            rank=block.round,
            carrier=carrier,
        )
        for one in gone:
            if one != block.id:  # else it has marked nothing yet
                self._unmark(one)
            self._unlink(one)
        if block.id in self._blocks:
            self._mark(block)
        return gone

    def brought(self, block: BlockId, carrier: DeviceKey) -> None:
        """Note that one more peer has brought a block that is here."""
        held = self._blocks.get(block)
        assert held is not None
        self._blocks.put(block, held, seat=held.author, size=0, rank=0, carrier=carrier)

    def carrier(self, block: BlockId) -> DeviceKey:
        """Return who brought a block that is here; its author, if all who did have gone."""
        held = self._blocks.get(block)
        assert held is not None
        return next(iter(self._blocks.carriers(block)), held.device)

    def release(self, parent: BlockId) -> list[tuple[Block, DeviceKey]]:
        """A block is in its place: return those that lack nothing more, and who brought each."""
        released: list[tuple[Block, DeviceKey]] = []
        if self._marks is not None:
            self._marks.pop(parent, None)
        for child in self._waiting.pop(parent, ()):
            lacking = self._lacking[child]
            lacking.discard(parent)
            if not lacking:
                carrier = self.carrier(child)
                released.append((self._take(child), carrier))
        return released

    def drop(self, parent: BlockId) -> int:
        """Forget what waits for a parent that turned out invalid, and what waits for that."""
        dropped, doomed = 0, [parent]
        while doomed:
            for child in list(self._waiting.get(doomed.pop(), ())):
                if child in self._blocks:
                    self._forget(child)
                    doomed.append(child)
                    dropped += 1
        return dropped

    def lost(self, device: DeviceKey) -> None:
        """A peer has gone: forget what only it had brought, unless something here waits for it."""
        for block in self._blocks.lost(device):
            if block in self._blocks and not self.is_wanted(block):
                self._forget(block)

    def has_rival(self, block: Block) -> bool:
        """Return whether a block here is a fork with `block` (R2.19)."""
        held = (self._places.get(place, {}) for place in _find_places(block))
        return any(len(one) > (block.id in one) for one in held)

    def find_namers(self, block: Block, forked: AbstractSet[MemberId]) -> Iterator[MemberId]:
        """Yield each author on whose behalf a block is needed, once.

        Those that are neither the block's own author nor in `forked`, and of whom a block waits
        here that has this one in its history, as far as that is known. All of them: a liar may
        name whatever there is.
        """
        if block.id not in self._waiting:
            return
        if self._marks is None or self._mute != forked:
            self._mark_all(forked)
        bits, marks = self._bits, self._marks
        assert marks is not None
        left = marks.get(block.id, 0) & ~bits.get(block.author, 0)
        if left.bit_count() == 1:
            yield next(author for author, bit in bits.items() if bit == left)
            return
        # More than one: in the order of a walk that goes only where some are left.
        stack, seen = [block.id] if left else [], {block.id}
        while stack and left:
            children = self._waiting.get(stack.pop(), {})
            self._steps += len(children)
            for child in children:
                if child in seen:
                    continue
                seen.add(child)
                bit = bits.get(self._author(child), 0)
                if left & bit:
                    left &= ~bit
                    yield self._author(child)
                if left & marks.get(child, 0):
                    stack.append(child)

    def take_steps(self) -> int:
        """Return how many links were followed to find namers since this was last asked."""
        steps, self._steps = self._steps, 0
        return steps

    def _mark(self, block: Block) -> None:
        """Mark what a block that has just come waits for: by its author, and who waits for it."""
        marks = self._marks
        if marks is None:
            return
        bits = marks.get(block.id, 0)
        if block.author not in self._mute:
            bits |= self._bits.setdefault(block.author, 1 << len(self._bits))
        stack = [block.id] if bits else []
        while stack:  # what has these marks has passed them on
            lacking = self._lacking.get(stack.pop(), ())
            self._steps += len(lacking)
            for parent in lacking:
                before = marks.get(parent, 0)
                if bits & ~before:
                    marks[parent] = before | bits
                    stack.append(parent)

    def _unmark(self, block: BlockId) -> None:
        """A block goes without its parents having come: its marks may be too many now.

        Those of authors who are mute are none. So one who has forked, and whose blocks nobody
        else waits for, cannot make this node mark all again and again.
        """
        author = self._author(block)
        if self._marks is not None and (author not in self._mute or self._marks.get(block)):
            self._marks = None

    def _mark_all(self, mute: AbstractSet[MemberId]) -> None:
        """Mark all that is waited for by somebody who is not mute. Of others nothing is walked."""
        self._mute, self._bits = frozenset(mute), {}
        marks = self._marks = {}
        order: list[BlockId] = []  # each after all that it waits for
        seen: set[BlockId] = set()
        done: set[BlockId] = set()
        lacking = self._lacking
        stack = [one for one in self._blocks if self._author(one) not in mute]
        while stack:
            one = stack[-1]
            if one in seen:
                stack.pop()
                if one not in done:
                    done.add(one)
                    order.append(one)
                continue
            seen.add(one)
            self._steps += 2 * len(lacking[one])  # once more below
            stack += [parent for parent in lacking[one] if parent in lacking and parent not in seen]
        for one in reversed(order):
            bits, author = marks.get(one, 0), self._author(one)
            if author not in mute:
                bits |= self._bits.setdefault(author, 1 << len(self._bits))
            for parent in lacking[one]:
                before = marks.get(parent, 0)
                if bits & ~before:
                    marks[parent] = before | bits

    def _author(self, block: BlockId) -> MemberId:
        return self._places_of[block][0][0]

    def _take(self, block: BlockId) -> Block:
        self._unlink(block)
        return self._blocks.remove(block)

    def _forget(self, block: BlockId) -> None:
        """Forget a block, and what was kept for its sake alone."""
        doomed = [block]
        while doomed:
            one = doomed.pop()
            self._unmark(one)
            parents = self._unlink(one)
            self._blocks.remove(one)
            doomed += [
                parent
                for parent in sorted(parents)
                if parent in self._blocks
                and not self.is_wanted(parent)
                and not self._blocks.carriers(parent)
            ]

    def _unlink(self, block: BlockId) -> set[BlockId]:
        """Let a block wait for nothing any more; return what it waited for."""
        lacking = self._lacking.pop(block)
        for parent in lacking:
            children = self._waiting[parent]
            del children[block]
            if not children:
                del self._waiting[parent]
                self._unwanted.append(parent)
                if self._marks is not None:
                    self._marks.pop(parent, None)
        for place in self._places_of.pop(block):
            held = self._places[place]
            del held[block]
            if not held:
                del self._places[place]
        return lacking


def _find_places(block: Block) -> tuple[_Place, _Place]:
    return (block.author, "round", block.round), (block.author, "sequence", block.sequence)
