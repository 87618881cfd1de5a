"""Canonical bytes: every value comes back, and no other bytes are taken for it: R2.1, R2.2."""

from __future__ import annotations

import msgpack
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.errors import PeerFault

LIMIT = 1 << 20
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.binary(max_size=300)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=20), max_leaves=40
)


@given(VALUES)
def test_value_comes_back(value: Value) -> None:
    assert decode(encode(value), LIMIT) == value


@given(VALUES, VALUES)
def test_different_values_have_different_bytes(one: Value, other: Value) -> None:
    same = encode(one) == encode(other)
    assert same == (repr(one) == repr(other)), "1 and True are equal in Python, not here"


@settings(max_examples=500)
@given(st.binary(max_size=60))
@example(b"\xd4\x05x")
@example(b"\x91" * 60)
def test_any_bytes_are_canonical_or_the_peers_fault(data: bytes) -> None:
    try:
        value = decode(data, LIMIT)
    except PeerFault:
        return
    assert encode(value) == data


@settings(max_examples=300)
@given(VALUES, st.data())
def test_changed_bytes_are_never_taken_for_the_same_value(
    value: Value, data: st.DataObject
) -> None:
    good = encode(value)
    place = data.draw(st.integers(0, len(good) - 1))
    changed = good[:place] + data.draw(st.binary(max_size=3)) + good[place + 1 :]
    try:
        again = decode(changed, LIMIT)
    except PeerFault:
        return
    assert (encode(again) == good) == (changed == good)


@given(st.lists(st.integers(0, 15), max_size=5))
def test_longer_forms_of_small_values_are_refused(value: list[int]) -> None:
    """Every shorter-than-needed header has longer spellings; none of them may pass."""
    wide = b"\xdd" + len(value).to_bytes(4, "big") + b"".join(bytes([one]) for one in value)
    assert msgpack.unpackb(wide) == value
    with pytest.raises(PeerFault) as caught:
        decode(wide, LIMIT)
    assert caught.value.code == "bad_encoding"
