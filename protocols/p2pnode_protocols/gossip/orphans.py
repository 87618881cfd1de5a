"""Blocks that wait for parents: a share for each author's seat (docs/protocol.md R2.17)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from ..blocks import Block
from ..ids import BlockId, DeviceKey, MemberId
from ..limits import ORPHAN_BYTES, ORPHAN_BYTES_PER_SEAT, ORPHANS, ORPHANS_PER_SEAT
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
        # By author and round, and by author and sequence: two in one place are a fork.
        self._places: dict[_Place, dict[BlockId, None]] = {}
        self._places_of: dict[BlockId, tuple[_Place, _Place]] = {}

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
            self._unlink(one)
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

    def rivals(self, block: Block) -> list[Block]:
        """Return the blocks here that are a fork with `block` (R2.19), of its round first."""
        found: dict[BlockId, Block] = {}
        for place in _find_places(block):
            for one in self._places.get(place, ()):
                held = self._blocks.get(one)
                if held is not None and one != block.id:
                    found.setdefault(one, held)
        return list(found.values())

    def find_namers(self, block: Block, forked: AbstractSet[MemberId]) -> Iterator[MemberId]:
        """Yield each author on whose behalf a block is needed, once.

        Those that are neither the block's own author nor in `forked`, and of whom a block waits
        here that has this one in its history, as far as that is known. All of them: a liar may
        name whatever there is.
        """
        stack, seen = [block.id], {block.id}
        found: set[MemberId] = set()
        while stack:
            for child in self._waiting.get(stack.pop(), ()):
                if child in seen:
                    continue
                seen.add(child)
                held = self._blocks.get(child)
                assert held is not None
                is_namer = held.author != block.author and held.author not in forked
                if is_namer and held.author not in found:
                    found.add(held.author)
                    yield held.author
                stack.append(child)

    def _take(self, block: BlockId) -> Block:
        self._unlink(block)
        return self._blocks.remove(block)

    def _forget(self, block: BlockId) -> None:
        """Forget a block, and what was kept for its sake alone."""
        doomed = [block]
        while doomed:
            one = doomed.pop()
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
        for place in self._places_of.pop(block):
            held = self._places[place]
            del held[block]
            if not held:
                del self._places[place]
        return lacking


def _find_places(block: Block) -> tuple[_Place, _Place]:
    return (block.author, "round", block.round), (block.author, "sequence", block.sequence)
