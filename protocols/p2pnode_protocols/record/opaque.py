"""Opaque: what belongs to a practice, as bytes, until the state reads it (docs/protocol.md R2.25).

A kind with a dot in it is a practice's, before the dot, and its word, behind it. Whether a
practice is in force is for the log to say, and differs from epoch to epoch. So nobody is blamed
for such a kind, known here or not, nor for what stands in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..wire.codec import Value, decode, encode
from ..wire.errors import UsageError
from ..wire.limits import OP_BYTES
from .versions import Versions, version_of

DOT = "."


@dataclass(frozen=True, slots=True)
class Opaque:
    """What a practice's op or action says, not read yet."""

    KIND: str  # "ratings.rate"
    data: bytes  # canonical, of the list of its fields or whatever stands in its place

    @property
    def practice(self) -> str:
        """The name of the practice that it is of."""
        return self.KIND.partition(DOT)[0]

    @property
    def value(self) -> Value:
        """What it says, decoded."""
        return decode(self.data, OP_BYTES)


def refusal_of(one: Opaque, in_force: Versions) -> UsageError:
    """Return why an op or an action of a practice has no effect (R6.17).

    Args:
        in_force: by the charter with which the epoch began.
    """
    if version_of(one.practice, in_force) == 0:
        problem = f"the practice {one.practice!r} is not in force in this community"
        return UsageError("not_active", f"{one.KIND!r}: {problem}")
    return UsageError("unknown_kind", f"{one.KIND!r} is nothing that {one.practice} knows")


class OpaqueBody(Opaque):
    """The body of an op."""

    __slots__ = ()

    @classmethod
    def of(cls, kind: str, value: Value) -> OpaqueBody:
        return cls(kind, encode(value))

    def to_wire(self) -> Value:
        return self.value


class OpaqueAction(Opaque):
    """What a passed proposal does; on the wire its kind is the first of its list."""

    __slots__ = ()

    @classmethod
    def of(cls, kind: str, value: Value) -> OpaqueAction:
        """Return the action in a list that begins with its kind."""
        assert isinstance(value, list | tuple)
        return cls(kind, encode(list(value[1:])))

    def to_wire(self) -> list[Value]:
        fields = self.value
        assert isinstance(fields, list | tuple)
        return [self.KIND, *fields]
