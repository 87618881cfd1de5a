"""The practices that this program has, in one list (docs/practices/README.md)."""

from __future__ import annotations

from ..record.seam.in_force import Practices
from .ratings import RATINGS

PRACTICES = Practices(RATINGS)
