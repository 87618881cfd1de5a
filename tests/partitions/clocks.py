"""Wall clocks that are wrong: libfaketime between a node's process and the system's clock.

Python reads the time through libc, so the preloaded library is asked. Only the wall clock is
touched: deadlines run on the monotonic one, which no user sets. The offset stands in a file
that is read at every look at the clock, so that clocks can be set while nodes run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_PLACES = ("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/local/lib/faketime")


def find_library() -> Path | None:
    """Return libfaketime's file, when this machine has it."""
    for place in _PLACES:
        for found in sorted(Path("/").glob(f"{place[1:]}/libfaketimeMT.so.1")):
            return found
    return None


def find_missing() -> list[str]:
    if find_library() is None:
        return ["libfaketime is missing: apt-get install libfaketime"]
    return []


class SettableClock:
    """The wall clock of one node's process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, offset_s: int) -> None:
        """Let it be so many seconds ahead of the machine's."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{offset_s:+d}\n", encoding="ascii")
        fresh.rename(self._file)  # never half-written when it is read

    @property
    def variables(self) -> Mapping[str, str]:
        library = find_library()
        assert library is not None
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",  # of `ip netns exec` first, then of Python
            "NO_FAKE_STAT": "1",
        }
