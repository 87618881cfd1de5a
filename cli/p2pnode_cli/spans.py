"""Durations and times as people write and read them.

Written: `30m`, `6h`, `5d`, `2w`, `1h30m`; RFC 3339, where a time without an offset is this
machine's local time. Read: always with the zone beside it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_PART = re.compile(r"([0-9]{1,9})([smhdw])")
_NAMES = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))
_NEAR_MS = 6 * 86_400_000  # within six days a weekday names one day only


def parse_duration_ms(text: str) -> int:
    """Return the milliseconds of `1h30m` and the like.

    Raises:
        ValueError: naming what is wrong and what is allowed.
    """
    squeezed = text.replace(" ", "").lower()
    parts = _PART.findall(squeezed)
    if not parts or "".join(number + unit for number, unit in parts) != squeezed:
        raise ValueError(f"{text!r} is not a duration; write 30m, 6h, 5d, 2w or 1h30m")
    return sum(int(number) * _UNIT_MS[unit] for number, unit in parts)


def parse_time_ms(text: str) -> int:
    """Return an RFC 3339 time as ms since the Unix epoch; without an offset it is local.

    Raises:
        ValueError: naming what is wrong and what is allowed.
    """
    try:
        when = datetime.fromisoformat(text.strip())
        return round(when.timestamp() * 1000)
    except (ValueError, OverflowError):  # the latter: a year that this machine's zone has not
        raise ValueError(
            f"{text!r} is not a time; write 2030-05-17T14:00, 2030-05-17T14:00+02:00 or a "
            "duration such as 3d"
        ) from None


def parse_close_ms(text: str, now_ms: int) -> int:
    """Return the moment that `text`, a time or a duration from now, names."""
    if text[:1].isdigit() and "-" not in text and ":" not in text:
        return now_ms + parse_duration_ms(text)
    return parse_time_ms(text)


def show_span(ms: int, units: int = 2) -> str:
    """Return a length of time in at most `units` units, rounded down: `3 d 4 h`, `40 ms`."""
    if ms < 1_000:
        return f"{max(ms, 0)} ms"
    shown: list[str] = []
    for size, name in _NAMES:
        if ms >= size:
            shown.append(f"{ms // size} {name}")
            ms %= size
        elif shown:
            break
        if len(shown) == units:
            break
    return " ".join(shown)


def show_time(ms: int, now_ms: int) -> str:
    """Return local time with its zone: `Tue 14:05 CET` when near, else with the date."""
    when = datetime.fromtimestamp(ms / 1000, UTC).astimezone()
    if abs(ms - now_ms) < _NEAR_MS:
        return when.strftime("%a %H:%M %Z")
    return when.strftime("%Y-%m-%d %H:%M %Z")


def show_closing(ms: int, now_ms: int) -> str:
    """Return `in 3 h 2 min (Tue 14:05 CET)`, or since when it is over."""
    when = show_time(ms, now_ms)
    if ms <= now_ms:
        return f"{show_span(now_ms - ms)} ago ({when})"
    return f"in {show_span(ms - now_ms)} ({when})"


def rfc3339(ms: int) -> str:
    """Return the time in UTC, as documents and logs carry it."""
    when = datetime.fromtimestamp(ms / 1000, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
