"""Lengths of time and moments, as they are shown: always with the zone beside a moment.

What people write is read in `moments`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from p2pnode_protocols.wire.lengths import UNITS

_NEAR_MS = 6 * 86_400_000  # within six days a weekday names one day only
_SOON_MS = 600_000  # within ten minutes, seconds tell what is in time
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
# What every zone can show: a day away from the first and the last year that dates have.
FIRST_MS = -62_135_510_400_000
LAST_MS = 253_402_214_400_000


def read_rfc3339_ms(text: str) -> int:
    """Return the ms since the Unix epoch of a time as the API writes it.

    Raises:
        ValueError: it is none.
    """
    if _RFC3339.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no RFC 3339 time with its offset")
    # Not by `timestamp` of the local zone: near the year 9999 some zones have none.
    since = datetime.fromisoformat(text) - datetime.fromtimestamp(0, UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def show_left(ms: int, units: int = 2) -> str:
    """Return how long something is still to come, ms > 0: minutes are full from one hour on.

    What was "in 2 days" when it was typed is not in 1 d 23 h 59 min a second later.
    """
    return show_span((ms + 30_000) // 60_000 * 60_000 if ms >= 3_600_000 else ms, units)


def show_span(ms: int, units: int = 2) -> str:
    """Return a length of time in at most `units` units, rounded down: `3 d 4 h`.

    Nothing finer than seconds: an age of milliseconds says nothing to anybody.
    """
    if ms < 1_000:
        return "under 1 s"
    shown: list[str] = []
    for size, name in UNITS[:-1]:
        if ms >= size:
            shown.append(f"{ms // size} {name}")
            ms %= size
        elif shown:
            break
        if len(shown) == units:
            break
    return " ".join(shown)


def show_time(ms: int, now_ms: int) -> str:
    """Return local time with its zone: `Tue 14:05 CET` when near, else with the date.

    Within minutes with its seconds, as those may be what matters: `Tue 14:05:09 CET`.

    Any number has an answer: a log may hold times that no calendar has.
    """
    if not FIRST_MS <= ms <= LAST_MS:
        return "beyond the calendar"
    when = datetime.fromtimestamp(ms // 1000, UTC).astimezone()
    if abs(ms - now_ms) < _SOON_MS:
        return when.strftime("%a %H:%M:%S %Z")
    if abs(ms - now_ms) < _NEAR_MS:
        return when.strftime("%a %H:%M %Z")
    return f"{when:%Y-%m-%d %H:%M %Z}"


def show_clock(ms: int) -> str:
    """Return the local time of day, as it stands before each line of a stream."""
    if not FIRST_MS <= ms <= LAST_MS:
        return "--:--:--"
    return datetime.fromtimestamp(ms // 1000, UTC).astimezone().strftime("%H:%M:%S")


def show_closing(ms: int, now_ms: int) -> str:
    """Return `in 3 h 2 min (Tue 14:05 CET)`, or since when it is over."""
    when = show_time(ms, now_ms)
    if ms <= now_ms:
        return f"{show_span(now_ms - ms)} ago ({when})"
    return f"in {show_left(ms - now_ms)} ({when})"


def rfc3339(ms: int) -> str:
    """Return the time in UTC, as documents and logs carry it; `ms` has to have a year ≤ 9999."""
    seconds, rest = divmod(ms, 1000)
    when = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
