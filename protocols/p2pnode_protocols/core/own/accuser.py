"""Forks that this node can prove, until the log says so (docs/protocol.md R6.9).

Everybody who sees a fork could say it. So that not all do, each waits by a hash of who it
is and what it saw; the first one's op reaches the others before their turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ...agreement.blocks import Block, Header
from ...record.bodies import Evidence
from ...record.ops import Op
from ...record.state import State
from ...wire.ids import DeviceKey, MonoMs

STEP_MS = 500  # between two nodes' turns: an op has reached everyone by then
STEPS = 16
AGAIN_MS = 10_000  # look again whether the log has it, doubling up to …
AGAIN_MAX_MS = 3_600_000  # … as it may be that the rules do not allow it for long


@dataclass(slots=True)
class _Case:
    body: Evidence
    delay_ms: int  # before its turn
    at: MonoMs | None = None  # set when first looked at
    again_ms: int = AGAIN_MS
    has_had_turn: bool = False


class Accuser:
    """One case for each key: that it forked once is all there is to prove."""

    def __init__(self, device: DeviceKey) -> None:
        self._device = device
        self._cases: dict[DeviceKey, _Case] = {}

    def found(self, first: Block | Header, second: Block | Header) -> None:
        """Take note of two blocks that are a fork."""
        accused = first.device
        if accused == self._device or accused in self._cases:
            return
        body = Evidence(first.header, first.signature, second.header, second.signature)
        place = int.from_bytes(self._device[:4], "big") ^ int.from_bytes(first.id[:4], "big")
        self._cases[accused] = _Case(body, place % STEPS * STEP_MS)

    def due(
        self, state: State, find_said: Callable[[], Sequence[Op]], now: MonoMs
    ) -> Evidence | None:
        """Return what this node should say now, if anything; forget what the log has.

        Whoever else has said it is trusted to get it into the log for one turn only: a liar's
        op may be one that never can.

        Args:
            find_said: returns the ops with evidence that are not final yet; looked for only when
                it is this node's turn, as others may have said any number of ops.
        """
        for accused in list(self._cases):
            case = self._cases[accused]
            seat = state.charter.by_device(accused)
            if accused in state.roster.forked or seat is None:
                del self._cases[accused]
                continue
            if seat.node_key != accused:  # it may become one again
                case.at = None
                continue
            if case.at is None:
                case.at = MonoMs(now + case.delay_ms)
            if now < case.at:
                continue
            case.at = MonoMs(now + case.again_ms)
            case.again_ms = min(2 * case.again_ms, AGAIN_MAX_MS)
            had_turn, case.has_had_turn = case.has_had_turn, True
            if not any(
                isinstance(op.body, Evidence)
                and bytes(accused) in op.body.first
                and (op.device == self._device or not had_turn)
                for op in find_said()
            ):
                return case.body
        return None

    def wake_times(self) -> Iterable[MonoMs]:
        return (case.at for case in self._cases.values() if case.at is not None)
