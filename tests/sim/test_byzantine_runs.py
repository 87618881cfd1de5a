"""Communities with up to f liars keep every promise to those who do not lie.

Each seed draws who lies and how (`simulator.liars`), beside the network's and the machines' bad
luck. `python3 dev.py byzantine` runs 20,000 of them.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator.byzantine import run_byzantine_seed
from sim.simulator.run import report_of, run_batch


def test_liars_break_no_promise_to_the_honest(
    byzantine_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(byzantine_batch, lambda seed: report_of(run_byzantine_seed(seed)), record_property)
