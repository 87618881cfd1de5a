"""One step: all that one input caused."""

from __future__ import annotations

from dataclasses import dataclass

from ..record.ops import Op
from ..wire.ids import MonoMs
from .notices import Notice
from .sends import Sending
from .writes import Write


@dataclass(frozen=True, slots=True)
class Step:
    """All that one input caused. Carry out writes, then sends, then notices."""

    writes: tuple[Write, ...] = ()
    sends: tuple[Sending, ...] = ()
    notices: tuple[Notice, ...] = ()
    accepted: Op | None = None  # the op a `Submit` became
    wake_at: MonoMs | None = None  # absolute; replaces the previous one
