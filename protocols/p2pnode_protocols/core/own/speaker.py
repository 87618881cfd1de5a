"""What this device says: on its user's behalf, and when it can prove a fork (§5, R6.9)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from ...gossip.sync import Sync
from ...record.bodies import Evidence, Join, Supports
from ...record.ops import Op, open_op, sign_op
from ...record.seats.roster import Roster
from ...steps.inputs import Submit
from ...steps.writes import SaveOp, SaveText
from ...wire import crypto
from ...wire.errors import CODES, PeerFault, UsageError
from ...wire.ids import MonoMs, to_short
from ..clock import Clock
from ..identity import Identity
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..pending.pool import Pool
from ..pending.provisional import Provisional
from .accuser import Accuser
from .chain import OwnChain
from .hurrying import Hurrying
from .ops import OwnOps
from .seat import OwnSeat

OWN_PUSH_FIRST_MS = 2_000  # an own op that no block carries is offered again, doubling up to …
OWN_PUSH_MAX_MS = 60_000
SUPPORT_AGAIN_MS = 10_000


class Speaker:
    """Signing ops, and offering them again until a block carries them."""

    def __init__(
        self,
        me: Identity,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        own_ops: OwnOps,
        own_chain: OwnChain,
        own_seat: OwnSeat,
        provisional: Provisional,
        hurrying: Hurrying,
        accuser: Accuser,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._peers = sync.peers
        self._pushes = sync.pushes
        self._pool = pool
        self._own_ops = own_ops
        self._fates = own_ops.fates
        self._own_chain = own_chain
        self._own_seat = own_seat
        self._provisional = provisional
        self._hurrying = hurrying
        self._accuser = accuser
        self._now = now
        self._writes = out.writes
        self._push_at: MonoMs | None = None
        self._push_delay = OWN_PUSH_FIRST_MS
        self._supports = Supports(me.practices.versions)
        self._support_at = now.mono_ms  # when to look again whether it is said
        self._support_said_in: Roster | None = None  # the last in which the log says it

    def submit(self, event: Submit) -> Op:
        body = event.body
        self._ledger.require_versions()
        if self._own_chain.must_learn:
            raise UsageError("learning", f"{CODES['learning']}; until then it signs nothing")
        code = self._own_seat.shut_out()
        if code is not None and not isinstance(body, Join):  # that may be by another invite
            raise UsageError(
                code,
                f"{CODES[code]}, say members, and do not let this device in: it would not count",
            )
        author = self._ledger.member
        if author is None:
            if not isinstance(body, Join):
                raise UsageError(
                    "not_a_member",
                    f"device {to_short('dev', self._me.device)} holds no seat here; join with an "
                    "invite first",
                )
            author = crypto.compute_member_id(self._me.device)
        self._provisional.preview.check(author, self._me.device, body)
        held = self._pool.highest_nonce(self._me.device, self._ledger.state)
        highest = max(self._own_ops.nonce, self._own_chain.told_nonce(), held)
        if self._own_chain.may_lack_own_ops(highest):
            raise UsageError(
                "learning",
                "just started, and a peer says that it has later ops of this device; they are "
                "being fetched: try again in a moment",
            )
        nonce = highest + 1
        try:
            op = sign_op(
                self._me.community, author, self._me.signer, nonce, self._now.wall_ms, body
            )
            # What nobody can read must not be signed: each block with it would be refused.
            open_op(self._me.community, op.wire, lambda *_: True)
            size = self._pool.cost_of(op, self._ledger.state)
            payer = self._ledger.state.payer_of(op)
            self._pool.check_bytes(
                payer, size, self._ledger.state.bytes_left(payer, self._now.wall_ms)
            )
            self._pool.check_rate(op, payer, self._now.mono_ms)  # peers would drop what is over it
            self._pool.add(op, payer, self._now.mono_ms, size=size, urgent=event.urgent)
        except PeerFault as fault:  # our own limits, told to our own user
            raise UsageError(fault.code, fault.detail) from fault
        self._own_ops.nonce = nonce
        self._fates.wait_for(op)
        self._writes.append(SaveOp(op, own=True))
        for blob in event.texts:
            self._writes.append(SaveText(crypto.compute_text_id(blob), blob))
        self._provisional.add(op)
        self._pushes.push_op(op, payer, event.texts, None, self._pool.find_op)
        if event.urgent:
            self._hurrying.ask([op.id])
        self._push_at = MonoMs(self._now.mono_ms + OWN_PUSH_FIRST_MS)
        self._push_delay = OWN_PUSH_FIRST_MS
        return op

    def accuse(self) -> None:
        """Say what proves a fork, unless somebody does or has done so already (R6.9)."""
        body = self._accuser.due(
            self._ledger.state, lambda: self._pool.of_kind(Evidence), self._now.mono_ms
        )
        if body is None or self._ledger.member is None:
            return
        with contextlib.suppress(UsageError):  # not allowed now: its turn comes again
            self.submit(Submit(body))

    def say_support(self) -> None:
        """Say which practices this program has, if the log says something else (R6.19)."""
        if self._now.mono_ms < self._support_at or self._ledger.lacking is not None:
            return
        state, device, body = self._ledger.state, self._me.device, self._supports
        if state.roster is self._support_said_in:  # looked for in each step: it costs next to none
            return
        seat = state.charter.by_device(device)
        if seat is None or seat.node_key != device:
            return
        held = state.roster.supports.get(seat.id, state.charter.practices)
        if body.practices == held:
            self._support_said_in = state.roster
            return
        if any(op.device == device and op.body == body for op in self._pool.of_kind(Supports)):
            return
        self._support_at = MonoMs(self._now.mono_ms + SUPPORT_AGAIN_MS)
        with contextlib.suppress(UsageError):  # not now: its turn comes again
            self.submit(Submit(body))

    def push_again(self) -> None:
        """Offer own ops that no block carries once more: a peer may have dropped them."""
        if self._push_at is None or self._now.mono_ms < self._push_at:
            return
        own = [
            entry
            for entry in self._pool.ready(self._ledger.state)
            if self._fates.is_own(entry.op) and entry.carried is None
        ]
        if not own:
            self._push_at = None
            return
        for peer in self._peers.greeted:
            for entry in reversed(own):  # the lowest of each key comes last
                peer.nonces[entry.op.device] = entry.op.nonce - 1
            self._pushes.push_missing_ops(peer, own, self._pool.find_op)
            self._hurrying.tell(peer)
        self._push_delay = min(2 * self._push_delay, OWN_PUSH_MAX_MS)
        self._push_at = MonoMs(self._now.mono_ms + self._push_delay)

    def wake_times(self) -> Iterable[MonoMs]:
        """Yield when own ops are offered again, or what it supports can be said."""
        if self._push_at is not None:
            yield self._push_at
        if self._support_at > self._now.mono_ms:
            yield self._support_at
