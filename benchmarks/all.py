"""Every benchmark in one run and one table, p2pnode next to its peers.

    python3 dev.py bench all [--quick]

Each benchmark runs in a process of its own, one after the other. A full run takes a quarter of an
hour on two cores, should have the machine for itself, and, if nothing is missing, writes what
was measured into docs/performance.md, with plots. `--quick` shows that all of it runs, with
figures that mean nothing, and writes nothing. What could not be measured is in the table, with
the reason, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from measuring import machine
from measuring.figures import Found, Missing, load
from measuring.plots import draw
from measuring.table import (
    HEAD,
    REACH_HEAD,
    Reach,
    as_markdown,
    as_text,
    measured_rows,
    reach_rows,
)

BENCHMARKS = (
    "finality",
    "floor",
    "delays",
    "peer_etcd",
    "peer_pysyncobj",
    "throughput",
    "history",
    "proposals",
    "epoch",
    "steps",
    "gossip",
    "idle",
    "communities",
)
LONGEST_S = 600  # of one benchmark: something hangs
ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "performance"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"

FINAL, FLOOD = "finality, on all nodes", "many at once"
DELAYS = "delays from a vote to its finality, on all nodes"
SILENCE = "the same after an hour's silence, on all nodes"
MORE = "idle host, five more than one"
LONG = "114 176 ops"  # the long history of history.py
REACHES = (
    Reach("finality, 4 nodes: × the floor", FINAL, 4, 1.5, most=True, against="floor"),
    Reach("finality, 7 nodes: × the floor", FINAL, 7, 1.5, most=True, against="floor"),
    Reach("finality, 16 nodes: × the floor", FINAL, 16, 1.5, most=True, against="floor"),
    Reach("finality, 4 nodes: × PySyncObj as it comes", FINAL, 4, 0.2, True, "PySyncObj"),
    Reach("many at once, 4 nodes: × etcd", FLOOD, 4, 0.7, most=False, against="etcd"),
    Reach("delays to finality, 16 nodes", DELAYS, 16, 4, most=True),
    Reach("delays to finality after an hour's silence, 16 nodes", SILENCE, 16, 4, most=True),
    Reach("catch-up, batches, ops/s", "catch-up, batches", 0, 3000, most=False),
    Reach("catch-up, singles, ops/s", "catch-up, singles", 0, 3000, most=False),
    Reach(
        "restart, 10⁵ ops, this epoch full, ms", f"restart, {LONG}, this epoch full", 0, 2000, True
    ),
    Reach("restart, 10⁵ ops, a new epoch, ms", f"restart, {LONG}, a new epoch", 0, 2000, True),
    Reach(
        "disk of 10⁴ votes, batches, pruned, MB",
        "disk of 10⁴ decided votes, batches, pruned",
        0,
        25,
        True,
    ),
    Reach(
        "disk of 10⁴ votes, singles, pruned, MB",
        "disk of 10⁴ decided votes, singles, pruned",
        0,
        25,
        True,
    ),
    Reach("100 nodes: CPU a node and round, ms", "CPU a node and round, core alone", 100, 50, True),
    Reach("idle, CPU, % of a core", "idle: CPU of a node", 5, 1, most=True),
    Reach("five communities, idle: CPU more, % of a core", f"{MORE}: CPU", 3, 0.5, most=True),
    Reach("five communities, idle: memory more, MiB", f"{MORE}: memory", 3, 25, most=True),
)


def measure(quick: bool) -> list[Found]:
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in BENCHMARKS:
            begun = time.monotonic()
            print(f"{name} …", end=" ", file=sys.stderr, flush=True)
            found += measure_one(name, Path(folder) / name, quick)
            print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return found


def measure_one(name: str, file: Path, quick: bool) -> list[Found]:
    """Run one benchmark; what it does not get to is told as missing."""
    program = os.fspath(Path(__file__).with_name(f"{name}.py"))
    command = [sys.executable, program, "--save", os.fspath(file), *["--quick"] * quick]
    log = file.with_suffix(".log")
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stderr=errors)
        try:
            code = process.wait(LONGEST_S)
            why = f"it ended with code {code}"
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # as Ctrl-C: it stops its own processes
            code = process.wait()
            why = f"it took more than {LONGEST_S} s"
    found = load(file) if file.exists() else []
    if code != 0:
        print(f"\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
        if not any(isinstance(one, Missing) for one in found):
            found.append(Missing(f"the rest of {name}", "p2pnode", why))
    return found


def report(
    found: Sequence[Found], loads: tuple[str, str], plots: Sequence[tuple[str, Path]]
) -> str:
    """Return what docs/performance.md says of a run."""
    facts = machine.describe() | {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "load average": f"{loads[0]} before, {loads[1]} after",
        "peers": ", ".join(versions()),
    }
    parts = ["## Machine\n", as_markdown(("what", "which"), list(facts.items()))]
    parts += ["## What was to be reached\n", as_markdown(REACH_HEAD, reach_rows(REACHES, found))]
    parts += ["## Measured\n", as_markdown(HEAD, measured_rows(found))]
    parts.append("## How cost grows\n")
    for plot, file in plots:
        parts.append(f"![cost by {plot}]({file.relative_to(DOCUMENT.parent).as_posix()})\n")
    return "\n" + "\n".join(parts) + "\n"


def versions() -> list[str]:
    from importlib.metadata import version  # noqa: PLC0415

    from peer_etcd import find_etcd  # noqa: PLC0415

    etcd = find_etcd()
    asked = [etcd, "--version"] if etcd else ["echo", "etcd: none"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    first = answer.partition("\n")[0].replace("Version: ", "")
    return [first, *(f"{name} {version(name)}" for name in ("pysyncobj", "libp2p"))]


def write(text: str) -> None:
    """Put what was measured into the document, between its two marks."""
    before, begin, rest = DOCUMENT.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{DOCUMENT} lacks the marks between which it is written")
    DOCUMENT.write_text(before + begin + text + end + after)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="does all of it run at all?")
    quick = parser.parse_args().quick
    before = machine.load_average()
    begun = time.monotonic()
    found = measure(quick)
    loads = (before, machine.load_average())
    print(as_text(HEAD, measured_rows(found)))
    print(as_text(REACH_HEAD, reach_rows(REACHES, found)))
    print(f"load average {loads[0]} before, {loads[1]} after; {time.monotonic() - begun:.0f} s")
    missing = [one for one in found if isinstance(one, Missing)]
    for one in missing:
        print(f"not measured: {one.work}, {one.system}: {one.why}", file=sys.stderr)
    if missing:
        print(f"{DOCUMENT.name} stays as it was", file=sys.stderr)
    elif not quick:
        write(report(found, loads, draw(found, PLOTS)))
        print(f"written: {DOCUMENT.relative_to(ROOT)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
