"""What a community of a hundred costs each node: CPU per node and round, without network and disk.

    python3 dev.py bench epoch

All cores are in this process and joined by links that take 1 ms. A sample is one decision: the
CPU time of all cores' steps, from its proposal to final everywhere, divided by the blocks
made, one per node and round. Decoding and verifying what arrives is the shell's work and not in
that; it is measured apart, on all that one node was sent.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from measuring.command import Effort, run
from measuring.cores import Cores, make_signers
from measuring.figures import Found, figure

from p2pnode_protocols.messages.frames import read_frame, write_frame
from p2pnode_protocols.record.opener import Opener

NODES = 100
DECISIONS = 4


def measure(effort: Effort) -> Iterator[Found]:
    nodes = effort(NODES, 10)
    cores = Cores(make_signers(nodes))
    costs = []
    for number in range(effort(DECISIONS, 2)):
        cores.heard = []  # of the last decision
        before_ms, blocks = cores.cpu_ms, cores.blocks
        cores.decide([cores.propose(number, f"Question {number}")])
        costs.append((cores.cpu_ms - before_ms) / (cores.blocks - blocks))
        rounds = (cores.blocks - blocks) / nodes
    yield figure("CPU a node and round, core alone", costs, "ms", nodes=nodes)
    yield figure(
        "CPU a node and round, decoding and verifying",
        [read_all(cores) / rounds],
        "ms",
        nodes=nodes,
    )


def read_all(cores: Cores) -> float:
    """Return the ms it takes to decode and verify all that the first node has heard."""
    assert cores.heard is not None
    frames = [write_frame([message]) for message in cores.heard]
    opener = Opener(cores.charter.community_id)
    began_ns = time.thread_time_ns()
    for frame in frames:
        read_frame(frame, opener)
    return (time.thread_time_ns() - began_ns) / 1e6


if __name__ == "__main__":
    run(__doc__, measure)
