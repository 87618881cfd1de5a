"""What members say: that something matters to them, or does no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...record.texts import Texts
from ...wire.shapes import Hash, Shaped, shaped


@shaped("rating")
@dataclass(frozen=True, slots=True)
class Rate(Shaped):
    """Say that an item matters, or take that back."""

    KIND: ClassVar[str] = "ratings.rate"
    texts: Texts  # none
    item: Hash  # its id
    is_on: bool
