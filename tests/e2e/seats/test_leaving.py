"""Who has no seat any more, or none yet: what they are told, and how they come (back) to one."""

from __future__ import annotations

import pytest
from support.hosts.homes import has_file, only_community
from support.processes.daemons import Daemon, Start, bind

from p2pnode.store.store import Store

WAITS_S = 60


def seat_warning(daemon: Daemon) -> str:
    (found,) = [one for one in daemon.get("status")["warnings"] if one["name"] == "seat"]
    return str(found["detail"])


def test_who_left_comes_back_by_a_new_invite(start: Start) -> None:
    alice, bob = start("alice", "bob")
    seat = bob.get("members/me")["id"]
    bob.post("members/me/departure", wait="final")
    assert bob.get("status", state="removed")["state"] == "removed"
    assert "the seat of bob was given up" in seat_warning(bob)
    refused = bob.refused("POST", "proposals", {"tier": "tactical", "title": "Tea"})
    assert refused["code"] == "removed"
    assert "the seat of bob was given up" in refused["detail"]

    for _ in range(2):  # and once more
        link = alice.invite("Bob")
        joined = bob.post("node/joins", {"link": link, "member_name": "bob"}, wait="final")
        assert joined["stage"] == "admitted", joined
        assert joined["member"]["id"] == seat, "a seat's id is that of the key that founded it"
        said = bob.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
        assert said["code"] == "ok"
        bob.stop()
        bob.start()
        assert bob.get("status", state="member")["state"] == "member"
        bob.post("members/me/departure", wait="final")
        assert bob.get("status", state="removed")["state"] == "removed"


def test_decision_names_a_seat_as_it_was_called_then(start: Start) -> None:
    """However often that comes back, under whatever name."""
    alice, bob, carol = start("alice", "bob", "carol")
    removal = {"kind": "remove", "member": "bob"}
    body = {"tier": "constitutional", "title": "Bob out", "action": removal, "vote": "yes"}
    proposal = alice.post("proposals", body, wait="final")["proposal"]["id"]
    carol.get(f"proposals/{proposal}", wait="provisional")
    carol.post(f"proposals/{proposal}/votes", {"choice": "yes"})
    assert alice.get(f"proposals/{proposal}", wait="final")["outcome"] == "passed"
    bob.get("status", state="removed")
    link = alice.invite("Robert", [carol])
    joined = bob.post("node/joins", {"link": link, "member_name": "Robert"}, wait="final")
    assert joined["member"]["name"] == "Robert"
    for node in (alice, bob, carol):
        found = node.get(f"proposals/{proposal}")
        assert found["action"]["member"]["name"] == "bob"
        assert found["concerned"]["name"] == "bob"
        (listed,) = [one for one in node.get("decisions")["items"] if one["id"] == proposal]
        assert listed["action"]["member"]["name"] == "bob"


def test_joiner_is_told_what_became_of_the_link_and_can_give_up(start: Start, home: Daemon) -> None:
    alice, bob = start("alice", "bob")
    home.start()
    proposed = alice.post("invites", {"name": "Zoe"}, wait="final")
    home.post("node/joins", {"link": proposed["link"], "member_name": "Zoe"})
    _wait_for(home, "not decided here yet")
    home.delete("join")
    assert home.get("node")["communities"] == []
    bob.post(f"proposals/{proposed['proposal']['id']}/votes", {"choice": "yes"}, wait="final")
    joined = home.post("node/joins", {"link": proposed["link"], "member_name": "Zoe"}, wait="final")
    assert joined["stage"] == "admitted"


def test_used_link_says_so(start: Start, home: Daemon) -> None:
    (alice,) = start("alice")
    link = alice.invite("Zoe")
    home.start()
    assert home.post("node/joins", {"link": link, "member_name": "Zoe"}, wait="final")["stage"] == (
        "admitted"
    )
    other = Daemon(home.paths.data_dir.with_name("other"))
    try:
        other.start()
        refused = other.post("node/joins", {"link": link, "member_name": "Yan"}, wait="final")
        assert refused["stage"] == "refused", refused
        assert "used up" in refused["detail"]
        code, said = other.command("join", link, "--name", "Yan", "--wait")
        assert code == 5, said
        assert "invite_over" in said
        other.stop()
        other.start()
        assert other.get("status", timeout=1)["state"] == "joining"
        other.delete("join")
        assert other.get("node")["communities"] == []
    finally:
        other.kill()


