"""What is signed is about the text that was seen: what a command showed, not what came after."""

from __future__ import annotations

import errno
import io
import json
import os
import sys

import pytest
from typer.main import get_command

from p2pnode_cli.asked.seen import Seen, remember_read, seen
from p2pnode_cli.main import app
from p2pnode_cli.shown import streams
from p2pnode_protocols.wire.limits import TITLE_CHARS

FIRST, SECOND = "Spend 10 euros", "Spend 9000 euros"


# Every command that signs something about a proposal, and where it is posted.
ACTS = {
    "vote": (["vote", "7", "yes"], "votes"),
    "revise": (["revise", "7", "--closes", "3d"], "revisions"),
    "withdraw": (["withdraw", "7"], "withdrawal"),
    "erase": (["erase", "7"], "erasure"),
}


def _documents(daemon, samples, title, number, *, text=None, arrived=True):
    """Let the daemon's proposal 7 be this revision, wherever it is told of."""
    revisions = [
        samples["revision"](1, None) | {"title": FIRST},
        samples["revision"](2, text) | {"title": SECOND},
        samples["revision"](3, text) | {"title": SECOND, "id": "pro_" + "3" * 58},
    ][:number]
    revisions[-1] |= {"title": title, "arrived": arrived, "text": text}
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
        **{("POST", f"/proposals/{one['id']}/{what}"): receipt for _, what in ACTS.values()},
        ("POST", "/proposals"): receipt,
        ("POST", "/amendments"): receipt,
        ("POST", "/invites"): samples["receipt"](proposal=whole, link="p2pnode:join:1abc"),
    }
    event = json.dumps({"at": None, "proposal": whole})
    daemon.streams = [f"event: proposal_changed\ndata: {event}\n\n"]
    return one["id"], now["revision_id"]


def signs_nothing(daemon):
    """Whether nothing was asked that signs: a dry run says what would be refused anyway."""
    return all(one.method == "GET" or "dry_run" in one.query for one in daemon.requests)


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
    "revise": ["revise", "7", "--title", FIRST, "--yes"],
    "amend": ["amend", "name=x"],
    "erase": ["erase", "7", "--yes"],
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
    assert signs_nothing(daemon)
    cli(*command)
    assert cli("vote", "7", "yes").code == 0
    assert daemon.last("POST").body["revision"] == second


class _Full(io.TextIOWrapper):
    """stdout on a disk that is full, or to a reader that has gone, after some bytes."""

    def __init__(self, code: int, room: int) -> None:
        self._code, self._room = code, room
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def write(self, text: str) -> int:
        self._room -= len(text)
        if self._room < 0:
            raise OSError(self._code, os.strerror(self._code))
        return super().write(text)


@pytest.mark.parametrize("room", [0, 5])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EPIPE])
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("by", SHOWN_BY)
def test_what_the_output_lost_was_not_seen(
    daemon, cli, samples, monkeypatch, home, by, form, code, room
):
    command = [*SHOWN_BY[by], *(["--json"] if form == "json" else [])]
    one, _ = _documents(daemon, samples, FIRST, 1)
    with monkeypatch.context() as lost:
        lost.setattr(sys, "stdout", _Full(code, room))
        lost.setattr(streams, "_forget", lambda _stream: None)  # it has no descriptor
        assert cli(*command).code in (1, 141)
    assert seen(home, one) == Seen()
    refused = cli("vote", "7", "yes")
    assert (refused.code, "[not_seen]" in refused.err) == (6, True)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_signed_about_what_no_command_showed(daemon, cli, samples, act, form):
    _documents(daemon, samples, FIRST, 1)
    command, _ = ACTS[act]
    refused = cli(*command, *(["--json"] if form == "json" else []))
    assert (refused.code, "not_seen" in refused.err) == (6, True)
    assert FIRST in " ".join(refused.err.split())
    assert "p2pnode show 7" in refused.err
    assert signs_nothing(daemon)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("before", [[], ["status"]])
