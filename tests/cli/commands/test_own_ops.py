"""ops, hurry, the refused ones in the status, and what a receipt says of the time it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest


def in_time(seconds: float) -> str:
    when = datetime.now(UTC) + timedelta(seconds=seconds)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def own_ops(samples, waiting=(), refused=()):
    return {
        "schema": "p2pnode/own_ops/1",
        "waiting": [samples["own_op"](state="waiting", code=None, **one) for one in waiting],
        "refused": list(refused),
        "refused_total": len(refused),
        "can_finalize": True,
        "next_cursor": None,
    }


def test_the_status_lists_what_was_refused_with_the_next_step(daemon, cli, samples):
    daemon.answers["GET", "/status"] = samples["status"](
        refused_ops=[samples["own_op"]()], refused_ops_total=1
    )
    result = cli("status")
    assert result.code == 0
    assert "of yours, refused (1)" in result.out
    assert "[closed]" in result.out
    assert "p2pnode explain 7" in result.out + result.err
    assert "p2pnode ops --seen" in result.out + result.err


@pytest.mark.parametrize("state", ["removed", "joining", "member"])
def test_the_status_lists_it_in_every_stage(daemon, cli, samples, state):
    daemon.answers["GET", "/status"] = samples["status"](
        state=state,
        refused_ops=[samples["own_op"]()],
        refused_ops_total=1,
        joining={
            "stage": "joining",
            "detail": "asking",
            "community": "com_" + "c" * 58,
            "addresses": [],
            "binding": None,
        }
        if state == "joining"
        else None,
    )
    assert "of yours, refused (1)" in cli("status").out


def test_nothing_refused_is_not_mentioned(daemon, cli):
    assert "refused" not in cli("status").out


def test_ops_marks_those_as_seen_that_it_showed(daemon, cli, samples):
    found = own_ops(samples, refused=[samples["own_op"]()])
    daemon.answers["GET", "/ops"] = found
    daemon.answers["POST", "/ops/seen"] = own_ops(samples)
    assert "voting window has closed" in " ".join(cli("ops").out.split())
    assert not [one for one in daemon.requests if one.method == "POST"]
    cli("ops", "--seen")
    assert daemon.last("POST").body == {"ops": [found["refused"][0]["op"]]}


@pytest.mark.parametrize("command", [["ops"], ["hurry"]])
def test_without_a_quorum_nothing_is_said_to_be_made_final(daemon, cli, samples, command):
    """As a receipt says it: a list of what waits is no other promise."""
    found = own_ops(samples, waiting=[{"due_at": in_time(-5)}, {"due_at": None}])
    daemon.answers["GET", "/ops"] = daemon.answers["POST", "/ops/hurry"] = found
    assert "being made final now" in " ".join(cli(*command).out.split())
    found["can_finalize"] = False
    said = " ".join(cli(*command).out.split())
    assert "being made final now" not in said
    assert said.count("once enough of the others' nodes take part") == 2


@pytest.mark.parametrize("can_finalize", [True, False])
def test_what_a_receipt_suggests_is_for_the_home_that_was_named(
    daemon, cli, samples, home, can_finalize
):
    vote = next(key for key in daemon.answers if key[1].endswith("/votes"))
    daemon.answers[vote] = samples["receipt"](due_at=in_time(58), can_finalize=can_finalize)
    said = " ".join(cli("--home", str(home), "vote", "7", "yes", "--yes").out.split())
    assert f"p2pnode --home {home} {'hurry' if can_finalize else 'status'}" in said


def test_ops_with_nothing_to_say(daemon, cli, samples):
    daemon.answers["GET", "/ops"] = own_ops(samples)
    assert "Everything you said here is in the record." in cli("ops").out


def test_a_receipt_says_until_when_it_lingers_and_how_to_hurry(daemon, cli, samples):
    vote = next(key for key in daemon.answers if key[1].endswith("/votes"))
    daemon.answers[vote] = samples["receipt"](due_at=in_time(58))
    said = " ".join(cli("vote", "7", "yes", "--yes").out.split())
    assert "final in 5" in said
    assert "at the latest" in said
    assert "p2pnode hurry" in said


@pytest.mark.parametrize("due_s", [-5, 0.5, None])
def test_a_receipt_of_what_is_under_way_asks_for_no_hurry(daemon, cli, samples, due_s):
    vote = next(key for key in daemon.answers if key[1].endswith("/votes"))
    due = None if due_s is None else in_time(due_s)
    daemon.answers[vote] = samples["receipt"](due_at=due)
    said = cli("vote", "7", "yes", "--yes").out
    assert "being made final now" in " ".join(said.split())
    assert "hurry" not in said


def test_a_receipt_without_a_quorum_promises_no_time(daemon, cli, samples):
    vote = next(key for key in daemon.answers if key[1].endswith("/votes"))
    daemon.answers[vote] = samples["receipt"](due_at=in_time(58), can_finalize=False)
    said = " ".join(cli("vote", "7", "yes", "--yes").out.split())
    assert "once enough of the others' nodes take part" in said
    assert "it counts only if others have it before the close, in " in said
    assert "at the latest" not in said


@pytest.mark.parametrize("can_finalize", [True, False])
def test_ops_says_by_when_others_must_have_what_was_said_while_cut_off(
    daemon, cli, samples, can_finalize
):
    waiting = {"due_at": in_time(58), "counts_until": in_time(7_210)}
    listed = own_ops(samples, waiting=[waiting]) | {"can_finalize": can_finalize}
    daemon.answers["GET", "/ops"] = listed
    shown = " ".join(cli("ops").out.split())
    assert ("it counts only if others have it before the close, in 2 h" in shown) != can_finalize


def test_ops_says_of_a_vote_that_another_device_has_replaced_it(daemon, cli, samples):
    daemon.answers["GET", "/ops"] = own_ops(samples, waiting=[{"replaced_by": "no"}])
    assert "but another device of your seat, or another command, voted no as well" in " ".join(
        cli("ops").out.split()
    )


@pytest.mark.parametrize("until", [None, -5])
def test_what_has_no_deadline_is_given_none(daemon, cli, samples, until):
    """A proposal that is in no record yet has its window begin with that."""
    vote = next(key for key in daemon.answers if key[1].endswith("/votes"))
    asked = samples["proposal"](counts_until=None if until is None else in_time(until))
    daemon.answers[vote] = samples["receipt"](can_finalize=False, proposal=asked)
    assert "before the close" not in cli("vote", "7", "yes", "--yes").out


def test_hurry_that_is_waited_for_exits_7_when_something_still_waits(daemon, cli, samples):
    daemon.answers["POST", "/ops/hurry"] = own_ops(samples, waiting=[{"op": "op_" + "w" * 58}])
    assert cli("hurry").code == 0
    assert cli("hurry", "--wait").code == 7
    assert daemon.last("POST").query["wait"] == "final"
    daemon.answers["POST", "/ops/hurry"] = own_ops(samples)
    assert cli("hurry", "--wait").code == 0


@pytest.mark.parametrize(
    ("code", "status", "exit_code"),
    [
        ("closed", 409, 6),
        ("conflicting_nonce", 409, 6),
        ("superseded_revision", 409, 6),
        ("not_a_member", 403, 5),
        ("unknown_proposal", 404, 4),
        ("bad_field", 422, 2),
    ],
)
def test_waiting_for_what_is_refused_later_exits_as_the_refusal(
    daemon, cli, samples, code, status, exit_code
):
    vote = next(key for key in daemon.answers if key[1].endswith("/votes"))
    detail = "the vote was accepted here, but it is in the record and changed nothing"
    daemon.answers[vote] = samples["problem"](code, status, detail)
    result = cli("vote", "7", "yes", "--yes", "--wait")
    assert result.code == exit_code
    assert "was accepted here, but" in result.err
