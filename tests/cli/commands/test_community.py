from __future__ import annotations

import json
import time

import pytest
from support.hosts.homes import has_file, only_community

from p2pnode.community.links import JoinLink
from p2pnode.home.pending import save_pending
from p2pnode_cli.commands.seats import joining
from p2pnode_cli.shown.spans import rfc3339
from p2pnode_protocols.wire.ids import CommunityId, WallMs

LINK = "p2pnode:join:1abc"


def _whole_link(expires_ms=0):
    addresses = ("/ip4/127.0.0.1/tcp/1/p2p/x",)
    return JoinLink(CommunityId(b"c" * 32), b"s" * 32, WallMs(expires_ms), addresses).to_text()


def test_founding_says_in_words_how_many_liars_and_sleepers_are_borne(daemon, cli, samples):
    alone = samples["committee"](
        size=1, quorum=1, faults_tolerated=0, sleepers_tolerated=0, reachable=1, missing=[]
    )
    daemon.answers["POST", "/communities"] = (
        201,
        {
            "schema": "p2pnode/community/1",
            "id": "com_" + "c" * 58,
            "name": "Our allotment",
            "member": samples["member"]("alice"),
            "committee": alone,
        },
    )
    result = cli("found", "Our allotment", "--name", "alice", "--set", "timing.linger_ms=2s")
    assert result.code == 0
    shown = " ".join(result.out.split())
    assert "Yours is the only node so far, so what you decide is final at once." in shown
    assert "fewer than a third may lie" in shown
    assert "asleep" not in shown
    assert "p2pnode invite NAME" in result.err
    assert daemon.last("POST").body == {
        "changes": {"timing.linger_ms": 2000},
        "fault_model": "byzantine",
        "member_name": "alice",
        "name": "Our allotment",
    }


def test_invite_prints_the_link_alone_on_stdout(daemon, cli, samples):
    passed = samples["proposal"](grade="final", outcome="passed", title="Invite bob")
    daemon.answers["POST", "/invites"] = samples["receipt"](
        kind="propose", link=LINK, proposal=passed
    )
    result = cli("invite", "bob", "--expires", "2w", "--uses", "3")
    assert result.out == LINK + "\n"
    assert "3 seats for bob are decided" in result.err
    assert daemon.last("POST").body == {
        "expires_in": "1209600s",
        "name": "bob",
        "text": None,
        "uses": 3,
        "vote": "yes",
    }


def test_a_long_link_is_never_wrapped(daemon, cli, samples):
    link = "p2pnode:join:1" + "a" * 600
    daemon.answers["POST", "/invites"] = samples["receipt"](kind="propose", link=link)
    assert cli("invite", "bob").out == link + "\n"


def test_an_invite_among_few_says_that_it_takes_everyone(daemon, cli, samples):
    tally = {"yes": 1, "no": 0, "aside": 0, "missing": 3, "electorate": 4}
    asked = samples["proposal"](tally=tally, required_yes=4)
    daemon.answers["POST", "/invites"] = samples["receipt"](
        kind="propose", link=LINK, proposal=asked
    )
    assert "needs everyone's yes" in " ".join(cli("invite", "bob").err.split())


def test_an_invite_that_others_must_agree_to_says_so(daemon, cli, samples):
    daemon.answers["POST", "/invites"] = samples["receipt"](kind="propose", link=LINK)
    err = " ".join(cli("invite", "bob").err.split())
    assert "not decided yet (#7: open, 2 yes, 1 no of 5; needs 3 yes)" in err
    assert "p2pnode explain 7" in err


def test_an_invite_says_when_its_question_is_final_and_how_to_hurry(daemon, cli, samples):
    daemon.answers["POST", "/invites"] = samples["receipt"](
        kind="propose", link=LINK, due_at="2099-01-01T00:00:00.000Z"
    )
    said = " ".join(cli("invite", "bob").err.split())
    assert "at the latest" in said
    assert "p2pnode hurry" in said
    daemon.answers["POST", "/invites"] = samples["receipt"](
        kind="propose", link=LINK, state="final", code="ok"
    )
    assert "hurry" not in cli("invite", "bob").err


def test_an_expiry_that_is_refused_is_not_echoed(daemon, cli, samples):
    daemon.answers["POST", "/invites"] = samples["problem"]("bad_field", 422, "at most 30 d")
    refused = cli("invite", "bob", "--expires", "40d")
    assert (refused.code, "the link expires" in refused.err) == (2, False)
    daemon.answers["POST", "/invites"] = samples["receipt"](kind="propose", link=LINK)
    assert "the link expires in 20 d" in cli("invite", "bob", "--expires", "20d").err


