"""Lengths of time in words: exact ones, and those between two readings of a clock."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pnode_protocols.wire.lengths import show_about, show_length

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (0, "under 1 s"),
        (999, "under 1 s"),
        (1_000, "1 s"),
        (1_499, "1 s"),
        (1_500, "2 s"),
        (40 * DAY_MS - 31, "40 d"),  # a wish for 40 days, looked at a moment later
        (40 * DAY_MS + 31, "40 d"),
        (572_400, "9 min 32 s"),
    ],
)
def test_a_length_between_two_readings_is_told_to_the_second(ms: int, shown: str) -> None:
    assert show_about(ms) == shown


@given(st.integers(0, 200 * 366 * DAY_MS))
def test_no_length_between_two_readings_shows_milliseconds(ms: int) -> None:
    assert not re.search(r"[0-9] ms", show_about(ms))


@given(st.integers(0, 200 * 366 * DAY_MS))
def test_an_exact_length_loses_nothing(ms: int) -> None:
    units = {"d": DAY_MS, "h": 3_600_000, "min": 60_000, "s": 1_000, "ms": 1}
    parts = re.findall(r"([0-9]+) ([a-z]+)", show_length(ms))
    assert sum(int(number) * units[unit] for number, unit in parts) == ms
