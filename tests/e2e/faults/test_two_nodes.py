"""Two real processes over libp2p: found, invite, join, decide, and hold the same log."""

from __future__ import annotations

from support.processes.daemons import Start


def test_two_processes_finalize_a_proposal_alike(start: Start) -> None:
    alice, bob = start("alice", "bob")
    opened = alice.post(
        "proposals", {"tier": "tactical", "title": "Tea at four", "vote": "yes"}, wait="final"
    )
    assert opened["state"] == "final"
    assert opened["proposal"]["outcome"] == "open"

    voted = bob.post("proposals/2/votes", {"choice": "yes", "reason": "thirsty"}, wait="final")
    assert voted["state"] == "final"

    shown = [one.get("proposals/2", wait="final") for one in (alice, bob)]
    for proposal in shown:
        assert proposal["grade"] == "final"
        assert proposal["outcome"] == "passed"
        assert proposal["title"] == "Tea at four"
        assert [vote["reason"] for vote in proposal["votes"]] == [None, "thirsty"]
    assert shown[0]["formula"] == shown[1]["formula"]

    index = min(one.get("status")["log"]["index"] for one in (alice, bob))
    assert (
        alice.get("commits", limit=200)["items"][:index]
        == (bob.get("commits", limit=200)["items"][:index])
    )
