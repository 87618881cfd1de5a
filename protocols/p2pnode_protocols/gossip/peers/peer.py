"""One connected node, as this one knows it, and how often it may ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...messages.fields import Place
from ...messages.leaps import Leap
from ...messages.standing import Status
from ...wire.errors import PeerFault
from ...wire.ids import DeviceKey, MemberId, MonoMs, Round
from .backlog import Backlog

REQUEST_WINDOW_MS = 10_000
REQUESTS_PER_WINDOW = 400  # 40 a second bring 40 MiB: more than a laptop verifies
LEAP_REQUESTS = 40  # what another leap than the last counts as: its answer is put together anew

Frontier = tuple[tuple[MemberId, Round], ...]  # highest round held, of each author


@dataclass(slots=True)
class Peer:
    """What this node knows of one connected node."""

    device: DeviceKey
    member: MemberId | None = None
    invite: DeviceKey | None = None  # by which it was let in; None: it has a seat, or no hello
    greeted: bool = False
    greeted_at: int = 0  # monotonic ms
    ungreeted: int = 0  # messages that came before its hello
    told: Status | None = None  # where this node stood when it said hello
    status: Status | None = None
    has: dict[int, Round] = field(default_factory=dict)  # by committee place, this epoch
    nonces: dict[DeviceKey, int] = field(default_factory=dict)
    links: frozenset[DeviceKey] = frozenset()
    backlog: Backlog = field(default_factory=Backlog)
    is_ahead: bool = True  # its status may show blocks that this node lacks: look
    want_at: int = 0  # monotonic ms; it is sent no want before
    pull_until: MonoMs | None = None  # a pull is in flight; give up then
    rests_until: MonoMs | None = None  # it refused a pull: ask others meanwhile
    pulled: int = -1  # the epoch of that pull, or of the last one
    pulled_from: Frontier = ()  # … what this node had of it then
    pulled_after: Place | None = None  # … and the place after which; None: not for forks
    unanswered: int = 0  # pulls one after the other
    barren: tuple[int, Frontier] | None = None  # pulled: brought nothing
    searched: tuple[object, ...] | None = None  # where both stood when it was last asked for forks
    search_after: Place | None = None  # … and how far it has answered, if there is more
    lacked_at: MonoMs | None = None  # when it was last told that its ops are not here
    faults: list[MonoMs] = field(default_factory=list)
    part_at: MonoMs | None = None  # it has lost its seat: then the connection ends

    asked_since: MonoMs | None = None  # start of the window in which its requests are counted
    asked: int = 0
    vain: int = 0  # units that it said in vain …
    vain_window: int = 0  # … in this minute (`Vain.window`)
    told_codes: dict[str, MonoMs] = field(default_factory=dict)  # as a bearer: when last
    leap: tuple[int, int, int | None] | None = None  # the last that it asked for

    def count_request(self, now: MonoMs, weight: int = 1) -> None:
        """Count a pull or want of this peer: each makes this node read its disk.

        Raises:
            PeerFault: `limit_rate` when it asks more than anyone who catches up would.
        """
        if self.asked_since is None or now - self.asked_since >= REQUEST_WINDOW_MS:
            self.asked_since, self.asked = now, 0
        self.asked += weight
        if self.asked > REQUESTS_PER_WINDOW:
            raise PeerFault(
                "limit_rate",
                f"more than {REQUESTS_PER_WINDOW} requests in {REQUEST_WINDOW_MS // 1000} s",
            )

    def weigh_leap(self, leap: Leap) -> int:
        """Return what a leap of this peer counts as, as it comes."""
        asked = (leap.epoch_number, leap.closed, leap.after)
        is_next_part = self.leap == asked
        self.leap = asked
        return 1 if is_next_part else LEAP_REQUESTS

    @property
    def is_joiner(self) -> bool:
        """Whether an open invite lets it in: it is nobody's word that this node goes by."""
        return self.invite is not None

    @property
    def epoch_number(self) -> int:
        return -1 if self.status is None else self.status.epoch_number

    @property
    def seat(self) -> bytes:
        """Return whose it is; all devices without a seat here pass for one."""
        return b"" if self.member is None else self.member

    @property
    def sharer(self) -> bytes:
        """Return with whom it shares: its seat, or the holders of one invite (R7.9)."""
        return self.member or self.invite or b""
