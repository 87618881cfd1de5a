"""Communities in which up to f seats flood with all they have: the others pay nothing.

Each liar's node makes orphans, a dozen forks a round, or votes by the dozen; up to eight further
devices of its seat call, bring orphans and hang up, again and again. Everything promised holds,
nobody honest is blamed, and what any node holds of any seat stays within its share. The summary
prints the most that was held, and the bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from sim.simulator.families.byzantine import draw_byzantine_plan
from sim.simulator.liars import FLOODS, STRATEGIES, CallsAgain, OrphanCaller, stack
from sim.simulator.parts.node import Wrap
from sim.simulator.plan import phones_of
from sim.simulator.run import Report, carry_out, report_of, run_batch
from sim.simulator.world import World


def run_flood_seed(seed: int) -> Report:
    rng = Random(f"floods/{seed}")
    plan = draw_byzantine_plan(seed)
    lies = tuple(
        (name, (*rng.sample(sorted(FLOODS), rng.randint(1, 3)), *rng.sample(others, 1)))
        for name, others in plan.liars
    )
    phones = rng.choice((0, 2, 8) if plan.members <= 5 else (0, 1, 2))  # of each liar
    plan = replace(plan, liars=lies, phones=phones, joiners=0)
    known = {**STRATEGIES, **FLOODS, CallsAgain.__name__: CallsAgain}
    wrap: dict[str, Wrap] = {
        name: stack(*(known[lie] for lie in lying)) for name, lying in plan.liars
    }
    wrap.update({name: OrphanCaller for name, _owner, _signer in phones_of(plan)})
    world = World(seed, plan, wrap=wrap)
    world.family = "test_flood_runs.py"
    carry_out(world)
    return report_of(world)


def test_floods_break_no_promise_and_stay_within_their_shares(
    flood_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(flood_batch, run_flood_seed, record_property)
