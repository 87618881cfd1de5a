"""When each of nine laptops is open: nights, lunches, a lid closed in between, days away.

Virtual time 0 is six o'clock in UTC, when Berlin wakes up. Where people live makes the overlap:
six of nine are needed, and at night in Europe there are not as many.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

HOUR_S = 3600
MINUTE_S = 60
DAY_S = 24 * HOUR_S
BEGINS_H = 6  # hour of the day at virtual time 0, in UTC

Span = tuple[int, int]  # from, to: seconds of virtual time


@dataclass(frozen=True, slots=True)
class Habit:
    """One person's days. Hours are local ones where nothing else is said."""

    zone_h: int  # ahead of UTC
    sleeps_h: float = 23.0
    wakes_h: float = 7.0
    away: tuple[Span, ...] = ()  # in hours of virtual time: a weekend, a repair


# By the members' names in the order of the plan's. Four in Berlin, three in Lahore, two in
# New York; one leaves for a weekend, one is without a machine until the evening.
HABITS = (
    Habit(+1),
    Habit(+1, sleeps_h=24.5, wakes_h=9.0),
    Habit(+1, sleeps_h=21.5, wakes_h=5.5),
    Habit(+1, away=((10, 58),)),
    Habit(+5),
    Habit(+5),
    Habit(+5, sleeps_h=24.0, wakes_h=8.0),
    Habit(-5, away=((5, 13),)),
    Habit(-5, sleeps_h=25.0, wakes_h=8.5),
)


def closed_spans(habit: Habit, days: int, rng: Random) -> list[Span]:
    """Return when the laptop is closed within so many days, in order, none touching another."""
    spans: list[Span] = [(from_h * HOUR_S, to_h * HOUR_S) for from_h, to_h in habit.away]
    for day in range(-1, days + 1):
        midnight_s = day * DAY_S - (BEGINS_H + habit.zone_h) * HOUR_S
        spans.append(
            (
                _around(midnight_s, habit.sleeps_h, 45, rng),
                _around(midnight_s, 24 + habit.wakes_h, 45, rng),
            )
        )
        lunch_s = _around(midnight_s, 12.5, 45, rng)
        spans.append((lunch_s, lunch_s + rng.randint(20, 70) * MINUTE_S))
        for _ in range(rng.randint(2, 6)):  # a walk to another room, a train, an empty battery
            begins_s = midnight_s + rng.randint(7 * HOUR_S, 22 * HOUR_S)
            spans.append((begins_s, begins_s + rng.randint(30, 25 * MINUTE_S)))
    return _merged(spans, days * DAY_S)


def _around(midnight_s: int, hour: float, spread_min: int, rng: Random) -> int:
    return midnight_s + round(hour * HOUR_S) + rng.randint(-spread_min, spread_min) * MINUTE_S


def _merged(spans: list[Span], end_s: int) -> list[Span]:
    """Join spans that touch or overlap, and cut what lies outside of the time played."""
    merged: list[Span] = []
    for span in sorted(spans):
        begins_s, ends_s = max(span[0], 0), min(span[1], end_s)
        if begins_s >= ends_s:
            continue
        if merged and begins_s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends_s))
        else:
            merged.append((begins_s, ends_s))
    assert all(one[1] < other[0] for one, other in pairwise(merged))
    return merged


class Awake:
    """How many seconds of a time somebody's laptop was open while a quorum was."""

    def __init__(self, closed: list[list[Span]], quorum: int, days: int) -> None:
        length = days * DAY_S
        is_open = [bytearray(b"\1" * length) for _ in closed]
        for mine, spans in zip(is_open, closed, strict=True):
            for begins_s, ends_s in spans:
                mine[begins_s:ends_s] = bytes(ends_s - begins_s)
        counts = [sum(column) for column in zip(*is_open, strict=True)]
        self.quorum_share = sum(count >= quorum for count in counts) / length
        self._sums: list[list[int]] = []  # by laptop: usable seconds before each second
        for mine in is_open:
            total, sums = 0, [0]
            for here, count in zip(mine, counts, strict=True):
                total += here and count >= quorum
                sums.append(total)
            self._sums.append(sums)

    def usable_s(self, laptop: int, begins_s: float, ends_s: float) -> float:
        """Return the seconds from one moment to another in which its ops could become final."""
        sums = self._sums[laptop]
        whole = sums[int(ends_s)] - sums[min(int(begins_s) + 1, int(ends_s))]
        return whole + (1 if int(begins_s) != int(ends_s) else 0)
