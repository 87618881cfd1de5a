"""One step: all that one input caused."""

from __future__ import annotations

from dataclasses import dataclass

from ..record.ops import Op
from ..wire.ids import MonoMs, TextId
from .notices import Notice
from .sends import Sending
from .writes import Write


@dataclass(frozen=True, slots=True)
class ReadMissing:
    """Read from the store which texts are missing, and feed a `TextsMissing` (R7.19)."""

    after: TextId  # those with higher ids, ascending
    most: int  # that it looks at


@dataclass(frozen=True, slots=True)
class Step:
    """All that one input caused. Carry out writes, then sends, then notices, then the reading."""

    writes: tuple[Write, ...] = ()
    sends: tuple[Sending, ...] = ()
    notices: tuple[Notice, ...] = ()
    accepted: Op | None = None  # the op a `Submit` became
    wake_at: MonoMs | None = None  # absolute; replaces the previous one
    reads: ReadMissing | None = None
