"""Frames on a stream: a 4-byte big-endian length, then the canonical list of messages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from p2pnode_protocols.messages.frames import Sendable, write_frame
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.limits import FRAME_BYTES, FRAME_MESSAGES

log = logging.getLogger("p2pnode.net")

LENGTH_BYTES = 4


def add_length(frame: bytes) -> bytes:
    """Return what goes onto the stream for one frame."""
    return len(frame).to_bytes(LENGTH_BYTES, "big") + frame


def build_frames(messages: Sequence[Sendable]) -> bytes:
    """Return these messages as they go onto the stream, in as few frames as a peer takes.

    A message that fits no frame is left out, loudly: nobody could read it.
    """
    frame = write_frame(messages)
    if len(frame) <= FRAME_BYTES and len(messages) <= FRAME_MESSAGES:
        return add_length(frame)
    if len(messages) > 1:
        half = len(messages) // 2
        return build_frames(messages[:half]) + build_frames(messages[half:])
    log.error("a %s of %d bytes fits no frame", type(messages[0]).__name__, len(frame))
    return b""


class FrameReader:
    """Cut a stream of bytes into frames. Holds at most one frame and one read."""

    def __init__(
        self,
        overflow: Callable[[], None] = lambda: None,
        find_most: Callable[[], int] = lambda: FRAME_BYTES,
    ) -> None:
        """Args: `overflow`: called when another device of the seat needs this one's room;
        `find_most`: how many bytes a frame may have now.
        """
        self._buffer = bytearray()
        self._overflow = overflow
        self._find_most = find_most

    @property
    def memory(self) -> int:
        """Bytes of a frame that has not come whole yet."""
        return len(self._buffer)

    def overflow(self) -> None:
        """Forget what has come of a frame: the stream is of no further use."""
        self._buffer.clear()
        self._overflow()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Add what was read, and yield the frames that are complete with it.

        Raises:
            PeerFault: `limit_size` for a length of 0 or beyond the limit. Where the next
                frame begins is then unknown, so the stream is of no further use.
        """
        self._buffer += chunk
        while len(self._buffer) >= LENGTH_BYTES:
            length, most = int.from_bytes(self._buffer[:LENGTH_BYTES], "big"), self._find_most()
            if not 0 < length <= most:
                raise PeerFault("limit_size", f"a frame of {length} bytes; 1 to {most} are allowed")
            end = LENGTH_BYTES + length
            if len(self._buffer) < end:
                return
            frame = bytes(self._buffer[LENGTH_BYTES:end])
            del self._buffer[:end]
            yield frame
