"""Who is connected: listening, dialling, admitting, one session per device.

One task accepts connections, one dials each wanted peer, one keeps the heartbeat, and each
connection has its own (docs/libp2p.md, Tasks).
"""

from __future__ import annotations

import contextlib
import logging
import math
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import trio

from p2pnode_protocols.errors import PeerFault
from p2pnode_protocols.ids import CommunityId, DeviceKey, to_short
from p2pnode_protocols.limits import ADDRESS_CHARS, ADDRESSES
from p2pnode_protocols.messages import Message, Opener, Refused
from p2pnode_protocols.steps import PeerDown, PeerUp

from .addresses import Address, AddressError, expand_addresses, parse_address
from .callers.lobby import Caller, Lobby
from .callers.places import Callers, Room, Stage, find_source, find_stage
from .config import NetConfig
from .connection.link import Link
from .connection.transport import Transport, forward_logs, open_listeners
from .dialling.mdns import keep_mdns
from .dialling.peer import Peer
from .dialling.tips import LOCAL, PLACES_OF_ONE, TRIES_PER_MINUTE, Tries
from .errors import LinkClosed, NetError, NobodyAnswered
from .identity import add_peer_id, compute_peer_id
from .interface import NetEvent, NetStatistics
from .outbox import Answer
from .reading import Reading
from .seats.allowance import Allowance, SeatRoom
from .seats.cpu import AT_LEAST, TOGETHER, CpuShare, Meter
from .seldom import Seldom
from .session import Session

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

log = logging.getLogger("p2pnode.net")

