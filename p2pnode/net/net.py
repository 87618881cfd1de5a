"""One community's net on an endpoint: whom it talks to, its orders, its life."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import trio

from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import Refused
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, to_short

from .callers.places import Room
from .connection.pair import Pair
from .dialling.peer import Peer
from .dialling.peers import Peers
from .endpoint import Endpoint
from .heard.reading import Reading
from .interface import NetEvent, NetStatistics
from .outbox import Answer
from .outward import Outward
from .seats.seats import Seats
from .seldom import PeerLog
from .session import Session

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

log = logging.getLogger("p2pnode.net")

HOLD_MS = 60_000  # a stranger that said nothing stays away this long


class Net:
    """Moves frames of one community between device keys (`Network`).

    Args:
        endpoint: that it is on.
        gate: whether a device belongs to a member; asked after the handshake. Others are
            strangers, of whom a few may stay connected while the core looks at them.
        opener: decodes and verifies what arrives.
        events: bounded; when it is full the streams of this community wait, and so do their
            senders.
        seat_of: what all devices of one seat have in common, or all whom one invite has let in;
            by default each is its own.
        is_let_in: whether a stranger has shown the core an open invite. The core sees to it that
            these are few of each invite, so they take nobody else's place here.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        community: CommunityId,
        gate: Callable[[DeviceKey], bool],
        opener: Opener,
        events: trio.MemorySendChannel[NetEvent],
        *,
        seat_of: Callable[[DeviceKey], bytes] = bytes,
        is_let_in: Callable[[DeviceKey], bool] = lambda _device: False,
    ) -> None:
        self.community = community
        self.device = endpoint.device
        self.is_let_in = is_let_in
        self.seat_of = seat_of
        self._endpoint = endpoint
        self._config = endpoint.config
        self._is_open = False
        self._talks: set[trio.CancelScope] = set()
        self._peers = Peers(endpoint.config, endpoint.book, gate)
        self.is_known = self._peers.is_known
        self.is_kept_away = self._peers.is_kept_away
        self.add_found = self._peers.add_found
        self.seats = Seats(endpoint.config, self.is_known, is_let_in, seat_of)
        self._reading = Reading(opener, endpoint.meter, endpoint.one_frame)
        self._outward = Outward(events)
        self._peer_log = PeerLog(self.is_known)

    # --- life -------------------------------------------------------------------------

    async def run(
        self, *, task_status: TaskStatus[tuple[str, ...]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Talk until cancelled; then say good-bye, within some seconds. Its endpoint runs.

        Reports `addresses` as started. A net runs once.
        """
        self._is_open = True
        self._endpoint.add(self)
        try:
            task_status.started(self.addresses)
            await trio.sleep_forever()
        finally:
            self._is_open = False
            with trio.CancelScope(shield=True):
                await self._say_bye()
            self._endpoint.remove(self)
            self._peers.forget_all()

    def end_sessions(self) -> None:
        """Say good-bye to all; what is queued is written before."""
        for peer in self._peers:
            if peer.session is not None:
                peer.session.end()

    async def _say_bye(self) -> None:
        self.end_sessions()
        with trio.move_on_after(self._config.bye_timeout_s):
            await self._wait_for_sessions()
        for peer in self._peers:
            peer.hang_up()
        with trio.move_on_after(self._config.bye_timeout_s):
            await self._wait_for_sessions()
        for scope in self._talks:  # nobody takes their last events
            scope.cancel()
        await self._wait_for_sessions()

    async def _wait_for_sessions(self) -> None:
        for peer in self._peers:
            async with peer.turn:
                pass

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where others can dial us, as multiaddresses that end in our peer id."""
        return self._endpoint.addresses

    # --- what the endpoint asks -------------------------------------------------------

    def peer(self, device: DeviceKey) -> Peer:
        return self._peers.remember(device)

    def wants(self, device: DeviceKey) -> bool:
        """Return whether a stream is to be opened, though the device has not opened one."""
        peer = self._peers.get(device)
        is_wanted = peer is not None and peer.is_wanted
        return self._is_open and is_wanted and not self.is_kept_away(device)

    def admits(self, device: DeviceKey) -> bool:
        """Return whether a device may talk here."""
        if not self._is_open or self.is_kept_away(device):
            return False
        if self.is_known(device) or self.is_let_in(device):
            return True
        return len(self._strangers(device)) < self._config.strangers or (
            not self._giving_way(device).is_empty
        )

    def _strangers(self, but: DeviceKey) -> list[Peer]:
        """Return the strangers that talk here and that the core has not let in."""
        return [
            peer
            for peer in self._peers
            if peer.session is not None
            and not peer.session.pair.has_ended
            and peer.device != but
            and not self.is_known(peer.device)
            and not self.is_let_in(peer.device)
        ]

    def _giving_way(self, but: DeviceKey) -> Room[DeviceKey]:
        """Return those that give way to another: no hello yet, or sent away."""
        strangers = self._strangers(but)
        room: Room[DeviceKey] = Room(len(strangers) + 1)
        for peer in strangers:
            assert peer.session is not None
            if peer.is_held or not peer.session.has_greeted:
                room.enter(peer.device, peer.session.pair.link.source)
        return room

    def _make_room(self, device: DeviceKey) -> None:
        """Let another stranger go for this one if there are too many."""
        if self.is_known(device) or self.is_let_in(device):
            return
        if len(self._strangers(device)) >= self._config.strangers:
            victim = self._giving_way(device).drop()
            if victim is not None:
                self._peers.remember(victim).hang_up()

    async def talk(self, peer: Peer, pair: Pair) -> None:
        """Hold a session until it is over, one at a time with each device."""
        with trio.CancelScope() as scope:
            self._talks.add(scope)
            try:
                async with peer.turn:
                    if not pair.has_ended and self.admits(peer.device):
                        self._make_room(peer.device)
                        await self._hold_session(peer, pair)
            finally:
                self._talks.discard(scope)

    async def _hold_session(self, peer: Peer, pair: Pair) -> None:
        session = Session(
            pair,
            peer.traffic,
            self._config,
            self._reading,
            self._outward,
            self._endpoint.flusher,
            self.seats.at(peer.device),
            partial(self._peer_log.count, peer.device),
        )
        name = to_short("dev", peer.device)
        if self._peer_log.count(peer.device, "connected"):
            log.info("%s is connected at %s", name, pair.link.address)
        peer.begin_session(session)
        try:
            await self._outward.emit(PeerUp(peer.device))
            fault = await session.run()
        finally:
            peer.end_session()
            self.seats.forget_rooms()
        if fault is not None:
            peer.hold(self.seats.find_share(peer.device).find_penalty_s())
        if self._peer_log.count(peer.device, "gone"):
            log.info("%s is gone", name)
        await self._outward.emit(PeerDown(peer.device))

    def punish(self, device: DeviceKey, fault: PeerFault) -> None:
        """Keep who floods a connection with what is for nobody away, as after refused frames."""
        peer = self._peers.remember(device)
        if self._peer_log.count(device, "empty"):
            log.warning("%s is cut off: %s", to_short("dev", device), fault)
        peer.traffic.faults[fault.code] = peer.traffic.faults.get(fault.code, 0) + 1
        peer.hold(self.seats.find_share(device).find_penalty_s())

    def look_after(self, now_s: float) -> list[Session]:
        """Return who may be asked for a sign of life; a stranger that says nothing has to go."""
        found: list[Session] = []
        for peer in self._peers:
            session = peer.session
            if session is None or session.pair.has_ended:
                continue
            is_late = now_s - session.began_s > self._config.hello_within_s
            if is_late and not session.has_greeted and not self.is_known(peer.device):
                self.disconnect(peer.device, "not_a_member", "a stranger without a hello", HOLD_MS)
            elif session.is_let_in:
                found.append(session)
        return found

    # --- orders -----------------------------------------------------------------------

    def enqueue(self, peer: DeviceKey, message: Message) -> None:
        """Send a message; returns at once. A peer that is not up gets nothing."""
        record = self._peers.get(peer)
        if record is None:
            return
        if record.session is None:
            record.traffic.drops += 1
        else:
            record.session.send(message)

    def answer(self, peer: DeviceKey, kind: str, make: Answer) -> None:
        """Answer a request of a peer when what waits for it has been written.

        Args:
            kind: of the request; of each kind few wait, the newest.
            make: returns the answer, or None if there is none after all.
        """
        record = self._peers.get(peer)
        if record is not None and record.session is not None:
            record.session.answer(kind, make)

    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None:
        """Tell the peer why, close, and neither dial nor accept it here for `retry_ms`."""
        record = self._peers.get(peer)
        if record is None:
            return
        if times := self._peer_log.count(peer, f"sent away: {code}"):
            name = to_short("dev", peer)
            often = {} if times == 1 else {"times": times}
            log.info(
                "%s is sent away for %d ms: %s [%s]", name, retry_ms, detail, code, extra=often
            )
        record.hold(retry_ms / 1000)
        if record.session is not None:
            record.session.end(Refused(code, detail))

    def set_peers(self, peers: Mapping[DeviceKey, Sequence[str]]) -> None:
        """Stay connected to exactly these devices, at these addresses and others known."""
        for remote in self._peers.set_wanted(peers):
            self._endpoint.dial(remote)

    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        """Learn by a wanted peer's own word where it is; what is no address is passed over."""
        self._peers.add_addresses(peer, addresses)

    def add_tips(self, peer: DeviceKey, teller: bytes, addresses: Sequence[str]) -> None:
        """Learn where a wanted peer may be from somebody else; no caller is known by that."""
        self._peers.add_tips(peer, teller, addresses)

    def block(self, peer: DeviceKey) -> None:
        """Cut this peer off at once in this community and keep it off until `unblock`."""
        record = self._peers.remember(peer)
        record.is_blocked = True
        record.hang_up()
        record.remote.notify()

    def unblock(self, peer: DeviceKey) -> None:
        record = self._peers.remember(peer)
        record.is_blocked = False
        record.remote.redial_now()
        self._endpoint.dial(record.remote)

    def statistics(self) -> NetStatistics:
        peers = sorted(self._peers, key=lambda one: one.device)
        return NetStatistics(
            addresses=self.addresses,
            peers=tuple(one.statistics() for one in peers),
            strangers=len(self._endpoint.book.strangers()),
            refused_connections=self._endpoint.refused,
        )
