"""Ops come in, by themselves or in blocks: which are kept, and for whose account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...gossip.peers.peer import Peer
from ...gossip.peers.vain import weigh_op
from ...gossip.sync import Sync
from ...record.bodies import Join, texts_of
from ...record.ops import Op
from ...steps.writes import SaveOp
from ...wire import crypto
from ...wire.errors import PeerFault
from ...wire.ids import DeviceKey, Round, TextId, to_short
from ..clock import Clock
from ..identity import Identity
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..own.ops import OwnOps
from ..pending.pool import Pool
from ..pending.provisional import Provisional
from .texts import Texts


class OpIntake:
    """What an op meets on its way into the pool."""

    def __init__(
        self,
        me: Identity,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        own_ops: OwnOps,
        texts: Texts,
        provisional: Provisional,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._peers = sync.peers
        self._frontiers = sync.frontiers
        self._pushes = sync.pushes
        self._pool = pool
        self._own_ops = own_ops
        self._fates = own_ops.fates
        self._texts = texts
        self._provisional = provisional
        self._now = now
        self._writes = out.writes

    def take_from_block(self, op: Op, round_: Round, sender: DeviceKey | None) -> None:
        """Keep an op that a block has brought; the log takes it whatever is done with it here."""
        state = self._ledger.state
        if op.device == self._me.device:
            self._own_ops.nonce = max(self._own_ops.nonce, op.nonce)
            if state.next_nonce(op.device) <= op.nonce and state.may_author(op) == "ok":
                self._fates.wait_for(op)  # said before this store was
        if state.next_nonce(op.device) > op.nonce:
            return
        entry = self._pool.get(op.id)
        if entry is None:
            if state.may_author(op) != "ok":
                return  # the log will say so, if it gets there
            try:
                size = self._check_share(op)
                self._pool.add(op, state.payer_of(op), self._now.mono_ms, size=size)
            except PeerFault:
                # A block is valid whatever ops it carries; the log takes it from there. But no
                # rounds are made for the sake of what is far over its author's share.
                return
            entry = self._pool.get(op.id)
            self._texts.note(op, {}, sender)
            self._provisional.add(op)
        if entry is not None:
            entry.carried = round_ if entry.carried is None else min(entry.carried, round_)

    def _check_share(self, op: Op) -> int:
        """Return what an op takes of its payer's share (R10.24).

        Raises:
            PeerFault: `limit_bytes`: it is over two shares.
        """
        # Two: by the clock of its author, and at the commit, more may be left than now; and up
        # to so much the log takes to refuse it.
        state = self._ledger.state
        size, share = self._pool.cost_of(op, state), state.charter.rules.bytes_per_day
        payer = state.payer_of(op)
        left = state.bytes_left(payer, self._now.wall_ms)
        self._pool.check_bytes(payer, size, share + left)
        return size

    def receive(self, op: Op, texts: dict[TextId, bytes], peer: Peer) -> None:
        """Take in an op that came by itself, and pass it on.

        Raises:
            PeerFault: its author may not say it, or is over a limit.
        """
        state = self._ledger.state
        if op.device == self._me.device:  # our store is older than what we signed
            self._own_ops.nonce = max(self._own_ops.nonce, op.nonce)
        if op.id in self._pool or state.next_nonce(op.device) > op.nonce:
            self._pushes.note_op(peer, op)
            return
        code = state.may_author(op)
        if code != "ok":
            if self._frontiers.is_behind(peer) or isinstance(op.body, Join):
                return  # we may not know its seat or invite yet; it will be offered again
            raise PeerFault(code, f"op {op.body.KIND} by {to_short('mem', op.author)}")
        size = self._check_share(op)
        payer = state.payer_of(op)
        self._pool.check_rate(op, payer, self._now.mono_ms)
        self._pool.add(op, payer, self._now.mono_ms, size=size)
        self._peers.vain.note_new(weigh_op(op))
        self._fates.wait_for(op)  # this device's, if it said it before its store was
        self._pushes.note_op(peer, op)  # not before: who holds an invite has any number of devices
        self._writes.append(SaveOp(op, own=False))
        held = self._texts.note(op, texts, peer.device)
        self._provisional.add(op)
        self._pushes.push_op(op, payer, held, peer.device, self._pool.find_op)


def check_lengths(ops: Sequence[Op], texts: Mapping[TextId, bytes]) -> None:
    """Refuse an op together with a text that is not as long as it says.

    Who passes an op on sends no such text with it, so this is its bearer's own doing (R2.22).

    Raises:
        PeerFault: `bad_field`.
    """
    for op in ops:
        for ref in texts_of(op.body):
            blob = texts.get(ref.id)
            if blob is not None and not ref.fits(blob):
                size = len(blob) - crypto.SALT_BYTES
                raise PeerFault(
                    "bad_field", f"a text of {size} bytes; its op says that it has {ref.size}"
                )
