"""The verbs of one's own seat: being away, leaving, and which devices it has."""

from __future__ import annotations

from p2pnode_protocols.record.bodies import AddDevice, Away, Back, Leave, RevokeDevice, SetNodeKey
from p2pnode_protocols.wire.ids import DeviceKey

from ...answers import Receipt
from ..here import Here
from ..links import Binding
from ..references import find_device
from .submitting import NOW, How, Submitting, Texts


class Seating:
    """Say what concerns this device's own seat. Raises as `Proposing` does."""

    def __init__(self, here: Here, submitting: Submitting) -> None:
        self._here = here
        self._submitting = submitting

    async def away(self, *, how: How = NOW) -> Receipt:
        """Take this seat's node off the committee; the vote stays."""
        return await self._submitting.say(Away(), Texts(), how)

    async def back(self, *, how: How = NOW) -> Receipt:
        """Put this seat's node back on the committee."""
        return await self._submitting.say(Back(), Texts(), how)

    async def leave(self, *, how: How = NOW) -> Receipt:
        """Give this seat up."""
        return await self._submitting.say(Leave(), Texts(), how)

    async def add_device(self, binding: str, *, how: How = NOW) -> Receipt:
        """Bind a further device to this seat; `binding` comes from that device."""
        self._here.speaking()
        bound = Binding.from_text(binding)
        return await self._submitting.say(AddDevice(bound.device, bound.signature), Texts(), how)

    async def revoke_device(self, device: str, *, how: How = NOW) -> Receipt:
        """Take a device off this seat."""
        key = find_device(device, self._my_devices())
        return await self._submitting.say(RevokeDevice(key), Texts(), how)

    async def set_node_key(self, device: str | None, *, how: How = NOW) -> Receipt:
        """Say which device of this seat makes blocks; None: it votes but runs no node."""
        key = None if device is None else find_device(device, self._my_devices())
        return await self._submitting.say(SetNodeKey(key), Texts(), how)

    def _my_devices(self) -> tuple[DeviceKey, ...]:
        _session, core = self._here.speaking()
        seat = core.state.charter.by_device(core.device)
        return () if seat is None else seat.devices
