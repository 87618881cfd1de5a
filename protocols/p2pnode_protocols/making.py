"""Whether this node makes a block now, and what it carries (docs/protocol.md R4, R5)."""

from __future__ import annotations

from .blocks import sign_block
from .finalizing import Finalizing
from .ids import MAX_MS, MemberId, MonoMs, Round
from .pacer import Pace
from .pool import Linger

JITTER_MS = 2  # between two clocks that are read one after the other, and rounded
TICKS_AT_ONCE = 6  # rounds made for a deadline before pausing: more than a commit needs
TICK_FIRST_MS = 200  # then pause, doubling up to …
TICK_MAX_MS = 60_000  # … so that a clock that is wrong by days costs a block a minute


class Making(Finalizing):
    """Make this node's own blocks."""

    @property
    def is_settled(self) -> bool:
        """Whether this node has compared its own chain with enough others to sign blocks.

        A restored backup must not fork (R4.6): others may hold blocks of ours that it lacks.
        """
        if self.must_learn:
            return False
        if self._settled_in == self.epoch.number:  # it has heard them: nothing takes that back
            return True
        committee = self.epoch.committee
        heard = self._heard & committee.key_index.keys()
        if len(heard) - (self.device in heard) >= committee.quorum - 1:
            self._settled_in = self.epoch.number
            return True
        peers = self.sync.greeted()
        if self._now.mono_ms < self._settle_at or all(peer.is_joiner for peer in peers):
            return False  # what a joiner does not have says nothing
        return all(peer.device in self._heard for peer in peers)

    def _deferred(self) -> set[MemberId]:
        """Return the members whose own node attends, and so carries their ops itself."""
        epoch = self.epoch
        attending = epoch.attending(self.sync.connected) & ~epoch.pacer.absent
        return {
            member
            for author, member in enumerate(epoch.committee.members)
            if attending >> author & 1 and author != epoch.me
        }

    def _linger(self) -> Linger:
        return Linger(self.state.charter.timing.linger_ms, max(200, 2 * self.epoch.pacer.delta_ms))

    def _ops_due_at(self) -> MonoMs | None:
        """Return when unfinalized ops are reason enough to make blocks, or None."""
        if not len(self.pool):
            return None
        epoch = self.epoch
        # Asked several times a step: looked for again only when something it rests on changed. That
        # time passes is no such thing: else each word of a peer cost as much as there is pending.
        basis = (
            self.pool.version,
            epoch.number,
            len(epoch.lace),
            epoch.pacer.absent,
            epoch.pacer.delta_ms,
            self.sync.connected,
            self.final_index,
        )
        is_same_clock = abs(self._wall_minus_mono - self._due_wall_minus_mono) <= JITTER_MS
        if basis != self._due_basis or not is_same_clock:
            self._due_basis, self._due_wall_minus_mono = basis, self._wall_minus_mono
            self._due = self.pool.next_due(
                self.state,
                self._deferred,
                self._linger(),
                self._now.mono_ms,
                self._wall_minus_mono,
            )
        due = self._due
        if due is not None and due > self._now.mono_ms and self.preview.changes_outcome:
            return self._now.mono_ms
        return due

    def _deadline_at(self) -> MonoMs | None:
        """Return when to make blocks for a deadline's sake (R5.6), or None.

        A clock far ahead of the others' finds every deadline past: after enough rounds
        for a commit it pauses, longer each time, until commit time has caught up.
        """
        due = self.state.next_due_ms()
        if due != self._tick_due:
            self._tick_due, self._ticks, self._tick_at = due, 0, MonoMs(0)
        if due is None:
            return None
        return MonoMs(max(due - self._wall_minus_mono, self._tick_at))

    def _is_active(self) -> bool:
        """Return whether there is something to finalize now (R4.1)."""
        now = self._now.mono_ms
        ops, deadline = self._ops_due_at(), self._deadline_at()
        return (ops is not None and ops <= now) or (deadline is not None and deadline <= now)

    def _make_blocks(self) -> Pace:
        """Make every block that is due; return what the pacer waits for."""
        while True:
            epoch, now = self.epoch, self._now.mono_ms
            if epoch.me is None or self.vow is not None or not self.is_settled:  # R6.12
                return Pace()
            if epoch.time_for(self._now.wall_ms) > MAX_MS:
                return Pace()  # who has our key signed the last time there is: none can follow
            ops_at = self._ops_due_at()
            for_ops = ops_at is not None and ops_at <= now
            deadline = self._deadline_at()
            for_deadline = deadline is not None and deadline <= now
            reached = epoch.others_reached()
            if not for_ops and not for_deadline and epoch.made >= reached:
                return Pace()
            pace = epoch.pacer.next_round(
                epoch.lace, epoch.me, epoch.attending(self.sync.connected), now
            )
            if pace.round is None:
                return pace
            if not for_ops and not for_deadline and pace.round > reached:
                return Pace()  # others have what they need from this node
            if for_deadline and not for_ops:
                self._count_tick()
            self._make_block(pace.round)
            self._commit_all()

    def _count_tick(self) -> None:
        self._ticks += 1
        beyond = self._ticks - TICKS_AT_ONCE
        if beyond >= 0:
            pause = min(TICK_FIRST_MS << min(beyond, 16), TICK_MAX_MS)
            self._tick_at = MonoMs(self._now.mono_ms + pause)

    def _make_block(self, round_: Round) -> None:
        epoch = self.epoch
        assert epoch.me is not None
        parents = epoch.parents_for(round_)
        ids = tuple(parent.id for parent in parents) if round_ > 1 else None
        ops = self.pool.select(
            self.state,
            round_,
            self._deferred(),
            set(self.preview.changed),
            self._now.mono_ms - self._linger().patience_ms,
        )
        block = sign_block(
            self.community,
            self._signer,
            epoch=epoch.id,
            author=epoch.committee.members[epoch.me],
            sequence=epoch.sequence_after(parents),
            round_=round_,
            time_ms=epoch.time_for(self._now.wall_ms),
            parents=ids if ids is not None else (epoch.genesis,),
            ops=ops,
            final_index=self.final_index,
            final_root=self.final_root,
        )
        self._made_at = self._now.mono_ms
        self.pool.carry_anew(ops)
        vertex = epoch.lace.check(block)
        self._add(vertex, None)
        epoch.cover(vertex)
