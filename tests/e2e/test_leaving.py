"""Who has no seat any more, or none yet: what they are told, and how they come (back) to one."""

from __future__ import annotations

from support.daemons import Daemon, Start, bind

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
        joined = bob.post("join", {"link": link, "member_name": "bob"}, wait="final")
        assert joined["stage"] == "admitted", joined
        assert joined["member"]["id"] == seat, "a seat's id is that of the key that founded it"
        said = bob.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
        assert said["code"] == "ok"
        bob.stop()
        bob.start()
        assert bob.get("status", state="member")["state"] == "member"
        bob.post("members/me/departure", wait="final")
        assert bob.get("status", state="removed")["state"] == "removed"


def test_joiner_is_told_what_became_of_the_link_and_can_give_up(start: Start, home: Daemon) -> None:
    alice, bob = start("alice", "bob")
    home.start()
    proposed = alice.post("invites", {"name": "Zoe"}, wait="final")
    home.post("join", {"link": proposed["link"], "member_name": "Zoe"})
    _wait_for(home, "not decided here yet")
    home.delete("join")
    assert home.get("status")["state"] == "idle"
    bob.post(f"proposals/{proposed['proposal']['id']}/votes", {"choice": "yes"}, wait="final")
    joined = home.post("join", {"link": proposed["link"], "member_name": "Zoe"}, wait="final")
    assert joined["stage"] == "admitted"


def test_used_link_says_so(start: Start, home: Daemon) -> None:
    (alice,) = start("alice")
    link = alice.invite("Zoe")
    home.start()
    assert home.post("join", {"link": link, "member_name": "Zoe"}, wait="final")["stage"] == (
        "admitted"
    )
    other = Daemon(home.paths.data_dir.with_name("other"))
    try:
        other.start()
        other.post("join", {"link": link, "member_name": "Yan"})
        _wait_for(other, "used up")
        other.delete("join")
        assert other.get("status")["state"] == "idle"
    finally:
        other.kill()


def test_revoked_device_is_told_that_its_seat_goes_on(start: Start, home: Daemon) -> None:
    alice, _bob = start("alice", "bob")
    home.start()
    device = bind(alice, home)
    home.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    alice.delete(f"members/me/devices/{device}", wait="final")
    assert home.get("status", state="removed")["state"] == "removed"
    assert "taken off the seat of alice, which goes on" in seat_warning(home)


def _wait_for(joiner: Daemon, words: str) -> None:
    """Return once the join's detail has these words; it is looked at once a second at most."""
    for _ in range(WAITS_S):
        if words in joiner.get("join")["detail"]:
            return
        joiner.get("status", state="member", timeout=1)
    raise AssertionError(joiner.get("join"))
