"""Lengths of time and moments as people write them; what could mean two things is refused."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pnode_cli.shown.spans import read_rfc3339_ms, rfc3339, show_closing
from p2pnode_cli.typed.moments import read_length_ms, read_moment_ms

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NOW_MS = read_rfc3339_ms("2030-05-15T10:00:00+02:00")  # a Wednesday


@pytest.fixture
def in_warsaw(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Warsaw")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90s", 90_000),
        ("30m", 30 * 60_000),
        ("30 min", 30 * 60_000),
        ("6h", 6 * HOUR_MS),
        ("6 hours", 6 * HOUR_MS),
        ("5d", 5 * DAY_MS),
        ("3 days", 3 * DAY_MS),
        ("2w", 14 * DAY_MS),
        ("1 Week", 7 * DAY_MS),
        ("1h30m", 5_400_000),
        ("1 H 30 m", 5_400_000),
    ],
)
def test_lengths_are_read_exactly(text, ms):
    assert read_length_ms(text) == ms
    assert read_moment_ms(text, NOW_MS) == NOW_MS + ms
    assert read_moment_ms(f"in {text}", NOW_MS) == NOW_MS + ms


@pytest.mark.parametrize(
    "text", ["", "3", "h", "3x", "3h-", "-3h", "1.5h", "³h", "٣h", "9" * 5000 + "d", "0s", "0d"]
)
def test_what_is_no_length_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="30min, 6h, 5d, 2w"):
        read_length_ms(text)


@pytest.mark.parametrize("text", ["1M", "1 month", "2 years", "1y", "3mo"])
def test_months_and_years_are_no_lengths_and_never_minutes(text):
    with pytest.raises(ValueError, match="months and years differ in length; write 30d"):
        read_length_ms(text)


def test_what_is_to_come_is_not_rounded_down_by_a_day():
    shown = [
        show_closing(NOW_MS + ms - 5, NOW_MS).split(" (")[0]
        for ms in (2 * DAY_MS, 2 * DAY_MS - HOUR_MS, 2 * HOUR_MS, 90_000)
    ]
    assert shown == ["in 2 d", "in 1 d 23 h", "in 2 h", "in 1 min 29 s"]


def test_one_bound_of_waiting_is_said_in_one_way(cli, home):
    for one in ("2h", "3601", "999999999w", "200 days"):
        said = " ".join(cli("status", "--timeout", one).err.split())
        assert "is too long: at most 1 h [bad_timeout]" in said


@pytest.mark.parametrize("text", ["420000w", "999999999w", "999999999s " * 1000])
def test_a_length_of_centuries_is_refused(text):
    with pytest.raises(ValueError, match="at most 100 years"):
        read_length_ms(text)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("friday", "2030-05-17T23:59:59.999+02:00"),
        ("Fri 17:00", "2030-05-17T17:00:00+02:00"),
        ("5 Dec", "2030-12-05T23:59:59.999+01:00"),
        ("by Dec 5", "2030-12-05T23:59:59.999+01:00"),
        ("December 5, 2031", "2031-12-05T23:59:59.999+01:00"),
        ("5. dec 17:00", "2030-12-05T17:00:00+01:00"),
        ("dec 5 2031 17:00", "2031-12-05T17:00:00+01:00"),
        ("15 may", "2030-05-15T23:59:59.999+02:00"),
        ("14 may", "2031-05-14T23:59:59.999+02:00"),
        ("friday, 17:00", "2030-05-17T17:00:00+02:00"),
        ("by friday", "2030-05-17T23:59:59.999+02:00"),
        ("wednesday", "2030-05-15T23:59:59.999+02:00"),
        ("wed 09:00", "2030-05-22T09:00:00+02:00"),
        ("wed 11:00", "2030-05-15T11:00:00+02:00"),
        ("today", "2030-05-15T23:59:59.999+02:00"),
        ("tomorrow", "2030-05-16T23:59:59.999+02:00"),
        ("tomorrow 17:00", "2030-05-16T17:00:00+02:00"),
        ("tomorrow at 5pm", "2030-05-16T17:00:00+02:00"),
        ("17:00", "2030-05-15T17:00:00+02:00"),
        ("09:00", "2030-05-16T09:00:00+02:00"),
        ("12am", "2030-05-16T00:00:00+02:00"),
        ("noon", "2030-05-15T12:00:00+02:00"),
        ("17:00Z", "2030-05-15T17:00:00+00:00"),
        ("2030-05-17", "2030-05-17T23:59:59.999+02:00"),
        ("2030-05-17 14:00", "2030-05-17T14:00:00+02:00"),
        ("2030-05-17T14:00", "2030-05-17T14:00:00+02:00"),
        ("2030-05-17T14:00:00.5Z", "2030-05-17T14:00:00.500+00:00"),
        ("2030-05-17 14:00 +05:30", "2030-05-17T14:00:00+05:30"),
    ],
)
def test_days_and_times_are_local_and_a_day_alone_means_its_end(text, local, in_warsaw):
    assert rfc3339(read_moment_ms(text, NOW_MS)) == rfc3339(read_rfc3339_ms(local))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2030-03-31 02:30", "put forward over this time"),
        ("2030-10-27 02:30", r"2030-10-27T02:30\+02:00 or 2030-10-27T02:30\+01:00"),
        ("next friday", "which friday is meant"),
        ("midnight", "before that day, or after it"),
        ("24:00", "a day ends at 23:59; write that, or 00:00 of the next day"),
        ("2030-05-17 24:00:00", "a day ends at 23:59"),
        ("friday 24:00", "a day ends at 23:59"),
    ],
)
def test_what_could_mean_two_moments_or_none_is_refused(text, why, in_warsaw):
    with pytest.raises(ValueError, match=why):
        read_moment_ms(text, NOW_MS)


def test_the_end_of_a_day_on_which_the_clocks_change_is_its_last_moment(in_warsaw):
    short = read_moment_ms("2031-03-30", NOW_MS) - read_moment_ms("2031-03-29", NOW_MS)
    long = read_moment_ms("2030-10-27", NOW_MS) - read_moment_ms("2030-10-26", NOW_MS)
    assert (short, long) == (23 * HOUR_MS, 25 * HOUR_MS)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2030-13-01", "25:00",
     "13pm", "17:00+99:00", "2030-05-17T", "on", "２０３０-05-17"],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_examples(text, in_warsaw):
    with pytest.raises(ValueError, match="friday, tomorrow 17:00, 2030-05-17 14:00"):
        read_moment_ms(text, NOW_MS)


_DAYS = ["friday", "fri", "today", "tomorrow", "2030-05-17", "9999-12-31", "0001-01-01"]
_TIMES = ["17:00", "5pm", "T14:00", "Z", "+02:00", "-12:00"]
_OTHERS = ["in", "next", "at", ",", "3", "999999999", "d", "days", "w", "M"]
_WORDS = st.sampled_from(_DAYS + _TIMES + _OTHERS)


@given(st.lists(_WORDS, max_size=5), st.sampled_from(["", " "]), st.text(max_size=4))
def test_whatever_is_typed_is_a_moment_that_can_be_sent_and_shown_or_a_value_error(
    words, between, tail
):
    try:
        found_ms = read_moment_ms(between.join(words) + tail, NOW_MS)
    except ValueError:
        return
    assert read_rfc3339_ms(rfc3339(found_ms)) == found_ms
    assert show_closing(found_ms, NOW_MS)


@given(st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1)))
def test_a_time_as_the_api_writes_it_is_read_back(when):
    text = f"{when:%Y-%m-%dT%H:%M}"
    assert read_moment_ms(f"{text}Z", NOW_MS) == read_rfc3339_ms(f"{text}:00Z")


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00", "9999-12-31", "9999-12-31T23:59-12:00", "31 dec 9999"]
)
def test_a_day_beyond_all_calendars_is_told_with_the_last_that_is_taken(text, in_warsaw):
    with pytest.raises(ValueError, match="9999-12-30 is the latest day, 0001-01-03 the earliest"):
        read_moment_ms(text, NOW_MS)
    for day in ("9999-12-30", "0001-01-03"):
        read_moment_ms(day, NOW_MS)
