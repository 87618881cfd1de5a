"""Times in order: what asks for the first of them, or for those around one, counts none."""

from __future__ import annotations

import bisect
from typing import Any, Generic, TypeAlias, TypeVar

from ...wire.ids import WallMs

T = TypeVar("T")  # whose time it is; those of one object can be sorted


class Times(Generic[T]):
    """One time each, sorted by (time, whose it is).

    Sorted and no heap: most times are taken back before they come, and neighbours are asked for.
    """

    def __init__(self) -> None:
        self._of: dict[T, WallMs] = {}
        self._sorted: list[tuple[WallMs, T]] = []

    def twin(self) -> Times[T]:
        """Return an equal one: what changes one does not change the other."""
        times: Times[T] = Times()
        times._of, times._sorted = dict(self._of), list(self._sorted)
        return times

    def set(self, one: T, time_ms: WallMs) -> None:
        if self._of.get(one) != time_ms:
            self.forget(one)
            self._of[one] = time_ms
            bisect.insort(self._sorted, (time_ms, one))

    def forget(self, one: T) -> None:
        time_ms = self._of.pop(one, None)
        if time_ms is not None:
            del self._sorted[bisect.bisect_left(self._sorted, (time_ms, one))]

    def get(self, one: T) -> WallMs | None:
        return self._of.get(one)

    def first(self) -> WallMs | None:
        return self._sorted[0][0] if self._sorted else None

    def up_to(self, time_ms: WallMs) -> list[T]:
        """Return whose times are not later, in the order of the times, then by whose they are."""
        return [one for _, one in self._sorted[: self._place_after(time_ms)]]

    def around(self, time_ms: WallMs) -> tuple[WallMs | None, WallMs | None]:
        """Return the last that is not later, and the first that is."""
        place = self._place_after(time_ms)
        last = self._sorted[place - 1][0] if place else None
        return last, self._sorted[place][0] if place < len(self._sorted) else None

    def _place_after(self, time_ms: WallMs) -> int:
        # A tuple of one comes before all longer ones that begin with the same.
        return bisect.bisect_left(self._sorted, (time_ms + 1,))


# When time alone changes something, whatever it is: (time, table, key). One for all tables, as
# the log goes on by the first of them (R5.6), and in this order.
Dues: TypeAlias = Times[tuple[str, Any]]