@pytest.mark.parametrize("grade", ["open", "final"])
def test_an_invite_says_how_long_it_is_good_for(daemon, cli, samples, grade):
    """Decided at once, in a community of one, nothing else shows it."""
    expires = rfc3339(int(time.time() * 1000) + 7 * 86_400_000 + 1_000)
    action = {"kind": "invite", "name": "bob", "invite": "inv_x", "uses": 1, "expires_at": expires}
    outcome = "passed" if grade == "final" else "open"
    asked = samples["proposal"](action=action, grade=grade, outcome=outcome)
    daemon.answers["POST", "/invites"] = samples["receipt"](
        kind="propose", link=LINK, proposal=asked
    )
    assert "the link expires in 7 d (" in cli("invite", "bob").err


def test_who_is_invited_under_a_name_that_is_taken_is_told_the_one_there_will_be(
    daemon, cli, samples
):
    daemon.answers["POST", "/invites"] = samples["receipt"](
        kind="propose", link=LINK, seat_name="Bo 2"
    )
    said = " ".join(cli("invite", "Bo").err.split())
    assert "who joins as Bo will be called Bo 2" in said
    daemon.answers["POST", "/invites"] = samples["receipt"](kind="propose", link=LINK)
    assert "reads as" not in cli("invite", "Bo").err


@pytest.mark.parametrize(("uses", "says"), [(1, "--name 'the team'"), (3, "--name THEIR_NAME")])
def test_who_takes_one_of_many_seats_is_not_given_the_groups_name(daemon, cli, samples, uses, says):
    daemon.answers["POST", "/invites"] = samples["receipt"](kind="propose", link=LINK)
    said = cli("invite", "the team", "--uses", str(uses)).err
    assert f"p2pnode join LINK {says};" in said
    assert ("the team runs" in said) == (uses == 1)


def test_trying_an_invite_names_whom_it_is_for(daemon, cli, samples):
    dry = samples["receipt"](kind="propose", op=None, state="dry_run", proposal=None)
    daemon.answers["POST", "/invites"] = dry
    assert "would have invited Zoe" in cli("invite", "Zoe", "--dry-run").out


def test_an_invite_as_json_is_the_receipt_with_its_link(daemon, cli, samples):
    daemon.answers["POST", "/invites"] = samples["receipt"](kind="propose", link=LINK)
    assert cli("invite", "bob", "--json").json["link"] == LINK


def test_joining_with_a_daemon_goes_to_the_daemon(daemon, cli):
    daemon.answers["POST", "/node/joins"] = (
        202,
        {"schema": "p2pnode/join/1", "stage": "contacting", "timed_out": False},
    )
    result = cli("join", LINK, "--name", "bob")
    assert result.code == 0
    assert "joining as bob: contacting" in result.out
    assert "goes on by itself" in result.err
    assert daemon.last("POST").body == {"link": LINK, "member_name": "bob"}


def test_joiner_is_told_the_name_it_got(daemon, cli, samples):
    admitted = {"stage": "admitted", "timed_out": False, "schema": "p2pnode/join/1"}
    daemon.answers["POST", "/node/joins"] = (202, admitted | {"member": samples["member"]("Ana 2")})
    result = cli("join", LINK, "--name", "Ana", "--wait")
    assert "you are Ana 2" in result.out
    assert "the others see you as Ana 2" in " ".join(result.err.split())
    daemon.answers["POST", "/node/joins"] = (202, admitted | {"member": samples["member"]("Ana")})
    result = cli("join", LINK, "--name", "Ana", "--wait")
    assert "you are Ana\n" in result.out
    assert "see you as" not in result.err


@pytest.mark.parametrize("name", ["me", "#1", "mem_k3v7abcd", "a\u202eb", "12", " "])
def test_what_can_be_no_name_is_refused_before_anything_is_kept(home, cli, name):
    result = cli("join", _whole_link(), "--name", name)
    assert result.code == 2
    assert "[bad_field]" in result.err
    assert "is not allowed" in result.err
    assert not has_file(home, "joining.json")


