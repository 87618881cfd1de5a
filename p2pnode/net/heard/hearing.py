"""Hearing a peer: what comes on its stream is cut into frames, opened, and handed on.

What can be read at once is read by the connection's own task, which serves all communities and so
waits for none of them. The rest is read by a task of the session, and the peer may send that much
less: the window of its stream is what stays shut, not the connection.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import trio

from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import Bye, Hello, Ping, Pong
from p2pnode_protocols.steps.inputs import Received
from p2pnode_protocols.wire.errors import PeerFault, ProtocolError
from p2pnode_protocols.wire.ids import to_short
from p2pnode_protocols.wire.limits import FIRST_FRAME_BYTES, FRAME_BYTES

from ..connection.pair import Pair
from ..framing import FrameReader
from ..interface import Traffic
from ..outward import Outward
from ..seats.allowance import SeatRoom
from ..seats.cpu import ASKED_PART, CpuShare
from ..seats.seats import SeatOf
from .behind import Behind
from .reading import AT_ONCE_BYTES, Reading

log = logging.getLogger("p2pnode.net")

STRIKES = 3  # refused frames of a seat's devices before one of them is sent away
LATE = 2_048  # messages looked at once this side has said good-bye: one of them may be theirs


class Answering(Protocol):
    """What a session does about what is heard."""

    @property
    def is_ending(self) -> bool:
        """Whether this side has said good-bye."""
        ...

    def count_asked(self, messages: Sequence[Message], size: int) -> float:
        """Return which part of a frame is an answer to what this node asked the peer."""
        ...

    def count_idle(self) -> None:
        """Count what nobody else looks at."""
        ...

    def on_heartbeat(self, message: Ping | Pong) -> None: ...
    def on_room(self, room: SeatRoom) -> None:
        """Count for another seat from here on."""
        ...

    def refuse(self, fault: ProtocolError) -> None: ...
    def send_away(self, fault: ProtocolError) -> None: ...
    def warn(self, what: str, words: str) -> int:
        """Write it into the log, unless the same of this peer stood there within a minute."""
        ...


class Hearing:
    """Hears one peer, for as long as its pair of streams lasts."""

    def __init__(
        self,
        pair: Pair,
        traffic: Traffic,
        reading: Reading,
        outward: Outward,
        seat: SeatOf,
        answering: Answering,
    ) -> None:
        self.has_greeted = False  # has said hello, for the core to look at
        self._pair = pair
        self._peer = pair.device
        self._traffic = traffic
        self._reading = reading
        self._outward = outward
        self._seat = seat
        self._answering = answering
        self._reader = FrameReader(find_most=self._find_most)
        self._behind = Behind(self._reader)
        self._has_caught_up = trio.Event()
        self._room = seat.find_room()
        self._room.partial.join(self)
        self._watch = pair.link.watch.make_another()  # of what is not read at once
        self._is_deaf = False  # what comes from here on is for nobody
        self._late = 0

    @property
    def room(self) -> SeatRoom:
        """Of the peer's seat."""
        return self._room

    async def run(self) -> None:
        """Hear the peer until its streams are over, and what had come before is read."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._catch_up)
                self._pair.listen(self._take)
                await self._listen_to_the_end()
                nursery.cancel_scope.cancel()
        finally:
            self._room.partial.leave(self)

    def _take(self, chunk: bytes) -> bool:
        """Pass the messages on that are complete with `chunk`, at the cost of the peer's seat.

        The connection's task calls this, so it waits for nothing. Returns False when something has
        to be waited for: `_catch_up` goes on then, and the peer may send that much less.
        """
        if self._is_deaf:
            return True
        share, watch = self._seat.find_share(), self._pair.link.watch
        try:
            if not self._make_room(len(chunk)):
                return True
            is_behind = self._pair.is_behind
            self._behind.add(chunk)
            if not is_behind and self._read_now(share):
                self._behind.take_read()
                return True
            self._pair.is_behind = True
            self._behind.has_more.set()
            return False
        finally:
            share.spend(watch.lap())

    def _make_room(self, size: int) -> bool:
        """Find room for what has come; else nothing more is listened to (R7.19)."""
        room = self._seat.find_room()
        if room is not self._room:  # it has got a seat, or lost it
            self._room.partial.leave(self)
            room.partial.join(self)
            self._room = room
            self._answering.on_room(room)
        if not self._room.partial.make_room(self, size):
            self.overflow()
            return False
        return True

    @property
    def memory(self) -> int:
        """Bytes of what has come and is not opened yet."""
        return self._reader.memory + self._behind.memory

    def overflow(self) -> None:
        """Let go of it: the seat has too much of that. The streams are of no further use."""
        self._behind.clear()
        self._reader.overflow()
        self._stop_listening()

    def _read_now(self, share: CpuShare) -> bool:
        """Read what has come as far as nothing is to be waited for; return whether that was all.

        No more than a short frame may have: other connections and communities have their turn.
        """
        left = AT_ONCE_BYTES
        try:
            while not self._is_deaf:
                if self._behind.messages and not self._pass_on():
                    return False
                frame = self._behind.find_frame()
                if frame is None:
                    return True
                if len(frame) > left or share.is_over or share.turn.locked():
                    return False
                left -= len(frame)
                self._behind.open(self._open(share, frame))
        except PeerFault as fault:
            self._lose_track(fault)
        return True

    def _lose_track(self, fault: PeerFault) -> None:
        """Hear no more: where the next frame begins is unknown from here on."""
        self._is_deaf = True
        self._answering.refuse(fault)
        self._answering.send_away(fault)

    async def _catch_up(self) -> None:
        """Read what could not be read at once, and wait for what that needs."""
        while True:
            await self._behind.has_more.wait()
            self._behind.has_more = trio.Event()
            self._watch.start()
            try:
                while not (self._is_deaf or self._behind.is_empty):
                    await self._read_in_turn()
                    if size := self._behind.take_read():
                        self._pair.give_back(size)
                    # Much may have come meanwhile; and others have their turn after each frame.
                    self._seat.find_share().spend(self._watch.lap())
                    await trio.lowlevel.checkpoint()
                    self._watch.start()
            finally:
                self._seat.find_share().spend(self._watch.lap())
            self._pair.is_behind = False
            self._pair.link.wire.heard_s = trio.current_time()
            self._has_caught_up.set()
            self._has_caught_up = trio.Event()

    async def _read_in_turn(self) -> None:
        """Read a frame when no other device of the seat has its turn (R7.26)."""
        share, watch = self._seat.find_share(), self._watch
        try:
            share.turn.acquire_nowait()  # the common case costs no switch of tasks
        except trio.WouldBlock:
            share.spend(watch.lap())
            await share.turn.acquire()
            watch.start()
        try:
            if share.is_over:  # by what stood before it, or another device has brought
                share.spend(watch.lap())
                await share.wait()
                watch.start()
            if not self._behind.messages:
                frame = self._behind.find_frame()
                if frame is None:
                    return
                self._behind.open(await self._open_slowly(share, frame))
            while not (self._is_deaf or self._pass_on()):
                share.spend(watch.lap())
                await self._outward.emit(Received(self._peer, self._behind.messages[0]))
                watch.start()
                self._behind.messages.popleft()
        except PeerFault as fault:
            self._lose_track(fault)
        finally:
            share.turn.release()

    @property
    def _is_first(self) -> bool:
        """Whether nobody has let the peer in: only what a stranger may say is read (R7.20)."""
        return not self._seat.is_in

    async def _open_slowly(self, share: CpuShare, frame: bytes) -> Sequence[Message]:
        """Return the messages of a frame, which is read in a thread of its own if it is long."""
        if not _is_long(frame):
            return self._open(share, frame)
        is_first = self._is_first

        def settle(cpu_s: float, messages: Sequence[Message] | None) -> None:
            asked = self._answering.count_asked(messages or (), len(frame))
            share.spend(cpu_s * (1 - asked * (1 - ASKED_PART)))

        share.spend(self._watch.lap())
        try:
            messages = await self._reading.read_aside(frame, settle, is_first=is_first)
        except Exception as error:
            return self._note_unreadable(error, share, is_first=is_first)
        finally:
            self._watch.start()
        return self._note_read(messages)

    def _open(self, share: CpuShare, frame: bytes) -> Sequence[Message]:
        """Return the messages of a short frame, none of one that is refused."""
        is_first = self._is_first
        try:
            messages = self._reading.read_now(frame, is_first=is_first)
        except Exception as error:
            return self._note_unreadable(error, share, is_first=is_first)
        return self._note_read(messages)

    def _note_read(self, messages: Sequence[Message]) -> Sequence[Message]:
        self._traffic.frames_in += 1
        self._traffic.messages_in += len(messages)
        if self._answering.is_ending:  # both may be, each waiting for the other's good-bye
            self._late += 1 + len(messages)
            if self._late > LATE or any(isinstance(one, Bye) for one in messages):
                self._hang_up()
            return ()
        if not messages:
            self._answering.count_idle()
        return messages

    def _note_unreadable(
        self, error: Exception, share: CpuShare, *, is_first: bool
    ) -> Sequence[Message]:
        self._traffic.frames_in += 1
        if isinstance(error, ProtocolError):
            self._answering.refuse(error)
            if is_first or share.strike() >= STRIKES:
                self._answering.send_away(error)
            return ()
        # A mistake of ours, but nobody's bytes may stop a node.
        if self._answering.warn("broke", "sent a frame that broke the decoder"):
            log.error("this frame of %s", to_short("dev", self._peer), exc_info=error)
        self._answering.send_away(PeerFault("bad_frame", "not understood"))
        return ()

    def _hang_up(self) -> None:
        """Hear no more: the other side has said good-bye, or will not."""
        self._is_deaf = True
        self._pair.kill()

    def _pass_on(self) -> bool:
        """Pass on the messages that were read; return False when the next one has to wait."""
        waiting = self._behind.messages
        while waiting and not self._is_deaf:
            message = waiting[0]
            match message:
                case Bye():
                    self._hang_up()
                case _ if self._answering.is_ending:
                    pass  # sent away for what stood before it in this frame
                case Ping() | Pong():
                    self._answering.count_idle()
                    self._answering.on_heartbeat(message)
                case _:
                    self.has_greeted = self.has_greeted or isinstance(message, Hello)
                    if not self._outward.offer(Received(self._peer, message)):
                        return False
            waiting.popleft()
        return True

    async def _listen_to_the_end(self) -> None:
        """Return when the streams are over, and what had come before is read or for nobody."""
        await self._pair.wait_ended()
        while self._pair.is_behind and not (self._pair.is_killed or self._is_deaf):
            async with trio.open_nursery() as either:
                for wait in (self._has_caught_up.wait, self._pair.wait_killed):
                    either.start_soon(_first, wait, either.cancel_scope)

    def _stop_listening(self) -> None:
        """Cut off who leaves a frame unfinished, as its seat has too much of that (R7.19)."""
        self._is_deaf = True
        if not self._pair.has_ended:
            self._answering.warn("unfinished", "does not finish its frames: cut off")
            self._pair.kill()

    def _find_most(self) -> int:
        """Return how many bytes a frame of the peer may have now (R7.20)."""
        return FRAME_BYTES if self._seat.is_in else FIRST_FRAME_BYTES


def _is_long(frame: bytes) -> bool:
    return len(frame) > AT_ONCE_BYTES


async def _first(wait: Callable[[], Awaitable[object]], others: trio.CancelScope) -> None:
    await wait()
    others.cancel()
