"""What has come of a peer and could not be passed on at once: bytes, a frame, its messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import trio

from p2pnode_protocols.messages.frames import Message

from ..framing import FrameReader


class Behind:
    """Hold it in order. The mux's window bounds it, and what the seat may hold (R7.19)."""

    def __init__(self, reader: FrameReader) -> None:
        self.messages: deque[Message] = deque()  # of the frame that was opened last
        self.frame: bytes | None = None  # that comes next
        self.memory = 0  # bytes of what is not in the reader yet
        self.has_more = trio.Event()  # for whom nothing is read at once
        self._reader = reader
        self._chunks: deque[bytes] = deque()
        self._frames: Iterator[bytes] | None = None  # of the chunk that is being read
        self._size = 0  # of that one
        self._read = 0  # bytes of chunks that were read whole, since `take_read`

    @property
    def is_empty(self) -> bool:
        is_read = self._frames is None and not self._chunks
        return is_read and self.frame is None and not self.messages

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self.memory += len(chunk)

    def find_frame(self) -> bytes | None:
        """Return the frame that comes next, until it is opened; None: all that came is read.

        Raises:
            PeerFault: as `FrameReader.feed`.
        """
        while self.frame is None:
            if self._frames is None:
                if not self._chunks:
                    return None
                chunk = self._chunks.popleft()
                self._size = len(chunk)
                self.memory -= self._size
                self._frames = self._reader.feed(chunk)
            self.frame = next(self._frames, None)
            if self.frame is None:
                self._frames = None
                self._read += self._size
        return self.frame

    def open(self, messages: Sequence[Message]) -> None:
        """Put messages in the place of the frame that they came in."""
        self.frame = None
        self.messages.extend(messages)

    def take_read(self) -> int:
        """Return how many bytes were read since the last time."""
        size, self._read = self._read, 0
        return size

    def clear(self) -> None:
        """Forget all of it."""
        self.messages.clear()
        self._chunks.clear()
        self.frame, self._frames, self.memory = None, None, 0
