"""Yamux on a Noise connection, written so that a small frame costs little.

The library's own takes some ten turns of the scheduler for each frame and each direction:
locks that nobody contends for, a task that hands over to another. With blocks of 600 bytes
that was most of what a round cost. Here one task reads a connection, down to the frame that
it hands on, and a write is done where it is asked for, if the socket takes it. What goes
over the wire is the same (https://github.com/hashicorp/yamux/blob/master/spec.md).

No stream holds up another. What its reader has no time for stays within the stream's window, and
the connection is read on; and streams that wait for the socket are written in turn.

Nothing here loses bytes when it is cancelled: records are opened and sealed between awaits.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

import trio
from libp2p.io.abc import ReadWriteCloser

from p2pnode_protocols.wire.limits import KIB

from ..errors import LinkClosed, LinkFlooded, StreamUnread
from ..seats.cpu import Stopwatch
from .wire import Wire

START_WINDOW = 256 * KIB  # of every stream, by the specification
WINDOW_BYTES = 1024 * KIB  # of a stream in use: the answer to one pull goes through without a pause
STALL_S = 5.0  # a window or a socket that stays shut for so long is a peer that does not read
# Frames that may still come for a stream that was refused here, before they count as empty ones:
# what was under way. Of so many refused streams at once.
LATE_FRAMES = 2_048
LATE_STREAMS = 16
LATE_UNUSED = 16  # … and of a stream that nobody has read from: what is said for a name
BURST_BYTES = 256 * KIB  # sealed at once; what the socket does not take of it waits here
UNSENT_BYTES = 1024 * KIB  # waits here at most: beyond it a peer asks and does not listen
# Frames and records that carry nothing for a stream, which a peer may send in a minute (R7.24), and
# as many as this side sends it frames of data. Ours answers half a window with one such frame, the
# library's nearly every frame.
EMPTY_PER_MINUTE = 600
EMPTY_WINDOW_S = 60.0
_LENGTH_BYTES = 2  # of the length before each Noise record
_RECORD_BYTES = 65_535 - 16  # one record carries so much, less its authentication

_HEADER = struct.Struct("!BBHII")  # version, kind, flags, stream, length
_DATA, _WINDOW, _PING, _GO_AWAY = range(4)
_SYN, _ACK, _FIN, _RST = 1, 2, 4, 8
_PIECE_BYTES = _RECORD_BYTES - _HEADER.size  # of data in one frame: a frame is one record

# Takes what has come of a stream; returns whether it is done with it. If not, it says so later, by
# `Stream.give_back`, and until then the peer may send as much less.
Consumer = Callable[[bytes], bool]


class Cipher(Protocol):
    """What the handshake agreed on: seals and opens one record after the other."""

    def encrypt(self, data: bytes) -> bytes: ...
    def decrypt(self, data: bytes) -> bytes: ...


class Stream(ReadWriteCloser):
    """One stream, with the interface that libp2p's negotiation wants."""

    def __init__(self, mux: Mux, number: int) -> None:
        self.number = number
        self.room = START_WINDOW  # bytes that we may still send
        self.has_ended = False  # the peer sends no more
        self.is_reset = False
        self._credit = START_WINDOW  # bytes that the peer may still send
        self._owed = 0  # bytes read for which no new credit was given
        self._mux = mux
        self._arrived = bytearray()
        self._consumer: Consumer | None = None
        self.is_used = False  # has been handed to a consumer
        self._changed = trio.Event()
        self.on_end: Callable[[], None] = lambda: None  # the peer sends no more

    # --- reading ----------------------------------------------------------------------

    async def read(self, n: int | None = None) -> bytes:
        """Return what has arrived, at most `n` bytes and at least one.

        Raises:
            LinkClosed: there will be no more.
        """
        while not self._arrived:
            if self.has_ended:
                raise LinkClosed("the stream has ended")
            await self._changed.wait()
        data = bytes(self._arrived[:n])
        del self._arrived[:n]
        self.give_back(len(data))
        return data

    def hand_to(self, consumer: Consumer) -> None:
        """Give what arrives to `consumer` from here on, in the task that reads the connection."""
        self._consumer, self.is_used = consumer, True
        if self._arrived:
            data = bytes(self._arrived)
            self._arrived.clear()
            if consumer(data):
                self.give_back(len(data))

    def take(self, data: bytes) -> None:
        """Take what the connection has read for this stream.

        Raises:
            LinkClosed: it is more than this side has allowed for.
        """
        self._credit -= len(data)
        if self._credit < 0:
            raise LinkClosed("the peer ignores its window")
        if self._consumer is None:
            self._arrived += data
            self.notify()
        elif self._consumer(data):
            self.give_back(len(data))

    def end(self, *, is_reset: bool) -> None:
        """The peer sends no more."""
        self.has_ended = True
        self.is_reset = self.is_reset or is_reset
        self.notify()
        self.on_end()

    def widen(self) -> None:
        """Give the peer the whole window; before, it has yamux's default."""
        if not self.has_ended:
            self._grant(WINDOW_BYTES - START_WINDOW)

    def give_back(self, size: int) -> None:
        """Let the peer send so much more: that was read. Nobody waits for a stream that is over.

        Raises:
            LinkClosed: the connection is over.
        """
        if self.has_ended:
            return
        self._owed += size
        if self._owed >= WINDOW_BYTES // 2 or self._credit < START_WINDOW // 2:
            self._grant(self._owed)
            self._owed = 0

    def _grant(self, credit: int) -> None:
        self._credit += credit
        self._mux.control(_WINDOW, 0, self.number, credit)

    # --- writing ----------------------------------------------------------------------

    async def write(self, data: bytes) -> None:
        """Write all of `data`; one task at a time.

        Raises:
            LinkClosed: the peer is gone.
            StreamUnread: it has not read this stream for `STALL_S`.
        """
        left = memoryview(data)
        try:
            while left:
                changed = self._changed
                taken = self._mux.send(self, left)
                if taken:
                    left = left[taken:]
                elif self.room:  # the socket is the mux's: it sees to one that stays shut
                    self._mux.queue(self)
                    await changed.wait()
                else:
                    await self._wait_for_room()
        finally:
            self._mux.leave(self)
        await trio.lowlevel.checkpoint()

    async def _wait_for_room(self) -> None:
        self._mux.leave(self)  # who waits for its peer holds up no other
        with trio.move_on_after(STALL_S):
            while not (self.room or self.is_reset):
                await self._changed.wait()
            return
        raise StreamUnread(f"the peer has not read for {STALL_S:.0f} s")

    def write_now(self, data: bytes) -> bool:
        """Write all of `data` at once, or nothing of it; return which.

        Raises:
            LinkClosed: the peer is gone.
        """
        if len(data) > min(self.room, BURST_BYTES):
            return False
        return self._mux.send(self, memoryview(data)) > 0

    async def close(self) -> None:
        """Say that no more will be written."""
        self._mux.control(_WINDOW, _FIN, self.number, 0)

    async def reset(self) -> None:
        """As `cut`."""
        self.cut()

    def cut(self) -> None:
        """Refuse the stream. Raises `LinkClosed` when the connection is over."""
        if not self.is_reset:
            self._mux.forget(self, may_be_late=True)
            self._mux.control(_WINDOW, _RST, self.number, 0)

    def notify(self) -> None:
        """Wake whoever waits for this stream."""
        self._changed.set()
        self._changed = trio.Event()

    def get_remote_address(self) -> tuple[str, int] | None:
        return self._mux.wire.get_remote_address()


