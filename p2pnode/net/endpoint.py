"""A libp2p endpoint: one device key, one listener, one connection to each other device.

The nets of all communities are on it. One task accepts connections at each address, one dials each
wanted device, one keeps the heartbeat, and each connection has its own (docs/libp2p.md, Tasks).
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import trio

from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, to_short
from p2pnode_protocols.wire.limits import ADDRESS_CHARS, ADDRESSES

from .addresses import Address, AddressError, expand_addresses, parse_address
from .callers.door import Door
from .callers.gate import Gate
from .config import NetConfig
from .connection.link import Link
from .connection.transport import Transport, forward_logs, open_listeners
from .dialling.book import Book, Knowing
from .dialling.dialler import Dialler
from .dialling.mdns import Discovery
from .dialling.remote import Remote
from .errors import NetError
from .flushing import Flusher
from .holding import Holding, Talking
from .identity import add_peer_id
from .seats.cpu import CpuClock, Meter
from .seldom import PeerLog

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

log = logging.getLogger("p2pnode.net")


class Beating(Protocol):
    """A session, as far as it is asked for a sign of life."""

    pinged_s: float | None  # when that was that is not answered yet

    @property
    def link(self) -> Link: ...
    def ping(self) -> None: ...


class Tenant(Talking, Knowing, Protocol):
    """A community's net, as far as its endpoint knows it."""

    def end_sessions(self) -> None:
        """Say good-bye to all."""
        ...

    def look_after(self, now_s: float) -> Sequence[Beating]:
        """Return who may be asked for a sign of life."""
        ...

    def add_found(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn where a device may be from whoever says so on the local network."""
        ...


class Endpoint:
    """Connections to other devices, and the nets that talk on them.

    Args:
        seed: Ed25519 secret of the device key, 32 bytes.
        meter: CPU time of the thread that asks, whichever.
        clock: of the thread that runs this; None: by the meter, asked only where it matters.

    Raises:
        NetError: an address to announce is none.
    """

    def __init__(
        self,
        config: NetConfig,
        seed: bytes,
        *,
        meter: Meter = time.thread_time,
        clock: CpuClock | None = None,
    ) -> None:
        transport = Transport(seed, config.connect_timeout_s, clock or CpuClock(meter))
        self.config = config
        self.device = transport.device
        self.meter = meter
        self.book = Book(config, self.device)
        self.flusher = Flusher()
        self.one_frame = trio.CapacityLimiter(1)  # that is read in another thread
        self._nets: dict[CommunityId, Tenant] = {}
        self._peer_log = PeerLog(self.book.is_known)
        holding = Holding(config, self.book, self._nets)
        self._door = Door(transport, Gate(config, self.book), self.book, holding.run_link)
        self._dialler = Dialler(self.book, transport, holding.run_link)
        self._announced = self._read_announced()
        self._bound: tuple[Address, ...] = ()
        self._discovery = Discovery(self.device, lambda: self.reachable)

    def _read_announced(self) -> list[Address]:
        try:
            announced = [parse_address(one) for one in self.config.announce]
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

    # --- communities ------------------------------------------------------------------

    def add(self, net: Tenant) -> None:
        """Talk for a community, on connections that stand and on those to come."""
        assert net.community not in self._nets, "a community is open once"
        self._nets[net.community] = net
        self.book.communities[net.community] = net
        self._discovery.add(net.community, net.add_found)
        self._look_again()

    def remove(self, net: Tenant) -> None:
        """Talk for it no more."""
        del self._nets[net.community]
        del self.book.communities[net.community]
        self._discovery.remove(net.community)
        self._look_again()

    def _look_again(self) -> None:
        self.book.forget_sources()
        for remote in self.book:
            remote.notify()

    def dial(self, remote: Remote) -> None:
        """Keep dialling a device as long as it is wanted."""
        self._dialler.begin(remote)

    # --- life -------------------------------------------------------------------------

    async def run(
        self, *, task_status: TaskStatus[tuple[str, ...]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Listen, dial and talk until cancelled; then say good-bye and close, within 3 s.

        Reports `addresses` as started. An endpoint runs once.

        Raises:
            NetError: an address to listen on does not work.
        """
        forward_logs()
        listeners, self._bound = await open_listeners(self.config.listen)
        async with trio.open_nursery() as outer:
            stop = trio.Event()
            with trio.CancelScope(shield=True):  # or it would begin, and nobody could stop it
                links = await outer.start(self._hold_links, stop)
            try:
                async with trio.open_nursery() as intake:
                    self._start_intake(intake, links, listeners)
                    log.info("listening on %s", ", ".join(self.addresses))
                    task_status.started(self.addresses)
            finally:
                try:
                    await self._close(listeners)
                finally:
                    stop.set()  # whatever went wrong: that task is out of every other reach

    async def _close(self, listeners: Sequence[socket.socket]) -> None:
        for listener in listeners:
            listener.close()
        self._dialler.close()
        self._door.close()
        with trio.CancelScope(shield=True):
            await self._say_bye()

    def _start_intake(
        self, intake: trio.Nursery, links: trio.Nursery, listeners: Sequence[socket.socket]
    ) -> None:
        self._door.open(listeners, intake, links)
        intake.start_soon(self._keep_heartbeat)
        if self.config.mdns:
            intake.start_soon(self._discovery.run)
        self._dialler.open(intake, links)

    async def _hold_links(self, stop: trio.Event, *, task_status: TaskStatus[trio.Nursery]) -> None:
        """Keep connections out of reach of the cancellation that asks us to close them well."""
        with trio.CancelScope(shield=True) as scope:
            async with trio.open_nursery() as writing:
                writing.start_soon(self.flusher.run)
                async with trio.open_nursery() as links:
                    task_status.started(links)
                    await stop.wait()
                    scope.deadline = trio.current_time() + self.config.bye_timeout_s
                writing.cancel_scope.cancel()

    async def _say_bye(self) -> None:
        """See the last connections off: nets say good-bye themselves as they end."""
        links = [link for remote in self.book for link in remote.links]
        for net in self._nets.values():
            net.end_sessions()
        with trio.move_on_after(self.config.bye_timeout_s):
            for link in links:
                await link.wait_ended()
        for link in links:
            link.kill()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where others can dial us, as multiaddresses that end in our peer id."""
        chosen = self._announced or self.reachable
        return tuple(str(add_peer_id(one, self.device)) for one in chosen[:ADDRESSES])

    @property
    def reachable(self) -> Sequence[Address]:
        """Where this machine listens, with the addresses that it has."""
        return expand_addresses(self._bound)

    @property
    def refused(self) -> int:
        """Connections: no handshake, not admitted, or too many at once."""
        return self._door.refused

    # --- signs of life ----------------------------------------------------------------

    async def _keep_heartbeat(self) -> None:
        """Ask every connection for a sign of life, and cut what has been silent for too long."""
        period_s = self.config.heartbeat_s
        while True:
            due_s = trio.current_time() + period_s
            await trio.sleep_until(due_s)
            now_s = trio.current_time()
            # If this process itself stood still, what the peers sent is still unread.
            was_frozen = now_s - due_s > period_s
            for remote in self.book:
                for link in remote.links:
                    silent_s = now_s - link.wire.heard_s
                    may_be_silent = was_frozen or link.is_behind
                    if silent_s > self.config.dead_after_s and not may_be_silent:
                        if self._peer_log.count(remote.device, "silent"):
                            name = to_short("dev", remote.device)
                            log.info("%s: nothing heard for %.0f s", name, silent_s)
                        link.kill()
            self._ask_for_life(now_s)

    def _ask_for_life(self, now_s: float) -> None:
        """Ping once on each connection, in the communities on it by turns.

        Not in one in which the last ping is not answered yet, unless that is so in all: it may be
        that the peer is busy there.
        """
        beating: dict[Link, list[Beating]] = {}
        for net in list(self._nets.values()):
            for session in net.look_after(now_s):
                beating.setdefault(session.link, []).append(session)
        for link, sessions in beating.items():
            answered = [one for one in sessions if one.pinged_s is None] or sessions
            answered[link.pulse.beats % len(answered)].ping()
            link.pulse.beats += 1
