"""Versions: which practices there are, and in which version (docs/protocol.md R2.24).

A charter lists those in force, a seat those that its node's program supports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from ..wire.kinds import Many, Text, Whole
from ..wire.limits import PRACTICES
from ..wire.shapes import BY_KEY, Check, Row

CORE = "core"  # all kinds without a dot, the kinds of question, charter, record and link
CORE_VERSION = 1
VERSIONS_MOST = 9_999
NAME_CHARS = 32

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def is_practice_name(name: str) -> bool:
    """Return whether a practice can be called so."""
    return len(name) <= NAME_CHARS and _NAME.fullmatch(name) is not None


NAME_WORDS = f"a name is a small letter, then small letters, digits and _, {NAME_CHARS} at most"
NAMED = Check(lambda rows: all(is_practice_name(name) for name, _ in rows), NAME_WORDS)

Versions = tuple[tuple[str, int], ...]
CORE_ALONE: Versions = ((CORE, CORE_VERSION),)
SaidVersions = Annotated[
    tuple[
        Annotated[
            tuple[Annotated[str, Text(NAME_CHARS)], Annotated[int, Whole(1, VERSIONS_MOST)]],
            Row("practice"),
        ],
        ...,
    ],
    Many(PRACTICES),
    BY_KEY,
    NAMED,
]


def version_of(name: str, versions: Versions) -> int:
    """Return the version of a practice in a list; 0: it is not in it."""
    return dict(versions).get(name, 0)


def find_lacking(wanted: Versions, had: Mapping[str, int]) -> tuple[str, int] | None:
    """Return the first practice, and its version, that is wanted and not had; None: all are."""
    return next((one for one in wanted if had.get(one[0], 0) < one[1]), None)
