"""What the API takes as a body can be stored, signed and answered with, and is read in one way."""

from __future__ import annotations

import json

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from p2pnode.api.bodies import NESTED, read_json

texts = st.text(st.characters(exclude_categories=("Cs",)))
numbers = st.integers(-(10**30), 10**30)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((depth(one) for one in inner), default=0)


@given(values, st.booleans())
def test_whatever_json_says_is_read_as_it_stands(value: object, escaped: bool) -> None:
    body = json.dumps(value, ensure_ascii=escaped).encode()
    if depth(value) <= NESTED:
        assert read_json(body) == value
    else:
        with pytest.raises(RequestValidationError):
            read_json(body)


@given(st.binary())
@example(b"[" * 100_000)
@example(b'{"":' * 60_000)
@example(b"9" * 10_000)
@example(b"\xef\xbb\xbf{}")
@example(b'"\\ud83d"')
@example(b'{"\\ud83d": 1}')
@example(b'{"a": 1, "\\u0061": 1}')
def test_bytes_of_any_kind_are_read_or_refused_in_words(body: bytes) -> None:
    problems: list[dict[str, object]] = []
    try:
        read = read_json(body)
    except RequestValidationError as refusal:
        problems.extend(refusal.errors())
        read = None
    for one in problems:
        assert one["loc"] == ("body",)
        assert str(one["msg"]).encode()  # what cannot be written, is not
    assert json.dumps(read, ensure_ascii=False).encode()


@given(st.dictionaries(texts, numbers, min_size=1), st.integers(0, NESTED - 3), st.data())
def test_name_that_stands_twice_is_refused_however_deep(
    found: dict[str, int], levels: int, data: st.DataObject
) -> None:
    pairs = [f"{json.dumps(name)}: {value}" for name, value in found.items()]
    twice = data.draw(st.sampled_from(sorted(found)))
    pairs.insert(data.draw(st.integers(0, len(pairs))), f"{json.dumps(twice)}: 0")
    body = "[" * levels + "{" + ", ".join(pairs) + "}" + "]" * levels
    with pytest.raises(RequestValidationError, match="twice"):
        read_json(body.encode())


def test_characters_beyond_sixteen_bits_are_text() -> None:
    assert read_json(b'"\\ud83e\\udd84"') == "🦄"
