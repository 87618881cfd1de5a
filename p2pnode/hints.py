"""Commands that are suggested, so that they can be copied: for the right home and community.

Standard library only: the command line imports this before anything slow.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

# Not the end of a path, as in "/var/lib/p2pnode is full".
_COMMAND = re.compile(r"(?<![\w/.-])p2pnode (?=-c |[a-z])")
_CLAUSE = re.compile(r"(; | \(| — )")
# What a clause says of commands that are typed on another machine, or by somebody else.
_ELSEWHERE = re.compile(r"\b(?:other|another) device\b|\ba device of\b|\ba member makes\b")
# Commands that are about this node, and take no community.
OF_NODE = (
    "backup",
    "communities",
    "config",
    "demo",
    "devices renew",
    "devices request",
    "doctor",
    "found",
    "init",
    "paths",
    "recover",
    "restore",
    "run",
    "use",
)
# `join` with a link has the community in that; without, -c says which join is meant.
_ABOUT_ONE = re.compile(
    rf"(?<![\w/.-])p2pnode (?=[a-z])(?!(?:{'|'.join(OF_NODE)})\b)(?!join (?!--give-up))"
)


def with_place(text: str, home: str | None = None, community: str | None = None) -> str:
    """Return `text` with the commands in it as they have to be typed for this home and community.

    What it says of another device, in the same clause, is typed there.

    Args:
        text: words, perhaps with commands in them.
        home: what --home named; None: the one that is meant without.
        community: what --community named; None: as for `home`.
    """
    if home is None and community is None:
        return text
    clauses = _CLAUSE.split(text)  # with what stands between them
    return "".join(
        one if _ELSEWHERE.search(one) else _placed(one, home, community) for one in clauses
    )


def _placed(clause: str, home: str | None, community: str | None) -> str:
    if community is not None and " -c " not in clause and " --community " not in clause:
        named = f"p2pnode -c {shlex.quote(community)} "
        clause = _ABOUT_ONE.sub(lambda _found: named, clause)
    if home is not None and "--home" not in clause:
        command = f"p2pnode --home {shlex.quote(home)} "
        clause = _COMMAND.sub(lambda _found: command, clause)
    return clause


def steps_with_place(
    steps: Sequence[str], home: str | None = None, community: str | None = None
) -> list[str]:
    """Return hints as they have to be typed for this home and community; one that ends with a
    colon is about the next, and may say that it is for elsewhere."""
    found: list[str] = []
    for at, one in enumerate(steps):
        before = steps[at - 1] if at else ""
        is_elsewhere = before.endswith(":") and _ELSEWHERE.search(before) is not None
        found.append(one if is_elsewhere else with_place(one, home, community))
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
