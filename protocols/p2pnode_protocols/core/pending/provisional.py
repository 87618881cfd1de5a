"""What will be final, as far as this node can tell: the preview, and what it was made from."""

from __future__ import annotations

from collections.abc import Iterable

from ...record.opaque import OpaqueBody
from ...record.ops import Op, about
from ...record.views.preview import Preview
from ...steps.notices import ProposalChanged, RecordChanged
from ...wire.ids import MonoMs, WallMs
from ..clock import Clock
from ..log.ledger import Ledger
from ..outbox import Outbox
from .pool import Pool


class Provisional:
    """The state with all that is ready on top of it; put together anew after each commit."""

    def __init__(self, ledger: Ledger, pool: Pool, now: Clock, out: Outbox) -> None:
        self._ledger = ledger
        self._pool = pool
        self._now = now
        self._notices = out.notices
        self.preview = Preview(ledger.state, (), now.wall_ms)
        self.is_stale = False  # something is final that was not: `refresh` before it is read

    def ready_ops(self) -> tuple[Op, ...]:
        return tuple(entry.op for entry in self._pool.ready(self._ledger.state))

    def add(self, op: Op) -> None:
        if not self.is_stale:
            self.preview.add(op)
        proposal = about(op)
        if proposal is not None:
            self._notices.append(ProposalChanged(proposal))
        if isinstance(op.body, OpaqueBody):
            record = self._ledger.state.key_of(op)
            if record is not None:
                self._notices.append(RecordChanged(*record))

    def look(self, wall_ms: WallMs) -> tuple[ProposalChanged, ...]:
        """Judge what is not final at this moment (R5.1); return what that changed.

        `handle` does so by itself. It is for who reads between two steps: a machine that slept
        has closes behind it before its driver has woken up.
        """
        now_ms = max(wall_ms, self._ledger.state.time_ms)
        if now_ms < self.preview.now_ms:  # the clock was set back: what was late may not be
            before = self.preview.changed
            self.preview = Preview(self._ledger.state, self.ready_ops(), wall_ms)
            changed = {*before} ^ {*self.preview.changed}
            return tuple(ProposalChanged(one) for one in sorted(changed))
        return tuple(ProposalChanged(one) for one in self.preview.advance(wall_ms))

    def renew(self) -> None:
        """Put it together from all that is ready now; one that was stale is so still."""
        self.preview = Preview(self._ledger.state, self.ready_ops(), self._now.wall_ms)

    def refresh(self) -> None:
        """Put it together anew where something has become final."""
        if self.is_stale:
            self.renew()
            self.is_stale = False

    def wake_times(self) -> Iterable[MonoMs]:
        """Return when time alone changes it."""
        if self.preview.look_ms is not None:
            look_at = self.preview.look_ms - self._now.wall_minus_mono
            if look_at > self._now.mono_ms:  # else it is the last commit's time that waits
                return (MonoMs(look_at),)
        return ()
