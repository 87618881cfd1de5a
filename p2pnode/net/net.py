"""A libp2p endpoint: its parts put together, its orders, its life.

One task accepts connections at each address, one dials each wanted peer, one keeps the heartbeat,
and each connection has its own (docs/libp2p.md, Tasks).
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import trio

from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import Refused
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, to_short
from p2pnode_protocols.wire.limits import ADDRESS_CHARS, ADDRESSES

from .addresses import Address, AddressError, expand_addresses, parse_address
from .callers.door import Door
from .callers.gate import Gate
from .config import NetConfig
from .connection.link import Link
from .connection.transport import Transport, forward_logs, open_listeners
from .dialling.book import Book
from .dialling.dialler import Dialler
from .dialling.mdns import keep_mdns
from .dialling.peer import Peer
from .errors import NetError
from .flushing import Flusher
from .holding import Holding
from .identity import add_peer_id
from .interface import NetEvent, NetStatistics
from .outbox import Answer
from .outward import Outward
from .reading import Reading
from .seats.cpu import Meter
from .seats.seats import Seats
from .seldom import PeerLog
from .session import Session

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

log = logging.getLogger("p2pnode.net")

HOLD_MS = 60_000  # a stranger that said nothing stays away this long


class Net:
    """A libp2p endpoint that moves frames between device keys (`Network`).

    Args:
        seed: Ed25519 secret of the device key, 32 bytes.
        gate: whether a device belongs to a member; asked after the handshake. Others are
            strangers, of whom a few may stay connected while the core looks at them.
        is_let_in: whether a stranger has shown the core an open invite. The core sees to it that
            these are few of each invite, so they take nobody else's place here.
        opener: decodes and verifies what arrives.
        seat_of: what all devices of one seat have in common, or all whom one invite has let in;
            by default each is its own.
        meter: CPU time of the thread that asks.
        events: bounded; when it is full the streams wait, and so do their senders.

    Raises:
        NetError: an address to announce is none.
    """

    def __init__(
        self,
        config: NetConfig,
        seed: bytes,
        community: CommunityId,
        gate: Callable[[DeviceKey], bool],
        opener: Opener,
        events: trio.MemorySendChannel[NetEvent],
        *,
        seat_of: Callable[[DeviceKey], bytes] = bytes,
        is_let_in: Callable[[DeviceKey], bool] = lambda _device: False,
        meter: Meter = time.thread_time,
    ) -> None:
        transport = Transport(seed, config.connect_timeout_s, meter)
        self.device = transport.device
        self.book = Book(config, self.device, gate)
        self.seats = Seats(config, self.book.is_known, is_let_in, seat_of)
        self._config = config
        self._community = community
        self._reading = Reading(opener, meter)
        self._outward = Outward(events)
        self._flusher = Flusher()
        self._peer_log = PeerLog(self.book.is_known)
        holding = Holding(
            self.device, self.book, self.seats, self._outward, self._peer_log, self._make_session
        )
        self._door = Door(
            transport,
            Gate(config, self.device, self.book, self.seats),
            self.book,
            self.seats,
            holding.run_link,
        )
        self._dialler = Dialler(self.book, transport, holding.run_link)
        self._announced = self._read_announced()
        self._bound: tuple[Address, ...] = ()

    def _read_announced(self) -> list[Address]:
        try:
            announced = [parse_address(one) for one in self._config.announce]
        except AddressError as error:
            raise NetError(f"cannot announce: {error}") from error
        for address in announced:
            told = str(add_peer_id(address, self.device))
            if len(told) > ADDRESS_CHARS:  # peers would refuse all that this node says
                raise NetError(
                    f"cannot announce: {told!r} has {len(told)} characters, {ADDRESS_CHARS} are "
                    "allowed: announce a shorter name"
                )
        return announced

    def _make_session(self, peer: Peer, link: Link) -> Session:
        return Session(
            link,
            peer.traffic,
            self._config,
            self._reading,
            self._outward,
            self._flusher,
            self.seats.at(peer.device),
            partial(self._peer_log.count, peer.device),
        )

    # --- life -------------------------------------------------------------------------

    async def run(
        self, *, task_status: TaskStatus[tuple[str, ...]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Listen, dial and talk until cancelled; then say good-bye and close, within 3 s.

        Reports `addresses` as started. A net runs once.

        Raises:
            NetError: an address to listen on does not work.
        """
        forward_logs()
        listeners, self._bound = await open_listeners(self._config.listen)
        async with trio.open_nursery() as outer:
            stop = trio.Event()
            links = await outer.start(self._hold_links, stop)
            try:
                async with trio.open_nursery() as intake:
                    self._start_intake(intake, links, listeners)
                    log.info("listening on %s", ", ".join(self.addresses))
                    task_status.started(self.addresses)
            finally:
                self._dialler.close()
                for listener in listeners:
                    listener.close()
                self._door.close()
                with trio.CancelScope(shield=True):
                    await self._say_bye()
                stop.set()

    def _start_intake(
        self, intake: trio.Nursery, links: trio.Nursery, listeners: Sequence[socket.socket]
    ) -> None:
        self._door.open(listeners, intake, links)
        intake.start_soon(self._keep_heartbeat)
        self._dialler.open(intake, links)
        if self._config.mdns:
            reachable = expand_addresses(self._bound)
            intake.start_soon(
                keep_mdns, self._community, self.device, reachable, self.book.add_found
            )

    async def _hold_links(self, stop: trio.Event, *, task_status: TaskStatus[trio.Nursery]) -> None:
        """Keep connections out of reach of the cancellation that asks us to close them well."""
        with trio.CancelScope(shield=True) as scope:
            async with trio.open_nursery() as writing:
                writing.start_soon(self._flusher.run)
                async with trio.open_nursery() as links:
                    task_status.started(links)
                    await stop.wait()
                    scope.deadline = trio.current_time() + self._config.bye_timeout_s
                writing.cancel_scope.cancel()

    async def _say_bye(self) -> None:
        links = [link for peer in self.book for link in peer.links]
        for peer in self.book:
            if peer.session is not None:
                peer.session.end()
        with trio.move_on_after(self._config.bye_timeout_s):
            for link in links:
                await link.wait_ended()
        for link in links:
            link.kill()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where others can dial us, as multiaddresses that end in our peer id."""
        chosen = self._announced or expand_addresses(self._bound)
        return tuple(str(add_peer_id(one, self.device)) for one in chosen[:ADDRESSES])

    # --- orders -----------------------------------------------------------------------

    def enqueue(self, peer: DeviceKey, message: Message) -> None:
        """Send a message; returns at once. A peer that is not up gets nothing."""
        record = self.book.get(peer)
        if record is None:
            return
        if record.session is None:
            record.traffic.drops += 1
        else:
            record.session.send(message)

    def answer(self, peer: DeviceKey, kind: str, make: Answer) -> None:
        """Answer a request of a peer when what waits for it has been written.

        Args:
            kind: of the request; of each kind few wait, the newest.
            make: returns the answer, or None if there is none after all.
        """
        record = self.book.get(peer)
        if record is not None and record.session is not None:
            record.session.answer(kind, make)

    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None:
        """Tell the peer why, close, and neither dial nor accept it for `retry_ms`."""
        record = self.book.get(peer)
        if record is None:
            return
        if times := self._peer_log.count(peer, f"sent away: {code}"):
            name = to_short("dev", peer)
            often = {} if times == 1 else {"times": times}
            log.info(
                "%s is sent away for %d ms: %s [%s]", name, retry_ms, detail, code, extra=often
            )
        record.hold(retry_ms / 1000)
        for link in record.links:
            if record.session is not None and link is record.session.link:
                record.session.end(Refused(code, detail))
            else:
                link.kill()

    def set_peers(self, peers: Mapping[DeviceKey, Sequence[str]]) -> None:
        """Stay connected to exactly these devices, at these addresses and others known."""
        for record in self.book.set_wanted(peers):
            self._dialler.begin(record)

    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn by a wanted peer's own word where it is; what is no address is passed over."""
        self.book.add_addresses(peer, addresses)

    def add_tips(self, peer: DeviceKey, teller: bytes, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be from somebody else; no caller is known by that."""
        self.book.add_tips(peer, teller, addresses)

    def block(self, peer: DeviceKey) -> None:
        """Cut this peer off at once and keep it off until `unblock`."""
        record = self.book.remember(peer)
        record.is_blocked = True
        record.kill_links()
        record.notify()

    def unblock(self, peer: DeviceKey) -> None:
        record = self.book.remember(peer)
        record.is_blocked = False
        record.redial_now()

    def statistics(self) -> NetStatistics:
        peers = sorted(self.book, key=lambda one: one.device)
        return NetStatistics(
            addresses=self.addresses,
            peers=tuple(one.statistics() for one in peers),
            strangers=len(self.book.strangers()),
            refused_connections=self._door.refused,
        )

    # --- signs of life ----------------------------------------------------------------

    async def _keep_heartbeat(self) -> None:
        """Ping every session, and cut what has been silent for too long."""
        period_s = self._config.heartbeat_s
        while True:
            due_s = trio.current_time() + period_s
            await trio.sleep_until(due_s)
            now_s = trio.current_time()
            # If this process itself stood still, what the peers sent is still unread.
            was_frozen = now_s - due_s > period_s
            for peer in self.book:
                for link in peer.links:
                    silent_s = now_s - link.wire.heard_s
                    may_be_silent = was_frozen or link.is_behind
                    if silent_s > self._config.dead_after_s and not may_be_silent:
                        if self._peer_log.count(peer.device, "silent"):
                            name = to_short("dev", peer.device)
                            log.info("%s: nothing heard for %.0f s", name, silent_s)
                        link.kill()
                if peer.session is not None and not peer.session.link.has_ended:
                    self._look_after(peer, peer.session, now_s)

    def _look_after(self, peer: Peer, session: Session, now_s: float) -> None:
        if (
            not session.has_greeted
            and now_s - session.began_s > self._config.hello_within_s
            and not self.book.is_known(peer.device)
        ):  # strangers are few at once, so none may keep a place for nothing
            self.disconnect(peer.device, "not_a_member", "a stranger without a hello", HOLD_MS)
        else:
            session.ping()
