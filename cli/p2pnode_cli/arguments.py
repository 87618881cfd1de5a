"""Kinds of argument that several commands take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .asked.client import Query
from .exits import Exit
from .failures import Failure
from .invocation import Invocation
from .shown.spans import show_closing
from .typed.moments import read_moment_ms


class Grade(StrEnum):
    PROVISIONAL = "provisional"
    FINAL = "final"


ProposalRef = Annotated[
    str,
    typer.Argument(metavar="ID", help="Running number, or an id of which 4 characters are enough."),
]
Wait = Annotated[
    Grade | None,
    typer.Option(
        "--wait",
        metavar="[GRADE]",
        help="Return only when it is final (or provisional); exit 7 when --timeout is over.",
        show_choices=False,
    ),
]
WaitForProof = Annotated[
    Grade | None,
    typer.Option(
        "--wait",
        metavar="",
        help="Wait until it is final and proven by enough nodes; exit 7 when --timeout is over.",
        show_choices=False,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Check it against the rules, but sign and send nothing."),
]


LARGEST = 2**63 - 1  # of the numbers that a store or a client in another language can hold


def read_whole(least: int, most: int = LARGEST) -> Callable[[str | int], int]:
    """Return what reads an option's integer: the digits 0 to 9, and nothing besides.

    `int` would take `1_0`, `+1` and the digits of every script.
    """

    def whole(text: str | int) -> int:
        digits = str(text)  # a default is a number already
        is_whole = digits.isascii() and digits.isdigit() and len(digits) <= len(str(LARGEST))
        if not is_whole or not least <= int(digits) <= most:
            raise typer.BadParameter(
                f"{digits[:40]!r} is no whole number from {least} to {most}, in the digits 0 to 9"
            )
        return int(digits)

    return whole


def fill_wait(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a bare `--wait` spelled `--wait=final`.

    The option parser knows no options with an optional value. What follows a `--` is left
    alone.
    """
    filled: list[str] = []
    for at, one in enumerate(arguments):
        if one == "--":
            return [*filled, *arguments[at:]]
        following = arguments[at + 1] if at + 1 < len(arguments) else ""
        bare = one == "--wait" and following not in set(Grade)
        filled.append(f"--wait={Grade.FINAL}" if bare else one)
    return filled


def write_query(invocation: Invocation, wait: Grade | None, dry_run: bool = False) -> Query:
    """Return the query of a request that signs something."""
    query: dict[str, str | int | bool | None] = {}
    if wait is not None:
        query |= {"wait": str(wait), "timeout": whole_seconds(invocation)}
    if dry_run:
        query["dry_run"] = True
    return query


def whole_seconds(invocation: Invocation) -> int:
    """Return --timeout as the API takes it: 1…3600."""
    return max(round(invocation.timeout_s), 1)


def read_prose(given: str | None, file: Path | None) -> str | None:
    """Return a longer text given on the command line, in a file, or (`-`) on stdin.

    Raises:
        Failure: `bad_text`, both are given or the file cannot be read.
    """
    if given is not None and file is not None:
        raise Failure(Exit.USAGE, "bad_text", "give --text or --text-file, not both")
    if file is None:
        return given
    try:
        if str(file) == "-":
            return typer.get_text_stream("stdin").read()
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(Exit.USAGE, "bad_text", f"{file} cannot be read: {error}") from None


def read_moment(option: str, given: str, now_ms: int) -> int:
    """Return the moment that an option names, ms since the Unix epoch, in the future.

    Raises:
        Failure: `bad_time`.
    """
    try:
        moment_ms = read_moment_ms(given, now_ms)
    except ValueError as error:
        raise Failure(Exit.USAGE, "bad_time", f"{option}: {error}") from None
    if moment_ms <= now_ms:
        raise Failure(
            Exit.USAGE, "bad_time", f"{option}: that was {show_closing(moment_ms, now_ms)}"
        )
    return moment_ms


def confirm(invocation: Invocation, question: str) -> None:
    """Ask on a terminal; elsewhere `--yes` must have been given.

    Raises:
        Failure: `not_confirmed`.
    """
    if invocation.options.yes:
        return
    if not typer.get_text_stream("stdin").isatty():
        raise Failure(
            Exit.USAGE,
            "not_confirmed",
            f"{question} Nobody is here to ask.",
            tries=("the same with --yes",),
        )
    if not typer.confirm(question, err=True):
        raise Failure(Exit.FAILED, "not_confirmed", "nothing was done")
