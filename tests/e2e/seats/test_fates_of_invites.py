"""What the holder of a link is told of every end of its invite, in each kind of home; and that it
asks no more then, also after a restart."""

from __future__ import annotations

from typing import Any

import pytest
from support.hosts.homes import only_community
from support.processes.daemons import Daemon, Start

WAITS_S = 60
SOON = "10s"  # an invite that is over soon, and not before the others can have voted

# The end of the invite → what is said of it; None: it waits on.
OVER = {
    "expired": "expired",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "lapsed": "lapsed",
    "used up": "used up",
}
BY_CLOCK = ("expired", "lapsed")
WAITING = {
    "proposed": "not decided here yet",
    "revised": "not decided here yet",
}
HOMES = ("fresh", "former member's", "kept while offline")


def propose_invite(alice: Daemon, expires_in: str = "1h", **more: Any) -> tuple[str, str]:
    """Return link and proposal of an invite that has no vote but the proposer's."""
    made = alice.post("invites", {"name": "Zoe", "expires_in": expires_in, **more}, wait="final")
    return made["link"], made["proposal"]["id"]


def bring_about(end: str, alice: Daemon, bob: Daemon, other: Daemon) -> str:
    """Return the link of an invite that has come to this end, or stands so."""
    link, proposal = propose_invite(alice, SOON if end in ("lapsed", "expired") else "1h")
    votes = f"proposals/{proposal}/votes"
    if end in ("used up", "expired"):
        bob.post(votes, {"choice": "yes"}, wait="final")
    if end == "used up":
        other.start()
        joined = other.post("node/joins", {"link": link, "member_name": "Yan"}, wait="final")
        assert joined["stage"] == "admitted"
        alice.get("status", min_index=other.get("status")["log"]["index"])
        check_connected(alice, proposal)
    if end == "rejected":
        bob.post(votes, {"choice": "no"}, wait="final")
    if end == "withdrawn":
        alice.post(f"proposals/{proposal}/withdrawal", {}, wait="final")
    if end == "revised":
        said = {"title": "Invite Zoe, whom we met"}
        alice.post(f"proposals/{proposal}/revisions", said, wait="final")
    if end in ("lapsed", "expired"):
        state = "lapsed" if end == "lapsed" else "expired"
        wait_for_invite(alice, state)
    return link


def check_connected(alice: Daemon, proposal: str) -> None:
    """An invite for Zoe and the seat Yan that it became name each other, and Yan is taken."""
    (offered,) = [one for one in alice.get("invites")["items"] if one["proposal"] == proposal]
    assert [one["name"] for one in offered["seats"]] == ["Yan"]
    invited = {one["name"]: one["invited_as"] for one in alice.get("members")["items"]}
    assert (invited["Yan"], invited["alice"]) == ("Zoe", None)
    for name, seat_name in (("Yan", "Yan 2"), ("Una", None)):
        dry = alice.ask("POST", "invites", {"name": name}, dry_run="true")
        assert dry["seat_name"] == seat_name


def wait_for_invite(daemon: Daemon, state: str) -> None:
    for _ in range(WAITS_S):
        offered = daemon.get("invites")["items"]
        if state in [one["state"] for one in offered if one["name"] == "Zoe"]:
            return
        daemon.get("status", state="removed", timeout=1)
    raise AssertionError(daemon.get("invites"))


def calm(text: str) -> str:
    return " ".join(text.split())


def kept(joiner: Daemon) -> str:
    """Return what a home has in its file of a join."""
    return (only_community(joiner.paths).data_dir / "joining.json").read_text()


def wait_until_it_asks_no_more(joiner: Daemon) -> None:
    """Return once the join has ended: it is kept in the file, and nobody is dialled."""
    for _ in range(WAITS_S):
        if "ended_code" in kept(joiner):
            return
        joiner.get("status", state="member", timeout=1)
    raise AssertionError(joiner.get("join"))


