"""Ops that the log has brought and whose effect waits, each up to some place in the log.

A place is a commit time: what never runs back, so the order of the log is that of the places
too. What the ops wait for is for the user of a shelf to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...wire.ids import MemberId, OpId
from ..ops import Op


class Shelf:
    """Bounded in all and per author; every question costs what it answers."""

    def __init__(self, keep: int, per_member: int, in_all: int) -> None:
        """Args: `keep`: how far on an op leaves at the latest."""
        self._keep = keep
        self._per_member = per_member
        self._in_all = in_all
        self._kept: dict[OpId, tuple[Op, int]] = {}
        self._counts: dict[MemberId, int] = {}

    def __iter__(self) -> Iterator[Op]:
        """Yield the ops in the order of the log."""
        return (op for op, _ in self._kept.values())

    def twin(self) -> Shelf:
        """Return an equal one: what changes one does not change the other."""
        shelf = Shelf(self._keep, self._per_member, self._in_all)
        shelf._kept, shelf._counts = dict(self._kept), dict(self._counts)
        return shelf

    def next_due(self) -> int | None:
        """Return the place at which the first op has waited long enough."""
        if not self._kept:  # nearly always, and asked several times a step
            return None
        _, due = next(iter(self._kept.values()))
        return due

    def add(self, op: Op, place: int) -> bool:
        """Keep an op that a commit at `place` brought; False: there is no room."""
        if len(self._kept) >= self._in_all or self._counts.get(op.author, 0) >= self._per_member:
            return False
        self._put(op, place + self._keep)
        return True

    def _put(self, op: Op, until: int) -> None:
        self._kept[op.id] = (op, until)
        self._counts[op.author] = self._counts.get(op.author, 0) + 1

    def remove(self, op_id: OpId) -> Op:
        """Return an op that is here, and keep it no more."""
        op, _ = self._kept.pop(op_id)
        self._counts[op.author] -= 1
        if self._counts[op.author] == 0:
            del self._counts[op.author]
        return op

    def expire(self, place: int) -> list[Op]:
        """Return what has waited long enough, in the order of the log, and keep it no more."""
        expired: list[Op] = []
        while (due := self.next_due()) is not None and due <= place:
            expired.append(self.remove(next(iter(self._kept))))
        return expired

    def save(self) -> tuple[tuple[Op, int], ...]:
        """Return the ops, each with the place at which it leaves, in the order of the log."""
        return tuple(self._kept.values())

    def restore(self, saved: Iterable[tuple[Op, int]]) -> None:
        """Fill an empty shelf."""
        for op, until in saved:
            self._put(op, until)
