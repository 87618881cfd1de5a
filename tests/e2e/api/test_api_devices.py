"""Several devices for one seat: bound, used, made the node, revoked."""

from __future__ import annotations

from support.processes.daemons import Daemon, Start, bind


def test_further_device_speaks_for_the_seat_until_it_is_revoked(start: Start, home: Daemon) -> None:
    alice, bob = start("alice", "bob")
    home.start()
    device = bind(alice, home)
    seat = home.get("members/me")
    assert seat["name"] == "alice"
    assert [one["id"] for one in seat["devices"] if one["me"]] == [device]

    bob.post("proposals", {"tier": "tactical", "title": "Tea", "vote": "yes"}, wait="final")
    reference = bob.get("proposals")["items"][0]["id"]
    home.get("status", min_index=bob.get("status")["log"]["index"])
    assert [one["id"] for one in home.get("status")["needs_my_vote"]] == [reference]
    home.post(f"proposals/{reference}/votes", {"choice": "yes"}, wait="final")
    decided = bob.get(f"proposals/{reference}", wait="final")
    assert decided["outcome"] == "passed"
    assert [vote["member"]["name"] for vote in decided["votes"]] == ["alice", "bob"]

    alice.delete(f"members/me/devices/{device}", wait="final")
    assert home.get("status", state="removed")["state"] == "removed"
    assert len(bob.get("members/alice")["devices"]) == 1


def test_node_moves_to_the_further_device(start: Start, home: Daemon) -> None:
    alice, bob = start("alice", "bob")
    home.start()
    device = bind(alice, home)
    alice.put("members/me/node-key", {"device": device}, wait="final")
    epoch = bob.get("status")["epoch"]["number"]
    home.get("status", min_epoch=epoch)
    nodes = {one["id"]: one["node"] for one in home.get("members/me")["devices"]}
    assert nodes[device] is True
    assert sum(nodes.values()) == 1

    # The old device follows and votes, but the new one finalizes.
    alice.stop()
    bob.get("status", min_reachable=2)
    bob.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    home.get("status", min_index=bob.get("status")["log"]["index"])
    assert home.get("proposals")["items"][0]["grade"] == "open"


def test_binding_for_another_seat_is_refused(start: Start, home: Daemon) -> None:
    alice, bob = start("alice", "bob")
    home.start()
    link = alice.get("link")["link"]
    seat = alice.get("members/me")["id"]
    binding = home.post("node/device-bindings", {"link": link, "member": seat})["binding"]
    answer = bob.refused("POST", "members/me/devices", {"binding": binding})
    assert (answer.status, answer["code"]) == (422, "bad_signature")
    answer = alice.refused("POST", "members/me/devices", {"binding": binding[:-3]})
    assert (answer.status, answer["code"]) == (422, "bad_link")


def test_last_device_cannot_be_revoked_and_an_unknown_one_not_either(start: Start) -> None:
    (alice,) = start("alice")
    own = alice.get("node")["device"]["id"]
    answer = alice.refused("DELETE", f"members/me/devices/{own}")
    assert answer.status == 403
    answer = alice.refused("DELETE", "members/me/devices/dev_aaaaaaaa")
    assert (answer.status, answer["code"]) == (404, "unknown_device")
    assert answer["next"] == ["p2pnode devices"]
