"""Four nodes, two of them gone for good: the survivors rebuild by the command line.

a decision passes; carol's and dave's processes die
alice$ p2pnode rebuild propose --without carol --without dave
bob$   p2pnode rebuild sign FILE
both   p2pnode rebuild apply FILE     decisions become final again
dave's node comes back: it is told, stays where it is, and follows when dave says so
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from support.processes.daemons import Answer, Daemon, Start
from support.processes.terminals import Terminal, flat

from p2pnode.answers.values.rendering import time_text
from p2pnode_protocols.wire.ids import WallMs

pytestmark = pytest.mark.slow


def at(daemon: Daemon) -> Terminal:
    """Return a terminal at this daemon's home."""
    return Terminal(daemon.paths.data_dir)


def community_of(daemon: Daemon) -> str:
    community: str = daemon.get("status")["community"]["id"]
    return community


def until_it_may_be_proposed(alice: Daemon, *without: str) -> None:
    """Return when no more node can be expected: 10 s after alice's own start at the latest."""
    plan = {"without": [*without]}
    for _ in range(30):
        answer = alice.ask("POST", "rebuilds", plan, dry_run="true")
        if answer.status == 200:
            return
        assert "this one" in answer["detail"] or "started less" in answer["detail"]
        alice.get("status", min_epoch=1_000, timeout=1)  # a second of the daemon's own time
    raise AssertionError(answer.document)


def until_it_may_be_applied(dave: Daemon, identity: str) -> None:
    """Return 10 s after dave's own start: until then more nodes may be about to connect."""
    for _ in range(30):
        answer = dave.ask("POST", "rebuilds/application", {"rebuild": identity}, dry_run="true")
        if answer.status == 200:
            return
        assert "started less" in answer["detail"]
        dave.get("status", min_epoch=1_000, timeout=1)
    raise AssertionError(answer.document)


def decide(people: list[Daemon]) -> str:
    """Let three of four pass a proposal; return its id once the fourth has it as final."""
    alice, *others = people
    opened = alice.post(
        "proposals", {"tier": "tactical", "title": "Buy a pump", "vote": "yes"}, wait="final"
    )
    proposal: str = opened["proposal"]["id"]
    for one in others[:2]:
        one.get("status", min_index=alice.get("status")["log"]["index"])
        one.post(f"proposals/{proposal}/votes", {"choice": "yes"})
    for one in people:
        assert one.get(f"proposals/{proposal}", wait="final")["outcome"] == "passed"
    return proposal


def agree(people: list[Daemon]) -> None:
    """Wait until all have the same log and it grows no more."""
    while True:
        indexes = {one.get("status")["log"]["index"] for one in people}
        more = [one.get("status", min_index=max(indexes) + 1, timeout=1) for one in people]
        if len(indexes) == 1 and all(one["timed_out"] for one in more):
            return


def rebuild(alice: Daemon, bob: Daemon, file: Path) -> str:
    """Let both survivors sign and apply by hand; return how it is shown from then on."""
    lost = ("--without", "carol", "--without", "dave")
    shown = at(alice).type("rebuild", "propose", *lost, "-o", str(file), "--yes")
    assert "the nodes of alice, bob alone" in flat(shown.out)
    assert "two records" in flat(shown.out)
    assert "Pass it on to bob" in flat(shown.err)
    early = at(alice).type("rebuild", "apply", str(file), "--yes", code=6)
    assert "not signed yet by bob" in flat(early.err)
    assert "makes no blocks" in flat(at(alice).type("status").out)
    looked = at(bob).type("rebuild", "sign", str(file), "--dry-run")
    assert "leave the committee" in flat(looked.out)
    unasked = at(bob).type("rebuild", "sign", str(file), code=2)
    assert "--yes" in unasked.err
    at(bob).type("rebuild", "sign", str(file), "--yes")
    named = ("--keeps", "alice", "--keeps", "bob")
    for less in ((), ("--keeps", "alice"), (*named, "--keeps", "carol")):
        unnamed = at(bob).type("rebuild", "apply", str(file), "--yes", *less, code=2)
        assert "alice, bob" in flat(unnamed.err)
    for one in (alice, bob):
        at(one).type("rebuild", "apply", str(file), *named)
    (said,) = [one["text"] for one in alice.get("rebuilds")["items"]]
    assert isinstance(said, str)
    return said


def follow(dave: Daemon, alice: Daemon, said: str) -> None:
    """Bring a lost node back: it is told, and goes on only when its user says so."""
    warning = wait_for_alarm(dave)
    assert warning["severity"] == "critical"
    assert said in warning["detail"]
    identity = warning["next"][0].removeprefix("p2pnode rebuild apply ")
    until_it_may_be_applied(dave, identity)
    at(dave).type("rebuild", "apply", identity, "--keeps", "alice", "--keeps", "bob")
    followed = dave.get("status", min_index=alice.get("status")["log"]["index"])
    assert followed["timed_out"] is False
    assert not [one for one in followed["warnings"] if one["severity"] == "critical"]
    at(dave).type("back", "--wait=final")
    assert alice.get("status", min_reachable=3)["committee"]["size"] == 3


def wait_for_alarm(daemon: Daemon) -> dict[str, str]:
    """Return the warning once the daemon has heard of the rebuild."""
    for _ in range(30):
        status = daemon.get("status", min_epoch=1_000, timeout=1)
        for one in status["warnings"]:
            if one["name"] == "rebuild":
                found: dict[str, str] = one
                return found
    raise AssertionError(status)


