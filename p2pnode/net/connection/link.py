"""One authenticated connection to a device, and the two gossip streams on it.

Each side opens one stream and only writes on it. There is no timeout around a read or a
write: what takes too long is ended by `kill`, which closes the socket, and that ends
everything on the connection.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import trio
from libp2p.custom_types import TProtocol
from libp2p.protocol_muxer.exceptions import ProtocolNotSupportedError
from libp2p.protocol_muxer.multiselect import Multiselect
from libp2p.protocol_muxer.multiselect_client import MultiselectClient
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator

from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import DeviceKey

from ..errors import LinkClosed, LinkFlooded
from .mux import Consumer, Mux, Stream
from .wire import Wire

log = logging.getLogger("p2pnode.net")

GOSSIP: Final = TProtocol("/p2pnode/gossip/2.0.0")
STREAMS = 8  # being negotiated at once; an honest peer opens one, libp2p programs a few
NEGOTIATE_S = 10.0  # three round trips
_NEVER_S = 3600  # libp2p's own timeout would cancel a read; ours ends the connection


class Link:
    """A multiplexed connection to `device`, whose key the handshake has proved."""

    def __init__(
        self,
        device: DeviceKey,
        mux: Mux,
        first: Callable[[], Awaitable[bytes]],
        *,
        is_outbound: bool,
        address: str,
        source: str,
    ) -> None:
        """Args: `first`: reads what came with the end of the handshake; `source`: of the peer."""
        self.device = device
        self.is_outbound = is_outbound
        self.address = address
        self.source = source
        self.opened_s = trio.current_time()
        self.fault: PeerFault | None = None  # for which the connection was ended, if it was
        self.is_behind = False  # what has come of the peer waits here: it is not silent
        self.watch = mux.watch
        self.wire: Wire = mux.wire
        self.wire.most_bytes = None
        self.wire.on_bytes = None
        self._mux = mux
        self._first = first
        self._outgoing: Stream | None = None
        self._incoming: Stream | None = None
        self._negotiating = 0
        self._changed = trio.Event()
        self._ended = False

    @property
    def has_ended(self) -> bool:
        return self._ended

    async def serve(self) -> None:
        """Run the connection until it ends, however it ends."""
        try:
            async with trio.open_nursery() as nursery:
                self._mux.on_stream = lambda stream: self._accept(stream, nursery)
                nursery.start_soon(self._run, self._mux.write_rest, nursery)
                await self._run(lambda: self._mux.read_all(self._first), nursery)
        finally:
            self.kill()

    async def _run(self, part: Callable[[], Awaitable[None]], nursery: trio.Nursery) -> None:
        try:
            await part()
        except LinkFlooded as error:
            self.fault = PeerFault("limit_rate", str(error))
        except Exception as error:  # whatever a peer's bytes make the library raise
            log.debug("connection to %s ended: %r", self.address, error)
        self.kill()
        nursery.cancel_scope.cancel()

    def _accept(self, stream: Stream, nursery: trio.Nursery) -> None:
        if self._negotiating >= STREAMS:
            raise LinkClosed(f"{self.address} opens too many streams")
        self._negotiating += 1
        nursery.start_soon(self._negotiate, stream)

    async def _negotiate(self, stream: Stream) -> None:
        """Answer one stream the peer opened: ours if it is gossip, refused otherwise."""
        try:
            with trio.move_on_after(NEGOTIATE_S) as waiting:
                try:
                    protocol, _ = await Multiselect({GOSSIP: None}).negotiate(
                        MultiselectCommunicator(stream), _NEVER_S
                    )
                    if self._incoming is not None:
                        raise LinkClosed("a second gossip stream")
                    stream.widen()
                except Exception as error:  # the peer went away, or speaks something else
                    log.debug("stream of %s refused: %r", self.address, error)
                    await self._reset(stream)
                    return
        finally:
            self._negotiating -= 1
        if waiting.cancelled_caught:
            self.kill()
            return
        assert protocol == GOSSIP
        self._incoming = stream
        self._notify()

    async def _reset(self, stream: Stream) -> None:
        try:
            await stream.reset()
        except LinkClosed as error:  # nothing to reset any more
            log.debug("reset of a stream of %s failed: %r", self.address, error)

    def _notify(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def open(self) -> None:
        """Open our stream.

        Raises:
            LinkClosed: the peer does not speak our protocol, or is gone.
        """
        client = MultiselectClient()
        try:
            stream = self._mux.open()
            communicator = MultiselectCommunicator(stream)
            await client.handshake(communicator)
            await client.try_select(communicator, GOSSIP)
        except Exception as error:
            why = str(error)
            if isinstance(error, ProtocolNotSupportedError):
                why = f"its program needs version {PROTOCOL_VERSION} of the protocol"
            raise LinkClosed(f"no stream to {self.address}: {why}") from error
        self._outgoing = stream

    async def wait_opened(self) -> None:
        """Wait until the peer has opened its stream.

        Raises:
            LinkClosed: the connection ended first.
        """
        while self._incoming is None:
            if self._ended:
                raise LinkClosed(f"{self.address} closed the connection")
            await self._changed.wait()

    async def wait_ended(self) -> None:
        """Wait until the connection is over."""
        while not self._ended:
            await self._changed.wait()

    async def receive(self) -> bytes:
        """Return what the peer has sent next, at least a byte.

        Raises:
            LinkClosed: there will be no more.
        """
        assert self._incoming is not None
        return await self._incoming.read()

    async def listen(self, consumer: Consumer) -> None:
        """Hand what the peer sends to `consumer`, in the task that reads it, until the end."""
        assert self._incoming is not None
        try:
            await self._incoming.hand_to(consumer)
        except LinkClosed as error:  # over, while what had come before was looked at
            log.debug("connection to %s ended: %r", self.address, error)
            self.kill()
        await self.wait_ended()

    async def send(self, data: bytes) -> None:
        """Write `data` to our stream; only one task may.

        Raises:
            LinkClosed: the peer is gone, or did not read for 5 seconds.
        """
        assert self._outgoing is not None
        await self._outgoing.write(data)

    def send_now(self, data: bytes) -> bool:
        """Write all of `data` without waiting, or nothing; not while `send` is under way.

        Raises:
            LinkClosed: the peer is gone.
        """
        assert self._outgoing is not None
        return self._outgoing.write_now(data)

    def kill(self) -> None:
        """End the connection at once, whoever is in the middle of what. Idempotent."""
        self._ended = True
        self.wire.kill()
        self._mux.end()
        self._notify()
