"""Slices: what practices keep in the state, a table each (docs/protocol.md R6.21, R6.22)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ...wire.codec import encode
from ...wire.errors import NotYet, PeerFault
from ..table.table import Table
from ..table.times import Dues
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


def save_slices(slices: Slices) -> list[tuple[str, list[bytes]]]:
    return [
        (name, [one.to_bytes() for one in sorted_records(held)]) for name, held in slices.items()
    ]


def restore_slices(
    saved: Sequence[tuple[str, Sequence[bytes]]], in_force: InForce, dues: Dues
) -> Slices:
    """Return the slices that were saved.

    Raises:
        NotYet: `update_needed`: one is of a practice that is not in force as far as is known here.
        PeerFault: a record is none, is there twice, or a slice is missing.
    """
    slices = make_slices(in_force, dues)
    for name, _records in saved:
        if name not in slices:
            raise NotYet("update_needed", f"slice {name!r}: this program does not know it")
    if [name for name, _ in saved] != list(slices):
        raise PeerFault("bad_field", f"slices: those of {', '.join(slices) or 'nobody'} expected")
    for name, records in saved:
        practice, held = in_force.named(name), slices[name]
        if len(records) > practice.most_open:
            raise PeerFault("bad_field", f"slice {name}: {practice.most_open} records at most")
        found = [practice.read_record(one) for one in records]
        held.restore([(one.key, one) for one in found], 0, bytes(32), ())
    return slices
