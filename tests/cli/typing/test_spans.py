from __future__ import annotations

import time

import pytest

from p2pnode_cli.shown.spans import (
    read_rfc3339_ms,
    rfc3339,
    show_clock,
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
    ("text", "utc"),
    [
        ("2030-05-17T14:00:00+02:00", "2030-05-17T12:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_of_the_api_is_read_exactly(text, utc):
    assert rfc3339(read_rfc3339_ms(text)) == utc


@pytest.mark.parametrize(
    "text", ["", "soon", "2030-05-17", "2030-05-17T14:00", "2030-13-01T00:00Z"]
)
def test_what_the_api_never_writes_is_no_time_of_it(text):
    with pytest.raises(ValueError, match="no RFC 3339 time"):
        read_rfc3339_ms(text)


def test_a_time_is_shown_with_its_zone(in_warsaw):
    at = read_rfc3339_ms("2030-05-17T12:00:00Z")
    assert show_time(at, at - 30 * 24 * HOUR_MS) == "2030-05-17 14:00 CEST"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Warsaw"])
def test_every_number_is_shown_in_every_zone(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        edges = (0, -62_135_596_800_000, 253_402_300_799_999, 2**63 - 1, -(2**63), 10**30)
        for ms in [edge + off for edge in edges for off in (-86_400_000, -1, 0, 1, 86_400_000)]:
            assert show_time(ms, 0)
            assert show_clock(ms)
            assert "(" in show_closing(ms, 0)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_time_in_the_same_week_is_shown_by_its_weekday(in_warsaw):
    at = read_rfc3339_ms("2030-05-17T12:00:00Z")
    assert show_closing(at, at - 3 * HOUR_MS) == "in 3 h (Fri 14:00 CEST)"
    assert show_closing(at, at + HOUR_MS) == "1 h ago (Fri 14:00 CEST)"


@pytest.mark.parametrize("left_ms", [1_000, 59_000, 599_999])
def test_a_time_within_minutes_is_shown_to_the_second(in_warsaw, left_ms):
    at = read_rfc3339_ms("2030-05-17T12:00:07Z")
    assert show_closing(at, at - left_ms).endswith("(Fri 14:00:07 CEST)")
    assert show_closing(at, at + left_ms).endswith("ago (Fri 14:00:07 CEST)")
    assert show_time(at, at - 600_000) == "Fri 14:00 CEST"


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (0, "under 1 s"),
        (-5, "under 1 s"),
        (999, "under 1 s"),
        (1000, "1 s"),
        (61_000, "1 min 1 s"),
        (HOUR_MS, "1 h"),
        (HOUR_MS + 5_000, "1 h"),
        (27 * HOUR_MS + 60_000, "1 d 3 h"),
    ],
)
def test_a_span_has_at_most_two_neighbouring_units(ms, shown):
    assert show_span(ms) == shown
