"""Communities that put a practice into force while only some have a program that has it (R6.17 f.).

Nodes get the newer program one after the other, at any time: before, while and after the community
decides. Who has it not when it comes into force stops; nobody parts; once all have it, all are one.
"""

from __future__ import annotations

from random import Random

from support.cores.garden import CORE_AND_GARDEN, OLDER

from p2pnode_protocols.record.actions import AmendAction

from ..parts.clockwork import SECOND
from ..parts.network import draw_weather
from ..parts.node import SimNode
from ..plan import Plan
from ..run import carry_out, settle
from ..world import World

FAULTS = ("kill", "partition", "blip", "break", "flap", "slow", "freeze", "suspend")
CAMPAIGNS = 4


def draw_upgraded_plan(seed: int) -> Plan:
    rng = Random(f"upgraded/{seed}")
    return Plan(
        members=rng.choice((2, 3, 4, 4, 5, 7)),
        neighbours=rng.choice((None, None, 3)),
        weather=draw_weather(rng),
        busy_ms=rng.choice((15_000, 30_000)),
        acts=rng.randint(6, 20),
        faults=rng.choice((0, 2, 5)),
        fault_kinds=tuple(rng.sample(FAULTS, 3)),
        window_ms=rng.choice((5_000, 20_000)),
        linger_ms=rng.choice((0, 1_000)),
        epoch_rounds=rng.choice((50, 1_000)),
        keep_epochs=rng.choice((None, 1, 2)),
        close_s=480,
    )


def run_upgraded_seed(seed: int) -> World:
    """Carry a plan out and check every promise; return the world at rest.

    Raises:
        BrokenPromise: naming seed, time, step and nodes.
    """
    world = World(seed, draw_upgraded_plan(seed))
    world.family = "test_upgraded_runs.py"
    carry_out(world, _go_over)
    return world


def _go_over(world: World) -> None:
    rng, busy_us = world.rng, world.plan.busy_ms * 1_000
    for node in world.nodes:
        if rng.random() < 0.3:
            node.practices = OLDER
        elif rng.random() < 0.7:
            world.clock.after(rng.randint(0, busy_us), _upgrade, world, node)
    world.boot_all()
    world.people.begin()
    world.faults.begin()
    for _ in range(CAMPAIGNS):
        world.clock.after(rng.randint(SECOND, busy_us), _campaign, world)
    world.run_for(world.plan.busy_ms / 1_000)
    for link in world.network.links:
        world.network.heal(link)
    world.run_for(rng.uniform(0, 30))
    stopped = [one for one in world.nodes if one.core is not None and one.core.ledger.lacking]
    world.promises.checked["stopped for want of a program"] += len(stopped)
    for node in list(world.nodes):
        _upgrade(world, node)
    settle(world)
    is_over = any(one.core is not None and _is_in_force(one) for one in world.nodes)
    world.promises.checked["communities that went over"] += is_over
    for node in world.nodes:
        if node.core is not None and node.core.ledger.lacking is not None:
            world.promises.fail("liveness: a node with the newer program is still stopped")


def _is_in_force(node: SimNode) -> bool:
    assert node.core is not None
    return node.core.state.epoch_charter.practices == CORE_AND_GARDEN


def _upgrade(world: World, node: SimNode) -> None:
    """Stop a node's program, and start the newer one."""
    if node.practices is OLDER or node.is_gone:
        return
    node.practices = OLDER
    if node.is_up:
        node.crash("kill")
        world.clock.after(world.rng.randint(1, 2 * SECOND), _start, node)


def _start(node: SimNode) -> None:
    if not node.is_up and not node.is_gone:
        node.boot()


def _campaign(world: World) -> None:
    ready = [one for one in world.nodes if one.is_up and one.practices is OLDER]
    if ready:
        action = AmendAction((("practices.garden", 1),))
        world.people.campaign(world.rng.choice(ready), "constitutional", action)
