"""One node's protocol as parts, each with what it alone keeps; `core` says in which order they act.

`Core` is imported when it is first used: whoever wants one part's values pays for no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .core import Core as Core

__all__ = ["Core"]


def __getattr__(name: str) -> object:
    if name != "Core":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .core import Core  # noqa: PLC0415

    return Core
