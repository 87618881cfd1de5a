"""Places that nothing fills yet take the one value that stands there (R8.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import pytest

from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import OpId
from p2pnode_protocols.wire.reserved import Reserved, find_filled
from p2pnode_protocols.wire.shapes import Shaped, shape_of, shaped


@shaped("minute", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Minute(Shaped):
    KIND: ClassVar[int] = 2
    id: OpId
    topic: Annotated[tuple[()], Reserved(())] = ()
    cause: Annotated[None, Reserved(None)] = None
    question: Annotated[Literal["yesno"], Reserved("yesno")] = "yesno"


ID = OpId(bytes(32))
EMPTY: list[Value] = [2, ID, [], None, "yesno"]


def test_a_place_is_written_and_read_as_what_stands_there() -> None:
    assert Minute(ID).to_wire() == EMPTY
    assert Minute.read(EMPTY) == Minute(ID)
    assert find_filled(shape_of(Minute), EMPTY) is None


@pytest.mark.parametrize(
    ("place", "name", "values"),
    [
        (2, "topic", (None, [None], [[]], "", b"", 0, False)),
        (3, "cause", ([], "", b"", 0, False, "yesno")),
        (4, "question", (None, [], "", "ranked", b"yesno", 1, ["yesno"])),
    ],
)
def test_anything_else_is_refused_and_the_place_is_named(
    place: int, name: str, values: tuple[Value, ...]
) -> None:
    for value in values:
        filled = [*EMPTY[:place], value, *EMPTY[place + 1 :]]
        with pytest.raises(PeerFault, match=f"minute, field {place + 1}: .* knows nothing else"):
            Minute.read(filled)
        assert find_filled(shape_of(Minute), filled) == name


@pytest.mark.parametrize("value", [None, b"", 2, [], [2, ID], [*EMPTY, 1]])
def test_what_is_no_such_object_has_no_place_that_is_filled(value: Value) -> None:
    assert find_filled(shape_of(Minute), value) is None
