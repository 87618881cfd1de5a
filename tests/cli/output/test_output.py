"""What is printed, where, how wide, and in what colour."""

from __future__ import annotations

import io
import json
import sys

import pytest

from p2pnode_cli.shown.terminal import Terminal


def flat(text):
    return " ".join(text.split())


LONG = "Whether the third Thursday of the month should be moved to the fourth Tuesday instead"


def test_json_is_the_answer_of_the_api_with_sorted_keys(daemon, cli):
    result = cli("show", "7", "--json")
    assert result.code == 0
    assert result.json == daemon.answers["GET", "/proposals/7"]
    keys = [line.split('"')[1] for line in result.out.splitlines() if line.startswith('  "')]
    assert keys == sorted(keys)
    assert result.err == ""


@pytest.mark.parametrize("where", [("--json", "status"), ("status", "--json")])
def test_global_options_stand_before_or_after_the_command(daemon, cli, where):
    assert cli(*where).json["schema"] == "p2pnode/overview/1"


def test_bare_command_prints_the_status_with_what_needs_my_vote_first(daemon, cli):
    result = cli()
    assert result.code == 0
    assert result.out.splitlines()[0] == "needs your vote (1)"
    assert "#7  tactical  Move the stand-up to ten" in result.out
    assert result.out == cli("status").out


def test_status_says_who_is_missing_and_whether_decisions_can_become_final(daemon, cli, samples):
    message = "3 of 5 nodes reachable, 4 needed: decisions stay provisional until erin returns"
    daemon.answers["GET", "/status"] = samples["status"](
        needs_my_vote=[], committee=samples["committee"](message=message, can_finalize=False)
    )
    shown = " ".join(cli("status").out.split())
    assert "nothing needs your vote" in shown
    assert message in shown
    assert "missing erin (not seen yet)" in shown


def test_status_tells_whose_node_is_here_and_makes_no_blocks(daemon, cli, samples):
    committee = samples["committee"](can_finalize=False)
    (missing,) = committee["missing"]
    committee["missing"] = [missing | {"connected": True}]
    daemon.answers["GET", "/status"] = samples["status"](committee=committee)
    assert "missing erin (here, makes no blocks)" in " ".join(cli("status").out.split())


def test_status_of_an_idle_home_says_how_to_begin(daemon, cli, samples):
    daemon.answers["GET", "/status"] = samples["status"](
        state="idle", member=None, community=None, epoch=None, log=None, committee=None
    )
    result = cli("status")
    assert result.out == "This node belongs to no community yet.\n"
    assert "p2pnode found" in result.err
    assert "p2pnode join LINK" in result.err


def test_status_while_joining_says_what_it_waits_for(daemon, cli, samples):
    daemon.answers["GET", "/status"] = samples["status"](
        state="joining",
        joining={
            "stage": "contacting",
            "detail": "nobody of 2 addresses answers yet",
            "community": "com_" + "c" * 58,
            "addresses": [
                {"address": "/ip4/192.0.2.7/tcp/17470", "error": "refused"},
                {"address": "/ip4/192.0.2.8/tcp/17470", "error": "refused"},
                {"address": "/ip4/192.0.2.9/tcp/17470", "error": "no route"},
            ],
        },
    )
    out = cli("status").out
    assert "joining" in out
    assert "Our allotment (com_cccccccc)" in out  # its charter is here
    assert "nobody of 2 addresses answers yet" in out
    assert "2 addresses: refused" in out
    assert out.count("refused") == 1
    assert "/ip4/192.0.2.9/tcp/17470: no route" in out


def test_status_and_doctor_say_what_to_do_about_a_quorum_that_is_gone(daemon, cli, samples):
    steps = ["p2pnode members", "if they are lost for good: p2pnode rebuild propose --dry-run"]
    quorum = {"name": "quorum", "severity": "warning", "detail": "3 of 5 nodes", "next": steps}
    daemon.answers["GET", "/status"] = samples["status"](
        committee=samples["committee"](message="3 of 5 nodes", can_finalize=False),
        warnings=[quorum],
    )
    daemon.answers["GET", "/node/health"] = {"status": "warning", "checks": [quorum]}
    status = cli("status")
    doctor = cli("doctor", "--json").json
    (committee,) = [one for one in doctor["checks"] if one["name"] == "committee"]
    assert committee["next"] == steps
    assert steps[1] in status.err


