"""One way to write each value: what decoding refuses, by hand-made bytes (R2.1, R2.2)."""

from __future__ import annotations

from collections.abc import Callable

import msgpack
import pytest

from p2pnode_protocols.wire.codec import Fields, Value, decode, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.limits import DECODE_DEPTH


def nested(depth: int) -> Value:
    value: Value = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",  # never used by msgpack
        b"\xcc\x05",  # 5 in two bytes
        b"\xcd\x00\xff",  # 255 in three bytes
        b"\xd0\x05",  # 5 as a signed byte
        b"\xd9\x01a",  # "a" with a length byte
        b"\xc5\x00\x01a",  # one byte of bytes with a long length
        b"\xdc\x00\x01\x05",  # a list of one with a long length
        b"\xca\x00\x00\x00\x00",  # a float
        b"\xcb" + bytes(8),  # a double
        b"\x80",  # a map
        b"\x81\xa1a\x01",
        b"\xd4\x05x",  # an extension type
        b"\x91\xc7\x03\x05xyz",  # … inside a list
        b"\xd6\xff" + bytes(4),  # a timestamp
        b"\xa1\xff",  # not UTF-8
        b"\xa3\xed\xa0\x80",  # a surrogate
        b"\x05\x05",  # something after it
        b"\x92\x05",  # cut off
        b"\xdd\xff\xff\xff\xff",  # a list of four billion
        b"\xc6\xff\xff\xff\xff",  # four billion bytes
        b"\x91" * 500 + b"\x90",  # deeper than any parser's stack should go
    ],
)
def test_bytes_that_encode_would_not_write_are_refused(data: bytes) -> None:
    with pytest.raises(PeerFault) as caught:
        decode(data, 1024)
    assert caught.value.code == "bad_encoding"


@pytest.mark.parametrize("value", [1.5, {"a": 1}, {1}, object(), msgpack.ExtType(5, b"x")])
def test_values_without_a_canonical_form_are_not_written(value: Value) -> None:
    with pytest.raises(TypeError):
        encode([value])


def test_size_is_checked_before_anything_is_decoded() -> None:
    assert decode(encode(b"x" * 10), 12) == b"x" * 10
    with pytest.raises(PeerFault) as caught:
        decode(encode(b"x" * 10), 11)
    assert caught.value.code == "limit_size"


def test_nesting_is_bounded_on_both_sides() -> None:
    assert decode(encode(nested(DECODE_DEPTH)), 100) == nested(DECODE_DEPTH)
    with pytest.raises(TypeError):
        encode(nested(DECODE_DEPTH + 1))
    with pytest.raises(PeerFault):
        decode(msgpack.packb(nested(DECODE_DEPTH + 1)), 100)


def test_tuple_is_written_as_a_list() -> None:
    assert decode(encode((1, (b"x", "y"), None)), 100) == [1, [b"x", "y"], None]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (True, lambda f: f.integer(0, 1)),
        (1, lambda f: f.flag()),
        (5, lambda f: f.integer(0, 4)),
        (-1, lambda f: f.integer(0, 4)),
        ("abc", lambda f: f.text(2)),
        (b"abc", lambda f: f.text(9)),
        (b"abc", lambda f: f.blob(2)),
        (b"abc", lambda f: f.exact(4)),
        (b"abc", lambda f: f.hash()),
        (b"abc", lambda f: f.maybe_hash()),
        ([1, 2], lambda f: f.items(1)),
        (b"ab", lambda f: f.items(9)),
        (None, lambda f: f.integer(0, 1)),
    ],
)
def test_field_of_wrong_type_or_bounds_is_refused_by_place(
    value: Value, read: Callable[[Fields], object]
) -> None:
    with pytest.raises(PeerFault, match="thing, field 1: ") as caught:
        read(Fields([value], "thing"))
    assert caught.value.code == "bad_field"


def test_fields_are_read_in_order_to_the_end() -> None:
    fields = Fields([7, True, "x", b"y", b"z" * 32, None, [1]], "thing")
    assert (fields.integer(0, 9), fields.flag(), fields.text(1)) == (7, True, "x")
    assert (fields.blob(1), fields.maybe_hash(), fields.maybe_hash()) == (b"y", b"z" * 32, None)
    with pytest.raises(PeerFault, match="7 fields, 6 expected"):
        fields.end()
    assert fields.items(1) == [1]
    fields.end()
    with pytest.raises(PeerFault, match="field 8 is missing"):
        fields.any()
    with pytest.raises(PeerFault):
        fields.maybe_hash()


def test_fields_of_something_else_than_a_list_are_refused() -> None:
    with pytest.raises(PeerFault, match="a list expected, nothing found"):
        Fields(None, "thing")
