"""Survivors of a lost quorum rebuild, agree, and go on; who comes later follows when asked to."""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator.families.rebuilt import run_rebuild_seed
from sim.simulator.run import report_of, run_batch


def test_survivors_of_a_lost_quorum_go_on_with_one_log(
    rebuild_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(rebuild_batch, lambda seed: report_of(run_rebuild_seed(seed)), record_property)
