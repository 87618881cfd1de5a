"""Commands that are suggested, so that they can be copied: with the home that they are for.

Standard library only: the command line imports this before anything slow.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

# Not the end of a path, as in "/var/lib/p2pnode is full".
_COMMAND = re.compile(r"(?<![\w/.-])p2pnode (?=[a-z])")
_CLAUSE = re.compile(r"(; | \(| — )")
# What a clause says of commands that are typed on another machine, or by somebody else.
_ELSEWHERE = re.compile(r"\b(?:other|another) device\b|\ba device of\b|\ba member makes\b")


def with_home(text: str, home: str | None) -> str:
    """Return `text` with the commands in it as they have to be typed for this home.

    What it says of another device, in the same clause, is typed there.

    Args:
        text: words, perhaps with commands in them.
        home: what --home named; None: the one that is meant without.
    """
    if home is None:
        return text
    command = f"p2pnode --home {shlex.quote(home)} "
    clauses = _CLAUSE.split(text)  # with what stands between them
    return "".join(
        one
        if "--home" in one or _ELSEWHERE.search(one)
        else _COMMAND.sub(lambda _found: command, one)
        for one in clauses
    )


def steps_with_home(steps: Sequence[str], home: str | None) -> list[str]:
    """Return hints as they have to be typed for this home; one that ends with a colon is about
    the next, and may say that it is for elsewhere."""
    found: list[str] = []
    for at, one in enumerate(steps):
        before = steps[at - 1] if at else ""
        is_elsewhere = before.endswith(":") and _ELSEWHERE.search(before) is not None
        found.append(one if is_elsewhere else with_home(one, home))
    return found


def joined_steps(steps: Sequence[str]) -> list[str]:
    """Return hints as lines: a sentence that ends with a colon in front of what it is about."""
    lines: list[str] = []
    is_open = False
    for one in steps:
        if is_open:
            lines[-1] += f" {one}"
        else:
            lines.append(one)
        is_open = one.endswith(":")
    return lines
