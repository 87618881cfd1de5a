"""One authenticated connection to a device.

Each community that both sides have takes a pair of streams on it (`pair`). There is no timeout
around a read or a write: what takes too long is ended by `kill`, which closes the socket, and that
ends everything on the connection.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import trio

from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey

from ..errors import LinkClosed, LinkFlooded
from .mux import Mux, Stream
from .naming import NameUnknown, answer, ask
from .pair import Pair, name_protocol
from .wire import Wire

log = logging.getLogger("p2pnode.net")

STREAMS = 8  # of the peer that are being named at once …
OPENING = STREAMS // 2  # … and of ours: what was answered just now may still count there
NEGOTIATE_S = 10.0  # three round trips
# Streams of the peer that lead to nothing, in a minute (R7.27). An honest one asks for a community
# that is not here some ten times in the first minute, then twice a minute.
REFUSED_PER_MINUTE = 600
_REFUSED_WINDOW_S = 60.0


@dataclass(slots=True)
class Pulse:
    """What the last sign of life of a connection has told; all communities on it share that."""

    beats: int = 0  # times that one was asked for
    rtt_ms: float | None = None
    clock_offset_ms: float | None = None  # the peer's clock minus ours


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
        self.pulse = Pulse()
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
        self._naming = 0  # streams of the peer
        self._opening = trio.CapacityLimiter(OPENING)
        self._refused, self._refused_since_s = 0, self.opened_s  # this minute's
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
        if self._naming >= STREAMS:
            self._refuse(stream, "too many at once")
            return
        self._naming += 1
        nursery.start_soon(self._name, stream)

    async def _name(self, stream: Stream) -> None:
        """Answer one stream the peer opened: a community's if it has one here, else refused."""
        admitted: dict[str, CommunityId] = {}

        def is_known(name: str) -> bool:
            admitted.update((name_protocol(one), one) for one in self.admits())
            return name in admitted

        why = f"no name within {NEGOTIATE_S:.0f} s"
        try:
            with trio.move_on_after(NEGOTIATE_S):
                name = await answer(stream, is_known)
                self.pair(admitted[name]).take_in(stream)
                self.on_pair()
                return
        except LinkClosed as error:  # the peer went away, or speaks something else
            why = str(error)
        finally:
            self._naming -= 1
        self._refuse(stream, why)

    def _refuse(self, stream: Stream, why: str) -> None:
        """Reset a stream; who opens them for nothing all the time is cut off."""
        log.debug("stream of %s refused: %s", self.address, why)
        _cut(stream)
        now_s = trio.current_time()
        if now_s - self._refused_since_s >= _REFUSED_WINDOW_S:
            self._refused, self._refused_since_s = 0, now_s
        self._refused += 1
        if self._refused > REFUSED_PER_MINUTE and not self._ended:
            self.fault = PeerFault(
                "limit_rate", f"more than {REFUSED_PER_MINUTE} streams for nothing in a minute"
            )
            self.kill()

    async def open(self, name: str) -> Stream:
        """Return a stream of ours; few are opened at once.

        Raises:
            LinkClosed: the peer does not know this name, or is gone.
        """
        async with self._opening:
            stream = self._open()
            try:
                await ask(stream, name)
            except BaseException as error:
                _cut(stream)
                if not isinstance(error, LinkClosed):
                    raise
                why = str(error)
                if isinstance(error, NameUnknown):
                    why = (
                        "it does not have this community, does not let this device in there, or "
                        f"its program needs version {PROTOCOL_VERSION} of the protocol"
                    )
                raise LinkClosed(f"no stream to {self.address}: {why}") from error
        return stream

    def _open(self) -> Stream:
        if self._ended:
            raise LinkClosed(f"no stream to {self.address}: the connection is over")
        return self._mux.open()

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


def _cut(stream: Stream) -> None:
    with contextlib.suppress(LinkClosed):  # over: there is nothing to reset any more
        stream.cut()
