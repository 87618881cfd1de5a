"""Wrong usage, told to a program that asked for --json as every other failure is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer

from ..exits import Exit
from ..failures import Failure
from ..shown.terminal import Terminal

# The parser's own kinds of refusal, which have no public names but this one's.
_BadParameter: Any = typer.BadParameter
UsageError: Any = _BadParameter.__base__
_Refused: Any = UsageError.__base__


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Return whether --json is among the options, wherever; what they mean is not known yet."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


def run_for_json(app: typer.Typer, arguments: list[str]) -> None:
    """Run the command line and end the process; what the parser refuses is one document."""
    try:
        code = app(args=arguments, prog_name="p2pnode", standalone_mode=False)
    except typer.Abort:
        _fail(Failure(Exit.FAILED, "not_confirmed", "what was asked has no answer"))
    except _Refused as refused:
        asked = getattr(refused, "ctx", None)
        command = "p2pnode" if asked is None else asked.command_path
        _fail(
            Failure(
                Exit.USAGE if isinstance(refused, UsageError) else Exit.FAILED,
                "bad_usage",
                refused.format_message(),
                tries=(f"{command} --help",),
            )
        )
    sys.exit(code or Exit.DONE)


def _fail(failure: Failure) -> None:
    Terminal(as_json=True).failure(failure)
    sys.exit(failure.exit)
