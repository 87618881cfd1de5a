"""Thousands of communities, each with its own bad luck, keep every promise.

Each seed draws a plan (`simulator.plan`), carries it out, heals everything, and is
checked while it runs and at the end (`simulator.promises`, `simulator.ending`).
"""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator.run import report_of, run_batch, run_seed


def test_every_seed_keeps_all_promises(
    seed_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(seed_batch, lambda seed: report_of(run_seed(seed)), record_property)
