"""One node of a benchmark in a process of its own: commands on stdin, answers on stdout.

    python -m measuring.member HOME

Started by `community.py`, which has made the home. One JSON object a line each way. Times are
CLOCK_MONOTONIC in ns, which all processes of a machine share.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import trio

from p2pnode import Host
from p2pnode.community.community import Community
from p2pnode.community.events import Lagged
from p2pnode.community.session import Session
from p2pnode_protocols.core import Core
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.steps.notices import ProposalDecided
from p2pnode_protocols.wire.ids import OpId

from .cores import OPS_PER_MINUTE

STEP_S = 120
SETTINGS = {
    "net.hosts": ["127.0.0.1"],
    "net.port": 0,
    "net.mdns": False,
    "limits.ops_per_minute": OPS_PER_MINUTE,
}


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


async def read_lines() -> AsyncIterator[dict[str, Any]]:
    held = b""
    async with trio.lowlevel.FdStream(os.dup(0)) as stream:
        async for chunk in stream:
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                yield json.loads(line)


class Member:
    """One node and what the benchmark asks of it; each method answers one command."""

    def __init__(self, node: Community) -> None:
        self.node = node
        self._landed: dict[OpId, trio.Event] = {}
        self._finals_ns: list[int] = []

    @property
    def session(self) -> Session:
        session = self.node.session
        assert session is not None
        return session

    @property
    def core(self) -> Core:
        core = self.session.core
        assert core is not None
        return core

    async def report_decisions(self) -> None:
        """Report every decision, with the time at which this node held it final."""
        while True:
            with suppress(Lagged), self.node.events() as events:  # a flood has no decisions
                async for event in events:
                    if isinstance(event.what, ProposalDecided):
                        at_ns = time.monotonic_ns()
                        proposal, outcome = event.what.proposal.hex(), event.what.outcome
                        say(decided=proposal, outcome=outcome, at_ns=at_ns)

    async def obey(self, line: dict[str, Any]) -> dict[str, object]:
        match line["do"]:
            case "dial":
                for address in line["addresses"]:
                    self.node.dial(address)
                return {}
            case "meet":
                members = line["members"]
                await self.until(lambda: len(self.core.finality().reachable) >= members)
                return {}
            case "propose":
                receipt = await self.node.propose(line["tier"], line["title"])
                assert receipt.op is not None
                return {"proposal": receipt.op.hex()}
            case "see":
                proposal, yes = OpId(bytes.fromhex(line["proposal"])), line["yes"]
                await self.until(lambda: self.count_yes(proposal) >= yes)
                return {}
            case "vote":
                at_ns = time.monotonic_ns()
                await self.node.vote(OpId(bytes.fromhex(line["proposal"])), "yes")
                return {"at_ns": at_ns}
            case "flood":
                proposals = [OpId(bytes.fromhex(one)) for one in line["proposals"]]
                return await self.flood(proposals, line["window"], line["seconds"])
            case "reach":
                began_ns = time.monotonic_ns()
                self.node.dial(line["address"])
                await self.until(lambda: self.core.final_index >= line["index"])
                return {"took_ns": time.monotonic_ns() - began_ns}
            case "index":
                return {"index": self.core.final_index}
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

    async def flood(self, proposals: list[OpId], window: int, seconds: float) -> dict[str, object]:
        """Keep `window` votes under way for a while; return when each became final here."""
        async with trio.open_nursery() as nursery:
            end = trio.current_time() + seconds
            nursery.start_soon(self.node.bus.wait_until, self._note_finals)
            async with trio.open_nursery() as voters:
                for place in range(window):
                    voters.start_soon(self._keep_voting, proposals[place % len(proposals)], end)
            nursery.cancel_scope.cancel()
        return {"finals_ns": self._finals_ns}

    async def _keep_voting(self, proposal: OpId, end: float) -> None:
        """Vote again and again: each vote replaces the one before, and is an op to agree on."""
        ballot = Vote(proposal, proposal, "yes", None)
        while trio.current_time() < end:
            op = await self.session.submit(ballot, urgent=True)
            # In time: an op is final after several steps, and this runs after its first.
            landed = self._landed[op.id] = trio.Event()
            with trio.fail_after(STEP_S):
                await landed.wait()
            self._finals_ns.append(time.monotonic_ns())

    def _note_finals(self) -> bool:
        """Let go of who waits for an op that is final; called after each step of the core."""
        bus = self.node.bus
        for op in [one for one in self._landed if bus.final_code(one) is not None]:
            self._landed.pop(op).set()
        return False  # the bus goes on calling

    def measure(self) -> dict[str, int]:
        """Return what this node has used and sent since it started."""
        peers = self.session.net.statistics().peers
        return {
            "cpu_ns": time.process_time_ns(),
            "messages": sum(peer.messages_out for peer in peers),
            "frames": sum(peer.frames_out for peer in peers),
            "bytes": sum(peer.bytes_out for peer in peers),
            "blocks": self.node.counters.rounds,
        }


async def main(home: Path) -> None:
    async with Host.open(home, settings=SETTINGS) as host, trio.open_nursery() as nursery:
        member = Member(host.community())
        nursery.start_soon(member.report_decisions)
        say(done="start", addresses=list(member.session.net.addresses))
        async for line in read_lines():
            say(done=line["do"], **await member.obey(line))
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]))
