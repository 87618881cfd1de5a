"""A program with a protocols.py and a cli.py of its own embeds a node and decides something."""

from __future__ import annotations

import sys

import cli
import p2pnode_cli.main
import p2pnode_protocols.core
import protocols
import trio

from p2pnode import Node

print(f"{protocols.WHOSE}, {cli.WHOSE}")
assert p2pnode_cli.main is not cli
assert p2pnode_protocols.core is not protocols


async def main(home: str) -> None:
    async with Node.open(home) as node:
        await node.found("Ops", member_name="alice")
        receipt = await node.propose(tier="tactical", title="Tea at four", vote="yes")
        proposal = await node.wait(receipt.proposal, "final", timeout_s=30)
        print(f"{proposal.outcome}, {proposal.grade}")


trio.run(main, sys.argv[1])
