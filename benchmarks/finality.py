"""How long from the deciding vote until the decision is final on every node, and at what cost.

    python3 dev.py bench finality [--nodes 4 7] [--decisions 200]

Each node is a process of its own on this machine, with its own key and store, connected to
all others over libp2p. A decision is an implementation proposal with as many yes as it needs;
the last of them is timed, from just before it is signed until `ProposalDecided` on the node
that has it last. The costs are of everything: the proposal, all its votes, all blocks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

MEMBER = Path(__file__).with_name("_member.py")
STEP_S = 90.0
WARM_UP = 20  # decisions that are not counted: connections, caches, Δ


class Process:
    """A node's process: commands in, answers and decisions out."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.answers: queue.Queue[dict[str, str]] = queue.Queue()
        self.decided: dict[str, int] = {}
        self.changed = threading.Condition()
        home.mkdir(mode=0o700)
        self._log = (home / "log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, MEMBER, home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            line = json.loads(text)
            if "decided" in line:
                assert line["outcome"] == "passed", line
                with self.changed:
                    self.decided[line["decided"]] = line["at_ns"]
                    self.changed.notify_all()
            else:
                self.answers.put(line)

    def ask(self, do: str, **values: object) -> None:
        assert self._process.stdin is not None
        line = {"do": do, **{name: str(value) for name, value in values.items()}}
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, str]:
        return self.answers.get(timeout=STEP_S)

    def call(self, do: str, **values: object) -> dict[str, str]:
        self.ask(do, **values)
        return self.answer()

    def final_ns(self, proposal: str) -> int:
        with self.changed:
            if not self.changed.wait_for(lambda: proposal in self.decided, STEP_S):
                raise TimeoutError(f"{self.name}: {proposal[:8]} is not final")
            return self.decided[proposal]

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def make_community(root: Path, count: int) -> list[Process]:
    nodes = [Process(f"node {place}", root / str(place)) for place in range(count)]
    for node in nodes:
        node.answer()
    first = nodes[0]
    first.call("found", name=first.name)
    # All invites first: a lone founder's pass at once, later ones need the others' votes.
    links = [first.call("invite", name=node.name)["link"] for node in nodes[1:]]
    for node, link in zip(nodes[1:], links, strict=True):
        node.call("join", link=link, name=node.name)
    for node in nodes:
        node.call("meet", members=count)
    return nodes


def decide(nodes: list[Process], number: int) -> int:
    """Decide one proposal; return ns from its deciding vote to final on the last node."""
    turn = nodes[number % len(nodes) :] + nodes[: number % len(nodes)]
    needed = len(nodes) // 2 + 1
    proposal = turn[0].call("propose", title=f"Question {number}")["proposal"]
    voters, last = turn[: needed - 1], turn[needed - 1]
    for node in [*voters, last]:
        node.call("see", proposal=proposal, yes=0)
    for node in voters:
        node.call("vote", proposal=proposal)
    for node in nodes:
        node.call("see", proposal=proposal, yes=len(voters))
    submitted_ns = int(last.call("vote", proposal=proposal)["at_ns"])
    return max(node.final_ns(proposal) for node in nodes) - submitted_ns


def totals(nodes: list[Process]) -> dict[str, int]:
    found = [node.call("measure") for node in nodes]
    return {key: sum(int(one[key]) for one in found) for key in found[0] if key != "done"}


def run(count: int, decisions: int) -> str:
    with tempfile.TemporaryDirectory() as root:
        nodes = make_community(Path(root), count)
        try:
            for number in range(WARM_UP):
                decide(nodes, number)
            before, begun = totals(nodes), time.monotonic()
            times_ms = sorted(decide(nodes, WARM_UP + number) / 1e6 for number in range(decisions))
            elapsed_s, after = time.monotonic() - begun, totals(nodes)
        finally:
            for node in nodes:
                node.stop()
    each = {key: (after[key] - before[key]) / decisions for key in after}
    p99 = times_ms[min(len(times_ms) - 1, len(times_ms) * 99 // 100)]
    return (
        f"{count:5} {statistics.median(times_ms):10.1f} {p99:8.1f} {times_ms[-1]:8.1f}"
        f" {each['messages']:9.0f} {each['frames']:7.0f} {each['bytes'] / 1024:8.1f}"
        f" {each['cpu_ns'] / 1e6:8.1f} {each['blocks']:7.1f} {decisions / elapsed_s:9.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=int, nargs="+", default=[4, 7])
    parser.add_argument("--decisions", type=int, default=200)
    chosen = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()};")
    print(f"{chosen.decisions} decisions; costs per decision, of all nodes together\n")
    print("      deciding vote to final, ms")
    print("nodes     median      p99      max  messages  frames      KiB   CPU ms  blocks   per s")
    for count in chosen.nodes:
        print(run(count, chosen.decisions), flush=True)


if __name__ == "__main__":
    main()
