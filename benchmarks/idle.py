"""What an idle community costs: CPU, memory, blocks and traffic of five daemons.

    python3 dev.py bench idle

Five real daemons on this machine, founded and joined as in the demo, with nothing to decide.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from measuring import machine
from measuring.command import Effort, run
from measuring.figures import Found, figure

from p2pnode_cli.demo.processes import Node, make_nodes, start_all
from p2pnode_cli.demo.report import Report
from p2pnode_cli.demo.story import found_community
from p2pnode_cli.shown.terminal import Terminal

NODES = 5
SECONDS = 30
QUIET_S = 10.0  # without a block anywhere before the measurement begins


@dataclass(frozen=True, slots=True)
class Sample:
    cpu_s: float
    memory_mib: float
    blocks: int
    sent_bytes: int


def sample(node: Node) -> Sample:
    peers = node.api.get("peers").subs("items")
    return Sample(
        cpu_s=machine.cpu_s(node.pid),
        memory_mib=machine.memory_mib(node.pid),
        blocks=count_blocks(node),
        sent_bytes=sum(peer.count("sent_bytes") for peer in peers),
    )


def count_blocks(node: Node) -> int:
    return node.api.get("status").sub("counters").count("rounds")


def wait_quiet(nodes: tuple[Node, ...]) -> None:
    """Return once no node has made a block for a while: what joining left is finalized."""
    deadline = time.monotonic() + 120
    before, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        blocks = sum(count_blocks(node) for node in nodes)
        if blocks != before:
            before, since = blocks, time.monotonic()
        if time.monotonic() > deadline:
            raise TimeoutError("the community does not come to rest")
        time.sleep(1)


def measure(effort: Effort) -> Iterator[Found]:
    names = tuple(f"node{number}" for number in range(1, NODES + 1))
    with tempfile.TemporaryDirectory() as root:
        nodes = make_nodes(names, Path(root))
        try:
            start_all(nodes)
            found_community(Report(Terminal(as_json=True)), nodes)
            wait_quiet(nodes)
            before = [sample(node) for node in nodes]
            begun = time.monotonic()
            time.sleep(effort(SECONDS, 5))
            seconds = time.monotonic() - begun
            after = [sample(node) for node in nodes]
        finally:
            for node in nodes:
                node.stop()
    pairs = list(zip(before, after, strict=True))
    cpu = [100 * (last.cpu_s - first.cpu_s) / seconds for first, last in pairs]
    sent = [(last.sent_bytes - first.sent_bytes) / seconds for first, last in pairs]
    memory = [last.memory_mib for last in after]
    yield figure("idle: CPU of a node", cpu, "% of a core", nodes=NODES)
    yield figure("idle: sent by a node", sent, "bytes/s", nodes=NODES)
    yield figure("idle: memory of a node", memory, "MiB", nodes=NODES)
    made = [last.blocks - first.blocks for first, last in pairs]
    yield figure("idle: blocks made, all nodes", [sum(made)], "blocks", nodes=NODES)


if __name__ == "__main__":
    run(__doc__, measure)
