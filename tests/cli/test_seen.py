"""A vote is for the text that was seen: whatever a command showed, not what replaced it."""

from __future__ import annotations

import io
import json
import sys

import pytest

from p2pnode_cli.seen import Seen, remember_read, seen

FIRST, SECOND = "Spend 10 euros", "Spend 9000 euros"


def _documents(daemon, samples, title, number, *, text=None):
    """Let the daemon's proposal 7 be this revision, wherever it is told of."""
    revisions = [
        samples["revision"](1, None) | {"title": FIRST},
        samples["revision"](2, text) | {"title": SECOND},
    ][:number]
    now = {"title": title, "revision": number, "revision_id": revisions[-1]["id"], "text": text}
    one = samples["summary"](**{name: now[name] for name in now if name != "text"})
    whole = samples["proposal"](revisions=revisions, **now)
    receipt = samples["receipt"](proposal=whole)
    daemon.answers |= {
        ("GET", "/status"): samples["status"](needs_my_vote=[one]),
        ("GET", "/proposals"): samples["listing"](one),
        ("GET", "/decisions"): samples["listing"](one),
        ("GET", "/proposals/7"): whole,
        ("GET", "/proposals/7/explanation"): {
            "schema": "p2pnode/explanation/1",
            "proposal": one,
            "formula": "",
            "reasons": [],
            "earliest_at": None,
            "finality": {"state": "idle", "waits_for": [], "text": "-"},
        },
        ("POST", f"/proposals/{one['id']}/votes"): receipt,
        ("POST", "/proposals/7/revisions"): receipt,
        ("POST", "/proposals/7/erasure"): receipt,
        ("POST", "/proposals"): receipt,
        ("POST", "/amendments"): receipt,
        ("POST", "/invites"): samples["receipt"](proposal=whole, link="p2pnode:join:1abc"),
    }
    event = json.dumps({"at": None, "proposal": whole})
    daemon.streams = [f"event: proposal_changed\ndata: {event}\n\n"]
    return one["id"], now["revision_id"]


SHOWN_BY = {
    "status": ["status"],
    "bare": [],
    "decisions": ["decisions"],
    "decisions --open": ["decisions", "--open"],
    "decisions --needs-my-vote": ["decisions", "--needs-my-vote"],
    "show": ["show", "7"],
    "show --diff": ["show", "7", "--diff"],
    "explain": ["explain", "7"],
    "watch": ["watch"],
    "propose": ["propose", FIRST, "-t", "tactical"],
    "revise": ["revise", "7", "--title", FIRST],
    "amend": ["amend", "name=x"],
    "erase": ["erase", "7"],
    "invite": ["invite", "Zoe"],
    "vote": ["vote", "7", "no", "--yes"],
}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("by", SHOWN_BY)
def test_whatever_a_command_showed_is_what_a_vote_is_for(daemon, cli, samples, by, form):
    command = [*SHOWN_BY[by], *(["--json"] if form == "json" else [])]
    _, first = _documents(daemon, samples, FIRST, 1)
    cli(*command)
    assert cli("vote", "7", "yes").code == 0, "what was shown can be voted on"
    assert daemon.last("POST").body["revision"] == first
    _, second = _documents(daemon, samples, SECOND, 2)
    daemon.requests.clear()
    refused = cli("vote", "7", "yes")
    assert refused.code == 6
    assert "[superseded_revision]" in refused.err
    assert SECOND in " ".join(refused.err.split())
    assert "--revision 2" in refused.err
    assert all(one.method == "GET" for one in daemon.requests), "nothing was signed"
    cli(*command)
    assert cli("vote", "7", "yes").code == 0
    assert daemon.last("POST").body["revision"] == second


def test_what_no_command_showed_is_not_voted_on(daemon, cli, samples):
    _documents(daemon, samples, FIRST, 1)
    refused = cli("vote", "7", "yes")
    assert (refused.code, "[not_seen]" in refused.err) == (6, True)
    assert FIRST in " ".join(refused.err.split())
    assert "p2pnode show 7" in refused.err
    assert all(one.method == "GET" for one in daemon.requests)


@pytest.mark.parametrize("how", [["--revision", "2"], ["--yes"]])
@pytest.mark.parametrize("before", [[], ["show", "7"]])
def test_who_names_the_text_or_says_yes_is_not_asked(daemon, cli, samples, how, before):
    _documents(daemon, samples, FIRST, 1)
    if before:
        cli(*before)
    _, second = _documents(daemon, samples, SECOND, 2)
    assert cli("vote", "7", "yes", *how).code == 0
    assert daemon.last("POST").body["revision"] == second


def test_title_of_a_new_text_is_not_the_text_that_was_read(daemon, cli, samples):
    """Who read a text, and then saw in a list only the title of another, has not read that one."""
    _documents(daemon, samples, FIRST, 1)
    cli("show", "7")
    _documents(daemon, samples, SECOND, 2, text="Everything at once.")
    cli("status")
    assert cli("vote", "7", "yes").code == 6
    cli("show", "7")
    assert cli("vote", "7", "yes").code == 0


def test_text_that_has_not_arrived_was_not_seen(daemon, cli, samples):
    _documents(daemon, samples, None, 1)
    cli("status")
    cli("show", "7")
    assert cli("vote", "7", "yes").code == 6


class _Person(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1)])
@pytest.mark.parametrize("before", [[], ["status"]])
def test_at_a_terminal_the_text_is_shown_and_asked_about(
    daemon, cli, samples, monkeypatch, typed, code, before
):
    _documents(daemon, samples, FIRST, 1)
    if before:
        cli(*before)
    _, second = _documents(daemon, samples, SECOND, 2, text="All of it.")
    daemon.requests.clear()
    monkeypatch.setattr(sys, "stdin", _Person(typed))
    result = cli("vote", "7", "yes")
    assert result.code == code
    assert SECOND in result.out
    assert "All of it." in result.out
    assert "Vote yes on this text?" in result.err
    posted = [one for one in daemon.requests if one.method == "POST"]
    assert [one.body["revision"] for one in posted] == ([second] if code == 0 else [])


def test_dry_run_asks_nothing_as_it_signs_nothing(daemon, cli, samples):
    _documents(daemon, samples, FIRST, 1)
    assert cli("vote", "7", "yes", "--dry-run").code == 0


@pytest.mark.parametrize("content", ["{", "[]", '{"a": "b"}', '{"a": ["b"]}', '{"a": [1, null]}'])
def test_damaged_file_means_that_nothing_was_seen(tmp_path, content):
    (tmp_path / "seen.json").write_text(content)
    assert seen(tmp_path, "b") == Seen()
    remember_read(tmp_path, "b", "c")
    assert seen(tmp_path, "b") == Seen("c", "c")
