"""A store put back by copying, and backups with and without the key: nobody forks."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.processes.daemons import Daemon, Start
from support.processes.rollback import keep_store, put_back
from support.processes.terminals import Terminal, flat


def terminal(daemon: Daemon) -> Terminal:
    assert daemon.paths.home is not None
    return Terminal(daemon.paths.home)


def decide(by: Daemon, *voters: Daemon, title: str = "Tea") -> str:
    """Pass a proposal with the votes of these; return its id once it is final at all of them."""
    body = {"tier": "tactical", "title": title, "vote": "yes"}
    proposal = by.post("proposals", body, wait="final")["proposal"]["id"]
    for one in voters:
        one.get("status", min_index=by.get("status")["log"]["index"])
        one.post(f"proposals/{proposal}/votes", {"choice": "yes"}, wait="final")
    for one in (by, *voters):
        assert one.get(f"proposals/{proposal}", wait="final")["outcome"] == "passed"
    return str(proposal)


def require_agreement(*daemons: Daemon) -> None:
    """Assert that these hold one log and have seen no fork."""
    index = max(one.get("status")["log"]["index"] for one in daemons)
    roots = set()
    for one in daemons:
        status = one.get("status", min_index=index)
        assert not status["timed_out"]
        assert (status["counters"]["forks"], status["counters"]["divergences"]) == (0, 0)
        roots.add(one.get("commits", after=index - 1, limit=1)["items"][0]["root"])
        assert one.post("log/verification", {})["ok"]
    assert len(roots) == 1


def learning(daemon: Daemon) -> list[Any]:
    return [one for one in daemon.get("status")["warnings"] if one["name"] == "learning"]


def wait_learned(daemon: Daemon) -> None:
    """Return once the device signs again."""
    for _ in daemon.events():
        if not learning(daemon):
            return


def wait_warning(daemon: Daemon, name: str) -> dict[str, str]:
    """Return a warning once it is in the status."""
    for _ in daemon.events():
        for one in daemon.get("status")["warnings"]:
            if one["name"] == name:
                found: dict[str, str] = one
                return found
    raise AssertionError("the stream of events ended")


# --- a store put back by copying --------------------------------------------------------------


@pytest.mark.slow
def test_a_store_put_back_by_copying_is_refused_with_the_remedy_and_recovers(
    start: Start, tmp_path: Path
) -> None:
    alice, bob, carol = start("alice", "bob", "carol")
    alice.stop()
    older = keep_store(alice, tmp_path / "older")
    alice.start()
    alice.get("status", min_reachable=3)
    decide(alice, bob)
    alice.stop()
    newer = keep_store(alice, tmp_path / "newer")
    put_back(alice, older)

    refused = terminal(alice).type("run", code=8)
    words = " ".join(refused.err.split())
    assert "is older than what this device has signed: the device signed a block of" in words
    assert "UTC; the store ends with" in words
    assert "put the newer store.db back" in words
    assert "p2pnode recover" in words
    assert "[store_behind]" in words

    # The first remedy: the newer file.
    put_back(alice, newer)
    alice.start()
    assert learning(alice) == []
    alice.stop()

    # The second: to learn, which takes more than the one who is there.
    put_back(alice, older)
    carol.stop()
    said = terminal(alice).type("recover").out
    assert "will learn from the others before it signs anything" in said
    alice.start()
    index = bob.get("status")["log"]["index"]
    assert not alice.get("status", min_reachable=2, min_index=index)["timed_out"]
    (found,) = learning(alice)
    assert found["severity"] == "warning"
    assert "compared with " in found["detail"]
    assert found["detail"].endswith("not yet with carol")
    assert "carol" in " ".join(terminal(alice).type("status").out.split())
    body = {"tier": "tactical", "title": "Too early"}
    answer = alice.refused("POST", "proposals", body)
    assert (answer.status, answer["code"]) == (409, "learning")
    alice.kill()  # also over restarts
    alice.start()
    assert len(learning(alice)) == 1

    carol.start()
    wait_learned(alice)
    decide(alice, bob, title="Cake")
    require_agreement(alice, bob, carol)
    alice.kill()
    alice.start()
    assert learning(alice) == []


def test_a_store_taken_away_is_fetched_anew_and_the_device_learns_first(start: Start) -> None:
    alice, bob, carol = start("alice", "bob", "carol")
    decide(alice, bob)
    alice.stop()
    for file in alice.paths.data_dir.rglob("store.db*"):
        file.unlink()
    alice.start()
    assert alice.get("status")["state"] == "idle"
    carol.stop()
    alice.post("node/joins", {"link": bob.get("link")["link"], "member_name": "Whatever"})
    assert not alice.get("status", state="member")["timed_out"]
    assert len(learning(alice)) == 1
    carol.start()
    wait_learned(alice)
    decide(alice, bob, title="Cake")
    require_agreement(alice, bob, carol)
    told = [one["name"] for one in alice.get("status")["warnings"]]
    assert "name" not in told, "its seat had its name before"


def test_told_to_sign_anyway_it_does_not_ask(start: Start, tmp_path: Path) -> None:
    alice, bob = start("alice", "bob")
    alice.stop()
    older = keep_store(alice, tmp_path / "older")
    alice.start()
    alice.get("status", min_reachable=2)
    decide(alice, bob)
    alice.stop()
    put_back(alice, older)
    bob.stop()
    assert terminal(alice).type("recover", "--sign-anyway", code=2).err
    terminal(alice).type("recover", "--sign-anyway", "--yes")
    alice.start()
    assert learning(alice) == []


# --- backups ----------------------------------------------------------------------------------


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Daemon]:
    """A home that has nothing yet, not even a key."""
    one = Daemon(tmp_path / "again")
    shutil.rmtree(tmp_path / "again")
    yield one
    one.kill()
    print(one.log)


def test_restored_without_the_key_it_is_bound_by_another_device_and_works_as_the_node(
    start: Start, home: Daemon, again: Daemon, tmp_path: Path
) -> None:
    alice, bob, carol = start("alice", "bob", "carol")
    phone = home
    phone.start()
    link = terminal(alice).type("devices", "link").out.strip()
    line = terminal(phone).type("devices", "request", link, "--quiet").out.strip()
    terminal(alice).type("devices", "add", line, "--wait")
    assert not phone.get("status", state="member")["timed_out"]
    decide(alice, bob)
    old = alice.get("node")["device"]["id"]

    file = tmp_path / "alice.p2pbackup"
    made = terminal(alice).type("backup", "-o", str(file), "--json").json
    (of,) = made["communities"]
    assert (made["key"], of["index"]) == ("none", alice.get("status")["log"]["index"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    terminal(alice).type("backup", "-o", str(file), code=6)
    terminal(alice).type("backup", "-o", str(file), "--force")
    backup = [one for one in alice.get("node/health")["checks"] if one["name"] == "backup"]
    assert backup[0]["detail"] == f"last backup today, without the device key: {file}"
    terminal(alice).type("restore", str(file), code=9)  # its home is in use

    alice.kill()
    assert alice.paths.home is not None
    shutil.rmtree(alice.paths.home)
    restored = terminal(again).type("restore", str(file))
    assert "p2pnode devices add LINE" in restored.err
    (code,) = [one for one in restored.out.splitlines() if one.startswith("p2pnode:bind:1")]
    terminal(again).type("restore", str(file), code=6)  # not over a home with something in it

    again.start()
    status = again.get("status")
    assert status["joining"]["stage"] == "unbound"
    assert status["joining"]["binding"] == code
    assert "the seat of alice" in status["joining"]["detail"]
    assert code in terminal(again).type("status").out
    answer = again.refused("POST", "proposals", {"tier": "tactical", "title": "Not yet"})
    assert answer["code"] == "joining"

    assert "bound a further device" in terminal(phone).type("devices", "add", code, "--wait").out
    assert not again.get("status", state="member")["timed_out"]
    new = again.get("node")["device"]["id"]
    listed = terminal(again).type("devices").out
    assert "this one" in listed
    terminal(phone).type("devices", "use", new, "--wait")
    terminal(phone).type("devices", "revoke", old, "--wait", "--yes")
    for one in (again, bob, carol):
        assert not one.get("status", min_reachable=3)["timed_out"]
    assert {one["id"]: one["node"] for one in bob.get("members/alice")["devices"]} == {
        new: True,
        phone.get("node")["device"]["id"]: False,
    }
    carol.stop()  # so that it is needed: two of three
    decide(bob, again, title="Cake")
    require_agreement(again, bob, phone)


def test_restored_with_the_key_it_learns_first_and_loses_nothing(
    start: Start, again: Daemon, tmp_path: Path
) -> None:
    alice, bob, carol = start("alice", "bob", "carol")
    file = tmp_path / "alice.p2pbackup"
    made = terminal(alice).type("backup", "-o", str(file), "--with-key").out
    assert "NOT ENCRYPTED" in " ".join(made.split())
    # What it signs after the backup is known to the others only.
    since = decide(alice, bob, title="After the backup")
    device = alice.get("node")["device"]["id"]
    alice.kill()
    assert alice.paths.home is not None
    shutil.rmtree(alice.paths.home)
    carol.stop()

    said = " ".join(terminal(again).type("restore", str(file)).err.split())
    assert "It signs nothing until enough of the others have told it" in said
    again.start()
    again.get("status", min_reachable=2)
    assert again.get("node")["device"]["id"] == device
    assert len(learning(again)) == 1
    body = {"tier": "tactical", "title": "Too early"}
    assert again.refused("POST", "proposals", body)["code"] == "learning"
    carol.start()
    wait_learned(again)
    votes = again.get(f"proposals/{since}", wait="final")["votes"]
    assert [one["member"]["name"] for one in votes] == ["alice", "bob"]
    bob.stop()
    decide(again, carol, title="Cake")
    bob.start()
    require_agreement(again, carol, bob)


def test_a_backup_that_was_changed_is_refused_and_leaves_no_home(
    start: Start, again: Daemon, tmp_path: Path
) -> None:
    (alice,) = start("alice")
    file = tmp_path / "alice.p2pbackup"
    alice.post("node/backups", {"file": str(file), "with_key": True})
    whole = file.read_bytes()
    for place in (600, 30_000, len(whole) - 12_000):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        file.write_bytes(damaged)
        err = terminal(again).type("restore", str(file), code=8).err
        assert "[backup_damaged]" in err
        assert not again.paths.key_file.exists()
        assert not list(again.paths.data_dir.rglob("store.db"))
    file.write_bytes(whole)
    terminal(again).type("restore", str(file))


# --- lost keys ----------------------------------------------------------------------------------


def test_a_lost_key_is_replaced_by_decision_and_an_old_key_can_object(
    start: Start, again: Daemon, tmp_path: Path
) -> None:
    alice, bob, carol = start("alice", "bob", "carol", charter={"rules.rekey_objection_ms": 3_000})
    file = tmp_path / "alice.p2pbackup"
    alice.post("node/backups", {"file": str(file)})
    terminal(again).type("restore", str(file), "--json")
    again.start()
    code = again.get("status")["joining"]["binding"]

    # Somebody asks for alice's seat while alice is well: her no is enough.
    receipt = terminal(bob).type("rekey", code, "--text", "says she is alice", "--json").json
    proposal = receipt["proposal"]["id"]
    assert receipt["proposal"]["title"] == "A new key for alice"
    carol.get("status", min_index=bob.get("status")["log"]["index"])
    for one, choice in ((carol, "yes"), (alice, "no")):
        wait_known(one, proposal)
        one.post(f"proposals/{proposal}/votes", {"choice": choice})
    decided = bob.get(f"proposals/{proposal}", wait="final")
    assert decided["outcome"] == "rejected"
    assert again.get("status")["state"] == "observer"

    # Now her laptop is gone.
    alice.kill()
    receipt = terminal(bob).type("rekey", code, "--json").json
    proposal = receipt["proposal"]["id"]
    wait_known(carol, proposal)
    carol.post(f"proposals/{proposal}/votes", {"choice": "yes"})
    assert bob.get(f"proposals/{proposal}", wait="final", timeout=100)["outcome"] == "passed"
    assert not again.get("status", state="member", timeout=60)["timed_out"]
    (device,) = bob.get("members/alice")["devices"]
    assert (device["id"], device["node"]) == (again.get("node")["device"]["id"], True)
    carol.stop()
    assert not again.get("status", min_reachable=2)["timed_out"]
    decide(bob, again, title="Cake")
    require_agreement(bob, again)


def wait_known(daemon: Daemon, proposal: str) -> None:
    """Return once a proposal is known here; each event may be the one that brings it."""
    for _ in daemon.events():
        if daemon.ask("GET", f"proposals/{proposal}").status == 200:
            return


def test_a_revoked_device_cannot_speak_for_its_seat_any_more(
    start: Start, home: Daemon, tmp_path: Path
) -> None:
    alice, bob = start("alice", "bob")
    phone = home
    phone.start()
    link = alice.get("link")["link"]
    code = phone.put("node/device-bindings/me", {"link": link})["binding"]
    alice.post("members/me/devices", {"binding": code}, wait="final")
    assert not phone.get("status", state="member")["timed_out"]
    device = phone.get("node")["device"]["id"]
    phone.kill()
    terminal(alice).type("devices", "revoke", device, "--wait", "--yes")

    # Stolen and offline meanwhile, it does not know; what it says, nobody takes.
    phone.start()
    assert phone.get("status")["state"] == "member"
    said = phone.post("proposals", {"tier": "tactical", "title": "Sell it all", "vote": "yes"})
    for event in phone.events(types="refused_by_peer"):
        if event["event"] == "refused_by_peer":
            assert event["data"]["code"] == "not_a_member"
            break
    warning = wait_warning(phone, "seat")
    # Who refuses it is named at first; then that is all there is to say.
    told = ("this node has no seat, so they do not let it in", "do not let this device in any more")
    assert any(one in warning["detail"] for one in told)
    assert "its key was taken off the seat" in warning["detail"]
    assert "p2pnode devices" in warning["next"]
    shown = flat(terminal(phone).type("status").out)
    assert any(one in shown for one in told)
    decide(bob, alice, title="Tea")
    for one in (alice, bob):
        assert one.ask("GET", f"proposals/{said['proposal']['id']}").status == 404
    require_agreement(alice, bob)


def test_a_machine_gets_a_fresh_key_from_its_old_one(start: Start) -> None:
    alice, bob, carol = start("alice", "bob", "carol")
    old = alice.get("node")["device"]["id"]
    renewed = terminal(alice).type("devices", "renew", "--json").json
    alice.stop()
    alice.start()
    status = alice.get("status", min_reachable=3)
    device = alice.get("node")["device"]["id"]
    assert (device, status["state"]) == (renewed["device"], "member")
    assert learning(alice) == []
    nodes = {one["id"]: one["node"] for one in bob.get("members/alice")["devices"]}
    assert nodes == {old: False, renewed["device"]: True}
    terminal(alice).type("devices", "revoke", old, "--wait", "--yes")
    carol.stop()
    decide(bob, alice)
    require_agreement(alice, bob)
