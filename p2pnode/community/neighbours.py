"""Whom this node wants to be connected to, where they are, and when they were last seen.

The net dials whoever is wanted; this says who: every seat's node, the nodes a join link
named, and those of the configuration. Addresses that peers told are kept in the store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.steps.notices import ContactTold, PeerGreeted, RefusedByPeer
from p2pnode_protocols.wire.ids import DeviceKey, WallMs

from ..net import Network, compute_peer_id, split_address
from ..store.addresses import Hearsay, PeerAddress
from .events import Happening, PeerConnected, PeerLost
from .links import LINK_ADDRESSES

PARTING_MS = 5_000  # a refusal so short before the end of a connection was its reason
REFUSAL_MS = 3_600_000  # so long it counts when the peer has not been reached since
NEWS_MS = 60_000  # in which all hear that this device was bound: who is behind catches up
# Of devices that are not wanted, in each table: a stranger may come with ever new keys.
OTHERS = 256
JOINERS = 64  # whose addresses wait for them to get a seat


class AddressBook(Protocol):
    """The part of the store that remembers where peers listen."""

    def addresses(self) -> Sequence[PeerAddress]: ...
    def note_addresses(
        self, device: DeviceKey, addresses: Sequence[str], now_ms: WallMs
    ) -> None: ...
    def note_reached(self, device: DeviceKey, address: str, now_ms: WallMs) -> None: ...
    def note_hearsay(
        self, device: DeviceKey, teller: bytes, addresses: Sequence[str], now_ms: WallMs
    ) -> None: ...
    def hearsay(self) -> Sequence[Hearsay]: ...
    def forget_others(self, devices: Collection[DeviceKey]) -> None: ...


class Neighbours:
    """Keep the net's list of wanted peers in step with the charter."""

    def __init__(
        self,
        device: DeviceKey,
        net: Network,
        book: AddressBook,
        bootstrap: Sequence[str] = (),
        link_addresses: Sequence[str] = (),
    ) -> None:
        """Addresses end in /p2p/ and a peer id."""
        self._device = device
        self._net = net
        self._book = book
        self._bootstrap = by_device(bootstrap)
        self._added = by_device(link_addresses)
        self.connected: dict[DeviceKey, WallMs] = {}  # since when
        self.last_seen: dict[DeviceKey, WallMs] = {}  # of those that are gone again
        self.agents: dict[DeviceKey, str] = {}
        self._refused: dict[DeviceKey, tuple[WallMs, str]] = {}  # this connection: when, words
        self._turned_away: dict[DeviceKey, tuple[WallMs, str]] = {}  # that ended the last one
        self._has_seat: bool | None = None  # this device, in the charter; None: not known yet
        self._news_until: WallMs | None = None  # who refuses it may lack the news of its seat
        self._at_ms = WallMs(0)  # of the last happenings
        self._wanted: frozenset[DeviceKey] = frozenset()
        self._joiners: dict[DeviceKey, tuple[WallMs, tuple[str, ...]]] = {}  # oldest first

    def set_bootstrap(self, bootstrap: Sequence[str]) -> None:
        """Replace the addresses of the configuration; counts from the next `review` on."""
        self._bootstrap = by_device(bootstrap)

    def add(self, device: DeviceKey, address: str) -> None:
        """Add an address for this run of the node; counts from the next `review` on."""
        self._added.setdefault(device, []).append(address)

    @property
    def wanted(self) -> frozenset[DeviceKey]:
        """Whom this node dials, as of the last `review`."""
        return self._wanted

    def review(self, charter: Charter | None) -> None:
        """Tell the net who is wanted under this charter; None: not known yet."""
        wanted: dict[DeviceKey, list[str]] = {}
        for source in (self._added, self._bootstrap):
            for device, addresses in source.items():
                wanted.setdefault(device, []).extend(addresses)
        if charter is not None:
            self._note_seat(has_seat=charter.by_device(self._device) is not None)
            for member in charter.members:
                if member.node_key is not None:
                    wanted.setdefault(member.node_key, [])
        wanted.pop(self._device, None)
        before, self._wanted = self._wanted, frozenset(wanted)
        for device in self._turned_away.keys() - self._wanted:
            del self._turned_away[device]
        for device in self._wanted & self._joiners.keys():
            told_ms, told = self._joiners.pop(device)
            self._book.note_addresses(device, told, told_ms)
        if charter is not None:
            self._forget_addresses(charter)
        for known in self._book.addresses():
            if known.device in wanted:
                wanted[known.device].append(known.address)
        self._net.set_peers(wanted)
        if self._wanted - before:
            self._tell_hearsay(self._wanted - before)

    def _tell_hearsay(self, devices: Collection[DeviceKey]) -> None:
        """Tell the net where others said that these are."""
        for said in self._book.hearsay():
            if said.device in devices:
                self._net.add_tips(said.device, said.teller, [said.address])

    def _forget_addresses(self, charter: Charter) -> None:
        """Forget devices that have no seat any more: a seat may have ever new ones."""
        seats = [device for member in charter.members for device in member.devices]
        self._book.forget_others(self._wanted.union(seats))

    def _note_seat(self, *, has_seat: bool) -> None:
        """Forget, once this device has a seat, who refused it before: that was right then."""
        if has_seat and self._has_seat is False:
            self._refused.clear()
            self._turned_away.clear()
            self._news_until = WallMs(self._at_ms + NEWS_MS)
        self._has_seat = has_seat

    def on_happenings(self, at_ms: WallMs, happenings: Iterable[Happening]) -> None:
        self._at_ms = at_ms
        for one in happenings:
            match one:
                case PeerConnected(device=device):
                    self.connected[device] = at_ms
                    self.last_seen.pop(device, None)
                    self._note_reached(device, at_ms)
                case PeerLost(device=device):
                    self.connected.pop(device, None)
                    self.last_seen[device] = at_ms
                    self._note_reason(device, at_ms)
                    self._forget_strangers()
                case RefusedByPeer(peer=device, code="not_a_member", detail=detail):
                    is_news = self._news_until is not None and at_ms < self._news_until
                    if device in self._wanted and not is_news:  # a stranger's opinion is none
                        self._refused[device] = at_ms, detail
                case PeerGreeted(peer=device, member=None, agent=agent, addresses=addresses) if (
                    device not in self._wanted
                ):
                    self.agents[device] = agent
                    self._joiners.pop(device, None)
                    self._joiners[device] = at_ms, addresses
                    if len(self._joiners) > JOINERS:
                        del self._joiners[next(iter(self._joiners))]
                case PeerGreeted(peer=device, agent=agent, addresses=addresses):
                    self.agents[device] = agent
                    self._book.note_addresses(device, addresses, at_ms)
                    self._net.add_addresses(device, addresses)
                case ContactTold(peer=device, addresses=addresses, teller=teller):
                    self._book.note_hearsay(device, teller or b"", addresses, at_ms)
                    self._net.add_tips(device, teller or b"", addresses)
                case _:
                    pass

    def _forget_strangers(self) -> None:
        for table in (self.last_seen, self.agents):
            others = [one for one in table if one not in self._wanted and one not in self.connected]
            for device in others[: max(0, len(others) - OTHERS)]:
                del table[device]

    def _note_reason(self, device: DeviceKey, at_ms: WallMs) -> None:
        """Note whether a peer hung up because no seat has this device's key there."""
        self._turned_away.pop(device, None)
        if device in self._refused:
            refused_at, detail = self._refused.pop(device)
            if at_ms - refused_at <= PARTING_MS:
                self._turned_away[device] = at_ms, detail

    def turned_away(self, now_ms: WallMs) -> dict[DeviceKey, str]:
        """Return who does not let this node in, as its key has no seat there, and their words."""
        return {
            device: detail
            for device, (at_ms, detail) in self._turned_away.items()
            if now_ms - self.connected.get(device, now_ms) <= PARTING_MS
            and now_ms - at_ms <= REFUSAL_MS
        }

    def _note_reached(self, device: DeviceKey, at_ms: WallMs) -> None:
        """Keep the address that worked, so that it is the first to be tried after a restart."""
        for peer in self._net.statistics().peers:
            if peer.device == device and peer.direction == "outbound":
                address = f"{peer.address}/p2p/{compute_peer_id(device)}"  # as peers tell it
                self._book.note_reached(device, address, at_ms)

    def link_addresses(self) -> tuple[str, ...]:
        """Return where a newcomer should ask: this node, then others it is connected to."""
        found = list(self._net.addresses)
        for peer in self._net.statistics().peers:
            if peer.device in self.connected:
                suffix = f"/p2p/{compute_peer_id(peer.device)}"
                found.extend(f"{address}{suffix}" for address in peer.addresses[:1])
        return _fair_share(found)


def by_device(addresses: Iterable[str]) -> dict[DeviceKey, list[str]]:
    """Return addresses that end in a peer id by the device they lead to."""
    found: dict[DeviceKey, list[str]] = {}
    for text in addresses:
        device, address = split_address(text)
        found.setdefault(device, []).append(address)
    return found


def _fair_share(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return at most `LINK_ADDRESSES`, no peer with many addresses crowding out another."""
    by_peer: dict[str, list[str]] = {}
    for address in addresses:
        by_peer.setdefault(address.rsplit("/", 1)[-1], []).append(address)
    chosen: list[str] = []
    rank = 0
    while len(chosen) < LINK_ADDRESSES and any(len(one) > rank for one in by_peer.values()):
        chosen.extend(one[rank] for one in by_peer.values() if len(one) > rank)
        rank += 1
    return tuple(chosen[:LINK_ADDRESSES])
