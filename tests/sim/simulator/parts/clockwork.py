"""Virtual time: a heap of (time, sequence), so that equal times keep their order."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

MS = 1_000  # simulated time is counted in µs: ties between nodes stay rare
SECOND = 1_000_000


class Clockwork:
    """What happens next, and when. The only notion of time a simulation has."""

    def __init__(self) -> None:
        self.now_us = 0
        self.steps = 0  # events so far: with the seed, it names one moment of one run
        self._heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._sequence = 0

    def at(self, when_us: int, action: Callable[..., None], *args: Any) -> None:
        """Call `action(*args)` at `when_us`, or now if that has passed."""
        self._sequence += 1
        heapq.heappush(self._heap, (max(when_us, self.now_us), self._sequence, action, args))

    def after(self, delay_us: int, action: Callable[..., None], *args: Any) -> None:
        self.at(self.now_us + delay_us, action, *args)

    def run_until(self, end_us: int, stop: Callable[[], bool] | None = None) -> None:
        """Carry out everything due by `end_us`; `stop` is asked after each event.

        Time ends at `end_us` even when nothing is left to do before it.
        """
        heap = self._heap
        while heap and heap[0][0] <= end_us:
            self.now_us, _, action, args = heapq.heappop(heap)
            self.steps += 1
            action(*args)
            if stop is not None and stop():
                return
        self.now_us = max(self.now_us, end_us)

    @property
    def next_us(self) -> int | None:
        """When the next event is due; None when nothing will ever happen again."""
        return self._heap[0][0] if self._heap else None
