"""Thousands of communities, each with its own bad luck, keep every promise.

Each seed draws a plan (`simulator.plan`), carries it out, heals everything, and is
checked while it runs and at the end (`simulator.promises`, `simulator.ending`).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sim.simulator.promises import BrokenPromise
from sim.simulator.run import PROPERTY, Report, report_of, run_seed

SHOWN = 3  # failures told per batch: one bug breaks many seeds


def test_every_seed_keeps_all_promises(
    seed_batch: range, record_property: Callable[[str, object], None]
) -> None:
    total, broken = Report(), []
    for seed in seed_batch:
        try:
            world = run_seed(seed)
        except BrokenPromise as promise:
            broken.append(str(promise))
            if len(broken) == SHOWN:
                break
        else:
            total.add(report_of(world).as_dict())
    record_property(PROPERTY, total.as_dict())
    if broken:
        pytest.fail("\n\n".join(broken), pytrace=False)
