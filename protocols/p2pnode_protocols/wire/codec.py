"""The one canonical encoding: msgpack, one way to write each value.

Nothing else in the project imports msgpack. Allowed values are None, bool, int
(−2⁶³ … 2⁶⁴−1), bytes, str (UTF-8) and lists of these. Objects are lists in field
order: no maps, no floats, no extension types (docs/protocol.md R2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, Union, cast

import msgpack

from .errors import PeerFault
from .limits import DECODE_DEPTH

# A recursive alias cannot be spelled with |.
Value = Union[None, bool, int, bytes, str, Sequence["Value"]]  # noqa: UP007

_SCALARS = frozenset({type(None), bool, int, bytes, str})

_T = TypeVar("_T", bool, int, bytes, str)


def encode(value: Value) -> bytes:
    """Return the canonical bytes of `value`.

    Raises:
        TypeError: a float, map or other value that has no canonical form.
    """
    _check((value,), DECODE_DEPTH)
    packed: bytes = msgpack.packb(value, use_bin_type=True)
    return packed


def _check(items: Sequence[object], depth: int) -> None:
    for item in items:
        if type(item) in _SCALARS:  # most are: no call for each
            continue
        # Exact types: msgpack's own ExtType is a tuple, and would come back as an extension.
        if type(item) is list or type(item) is tuple:
            if depth == 0:
                raise TypeError(f"nested deeper than {DECODE_DEPTH} levels")
            _check(item, depth - 1)
        else:
            raise TypeError(f"{type(item).__name__} has no canonical encoding")


def decode(data: bytes, limit: int, *, lists: int | None = None) -> Value:
    """Return the value whose canonical bytes are `data` (R2.2).

    Args:
        data: the whole object, nothing before or after it.
        limit: most bytes allowed.
        lists: most lists allowed in it, and most items of each; None: as many as it has bytes.
            Decoded, a list takes sixty-four times its one byte; where one is too many, no more
            is decoded.

    Raises:
        PeerFault: `limit_size` when longer than `limit`, `bad_encoding` for anything
            `encode` would not have written, and for more than `lists`.
    """
    if len(data) > limit:
        raise PeerFault("limit_size", f"{len(data)} bytes, at most {limit}")
    count, most = (None, -1) if lists is None else (_Count(lists), lists)
    try:
        unpacked = msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            use_list=True,
            list_hook=count,
            max_array_len=most,
        )
        value = cast(Value, unpacked)
        same: bool = encode(value) == data
    except Exception as error:
        # msgpack raises ValueError subclasses, UnicodeDecodeError, StackError, MemoryError-free
        # length errors and more; to a reader of frames they are one thing.
        raise PeerFault("bad_encoding", f"not canonical msgpack: {error}") from error
    if not same:
        raise PeerFault("bad_encoding", "not the shortest form of its value")
    return value


def unpack(data: bytes) -> Any:
    """Return the value of bytes that `decode` has read once and something has vouched for since.

    That they are canonical is not looked at again: that takes twice as long as the rest.

    Raises:
        PeerFault: `bad_encoding` for what is no msgpack at all.
    """
    try:
        return msgpack.unpackb(data)
    except Exception as error:  # as in `decode`
        raise PeerFault("bad_encoding", f"not msgpack: {error}") from error


class _Count:
    """Called for each list that is decoded: at most so many."""

    __slots__ = ("_left",)

    def __init__(self, most: int) -> None:
        self._left = most

    def __call__(self, one: list[Value]) -> list[Value]:
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many lists")
        return one


def list_header(count: int) -> bytes:
    """Return how a list of so many items begins."""
    header: bytes = msgpack.Packer().pack_array_header(count)
    return header


class Scroll:
    """Read a long encoded list item by item: what is not asked for is not decoded.

    Decoded, bytes of a stranger's choice take sixty-four times their length (a list in a list is
    one byte). So who reads much of what nobody has vouched for yet takes it in pieces, and checks
    each before the next.

    Raises:
        PeerFault: `bad_encoding`; `bad_field` for an item of another kind; `limit_size`.
    """

    def __init__(self, data: bytes, most: int, what: str) -> None:
        if len(data) > most:
            raise PeerFault("limit_size", f"{what}: {len(data)} bytes, at most {most}")
        self._data = data
        self._what = what
        self._unpacker = msgpack.Unpacker(max_buffer_size=max(1, len(data)))
        self._unpacker.feed(data)

    def items(self, most: int) -> int:
        """Go into the list that comes next; return how many items it has."""
        start = self._unpacker.tell()
        try:
            count: int = self._unpacker.read_array_header()
        except Exception as error:  # as in `decode`
            raise PeerFault("bad_field", f"{self._what}: a list expected") from error
        if count > most:
            raise PeerFault("bad_field", f"{self._what}: {count} items, at most {most}")
        if self._data[start : self._unpacker.tell()] != list_header(count):
            raise PeerFault("bad_encoding", "not the shortest form of its value")
        return count

    def raw(self, most: int) -> bytes:
        """Return the bytes of the next item, not decoded."""
        start = self._unpacker.tell()
        try:
            self._unpacker.skip()
        except Exception as error:
            raise PeerFault("bad_encoding", f"{self._what}: not msgpack: {error}") from error
        end = self._unpacker.tell()
        if end - start > most:
            raise PeerFault("limit_size", f"{self._what}: {end - start} bytes, at most {most}")
        return self._data[start:end]

    def value(self, most: int) -> Value:
        """Return the next item, decoded."""
        return decode(self.raw(most), most)

    def blob(self, most: int) -> bytes:
        """Return the next item, bytes."""
        raw = self.raw(most + _BLOB_HEADER)
        length = _BLOB_HEADERS.get(raw[0])
        if length is None:  # it is not decoded to see what else it is
            raise PeerFault("bad_field", f"{self._what}: bytes expected")
        value = raw[length:]
        if encode(value) != raw:
            raise PeerFault("bad_encoding", "not the shortest form of its value")
        return value

    def nil(self) -> None:
        """Pass over nil."""
        if self.raw(1) != _NIL:
            raise PeerFault("bad_field", f"{self._what}: nil expected")

    def maybe_blob(self, most: int) -> bytes | None:
        """Return the next item, bytes or nil."""
        if self._data[self.place : self.place + 1] == _NIL:
            self.nil()
            return None
        return self.blob(most)

    @property
    def place(self) -> int:
        """How many bytes have been read."""
        place: int = self._unpacker.tell()
        return place

    def end(self) -> None:
        """Refuse what comes after the last item."""
        if self.place != len(self._data):
            raise PeerFault("bad_encoding", f"{self._what}: something comes after it")


_NIL = b"\xc0"
_BLOB_HEADERS = {0xC4: 2, 0xC5: 3, 0xC6: 5}  # how bytes begin, and how long that is
_BLOB_HEADER = 5


class Fields:
    """Read the fields of one decoded list in order, with types and bounds checked.

    >>> fields = Fields(["alice", 3], "member")
    >>> fields.text(80), fields.integer(0, 10)
    ('alice', 3)
    >>> fields.end()

    Raises:
        PeerFault: `bad_field`, naming the object, the field's place and what is allowed.
    """

    __slots__ = ("_at", "_items", "_what")

    def __init__(self, value: Value, what: str) -> None:
        self._what = what
        self._at = 0
        if not isinstance(value, (list, tuple)):
            raise PeerFault("bad_field", f"{what}: a list expected, {_name(value)} found")
        self._items: Sequence[Value] = value

    def fail(self, problem: str) -> PeerFault:
        return PeerFault("bad_field", f"{self._what}, field {self._at}: {problem}")

    def _lack(self) -> PeerFault:
        return PeerFault("bad_field", f"{self._what}: field {self._at + 1} is missing")

    def any(self) -> Value:
        if self._at >= len(self._items):
            raise self._lack()
        self._at += 1
        return self._items[self._at - 1]

    def _typed(self, kind: type[_T]) -> _T:
        at = self._at
        if at >= len(self._items):
            raise self._lack()
        self._at = at + 1
        value = self._items[at]
        if type(value) is not kind:  # bool is an int: exact
            raise self.fail(f"{_KINDS[kind]} expected, {_name(value)} found")
        return value

    def integer(self, low: int, high: int) -> int:
        value = self._typed(int)
        if not low <= value <= high:
            raise self.fail(f"{value} is not in {low}…{high}")
        return value

    def flag(self) -> bool:
        return self._typed(bool)

    def text(self, chars: int) -> str:
        value = self._typed(str)
        if len(value) > chars:
            raise self.fail(f"{len(value)} characters, at most {chars}")
        return value

    def blob(self, most: int) -> bytes:
        value = self._typed(bytes)
        if len(value) > most:
            raise self.fail(f"{len(value)} bytes, at most {most}")
        return value

    def exact(self, length: int) -> bytes:
        value = self._typed(bytes)
        if len(value) != length:
            raise self.fail(f"{len(value)} bytes, exactly {length} expected")
        return value

    def hash(self) -> bytes:
        return self.exact(32)

    def maybe_hash(self) -> bytes | None:
        if self._at < len(self._items) and self._items[self._at] is None:
            self._at += 1
            return None
        return self.hash()

    def maybe_integer(self, low: int, high: int) -> int | None:
        if self._at < len(self._items) and self._items[self._at] is None:
            self._at += 1
            return None
        return self.integer(low, high)

    def items(self, most: int) -> Sequence[Value]:
        value = self.any()
        if not isinstance(value, (list, tuple)):
            raise self.fail(f"list expected, {_name(value)} found")
        if len(value) > most:
            raise self.fail(f"{len(value)} items, at most {most}")
        return value

    def end(self) -> None:
        if self._at != len(self._items):
            raise PeerFault(
                "bad_field", f"{self._what}: {len(self._items)} fields, {self._at} expected"
            )


_KINDS: dict[type, str] = {
    int: "a whole number",
    str: "a text",
    bytes: "a byte string",
    bool: "true or false",
    list: "a list",
}


def _name(value: object) -> str:
    return "nothing" if value is None else _KINDS.get(type(value), type(value).__name__)
