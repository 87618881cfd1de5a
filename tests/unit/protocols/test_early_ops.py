"""Ops that the log brings before what they name (R10.18): parked, not lost, and bounded."""

from __future__ import annotations

from support.dag import fake_verify
from support.town import DAY, SECOND, Town, propose, revise, withdraw

from p2pnode_protocols.codec import decode
from p2pnode_protocols.decisions import State
from p2pnode_protocols.ids import OpId
from p2pnode_protocols.limits import PARKED_PER_DEVICE
from p2pnode_protocols.ops import Vote

NOTHING = OpId(b"n" * 32)


def test_vote_before_its_proposal_counts_once_the_log_brings_it() -> None:
    town = Town(3)
    opening = town.say("alice", propose("tactical"))
    vote = town.say("bob", Vote(opening.id, opening.id, "yes", None))
    assert town.commit(vote).entries == ()
    assert town.state.knows(vote)
    assert list(town.state.parked()) == [vote]
    result = town.commit(opening)
    assert result.entries == ((opening.id, "ok"), (vote.id, "ok"))
    assert result.ops == (opening, vote)
    assert town.proposal(opening.id).tally.yes == 1


def test_parked_vote_shows_in_the_provisional_view() -> None:
    town = Town(3)
    opening = town.say("alice", propose("tactical"))
    town.commit(town.say("bob", Vote(opening.id, opening.id, "yes", None)))
    view = town.preview([opening]).proposal(opening.id)
    assert view is not None
    assert view.tally.yes == 1


def test_vote_before_the_revision_it_names_counts_on_it() -> None:
    town = Town(3)
    proposal = town.propose("alice", "strategic")
    change = town.say("alice", revise(proposal))
    vote = town.say("bob", Vote(proposal, change.id, "yes", None))
    town.commit(vote)
    assert town.codes(change) == ["ok", "ok"]
    assert town.proposal(proposal).tally.yes == 1


def test_vote_on_a_revision_waits_on_when_only_the_proposal_has_come() -> None:
    town = Town(3)
    opening = town.say("alice", propose("strategic"))
    change = town.say("alice", revise(opening.id))
    vote = town.say("bob", Vote(opening.id, change.id, "yes", None))
    town.commit(vote)
    assert town.codes(opening) == ["ok"]
    assert list(town.state.parked()) == [vote]
    assert town.codes(change) == ["ok", "ok"]
    assert town.proposal(opening.id).tally.yes == 1


def test_later_op_of_the_same_device_does_not_wait() -> None:
    town = Town(3)
    early = town.say("bob", Vote(NOTHING, NOTHING, "yes", None))
    later = town.say("bob", propose("tactical"))
    assert town.commit(early, later).entries == ((later.id, "ok"),)


def test_vote_on_a_proposal_that_was_refused_is_refused() -> None:
    town = Town(3)
    opening = town.say("alice", propose("nonsense"))
    early, late = (
        town.say(who, Vote(opening.id, opening.id, "yes", None)) for who in ("bob", "carol")
    )
    town.commit(early)
    result = town.commit(opening, late)
    assert [code for _, code in result.entries] == [
        "unknown_tier",
        "unknown_proposal",
        "unknown_proposal",
    ]


def test_what_is_never_brought_is_refused_after_a_day() -> None:
    town = Town(3)
    early = town.say("bob", Vote(NOTHING, NOTHING, "yes", None))
    town.commit(early)
    assert town.state.next_due_ms() == town.now + DAY
    assert town.commit(after_ms=DAY - SECOND).entries == ()
    assert town.commit().entries == ((early.id, "unknown_proposal"),)
    assert town.state.next_due_ms() is None


def test_parked_ops_are_bounded_per_device() -> None:
    town = Town(3)
    ops = [town.say("bob", withdraw(NOTHING)) for _ in range(PARKED_PER_DEVICE + 1)]
    assert town.commit(*ops).entries == ((ops[-1].id, "unknown_proposal"),)
    assert town.commit(town.say("carol", withdraw(NOTHING))).entries == ()


def test_parked_ops_and_refusals_survive_a_restart() -> None:
    town = Town(3)
    refused = town.say("alice", propose("nonsense"))
    opening = town.say("alice", propose("tactical"))
    vote = town.say("bob", Vote(opening.id, opening.id, "yes", None))
    town.commit(refused, vote)
    town.state = State.read(decode(town.state.to_bytes(), 1 << 20), fake_verify)
    on_refused = town.say("carol", Vote(refused.id, refused.id, "yes", None))
    assert town.codes(on_refused, opening) == ["unknown_proposal", "ok", "ok"]
