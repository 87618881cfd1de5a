"""What can be asked of ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...client.call import Call, write_reference
from ...client.calls.asked import Wait, ask_signed

if TYPE_CHECKING:
    from ...answers import Receipt
    from .values import Trends


def rate(
    item: str | bytes,
    *,
    on: bool = True,
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Say that a proposal matters, or take that back."""
    body = {"item": write_reference("pro", item), "on": on}
    return ask_signed("POST", ("ratings",), body, wait, timeout_s, dry_run)


def trends() -> Call[Trends]:
    """Ask for all that is rated, what matters most first."""
    return Call("GET", ("ratings",), answer=f"{__package__}.values.Trends")
