"""Detached texts: an op names a text by its salted hash, so that the text can be erased (R2.22).

The text of a revision is a list of parts, one a paragraph or heading (R2.29). What is said later
about a part finds it by its number. The rules never look into texts, which may be erased or
missing; whoever writes a revision says which part is which (R10.32).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from ..wire import crypto
from ..wire.codec import Value
from ..wire.errors import PeerFault, UsageError
from ..wire.ids import TextId
from ..wire.kinds import Many, Whole
from ..wire.limits import OP_TEXTS, PARTS, REVISIONS, TEXT_BYTES
from ..wire.shapes import Shaped, row, shaped


@shaped("text reference")
@dataclass(frozen=True, slots=True)
class TextRef(Shaped):
    """A detached text: the salted hash stands in the op, the text beside it (erasable)."""

    id: TextId
    size: Annotated[int, Whole(0, TEXT_BYTES)]  # bytes of UTF-8, without the salt

    def fits(self, blob: bytes) -> bool:
        """Return whether a blob with this id is as long as the op says (R2.22)."""
        return len(blob) == self.size + crypto.SALT_BYTES


# The first field of every op of a practice (R2.27). What each of them is, is said behind it.
Texts = Annotated[tuple[TextRef, ...], Many(OP_TEXTS)]
_TEXTS = row("texts", tuple.__class_getitem__((Texts,)))


def texts_in(value: Value) -> tuple[TextRef, ...]:
    """Return the texts that the body of an op of a practice refers to, whatever it is (R2.27).

    One that is not as it should be has none: the log refuses it.
    """
    if not isinstance(value, list | tuple) or not value:
        return ()
    try:
        (found,) = _TEXTS.read(value[:1])
    except PeerFault:
        return ()
    texts: tuple[TextRef, ...] = found
    return texts


def make_text(salt: bytes, text: str) -> tuple[TextRef, bytes]:
    """Return the reference and the blob (salt, then UTF-8) of a detached text.

    Raises:
        PeerFault: `limit_size`; `bad_field` for half a character (a lone surrogate).
    """
    assert len(salt) == crypto.SALT_BYTES
    try:
        raw = text.encode()
    except UnicodeEncodeError as error:
        raise PeerFault("bad_field", f"the text has no UTF-8: {error}") from error
    if len(raw) > TEXT_BYTES:
        raise PeerFault("limit_size", f"a text of {len(raw)} bytes, at most {TEXT_BYTES}")
    blob = salt + raw
    return TextRef(crypto.compute_text_id(blob), len(raw)), blob


# --- parts ------------------------------------------------------------------------------------

BREAK = "\n\n"  # between two parts, as people read them


@shaped("part")
@dataclass(frozen=True, slots=True)
class Part(Shaped):
    """One paragraph or heading of a revision."""

    number: Annotated[int, Whole(1, PARTS * REVISIONS)]  # the same in each revision that keeps it
    text: TextRef


Parts = Annotated[tuple[Part, ...], Many(PARTS)]  # in reading order


def check_parts(parts: Sequence[Part], earlier: Sequence[Sequence[Part]]) -> None:
    """Refuse parts that a revision cannot have after those of earlier ones (R10.32).

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
    """Return a text as people read it, out of its parts in reading order (R2.30).

    A part that begins with a line break says by itself how it stands off from the one before.
    """
    whole = ""
    for place, text in enumerate(texts):
        whole += text if place == 0 or text.startswith("\n") else BREAK + text
    return whole
