"""What a mutant is."""

from __future__ import annotations

from dataclasses import dataclass

# Beginnings of files and tests that most rows name.
CORE = "protocols/p2pnode_protocols/"
UNIT = "tests/unit/protocols/"
LIARS = "tests/sim/runs/test_byzantine_runs.py"
LUCK = "tests/sim/runs/test_random_runs.py"


@dataclass(frozen=True)
class Mutant:
    name: str
    rule: str  # of docs/protocol.md
    file: str
    old: str  # stands in the file once
    new: str
    caught_by: tuple[str, ...]  # pytest arguments
