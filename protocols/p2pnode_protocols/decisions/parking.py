"""Ops in the log that name a proposal or revision the log has not brought yet.

Blocks of one round have an order that nobody chose, and a liar may carry an honest vote
before the proposal it is about. Refusing it would lose the vote (docs/protocol.md §1,
validity). So its nonce is used, and the op itself waits here for what it names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..codec import Fields, Value
from ..ids import OpId, WallMs
from ..limits import DEVICES, MEMBERS, OP_BYTES, PARKED_PER_DEVICE
from ..ops import MAX_MS, Op

# What is named may never come: its own nonce was used by another op. Commit time.
PARKED_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class _Parked:
    missing: OpId
    op: Op
    until_ms: WallMs


class Parking:
    """Bounded per device, in the order of the log."""

    def __init__(self) -> None:
        self._parked: list[_Parked] = []

    def __iter__(self) -> Iterator[Op]:
        return (one.op for one in self._parked)

    def park(self, op: Op, missing: OpId, time_ms: WallMs) -> bool:
        """Keep `op` until `missing` is applied or refused; False: its device has too many."""
        if sum(one.op.device == op.device for one in self._parked) >= PARKED_PER_DEVICE:
            return False
        self._parked.append(_Parked(missing, op, WallMs(time_ms + PARKED_MS)))
        return True

    def release(self, missing: OpId) -> list[Op]:
        """Return what waited for this id, in the order of the log, and keep it no more."""
        return self._take(lambda one: one.missing == missing)

    def expire(self, time_ms: WallMs) -> list[Op]:
        """Return what has waited too long, in the order of the log, and keep it no more."""
        return self._take(lambda one: one.until_ms <= time_ms)

    def _take(self, is_due: Callable[[_Parked], bool]) -> list[Op]:
        if not self._parked:
            return []
        taken = [one.op for one in self._parked if is_due(one)]
        if taken:
            self._parked = [one for one in self._parked if not is_due(one)]
        return taken

    def to_wire(self) -> Value:
        return [[one.missing, one.op.wire, one.until_ms] for one in self._parked]

    @classmethod
    def read(cls, one: Fields, open_saved: Callable[[bytes], Op]) -> Parking:
        parking = cls()
        for item in one.items(MEMBERS * DEVICES * PARKED_PER_DEVICE):
            fields = Fields(item, "parked op")
            missing, wire = OpId(fields.hash()), fields.blob(OP_BYTES)
            until_ms = WallMs(fields.integer(0, MAX_MS))
            fields.end()
            parking._parked.append(_Parked(missing, open_saved(wire), until_ms))
        return parking