@pytest.mark.parametrize(
    ("code", "status", "exit_code"),
    [("closed", 409, 6), ("already_decided", 409, 6), ("removed", 403, 5), ("learning", 409, 6)],
)
@pytest.mark.parametrize("act", ACTS)
def test_what_can_never_be_said_is_refused_for_that_and_not_for_not_being_seen(
    daemon, cli, samples, act, code, status, exit_code, before, form
):
    """A lapsed proposal, a key that is gone: to look at the text would help nobody."""
    _documents(daemon, samples, FIRST, 1)
    if before:
        cli(*before)
    one, _ = _documents(daemon, samples, SECOND, 2)
    command, what = ACTS[act]
    daemon.answers["POST", f"/proposals/{one}/{what}"] = samples["problem"](
        code, status, "it is over", next=["p2pnode status"]
    )
    daemon.requests.clear()
    refused = cli(*command, *(["--json"] if form == "json" else []))
    assert (refused.code, code in refused.err, "not_seen" in refused.err) == (
        exit_code, True, False,
    )  # fmt: skip
    assert "it is over" in refused.err
    assert signs_nothing(daemon)


@pytest.mark.parametrize("revisions", [2, 3])
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_signed_about_what_was_replaced(daemon, cli, samples, act, revisions):
    """By another device of one's seat too, and however often meanwhile."""
    _documents(daemon, samples, FIRST, 1)
    cli("status")
    _, latest = _documents(daemon, samples, SECOND, revisions)
    command, what = ACTS[act]
    daemon.requests.clear()
    refused = cli(*command)
    assert (refused.code, "[superseded_revision]" in refused.err) == (6, True)
    said = " ".join(refused.err.split())
    assert SECOND in said
    assert f"p2pnode {act} 7" in said
    assert f"--revision {revisions}" in said
    assert signs_nothing(daemon)
    cli("status")
    assert cli(*command).code == 0
    assert daemon.last("POST").path.endswith(f"/{what}")
    assert daemon.last("POST").body["revision"] == latest, "the daemon refuses what comes between"


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("how", [["--revision", "2"], ["--yes"]])
@pytest.mark.parametrize("before", [[], ["show", "7"]])
def test_who_names_the_text_or_says_yes_is_not_asked(daemon, cli, samples, act, how, before):
    _documents(daemon, samples, FIRST, 1)
    if before:
        cli(*before)
    _, second = _documents(daemon, samples, SECOND, 2)
    assert cli(*ACTS[act][0], *how).code == 0
    assert daemon.last("POST").body["revision"] == second


@pytest.mark.parametrize("act", ACTS)
def test_what_is_replaced_in_the_same_moment_is_refused_and_says_what_to_do(
    daemon, cli, samples, act
):
    one, _ = _documents(daemon, samples, FIRST, 1)
    cli("status")
    command, what = ACTS[act]
    daemon.answers["POST", f"/proposals/{one}/{what}"] = samples["problem"](
        "superseded_revision", 409
    )
    refused = cli(*command)
    assert refused.code == 6
    assert "p2pnode show 7" in refused.err


def test_title_of_a_new_text_is_not_the_text_that_was_read(daemon, cli, samples):
    """Who read a text, and then saw in a list only the title of another, has not read that one."""
    _documents(daemon, samples, FIRST, 1)
    cli("show", "7")
    _documents(daemon, samples, SECOND, 2, text="Everything at once.")
    cli("status")
    assert cli("vote", "7", "yes").code == 6
    cli("show", "7")
    assert cli("vote", "7", "yes").code == 0


BY_TITLE = {  # what shows titles, and no text below them
    name: command
    for name, command in SHOWN_BY.items()
    if name not in {"show", "show --diff", "propose", "revise", "invite", "amend", "erase"}
}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("by", BY_TITLE)
@pytest.mark.parametrize("act", ACTS)
def test_text_below_a_title_that_a_list_showed_was_not_seen(daemon, cli, samples, act, by, form):
    """Nor was a revision of it that goes under the same title."""
    as_json = ["--json"] if form == "json" else []
    for number, text in enumerate(["And everybody pays 500 euros.", "And 9000 euros."], 1):
        _documents(daemon, samples, FIRST, number, text=text)
        cli(*BY_TITLE[by], *as_json)
        daemon.requests.clear()
        refused = cli(*ACTS[act][0], *as_json)
        assert (refused.code, "not_seen" in refused.err) == (6, True)
        assert "p2pnode show 7" in refused.err
        assert signs_nothing(daemon)
    cli("show", "7")
    assert cli(*ACTS[act][0]).code == 0


