"""Frames are opened: decoded, bounded, their signatures checked.

A signature takes 0.15 ms, and a frame may hold 27,000 of them. Nobody else's turn may wait for
that: what is more than a few is read in another thread, one frame at a time. Python lets its
threads take turns, so the rest of the node has half of its time at the least.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

import trio

from p2pnode_protocols.messages.frames import Message, read_frame
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.wire.limits import KIB

from ..seats.cpu import Meter

AT_ONCE_BYTES = 16 * KIB  # at most a hundred signatures: some fifteen milliseconds

# Told what reading a frame took, and what was in it; None: it was refused.
Settle = Callable[[float, Sequence[Message] | None], None]


class Reading:
    """Reads the frames of all sessions of one net."""

    def __init__(self, opener: Opener, meter: Meter, one: trio.CapacityLimiter) -> None:
        """Args: `one`: shared by all nets of this process: a frame is read aside after another."""
        self._opener = opener
        self._meter = meter
        self._one = one

    def read_now(self, frame: bytes, *, is_first: bool = False) -> tuple[Message, ...]:
        """Return the messages of a short frame. Raises as `read_frame`."""
        return read_frame(frame, self._opener, is_first=is_first)

    async def read_aside(
        self, frame: bytes, settle: Settle, *, is_first: bool = False
    ) -> tuple[Message, ...]:
        """Return the messages of a long frame.

        Args:
            settle: called in this thread, also when nobody waits for the frame any more.
            is_first: as `read_frame` has it.

        Raises:
            PeerFault: as `read_frame`.
        """
        aside = self._opener.aside()
        token = trio.lowlevel.current_trio_token()

        def read() -> tuple[Message, ...]:
            began_s = self._meter()
            messages: tuple[Message, ...] | None = None
            try:
                messages = read_frame(frame, aside, is_first=is_first)
                return messages
            finally:
                with contextlib.suppress(trio.RunFinishedError):  # the node has stopped
                    token.run_sync_soon(settle, self._meter() - began_s, messages)

        # Its session may end meanwhile: then nobody wants to know.
        messages = await trio.to_thread.run_sync(  # type: ignore[call-arg]  # stubs are older
            read, abandon_on_cancel=True, limiter=self._one
        )
        self._opener.take_over(aside)
        return messages
