"""Telling everyone where this node stands when it waits and nothing comes (R7.15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..messages.standing import Status
from ..wire.ids import MonoMs
from .peers.peers import Peers

PROBE_FIRST_MS = 1_000  # no progress for this long: tell everyone our frontier, doubling up to …
PROBE_MAX_MS = 30_000


class Probe:
    """When it was told last, and how long to wait before it is told again."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._at: MonoMs | None = None
        self._delay = PROBE_FIRST_MS

    def probe(self, is_waiting: bool, status: Callable[[], Status], now: MonoMs) -> None:
        """Tell everyone where this node stands when it waits and nothing comes for long (R7.15).

        A liar may have sent its block to some only, and have said that it is connected to
        all: then nobody forwards. The status makes those who have it push it, and those who
        lack what this node awaits say so.
        """
        if not is_waiting or not self._peers:
            self._at = None
            self._delay = PROBE_FIRST_MS
            return
        if self._at is None:
            self._at = MonoMs(now + self._delay)
        elif now >= self._at:
            told = status()
            for peer in self._peers.greeted:
                self._peers.tell_status(peer, lambda: told)
            self._delay = min(2 * self._delay, PROBE_MAX_MS)
            self._at = MonoMs(now + self._delay)

    def on_progress(self) -> None:
        """A block was new: whatever was awaited may come by itself."""
        self._at = None
        self._delay = PROBE_FIRST_MS

    def wake_times(self) -> Iterable[MonoMs]:
        """Return the time at which `probe` has something to do, if there is one."""
        return () if self._at is None else (self._at,)