def test_joining_before_the_daemon_runs_is_kept_for_it(home, cli):
    link = _whole_link()
    result = cli("join", link, "--name", "bob")
    assert result.code == 0
    assert "will join when the daemon starts" in result.out
    assert "p2pnode init" in result.err
    kept = only_community(home).data_dir / "joining.json"
    assert json.loads(kept.read_text(encoding="utf-8")) == {"link": link, "member_name": "bob"}
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_link_that_opens_no_seat_needs_no_name(home, cli):
    """As a home that lost its record is told to do (`devices link`)."""
    link = JoinLink(CommunityId(bytes(32)), None, WallMs(0), ()).to_text()
    for named in ((), ("--name", "Whatever")):
        result = cli("join", link, *named)
        assert result.code == 0, result.err
        assert "kept: this device will join" in result.out
        assert ("--name is not used" in result.err) is bool(named)
        kept = json.loads(
            (only_community(home).data_dir / "joining.json").read_text(encoding="utf-8")
        )
        assert kept == {"link": link, "member_name": ""}


def test_an_invite_needs_a_name_and_the_whole_command_is_said(home, cli):
    link = _whole_link()
    result = cli("join", link)
    assert result.code == 2
    assert "the link opens a seat" in result.err
    assert f"p2pnode join {link} --name NAME" in result.err.replace("\n", "").replace("  ", "")
    assert not has_file(home, "joining.json")


def test_join_that_is_kept_while_a_daemon_starts_is_given_to_it(daemon, cli, monkeypatch):
    """It listens from now on, but looked for the file before that was there."""
    socket, later = daemon.home / "p2pnode.sock", daemon.home / "later.sock"
    socket.rename(later)

    def keep(folder, join):
        save_pending(folder, join)
        later.rename(socket)

    monkeypatch.setattr(joining, "save_pending", keep)
    daemon.answers["POST", "/node/joins"] = (
        202,
        {"schema": "p2pnode/join/1", "stage": "contacting", "timed_out": False},
    )
    link = _whole_link()
    result = cli("join", link, "--name", "bob")
    assert result.code == 0
    assert "joining as bob: contacting" in result.out
    assert daemon.last("POST").body == {"link": link, "member_name": "bob"}


def test_waiting_for_a_join_without_a_daemon_fails_and_the_join_is_kept(home, cli):
    result = cli("join", _whole_link(), "--name", "bob", "--wait", "--timeout", "1")
    assert result.code == 3
    assert "nothing to wait for" in " ".join(result.err.split())
    assert has_file(home, "joining.json")


def test_expired_link_is_refused_without_a_daemon_too(home, cli):
    result = cli("join", _whole_link(expires_ms=1), "--name", "bob")
    assert (result.code, "[invite_over]" in result.err) == (5, True)
    assert "has expired" in result.err
    assert not has_file(home, "joining.json")


@pytest.mark.parametrize("as_json", [False, True])
def test_an_invite_that_is_not_final_in_time_exits_7(daemon, cli, samples, as_json):
    daemon.answers["POST", "/invites"] = samples["receipt"](
        kind="propose", link=LINK, timed_out=True
    )
    more = ["--json"] if as_json else []
    result = cli("invite", "bob", "--wait", "--timeout", "1", *more)
    assert result.code == 7
    assert LINK in result.out
    assert "[timeout]" in result.err or as_json


# Every command that waits: what the daemon is asked, and what it answers when time is up.
WAITS = {
    "propose": (["propose", "t", "-t", "tactical"], "POST", "/proposals"),
    "away": (["away"], "POST", "/members/me/absence"),
    "back": (["back"], "DELETE", "/members/me/absence"),
    "leave": (["leave"], "POST", "/members/me/departure"),
    "invite": (["invite", "Eve"], "POST", "/invites"),
    "amend": (["amend", "rules.max_open_per_member=9"], "POST", "/amendments"),
    "devices add": (["devices", "add", "p2pnode:bind:1a"], "POST", "/members/me/devices"),
    "devices use": (["devices", "use", "dev_k3v7"], "PUT", "/members/me/node-key"),
    "rekey": (["rekey", "p2pnode:bind:1a"], "POST", "/rekeys"),
}


@pytest.mark.parametrize("name", WAITS)
def test_whatever_is_waited_for_in_vain_exits_7(daemon, cli, samples, name):
    typed, method, path = WAITS[name]
    daemon.answers[method, path] = samples["receipt"](link=LINK, timed_out=True)
    result = cli(*typed, "--wait", "--timeout", "1", "--yes")
    assert (result.code, "[timeout]" in result.err) == (7, True), result.err
    assert daemon.last(method).query["wait"] == "final"


