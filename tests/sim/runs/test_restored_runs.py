"""A device restored from its key and an older store, or none, signs nothing twice (R4.10)."""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator.families.restored import run_restored_seed
from sim.simulator.run import report_of, run_batch


def test_restored_device_signs_nothing_twice_and_goes_on(
    restored_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(restored_batch, lambda seed: report_of(run_restored_seed(seed)), record_property)
