"""A fuzzer of several readers: an input's first byte says which one, the rest is for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from p2pnode.errors import CODES as NODE_CODES
from p2pnode.errors import RequestError
from p2pnode_protocols.wire.errors import CODES, NotYet, ProtocolError


@dataclass(frozen=True)
class Part:
    """One reader of outside bytes.

    `read` takes any bytes; it raises a documented refusal, or returns after its own checks
    of what it read. Anything else that comes out of it is a finding.
    """

    name: str
    read: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    codes: tuple[str, ...] | None = None  # refusals it may give; None: any documented one
    is_value: bool = True  # its bytes are a canonical value, which can be changed field by field
    refusals: tuple[type[Exception], ...] = (ProtocolError, RequestError)


def expect(is_right: bool, why: object) -> None:
    """Count it as a finding unless it is right."""
    if not is_right:
        raise AssertionError(why)


def try_part(parts: Sequence[Part], data: bytes) -> None:
    if not data:
        return
    part = parts[data[0] % len(parts)]
    try:
        part.read(data[1:])
    except part.refusals as refusal:
        if isinstance(refusal, ProtocolError | RequestError):
            expect(not isinstance(refusal, NotYet), "no decoder knows what is yet to come")
            known = CODES if isinstance(refusal, ProtocolError) else NODE_CODES
            expect(refusal.code in (known if part.codes is None else part.codes), refusal)
        expect("\n" not in str(refusal), "a refusal is one line")


def seeds_of(parts: Sequence[Part]) -> Iterator[bytes]:
    for place, part in enumerate(parts):
        for seed in part.seeds():
            yield bytes([place]) + seed


def mutate_part(
    parts: Sequence[Part],
    data: bytes,
    source: random.Random,
    edit: Callable[[bytes, random.Random], bytes],
) -> bytes:
    """Return `data` with a field changed, or unchanged when its part reads no values."""
    if not data or not parts[data[0] % len(parts)].is_value:
        return data
    return data[:1] + edit(data[1:], source)
