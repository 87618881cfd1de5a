"""Ops that the log brings too early: parked, or held, not lost, and bounded.

Before what they name: R10.18. In a commit that is older than they say they are: R10.20.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.dag import FakeSigner
from support.town import (
    DAY,
    SECOND,
    Town,
    found,
    key_of,
    outcomes,
    propose,
    reread,
    revise,
    withdraw,
)

from p2pnode_protocols.decisions.state import AHEAD_MS
from p2pnode_protocols.ids import OpId, Round, WallMs
from p2pnode_protocols.limits import HELD_PER_MEMBER, PARKED_PER_MEMBER
from p2pnode_protocols.ops import Away, Op, Vote, sign_op

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


# --- newer than the commit ------------------------------------------------------------------

SILENCE = 10 * DAY


def silent_town() -> Town:
    """Return a town whose people speak ten days after the last commit."""
    town = Town(3)
    town.now = WallMs(town.now + SILENCE)
    return town


def stale_commit(town: Town, *ops: Op) -> list[str]:
    """Commit as the first slot after a silence does: with the time of the last blocks."""
    return [code for _, code in town.state.commit(ops, town.state.time_ms, town.round).entries]


def test_proposal_after_a_silence_opens_three_rounds_later_at_the_time_of_today() -> None:
    town = silent_town()
    opening = town.say("alice", propose("tactical"))
    assert stale_commit(town, opening) == []
    assert list(town.state.held()) == [opening]
    assert town.state.next_due_ms() == 0, "so nodes run rounds at once"
    half_made = town.state.commit((), town.state.time_ms, Round(town.round + 2))
    assert half_made.entries == ()
    assert town.codes() == ["ok"]
    assert town.proposal(opening.id).opened_ms == town.now
    assert town.outcome(opening.id) == "open"


@pytest.mark.parametrize("tier", ["individual", "tactical"])
def test_backdated_proposal_takes_no_time_to_speak_from_others(tier: str) -> None:
    slow = replace(found().tier("tactical"), min_open_ms=DAY)
    town = Town(found(3, tactical=slow))
    opening = town.say("alice", propose(tier))  # signed for the time of the last commit
    honest_ms = WallMs(town.now + SILENCE)
    assert stale_commit(town, opening) == []
    town.now = honest_ms
    assert town.codes() == ["ok"]
    assert town.proposal(opening.id).opened_ms == town.now
    assert town.outcome(opening.id) == "open"


def test_backdated_revision_takes_no_time_to_object_from_others() -> None:
    town = Town(3)
    proposal = town.propose("alice", "individual", close_ms=town.now + 20 * DAY)
    change = town.say("alice", revise(proposal))
    town.now = WallMs(town.now + SILENCE)
    assert stale_commit(town, change) == []
    assert town.codes() == ["ok"]
    assert town.proposal(proposal).current.opened_ms == town.now


def test_late_vote_after_a_silence_is_late() -> None:
    town = Town(3)
    proposal = town.propose("alice", "tactical")
    town.now = WallMs(town.now + SILENCE)
    assert stale_commit(town, town.vote("bob", proposal, "yes")) == []
    result = town.commit()
    assert outcomes(result) == ((proposal, "lapsed"),)
    assert [code for _, code in result.entries] == ["closed"]


def test_invite_that_expired_in_a_silence_is_expired() -> None:
    town = Town(1)
    town.invite("secret", lasts_ms=DAY)
    town.now = WallMs(town.now + SILENCE)
    late = town.join("zoe", "secret")
    assert stale_commit(town, late) == []
    assert town.state.knows(late)
    assert town.codes() == ["bad_invite"]
    assert town.state.next_nonce(late.device) == 2


def test_joiner_who_was_held_gets_the_seat() -> None:
    town = Town(1)
    town.invite("secret", lasts_ms=30 * DAY)
    town.now = WallMs(town.now + SILENCE)
    assert stale_commit(town, town.join("zoe", "secret")) == []
    assert town.codes() == ["ok"]
    assert len(town.state.charter.members) == 2


def test_what_its_author_says_meanwhile_is_held_too() -> None:
    town = Town(3)
    proposal = town.propose("alice", "strategic")
    honest_ms = town.now
    town.now = WallMs(honest_ms + SILENCE)  # bob's clock is ten days ahead
    early = town.vote("bob", proposal, "yes")
    town.now = honest_ms
    second = town.vote("bob", proposal, "no")  # by his other clock
    assert town.codes(early, second, town.vote("carol", proposal, "yes")) == ["ok"]
    assert town.codes() == ["ok", "ok"]
    assert (town.proposal(proposal).tally.yes, town.proposal(proposal).tally.no) == (1, 1)


def test_clock_that_is_wrong_by_years_costs_three_rounds() -> None:
    town = Town(3)
    honest_ms = town.now
    town.now = WallMs(honest_ms + 900 * DAY)
    opening = town.say("bob", propose("tactical"))
    town.now = honest_ms
    assert town.codes(opening) == []
    assert town.codes(after_ms=0) == ["ok"]
    assert town.proposal(opening.id).opened_ms == honest_ms + SECOND


def test_clocks_that_differ_a_little_cost_nothing() -> None:
    town = Town(3)
    town.now = WallMs(town.now + AHEAD_MS - SECOND)
    opening = town.say("alice", propose("tactical"))
    town.now = WallMs(town.now - AHEAD_MS)
    assert town.codes(opening) == ["ok"]


def test_nobody_makes_another_member_wait() -> None:
    town = Town(3)
    ahead_ms = WallMs(town.now + SILENCE)
    mallory, alice = FakeSigner(key_of("bob")), town.id_of("alice")
    body = propose("tactical")
    forged = sign_op(town.state.community, alice, mallory, 1, ahead_ms, body)
    assert town.codes(forged) == ["not_a_member"]
    assert town.codes(town.say("alice", body)) == ["ok"]


def test_held_ops_are_bounded_and_what_is_more_is_applied() -> None:
    town = silent_town()
    ops = [town.say("alice", revise(NOTHING)) for _ in range(HELD_PER_MEMBER)]
    assert stale_commit(town, *ops, town.say("alice", propose("tactical"))) == ["ok"]
    assert len(list(town.state.held())) == HELD_PER_MEMBER


def test_held_op_shows_in_the_provisional_view() -> None:
    town = silent_town()
    opening = town.say("alice", propose("tactical"))
    stale_commit(town, opening, town.say("bob", Away()))
    assert town.preview().open_ids == (opening.id,)


def test_held_ops_survive_a_restart() -> None:
    town = silent_town()
    opening = town.say("alice", propose("tactical"))
    stale_commit(town, opening)
    town.state = reread(town.state)
    assert list(town.state.held()) == [opening]
    assert town.codes() == ["ok"]
