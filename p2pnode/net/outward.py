"""The way out of the net: events for the driver, in a channel of bounded size."""

from __future__ import annotations

import contextlib

import trio

from .interface import NetEvent


class Outward:
    """Hand events on. A receiver that has gone means that the node is stopping."""

    def __init__(self, events: trio.MemorySendChannel[NetEvent]) -> None:
        self._events = events

    def offer(self, event: NetEvent) -> bool:
        """Take an event if there is room for it; return whether there is."""
        with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            try:
                self._events.send_nowait(event)
            except trio.WouldBlock:
                return False
        return True

    async def emit(self, event: NetEvent) -> None:
        """Take an event once there is room for it: so the streams wait, and their senders."""
        if not self.offer(event):
            with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self._events.send(event)
