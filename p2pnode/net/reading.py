"""Frames are opened: decoded, bounded, their signatures checked.

A signature takes 0.15 ms, and a frame may hold 27,000 of them. Nobody else's turn may wait for
that: what is more than a few is read in another thread, one frame at a time. Python lets its
threads take turns, so the rest of the node has half of its time at the least.
"""

from __future__ import annotations

import functools

import trio

from p2pnode_protocols.limits import KIB
from p2pnode_protocols.messages import Message, Opener, read_frame

AT_ONCE_BYTES = 16 * KIB  # at most a hundred signatures: some fifteen milliseconds


class Reading:
    """Reads the frames of all sessions of one net."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._one = trio.CapacityLimiter(1)

    async def read(self, frame: bytes, *, is_first: bool = False) -> tuple[Message, ...]:
        """Return the messages of a frame.

        Args:
            is_first: as `read_frame` has it.

        Raises:
            PeerFault: as `read_frame`.
        """
        if len(frame) <= AT_ONCE_BYTES:
            return read_frame(frame, self._opener, is_first=is_first)
        aside = self._opener.aside()
        read = functools.partial(read_frame, frame, aside, is_first=is_first)
        # Its session may end meanwhile: then nobody wants to know.
        messages = await trio.to_thread.run_sync(  # type: ignore[call-arg]  # stubs are older
            read, abandon_on_cancel=True, limiter=self._one
        )
        self._opener.take_over(aside)
        return messages
