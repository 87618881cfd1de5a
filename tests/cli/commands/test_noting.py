"""note and notes: what programs put into the log."""

from __future__ import annotations

import base64

import pytest


def note(namespace, data, **more):
    return {
        "op": "op_" + "o" * 58,
        "namespace": namespace,
        "data": base64.b64encode(data).decode(),
        "author": {"id": "mem_" + "m" * 58, "name": "Ana"},
        "device": "dev_" + "d" * 58,
        "said_at": "2030-05-17T12:00:00.000Z",
        "commit": 7,
        **more,
    }


def listed(*items):
    return {"schema": "p2pnode/note_list/1", "items": list(items), "next_cursor": None}


def test_a_note_is_sent_as_its_bytes(daemon, cli, samples, tmp_path):
    daemon.answers["POST", "/notes"] = samples["receipt"](kind="note", proposal=None, action=None)
    assert cli("note", "org.example", "käse").code == 0
    file = tmp_path / "note.bin"
    file.write_bytes(b"\0\xff")
    result = cli("note", "org.example", "--file", str(file), "--wait")
    assert result.code == 0
    assert "noted 2 bytes for org.example" in result.out
    sent = [one.body for one in daemon.requests if one.path.endswith("/notes")]
    assert [base64.b64decode(one["data"]) for one in sent] == ["käse".encode(), b"\0\xff"]


@pytest.mark.parametrize("given", [[], ["text", "--file", "x"]])
def test_a_note_is_given_in_one_way(daemon, cli, given):
    result = cli("note", "org.example", *given)
    assert result.code == 2
    assert "TEXT or --file" in result.err
    assert not [one for one in daemon.requests if one.path.endswith("/notes")]


def test_a_file_that_is_not_there_is_told(daemon, cli, tmp_path):
    result = cli("note", "org.example", "--file", str(tmp_path / "none"))
    assert result.code == 2
    assert "cannot be read" in result.err


def test_notes_show_texts_as_texts_and_others_by_their_length(daemon, cli):
    daemon.answers["GET", "/notes"] = listed(
        note("org.a", "käse".encode()), note("org.b", b"\0\xff\1"), note("org.c", b"\x1b[2J")
    )
    out = cli("notes").out
    assert "käse" in out
    assert "3 bytes" in out
    assert "4 bytes" in out
    assert "\x1b[2J" not in out


def test_without_notes_it_says_so(daemon, cli):
    daemon.answers["GET", "/notes"] = listed()
    assert "no program has noted anything" in cli("notes", "--namespace", "org.a").out
