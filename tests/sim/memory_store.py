"""A store in memory: the same promises as the SQLite one, for tests and the simulator.

tests/unit/store/test_store_contract.py holds both to them. What power loss takes away is
`simulator/disk.py`'s to play.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from p2pnode.store.interface import (
    LATE_CODES,
    LIST_ITEMS,
    RECENT_ROOTS,
    StoredEpoch,
    StoredFate,
    StoredNote,
    StoredOp,
    WhichFates,
)
from p2pnode_protocols.agreement.blocks import Block, Header
from p2pnode_protocols.agreement.chain import EpochLink, ReceiptSet
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.agreement.log import Commit, LoggedCommit, log_commits
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.agreement.receipts import Receipt, Statement
from p2pnode_protocols.agreement.roots import compute_state_hash
from p2pnode_protocols.gossip.leaping.carried import write_leap
from p2pnode_protocols.gossip.leaping.pieces import write_piece
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.proofs import Receipts
from p2pnode_protocols.messages.spreading import Pull, Pulled, Push
from p2pnode_protocols.record.bodies import Join, Note, Vote, texts_of
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.questions.register import Closed
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.restored import Restored, Unproven
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveClosed,
    SaveCommit,
    SaveContradiction,
    SaveDropped,
    SaveEpoch,
    SaveErased,
    SaveFate,
    SaveFork,
    SaveLeap,
    SaveMissing,
    SaveOp,
    SaveProven,
    SaveReceipt,
    SaveText,
    SaveUnproven,
    SaveVow,
    Write,
)
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.crypto import TAG_CHARTER, digest
from p2pnode_protocols.wire.errors import BugError
from p2pnode_protocols.wire.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    MemberId,
    OpId,
    TextId,
    WallMs,
)
from p2pnode_protocols.wire.limits import (
    LINKS_BYTES,
    PULL_BYTES,
    RECALL_BYTES,
    RECEIPTS_IN_MESSAGE,
    UNPROVEN,
)


class MemoryStore:
    """What one device has saved (`p2pnode.store.interface.AnyStore`)."""

    def __init__(self, piece_bytes: int = RECALL_BYTES, links_bytes: int = LINKS_BYTES) -> None:
        """Args: `piece_bytes`, `links_bytes`: of closed proposals and links that a leap holds."""
        self.piece_bytes, self.links_bytes = piece_bytes, links_bytes
        self.community: CommunityId | None = None
        self.charter: bytes | None = None
        self.ops: dict[OpId, Op] = {}
        self.places: dict[OpId, int] = {}  # the order in which ops were first saved
        self.taken: set[OpId] = set()  # that have no entry, and that the log took, or may have
        self.texts: dict[TextId, bytes] = {}
        self.erased: set[TextId] = set()
        self.blocks: dict[BlockId, Block] = {}
        self.by_epoch: dict[int, list[Block]] = {}
        self.saved_commits: list[SaveCommit] = []
        self.final_ops: dict[OpId, Commit] = {}
        self.own: set[OpId] = set()
        self.epochs: list[SaveEpoch] = []
        self.vow: Rebuild | None = None
        self.closed: list[Closed] = []
        self.by_index: dict[int, Commit] = {}
        self.by_number: dict[int, SaveEpoch | SaveLeap] = {}
        self.closed_before: dict[int, int] = {}  # by epoch number
        self.mentions: dict[TextId, dict[OpId, set[TextRef]]] = {}
        self.statements: dict[int, Statement] = {}
        self.receipts: dict[tuple[int, DeviceKey], Receipt] = {}
        self.contradictions: dict[tuple[int, DeviceKey], Receipt] = {}
        self.proven: set[int] = set()
        self.saved_fates: dict[OpId, StoredFate] = {}
        self.saved_late: dict[tuple[OpId, MemberId], OpId] = {}
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

    def hold(self, writes: Sequence[Write]) -> None:
        """Save them at once: memory does not get cheaper by waiting."""
        self.apply(writes, durable=False)

    def _check(self, write: Write) -> None:
        match write:
            case SaveCommit(commit=commit) if commit.index in self.by_index:
                if self.by_index[commit.index].root != commit.root:
                    raise BugError(f"commit {commit.index} is saved with another root")
            case SaveEpoch(number=number, id=epoch) | SaveLeap(number=number, id=epoch):
                if number in self.by_number and self.by_number[number].id != epoch:
                    raise BugError(f"epoch {number} is saved with another id")
            case _:
                pass

    def _save(self, write: Write) -> None:
        match write:
            case SaveOp(op=op, own=own):
                self._save_op(op, own=own)
            case SaveText() | SaveMissing() | SaveErased() | SaveDropped():
                self._save_text(write)
            case SaveBlock():
                self._save_block(write)
            case SaveCommit():
                self._save_commit(write)
            case SaveEpoch():
                self._save_epoch(write)
            case SaveLeap(number=number):
                self.by_number.setdefault(number, write)
            case SaveVow(rebuild=rebuild):
                self.vow = rebuild
            case SaveClosed(closed=closed):
                if closed.place > len(self.closed):
                    self.closed.append(closed)
            case SaveUnproven() | SaveReceipt() | SaveProven() | SaveContradiction():
                self._save_proof(write)
            case SaveFate():
                self._save_fate(write)
            case SaveFork(first=first, second=second):
                self.saved_forks.setdefault((first.id, second.id), write)

    def _save_op(self, op: Op, *, own: bool = False) -> None:
        if op.id not in self.ops:
            if own:
                self.own.add(op.id)
            self.ops[op.id] = op
            self.places.setdefault(op.id, len(self.places) + 1)
            for ref in texts_of(op.body):
                by_op = self.mentions.setdefault(ref.id, {})
                by_op.setdefault(op.id, set()).add(ref)

    def _save_text(self, write: SaveText | SaveMissing | SaveErased | SaveDropped) -> None:
        match write:
            case SaveText(id=text, blob=blob) if text not in self.erased:
                if self.mentions.get(text):
                    self.texts.setdefault(text, blob)
            case SaveMissing(ref=ref, op=op):
                self.mentions.setdefault(ref.id, {}).setdefault(op, set()).add(ref)
            case SaveErased(id=text):
                self.erase_text(text)
            case SaveDropped(op=op, id=text):
                needed_by = self.mentions.get(text, {})
                needed_by.pop(op, None)
                if not needed_by:
                    self.texts.pop(text, None)
                    self.mentions.pop(text, None)
            case _:
                pass

    def _save_epoch(self, epoch: SaveEpoch) -> None:
        held = self.by_number.get(epoch.number)
        if isinstance(held, SaveEpoch):
            return
        if isinstance(held, SaveLeap):
            self.taken |= self.ops.keys() - self.final_ops.keys()
        self.epochs.append(epoch)
        self.by_number[epoch.number] = epoch
        self.closed_before[epoch.number] = len(self.closed)

    def _save_block(self, write: SaveBlock) -> None:
        block = write.block
        if block.id not in self.blocks:
            self.blocks[block.id] = block
            self.by_epoch.setdefault(write.epoch_number, []).append(block)
            for op in block.ops:
                self._save_op(op)

    def _save_commit(self, write: SaveCommit) -> None:
        if write.commit.index in self.by_index:
            return  # derived again after a restart
        self.saved_commits.append(write)
        self.by_index[write.commit.index] = write.commit
        for op in write.ops:
            self._save_op(op)
            self.final_ops[op.id] = write.commit
            is_late = dict(write.commit.entries).get(op.id) in LATE_CODES
            if is_late and isinstance(op.body, Vote):
                self.saved_late[op.body.proposal, op.author] = op.id
        for op in write.taken:
            self._save_op(op)
            self.taken.add(op.id)

    def _save_proof(
        self, write: SaveUnproven | SaveReceipt | SaveProven | SaveContradiction
    ) -> None:
        match write:
            case SaveUnproven(statement=statement):
                self.statements.setdefault(statement.index, statement)
            case SaveReceipt(receipt=receipt):
                self.receipts.setdefault((receipt.statement.index, receipt.device), receipt)
            case SaveProven(index=index):
                self.proven.add(index)
            case SaveContradiction(receipt=receipt):
                self.contradictions.setdefault((receipt.statement.index, receipt.device), receipt)

    def _save_fate(self, write: SaveFate) -> None:
        held = self.saved_fates.get(write.op)
        if held is not None and (held.commit_index is not None or write.index is None):
            return
        if write.code == "ok" and write.index is not None:
            self.saved_fates.pop(write.op, None)
            return
        self.saved_fates[write.op] = StoredFate(
            self.ops[write.op],
            write.code,
            write.index,
            write.at_ms,
            is_seen=False,
            place=self.places[write.op],
        )

    def fates(
        self,
        which: WhichFates = "all",
        *,
        before: int | None = None,
        limit: int | None = None,
    ) -> tuple[StoredFate, ...]:
        found = [
            one
            for one in self.saved_fates.values()
            if (which == "all" or one.code != "ok")
            and not (which == "unseen" and one.is_seen)
            and (before is None or one.place < before)
        ]
        return tuple(sorted(found, key=lambda one: -one.place)[:limit])

    def count_fates(self, which: WhichFates = "all") -> int:
        return len(self.fates(which))

    def mark_seen(self, ops: Sequence[OpId]) -> None:
        for op in ops:
            if op in self.saved_fates:
                self.saved_fates[op] = replace(self.saved_fates[op], is_seen=True)

    def _unproven(self) -> Iterator[Unproven]:
        lacking = [index for index in sorted(self.statements) if index not in self.proven]
        for index in lacking[-UNPROVEN:]:
            epoch = self.by_index[index].epoch_number
            receipts = [self.receipts[key] for key in sorted(self.receipts) if key[0] == index]
            yield Unproven(self.statements[index], self.by_number[epoch].charter, tuple(receipts))

    def author_by(self, device: DeviceKey) -> MemberId | None:
        said = [op for op in self.ops.values() if op.device == device]
        return max(said, key=lambda op: op.nonce).author if said else None

    def missing_texts(self, after: TextId, most: int) -> tuple[tuple[TextRef, ...], TextId | None]:
        missing, unsure = self._lacking()
        ids = sorted({ref.id for ref in (*missing, *unsure) if ref.id > after})[:most]
        if not ids:
            return (), None
        page = tuple(ref for ref in missing if after < ref.id <= ids[-1])
        return page, None if len(ids) < most else ids[-1]

    def _lacking(self) -> tuple[tuple[TextRef, ...], tuple[TextRef, ...]]:
        """Return the texts that lack here, by id: what the log refers to, and what it may not."""
        lacking = set(self.mentions) - self.texts.keys() - self.erased
        said = [item for text in lacking for item in self.mentions[text].items()]
        doubtful = self.ops.keys() - self.final_ops.keys() - self.taken
        missing = {ref for op, refs in said if op not in doubtful for ref in refs}
        unsure = {ref for _op, refs in said for ref in refs} - missing
        both = [tuple(sorted(one, key=lambda ref: (ref.id, ref.size))) for one in (missing, unsure)]
        return both[0], both[1]

    def restore(self, device: DeviceKey) -> Restored | None:
        if not self.epochs:
            return None
        epoch = self.epochs[-1]
        missing, unsure = self._lacking()
        return Restored(
            epoch,
            tuple(self.by_epoch.get(epoch.number, ())),
            tuple(
                op
                for op in self.ops.values()
                if op.id not in self.final_ops and op.id not in self.saved_fates
            ),
            missing,
            tuple(
                (one.commit.index, one.commit.root) for one in self.saved_commits[-RECENT_ROOTS:]
            ),
            max((op.nonce for op in self.ops.values() if op.device == device), default=0),
            tuple(self.closed),
            tuple(self._unproven()),
            self.forks(),
            self.vow,
            self.rebuilds(),
            unsure_texts=unsure,
            given_up=tuple(
                sorted(
                    (
                        self.ops[op]
                        for op, one in self.saved_fates.items()
                        if one.commit_index is None and one.code != "ok"
                    ),
                    key=lambda op: (op.device, op.nonce),
                )
            ),
            own=frozenset(self.own - self.final_ops.keys()),
            contradictions=tuple(
                one
                for _, one in sorted(self.contradictions.items())
                if one.statement.index > epoch.genesis_index
            ),
        )

    def rebuilds(self) -> tuple[tuple[int, Rebuild], ...]:
        return tuple((one.number, one.rebuild) for one in self.epochs if one.rebuild is not None)

    def serve_pull(self, pull: Pull) -> Pulled:
        known = dict(pull.frontier)
        after = pull.after or (0, b"")
        lacking = [
            block
            for block in self.by_epoch.get(pull.epoch_number, ())
            if block.round > known.get(block.author, 0) and (block.round, block.id) > after
        ]
        lacking.sort(key=lambda block: (block.round, block.id))
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
        return Pulled(pull.epoch_number, tuple(blocks), tuple(texts.values()), more, pull.after)

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

    def serve_leap(self, leap: Leap) -> Leapt:
        whole = self._leap(leap.epoch_number, leap.closed, leap.after)
        part = whole[leap.offset : leap.offset + PULL_BYTES]
        digest = hashlib.sha256(whole).digest()
        return Leapt(leap.epoch_number, digest, len(whole), leap.offset, part)

    def serve_recall(self, recall: Recall) -> Recalled:
        if not recall.held < recall.until <= len(self.closed):
            return Recalled(recall.until, 0, recall.offset, b"")
        whole = encode(self._piece(recall.held, recall.until, recall.least))
        part = whole[recall.offset : recall.offset + PULL_BYTES]
        return Recalled(recall.until, len(whole), recall.offset, part)

    def _piece(self, held: int, last: int, least: int) -> Value:
        return write_piece(reversed(self.closed[:last]), held, least)

    def _leap(self, first: int, closed: int, after: int | None) -> bytes:
        last = self.epochs[-1]
        numbers = range(first, last.number + 1)
        if len(numbers) < 2 or any(number not in self.by_number for number in numbers):
            return b""
        links: list[bytes] = []
        is_cut, size = False, 0
        for number in numbers[:-1]:
            link = self._link(self.by_number[number], self.by_number[number + 1])
            if link is None:
                break
            wire = encode(link.to_wire())
            size += len(wire)
            is_cut = bool(links) and size > self.links_bytes
            if is_cut:
                break
            links.append(wire)
        reached = self.by_number[first + len(links)]
        if is_cut:
            log = () if after is None else self._log(first, after)
            return b"" if log is None else write_leap(links, None, None, log)
        if not links or isinstance(reached, SaveLeap):
            return b""
        lacking = self._piece(closed, self.closed_before[reached.number], self.piece_bytes)
        log = () if after is None else self._log(first, after)
        return b"" if log is None else write_leap(links, reached.snapshot, lacking, log)

    def _log(self, epoch: int, after: int) -> list[LoggedCommit] | None:
        """Return the commits of an epoch after one, up to its end; None: not all are here."""
        begin, end = self.by_number[epoch], self.by_number[epoch + 1].genesis_index
        roots = {one.commit.index: one.commit.root for one in self.saved_commits}
        roots[begin.genesis_index] = begin.genesis_root
        commits = self.commits(after + 1, end)
        if after not in roots or after < begin.genesis_index or len(commits) != end - after:
            return None if after < end else []
        return log_commits(commits, roots[after], begin.id)

    def _link(
        self, before: SaveEpoch | SaveLeap, after: SaveEpoch | SaveLeap
    ) -> EpochLink[Charter] | None:
        charter, following = (Charter.from_bytes(one.charter) for one in (before, after))
        statement = Statement(before.id, after.genesis_index, after.genesis_root, after.id)
        signed = sorted(
            (one.device, one.signature)
            for one in self.receipts.values()
            if one.statement == statement
        )
        committee = Committee(before.id, charter)
        if len(signed) < committee.quorum:
            return None
        return EpochLink(
            after.round,
            after.author,
            None if following == charter else following,
            after.state_hash if isinstance(after, SaveLeap) else compute_state_hash(after.snapshot),
            ReceiptSet(statement, tuple(signed[: committee.quorum])),
        )

    def prune(self, keep_epochs: int, coming: Container[OpId]) -> bool:
        """Forget all that nothing needs, at once."""
        self._forget_blocks(keep_epochs)
        kept = self.final_ops.keys() | self.taken | self.saved_fates.keys()
        lost = [op for op in self.ops if op not in kept and op not in coming]
        held = {op.id for block in self.blocks.values() for op in block.ops} if lost else set()
        for one in lost:
            if one not in held:
                for ref in texts_of(self.ops.pop(one).body):
                    self._save_text(SaveDropped(one, ref.id))
        return False

    def _forget_blocks(self, keep_epochs: int) -> None:
        for number in sorted(self.by_epoch):
            begun = self.by_number.get(number + 1)
            if number > self.epochs[-1].number - keep_epochs or begun is None:
                return
            is_rebuilt = isinstance(begun, SaveEpoch) and begun.rebuild is not None
            if is_rebuilt or begun.genesis_index not in self.proven:
                continue  # no receipts prove how it ended
            for block in self.by_epoch.pop(number):
                del self.blocks[block.id]

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

    def late_votes(self, proposal: OpId) -> tuple[StoredOp, ...]:
        late = [op for (about, _), op in self.saved_late.items() if about == proposal]
        found = (self.op(one) for one in sorted(late, key=self.places.__getitem__))
        return tuple(one for one in found if one is not None)

    def joins(self) -> dict[MemberId, DeviceKey]:
        return {
            op.author: op.body.invite_key
            for one in self.saved_commits
            for op in one.ops
            if isinstance(op.body, Join) and (op.id, "ok") in one.commit.entries
        }

    def notes(self, namespace: str | None, after: int, most: int) -> tuple[StoredNote, ...]:
        found = [
            (op.id, op.body)
            for one in self.saved_commits
            for op in one.ops
            if isinstance(op.body, Note) and (op.id, "ok") in one.commit.entries
        ]
        stored = (
            StoredNote(place, op)
            for place, (key, body) in enumerate(found, 1)
            if place > after and namespace in (None, body.namespace)
            if (op := self.op(key)) is not None
        )
        return tuple(islice(stored, most))

    def text(self, text: TextId) -> bytes | None:
        return self.texts.get(text)

    def erase_text(self, text: TextId) -> None:
        self.texts.pop(text, None)
        self.erased.add(text)

    def commits(self, first: int, last: int) -> tuple[Commit, ...]:
        return tuple(one.commit for one in self.saved_commits if first <= one.commit.index <= last)

    def commit_that_closed(self, proposal: OpId, time_ms: WallMs) -> Commit | None:
        for one in self.saved_commits:
            decided = {closed for closed, *_rest in one.commit.decided}
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
                one.round,
                one.author,
                one.charter,
                one.state_hash if isinstance(one, SaveLeap) else compute_state_hash(one.snapshot),
                rebuild=one.rebuild if isinstance(one, SaveEpoch) else None,
            )
            for number, one in sorted(self.by_number.items())
            if number <= last
        )

    def charter_of(self, epoch: int) -> bytes | None:
        found = self.by_number.get(epoch)
        return None if found is None else found.charter

    def provable(self, first: int, last: int) -> tuple[int, ...]:
        return tuple(index for index in sorted(self.statements) if first <= index <= last)

    def receipts_for(self, index: int) -> tuple[Receipt, ...]:
        return tuple(self.receipts[key] for key in sorted(self.receipts) if key[0] == index)

    def forks(self) -> tuple[tuple[Header, Header], ...]:
        return tuple((one.first, one.second) for one in self.saved_forks.values())

    def close(self) -> None:
        """Nothing is open."""