@pytest.mark.slow
def test_link_that_ends_before_it_is_decided_is_refused_while_it_is_waited_for(
    start: Start, home: Daemon
) -> None:
    alice, _bob = start("alice", "bob")
    home.start()
    proposed = alice.post("invites", {"name": "Zoe", "expires_in": "20s"})
    joined = home.post("node/joins", {"link": proposed["link"], "member_name": "Zoe"}, wait="final")
    assert joined["stage"] == "refused", joined
    assert "expired" in joined["detail"]


def test_link_that_was_used_up_while_its_holder_knew_the_community(
    start: Start, home: Daemon
) -> None:
    """It has the charter and is let in by nobody, so its log never shows what became of it."""
    alice, bob = start("alice", "bob")
    link = alice.invite("Zoe", [bob])
    bob.post("members/me/departure", wait="final")
    assert bob.get("status", state="removed")["state"] == "removed"
    bob.stop()
    home.start()
    joined = home.post("node/joins", {"link": link, "member_name": "Zoe"}, wait="final")
    assert joined["stage"] == "admitted"
    bob.start()
    refused = bob.post("node/joins", {"link": link, "member_name": "bob"}, wait="final")
    assert refused["stage"] == "refused", refused
    assert "used up" in refused["detail"]


def test_joiner_is_told_that_its_name_is_another(start: Start, home: Daemon) -> None:
    (alice,) = start("alice")
    home.start()
    link = alice.invite("Zoe")
    home.post("node/joins", {"link": link, "member_name": "Alice"}, wait="final")
    status = home.get("status", state="member")
    assert status["member"]["name"] == "Alice 2"
    (told,) = [one for one in status["warnings"] if one["name"] == "name"]
    assert "the others see you as Alice 2" in told["detail"]
    assert told["detail"] in home.log


@pytest.mark.parametrize("is_empty", [True, False])
def test_store_that_lost_what_its_device_signed_is_told(home: Daemon, is_empty: bool) -> None:
    """An old store.db without its -wal may know of no community at all."""
    home.start()
    home.found("alice")
    place = only_community(home.paths)
    Store.create(home.paths.data_dir / "empty.db").close()
    old = (home.paths.data_dir / "empty.db").read_bytes()
    home.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    home.kill()
    for file in place.data_dir.glob("store.db*"):
        file.unlink()
    if not is_empty:
        place.store_file.write_bytes(old)
        place.store_file.chmod(0o600)
    home.start()
    (told,) = [one for one in home.get("status")["warnings"] if one["name"] == "store_behind"]
    assert "this device has signed in com_" in told["detail"]
    assert home.get("node/health")["status"] == "critical"
    (marked,) = home.paths.data_dir.rglob("signed-*")
    before = marked.read_bytes()
    refused = home.refused("GET", "members")
    assert (refused.status, refused["code"]) == (503, "store_behind")
    assert marked.read_bytes() == before
    assert "this device has signed in com_" in home.log
    code, shown = home.command("status")
    assert code == 0
    assert shown.startswith("critical:")
    assert "p2pnode found" not in shown


def _removed_while_down(start: Start, *names: str) -> tuple[list[Daemon], Daemon]:
    """Return the others, and the last one, which is down and has no seat any more."""
    *others, gone = start(*names)
    seat = gone.get("members/me")["id"]
    gone.stop()
    action = {"kind": "remove", "member": seat}
    body = {"tier": "constitutional", "title": "Gone", "action": action, "vote": "yes"}
    first = others[0]
    proposal = first.post("proposals", body, wait="final")["proposal"]["id"]
    for other in others[1:]:
        other.get("status", min_index=first.get("status")["log"]["index"])
        other.post(f"proposals/{proposal}/votes", {"choice": "yes"})
    decided = first.get(f"proposals/{proposal}", wait="final")
    assert decided["outcome"] == "passed", decided
    return others, gone


def test_who_was_removed_while_its_node_was_down_comes_back_by_a_new_invite(start: Start) -> None:
    others, dan = _removed_while_down(start, "alice", "bob", "cara", "dan")
    link = others[0].invite("Dan", others[1:])
    dan.start()
    for _ in range(WAITS_S):
        if any(one["name"] == "seat" for one in dan.get("status")["warnings"]):
            break
        dan.get("status", state="removed", timeout=1)
    joined = dan.post("node/joins", {"link": link, "member_name": "Dan"}, wait="final")
    assert joined["stage"] == "admitted", joined
    assert others[0].get("status", min_members=4)["timed_out"] is False
    said = dan.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    assert said["code"] == "ok"
    assert not has_file(dan.paths, "joining.json")


