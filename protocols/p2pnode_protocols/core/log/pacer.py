"""When to make the next block (docs/protocol.md R4.2).

A node waits for the blocks of those who attend, but never longer than Δ after a quorum;
whoever let it wait Δ is not waited for again until heard from.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...agreement.blocklace import Blocklace
from ...wire.ids import MonoMs, Round


@dataclass(frozen=True, slots=True)
class Pace:
    """Make a block of `round` now, or look again at `wake_at`, or neither: wait for blocks."""

    round: Round | None = None
    wake_at: MonoMs | None = None


class Pacer:
    """One epoch's pace. Δ doubles with each wait in vain and falls with each commit (R4.3)."""

    def __init__(self, delta_ms: int, delta_max_ms: int) -> None:
        self._base_ms = delta_ms
        self._max_ms = delta_max_ms
        self.delta_ms = delta_ms
        self.absent = 0  # authors that let us wait Δ and have not been heard from since
        self._round = Round(0)  # highest round with a quorum …
        self._since = MonoMs(0)  # … and since when

    def on_block(self, author: int) -> None:
        self.absent &= ~(1 << author)

    def on_commit(self) -> None:
        self.delta_ms = max(self._base_ms, self.delta_ms // 2)

    def next_round(self, lace: Blocklace, me: int, attending: int, now: MonoMs) -> Pace:
        """Return what an active node does next.

        Args:
            me: this node's place in the committee.
            attending: authors that are connected now or made a block lately.
        """
        reached = lace.quorum_round()
        if reached != self._round:
            self._round, self._since = reached, now
        following = Round(reached + 1)
        if lace.highest(me) >= following:
            return Pace()
        if reached == 0:
            return Pace(round=following)  # the first round has nobody to wait for
        awaited = attending & ~self.absent & ~(1 << me)
        for author, highest in enumerate(lace.heights):
            if highest >= reached:
                awaited &= ~(1 << author)
        due = MonoMs(self._since + self.delta_ms)
        if awaited and now < due:
            return Pace(wake_at=due)
        if awaited:
            self.absent |= awaited
            self.delta_ms = min(2 * self.delta_ms, self._max_ms)
        return Pace(round=following)
