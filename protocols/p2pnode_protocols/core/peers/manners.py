"""How a peer is treated that says what is wrong, or too much (R7.10, R7.21, R7.24)."""

from __future__ import annotations

from ...gossip.peers.peer import Peer
from ...gossip.sync import Sync
from ...messages.greeting import Refused
from ...steps.notices import PeerRefused
from ...steps.sends import Disconnect
from ...wire.errors import PeerFault
from ...wire.ids import DeviceKey
from ...wire.limits import DETAIL_CHARS, VAIN_OF_STRANGER
from ...wire.plain import make_plain
from ..clock import Clock
from ..log.ledger import Ledger
from ..outbox import Outbox

FAULTS_BEFORE_CUT = 10  # refusals within FAULT_WINDOW_MS after which a peer is cut off
FAULT_WINDOW_MS = 60_000
CUT_MS = 60_000
# A joiner may come before its invite is final here, a new member before its seat is: they
# did nothing wrong, and look again soon.
SOON = frozenset({"bad_invite", "invite_over", "not_a_member"})
SOON_MS = 2_000
TELL_AGAIN_MS = 10_000  # between two refusals, for one reason, of what a peer only carried


class Manners:
    """Counting what peers do, telling them, cutting them off."""

    def __init__(self, ledger: Ledger, sync: Sync, now: Clock, out: Outbox) -> None:
        self._ledger = ledger
        self._sync = sync
        self._peers = sync.peers
        self._now = now
        self._sends = out.sends
        self._notices = out.notices

    def refuse(self, device: DeviceKey, fault: PeerFault, *, is_bearer: bool = False) -> None:
        """Count a fault, tell the peer; cut it off when it goes on (R7.10).

        Args:
            is_bearer: the peer only carried what another member said; it may know the
                seats as they were a moment ago, so it is told but not blamed.
        """
        detail = make_plain(fault.detail, DETAIL_CHARS)
        self._notices.append(PeerRefused(device, fault.code, detail))
        peer = self._peers.get(device)
        if peer is None:
            return
        now = self._now.mono_ms
        if is_bearer:
            # It does nothing about it, and may carry a thousand of them: its log is its user's.
            told_at = peer.told_codes.get(fault.code)
            if told_at is None or now - told_at >= TELL_AGAIN_MS:
                peer.told_codes[fault.code] = now
                self._peers.send(device, Refused(fault.code, detail))
            return
        peer.faults = [at for at in peer.faults if now - at < FAULT_WINDOW_MS]
        peer.faults.append(now)
        if len(peer.faults) >= FAULTS_BEFORE_CUT or not peer.greeted:
            self.cut(device, fault.code, detail)
        else:
            self._peers.send(device, Refused(fault.code, detail))

    def cut(self, device: DeviceKey, code: str, detail: str) -> None:
        retry_ms = SOON_MS if code in SOON else CUT_MS
        self._sends.append(Disconnect(device, code, detail, retry_ms))
        self._sync.lost(device)

    def count_vain(self, peer: Peer, units: int) -> None:
        """Count what a message cost and did not bring; cut its seat off if it goes on (R7.24)."""
        is_within = self.spend(peer, units)
        if is_within or peer.device not in self._peers:
            return
        seat = self._ledger.state.charter.by_device(peer.device)
        if seat is None and peer.vain <= VAIN_OF_STRANGER:
            return  # others without a seat have said so much
        detail = "its seat said too much in a minute that is known here, refused, or not asked for"
        self._notices.append(PeerRefused(peer.device, "limit_rate", detail))
        self.cut(peer.device, "limit_rate", detail)

    def spend(self, peer: Peer, units: int) -> bool:
        """Count for a peer's seat; return whether that is within its budget."""
        vain, charter = self._peers.vain, self._ledger.state.charter
        seat, units = charter.by_device(peer.device), units if units > 0 else 0
        whose = peer.sharer if seat is None else seat.id
        is_within = vain.spend(whose, units, len(charter.members), self._now.mono_ms)
        if peer.vain_window != vain.window:
            peer.vain, peer.vain_window = 0, vain.window
        peer.vain += units
        return is_within

    def may_ask(self, peer: Peer, weight: int = 1) -> bool:
        """Count what is answered; return False if its seat has asked too much (R7.21).

        That is no fault: another device of its seat may have asked so much.

        Raises:
            PeerFault: `limit_rate` when this connection alone has.
        """
        peer.count_request(self._now.mono_ms, weight)
        return self._peers.may_ask(peer, self._now.mono_ms, weight)
