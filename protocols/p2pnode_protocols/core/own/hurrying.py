"""Asking those who make blocks to hurry, and doing so when asked (docs/protocol.md R5.8)."""

from __future__ import annotations

from collections.abc import Sequence

from ...gossip.peers.hurries import Hurries
from ...gossip.peers.peer import Peer
from ...gossip.peers.peers import Peers
from ...messages.spreading import Hurry
from ...wire.ids import DeviceKey, OpId
from ...wire.limits import HURRIED_OPS
from ..clock import Clock
from ..log.ledger import Ledger
from ..log.rebuilds import Rebuilds
from ..pending.pool import Pool
from .fates import Fates


class Hurrying:
    """Whom this device's user waits for, and what each seat may still ask of it."""

    def __init__(
        self, ledger: Ledger, peers: Peers, pool: Pool, fates: Fates, rebuilds: Rebuilds, now: Clock
    ) -> None:
        self._ledger = ledger
        self._peers = peers
        self._pool = pool
        self._fates = fates
        self._rebuilds = rebuilds
        self._now = now
        self._hurries = Hurries()

    def tell(self, peer: Peer) -> None:
        """Ask a peer for what this device's user waits for; it may not have been told (R5.8)."""
        if self._rebuilds.makes_blocks:
            return
        waited = [op.id for op in self._fates if self._pool.is_urgent(op.id)][:HURRIED_OPS]
        if waited:
            self._peers.send(peer.device, Hurry(tuple(waited)))

    def ask(self, ops: Sequence[OpId], sender: DeviceKey | None = None) -> None:
        """Ask everyone but the sender to make ops final at once, unless this node does itself."""
        if self._rebuilds.makes_blocks or not ops:
            return
        for peer in self._peers.greeted:
            if peer.device != sender:
                self._peers.send(peer.device, Hurry(tuple(ops[:HURRIED_OPS])))

    def on_hurry(self, peer: Peer, ops: Sequence[OpId]) -> None:
        """Do as a member asks, and pass it on; the budget is that of who asks here."""
        if peer.member is None:
            return
        taken: list[OpId] = []
        for op in ops:
            entry = self._pool.get(op)
            if entry is None or entry.urgent:
                continue
            if not self._hurries.take(peer.member, self._now.mono_ms):
                break
            self._pool.hurry(op)
            taken.append(op)
        self.ask(taken, peer.device)

    def hurry_own(self) -> None:
        """Let all that this device has said and that is not final be due at once (R5.8)."""
        own = [op.id for op in self._fates if op.id in self._pool]
        for op in own:
            self._pool.hurry(op)
        self.ask(own)
