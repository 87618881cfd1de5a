"""Slices: what practices keep in the state, a table each (docs/protocol.md R6.21, R6.22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from ...wire.codec import encode
from ...wire.errors import PeerFault
from ...wire.kinds import Blob, Many, Text
from ...wire.limits import RECORD_OF_PRACTICE_BYTES, SLICE_RECORDS
from ...wire.shapes import Shaped, shaped
from ..table.table import Table
from ..table.times import Dues
from ..versions import NAME_CHARS
from .in_force import InForce
from .practice import Practice

Slice: TypeAlias = Table[bytes, Any, Any]
Slices: TypeAlias = dict[str, Slice]  # by practice


def make_slices(in_force: InForce, dues: Dues) -> Slices:
    """Return an empty slice for each practice in force."""
    return {one.name: _make(one, dues) for one in in_force}


def _make(practice: Practice[Any], dues: Dues) -> Slice:
    return Table(practice.name, f"records of {practice.name}", dues)


def sorted_records(one: Slice) -> list[Any]:
    """Return what is in a slice, by key: the order in which it came is nobody's business."""
    return sorted(one.open, key=lambda record: record.key)


def upgrade_slices(slices: Slices, before: InForce, after: InForce, dues: Dues) -> Slices:
    """Return the slices with which an epoch begins (R6.22).

    One that is added starts empty; what one keeps whose version was raised goes through that
    version's `upgrade`.
    """
    upgraded: Slices = {}
    for practice in after:
        held = slices.get(practice.name)
        is_same = held is not None and before.named(practice.name) is practice
        if held is not None and is_same:
            upgraded[practice.name] = held
            continue
        fresh = upgraded[practice.name] = _make(practice, dues)
        for record in () if held is None else sorted_records(held):
            wire = record.to_wire()
            if practice.upgrade is not None:
                wire = practice.upgrade(wire)
            fresh.put(record.key, practice.read_record(encode(wire)))
    return upgraded


@shaped("slice")
@dataclass(frozen=True, slots=True)
class SavedSlice(Shaped):
    """What one practice keeps, in a snapshot."""

    practice: Annotated[str, Text(NAME_CHARS)]
    # By key: the order in which they came is nobody's business.
    records: Annotated[
        tuple[Annotated[bytes, Blob(RECORD_OF_PRACTICE_BYTES)], ...], Many(SLICE_RECORDS)
    ]


def save_slices(slices: Slices) -> tuple[SavedSlice, ...]:
    return tuple(
        SavedSlice(name, tuple(one.to_bytes() for one in sorted_records(held)))
        for name, held in slices.items()
    )


def restore_slices(saved: Sequence[SavedSlice], in_force: InForce, dues: Dues) -> Slices:
    """Return the slices that were saved.

    Raises:
        PeerFault: a record is none or is there twice, or these are not the slices in force.
    """
    slices = make_slices(in_force, dues)
    if [one.practice for one in saved] != list(slices):
        raise PeerFault("bad_field", f"slices: those of {', '.join(slices) or 'nobody'} expected")
    for one in saved:
        practice, held = in_force.named(one.practice), slices[one.practice]
        if len(one.records) > practice.most_open:
            problem = f"{practice.most_open} records at most"
            raise PeerFault("bad_field", f"slice {one.practice}: {problem}")
        found = [practice.read_record(record) for record in one.records]
        held.restore([(record.key, record) for record in found], 0, bytes(32), ())
    return slices
