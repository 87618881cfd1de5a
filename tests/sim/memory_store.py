"""A store in memory: the same promises as the SQLite one, for tests and the simulator.

tests/unit/store/test_store_contract.py holds both to them. What power loss takes away is
`simulator/disk.py`'s to play.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from p2pnode.store.interface import LIST_ITEMS, RECENT_ROOTS, StoredEpoch, StoredOp
from p2pnode_protocols.blocks import Block
from p2pnode_protocols.crypto import TAG_CHARTER, digest
from p2pnode_protocols.decisions import Closed
from p2pnode_protocols.errors import BugError
from p2pnode_protocols.ids import BlockId, CommunityId, DeviceKey, OpId, TextId, WallMs
from p2pnode_protocols.limits import PULL_BYTES, RECEIPTS_IN_MESSAGE, UNPROVEN
from p2pnode_protocols.messages import Pull, Pulled, Push, Receipts
from p2pnode_protocols.ops import Op, texts_of
from p2pnode_protocols.receipts import Receipt, Statement
from p2pnode_protocols.roots import compute_state_hash
from p2pnode_protocols.steps import (
    Commit,
    Restored,
    SaveBlock,
    SaveClosed,
    SaveCommit,
    SaveEpoch,
    SaveErased,
    SaveFork,
    SaveOp,
    SaveProven,
    SaveReceipt,
    SaveText,
    SaveUnproven,
    Unproven,
    Write,
)


class MemoryStore:
    """What one device has saved (`p2pnode.store.interface.AnyStore`)."""

    def __init__(self) -> None:
        self.community: CommunityId | None = None
        self.charter: bytes | None = None
        self.ops: dict[OpId, Op] = {}
        self.texts: dict[TextId, bytes] = {}
        self.erased: set[TextId] = set()
        self.blocks: dict[BlockId, Block] = {}
        self.by_epoch: dict[int, list[Block]] = {}
        self.saved_commits: list[SaveCommit] = []
        self.final_ops: dict[OpId, Commit] = {}
        self.epochs: list[SaveEpoch] = []
        self.closed: list[Closed] = []
        self.statements: dict[int, Statement] = {}
        self.receipts: dict[tuple[int, DeviceKey], Receipt] = {}
        self.proven: set[int] = set()
        self.saved_forks: dict[tuple[BlockId, BlockId], SaveFork] = {}

    def adopt(self, charter: bytes) -> CommunityId:
        community = CommunityId(digest(TAG_CHARTER, charter))
        if self.community not in {None, community}:
            raise BugError("the store belongs to another community")
        self.community, self.charter = community, charter
        return community

    def apply(self, writes: Sequence[Write], durable: bool) -> None:
        """Save all of `writes`. Memory is as durable as the process, whatever `durable` says."""
        for write in writes:
            self._check(write)
        for write in writes:
            self._save(write)

    def _check(self, write: Write) -> None:
        match write:
            case SaveCommit(commit=commit) if commit.index <= len(self.saved_commits):
                if self.saved_commits[commit.index - 1].commit.root != commit.root:
                    raise BugError(f"commit {commit.index} is saved with another root")
            case SaveEpoch(number=number, id=epoch) if number < len(self.epochs):
                if self.epochs[number].id != epoch:
                    raise BugError(f"epoch {number} is saved with another id")
            case _:
                pass

    def _save(self, write: Write) -> None:
        match write:
            case SaveOp(op=op):
                self.ops.setdefault(op.id, op)
            case SaveText(id=text, blob=blob):
                if text not in self.erased:
                    self.texts.setdefault(text, blob)
            case SaveBlock():
                self._save_block(write)
            case SaveCommit():
                self._save_commit(write)
            case SaveEpoch(number=number):
                if number == len(self.epochs):
                    self.epochs.append(write)
            case SaveClosed(closed=closed):
                if closed.place > len(self.closed):
                    self.closed.append(closed)
            case SaveUnproven() | SaveReceipt() | SaveProven():
                self._save_proof(write)
            case SaveErased(id=text):
                self.erase_text(text)
            case SaveFork(first=first, second=second):
                self.saved_forks.setdefault((first.id, second.id), write)

    def _save_block(self, write: SaveBlock) -> None:
        block = write.block
        if block.id not in self.blocks:
            self.blocks[block.id] = block
            self.by_epoch.setdefault(write.epoch_number, []).append(block)
            for op in block.ops:
                self.ops.setdefault(op.id, op)

    def _save_commit(self, write: SaveCommit) -> None:
        if write.commit.index <= len(self.saved_commits):
            return  # derived again after a restart
        self.saved_commits.append(write)
        for op in write.ops:
            self.ops.setdefault(op.id, op)
            self.final_ops[op.id] = write.commit

    def _save_proof(self, write: SaveUnproven | SaveReceipt | SaveProven) -> None:
        match write:
            case SaveUnproven(statement=statement):
                self.statements.setdefault(statement.index, statement)
            case SaveReceipt(receipt=receipt):
                self.receipts.setdefault((receipt.statement.index, receipt.device), receipt)
            case SaveProven(index=index):
                self.proven.add(index)

    def _unproven(self) -> Iterator[Unproven]:
        lacking = [index for index in sorted(self.statements) if index not in self.proven]
        for index in lacking[-UNPROVEN:]:
            epoch = self.saved_commits[index - 1].commit.epoch_number
            receipts = [self.receipts[key] for key in sorted(self.receipts) if key[0] == index]
            yield Unproven(self.statements[index], self.epochs[epoch].charter, tuple(receipts))

    def restore(self, device: DeviceKey) -> Restored | None:
        if not self.epochs:
            return None
        epoch = self.epochs[-1]
        referred = {ref.id for op in self.ops.values() for ref in texts_of(op.body)}
        return Restored(
            epoch,
            tuple(self.by_epoch.get(epoch.number, ())),
            tuple(op for op in self.ops.values() if op.id not in self.final_ops),
            tuple(sorted(referred - self.texts.keys() - self.erased)),
            tuple(
                (one.commit.index, one.commit.root) for one in self.saved_commits[-RECENT_ROOTS:]
            ),
            max((op.nonce for op in self.ops.values() if op.device == device), default=0),
            tuple(self.closed),
            tuple(self._unproven()),
            self.forks(),
        )

    def serve_pull(self, pull: Pull) -> Pulled:
        known = dict(pull.frontier)
        lacking = [
            block
            for block in self.by_epoch.get(pull.epoch_number, ())
            if block.round > known.get(block.author, 0)
        ]
        lacking.sort(key=lambda block: block.round)  # stable: then by order of saving
        blocks: list[Block] = []
        texts: dict[TextId, bytes] = {}
        used = 0
        for block in lacking:
            if blocks and (used + len(block.wire) > pull.most_bytes or len(blocks) == LIST_ITEMS):
                break
            blocks.append(block)
            used += len(block.wire)
            for ref in (ref for op in block.ops for ref in texts_of(op.body)):
                blob = self.texts.get(ref.id)
                if blob is None or ref.id in texts or len(texts) == LIST_ITEMS:
                    continue
                if used + len(blob) <= pull.most_bytes:
                    texts[ref.id] = blob
                    used += len(blob)
        more = len(blocks) < len(lacking)
        return Pulled(pull.epoch_number, tuple(blocks), tuple(texts.values()), more)

    def serve_want(self, hashes: Sequence[bytes]) -> Push:
        blocks: list[Block] = []
        texts: list[bytes] = []
        used = 0
        for wanted in dict.fromkeys(hashes):
            block = self.blocks.get(BlockId(wanted))
            blob = self.texts.get(TextId(wanted))
            size = len(block.wire) if block is not None else len(blob or b"")
            if used > 0 and used + size > PULL_BYTES:
                break
            used += size
            if block is not None:
                blocks.append(block)
            elif blob is not None:
                texts.append(blob)
        return Push(tuple(blocks), (), tuple(texts))

    def serve_receipts(self, after: int) -> Receipts:
        later = [self.receipts[key] for key in sorted(self.receipts) if key[0] > after]
        return Receipts(tuple(later[:RECEIPTS_IN_MESSAGE]), after)

    def block(self, block: BlockId) -> Block | None:
        return self.blocks.get(block)

    def op(self, op: OpId) -> StoredOp | None:
        found = self.ops.get(op)
        if found is None:
            return None
        commit = self.final_ops.get(op)
        if commit is None:
            return StoredOp(found, None, None)
        return StoredOp(found, commit.index, dict(commit.entries)[op])

    def text(self, text: TextId) -> bytes | None:
        return self.texts.get(text)

    def erase_text(self, text: TextId) -> None:
        self.texts.pop(text, None)
        self.erased.add(text)

    def commits(self, first: int, last: int) -> tuple[Commit, ...]:
        return tuple(one.commit for one in self.saved_commits if first <= one.commit.index <= last)

    def commit_that_closed(self, proposal: OpId, time_ms: WallMs) -> Commit | None:
        for one in self.saved_commits:
            decided = {closed for closed, _outcome, _record in one.commit.decided}
            if one.commit.time_ms == time_ms and proposal in decided:
                return one.commit
        return None

    def epochs_until(self, last: int) -> tuple[StoredEpoch, ...]:
        return tuple(
            StoredEpoch(
                one.number,
                one.id,
                one.genesis_index,
                one.genesis_root,
                one.charter,
                compute_state_hash(one.snapshot),
            )
            for one in self.epochs[: last + 1]
        )

    def provable(self, first: int, last: int) -> tuple[int, ...]:
        return tuple(index for index in sorted(self.statements) if first <= index <= last)

    def receipts_for(self, index: int) -> tuple[Receipt, ...]:
        return tuple(self.receipts[key] for key in sorted(self.receipts) if key[0] == index)

    def forks(self) -> tuple[tuple[Block, Block], ...]:
        return tuple((one.first, one.second) for one in self.saved_forks.values())

    def close(self) -> None:
        """Nothing is open."""
