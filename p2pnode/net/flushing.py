"""One task writes what was queued for all peers, once whoever queues has let go."""

from __future__ import annotations

from typing import Protocol

import trio


class Flushed(Protocol):
    def flush(self) -> None:
        """Write what is queued, as far as it can be written now."""
        ...


class Flusher:
    """Write one frame a peer for all that one turn of the loop has queued."""

    def __init__(self) -> None:
        self._dirty: dict[Flushed, None] = {}  # have something to write
        self._has_dirty = trio.Event()

    def mark(self, session: Flushed) -> None:
        """Note that something waits to be written."""
        self._dirty[session] = None
        self._has_dirty.set()

    async def run(self) -> None:
        while True:
            await self._has_dirty.wait()
            self._has_dirty = trio.Event()
            for session in self._dirty:
                session.flush()
            self._dirty.clear()
