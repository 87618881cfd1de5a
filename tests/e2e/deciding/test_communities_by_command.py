"""Two communities on three hosts, as people type it: alice is in both, the others in one each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.processes.daemons import QUICK, Daemon

MILL, LANE = "Paper Mill", "Lane 7"
SETTINGS = [f"--set={path}={value}" for path, value in QUICK.items()]


@pytest.fixture
def three(tmp_path: Path) -> Iterator[tuple[Daemon, Daemon, Daemon]]:
    with ExitStack() as ends:
        found = []
        for name in ("alice", "bob", "carol"):
            one = Daemon(tmp_path / name)
            ends.callback(lambda one=one: (one.kill(), print(one.log)))
            one.start()
            found.append(one)
        alice, bob, carol = found
        yield alice, bob, carol


def typed(who: Daemon, *arguments: str, code: int = 0) -> str:
    """Type a command; return all that it printed."""
    ended, said = who.command(*arguments)
    assert ended == code, f"p2pnode {' '.join(arguments)}: {ended}\n{said}"
    return said


def asked(who: Daemon, *arguments: str) -> Any:
    return json.loads(typed(who, *arguments, "--json"))


def admit(alice: Daemon, community: str, other: Daemon, name: str) -> None:
    receipt = asked(alice, "-c", community, "invite", name, "--wait")
    typed(other, "join", receipt["link"], "--name", name, "--wait", "--timeout", "60s")
    alice.get(
        f"/api/v1/communities/{community.replace(' ', '%20')}/status", min_members=2, timeout=60
    )


def decide(alice: Daemon, community: str, other: Daemon, title: str) -> None:
    """Let alice ask, naming the community, and the other answer, who has only that one."""
    asking = ("propose", title, "-t", "tactical", "--vote", "yes", "-c", community)
    made = asked(alice, *asking, "--wait", "--timeout", "60s")
    proposal = made["proposal"]["id"]
    index = asked(alice, "status", "-c", community)["log"]["index"]
    assert not other.get("status", min_index=index, timeout=60)["timed_out"]
    typed(other, "vote", proposal, "yes", "--yes", "--wait", "--timeout", "60s")
    shown = asked(alice, "show", proposal, "--wait", "--timeout", "60s", "-c", community)
    assert (shown["outcome"], shown["grade"], shown["title"]) == ("passed", "final", title)


def test_two_communities_decide_on_three_hosts_by_commands_that_name_them(
    three: tuple[Daemon, Daemon, Daemon],
) -> None:
    alice, bob, carol = three
    typed(alice, "found", MILL, "--name", "Alice", *SETTINGS)
    typed(alice, "found", LANE, "--name", "Ali", *SETTINGS)
    admit(alice, MILL, bob, "Bob")
    admit(alice, LANE, carol, "Carol")
    decide(alice, MILL, bob, "Grind on Mondays")
    decide(alice, LANE, carol, "Sweep on Fridays")

    # With one community nothing is to be said, and nothing of the other's is to be seen.
    assert [one["title"] for one in asked(bob, "decisions", "on")["items"]] == ["Grind on Mondays"]
    assert [one["title"] for one in asked(carol, "decisions", "on")["items"]] == [
        "Sweep on Fridays"
    ]
    # With two it has to be, one way or another.
    refused = typed(alice, "decisions", code=6)
    assert "[which_community]" in refused
    assert "Lane 7 is com_" in " ".join(refused.split())
    assert typed(alice, "decisions", "on", "-c", LANE).count("Sweep") == 1
    typed(alice, "use", MILL)
    assert "Grind" in typed(alice, "decisions", "on")
    alice.set("P2PNODE_COMMUNITY", LANE)
    assert "Sweep" in typed(alice, "decisions", "on")
    assert "Grind" in typed(alice, "decisions", "on", "-c", "paper mill")
    alice.set("P2PNODE_COMMUNITY", MILL)
    listed = asked(alice, "communities")["items"]
    assert [(one["name"], one["member"]["name"], one["members"]) for one in listed] == [
        (LANE, "Ali", 2),
        (MILL, "Alice", 2),
    ]

    # What needs alice is told of both, and over a restart.
    typed(
        carol,
        "propose",
        "Sweep on Sundays",
        "-t",
        "tactical",
        "--vote",
        "yes",
        "--wait=provisional",
    )
    lane = f"/api/v1/communities/{listed[0]['id']}"
    wanted = carol.get("status")["log"]["index"]
    alice.stop()
    alice.start()
    assert not alice.get(f"{lane}/status", min_index=wanted, min_reachable=2, timeout=60)[
        "timed_out"
    ]
    while not alice.get(f"{lane}/status")["needs_my_vote"]:  # a step of the daemon at a time
        next(alice.events(path=f"{lane}/events"))
    shown = asked(alice, "communities")["items"]
    assert {one["name"]: one["needs_my_vote"] for one in shown} == {LANE: 1, MILL: 0}


def test_a_fresh_key_is_bound_in_every_community_before_it_counts(
    three: tuple[Daemon, Daemon, Daemon],
) -> None:
    alice, bob, carol = three
    typed(alice, "found", MILL, "--name", "Alice", *SETTINGS)
    typed(alice, "found", LANE, "--name", "Ali", *SETTINGS)
    admit(alice, MILL, bob, "Bob")
    admit(alice, LANE, carol, "Carol")
    old = alice.get("node")["device"]["id"]
    renewed = asked(alice, "devices", "renew", "--timeout", "60s")["device"]
    alice.stop()
    alice.start()
    assert alice.get("node")["device"]["id"] == renewed != old
    for one, name in ((bob, "Alice"), (carol, "Ali")):
        nodes = {device["id"]: device["node"] for device in one.get(f"members/{name}")["devices"]}
        assert nodes == {old: False, renewed: True}
    checks = asked(alice, "doctor")["checks"]
    told = [one["detail"] for one in checks if one["name"] == "committee"]
    assert sorted(one.partition(":")[0] for one in told) == [LANE, MILL]
