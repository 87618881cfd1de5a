"""What people see of records of practices: one function each, over all that are in force."""

from __future__ import annotations

from collections.abc import Sequence

from ...wire.errors import UsageError
from ...wire.ids import MemberId
from ..seam.practice import Need, Reason
from .preview import Preview


def view_items(preview: Preview, practice: str) -> list[object]:
    """Return the records of a practice for people, by key.

    Raises:
        UsageError: `not_active`.
    """
    _require(preview, practice)
    one, base = preview.state.in_force.named(practice), preview.base(practice)
    return [one.view(record, base, preview.now_ms) for record in preview.records(practice)]


def view_item(preview: Preview, practice: str, key: bytes) -> object | None:
    """Return one record of a practice for people; None: there is none. Raises as `view_items`."""
    _require(preview, practice)
    one, record = preview.state.in_force.named(practice), preview.record(practice, key)
    return None if record is None else one.view(record, preview.base(practice), preview.now_ms)


def explain_item(preview: Preview, practice: str, key: bytes) -> Sequence[Reason]:
    """Return why a record stands as it does, most important first. Raises as `view_items`."""
    _require(preview, practice)
    one, record = preview.state.in_force.named(practice), preview.record(practice, key)
    if record is None:
        return ()
    return one.explain(record, preview.base(practice), preview.now_ms)


def find_needs(preview: Preview, member: MemberId) -> list[Need]:
    """Return what of all practices waits for a member: what ends first comes first."""
    found: list[Need] = []
    for one in preview.state.in_force:
        base = preview.base(one.name)
        for record in preview.records(one.name):
            found += one.needs_me(record, member, base, preview.now_ms)
    never = max((need.until_ms for need in found if need.until_ms is not None), default=0) + 1
    return sorted(found, key=lambda need: (need.until_ms or never, need.code, need.item))


def _require(preview: Preview, practice: str) -> None:
    if practice not in preview.state.in_force:
        raise UsageError(
            "not_active", f"the practice {practice!r} is not in force in this community"
        )
