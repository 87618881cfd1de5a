"""One host of a benchmark in a process of its own: commands on stdin, answers on stdout.

    python -m measuring.host HOME

As `member`, with all the communities that the home has, and mDNS as it is by default.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import trio

from p2pnode import Host
from p2pnode.community.community import Community

from .member import SETTINGS, STEP_S, read_lines, say


def count_reachable(community: Community) -> int:
    assert community.core is not None
    return len(community.core.finality().reachable)


async def main(home: Path) -> None:
    async with Host.open(home, settings={**SETTINGS, "net.mdns": True}) as host:
        session = host.communities[0].session
        assert session is not None
        say(done="start", addresses=list(session.net.addresses))
        async for line in read_lines():
            match line["do"]:
                case "dial":
                    for community in host.communities:
                        for address in line["addresses"]:
                            community.dial(address)
                case "meet":
                    for community in host.communities:
                        are_all = partial(has_all, community, line["members"])
                        with trio.fail_after(STEP_S):
                            await community.bus.wait_until(are_all)
                case "rounds":
                    rounds = sum(one.counters.rounds for one in host.communities)
                    say(done="rounds", rounds=rounds)
                    continue
                case other:
                    raise ValueError(f"no command {other!r}")
            say(done=line["do"])


def has_all(community: Community, members: int) -> bool:
    return count_reachable(community) >= members


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]))
