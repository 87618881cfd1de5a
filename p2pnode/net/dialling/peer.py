"""What a net remembers of one device, and the rules for when to dial it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import trio

from p2pnode_protocols.wire.ids import DeviceKey
from p2pnode_protocols.wire.limits import ADDRESSES

from ..config import NetConfig
from ..connection.link import Link
from ..interface import PeerStatistics
from ..session import Session, Traffic
from .tips import Tips

STEADY_S = 10.0  # a session this long was no false start: the next dial is almost at once
# One that was cut off as it did not read may have been asleep. One that does so again and again
# makes us work for nothing: it stays away for so long, twice as long each time up to …
UNREAD_S = 1.0
UNREAD_MOST_S = 600.0
READS_S = 60.0  # … until it has read for so long
SAID_AGAIN_S = 60.0  # between two times that a device's own news make the next dial come at once
REACHED = 4  # sources of one device that are remembered: home, work, a train


class Peer:
    """The mutable record of one device. Only tasks of its net touch it."""

    def __init__(self, device: DeviceKey, config: NetConfig) -> None:
        self.device = device
        self.addresses: list[str] = []  # of the user, of its own word, or that worked; best first
        self.tips = Tips()
        self._said_s = -math.inf  # when its own word made the next dial come at once
        self._reached: list[str] = []  # sources it was connected from or at; newest first
        self._told: list[str] = []  # sources that it told of itself
        self._worked = ""  # the address of them that gave a connection last
        self.is_wanted = False
        self.is_blocked = False
        self.has_dialler = False
        self.is_dialling = False
        self._is_round = True  # the dial under way, or the last one, is one of all addresses
        self.links: set[Link] = set()
        self.session: Session | None = None
        self.turn = trio.Lock()  # one session at a time, from PeerUp to PeerDown
        self.traffic = Traffic()
        self.last_error: str | None = None
        self.errors: dict[str, str] = {}  # of the last dial, by address
        self.changed = trio.Event()  # something that `dial_at_s` depends on
        self._config = config
        self._sessions = 0
        self._held_until_s = 0.0
        self._unread_s = UNREAD_S
        self._backoff_s = config.redial_first_s
        self._dial_at_s = 0.0

    def notify(self) -> None:
        self.changed.set()
        self.changed = trio.Event()

    # --- addresses --------------------------------------------------------------------

    def add_addresses(self, addresses: Sequence[str]) -> bool:
        """Put new addresses first and forget the worst beyond the limit.

        The one that worked last stays. Returns whether there was a new one.
        """
        fresh = [one for one in dict.fromkeys(addresses) if one not in self.addresses]
        if fresh:
            known = [*fresh, *self.addresses]
            if self._worked in known[ADDRESSES:]:
                known.insert(ADDRESSES - 1, self._worked)
            self.addresses = known[:ADDRESSES]
            self.redial_now()
        return bool(fresh)

    def add_said(self, addresses: Sequence[str]) -> None:
        """Put where the device itself says it is first; the wait ends every `SAID_AGAIN_S`.

        Else who hangs up and calls again, with a new hello each time, chooses what is dialled.
        """
        dial_at_s, backoff_s = self._dial_at_s, self._backoff_s
        if not self.add_addresses(addresses):
            return
        now_s = trio.current_time()
        if now_s < self._said_s + SAID_AGAIN_S:
            self._dial_at_s, self._backoff_s = dial_at_s, backoff_s
            self.notify()
        else:
            self._said_s = now_s

    def add_tips(self, teller: bytes, addresses: Sequence[str]) -> None:
        """Note where others say it is: tried besides, and soon, without a change of the wait."""
        self.tips.tell(teller, [one for one in addresses if one not in self.addresses])
        self.notify()

    def begin_dial(self, may_try: Callable[[bytes], bool]) -> list[str]:
        """Return what to dial now: all, or what others have said since; none: no try is left."""
        self._is_round = self._dial_at_s <= trio.current_time()
        picked = self.tips.pick(self.addresses, may_try, is_round=self._is_round)
        return [*self.addresses, *picked] if self._is_round else picked

    def note_failure(self, why: str, errors: dict[str, str]) -> None:
        """Note that nobody answered. What was only told and tried early tells nothing of it."""
        if self._is_round:
            self.last_error, self.errors = why, errors
        self.end_dial()

    def end_dial(self) -> None:
        """Wait again, after a dial that led to nothing."""
        if self._is_round:
            self.back_off()
        else:
            self.notify()

    @property
    def sources(self) -> list[str]:
        """Where a call of this device would come from (`find_source`)."""
        return [*self._reached, *self._told]

    def note_reached(self, source: str) -> None:
        self._reached = [source, *(one for one in self._reached if one != source)][:REACHED]

    def note_told(self, sources: Sequence[str]) -> None:
        fresh = [one for one in dict.fromkeys(sources) if one not in self._told]
        self._told = [*fresh, *self._told][:ADDRESSES]

    def prefer(self, address: str) -> None:
        """Dial this one first from here on: it worked."""
        if address in self.addresses or address in self.tips:
            self._worked = address
            others = [one for one in self.addresses if one != address]
            self.addresses = [address, *others][:ADDRESSES]

    # --- when to dial -----------------------------------------------------------------

    @property
    def dial_at_s(self) -> float | None:
        """When to dial next; None: not before something changes."""
        if not self.is_wanted or self.is_blocked or self.links:
            return None
        news_s = self.tips.due_s
        if not self.addresses and not self.tips.addresses:
            return None
        due_s = self._dial_at_s if news_s is None else min(self._dial_at_s, news_s)
        return max(due_s, self._held_until_s)

    def redial_now(self) -> None:
        self._backoff_s = self._config.redial_first_s
        self._dial_at_s = 0.0
        self.notify()

    def back_off(self) -> None:
        """Wait about twice as long as the last time; the jitter parts what would collide."""
        self._dial_at_s = trio.current_time() + self._backoff_s * random.uniform(0.5, 1.0)
        self._backoff_s = min(self._backoff_s * 2, self._config.redial_most_s)
        self.notify()

    def hold(self, seconds: float) -> None:
        """Neither dial nor accept for so long."""
        self._held_until_s = max(self._held_until_s, trio.current_time() + seconds)
        self.notify()

    @property
    def is_held(self) -> bool:
        return self._held_until_s > trio.current_time()

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by forgetting it but its counters, and that it is held."""
        return not (self.is_wanted or self.is_blocked or self.links)

    # --- sessions ---------------------------------------------------------------------

    def begin_session(self, session: Session) -> None:
        self.session = session
        self._sessions += 1
        self.last_error, self.errors = None, {}
        self.prefer(session.link.address)

    def end_session(self) -> None:
        assert self.session is not None
        lasted_s = trio.current_time() - self.session.began_s
        if lasted_s >= STEADY_S:
            self._backoff_s = self._config.redial_first_s
        if lasted_s >= READS_S:
            self._unread_s = UNREAD_S
        if self.session.is_unread:
            self.hold(self._unread_s)
            self._unread_s = min(self._unread_s * 2, UNREAD_MOST_S)
        self.session = None

    def kill_links(self) -> None:
        for link in self.links:
            link.kill()

    # --- statistics -------------------------------------------------------------------

    def _state(self) -> str:
        if self.is_blocked:
            return "blocked"
        if self.session is not None:
            return "up"
        if self.is_held:
            return "held"
        if self.links or self.is_dialling:
            return "connecting"
        return "idle" if self.dial_at_s is None else "waiting"

    def statistics(self) -> PeerStatistics:
        session, traffic = self.session, self.traffic
        link = None if session is None else session.link
        return PeerStatistics(
            device=self.device,
            state=self._state(),
            direction=None if link is None else ("outbound" if link.is_outbound else "inbound"),
            address=None if link is None else link.address,
            addresses=tuple(self.addresses),
            tips=tuple(self.tips.addresses),
            up_s=None if session is None else trio.current_time() - session.began_s,
            rtt_ms=None if session is None else session.rtt_ms,
            clock_offset_ms=None if session is None else session.clock_offset_ms,
            bytes_in=0 if link is None else link.wire.bytes_in,
            bytes_out=0 if link is None else link.wire.bytes_out,
            frames_in=traffic.frames_in,
            frames_out=traffic.frames_out,
            messages_in=traffic.messages_in,
            messages_out=traffic.messages_out,
            drops=traffic.drops,
            faults=tuple(sorted(traffic.faults.items())),
            sessions=self._sessions,
            last_error=self.last_error,
            errors=tuple(self.errors.items()),
        )
