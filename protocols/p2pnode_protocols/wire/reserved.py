"""Places of an object that nothing fills yet: one value stands there, and no other is taken.

What comes later is put there without another layout, and whoever does not know it refuses it by
the name of the place, rather than misread it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .codec import Value
from .kinds import IS_LIST, Kind, Space
from .shapes import Shape


@dataclass(eq=False, repr=False)
class Reserved(Kind):
    """The one value that stands there so far: nil, an empty list, or a word."""

    value: tuple[()] | str | None

    def test(self, v: str, space: Space) -> str:
        if self.value == ():
            return f"{IS_LIST.format(v=v)} and len({v}) == 0"
        return f"{v} is None" if self.value is None else f"{v} == {self.value!r}"

    def problem(self, value: object) -> str:
        return f"{self._allowed} expected; this version knows nothing else there"

    def describe(self) -> str:
        return f"{self._allowed}; nothing else so far"

    def convert(self, v: str, space: Space, context: str) -> str:
        return "()" if self.value == () else v

    def write(self, v: str, space: Space, context: str) -> str:
        return "[]" if self.value == () else v

    @property
    def _allowed(self) -> str:
        if self.value == ():
            return "an empty list"
        return "nil" if self.value is None else f"`{self.value}`"

    def is_free(self, value: Value) -> bool:
        """Return whether a decoded value says nothing that is not known here."""
        if self.value == ():
            return isinstance(value, list | tuple) and not value
        return value is None if self.value is None else value == self.value


def find_filled(shape: Shape[Any], value: Value) -> str | None:
    """Return the name of a reserved place that is filled in a decoded object of this shape.

    None: there is none, or it is no such object at all.
    """
    if not isinstance(value, list | tuple):
        return None
    items = value if shape.tag is None else value[1:]
    if len(items) != len(shape.fields):
        return None
    for one, item in zip(shape.fields, items, strict=True):
        if isinstance(one.kind, Reserved) and not one.kind.is_free(item):
            return one.name
    return None
