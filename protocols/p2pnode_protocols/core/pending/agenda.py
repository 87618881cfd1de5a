"""When there is something to finalize: ops that are due, deadlines (docs/protocol.md R5)."""

from __future__ import annotations

from ...gossip.peers.peers import Peers
from ...wire.ids import MemberId, MonoMs, OpId, WallMs
from ..clock import Clock
from ..log.ledger import Ledger
from .pool import Linger, Pool
from .provisional import Provisional

JITTER_MS = 2  # between two clocks that are read one after the other, and rounded
TICKS_AT_ONCE = 6  # rounds made for a deadline before pausing: more than a commit needs
TICK_FIRST_MS = 200  # then pause, doubling up to …
TICK_MAX_MS = 60_000  # … so that a clock that is wrong by days costs a block a minute


class Agenda:
    """What is due, and from when on; found anew only when something it rests on has changed."""

    def __init__(
        self, ledger: Ledger, peers: Peers, pool: Pool, provisional: Provisional, now: Clock
    ) -> None:
        self._ledger = ledger
        self._peers = peers
        self._pool = pool
        self._provisional = provisional
        self._now = now
        # When ops are due, and when a deadline is, as the last look found it (`is_active`).
        self.coming: tuple[MonoMs | None, MonoMs | None] = (None, None)
        self._tick_due: WallMs | None = None
        self._ticks, self._tick_at = 0, MonoMs(0)
        self._due: MonoMs | None = None  # when ops are due …
        # … what that was found from, and how the clocks stood to each other then.
        self._due_basis, self._due_wall_minus_mono = tuple[object, ...](), 0

    def begin_epoch(self) -> None:
        """Its log begins anew: so does the count of blocks for a deadline's sake."""
        self._ticks = 0

    def deferred(self) -> set[MemberId]:
        """Return the members whose own node attends, and so carries their ops itself."""
        epoch = self._ledger.epoch
        attending = epoch.attending(self._peers.connected) & ~epoch.pacer.absent
        return {
            member
            for author, member in enumerate(epoch.committee.members)
            if attending >> author & 1 and author != epoch.me
        }

    def linger(self) -> Linger:
        return Linger(
            self._ledger.state.charter.timing.linger_ms,
            max(200, 2 * self._ledger.epoch.pacer.delta_ms),
        )

    def ops_due_at(self) -> MonoMs | None:
        """Return when unfinalized ops are reason enough to make blocks, or None."""
        if not len(self._pool) or self._ledger.lacking is not None:
            return None
        epoch = self._ledger.epoch
        # Asked several times a step: looked for again only when something it rests on changed. That
        # time passes is no such thing: else each word of a peer cost as much as there is pending.
        basis = (
            self._pool.version,
            epoch.number,
            len(epoch.lace),
            epoch.pacer.absent,
            epoch.pacer.delta_ms,
            self._peers.connected,
            self._ledger.final_index,
        )
        wall_minus_mono = self._now.wall_minus_mono
        is_same_clock = abs(wall_minus_mono - self._due_wall_minus_mono) <= JITTER_MS
        if basis != self._due_basis or not is_same_clock:
            self._due_basis, self._due_wall_minus_mono = basis, wall_minus_mono
            self._due = self._pool.next_due(
                self._ledger.state,
                self.deferred,
                self.linger(),
                self._now.mono_ms,
                wall_minus_mono,
            )
        due, now = self._due, self._now.mono_ms
        if due is not None and due > now and self._provisional.preview.changes_outcome:
            return now
        return due

    def deadline_at(self) -> MonoMs | None:
        """Return when to make blocks for a deadline's sake (R5.6), or None.

        A clock far ahead of the others' finds every deadline past: after enough rounds
        for a commit it pauses, longer each time, until commit time has caught up.
        """
        due = None if self._ledger.lacking is not None else self._ledger.state.next_due_ms()
        if due != self._tick_due:
            self._tick_due, self._ticks, self._tick_at = due, 0, MonoMs(0)
        if due is None:
            return None
        at = MonoMs(due - self._now.wall_minus_mono)
        return at if at > self._tick_at else self._tick_at

    def is_active(self) -> bool:
        """Return whether there is something to finalize now (R4.1)."""
        now = self._now.mono_ms
        self.coming = self.ops_due_at(), self.deadline_at()
        return any(at is not None and at <= now for at in self.coming)

    def count_tick(self) -> None:
        self._ticks += 1
        beyond = self._ticks - TICKS_AT_ONCE
        if beyond >= 0:
            pause = min(TICK_FIRST_MS << min(beyond, 16), TICK_MAX_MS)
            self._tick_at = MonoMs(self._now.mono_ms + pause)

    def due_at(self, op: OpId) -> WallMs | None:
        """Return when blocks are made for an op at the latest, as far as time decides that.

        None: no block is needed for it any more. What is past is under way, if a quorum is.
        """
        due = self._pool.due_of(op, self._ledger.state, self.linger(), self._now.wall_minus_mono)
        if due is None:
            return None
        if self._provisional.preview.changes_outcome:
            due = min(due, self._now.mono_ms)
        return WallMs(due + self._now.wall_minus_mono)
