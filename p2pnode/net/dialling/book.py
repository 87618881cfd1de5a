"""What a net remembers of all devices: who is wanted, where each is, who is known."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

from p2pnode_protocols.wire.ids import DeviceKey, to_short

from ..addresses import Address, AddressError, find_source, parse_address
from ..config import NetConfig
from ..identity import compute_peer_id
from .peer import Peer
from .tips import LOCAL

log = logging.getLogger("p2pnode.net")

FORGET = 256  # idle devices remembered; beyond it the oldest goes


class Book:
    """The records of devices.

    Args:
        device: this one.
        gate: whether a device belongs to a member.
    """

    def __init__(
        self, config: NetConfig, device: DeviceKey, gate: Callable[[DeviceKey], bool]
    ) -> None:
        self._config = config
        self._device = device
        self._gate = gate
        self._peers: dict[DeviceKey, Peer] = {}
        self._known_sources: frozenset[str] | None = None  # None: to be looked up

    def __iter__(self) -> Iterator[Peer]:
        return iter(self._peers.values())

    def __len__(self) -> int:
        return len(self._peers)

    def __getitem__(self, device: DeviceKey) -> Peer:
        return self._peers[device]

    def get(self, device: DeviceKey) -> Peer | None:
        return self._peers.get(device)

    @property
    def wanted(self) -> int:
        """How many devices are."""
        return sum(one.is_wanted for one in self._peers.values())

    def is_known(self, device: DeviceKey) -> bool:
        record = self._peers.get(device)
        return (record is not None and record.is_wanted) or self._gate(device)

    def strangers(self) -> list[DeviceKey]:
        """Return who is connected and not known."""
        return [
            device
            for device, peer in self._peers.items()
            if peer.links and not self.is_known(device)
        ]

    def remember(self, device: DeviceKey) -> Peer:
        """Return the record of a device, a new one when there is none."""
        record = self._peers.get(device)
        if record is None:
            # Keys of strangers cost nothing, so that one of them is held is no reason to keep it.
            idle = [
                one
                for one, peer in self._peers.items()
                if peer.is_idle and not (peer.is_held and self.is_known(one))
            ]
            if len(idle) >= FORGET:
                del self._peers[idle[0]]
            record = self._peers[device] = Peer(device, self._config)
        return record

    def set_wanted(self, peers: Mapping[DeviceKey, Sequence[str]]) -> list[Peer]:
        """Want exactly these devices, at these addresses and others known; return them."""
        self._known_sources = None
        for device, record in self._peers.items():
            if record.is_wanted and device not in peers:
                record.is_wanted = False
                record.notify()
        wanted: list[Peer] = []
        for device, addresses in peers.items():
            if device != self._device:
                record = self.remember(device)
                record.is_wanted = True
                record.add_addresses(self._note_addresses(record, addresses))
                wanted.append(record)
        return wanted

    # --- where they are ---------------------------------------------------------------

    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn by a wanted peer's own word where it is; what is no address is passed over."""
        record = self._peers.get(peer)
        if record is not None and record.is_wanted:
            record.add_said(self._note_addresses(record, addresses))

    def add_tips(self, peer: DeviceKey, teller: bytes, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be from somebody else; no caller is known by that."""
        record = self._peers.get(peer)
        if record is not None and record.is_wanted:
            usable = _read_addresses(peer, addresses)
            record.add_tips(teller, [str(one) for one in usable])

    def add_found(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be from whoever says so on the local network.

        Of each device apart, so that who makes up one leaves tries for the others.
        """
        self.add_tips(peer, LOCAL + peer, addresses)

    def note_reached(self, peer: Peer, source: str) -> None:
        """Note from where a device has called, or where it was reached."""
        peer.note_reached(source)
        self._known_sources = None

    def _note_addresses(self, record: Peer, addresses: Sequence[str]) -> list[str]:
        """Note from where a peer may call, and return where to dial it."""
        usable = _read_addresses(record.device, addresses)
        record.note_told([find_source(one.host) for one in usable if one.is_ip])
        self._known_sources = None
        return [str(one) for one in usable]

    def known_sources(self) -> frozenset[str]:
        """Return where members called from, were reached, or say themselves that they are."""
        if self._known_sources is None:
            self._known_sources = frozenset(
                source
                for device, peer in self._peers.items()
                if self.is_known(device)
                for source in peer.sources
            )
        return self._known_sources


def _read_addresses(peer: DeviceKey, addresses: Sequence[str]) -> list[Address]:
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
