"""Paths of charter settings, as people type them: what is misspelt is told what it may mean."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.wire.errors import UsageError

from ...answers.overview import amendable_paths


def check_paths(charter: Charter, paths: Iterable[str]) -> None:
    """Refuse a path that is none and looks like one; what looks like none, the rules refuse.

    Here and not in the rules: nobody's machine compares what liars misspell.

    Raises:
        UsageError: `bad_charter`.
    """
    known = amendable_paths(charter)
    for path in paths:
        near = None if path in known else find_near(path, known)
        if near is not None:
            raise UsageError("bad_charter", f"{path} is no setting; did you mean {near}?")


def find_near(path: str, known: Iterable[str]) -> str | None:
    """Return the path that is meant by a misspelt one; None: none is near enough, or several are.

    Each part is compared for itself: `tiers.royal.floor` means no other tier.
    """
    ends = [one for one in known if one.endswith(f".{path}")]
    if len(ends) == 1:  # the first words were left out
        return ends[0]
    parts = path.split(".")
    left = [one for each in known if len(one := each.split(".")) == len(parts)]
    for place, part in enumerate(parts):
        there = {one[place] for one in left}
        near = [part] if part in there else get_close_matches(part, sorted(there), 1)
        if not near:
            return None
        left = [one for one in left if one[place] == near[0]]
    return ".".join(left[0]) if left else None
