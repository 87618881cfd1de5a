"""Real nodes whose clocks are past a close while no quorum is there: over HTTP and the commands."""

from __future__ import annotations

from support.processes.daemons import Start


def test_past_the_close_nothing_is_asked_for_and_nothing_is_signed(start: Start) -> None:
    alice, bob = start("alice", "bob")
    opened = alice.post(
        "proposals", {"tier": "tactical", "title": "Tea", "closes_in": "5s"}, wait="final"
    )
    proposal = opened["proposal"]["id"]
    assert [one["id"] for one in alice.get("status")["needs_my_vote"]] == [proposal]
    bob.kill()
    closed = alice.get(f"proposals/{proposal}", wait="provisional")
    assert (closed["outcome"], closed["grade"]) == ("lapsed", "provisional")
    assert closed["decided_at"] == closed["closes_at"]

    status = alice.get("status")
    assert (status["needs_my_vote"], status["open_proposals"]) == ([], 0)
    for method, path, body in (
        ("POST", f"proposals/{proposal}/votes", {"choice": "yes"}),
        ("POST", f"proposals/{proposal}/revisions", {"title": "Coffee"}),
        ("POST", f"proposals/{proposal}/withdrawal", {"reason": None}),
    ):
        answer = alice.refused(method, path, body)
        assert (answer.status, answer["code"]) == (409, "closed"), path
    reasons = alice.get(f"proposals/{proposal}/explanation")["reasons"]
    assert reasons[0]["code"] == "closed"

    assert alice.command("vote", proposal, "yes")[0] == 6
    assert alice.command("revise", proposal, "--title", "Coffee")[0] == 6
    assert alice.command("withdraw", proposal)[0] == 6
    for arguments in (
        ("status",),
        ("show", proposal),
        ("explain", proposal),
        ("decisions", "--all"),
    ):
        code, said = alice.command(*arguments)
        assert code == 0, said
        assert "closed" in said or arguments == ("status",)
        assert "0 ms" not in said
        assert "it lapses" not in said
        assert "needs your vote (" not in said
