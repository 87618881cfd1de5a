"""Absence, peers that are cut off, electorates, and what the status says of all that."""

from __future__ import annotations

import socket

from support.processes.daemons import READY_S, Daemon, Start


def test_vote_by_a_member_who_came_later_is_refused(start: Start, home: Daemon) -> None:
    (alice,) = start("alice")
    alice.post("proposals", {"tier": "tactical", "title": "Old"}, wait="final")
    home.start()
    alice.admit(home, "bob")
    answer = home.refused("POST", "proposals/1/votes", {"choice": "yes"})
    assert (answer.status, answer["code"]) == (403, "not_in_electorate")


def test_absent_node_is_off_the_committee_and_its_member_still_votes(start: Start) -> None:
    alice, bob = start("alice", "bob")
    bob.post("members/me/absence", wait="final")
    epoch = bob.get("status")["epoch"]["number"]
    alice.get("status", min_epoch=epoch)
    assert alice.get("status")["committee"]["size"] == 1
    assert alice.get("members/bob")["away"] is True
    alice.post("proposals", {"tier": "tactical", "title": "Tea", "vote": "yes"}, wait="final")
    bob.get("status", min_index=alice.get("status")["log"]["index"])
    reference = bob.get("proposals")["items"][0]["id"]
    bob.post(f"proposals/{reference}/votes", {"choice": "yes"}, wait="final")
    assert alice.get(f"proposals/{reference}", wait="final")["outcome"] == "passed"
    bob.delete("members/me/absence", wait="final")
    assert not alice.get("status", min_epoch=epoch + 1)["timed_out"]
    assert alice.get("status")["committee"]["size"] == 2


def test_cut_off_halves_stay_provisional_and_agree_when_joined_again(start: Start) -> None:
    """Of three two are a quorum; carol alone cannot make anything final, and says so."""
    alice, bob, carol = start("alice", "bob", "carol")
    for other in ("alice", "bob"):
        carol.put(f"peers/{other}/block")
    status = carol.get("status", max_reachable=1)
    assert status["committee"]["reachable"] == 1
    assert status["committee"]["can_finalize"] is False
    assert "alice" in status["committee"]["message"]
    assert {one["name"] for one in status["committee"]["missing"]} == {"alice", "bob"}
    assert [one["severity"] for one in status["warnings"] if one["name"] == "quorum"] == ["warning"]

    alone = carol.post(
        "proposals",
        {"tier": "implementation", "title": "Carol's", "vote": "yes"},
        wait="final",
        timeout=1,
    )
    assert alone["timed_out"] is True
    assert alone["state"] == "queued"
    explained = carol.get(f"proposals/{alone['proposal']['id']}/explanation")
    assert explained["finality"]["state"] == "waiting"
    assert {one["name"] for one in explained["finality"]["waits_for"]} == {"alice", "bob"}

    alice.post("proposals", {"tier": "implementation", "title": "Alice's", "vote": "yes"})
    reference = alice.get("proposals")["items"][0]["id"]
    bob.get("status", min_index=alice.get("status")["log"]["index"])
    bob.post(f"proposals/{reference}/votes", {"choice": "yes"}, wait="final")
    assert alice.get(f"proposals/{reference}", wait="final")["outcome"] == "passed"

    for other in ("alice", "bob"):
        carol.delete(f"peers/{other}/block")
    for node in (alice, bob, carol):
        status = node.get("status", min_reachable=3)
        assert not status["timed_out"], status
    carols = alone["proposal"]["id"]
    for node in (alice, bob):
        node.get("status", min_index=carol.get("status")["log"]["index"])
    alice.post(f"proposals/{carols}/votes", {"choice": "yes"}, wait="final")
    for node in (alice, bob, carol):
        for proposal in (reference, carols):
            shown = node.get(f"proposals/{proposal}", wait="final")
            assert (shown["outcome"], shown["grade"]) == ("passed", "final")


def test_unknown_peer_and_bad_address_are_refused(start: Start) -> None:
    (alice,) = start("alice")
    answer = alice.refused("PUT", "peers/zoe1/block")
    assert (answer.status, answer["code"]) == (404, "unknown_peer")
    answer = alice.refused("POST", "peers", {"address": "/ip4/127.0.0.1/tcp/1"})
    assert (answer.status, answer["code"]) == (422, "invalid_request")


def test_port_in_use_is_told_and_not_replaced_by_another(home: Daemon) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        home.set("P2PNODE_NET_PORT", str(port))
        home.start()
        body = {"name": "Ops", "member_name": "alice"}
        answer = home.refused("POST", "communities", body)
        assert (answer.status, answer["code"]) == (503, "bad_config")
        assert str(port) in answer["detail"]
        assert home.get("node")["communities"] == []  # what fails leaves nothing
    home.post("communities", body)
    with socket.socket() as listener:
        home.stop()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        assert home.launch().wait(READY_S) == 1
        assert f"port {port} is in use" in home.log
    home.start()
    assert home.get("status")["state"] == "member"
