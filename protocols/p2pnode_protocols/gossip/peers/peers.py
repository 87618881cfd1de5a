"""Who is connected, and saying something to them: how much is under way, how often they ask."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from ...messages.frames import Message
from ...messages.standing import Links, Status
from ...steps.sends import ReportWritten, Send, Sending
from ...wire.ids import DeviceKey, MonoMs
from ...wire.limits import MEMBERS, STRANGERS
from ..memory import KEY_BYTES, MESSAGE_BYTES, PAIR_BYTES, compute_memory
from .peer import REQUEST_WINDOW_MS, REQUESTS_PER_WINDOW, Peer
from .vain import Vain


class Peers:
    """The connected nodes. Whatever is sent to one of them goes through here, into `sends`."""

    def __init__(self, sends: list[Sending]) -> None:
        self.sends = sends
        self.vain = Vain()
        self._by_device: dict[DeviceKey, Peer] = {}
        self.get = self._by_device.get
        self.greeted: tuple[Peer, ...] = ()  # past their hello, in order of device key
        self.connected: frozenset[DeviceKey] = frozenset()  # their devices
        self._links: tuple[DeviceKey, ...] = ()  # of them, those that peers are told of
        self._makers: Container[DeviceKey] = ()  # who makes blocks in this epoch
        self._seats_asked: dict[bytes, tuple[MonoMs, int]] = {}  # since when, how often

    def __contains__(self, device: DeviceKey) -> bool:
        return device in self._by_device

    def __getitem__(self, device: DeviceKey) -> Peer:
        return self._by_device[device]

    def __iter__(self) -> Iterator[DeviceKey]:
        """Yield the devices that are connected, past their hello or not, in order of key."""
        return iter(sorted(self._by_device))

    def __len__(self) -> int:
        return len(self._by_device)

    def add(self, peer: Peer) -> None:
        self._by_device[peer.device] = peer

    def remove(self, device: DeviceKey) -> Peer | None:
        """Forget who has hung up; `review` follows, if it was past its hello."""
        return self._by_device.pop(device, None)

    def begin_epoch(self, makers: Container[DeviceKey]) -> None:
        """Args: `makers`: the devices that make blocks in it."""
        self._makers = makers

    def send(self, peer: DeviceKey, message: Message) -> None:
        self.sends.append(Send(peer, message))
        known = self.get(peer)
        if known is not None:
            self.vain.note_question(known.sharer, message)

    def say(self, peer: Peer, message: Message, memory: int) -> None:
        """Send what nobody asked for, and count it (R7.23).

        Args:
            memory: that of the message, in bytes, or rather more.
        """
        self.send(peer.device, message)
        self.await_written(peer, memory)

    def await_written(self, peer: Peer, memory: int = 0) -> None:
        """Let the shell report when all is written if much is under way, or something waits."""
        if peer.backlog.count(memory):
            self.sends.append(ReportWritten(peer.device))

    def review(self) -> None:
        """See anew who is past its hello, and tell everyone."""
        self.greeted = tuple(
            self._by_device[key] for key in sorted(self._by_device) if self._by_device[key].greeted
        )
        self.connected = frozenset(peer.device for peer in self.greeted)
        self._links = self._choose_links()
        self.tell_links()

    def _choose_links(self) -> tuple[DeviceKey, ...]:
        """Return whom peers are told that this node is connected to: those who make blocks first.

        What one message holds. Who is not told of gets some things twice.
        """
        keys = [peer.device for peer in self.greeted]
        return tuple(sorted(sorted(keys, key=lambda key: key not in self._makers)[:MEMBERS]))

    def may_ask(self, peer: Peer, now: MonoMs, weight: int = 1) -> bool:
        """Count a request for a peer's seat; return whether it is answered (R7.21).

        All devices of a seat together ask as much as one may, over all their connections; all
        holders of an invite as much as may be connected at once.
        """
        most = REQUESTS_PER_WINDOW * (STRANGERS if peer.member is None else 1)
        if peer.sharer not in self._seats_asked:  # invites are ever new ones: keep none for good
            self._seats_asked = {
                key: (since, count)
                for key, (since, count) in self._seats_asked.items()
                if now - since < REQUEST_WINDOW_MS
            }
        since, count = self._seats_asked.get(peer.sharer, (now, 0))
        if now - since >= REQUEST_WINDOW_MS:
            since, count = now, 0
        self._seats_asked[peer.sharer] = (since, count + weight)
        return count + weight <= most

    def holders_of(self, invite: DeviceKey) -> list[Peer]:
        """Return who is connected by an invite and has no seat, who was greeted first at first."""
        holders = [one for one in self.greeted if one.invite == invite]
        return sorted(holders, key=lambda one: one.greeted_at)  # stable: then by device key

    def tell_links(self) -> None:
        """Tell everyone whom this node is connected to (R7.6)."""
        for peer in self.greeted:
            self.tell_links_to(peer)

    def tell_links_to(self, peer: Peer) -> None:
        peer.backlog.owes_links = not peer.backlog.is_open
        if peer.backlog.owes_links:
            self.await_written(peer)
            return
        told = self._links
        self.say(peer, Links(told), compute_memory(MESSAGE_BYTES + KEY_BYTES * len(told)))

    def owe_status(self, peer: Peer) -> None:
        """Let a peer be told where this node stands once it has taken what it is sent."""
        peer.backlog.owes_status = True
        self.await_written(peer)

    def tell_status(self, peer: Peer, status: Callable[[], Status]) -> None:
        """Tell a peer where this node stands when it can take that: then, not as it is now."""
        if not peer.backlog.is_open:
            self.owe_status(peer)
            return
        peer.backlog.owes_status = False
        told = status()
        pairs = len(told.frontier) + len(told.nonces) + len(told.unproven)
        self.say(peer, told, compute_memory(MESSAGE_BYTES + PAIR_BYTES * pairs))
