"""Programs that test longer than a test may: `python tests partitions`, `python tests soak`."""

from __future__ import annotations

import sys

import partitions.program
import sim.soak.program

PROGRAMS = {"partitions": partitions.program.main, "soak": sim.soak.program.main}

if __name__ == "__main__":
    name, *arguments = sys.argv[1:] or [""]
    if name not in PROGRAMS:
        raise SystemExit(f"usage: python tests {{{','.join(PROGRAMS)}}} …")
    raise SystemExit(PROGRAMS[name](arguments))
