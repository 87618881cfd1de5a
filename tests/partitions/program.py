"""`python3 dev.py partitions [SCENARIO…]`: run them on real nodes and print a table."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import clocks, lab
from .scenarios import SCENARIOS, TITLES, Figures, Stage
from .town import NAMES
from .watching import TooLate

CANNOT = 3  # exit code: this machine lacks something
FOLDER = "p2pn"  # what the names of temporary directories begin with


@dataclass(frozen=True)
class Result:
    name: str
    figures: Figures | None  # None: it failed
    index: int
    root: str
    problems: Sequence[str]


def main(arguments: Sequence[str]) -> int:
    """Return 0 when every scenario passed, 1 when one did not, 3 when none can run here."""
    parser = argparse.ArgumentParser(prog="dev.py partitions", description=__doc__)
    parser.add_argument("scenario", nargs="*", choices=[[], *SCENARIOS], metavar="SCENARIO")
    parser.add_argument("--seed", type=int, default=1, help="of what the network does and when")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once; they mostly wait")
    options = parser.parse_args(arguments)
    chosen = options.scenario or list(SCENARIOS)
    missing = lab.find_missing() + (clocks.find_missing() if "clocks" in chosen else [])
    if missing:
        print("the scenarios cannot run here:", *missing, sep="\n  ", file=sys.stderr)
        return CANNOT
    lab.remove_stale()
    signal.signal(signal.SIGTERM, _give_up)
    signal.signal(signal.SIGINT, _give_up)
    began_s = time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        # The longest first, so that none runs alone at the end.
        running = {
            name: pool.submit(run, name, options.seed) for name in SCENARIOS if name in chosen
        }
        results = [one.result() for one in running.values()]
    print(as_table(results))
    print(f"\n{len(results)} scenarios in {time.monotonic() - began_s:.0f} s", flush=True)
    failed = [one.name for one in results if one.problems]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _give_up(number: int, _: object) -> None:
    """End the nodes and remove the labs at once, whatever the scenarios' threads wait for."""
    lab.remove_all(os.getpid())
    for folder in Path("/tmp").glob(f"{FOLDER}{os.getpid()}-*"):
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(128 + number)


def run(name: str, seed: int) -> Result:
    """Run one scenario with a lab and a community of its own, and clean up after it."""
    began_s = time.monotonic()
    print(f"{name} begins: {TITLES[name]}", file=sys.stderr, flush=True)
    index, root = 0, ""
    figures: Figures | None = None
    problems: list[str] = []
    # Short: the path is part of the sockets' names, of which 104 bytes are allowed.
    with (
        tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-", dir="/tmp") as folder,
        ExitStack() as stack,
    ):
        made = stack.enter_context(lab.Lab(NAMES))
        stage = Stage(made, Path(folder), random.Random(f"{name}/{seed}"), stack)
        try:
            figures = SCENARIOS[name](stage)
            assert stage.town is not None
            index, root = stage.town.check_agreement()
        except (AssertionError, TooLate) as error:
            problems.append(f"{type(error).__name__}: {error}")
        if stage.town is not None:
            problems += stage.town.watcher.problems
            if problems:
                print(stage.town.logs(), file=sys.stderr)
    for problem in problems:
        print(f"{name}: {problem}", file=sys.stderr)
    took_s = time.monotonic() - began_s
    print(f"{name} ends after {took_s:.0f} s", file=sys.stderr, flush=True)
    return Result(name, figures, index, root, problems)


def as_table(results: Sequence[Result]) -> str:
    """Return the figures as a Markdown table, as it stands in docs/partitions.md."""
    lines = [
        "| trouble | lasted | final meanwhile | all agree after | commits, root | |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    for one in results:
        figures = one.figures
        if figures is None or one.problems:
            lines.append(f"| {TITLES[one.name]} | | | | | FAILED |")
            continue
        after = "–" if figures.healing_s is None else f"{figures.healing_s:.1f} s"
        lines.append(
            f"| {TITLES[one.name]} | {figures.trouble_s:.0f} s | {figures.meanwhile} | {after} "
            f"| {one.index}, {one.root[:8]}… | {figures.note} |"
        )
    return "\n".join(lines)