@pytest.mark.parametrize("kind", HOMES)
def test_holder_of_a_link_is_told_how_its_invite_ended(
    start: Start, home: Daemon, kind: str
) -> None:
    if kind == "former member's":
        alice, bob, joiner = start("alice", "bob", "cara")
        joiner.post("members/me/departure", wait="final")
        assert joiner.get("status", state="removed")["state"] == "removed"
    else:
        alice, bob = start("alice", "bob")
        joiner = home
    other = Daemon(home.paths.home.with_name("another"))
    try:
        if kind == "fresh":
            joiner.start()
        for end in (*WAITING, *OVER):  # the last of these brings a third member
            link = bring_about(end, alice, bob, other)
            if kind == "kept while offline":
                # What has expired by the link alone is told by the clock, with no daemon, too.
                code, said = joiner.command("join", link, "--name", "Zoe")
                assert code == (5 if end in BY_CLOCK else 0), said
                joiner.start()
            _check_told(joiner, link, end)
            if joiner.get("node")["communities"]:  # what is over by the link alone begins nothing
                joiner.delete("join")
            gone = joiner.get("node")["communities"]
            assert [one["joining"] for one in gone] == [None] * len(gone)
            left = ["removed"] if kind == "former member's" else []
            assert [one["state"] for one in gone] == left
            if kind == "kept while offline":
                joiner.stop()
    finally:
        other.kill()


def _check_told(joiner: Daemon, link: str, end: str) -> None:
    code, said = joiner.command("join", link, "--name", "Zoe", "--wait", "--timeout", "5s")
    if end in WAITING:
        assert (code, WAITING[end] in calm(said)) == (7, True), said
        assert joiner.get("join")["stage"] == "waiting_for_invite"
        assert "ended_code" not in kept(joiner)
        return
    assert (code, "invite_over" in said, "new" in said) == (5, True, True), said
    if end in BY_CLOCK:
        assert "expired" in calm(said), said
        return
    assert OVER[end] in calm(said), said
    code, said = joiner.command("join", link, "--name", "Zoe")  # the same without waiting
    assert code in (0, 5), said
    if end not in ("rejected", "used up"):  # of ten seconds each
        return
    wait_until_it_asks_no_more(joiner)
    joiner.stop()
    joiner.start()
    joined = joiner.get("join")
    assert (joined["stage"], joined["code"]) == ("refused", "invite_over"), joined
    assert OVER[end] in joined["detail"]
    code, said = joiner.command("status")
    assert OVER[end] in calm(said), said
    assert "join --give-up" in said


def test_joiner_that_asks_while_its_invite_is_rejected_is_told(start: Start, home: Daemon) -> None:
    alice, bob = start("alice", "bob")
    link, proposal = propose_invite(alice)
    home.start()
    home.post("node/joins", {"link": link, "member_name": "Zoe"})
    for _ in range(WAITS_S):
        if home.get("join")["stage"] == "waiting_for_invite":
            break
        home.get("status", state="member", timeout=1)
    bob.post(f"proposals/{proposal}/votes", {"choice": "no"}, wait="final")
    wait_until_it_asks_no_more(home)
    joined = home.get("join")
    assert (joined["code"], "rejected" in joined["detail"]) == ("invite_over", True)
    alice_again = alice.invite("Zoe", [bob])
    joined = home.post("node/joins", {"link": alice_again, "member_name": "Zoe"}, wait="final")
    assert joined["stage"] == "admitted", "a new invite is all that it takes"


def test_who_loses_the_race_for_one_seat_is_told(start: Start, home: Daemon) -> None:
    (alice,) = start("alice")
    link = alice.invite("Zoe")
    other = Daemon(home.paths.home.with_name("another"))
    try:
        for one in (home, other):
            one.start()
        for one, name in ((home, "Zoe"), (other, "Yan")):
            one.post("node/joins", {"link": link, "member_name": name})
        loser = home
        for _ in range(WAITS_S):
            stages = {one: one.get("join")["stage"] for one in (home, other)}
            if sorted(stages.values()) == ["admitted", "refused"]:
                loser = home if stages[home] == "refused" else other
                break
            alice.get("status", state="removed", timeout=1)
        wait_until_it_asks_no_more(loser)
        told = loser.get("join")
        assert (told["code"], "used up" in told["detail"]) == ("invite_over", True), told
        loser.stop()
        loser.start()
        assert "used up" in loser.get("join")["detail"]
        winner = other if loser is home else home
        body = {"link": alice.invite("Yan", [winner]), "member_name": "Yan"}
        again = loser.post("node/joins", body, wait="final")
        assert again["stage"] == "admitted", again
    finally:
        other.kill()
