"""The clocks, read once for each input (`steps.Now`)."""

from __future__ import annotations

from ..steps.inputs import Now


class Clock:
    """Both clocks as they stood when the input in hand came."""

    def __init__(self, now: Now) -> None:
        self.set(now)

    def set(self, now: Now) -> None:
        """Take over what the shell has read."""
        self.now = now
        self.mono_ms, self.wall_ms = now.mono_ms, now.wall_ms
        self.wall_minus_mono = now.wall_ms - now.mono_ms  # makes a wall time of a monotonic one
