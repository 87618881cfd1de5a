"""Rules of the protocol, weakened one at a time, and the tests that must notice.

A mutant is an exact replacement in one file of a copy of the packages. What stands in `caught_by`
is run until the first failure; all of it is part of the ordinary suite, or one of its seeds.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from mutant import Mutant
from rows import agreement, core, core_rooms, gossip, leaping, node, record, record_rooms, wire

PRACTICES = Path(__file__).resolve().parents[1] / "practices"

OF_ROOMS = (agreement, core, core_rooms, gossip, leaping, node, record, record_rooms, wire)
# … and those of each practice, which has its own.
MUTANTS: tuple[Mutant, ...] = tuple(
    mutant
    for found in (
        *(room.MUTANTS for room in OF_ROOMS),
        *(runpy.run_path(str(file))["MUTANTS"] for file in sorted(PRACTICES.glob("*/mutants.py"))),
    )
    for mutant in found
)
