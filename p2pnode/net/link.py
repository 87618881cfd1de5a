"""One authenticated connection to a device, and the two gossip streams on it.

Each side opens one stream and only writes on it. Reads and writes of libp2p must not be
cancelled half-way, as a cancelled record has used up its nonce (docs/libp2p.md): so there
is no timeout around any of them here. What takes too long is ended by `kill`, which closes
the socket, and that ends everything on the connection.
"""

from __future__ import annotations

import logging
from typing import Final

import trio
from libp2p.custom_types import TProtocol
from libp2p.protocol_muxer.multiselect import Multiselect
from libp2p.protocol_muxer.multiselect_client import MultiselectClient
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator
from libp2p.stream_muxer.exceptions import MuxedConnUnavailable
from libp2p.stream_muxer.yamux.yamux import Yamux, YamuxStream

from p2pnode_protocols.ids import DeviceKey
from p2pnode_protocols.limits import KIB

from .channel import Channel
from .errors import LinkClosed
from .wire import Wire

log = logging.getLogger("p2pnode.net")

GOSSIP: Final = TProtocol("/p2pnode/gossip/1.0.0")
RECEIVE_BYTES = 4 * 1024 * KIB  # more than all windows together: only a cheat gets there
STREAMS = 8  # being negotiated at once; an honest peer opens one, libp2p programs a few
NEGOTIATE_S = 10.0  # three round trips
_NEVER_S = 3600  # libp2p's own timeout would cancel a read; ours ends the connection


class Link:
    """A multiplexed connection to `device`, whose key the handshake has proved."""

    def __init__(
        self, device: DeviceKey, muxer: Yamux, wire: Wire, *, is_outbound: bool, address: str
    ) -> None:
        self.device = device
        self.is_outbound = is_outbound
        self.address = address
        self.opened_s = trio.current_time()
        self.wire = wire
        self._muxer = muxer
        self._outgoing: Channel | None = None
        self._incoming: Channel | None = None
        self._changed = trio.Event()
        self._ended = False
        wire.is_full = self._is_full
        wire.most_bytes = None

    def _is_full(self) -> bool:
        return sum(map(len, self._muxer.stream_buffers.values())) > RECEIVE_BYTES

    @property
    def has_ended(self) -> bool:
        return self._ended

    async def serve(self) -> None:
        """Run the multiplexer until the connection ends, however it ends."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._run_muxer, nursery)
                await self._accept_streams(nursery)
                nursery.cancel_scope.cancel()
        finally:
            self.kill()

    async def _run_muxer(self, nursery: trio.Nursery) -> None:
        try:
            await self._muxer.start()
        except Exception as error:  # whatever a peer's bytes make the library raise
            log.debug("multiplexer of %s failed: %r", self.address, error)
        nursery.cancel_scope.cancel()

    async def _accept_streams(self, nursery: trio.Nursery) -> None:
        pending = trio.CapacityLimiter(STREAMS)
        while True:
            try:
                stream = await self._muxer.accept_stream()
            except MuxedConnUnavailable:
                return
            assert isinstance(stream, YamuxStream)
            if pending.borrowed_tokens >= STREAMS:
                log.debug("%s opens too many streams", self.address)
                self.kill()
                return
            nursery.start_soon(self._negotiate, Channel(self._muxer, stream), pending)

    async def _negotiate(self, channel: Channel, pending: trio.CapacityLimiter) -> None:
        """Answer one stream the peer opened: ours if it is gossip, refused otherwise."""
        async with pending:
            with trio.move_on_after(NEGOTIATE_S) as waiting:
                try:
                    protocol, _ = await Multiselect({GOSSIP: None}).negotiate(
                        MultiselectCommunicator(channel), _NEVER_S
                    )
                    if self._incoming is not None:
                        raise LinkClosed("a second gossip stream")
                    await channel.widen()
                except Exception as error:  # the peer went away, or speaks something else
                    log.debug("stream of %s refused: %r", self.address, error)
                    await self._reset(channel)
                    return
        if waiting.cancelled_caught:
            self.kill()
            return
        assert protocol == GOSSIP
        self._incoming = channel
        self._notify()

    async def _reset(self, channel: Channel) -> None:
        try:
            await channel.reset()
        except Exception as error:  # nothing to reset any more
            log.debug("reset of a stream of %s failed: %r", self.address, error)

    def _notify(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def open(self) -> None:
        """Open our stream.

        Raises:
            LinkClosed: the peer does not speak our protocol, or is gone.
        """
        try:
            channel = Channel(self._muxer, await self._muxer.open_stream())
            await MultiselectClient().select_one_of(
                [GOSSIP], MultiselectCommunicator(channel), _NEVER_S
            )
        except Exception as error:
            raise LinkClosed(f"no stream to {self.address}: {error}") from error
        self._outgoing = channel

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
        try:
            chunk = await self._incoming.read()
        except Exception as error:
            raise LinkClosed(f"{self.address}: {error}") from error
        self.wire.drained.set()
        if not chunk:
            raise LinkClosed(f"{self.address} ended its stream")
        return chunk

    async def send(self, data: bytes) -> None:
        """Write `data` to our stream; only one task may.

        Raises:
            LinkClosed: the peer is gone, or did not read for 5 seconds (yamux).
        """
        assert self._outgoing is not None
        try:
            await self._outgoing.write(data)
        except Exception as error:
            raise LinkClosed(f"{self.address}: {error}") from error

    def kill(self) -> None:
        """End the connection at once, whoever is in the middle of what. Idempotent.

        The socket goes first: libp2p's own closing waits behind a blocked write.
        """
        self._ended = True
        self.wire.kill()
        self._notify()
