"""Exit codes, and errors that say what happened, why, and what to try."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from p2pnode.errors import CODES as NODE_CODES
from p2pnode.home.errors import CODES as LOCAL_CODES
from p2pnode_cli.exits import MEANINGS, Exit, exit_for, exit_for_local
from p2pnode_protocols.wire.errors import CODES as PROTOCOL_CODES


def words(text: str) -> str:
    """Return the text without its layout."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("code", "http", "exit_code"),
    [
        ("invalid_request", 422, 2),
        ("unknown_tier", 422, 2),
        ("unknown_proposal", 404, 4),
        ("ambiguous_id", 404, 4),
        ("not_in_electorate", 403, 5),
        ("no_community", 409, 5),
        ("joining", 409, 5),
        ("superseded_revision", 409, 6),
        ("closed", 409, 6),
        ("already_decided", 409, 6),
        ("stopping", 503, 3),
        ("disk_full", 503, 1),
        ("internal", 500, 1),
    ],
)
def test_a_refusal_of_the_api_has_its_exit_code(daemon, cli, samples, code, http, exit_code):
    daemon.answers["GET", "/proposals/7"] = samples["problem"](code, http, "what happened")
    result = cli("show", "7")
    assert result.code == exit_code
    assert result.out == ""
    assert f"error: what happened [{code}]" in words(result.err)


def test_no_code_of_ours_ends_in_an_exit_that_only_questions_may_have():
    codes = {*PROTOCOL_CODES, *NODE_CODES, *LOCAL_CODES} - {"ok"}
    every = [exit_for(code, 409) for code in codes]
    every += [exit_for_local(code) for code in LOCAL_CODES]
    assert not {Exit.DONE, Exit.REJECTED, Exit.UNDECIDED, Exit.LAPSED} & set(every)


def test_every_exit_code_is_explained_in_the_help(cli):
    shown = cli("--help").out
    for code, meaning in MEANINGS.items():
        assert f"{int(code)}  {meaning}" in shown


def test_every_exit_code_is_in_the_operators_table():
    table = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    for code, meaning in MEANINGS.items():
        assert f"| {int(code)} | {meaning} |" in table


@pytest.mark.parametrize("command", [[], ["status"], ["members"], ["vote", "7", "yes"]])
def test_in_an_empty_home_the_first_step_is_a_key(home, cli, command):
    result = cli(*command)
    assert result.code == 3
    assert "try: p2pnode init" in words(result.err)
    assert "has no key yet" in words(result.err)


def test_a_hint_for_programs_is_none_for_people(daemon, cli, samples):
    step = "GET /api/v1/openapi.json says what each route takes"
    daemon.answers["POST", "/proposals"] = samples["problem"](
        "invalid_request", 422, "title: it is empty", next=[step]
    )
    result = cli("propose", "", "-t", "tactical")
    assert result.code == 2
    assert "title: it is empty" in words(result.err)
    assert "GET" not in result.err


def test_without_a_daemon_the_error_says_how_to_start_one(home, cli):
    cli("init")
    result = cli("status")
    assert result.code == 3
    assert f"no daemon answers at {home}" in words(result.err)
    assert "try: p2pnode run" in words(result.err)


def test_with_json_an_error_is_one_document_on_stderr(daemon, cli, samples):
    daemon.answers["GET", "/proposals/7"] = samples["problem"]("closed", 409, "it has closed")
    result = cli("show", "7", "--json")
    assert result.out == ""
    problem = json.loads(result.err)
    assert (problem["code"], problem["exit"]) == ("closed", 6)


def test_wrong_fields_are_named(daemon, cli, samples):
    daemon.answers["POST", "/proposals"] = samples["problem"](
        "invalid_request",
        422,
        "title: too long",
        errors=[{"field": "title", "problem": "300 characters, at most 200"}],
    )
    result = cli("propose", "x", "--tier", "tactical")
    assert result.code == 2
    assert "why: title: 300 characters, at most 200" in words(result.err)


def test_what_the_daemon_suggests_is_passed_on(daemon, cli, samples):
    daemon.answers["GET", "/proposals/7"] = samples["problem"](
        "closed", 409, "it has closed", next=["p2pnode explain ID"]
    )
    assert "try: p2pnode explain 7" in words(cli("show", "7").err)


def test_who_asks_for_an_unknown_number_is_told_where_to_look(daemon, cli, samples):
    daemon.answers["GET", "/proposals/7"] = samples["problem"](
        "unknown_proposal", 404, "there is no proposal number 7"
    )
    shown = words(cli("show", "7").err)
    assert "try: p2pnode decisions --all or: its id" in shown


