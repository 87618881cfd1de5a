"""Parts: the text of a revision, one part a paragraph or heading, in reading order (R2.27).

What is said later about a part finds it by its number. The rules never look into texts, which may
be erased or missing; whoever writes a revision says which part is which (R10.26).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from ..wire.errors import UsageError
from ..wire.kinds import Many, Whole
from ..wire.limits import PARTS, REVISIONS, TEXT_BYTES
from ..wire.shapes import Shaped, shaped
from .texts import TextRef

BREAK = "\n\n"  # between two parts, as people read them


@shaped("part")
@dataclass(frozen=True, slots=True)
class Part(Shaped):
    """One paragraph or heading of a revision."""

    number: Annotated[int, Whole(1, PARTS * REVISIONS)]  # the same in each revision that keeps it
    text: TextRef


Parts = Annotated[tuple[Part, ...], Many(PARTS)]  # in reading order


def check_parts(parts: Sequence[Part], earlier: Sequence[Sequence[Part]]) -> None:
    """Refuse parts that a revision cannot have after those of earlier ones (R10.26).

    Args:
        earlier: the parts of each revision so far, the last one being replaced.

    Raises:
        UsageError: `bad_part`; `limit_size` if they are too long together.
    """
    numbers = [one.number for one in parts]
    kept = {one.number for one in earlier[-1]} if earlier else frozenset[int]()
    highest = highest_number(earlier)
    for place, number in enumerate(numbers, 1):
        if number in kept:
            continue
        if number <= highest:
            raise UsageError(
                "bad_part",
                f"part {number}, the {place}. of the text: the revision before does not have it; "
                f"what is new in this one has numbers above {highest}",
            )
        if number > highest + PARTS:
            raise UsageError(
                "bad_part",
                f"part {number}, the {place}. of the text: no new number is above "
                f"{highest + PARTS} here",
            )
    if len(frozenset(numbers)) < len(numbers):
        twice = next(one for one in numbers if numbers.count(one) > 1)
        raise UsageError("bad_part", f"part {twice}: twice in one revision; each number once")
    size = sum(one.text.size for one in parts)
    if size > TEXT_BYTES:
        raise UsageError(
            "limit_size", f"text: {size} bytes in {len(parts)} parts, at most {TEXT_BYTES}"
        )


def highest_number(earlier: Sequence[Sequence[Part]]) -> int:
    """Return the highest number that a part has had in these revisions; 0: none has any."""
    return max((one.number for parts in earlier for one in parts), default=0)


def join(texts: Iterable[str]) -> str:
    """Return a text as people read it, out of its parts in reading order (R2.28).

    A part that begins with a line break says by itself how it stands off from the one before.
    """
    whole = ""
    for place, text in enumerate(texts):
        whole += text if place == 0 or text.startswith("\n") else BREAK + text
    return whole