def test_status_says_how_many_members_have_a_node_where_not_all_have(daemon, cli, samples):
    assert "5 members\n" in cli("status").out
    daemon.answers["GET", "/status"] = samples["status"](committee=samples["committee"](size=4))
    assert "5 members, 4 of them with a node on the committee" in " ".join(
        cli("status").out.split()
    )


def test_what_is_said_for_another_device_gets_no_home_of_this_one(daemon, cli, samples, home):
    told = {"name": "seat", "severity": "critical", "detail": "this device was taken off the seat"}
    step = "p2pnode devices, on a device of the seat"
    daemon.answers["GET", "/status"] = samples["status"](
        state="removed", warnings=[told | {"next": [step]}]
    )
    assert step in " ".join(cli("status", "--home", str(home)).out.split())


def test_peers_that_fail_are_named(daemon, cli, samples):
    known = {
        "device": "dev_" + "d" * 58,
        "member": samples["person"]("bob"),
        "state": "dialing",
        "connected_at": None,
        "rtt_ms": None,
        "clock_offset_ms": None,
        "drops": 0,
        "faults": 0,
        "last_error": "nobody answers",
    }
    stranger = known | {"device": "dev_" + "e" * 58, "member": None}
    daemon.answers["GET", "/peers"] = samples["listing"](known, stranger, kind="peers")
    said = cli("peers").err
    assert "bob (dev_dddddddd): nobody answers" in said
    assert "\ndev_eeeeeeee: nobody answers" in said


def test_quiet_leaves_only_the_data(daemon, cli):
    result = cli("status", "--quiet")
    assert result.err == ""
    assert "needs your vote" in result.out


def test_verbose_says_what_was_asked_of_the_daemon(daemon, cli):
    assert "GET /api/v1/communities/only/charter: 200" in cli("charter", "--verbose").err
    assert "GET /api/v1/communities/only/charter" not in cli("charter").err
    assert "GET /api/v1/node: 200" in cli("status", "--json", "--verbose").err


def _assert_fits(text: str) -> None:
    wide = [line for line in text.splitlines() if len(line) > 80]
    assert wide == []


def test_tables_fit_eighty_columns_whatever_people_write(daemon, cli, samples):
    one = samples["summary"](title=LONG, tier="constitutional", number=None)
    decided = one | {"outcome": "rejected", "grade": "final"}
    daemon.answers["GET", "/status"] = samples["status"](needs_my_vote=[one])
    daemon.answers["GET", "/proposals"] = samples["listing"](one, one | {"id": "pro_" + "q" * 58})
    daemon.answers["GET", "/decisions"] = samples["listing"](decided)
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](
        title=LONG, text=LONG * 3, formula=LONG
    )
    daemon.answers["GET", "/members"] = samples["listing"](
        samples["member"]("alice"), samples["member"]("x" * 80, me=False), kind="members"
    )
    for arguments in (["status"], ["show", "7"], ["decisions"], ["members"]):
        result = cli(*arguments)
        assert result.code == 0
        assert "…" in result.out or arguments == ["show", "7"]
        if arguments == ["status"]:  # of what can be voted on every word is shown
            asked, _, _ = result.out.partition("also open")
            assert "…" not in asked
            assert all(word in asked for word in LONG.split())
        _assert_fits(result.out)


def test_nothing_is_coloured_in_a_pipe(daemon, cli):
    result = cli("status")
    assert "\x1b" not in result.out + result.err


class _Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "no_color", "coloured"),
    [({}, False, True), ({"NO_COLOR": "1"}, False, False), ({}, True, False)],
)
def test_colour_is_for_terminals_that_want_it(home, monkeypatch, environment, no_color, coloured):
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    screen = _Tty()
    monkeypatch.setattr(sys, "stdout", screen)
    terminal = Terminal(no_color=no_color)
    terminal.show(terminal.state("passed"))
    assert "passed" in screen.getvalue()
    assert ("\x1b[32m" in screen.getvalue()) is coloured


def test_text_of_others_cannot_steer_the_terminal(daemon, cli, samples):
    trick = "harmless\x1b[2J\u202etxet\r\nerror: paid"
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](title=trick, text=trick)
    result = cli("show", "7")
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out
    assert "harmless" in result.out


def test_markup_in_a_title_is_text(daemon, cli, samples):
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](title="[bold]buy[/] :smile:")
    assert "[bold]buy[/] :smile:" in cli("show", "7").out


