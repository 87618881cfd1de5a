"""Communities with up to f liars keep every promise to those who do not lie.

Each seed draws who lies and how (`simulator.liars`), beside the network's and the machines' bad
luck. `python3 dev.py byzantine` runs 20,000 of them.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator.families.byzantine import run_byzantine_seed
from sim.simulator.run import report_of, run_batch

# Each showed a bug, by the rule of its day.
FOUND = (1143, 1316, 3109, 4205, 5064, 5879, 7028, 9438, 9455, 10718, 11010, 13154, 13687, 16415)


def test_seeds_that_showed_a_bug_do_so_no_more(
    record_property: Callable[[str, object], None],
) -> None:
    run_batch(FOUND, lambda seed: report_of(run_byzantine_seed(seed)), record_property)


def test_liars_break_no_promise_to_the_honest(
    byzantine_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(byzantine_batch, lambda seed: report_of(run_byzantine_seed(seed)), record_property)
