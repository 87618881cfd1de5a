"""A host in a process of its own, by the Python API: commands on stdin, answers on stdout.

Started by `host_processes`. One JSON object a line each way; a refusal answers with its code.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import trio
from support.hosts.hosting import CHANGES, SETTINGS

from p2pnode import Host, How, LocalError, RequestError
from p2pnode.community.community import Community
from p2pnode_protocols.wire.ids import OpId, to_text

STEP_S = 120.0


async def read_lines() -> AsyncIterator[dict[str, Any]]:
    held = b""
    async with trio.lowlevel.FdStream(os.dup(0)) as stream:
        async for chunk in stream:
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                yield json.loads(line)


async def obey(host: Host, line: dict[str, Any]) -> dict[str, object]:
    match line.pop("do"):
        case "found":
            await host.found(line["name"], line["member"], changes=CHANGES)
            return {"id": to_text("com", host.community(line["name"]).id)}
        case "invite":
            made = await host.community(line["in"]).invite(line["name"], how=How())
            assert made.op is not None
            return {"op": made.op.hex(), "link": made.link}
        case "join":
            joined = await host.join(line["link"], line["name"], wait_s=STEP_S)
            return {"stage": joined.stage}
        case "propose":
            made = await host.community(line["in"]).propose("tactical", line["title"], vote="yes")
            assert made.op is not None
            return {"op": made.op.hex()}
        case "vote":
            community, op = host.community(line["in"]), OpId(bytes.fromhex(line["op"]))
            await community.here.wait_until(partial(knows, community, op), STEP_S)
            await community.vote(op, "yes")
            return {}
        case "wait":
            community, op = host.community(line["in"]), OpId(bytes.fromhex(line["op"]))
            decided = await community.wait(op, "final", STEP_S)
            return {"outcome": decided.outcome, "grade": decided.grade}
        case "meet":
            community = host.community(line["in"])
            is_met = partial(has_all, community, line["members"])
            return {"is_met": await community.here.wait_until(is_met, STEP_S)}
        case "until":
            community = host.community(line["in"])
            is_there = partial(is_at, community, line["stage"])
            return {"is_there": await community.here.wait_until(is_there, STEP_S)}
        case "look":
            return look(host)
        case other:
            raise ValueError(f"no command {other!r}")


def knows(community: Community, op: OpId) -> bool:
    return community.core is not None and op in community.core.preview.open_ids


def has_all(community: Community, members: int) -> bool:
    return community.core is not None and len(community.core.finality().reachable) >= members


def is_at(community: Community, stage: str) -> bool:
    return community.stage == stage


def look(host: Host) -> dict[str, object]:
    """Return what this process holds, has used, and says of itself."""
    session = next(one.session for one in host.communities if one.session is not None)
    links = [link for remote in session.net._endpoint.book for link in remote.links]
    return {
        "addresses": list(session.net.addresses),
        "device": host.device.hex(),
        "ids": {one.name: to_text("com", one.id) for one in host.communities},
        "stages": {one.name: one.stage for one in host.communities},
        "checks": [
            [one.name, one.severity, one.detail]
            for one in host.quick_checks()
            if one.severity == "critical"
        ],
        "lags_ms": take_lags(),
        "tasks": trio.lowlevel.current_statistics().tasks_living,
        "links": len(links),
        "streams": sum(len(link._mux._streams) for link in links),
        "files": len(os.listdir("/proc/self/fd")),
        "cpu_s": time.process_time(),
        "rss_mib": int(Path("/proc/self/statm").read_text().split()[1])
        * resource.getpagesize()
        / (1 << 20),
    }


LAGS: list[float] = []  # ms by which a task that sleeps 5 ms came too late, since they were read


async def keep_lags() -> None:
    while True:
        due_s = trio.current_time() + 0.005
        await trio.sleep_until(due_s)
        LAGS.append((trio.current_time() - due_s) * 1000)


def take_lags() -> dict[str, float]:
    found = sorted(LAGS) or [0.0]
    LAGS.clear()
    return {
        "median": found[len(found) // 2],
        "p99": found[len(found) * 99 // 100],
        "most": found[-1],
    }


async def main(home: Path) -> None:
    async with Host.open(home, settings=SETTINGS) as host, trio.open_nursery() as nursery:
        nursery.start_soon(keep_lags)
        print(json.dumps({"ready": True}), flush=True)
        async for line in read_lines():
            try:
                answer = await obey(host, line)
            except (RequestError, LocalError) as refusal:
                answer = {"code": refusal.code, "detail": refusal.detail}
            print(json.dumps(answer), flush=True)
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]))
