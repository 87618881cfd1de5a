"""A fuzzer's bytes, read as a row of small choices.

One byte a choice wherever it can be, so that one changed byte changes one choice and leaves the
rest of a run as it was: that is what lets coverage guide.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Choices:
    """Reads from the front; when the bytes are used up, every choice is the first one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_over(self) -> bool:
        return self._at >= len(self._data)

    def byte(self) -> int:
        if self.is_over:
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def flag(self) -> bool:
        return bool(self.byte() & 1)

    def rarely(self) -> bool:
        """Return True for one byte in sixteen: what would end most runs if it came often."""
        return self.byte() % 16 == 15

    def pick(self, items: Sequence[_T]) -> _T:
        return items[self.byte() % len(items)]

    def take(self, count: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        taken = self._data[self._at : self._at + count]
        self._at += len(taken)
        return taken

    def span_ms(self) -> int:
        """Return a length of time: small ones finely, long ones roughly, up to 9 days."""
        byte = self.byte()
        return ((byte & 7) + 1) << (byte >> 3) if byte < 216 else (byte - 215) * 6 * 3_600_000

    def source(self) -> random.Random:
        """Return a source of chance that two bytes name: for what needs many choices at once."""
        return random.Random(self.byte() << 8 | self.byte())
