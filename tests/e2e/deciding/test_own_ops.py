"""What became of one's own ops, at real nodes: refused later and told, over restarts; hurried."""

from __future__ import annotations

import time

from support.processes.daemons import Daemon, Start, bind


def test_refused_later_is_told_everywhere_until_its_author_knows(start: Start) -> None:
    alice, bob, carol = start("alice", "bob", "carol")
    opened = alice.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    proposal = opened["proposal"]["id"]
    carol.get("status", min_index=alice.get("status")["log"]["index"])
    index = carol.get("status")["log"]["index"]
    for other in ("alice", "bob"):  # until this node's next start
        carol.put(f"peers/{other}/block")
    assert not carol.get("status", max_reachable=1)["timed_out"]
    cast = carol.post(f"proposals/{proposal}/votes", {"choice": "yes"})
    assert (cast["state"], cast["can_finalize"]) == ("queued", False)
    assert [one["op"] for one in carol.get("ops")["waiting"]] == [cast["op"]]
    code, said = carol.command("ops")
    assert code == 0
    assert "on its way (1)" in said
    carol.kill()

    # The others ask about another text meanwhile.
    assert not bob.get("status", min_reachable=2)["timed_out"]
    revised = alice.post(f"proposals/{proposal}/revisions", {"title": "Coffee"}, wait="final")
    assert revised["state"] == "final"
    carol.start()
    events = carol.events(after=index)
    found = next(one for one in events if one["event"] == "op_refused")
    assert found["data"]["op"] == cast["op"]
    assert found["data"]["code"] == "superseded_revision"
    assert found["data"]["next"]

    for _ in range(2):  # over a restart, too
        (refused,) = carol.get("status")["refused_ops"]
        assert (refused["op"], refused["code"]) == (cast["op"], "superseded_revision")
        assert "p2pnode show 3 --diff" in refused["next"]
        assert refused["what"] == "vote (yes) on #3, revision 1 of 2, 'Tea'"  # what was voted on
        assert "came on revision 1 when that had been replaced: carol (yes)" in " ".join(
            carol.command("show", proposal)[1].split()
        )
        assert "of yours, refused (1)" in carol.command("status")[1]
        carol.stop()
        carol.start()
    assert "vote (yes)" in carol.command("ops", "--seen")[1]
    assert carol.get("status")["refused_ops"] == []
    assert "refused" not in carol.command("status")[1]
    assert [one["op"] for one in carol.get("ops", all="true")["refused"]] == [cast["op"]]


def test_second_device_waits_no_longer_than_the_first(start: Start, home: Daemon) -> None:
    alice, bob = start("alice", "bob", charter={"timing.linger_ms": 60_000})
    home.start()
    bind(alice, home)
    home.get("status", min_reachable=2)
    took_s: dict[str, float] = {}
    for name, node in (("first", alice), ("second", home)):
        begin = time.monotonic()
        said = node.post("proposals", {"tier": "tactical", "title": name}, wait="final", timeout=50)
        took_s[name] = time.monotonic() - begin
        assert (said["state"], said["timed_out"]) == ("final", False), took_s
    # What lingers says until when; and is hurried by one command, from any device.
    for node in (home, bob):
        said = node.post("proposals", {"tier": "tactical", "title": "later"})
        assert said["state"] == "queued"
        assert said["due_at"] > said["accepted_at"]
    assert "p2pnode hurry" in home.command("ops")[1]
    assert home.command("hurry", "--wait", "--timeout", "50s")[0] == 0
    assert home.get("ops")["waiting"] == []
    assert home.get("status")["refused_ops"] == []
