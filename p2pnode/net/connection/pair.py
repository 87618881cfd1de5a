"""A community's streams on a connection: each side opens one, and only writes on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import trio
from libp2p.custom_types import TProtocol

from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, to_text

from ..errors import LinkClosed
from .mux import Consumer, Stream

if TYPE_CHECKING:
    from .link import Link

GOSSIP: Final = TProtocol("/p2pnode/gossip/2.0.0")


def name_protocol(community: CommunityId) -> TProtocol:
    """Return what the streams of a community are negotiated as."""
    return TProtocol(f"{GOSSIP}/{to_text('com', community)}")


class Pair:
    """The streams of one community. Its end is nobody else's."""

    def __init__(self, link: Link, community: CommunityId, on_end: Callable[[Pair], None]) -> None:
        self.link = link
        self.community = community
        self.has_ended = False
        self.is_killed = False  # it was ended here: what has come and was not read is for nobody
        self.is_behind = False  # what has come of the peer waits here: it is not silent
        self._on_end = on_end
        self._outgoing: Stream | None = None
        self._incoming: Stream | None = None
        self._changed = trio.Event()

    @property
    def device(self) -> DeviceKey:
        return self.link.device

    @property
    def is_asked(self) -> bool:
        """Whether the peer has opened its stream."""
        return self._incoming is not None

    def take_in(self, stream: Stream) -> None:
        """Take the stream that the peer has opened.

        Raises:
            LinkClosed: there is one.
        """
        if self._incoming is not None:
            raise LinkClosed("a second gossip stream")
        self._incoming = stream
        stream.on_end = lambda: self.end(is_ours=False)
        self._notify()
        if stream.has_ended:
            self.end(is_ours=False)

    async def open(self) -> None:
        """Open our stream.

        Raises:
            LinkClosed: the peer has no such community, or is gone.
        """
        stream = await self.link.open(name_protocol(self.community))
        if self.has_ended:
            stream.cut()
            raise LinkClosed("the streams were closed meanwhile")
        self._outgoing = stream
        stream.on_end = lambda: self.end(is_ours=False)  # the peer refuses it after all
        stream.hand_to(self._take_back)

    def _take_back(self, _data: bytes) -> bool:
        """Only we write on our stream: who answers there does not speak this protocol."""
        self.kill()
        return True

    async def wait_opened(self) -> None:
        """Wait until the peer has opened its stream.

        Raises:
            LinkClosed: the connection or the pair ended first.
        """
        while self._incoming is None:
            if self.has_ended:
                raise LinkClosed(f"{self.link.address} closed the streams")
            await self._changed.wait()

    async def wait_ended(self) -> None:
        """Wait until no more is sent or comes."""
        while not self.has_ended:
            await self._changed.wait()

    async def wait_killed(self) -> None:
        """Wait until it was ended here."""
        while not self.is_killed:
            await self._changed.wait()

    async def receive(self) -> bytes:
        """Return what the peer has sent next, at least a byte.

        Raises:
            LinkClosed: there will be no more.
        """
        assert self._incoming is not None
        return await self._incoming.read()

    def listen(self, consumer: Consumer) -> None:
        """Hand what the peer sends to `consumer`, in the task that reads the connection."""
        assert self._incoming is not None
        with contextlib.suppress(LinkClosed):  # over: nobody sends any more
            self._incoming.hand_to(consumer)
            self._incoming.widen()

    def give_back(self, size: int) -> None:
        """Let the peer send so much more: the consumer has read it."""
        assert self._incoming is not None
        with contextlib.suppress(LinkClosed):  # over: nobody sends any more
            self._incoming.give_back(size)

    async def send(self, data: bytes) -> None:
        """Write `data` to our stream; only one task may.

        Raises:
            LinkClosed: the peer is gone.
            StreamUnread: it did not read for 5 seconds.
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
        """End both streams at once, whoever is in the middle of what. Idempotent."""
        self.end(is_ours=True)

    def end(self, *, is_ours: bool) -> None:
        """Note that it is over; `is_ours`: it is this side that ends it."""
        self.is_killed = self.is_killed or is_ours
        if not self.has_ended:
            self.has_ended = True
            self._on_end(self)
        if is_ours:
            self._cut()
        self._notify()

    def _cut(self) -> None:
        for stream in (self._outgoing, self._incoming):
            if stream is not None:
                with contextlib.suppress(LinkClosed):
                    stream.cut()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = trio.Event()