def test_who_has_no_seat_is_told_one_thing_and_promised_nothing(start: Start) -> None:
    """By its own log it has a seat: nothing may say so any more, or that its vote will count."""
    others, dan = _removed_while_down(start, "alice", "bob", "cara", "dan")
    asked = others[0].post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    dan.start()
    told = _wait_warning(dan, "seat")
    assert "seat" in str(told["detail"])
    early = dan.get("status")
    if early["state"] == "member":
        assert "do not let this node in" in early["committee"]["message"]
        assert "nobody of the committee" not in str(early["warnings"])
    sure = dan.get("status", state="removed", timeout=60)
    if sure["timed_out"]:
        sure = dan.get("status", state="removed", timeout=60)
    assert (sure["state"], sure["needs_my_vote"]) == ("removed", [])
    assert "do not let this device in any more" in seat_warning(dan)
    assert "can be reached" not in str(sure["warnings"])
    for command in (("vote", "1", "yes"), ("propose", "Tea", "-t", "tactical"), ("leave", "--yes")):
        code, said = dan.command(*command)
        assert (code, "[removed]" in said) == (5, True), said
    code, said = dan.command("status")
    assert "needs your vote" not in said
    assert "provisional until" not in said
    assert asked["proposal"]["outcome"] == "open"


def _wait_warning(daemon: Daemon, name: str) -> dict[str, object]:
    for _ in daemon.events():
        for one in daemon.get("status")["warnings"]:
            if one["name"] == name:
                return dict(one)
    raise AssertionError("the stream of events ended")


def test_one_of_a_committee_that_is_no_more_is_told_what_can_be_said(start: Start) -> None:
    """Fewer than f + 1 of the committee it knows are left: nobody can tell it for sure."""
    (alice, bob, cara), dan = _removed_while_down(start, "alice", "bob", "cara", "dan")
    for one in (bob, cara):
        one.stop()
    dan.start()
    told = _wait_warning(dan, "seat")
    assert told["severity"] == "warning"
    assert str(told["detail"]).startswith("alice does not let this node in, as it has no seat")
    assert "of the 3 others on the committee known here too few answer" in str(told["detail"])
    assert "p2pnode join LINK --name NAME" in str(told["next"])
    alice.stop()
    dan.stop()
    dan.start()
    # Laptops that are closed look like this: what may be beyond that is said after an hour.
    alone = dan.get("status")
    assert "decisions stay provisional until 2 of " in alone["committee"]["message"]
    assert {one["name"] for one in alone["warnings"]}.isdisjoint({"peers", "seat"})


def test_join_that_was_kept_by_whom_was_removed_is_begun(start: Start) -> None:
    others, dan = _removed_while_down(start, "alice", "bob", "cara", "dan")
    link = others[0].invite("Dan", others[1:])
    code, said = dan.command("join", link, "--name", "Dan")
    assert code == 0, said
    dan.start()
    status = dan.get("status", state="member")
    assert status["state"] == "member", status
    assert others[0].get("status", min_members=4)["timed_out"] is False


def test_join_that_was_kept_by_a_member_is_dropped_and_said_so(start: Start) -> None:
    alice, bob, cara = start("alice", "bob", "cara")
    link = alice.invite("Dan", [bob, cara])
    cara.stop()
    code, said = cara.command("join", link, "--name", "Cara")
    assert code == 0, said
    cara.start()
    status = cara.get("status", state="member")
    assert status["state"] == "member", status
    assert "has its seat" in cara.log
    assert not has_file(cara.paths, "joining.json")
    refused = cara.refused("POST", "node/joins", {"link": link, "member_name": "Cara"})
    assert refused["code"] == "already_in_community"


def test_revoked_device_is_told_that_its_seat_goes_on(start: Start, home: Daemon) -> None:
    alice, _bob = start("alice", "bob")
    home.start()
    device = bind(alice, home)
    home.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    alice.delete(f"members/me/devices/{device}", wait="final")
    assert home.get("status", state="removed")["state"] == "removed"
    assert "taken off the seat of alice, which goes on" in seat_warning(home)
    for command in (("vote", "1", "yes"), ("withdraw", "1"), ("erase", "1")):
        code, said = home.command(*command)
        assert (code, "not_seen" in said) == (5, False), said
        assert "taken off the seat of alice, which goes on" in " ".join(said.split())
    _, shown = home.command("status", "--home", str(home.paths.home))
    assert "on a device of the seat: p2pnode devices" in " ".join(shown.split())


def _wait_for(joiner: Daemon, words: str) -> None:
    """Return once the join's detail has these words; it is looked at once a second at most."""
    for _ in range(WAITS_S):
        if words in joiner.get("join")["detail"]:
            return
        joiner.get("status", state="member", timeout=1)
    raise AssertionError(joiner.get("join"))
