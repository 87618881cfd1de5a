"""What practices keep is the same at all nodes, whoever lies about it (R6.21, R10.26)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sim.simulator.families.practised import NAMES, run_practised_seed
from sim.simulator.run import report_of, run_batch


def test_what_practices_keep_is_the_same_at_all_nodes(
    practised_batch: range, record_property: Callable[[str, object], None]
) -> None:
    run_batch(practised_batch, lambda seed: report_of(run_practised_seed(seed)), record_property)


def test_people_use_every_practice() -> None:
    said: Counter[str] = Counter()
    for seed in range(3):
        said += run_practised_seed(seed).promises.checked
    for name in NAMES:
        assert any(one.startswith(f"people said {name}.") for one in said)
