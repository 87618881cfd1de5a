"""What an endpoint remembers of all devices: where each is, and which community knows it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Protocol

from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, to_short

from ..addresses import Address, AddressError, find_source, parse_address
from ..config import NetConfig
from ..identity import compute_peer_id
from .remote import Remote

log = logging.getLogger("p2pnode.net")

FORGET = 256  # idle devices remembered; beyond it the oldest goes


class Knowing(Protocol):
    """Whom one community knows."""

    def is_known(self, device: DeviceKey) -> bool:
        """Return whether a device belongs to a member, or is wanted."""
        ...

    def is_let_in(self, device: DeviceKey) -> bool:
        """Return whether a stranger has shown the core an open invite."""
        ...

    def is_kept_away(self, device: DeviceKey) -> bool:
        """Return whether a device is blocked, or was sent away and its time is not over."""
        ...

    def seat_of(self, device: DeviceKey) -> bytes:
        """Return what all devices of one seat have in common."""
        ...


class Book:
    """The records of devices.

    Args:
        device: this one.
    """

    def __init__(self, config: NetConfig, device: DeviceKey) -> None:
        self.device = device
        self.communities: dict[CommunityId, Knowing] = {}  # that are open
        self._config = config
        self._remotes: dict[DeviceKey, Remote] = {}
        self._known_sources: frozenset[str] | None = None  # None: to be looked up

    def __iter__(self) -> Iterator[Remote]:
        return iter(list(self._remotes.values()))

    def __len__(self) -> int:
        return len(self._remotes)

    def __getitem__(self, device: DeviceKey) -> Remote:
        return self._remotes[device]

    def get(self, device: DeviceKey) -> Remote | None:
        return self._remotes.get(device)

    @property
    def wanted(self) -> int:
        """How many devices are."""
        return sum(one.is_wanted for one in self._remotes.values())

    # --- who is known -----------------------------------------------------------------

    def knowing(self, device: DeviceKey) -> list[Knowing]:
        """Return the communities that know a device."""
        return [one for one in self.communities.values() if one.is_known(device)]

    def is_known(self, device: DeviceKey) -> bool:
        return any(one.is_known(device) for one in self.communities.values())

    def is_let_in(self, device: DeviceKey) -> bool:
        return any(one.is_let_in(device) for one in self.communities.values())

    def is_kept_away(self, device: DeviceKey) -> bool:
        """Return whether no community takes a device; of who has no seat: whether any does not.

        A member that is blocked in one may come for another, in which it is a stranger.
        """
        record = self._remotes.get(device)
        if record is not None and record.is_held:
            return True
        kept_away = [one.is_kept_away(device) for one in self.communities.values()]
        return all(kept_away) if self.is_known(device) else any(kept_away)

    def is_welcome(self, device: DeviceKey) -> bool:
        """Return whether a community knows a device and takes it; else it is a stranger."""
        return any(not one.is_kept_away(device) for one in self.knowing(device))

    def seat_of(self, device: DeviceKey) -> bytes:
        """Return what all devices of one seat have in common, in the first community there is."""
        known = self.knowing(device)
        return known[0].seat_of(device) if known else device

    def strangers(self) -> list[DeviceKey]:
        """Return who is connected, and welcome to no community."""
        return [
            device
            for device, remote in self._remotes.items()
            if remote.links and not self.is_welcome(device)
        ]

    def remember(self, device: DeviceKey) -> Remote:
        """Return the record of a device, a new one when there is none."""
        record = self._remotes.get(device)
        if record is None:
            # Keys of strangers cost nothing, so that one of them is held is no reason to keep it.
            idle = [
                one
                for one, remote in self._remotes.items()
                if remote.is_idle and not (remote.is_kept_away and self.is_known(one))
            ]
            if len(idle) >= FORGET:
                self._remotes.pop(idle[0]).forget()
            record = self._remotes[device] = Remote(device, self._config)
        return record

    # --- where they are ---------------------------------------------------------------

    def note_addresses(self, record: Remote, addresses: Sequence[str]) -> list[str]:
        """Note from where a device may call, and return where to dial it."""
        usable = read_addresses(record.device, addresses)
        record.note_told([find_source(one.host) for one in usable if one.is_ip])
        self.forget_sources()
        return [str(one) for one in usable]

    def note_reached(self, remote: Remote, source: str) -> None:
        """Note from where a device has called, or where it was reached."""
        remote.note_reached(source)
        self.forget_sources()

    def forget_sources(self) -> None:
        """Others may be known, or elsewhere."""
        self._known_sources = None

    def known_sources(self) -> frozenset[str]:
        """Return where members called from, were reached, or say themselves that they are."""
        if self._known_sources is None:
            self._known_sources = frozenset(
                source
                for device, remote in self._remotes.items()
                if self.is_known(device)
                for source in remote.sources
            )
        return self._known_sources


def read_addresses(peer: DeviceKey, addresses: Sequence[str]) -> list[Address]:
    """Return what is an address of this device; the rest is passed over."""
    usable: list[Address] = []
    for text in addresses:
        try:
            address = parse_address(text)
        except AddressError as error:
            log.debug("address of %s passed over: %s", to_short("dev", peer), error)
            continue
        if address.is_unspecified or address.peer_id not in (None, compute_peer_id(peer)):
            log.debug("address of %s passed over: %s", to_short("dev", peer), text)
            continue
        usable.append(Address(address.kind, address.host, address.port))
    return usable
