"""Hosts in this process, members of the same communities."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from p2pnode import Host, How
from p2pnode.answers import Status
from p2pnode.community.community import Community
from p2pnode.home.identity import create_identity
from p2pnode.home.paths import find_paths
from p2pnode_protocols.wire.ids import OpId

SETTINGS = {
    "net.port": 0,
    "net.hosts": ["127.0.0.1"],
    "net.mdns": False,
    "limits.ops_per_minute": 60_000,
}
CHANGES = {"timing.linger_ms": 0, "rules.max_open_per_member": 256}
FINAL = How(wait="final", timeout_s=60)
MILL, LANE = "Paper Mill", "Lane 7"


def make_home(path: Path) -> Path:
    paths = find_paths(path)
    paths.prepare()
    create_identity(paths)
    return path


@asynccontextmanager
async def hosts(root: Path, count: int) -> AsyncIterator[list[Host]]:
    """Open so many hosts, all of them members of the same two communities."""
    names = ("alice", "bob", "carol")[:count]
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(Host.open(make_home(root / name), settings=SETTINGS))
            for name in names
        ]
        for name in (MILL, LANE):
            await found(opened, name, names)
        yield opened


async def found(opened: Sequence[Host], name: str, names: Sequence[str]) -> None:
    await opened[0].found(name, names[0], changes=CHANGES)
    for place, host in enumerate(opened[1:], 1):
        invited = await opened[0].community(name).invite(names[place], how=How())
        assert invited.link is not None
        assert invited.op is not None
        for voter in opened[1:place]:
            community = voter.community(name)
            await community.wait_status(lambda status: bool(status.needs_my_vote), 60)
            await community.vote(invited.op, "yes")
        decided = await opened[0].community(name).wait(invited.op, "final", 60)
        assert decided.outcome == "passed"
        joined = await host.join(invited.link, names[place], wait_s=60)
        assert joined.stage == "admitted", joined
    everyone = len(opened)

    def is_whole(status: Status) -> bool:
        committee = status.committee
        return committee is not None and committee.size == committee.reachable == everyone

    for host in opened:
        status = await host.community(name).wait_status(is_whole, 60)
        assert not status.timed_out, status


async def decide(communities: Sequence[Community], title: str) -> None:
    """Let all vote yes, and wait until everybody has it final."""
    opened = await communities[0].propose("tactical", title, vote="yes")
    assert opened.op is not None
    for community in communities[1:]:
        await community.here.wait_until(partial(knows, community, opened.op), 60)
        await community.vote(opened.op, "yes")
    for community in communities:
        decided = await community.wait(opened.op, "final", 60)
        assert (decided.outcome, decided.grade) == ("passed", "final")


def knows(community: Community, proposal: OpId) -> bool:
    assert community.core is not None
    return proposal in community.core.preview.open_ids
