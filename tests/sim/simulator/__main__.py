"""`python -m sim.simulator SEED [--trace]`: one run, its figures, and what it did."""

from __future__ import annotations

import argparse
import sys

from .run import carry_out, report_of
from .world import World


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sim.simulator", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--trace", action="store_true", help="print every step")
    options = parser.parse_args()
    world = World(options.seed, keep_trace=options.trace)
    try:
        carry_out(world)
    finally:  # what led to a broken promise is what one wants to see
        sys.stdout.write(world.trace.text)
        sys.stdout.write(f"{world.plan}\n")
    sys.stdout.write(report_of(world).as_text())


main()
