"""The command line that all benchmarks share: alone they print a table, for `all` they save it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from . import machine
from .figures import Found, Missing, Point, save
from .table import HEAD, as_text, measured_rows, short


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a benchmark does: `quick` shows that it works, its figures mean nothing."""

    quick: bool

    def __call__(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def run(about: str | None, measure: Callable[[Effort], Iterable[Found]]) -> None:
    """Measure and report, as the command line asks; exit with 1 when something was not measured.

    Args:
        about: the benchmark's docstring.
        measure: yields what it finds, as soon as it has it.
    """
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few samples: does it run at all?")
    parser.add_argument("--save", type=Path, help="write what was found to this file")
    chosen = parser.parse_args()
    found: list[Found] = []
    for one in measure(Effort(chosen.quick)):
        found.append(one)
        if chosen.save is not None:
            save(chosen.save, found)  # at once: what comes later may fail
    if chosen.save is None:
        print(f"load average {machine.load_average()}\n")
        print(as_text(HEAD, measured_rows(found)))
        for point in found:
            if isinstance(point, Point):
                print(f"{point.plot}, {point.curve}: {short(point.x)} → {short(point.y)}")
    sys.exit(any(isinstance(one, Missing) for one in found))
