"""Starting, stopping, crashing: what is acknowledged stays, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from typing import cast

import pytest
from support.processes.daemons import READY_S, Daemon, Start

from p2pnode import practices
from p2pnode.api.app import COMMUNITY, make_app
from p2pnode.api.described import describe
from p2pnode.host.host import Host

EXIT_LOCKED = 9


def ops_in_log(node: Daemon) -> list[str]:
    commits = node.get("commits", limit=200)["items"]
    return [entry["op"] for commit in commits for entry in commit["entries"]]


def test_sigterm_ends_within_ten_seconds_and_leaves_no_socket(start: Start) -> None:
    alice, bob = start("alice", "bob")
    seconds = bob.stop()
    assert seconds < 10
    assert not bob.paths.socket.exists()
    assert "Traceback" not in bob.log
    # Bob said good-bye: alice knows at once, not after missed heartbeats.
    events = alice.events(types="peer_lost")
    assert next(events)["event"] == "hello"
    assert alice.get("status")["committee"]["reachable"] == 1


def test_sigterm_ends_open_event_streams_and_waits(start: Start) -> None:
    (alice,) = start("alice")
    events = alice.events()
    assert next(events)["event"] == "hello"
    assert alice.stop() < 10
    assert list(events) == []


def test_second_daemon_on_one_home_is_refused(home: Daemon) -> None:
    home.start()
    second = home.launch()
    assert second.wait(READY_S) == EXIT_LOCKED
    assert "in use by process" in home.log
    assert home.get("node")["communities"] == []


def test_socket_is_private_and_a_dead_nodes_socket_is_replaced(home: Daemon) -> None:
    home.start()
    assert stat.S_IMODE(home.paths.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.paths.socket.parent.stat().st_mode) == 0o700
    home.kill()
    assert home.paths.socket.exists()
    home.start()
    assert home.get("node")["communities"] == []


def test_running_node_describes_its_answers_though_it_starts_without(home: Daemon) -> None:
    home.start()
    described = home.get("openapi.json")
    assert described == json.loads(
        json.dumps(describe(make_app(cast(Host, None), practices.routes())))
    )
    voted = described["paths"][f"{COMMUNITY}/proposals/{{reference}}/votes"]["post"]["responses"][
        "200"
    ]
    assert voted["content"]["application/json"]["schema"]["$ref"].endswith("/Receipt")


def test_acknowledged_proposal_survives_kill_9_at_once(start: Start) -> None:
    (alice,) = start("alice")
    for number in range(3):
        # Not waited for: the receipt alone promises that it is on disk.
        receipt = alice.post("proposals", {"tier": "tactical", "title": f"Tea {number}"})
        assert receipt["op"]
        alice.kill()
        alice.start()
        shown = alice.get(f"proposals/{receipt['proposal']['id']}")
        assert shown["title"] == f"Tea {number}"
    assert alice.post("log/verification")["ok"] is True


def test_killed_voter_comes_back_with_its_vote_and_catches_up(start: Start) -> None:
    alice, bob, carol = start("alice", "bob", "carol")
    proposal = alice.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    reference = proposal["proposal"]["id"]
    carol.get("status", min_index=alice.get("status")["log"]["index"])
    # The receipt promises that it is on carol's disk, not that anybody else has heard of it.
    carol.post(f"proposals/{reference}/votes", {"choice": "yes"})
    carol.kill()
    alice.post(f"proposals/{reference}/votes", {"choice": "yes"})
    carol.start()
    decided = [one.get(f"proposals/{reference}", wait="final") for one in (alice, bob, carol)]
    assert {one["outcome"] for one in decided} == {"passed"}
    assert {one["grade"] for one in decided} == {"final"}

    index = alice.get("status")["log"]["index"]
    assert not carol.get("status", min_index=index)["timed_out"]
    assert ops_in_log(carol)[: len(ops_in_log(alice))] == ops_in_log(alice)


def test_restart_resumes_a_join_that_was_not_done(start: Start, home: Daemon) -> None:
    alice, bob = start("alice", "bob")
    link = alice.post("invites", {"name": "carol"})["link"]  # bob has not voted: not decided
    home.start()
    begun = home.post("node/joins", {"link": link, "member_name": "carol"})
    assert begun["stage"] in ("contacting", "waiting_for_invite")
    assert home.get("status")["state"] == "joining"
    home.kill()

    bob.post(f"proposals/{alice.get('proposals')['items'][0]['id']}/votes", {"choice": "yes"})
    alice.get("proposals/2", wait="final")
    home.start()
    # Whom it asked too early lets it in a minute later.
    assert home.get("status", state="member", timeout=120)["state"] == "member"
    assert not list(home.paths.data_dir.rglob("joining.json*"))


def test_restarted_member_keeps_the_status_it_had(start: Start) -> None:
    (alice,) = start("alice")
    alice.post("proposals", {"tier": "tactical", "title": "Tea", "vote": "yes"}, wait="final")
    before = alice.get("status")
    alice.stop()
    alice.start()
    after = alice.get("status")
    for key in ("id", "state", "member", "community", "epoch", "log", "open_proposals"):
        assert after[key] == before[key], key


def test_sighup_takes_over_the_log_level_and_refuses_a_bad_file(home: Daemon) -> None:
    home = Daemon(home.paths.data_dir / "other", P2PNODE_LOG_LEVEL=None)
    home.start()
    try:
        process = home.process
        assert process is not None
        home.paths.config_file.write_text('[log]\nlevel = "loud"\n')
        reload_and_wait(home, "the configuration stays as it was")
        home.paths.config_file.write_text('[log]\nlevel = "error"\n')
        process.send_signal(signal.SIGHUP)
        # At level error the stop is not told any more.
        home.get("node")
        home.stop()
        assert "stopping" not in home.log.split("stays as it was")[1]
    finally:
        home.kill()


def reload_and_wait(node: Daemon, said: str) -> None:
    """Send SIGHUP and read the log until it says so: a file has no event to wait for."""
    process = node.process
    assert process is not None
    with subprocess.Popen(
        ["tail", "-n", "+1", "-F", node.paths.data_dir / "test.log"], stdout=subprocess.PIPE
    ) as tail:
        process.send_signal(signal.SIGHUP)
        assert tail.stdout is not None
        for line in tail.stdout:
            if said in line.decode():
                break
        tail.terminate()


def test_probes_answer_before_there_is_a_community(home: Daemon) -> None:
    home.start()
    assert home.ask("GET", "/livez").document == "ok\n"
    ready = home.ask("GET", "/readyz", verbose="true")
    assert ready.status == 200
    assert "store_writable: ok" in ready.document


@pytest.mark.parametrize("damage", ["missing", "open"])
def test_daemon_refuses_a_home_whose_key_is_missing_or_open(home: Daemon, damage: str) -> None:
    if damage == "missing":
        home.paths.key_file.unlink()
    else:
        os.chmod(home.paths.key_file, 0o644)
    process = home.launch()
    assert process.wait(READY_S) == 1
    assert {"missing": "p2pnode init", "open": "chmod 600"}[damage] in home.log
    assert not home.paths.socket.exists()
