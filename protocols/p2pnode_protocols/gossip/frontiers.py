"""How far this node's blocks go, and those of each peer, as far as it is known."""

from __future__ import annotations

from collections.abc import Iterable

from ..agreement.blocklace import Blocklace, Vertex
from ..messages.standing import Status
from ..wire.ids import DeviceKey, MemberId, Round
from .peers.peer import Frontier, Peer
from .peers.peers import Peers


class Frontiers:
    """The blocks of this epoch, here and there."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self.lace: Blocklace | None = None
        self.epoch_number = 0

    def begin_epoch(self, number: int, lace: Blocklace) -> None:
        """Forget what peers have of the last epoch."""
        self.epoch_number, self.lace = number, lace
        for device in self._peers:
            peer = self._peers[device]
            peer.has = {}
            peer.is_ahead = True
            if peer.status is not None and peer.status.epoch_number == number:
                self.note_frontier(peer, peer.status.frontier)

    def note_block(self, device: DeviceKey, vertex: Vertex) -> None:
        """A peer sent a block: it has that one and, as it knows them, its parents."""
        peer = self._peers.get(device)
        if peer is None:
            return
        for one in (vertex, *vertex.parents):
            if peer.has.get(one.author, 0) < one.round:
                peer.has[one.author] = one.round

    def note_frontier(self, peer: Peer, frontier: Iterable[tuple[MemberId, Round]]) -> None:
        lace = self.lace
        assert lace is not None
        for member, round_ in frontier:
            author = lace.committee.index.get(member)
            if author is not None:
                # What it says now replaces what was assumed: a push may have been lost.
                peer.has[author] = round_

    def on_status(self, peer: Peer, status: Status) -> None:
        peer.status = status
        peer.is_ahead = True
        peer.nonces = dict(status.nonces)
        if status.epoch_number == self.epoch_number:
            peer.has = {}
            self.note_frontier(peer, status.frontier)

    def frontier(self) -> Frontier:
        lace = self.lace
        assert lace is not None
        return tuple(
            (member, lace.highest(author))
            for author, member in enumerate(lace.committee.members)
            if lace.highest(author) > 0
        )

    def is_behind(self, peer: Peer) -> bool:
        """Return whether the peer's last status shows blocks that this node lacks.

        Once it does not, it never will again before the next status or epoch.
        """
        peer.is_ahead = peer.is_ahead and self._shows_more(peer)
        return peer.is_ahead

    def _shows_more(self, peer: Peer) -> bool:
        lace, status = self.lace, peer.status
        if lace is None or status is None or status.epoch_number < self.epoch_number:
            return False
        if status.epoch_number > self.epoch_number:
            return True
        for member, round_ in status.frontier:
            author = lace.committee.index.get(member)
            if author is not None and lace.highest(author) < round_:
                return True
        return False
