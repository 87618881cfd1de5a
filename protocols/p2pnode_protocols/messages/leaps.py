"""A leap, and closed proposals, by parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..wire.kinds import Whole
from ..wire.limits import RECALL_BYTES
from ..wire.shapes import Hash, Ms, Shaped, shaped
from .fields import EPOCHS, EpochNumber, LeapByte, Part, RecallByte


@shaped("leap", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Leap(Shaped):
    """Ask for what leads from an epoch to the answerer's own (R7.17), from a byte on."""

    epoch_number: EpochNumber  # where the sender is
    closed: EpochNumber  # closed proposals that it holds
    # the log of its epoch is wanted from after this commit on; None: it is not
    after: Ms | None
    offset: LeapByte

    KIND: ClassVar[int] = 16


@shaped("leapt", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Leapt(Shaped):
    """A part of the answer to a leap; `total` 0: there is none."""

    epoch_number: EpochNumber  # where it begins
    digest: Hash  # SHA-256 of the whole
    total: LeapByte  # bytes
    offset: LeapByte
    data: Part

    KIND: ClassVar[int] = 17


@shaped("recall", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Recall(Shaped):
    """Ask for closed proposals, the last ones of those wanted (R7.22), from a byte on."""

    held: EpochNumber  # wanted are those after this one …
    until: Annotated[int, Whole(1, EPOCHS)]  # … up to this one, in the order of closing
    least: Annotated[int, Whole(1, RECALL_BYTES)]  # bytes of records, unless all have fewer
    offset: RecallByte

    KIND: ClassVar[int] = 20


@shaped("recalled", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Recalled(Shaped):
    """A part of the answer to a recall; `total` 0: not all of these are here."""

    until: Annotated[int, Whole(1, EPOCHS)]  # as in the recall
    total: RecallByte  # bytes
    offset: RecallByte
    data: Part

    KIND: ClassVar[int] = 21
