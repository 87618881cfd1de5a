"""Frames between device keys: who is connected, who is dialled, what is sent and heard.

One task accepts connections, one dials each wanted peer, one keeps the heartbeat; each
connection has one that reads and one that writes (docs/libp2p.md, Tasks).
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import trio

from p2pnode_protocols.errors import PeerFault, ProtocolError
from p2pnode_protocols.ids import CommunityId, DeviceKey, WallMs, to_short
from p2pnode_protocols.limits import FRAME_BYTES
from p2pnode_protocols.messages import (
    Bye,
    Message,
    Opener,
    Ping,
    Pong,
    Refused,
    read_frame,
    write_frame,
)
from p2pnode_protocols.steps import PeerDown, PeerUp, Received

from .addresses import Address, AddressError, expand_addresses, parse_address
from .config import NetConfig
from .errors import LinkClosed
from .framing import FrameReader, add_length
from .identity import add_peer_id, compute_peer_id
from .link import Link
from .peers import Peer, PeerStatistics
from .transport import Transport, forward_logs, open_listeners

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

log = logging.getLogger("p2pnode.net")

HANDSHAKES = 32  # in progress at once, of unknown callers: each costs some 5 ms of CPU
PAIR_S = 12.0  # for both streams to be open
LIVE_S = 2.0  # heard from this recently: a second connection is a crossed dial, not a restart
FORGET = 256  # devices remembered that nobody wants; beyond it the oldest idle one goes

NetEvent = PeerUp | PeerDown | Received


@dataclass(frozen=True, slots=True)
class NetStatistics:
    """The net as `doctor` shows it."""

    addresses: tuple[str, ...]
    peers: tuple[PeerStatistics, ...]  # sorted by device key
    strangers: int  # connected devices the gate does not know
    refused_connections: int  # strangers beyond the limit, blocked or held devices, no handshake


class Network(Protocol):
    """What the rest of the node needs of a net; tests fake it."""

    @property
    def addresses(self) -> tuple[str, ...]: ...
    def enqueue(self, peer: DeviceKey, message: Message) -> None: ...
    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None: ...
    def set_peers(self, peers: Mapping[DeviceKey, Sequence[str]]) -> None: ...
    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None: ...
    def block(self, peer: DeviceKey) -> None: ...
    def unblock(self, peer: DeviceKey) -> None: ...
    def statistics(self) -> NetStatistics: ...


class Net:
    """A libp2p endpoint that moves frames between device keys.

    Args:
        seed: Ed25519 secret of the device key, 32 bytes.
        gate: whether a device belongs to a member; asked after the handshake. Others are
            strangers, of whom a few may stay connected while the core looks at them.
        opener: decodes and verifies what arrives.
        events: bounded; when it is full the streams wait, and so do their senders.
    """

    def __init__(
        self,
        config: NetConfig,
        seed: bytes,
        community: CommunityId,
        gate: Callable[[DeviceKey], bool],
        opener: Opener,
        events: trio.MemorySendChannel[NetEvent],
    ) -> None:
        self._config = config
        self._community = community
        self._gate = gate
        self._opener = opener
        self._events = events
        self._transport = Transport(seed, config.connect_timeout_s)
        self.device = self._transport.device
        self._peers: dict[DeviceKey, Peer] = {}
        self._bound: tuple[Address, ...] = ()
        self._links: trio.Nursery | None = None
        self._dialers: trio.Nursery | None = None
        self._handshakes: set[trio.CancelScope] = set()
        self._refused_connections = 0
        self._stopping = False

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
                async with trio.open_nursery() as intake:
                    self._dialers = intake
                    intake.start_soon(self._listen, listeners, self._links)
                    intake.start_soon(self._keep_heartbeat)
                    for peer in list(self._peers.values()):
                        self._start_dialling(peer)
                    log.info("listening on %s", ", ".join(self.addresses))
                    task_status.started(self.addresses)
            finally:
                self._stopping = True
                self._dialers = None
                for one in listeners:
                    one.socket.close()
                for scope in self._handshakes:
                    scope.cancel()
                with trio.CancelScope(shield=True):
                    await self._say_bye()
                stop.set()

    async def _hold_links(self, stop: trio.Event, *, task_status: TaskStatus[trio.Nursery]) -> None:
        """Keep connections out of reach of the cancellation that asks us to close them well."""
        with trio.CancelScope(shield=True) as scope:
            async with trio.open_nursery() as links:
                task_status.started(links)
                await stop.wait()
                scope.deadline = trio.current_time() + self._config.bye_timeout_s

    async def _say_bye(self) -> None:
        links = [link for peer in self._peers.values() for link in peer.links]
        for peer in self._peers.values():
            peer.outbox.push(Bye())
            peer.outbox.close()
        with trio.move_on_after(self._config.bye_timeout_s):
            async with trio.open_nursery() as waiting:
                for link in links:
                    waiting.start_soon(link.wait_ended)
        for link in links:
            link.kill()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where others can dial us, as multiaddresses that end in our peer id."""
        if self._config.announce:
            chosen: Sequence[Address] = [parse_address(one) for one in self._config.announce]
        else:
            chosen = expand_addresses(self._bound)
        return tuple(str(add_peer_id(one, self.device)) for one in chosen)

    # --- orders -----------------------------------------------------------------------

    def enqueue(self, peer: DeviceKey, message: Message) -> None:
        """Send a message; returns at once. To nobody, if the peer is not up.

        A peer that does not read fills its queue: then it is cut off, what waited is
        dropped and counted, and the hellos of the next session bring it up to date.
        """
        record = self._peers.get(peer)
        if record is None or record.link is None:
            if record is not None:
                record.drops += 1
            return
        if not record.outbox.push(message):
            record.drops += 1
            if not record.link.has_ended:
                log.warning("%s does not read what is sent to it: cut off", _name(peer))
                record.link.kill()

    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None:
        """Tell the peer why, close, and neither dial nor accept it for `retry_ms`."""
        record = self._peers.get(peer)
        if record is None:
            return
        log.info("disconnecting %s for %d ms: %s [%s]", _name(peer), retry_ms, detail, code)
        record.hold(retry_ms / 1000)
        self._close_with(record, Refused(code, detail))

    def _close_with(self, peer: Peer, last_word: Message) -> None:
        """End the session after what is queued, the last word and a good-bye are written."""
        peer.outbox.push(last_word)
        peer.outbox.push(Bye())
        peer.outbox.close()
        for link in peer.links:
            if link is not peer.link or self._links is None:
                link.kill()
            else:
                self._links.start_soon(self._kill_late, link)

    async def _kill_late(self, link: Link) -> None:
        with trio.move_on_after(self._config.bye_timeout_s):
            await link.wait_ended()
        link.kill()

    def set_peers(self, peers: Mapping[DeviceKey, Sequence[str]]) -> None:
        """Stay connected to exactly these devices, at these addresses among others known."""
        for device, record in self._peers.items():
            if device not in peers and record.is_wanted:
                record.is_wanted = False
                record.notify()
        for device, addresses in peers.items():
            if device == self.device:
                continue
            record = self._remember(device)
            was_wanted, record.is_wanted = record.is_wanted, True
            self.add_addresses(device, addresses)
            if not was_wanted:
                self._start_dialling(record)

    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be; what is no address for it is passed over."""
        record = self._peers.get(peer)
        if record is None or not record.is_wanted:
            return
        usable: list[str] = []
        for text in addresses:
            try:
                address = parse_address(text)
            except AddressError as error:
                log.debug("address of %s passed over: %s", _name(peer), error)
                continue
            named = address.peer_id
            if named not in (None, compute_peer_id(peer)) or address.is_unspecified:
                log.debug("address of %s passed over: %s", _name(peer), text)
                continue
            usable.append(str(Address(address.kind, address.host, address.port)))
        record.add_addresses(usable)

    def block(self, peer: DeviceKey) -> None:
        """Cut this peer off and keep it off until `unblock`."""
        record = self._remember(peer)
        record.is_blocked = True
        for link in record.links:
            link.kill()
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
            idle = [
                one
                for one, peer in self._peers.items()
                if not (peer.is_wanted or peer.is_blocked or peer.links or peer.is_held())
            ]
            if len(idle) >= FORGET:
                del self._peers[idle[0]]
            record = self._peers[device] = Peer(device, self._config)
        return record

    def _strangers(self) -> list[DeviceKey]:
        return [
            device
            for device, peer in self._peers.items()
            if peer.links and not peer.is_wanted and not self._gate(device)
        ]

    def _admit(self, device: DeviceKey) -> bool:
        """Decide about a caller whose key is proved."""
        record = self._peers.get(device)
        if record is not None and (record.is_blocked or record.is_held()):
            return False
        if device == self.device or self._stopping:
            return False
        if (record is not None and record.is_wanted) or self._gate(device):
            return True
        others = [one for one in self._strangers() if one != device]
        return len(others) < self._config.strangers

    # --- connections ------------------------------------------------------------------

    async def _listen(self, listeners: Sequence[trio.SocketListener], links: trio.Nursery) -> None:
        # In the nursery of links: what is accepted outlives the accepting, for a good-bye.
        await trio.serve_listeners(self._take, list(listeners), handler_nursery=links)

    async def _take(self, stream: trio.SocketStream) -> None:
        if len(self._handshakes) >= HANDSHAKES or self._stopping:
            self._refused_connections += 1
            return
        with trio.CancelScope() as scope:
            self._handshakes.add(scope)
            try:
                link = await self._transport.accept(stream, self._admit)
            except LinkClosed as error:
                self._refused_connections += 1
                log.debug("caller turned away: %s", error)
                return
            finally:
                self._handshakes.discard(scope)
        if not scope.cancelled_caught:
            await self._run_link(link)

    def _start_dialling(self, peer: Peer) -> None:
        if self._dialers is not None and peer.is_wanted:
            self._dialers.start_soon(self._keep_dialling, peer)

    async def _keep_dialling(self, peer: Peer) -> None:
        while peer.is_wanted:
            when = peer.dial_at_s
            changed = peer.changed
            if when is None:
                await changed.wait()
                continue
            with trio.move_on_at(when):
                await changed.wait()
                continue
            peer.is_dialling = True
            try:
                link = await self._transport.dial(peer.device, peer.addresses)
            except LinkClosed as error:
                peer.last_error = str(error)
                peer.back_off()
                continue
            finally:
                peer.is_dialling = False
            assert self._links is not None
            peer.links.add(link)
            self._links.start_soon(self._run_link, link)

    async def _run_link(self, link: Link) -> None:
        """Live through one connection: pair its streams, hold the session, clean up."""
        peer = self._remember(link.device)
        peer.links.add(link)
        try:
            async with trio.open_nursery() as nursery:
                await nursery.start(link.serve)
                if await self._pair(peer, link):
                    if peer.link is not None:
                        peer.link.kill()  # the peer prefers this connection: it restarted
                    async with peer.turn:
                        await self._hold_session(peer, link)
                link.kill()
        finally:
            link.kill()
            peer.links.discard(link)
            peer.back_off()

    async def _pair(self, peer: Peer, link: Link) -> bool:
        """Open both streams; return whether this connection is the one to use.

        Two nodes that dial each other at once get two connections. The one with the
        smaller key chooses, by opening its stream on one and closing the other.
        """
        with trio.move_on_after(PAIR_S):
            try:
                if self.device < peer.device:
                    now_s = trio.current_time()
                    if any(
                        one is not link and not one.has_ended and now_s - one.wire.heard_s < LIVE_S
                        for one in peer.links
                    ):
                        log.debug("second connection to %s dropped", _name(peer.device))
                        return False
                    await link.open()
                    await link.wait_opened()
                else:
                    await link.wait_opened()
                    await link.open()
            except LinkClosed as error:
                log.debug("no session with %s: %s", _name(peer.device), error)
                return False
            return not (peer.is_blocked or peer.is_held())
        return False

    # --- sessions ---------------------------------------------------------------------

    async def _hold_session(self, peer: Peer, link: Link) -> None:
        peer.begin_session(link)
        log.info("%s is connected at %s", _name(peer.device), link.address)
        await self._emit(PeerUp(peer.device))
        self._ping(peer)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, peer, link)
                await self._pump(peer, link)
                link.kill()
                peer.outbox.close()
        finally:
            link.kill()
            peer.end_session()
        log.info("%s is gone", _name(peer.device))
        await self._emit(PeerDown(peer.device))

    async def _emit(self, event: NetEvent) -> None:
        # A receiver that has gone means that the node is stopping: nobody wants to know.
        with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._events.send(event)

    async def _write(self, peer: Peer, link: Link) -> None:
        """Write what is queued, all that waits as one frame, until the session is over."""
        outbox = peer.outbox
        while batch := await outbox.take():
            frame = write_frame(batch)
            if len(frame) > FRAME_BYTES:
                peer.drops += len(batch)
                log.error("%d messages make a frame of %d bytes", len(batch), len(frame))
                continue
            try:
                await link.send(add_length(frame))
            except LinkClosed as error:
                log.debug("%s", error)
                link.kill()
                return
            peer.frames_out += 1
            peer.messages_out += len(batch)

    async def _pump(self, peer: Peer, link: Link) -> None:
        """Read frames and pass their messages on until the connection ends."""
        reader = FrameReader()
        try:
            while True:
                chunk = await link.receive()
                for frame in reader.feed(chunk):
                    peer.frames_in += 1
                    if not await self._open_frame(peer, frame):
                        return
        except PeerFault as fault:  # the stream cannot be followed any further
            self._refuse(peer, fault)
            self._send_away(peer, fault)
            await link.wait_ended()
        except LinkClosed as error:
            log.debug("%s", error)

    async def _open_frame(self, peer: Peer, frame: bytes) -> bool:
        """Pass on what is in a frame; return whether to go on reading."""
        try:
            messages = read_frame(frame, self._opener)
        except ProtocolError as fault:
            if self._refuse(peer, fault):
                self._send_away(peer, fault)
        except Exception:  # our mistake, but nobody's frame may stop the node
            log.exception("a frame of %s broke the decoder", _name(peer.device))
            self._send_away(peer, PeerFault("bad_frame", "not understood"))
        else:
            for message in messages:
                peer.messages_in += 1
                match message:
                    case Ping():
                        self.enqueue(peer.device, Pong(message.token, _wall_ms()))
                    case Pong():
                        self._on_pong(peer, message)
                    case Bye():
                        return False
                    case _:
                        await self._emit(Received(peer.device, message))
        return True

    def _refuse(self, peer: Peer, fault: ProtocolError) -> bool:
        log.warning("%s sent what was refused: %s", _name(peer.device), fault)
        self.enqueue(peer.device, Refused(fault.code, fault.detail))
        return peer.count_fault(fault.code)

    def _send_away(self, peer: Peer, fault: ProtocolError) -> None:
        self.disconnect(peer.device, fault.code, fault.detail, round(peer.next_penalty_s() * 1000))

    # --- heartbeat --------------------------------------------------------------------

    async def _keep_heartbeat(self) -> None:
        period_s = self._config.heartbeat_s
        while True:
            due_s = trio.current_time() + period_s
            await trio.sleep_until(due_s)
            now_s = trio.current_time()
            # When this process itself stood still, what the peers sent is still unread.
            was_frozen = now_s - due_s > period_s
            for peer in list(self._peers.values()):
                for link in list(peer.links):
                    silent_s = now_s - link.wire.heard_s
                    if silent_s > self._config.dead_after_s and not was_frozen:
                        log.info("%s: nothing heard for %.0f s", _name(peer.device), silent_s)
                        link.kill()
                if peer.link is not None and not peer.link.has_ended:
                    self._ping(peer)

    def _ping(self, peer: Peer) -> None:
        peer.ping_token += 1
        peer.pinged_s = trio.current_time()
        self.enqueue(peer.device, Ping(peer.ping_token, _wall_ms()))

    def _on_pong(self, peer: Peer, pong: Pong) -> None:
        if pong.token != peer.ping_token or peer.pinged_s is None:
            return  # late, or invented
        rtt_ms = (trio.current_time() - peer.pinged_s) * 1000
        peer.pinged_s = None
        peer.rtt_ms = rtt_ms
        # The peer read its clock about half a round trip ago.
        peer.clock_offset_ms = pong.wall_ms + rtt_ms / 2 - _wall_ms()


def _wall_ms() -> WallMs:
    return WallMs(time.time_ns() // 1_000_000)


def _name(device: DeviceKey) -> str:
    return to_short("dev", device)
