"""Receipts, and the rebuild by which an epoch ended without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..agreement.rebuild import Rebuild
from ..agreement.receipts import Receipt
from ..wire.kinds import Many
from ..wire.limits import RECEIPTS_IN_MESSAGE
from ..wire.shapes import Ms, Shaped, shaped
from .fields import REBUILD, RECEIPT


@shaped("receipts", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Receipts(Shaped):
    """Receipts that are new to the sender, or that the receiver asked for (R8.3)."""

    receipts: Annotated[tuple[Annotated[Receipt, RECEIPT], ...], Many(RECEIPTS_IN_MESSAGE)]
    after: Ms | None = None  # answers the `Prove` with this number; None: unasked

    KIND: ClassVar[int] = 14


@shaped("prove", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Prove(Shaped):
    """Ask for the receipts of commits after this one; one such request in flight."""

    after: Ms

    KIND: ClassVar[int] = 15


@shaped("rebuilt", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Rebuilt(Shaped):
    """By this rebuild the sender went on from the epoch in which the receiver is (R6.15)."""

    rebuild: Annotated[Rebuild, REBUILD]

    KIND: ClassVar[int] = 18
