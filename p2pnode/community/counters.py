"""Numbers the node keeps about itself since it started; for status, doctor and metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from p2pnode_protocols.steps.notices import (
    Committed,
    Diverged,
    ForkFound,
    Notice,
    OpFinal,
    PeerRefused,
    RefusedByPeer,
)
from p2pnode_protocols.steps.writes import SaveBlock, Write


@dataclass(slots=True)
class Counters:
    """Monotone counts; never labelled by member or proposal, so they stay few."""

    steps: int = 0
    rounds: int = 0  # blocks made by this node
    commits: int = 0
    ops_final: int = 0
    forks: int = 0
    divergences: int = 0
    refused_from_peers: Counter[str] = field(default_factory=Counter)  # by code
    refused_by_peers: Counter[str] = field(default_factory=Counter)  # by code

    def count_write(self, write: Write) -> None:
        if isinstance(write, SaveBlock) and write.own:
            self.rounds += 1

    def count_notice(self, notice: Notice) -> None:
        match notice:
            case Committed():
                self.commits += 1
            case OpFinal():
                self.ops_final += 1
            case ForkFound():
                self.forks += 1
            case Diverged():
                self.divergences += 1
            case PeerRefused(code=code):
                self.refused_from_peers[code] += 1
            case RefusedByPeer(code=code):
                self.refused_by_peers[code] += 1
            case _:
                pass
