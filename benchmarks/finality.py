"""How long from the deciding vote until the decision is final, and at what cost.

    python3 dev.py bench finality

Each node is a process of its own on this machine, with its own key and store, connected to
all others over libp2p. A decision is an implementation proposal with as many yes as it needs;
the last of them is timed, from just before it is signed until `ProposalDecided`, on its author's
node and on the node that has it last. One decision follows the other, so they share nothing. The
costs are of everything: the proposal, all its votes, all blocks.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measuring import machine
from measuring.command import Effort, run
from measuring.community import Process, community, totals
from measuring.figures import Found, Point, figure

WARM_UP = 10  # decisions that are not counted: connections, caches, Δ
# How many decisions are timed: enough for a median, in the time that many nodes allow.
DECISIONS = {3: 150, 4: 150, 7: 80, 10: 40, 16: 25}


def decide(nodes: list[Process], number: int) -> tuple[float, float]:
    """Decide one proposal; return ms from its deciding vote to final there, and everywhere."""
    turn = nodes[number % len(nodes) :] + nodes[: number % len(nodes)]
    needed = len(nodes) // 2 + 1
    title = f"Question {number}"
    proposal = turn[0].call("propose", tier="implementation", title=title)["proposal"]
    voters, last = turn[: needed - 1], turn[needed - 1]
    for node in [*voters, last]:
        node.call("see", proposal=proposal, yes=0)
    for node in voters:
        node.call("vote", proposal=proposal)
    for node in nodes:
        node.call("see", proposal=proposal, yes=len(voters))
    submitted_ns = int(last.call("vote", proposal=proposal)["at_ns"])
    finals_ns = [node.final_ns(proposal) for node in nodes]
    return (last.final_ns(proposal) - submitted_ns) / 1e6, (max(finals_ns) - submitted_ns) / 1e6


def measure_size(count: int, decisions: int) -> Iterator[Found]:
    with tempfile.TemporaryDirectory() as root, community(Path(root), count) as nodes:
        for number in range(WARM_UP):
            decide(nodes, number)
        before, begun = totals(nodes), time.monotonic()
        times = [decide(nodes, WARM_UP + number) for number in range(decisions)]
        elapsed_s, after = time.monotonic() - begun, totals(nodes)
        memory = [machine.memory_mib(node.pid) for node in nodes]
    each = {key: (after[key] - before[key]) / decisions for key in after}
    yield figure("finality, at its author", [one for one, _ in times], "ms", nodes=count)
    last = figure("finality, on all nodes", [final for _, final in times], "ms", nodes=count)
    yield last
    yield figure("one after the other", [decisions / elapsed_s], "decisions/s", nodes=count)
    yield figure("messages a decision, all nodes", [each["messages"]], "messages", nodes=count)
    yield figure("frames a decision, all nodes", [each["frames"]], "frames", nodes=count)
    yield figure("bytes a decision, all nodes", [each["bytes"] / 1024], "KiB", nodes=count)
    yield figure("blocks a decision, all nodes", [each["blocks"]], "blocks", nodes=count)
    yield figure("CPU a decision, all nodes", [each["cpu_ns"] / 1e6], "ms", nodes=count)
    yield figure("memory after the decisions", memory, "MiB", nodes=count)
    yield Point("members", "CPU a decision, all nodes", count, each["cpu_ns"] / 1e6)
    yield Point("members", "finality, on all nodes", count, last.median)


def measure(effort: Effort) -> Iterator[Found]:
    for count in [3] if effort.quick else DECISIONS:
        yield from measure_size(count, effort(DECISIONS[count], 3))


if __name__ == "__main__":
    run(__doc__, measure)
