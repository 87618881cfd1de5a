"""Where this node stands and where its peers do: saying it, and hearing it (R7.4)."""

from __future__ import annotations

from ...gossip.peers.peer import Peer
from ...gossip.proofs import Proofs
from ...gossip.sync import Sync
from ...messages.standing import Status
from ...wire.errors import PeerFault
from ...wire.ids import to_short
from ..clock import Clock
from ..log.ledger import Ledger
from ..log.rebuilds import Rebuilds
from ..own.hurrying import Hurrying
from ..pending.pool import Pool
from .alarms import Alarms
from .manners import Manners

LACK_AGAIN_MS = 10_000  # two nodes that refuse each other's ops must not go on and on


class Standing:
    """Statuses: they say which blocks, ops and receipts each side has."""

    def __init__(
        self,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        proofs: Proofs,
        rebuilds: Rebuilds,
        hurrying: Hurrying,
        alarms: Alarms,
        manners: Manners,
        now: Clock,
    ) -> None:
        self._ledger = ledger
        self._peers = sync.peers
        self._frontiers = sync.frontiers
        self._pushes = sync.pushes
        self._pool = pool
        self._proofs = proofs
        self._rebuilds = rebuilds
        self._hurrying = hurrying
        self._alarms = alarms
        self._manners = manners
        self._now = now

    def status(self) -> Status:
        """Return where this node stands, as told to peers."""
        ledger, pool, nonces = self._ledger, self._pool, []
        for seat in ledger.state.charter.members:
            for device in seat.devices:
                highest = pool.highest_nonce(device, ledger.state)
                if highest > 0:
                    nonces.append((device, highest))
        return Status(
            ledger.epoch.number,
            ledger.epoch.id,
            self._frontiers.frontier(),
            tuple(sorted(nonces)),
            ledger.final_index,
            ledger.final_root,
            self._proofs.unproven(),
        )

    def tell(self, peer: Peer) -> None:
        """Tell a peer where this node stands, as soon as it can take that (R7.4, R7.23)."""
        self._peers.tell_status(peer, self.status)

    def on_status(self, peer: Peer, status: Status) -> None:
        self._alarms.compare(peer.member, status.final_index, status.final_root)
        epoch = self._ledger.epoch
        if status.epoch_number == epoch.number and status.epoch != epoch.id:
            self._alarms.diverged(peer.member, self._ledger.final_index, status.epoch)
            raise PeerFault(
                "bad_epoch",
                f"epoch {status.epoch_number} is {to_short('epo', epoch.id)} here, "
                f"{to_short('epo', status.epoch)} there",
            )
        self._frontiers.on_status(peer, status)
        self._proofs.on_status(peer)
        self._rebuilds.tell(peer)
        if status.epoch_number >= epoch.number - 1:
            # Further behind it does not know yet who may say what. It tells when it gets here.
            ready = self._pool.ready(self._ledger.state)
            self._pushes.push_missing_ops(peer, ready, self._pool.find_op)
        self._hurrying.tell(peer)

    def on_later_status(self, peer: Peer, status: Status) -> None:
        if not self._manners.may_ask(peer):  # it is answered with all that it lacks
            return
        self.on_status(peer, status)
        if status.epoch_number != self._ledger.epoch.number:
            return
        is_pushed = self._pushes.push_missing_blocks(peer)
        # It may lack a fork (R7.18), or hold ops that were lost on their way here.
        is_ahead = status.final_index < self._ledger.final_index
        if not is_pushed or is_ahead or self._lacks_ops(peer, status):
            self.tell(peer)

    def _lacks_ops(self, peer: Peer, status: Status) -> bool:
        """Return whether to tell a peer that it has said more than came here: now and then."""
        now = self._now.mono_ms
        if peer.lacked_at is not None and now - peer.lacked_at < LACK_AGAIN_MS:
            return False
        for device, nonce in status.nonces:
            if self._pool.highest_nonce(device, self._ledger.state) < nonce:
                peer.lacked_at = now
                return True
        return False

    def lags(self) -> bool:
        """Return whether an honest node has finalized what this one has not (R7.15).

        A commit for a deadline's sake carries nothing that this node would be waiting for.
        """
        committee = self._ledger.epoch.committee
        ahead = self._proofs.signed_ahead(self._ledger.epoch.id, self._ledger.final_index)
        return len(ahead & committee.key_index.keys()) > committee.faults
