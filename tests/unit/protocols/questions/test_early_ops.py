"""Ops that the log brings before what they name: parked, not lost, and bounded (R10.18)."""

from __future__ import annotations

import pytest
from support.cores.town import (
    DAY,
    SECOND,
    Town,
    propose,
    reread,
    revise,
    withdraw,
)

from p2pnode_protocols.record.bodies import Leave, Vote
from p2pnode_protocols.wire.ids import OpId
from p2pnode_protocols.wire.limits import PARKED_PER_MEMBER, WAITING_PER_DEVICE

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


def test_log_takes_what_enters_or_begins_to_wait_and_passes_over_the_rest() -> None:
    """R6.10: what it takes is all that a replay needs."""
    town = Town(3)
    opening = town.say("alice", propose("tactical"))
    first, second = (town.say("bob", Vote(opening.id, opening.id, "yes", None)) for _ in range(2))
    far = town.say("bob", Leave(), nonce=WAITING_PER_DEVICE + 3)
    stranger = town.say("bob", Leave(), device="a key without a seat")
    rival = town.say("bob", Leave(), nonce=second.nonce)
    assert town.commit(second, far, stranger).taken == (second,)
    assert town.commit(first, second, rival, stranger).taken == (first,), "parked, both"
    assert town.state.next_nonce(first.device) == second.nonce + 1
    result = town.commit(rival, opening, first)
    assert result.taken == (opening,)
    assert result.ops == (opening, first, second)
    assert town.commit(opening, first, second).taken == ()


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


def test_vote_that_waits_for_a_refused_revision_is_refused_with_it() -> None:
    town = Town(5)
    proposal = town.propose("alice", "implementation")
    change = town.say("bob", revise(proposal))  # not its author
    early = town.say("carol", Vote(proposal, change.id, "yes", None))
    assert town.codes(early) == []
    assert town.commit(change).entries == (
        (change.id, "not_allowed"),
        (early.id, "superseded_revision"),
    )


def test_what_is_never_brought_is_refused_after_a_day() -> None:
    town = Town(3)
    early = town.say("bob", Vote(NOTHING, NOTHING, "yes", None))
    town.commit(early)
    assert town.state.next_due_ms() == town.now + DAY
    assert town.commit(after_ms=DAY - SECOND).entries == ()
    assert town.commit().entries == ((early.id, "unknown_proposal"),)
    assert town.state.next_due_ms() is None


def test_parked_ops_are_bounded_per_member() -> None:
    town = Town(3)
    ops = [town.say("bob", withdraw(NOTHING)) for _ in range(PARKED_PER_MEMBER + 1)]
    assert town.commit(*ops).entries == ((ops[-1].id, "unknown_proposal"),)
    assert town.commit(town.say("carol", withdraw(NOTHING))).entries == ()


def test_parked_ops_and_refusals_survive_a_restart() -> None:
    town = Town(3)
    refused = town.say("alice", propose("nonsense"))
    opening = town.say("alice", propose("tactical"))
    vote = town.say("bob", Vote(opening.id, opening.id, "yes", None))
    town.commit(refused, vote)
    town.state = reread(town.state)
    on_refused = town.say("carol", Vote(refused.id, refused.id, "yes", None))
    assert town.codes(on_refused, opening) == ["unknown_proposal", "ok", "ok"]


def test_what_the_log_knows_is_not_brought_again() -> None:
    # R3.9: only what a commit brings asks for a time of its own.
    town = Town(3)
    opening, parked = town.say("alice", propose("tactical")), town.say("bob", withdraw(NOTHING))
    gap = town.say("carol", propose("tactical"), nonce=2)
    ops = [opening, parked, gap]
    assert [town.state.is_new(op) for op in ops] == [True, True, True]
    town.commit(*ops)
    assert [town.state.is_new(op) for op in ops] == [False, False, False]
    assert town.state.is_new(town.say("carol", propose("tactical"), nonce=1))


@pytest.mark.parametrize("nonce", [1, 2, 3, WAITING_PER_DEVICE, WAITING_PER_DEVICE + 1, 100_000])
@pytest.mark.parametrize(
    "who", ["member", "former", "stranger", "joiner", "joiner again", "pretender"]
)
def test_a_commit_brings_what_it_takes_and_nothing_that_it_passes_over(
    who: str, nonce: int
) -> None:
    # R3.9: else anybody could make a commit wait for a time, with what nobody would ever see.
    town = Town(4)
    town.invite("secret", uses=2)
    if who == "former":
        town.enter(town.say("dave", Leave()))
    op = {
        "member": lambda: town.say("bob", propose("tactical"), nonce=nonce),
        "former": lambda: town.say("dave", propose("tactical"), nonce=nonce),
        "stranger": lambda: town.say("mallory", propose("tactical"), nonce=nonce),
        "joiner": lambda: town.join("erin", "secret", nonce=nonce),
        "joiner again": lambda: town.join("erin", "another secret", nonce=nonce),
        "pretender": lambda: town.join("erin", "secret", signed_by="no secret", nonce=nonce),
    }[who]()
    is_new, before = town.state.is_new(op), town.state.to_bytes()
    town.commit(op, after_ms=0)
    assert is_new == (town.state.to_bytes() != before)
