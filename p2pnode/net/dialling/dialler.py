"""Dialling whom this node wants to be connected to: a task for each."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable

import trio

from p2pnode_protocols.wire.ids import to_short

from ..connection.link import Link
from ..connection.transport import Transport
from ..errors import LinkClosed, NobodyAnswered
from .book import Book
from .peer import Peer
from .tips import PLACES_OF_ONE, TRIES_PER_MINUTE, Tries

log = logging.getLogger("p2pnode.net")


class Dialler:
    """Dial each wanted peer while it is not connected, with growing pauses.

    Args:
        run_link: lives through a connection.
    """

    def __init__(
        self, book: Book, transport: Transport, run_link: Callable[[Link], Awaitable[None]]
    ) -> None:
        self._book = book
        self._transport = transport
        self._run_link = run_link
        self._tries = Tries()
        self._intake: trio.Nursery | None = None  # of what makes new connections
        self._links: trio.Nursery | None = None  # of connections

    def open(self, intake: trio.Nursery, links: trio.Nursery) -> None:
        """Dial all who are wanted from here on."""
        self._intake, self._links = intake, links
        for peer in list(self._book):
            self.begin(peer)

    def close(self) -> None:
        """Begin no more."""
        self._intake = None

    def begin(self, peer: Peer) -> None:
        """Keep dialling a peer as long as it is wanted."""
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
        most = max(TRIES_PER_MINUTE, PLACES_OF_ONE * self._book.wanted)
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
