"""Whose seat is gone is told how it went: the record knows whether it left or was removed."""

from __future__ import annotations

import pytest
from sim.memory_store import MemoryStore
from support.cores.authors import Authors

from p2pnode.answers.removal import describe_removal
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.record.actions import RemoveAction
from p2pnode_protocols.record.bodies import Leave
from p2pnode_protocols.wire import crypto


def told(town: Authors, place: int) -> tuple[str, ...]:
    """Return what the owner of this node's device is told, by its log."""
    store = MemoryStore()
    store.adopt(town.charter.to_bytes())
    store.apply([found_epoch(town.charter), *town.node(place).writes], durable=True)
    return describe_removal(town.node(place).core, store)


def remove(town: Authors, victim: int) -> int:
    """Let the others take a seat away; return the decision's number."""
    member = crypto.compute_member_id(town.devices[victim])
    proposal = town.propose_action(0, "constitutional", RemoveAction(member))
    for place in range(len(town.devices)):
        if place != victim:
            town.vote(place, proposal, urgent=True)
    town.run(5_000)
    found = town.node(0).core.state.proposal(proposal)
    assert found is not None
    assert found.outcome == "passed"
    return found.number


@pytest.fixture
def town() -> Authors:
    made = Authors(4)
    made.connect()
    made.run(1_000)
    return made


def test_who_was_removed_is_told_by_which_decision(town: Authors) -> None:
    number = remove(town, 3)
    assert town.node(3).core.member is None
    detail, *steps = told(town, 3)
    assert detail.endswith(f" was taken away by decision #{number}")
    assert steps[:2] == ["what was decided:", f"p2pnode show {number}"]
    assert steps[-1] == "p2pnode join LINK --name NAME"


def test_who_left_is_told_so_and_of_no_decision(town: Authors) -> None:
    """Nor does one decided in vain, about another or about the seat, count for it."""
    member = crypto.compute_member_id(town.devices[3])
    asked = town.propose_action(0, "constitutional", RemoveAction(member))
    town.run(2_000)
    assert town.say(3, Leave(), urgent=True) is not None
    town.run(5_000)
    assert town.node(3).core.member is None
    detail, *steps = told(town, 3)
    assert detail.endswith(" was given up: it left")
    assert not any("show" in one for one in steps)
    assert town.outcome(0, asked) in ("open", "unknown")


def test_what_is_not_in_the_log_here_is_left_open(town: Authors) -> None:
    """Long ago, or in what was leapt over: it was one of the two."""
    remove(town, 3)
    store = MemoryStore()
    store.adopt(town.charter.to_bytes())
    (detail, *_steps) = describe_removal(town.node(3).core, store)
    assert detail.endswith(" was given up, or taken away by a decision")