def test_survivors_rebuild_and_one_who_returns_is_told(start: Start, tmp_path: Path) -> None:
    # Without a linger nothing is pending when the nodes die: a vote that becomes due later makes
    # the survivors begin a round, which one who returns completes to a longer record.
    people = alice, bob, carol, dave = start(
        "alice", "bob", "carol", "dave", charter={"timing.linger_ms": 0}
    )
    passed = decide(people)
    agree(people)
    refused = at(alice).type("rebuild", "propose", "--without", "dave", "--yes", code=5)
    assert "3 of 4 nodes are a quorum" in flat(refused.err)
    refused = at(alice).type("rebuild", "propose", "--keep", "bob", "--yes", code=5)
    assert "is not lost" in flat(refused.err)

    carol.kill()
    dave.kill()
    until_it_may_be_proposed(alice, "carol", "dave")
    opened = alice.post("proposals", {"tier": "individual", "title": "Sell it", "vote": "no"})
    stuck = opened["proposal"]["id"]
    assert alice.get(f"proposals/{stuck}", wait="final", timeout=1)["grade"] == "provisional"

    before_ms = WallMs(time.time_ns() // 1_000_000)
    said = rebuild(alice, bob, tmp_path / "rebuild.txt")
    assert said.endswith("by 2 of 4 seats: alice, bob")
    for one in (alice, bob):
        decided = one.get(f"proposals/{stuck}", wait="final")
        assert (decided["outcome"], decided["grade"]) == ("rejected", "final")
        assert said in flat(at(one).type("status").out)
        assert said in flat(at(one).type("epochs").out)
        assert at(one).type("epochs", "--json").json["items"][-1]["time"] >= time_text(before_ms)
    assert "lost at" in at(bob).type("members").out
    assert at(bob).type("verify-log", "--json").json["ok"] is True
    paper = str(tmp_path / "sell.p2pcert")
    at(bob).type("certificate", stuck, "-o", paper, "--wait=final")
    shown = at(bob).type("verify", paper)
    assert "certificate genuine community" in flat(shown.out), "bob has applied the rebuild"
    assert "this rests on alice, bob alone: they went on without carol, dave" in flat(shown.out)
    elsewhere = at(dave).type("verify", paper, "-c", community_of(bob), code=8)
    assert "[unconfirmed_rebuild]" in elsewhere.err

    dave.start()
    wait_for_alarm(dave)
    committee = dave.get("status")["committee"]
    assert (committee["reachable"], committee["can_finalize"]) == (1, False)
    assert {one["name"]: one["connected"] for one in committee["missing"]} == {
        "alice": True,
        "bob": True,
        "carol": False,
    }
    assert dave.get(f"proposals/{passed}")["outcome"] == "passed"
    follow(dave, alice, said)
    alice.stop()
    alice.start()
    assert said in flat(at(alice).type("status").out), "it is shown for ever"


def test_one_members_own_rebuild_is_refused_beside_a_quorum_and_names_who_it_keeps(
    start: Start, tmp_path: Path
) -> None:
    """Case: alice says that all others are lost, and signs alone; they are there."""
    alice, bob, carol, dave = start(
        "alice", "bob", "carol", "dave", charter={"timing.linger_ms": 0}
    )
    others = (bob, carol, dave)
    for one in others:
        (port,) = re.findall(r"listening on /ip4/127.0.0.1/tcp/(\d+)", one.log)
        one.set("P2PNODE_NET_PORT", port)  # where the others look for it later
        one.kill()
    until_it_may_be_proposed(alice, "bob", "carol", "dave")
    file = str(tmp_path / "alone.txt")
    lost = [word for name in ("bob", "carol", "dave") for word in ("--without", name)]
    at(alice).type("rebuild", "propose", *lost, "-o", file, "--yes")
    alice.kill()

    for one in others:
        one.start()
    for one in others:
        assert not one.get("status", min_reachable=3)["timed_out"]
    text = Path(file).read_text(encoding="utf-8").strip()
    for one in others:
        answer = dry_run(one, text, "started less")
        assert "are a quorum" in answer["detail"]
        refused = at(one).type("rebuild", "apply", file, "--keeps", "alice", code=5)
        assert "are a quorum" in flat(refused.err)

    for one in (carol, dave):
        one.kill()
    assert dry_run(bob, text, "are a quorum").status == 200, "bob's user may judge now"
    unnamed = at(bob).type("rebuild", "apply", file, "--yes", code=2)
    assert "--keeps alice" in flat(unnamed.err)
    assert "The nodes of bob, carol, dave leave the committee" in flat(unnamed.out)
    for less in ({}, {"kept": []}, {"kept": ["bob"]}, {"kept": ["alice", "bob"]}):
        answer = bob.ask("POST", "rebuilds/application", {"rebuild": text, **less})
        assert (answer.status, answer["code"]) == (422, "invalid_request"), less
        assert "only alice goes on" in answer["detail"]
    assert not bob.get("rebuilds")["items"]


def dry_run(daemon: Daemon, rebuild: str, passing: str) -> Answer:
    """Return what applying it would come to, once that is not `passing` any more."""
    for _ in range(30):
        answer = daemon.ask("POST", "rebuilds/application", {"rebuild": rebuild}, dry_run="true")
        if answer.status == 200 or passing not in answer["detail"]:
            return answer
        daemon.get("status", min_epoch=1_000, timeout=1)
    raise AssertionError(answer.document)
