"""Reading the API's JSON by field and type, once, at the edge.

A `Document` is what views get instead of nested dicts. Text in it comes from other members:
`text` and `prose` make it safe to print, so that nobody's title can steer a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ..exits import Exit
from ..failures import Failure
from .spans import read_rfc3339_ms

# Control, format (bidirectional overrides, zero width), surrogate, private and unassigned.
_UNPRINTABLE = ("C",)
_JOINER = re.compile("[\u200c\u200d]")
_EDGE = re.compile("(?<![^\\s\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\\s\u200c\u200d])")


def make_printable(text: str, keep: str = "", *, keep_bytes: bool = False) -> str:
    """Return `text` with every character that could steer a terminal shown as `�`.

    ZWNJ and ZWJ within a word stay: Persian, many Indian scripts and emoji are written with them.

    Args:
        text: whatever it is.
        keep: characters that stay.
        keep_bytes: bytes of a file's name that are no UTF-8 stay, too.
    """
    plain = _JOINER.sub("", text)
    if plain.isprintable():
        return _EDGE.sub("�", text)
    return "".join(
        one
        if one in keep
        or _JOINER.match(one)
        or _is_printable(one)
        or (keep_bytes and "\udc80" <= one <= "\udcff")
        else "�"
        for one in _EDGE.sub("�", text)
    )


def _is_printable(letter: str) -> bool:
    return not unicodedata.category(letter).startswith(_UNPRINTABLE)


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON object of the API. Every reader raises `Failure` `bad_answer` on another shape."""

    raw: dict[str, object]

    def text(self, name: str) -> str:
        value = self.raw.get(name)
        if not isinstance(value, str):
            raise self._mismatch(name, "text")
        return make_printable(" ".join(value.split()))

    def maybe_text(self, name: str) -> str | None:
        return None if self.raw.get(name) is None else self.text(name)

    def prose(self, name: str) -> str | None:
        """Return a text of several lines, or None."""
        value = self.raw.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._mismatch(name, "text")
        return make_printable(value.replace("\r\n", "\n").expandtabs(4), keep="\n")

    def count(self, name: str) -> int:
        value = self.raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._mismatch(name, "a whole number")
        return value

    def maybe_count(self, name: str) -> int | None:
        return None if self.raw.get(name) is None else self.count(name)

    def flag(self, name: str) -> bool:
        value = self.raw.get(name)
        if not isinstance(value, bool):
            raise self._mismatch(name, "true or false")
        return value

    def time_ms(self, name: str) -> int | None:
        """Return a time as ms since the Unix epoch, or None where there is none."""
        value = self.raw.get(name)
        if value is None:
            return None
        try:
            return read_rfc3339_ms(str(value))
        except ValueError:
            raise self._mismatch(name, "a time") from None

    def sub(self, name: str) -> Document:
        value = self.raw.get(name)
        if not isinstance(value, dict):
            raise self._mismatch(name, "an object")
        return Document(value)

    def maybe_sub(self, name: str) -> Document | None:
        return None if self.raw.get(name) is None else self.sub(name)

    def subs(self, name: str) -> list[Document]:
        items = self._items(name)
        if not all(isinstance(item, dict) for item in items):
            raise self._mismatch(name, "a list of objects")
        return [Document(item) for item in items if isinstance(item, dict)]

    def texts(self, name: str) -> list[str]:
        return [make_printable(str(item)) for item in self._items(name)]

    def pairs(self) -> Iterator[tuple[str, object]]:
        """Yield names and values, names sorted."""
        yield from ((make_printable(name), value) for name, value in sorted(self.raw.items()))

    def _items(self, name: str) -> list[object]:
        value = self.raw.get(name)
        if not isinstance(value, list):
            raise self._mismatch(name, "a list")
        return value

    def _mismatch(self, name: str, expected: str) -> Failure:
        got = repr(self.raw.get(name, "nothing"))[:60]
        return Failure(
            Exit.FAILED,
            "bad_answer",
            f"the daemon's {self.raw.get('schema', 'answer')} has {got} as {name}, "
            f"{expected} expected",
            why="The daemon is probably of another version than this command.",
            tries=("p2pnode doctor", "stop the daemon, and start it again:", "p2pnode run"),
        )
