"""A community goes over to a newer program one node after the other, and never parts (R6.20)."""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator.families.upgraded import run_upgraded_seed
from sim.simulator.run import report_of, run_batch


def test_a_community_goes_over_to_a_newer_program_and_nobody_parts(
    upgraded_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(upgraded_batch, lambda seed: report_of(run_upgraded_seed(seed)), record_property)


def test_some_of_them_stop_and_some_communities_go_over() -> None:
    counted = [run_upgraded_seed(seed).promises.checked for seed in range(12)]
    assert sum(one["communities that went over"] for one in counted) >= 4
    assert sum(one["stopped for want of a program"] for one in counted) >= 2
