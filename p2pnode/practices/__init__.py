"""What the practices of the one list have at the node: a room for each, under the same name.

A room holds `values` (what is answered), `calls` (what a client can ask), `verbs` (what is done)
and `routes` (how one gets at it over HTTP); docs/practices/README.md says more of each. Nobody
below knows which rooms there are: whoever serves the API is given their routes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter


def names() -> tuple[str, ...]:
    """Return the names of all rooms, in order."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__)))


def routes() -> Iterator[tuple[str, Callable[[APIRouter], None]]]:
    """Yield each practice's name, and what adds its routes below the path of a community."""
    for name in names():
        yield name, import_module(f"{__name__}.{name}.routes").add_routes
