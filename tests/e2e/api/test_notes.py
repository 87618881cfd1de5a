"""Notes (R2.26): what programs put into the log, listed in its order and told in the stream."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from support.processes.daemons import Start


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_a_note_gets_into_everybodys_log_and_is_found_there_and_in_the_stream(start: Start) -> None:
    alice, bob = start("alice", "bob")
    events = bob.events()
    next(events)
    said = [("org.example.minutes", b"\0\xff"), ("org.example.bell", b"ring"), ("a", b"")]
    for namespace, data in said:
        body = {"namespace": namespace, "data": encoded(data)}
        receipt = alice.post("notes", body, wait="final")
        assert receipt["state"] == "final"
        assert receipt["kind"] == "note"
    finals: list[dict[str, Any]] = []
    while len(finals) < len(said):
        event = next(events)
        if event["event"] == "op_final":
            finals.append(event["data"])
    told = [(one["kind"], one["namespace"], base64.b64decode(one["data"])) for one in finals]
    assert told == [("note", *one) for one in said]
    for node in (alice, bob):
        items = node.get("notes")["items"]
        assert [(one["namespace"], base64.b64decode(one["data"])) for one in items] == said
        assert {one["author"]["name"] for one in items} == {"alice"}
        assert [one["commit"] for one in items] == sorted(one["commit"] for one in items)
        (bell,) = node.get("notes", namespace="org.example.bell")["items"]
        assert base64.b64decode(bell["data"]) == b"ring"


def test_notes_are_paged_after_a_row(start: Start) -> None:
    (alice,) = start("alice")
    for number in range(5):
        body = {"namespace": "a", "data": encoded(bytes([number]))}
        alice.post("notes", body, wait="final")
    page = alice.get("notes", limit=2)
    found = page["items"]
    alice.post("notes", {"namespace": "b", "data": ""}, wait="final")
    while page["next_cursor"] is not None:
        page = alice.get("notes", limit=2, cursor=page["next_cursor"])
        found += page["items"]
    assert [base64.b64decode(one["data"]) for one in found] == [bytes([n]) for n in range(5)] + [
        b""
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"namespace": "Org", "data": ""}, "small letters"),
        ({"namespace": "", "data": ""}, "namespace"),
        ({"namespace": "a b", "data": ""}, "namespace: 'a b'"),
        ({"namespace": "a", "data": encoded(bytes(4_097))}, "4096"),
        ({"namespace": "a", "data": "ö"}, "data"),
        ({"namespace": "a"}, "data"),
        ({"namespace": "a", "data": "", "more": 1}, "more"),
    ],
)
def test_what_is_no_note_is_refused_and_nothing_is_signed(
    start: Start, body: dict[str, object], says: str
) -> None:
    (alice,) = start("alice")
    refused = alice.refused("POST", "notes", body)
    assert refused.status == 422
    assert says in str(refused.document)
    assert alice.get("ops")["waiting"] == []
