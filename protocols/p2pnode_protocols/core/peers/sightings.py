"""When each node was last known to be there: what a rebuild asks before it counts one as lost."""

from __future__ import annotations

from ...record.seats.charter import Charter
from ...wire.ids import DeviceKey, MonoMs


class Sightings:
    """The last moment of each device that holds a seat, since this start."""

    def __init__(self) -> None:
        self._last: dict[DeviceKey, MonoMs] = {}

    def note(self, device: DeviceKey, now: MonoMs) -> None:
        self._last[device] = now

    def last(self, device: DeviceKey) -> MonoMs | None:
        return self._last.get(device)

    def keep_seats(self, charter: Charter) -> None:
        """Forget devices that hold no seat any more."""
        self._last = {device: at for device, at in self._last.items() if charter.by_device(device)}
