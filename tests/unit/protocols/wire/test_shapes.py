"""What every shape keeps: it takes what it writes, and refuses the rest in the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from support.shapes import all_shapes, context_of, example, examples, read

from p2pnode_protocols.messages.greeting import Hello, Refused
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Away
from p2pnode_protocols.record.certificates.faults import FAULTS, CertificateFault
from p2pnode_protocols.record.seats.roster import Roster
from p2pnode_protocols.record.snapshot import SavedState
from p2pnode_protocols.record.turn.nonces import SavedNonces
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.errors import CODES, BugError, PeerFault
from p2pnode_protocols.wire.ids import MemberId
from p2pnode_protocols.wire.kinds import (
    Blob,
    Exact,
    Flag,
    Kind,
    Many,
    Maybe,
    Numbered,
    Text,
    TextOrWhole,
    Whole,
    Word,
    acceptor,
    show_number,
)
from p2pnode_protocols.wire.shapes import (
    ASCENDING,
    UNSAID,
    Name,
    Shape,
    Shaped,
    Unsaid,
    Within,
    kind_of,
    shaped,
)

MOST = 1 << 26
WRONG: list[Value] = [
    None, True, False, 0, -1, 1 << 60, b"", b"x" * 31, b"x" * 32, b"x" * 64, b"x" * 20_000, "",
    "yes", "x" * 300, [], [None], [[]], [7, 7], [b"x" * 32, b"x" * 32], ["a", 1, b"b"],
]  # fmt: skip
# Not always written as they were read: words in the former lose what acts unseen (R7.25), and the
# latter hold mappings, in which a key stands once; whoever reads a snapshot compares the whole.
LOSSY = (Hello, Refused, Roster, SavedState, SavedNonces)
SHAPES = pytest.mark.parametrize(
    "shape", all_shapes(), ids=lambda one: f"{one.form.__module__.rpartition('.')[2]}.{one.what}"
)


def attempt(shape: Shape[Any], wire: Value) -> str:
    """Return "read", or the code of the refusal; what was read is what is written."""
    try:
        one = read(shape, decode(encode(wire), MOST))
    except (PeerFault, CertificateFault) as fault:
        return fault.code if fault.detail else "no words"
    if shape.form not in LOSSY:
        assert encode(written(shape, one, wire)) == encode(wire)
    return "read"


def written(shape: Shape[Any], one: object, wire: Value) -> Value:
    fields = shape.write(one, context_of(shape))
    assert isinstance(wire, list)
    return [*wire[: len(wire) - len(fields)], *fields]  # a ballot's place is the reader's


def test_there_are_examples_of_every_shape() -> None:
    assert len(all_shapes()) > 70
    for shape, wire in examples():
        assert attempt(shape, wire) == "read", shape.what


@SHAPES
def test_list_of_another_length_is_refused(shape: Shape[Any]) -> None:
    for size in (0, 1):
        wire = example(shape, size)
        count = len(wire)
        with pytest.raises(PeerFault, match=rf"{count + 1} fields, {count} expected"):
            read(shape, [*wire, 0])
        for least in range(count - len(shape.fields), count):
            with pytest.raises(PeerFault, match=rf"field {least + 1} is missing") as caught:
                read(shape, wire[:least])
            assert caught.value.code == "bad_field"


@SHAPES
def test_any_value_in_a_field_is_that_field_or_refused(shape: Shape[Any]) -> None:
    for size in (0, 1):
        wire = example(shape, size)
        for place in range(len(wire) - len(shape.fields), len(wire)):
            found = {attempt(shape, [*wire[:place], value, *wire[place + 1 :]]) for value in WRONG}
            assert found - {"read"}, "anything passes for it"
            assert found - {"read"} <= {*CODES, *FAULTS}


@SHAPES
def test_what_is_no_list_is_refused(shape: Shape[Any]) -> None:
    for value in (None, 7, b"", "text"):
        with pytest.raises(PeerFault, match=f"{shape.what}: .* expected, .* found"):
            read(shape, value)


# --- kinds ------------------------------------------------------------------------------------

KINDS: list[tuple[Kind, list[Value], dict[str, Value]]] = [
    (Flag(), [True, False], {"true or false expected, a whole number found": 0}),
    (
        Whole(1, 5),
        [1, 5],
        {
            "0 is not in 1…5": 0,
            "6 is not in 1…5": 6,
            "a whole number expected, true or false found": True,
            "a whole number expected, a text found": "1",
        },
    ),
    (
        Text(2),
        ["", "éé"],
        {"3 characters, at most 2": "abc", "a text expected, a byte string found": b"a"},
    ),
    (
        Blob(2),
        [b"", b"ab"],
        {"3 bytes, at most 2": b"abc", "a byte string expected, a text found": "a"},
    ),
    (
        Exact(2),
        [b"ab"],
        {"1 bytes, exactly 2 expected": b"a", "a byte string expected, nothing found": None},
    ),
    (
        Word(("yes", "no")),
        ["yes", "no"],
        {
            "'aside' is not one of yes, no": "aside",
            "81 characters, at most 80": "x" * 81,
            "a text expected, a list found": [],
        },
    ),
    (Numbered(("yes", "no")), [0, 1], {"2 is not in 0…1": 2}),
    (Maybe(Whole(1, 5)), [None, 3], {"6 is not in 1…5": 6}),
    (
        Many(2, Maybe(Exact(2))),
        [[], [b"ab", None]],
        {
            "3 items, at most 2": [None] * 3,
            "item 2: 1 bytes, exactly 2 expected": [None, b"a"],
            "a list expected, a text found": "ab",
        },
    ),
    (
        TextOrWhole(Text(2), Whole(1, 5)),
        ["ab", 5],
        {
            "6 is not in 1…5": 6,
            "a whole number expected, true or false found": True,
            "3 characters, at most 2": "abc",
            "a text expected, nothing found": None,
        },
    ),
]


@pytest.mark.parametrize(("kind", "good", "bad"), KINDS, ids=lambda one: type(one).__name__)
def test_kind_takes_what_it_says_and_says_what_is_wrong(
    kind: Kind, good: list[Value], bad: dict[str, Value]
) -> None:
    takes = acceptor(kind)
    assert all(takes(value) for value in good)
    for words, value in bad.items():
        assert not takes(value)
        assert kind.problem(value) == words
    assert kind.describe()


def test_a_type_without_a_kind_is_our_mistake() -> None:
    with pytest.raises(BugError, match="kind is not said"):
        kind_of(int)


# --- what stands beside a kind ----------------------------------------------------------------


@shaped("inner", limit=100)
@dataclass(frozen=True, slots=True)
class Inner(Shaped):
    name: Name
    heard: Annotated[object, Unsaid("context")]


@shaped("outer", limit=200)
@dataclass(frozen=True, slots=True)
class Outer(Shaped):
    id: Annotated[bytes, UNSAID]
    members: Annotated[tuple[MemberId, ...], Many(5), ASCENDING]
    inner: Annotated[Inner, Within("members")]
    of: Annotated[str, Unsaid("inner.name")]


ONE, TWO = MemberId(b"1" * 32), MemberId(b"2" * 32)


def test_fields_that_are_not_on_the_wire_come_from_where_they_say() -> None:
    outer = Outer.read([[ONE, TWO], ["ana"]], id=b"i")
    assert outer == Outer(b"i", (ONE, TWO), Inner("ana", (ONE, TWO)), "ana")
    assert outer.to_wire() == [(ONE, TWO), ["ana"]]
    assert Inner.from_bytes(encode(["bo"]), 7) == Inner("bo", 7)


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        ([[TWO, ONE], ["ana"]], "outer, field 1: sorted, none twice"),
        ([[ONE, ONE], ["ana"]], "outer, field 1: sorted, none twice"),
        ([[ONE], []], "inner: field 1 is missing"),
        ([[ONE], [7]], "inner, field 1: a text expected, a whole number found"),
        ([[ONE]], "outer: field 2 is missing"),
        ([[7], ["ana"], 1], "outer, field 1: item 1: a byte string expected"),
        ([[ONE], ["ana"], 1], "outer: 3 fields, 2 expected"),
    ],
)
def test_the_first_thing_that_is_wrong_is_said(wire: Value, words: str) -> None:
    with pytest.raises(PeerFault) as caught:
        Outer.read(wire, id=b"i")
    assert caught.value.code == "bad_field"
    assert caught.value.detail.startswith(words)


def test_what_is_tagged_begins_with_its_kind_and_bodies_do_not() -> None:
    assert NoAction().to_wire() == ["none"]
    assert Away().to_wire() == []


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (1000, "1 000"), (65_536, "65 536"), (1 << 31, "2³¹"), ((1 << 53) + 1, "9 007")],
)
def test_bounds_are_shown_as_people_read_them(number: int, shown: str) -> None:
    assert show_number(number).startswith(shown)
