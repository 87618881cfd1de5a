"""The rebuilds that this node knows of: gone on by, heard of, signed (docs/protocol.md §6.1)."""

from __future__ import annotations

from ...agreement.rebuild import Rebuild
from ...gossip.memory import MESSAGE_BYTES, compute_memory
from ...gossip.peers.peer import Peer
from ...gossip.peers.peers import Peers
from ...messages.proofs import Rebuilt
from ...steps.restored import Restored
from ...steps.writes import SaveVow
from ...wire.ids import EpochId
from ..outbox import Outbox
from .ledger import Ledger


class Rebuilds:
    """Values; when one may be signed and applied is the `Rebuilder`'s."""

    def __init__(self, restored: Restored, ledger: Ledger, peers: Peers, out: Outbox) -> None:
        self._ledger = ledger
        self._peers = peers
        self._writes = out.writes
        self.applied: dict[int, Rebuild] = dict(restored.rebuilds)  # by the epoch each began
        self.heard: dict[EpochId, Rebuild] = {}  # of this epoch, by the epoch to begin
        self.vow: Rebuild | None = None  # what this node has signed: it makes no block till then
        if restored.vow is not None and restored.vow.statement.epoch == ledger.epoch.id:
            self.vow = restored.vow

    def begin_epoch(self) -> None:
        """Forget what was about the epoch that has ended."""
        self.heard.clear()
        if self.vow is not None:
            self.vow = None
            self._writes.append(SaveVow(None))

    @property
    def makes_blocks(self) -> bool:
        """Whether this node can begin a round for what its user waits for."""
        return self._ledger.epoch.me is not None and self.vow is None

    def tell(self, peer: Peer) -> None:
        """Tell a peer that stands in an epoch which a rebuild ended of that rebuild (R6.15)."""
        if peer.status is None:
            return
        for rebuild in self.applied.values():
            if rebuild.statement.epoch == peer.status.epoch and peer.backlog.is_open:
                memory = compute_memory(MESSAGE_BYTES + len(rebuild.to_bytes()))
                self._peers.say(peer, Rebuilt(rebuild), memory)  # else at its next status
