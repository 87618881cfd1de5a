"""All that one input causes, collected until the step is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..record.ops import Op
from ..steps.notices import Notice, ProposalChanged
from ..steps.sends import Sending
from ..steps.step import ReadMissing, Step
from ..steps.writes import Write
from ..wire.ids import MonoMs, OpId


class Outbox:
    """Three lists, filled by whatever part learns something, in the order it does.

    And what it wants to read.
    """

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.sends: list[Sending] = []
        self.notices: list[Notice] = []
        self.reads: ReadMissing | None = None

    def take(self, accepted: Op | None, wake_at: MonoMs) -> Step:
        """Return the step, and begin the next one."""
        notices = tuple(_without_repeats(self.notices)) if self.notices else ()
        step = Step(tuple(self.writes), tuple(self.sends), notices, accepted, wake_at, self.reads)
        self.clear()
        return step

    def clear(self) -> None:
        self.writes.clear()
        self.sends.clear()
        self.notices.clear()
        self.reads = None


def _without_repeats(notices: Iterable[Notice]) -> Iterator[Notice]:
    """Tell once that a proposal has changed, however many ops about it came: a look costs each."""
    told: set[OpId] = set()
    for one in notices:
        if not isinstance(one, ProposalChanged):
            yield one
        elif one.proposal not in told:
            told.add(one.proposal)
            yield one
