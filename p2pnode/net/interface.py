"""What the rest of the node sees of a net: its events, its orders, its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from p2pnode_protocols.messages.frames import Message, Sendable
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire.ids import DeviceKey

NetEvent = PeerUp | PeerDown | Received


@dataclass(slots=True)
class Traffic:
    """Counters of one peer over all its sessions."""

    frames_in: int = 0
    frames_out: int = 0
    messages_in: int = 0
    messages_out: int = 0
    drops: int = 0
    faults: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeerStatistics:
    """One peer as `peers` and `doctor` show it. Counters run since the net began."""

    device: DeviceKey
    state: str  # up, connecting, waiting (to redial), held (sent away), blocked, idle
    direction: str | None  # outbound, inbound; None: not up
    address: str | None  # of the connection
    addresses: tuple[str, ...]  # to dial, best first: the user's, its own word's, what worked
    up_s: float | None  # length of this session
    rtt_ms: float | None
    clock_offset_ms: float | None  # the peer's clock minus ours
    bytes_in: int  # on the wire, of this session
    bytes_out: int
    frames_in: int
    frames_out: int
    messages_in: int
    messages_out: int
    drops: int  # messages not sent: the peer was gone, or did not read
    faults: tuple[tuple[str, int], ...]  # by code, sorted
    sessions: int
    last_error: str | None  # why the last dial failed; None: it did not
    errors: tuple[tuple[str, str], ...] = ()  # the same, of each address that was tried
    tips: tuple[str, ...] = ()  # where others say it is


@dataclass(frozen=True, slots=True)
class NetStatistics:
    """The net as `doctor` shows it."""

    addresses: tuple[str, ...]
    peers: tuple[PeerStatistics, ...]  # sorted by device key
    strangers: int  # connected devices the gate does not know
    refused_connections: int  # no handshake, not admitted, or too many at once


class Network(Protocol):
    """What the node needs of a net; tests fake it.

    `enqueue` returns at once and is bounded per peer; to a peer that is not up it sends
    nothing. `answer` makes its message when what waits for the peer is written, or never.
    `disconnect` tells the peer why, and neither dials nor accepts it for
    `retry_ms`. `set_peers` names exactly the devices to stay connected to. `add_addresses` is for
    what a device says of itself, `add_tips` for what others say of it; `teller` is their seat,
    empty for all who have none.
    """

    @property
    def addresses(self) -> tuple[str, ...]: ...
    def enqueue(self, peer: DeviceKey, message: Message) -> None: ...
    def answer(self, peer: DeviceKey, kind: str, make: Callable[[], Sendable | None]) -> None: ...
    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None: ...
    def set_peers(self, peers: Mapping[DeviceKey, Sequence[str]]) -> None: ...
    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None: ...
    def add_tips(self, peer: DeviceKey, teller: bytes, addresses: Sequence[str]) -> None: ...
    def block(self, peer: DeviceKey) -> None: ...
    def unblock(self, peer: DeviceKey) -> None: ...
    def statistics(self) -> NetStatistics: ...
