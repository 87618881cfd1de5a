"""Options and the summary of the simulator's random runs."""

from __future__ import annotations

import pytest
from sim.simulator.run import PROPERTY, Report

# Families of seeds, by the fixture that takes a batch of one: how many are run unless told.
# `dev.py seeds` goes on from the first two.
FAMILIES = {
    "seed_batch": 150,
    "byzantine_batch": 60,
    "overrun_batch": 50,
    "leap_batch": 20,
    "rebuild_batch": 20,
    "restored_batch": 20,
    "upgraded_batch": 30,
    "practised_batch": 20,
    "flood_batch": 40,
}
BATCHES = 40  # tests that the seeds are dealt into: enough for several workers …
BATCH = 100  # … and of so many seeds at most: a run that is broken off tells of those before


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("simulator")
    group.addoption("--sim-seed", type=int, help="replay one seed and nothing else")
    group.addoption(
        "--sim-seeds", metavar="A:B", help="seeds A to B-1 of each family instead of the first ones"
    )


def chosen_seeds(config: pytest.Config, count: int) -> range:
    """Return the seeds to run. Raises `pytest.UsageError` for a range that is none."""
    # Defaults: this file's options are unknown when pytest was started above this folder.
    one = config.getoption("--sim-seed", None)
    several = config.getoption("--sim-seeds", None)
    if one is not None:
        return range(one, one + 1)
    if several is None:
        return range(count)
    first, _, end = several.partition(":")
    if not (first.isdigit() and end.isdigit() and int(first) < int(end)):
        raise pytest.UsageError(f"--sim-seeds {several}: A:B expected, for example 0:2000")
    return range(int(first), int(end))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for family, count in FAMILIES.items():
        if family in metafunc.fixturenames:
            seeds = chosen_seeds(metafunc.config, count)
            size = min(BATCH, max(1, -(-len(seeds) // BATCHES)))
            batches = [seeds[at : at + size] for at in range(0, len(seeds), size)]
            parts = [
                pytest.param(one, id=f"{one.start}-{one.stop - 1}", marks=pytest.mark.slow)
                for one in batches
            ]
            metafunc.parametrize(family, parts)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a seed given, run that and leave the rest out."""
    if config.getoption("--sim-seed", None) is None:
        return
    chosen = [item for item in items if FAMILIES.keys() & getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    total = Report()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == PROPERTY and getattr(report, "when", "") == "call":
                    total.add(value)
    if total.runs:
        terminalreporter.section("simulated communities")
        terminalreporter.write(total.as_text())
