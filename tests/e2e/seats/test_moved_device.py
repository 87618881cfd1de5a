"""A phone that is taken off one seat and added to another, with words that nobody had heard."""

from __future__ import annotations

from support.processes.daemons import Daemon, Start, bind


def test_phone_speaks_for_its_new_seat_whatever_it_said_for_the_old(
    start: Start, home: Daemon
) -> None:
    alice, bob = start("alice", "bob")
    home.start()
    device = bind(bob, home)
    home.post("proposals", {"tier": "tactical", "title": "One"}, wait="final")
    home.stop()
    for one in (alice, bob):
        address = one.get("node")["addresses"][0]
        one.set("P2PNODE_NET_PORT", address.split("/tcp/")[1].split("/")[0])
        one.stop()
    home.start()
    home.post("proposals", {"tier": "tactical", "title": "Said offline"})
    home.stop()
    alice.start()
    bob.start()
    alice.get("status", min_reachable=2)
    bob.delete(f"members/me/devices/{device}", wait="final")
    home.start()
    asked = {"link": alice.get("link")["link"], "member": alice.get("members/me")["id"]}
    binding = home.post("node/device-bindings", asked)["binding"]
    alice.post("members/me/devices", {"binding": binding}, wait="final")
    home.get("status", min_index=alice.get("status")["log"]["index"])
    assert home.get("members/me")["name"] == "alice"

    home.post("proposals", {"tier": "tactical", "title": "Said later"}, wait="final")
    titles = [one["title"] for one in alice.get("proposals")["items"]]
    assert "Said later" in titles
    assert "Said offline" not in titles
    (lost,) = home.get("status")["refused_ops"]
    assert (lost["code"], lost["state"]) == ("not_a_member", "refused")
    assert "the seat that this device had then" in lost["next"][0]
