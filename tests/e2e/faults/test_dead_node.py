"""Of two, three or four real nodes one is dead for good, by the charter as it comes (R10.23).

Four fifths of three or four are all of them. The others take the dead one's seat off; then invites
and amendments pass again, each as the only one who is left, or all of those, say yes.
"""

from __future__ import annotations

import pytest
from support.processes.daemons import Daemon, Start
from support.processes.terminals import Terminal, flat

NAMES = ("alice", "bob", "carol", "dave")


def at(daemon: Daemon) -> Terminal:
    return Terminal(daemon.paths.data_dir)


def decide(people: list[Daemon], *command: str) -> None:
    """Let the first say this and all the others yes to it; it passes, and all know."""
    first, *others = people
    proposal = at(first).type(*command, "--json").json["proposal"]["id"]
    for one in others:
        at(one).type("show", proposal)
        at(one).type("vote", proposal, "yes")
    for one in people:
        decided = one.get(f"proposals/{proposal}", wait="final")
        assert (decided["outcome"], decided["effect"]) == ("passed", "done")


@pytest.mark.parametrize("size", [3, 4])
def test_others_take_a_dead_nodes_seat_off_then_invite_and_amend(start: Start, size: int) -> None:
    *living, dead = start(*NAMES[:size])
    dead.kill()
    name = NAMES[size - 1]
    yes = ("--vote", "yes")
    decide(living, "propose", f"{name} is gone", "-t", "constitutional", "--remove", name, *yes)
    assert living[0].get("status")["committee"]["size"] == size - 1
    decide(living, "amend", "rules.max_open_per_member=7", *yes)
    decide(living, "invite", "Erin")


def test_of_two_neither_can_be_taken_off_and_that_is_said(start: Start) -> None:
    alice, bob = start("alice", "bob")
    bob.kill()
    for what in ("--remove", "--set-away"):
        refused = at(alice).type(
            "propose", "Bob is gone", "-t", "constitutional", what, "bob", code=5
        )
        assert "a third member has to be there" in flat(refused.err)
