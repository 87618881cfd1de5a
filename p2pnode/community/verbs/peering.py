"""Orders to the network, and links to this community: nothing of it is said to anyone."""

from __future__ import annotations

from p2pnode_protocols.wire.ids import DeviceKey, WallMs

from ...errors import RequestError
from ...net import AddressError, split_address
from ..here import Here
from ..links import JoinLink
from ..references import find_peer


class Peering:
    """Whom this node is connected to, and where a newcomer finds it."""

    def __init__(self, here: Here) -> None:
        self._here = here

    def link(self) -> str:
        """Return a link without a seat, for a further device of a member."""
        session, core = self._here.running()
        addresses = session.neighbours.link_addresses()
        return JoinLink(session.community, None, WallMs(0), addresses, core.member).to_text()

    def dial(self, address: str) -> None:
        """Add an address, which must end in /p2p/ and a peer id, to those that are dialled."""
        session, core = self._here.running()
        try:
            device, address = split_address(address)
        except AddressError as error:
            raise RequestError("invalid_request", str(error)) from error
        session.neighbours.add(device, address)
        session.neighbours.review(core.state.charter)

    def block(self, peer: str) -> None:
        """Cut a member's or device's connections and refuse new ones, until `unblock`."""
        session, _core = self._here.running()
        for device in self._find(peer):
            session.net.block(device)

    def unblock(self, peer: str) -> None:
        """End a `block`."""
        session, _core = self._here.running()
        for device in self._find(peer):
            session.net.unblock(device)

    def _find(self, reference: str) -> list[DeviceKey]:
        session, core = self._here.running()
        known = [one.device for one in session.net.statistics().peers]
        found = find_peer(reference, core.state.charter, known)
        return [one for one in found if one != core.device]
