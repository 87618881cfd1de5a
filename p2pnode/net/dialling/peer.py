"""What a community's net remembers of one device."""

from __future__ import annotations

from collections.abc import Callable

import trio

from ..config import NetConfig
from ..interface import PeerStatistics, Traffic
from ..session import Session
from .remote import Remote

STEADY_S = 10.0  # a session this long was no false start: the next dial is almost at once
# One that was cut off as it did not read may have been asleep. One that does so again and again
# makes us work for nothing: it stays away for so long, twice as long each time up to …
UNREAD_S = 1.0
UNREAD_MOST_S = 600.0
READS_S = 60.0  # … until it has read for so long
# One that ends its session again and again, and begins another: the second in a row is at once, for
# whoever restarts or has dialled us twice, and each further one later. At most, as no honest one
# should wait for long.
AGAIN_MOST_S = 2.0


class Peer:
    """The mutable record of one device in one community. Only tasks of its net touch it."""

    def __init__(
        self, remote: Remote, config: NetConfig, on_forget: Callable[[], None] = lambda: None
    ) -> None:
        self.device = remote.device
        self.remote = remote
        self.is_wanted = False
        self.is_blocked = False
        self.session: Session | None = None
        self.turn = trio.Lock()  # one session at a time, from PeerUp to PeerDown
        self.traffic = Traffic()
        self._config = config
        self._sessions = 0
        self._held_until_s = 0.0
        self._unread_s = UNREAD_S
        self._short = 0  # sessions in a row that were
        self.talk_from_s = 0.0  # when the next one may begin
        self._on_forget = on_forget
        remote.wishes.append(self)

    # --- whether it is wanted ---------------------------------------------------------

    @property
    def dial_from_s(self) -> float | None:
        """From when on to dial it; None: not before something changes."""
        return self._held_until_s if self.is_wanted and not self.is_blocked else None

    def hold(self, seconds: float) -> None:
        """Neither dial nor accept it in this community for so long."""
        self._held_until_s = max(self._held_until_s, trio.current_time() + seconds)
        self.remote.notify()

    @property
    def is_held(self) -> bool:
        return self._held_until_s > trio.current_time()

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by forgetting it but its counters, and that it is held."""
        return not (self.is_wanted or self.is_blocked or self.session)

    @property
    def has_greeted(self) -> bool:
        return self.session is not None and self.session.has_greeted

    def forget(self) -> None:
        """Nothing is remembered of it any more in this community."""
        self.remote.wishes.remove(self)
        self._on_forget()

    # --- sessions ---------------------------------------------------------------------

    def begin_session(self, session: Session) -> None:
        self.session = session
        self._sessions += 1
        self.remote.note_up(session.pair.link.address)

    def end_session(self) -> None:
        assert self.session is not None
        lasted_s = trio.current_time() - self.session.began_s
        if lasted_s >= STEADY_S:
            self.remote.dial_soon()
        self._put_off(is_short=lasted_s < STEADY_S)
        if lasted_s >= READS_S:
            self._unread_s = UNREAD_S
        if self.session.is_unread:
            self.hold(self._unread_s)
            self._unread_s = min(self._unread_s * 2, UNREAD_MOST_S)
        self.session = None

    def _put_off(self, *, is_short: bool) -> None:
        self._short = self._short + 1 if is_short else 0
        if self._short > 1:
            pause_s = self._config.redial_first_s * 2.0 ** min(self._short - 2, 10)
            self.talk_from_s = trio.current_time() + min(pause_s, AGAIN_MOST_S)

    def hang_up(self) -> None:
        """End its session at once; other communities' go on."""
        if self.session is not None:
            self.session.pair.kill()

    # --- statistics -------------------------------------------------------------------

    def _state(self) -> str:
        remote = self.remote
        if self.is_blocked:
            return "blocked"
        if self.session is not None:
            return "up"
        if self.is_held or remote.is_held:
            return "held"
        if remote.links or remote.is_dialling:
            return "connecting"
        return "idle" if self.dial_from_s is None or remote.dial_at_s is None else "waiting"

    def statistics(self) -> PeerStatistics:
        session, traffic, remote = self.session, self.traffic, self.remote
        link = None if session is None else session.pair.link
        return PeerStatistics(
            device=self.device,
            state=self._state(),
            direction=None if link is None else ("outbound" if link.is_outbound else "inbound"),
            address=None if link is None else link.address,
            addresses=tuple(remote.addresses),
            tips=tuple(remote.tips.addresses),
            up_s=None if session is None else trio.current_time() - session.began_s,
            rtt_ms=None if link is None else link.pulse.rtt_ms,
            clock_offset_ms=None if link is None else link.pulse.clock_offset_ms,
            bytes_in=0 if link is None else link.wire.bytes_in,
            bytes_out=0 if link is None else link.wire.bytes_out,
            frames_in=traffic.frames_in,
            frames_out=traffic.frames_out,
            messages_in=traffic.messages_in,
            messages_out=traffic.messages_out,
            drops=traffic.drops,
            faults=tuple(sorted(traffic.faults.items())),
            sessions=self._sessions,
            last_error=remote.last_error,
            errors=tuple(remote.errors.items()),
        )
