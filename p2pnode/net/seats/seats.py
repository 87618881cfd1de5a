"""Whose a device is, and what all devices of one seat share here: room, a core, strikes.

A seat may have any number of devices, and whoever has none any number of keys. So what one may
make this node do is counted for the seat; for an open invite, of who was let in by it; and of all
others together.
"""

from __future__ import annotations

from collections.abc import Callable

from p2pnode_protocols.wire.ids import DeviceKey

from ..config import NetConfig
from .allowance import Allowance, SeatRoom
from .cpu import AT_LEAST, TOGETHER, CpuShare

SHARES = 512  # of seats and open invites; beyond it those go that are as new


class Seats:
    """What is held for each seat, and what it may cost.

    Args:
        is_known: whether a device belongs to a member, or is wanted.
        is_let_in: whether a stranger has shown the core an open invite.
        seat_of: what all devices of one seat have in common, or all whom one invite has let in.
    """

    def __init__(
        self,
        config: NetConfig,
        is_known: Callable[[DeviceKey], bool],
        is_let_in: Callable[[DeviceKey], bool],
        seat_of: Callable[[DeviceKey], bytes],
    ) -> None:
        self.is_known = is_known
        self.is_let_in = is_let_in
        self.seat_of = seat_of
        self._config = config
        self._rooms: dict[bytes, SeatRoom] = {}  # of those with a session
        self._shares: dict[bytes, CpuShare] = {}  # also of those without a session

    def is_in(self, device: DeviceKey) -> bool:
        return self.is_known(device) or self.is_let_in(device)

    @property
    def rooms(self) -> dict[bytes, SeatRoom]:
        """By seat."""
        return self._rooms

    def find_room(self, device: DeviceKey) -> SeatRoom:
        """Return the room of a device's seat; who is known to nobody shares it with all like it."""
        seat = self.seat_of(device) if self.is_known(device) else b""
        room = self._rooms.get(seat)
        if room is None:
            config = self._config
            room = SeatRoom(Allowance(config.queue_bytes), Allowance(config.partial_bytes))
            self._rooms[seat] = room
        return room

    def forget_rooms(self) -> None:
        """Forget those in which nobody is any more."""
        self._rooms = {seat: room for seat, room in self._rooms.items() if room.waiting}

    def find_share(self, device: DeviceKey) -> CpuShare:
        """Return the share of a device's seat, or invite; of all others together (R7.26)."""
        seat = self.seat_of(device) if self.is_in(device) else b""
        share = self._shares.get(seat)
        if share is None:
            if len(self._shares) >= SHARES:
                self._shares = {key: one for key, one in self._shares.items() if not one.is_as_new}
            share = self._shares[seat] = CpuShare(self._find_part)
        return share

    def _find_part(self) -> float:
        """Return which part of a core each seat may take now."""
        return max(AT_LEAST, TOGETHER / max(1, len(self._rooms)))

    def at(self, device: DeviceKey) -> SeatOf:
        return SeatOf(self, device)


class SeatOf:
    """The seat of one device, which it may get or lose meanwhile."""

    def __init__(self, seats: Seats, device: DeviceKey) -> None:
        self._seats = seats
        self._device = device

    @property
    def is_in(self) -> bool:
        """Whether it has one, or has been let in without."""
        return self._seats.is_in(self._device)

    def find_room(self) -> SeatRoom:
        return self._seats.find_room(self._device)

    def find_share(self) -> CpuShare:
        return self._seats.find_share(self._device)
