"""With f + 1 liars agreement may break: honest nodes notice it, with both roots, and live on."""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator.families.overrun import report_of_overrun, run_overrun_seed
from sim.simulator.run import run_batch

FOUND = (113,)  # a leap led from one log to the other, over what was final, and nobody noticed


def test_seeds_that_showed_a_bug_do_so_no_more(
    record_property: Callable[[str, object], None],
) -> None:
    run_batch(FOUND, lambda seed: report_of_overrun(run_overrun_seed(seed)), record_property)


def test_too_many_liars_are_noticed_and_crash_nobody(
    overrun_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(
        overrun_batch, lambda seed: report_of_overrun(run_overrun_seed(seed)), record_property
    )


def test_a_conspiracy_of_f_plus_one_does_part_the_honest() -> None:
    """Else the test above would look at nothing."""
    assert any(report_of_overrun(run_overrun_seed(seed)).diverged for seed in range(5))
