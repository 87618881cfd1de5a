"""What two nodes say to each other in one community, between `PeerUp` and `PeerDown`.

What is queued is written by `flush`, without a task. Three tasks stand by: one writes what
cannot be written at once, one reads it, one sees to it that a session that is to end does. What
can be read at once is read by the connection's own task, which serves all communities and so waits
for none of them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import trio

from p2pnode_protocols.messages.frames import Message, Sendable
from p2pnode_protocols.messages.greeting import Bye, Ping, Pong, Refused
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.proofs import Prove, Receipts
from p2pnode_protocols.messages.spreading import Pull, Pulled
from p2pnode_protocols.wire.errors import PeerFault, ProtocolError
from p2pnode_protocols.wire.ids import DeviceKey, WallMs, to_short
from p2pnode_protocols.wire.limits import BLOCK_BYTES, KIB

from .config import NetConfig
from .connection.link import Link
from .connection.pair import Pair
from .errors import LinkClosed, StreamUnread
from .flushing import Flusher
from .framing import build_frames
from .heard.hearing import Hearing
from .heard.reading import Reading
from .interface import Traffic
from .outbox import Answer, Outbox
from .outward import Outward
from .seats.allowance import SeatRoom
from .seats.seats import SeatOf

log = logging.getLogger("p2pnode.net")

# Heartbeats, and frames without anything, that a peer may send in a minute; nobody else looks at
# them (R7.24). An honest one sends a ping and a pong in ten seconds.
IDLE_PER_MINUTE = 600
IDLE_WINDOW_S = 60.0
ANSWERS: dict[type[Message], type[Message]] = {
    Pull: Pulled,
    Leap: Leapt,
    Recall: Recalled,
    Prove: Receipts,
}
# Bytes of the largest answer there is to a question: one block, or all that a pull asks for.
ANSWER_BYTES = BLOCK_BYTES + 4 * KIB


class Session:
    """One conversation. It ends with its pair of streams, and the pair with it."""

    def __init__(
        self,
        pair: Pair,
        traffic: Traffic,
        config: NetConfig,
        reading: Reading,
        outward: Outward,
        flusher: Flusher,
        seat: SeatOf,
        count: Callable[[str], int] = lambda _what: 1,
    ) -> None:
        """Args: `seat`: of the peer; `count`: told what of the peer's goes into the log, says how
        often that was since it was there last, 0: say nothing.
        """
        self.pair = pair
        self.began_s = trio.current_time()
        self._traffic = traffic
        self._config = config
        self._flusher = flusher
        self._seat = seat
        self._hearing = Hearing(pair, traffic, reading, outward, seat, self)
        self._outbox = Outbox(config.queue_messages, self._hearing.room.waiting, self._cut_off)
        self.is_unread = False  # it was cut off as the peer did not read
        self._stuck = trio.Event()  # something waits that `flush` could not write
        self._is_writing = False
        self._left: tuple[bytes, int] = b"", 0  # what that is, and of how many messages
        self._ending = trio.Event()
        self._asked: dict[type[Message], int] = {}  # bytes of answers that may come, by kind
        self._answers_wait = trio.Event()  # for their seat's share
        self._watch = pair.link.watch.make_another()  # of what answers take
        self._count_said = count
        self._idle, self._idle_since_s = 0, self.began_s  # this minute's
        self._fault: ProtocolError | None = None
        self._ping_token = 0
        self.pinged_s: float | None = None  # when that was that is not answered yet

    @property
    def has_greeted(self) -> bool:
        """Whether the peer has said hello, for the core to look at."""
        return self._hearing.has_greeted

    @property
    def is_ending(self) -> bool:
        return self._ending.is_set()

    @property
    def link(self) -> Link:
        return self.pair.link

    @property
    def is_let_in(self) -> bool:
        """Whether the peer has a seat here, or was let in without."""
        return self._seat.is_in

    @property
    def peer(self) -> DeviceKey:
        return self.pair.device

    async def run(self) -> ProtocolError | None:
        """Talk until the streams end; return what the peer was sent away for, if it was."""
        self.ping()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                nursery.start_soon(self._enforce_end)
                nursery.start_soon(self._keep_answering)
                await self._hearing.run()
                self._outbox.close()
                self._ending.set()
                nursery.cancel_scope.cancel()
        finally:
            self.pair.kill()
            self._traffic.drops += len(self._outbox)
            self._outbox.leave()
        return self._fault

    # --- sending ----------------------------------------------------------------------

    def send(self, message: Message) -> None:
        """Queue a message. A peer that does not read fills its queue, and is cut off:
        the hellos of the next session bring it up to date.
        """
        answer = ANSWERS.get(type(message))
        if answer is not None:
            self._asked[answer] = ANSWER_BYTES
        is_fit = self._outbox.push(message)
        if not is_fit and not self._is_writing and not self._ending.is_set():
            self.flush()  # it had no time to read yet
            is_fit = self._outbox.push(message)
        if is_fit:
            self._flusher.mark(self)
            return
        self._traffic.drops += 1
        if not self._ending.is_set():
            self._cut_off()

    def _cut_off(self) -> None:
        if not self.pair.has_ended:
            self.warn("unread", "does not read: cut off")
            self.is_unread = self._is_writing  # else it has taken all that it was given
            self.pair.kill()

    def answer(self, kind: str, make: Answer) -> None:
        """Answer a request of the peer once all that waits for it is written (R7.21)."""
        self._outbox.answer(kind, make)
        self._flusher.mark(self)

    def ping(self) -> None:
        """Ask for a sign of life; the answer tells the round trip and the peer's clock.

        Who has not been let in is told nothing, so it is asked for nothing (R7.20).
        """
        if not self._seat.is_in:
            return
        self._ping_token += 1
        self.pinged_s = trio.current_time()
        self.send(Ping(self._ping_token, _read_wall_ms()))

    def end(self, last_word: Message | None = None) -> None:
        """Write what is queued, the last word and a good-bye, then close; soon in any case."""
        if self._ending.is_set():
            return
        if last_word is not None:
            self._outbox.push(last_word)
        self._outbox.push(Bye())
        self._outbox.close()
        self._ending.set()
        self._flusher.mark(self)

    async def _enforce_end(self) -> None:
        """Once ending, leave the peer a moment to hear the good-bye and hang up."""
        await self._ending.wait()
        with trio.move_on_after(self._config.bye_timeout_s):
            await self.pair.wait_ended()
        self.pair.kill()

    def flush(self) -> None:
        """Write what is queued, all that waits as one frame, if it can be written now."""
        try:
            while not (self._is_writing or self.pair.has_ended):
                batch = self._outbox.take()
                if batch:
                    self._put(batch)
                elif not self._outbox.has_answers or not self._answer():
                    return
        except LinkClosed as error:
            self._give_up(len(batch), error)

    def _put(self, batch: Sequence[Sendable]) -> None:
        data = build_frames(batch)
        if not data:  # a mistake of ours: nothing this long is made
            self._traffic.drops += len(batch)
        elif self.pair.send_now(data):
            self._count(len(batch))
        else:
            self._is_writing = True
            self._left = data, len(batch)
            self._stuck.set()

    def _answer(self) -> bool:
        """Make an answer, at the cost of who asked (R7.26); return whether there was one."""
        share, watch = self._seat.find_share(), self._watch
        is_over = share.is_over
        watch.start()
        try:
            made = self._outbox.take_answer(is_over=is_over)
            if made is not None:
                self._put((made,))
        finally:
            share.spend(watch.lap())
        if made is None and is_over and self._outbox.has_answers:
            self._answers_wait.set()
        return made is not None

    async def _keep_answering(self) -> None:
        """See to it that answers are made when the seat that asked is within its share again."""
        while True:
            await self._answers_wait.wait()
            await self._seat.find_share().wait()
            self._answers_wait = trio.Event()
            self._flusher.mark(self)

    async def _write(self) -> None:
        """Write what `flush` could not: the peer reads slowly, or it is much."""
        while True:
            await self._stuck.wait()
            self._stuck = trio.Event()
            data, count = self._left
            try:
                await self.pair.send(data)
            except LinkClosed as error:
                if isinstance(error, StreamUnread) or self.pair.link.is_unread:
                    self.is_unread = True
                self._give_up(count, error)
                return
            self._count(count)
            self._is_writing, self._left = False, (b"", 0)
            self.flush()

    def _count(self, messages: int) -> None:
        self._traffic.frames_out += 1
        self._traffic.messages_out += messages

    def _give_up(self, messages: int, error: LinkClosed) -> None:
        log.debug("%s", error)
        self._traffic.drops += messages
        self.pair.kill()

    # --- what is heard --------------------------------------------------------------------

    def count_asked(self, messages: Sequence[Message], size: int) -> float:
        """Return which part of a frame is an answer to what this node asked the peer."""
        kinds = {type(one) for one in messages}
        asked = sum(self._asked.pop(kind, 0) for kind in kinds)
        return min(1.0, asked / size)

    def on_heartbeat(self, message: Ping | Pong) -> None:
        if isinstance(message, Pong):
            self._on_pong(message)
        elif self._seat.is_in:  # else it is told nothing (R7.20)
            self.send(Pong(message.token, _read_wall_ms()))

    def _on_pong(self, pong: Pong) -> None:
        if pong.token != self._ping_token or self.pinged_s is None:
            return  # late, or invented
        pulse = self.pair.link.pulse
        pulse.rtt_ms = (trio.current_time() - self.pinged_s) * 1000
        self.pinged_s = None
        # The peer read its clock about half a round trip ago.
        pulse.clock_offset_ms = pong.wall_ms + pulse.rtt_ms / 2 - _read_wall_ms()

    def refuse(self, fault: ProtocolError) -> None:
        if self._ending.is_set():
            return
        self.warn(fault.code, f"sent what was refused: {fault}")
        self._traffic.faults[fault.code] = self._traffic.faults.get(fault.code, 0) + 1
        self.send(Refused(fault.code, fault.detail))

    def on_room(self, room: SeatRoom) -> None:
        """The peer has got a seat, or lost it."""
        self._outbox.move(room.waiting)

    def warn(self, what: str, words: str) -> int:
        """Write it into the log, unless the same of this peer stood there within a minute."""
        times = self._count_said(what)
        if times:
            often = {} if times == 1 else {"times": times}
            log.warning("%s %s", to_short("dev", self.peer), words, extra=often)
        return times

    def count_idle(self) -> None:
        """Count what the core never sees; who sends nothing else for long is sent away (R7.24)."""
        now_s = trio.current_time()
        if now_s - self._idle_since_s >= IDLE_WINDOW_S:
            self._idle, self._idle_since_s = 0, now_s
        self._idle += 1
        if self._idle == IDLE_PER_MINUTE + 1:
            fault = PeerFault("limit_rate", f"more than {IDLE_PER_MINUTE} heartbeats in a minute")
            self.warn(fault.code, f"sent what was refused: {fault}")
            self.send(Refused(fault.code, fault.detail))
            self.send_away(fault)

    def send_away(self, fault: ProtocolError) -> None:
        if not self._ending.is_set():
            self._fault = fault
            self.end()


def _read_wall_ms() -> WallMs:
    return WallMs(time.time_ns() // 1_000_000)