def test_half_a_link_is_refused_at_once_and_nothing_is_kept(home, cli):
    result = cli("join", _whole_link()[:-9], "--name", "bob")
    assert result.code == 2
    assert "[bad_link]" in result.err
    assert not has_file(home, "joining.json")


def test_not_being_admitted_in_time_exits_7(daemon, cli):
    daemon.answers["POST", "/node/joins"] = (
        202,
        {
            "schema": "p2pnode/join/1",
            "stage": "waiting_for_invite",
            "detail": "dev_k3v7abcd says: the invite is used up",
            "timed_out": True,
        },
    )
    result = cli("join", LINK, "--name", "bob", "--wait", "--timeout", "1")
    assert result.code == 7
    assert "the invite is used up" in result.out
    assert "until one member is reachable" not in " ".join(result.err.split())
    assert "join --give-up" in result.err
    assert daemon.last("POST").query == {"wait": "final", "timeout": "1"}


@pytest.mark.parametrize(
    ("command", "method", "path"),
    [
        ("away", "POST", "/members/me/absence"),
        ("back", "DELETE", "/members/me/absence"),
        ("leave", "POST", "/members/me/departure"),
    ],
)
def test_coming_and_going(daemon, cli, samples, command, method, path):
    daemon.answers[method, path] = samples["receipt"](kind=command, proposal=None)
    assert cli(command, "--yes", "--wait").code == 0
    assert daemon.last(method).path == path


@pytest.mark.parametrize(
    ("command", "method", "path", "said"),
    [
        ("away", "POST", "/members/me/absence", "would be going away:"),
        ("back", "DELETE", "/members/me/absence", "would be coming back:"),
        ("leave", "POST", "/members/me/departure", "would be leaving:"),
    ],
)
def test_trying_to_come_and_go_is_told_as_that(daemon, cli, samples, command, method, path, said):
    dry = samples["receipt"](kind=command, op=None, state="dry_run", proposal=None)
    daemon.answers[method, path] = dry
    assert cli(command, "--dry-run").out.startswith(said)


def test_leaving_is_not_done_without_being_asked_twice(daemon, cli):
    result = cli("leave")
    assert result.code == 2
    assert "--yes" in result.err
    assert daemon.requests == []


def test_members_are_listed_with_their_nodes(daemon, cli, samples):
    daemon.answers["GET", "/members"] = samples["listing"](
        samples["member"]("alice"),
        samples["member"]("bob", away=True, on_committee=False, invited_as="dave"),
        samples["member"]("erin", invited_as="erin"),
        kind="members",
    )
    lines = cli("members").out.splitlines()
    assert "bob (invited as dave)" in lines[2]
    assert "invited" not in lines[1] + lines[3]
    assert lines[1].split()[:2] == ["alice", "(you)"]
    assert "away" in lines[2]
    assert "never seen" in lines[3]


def test_the_charter_shows_what_each_tier_needs(daemon, cli, samples):
    daemon.answers["GET", "/charter"] = samples["charter"]()
    out = cli("charter").out
    assert "yes ≥ 3/5" in out
    (objection,) = [line for line in out.splitlines() if "nobody objects" in line]
    assert objection.count("7 d") == 2  # its window, which is the least as well
    assert all("30 d" in line for line in out.splitlines() if "yes ≥" in line)  # the longest
    assert "floor: so many of all members have to say yes" in " ".join(out.split())
    assert "rules.away_interval_ms" in out
    assert "rules.away_interval_ms     10 min" in out
    assert "600000" not in out
    assert [line for line in out.splitlines() if len(line) > 80] == []


def test_invites_say_never_expires_in_words(daemon, cli, samples):
    daemon.answers["GET", "/invites"] = samples["listing"](
        {
            "id": "inv_" + "i" * 58,
            "name": "bob",
            "uses": 2,
            "used": 1,
            "expires_at": None,
            "state": "used_up",
            "proposal": "pro_" + "p" * 58,
            "number": 7,
            "seats": [samples["person"]("Bo 2"), samples["person"]("Una")],
        },
        kind="invites",
    )
    out = cli("invites").out
    assert "bob → Bo 2, Una" in out
    assert "1 of 2" in out
    assert "never expires" in out
    assert "used up" in out
    assert "#7" in out
    assert "pro_" not in out