ACCEPTS = 64  # callers taken in before others have their turn
ACCEPT_AGAIN_S = 0.1  # after there was no file descriptor for a caller, and none to take away
WARN_S = 60.0  # between two warnings about that
LINKS = 4  # of one device, while it is settled which one to use
PAIR_S = 12.0  # for both streams to be open
LIVE_S = 2.0  # heard from this recently: a second link is a crossed dial, not a restart
HOLD_MS = 60_000  # a stranger that said nothing stays away this long
SHARES = 512  # of seats and open invites; beyond it those go that are as new
FORGET = 256  # idle devices remembered; beyond it the oldest goes


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
        self._config = config
        self._community = community
        self._gate = gate
        self._is_let_in = is_let_in
        self._seat_of = seat_of
        self._rooms: dict[bytes, SeatRoom] = {}  # by seat, of those with a session
        self._shares: dict[bytes, CpuShare] = {}  # by seat, also of those without a session
        self._reading = Reading(opener, meter)
        self._events = events
        self._transport = Transport(seed, config.connect_timeout_s, meter)
        self.device = self._transport.device
        try:
            self._announced = [parse_address(one) for one in config.announce]
        except AddressError as error:
            raise NetError(f"cannot announce: {error}") from error
        for address in self._announced:
            told = str(add_peer_id(address, self.device))
            if len(told) > ADDRESS_CHARS:  # peers would refuse all that this node says
                raise NetError(
                    f"cannot announce: {told!r} has {len(told)} characters, {ADDRESS_CHARS} are "
                    "allowed: announce a shorter name"
                )
        self._bound: tuple[Address, ...] = ()
        self._peers: dict[DeviceKey, Peer] = {}
        self._links: trio.Nursery | None = None  # of connections
        self._intake: trio.Nursery | None = None  # of what makes new ones
        self._tries = Tries()
        self._callers: Callers[Caller] = Callers()
        self._lobby = Lobby(self._begin_handshake, self._send_away)
        self._known_sources: frozenset[str] | None = None  # None: to be looked up
        self._refused_connections = 0
        self._seldom = Seldom()  # what of peers goes into the log
        self._dirty: dict[Session, None] = {}  # have something to write
        self._has_dirty = trio.Event()

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
            self._links = await outer.start(self._hold_links, stop)
            try:
                async with trio.open_nursery() as self._intake:
                    self._start_intake(self._intake, listeners)
                    log.info("listening on %s", ", ".join(self.addresses))
                    task_status.started(self.addresses)
            finally:
                self._intake = None
                for listener in listeners:
                    listener.close()
                for caller in self._callers:
                    self._send_away(caller)
                with trio.CancelScope(shield=True):
                    await self._say_bye()
                stop.set()

    def _start_intake(self, intake: trio.Nursery, listeners: Sequence[socket.socket]) -> None:
        intake.start_soon(self._lobby.run)
        for listener in listeners:
            intake.start_soon(self._listen, listener)
        intake.start_soon(self._keep_heartbeat)
        for peer in list(self._peers.values()):
            self._start_dialling(peer)
        if self._config.mdns:
            reachable = expand_addresses(self._bound)
            intake.start_soon(keep_mdns, self._community, self.device, reachable, self._add_found)

    async def _hold_links(self, stop: trio.Event, *, task_status: TaskStatus[trio.Nursery]) -> None:
        """Keep connections out of reach of the cancellation that asks us to close them well."""
        with trio.CancelScope(shield=True) as scope:
            async with trio.open_nursery() as writing:
                writing.start_soon(self._keep_flushing)
                async with trio.open_nursery() as links:
                    task_status.started(links)
                    await stop.wait()
                    scope.deadline = trio.current_time() + self._config.bye_timeout_s
                writing.cancel_scope.cancel()

    async def _say_bye(self) -> None:
        links = [link for peer in self._peers.values() for link in peer.links]
        for peer in self._peers.values():
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
        record = self._peers.get(peer)
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
        record = self._peers.get(peer)
        if record is not None and record.session is not None:
            record.session.answer(kind, make)

    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None:
        """Tell the peer why, close, and neither dial nor accept it for `retry_ms`."""
        record = self._peers.get(peer)
        if record is None:
            return
        if times := self._count_told(peer, f"sent away: {code}"):
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
        self._known_sources = None
        for device, record in self._peers.items():
            if record.is_wanted and device not in peers:
                record.is_wanted = False
                record.notify()
        for device, addresses in peers.items():
            if device != self.device:
                record = self._remember(device)
                record.is_wanted = True
                record.add_addresses(self._note_addresses(record, addresses))
                self._start_dialling(record)

    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn by a wanted peer's own word where it is; what is no address is passed over."""
        record = self._peers.get(peer)
        if record is not None and record.is_wanted:
            record.add_said(self._note_addresses(record, addresses))

    def _note_addresses(self, record: Peer, addresses: Sequence[str]) -> list[str]:
        """Note from where a peer may call, and return where to dial it."""
        usable = self._read_addresses(record.device, addresses)
        record.note_told([find_source(one.host) for one in usable if one.is_ip])
        self._known_sources = None
        return [str(one) for one in usable]

    def add_hearsay(self, peer: DeviceKey, teller: bytes, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be from somebody else; no caller is known by that."""
        record = self._peers.get(peer)
        if record is not None and record.is_wanted:
            usable = self._read_addresses(peer, addresses)
            record.add_hearsay(teller, [str(one) for one in usable])

    def _add_found(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be from whoever says so on the local network.

        Of each device apart, so that who makes up one leaves tries for the others.
        """
        self.add_hearsay(peer, LOCAL + peer, addresses)

    @staticmethod
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

    def block(self, peer: DeviceKey) -> None:
        """Cut this peer off at once and keep it off until `unblock`."""
        record = self._remember(peer)
        record.is_blocked = True
        record.kill_links()
        record.notify()

    def unblock(self, peer: DeviceKey) -> None:
        record = self._remember(peer)
        record.is_blocked = False
        record.redial_now()

    def statistics(self) -> NetStatistics:
        return NetStatistics(
            addresses=self.addresses,
            peers=tuple(self._peers[device].statistics() for device in sorted(self._peers)),
            strangers=len(self._strangers()),
            refused_connections=self._refused_connections,
        )

    # --- who may connect --------------------------------------------------------------

    def _remember(self, device: DeviceKey) -> Peer:
        record = self._peers.get(device)
        if record is None:
            # Keys of strangers cost nothing, so that one of them is held is no reason to keep it.
            idle = [
                one
                for one, peer in self._peers.items()
                if peer.is_idle and not (peer.is_held and self._is_known(one))
            ]
            if len(idle) >= FORGET:
                del self._peers[idle[0]]
            record = self._peers[device] = Peer(device, self._config)
        return record

    def _is_known(self, device: DeviceKey) -> bool:
        record = self._peers.get(device)
        return (record is not None and record.is_wanted) or self._gate(device)

    def _strangers(self) -> list[DeviceKey]:
        return [
            device
            for device, peer in self._peers.items()
            if peer.links and not self._is_known(device)
        ]

    def _admit(self, device: DeviceKey) -> bool:
        """Decide about a caller whose key is proved."""
        record = self._peers.get(device)
        if record is not None and (
            record.is_blocked or record.is_held or len(record.links) >= LINKS
        ):
            return False
        if device == self.device or self._intake is None:
            return False
        if self._is_known(device):
            return True
        return len(self._at_gate(device)) < self._config.strangers or (
            not self._giving_way(device).is_empty
        )

    def _at_gate(self, but: DeviceKey) -> list[DeviceKey]:
        """Return the strangers that the core has not let in."""
        return [
            device for device in self._strangers() if device != but and not self._is_let_in(device)
        ]

    def _giving_way(self, but: DeviceKey) -> Room[DeviceKey]:
        """Return those at the gate that give way to another: no hello yet, or sent away."""
        room: Room[DeviceKey] = Room(len(self._peers) + 1)
        for device in self._at_gate(but):
            peer = self._peers[device]
            # Who was sent away has a moment to hang up itself, and need not.
            if peer.is_held or peer.session is None or not peer.session.has_greeted:
                room.enter(device, next(iter(peer.links)).source)
        return room

    def _make_room(self, device: DeviceKey) -> None:
        """Let another stranger go for this one if there are too many."""
        if self._is_known(device):
            return
        victim = self._giving_way(device).drop()
        if len(self._at_gate(device)) >= self._config.strangers and victim is not None:
            log.debug("stranger %s gives way to another", to_short("dev", victim))
            self._peers[victim].kill_links()

    # --- connections ------------------------------------------------------------------

    async def _listen(self, listener: socket.socket) -> None:
        """Take in whoever connects. Nothing that goes wrong with one caller ends this."""
        warned_s = -math.inf
        while True:
            await trio.lowlevel.wait_readable(listener.fileno())
            taken = 0
            try:
                while taken < ACCEPTS:
                    self._take_in(*listener.accept())
                    taken += 1
            except BlockingIOError:
                pass
            except OSError as error:
                if taken:  # without a descriptor left it fails, whether somebody waits or not
                    continue
                if trio.current_time() - warned_s > WARN_S:
                    warned_s = trio.current_time()
                    log.warning("a caller was not taken in: %s", error.strerror)
                # It may be that there are no more file descriptors: then callers give way.
                victim = self._callers.drop()
                self._send_away(victim)
                if victim is None:
                    await trio.sleep(ACCEPT_AGAIN_S)

    def _take_in(self, sock: socket.socket, where: tuple[str, int]) -> None:
        sock.setblocking(False)
        caller = Caller(sock, find_source(where[0]))
        is_known = caller.source in self._get_known_sources()
        self._send_away(self._callers.enter(caller, caller.source, is_known=is_known))
        self._lobby.enter(caller)

    def _send_away(self, caller: Caller | None) -> None:
        """End the handshake of a caller; None: of nobody."""
        if caller is None:
            return
        self._callers.leave(caller)
        if caller.has_handshake:
            caller.scope.cancel()
        else:
            self._lobby.leave(caller)
            caller.sock.close()
            self._refused_connections += 1

    def _begin_handshake(self, caller: Caller) -> None:
        assert self._links is not None
        caller.has_handshake = True
        self._send_away(self._callers.advance(caller, Stage.SPEAKING, caller.source))
        # Connections outlive the listening, for the good-bye: so they run in that nursery.
        self._links.start_soon(self._take, caller)

    async def _take(self, caller: Caller) -> None:
        """Shake hands with a caller, and run the link if it is admitted."""
        link = await self._shake(caller)
        # Asked again, as others may have been admitted, or this one blocked, meanwhile.
        if link is not None and self._admit(link.device):
            self._make_room(link.device)
            await self._run_link(link)
            return
        self._refused_connections += 1
        if link is not None:
            link.kill()

    async def _shake(self, caller: Caller) -> Link | None:
        """Return the link to a caller; None: it proved nothing, or gave way to others."""

        def admit(device: DeviceKey) -> bool:
            is_admitted = self._admit(device)
            if is_admitted and self._is_known(device):
                seat = self._seat_of(device).hex()
                self._send_away(self._callers.advance(caller, Stage.MEMBER, seat))
            return is_admitted

        def note_bytes(bytes_in: int) -> None:
            self._send_away(self._callers.advance(caller, find_stage(bytes_in), caller.source))

        with contextlib.closing(caller.sock), caller.scope:
            try:
                return await self._transport.accept(caller.sock, admit, note_bytes)
            except LinkClosed as error:
                log.debug("caller turned away: %s", error)
            finally:
                self._callers.leave(caller)
        return None

    def _get_known_sources(self) -> frozenset[str]:
        """Return where members called from, were reached, or say themselves that they are."""
        if self._known_sources is None:
            self._known_sources = frozenset(
                source
                for device, peer in self._peers.items()
                if self._is_known(device)
                for source in peer.sources
            )
        return self._known_sources

    def _start_dialling(self, peer: Peer) -> None:
        if self._intake is not None and peer.is_wanted and not peer.has_dialler:
            peer.has_dialler = True
            self._intake.start_soon(self._keep_dialling, peer)

    async def _keep_dialling(self, peer: Peer) -> None:
        try:
            while peer.is_wanted:
                changed, when = peer.changed, peer.dial_at_s
                with trio.move_on_at(math.inf if when is None else when):
                    await changed.wait()
                    continue
                await self._dial(peer)
        finally:
            peer.has_dialler = False

    async def _dial(self, peer: Peer) -> None:
        assert self._links is not None
        wanted = sum(one.is_wanted for one in self._peers.values())
        most = max(TRIES_PER_MINUTE, PLACES_OF_ONE * wanted)
        addresses = peer.begin_dial(lambda teller: self._tries.take(teller, most))
        if not addresses:
            peer.end_dial()
            return
        peer.is_dialling = True
        try:
            link = await self._transport.dial(peer.device, addresses)
        except LinkClosed as error:
            log.debug("dialling %s failed: %s", to_short("dev", peer.device), error)
            errors = error.errors if isinstance(error, NobodyAnswered) else {}
            peer.note_failure(str(error), errors)
        else:
            peer.links.add(link)  # before the next look at `dial_at_s`
            self._links.start_soon(self._run_link, link)
        finally:
            peer.is_dialling = False

    async def _run_link(self, link: Link) -> None:
        """Live through one connection: pair its streams, hold the session, clean up."""
        peer = self._remember(link.device)
        peer.links.add(link)
        peer.note_reached(link.source)
        self._known_sources = None
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(link.serve)
                if await self._pair(peer, link):
                    if peer.session is not None:
                        peer.session.link.kill()  # it prefers this connection: it restarted
                    async with peer.turn:
                        await self._hold_session(peer, link)
                link.kill()
        finally:
            link.kill()
            peer.links.discard(link)
            if link.fault is not None:
                self._hold_flooder(peer, link.fault)
            peer.back_off()

    def _hold_flooder(self, peer: Peer, fault: PeerFault) -> None:
        """Keep who floods a connection with what is for nobody away, as after refused frames."""
        whose = peer.device if self._is_known(peer.device) else b""
        times = self._seldom.count((whose, "empty"), round(trio.current_time() * 1000))
        if times:
            log.warning("%s is cut off: %s", to_short("dev", peer.device), fault)
        peer.traffic.faults[fault.code] = peer.traffic.faults.get(fault.code, 0) + 1
        peer.hold(self._find_share(peer.device).find_penalty_s())

    async def _pair(self, peer: Peer, link: Link) -> bool:
        """Open both streams; return whether this connection is the one to use.

        Two nodes that dial each other at once get two connections. The one with the
        smaller key chooses, by opening its stream on one and closing the other.
        """
        with trio.move_on_after(PAIR_S):
            try:
                if self.device < peer.device:
                    if self._has_live_link(peer, link):
                        log.debug("second link to %s dropped", to_short("dev", peer.device))
                        return False
                    await link.open()
                    await link.wait_opened()
                else:
                    await link.wait_opened()
                    await link.open()
            except LinkClosed as error:
                log.debug("no session with %s: %s", to_short("dev", peer.device), error)
                return False
            return not (peer.is_blocked or peer.is_held)
        return False

    def _has_live_link(self, peer: Peer, but: Link) -> bool:
        since_s = trio.current_time() - LIVE_S
        return any(
            link is not but and not link.has_ended and link.wire.heard_s > since_s
            for link in peer.links
        )

    async def _hold_session(self, peer: Peer, link: Link) -> None:
        def count(what: str) -> int:
            return self._count_told(peer.device, what)

        session = Session(
            link,
            peer.traffic,
            self._config,
            self._reading,
            self._offer,
            self._emit,
            self._mark,
            lambda: self._find_room(peer.device),
            lambda: self._find_share(peer.device),
            lambda: self._is_in(peer.device),
            count,
        )
        name = to_short("dev", peer.device)
        if count("connected"):
            log.info("%s is connected at %s", name, link.address)
        peer.begin_session(session)
        try:
            await self._emit(PeerUp(peer.device))
            fault = await session.run()
        finally:
            peer.end_session()
            self._forget_rooms()
        if fault is not None:
            peer.hold(self._find_share(peer.device).find_penalty_s())
        if count("gone"):
            log.info("%s is gone", name)
        await self._emit(PeerDown(peer.device))

    def _count_told(self, device: DeviceKey, what: str) -> int:
        """Count what of a peer goes into the log; return how many to tell of now (R7.25).

        Who comes with ever new keys does not fill it: those of no seat pass for one.
        """
        whose = device if self._is_known(device) else b""
        return self._seldom.count((whose, what), round(trio.current_time() * 1000))

    def _is_in(self, device: DeviceKey) -> bool:
        return self._is_known(device) or self._is_let_in(device)

    def _find_room(self, device: DeviceKey) -> SeatRoom:
        """Return the room of a device's seat; who is known to nobody shares it with all like it."""
        seat = self._seat_of(device) if self._is_known(device) else b""
        room = self._rooms.get(seat)
        if room is None:
            config = self._config
            room = SeatRoom(Allowance(config.queue_bytes), Allowance(config.partial_bytes))
            self._rooms[seat] = room
        return room

    def _forget_rooms(self) -> None:
        self._rooms = {seat: room for seat, room in self._rooms.items() if room.waiting}

    def _find_share(self, device: DeviceKey) -> CpuShare:
        """Return the share of a device's seat, or invite; of all others together (R7.26)."""
        seat = self._seat_of(device) if self._is_in(device) else b""
        share = self._shares.get(seat)
        if share is None:
            if len(self._shares) >= SHARES:
                self._shares = {key: one for key, one in self._shares.items() if not one.is_as_new}
            share = self._shares[seat] = CpuShare(self._find_part)
        return share

    def _find_part(self) -> float:
        """Return which part of a core each seat may take now."""
        return max(AT_LEAST, TOGETHER / max(1, len(self._rooms)))

    def _offer(self, event: NetEvent) -> bool:
        """Take an event if there is room for it; return whether there is."""
        # A receiver that has gone means that the node is stopping: nobody wants to know.
        with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            try:
                self._events.send_nowait(event)
            except trio.WouldBlock:
                return False
        return True

    async def _emit(self, event: NetEvent) -> None:
        if not self._offer(event):
            with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self._events.send(event)

    def _mark(self, session: Session) -> None:
        self._dirty[session] = None
        self._has_dirty.set()

    async def _keep_flushing(self) -> None:
        """Write what was queued, once whoever queues has let go: one frame a peer, and one task."""
        while True:
            await self._has_dirty.wait()
            self._has_dirty = trio.Event()
            for session in self._dirty:
                session.flush()
            self._dirty.clear()

    async def _keep_heartbeat(self) -> None:
        """Ping every session, and cut what has been silent for too long."""
        period_s = self._config.heartbeat_s
        while True:
            due_s = trio.current_time() + period_s
            await trio.sleep_until(due_s)
            now_s = trio.current_time()
            # If this process itself stood still, what the peers sent is still unread.
            was_frozen = now_s - due_s > period_s
            for peer in self._peers.values():
                for link in peer.links:
                    silent_s = now_s - link.wire.heard_s
                    may_be_silent = was_frozen or link.is_behind
                    if silent_s > self._config.dead_after_s and not may_be_silent:
                        if self._count_told(peer.device, "silent"):
                            name = to_short("dev", peer.device)
                            log.info("%s: nothing heard for %.0f s", name, silent_s)
                        link.kill()
                if peer.session is not None and not peer.session.link.has_ended:
                    self._look_after(peer, peer.session, now_s)

    def _look_after(self, peer: Peer, session: Session, now_s: float) -> None:
        if (
            not session.has_greeted
            and now_s - session.began_s > self._config.hello_within_s
            and not self._is_known(peer.device)
        ):  # strangers are few at once, so none may keep a place for nothing
            self.disconnect(peer.device, "not_a_member", "a stranger without a hello", HOLD_MS)
        else:
            session.ping()