class Mux:
    """The streams of one connection. Two tasks run it: `read_all` and `write_rest`."""

    def __init__(
        self, cipher: Cipher, wire: Wire, *, is_outbound: bool, watch: Stopwatch | None = None
    ) -> None:
        """Args: `watch`: started with each chunk that is read."""
        self.wire = wire
        self.watch = watch or Stopwatch()
        self.on_stream: Callable[[Stream], None] = lambda _: None  # the peer has opened one
        self._cipher = cipher
        self._streams: dict[int, Stream] = {}
        self._next = 1 if is_outbound else 2
        self._sealed = bytearray()  # the beginning of a record
        self._opened = bytearray()  # the beginning of a frame
        self._unsent = bytearray()
        self._stuck = trio.Event()
        self._queue: deque[Stream] = deque()  # whose writers wait for the socket, in turn
        self._late: dict[int, int] = {}  # frames that may still come for streams refused here
        self.is_unread = False  # the socket has stayed shut for `STALL_S`
        self._empty = 0  # this minute's, less the frames sent
        self._empty_since_s = trio.current_time()

    def open(self) -> Stream:
        """Open a stream.

        Raises:
            LinkClosed: the connection is over.
        """
        stream = self._streams[self._next] = Stream(self, self._next)
        self._next += 2
        self.control(_WINDOW, _SYN, stream.number, 0)
        return stream

    def forget(self, stream: Stream, *, may_be_late: bool = False) -> None:
        """Have nothing to do with a stream any more; what is under way for it may still come."""
        if may_be_late and not stream.has_ended:
            self._late[stream.number] = LATE_FRAMES if stream.is_used else LATE_UNUSED
            if len(self._late) > LATE_STREAMS:
                del self._late[next(iter(self._late))]
        stream.has_ended = stream.is_reset = True
        self._streams.pop(stream.number, None)
        self.leave(stream)
        stream.notify()

    def end(self) -> None:
        """The connection is over: wake everyone who waits for a stream."""
        for stream in list(self._streams.values()):
            self.forget(stream)

    # --- writing ----------------------------------------------------------------------

    def control(self, kind: int, flags: int, number: int, value: int) -> None:
        self._put(self._seal(_HEADER.pack(0, kind, flags, number, value)))

    def send(self, stream: Stream, data: memoryview) -> int:
        """Write a part of `data`, as much as windows allow; 0: wait for `Stream.notify`.

        Raises:
            LinkClosed: the connection is over, or the stream.
        """
        if stream.is_reset:
            raise LinkClosed("the stream was reset")
        is_its_turn = not self._queue or self._queue[0] is stream
        size = min(len(data), stream.room, BURST_BYTES) if is_its_turn and not self._unsent else 0
        if not size:
            return 0
        stream.room -= size
        records: list[bytes] = []
        for start in range(0, size, _PIECE_BYTES):
            piece = data[start : min(start + _PIECE_BYTES, size)]
            header = _HEADER.pack(0, _DATA, 0, stream.number, len(piece))
            records.append(self._seal(b"".join((header, piece))))
        self._empty -= len(records)
        self._put(records[0] if len(records) == 1 else b"".join(records))
        self.leave(stream)
        return size

    def queue(self, stream: Stream) -> None:
        """Let a stream wait for its turn to be written: its `notify` is that."""
        if stream not in self._queue:
            self._queue.append(stream)
        self._wake_next()

    def leave(self, stream: Stream) -> None:
        """Let the next one have its turn, if it was this one's."""
        if stream in self._queue:
            self._queue.remove(stream)
            self._wake_next()

    def _wake_next(self) -> None:
        if self._queue and not self._unsent:
            self._queue[0].notify()

    def _seal(self, frame: bytes) -> bytes:
        record = self._cipher.encrypt(frame)
        return len(record).to_bytes(_LENGTH_BYTES, "big") + record

    def _put(self, records: bytes) -> None:
        """Write what the socket takes now; the rest is `write_rest`'s."""
        if not self._unsent:
            sent = self.wire.send_now(records)
            if sent == len(records):
                return
            records = records[sent:]
            self._stuck.set()
        elif len(self._unsent) > UNSENT_BYTES:
            raise LinkClosed("the peer asks and does not read")
        self._unsent += records

    async def write_rest(self) -> None:
        """Write what the socket did not take at once, whenever it takes more.

        Raises:
            LinkClosed: the connection is over, or the socket has taken too little for `STALL_S`.
        """
        while True:
            await self._stuck.wait()
            self._stuck = trio.Event()
            with trio.move_on_after(STALL_S) as stalled:
                while self._unsent:
                    await self.wire.wait_writable()
                    sent = self.wire.send_now(self._unsent)
                    del self._unsent[:sent]
            if stalled.cancelled_caught:
                self.is_unread = True
                raise LinkClosed(f"the peer has not read for {STALL_S:.0f} s")
            self._wake_next()

    # --- reading ----------------------------------------------------------------------

    async def read_all(self, first: Callable[[], Awaitable[bytes]]) -> None:
        """Hand everything that comes to its stream.

        Args:
            first: reads what the handshake has left over, or else the first record.

        Raises:
            Exception: the connection is over, or the peer broke a rule; also whatever a
                consumer raises, and Noise about a record that is not the peer's.
        """
        data = await first()
        self.watch.start()
        while True:
            self._take(data)
            chunk = await self.wire.receive()
            self.watch.start()
            data = self._open(chunk)

    def _open(self, chunk: bytes) -> bytes:
        """Return what is in the records that are complete with `chunk`."""
        sealed = self._sealed
        sealed += chunk
        opened: list[bytes] = []
        at = 0
        while len(sealed) >= at + _LENGTH_BYTES:
            begin = at + _LENGTH_BYTES
            end = begin + int.from_bytes(sealed[at:begin], "big")
            if len(sealed) < end:
                break
            opened.append(self._cipher.decrypt(bytes(sealed[begin:end])))
            if not opened[-1]:
                self._count_empty()
            at = end
        del sealed[:at]
        return b"".join(opened)

    def _take(self, data: bytes) -> None:
        buffer = self._opened
        buffer += data
        at = 0
        # What comes for one stream in a row is handed on as one: a frame may hold a byte.
        pieces: list[bytes] = []
        whose: Stream | None = None
        while len(buffer) >= at + _HEADER.size:
            version, kind, flags, number, length = _HEADER.unpack_from(buffer, at)
            if version != 0 or kind > _GO_AWAY or (kind == _DATA and length > WINDOW_BYTES):
                raise LinkClosed("no yamux frame")
            begin = at + _HEADER.size
            end = begin + length if kind == _DATA else begin
            if len(buffer) < end:
                break
            at = end
            stream = self._streams.get(number) if kind == _DATA and length else None
            if whose is not None and (stream is not whose or flags):
                whose.take(b"".join(pieces))
                pieces.clear()
                whose = None
            if stream is None and not (kind == _DATA and self._is_late(number)):
                self._count_empty()
            if stream is None or flags:
                self._on_frame(kind, flags, number, length, bytes(buffer[begin:end]))
            else:
                whose = stream
                pieces.append(bytes(buffer[begin:end]))
        if whose is not None:
            whose.take(b"".join(pieces))
        del buffer[:at]

    def _on_frame(self, kind: int, flags: int, number: int, value: int, data: bytes) -> None:
        match kind:
            case 0:
                self._on_data(number, flags, data)
            case 1:
                self._on_window(number, flags, value)
            case 2:
                if flags & _SYN:
                    self.control(_PING, _ACK, 0, value)
            case _:
                raise LinkClosed("the peer says good-bye")

    def _is_late(self, number: int) -> bool:
        """Return whether a frame for a stream may have been under way when it was refused."""
        left = self._late.get(number, 0)
        if left:
            self._late[number] = left - 1
        return left > 0

    def _count_empty(self) -> None:
        """Count what carries nothing; who sends little else for long is cut off (R7.24)."""
        now_s = trio.current_time()
        if now_s - self._empty_since_s >= EMPTY_WINDOW_S:
            self._empty, self._empty_since_s = 0, now_s
        self._empty += 1
        if self._empty > EMPTY_PER_MINUTE:
            raise LinkFlooded(f"more than {EMPTY_PER_MINUTE} empty yamux frames in a minute")

    def _on_data(self, number: int, flags: int, data: bytes) -> None:
        stream = self._find(number, flags)
        if stream is not None:
            stream.take(data)
            self._end(stream, flags)

    def _on_window(self, number: int, flags: int, credit: int) -> None:
        stream = self._find(number, flags)
        if stream is not None:
            stream.room += credit
            stream.notify()
            self._end(stream, flags)

    def _find(self, number: int, flags: int) -> Stream | None:
        """Return the stream, a new one if the frame opens it; None: it was reset here."""
        if not flags & _SYN:
            return self._streams.get(number)
        if number == 0 or number % 2 == self._next % 2 or number in self._streams:
            raise LinkClosed("the peer may not open a stream of this number")
        stream = self._streams[number] = Stream(self, number)
        self.control(_WINDOW, _ACK, number, 0)
        self.on_stream(stream)
        return stream

    def _end(self, stream: Stream, flags: int) -> None:
        if flags & _RST:
            self._streams.pop(stream.number, None)
        if flags & (_FIN | _RST):
            stream.end(is_reset=bool(flags & _RST))
