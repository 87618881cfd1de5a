from __future__ import annotations

import time

import pytest

from p2pnode_cli.spans import (
    parse_close_ms,
    parse_duration_ms,
    parse_time_ms,
    rfc3339,
    show_closing,
    show_span,
    show_time,
)

HOUR_MS = 3_600_000


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
        ("30m", 1_800_000),
        ("6h", 6 * HOUR_MS),
        ("5d", 120 * HOUR_MS),
        ("2w", 336 * HOUR_MS),
        ("1h30m", 5_400_000),
        ("1 H 30 m", 5_400_000),
    ],
)
def test_durations_are_read_exactly(text, ms):
    assert parse_duration_ms(text) == ms


@pytest.mark.parametrize(
    "text", ["", "3", "h", "3x", "3h-", "-3h", "1.5h", "3hh", "³h", "٣h", "9" * 5000 + "d"]
)
def test_what_is_no_duration_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="30m, 6h, 5d, 2w"):
        parse_duration_ms(text)


@pytest.mark.parametrize("text", ["", "soon", "0001-01-01T00:00", "9999-12-31T23:59:59"])
def test_what_is_no_time_here_is_refused_with_examples(text, in_warsaw):
    with pytest.raises(ValueError, match="write 2030-05-17T14:00"):
        parse_time_ms(text)


def test_a_time_with_an_offset_is_that_moment():
    assert rfc3339(parse_time_ms("2030-05-17T14:00:00+02:00")) == "2030-05-17T12:00:00.000Z"


def test_a_bare_time_is_local_and_shown_with_its_zone(in_warsaw):
    at = parse_time_ms("2030-05-17T14:00")
    assert rfc3339(at) == "2030-05-17T12:00:00.000Z"
    assert show_time(at, at - 30 * 24 * HOUR_MS) == "2030-05-17 14:00 CEST"


def test_a_time_in_the_same_week_is_shown_by_its_weekday(in_warsaw):
    at = parse_time_ms("2030-05-17T14:00")
    assert show_closing(at, at - 3 * HOUR_MS) == "in 3 h (Fri 14:00 CEST)"
    assert show_closing(at, at + 90_000) == "1 min 30 s ago (Fri 14:00 CEST)"


@pytest.mark.parametrize("text", ["tomorrow", "2030-13-01", "14:00"])
def test_what_is_no_time_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="2030-05-17T14:00"):
        parse_time_ms(text)


def test_a_close_is_a_duration_from_now_or_a_time():
    assert parse_close_ms("3d", 1000) == 72 * HOUR_MS + 1000
    assert parse_close_ms("2030-05-17T12:00:00Z", 1000) == parse_time_ms("2030-05-17T12:00:00Z")


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (0, "0 ms"),
        (-5, "0 ms"),
        (999, "999 ms"),
        (1000, "1 s"),
        (61_000, "1 min 1 s"),
        (HOUR_MS, "1 h"),
        (HOUR_MS + 5_000, "1 h"),
        (27 * HOUR_MS + 60_000, "1 d 3 h"),
    ],
)
def test_a_span_has_at_most_two_neighbouring_units(ms, shown):
    assert show_span(ms) == shown
