"""Bodies that the types allow and the rules do not: what a program of the user's may submit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    InviteAction,
    NoAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import Body, Join, Propose, Revise, Vote
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.texts import TextRef, make_text
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId, WallMs

_EDGES = (0, 1, -1, 255, 256, 257, 1 << 31, 1 << 53, (1 << 53) + 1, 1 << 63, 1 << 64, 10**30)
_WORDS = ("", "a", "erin", "implementation", "individual", "x" * 81, "\ud800", "\u200b", "yes")
_TITLE, _ = make_text(b"s" * 16, "t")
_LARGE = TextRef(_TITLE.id, 1 << 20)


def odd_body(
    source: random.Random, charter: Charter, now_ms: int, proposals: Sequence[OpId]
) -> Body:
    """Return a body with one or two fields that are wrong, or only just right."""
    number: Any = source.choice(_EDGES)
    word = source.choice(_WORDS)
    proposal = source.choice(proposals) if proposals else OpId(b"?" * 32)
    action = source.choice(_actions(source, charter, now_ms, number, word))
    if isinstance(action, NoAction):
        propose = Propose(word, _TITLE, (), action, WallMs(number))
    else:
        propose = Propose("constitutional", _TITLE, (), action, WallMs(0))
    bodies: tuple[Body, ...] = (
        propose,
        propose,
        propose,
        Join(word, DeviceKey(b"i" * 32), b"s" * source.choice((0, 64, 65))),
        Revise(proposal, _TITLE, (), WallMs(number)),
        Vote(proposal, proposal, "no", _LARGE),
    )
    return source.choice(bodies)


def _actions(
    source: random.Random, charter: Charter, now_ms: int, number: int, word: str
) -> tuple[Action, ...]:
    key, soon = DeviceKey(source.randbytes(32)), WallMs(now_ms + 1_000_000)
    changes = _changes(charter)[: source.randrange(1, 60)]
    return (
        InviteAction(word, key, soon, number),
        InviteAction("erin", key, WallMs(number), 1),
        AmendAction(((word, number),)),
        AmendAction((("name", word), ("timing.delta_ms", number))),
        AmendAction((*changes, ("timing.linger_ms", 77))),
        RemoveAction(MemberId(source.randbytes(32))),
        SetAwayAction(source.choice(charter.members).id, True),
        NoAction(),
        NoAction(),
    )


def _changes(charter: Charter) -> list[tuple[str, Value]]:
    """Return a change for each field of each tier, to what it is already."""
    return [
        (f"tiers.{tier.name}.{name}", value)
        for tier in charter.tiers
        for name, value in zip(type(tier).__slots__[1:], tier.to_wire()[1:], strict=True)
    ]
