"""Communities that use what practices add, among people who lie about it.

People say what the kits of the practices draw (tests/practices/NAME/kit.py), on top of all that
they do anyway; liars sign what the kits lie, beside their other lies. Times are set to the
least, so time alone changes records while faults happen.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from practices.kit import kit_of

from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.steps.step import Step

from ..liars import Restless
from ..parts.clockwork import MS
from ..parts.node import SimNode
from ..plan import Plan
from ..run import carry_out, run_plan
from ..world import World
from .byzantine import draw_byzantine_plan, make_byzantine_world

CLOSE_S = 1_500  # when voting ends, and with it the run: the kits' times are over before
ACTS = (10, 40)
NAMES = tuple(sorted({one.name for one in PRACTICES}))


class OddRecords(Restless):
    """Signs what no practice takes, what is not there, and what it has said already."""

    EVERY_MS = 1_000

    def act(self, step: Step) -> Step:
        state, member = self.core.state, self.core.member
        if member is None:
            return step
        kit = kit_of(self.rng.choice(NAMES))
        bodies = [kit.lie(self.rng, state, member) for _ in range(self.rng.randint(1, 3))]
        return self.to_all(step, [Push(ops=tuple(self.sign_ops(*bodies)))])


def draw_practised_plan(seed: int) -> Plan:
    """Return a plan with liars every other time."""
    plan = draw_byzantine_plan(seed)
    liars: tuple[tuple[str, tuple[str, ...]], ...] = ()
    if Random(f"practised/{seed}").random() < 0.5:
        liars = tuple((name, (*lies, OddRecords.__name__)) for name, lies in plan.liars)
    return replace(
        plan,
        liars=liars,
        phones=plan.phones if liars else 0,
        close_s=CLOSE_S,
        practices=PRACTICES,
        settings=tuple((name, said) for name in NAMES if (said := kit_of(name).settings)),
    )


def run_practised_seed(seed: int) -> World:
    """Carry a plan out and check every promise; return the world at rest.

    Raises:
        BrokenPromise: naming seed, time, step and nodes.
    """
    plan = draw_practised_plan(seed)
    world = make_byzantine_world(seed, plan, more={OddRecords.__name__: OddRecords})
    world.family = "test_practised_runs.py"
    rng = Random(f"practised people/{seed}")
    for _ in range(rng.randint(*ACTS)):
        world.clock.after(rng.randint(0, plan.busy_ms) * MS, _act, world, rng)
    carry_out(world, run_plan)
    return world


def _act(world: World, rng: Random) -> None:
    nodes = [one for one in world.nodes if one.is_up and one.is_honest]
    if nodes:
        _say(world, rng, rng.choice(nodes))


def _say(world: World, rng: Random, node: SimNode) -> None:
    core = node.core
    if core is None or core.member is None:
        return
    body = kit_of(rng.choice(NAMES)).draw(rng, core.state, core.member)
    world.promises.checked[f"people said {body.KIND}"] += 1
    world.people.say(node, body, urgent=rng.random() < 0.4)
