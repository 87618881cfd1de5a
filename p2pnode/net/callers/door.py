"""Where callers come in: accepting connections, and their handshakes.

One task accepts at each address, one watches all callers that are silent, and each that speaks has
its own until its handshake is done (docs/libp2p.md, Who gives way).
"""

from __future__ import annotations

import contextlib
import logging
import math
import socket
from collections.abc import Awaitable, Callable, Sequence

import trio

from p2pnode_protocols.wire.ids import DeviceKey

from ..addresses import find_source
from ..connection.link import Link
from ..connection.transport import Transport
from ..dialling.book import Book
from ..errors import LinkClosed
from .gate import Gate
from .lobby import Caller, Lobby
from .places import Callers, Stage, find_stage

log = logging.getLogger("p2pnode.net")

ACCEPTS = 64  # callers taken in before others have their turn
ACCEPT_AGAIN_S = 0.1  # after there was no file descriptor for a caller, and none to take away
WARN_S = 60.0  # between two warnings about that


class Door:
    """Take callers in, and send those away for whom there is no place.

    Args:
        run_link: lives through the connection of one that is admitted.
    """

    def __init__(
        self,
        transport: Transport,
        gate: Gate,
        book: Book,
        run_link: Callable[[Link], Awaitable[None]],
    ) -> None:
        self.refused = 0  # connections
        self._transport = transport
        self._gate = gate
        self._book = book
        self._run_link = run_link
        self._callers: Callers[Caller] = Callers()
        self._lobby = Lobby(self._begin_handshake, self._send_away)
        self._links: trio.Nursery | None = None

    def open(
        self, listeners: Sequence[socket.socket], intake: trio.Nursery, links: trio.Nursery
    ) -> None:
        """Let callers in from here on.

        Args:
            listeners: do not block.
            intake: runs what makes new connections.
            links: runs connections: they outlive the listening, for the good-bye.
        """
        self._links = links
        self._gate.is_open = True
        intake.start_soon(self._lobby.run)
        for listener in listeners:
            intake.start_soon(self._listen, listener)

    def close(self) -> None:
        """Send away who is in the middle of a handshake, and admit nobody any more."""
        self._gate.is_open = False
        for caller in self._callers:
            self._send_away(caller)
        self._lobby.close()

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
        is_known = caller.source in self._book.known_sources()
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
            self.refused += 1

    def _begin_handshake(self, caller: Caller) -> None:
        assert self._links is not None
        caller.has_handshake = True
        self._send_away(self._callers.advance(caller, Stage.SPEAKING, caller.source))
        self._links.start_soon(self._take, caller)

    async def _take(self, caller: Caller) -> None:
        """Shake hands with a caller, and run the link if it is admitted."""
        link = await self._shake(caller)
        # Asked again, as others may have been admitted, or this one blocked, meanwhile.
        if link is not None and self._gate.admit(link.device):
            self._gate.make_room(link.device)
            await self._run_link(link)
            return
        self.refused += 1
        if link is not None:
            link.kill()

    async def _shake(self, caller: Caller) -> Link | None:
        """Return the link to a caller; None: it proved nothing, or gave way to others."""

        def admit(device: DeviceKey) -> bool:
            is_admitted = self._gate.admit(device)
            if is_admitted and self._book.is_known(device):
                seat = self._book.seat_of(device).hex()
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
