"""A program with a protocols.py and a cli.py of its own embeds a node and decides something."""

from __future__ import annotations

import sys
from pathlib import Path

import trio

import cli
import p2pnode_cli.main
import p2pnode_protocols.core
import protocols
from p2pnode import Host
from p2pnode.home.keystore import create_key

print(f"{protocols.WHOSE}, {cli.WHOSE}")
assert p2pnode_cli.main is not cli
assert p2pnode_protocols.core is not protocols


home = Path(sys.argv[1])
home.mkdir(mode=0o700)
create_key(home / "device.key")


async def main() -> None:
    settings = {"net.hosts": ["127.0.0.1"], "net.port": 0, "net.mdns": False}
    async with Host.open(home, settings=settings) as host:
        await host.found("Ops", "alice")
        community = host.community("Ops")
        receipt = await community.propose("tactical", "Tea at four", vote="yes")
        assert receipt.op is not None
        proposal = await community.wait(receipt.op, "final", timeout_s=30)
        print(f"{proposal.outcome}, {proposal.grade}")


trio.run(main)
