"""What a mutant is."""

from __future__ import annotations

from dataclasses import dataclass

CORE = "protocols/p2pnode_protocols/"


@dataclass(frozen=True)
class Mutant:
    name: str
    rule: str  # of docs/protocol.md
    file: str
    old: str  # stands in the file once
    new: str
    caught_by: tuple[str, ...]  # pytest arguments
