"""The event stream: what happened since a commit, then what happens, over restarts too."""

from __future__ import annotations

from typing import Any

from support.processes.daemons import Daemon, Start


def until_committed(events: Any, index: int) -> list[dict[str, Any]]:
    """Return the events up to and with the commit of this index."""
    found: list[dict[str, Any]] = []
    for event in events:
        found.append(event)
        if event["event"] == "committed" and event["data"]["index"] >= index:
            return found
    raise AssertionError(f"the stream ended before commit {index}: {found}")


def decide(node: Daemon, title: str) -> int:
    node.post("proposals", {"tier": "tactical", "title": title, "vote": "yes"}, wait="final")
    index = node.get("status")["log"]["index"]
    assert isinstance(index, int)
    return index


def last_told(node: Daemon) -> int:
    """Return the index of the last commit that held or decided something."""
    commits = node.get("commits", limit=200)["items"]
    told = [one["index"] for one in commits if one["entries"] or one["decided"]]
    assert isinstance(told[-1], int)
    return told[-1]


def test_live_events_tell_a_decision_in_order(start: Start) -> None:
    (alice,) = start("alice")
    events = alice.events()
    hello = next(events)
    assert hello["event"] == "hello"
    assert hello["data"]["state"] == "member"
    decide(alice, "Tea")
    told = until_committed(events, last_told(alice))
    kinds = [one["event"] for one in told]
    assert "proposal_changed" in kinds
    assert kinds.index("proposal_decided") < len(kinds) - 1
    decided = next(one for one in told if one["event"] == "proposal_decided")
    assert decided["data"]["proposal"]["title"] == "Tea"
    assert decided["data"]["proposal"]["grade"] == "final"
    finals = [one["data"] for one in told if one["event"] == "op_final"]
    assert [one["kind"] for one in finals] == ["propose", "vote"]
    assert {one["author"]["name"] for one in finals} == {"alice"}
    assert [one["id"] for one in told if one["id"] is not None]
    facts = [one["data"] for one in told if one["event"] == "fact"]  # each behind its commit
    facts.append(next(one["data"] for one in events if one["event"] == "fact"))
    assert [one["name"] for one in facts] == ["proposal.opened", "proposal.decided"]
    assert len({one["subject"] for one in facts}) == 1


def test_stream_resumes_after_a_restart_with_exactly_what_was_missed(start: Start) -> None:
    (alice,) = start("alice")
    decide(alice, "Tea")
    seen = last_told(alice)
    decide(alice, "Coffee")
    alice.kill()
    alice.start()
    told = until_committed(alice.events(after=seen), last_told(alice))
    titles = [
        one["data"]["proposal"]["title"] for one in told if one["event"] == "proposal_decided"
    ]
    assert titles == ["Coffee"]
    ids = [int(one["id"]) for one in told if one["id"] is not None]
    assert ids == sorted(ids)
    assert min(ids) > seen


def test_stream_from_the_beginning_and_live_has_no_gap_and_nothing_twice(start: Start) -> None:
    (alice,) = start("alice")
    decide(alice, "Tea")
    events = alice.events(after=0)
    past = until_committed(events, last_told(alice))
    decide(alice, "Coffee")
    live = until_committed(events, last_told(alice))
    finals = [one["data"]["op"] for one in past + live if one["event"] == "op_final"]
    commits = alice.get("commits", limit=200)["items"]
    assert finals == [entry["op"] for commit in commits for entry in commit["entries"]]


def test_only_the_wanted_types_are_sent(start: Start) -> None:
    (alice,) = start("alice")
    events = alice.events(types="proposal_decided,committed")
    assert next(events)["event"] == "hello"
    decide(alice, "Tea")
    told = until_committed(events, last_told(alice))
    assert {one["event"] for one in told} == {"proposal_decided", "committed"}


def test_wrong_last_event_id_is_refused(start: Start) -> None:
    (alice,) = start("alice")
    answer = alice.ask("GET", "events", headers={"Last-Event-ID": "yesterday"})
    assert (answer.status, answer["code"]) == (422, "invalid_request")
