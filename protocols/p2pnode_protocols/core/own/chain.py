"""What this device has signed before: comparing it with others, and learning it (R4.6, R4.10)."""

from __future__ import annotations

from ...gossip.leaping.leaps import Leaps
from ...gossip.peers.peer import Peer
from ...gossip.sync import Sync
from ...steps.notices import OwnChainLearned
from ...steps.restored import Restored, Signed
from ...wire.ids import DeviceKey, MonoMs, Round
from ..clock import Clock
from ..identity import Identity
from ..log.finality import Learning
from ..log.ledger import Ledger
from ..log.rebuilds import Rebuilds
from ..outbox import Outbox
from ..pending.pool import Pool
from .ops import OwnOps

SETTLE_MS = 10_000  # how long to listen for one's own blocks when a quorum is not reachable
CATCH_UP_MS = 2_000  # after a start: how long one peer that says it has more own ops is awaited
LEAP_MS = 60_000  # … and how much longer while a leap is under way; a liar may begin ever new ones
UNANSWERED = 3  # pulls that came to nothing: as good as not connected


class OwnChain:
    """Whether it is safe to sign: nobody holds blocks or ops of this device that are not here."""

    def __init__(
        self,
        me: Identity,
        restored: Restored,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        own_ops: OwnOps,
        rebuilds: Rebuilds,
        leaps: Leaps,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._peers = sync.peers
        self._frontiers = sync.frontiers
        self._pulls = sync.pulls
        self._pool = pool
        self._own_ops = own_ops
        self._rebuilds = rebuilds
        self._leaps = leaps
        self._now = now
        self._notices = out.notices
        self.must_learn = restored.must_learn  # sign nothing yet (R4.10)
        self._signed = restored.signed
        # Committee nodes compared with since the start, and the epoch in which they were enough.
        self._heard, self._settled_in = set[DeviceKey](), -1
        self.settle_at = MonoMs(now.mono_ms + SETTLE_MS)  # when it has heard enough of its own

    def forget(self, device: DeviceKey) -> None:
        """A device that makes no blocks has gone: its word counts no more."""
        self._heard.discard(device)

    def work(self) -> None:
        """Compare with those who have said where they stand, while that is not enough."""
        if not self.is_settled:
            self._note_heard()
            self._learn()

    @property
    def is_settled(self) -> bool:
        """Whether this node has compared its own chain with enough others to sign blocks.

        A restored backup must not fork (R4.6): others may hold blocks of ours that it lacks.
        """
        if self.must_learn:
            return False
        epoch = self._ledger.epoch
        if self._settled_in == epoch.number:  # it has heard them: nothing takes that back
            return True
        committee = epoch.committee
        heard = self._heard & committee.key_index.keys()
        if len(heard) - (self._me.device in heard) >= committee.quorum - 1:
            self._settled_in = epoch.number
            return True
        peers = self._peers.greeted
        if self._now.mono_ms < self.settle_at or all(peer.is_joiner for peer in peers):
            return False  # what a joiner does not have says nothing
        return all(peer.device in self._heard for peer in peers)

    def told_nonce(self) -> int:
        """Return how far peers say this device has counted: its store may be older (R4.6).

        One more than may lie must say so, as an op after a gap would wait for ever.
        """
        committee = self._ledger.epoch.committee
        told = [0] * (committee.faults + 1)
        for peer in self._peers.greeted:
            if peer.device in committee.key_index:
                told.append(peer.nonces.get(self._me.device, 0))
        return sorted(told, reverse=True)[committee.faults]

    def may_lack_own_ops(self, highest: int) -> bool:
        """Return whether a peer is about to show ops of this device above a nonce.

        Just after a start one peer's word is reason enough to wait for what it shows: the
        others may have been put back to an older state together with this node.
        """
        if self._now.mono_ms >= self.settle_at - SETTLE_MS + CATCH_UP_MS:
            return False
        return any(
            peer.device in self._ledger.epoch.committee.key_index
            and peer.nonces.get(self._me.device, 0) > highest
            and self._frontiers.is_behind(peer)
            for peer in self._peers.greeted
        )

    def _note_heard(self) -> None:
        """Count whom this node has compared its own chain with since it started (R4.6)."""
        held = self._pool.highest_nonce(self._me.device, self._ledger.state)
        for peer in self._peers.greeted:
            if peer.status is None or self._may_know_more(peer):
                continue
            if self.must_learn and peer.nonces.get(self._me.device, 0) > held:
                continue  # it is sending the ops that this node lacks
            self._heard.add(peer.device)

    def _learn(self) -> None:
        """Begin to sign once this device knows again how far it had signed (R4.10)."""
        if self.must_learn and self.learning().is_enough:
            self.must_learn = False
            self._notices.append(OwnChainLearned())

    def learning(self) -> Learning:
        """Return how far a restored device has come in learning what it had signed.

        A block that anything was built on is with Q - 1 others of its committee. Of Q
        others, the one asking left out, more than f are among those, so an honest one is.
        """
        committee = self._ledger.epoch.committee
        others = [
            (key, member)
            for key, member in zip(committee.keys, committee.members, strict=True)
            if key != self._me.device
        ]
        missing = tuple(member for key, member in others if key not in self._heard)
        needed = min(committee.quorum, len(others))
        # What was never sent is nowhere. To tell that from what somebody absent holds
        # takes everybody.
        if not self.holds_all_signed():
            needed = len(others)
        # Alone, it has nobody to ask. The record may be that of the founding, before the
        # others came; whether that is all there ever was only its owner knows.
        return Learning(len(others) - len(missing), max(needed, 1), missing)

    def signed(self) -> Signed:
        """Return how far this device has signed, as this node knows it."""
        epoch = self._ledger.epoch
        highest = Round(0) if epoch.me is None else epoch.lace.highest(epoch.me)
        nonce = self._pool.highest_nonce(self._me.device, self._ledger.state)
        return Signed(epoch.number, highest, max(nonce, self._own_ops.nonce))

    def holds_all_signed(self) -> bool:
        """Return whether all that this device is known to have signed is here."""
        epoch, signed = self._ledger.epoch, self._signed
        if self._pool.highest_nonce(self._me.device, self._ledger.state) < signed.nonce:
            return False
        if epoch.number != signed.epoch_number:
            return epoch.number > signed.epoch_number
        return epoch.me is None or epoch.lace.highest(epoch.me) >= signed.round

    def _may_know_more(self, peer: Peer) -> bool:
        """Return whether a peer may hold blocks of this node that are not here.

        What it holds of others does not matter: a liar can show blocks that it gives to
        nobody. What it says of this node's own it has to show when it is asked; who does
        not is believed by a restored node alone, which waits for the others (R4.10).
        """
        assert peer.status is not None
        epoch = self._ledger.epoch
        if peer.status.epoch_number < epoch.number:
            return False
        is_mute = self._pulls.is_barren(peer) or peer.unanswered >= UNANSWERED
        is_later = peer.status.epoch_number > epoch.number
        if is_later and is_mute:
            # Blocks of an epoch that has ended complete what those who went on left open.
            # But one who only says that it has ended must not hold this node for good.
            patience_ms = LEAP_MS if self._leaps.is_under_way else 0
            is_late = self._now.mono_ms >= self.settle_at + patience_ms
            is_mute = is_late and not self._has_surely_ended()
        if is_mute and not self.must_learn:
            return False
        if is_later:
            return True
        me = epoch.me
        if me is None:
            return self._frontiers.is_behind(peer)
        claims = dict(peer.status.frontier)
        return claims.get(epoch.committee.members[me], 0) > epoch.lace.highest(me)

    @property
    def is_left_behind(self) -> bool:
        """Whether others are in later epochs, and nobody reachable can show the way there."""
        return self._has_surely_ended() and self._leaps.is_lost(self._ledger.epoch.record)

    def _has_surely_ended(self) -> bool:
        """Return whether an honest member says that this epoch has ended.

        It has gone on by a rebuild, or keeps this epoch's blocks no more: f + 1 are in a later
        epoch, or have signed a rebuild.
        """
        committee = self._ledger.epoch.committee
        gone = {
            peer.member
            for peer in self._peers.greeted
            if peer.member in committee.index and peer.epoch_number > self._ledger.epoch.number
        }
        signed = (len(one.kept) for one in self._rebuilds.heard.values())
        return max(len(gone), *signed, 0) > committee.faults
