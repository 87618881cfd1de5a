"""Change one canonical value a little, and whatever is packed inside its byte strings.

A block is bytes in a list in bytes in a frame. A byte changed at random makes one of the
lengths wrong, and the outermost decoder refuses it; a field changed here, with everything
around it encoded anew, gets as far as that field's own reader.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from p2pnode_protocols.wire.codec import decode, encode
from p2pnode_protocols.wire.errors import PeerFault

_EDGES = (0, 1, 2, 255, 256, 1 << 31, 1 << 40, 1 << 53, (1 << 53) + 1, (1 << 63) - 1, (1 << 64) - 1)
_PACKINGS = 5  # bytes within bytes; a block in a frame has three


@dataclass
class Packed:
    """Bytes that are the canonical form of a list."""

    items: list[Any]


def edit(
    data: bytes, source: random.Random, mend: Callable[[Packed], None] = lambda _one: None
) -> bytes:
    """Return the canonical bytes of a value near that of `data`; `data` when it has none.

    Args:
        mend: called with each packed value, innermost first: puts right what depends on the rest.
    """
    tree = unpack(data)
    if not isinstance(tree, Packed):
        return data
    for _ in range(source.choice((1, 1, 1, 2, 3))):
        _edit_one(tree, source)
    try:
        _mend_all(tree, mend)
        changed = pack(tree)
    except (TypeError, ValueError, OverflowError):
        return data  # nested too deep, or a text that has no UTF-8
    assert isinstance(changed, bytes)
    return changed


def _mend_all(value: Any, mend: Callable[[Packed], None]) -> None:
    inner = value.items if isinstance(value, Packed) else value
    if isinstance(inner, list):
        for one in inner:
            _mend_all(one, mend)
    if isinstance(value, Packed):
        mend(value)


def unpack(data: bytes, packings: int = _PACKINGS) -> bytes | Packed:
    """Return `data`, or what it packs, with everything packed in that, when it is a list."""
    if not packings or not data or not (data[0] & 0xF0 == 0x90 or data[0] in (0xDC, 0xDD)):
        return data
    try:
        value = decode(data, len(data))
    except PeerFault:
        return data
    assert isinstance(value, list)
    return Packed([_unpack_inside(one, packings - 1) for one in value])


def _unpack_inside(value: Any, packings: int) -> Any:
    if isinstance(value, bytes):
        return unpack(value, packings)
    if isinstance(value, list):
        return [_unpack_inside(one, packings) for one in value]
    return value


def pack(value: Any) -> Any:
    """Return what `unpack` was given."""
    if isinstance(value, Packed):
        return encode([pack(one) for one in value.items])
    if isinstance(value, list):
        return [pack(one) for one in value]
    return value


def _edit_one(tree: Packed, source: random.Random) -> None:
    places = list(_places(tree.items))
    if not places:
        tree.items.append(source.randrange(256))
        return
    items, at = source.choice(places)
    how = source.randrange(8)
    if how == 0:
        del items[at]
    elif how == 1:
        items.insert(at, items[at])
    elif how == 2:
        other, there = source.choice(places)
        items[at] = other[there] if not _holds(other[there], items) else None
    elif how == 3:
        items.insert(at, source.choice((None, True, 0, b"", "", [], b"x" * 32)))
    elif how == 4:
        items[at] = source.choice((None, False, 0, b"", "", [], b"\x00" * 32))
    else:
        items[at] = _near(items[at], source)


def _places(items: list[Any]) -> Any:
    for at, one in enumerate(items):
        yield items, at
        inner = one.items if isinstance(one, Packed) else one
        if isinstance(inner, list):
            yield from _places(inner)


def _holds(value: Any, items: list[Any]) -> bool:
    """Return whether `items` is part of `value`: putting it there would tie a knot."""
    inner = value.items if isinstance(value, Packed) else value
    if not isinstance(inner, list):
        return False
    return inner is items or any(_holds(one, items) for one in inner)


def _near(value: Any, source: random.Random) -> Any:
    match value:
        case bool():
            return not value
        case int():
            if source.random() < 0.5:
                return source.choice(_EDGES)
            return max(-(1 << 63), min(value + source.choice((-1000, -1, 1, 1000)), (1 << 64) - 1))
        case bytes():
            return _near_bytes(value, source)
        case str():
            cut = source.randrange(len(value) + 1)
            added = source.choice(("", "a", ".", "\0", "\u200b", "é", "yes", "\U0001f984" * 40))
            return value[:cut] + added + value[cut + source.randrange(2) :]
        case Packed():
            inner = list(value.items)
            source.shuffle(inner)
            return Packed(inner)
        case list():
            inner = list(value)
            source.shuffle(inner)
            return inner
        case _:
            return source.choice((b"\x01" * 32, 1, "no", []))


def _near_bytes(value: bytes, source: random.Random) -> bytes:
    if not value or source.random() < 0.2:
        return value + source.randbytes(source.choice((1, 2, 32, 300)))
    at = source.randrange(len(value))
    if source.random() < 0.2:
        return value[:at]
    return value[:at] + bytes([value[at] ^ 1 << source.randrange(8)]) + value[at + 1 :]
