"""Lengths of time as people read them; nobody can read seven digits of milliseconds."""

from __future__ import annotations

UNITS: tuple[tuple[int, str], ...] = (
    (86_400_000, "d"),
    (3_600_000, "h"),
    (60_000, "min"),
    (1_000, "s"),
    (1, "ms"),
)


def show_length(ms: int) -> str:
    """Return a length of time, ms ≥ 0, exactly and in words: `1 h 30 min`, `40 ms`, `0 s`."""
    shown: list[str] = []
    for size, name in UNITS:
        if ms >= size:
            shown.append(f"{ms // size} {name}")
            ms %= size
    return " ".join(shown) or "0 s"


def show_about(ms: int) -> str:
    """Return a length of time between two clock readings, ms ≥ 0, to the nearest second.

    What a person wishes for is some milliseconds off by when it is looked at: 40 days are no
    39 d 23 h 59 min 59 s 969 ms.
    """
    return "under 1 s" if ms < 1_000 else show_length((ms + 500) // 1_000 * 1_000)