def test_explain_gives_the_reasons_in_words_and_numbers(daemon, cli, samples):
    daemon.answers["GET", "/proposals/7/explanation"] = {
        "schema": "p2pnode/explanation/1",
        "proposal": samples["summary"](),
        "formula": "2 yes of 5 = 40 % < 60 %",
        "reasons": [
            {
                "code": "votes_missing",
                "text": "1 more yes needed, of alice or erin",
                "members": [samples["person"]("alice")],
                "at": None,
            }
        ],
        "earliest_at": None,
        "finality": {
            "state": "waiting",
            "waits_for": [samples["person"]("erin")],
            "text": "4 of 5 nodes must have it, 3 have",
        },
    }
    result = cli("explain", "7")
    shown = " ".join(result.out.split())
    assert "because 1 more yes needed, of alice or erin" in shown
    assert "2 yes of 5 = 40 % < 60 %" in shown
    assert "final? 4 of 5 nodes must have it, 3 have waits for erin" in shown
    assert json.loads(cli("explain", "7", "--json").out)["reasons"][0]["code"] == "votes_missing"


@pytest.mark.parametrize("command", ["members", "peers", "invites", "epochs"])
def test_whole_list_is_read_however_many_pages_it_has(daemon, cli, command):
    pages = iter(["second", "third", None])
    daemon.answers["GET", f"/{command}"] = lambda _request: {
        "schema": "x",
        "items": [{"id": "a"}],
        "next_cursor": next(pages),
    }
    listed = cli(command, "--json").json
    assert len(listed["items"]) == 3
    assert listed["next_cursor"] is None
    asked = [one.query.get("cursor") for one in daemon.requests if one.path.endswith(command)]
    assert asked == [None, "second", "third"]


LIES = {
    "blank": "   ",
    "unseen": "\u3164\u2800",
    "lines": "Tea\n\nfinal: passed",
    "long": "x" * 65_536,
    "wide": "𝒳 " * 30_000,
    "gone": None,
}


@pytest.mark.parametrize("lie", LIES)
def test_whatever_title_a_liar_signed_is_one_short_line_everywhere(daemon, cli, samples, lie):
    whole = samples["proposal"](title=LIES[lie])
    one = samples["summary"](title=LIES[lie])
    receipt = samples["receipt"](proposal=whole)
    daemon.answers |= {
        ("GET", "/status"): samples["status"](needs_my_vote=[one]),
        ("GET", "/proposals"): samples["listing"](one),
        ("GET", "/decisions"): samples["listing"](one),
        ("GET", "/proposals/7"): whole,
        ("POST", f"/proposals/{one['id']}/votes"): receipt,
        ("POST", "/proposals"): receipt,
    }
    said = {"blank": "the title is blank", "unseen": "the title is blank"}
    said["gone"] = "text has not arrived here"
    commands = ["status", "decisions", "show 7", "vote 7 yes --yes", "propose x -t tactical"]
    for command in commands:
        result = cli(*command.split())
        shown = result.out + result.err
        assert len(shown) < 2500, command
        assert all(len(line) <= 100 for line in shown.splitlines())
        assert said.get(lie, "") in " ".join(shown.split()).replace(
            "the title is b…", said["blank"]
        )
        assert "Tea\n" not in shown
        if lie != "gone":
            assert "has not arrived" not in shown


def test_long_reasons_are_shortened_in_the_table_of_votes(daemon, cli, samples):
    vote = samples["proposal"]()["votes"][0] | {"reason": "why not " * 8000}
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](votes=[vote])
    shown = cli("show", "7").out
    assert "why not" in shown
    assert len(shown) < 2500


def test_status_of_a_node_that_cannot_save_says_that_first(daemon, cli, samples):
    full = {
        "name": "store_writable",
        "severity": "critical",
        "detail": "the disk is full",
        "next": ["free some space", "p2pnode doctor"],
    }
    daemon.answers["GET", "/status"] = samples["status"](
        state="halted", member=None, community=None, committee=None, needs_my_vote=[],
        warnings=[full],
    )  # fmt: skip
    out = cli("status").out
    assert "nothing is signed or sent" in out.splitlines()[0]
    assert "critical: the disk is full — free some space — or: p2pnode doctor" in out
    assert "needs your vote" not in out
    assert "found" not in out


