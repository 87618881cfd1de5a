"""The one place where the node reads clocks: monotonic for deadlines, wall for people.

A wall clock that moves against the monotonic one was set, or the machine slept
(Linux and macOS stop the monotonic clock during sleep); both matter to deadlines
that people set, so both are reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import trio

from p2pnode_protocols.steps.inputs import Now
from p2pnode_protocols.wire.ids import MonoMs, WallMs

JUMP_MS = 2_000  # less cannot be told from a slow machine, and harms no deadline people set
SLEW = 1_000  # one part in: NTP slews at 500 ppm, which over an idle hour is 1.8 s


def read_wall_ms() -> WallMs:
    return WallMs(time.time_ns() // 1_000_000)


def read_mono_ms() -> MonoMs:
    """Return trio's clock, so that deadlines and a test's mock clock are the same thing."""
    return MonoMs(round(trio.current_time() * 1000))


@dataclass(frozen=True, slots=True)
class Jump:
    """The wall clock moved by `by_ms` more (or less) than the monotonic clock did."""

    by_ms: int

    def __str__(self) -> str:
        seconds = abs(self.by_ms) / 1000
        if self.by_ms > 0:
            return f"the clock went {seconds:.0f} s forward: this machine slept, or it was set"
        return f"the clock was set {seconds:.0f} s back; votes show the new time from here on"


class Clock:
    """Read both clocks and notice when the wall clock jumps."""

    def __init__(
        self,
        wall: Callable[[], WallMs] = read_wall_ms,
        mono: Callable[[], MonoMs] = read_mono_ms,
    ) -> None:
        self._wall = wall
        self._mono = mono
        self._last: Now | None = None

    def read(self) -> Now:
        """Return both clocks as they are; does not look for jumps."""
        return Now(self._mono(), self._wall())

    def check(self) -> tuple[Now, Jump | None]:
        """Return both clocks, and the jump since the last check if there was one."""
        now, last = self.read(), self._last
        self._last = now
        if last is None:
            return now, None
        elapsed_ms = now.mono_ms - last.mono_ms
        by_ms = now.wall_ms - last.wall_ms - elapsed_ms
        allowed_ms = JUMP_MS + elapsed_ms // SLEW
        return now, Jump(by_ms) if abs(by_ms) > allowed_ms else None
