"""A disk that can lose power: what was not fsynced may be gone, later writes first."""

from __future__ import annotations

from collections.abc import Container, Sequence
from random import Random

from sim.memory_store import MemoryStore

from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.proofs import Receipts
from p2pnode_protocols.messages.spreading import Pull, Pulled, Push
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.writes import SaveBlock, SaveOp, Write
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, OpId, TextId
from p2pnode_protocols.wire.limits import LINKS_BYTES, RECALL_BYTES


class Disk:
    """A `MemoryStore` with the transactions that made it, so that a tail can be lost."""

    def __init__(self, piece_bytes: int = RECALL_BYTES, links_bytes: int = LINKS_BYTES) -> None:
        """Args: as of a `MemoryStore`."""
        self._most = piece_bytes, links_bytes
        self.store = MemoryStore(*self._most)
        self._journal: list[Sequence[Write]] = []
        self._synced = 0  # transactions that power loss cannot undo
        self._blocks: set[BlockId] = set()
        self._ops: set[OpId] = set()

    def apply(self, writes: Sequence[Write], durable: bool) -> None:
        self._journal.append(writes)
        if durable:
            self._synced = len(self._journal)
        self._put(writes, durable)

    def _put(self, writes: Sequence[Write], durable: bool) -> None:
        self.store.apply(writes, durable)
        for write in writes:
            match write:
                case SaveBlock(block=block):
                    self._blocks.add(block.id)
                case SaveOp(op=op):
                    self._ops.add(op.id)
                case _:
                    pass

    def lose_unsynced(self, rng: Random) -> None:
        """Power fails: a random tail of the transactions since the last fsync is gone."""
        kept = rng.randint(self._synced, len(self._journal))
        if kept == len(self._journal):
            return
        del self._journal[kept:]
        self.store = MemoryStore(*self._most)
        self._blocks, self._ops = set(), set()
        for writes in self._journal:
            self._put(writes, durable=True)

    @property
    def journal(self) -> Sequence[Sequence[Write]]:
        """Every transaction that is on this disk, in order."""
        return self._journal

    def copy(self) -> Disk:
        """Return what a file copy of this disk would hold now."""
        other = Disk(*self._most)
        for writes in self._journal:
            other.apply(writes, durable=True)
        return other

    def has_block(self, block: BlockId) -> bool:
        return block in self._blocks

    def has_op(self, op: OpId) -> bool:
        return op in self._ops

    @property
    def is_empty(self) -> bool:
        return not self._journal

    def restore(self, device: DeviceKey) -> Restored:
        restored = self.store.restore(device)
        assert restored is not None, "every node's first write is the founding epoch"
        return restored

    def missing_texts(self, after: TextId, most: int) -> tuple[tuple[TextRef, ...], TextId | None]:
        return self.store.missing_texts(after, most)

    def serve_pull(self, pull: Pull) -> Pulled:
        return self.store.serve_pull(pull)

    def serve_want(self, hashes: Sequence[bytes]) -> Push:
        return self.store.serve_want(hashes)

    def prune(self, keep_epochs: int, coming: Container[OpId]) -> None:
        """Forget what nothing needs; a power failure may bring it back, which harms nobody."""
        self.store.prune(keep_epochs, coming)

    def serve_leap(self, leap: Leap) -> Leapt:
        return self.store.serve_leap(leap)

    def serve_recall(self, recall: Recall) -> Recalled:
        return self.store.serve_recall(recall)

    def serve_receipts(self, after: int) -> Receipts:
        return self.store.serve_receipts(after)
