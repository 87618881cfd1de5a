"""`python3 dev.py soak [--hours 24] [--seed 1]`: nine laptops in virtual time, and a table."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..simulator.promises import BrokenPromise
from .days import Days, live, median, percentile
from .growth import Weight, bytes_per_decision, weigh

KIB = 1024


def main(arguments: Sequence[str]) -> int:
    """Return 0 when every promise held, 1 when one did not."""
    parser = argparse.ArgumentParser(prog="dev.py soak", description=__doc__)
    parser.add_argument("--hours", type=int, default=24, help="in which people ask questions")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    began_s = time.process_time()
    try:
        days = live(options.hours, options.seed, lambda line: print(line, file=sys.stderr))
    except BrokenPromise as broken:
        print(broken, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        weights = weigh(days, Path(folder) / "store.db")
    print(as_text(days, weights))
    print(f"\n{time.process_time() - began_s:.0f} s of CPU")
    return 0


def as_text(days: Days, weights: Sequence[Weight]) -> str:
    """Return the figures as they stand in docs/partitions.md."""
    outcomes = days.world.promises.outcomes
    first, last = weights[0], weights[-1]
    lines = [
        f"{days.hours} h, seed {days.world.seed}: {len(days.world.people.topics)} questions, all "
        f"{len(outcomes)} decided: {_counted(outcomes.values())}",
        f"a quorum was awake {days.quorum_share:.0%} of the time",
        f"from saying something to the log: median {_duration(median(days.waited_s))}, most "
        f"{_duration(days.waited_s[-1])}; of that while one's laptop and a quorum were awake: "
        f"99 % within {_duration(percentile(days.waited_awake_s, 0.99))}, "
        f"most {_duration(days.waited_awake_s[-1])}",
        f"from asking to the outcome: median {_duration(median(days.decided_s))}, most "
        f"{_duration(days.decided_s[-1])}",
        "",
        "| hour | ops final | decided | blocks | file | blocks | commits | rest of content |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in weights:
        content = one.content_bytes
        rest = sum(content.values()) - content["blocks"] - content["commits"]
        lines.append(
            f"| {one.hour} | {one.ops} | {one.decided} | {one.rows['blocks']} "
            f"| {_kib(one.file_bytes)} | {_kib(content['blocks'])} | {_kib(content['commits'])} "
            f"| {_kib(rest)} |"
        )
    lines += [
        "",
        f"from hour {first.hour} to {last.hour} the store grew by "
        f"{_kib(round(bytes_per_decision(weights)))} for each decision, "
        f"{_kib((last.file_bytes - first.file_bytes) // max(1, last.ops - first.ops))} for each op",
    ]
    return "\n".join(lines)


def _counted(outcomes: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(outcomes).items()))


def _kib(size_bytes: int) -> str:
    return f"{size_bytes / KIB:.0f} KiB"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
