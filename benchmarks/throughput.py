"""How many ops a second a community makes final when many are under way at once.

    python3 dev.py bench throughput

Each of the nodes keeps a window of its own member's votes under way: the next is signed when one
is final. They go to proposals that no vote can end before a day has passed, so none ends on the
way; each vote is signed, fsynced by its author's node, verified by all others and counted. A
sample is one half second, counted where each vote was cast.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from measuring import machine
from measuring.command import Effort, run
from measuring.community import community, totals
from measuring.figures import Found, figure
from measuring.windows import count_windows

NODES = 4
WINDOW = 64  # votes under way at each node: 256 in all, as for the peers
PROPOSALS = 16
SECONDS = 12
WARM_UP_S = 2.0  # at the beginning, not counted


def measure(effort: Effort) -> Iterator[Found]:
    seconds = effort(SECONDS, 6)
    with tempfile.TemporaryDirectory() as root, community(Path(root), NODES) as nodes:
        proposals = [
            nodes[0].call("propose", tier="tactical", title=f"Question {number}")["proposal"]
            for number in range(PROPOSALS)
        ]
        for node in nodes:
            for proposal in proposals:
                node.call("see", proposal=proposal, yes=0)
        before = totals(nodes)
        for node in nodes:
            node.ask("flood", proposals=proposals, window=WINDOW, seconds=seconds)
        finals_ns = [at for node in nodes for at in node.answer()["finals_ns"]]
        after = totals(nodes)
        memory = [machine.memory_mib(node.pid) for node in nodes]
    count = len(finals_ns)
    yield figure("many at once", count_windows(finals_ns, WARM_UP_S), "ops/s", nodes=NODES)
    yield figure(
        "many at once: CPU an op, all nodes",
        [(after["cpu_ns"] - before["cpu_ns"]) / 1e6 / count],
        "ms",
        nodes=NODES,
    )
    yield figure(
        "many at once: bytes an op, all nodes",
        [(after["bytes"] - before["bytes"]) / 1024 / count],
        "KiB",
        nodes=NODES,
    )
    yield figure("many at once: memory of a node", memory, "MiB", nodes=NODES)


if __name__ == "__main__":
    run(__doc__, measure)
