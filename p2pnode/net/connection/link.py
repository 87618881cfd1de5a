"""One authenticated connection to a device.

Each community that both sides have takes a pair of streams on it (`pair`). There is no timeout
around a read or a write: what takes too long is ended by `kill`, which closes the socket, and that
ends everything on the connection.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection

import trio
from libp2p.custom_types import TProtocol
from libp2p.protocol_muxer.exceptions import ProtocolNotSupportedError
from libp2p.protocol_muxer.multiselect import Multiselect
from libp2p.protocol_muxer.multiselect_client import MultiselectClient
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator

from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey

from ..errors import LinkClosed, LinkFlooded
from .mux import Mux, Stream
from .pair import Pair, name_protocol
from .wire import Wire

log = logging.getLogger("p2pnode.net")

STREAMS = 8  # being negotiated at once; an honest peer opens one a community, libp2p programs a few
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
        self.watch = mux.watch
        self.wire: Wire = mux.wire
        self.wire.most_bytes = None
        self.wire.on_bytes = None
        # Which communities the peer may open a stream for.
        self.admits: Callable[[], Collection[CommunityId]] = lambda: ()
        self.on_pair: Callable[[], None] = lambda: None  # the peer has opened one
        self._mux = mux
        self._first = first
        self._pairs: dict[CommunityId, Pair] = {}
        self._negotiating = 0
        self._changed = trio.Event()
        self._ended = False

    @property
    def has_ended(self) -> bool:
        return self._ended

    @property
    def is_behind(self) -> bool:
        """Whether what has come of the peer waits here: it is not silent."""
        return any(pair.is_behind for pair in self._pairs.values())

    @property
    def is_unread(self) -> bool:
        """Whether it was ended as the peer did not read."""
        return self._mux.is_unread

    async def serve(self) -> None:
        """Run the connection until it ends, however it ends."""
        try:
            async with trio.open_nursery() as nursery:
                self._mux.on_stream = lambda stream: self._accept(stream, nursery)
                nursery.start_soon(self._run, self._mux.write_rest, nursery)
                await self._run(lambda: self._mux.read_all(self._first), nursery)
        finally:
            self._end(is_ours=False)

    async def _run(self, part: Callable[[], Awaitable[None]], nursery: trio.Nursery) -> None:
        try:
            await part()
        except LinkFlooded as error:
            self.fault = PeerFault("limit_rate", str(error))
        except Exception as error:  # whatever a peer's bytes make the library raise
            log.debug("connection to %s ended: %r", self.address, error)
        self._end(is_ours=False)
        nursery.cancel_scope.cancel()

    # --- pairs of streams -------------------------------------------------------------

    def pair(self, community: CommunityId) -> Pair:
        """Return the streams of a community, which may have to be opened yet."""
        found = self._pairs.get(community)
        if found is None:
            found = self._pairs[community] = Pair(self, community, self._forget)
        return found

    def is_asked(self, community: CommunityId) -> bool:
        """Return whether the peer has opened its stream for a community."""
        found = self._pairs.get(community)
        return found is not None and found.is_asked

    def _forget(self, pair: Pair) -> None:
        if self._pairs.get(pair.community) is pair:
            del self._pairs[pair.community]

    def _accept(self, stream: Stream, nursery: trio.Nursery) -> None:
        if self._negotiating >= STREAMS:
            raise LinkClosed(f"{self.address} opens too many streams")
        self._negotiating += 1
        nursery.start_soon(self._negotiate, stream)

    async def _negotiate(self, stream: Stream) -> None:
        """Answer one stream the peer opened: a community's if it has one here, else refused."""
        try:
            with trio.move_on_after(NEGOTIATE_S) as waiting:
                try:
                    admitted = {name_protocol(one): one for one in self.admits()}
                    protocol, _ = await Multiselect(dict.fromkeys(admitted)).negotiate(
                        MultiselectCommunicator(stream), _NEVER_S
                    )
                    assert protocol is not None
                    self.pair(admitted[TProtocol(protocol)]).take_in(stream)
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
        self.on_pair()

    async def _reset(self, stream: Stream) -> None:
        try:
            await stream.reset()
        except LinkClosed as error:  # nothing to reset any more
            log.debug("reset of a stream of %s failed: %r", self.address, error)

    async def open(self, protocol: TProtocol) -> Stream:
        """Return a stream of ours.

        Raises:
            LinkClosed: the peer does not speak this protocol, or is gone.
        """
        stream, client = None, MultiselectClient()
        try:
            stream = self._mux.open()
            communicator = MultiselectCommunicator(stream)
            await client.handshake(communicator)
            await client.try_select(communicator, protocol)
        except Exception as error:
            why = str(error)
            if isinstance(error, ProtocolNotSupportedError):
                why = (
                    "it does not have this community, does not let this device in there, or its "
                    f"program needs version {PROTOCOL_VERSION} of the protocol"
                )
            if stream is not None:
                await self._reset(stream)
            raise LinkClosed(f"no stream to {self.address}: {why}") from error
        return stream

    # --- the end ----------------------------------------------------------------------

    async def wait_ended(self) -> None:
        """Wait until the connection is over."""
        while not self._ended:
            await self._changed.wait()

    def kill(self) -> None:
        """End the connection at once, whoever is in the middle of what. Idempotent."""
        self._end(is_ours=True)

    def _end(self, *, is_ours: bool) -> None:
        self._ended = True
        self.wire.kill()
        self._mux.end()
        for pair in list(self._pairs.values()):
            pair.end(is_ours=is_ours)
        self._changed.set()
        self._changed = trio.Event()
