"""The words that practices add to the command line, in one list: panel, word, command."""

from __future__ import annotations

from collections.abc import Callable

from . import ratings

COMMANDS: tuple[tuple[str, str, Callable[..., None]], ...] = (
    ("Decide", "rate", ratings.rate),
    ("Decide", "ratings", ratings.ratings),
)
