"""One node of a benchmark in a process of its own: commands on stdin, answers on stdout.

Started by `finality.py`. One JSON object a line each way. Times are CLOCK_MONOTONIC in ns,
which all processes of a machine share.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import trio

from p2pnode import Node
from p2pnode.speaking import How
from p2pnode.store.keystore import create_key
from p2pnode_protocols.core import Core
from p2pnode_protocols.ids import OpId
from p2pnode_protocols.steps import ProposalDecided

STEP_S = 60
LINGER_MS = 24 * 3_600_000  # the longest a charter allows
FINAL = How(wait="final", timeout_s=STEP_S)


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


async def read_lines() -> AsyncIterator[dict[str, str]]:
    held = b""
    async with trio.lowlevel.FdStream(os.dup(0)) as stream:
        async for chunk in stream:
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                yield json.loads(line)


async def report_decisions(node: Node) -> None:
    with node.events() as events:
        async for event in events:
            if isinstance(event.what, ProposalDecided):
                at_ns = time.monotonic_ns()
                say(decided=event.what.proposal.hex(), outcome=event.what.outcome, at_ns=at_ns)


class Member:
    """One node and what the benchmark asks of it; each method answers one command."""

    def __init__(self, node: Node) -> None:
        self.node = node

    @property
    def core(self) -> Core:
        session = self.node.session
        assert session is not None
        assert session.core is not None
        return session.core

    async def obey(self, line: dict[str, str]) -> dict[str, object]:
        node = self.node
        match line["do"]:
            case "found":
                # A linger without end: what the benchmark does not wait for stays pending.
                await node.found("Benchmark", line["name"], changes={"timing.linger_ms": LINGER_MS})
                return {}
            case "invite":
                return {"link": (await node.invite(line["name"], how=FINAL)).link}
            case "join":
                await node.join(line["link"], line["name"])
                return {"stage": (await node.wait_admitted(STEP_S)).stage}
            case "meet":
                members = int(line["members"])
                await self.until(lambda: len(self.core.finality().reachable) == members)
                return {}
            case "propose":
                receipt = await node.propose("implementation", line["title"])
                assert receipt.op is not None
                return {"proposal": receipt.op.hex()}
            case "see":
                proposal, yes = OpId(bytes.fromhex(line["proposal"])), int(line["yes"])
                await self.until(lambda: self.count_yes(proposal) >= yes)
                return {}
            case "vote":
                at_ns = time.monotonic_ns()
                await node.vote(OpId(bytes.fromhex(line["proposal"])), "yes")
                return {"at_ns": at_ns, "answered_ns": time.monotonic_ns()}
            case "measure":
                return dict(self.measure())
            case other:
                raise ValueError(f"no command {other!r}")

    async def until(self, condition: Callable[[], bool]) -> None:
        with trio.fail_after(STEP_S):
            await self.node.bus.wait_until(condition)

    def count_yes(self, proposal: OpId) -> int:
        """Return the yes votes known here, or -1 while the proposal is not."""
        seen = self.core.preview.proposal(proposal)
        return -1 if seen is None else seen.tally.yes

    def measure(self) -> dict[str, int]:
        """Return what this node has used and sent since it started."""
        session = self.node.session
        assert session is not None
        peers = session.net.statistics().peers
        return {
            "cpu_ns": time.process_time_ns(),
            "messages": sum(peer.messages_out for peer in peers),
            "frames": sum(peer.frames_out for peer in peers),
            "bytes": sum(peer.bytes_out for peer in peers),
            "blocks": self.node.counters.rounds,
        }


async def main(home: Path) -> None:
    create_key(home / "device.key")
    settings = {"net.hosts": ["127.0.0.1"], "net.port": 0, "net.mdns": False}
    async with Node.open(home, settings=settings) as node, trio.open_nursery() as nursery:
        nursery.start_soon(report_decisions, node)
        say(done="start")
        member = Member(node)
        async for line in read_lines():
            say(done=line["do"], **await member.obey(line))
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]))
