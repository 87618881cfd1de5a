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
# Refused proposals and revisions that a late vote may still name; beyond it waits in vain.
REFUSED_KEPT = 1024


@dataclass(frozen=True, slots=True)
class _Parked:
    missing: OpId
    op: Op
    until_ms: WallMs


class Parking:
    """Bounded per device, in the order of the log."""

    def __init__(self) -> None:
        self._parked: list[_Parked] = []
        self._refused: dict[OpId, None] = {}  # in the order of the log

    def __iter__(self) -> Iterator[Op]:
        return (one.op for one in self._parked)

    def park(self, op: Op, missing: OpId, time_ms: WallMs) -> bool:
        """Keep `op` until `missing` is applied or refused; False: its device has too many."""
        if sum(one.op.device == op.device for one in self._parked) >= PARKED_PER_DEVICE:
            return False
        self._parked.append(_Parked(missing, op, WallMs(time_ms + PARKED_MS)))
        return True

    def refuse(self, named: OpId) -> None:
        """The log refused this proposal or revision: no op that names it needs to wait."""
        self._refused[named] = None
        if len(self._refused) > REFUSED_KEPT:
            del self._refused[next(iter(self._refused))]

    def is_refused(self, named: OpId) -> bool:
        return named in self._refused

    def next_due_ms(self) -> WallMs | None:
        """Return the commit time at which the first op here has waited too long."""
        return min((one.until_ms for one in self._parked), default=None)

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
        parked = [[one.missing, one.op.wire, one.until_ms] for one in self._parked]
        return [parked, list(self._refused)]

    @classmethod
    def read(cls, one: Fields, open_saved: Callable[[bytes], Op]) -> Parking:
        parking = cls()
        both = Fields(one.any(), "parked ops")
        for item in both.items(MEMBERS * DEVICES * PARKED_PER_DEVICE):
            fields = Fields(item, "parked op")
            missing, wire = OpId(fields.hash()), fields.blob(OP_BYTES)
            until_ms = WallMs(fields.integer(0, MAX_MS))
            fields.end()
            parking._parked.append(_Parked(missing, open_saved(wire), until_ms))
        for item in both.items(REFUSED_KEPT):
            if not isinstance(item, bytes) or len(item) != 32:
                raise both.fail("ids of 32 bytes expected")
            parking._refused[OpId(item)] = None
        both.end()
        return parking
