"""A hash over all that the cores take in and cause in a seed: equal in two trees, or not.

    python3 dev.py traces honest:4 byzantine:0-9 rebuild:2 > /tmp/here

For changes that may change no behaviour: run it in both trees, and compare what it prints.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from p2pnode_protocols.core import Core
from p2pnode_protocols.steps.inputs import Input, Now
from p2pnode_protocols.steps.step import Step

from .simulator.families.byzantine import run_byzantine_seed
from .simulator.families.leaping import run_leap_seed
from .simulator.families.overrun import run_overrun_seed
from .simulator.families.practised import run_practised_seed
from .simulator.families.rebuilt import run_rebuild_seed
from .simulator.families.restored import run_restored_seed
from .simulator.families.upgraded import run_upgraded_seed
from .simulator.run import run_seed

FAMILIES: dict[str, Callable[[int], object]] = {
    "honest": run_seed,
    "byzantine": run_byzantine_seed,
    "rebuild": run_rebuild_seed,
    "restored": run_restored_seed,
    "leap": run_leap_seed,
    "overrun": run_overrun_seed,
    "upgraded": run_upgraded_seed,
    "practised": run_practised_seed,
}


class Recorder:
    """Counts the steps of all cores, and hashes what went in and what came out."""

    def __init__(self) -> None:
        self.steps = 0
        self._hash = hashlib.sha256()
        self._cores: list[Core] = []  # kept, so that no other takes the place of one

    def note(self, core: Core, event: Input, now: Now, outcome: object) -> None:
        if not any(one is core for one in self._cores):
            self._cores.append(core)
        who = next(place for place, one in enumerate(self._cores) if one is core)
        self.steps += 1
        self._hash.update(f"{who} {event!r} {now!r} {outcome!r} {core.final_index}".encode())

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()[:24]


@contextmanager
def recorded(recorder: Recorder) -> Iterator[None]:
    """Let a recorder see every step of every core in the body."""
    handle = Core.handle

    def noted(self: Core, event: Input, now: Now) -> Step:
        try:
            step = handle(self, event, now)
        except Exception as error:
            recorder.note(self, event, now, error)
            raise
        recorder.note(self, event, now, step)
        return step

    Core.handle = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        Core.handle = handle  # type: ignore[method-assign]


def trace(family: str, seed: int) -> str:
    """Return a line about one seed: how many steps, and their hash."""
    recorder = Recorder()
    with recorded(recorder):
        FAMILIES[family](seed)
    return f"{family}:{seed} {recorder.steps} {recorder.digest}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py traces", description=__doc__)
    parser.add_argument("seeds", nargs="+", metavar="FAMILY:SEED[-SEED]")
    for one in parser.parse_args(arguments).seeds:
        family, _, seeds = one.partition(":")
        first, _, last = seeds.partition("-")
        if family not in FAMILIES or not first.isdecimal() or not (last or first).isdecimal():
            parser.error(f"{one!r}: FAMILY is one of {', '.join(FAMILIES)}; SEED is a number")
        for seed in range(int(first), int(last or first) + 1):
            print(trace(family, seed), flush=True)
    return 0
