"""What one community's net remembers of devices: who is wanted, who is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from p2pnode_protocols.wire.ids import DeviceKey

from ..config import NetConfig
from .book import Book, read_addresses
from .peer import Peer
from .remote import Remote
from .tips import LOCAL


class Peers:
    """The records of devices in one community.

    Args:
        gate: whether a device belongs to a member.
    """

    def __init__(self, config: NetConfig, book: Book, gate: Callable[[DeviceKey], bool]) -> None:
        self._config = config
        self._book = book
        self._gate = gate
        self._all: dict[DeviceKey, Peer] = {}

    def __iter__(self) -> Iterator[Peer]:
        return iter(list(self._all.values()))

    def get(self, device: DeviceKey) -> Peer | None:
        return self._all.get(device)

    def is_known(self, device: DeviceKey) -> bool:
        record = self._all.get(device)
        return (record is not None and record.is_wanted) or self._gate(device)

    def is_kept_away(self, device: DeviceKey) -> bool:
        record = self._all.get(device)
        return record is not None and (record.is_blocked or record.is_held)

    def remember(self, device: DeviceKey) -> Peer:
        """Return the record of a device, a new one when there is none."""
        record = self._all.get(device)
        if record is None:
            remote = self._book.remember(device)
            record = Peer(remote, self._config, partial(self._forget, device))
            self._all[device] = record
        return record

    def _forget(self, device: DeviceKey) -> None:
        self._all.pop(device, None)

    def set_wanted(self, peers: Mapping[DeviceKey, Sequence[str]]) -> list[Remote]:
        """Want exactly these devices, at these addresses and others known; return them."""
        self._book.forget_sources()
        for device, record in self._all.items():
            if record.is_wanted and device not in peers:
                record.is_wanted = False
                record.remote.notify()
        wanted: list[Remote] = []
        for device, addresses in peers.items():
            if device != self._book.device:
                record = self.remember(device)
                record.is_wanted = True
                remote = record.remote
                remote.add_addresses(self._book.note_addresses(remote, addresses))
                remote.notify()
                wanted.append(remote)
        return wanted

    # --- where they are ---------------------------------------------------------------

    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn by a wanted peer's own word where it is; what is no address is passed over."""
        record = self._all.get(peer)
        if record is not None and record.is_wanted:
            record.remote.add_said(self._book.note_addresses(record.remote, addresses))

    def add_tips(self, peer: DeviceKey, teller: bytes, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be from somebody else; no caller is known by that."""
        record = self._all.get(peer)
        if record is not None and record.is_wanted:
            usable = read_addresses(peer, addresses)
            record.remote.add_tips(teller, [str(one) for one in usable])

    def add_found(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be from whoever says so on the local network.

        Of each device apart, so that who makes up one leaves tries for the others.
        """
        self.add_tips(peer, LOCAL + peer, addresses)

    def forget_all(self) -> None:
        """Want nobody and know nobody any more.

        Who is wanted anew after that, by another link, is dialled at once: what made this node wait
        was said to the community as it was.
        """
        for record in self:
            record.is_wanted = record.is_blocked = False
            record.forget()
            if record.remote.is_wanted:
                record.remote.notify()
            else:
                record.remote.redial_now()
