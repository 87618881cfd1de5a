"""The words that practices add to the command line: a module for each, under the same name.

It has `COMMANDS`, each with its panel of the help and its word. Nobody else knows which modules
there are.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module

Commands = tuple[tuple[str, str, Callable[..., None]], ...]


def names() -> tuple[str, ...]:
    """Return the names of all modules, in order."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__)))


def commands() -> Iterator[tuple[str, str, Callable[..., None]]]:
    """Yield panel, word and command, by practice."""
    for name in names():
        yield from import_module(f"{__name__}.{name}").COMMANDS
