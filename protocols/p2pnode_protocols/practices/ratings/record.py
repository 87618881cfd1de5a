"""What each member has rated, since when, and how much an item matters by all of it.

A record is what one member has rated, not who has rated one item: so what a member can make others
keep is bounded by itself, and what goes with a seat goes with one record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ...record.seam.practice import Base, Change, Fact, Said
from ...record.texts import TextRef
from ...wire.errors import UsageError
from ...wire.ids import MAX_MS, MemberId, OpId, WallMs
from ...wire.kinds import Many, Whole
from ...wire.limits import MEMBERS
from ...wire.shapes import BY_KEY, Hash, Row, Shaped, shaped
from .bodies import Rate

DAY_MS = 86_400_000
HALVINGS = 20  # after so many half lives a rating weighs nothing, and leaves the state
RATED = MEMBERS  # records: one for each seat
ITEMS = 100  # that one member has rated at once; as many are kept that it has taken back

Since = tuple[WallMs, WallMs | None]  # first time of the present "on"; when it was taken back


@shaped("ratings settings")
@dataclass(frozen=True, slots=True)
class Settings(Shaped):
    half_life_ms: Annotated[int, Whole(60_000, 366 * DAY_MS)] = 7 * DAY_MS
    # So many raters in a half life make the fact `rating.rose`.
    rose_at: Annotated[int, Whole(1, MEMBERS)] = 3


@shaped("ratings of a member")
@dataclass(frozen=True, slots=True)
class Rated(Shaped):
    """What one member has rated, and has taken back not long ago."""

    member: MemberId
    # Item, first time of the present "on", and when it was taken back; by item.
    rows: Annotated[
        tuple[Annotated[tuple[Hash, WallMs, WallMs | None], Row("rating")], ...],
        Many(2 * ITEMS),
        BY_KEY,
    ]
    look_ms: WallMs  # when the first of them goes, as far as was known when it was last changed

    texts: ClassVar[tuple[tuple[TextRef, OpId], ...]] = ()
    is_closed: ClassVar[bool] = False

    @property
    def key(self) -> bytes:
        return self.member

    @property
    def due_ms(self) -> WallMs | None:
        return self.look_ms


# --- changes --------------------------------------------------------------------------------------


def rate(record: Rated | None, said: Said[Rate], base: Base) -> Change[Rated]:
    """Turn a rating on or off (E21)."""
    item, is_on, now_ms = said.body.item, said.body.is_on, said.at_ms
    half_life_ms = base.settings.half_life_ms
    if not base.has_item(item):
        raise UsageError("unknown_item", "there is nothing with this id that could be rated")
    rows = _standing(record, now_ms, half_life_ms)
    held = rows.get(item)
    if (held is not None and held[1] is None) == is_on:
        raise UsageError("already_said", f"it is {'rated' if is_on else 'not rated'} by you now")
    if not is_on:
        assert held is not None
        rows[item] = held[0], now_ms
        return Change(_make(said.author, _without_oldest(rows), now_ms, half_life_ms))
    if sum(off_ms is None for _, off_ms in rows.values()) >= ITEMS:
        raise UsageError("too_many", f"{ITEMS} items are the most; take one back")
    rows[item] = (now_ms if held is None else held[0]), None
    facts: tuple[Fact, ...] = ()
    if held is None:  # off and on again is no new voice
        others = (one for one in base.records("ratings") if one.member != said.author)
        count = 1 + sum(_is_fresh(one, item, now_ms, half_life_ms) for one in others)
        if count == base.settings.rose_at:
            facts = (Fact("rating.rose", item, (("raters", count),)),)
    return Change(_make(said.author, rows, now_ms, half_life_ms), facts)


def tick(record: Rated, now_ms: WallMs, base: Base) -> Change[Rated]:
    """Let go what weighs nothing any more, and what was taken back a half life ago."""
    half_life_ms = base.settings.half_life_ms
    return Change(
        _make(record.member, _standing(record, now_ms, half_life_ms), now_ms, half_life_ms)
    )


def forget(fact: Fact, base: Base) -> Sequence[tuple[bytes, Change[Rated]]]:
    """Let the ratings of a seat go with it."""
    gone: Change[Rated] = Change(None)
    return () if base.record("ratings", fact.subject) is None else [(fact.subject, gone)]


def _standing(record: Rated | None, now_ms: int, half_life_ms: int) -> dict[bytes, Since]:
    """Return what of a record has not gone by this time, by item."""
    rows = () if record is None else record.rows
    return {
        item: (since_ms, off_ms)
        for item, since_ms, off_ms in rows
        if _ends_ms(since_ms, off_ms, half_life_ms) > now_ms
    }


def _ends_ms(since_ms: WallMs, off_ms: WallMs | None, half_life_ms: int) -> int:
    """Return when a rating goes."""
    end_ms = since_ms + HALVINGS * half_life_ms
    return end_ms if off_ms is None else min(end_ms, off_ms + half_life_ms)


def _without_oldest(rows: dict[bytes, Since]) -> dict[bytes, Since]:
    """Return it with no more than `ITEMS` that were taken back: who took back first goes first."""
    off = sorted((off_ms, item) for item, (_, off_ms) in rows.items() if off_ms is not None)
    gone = {item for _, item in off[: max(0, len(off) - ITEMS)]}
    return {item: row for item, row in rows.items() if item not in gone}


def _make(
    member: MemberId, rows: Mapping[bytes, Since], now_ms: int, half_life_ms: int
) -> Rated | None:
    if not rows:
        return None
    look_ms = min(_ends_ms(*row, half_life_ms) for row in rows.values())
    assert look_ms > now_ms, "time alone brings it on"
    listed = tuple((item, *rows[item]) for item in sorted(rows))
    return Rated(member, listed, WallMs(min(look_ms, MAX_MS)))


def _is_fresh(record: Rated, item: bytes, now_ms: int, half_life_ms: int) -> bool:
    """Return whether a member has rated an item in the last half life, taken back or not."""
    return any(one == item and since_ms > now_ms - half_life_ms for one, since_ms, _ in record.rows)


# --- trends ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trend:
    """How much an item matters at one moment."""

    item: bytes
    weight: int
    raters: tuple[tuple[MemberId, WallMs], ...]  # and since when; the longest first


def weigh(age_ms: int, half_life_ms: int) -> int:
    """Return what a rating of this age weighs: 2²⁰ at once, half of it after each half life (E22).

    In between it falls along a line, in whole numbers; from `HALVINGS` half lives on it is 0.
    """
    halvings, rest = divmod(max(age_ms, 0), half_life_ms)
    if halvings >= HALVINGS:
        return 0
    whole: int = 1 << (HALVINGS - halvings)
    return whole - (whole - whole // 2) * rest // half_life_ms


def compute_trends(records: Iterable[Rated], now_ms: int, half_life_ms: int) -> tuple[Trend, ...]:
    """Return the items that are rated, what matters most first.

    Of equal ones that with more raters comes first, then the one that was rated earlier.
    """
    raters: dict[bytes, list[tuple[WallMs, MemberId]]] = {}
    for record in records:
        for item, (since_ms, off_ms) in _standing(record, now_ms, half_life_ms).items():
            if off_ms is None:
                raters.setdefault(item, []).append((since_ms, record.member))
    trends = [
        Trend(
            item,
            sum(weigh(now_ms - since_ms, half_life_ms) for since_ms, _ in held),
            tuple((member, since_ms) for since_ms, member in sorted(held)),
        )
        for item, held in raters.items()
    ]
    return tuple(sorted(trends, key=_rank))


def _rank(one: Trend) -> tuple[int, int, WallMs, bytes]:
    return -one.weight, -len(one.raters), one.raters[0][1], one.item
