"""Times as text: every whole number is some time, and reads back where there is one."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pnode.answers.values.rendering import time_text


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_time_reads_back(time_ms: int) -> None:
    read = datetime.fromisoformat(time_text(time_ms))
    epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    took = read - epoch
    assert took.days * 86_400_000 + took.seconds * 1000 + took.microseconds // 1000 == time_ms


@pytest.mark.parametrize(
    ("time_ms", "shown"),
    [
        (2**63, "9999-12-31T23:59:59.999Z"),
        (10**30, "9999-12-31T23:59:59.999Z"),
        (-(2**63), "0001-01-01T00:00:00.000Z"),
        (-(10**30), "0001-01-01T00:00:00.000Z"),
        (0, "1970-01-01T00:00:00.000Z"),
    ],
)
def test_time_beyond_the_calendar_is_the_nearest_in_it(time_ms: int, shown: str) -> None:
    assert time_text(time_ms) == shown
