"""What a member can put on everybody's disk: its share, and no replaced reason (R10.24)."""

from __future__ import annotations

import sqlite3

from support.hosts.homes import only_community
from support.processes.daemons import Daemon, Start

SHARE = 400_000
REASON = "x" * 60_000


def texts_of(daemon: Daemon) -> int:
    """Return the bytes of all texts in a daemon's store, as another reader of the file sees it."""
    with sqlite3.connect(only_community(daemon.paths).store_file) as db:
        (size,) = db.execute("SELECT coalesce(sum(length(blob)), 0) FROM texts").fetchone()
    return int(size)


def test_votes_with_long_reasons_leave_one_of_them_on_disk_and_end_with_the_share(
    start: Start,
) -> None:
    alice, bob = start("alice", "bob", charter={"rules.bytes_per_day": SHARE})
    alice.post("proposals", {"tier": "strategic", "title": "Tea at four"}, wait="final")
    body, votes = {"choice": "aside", "reason": REASON}, 0
    while bob.ask("POST", "proposals/2/votes", body, wait="final").status < 300:
        votes += 1
        choice = "yes" if votes % 2 else "aside"  # neither decides it
        body = {"choice": choice, "reason": f"{votes} {REASON}"[: len(REASON)]}
    assert votes == SHARE // 60_400
    refused = bob.refused("POST", "proposals/2/votes", body)
    assert refused["code"] == "limit_bytes"
    assert "bytes_per_day" in refused["detail"]
    index = bob.get("status")["log"]["index"]
    assert not alice.get("status", min_index=index)["timed_out"]
    for one in (alice, bob):
        assert texts_of(one) < 60_000 + 1_000, "the last reason, and titles"
        shown = one.get("proposals/2")
        assert [len(vote["reason"]) for vote in shown["votes"]] == [60_000]
    bare = bob.post("proposals/2/votes", {"choice": "aside"}, wait="final")
    assert bare["state"] == "final", "a vote without a reason fits"
    assert not alice.get("status", min_index=bob.get("status")["log"]["index"])["timed_out"]
    for one in (alice, bob):
        assert texts_of(one) < 1_000, "and the last reason goes"
        one.stop()
        one.start()
        assert texts_of(one) < 1_000
