"""Ops in the log that name a proposal or revision the log has not brought yet.

Blocks of one round have an order that nobody chose, and a liar may carry an honest vote
before the proposal it is about. Refusing it would lose the vote (docs/protocol.md R1.3).
So its nonce is used, and the op itself waits here for what it names (R10.18).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from ...wire.errors import PeerFault
from ...wire.ids import OpId, WallMs
from ...wire.kinds import Many
from ...wire.limits import MEMBERS, PARKED_PER_MEMBER
from ...wire.shapes import Ms, Row, Shaped, shaped
from ..ops import Op
from .saved import SAVED_OP
from .shelf import Shelf

# What is named may never come: its own nonce was used by another op. Commit time.
PARKED_MS = 86_400_000
# Refused proposals and revisions that a late vote may still name; beyond it waits in vain.
REFUSED_KEPT = 1024


_PARKED = MEMBERS * PARKED_PER_MEMBER


@shaped("parked ops")
@dataclass(frozen=True, slots=True)
class SavedParking(Shaped):
    """What is parked, in a snapshot. Read in the light of its roster."""

    # Each with the commit time at which it has waited too long, in the order of the log …
    waiting: Annotated[
        tuple[Annotated[tuple[Annotated[Op, SAVED_OP], Ms], Row("waiting op")], ...], Many(_PARKED)
    ]
    missing: Annotated[tuple[OpId, ...], Many(_PARKED)]  # … and what each waits for
    refused: Annotated[tuple[OpId, ...], Many(REFUSED_KEPT)]


class Parking:
    """A shelf whose ops leave it as soon as what they name is applied or refused."""

    def __init__(self) -> None:
        self._shelf = Shelf(PARKED_MS, PARKED_PER_MEMBER, _PARKED)
        self._missing: dict[OpId, OpId] = {}  # who waits, in the order of the log → for what
        self._waiting_for: dict[OpId, list[OpId]] = {}  # … and the other way round
        self._refused: dict[OpId, None] = {}  # in the order of the log

    def __iter__(self) -> Iterator[Op]:
        return iter(self._shelf)

    def twin(self) -> Parking:
        """Return an equal one: what changes one does not change the other."""
        parking = Parking()
        parking._shelf = self._shelf.twin()
        parking._missing = dict(self._missing)
        parking._waiting_for = {named: list(ops) for named, ops in self._waiting_for.items()}
        parking._refused = dict(self._refused)
        return parking

    def park(self, op: Op, missing: OpId, time_ms: WallMs) -> bool:
        """Keep `op` until `missing` is applied or refused; False: its author has too many."""
        if not self._shelf.add(op, time_ms):
            return False
        self._note(op, missing)
        return True

    def _note(self, op: Op, missing: OpId) -> None:
        self._missing[op.id] = missing
        self._waiting_for.setdefault(missing, []).append(op.id)

    def refuse(self, named: OpId) -> None:
        """The log refused this proposal or revision: no op that names it needs to wait."""
        self._refused[named] = None
        if len(self._refused) > REFUSED_KEPT:
            del self._refused[next(iter(self._refused))]

    def is_refused(self, named: OpId) -> bool:
        return named in self._refused

    def next_due_ms(self) -> WallMs | None:
        """Return the commit time at which the first op here has waited too long."""
        due = self._shelf.next_due()
        return None if due is None else WallMs(due)

    def release(self, missing: OpId) -> list[Op]:
        """Return what waited for this id, in the order of the log, and keep it no more."""
        released = [self._shelf.remove(op) for op in self._waiting_for.pop(missing, [])]
        for op in released:
            del self._missing[op.id]
        return released

    def expire(self, time_ms: WallMs) -> list[Op]:
        """Return what has waited too long, in the order of the log, and keep it no more."""
        expired = self._shelf.expire(time_ms)
        for op in expired:
            missing = self._missing.pop(op.id)
            waiting = self._waiting_for[missing]
            waiting.remove(op.id)  # the first one: both are in the order of the log
            if not waiting:
                del self._waiting_for[missing]
        return expired

    def save(self) -> SavedParking:
        return SavedParking(self._shelf.save(), tuple(self._missing.values()), tuple(self._refused))

    @classmethod
    def restore(cls, saved: SavedParking) -> Parking:
        """Return what was saved. Raises `PeerFault` if it does not fit together."""
        if len(saved.missing) != len(saved.waiting):
            raise PeerFault("bad_field", f"parked ops, field 2: {len(saved.waiting)} ids expected")
        parking = cls()
        parking._shelf.restore(saved.waiting)
        for op, missing in zip(parking, saved.missing, strict=True):
            parking._note(op, missing)
        parking._refused = dict.fromkeys(saved.refused)
        return parking
