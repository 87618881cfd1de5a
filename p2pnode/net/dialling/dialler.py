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
from .remote import Remote
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
        for remote in self._book:
            self.begin(remote)

    def close(self) -> None:
        """Begin no more."""
        self._intake = None

    def begin(self, remote: Remote) -> None:
        """Keep dialling a peer as long as it is wanted."""
        if self._intake is not None and remote.is_wanted and not remote.has_dialler:
            remote.has_dialler = True
            self._intake.start_soon(self._keep_dialling, remote)

    async def _keep_dialling(self, remote: Remote) -> None:
        try:
            while remote.is_wanted:
                changed, when = remote.changed, remote.dial_at_s
                with trio.move_on_at(math.inf if when is None else when):
                    await changed.wait()
                    continue
                await self._dial(remote)
        finally:
            remote.has_dialler = False

    async def _dial(self, remote: Remote) -> None:
        assert self._links is not None
        most = max(TRIES_PER_MINUTE, PLACES_OF_ONE * self._book.wanted)
        addresses = remote.begin_dial(lambda teller: self._tries.take(teller, most))
        if not addresses:
            remote.end_dial()
            return
        remote.is_dialling = True
        try:
            link = await self._transport.dial(remote.device, addresses)
        except LinkClosed as error:
            log.debug("dialling %s failed: %s", to_short("dev", remote.device), error)
            errors = error.errors if isinstance(error, NobodyAnswered) else {}
            remote.note_failure(str(error), errors)
        else:
            remote.links.add(link)  # before the next look at `dial_at_s`
            self._links.start_soon(self._run_link, link)
        finally:
            remote.is_dialling = False
