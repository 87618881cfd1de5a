"""A device that asks for a seat, in one session: a join or a binding that is under way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import trio

from p2pnode_protocols.core import Core
from p2pnode_protocols.gossip.peers.refusals import SHUT_OUT
from p2pnode_protocols.record.seats.charter import Member
from p2pnode_protocols.steps.notices import RefusedByPeer
from p2pnode_protocols.wire.ids import DeviceKey, WallMs

from ..home.pending import Ended, PendingBinding
from .events import Happening
from .joining import Progress, other_name
from .links import JoinLink
from .neighbours import by_device

log = logging.getLogger("p2pnode.session")

CLOCK_EVERY_S = 60.0  # between looks at the wall clock: a machine may sleep, or its clock be set
SEAT_EVERY_S = 1.0  # while it is asked whether there is still a seat


@dataclass(frozen=True, slots=True)
class JoinWish:
    """A join that has begun: the link, and the name the seat shall have."""

    link: JoinLink
    member_name: str
    ended: Ended | None = None  # what became of it; nothing is asked any more


class Arrival:
    """What this device has asked for, and where that stands.

    Args:
        wish: the join that has begun; None: none has.
        binding: this device's request to be bound to a seat.
        tell: called when the step of the join is another.
        on_admitted: told once nothing is asked for any more, as the seat is there.
        on_ended: told when the join has led nowhere.
    """

    def __init__(
        self,
        wish: JoinWish | None,
        binding: PendingBinding | None,
        *,
        tell: Callable[[], None],
        on_admitted: Callable[[], None],
        on_ended: Callable[[JoinWish, Ended], None],
    ) -> None:
        self.wish = wish
        self.binding = binding
        self.rejoins = False  # asks for a seat though it has one here: members may say otherwise
        is_over = wish is None or wish.ended is not None
        self.link_addresses = () if wish is None or is_over else wish.link.addresses
        self.progress = Progress(frozenset(by_device(self.link_addresses)), tell=tell)
        if wish is not None and wish.ended is not None:
            self.progress.end(wish.ended.code, wish.ended.detail)
        self._on_admitted = on_admitted
        self._on_ended = on_ended

    @property
    def asked(self) -> JoinWish | None:
        """The join that is under way, None when there is none or it has ended."""
        return None if self.wish is None or self.wish.ended is not None else self.wish

    @property
    def asks_for_seat(self) -> bool:
        return self.asked is not None or self.binding is not None

    def admission(self, device: DeviceKey) -> tuple[DeviceKey, bytes] | None:
        """Return what this device shows to those whom the link names."""
        return None if self.asked is None else self.asked.link.admission(device)

    @property
    def hosts(self) -> frozenset[DeviceKey]:
        """Whom the link of the join under way names."""
        return frozenset() if self.asked is None else self.progress.hosts

    def begin(self, core: Core | None) -> None:
        """Look what there is at the start of the session."""
        self.rejoins = core is not None and core.member is not None and self.asks_for_seat
        if self.rejoins:
            self.progress.move("syncing", "asking members whether this device still has its seat")

    def say_unbound(self) -> None:
        """Tell whom this device waits for, if it is to be bound to a seat."""
        if self.binding is not None:
            whose = f" of {self.binding.member_name}" if self.binding.member_name else ""
            self.progress.move("unbound", f"waiting for this device to be bound to the seat{whose}")

    # --- what members say -------------------------------------------------------------

    def review(self, core: Core, happenings: Iterable[Happening]) -> None:
        """Note what members say to a device that asks for a seat."""
        if not self.asks_for_seat:
            return
        inside = [
            one
            for one in core.sync.peers.greeted
            if self.progress.counts(one.device, has_seat=one.member is not None)
        ]
        if inside:
            self.progress.let_in()
            happenings = ()
        for one in happenings:
            if isinstance(one, RefusedByPeer) and one.code in SHUT_OUT:
                seat = core.state.charter.by_device(one.peer)
                name = None if seat is None else seat.name
                self.progress.refused_by(one.peer, one.code, one.detail, name)
        if self.rejoins and core.member is None:
            self.rejoins = False
            self.progress.move("syncing", "the seat of before is gone; following the log")
        elif self.rejoins and core.own_seat.surely_has_seat:
            self.rejoins = False
            log.warning("this device has its seat in the community: nothing is left to join")

    def note_seat(self, seat: Member | None, device: DeviceKey) -> None:
        """Ask for nothing any more: this device has a seat."""
        if not self.asks_for_seat:
            return
        self.progress.move("admitted", "this device has a seat")
        if (other := self.find_other_name(seat, device)) is not None:
            log.warning("%s", other)
        self.wish = self.binding = None
        self._on_admitted()

    def find_other_name(self, seat: Member | None, device: DeviceKey) -> str | None:
        """Return what to tell a joiner whose seat has another name than it asked for."""
        return other_name(self.progress.asked_name, seat, device)

    # --- while nothing happens --------------------------------------------------------

    async def see_to_seat(self, look: Callable[[], None]) -> None:
        """Let `look` see whether members say that the seat is here: no event may show it."""
        while self.rejoins:
            await trio.sleep(SEAT_EVERY_S)
            look()

    async def see_to_join(self) -> None:
        """End the join once it leads nowhere: nothing is asked any more then."""
        while (wish := self.asked) is not None:
            await trio.sleep(SEAT_EVERY_S)
            self.progress.end_if_sure()
            if self.progress.ended is not None and self.wish is wish:
                self._on_ended(wish, self.progress.ended)
                return

    async def expire(self, now_ms: Callable[[], WallMs]) -> None:
        """Say so when the link's time is over before its invite was decided."""
        if self.wish is None or self.wish.link.expires_ms == 0:
            return
        while (left_ms := self.wish.link.expires_ms - now_ms()) > 0:
            await trio.sleep(min(left_ms / 1000, CLOCK_EVERY_S))
            if self.wish is None:
                return
        self.progress.expired()