@pytest.mark.parametrize("by", BY_TITLE)
def test_title_is_shown_whole_or_was_not_seen(daemon, cli, samples, by):
    """What an honest node signs is shown whole, by a list too; what is longer is asked about."""
    whole = "Paint the shed, and then so on " * 5 + "for 90000 EUR"
    assert 160 < len(whole) <= TITLE_CHARS
    for number, title in enumerate([whole, "!" * TITLE_CHARS + whole], 1):
        _documents(daemon, samples, title, number)
        shown = cli(*BY_TITLE[by]).out
        words = ("Paint", "shed", "and", "then", "for", "90000", "EUR")  # a column may fold lines
        is_whole = all(one in shown for one in words)
        assert is_whole == (number == 1 and by != "watch"), "events are cut to a line each"
        assert cli("vote", "7", "yes").code == (0 if is_whole else 6)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("title", [None, FIRST])
def test_text_that_has_not_arrived_was_not_seen(daemon, cli, samples, monkeypatch, act, title):
    """Neither a title nor a body that is under way; saying yes to it once does not show it."""
    _documents(daemon, samples, title, 1, arrived=False)
    for command in (["status"], ["show", "7"], ["explain", "7"], ["show", "7", "--diff"]):
        cli(*command)
    assert "have arrived here" in cli("show", "7").out
    command, _ = ACTS[act]
    refused = cli(*command)
    assert (refused.code, "[not_seen]" in refused.err) == (6, True)
    assert "have arrived here" in " ".join(refused.err.split())
    monkeypatch.setattr(sys, "stdin", _Person("y\n"))
    if act == "vote":
        asked = cli(*command)
        assert asked.code == 0
        assert "have arrived here" in asked.out
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        assert cli(*command).code == 6
    _documents(daemon, samples, FIRST, 1)
    cli("show", "7")
    assert cli(*command).code == 0


class _Person(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1)])
@pytest.mark.parametrize("before", [[], ["status"]])
@pytest.mark.parametrize("act", ACTS)
def test_at_a_terminal_the_text_is_shown_and_asked_about(
    daemon, cli, samples, monkeypatch, act, typed, code, before
):
    _documents(daemon, samples, FIRST, 1)
    if before:
        cli(*before)
    _, second = _documents(daemon, samples, SECOND, 2, text="All of it.")
    daemon.requests.clear()
    monkeypatch.setattr(sys, "stdin", _Person(typed))
    result = cli(*ACTS[act][0])
    assert result.code == code
    assert SECOND in result.out
    assert "All of it." in result.out
    question = "Vote yes on this text?" if act == "vote" else f"{act.capitalize()} this text?"
    assert question in result.err
    posted = [
        one for one in daemon.requests if one.method == "POST" and not one.query.get("dry_run")
    ]
    assert [one.body["revision"] for one in posted] == ([second] if code == 0 else [])


@pytest.mark.parametrize("act", ACTS)
def test_dry_run_asks_nothing_as_it_signs_nothing(daemon, cli, samples, act):
    _documents(daemon, samples, FIRST, 1)
    assert cli(*ACTS[act][0], "--dry-run").code == 0


def test_every_command_that_signs_about_a_proposal_is_tried():
    takers = {
        name
        for name, command in get_command(app).commands.items()
        if any(one.name == "proposal" for one in command.params)
    }
    assert takers - {"show", "explain", "certificate"} == set(ACTS)


@pytest.mark.parametrize("content", ["{", "[]", '{"a": "b"}', '{"a": ["b"]}', '{"a": [1, null]}'])
def test_damaged_file_means_that_nothing_was_seen(tmp_path, content):
    (tmp_path / "seen.json").write_text(content)
    assert seen(tmp_path, "b") == Seen()
    remember_read(tmp_path, "b", "c")
    assert seen(tmp_path, "b") == Seen("c", "c")
