"""How much of a core one seat may take here: a part in the long run, and a burst (R7.26).

What a peer's bytes cost is measured, not guessed: decrypting, decoding and verifying what it
sends, also what is refused then, and making what it asks for. While a seat is over its share,
nothing more of it is read and nothing it asked for is made. Nobody is blamed for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import trio

AT_LEAST = 0.1  # of a core, of each seat
TOGETHER = 0.5  # … and where few seats are connected, so much divided by their number
BURST_S = 5.0  # of CPU time: what a seat has saved up that has cost little for a while
# What was asked for counts so much: a node that catches up reads for more than half of its time.
ASKED_PART = 0.2
PENALTY_S = 30.0  # absence for the first refused frame too many; twice as long each further time
PENALTY_MOST_S = 3600.0
FORGIVEN_S = 86_400.0  # after so long without a refused frame

# So short a time is taken as it passes: the CPU time would be asked for more often than is good.
SHORT_S = 0.0005

Meter = Callable[[], float]  # CPU seconds of the thread that asks


class CpuClock:
    """The CPU time of one thread, asked for only where it matters.

    Each question is a system call, at which the system also looks whose turn it is: with many
    nodes on a machine, one a frame makes threads change places three times as often. What passed
    is read from a clock that costs nothing. It is all CPU time unless the thread stood still
    in between, and then it is long. So a long one counts as no more than what the thread has
    worked since that was asked last: never less than it took, and all long ones together never
    more than the thread took.

    Args:
        meter: CPU time of the thread.
        wall: a clock that goes on while the thread stands still.
    """

    def __init__(
        self, meter: Meter = time.thread_time, wall: Callable[[], float] = time.perf_counter
    ) -> None:
        self.wall = wall
        self._meter = meter
        self._read_s = meter()

    def cost(self, passed_s: float) -> float:
        """Return the CPU time of what has just taken so long."""
        if passed_s < SHORT_S:
            return passed_s
        before_s, self._read_s = self._read_s, self._meter()
        return min(passed_s, self._read_s - before_s)


class Stopwatch:
    """CPU time of one thread, between two awaits.

    Args:
        clock: of this thread, and the same for all its stopwatches; None: one of its own.
    """

    def __init__(self, clock: CpuClock | None = None) -> None:
        self._clock = clock or CpuClock()
        self._began_s = 0.0

    def make_another(self) -> Stopwatch:
        return Stopwatch(self._clock)

    def start(self) -> None:
        """Begin anew: other tasks have run."""
        self._began_s = self._clock.wall()

    def lap(self) -> float:
        """Return what has passed since the start or the last lap."""
        now_s = self._clock.wall()
        passed_s, self._began_s = now_s - self._began_s, now_s
        return self._clock.cost(passed_s)


class CpuShare:
    """What all devices of one seat may cost together, over all their connections."""

    def __init__(self, find_part: Callable[[], float]) -> None:
        """Args: `find_part`: of a core, that this seat may take at the moment."""
        # Who reads a frame of theirs and hands it on: one after the other, or a seat with many
        # devices would have as many turns as it has devices.
        self.turn = trio.Lock()
        self._find_part = find_part
        self._left_s = BURST_S
        self._at_s = trio.current_time()
        self._strikes = 0
        self._struck_s = self._at_s
        self._penalty_s = PENALTY_S

    def _fill(self) -> None:
        now_s = trio.current_time()
        gained_s = (now_s - self._at_s) * self._find_part()
        self._left_s, self._at_s = min(BURST_S, self._left_s + gained_s), now_s

    def spend(self, cpu_s: float) -> None:
        self._fill()
        self._left_s -= cpu_s

    @property
    def is_over(self) -> bool:
        if self._left_s >= 0:  # it only grows with time
            return False
        self._fill()
        return self._left_s < 0

    async def wait(self) -> None:
        """Wait until the seat is within its share."""
        while True:
            if not self.is_over:
                return
            await trio.sleep(-self._left_s / self._find_part() + 0.001)

    # --- refused frames ---------------------------------------------------------------

    def strike(self) -> int:
        """Count a refused frame; return how many there are for now."""
        self._forgive()
        self._strikes += 1
        self._struck_s = trio.current_time()
        return self._strikes

    def find_penalty_s(self) -> float:
        """Return for how long a device of this seat goes away now; the next one for longer."""
        self._forgive()
        penalty_s, self._struck_s = self._penalty_s, trio.current_time()
        self._penalty_s = min(penalty_s * 2, PENALTY_MOST_S)
        return penalty_s

    def _forgive(self) -> None:
        if trio.current_time() - self._struck_s >= FORGIVEN_S:
            self._strikes, self._penalty_s = 0, PENALTY_S

    @property
    def is_as_new(self) -> bool:
        """Whether nothing would be lost by forgetting it."""
        self._fill()
        self._forgive()
        is_clean = not self._strikes and self._penalty_s == PENALTY_S
        return is_clean and self._left_s == BURST_S and not self.turn.statistics().locked
