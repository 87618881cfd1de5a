"""What an idle community costs: CPU, memory, blocks and traffic of five daemons over a minute.

    python3 dev.py bench idle [--nodes 5] [--seconds 60]

Five real daemons on this machine, founded and joined as in the demo, with nothing to decide.
Exits 1 when one made a block or used 1 % of a core or more.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from p2pnode_cli.demo.processes import Node, make_nodes, start_all
from p2pnode_cli.demo.report import Report
from p2pnode_cli.demo.story import found_community
from p2pnode_cli.terminal import Terminal

QUIET_S = 10.0  # without a block anywhere before the measurement begins
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
LIMIT_PERCENT = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    cpu_s: float
    memory_bytes: int
    blocks: int
    sent_bytes: int


def sample(node: Node) -> Sample:
    # proc(5): the name in brackets may hold spaces, so fields count from behind it.
    fields = Path(f"/proc/{node.pid}/stat").read_text().rpartition(")")[2].split()
    memory_pages = int(Path(f"/proc/{node.pid}/statm").read_text().split()[1])
    peers = node.api.get("peers").subs("items")
    return Sample(
        cpu_s=(int(fields[11]) + int(fields[12])) / TICKS_PER_S,
        memory_bytes=memory_pages * PAGE_BYTES,
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


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    names = tuple(f"node{number}" for number in range(1, chosen.nodes + 1))
    with tempfile.TemporaryDirectory() as root:
        nodes = make_nodes(names, Path(root))
        try:
            start_all(nodes)
            found_community(Report(Terminal(as_json=True)), nodes)
            wait_quiet(nodes)
            before = [sample(node) for node in nodes]
            begun = time.monotonic()
            time.sleep(chosen.seconds)
            seconds = time.monotonic() - begun
            after = [sample(node) for node in nodes]
        finally:
            for node in nodes:
                node.stop()
    print(f"{chosen.nodes} idle nodes, {seconds:.0f} s\n")
    print("node      CPU %  MiB  blocks  sent B/s")
    failed = False
    for name, first, last in zip(names, before, after, strict=True):
        percent = 100 * (last.cpu_s - first.cpu_s) / seconds
        blocks = last.blocks - first.blocks
        sent = (last.sent_bytes - first.sent_bytes) / seconds
        print(f"{name:8} {percent:6.2f} {last.memory_bytes >> 20:4} {blocks:7} {sent:9.0f}")
        failed = failed or percent >= LIMIT_PERCENT or blocks > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
