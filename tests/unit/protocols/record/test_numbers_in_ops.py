"""Every number in every op: what no reader of an op takes, is refused before it is signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast, get_args

import pytest
from support.cores.town import Town, key_of

from p2pnode_protocols.record.actions import (
    AmendAction,
    CoreAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Body,
    Join,
    Note,
    Propose,
    Revise,
    Supports,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.texts import Part, TextRef
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId, TextId, WallMs

BEYOND = (2**63, 2**64, 10**400, -1, -(2**63), -(2**63) - 1)
ID = bytes(32)
SIGNATURE = bytes(64)
TEXT = TextRef(TextId(ID), 20)
ACTIONS: tuple[CoreAction, ...] = (
    NoAction(),
    InviteAction("Bo", DeviceKey(ID), WallMs(1), 1),
    RemoveAction(MemberId(ID)),
    SetAwayAction(MemberId(ID), True),
    RekeyAction(MemberId(ID), DeviceKey(ID), SIGNATURE),
    EraseAction((TextId(ID),)),
    AmendAction((("timing.delta_ms", 50),)),
)
BODIES: tuple[Body, ...] = (
    *(
        Propose("constitutional", TEXT, (Part(1, TEXT), Part(2, TEXT)), action, WallMs(0))
        for action in ACTIONS
    ),
    Revise(OpId(ID), TEXT, (Part(1, TEXT),), WallMs(0)),
    Withdraw(OpId(ID), TEXT),
    Vote(OpId(ID), OpId(ID), "yes", TEXT),
    Join("Bo", DeviceKey(ID), SIGNATURE),
    AddDevice(DeviceKey(ID), SIGNATURE),
    Supports((("core", 1), ("garden", 1))),
    Note("org.example", b""),
)


def with_odd_numbers(value: Any) -> Iterator[Any]:
    """Yield copies of a value in each of which one number is odd, however deep it lies."""
    if type(value) is int:
        yield from BEYOND
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            for odd in with_odd_numbers(inner):
                yield (*value[:place], odd, *value[place + 1 :])
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            for odd in with_odd_numbers(getattr(value, field.name)):
                yield replace(value, **{field.name: odd})


ODD = [(body, odd) for body in BODIES for odd in with_odd_numbers(body)]


def test_every_action_and_every_body_with_a_number_is_tried() -> None:
    assert {type(one) for one in ACTIONS} == set(get_args(CoreAction))
    tried = {type(body) for body, _ in ODD}
    assert tried == {Propose, Revise, Withdraw, Vote, Supports}
    with_numbers = {cast(Propose, body).action.KIND for body, _ in ODD if type(body) is Propose}
    assert with_numbers == {one.KIND for one in ACTIONS}


@pytest.mark.parametrize(
    ("body", "odd"), ODD, ids=[f"{body.KIND} {place}" for place, (body, _) in enumerate(ODD)]
)
def test_number_beyond_what_a_reader_takes_is_refused(body: Body, odd: Body) -> None:
    town = Town(3)
    with pytest.raises(UsageError) as refused:
        town.preview().check(town.id_of("alice"), key_of("alice"), odd)
    assert refused.value.code in ("bad_field", "bad_charter")
    assert len(refused.value.detail) < 600
