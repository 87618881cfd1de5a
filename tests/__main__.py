"""Programs that test longer than a test may: `python tests partitions`, `soak` and `traces`."""

from __future__ import annotations

import sys

import partitions.program
import sim.soak.program
import sim.traces

PROGRAMS = {
    "partitions": partitions.program.main,
    "soak": sim.soak.program.main,
    "traces": sim.traces.main,
}

if __name__ == "__main__":
    name, *arguments = sys.argv[1:] or [""]
    if name not in PROGRAMS:
        raise SystemExit(f"usage: python tests {{{','.join(PROGRAMS)}}} …")
    raise SystemExit(PROGRAMS[name](arguments))