@pytest.mark.parametrize("outcome", ["passed", "rejected", "lapsed", "withdrawn"])
@pytest.mark.parametrize("option", ["--open", "--needs-my-vote"])
def test_lists_that_nothing_can_be_in_are_refused(daemon, cli, outcome, option):
    for order in (("--outcome", outcome, option), (option, "--outcome", outcome)):
        result = cli("decisions", *order)
        assert result.code == 2
        assert f"{option} and --outcome {outcome} exclude each other" in flat(result.err)
        assert f"p2pnode decisions {option}" in result.err
    assert cli("decisions", "--open", "--all").code == 2
    assert cli("decisions", option, "--outcome", "open").code == 0
    assert cli("decisions", "--outcome", outcome).code == 0


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("p2pnode devices", "p2pnode --home ./ana devices"),
        ("on a device of the seat: p2pnode devices", "on a device of the seat: p2pnode devices"),
        (
            "ask them; from another device of your seat: p2pnode devices add; else: p2pnode join X",
            "ask them; from another device of your seat: p2pnode devices add; else: "
            "p2pnode --home ./ana join X",
        ),
        (
            "p2pnode join LINK (a member makes the link: p2pnode devices link)",
            "p2pnode --home ./ana join LINK (a member makes the link: p2pnode devices link)",
        ),
        (
            "stop the other copy, then: p2pnode ops",
            "stop the other copy, then: p2pnode --home ./ana ops",
        ),
    ],
)
def test_commands_for_another_device_do_not_name_this_home(said, shown):
    assert Terminal(home="./ana").here(said) == shown


@pytest.mark.parametrize("state", ["member", "idle", "removed"])
def test_what_is_critical_comes_first(daemon, cli, samples, state):
    """Votes that are due and nodes in reach mean little to whom others have left out."""
    wrong = {
        "name": "rebuild",
        "severity": "critical",
        "detail": "the others went on without this node",
        "next": ["p2pnode rebuild apply epo_abc"],
    }
    minor = wrong | {"name": "clock", "severity": "warning", "detail": "this clock is wrong"}
    daemon.answers["GET", "/status"] = samples["status"](state=state, warnings=[minor, wrong])
    result = cli("status")
    lines = result.out.splitlines()
    assert lines[0].startswith("critical: the others went on without this node")
    assert result.out.count("went on without this node") == 1
    assert "p2pnode found" not in result.err
    assert "this clock is wrong" in flat(result.out.partition("\n\n")[2])


def test_how_a_list_goes_on_is_a_whole_command(daemon, cli, samples):
    page = samples["listing"](samples["summary"]()) | {"next_cursor": "abc"}
    daemon.answers["GET", "/decisions"] = daemon.answers["GET", "/proposals"] = page
    assert "more: p2pnode decisions --cursor abc\n" in cli("decisions").err
    asked = ("new shed", "--outcome", "passed", "--tier", "tactical", "--limit", "7")
    typed = "'new shed' --outcome passed --tier tactical --limit 7"
    assert f"more: p2pnode decisions {typed} --cursor abc\n" in cli("decisions", *asked).err
    home = str(daemon.home)
    said = cli("decisions", "--needs-my-vote", "--home", home).err
    assert f"more: p2pnode --home {home} decisions --needs-my-vote --cursor abc\n" in said


@pytest.mark.parametrize("can_finalize", [True, False])
def test_status_shows_nothing_as_decided_that_is_not_final(daemon, cli, samples, can_finalize):
    so_far = samples["summary"](
        number=9, grade="provisional", outcome="passed", decided_at="2030-05-17T11:59:00.000Z"
    )
    before = samples["summary"](
        number=8,
        grade="final",
        outcome="rejected",
        title="Move it to nine",
        decided_at="2030-05-17T11:00:00.000Z",
        counts_until=None,
    )

    def proposals(asked):
        is_so_far = asked.query.get("state") == "provisional"
        return samples["listing"](*([so_far] if is_so_far else []))

    daemon.answers["GET", "/proposals"] = proposals
    daemon.answers["GET", "/decisions"] = samples["listing"](so_far, before, kind="decisions")
    quorum = samples["committee"](can_finalize=can_finalize)
    daemon.answers["GET", "/status"] = samples["status"](
        needs_my_vote=[], committee=quorum, pending_ops=2
    )
    result = cli("status")
    said = result.out.partition("decided lately")
    assert "not final yet (1)" in said[0]
    assert "#9" in said[0]
    assert "ago" not in said[0]
    assert ("#8" in said[2], "#9" in said[2]) == (True, False)
    told = "it counts only if others have it before it closes" in " ".join(result.err.split())
    assert told != can_finalize
    assert ("p2pnode ops" in said[2]) != can_finalize
