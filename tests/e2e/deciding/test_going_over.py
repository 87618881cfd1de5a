"""A community of five goes over to a newer practice, with real programs: one knows version 1 of a
made-up practice, the other version 2 as well (R2.24, R6.17 to R6.20)."""

from __future__ import annotations

from typing import Any

from support.processes.daemons import Daemon, Start

NAMES = ("alice", "bob", "carol", "dave", "erin")
OLDER, NEWER = "garden-1", "garden-2"
WANTED = {"practices.garden": 2}
WAITS_S = 60


def restart(daemon: Daemon, program: str) -> None:
    daemon.stop()
    daemon.program = program
    daemon.start()


def wait_connected(daemons: list[Daemon]) -> None:
    for one in daemons:
        status = one.get("status", min_reachable=len(daemons), timeout=WAITS_S)
        assert not status["timed_out"], status


def versions(daemon: Daemon) -> dict[str, int]:
    """Return what is in force as a node has it."""
    items = daemon.get("practices")["items"]
    return {one["name"]: one["in_force"] for one in items if one["in_force"]}


def say_what_they_have(daemons: list[Daemon]) -> None:
    """Let what these nodes say by themselves of their programs be final."""
    for one in daemons:
        one.post("ops/hurry", {}, wait="final")


def ask_for_it(daemon: Daemon) -> Any:
    """Return what becomes of an amendment that raises the practice, at its opening."""
    return daemon.ask("POST", "amendments", {"changes": WANTED, "vote": "yes"}, wait="final")


def decide(daemons: list[Daemon], title: str) -> str:
    """Let the daemons decide something by their votes; return its id."""
    body = {"tier": "tactical", "title": title, "vote": "yes"}
    made = daemons[0].post("proposals", body, wait="final")
    proposal: str = made["proposal"]["id"]
    let_all_say_yes(daemons, proposal)
    return proposal


def let_all_say_yes(daemons: list[Daemon], proposal: str) -> None:
    """Let one after the other vote yes until it is decided."""
    for one in daemons[1:]:
        catch_up(one, daemons[0])
        if one.get(f"proposals/{proposal}")["outcome"] == "open":
            one.post(f"proposals/{proposal}/votes", {"choice": "yes"}, wait="final")
    decided = daemons[0].get(f"proposals/{proposal}", wait="final")
    assert (decided["outcome"], decided["grade"]) == ("passed", "final")
    assert decided["effect"] in ("none", "done")


def catch_up(one: Daemon, other: Daemon) -> None:
    index = other.get("status")["log"]["index"]
    status = one.get("status", min_index=index, timeout=WAITS_S)
    assert not status["timed_out"], status


def test_a_community_goes_over_and_who_cannot_follow_stops_and_goes_on_later(start: Start) -> None:
    daemons = start(*NAMES, program=OLDER)
    alice, *_, erin = daemons
    assert versions(alice) == {"core": 1, "garden": 1}

    # Three of five have the newer program: Q is four.
    for one in daemons[:3]:
        restart(one, NEWER)
    wait_connected(daemons)
    say_what_they_have(daemons[:3])
    refused = ask_for_it(alice)
    assert (refused.status, refused["code"]) == (409, "not_ready")
    assert "3 of the 5 seats" in refused["detail"]

    restart(daemons[3], NEWER)
    wait_connected(daemons)
    say_what_they_have(daemons[3:4])
    proposal = ask_for_it(alice)["proposal"]["id"]
    let_all_say_yes(daemons, proposal)
    assert versions(alice) == {"core": 1, "garden": 2}
    before = alice.get("status")["log"]["index"]

    # Erin's node has no version 2: it stops there, says why, and shows what was so until then.
    status = erin.get("status", min_index=before, timeout=WAITS_S)
    assert not status["timed_out"], status
    health = erin.get("node/health")
    told = [one for one in health["checks"] if one["name"] == "update"]
    assert [one["severity"] for one in told] == ["critical"]
    assert "garden 2" in told[0]["detail"]
    code, shown = erin.command("show", proposal)
    assert code == 0
    assert "passed" in shown
    refusal = erin.refused("POST", "proposals", {"tier": "tactical", "title": "Tea"})
    assert (refusal.status, refusal["code"]) == (503, "update_needed")

    # The others go on without it.
    later = decide(daemons[:4], "Water the beans")
    assert erin.get("status")["log"]["index"] == before

    # With the newer program it goes on, and says the same.
    restart(erin, NEWER)
    wait_connected(daemons)
    catch_up(erin, alice)
    assert erin.get(f"proposals/{later}")["outcome"] == "passed"
    indexes = alice.get("status")["log"]["index"]
    assert erin.get(f"commits/{indexes}")["root"] == alice.get(f"commits/{indexes}")["root"]
    decide(daemons, "Everybody is here again")

    # There is no way back: an older program does not touch a newer store.
    daemons[1].stop()
    daemons[1].program = OLDER
    assert daemons[1].launch().wait() != 0
    assert "store_too_new" in daemons[1].log
    assert "garden 2" in daemons[1].log
