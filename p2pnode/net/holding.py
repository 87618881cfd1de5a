"""Living through a connection: which of two to use, and what is said on it in each community."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import trio

from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, to_short

from .config import NetConfig
from .connection.link import Link
from .connection.pair import Pair
from .dialling.book import Book
from .dialling.peer import Peer
from .dialling.remote import Remote
from .errors import LinkClosed

log = logging.getLogger("p2pnode.net")

PAIR_S = 12.0  # for both streams to be open
STEADY_S = PAIR_S + 10.0  # what has lasted so long was a session, and no false start
LIVE_S = 2.0  # heard from this recently: a second link is a crossed dial, not a restart


class Talking(Protocol):
    """A community as far as connections are made for it."""

    @property
    def community(self) -> CommunityId: ...
    def peer(self, device: DeviceKey) -> Peer:
        """Return its record, a new one when there is none."""
        ...

    def wants(self, device: DeviceKey) -> bool:
        """Return whether a stream is to be opened, though the device has not opened one."""
        ...

    def admits(self, device: DeviceKey) -> bool:
        """Return whether the device may open a stream."""
        ...

    async def talk(self, peer: Peer, pair: Pair) -> None:
        """Hold a session until it is over."""
        ...

    def punish(self, device: DeviceKey, fault: PeerFault) -> None:
        """Keep away for a while who floods its connection with what is for nobody."""
        ...


@dataclass(slots=True)
class Talks:
    """What is going on on one connection."""

    config: NetConfig
    until_s: float  # for the first session to begin
    under_way: set[CommunityId] = field(default_factory=set)
    has_begun: bool = False  # there has been a session
    is_refused: bool = False
    is_asked: bool = False  # the peer waits for a session, which is put off
    _again: dict[CommunityId, tuple[float, float]] = field(default_factory=dict)  # when, pause

    def put_off(self, community: CommunityId, *, began_s: float) -> None:
        """Wait about twice as long as the last time before a stream is opened again.

        Args:
            community: whose.
            began_s: when this try did; a long talk was no false start.
        """
        _, pause_s = self._again.get(community, (0.0, self.config.redial_first_s))
        if trio.current_time() - began_s > STEADY_S:
            pause_s = self.config.redial_first_s
        at_s = trio.current_time() + pause_s * random.uniform(0.5, 1.0)
        self._again[community] = at_s, min(pause_s * 2, self.config.redial_most_s)

    def due_s(self, community: CommunityId) -> float:
        return self._again.get(community, (0.0, 0.0))[0]


class Holding:
    """Hold connections, and on one of each device a session in each community.

    Args:
        communities: those that are open.
    """

    def __init__(
        self, config: NetConfig, book: Book, communities: Mapping[CommunityId, Talking]
    ) -> None:
        self._config = config
        self._book = book
        self._communities = communities

    async def run_link(self, link: Link) -> None:
        """Live through one connection: pair its streams, hold the sessions, clean up."""
        remote = self._book.remember(link.device)
        remote.links.add(link)
        self._book.note_reached(remote, link.source)
        link.admits = lambda: [
            one.community for one in self._communities.values() if one.admits(link.device)
        ]
        link.on_pair = remote.notify
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(link.serve)
                # Two nodes that dial each other at once get two connections. The one with the
                # smaller key chooses, by opening its streams on one and closing the other.
                if self._book.device < link.device and _has_live_link(remote, link):
                    log.debug("second link to %s dropped", to_short("dev", link.device))
                else:
                    await self._tend(remote, link)
                link.kill()
        finally:
            link.kill()
            remote.links.discard(link)
            if link.fault is not None:
                self._punish(link.device, link.fault)
            remote.back_off()

    def _punish(self, device: DeviceKey, fault: PeerFault) -> None:
        known = [one for one in self._communities.values() if one.admits(device)]
        for one in known or self._communities.values():
            one.punish(device, fault)

    async def _tend(self, remote: Remote, link: Link) -> None:
        """Talk in all communities that both sides have, until there is none."""
        talks = Talks(self._config, trio.current_time() + PAIR_S)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_notice_end, link, remote)
            while not link.has_ended:
                changed = remote.changed
                due_s = self._begin(remote, link, talks, nursery)
                if not (talks.under_way or talks.is_asked) and self._is_over(link, talks):
                    break
                with trio.move_on_at(due_s):
                    await changed.wait()
            link.kill()
            # What is under way ends by that, in good order: its events are told.
            while talks.under_way:
                await remote.changed.wait()
            nursery.cancel_scope.cancel()

    def _begin(self, remote: Remote, link: Link, talks: Talks, nursery: trio.Nursery) -> float:
        """Begin to talk where it is time; return when to look again."""
        now_s = trio.current_time()
        due_s = math.inf if talks.has_begun else talks.until_s
        talks.is_asked = False
        for one in list(self._communities.values()):
            if one.community in talks.under_way:
                continue
            is_asked = link.is_asked(one.community) and one.admits(link.device)
            if not is_asked and not one.wants(link.device):
                continue
            from_s = one.peer(link.device).talk_from_s
            if not is_asked:
                from_s = max(from_s, talks.due_s(one.community))
            if from_s <= now_s:
                talks.under_way.add(one.community)
                nursery.start_soon(self._talk, one, remote, link, talks)
            else:
                talks.is_asked = talks.is_asked or is_asked
                due_s = min(due_s, from_s)
        return due_s

    def _is_over(self, link: Link, talks: Talks) -> bool:
        """Return whether nobody has a use for a connection on which nothing is said."""
        is_late = trio.current_time() >= talks.until_s
        is_for_nobody = not any(one.admits(link.device) for one in self._communities.values())
        return talks.has_begun or talks.is_refused or is_late or is_for_nobody

    async def _talk(self, one: Talking, remote: Remote, link: Link, talks: Talks) -> None:
        peer, pair = one.peer(link.device), link.pair(one.community)
        began_s = trio.current_time()
        try:
            if await _open(pair) and one.admits(link.device):
                talks.has_begun = True
                if peer.session is not None:  # it prefers these streams: it restarted
                    before = peer.session.pair
                    (before if before.link is link else before.link).kill()
                await one.talk(peer, pair)
            else:
                talks.is_refused = True
        finally:
            pair.kill()
            talks.under_way.discard(one.community)
            talks.put_off(one.community, began_s=began_s)
            remote.notify()


async def _open(pair: Pair) -> bool:
    """Open both streams; return whether that was done."""
    with trio.move_on_after(PAIR_S):
        try:
            await pair.open()
            await pair.wait_opened()
        except LinkClosed as error:
            log.debug("no session with %s: %s", to_short("dev", pair.device), error)
            return False
        return True
    return False


async def _notice_end(link: Link, remote: Remote) -> None:
    await link.wait_ended()
    remote.notify()


def _has_live_link(remote: Remote, but: Link) -> bool:
    since_s = trio.current_time() - LIVE_S
    return any(
        link is not but and not link.has_ended and link.wire.heard_s > since_s
        for link in remote.links
    )
