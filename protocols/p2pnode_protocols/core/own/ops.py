"""What this device has said: how far it has counted, and what became of each op (R5.7)."""

from __future__ import annotations

import contextlib

from ...record.ops import Op
from ...steps.notices import OwnOpSettled
from ...steps.restored import Restored
from ...steps.writes import SaveFate
from ...wire.errors import PeerFault
from ...wire.ids import OpId, WallMs
from ..clock import Clock
from ..identity import Identity
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..pending.pool import Pool
from .fates import Fates


class OwnOps:
    """The ops of one device, from accepted to settled (docs/protocol.md R5.7)."""

    def __init__(
        self, me: Identity, restored: Restored, ledger: Ledger, pool: Pool, now: Clock, out: Outbox
    ) -> None:
        self._ledger = ledger
        self._pool = pool
        self._now = now
        self._writes = out.writes
        self._notices = out.notices
        self.fates = Fates(me.device, restored.own)
        self.nonce = restored.own_nonce  # the highest that this device has signed, as known here

    def tell_fate(self, op: OpId, code: str, index: int | None, at_ms: WallMs) -> None:
        """An own op waits no more: keep and tell what became of it (R5.7)."""
        has_waited = self.fates.settle(op)
        if code == "ok" and index is not None:
            if not has_waited:  # it had been given up: that is taken back
                self._writes.append(SaveFate(op, code, index, at_ms))
                self._notices.append(OwnOpSettled(op, code, index))
            return
        self._writes.append(SaveFate(op, code, index, at_ms))
        self._notices.append(OwnOpSettled(op, code, index))

    def review(self, *, has_leapt: bool = False) -> None:
        """Tell of own ops for which no entry can come any more, by whatever way they were lost.

        Those that the pool does not hold though their turn may come are put back into it.
        """
        state = self._ledger.state
        offered: list[Op] = []
        for op, code in self.fates.review(state, self._pool, has_leapt=has_leapt):
            if code is None:
                offered.append(op)
                continue
            self.tell_fate(op.id, code, None, self._now.wall_ms)
            self.fates.give_up(op)
        for op in (*offered, *self.fates.back_in_turn(state, self._pool)):
            with contextlib.suppress(PeerFault):  # over a limit: its place comes
                payer, size = state.payer_of(op), self._pool.cost_of(op, state)
                self._pool.add(op, payer, self._now.mono_ms, size=size)
