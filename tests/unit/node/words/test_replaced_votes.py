"""Two devices of one seat vote at the same time: only one of the votes is told to count."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sim.memory_store import MemoryStore
from support.cores.town import Town, bind, key_of

from p2pnode.answers.own_votes import (
    find_own_vote,
    find_replacing,
    other_device,
    replacing_vote,
)
from p2pnode.answers.proposals import Proposals
from p2pnode_protocols.record.bodies import Choice, Vote
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.steps.writes import SaveOp
from p2pnode_protocols.wire.ids import OpId


@pytest.mark.parametrize(("first", "second"), [("yes", "no"), ("no", "yes"), ("yes", "aside")])
@pytest.mark.parametrize("together", [True, False])
def test_only_the_latest_vote_of_a_seat_is_not_replaced(
    first: Choice, second: Choice, together: bool
) -> None:
    town = Town(6)  # one no decides nothing
    assert town.enter(town.say("alice", bind(town, "alice", "phone"))) == "ok"
    proposal = town.propose("bob", "constitutional")
    revision = town.proposal(proposal).current.id
    mine = town.say("alice", Vote(proposal, revision, first, None))
    other = town.say("alice", Vote(proposal, revision, second, None), device="phone")
    if together:
        town.commit(mine, other)
    else:
        assert [town.enter(one) for one in (mine, other)] == ["ok", "ok"]
    view, seat = town.view(proposal), town.id_of("alice")
    (cast,) = [one for one in view.current.votes if one.member == seat]
    loser, winner = (mine, other) if cast.op == other.id else (other, mine)
    assert find_replacing(view, seat, revision, winner.id) is None
    assert find_replacing(view, seat, revision, loser.id) == cast.choice
    assert find_replacing(view, town.id_of("cara"), revision, loser.id) is None


def test_a_vote_on_an_older_text_was_not_replaced_by_one_on_the_new_text() -> None:
    town = Town(3)
    proposal = town.propose("bob", "constitutional")
    vote = town.vote("alice", proposal, "yes")
    assert town.enter(vote) == "ok"
    revision = town.proposal(proposal).current.id
    assert find_replacing(town.view(proposal), town.id_of("alice"), revision, vote.id) is None


def proposals_of(town: Town, device: str, *ops: Op) -> Proposals:
    """Return what a device of alice's says, that has these ops and has none of them final."""
    return Proposals(core_of(town, device, *ops), store_of(*ops))


def core_of(town: Town, device: str, *ops: Op) -> Any:
    return SimpleNamespace(
        state=town.state,
        preview=town.preview(ops),
        member=town.id_of("alice"),
        device=key_of(device),
    )


def store_of(*ops: Op) -> MemoryStore:
    store = MemoryStore()
    store.apply([SaveOp(one, own=False) for one in ops], durable=True)
    return store


@pytest.fixture
def two_devices() -> tuple[Town, OpId, Op, Op]:
    """Return a question, alice's yes of one device, and her later no of another."""
    town = Town(6)
    assert town.enter(town.say("alice", bind(town, "alice", "phone"))) == "ok"
    proposal = town.propose("bob", "constitutional")
    revision = town.proposal(proposal).current.id
    first = town.say("alice", Vote(proposal, revision, "yes", None))
    second = town.say("alice", Vote(proposal, revision, "no", None), device="phone")
    return town, proposal, first, second


def test_a_vote_knows_which_of_another_device_it_replaces(
    two_devices: tuple[Town, OpId, Op, Op],
) -> None:
    town, proposal, first, second = two_devices
    assert find_own_vote(core_of(town, "phone"), second.body) is None
    for device, signed_by in (("phone", key_of("alice")), ("alice", None)):
        core = core_of(town, device, first)
        former = find_own_vote(core, second.body)
        assert former is not None
        assert former.choice == "yes"
        assert other_device(core, store_of(first), former) == signed_by
    (cast,) = proposals_of(town, "alice", first).proposal(town.view(proposal, first)).votes
    assert not cast.elsewhere


def test_what_waits_here_and_is_replaced_elsewhere_says_so(
    two_devices: tuple[Town, OpId, Op, Op],
) -> None:
    town, proposal, first, second = two_devices
    both = proposals_of(town, "alice", first, second)
    core = core_of(town, "alice", first, second)
    (cast,) = both.proposal(town.view(proposal, first, second)).votes
    winner, loser = (first, second) if cast.choice == "yes" else (second, first)
    assert replacing_vote(core, loser, is_final=False) == cast.choice
    assert replacing_vote(core, winner, is_final=False) is None
    assert cast.elsewhere is (winner is second)


def test_a_vote_that_waits_for_an_op_before_it_is_not_called_replaced(
    two_devices: tuple[Town, OpId, Op, Op],
) -> None:
    town, _proposal, first, second = two_devices
    assert replacing_vote(core_of(town, "alice", second), first, is_final=False) is None
