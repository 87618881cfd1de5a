"""What closes before it would linger, at real nodes: in the record of each, with its votes.

Whatever `propose` acknowledged is there for ever, whatever it ends as: where all are reachable,
where a quorum is missing when it closes, and over the death of its author's process.
"""

from __future__ import annotations

from typing import Any

import pytest
from support.processes.daemons import Daemon, Start

pytestmark = pytest.mark.slow
LINGER = {"timing.linger_ms": 3_600_000}  # so nothing but its close can hurry a proposal


def ask(author: Daemon, title: str, window: str) -> str:
    """Propose and vote as one would type it; return the proposal's id."""
    arguments = ("-t", "tactical", "--closes", window, "--vote", "yes", "--json")
    code, said = author.command("propose", title, *arguments)
    assert code == 0, said
    (found,) = [one for one in author.get("proposals")["items"] if one["title"] == title]
    proposal = found["id"]
    assert isinstance(proposal, str)
    return proposal


def decided(node: Daemon, proposal: str) -> Any:
    found = node.get(f"proposals/{proposal}", wait="final", timeout=120)
    assert found["grade"] == "final", found
    return found


def test_proposals_that_close_before_they_would_linger_are_in_the_record_of_every_node(
    start: Start,
) -> None:
    nodes = start("alice", "bob", "carol", "dave", "erin", charter=LINGER)
    windows = ("20s", "1s", "8s")
    asked = [ask(node, f"X {window}", window) for node, window in zip(nodes, windows, strict=False)]
    for proposal in asked:
        for node in nodes:
            found = decided(node, proposal)
            assert found["outcome"] == "lapsed"
            assert [one["choice"] for one in found["votes"]] == ["yes"]
    for node in nodes:
        own = node.get("ops")
        assert (own["waiting"], own["refused"]) == ([], [])


def test_what_closed_while_no_quorum_was_there_is_in_the_record_and_its_vote_is_told(
    start: Start,
) -> None:
    alice, bob, carol = start("alice", "bob", "carol", charter=LINGER)
    for other in ("bob", "carol"):  # until this node's next start
        alice.put(f"peers/{other}/block")
    assert not alice.get("status", max_reachable=1)["timed_out"]
    proposal = ask(alice, "X", "4s")
    alice.post(f"proposals/{proposal}/votes", {"choice": "no"})
    assert alice.get(f"proposals/{proposal}", wait="provisional")["outcome"] == "lapsed"
    alice.kill()
    alice.start()
    for node in (alice, bob, carol):
        assert not node.get("status", min_reachable=3)["timed_out"]
        found = decided(node, proposal)
        assert (found["outcome"], found["title"]) == ("lapsed", "X")
        assert found["votes"] == []
    refused = alice.get("ops")["refused"]
    assert [(one["kind"], one["code"]) for one in refused] == [("vote", "closed")] * 2
    # Who voted did vote, and whoever knows it says so; times are told as they were.
    for node in (alice, bob):
        said = node.get(f"proposals/{proposal}")
        (late,) = said["refused_votes"]
        assert (late["member"]["name"], late["choice"], late["code"]) == ("alice", "no", "closed")
        shown = " ".join(node.command("show", proposal)[1].split())
        assert "came too late to count: alice (no)" in shown
        assert "(yes)" not in shown  # which she took back herself
        assert "voted too late" not in shown  # she did before the close
        assert "no vote counted: bob, carol" in shown
        assert "came into the record after that" in shown
        assert "did not vote" not in node.command("show", proposal)[1]
        (reason,) = [
            one
            for one in node.get(f"proposals/{proposal}/explanation")["reasons"]
            if one["code"] == "lapsed"
        ]
        assert "came into the record after its window had closed" in reason["text"]
        reasons = node.get(f"proposals/{proposal}/explanation")["reasons"]
        assert [one["code"] for one in reasons] == ["lapsed", "votes_late"]
        assert "the vote of alice" in reasons[1]["text"]
