"""Pending ops of practices, folded over the records as they finally are (docs/protocol.md R5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from ...wire.errors import UsageError
from ...wire.ids import WallMs
from ..opaque import OpaqueBody
from ..ops import Op
from ..planning import Planned
from ..seam.reading import Over
from ..state import State

# How far an op may stand from what is final, each naming what the one before has brought.
_STEPS = 4


def fold(state: State, over: Over, ops: Sequence[Op], now_ms: WallMs) -> None:
    """Lay over the state what time and these ops make of records, in this order.

    Facts and orders have no effect before they are final. An op that names what is not there yet
    comes after what brings it; one that would be refused changes nothing.
    """
    for planned in state.tick(over, now_ms):
        _lay(over, planned)
    left = list(ops)
    for _ in range(_STEPS):
        waiting: list[Op] = []
        for op in left:
            assert isinstance(op.body, OpaqueBody)
            if state.is_missing(op, op.body, over):
                waiting.append(op)
                continue
            try:
                _lay(over, state.plan_verb(op, op.body, now_ms, over))
            except UsageError:
                continue  # the log will say so
        if len(waiting) == len(left):
            return
        left = waiting


def _lay(over: Over, planned: Planned) -> None:
    over.records[planned.practice.name, planned.key] = planned.change.record
