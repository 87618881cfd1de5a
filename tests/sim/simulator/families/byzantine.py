"""Communities with liars in them: what a seed of this family means, and how to run it.

At most f members lie at any time, whatever seats come and go: the plan lets no more seats leave
the committee than n ≥ 3 · liars + 1 allows. So everything promised must hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from p2pnode_protocols.wire.limits import EPOCH_OPS, PULL_BYTES

from ..liars import STRATEGIES, CallsAgain, Liar, stack
from ..parts.clockwork import MS
from ..parts.network import Weather
from ..plan import ALL_FAULTS, NAMES, Plan, phones_of
from ..run import carry_out
from ..world import World

SIZES = (*(4,) * 14, 5, 6, 7, 7, 7, 10)  # the smallest is the quickest, and has all there is
MOST_STRATEGIES = 4  # of one liar
CALLS_AGAIN = CallsAgain.__name__


def draw_byzantine_plan(seed: int) -> Plan:
    """Return the plan of a seed: small, short, and with one to f liars."""
    return _draw_callers(seed, _draw_liars_plan(seed))


def _draw_callers(seed: int, plan: Plan) -> Plan:
    """Give some plans liars with several devices, strangers, and pulls that take many answers."""
    rng = Random(f"callers/{seed}")
    phones = rng.choice((0,) * 9 + (1, 1, 1, 2, 2, 3)) if plan.members < 10 else 0
    liars = tuple(
        (name, (*lies, CALLS_AGAIN) if phones and rng.random() < 0.6 else lies)
        for name, lies in plan.liars
    )
    return replace(
        plan,
        liars=liars,
        phones=phones,
        strangers=rng.choice((0,) * 9 + (12,)),
        pull_bytes=rng.choice((PULL_BYTES, PULL_BYTES, 10_000)),
    )


def _draw_liars_plan(seed: int) -> Plan:
    rng = Random(f"byzantine/{seed}")
    members = rng.choice(SIZES)
    most = (members - 1) // 3
    count = rng.randint(1, most)
    structural = rng.choice((0.0, 0.0, 0.3, 0.6))
    return Plan(
        members=members,
        joiners=rng.randint(0, 2) if structural and members <= 7 else 0,
        neighbours=rng.choice((None, None, None, 2, 3)),
        weather=Weather(
            latency_us=rng.choice(((1 * MS, 3 * MS), (1 * MS, 30 * MS), (20 * MS, 200 * MS))),
            jitter_us=rng.choice((200, 5 * MS, 40 * MS)),
            duplicates=rng.choice((0.0, 0.0, 0.1)),
            on_wire=rng.random() < 0.05,
        ),
        busy_ms=rng.choice((2_000, 4_000, 8_000)),
        acts=rng.randint(2, 7),
        faults=rng.choice((0, 0, 2, 5)),
        fault_kinds=tuple(rng.sample(ALL_FAULTS, rng.randint(1, 4))),
        structural=structural,
        skewed=rng.choice((0, most - count)),
        window_ms=rng.choice((5_000, 20_000, 40_000)),
        min_open_ms=rng.choice((0, 0, 0, 2_000)),
        delta_ms=rng.choice((20, 40, 200)),
        delta_max_ms=rng.choice((1_000, 5_000)),
        linger_ms=rng.choice((0, 0, 2_000)),
        epoch_rounds=rng.choice((50, 1_000)),
        close_s=480,
        liars=draw_liars(rng, members, count),
        shrinks=members - (3 * count + 1),
        majority=rng.random() < 0.8,
        epoch_ops=rng.choice((10, EPOCH_OPS, EPOCH_OPS)),
    )


def draw_liars(rng: Random, members: int, count: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return who lies and how; each strategy is as likely as any other."""
    known = sorted(STRATEGIES)
    return tuple(
        (NAMES[place], tuple(rng.sample(known, rng.randint(1, MOST_STRATEGIES))))
        for place in sorted(rng.sample(range(members), count))
    )


def make_byzantine_world(
    seed: int,
    plan: Plan | None = None,
    *,
    keep_trace: bool = False,
    more: Mapping[str, type[Liar]] | None = None,
) -> World:
    """Args: `more`: strategies that the plan names besides."""
    plan = draw_byzantine_plan(seed) if plan is None else plan
    known = {**STRATEGIES, CALLS_AGAIN: CallsAgain, **(more or {})}
    wrap = {name: stack(*(known[lie] for lie in lies)) for name, lies in plan.liars}
    lies_of = dict(plan.liars)
    for name, owner, _ in phones_of(plan):
        lies = [lie for lie in lies_of[owner] if lie != CALLS_AGAIN]
        wrap[name] = stack(*(known[lie] for lie in lies), CallsAgain)
    world = World(seed, plan, wrap=wrap, keep_trace=keep_trace)
    world.family = "test_byzantine_runs.py"
    return world


def run_byzantine_seed(
    seed: int, plan: Plan | None = None, *, only: tuple[str, ...] | None = None
) -> World:
    """Carry a plan with liars out and check every promise; return the world at rest.

    Args:
        only: let the liars use these strategies and no other.

    Raises:
        BrokenPromise: naming seed, time, step and nodes.
    """
    plan = draw_byzantine_plan(seed) if plan is None else plan
    if only is not None:
        plan = replace(plan, liars=tuple((name, only) for name, _ in plan.liars))
    world = make_byzantine_world(seed, plan)
    carry_out(world)
    return world
