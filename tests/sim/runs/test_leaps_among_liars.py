"""Who was away for epochs of which nobody has the blocks any more leaps, whoever lies to it."""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator.families.leaping import run_leap_seed
from sim.simulator.run import report_of, run_batch

TAKEN_OVER = "agreement: states that leaps led to"


def test_leaps_among_liars_break_no_promise(
    leap_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(leap_batch, lambda seed: report_of(run_leap_seed(seed)), record_property)


def test_who_was_away_does_leap_in_these_runs() -> None:
    """Else the test above would look at nothing."""
    assert any(report_of(run_leap_seed(seed)).checked[TAKEN_OVER] for seed in range(3))
