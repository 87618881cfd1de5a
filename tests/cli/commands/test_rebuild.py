"""rebuild: what is shown before one signs, and what goes into a pipe."""

from __future__ import annotations

import io
import sys

import pytest

REQUEST = "p2pnode:rebuild:1abcdefgh"
EPOCH = "epo_" + "a" * 58


@pytest.fixture
def answer(daemon, samples):
    person = samples["person"]
    document = {
        "schema": "p2pnode/rebuild/1",
        "state": "signed",
        "consequences": ["The nodes of Ana, Bo alone make the record from then on."],
        "request": REQUEST,
        "rebuild": {
            "id": EPOCH,
            "ends": EPOCH,
            "index": 17,
            "root": "ab" * 32,
            "kept": [person("Ana"), person("Bo")],
            "lost": [person("Cy")],
            "unsigned": [],
            "text": "rebuilt",
        },
    }
    daemon.answers["POST", "/rebuilds/signature"] = document
    daemon.answers["POST", "/rebuilds/application"] = document
    return document


def test_signature_from_stdin_leaves_only_the_request_on_stdout(daemon, cli, answer, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(REQUEST))
    result = cli("rebuild", "sign", "-", "--yes")
    assert (result.code, result.out) == (0, REQUEST + "\n")
    assert "alone make the record" in result.err
    assert "p2pnode rebuild apply FILE" in result.err
    assert daemon.last("POST").body == {"request": REQUEST}


def test_signature_in_a_file_shows_on_stdout_what_is_signed(daemon, cli, answer, tmp_path):
    file = tmp_path / "rebuild.txt"
    file.write_text("unsigned")
    result = cli("rebuild", "sign", str(file), "--yes")
    assert result.code == 0
    assert "alone make the record" in result.out
    assert "signed, and written to" in result.out
    assert file.read_text() == REQUEST + "\n"


def test_applying_takes_the_names_of_all_who_go_on_and_yes_is_not_enough(daemon, cli, answer):
    result = cli("rebuild", "apply", EPOCH, "--yes")
    assert result.code == 2
    assert "Ana, Bo" in result.err
    assert "--keeps Ana --keeps Bo" in result.err
    assert "Cy" in result.out, "who is left out is shown before"
    assert "kept" not in daemon.last("POST").body, "nothing but the dry run was asked for"


def test_names_given_go_to_the_node_which_compares_them(daemon, cli, answer):
    assert cli("rebuild", "apply", EPOCH, "--keeps", "Ana", "--keeps", "Bo").code == 0
    assert daemon.last("POST").body == {"rebuild": EPOCH, "kept": ["Ana", "Bo"]}


def test_a_request_never_replaces_a_file_and_nothing_is_signed_for_it(
    daemon, cli, answer, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    daemon.answers["POST", "/rebuilds"] = answer
    file = tmp_path / "rebuild.txt"
    file.write_text("somebody's notes")
    refused = cli("rebuild", "propose", "--without", "bob", "--yes")
    assert (refused.code, file.read_text()) == (6, "somebody's notes")
    assert {one.query.get("dry_run") for one in daemon.requests} == {"true"}
    assert cli("rebuild", "propose", "--without", "bob", "--yes", "--force").code == 0
    assert file.read_text() == REQUEST + "\n"


def test_epochs_show_no_time_where_there_is_none(daemon, cli):
    """A rebuild's epoch takes its time from its first commit: before, it has none."""
    epoch = {"id": "epo_" + "e" * 58, "index": 3, "committee": [], "time": None, "rebuild": None}
    begun = {"text": "rebuilt at commit 3 by 1 of 2 seats: alice"}
    items = [epoch | {"number": 1}, epoch | {"number": 2, "rebuild": begun}]
    daemon.answers["GET", "/epochs"] = {"schema": "x", "items": items, "next_cursor": None}
    first, second = [one for one in cli("epochs").out.splitlines() if "epo_" in one]
    assert "leapt over" in first
    assert "no commit yet" in second
