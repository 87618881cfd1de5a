"""Dissemination as pure state: what the parts of gossip have to do together (docs/protocol.md §7).

Three movements:

- *push*: new blocks and ops go at once to every peer that is not known to have them and
  does not get them directly (`Links` tells who is connected to whom);
- *pull*: a node that is behind asks one peer at a time for an epoch's blocks beyond its
  frontier, and the store answers; that is the flow control of catching up;
- *want*: single missing parents and texts, by hash, from the sender first.
"""

from __future__ import annotations

from ..agreement.blocklace import Blocklace
from ..record.texts import TextRef
from ..steps.sends import Sending
from ..wire.ids import DeviceKey, MonoMs, OpId, TextId
from ..wire.limits import PULL_BYTES
from .asking.pulls import Pulls
from .asking.texts import MissingTexts
from .asking.wants import Wants
from .frontiers import Frontiers
from .peers.hearsay import Hearsay
from .peers.peer import Peer
from .peers.peers import Peers
from .probe import Probe
from .pushes import Pushes
from .shares.held import HeldBlocks


class Sync:
    """The parts of gossip, and what begins and ends in all of them at once."""

    def __init__(
        self, device: DeviceKey, sends: list[Sending], pull_bytes: int = PULL_BYTES
    ) -> None:
        """Args: `sends`: what is to be sent, filled by whatever says something."""
        self.peers = Peers(sends)
        self.frontiers = Frontiers(self.peers)
        self.pushes = Pushes(device, self.peers, self.frontiers)
        self.pulls = Pulls(self.peers, self.frontiers, pull_bytes)
        self.held = HeldBlocks()
        self.texts = MissingTexts(device)
        self.wants = Wants(self.peers, self.held, self.texts)
        self.hearsay = Hearsay()
        self.probe = Probe(self.peers)

    def add(self, device: DeviceKey) -> None:
        """A stream to this device is open; a second one begins anew, from the hello on."""
        self.lost(device)
        self.peers.add(Peer(device))

    def greet(self, peer: Peer, now: MonoMs) -> None:
        """Count a peer in whose hello was accepted, tell everyone, ask it what is missing."""
        peer.greeted, peer.greeted_at = True, now
        self.peers.review()
        self.wants.greet(peer, now)

    def lost(self, device: DeviceKey) -> None:
        """Nothing is kept of who hung up, but what something else waits for."""
        peer = self.peers.remove(device)
        self.wants.lost(device)
        self.held.lost(device)
        self.hearsay.lost(device)
        if peer is None:
            return
        self.pulls.lost(peer)
        if peer.greeted:
            self.peers.review()

    def begin_epoch(self, number: int, lace: Blocklace) -> None:
        """Forget what was about the last epoch's blocks."""
        self.peers.begin_epoch(lace.committee.key_index)
        self.held.begin_epoch()
        self.wants.begin_epoch()
        self.pulls.begin_epoch()
        self.pushes.begin_epoch()
        self.frontiers.begin_epoch(number, lace)

    def miss_text(
        self, ref: TextRef, proposal: OpId | None, seat: bytes, op: OpId | None = None
    ) -> None:
        """Note that a seat's words refer to a text that is not here. As `MissingTexts.miss`."""
        for given_up in self.texts.miss(ref, proposal, seat, op):
            self.wants.forget_unneeded(given_up)

    def found_text(self, text: TextId, blob: bytes) -> tuple[bool, OpId | None]:
        """A missing text has come: ask for it no more. Returns as `MissingTexts.found`."""
        found = self.texts.found(text, blob)
        self.wants.arrived(text)
        return found

    def forget_text(self, text: TextId) -> None:
        """Ask for a text no more."""
        self.texts.forget(text)
        self.wants.arrived(text)

    def drop_text(self, text: TextId, op: OpId) -> None:
        """Ask no more for a text that only this op referred to, as it needs it no more (R10.24)."""
        if self.texts.drop(text, op):
            self.wants.arrived(text)
