"""Receipts: signing this node's own, and taking in those of others (docs/protocol.md §8)."""

from __future__ import annotations

from ...agreement.receipts import Receipt, sign_receipt
from ...gossip.peers.peer import Peer
from ...gossip.proofs import Proofs
from ...messages.proofs import Receipts
from ...steps.writes import SaveContradiction
from ...wire.errors import PeerFault
from ...wire.ids import DeviceKey
from ..clock import Clock
from ..identity import Identity
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..peers.alarms import Alarms


class Prover:
    """What this node vouches for, and what its peers do."""

    def __init__(
        self,
        me: Identity,
        ledger: Ledger,
        proofs: Proofs,
        alarms: Alarms,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._proofs = proofs
        self._alarms = alarms
        self._now = now
        self._writes = out.writes

    def sign(self) -> None:
        """Sign what this node finalized on the committee and has not signed yet (R8.2)."""
        if self._ledger.lacking is not None:
            return
        for statement in self._proofs.to_sign(self._me.device):
            receipt = sign_receipt(self._me.community, self._me.signer, statement)
            self._proofs.add_own(receipt, self._now.mono_ms)

    def on_receipts(self, peer: Peer, message: Receipts) -> None:
        fault: PeerFault | None = None
        for receipt in message.receipts:
            try:
                self._take(receipt, peer.device)
            except PeerFault as found:  # the others count all the same
                fault = found
        self._proofs.answered(peer.device, message.after)
        if fault is not None:
            raise fault

    def _take(self, receipt: Receipt, sender: DeviceKey) -> None:
        index, root = receipt.statement.index, receipt.statement.root
        seat = self._ledger.state.charter.by_device(receipt.device)
        if index > self._ledger.final_index:
            if seat is not None and seat.node_key == receipt.device:
                self._proofs.hold(receipt, sender)
            return
        # Of others than those who finalize now, a root says nothing.
        counts = seat is not None and seat.node_key == receipt.device
        agrees = not counts or self._ledger.roots.get(index, root) == root
        contradicts = not self._proofs.take(receipt, sender, self._now.mono_ms) or not agrees
        if contradicts and self._alarms.diverged(None if seat is None else seat.id, index, root):
            self._writes.append(SaveContradiction(receipt))
