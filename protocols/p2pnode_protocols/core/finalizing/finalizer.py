"""The log goes on: slots that are decided become commits, and end epochs (§3, §6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ...agreement.blocklace import Vertex
from ...agreement.commit import Decided
from ...agreement.log import Commit
from ...agreement.receipts import Statement
from ...agreement.roots import compute_entries_hash, compute_root
from ...gossip.proofs import Proofs
from ...gossip.sync import Sync
from ...record.committing import NOTHING, CommitResult
from ...record.ops import Op, about
from ...steps.notices import (
    Committed,
    FactTold,
    OpFinal,
    ProposalChanged,
    ProposalDecided,
    RecordChanged,
    UpdateNeeded,
)
from ...steps.restored import Restored
from ...steps.writes import SaveClosed, SaveCommit, SaveDropped, SaveErased, SaveUnproven
from ...wire.ids import OpId
from ..clock import Clock
from ..identity import Identity
from ..intake.texts import Texts
from ..log.epoch import begin_epoch
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..own.ops import OwnOps
from ..pending.pool import Pool
from ..pending.provisional import Provisional
from .epochs import Epochs
from .prover import Prover


class Finalizer:
    """What a commit changes, in all parts."""

    def __init__(
        self,
        me: Identity,
        restored: Restored,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        own_ops: OwnOps,
        texts: Texts,
        provisional: Provisional,
        proofs: Proofs,
        prover: Prover,
        epochs: Epochs,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._sync = sync
        self._pool = pool
        self._own_ops = own_ops
        self._fates = own_ops.fates
        self._texts = texts
        self._provisional = provisional
        self._proofs = proofs
        self._prover = prover
        self._epochs = epochs
        self._now = now
        self._writes = out.writes
        self._notices = out.notices
        self._stored_index = max(
            restored.epoch.genesis_index, *(index for index, _ in restored.recent_roots[-1:]), 0
        )  # commits up to here were saved before this start, receipts and all

    def commit_all(self) -> None:
        """Finalize whatever is decided, over as many epochs as end by it."""
        while self._ledger.lacking is None:
            number = self._ledger.epoch.number
            for decided in self._ledger.epoch.committer.advance(self._ledger.state):
                self._commit(decided)
                if self._ledger.epoch.number != number or self._ledger.lacking is not None:
                    break  # R6.2: later slots of the epoch are void
            if self._ledger.epoch.number == number:
                return

    def _commit(self, decided: Decided) -> None:
        epoch, block = self._ledger.epoch, decided.block
        if block is None:
            return
        ops: dict[OpId, Op] = {}
        for vertex in decided.history:
            for op in vertex.block.ops:
                ops.setdefault(op.id, op)
        time_ms = decided.time_ms
        before = self._ledger.final_root
        result = self._ledger.state.commit(tuple(ops.values()), time_ms, before)
        closings = tuple(one.row for one in result.decided)
        root = compute_root(
            self._me.community,
            before,
            epoch.id,
            block.round,
            block.block.author,
            block.id,
            time_ms,
            compute_entries_hash(result.entries),
            closings,
            result.derived,
        )
        self._ledger.append(root)
        commit = Commit(
            self._ledger.final_index,
            epoch.number,
            block.round,
            block.block.author,
            block.id,
            time_ms,
            self._ledger.final_root,
            result.entries,
            closings,
            result.derived,
        )
        self._writes.append(SaveCommit(commit, result.ops, result.taken))
        epoch.pacer.on_commit()
        if result is not NOTHING:  # most commits bring nothing, and decide nothing
            self._keep(result)
            self._after_commit(commit, ops.values(), result.ops)
            if result.changed or result.facts:
                self._tell_of_practices(result)
            epoch.ops += len(result.entries)
        ends = result.ends_epoch or epoch.is_full(block.round)
        lacking = self._me.find_lacking(self._ledger.state.charter) if ends else None
        if lacking is not None:  # how the next epoch begins is for a newer program to say (R6.20)
            self._ledger.lacking = lacking
            self._notices.append(UpdateNeeded(*lacking))
            return
        if ends:
            self._end_epoch(block)
        elif result.charter_changed:
            self._epochs.review_peers()  # a device key was bound or revoked
        # R8.2. A commit that ended an epoch is replayed when no program here could go on from it.
        is_new = self._ledger.final_index > self._stored_index
        if ends or (is_new and (closings or result.derived)):
            following = self._ledger.epoch.id if ends else None
            statement = Statement(
                epoch.id, self._ledger.final_index, self._ledger.final_root, following
            )
            self._writes.append(SaveUnproven(statement))
            self._proofs.expect(
                statement, epoch.committee.keys, epoch.committee.quorum, self._now.mono_ms
            )
            self._prover.sign()

    def _keep(self, result: CommitResult) -> None:
        """Let what a commit has done stand on disk, beside the commit itself."""
        self._writes.extend(SaveClosed(one) for one in result.decided)
        self._texts.miss_of_taken(result.taken)
        for text in result.erased:
            self._writes.append(SaveErased(text))
            self._sync.forget_text(text)
        for op_id, text in result.dropped:
            self._writes.append(SaveDropped(op_id, text))
            self._sync.drop_text(text, op_id)

    def _after_commit(self, commit: Commit, output: Collection[Op], applied: Sequence[Op]) -> None:
        if not output and not applied and not commit.decided and not commit.derived:
            return  # most commits: nobody's turn has come, and nobody's seat has changed
        state = self._ledger.state
        gone = self._pool.drop_final(state, {op.device for op in (*output, *applied)})
        for op in output:
            entry = self._pool.get(op.id)
            if entry is None:
                continue
            entry.carried = None  # it waits for an earlier nonce …
            is_next = state.next_nonce(op.device) == op.nonce
            if is_next or not state.has_seat(op.device) or state.asks_for_seat(op):
                self._pool.drop(op.id)  # … or its author may not speak: no reason for more blocks
                gone.append(op)
        self._texts.drop(gone, {op.id for op in applied})
        if commit.entries or commit.decided or commit.derived:
            self._provisional.is_stale = True
        if commit.entries or commit.decided:
            self._notices.append(Committed(commit.index, len(commit.entries), commit.time_ms))
        for op_id, code in commit.entries:
            self._notices.append(OpFinal(op_id, code))
        for op, (op_id, code) in zip(applied, commit.entries, strict=True):
            if self._fates.is_own(op):
                self._own_ops.tell_fate(op_id, code, commit.index, commit.time_ms)
        self._own_ops.review()
        for op in applied:
            changed = about(op)
            if changed is not None:
                self._notices.append(ProposalChanged(changed))
        for proposal, outcome, _record, _said in commit.decided:
            self._notices.append(ProposalDecided(proposal, outcome))

    def _tell_of_practices(self, result: CommitResult) -> None:
        self._provisional.is_stale = True
        self._notices.extend(RecordChanged(*one) for one in result.changed)
        self._notices.extend(FactTold(one.name, one.subject, one.fields) for one in result.facts)

    def _end_epoch(self, last: Vertex) -> None:
        """End the epoch with the commit of `last` and begin the next (§6)."""
        ledger = self._ledger
        ledger.state.begin_epoch()
        record = begin_epoch(
            ledger.epoch.record,
            ledger.state,
            last.round,
            last.block.author,
            ledger.final_index,
            ledger.final_root,
        )
        self._epochs.enter(record)
