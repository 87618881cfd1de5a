"""Leaps that came: does one lead on from here, and taking it over (R7.13, R7.17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...agreement.chain import Followed
from ...agreement.receipts import Receipt
from ...gossip.leaping.carried import Landing, Reached, Way
from ...gossip.leaping.leaps import Leaps
from ...gossip.leaping.pieces import chain_of
from ...gossip.peers.peer import Peer
from ...gossip.sync import Sync
from ...messages.leaps import Leapt, Recalled
from ...record.questions.proposal import Proposal
from ...record.seats.charter import Charter
from ...steps.notices import (
    LeaptOver,
    OpLeaptOver,
    ProposalChanged,
    ProposalDecided,
    UpdateNeeded,
)
from ...steps.writes import (
    SaveClosed,
    SaveContradiction,
    SaveErased,
    SaveLeap,
    SaveProven,
    SaveReceipt,
    SaveUnproven,
)
from ...wire.errors import PeerFault
from ..clock import Clock
from ..identity import Identity
from ..intake.texts import Texts
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..own.ops import OwnOps
from ..peers.alarms import Alarms
from ..pending.pool import Pool
from .epochs import Epochs


class Lander:
    """What follows when a leap, or a piece of closed proposals, is here whole."""

    def __init__(
        self,
        me: Identity,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        own_ops: OwnOps,
        texts: Texts,
        leaps: Leaps,
        epochs: Epochs,
        alarms: Alarms,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._sync = sync
        self._missing = sync.texts
        self._pool = pool
        self._own_ops = own_ops
        self._texts = texts
        self._leaps = leaps
        self._epochs = epochs
        self._alarms = alarms
        self._now = now
        self._writes = out.writes
        self._notices = out.notices

    def on_leapt(self, peer: Peer, part: Leapt | Recalled) -> None:
        begin = self._ledger.epoch.record
        if isinstance(part, Recalled):
            self._leaps.recalls.take(peer, part, self._now.mono_ms)
            self._land_when_complete(peer)
            return
        answer = self._leaps.take(peer, part, begin, self._ledger.final_index, self._now.mono_ms)
        if answer is None:
            return
        reached = answer.reader.finish(answer.data, answer.closed, answer.after)
        if self._has_parted(peer, reached):
            self._leaps.end_reaching()
        else:
            self._leaps.reach(peer, begin, answer, reached)
            self._land_when_complete(peer)

    def _land_when_complete(self, peer: Peer) -> None:
        """Take over where a leap has led once all that it takes is here.

        Args:
            peer: who brought the last of it.
        """
        found = self._leaps.complete(self._ledger.epoch.record, self._ledger.final_index)
        if found is None:
            return
        reached, is_shown = found
        if self._has_parted(peer, reached):
            self._leaps.end_reaching()
        else:
            last = Charter.from_bytes(reached.passed[-1].charter)
            lacking = self._me.find_lacking(last)
            if lacking is not None:  # what it begins with is for a newer program to read (R6.20)
                self._ledger.lacking = lacking
                self._notices.append(UpdateNeeded(*lacking))
                self._leaps.end_reaching()
                return
            try:
                landing = reached.land(
                    self._ledger.state.closed_proposals, self._me.verify, self._me.practices
                )
            except PeerFault:
                self._leaps.end_reaching()
                raise
            self._land(landing, is_shown=is_shown)

    def _has_parted(self, peer: Peer, reached: Way | Reached) -> bool:
        """Return whether a leap leads to another log than the one here, loudly if so."""
        parted = self._find_contradiction(reached)
        if parted is None:
            return False
        self._leaps.parted(self._ledger.epoch.id)
        seats = [peer.member]
        for receipt in reached.passed[0].link.receipts.receipts:
            self._writes.append(SaveContradiction(receipt))
            seat = self._ledger.state.charter.by_device(receipt.device)
            seats.append(None if seat is None else seat.id)
        # A quorum has signed it, so it counts whoever brought it: for one of those, if for nobody.
        self._alarms.diverged(next((one for one in seats if one is not None), None), *parted)
        return True

    def _find_contradiction(self, reached: Way | Reached) -> tuple[int, bytes] | None:
        """Return where a leap leads elsewhere than this node's log has gone already (R7.13).

        The commit, and its root there. Receipts by a quorum do not outweigh what is final
        here: it means that more lied than may, and what was final stays.
        """
        for followed in reached.passed:
            ours = self._ledger.roots.get(followed.index)
            behind = followed.index < self._ledger.final_index and ours is None
            if behind or ours not in (None, followed.root):
                return followed.index, followed.root
        first = reached.passed[0]
        for index, root in reached.roots:
            if self._ledger.roots.get(index, root) != root:
                return index, root
        # Some may have closed since the leap was asked for. The chain over all tells of each.
        state = self._ledger.state
        closed, count, is_prefix = state.closed_proposals, state.closed_count, True
        if isinstance(reached, Reached):
            run = reached.run
            is_prefix = count <= run.last and (
                count < run.before or run.chain_at(count) == chain_of(closed, count)
            )
        # Their epoch goes on otherwise here:
        if first.index < self._ledger.final_index or not is_prefix:
            return first.index, first.root
        return None

    def note_contradictions(self, kept: Sequence[Receipt]) -> None:
        """After a start: remember that a leap contradicted what is final here.

        One member's receipts for anything do not say so, those of a quorum for one thing do.
        """
        committee = self._ledger.epoch.committee
        signed = Counter(
            one.statement
            for one in kept
            if one.statement.epoch == self._ledger.epoch.id and one.device in committee.key_index
        )
        if any(count >= committee.quorum for count in signed.values()):
            self._leaps.parted(self._ledger.epoch.id)

    def _land(self, landing: Landing, *, is_shown: bool) -> None:
        """Take over a state that a leap has proved, and go on from there (R7.17).

        Args:
            is_shown: that the log which led there goes on from what is final here.
        """
        left = self._ledger.epoch.number
        known = len(self._ledger.state.closed_proposals)
        noted = self._texts.noted()
        held = {ref for ref, _op in noted if ref.id not in self._missing.missing}
        for followed in landing.passed:
            self._save_link(followed)
        self._writes.extend(SaveClosed(one) for one in landing.closed)
        record = landing.record
        self._ledger.leap(landing.state, record)
        state = self._ledger.state
        self._own_ops.nonce = max(self._own_ops.nonce, state.next_nonce(self._me.device) - 1)
        self._notices.append(LeaptOver(left, record.number, record.genesis_index, is_shown))
        for entry in list(self._pool):
            if state.next_nonce(entry.op.device) > entry.op.nonce:
                self._notices.append(OpLeaptOver(entry.op.id))
                self._pool.drop(entry.op.id)
        self._own_ops.review(has_leapt=True)
        self._epochs.enter(record)
        pending = (entry.op for entry in self._pool)
        coming = {op.id for op in (*state.waiting(), *state.parked(), *pending)}
        for ref, op in noted:  # whatever the new state needs of these is asked for again below
            if op not in coming:
                self._sync.drop_text(ref.id, op)
        for closed in state.closed_proposals[known:]:
            self._notices.append(ProposalDecided(closed.id, closed.outcome))
            self._notices.append(ProposalChanged(closed.id))
            self._texts.miss_of(Proposal.from_bytes(closed.record), held)
        for proposal in state.open_proposals:
            self._notices.append(ProposalChanged(proposal.id))
            self._texts.miss_of(proposal, held)
        self._texts.miss_of_records(held)
        for text in state.erased:
            self._writes.append(SaveErased(text))
            self._sync.forget_text(text)
        self._leaps.landed()

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
