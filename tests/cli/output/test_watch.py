from __future__ import annotations

import json
import threading

import pytest


def _stream(*events: tuple[str, dict, int | None]) -> str:
    lines = [": keep-alive", ""]
    for kind, data, event_id in events:
        if event_id is not None:
            lines.append(f"id: {event_id}")
        whole = {"schema": "p2pnode/event/1", "type": kind, "at": "2030-05-17T12:00:00.000Z"}
        lines += [f"event: {kind}", f"data: {json.dumps(whole | data)}", ""]
    return "\n".join(lines) + "\n"


def test_events_are_one_line_each_until_the_daemon_stops(daemon, cli, samples):
    daemon.streams = [
        _stream(
            ("hello", {"index": 41, "state": "member"}, None),
            ("proposal_decided", {"proposal": samples["summary"](outcome="passed",
                                                                  grade="final")}, None),
            ("peer_lost", {"device": "dev_" + "d" * 58, "member": samples["person"]("erin")}, None),
        )
    ]  # fmt: skip
    result = cli("watch")
    assert result.code == 3
    lines = [line.split("  ", 1)[1] for line in result.out.splitlines()]
    assert lines == [
        "watching from commit 41 on",
        "#7 final: passed (2 yes, 1 no of 5)  Move the stand-up to ten",
        "erin is gone",
    ]
    assert "the daemon stopped" in result.err


def test_json_lines_are_the_events_as_they_came(daemon, cli):
    daemon.streams = [_stream(("committed", {"index": 42, "entries": 1, "decided": []}, 42))]
    result = cli("watch", "--json", "--type", "committed", "--after", "41")
    assert [json.loads(line)["index"] for line in result.out.splitlines()] == [42]
    assert daemon.requests[0].query == {"after": "41", "types": "committed"}
    assert "p2pnode watch --after 42" in json.loads(result.err)["next"]


def test_a_reader_that_was_too_slow_resumes_where_it_was(daemon, cli):
    daemon.streams = [
        _stream(
            ("committed", {"index": 42, "entries": 1, "decided": []}, 42),
            ("lagged", {"detail": "more than 1024 events behind"}, None),
        ),
        _stream(("committed", {"index": 43, "entries": 2, "decided": []}, 43)),
    ]
    result = cli("watch", "--details")
    assert "some events were missed" in result.out
    assert "commit 43: 2 operations" in result.out
    assert [one.query.get("after") for one in daemon.requests] == [None, "42"]


def test_an_alarm_is_unmistakable(daemon, cli):
    daemon.streams = [_stream(("alarm", {"code": "diverged", "detail": "bob differs at 9"}, None))]
    assert "ALARM diverged: bob differs at 9" in cli("watch").out


def test_an_event_of_a_later_version_is_shown_by_its_name(daemon, cli):
    daemon.streams = [_stream(("circle_formed", {}, None))]
    assert cli("watch", "--details").out.split("  ", 1)[1] == "circle_formed\n"


def test_peers_show_clock_and_errors(daemon, cli, samples):
    common = {
        "addresses": [], "agent": None, "sent_bytes": 0, "received_bytes": 0, "sent_frames": 0,
        "received_frames": 0, "drops": 0, "faults": 0,
    }  # fmt: skip
    daemon.answers["GET", "/peers"] = samples["listing"](
        common
        | {
            "device": "dev_" + "d" * 58, "member": samples["person"]("bob"), "state": "connected",
            "rtt_ms": 3, "clock_offset_ms": -12, "connected_at": "2020-01-01T00:00:00Z",
            "last_error": None,
        },
        common
        | {
            "device": "dev_" + "e" * 58, "member": None, "state": "dialing", "rtt_ms": None,
            "clock_offset_ms": None, "connected_at": None, "last_error": "connection refused",
        },
        kind="peers",
    )  # fmt: skip
    result = cli("peers")
    assert "3 ms" in result.out
    assert "-12 ms" in result.out
    assert [line for line in result.out.splitlines() if len(line) > 80] == []
    assert "dev_eeeeeeee: connection refused" in result.err


def test_blocking_names_the_peer(daemon, cli):
    daemon.answers["PUT", "/peers/bob/block"] = (204, {})
    daemon.answers["DELETE", "/peers/bob/block"] = (204, {})
    assert cli("peers", "block", "bob").code == 0
    assert daemon.last("PUT").path == "/peers/bob/block"
    assert cli("peers", "unblock", "bob").code == 0


def test_a_watch_ends_after_the_time_it_was_given(daemon, cli):
    """The daemon goes on and says nothing more: without the time it would not end."""
    daemon.over = threading.Event()
    daemon.streams = [_stream(("hello", {"index": 41, "state": "member"}, None))]
    result = cli("watch", "--timeout", "1")
    assert (result.code, result.err) == (0, "")
    assert "watching from commit 41 on" in result.out


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("0", "what was decided in commits 1 to 41, then what happens"),
        ("40", "what was decided in commits 41 to 41, then what happens"),
        ("41", "watching from commit 41 on"),
    ],
)
def test_a_watch_of_the_past_says_that_it_begins_there(daemon, cli, after, words):
    daemon.streams = [_stream(("hello", {"index": 41, "state": "member"}, None))]
    assert cli("watch", "--after", after).out.splitlines()[0].endswith(f"  {words}")
