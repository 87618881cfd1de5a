"""Living through a connection: which of two to use, one session at a time, and its end."""

from __future__ import annotations

import logging
from collections.abc import Callable

import trio

from p2pnode_protocols.steps.inputs import PeerDown, PeerUp
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import DeviceKey, to_short

from .connection.link import Link
from .dialling.book import Book
from .dialling.peer import Peer
from .errors import LinkClosed
from .outward import Outward
from .seats.seats import Seats
from .seldom import PeerLog
from .session import Session

log = logging.getLogger("p2pnode.net")

PAIR_S = 12.0  # for both streams to be open
LIVE_S = 2.0  # heard from this recently: a second link is a crossed dial, not a restart


class Holding:
    """Hold connections, and on one of each device a session.

    Args:
        device: this one.
        make_session: of a peer, on a connection.
    """

    def __init__(
        self,
        device: DeviceKey,
        book: Book,
        seats: Seats,
        outward: Outward,
        peer_log: PeerLog,
        make_session: Callable[[Peer, Link], Session],
    ) -> None:
        self._device = device
        self._book = book
        self._seats = seats
        self._outward = outward
        self._peer_log = peer_log
        self._make_session = make_session

    async def run_link(self, link: Link) -> None:
        """Live through one connection: pair its streams, hold the session, clean up."""
        peer = self._book.remember(link.device)
        peer.links.add(link)
        self._book.note_reached(peer, link.source)
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
        if self._peer_log.count(peer.device, "empty"):
            log.warning("%s is cut off: %s", to_short("dev", peer.device), fault)
        peer.traffic.faults[fault.code] = peer.traffic.faults.get(fault.code, 0) + 1
        peer.hold(self._seats.find_share(peer.device).find_penalty_s())

    async def _pair(self, peer: Peer, link: Link) -> bool:
        """Open both streams; return whether this connection is the one to use.

        Two nodes that dial each other at once get two connections. The one with the
        smaller key chooses, by opening its stream on one and closing the other.
        """
        with trio.move_on_after(PAIR_S):
            try:
                if self._device < peer.device:
                    if _has_live_link(peer, link):
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

    async def _hold_session(self, peer: Peer, link: Link) -> None:
        session = self._make_session(peer, link)
        name = to_short("dev", peer.device)
        if self._peer_log.count(peer.device, "connected"):
            log.info("%s is connected at %s", name, link.address)
        peer.begin_session(session)
        try:
            await self._outward.emit(PeerUp(peer.device))
            fault = await session.run()
        finally:
            peer.end_session()
            self._seats.forget_rooms()
        if fault is not None:
            peer.hold(self._seats.find_share(peer.device).find_penalty_s())
        if self._peer_log.count(peer.device, "gone"):
            log.info("%s is gone", name)
        await self._outward.emit(PeerDown(peer.device))


def _has_live_link(peer: Peer, but: Link) -> bool:
    since_s = trio.current_time() - LIVE_S
    return any(
        link is not but and not link.has_ended and link.wire.heard_s > since_s
        for link in peer.links
    )
