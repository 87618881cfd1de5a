"""One of several objects: its list begins with what tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from .codec import Value
from .errors import PeerFault
from .kinds import IS_LIST, Kind, Space, Text, Whole, acceptor, expected
from .shapes import shape_of

_T = TypeVar("_T")


class Tagged(Kind, Generic[_T]):
    """One of several objects, whose lists begin with what tells them apart.

    Args:
        tag: what that is.
        unknown: returns the refusal of a tag that none of them has.
    """

    def __init__(
        self,
        what: str,
        tag: Whole | Text,
        forms: Iterable[type[_T]],
        unknown: Callable[[Any], Exception],
    ) -> None:
        self.what = what
        self._tag = tag
        self._type = int if isinstance(tag, Whole) else str
        self.shapes = {shape_of(one).tag: shape_of(one) for one in forms}
        self._unknown = unknown

    def read(self, value: Value, context: object = None) -> _T:
        """Return the object in a decoded value.

        Raises:
            PeerFault: `bad_field`; what is wrong with a part; what `unknown` gives.
        """
        if value and (type(value) is list or type(value) is tuple):
            tag = value[0]
            shape = self.shapes.get(tag) if type(tag) is self._type else None
            if shape is not None:
                return shape.read_list(value, context)
        raise self._refusal(value)

    def _refusal(self, value: Value) -> Exception:
        if not isinstance(value, list | tuple):
            return PeerFault("bad_field", f"{self.what}: {expected('a list', value)}")
        if not value:
            return PeerFault("bad_field", f"{self.what}: field 1 is missing")
        if not acceptor(self._tag)(value[0]):
            return PeerFault("bad_field", f"{self.what}, field 1: {self._tag.problem(value[0])}")
        return self._unknown(value[0])

    def test(self, v: str, space: Space) -> str:
        return IS_LIST.format(v=v)

    def problem(self, value: object) -> str:
        return expected("a list", value)

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(self.read)}({v}, {context})"

    def write(self, v: str, space: Space, context: str) -> str:
        return f"{v}.to_wire()"

    def describe(self) -> str:
        return self.what
