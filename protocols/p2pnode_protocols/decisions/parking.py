"""Ops in the log that name a proposal or revision the log has not brought yet.

Blocks of one round have an order that nobody chose, and a liar may carry an honest vote
before the proposal it is about. Refusing it would lose the vote (docs/protocol.md R1.3).
So its nonce is used, and the op itself waits here for what it names (R10.18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..codec import Fields, Value
from ..ids import DeviceKey, OpId, WallMs
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
    """Bounded per device; every question costs what it answers, not what is parked."""

    def __init__(self) -> None:
        # In the order of the log, so with `until_ms` ascending: commit time never runs back.
        self._parked: dict[OpId, _Parked] = {}
        self._waiting_for: dict[OpId, list[OpId]] = {}  # what is missing → who waits, as parked
        self._per_device: dict[DeviceKey, int] = {}
        self._refused: dict[OpId, None] = {}  # in the order of the log

    def __iter__(self) -> Iterator[Op]:
        return (one.op for one in self._parked.values())

    def park(self, op: Op, missing: OpId, time_ms: WallMs) -> bool:
        """Keep `op` until `missing` is applied or refused; False: its device has too many."""
        if self._per_device.get(op.device, 0) >= PARKED_PER_DEVICE:
            return False
        self._add(_Parked(missing, op, WallMs(time_ms + PARKED_MS)))
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
        first = next(iter(self._parked.values()), None)
        return None if first is None else first.until_ms

    def release(self, missing: OpId) -> list[Op]:
        """Return what waited for this id, in the order of the log, and keep it no more."""
        return [self._remove(op) for op in tuple(self._waiting_for.get(missing, ()))]

    def expire(self, time_ms: WallMs) -> list[Op]:
        """Return what has waited too long, in the order of the log, and keep it no more."""
        expired: list[Op] = []
        while (due_ms := self.next_due_ms()) is not None and due_ms <= time_ms:
            expired.append(self._remove(next(iter(self._parked))))
        return expired

    def _add(self, parked: _Parked) -> None:
        op = parked.op
        self._parked[op.id] = parked
        self._waiting_for.setdefault(parked.missing, []).append(op.id)
        self._per_device[op.device] = self._per_device.get(op.device, 0) + 1

    def _remove(self, op_id: OpId) -> Op:
        parked = self._parked.pop(op_id)
        waiting = self._waiting_for[parked.missing]
        waiting.remove(op_id)  # the first, as both lists are in the order of the log
        if not waiting:
            del self._waiting_for[parked.missing]
        left = self._per_device[parked.op.device] - 1
        if left:
            self._per_device[parked.op.device] = left
        else:
            del self._per_device[parked.op.device]
        return parked.op

    def to_wire(self) -> Value:
        parked: list[Value] = [
            [one.missing, one.op.wire, one.until_ms] for one in self._parked.values()
        ]
        return [parked, list(self._refused)]

    @classmethod
    def read(cls, value: Value, open_saved: Callable[[bytes], Op]) -> Parking:
        """Return what is parked in a decoded snapshot. Raises `PeerFault` for anything else."""
        parking = cls()
        both = Fields(value, "parked ops")
        for item in both.items(MEMBERS * DEVICES * PARKED_PER_DEVICE):
            fields = Fields(item, "parked op")
            missing, wire = OpId(fields.hash()), fields.blob(OP_BYTES)
            until_ms = WallMs(fields.integer(0, MAX_MS))
            fields.end()
            parking._add(_Parked(missing, open_saved(wire), until_ms))
        for item in both.items(REFUSED_KEPT):
            if not isinstance(item, bytes) or len(item) != 32:
                raise both.fail("ids of 32 bytes expected")
            parking._refused[OpId(item)] = None
        both.end()
        return parking
