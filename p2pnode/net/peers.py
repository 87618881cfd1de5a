"""What a net remembers of one device, and what it shows of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import trio

from p2pnode_protocols.ids import DeviceKey
from p2pnode_protocols.limits import ADDRESSES

from .config import NetConfig
from .link import Link
from .outbox import Outbox

STEADY_S = 10.0  # a session this long was no false start: the next dial is at once
STRIKES = 3  # refused frames in one session before the peer is sent away
PENALTY_S = 30.0  # the first time; twice as long each further time
PENALTY_MOST_S = 3600.0


@dataclass(frozen=True, slots=True)
class PeerStatistics:
    """One peer as `peers` and `doctor` show it. Counters run since the net began."""

    device: DeviceKey
    state: str  # up, connecting, waiting (for a redial), held (by a penalty), blocked, unknown
    direction: str | None  # outbound, inbound; None: not up
    address: str | None  # of the connection
    addresses: tuple[str, ...]  # to dial, best first
    up_s: float | None  # length of this session
    rtt_ms: float | None
    clock_offset_ms: float | None  # the peer's clock minus ours
    bytes_in: int  # on the wire, of this session
    bytes_out: int
    frames_in: int
    frames_out: int
    messages_in: int
    messages_out: int
    drops: int  # messages not sent: the peer was gone, or did not read
    faults: tuple[tuple[str, int], ...]  # by code, sorted
    sessions: int
    last_error: str | None  # why the last dial failed


class Peer:
    """The mutable record behind it, and the rules for when to dial."""

    def __init__(self, device: DeviceKey, config: NetConfig) -> None:
        self.device = device
        self._config = config
        self.addresses: list[str] = []
        self.is_wanted = False
        self.is_blocked = False
        self.held_until_s = 0.0
        self.links: set[Link] = set()
        self.link: Link | None = None  # the one of the session
        self.outbox = self._closed_outbox()
        self.turn = trio.Lock()  # one session at a time, whole
        self.changed = trio.Event()  # something that `dial_at_s` depends on
        self.is_dialling = False
        self.strikes = 0
        self.ping_token = 0
        self.pinged_s: float | None = None
        self.rtt_ms: float | None = None
        self.clock_offset_ms: float | None = None
        self.frames_in = 0
        self.frames_out = 0
        self.messages_in = 0
        self.messages_out = 0
        self.drops = 0
        self.sessions = 0
        self.last_error: str | None = None
        self._faults: dict[str, int] = {}
        self._penalty_s = PENALTY_S
        self._backoff_s = config.redial_first_s
        self._dial_at_s = 0.0
        self._began_s = 0.0

    def notify(self) -> None:
        self.changed.set()
        self.changed = trio.Event()

    # --- addresses --------------------------------------------------------------------

    def add_addresses(self, addresses: Sequence[str]) -> None:
        """Put new addresses first; forget the worst beyond the limit."""
        fresh = [one for one in dict.fromkeys(addresses) if one not in self.addresses]
        if fresh:
            self.addresses = [*fresh, *self.addresses][:ADDRESSES]
            self.redial_now()

    def prefer(self, address: str) -> None:
        """Dial this one first from here on: it worked."""
        if address in self.addresses:
            self.addresses.remove(address)
            self.addresses.insert(0, address)

    # --- when to dial -----------------------------------------------------------------

    @property
    def dial_at_s(self) -> float | None:
        """When to dial next; None: not before something changes."""
        if not self.is_wanted or self.is_blocked or self.links or not self.addresses:
            return None
        return max(self._dial_at_s, self.held_until_s)

    def redial_now(self) -> None:
        self._backoff_s = self._config.redial_first_s
        self._dial_at_s = 0.0
        self.notify()

    def back_off(self) -> None:
        """Wait longer than the last time; the jitter keeps two peers from colliding for ever."""
        self._dial_at_s = trio.current_time() + self._backoff_s * random.uniform(0.5, 1.0)
        self._backoff_s = min(self._backoff_s * 2, self._config.redial_most_s)
        self.notify()

    def is_held(self) -> bool:
        return self.held_until_s > trio.current_time()

    def hold(self, seconds: float) -> None:
        """Neither dial nor accept for so long."""
        self.held_until_s = max(self.held_until_s, trio.current_time() + seconds)
        self.notify()

    # --- sessions ---------------------------------------------------------------------

    def begin_session(self, link: Link) -> None:
        self.link = link
        self.outbox = Outbox(self._config.queue_messages, self._config.queue_bytes)
        self.sessions += 1
        self.strikes = 0
        self.pinged_s = None
        self._began_s = trio.current_time()
        self.last_error = None
        self.prefer(link.address)

    def end_session(self) -> None:
        self.drops += len(self.outbox)
        self.outbox = self._closed_outbox()
        self.link = None
        self.rtt_ms = None
        if trio.current_time() - self._began_s >= STEADY_S:
            self._backoff_s = self._config.redial_first_s
        self.back_off()

    def _closed_outbox(self) -> Outbox:
        outbox = Outbox(0, 0)
        outbox.close()
        return outbox

    # --- faults -----------------------------------------------------------------------

    def count_fault(self, code: str) -> bool:
        """Count something refused; return whether that was one too many for this session."""
        self._faults[code] = self._faults.get(code, 0) + 1
        self.strikes += 1
        return self.strikes >= STRIKES

    def next_penalty_s(self) -> float:
        penalty = self._penalty_s
        self._penalty_s = min(penalty * 2, PENALTY_MOST_S)
        return penalty

    # --- statistics -------------------------------------------------------------------

    def _state(self) -> str:
        if self.is_blocked:
            return "blocked"
        if self.link is not None:
            return "up"
        if self.is_held():
            return "held"
        if self.links or self.is_dialling:
            return "connecting"
        return "waiting" if self.dial_at_s is not None else "unknown"

    def statistics(self) -> PeerStatistics:
        link = self.link
        return PeerStatistics(
            device=self.device,
            state=self._state(),
            direction=None if link is None else ("outbound" if link.is_outbound else "inbound"),
            address=None if link is None else link.address,
            addresses=tuple(self.addresses),
            up_s=None if link is None else trio.current_time() - self._began_s,
            rtt_ms=self.rtt_ms,
            clock_offset_ms=self.clock_offset_ms,
            bytes_in=0 if link is None else link.wire.bytes_in,
            bytes_out=0 if link is None else link.wire.bytes_out,
            frames_in=self.frames_in,
            frames_out=self.frames_out,
            messages_in=self.messages_in,
            messages_out=self.messages_out,
            drops=self.drops,
            faults=tuple(sorted(self._faults.items())),
            sessions=self.sessions,
            last_error=self.last_error,
        )
