"""What people write for a length of time or a moment, and what it means.

A length: `90s`, `30 min`, `6h`, `3 days`, `2w`, `1h30m`. A moment: one of these from now, or
a day, a time of day, or both: `friday`, `tomorrow 17:00`, `2030-05-17 14:00`, `17:00`. Days
and times are this machine's unless they carry an offset; a day alone means its end, as in
"by Friday". Nothing is guessed: what could mean two things is refused, with both of them.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NoReturn

from p2pnode_protocols.wire.quoting import quoted as in_quotes

from ..shown.spans import FIRST_MS, LAST_MS, show_span

_SECOND_MS, _MINUTE_MS, _HOUR_MS = 1_000, 60_000, 3_600_000
_DAY_MS = 24 * _HOUR_MS
_UNITS_MS: dict[str, int] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), _SECOND_MS),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), _MINUTE_MS),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), _HOUR_MS),
    **dict.fromkeys(("d", "day", "days"), _DAY_MS),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7 * _DAY_MS),
}
_NO_LENGTH = {"mo", "mon", "month", "months", "y", "yr", "year", "years"}
LONGEST_MS = 100 * 366 * _DAY_MS  # a century; more is a slip of the pen
_PART = re.compile(r"([0-9]{1,9})\s*([A-Za-z]+)\s*", re.ASCII)
_LENGTH = re.compile(r"(in\s+|\+)?[0-9]+\s*[a-z]", re.ASCII | re.IGNORECASE)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_OF: dict[str, int] = {
    form: number
    for number, name in enumerate(_WEEKDAYS)
    for form in (name, name[:3], {"tue": "tues", "wed": "weds", "thu": "thurs"}.get(name[:3], name))
}
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTHS_OF: dict[str, int] = {
    form: number
    for number, name in enumerate(_MONTHS, 1)
    for form in (name, name[:3], {"september": "sept"}.get(name, name))
}
# `5 dec`, `dec 5`, `5 december 2030`, `dec 5, 2030`
_DATE = re.compile(
    r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\.? (?P<month>[a-z]+)|(?P<month2>[a-z]+)\.? "
    r"(?P<day2>[0-9]{1,2})(?:st|nd|rd|th)?)\.?,?(?: (?P<year>[0-9]{4})(?![0-9:]))?,?(?: |$)"
)
_CLOCK = re.compile(
    r"(?:at\s+)?(?P<clock>[0-9]{1,2}(:[0-9]{2}){0,2})\s*(?P<half>[ap]m)?"
    r"\s*(?P<zone>z|utc|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII | re.IGNORECASE,
)
_LENGTHS = "write 30min, 6h, 5d, 2w or 1h30m"
_MOMENTS = "write 3d, 5 dec, friday, tomorrow 17:00, 2030-05-17 14:00 or 2030-05-17T14:00+02:00"


def read_length_ms(text: str, most_ms: int = LONGEST_MS) -> int:
    """Return the milliseconds of `1h30m`, `3 days` and the like, from one second to `most_ms`.

    Raises:
        ValueError: naming what is wrong and what is allowed.
    """
    total, at, left = 0, 0, text.strip()
    while at < len(left):
        part = _PART.match(left, at)
        if part is None:
            raise ValueError(f"{quoted(text)} is not a length of time; {_LENGTHS}")
        total += int(part[1]) * _unit_ms(text, part[2])
        at = part.end()
        if total > most_ms:
            most = "100 years" if most_ms == LONGEST_MS else show_span(most_ms)
            raise ValueError(f"{quoted(text)} is too long: at most {most}")
    if total == 0 and at:
        raise ValueError(f"{quoted(text)} is no time at all; {_LENGTHS}")
    if total == 0:
        raise ValueError(f"{quoted(text)} is not a length of time; {_LENGTHS}")
    return total


def _unit_ms(text: str, unit: str) -> int:
    if unit == "M" or unit.lower() in _NO_LENGTH:
        also = ", and minutes 30min" if unit == "M" else ""
        raise ValueError(f"{quoted(text)}: months and years differ in length; write 30d{also}")
    found = _UNITS_MS.get(unit.lower())
    if found is None:
        raise ValueError(f"{quoted(text)} is not a length of time; {_LENGTHS}")
    return found


def read_moment_ms(text: str, now_ms: int) -> int:
    """Return the moment that `text` names, ms since the Unix epoch; it may have passed.

    Args:
        text: as typed.
        now_ms: what lengths, days and times of day count from.

    Raises:
        ValueError: naming what is wrong and what is allowed.
    """
    said = " ".join(text.split())
    is_length = _LENGTH.match(said) and _CLOCK.fullmatch(said) is None
    if is_length and _month_of(_DATE.match(said.lower())) is None:
        return now_ms + read_length_ms(re.sub(r"^(in\s+|\+)", "", said, flags=re.IGNORECASE))
    now = datetime.fromtimestamp(now_ms // 1000, UTC).astimezone()
    try:
        day, clock, again_days = _split(said.lower(), now)
    except _Doubtful as error:
        raise ValueError(f"{quoted(text)}: {error}") from None
    except (ValueError, OverflowError):
        raise ValueError(f"{quoted(text)} is not a time; {_MOMENTS}") from None
    try:
        found_ms = _moment(day, clock)
        if found_ms <= now_ms and again_days:
            found_ms = _moment(day + timedelta(days=again_days), clock)
        if not FIRST_MS <= found_ms <= LAST_MS:
            raise OverflowError
    except _Doubtful as error:
        raise ValueError(f"{quoted(text)}: {error}") from None
    except (ValueError, OverflowError):  # a day, or an hour of one, that this zone has not
        earliest, latest = (_date(one) for one in (FIRST_MS + _DAY_MS, LAST_MS - _DAY_MS))
        raise ValueError(
            f"{quoted(text)} is out of range: {latest} is the latest day, {earliest} the earliest"
        ) from None
    return found_ms


def _date(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms):%Y-%m-%d}".zfill(10)


class _Doubtful(Exception):
    """It could mean two moments, or none."""


def _split(said: str, now: datetime) -> tuple[date, time | None, int]:
    """Return day and time of day, and after how many days that comes again; 0: never."""
    head, _, rest = said.partition(" ")
    if head in {"by", "on", "until"}:
        head, _, rest = rest.partition(" ")
    head = head.removesuffix(",")
    if head in {"next", "this"}:
        raise _Doubtful(f"which {rest} is meant? write its date")
    if head in {"today", "tonight"}:
        return now.date(), _time_of_day(rest), 0
    if head == "tomorrow":
        return now.date() + timedelta(days=1), _time_of_day(rest), 0
    if head in _DAYS_OF:
        ahead = (_DAYS_OF[head] - now.weekday()) % 7
        return now.date() + timedelta(days=ahead), _time_of_day(rest), 7
    dated = _DATE.match(said_date := f"{head} {rest}".strip())
    month = _month_of(dated)
    if dated is not None and month is not None:
        day, clock = int(dated["day"] or dated["day2"]), _time_of_day(said_date[dated.end() :])
        return _next_date(day, month, dated["year"], now), clock, 0
    if head[:4].isdigit() and "-" in head:
        head, mark, joined = head.partition("t")
        clock = _time_of_day(joined + rest if mark else rest)
        if mark and clock is None:
            raise ValueError
        return date.fromisoformat(head), clock, 0
    clock = _time_of_day(said)
    if clock is None:
        raise ValueError
    return now.astimezone(clock.tzinfo).date(), clock, 1


def _month_of(dated: re.Match[str] | None) -> int | None:
    return None if dated is None else _MONTHS_OF.get(dated["month"] or dated["month2"])


def _next_date(day: int, month: int, year: str | None, now: datetime) -> date:
    """Return this day of the year that is named, else the next that comes, today for one."""
    if year is not None:
        return date(int(year), month, day)
    found = date(now.year, month, day)
    return found if found >= now.date() else date(now.year + 1, month, day)


def _time_of_day(words: str) -> time | None:
    words = words.removeprefix("at ")
    if words in {"noon", "midday"}:
        return time(12)
    if words == "midnight":
        raise _Doubtful("before that day, or after it? write 00:00 or 23:59, with the date")
    if not words:
        return None
    if "." in words:  # seconds with a fraction, as a document has them
        return time.fromisoformat(words.upper())
    found = _CLOCK.fullmatch(words)
    if found is None or (":" not in found["clock"] and found["half"] is None):
        raise ValueError
    if re.fullmatch(r"24(:00){1,2}", found["clock"]):
        raise _Doubtful("a day ends at 23:59; write that, or 00:00 of the next day")
    hour, minute, second = (int(one) for one in f"{found['clock']}:0:0".split(":")[:3])
    if found["half"] is not None:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    return time(hour, minute, second, tzinfo=_zone(found["zone"]))


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text.lower() in {"z", "utc"}:
        return UTC
    return datetime.strptime(text, "%z").tzinfo


def _moment(day: date, clock: time | None) -> int:
    """Return this time of this day in ms; of a day alone its last millisecond."""
    if clock is None:
        return round(datetime.combine(day + timedelta(days=1), time()).timestamp() * 1000) - 1
    when = datetime.combine(day, clock)
    if clock.tzinfo is not None:
        return _since_1970_ms(when)
    first, second = (when.replace(fold=fold).astimezone() for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        _refuse_doubtful(when, first, second)
    return _since_1970_ms(first)


def _since_1970_ms(when: datetime) -> int:
    since = when - datetime.fromtimestamp(0, UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _refuse_doubtful(when: datetime, first: datetime, second: datetime) -> NoReturn:
    """Raise for a time that the clocks pass twice, or leap over, when summer time changes."""
    if first.astimezone(UTC).astimezone().replace(tzinfo=None) != when:
        raise _Doubtful("the clocks are put forward over this time here; write another one")
    both = " or ".join(one.isoformat(timespec="minutes") for one in (first, second))
    raise _Doubtful(f"this time comes twice here, as the clocks are put back; write {both}")


def quoted(text: str) -> str:
    """Return what was typed in quotes, short enough for a line of an error."""
    shown = in_quotes(text)
    return shown if len(shown) <= 40 else f"{shown[:36]}…{shown[0]}"
