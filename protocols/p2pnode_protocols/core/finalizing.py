"""Blocks come in, the log goes on: blocklace, commits, epochs, as one node sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..blocklace import Vertex
from ..chain import Followed
from ..commit import Decided
from ..decisions import Proposal
from ..epoch import begin_epoch
from ..errors import PeerFault
from ..gossip.leaping import Landing
from ..ids import MonoMs, OpId
from ..ops import Join, Op, about
from ..receipts import Statement
from ..roots import compute_root
from ..steps import (
    Commit,
    Committed,
    EpochStarted,
    LeaptOver,
    OpFinal,
    OpLeaptOver,
    ProposalChanged,
    ProposalDecided,
    SaveClosed,
    SaveCommit,
    SaveDropped,
    SaveEpoch,
    SaveErased,
    SaveLeap,
    SaveProven,
    SaveReceipt,
    SaveUnproven,
)
from .base import Base

PARTING_MS = 5_000  # what the last receipts need, over a slow network too


class Finalizing(Base):
    """Take blocks in and finalize what they decide."""

    def _commit_all(self) -> None:
        """Finalize whatever is decided, over as many epochs as end by it."""
        while True:
            number = self.ledger.epoch.number
            for decided in self.ledger.epoch.committer.advance(self.ledger.state):
                self._commit(decided)
                if self.ledger.epoch.number != number:
                    break  # R6.2: later slots of the epoch are void
            if self.ledger.epoch.number == number:
                return

    def _commit(self, decided: Decided) -> None:
        epoch, block = self.ledger.epoch, decided.block
        if block is None:
            return
        ops: dict[OpId, Op] = {}
        for vertex in decided.history:
            for op in vertex.block.ops:
                ops.setdefault(op.id, op)
        time_ms = decided.time_ms
        result = self.ledger.state.commit(tuple(ops.values()), time_ms)
        closings = tuple((one.id, one.outcome, one.record_hash) for one in result.decided)
        root = compute_root(
            self.me.community,
            self.ledger.final_root,
            epoch.id,
            block.round,
            block.block.author,
            block.id,
            time_ms,
            result.entries,
            closings,
        )
        self.ledger.append(root)
        commit = Commit(
            self.ledger.final_index,
            epoch.number,
            block.round,
            block.block.author,
            block.id,
            time_ms,
            self.ledger.final_root,
            result.entries,
            closings,
        )
        self._writes.append(SaveCommit(commit, result.ops, result.taken))
        self._writes.extend(SaveClosed(one) for one in result.decided)
        self.texts.miss_of_taken(result.taken)
        for text in result.erased:
            self._writes.append(SaveErased(text))
            self.sync.forget_text(text)
        for op_id, text in result.dropped:
            self._writes.append(SaveDropped(op_id, text))
            self.sync.drop_text(text, op_id)
        epoch.pacer.on_commit()
        self._after_commit(commit, ops.values(), result.ops)
        epoch.ops += len(result.entries)
        ends = result.ends_epoch or epoch.is_full(block.round)
        if ends:
            self._end_epoch(block)
        elif result.charter_changed:
            self._review_peers()  # a device key was bound or revoked
        if (ends or closings) and self.ledger.final_index > self._stored_index:  # R8.2
            following = self.ledger.epoch.id if ends else None
            statement = Statement(
                epoch.id, self.ledger.final_index, self.ledger.final_root, following
            )
            self._writes.append(SaveUnproven(statement))
            self.proofs.expect(
                statement, epoch.committee.keys, epoch.committee.quorum, self._now.mono_ms
            )
            self.prover.sign()

    def _after_commit(self, commit: Commit, output: Iterable[Op], applied: Sequence[Op]) -> None:
        gone = self.pool.drop_final(self.ledger.state, {op.device for op in (*output, *applied)})
        for op in output:
            entry = self.pool.get(op.id)
            if entry is None:
                continue
            entry.carried = None  # it waits for an earlier nonce …
            is_next = self.ledger.state.next_nonce(op.device) == op.nonce
            if (
                is_next
                or not self.ledger.state.has_seat(op.device)
                or self.ledger.state.joins_again(op)
            ):
                self.pool.drop(op.id)  # … or its author may not speak: no reason for more blocks
                gone.append(op)
        self.texts.drop(gone, {op.id for op in applied})
        if commit.entries or commit.decided:
            self.provisional.is_stale = True
            self._notices.append(Committed(commit.index, len(commit.entries), commit.time_ms))
        for op_id, code in commit.entries:
            self._notices.append(OpFinal(op_id, code))
        for op, (op_id, code) in zip(applied, commit.entries, strict=True):
            if self.fates.is_own(op):
                self.own_ops.tell_fate(op_id, code, commit.index, commit.time_ms)
                if code != "ok" and isinstance(op.body, Join):
                    self.fates.refuse(op)
        self.own_ops.review()
        for op in applied:
            changed = about(op)
            if changed is not None:
                self._notices.append(ProposalChanged(changed))
        for proposal, outcome, _record in commit.decided:
            self._notices.append(ProposalDecided(proposal, outcome))

    def _end_epoch(self, last: Vertex) -> None:
        """End the epoch with the commit of `last` and begin the next (§6)."""
        self.ledger.state.begin_epoch()
        record = begin_epoch(
            self.ledger.epoch.record,
            self.ledger.state,
            last.round,
            last.block.author,
            self.ledger.final_index,
            self.ledger.final_root,
        )
        self._enter_epoch(record)

    def _land(self, landing: Landing, *, is_shown: bool) -> None:
        """Take over a state that a leap has proved, and go on from there (R7.17).

        Args:
            is_shown: that the log which led there goes on from what is final here.
        """
        left = self.ledger.epoch.number
        known = len(self.ledger.state.closed_proposals)
        noted = self.texts.noted()
        held = {ref for ref, _op in noted if ref.id not in self.sync.texts.missing}
        for followed in landing.passed:
            self._save_link(followed)
        self._writes.extend(SaveClosed(one) for one in landing.closed)
        record = landing.record
        self.ledger.leap(landing.state, record)
        self.own_ops.nonce = max(
            self.own_ops.nonce, self.ledger.state.next_nonce(self.me.device) - 1
        )
        self._notices.append(LeaptOver(left, record.number, record.genesis_index, is_shown))
        for entry in list(self.pool):
            if self.ledger.state.next_nonce(entry.op.device) > entry.op.nonce:
                self._notices.append(OpLeaptOver(entry.op.id))
                self.pool.drop(entry.op.id)
        self.own_ops.review(has_leapt=True)
        self._enter_epoch(record)
        pending = (entry.op for entry in self.pool)
        coming = {
            op.id for op in (*self.ledger.state.waiting(), *self.ledger.state.parked(), *pending)
        }
        for ref, op in noted:  # whatever the new state needs of these is asked for again below
            if op not in coming:
                self.sync.drop_text(ref.id, op)
        for closed in self.ledger.state.closed_proposals[known:]:
            self._notices.append(ProposalDecided(closed.id, closed.outcome))
            self._notices.append(ProposalChanged(closed.id))
            self.texts.miss_of(Proposal.from_bytes(closed.record), held)
        for proposal in self.ledger.state.open_proposals:
            self._notices.append(ProposalChanged(proposal.id))
            self.texts.miss_of(proposal, held)
        for text in self.ledger.state.erased:
            self._writes.append(SaveErased(text))
            self.sync.forget_text(text)
        self.leaps.landed()

    def _save_link(self, followed: Followed) -> None:
        link = followed.link
        statement = link.receipts.statement
        self._writes.append(
            SaveLeap(
                followed.number,
                followed.id,
                followed.index,
                followed.root,
                link.round,
                link.author,
                followed.charter,
                link.state_hash,
            )
        )
        self._writes.append(SaveUnproven(statement))
        self._writes.extend(SaveReceipt(one, own=False) for one in link.receipts.receipts)
        self._writes.append(SaveProven(statement.index))

    def _enter_epoch(self, record: SaveEpoch) -> None:
        """Leave the epoch for the one in `record`, with which the state has begun already."""
        charter = self.ledger.state.charter
        self.ledger.leave()
        self._writes.append(record)
        self.rebuilds.begin_epoch()
        self.ledger.enter(record)
        self.own_seat.refusals.clear()
        self.sightings.keep_seats(charter)
        self.sync.hearsay.forget(lambda device: charter.by_device(device) is not None)
        self._notices.append(
            EpochStarted(record.number, len(charter.members), len(self.ledger.epoch.committee))
        )
        self.pool.carry_over()
        self.texts.drop(self.pool.drop_unauthored(self.ledger.state), set())
        self.own_ops.review()
        self.provisional.is_stale = True
        self._ticks = 0
        self.sync.begin_epoch(record.number, self.ledger.epoch.lace)
        self.proofs.begin_epoch(self.ledger.final_index, charter)
        self._review_peers()
        status, known = self.standing.status(), self.contacts.known()
        for peer in self.sync.peers.greeted():
            self.sync.peers.tell_status(peer, lambda: status)
            self.contacts.tell(peer, known)  # seats may be new: now they may be dialled
        for block, sender in self.sync.held.take_future():
            try:
                self.intake.receive(block, sender)
            except PeerFault as fault:
                self.manners.refuse(sender, fault)

    def _review_peers(self) -> None:
        """Seats changed: whose connection is it now, and is it still welcome?"""
        self.contacts.tell_early()
        self.greeting.greet_the_known()
        for peer in self.sync.peers.greeted():
            seat = self.ledger.state.charter.by_device(peer.device)
            was = peer.member
            peer.member = None if seat is None else seat.id
            if seat is not None:
                peer.invite = None  # it needs none any more
            if seat is not None or self.ledger.member is None:
                peer.part_at = None
            elif was is not None and self.ledger.state.charter.member(was) is not None:
                self.manners.cut(peer.device, "not_a_member", "the key was taken off its seat")
            elif was is not None:
                # Not at once: how its last epoch ended takes its receipt as well.
                peer.part_at = MonoMs(self._now.mono_ms + PARTING_MS)

    def _part(self) -> None:
        """End the connections to those who have no seat any more, or cannot get one (R7.9)."""
        for peer in self.sync.peers.greeted():
            is_over = peer.invite is not None and self.ledger.state.is_invite_over(peer.invite)
            if is_over and peer.part_at is None:
                # Not at once: the log that it gets here tells it what became of the invite.
                peer.part_at = MonoMs(self._now.mono_ms + PARTING_MS)
            if peer.part_at is None or peer.part_at > self._now.mono_ms:
                continue
            if is_over:
                self.manners.cut(peer.device, "invite_over", "the invite opens no seat any more")
            else:
                self.manners.cut(peer.device, "not_a_member", "the seat or the key was taken off")