def test_a_mistyped_command_gets_a_suggestion(home, cli):
    result = cli("propse", "x")
    assert result.code == 2
    assert "Did you mean" in result.err
    assert "propose" in result.err


def test_an_answer_of_another_shape_is_blamed_on_the_version(daemon, cli):
    daemon.answers["GET", "/charter"] = {"schema": "p2pnode/charter/9", "name": 17}
    result = cli("charter")
    assert result.code == 1
    assert "of another version" in result.err


def test_an_answer_that_is_no_json_is_reported_and_made_printable(daemon, cli):
    daemon.answers["GET", "/proposals/7"] = (500, {"detail": "\x1b[2J no code"})
    result = cli("show", "7")
    assert result.code == 1
    assert "\x1b" not in result.err


@pytest.mark.parametrize("given", ["soon", "3x"])
def test_a_wrong_timeout_is_refused_before_anything_is_sent(daemon, cli, given):
    result = cli("status", "--timeout", given)
    assert result.code == 2
    assert daemon.requests == []


@pytest.mark.parametrize(
    ("field", "option"),
    [
        ("member_name", "--name"),
        ("members.name", "--name"),
        ("action.remove.member", "--remove"),
        ("action.set_away.member", "--set-away or --set-back"),
        ("without.0", "--without"),
        ("keeps.12", "--keeps"),
        ("closes_at", "--closes"),
        ("expires_in", "--expires"),
        ("rebuild", "the rebuild"),
    ],
)
def test_fields_of_requests_are_named_by_the_options_they_came_by(
    daemon, cli, samples, field, option
):
    said = f"{field}: it is empty; title: there is nothing to read in it"
    daemon.answers["GET", "/proposals/7"] = samples["problem"](
        "invalid_request", 422, said, errors=[{"field": field, "problem": "it is empty"}]
    )
    result = cli("show", "7")
    assert f"{option}: it is empty; title: there is" in " ".join(result.err.split())
    assert f"{field}:" not in result.err.replace(option, "")


def test_a_wrong_time_limit_is_named_by_where_it_came_from(daemon, cli, monkeypatch):
    monkeypatch.setenv("P2PNODE_TIMEOUT", "abc")
    assert "P2PNODE_TIMEOUT: 'abc' is not a length of time" in " ".join(cli("status").err.split())
    assert "--timeout: 'x' is not" in " ".join(cli("status", "--timeout", "x").err.split())


def test_who_speaks_after_the_decision_is_led_to_that_proposal(daemon, cli, samples):
    steps = ["p2pnode show ID"]
    daemon.answers["GET", "/proposals/7"] = samples["problem"]("already_decided", 409, next=steps)
    assert "p2pnode show 7" in cli("show", "7").err


WRONG_USES = {
    "an unknown option": (["vote", "7", "yes", "--bogus"], "--bogus"),
    "an unknown option before the command": (["--bogus", "status"], "--bogus"),
    "a missing argument": (["vote"], "ID"),
    "a choice that is none": (["vote", "7", "maybe"], "maybe"),
    "an unknown command": (["votte"], "votte"),
    "an unknown command of a group": (["rebuild", "votte"], "votte"),
    "a number that is none": (["decisions", "--limit", "x"], "x"),
    "an option without its value": (["propose", "Tea", "--tier"], "--tier"),
    "an option twice": (["show", "7", "--wait=final", "--wait=final"], "twice"),
    "one argument too many": (["status", "now"], "now"),
    "an empty path": (["status", "--home", ""], "empty"),
    "no command of a group": (["rebuild"], "Missing command"),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_usage_under_json_is_a_problem_wherever_json_stands(home, cli, use):
    typed, named = WRONG_USES[use]
    for at in range(len(typed) + 1):
        if at and typed[at - 1] in {"--limit", "--tier", "--home"}:
            continue  # there it would be the option's value
        result = cli(*typed[:at], "--json", *typed[at:])
        assert (result.code, result.out) == (2, ""), typed[:at]
        problem = json.loads(result.err)
        known = {"schema", "code", "detail", "title", "exit", "next"}
        assert problem.keys() == known
        assert (problem["schema"], problem["code"]) == ("p2pnode/failure/1", "bad_usage")
        assert problem["exit"] == 2
        is_of_group = "--json" in problem["detail"]  # a group without options of its own
        assert named in problem["detail"] or (is_of_group and typed[0] == "rebuild")
        assert problem["next"][0].endswith("--help")


def test_wrong_usage_without_json_is_said_to_people(home, cli):
    for typed in (["vote"], ["vote", "7", "yes", "--bogus"], ["vote", "--", "--json"]):
        result = cli(*typed)
        assert (result.code, result.out) == (2, "")
        assert "Usage: p2pnode vote" in result.err
