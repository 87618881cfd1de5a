"""Ratings for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...record.seam.practice import Base, Reason
from ...wire.ids import MemberId, WallMs
from .record import Rated, Trend, compute_trends, weigh

# code -> what it means; `at_ms` of the reason in brackets.
REASONS = {
    "fades": "a rating weighs half as much after each half life [when it began]",
    "taken_back": "it was taken back, and is remembered for a half life [when]",
}


@dataclass(frozen=True, slots=True)
class RatedView:
    """What one member has rated."""

    member: MemberId
    items: tuple[tuple[bytes, WallMs], ...]  # and since when


def describe(record: Rated, base: Base, now_ms: WallMs) -> RatedView:
    items = tuple((item, since_ms) for item, since_ms, off_ms in record.rows if off_ms is None)
    return RatedView(record.member, items)


def explain(record: Rated, base: Base, now_ms: WallMs) -> Sequence[Reason]:
    name, half_life_ms = base.roster.name_of(record.member), base.settings.half_life_ms
    reasons = []
    for _item, since_ms, off_ms in record.rows:
        if off_ms is not None:
            text = f"{name} took it back"
            reasons.append(Reason("taken_back", text, (record.member,), off_ms))
            continue
        weight = weigh(now_ms - since_ms, half_life_ms)
        text = f"{name}'s rating weighs {weight}"
        reasons.append(Reason("fades", text, (record.member,), since_ms))
    return reasons


def find_trends(base: Base, now_ms: WallMs) -> tuple[Trend, ...]:
    """Return what matters now, most first (E22)."""
    return compute_trends(base.records("ratings"), now_ms, base.settings.half_life_ms)
