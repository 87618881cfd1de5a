"""`python -m sim.simulator SEED [--liars] [--trace]`: one run, its figures, and what it did."""

from __future__ import annotations

import argparse
import sys

from .families.byzantine import make_byzantine_world
from .run import carry_out, report_of
from .world import World


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sim.simulator", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--trace", action="store_true", help="print every step")
    parser.add_argument("--liars", action="store_true", help="a seed of the byzantine family")
    options = parser.parse_args()
    make = make_byzantine_world if options.liars else World
    world = make(options.seed, keep_trace=options.trace)
    try:
        carry_out(world)
    finally:  # what led to a broken promise is what one wants to see
        sys.stdout.write(world.trace.text)
        sys.stdout.write(f"{world.plan}\n")
    sys.stdout.write(report_of(world).as_text())


main()
