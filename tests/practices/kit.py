"""What tests have to know of a practice: each has a kit in tests/practices/NAME/kit.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from p2pnode_protocols.record.bodies import Body
from p2pnode_protocols.record.opaque import OpaqueAction, OpaqueBody
from p2pnode_protocols.record.seam.in_force import Practices
from p2pnode_protocols.record.seam.practice import said_of
from p2pnode_protocols.record.state import State
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.ids import MemberId, OpId
from p2pnode_protocols.wire.shapes import Shaped

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Place:
    """Where people find a kind of op: its command, its route, and what answers as JSON."""

    command: tuple[str, ...]  # "rate"
    method: str
    route: str  # below /api/v1/communities/{community}
    answer: str  # the name of the answer in the OpenAPI document


Asking = Callable[..., Awaitable[Any]]


async def ask_nothing(_good: Asking, _proposal: str) -> None:
    """For what has no routes: it is in no program."""


@dataclass(frozen=True, slots=True)
class Kit:
    practices: Practices  # its versions, and what they need
    # Kind of op or action -> bodies as a program could sign them.
    examples: Mapping[str, tuple[Shaped, ...]]
    # Something that people could say now; most of it makes sense.
    draw: Callable[[Random, State, MemberId], Body]
    # Something that nobody honest says, but a liar signs.
    lie: Callable[[Random, State, MemberId], Body]
    vectors: Callable[[], dict[str, list[dict[str, Any]]]]  # name of a part -> its cases
    # Asks every route of it once and gets a good answer. It is given what asks (method, target
    # below the community, body), and a proposal.
    ask: Callable[[Asking, str], Awaitable[None]] = ask_nothing
    # Under these its times are over within a simulated run of half an hour.
    settings: tuple[tuple[str, int], ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)  # kind of op -> …


def kit_of(name: str) -> Kit:
    kit: Kit = import_module(f"practices.{name}.kit").KIT
    return kit


def say(body: Shaped) -> OpaqueBody:
    """Return a body to be signed: its class says its kind."""
    return said_of(body.KIND, body)  # type: ignore[attr-defined]


def do(body: Shaped) -> OpaqueAction:
    """Return an action of a practice: its class says its kind."""
    return OpaqueAction(body.KIND, encode(body.to_wire()))  # type: ignore[attr-defined]


def draw_item(rng: Random, state: State) -> OpId:
    """Return the id of something that is there, or of nothing."""
    there = [*state.proposal_ids]
    for practice in state.in_force:
        if practice.has_items:
            there += [OpId(one.key) for one in state.records(practice.name)]
    if not there or rng.random() < 0.1:
        return OpId(rng.randbytes(32))
    return rng.choice(there)


def draw_odd(rng: Random, kinds: list[str]) -> OpaqueBody:
    """Return what a kind of op does not take, or a kind that there is not."""
    odd: list[Value] = [None, [], [[]], [[], [], []], [[[b"t" * 32, 7]], 7], 7, ["x", b"y"]]
    kind = rng.choice([*kinds, f"{kinds[0]}s"])
    return OpaqueBody(kind, encode(rng.choice(odd)))
