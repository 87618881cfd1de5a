"""Words to tell a scenario with: a calm plan, ask and answer, what a node shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from p2pnode_protocols.record.actions import Action
from p2pnode_protocols.record.bodies import Choice
from p2pnode_protocols.wire.ids import OpId

from .parts.clockwork import MS
from .parts.network import Weather
from .parts.node import SimNode, Wrap
from .parts.people import Topic
from .plan import Plan
from .world import World

Grade = Literal["unknown", "open", "provisional", "final"]
CALM = Plan(
    acts=0,
    weather=Weather(latency_us=(1 * MS, 3 * MS), jitter_us=200),
    window_ms=600_000,
)


def calm_world(
    members: int, seed: int = 1, *, wrap: dict[str, Wrap] | None = None, **changes: object
) -> World:
    """Return a started world in which nothing happens by itself, its links up."""
    plan = replace(CALM, members=members, **changes)  # type: ignore[arg-type]
    world = World(seed, plan, wrap=wrap)
    world.boot_all()
    world.run_for(5)  # dials and hellos are over
    return world


def ask(
    world: World,
    author: SimNode,
    tier: str = "tactical",
    action: Action | None = None,
    *,
    urgent: bool = False,
) -> Topic:
    """Propose at a node and run until it has acknowledged that."""
    topics: list[Topic] = []
    world.people.propose(author, tier, action, urgent=urgent, then=topics.append)
    world.run_until(lambda: bool(topics), 2, f"{author.name} acknowledges a proposal")
    return topics[0]


def answer(
    world: World,
    topic: Topic,
    voters: Iterable[SimNode],
    choice: Choice = "yes",
    *,
    urgent: bool = False,
) -> None:
    """Let these nodes vote, each as soon as it knows of the proposal."""
    for node in voters:
        assert node.core is not None
        core = node.core
        world.run_until(
            lambda core=core: core.preview.proposal(topic.id) is not None,  # type: ignore[misc]
            10,
            f"{node.name} hears of the proposal",
        )
        world.people.vote(node, topic, choice, urgent=urgent)


def grade_at(node: SimNode, proposal: OpId) -> Grade:
    """Return the grade at which a node shows a proposal."""
    assert node.core is not None
    final = node.core.state.proposal(proposal)
    if final is not None and final.outcome != "open":
        return "final"
    seen = node.core.preview.proposal(proposal)
    if seen is None:
        return "unknown"
    return "open" if seen.outcome == "open" else "provisional"


def grades(world: World, topic: Topic) -> dict[str, Grade]:
    return {node.name: grade_at(node, topic.id) for node in world.nodes if node.is_up}


def until_final(world: World, topic: Topic, seconds: float, nodes: Iterable[SimNode]) -> float:
    """Run until all these nodes show the proposal as final; return the seconds it took."""
    waiting = list(nodes)
    began_us = world.clock.now_us
    world.run_until(
        lambda: all(grade_at(node, topic.id) == "final" for node in waiting),
        seconds,
        f"a decision is final at {', '.join(node.name for node in waiting)}",
    )
    return (world.clock.now_us - began_us) / 1_000_000
