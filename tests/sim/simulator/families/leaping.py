"""Communities in which somebody is away for several epochs while the others forget their blocks.

Who comes back has to leap, and liars among those it asks answer falsely, or take for ever.
"""

from __future__ import annotations

from random import Random

from p2pnode_protocols.wire.limits import LINKS_BYTES, PULL_BYTES

from ..ending import newest_core
from ..liars import MISLEADING, STRATEGIES, stack
from ..parts.clockwork import MS, SECOND
from ..parts.network import Weather
from ..parts.node import SimNode
from ..plan import NAMES, Plan
from ..run import carry_out, settle
from ..world import World
from .byzantine import draw_liars

SIZES = (4, 4, 4, 5, 7)
KEPT = 2  # epochs
AWAY = 3  # epochs at least, if the others get so far …
AWAY_S = 120  # … in this time
EVERY_MS = 200  # somebody says something
BACK_S = 30


def draw_leap_plan(seed: int) -> Plan:
    """Return the plan of a seed: one to f liars, at least one of whom misleads who is behind."""
    rng = Random(f"leaps/{seed}")
    members = rng.choice(SIZES)
    liars = []
    for name, lies in draw_liars(rng, members, rng.randint(1, (members - 1) // 3)):
        misleading = rng.choice(sorted(MISLEADING))
        liars.append((name, (*lies[: rng.randint(0, 2)], misleading)))
    return Plan(
        members=members,
        weather=Weather(
            latency_us=rng.choice(((1 * MS, 3 * MS), (1 * MS, 30 * MS))),
            jitter_us=rng.choice((200, 5 * MS)),
        ),
        busy_ms=4_000,
        acts=rng.randint(2, 6),
        faults=rng.choice((0, 0, 2)),
        fault_kinds=("blip", "break", "slow", "kill"),
        window_ms=5_000,
        linger_ms=0,
        epoch_rounds=50,
        keep_epochs=KEPT,
        close_s=480,
        liars=tuple(liars),
        shrinks=0,
        majority=True,
        pull_bytes=rng.choice((1_000, 4_000, PULL_BYTES)),
        links_bytes=rng.choice((1, 2_000, LINKS_BYTES)),
    )


def run_leap_seed(seed: int) -> World:
    """Carry a plan out and check every promise; return the world at rest.

    Raises:
        BrokenPromise: naming seed, time, step and nodes.
    """
    plan = draw_leap_plan(seed)
    known = {**STRATEGIES, **MISLEADING}
    wrap = {name: stack(*(known[lie] for lie in lies)) for name, lies in plan.liars}
    world = World(seed, plan, wrap=wrap)
    world.family = "test_leaps_among_liars.py"
    carry_out(world, _run)
    return world


def _run(world: World) -> None:
    rng = Random(f"leaps/{world.seed}/away")
    world.boot_all()
    world.people.begin()
    world.faults.begin()
    world.clock.run_until(world.plan.busy_ms * MS)
    lying = {name for name, _ in world.plan.liars}
    honest = [world.node(name) for name in NAMES[: world.plan.members] if name not in lying]
    for _ in range(rng.choice((1, 1, 2))):
        _leave_behind(world, rng.choice(honest), is_stopped=rng.random() < 0.5)
        world.run_for(BACK_S)
    settle(world)


def _leave_behind(world: World, node: SimNode, *, is_stopped: bool) -> None:
    """Take a node away until the others are some epochs further."""
    links = world.network.links_of(node)
    for link in links:
        world.network.cut(link)
    if is_stopped:
        node.crash("power")
    goal = newest_core(world).epoch.number + AWAY
    until_us = world.clock.now_us + AWAY_S * SECOND
    while newest_core(world).epoch.number < goal and world.clock.now_us < until_us:
        others = [one for one in world.nodes if one.is_honest and one.is_up and one is not node]
        world.people.propose(world.rng.choice(others), "individual", urgent=True)
        world.clock.run_until(world.clock.now_us + EVERY_MS * MS)
    for link in links:
        world.network.heal(link)
    world.faults.restart(node)
