"""Proposals in the finalized state: what opens, counts, closes and is refused, op by op.

Rules: R2.10, R2.11, R6.6, R10.4 to R10.12, R10.14, R10.15, R10.17, R10.20.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.town import (
    DAY,
    HOUR,
    MINUTE,
    NAMES,
    ROOT,
    SECOND,
    Town,
    found,
    key_of,
    outcomes,
    propose,
    revise,
    text_of,
    withdraw,
)

from p2pnode_protocols.record.actions import AmendAction, RemoveAction
from p2pnode_protocols.record.bodies import Choice, Vote
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.seats.charter import Ratio, Tier
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import WallMs
from p2pnode_protocols.wire.limits import (
    PROMPT_MS,
    REVISIONS,
    TEXT_BYTES,
    TITLE_BYTES,
    WAITING_PER_DEVICE,
)

CAST = Tier("cast", "threshold", Ratio(3, 5), False, "cast", Ratio(1, 4), 0, 7 * DAY, 30 * DAY)


def slow(name: str = "tactical", min_open_ms: int = HOUR) -> Tier:
    return replace(found().tier(name), min_open_ms=min_open_ms)


# --- titles -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", "bad_field"),
        ("x", "ok"),
        ("x" * TITLE_BYTES, "ok"),
        ("x" * (TITLE_BYTES + 1), "limit_size"),
        ("x" * TEXT_BYTES, "limit_size"),
    ],
)
def test_title_that_a_liar_signed_too_long_is_refused_in_the_log(words: str, code: str) -> None:
    """R2.21: of a text the log knows the size only; opening and revising are refused alike."""
    town = Town(2)
    opening = replace(propose("tactical"), title=text_of(words))
    assert town.enter(town.say("alice", opening)) == code
    proposal = town.propose("alice", "tactical")
    assert town.enter(town.say("alice", revise(proposal, words))) == code


# --- deciding by votes --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tier", "votes", "outcome"),
    [
        ("strategic", {"alice": "yes", "bob": "yes", "carol": "yes"}, "open"),
        ("strategic", dict.fromkeys(("alice", "bob", "carol", "dave"), "yes"), "passed"),
        ("strategic", {"alice": "no", "bob": "no"}, "rejected"),
        ("tactical", dict.fromkeys(("alice", "bob", "carol"), "yes"), "passed"),
        ("tactical", {"alice": "yes", "bob": "yes", "carol": "no", "dave": "no"}, "open"),
        ("tactical", dict.fromkeys(("carol", "dave", "erin"), "no"), "rejected"),
        ("implementation", {"alice": "yes", "bob": "yes", "carol": "aside"}, "open"),
        ("implementation", dict.fromkeys(("alice", "bob", "carol"), "yes"), "passed"),
        ("individual", {"bob": "yes"}, "open"),
        ("individual", {"bob": "no"}, "rejected"),
        ("individual", {"bob": "yes", "carol": "aside", "dave": "yes", "erin": "yes"}, "passed"),
    ],
)
def test_votes_decide_in_a_community_of_five(
    tier: str, votes: dict[str, Choice], outcome: str
) -> None:
    town = Town(5)
    proposal = town.propose("alice", tier)
    town.commit_votes(proposal, **votes)
    assert town.outcome(proposal) == outcome


def test_result_names_what_it_was_judged_by_and_when() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    done = town.proposal(proposal)
    assert done.decided_ms == town.now
    assert done.judged_by is not None
    assert done.judged_by.threshold == Ratio(3, 5)
    assert done.effect == "none"


def test_lone_founder_decides_alone_and_at_once() -> None:
    town = Town(1)
    strategic = town.propose("alice", "strategic")
    town.commit_votes(strategic, alice="yes")
    individual = town.propose("alice", "individual")
    assert town.outcome(strategic) == "passed"
    assert town.outcome(individual) == "passed", "nobody else could object"


def test_changed_vote_counts_once_and_last() -> None:
    town = Town(5)
    proposal = town.propose("alice", "strategic")
    town.commit_votes(proposal, bob="no", carol="yes")
    town.commit_votes(proposal, bob="yes")
    assert town.proposal(proposal).tally.yes == 2
    assert town.proposal(proposal).tally.no == 0


def test_votes_of_one_commit_are_judged_together() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    first = town.vote("alice", proposal, "yes")
    again = town.vote("alice", proposal, "no")
    rest = [town.vote(name, proposal, "yes") for name in ("bob", "carol")]
    town.commit(first, *rest, again)
    assert town.outcome(proposal) == "open", "alice took her yes back in the same slot"


def test_nothing_is_decided_by_votes_before_least_open_time() -> None:
    town = Town(found(5, tactical=slow()))
    passing, failing = town.propose("alice", "tactical"), town.propose("alice", "tactical")
    town.commit_votes(passing, alice="yes", bob="yes", carol="yes")
    town.commit_votes(failing, alice="no", bob="no", carol="no")
    assert town.outcome(passing) == "open"
    assert town.state.next_due_ms() == town.proposal(passing).opened_ms + HOUR
    town.commit(after_ms=HOUR)
    assert (town.outcome(passing), town.outcome(failing)) == ("passed", "rejected")


def test_least_open_time_lets_a_rejection_turn() -> None:
    town = Town(found(5, tactical=slow()))
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="no", carol="no", dave="no")
    town.commit_votes(proposal, bob="yes", carol="yes")
    town.commit(after_ms=HOUR)
    assert town.outcome(proposal) == "passed"


# --- deciding by time ---------------------------------------------------------------------


def test_open_window_lapses_at_its_close() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="yes")
    assert town.state.next_due_ms() == town.proposal(proposal).opened_ms + 7 * DAY
    result = town.commit(after_ms=7 * DAY)
    assert outcomes(result) == ((proposal, "lapsed"),)
    assert town.state.next_due_ms() is None


def test_objection_window_passes_at_its_close() -> None:
    town = Town(5)
    proposal = town.propose("alice", "individual")
    town.commit(after_ms=DAY - 2 * SECOND)
    assert town.outcome(proposal) == "open"
    town.commit(after_ms=2 * SECOND)
    assert town.outcome(proposal) == "passed"


def test_cast_votes_are_judged_at_the_close() -> None:
    town = Town(found(5, tactical=replace(CAST, name="tactical")))
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="no")
    assert town.outcome(proposal) == "open", "two no of dave and erin would fail it"
    town.commit(after_ms=7 * DAY)
    assert town.outcome(proposal) == "passed"


def test_cast_votes_pass_early_once_the_rest_cannot_turn_it() -> None:
    town = Town(found(5, tactical=replace(CAST, name="tactical")))
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    assert town.outcome(proposal) == "passed"


def test_vote_in_the_commit_at_the_close_is_late() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical", close_ms=town.now + HOUR)
    last = [town.vote(name, proposal, "yes") for name in ("alice", "bob", "carol")]
    town.now = WallMs(town.proposal(proposal).close_ms - 1_000)
    result = town.commit(*last)
    assert [code for _, code in result.entries] == ["closed"] * 3
    assert outcomes(result) == ((proposal, "lapsed"),)


def test_vote_one_millisecond_before_the_close_counts() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical", close_ms=town.now + HOUR)
    last = [town.vote(name, proposal, "yes") for name in ("alice", "bob", "carol")]
    town.now = WallMs(town.proposal(proposal).close_ms - 1_001)
    assert town.codes(*last) == ["ok"] * 3
    assert town.outcome(proposal) == "passed"


def test_commit_time_never_runs_back() -> None:
    town = Town(5)
    town.commit(after_ms=HOUR)
    town.state.commit((), WallMs(town.now - MINUTE), ROOT)
    assert town.state.time_ms == town.now


def test_proposals_close_in_the_order_of_their_closes() -> None:
    town = Town(5)
    late = town.propose("alice", "tactical", close_ms=town.now + 3 * HOUR)
    early = town.propose("alice", "tactical", close_ms=town.now + HOUR)
    result = town.commit(after_ms=DAY)
    assert outcomes(result) == ((early, "lapsed"), (late, "lapsed"))


# --- windows ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tier", "wish_ms", "code"),
    [
        ("tactical", 31 * DAY, "bad_field"),
        ("tactical", -SECOND, "bad_field"),
        ("tactical", 0, "bad_field"),
        ("tactical", 2 * SECOND, "ok"),
        ("individual", 2 * SECOND, "ok"),
        ("individual", -SECOND, "bad_field"),
    ],
)
def test_its_author_is_told_of_a_close_that_cannot_be(tier: str, wish_ms: int, code: str) -> None:
    town = Town(5)
    said, words = town.refusal("alice", propose(tier, close_ms=town.now + wish_ms))
    assert said == code, words


@pytest.mark.parametrize("late_ms", [0, 1, HOUR, 40 * DAY])
def test_what_comes_after_its_close_is_in_the_record_and_lapses(late_ms: int) -> None:
    town = Town(5)
    close_ms = town.now + MINUTE
    opening = town.say("alice", propose("tactical", close_ms=close_ms))
    votes = [town.say(who, Vote(opening.id, opening.id, "yes", None)) for who in NAMES[:5]]
    result = town.commit(opening, *votes[:3], after_ms=MINUTE + late_ms)
    assert [code for _, code in result.entries] == ["ok", "closed", "closed", "closed"]
    assert outcomes(result) == ((opening.id, "lapsed"),)
    proposal = town.proposal(opening.id)
    assert (proposal.opened_ms, proposal.close_ms) == (town.now, close_ms)
    assert proposal.tally.yes == 0
    assert town.codes(*votes[3:]) == ["closed", "closed"]
    assert Proposal.from_bytes(proposal.to_bytes()) == proposal


@pytest.mark.parametrize("mode", ["threshold", "objection"])
def test_late_proposal_in_a_tier_with_a_least_time_is_open_for_that(mode: str) -> None:
    least = {"min_open_ms": HOUR} if mode == "threshold" else {"window_ms": HOUR}
    tier = "tactical" if mode == "threshold" else "individual"
    town = Town(found(5, **{tier: replace(found().tier(tier), **least)}))  # type: ignore[arg-type]
    opening = town.say("alice", propose(tier, close_ms=town.now + MINUTE))
    assert town.codes(opening, after_ms=DAY) == ["ok"]
    proposal = town.proposal(opening.id)
    assert (proposal.opened_ms, proposal.close_ms) == (town.now, town.now + HOUR)
    assert town.outcome(opening.id) == "open"


def test_wish_beyond_the_longest_window_is_cut_to_it() -> None:
    # Its author's clock, and so its wish, was a little ahead of the commit's time.
    town = Town(5)
    opening = town.say("alice", propose("tactical", close_ms=town.now + 31 * DAY))
    assert town.codes(opening) == ["ok"]
    assert town.proposal(opening.id).close_ms == town.now + 30 * DAY


@pytest.mark.parametrize(
    ("close_ms", "wish_ms", "closes_ms"),
    [
        (HOUR, 1, PROMPT_MS),  # not sooner than those who vote now can be heard
        (HOUR, -DAY, PROMPT_MS),
        (HOUR, PROMPT_MS + 1, PROMPT_MS + 1),
        (PROMPT_MS // 2, 1, PROMPT_MS // 2),  # where it was sooner already it stays
        (PROMPT_MS // 2, HOUR, HOUR),
        (HOUR, 60 * DAY, 30 * DAY - SECOND),  # of which a second has passed
    ],
)
def test_revision_brings_no_close_nearer_than_a_moment_after_its_commit(
    close_ms: int, wish_ms: int, closes_ms: int
) -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical", close_ms=town.now + 2 * SECOND + close_ms)
    change = town.say("alice", revise(proposal, close_ms=town.now + SECOND + wish_ms))
    assert town.codes(change) == ["ok"]
    assert town.proposal(proposal).close_ms == town.now + closes_ms


@pytest.mark.parametrize("wish_ms", [-SECOND, 60 * DAY])
def test_author_of_a_revision_is_told_of_a_close_that_cannot_be(wish_ms: int) -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    assert town.refusal("alice", revise(proposal, close_ms=town.now + wish_ms))[0] == "bad_field"
    pending = town.say("alice", propose("tactical"))
    body = revise(pending.id, close_ms=town.now + wish_ms)
    with pytest.raises(UsageError) as caught:
        town.preview([pending]).check(town.id_of("alice"), key_of("alice"), body)
    assert caught.value.code == "bad_field"


def test_nobody_cuts_an_objection_window_short() -> None:
    town = Town(5)
    proposal = town.propose("alice", "individual", close_ms=town.now + MINUTE)
    assert town.proposal(proposal).close_ms == town.proposal(proposal).opened_ms + DAY


# --- electorate ---------------------------------------------------------------------------


def test_newcomer_has_no_vote_on_what_opened_before() -> None:
    town = Town(3)
    town.invite("secret")
    before = town.propose("alice", "strategic")
    town.commit(town.join("zoe", "secret"))
    assert town.codes(town.vote("zoe", before, "yes")) == ["not_in_electorate"]
    after = town.propose("alice", "strategic")
    assert town.codes(town.vote("zoe", after, "yes")) == ["ok"]
    assert len(town.proposal(before).electorate) == 3
    assert len(town.proposal(after).electorate) == 4


def test_proposal_of_the_joining_commit_asks_the_members_of_the_epoch() -> None:
    town = Town(3)
    town.invite("secret")
    opening = town.say("alice", propose("tactical"))
    assert town.codes(town.join("zoe", "secret"), opening) == ["ok", "ok"]
    assert len(town.proposal(opening.id).electorate) == 3


def test_member_who_leaves_keeps_the_vote_given_and_stays_in_the_count() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, erin="yes")
    erin = town.id_of("erin")
    town.decide("constitutional", RemoveAction(erin))
    tally = town.proposal(proposal).tally
    assert (tally.yes, tally.electorate) == (1, 5)
    late = town.say("erin", Vote(proposal, proposal, "no", None))
    assert town.codes(late) == ["not_a_member"]


# --- revisions and withdrawal -------------------------------------------------------------


def test_revision_asks_everyone_again_and_keeps_old_votes_on_the_old_text() -> None:
    town = Town(5)
    proposal = town.propose("alice", "strategic")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    stale = town.vote("dave", proposal, "yes")
    change = town.say("alice", revise(proposal))
    assert town.codes(change, stale) == ["ok", "superseded_revision"]
    one = town.proposal(proposal)
    assert one.tally.yes == 0
    assert len(one.revisions[0].votes) == 3
    assert one.current.id == change.id


def test_revision_restarts_least_open_time_but_not_the_window() -> None:
    town = Town(found(5, tactical=slow()))
    proposal = town.propose("alice", "tactical")
    close_ms = town.proposal(proposal).close_ms
    town.commit(after_ms=HOUR)
    town.enter(town.say("alice", revise(proposal)))
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    assert town.outcome(proposal) == "open"
    assert town.proposal(proposal).close_ms == close_ms


def test_late_revision_moves_the_close_but_never_beyond_the_longest_window() -> None:
    tier = replace(slow(min_open_ms=DAY), window_ms=2 * DAY, max_window_ms=3 * DAY)
    town = Town(found(5, tactical=tier))
    proposal = town.propose("alice", "tactical")
    opened_ms = town.proposal(proposal).opened_ms
    town.enter(town.say("alice", revise(proposal)), after_ms=2 * DAY - MINUTE)
    assert town.proposal(proposal).close_ms == opened_ms + 3 * DAY - MINUTE
    again = town.say("alice", revise(proposal, "still better"))
    assert town.enter(again, after_ms=2 * MINUTE) == "bad_field"


def test_revision_of_an_individual_decision_gives_the_whole_window_to_object() -> None:
    town = Town(5)
    proposal = town.propose("alice", "individual")
    town.enter(town.say("alice", revise(proposal)), after_ms=DAY - MINUTE)
    one = town.proposal(proposal)
    assert one.close_ms == one.current.opened_ms + DAY


def test_revisions_are_bounded() -> None:
    town = Town(1)
    proposal = town.propose("alice", "tactical")
    changes = [town.say("alice", revise(proposal, str(i))) for i in range(REVISIONS)]
    assert town.codes(*changes) == ["ok"] * (REVISIONS - 1) + ["not_allowed"]


def test_only_the_author_revises_and_withdraws() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    assert town.codes(town.say("bob", revise(proposal)), town.say("bob", withdraw(proposal))) == [
        "not_allowed",
        "not_allowed",
    ]
    result = town.commit(town.say("alice", withdraw(proposal)))
    assert outcomes(result) == ((proposal, "withdrawn"),)
    assert town.codes(town.say("alice", revise(proposal))) == ["already_decided"]


def test_withdrawn_proposal_takes_no_vote_in_the_same_commit() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    votes = [town.vote(name, proposal, "yes") for name in ("bob", "carol", "dave")]
    result = town.commit(town.say("alice", withdraw(proposal)), *votes)
    assert [code for _, code in result.entries] == ["ok"] + ["already_decided"] * 3


@pytest.mark.parametrize("after_ms", [SECOND, 8 * DAY])
def test_vote_after_an_early_decision_is_told_so(after_ms: int) -> None:
    town = Town(5)
    proposal = town.propose("alice", "implementation")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    assert town.codes(town.vote("dave", proposal, "no"), after_ms=after_ms) == ["already_decided"]


# --- limits and tiers ---------------------------------------------------------------------


def test_author_has_so_many_open_and_no_more() -> None:
    charter = found(3)
    town = Town(replace(charter, rules=replace(charter.rules, max_open_per_member=2)))
    first = town.propose("alice", "tactical")
    town.propose("alice", "tactical")
    assert town.codes(town.say("alice", propose("tactical"))) == ["too_many_open"]
    assert town.codes(town.say("bob", propose("tactical"))) == ["ok"]
    town.commit(town.say("alice", withdraw(first)))
    assert town.codes(town.say("alice", propose("tactical"))) == ["ok"]


@pytest.mark.parametrize(
    ("tier", "code"),
    [("tactical", "not_allowed"), ("constitutional", "ok"), ("nonsense", "unknown_tier")],
)
def test_amendment_belongs_to_its_tier(tier: str, code: str) -> None:
    town = Town(3)
    action = AmendAction((("tiers.tactical.threshold", [2, 3]),))
    assert town.codes(town.say("alice", propose(tier, action))) == [code]


def test_numbers_count_finalized_proposals_from_one() -> None:
    town = Town(3)
    opened = [town.propose("alice", "tactical") for _ in range(3)]
    assert [town.proposal(one).number for one in opened] == [1, 2, 3]
    assert list(town.state.proposal_ids) == opened


# --- amendments ---------------------------------------------------------------------------


def amend(path: str, *value: int) -> AmendAction:
    return AmendAction(((path, list(value)),))


def test_raising_a_threshold_takes_the_new_one() -> None:
    town = Town(10)
    proposal = town.propose("alice", "constitutional", amend("tiers.tactical.threshold", 9, 10))
    names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"]
    town.commit_votes(proposal, **dict.fromkeys(names, "yes"))
    assert town.outcome(proposal) == "open", "8 of 10 meet 4/5, the new tactical asks 9/10"
    town.commit_votes(proposal, ivan="yes")
    assert town.outcome(proposal) == "passed"
    assert town.state.charter.tier("tactical").threshold == Ratio(9, 10)
    assert town.proposal(proposal).effect == "done"


def test_lowering_a_threshold_takes_the_old_one() -> None:
    charter = found(10)
    high = replace(charter.tier("strategic"), threshold=Ratio(9, 10))
    town = Town(found(10, strategic=high))
    proposal = town.propose("alice", "constitutional", amend("tiers.strategic.threshold", 1, 2))
    names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"]
    town.commit_votes(proposal, **dict.fromkeys(names, "yes"))
    assert town.outcome(proposal) == "open"
    town.commit_votes(proposal, judy="yes")
    assert town.outcome(proposal) == "passed"


def test_old_threshold_is_the_one_in_force_when_it_is_judged() -> None:
    town = Town(10)
    lower = town.propose("alice", "constitutional", amend("tiers.tactical.threshold", 1, 2))
    raised = town.propose("alice", "constitutional", amend("tiers.tactical.threshold", 9, 10))
    eight = ["alice", "bob", "carol", "dave", "erin", "frank", "grace"]
    town.commit_votes(lower, **dict.fromkeys(eight, "yes"))
    town.commit_votes(raised, **dict.fromkeys([*eight, "heidi", "ivan"], "yes"))
    assert town.outcome(raised) == "passed"
    town.commit_votes(lower, heidi="yes")
    assert town.outcome(lower) == "open", "8 of 10 no longer suffice: tactical asks 9/10 now"
    town.commit_votes(lower, ivan="yes")
    assert town.state.charter.tier("tactical").threshold == Ratio(1, 2)


def test_moving_amendments_to_a_stricter_tier_takes_that_tiers_threshold() -> None:
    unanimous = replace(found().tier("strategic"), threshold=Ratio(1, 1))
    town = Town(found(5, strategic=unanimous))
    move = AmendAction(
        (("rules.amendment_tier", "strategic"), ("rules.membership_tier", "strategic"))
    )
    proposal = town.propose("alice", "constitutional", move)
    town.commit_votes(proposal, **dict.fromkeys(["alice", "bob", "carol", "dave"], "yes"))
    assert town.outcome(proposal) == "open"
    town.commit_votes(proposal, erin="yes")
    assert town.outcome(proposal) == "passed"
    assert town.state.charter.rules.amendment_tier == "strategic"


def test_open_proposals_keep_the_tier_they_opened_with() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    town.decide("constitutional", amend("tiers.tactical.threshold", 4, 5))
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    assert town.outcome(proposal) == "passed"


def test_amendment_that_no_longer_fits_passes_visibly_without_effect() -> None:
    town = Town(5)
    first = amend("tiers.tactical.window_ms")
    longer = AmendAction((("tiers.tactical.min_open_ms", 6 * DAY),))
    shorter = AmendAction((("tiers.tactical.window_ms", 5 * DAY),))
    assert town.codes(town.say("alice", propose("constitutional", first))) == ["bad_charter"]
    one = town.propose("alice", "constitutional", longer)
    two = town.propose("alice", "constitutional", shorter)
    names = dict.fromkeys(["alice", "bob", "carol", "dave"], "yes")
    town.commit_votes(one, **names)
    town.commit_votes(two, **names)
    assert (town.outcome(two), town.proposal(two).effect) == ("passed", "bad_charter")
    assert town.state.charter.tier("tactical").window_ms == 7 * DAY


def test_amendment_to_what_is_already_so_is_not_opened() -> None:
    town = Town(3)
    same = amend("tiers.tactical.threshold", 3, 5)
    assert town.codes(town.say("alice", propose("constitutional", same))) == ["not_allowed"]


# --- nonces -------------------------------------------------------------------------------


def test_ops_of_a_device_apply_in_nonce_order_across_commits() -> None:
    town = Town(3)
    first, second, third = (town.say("alice", propose("tactical")) for _ in range(3))
    assert town.commit(third).entries == ()
    assert town.commit(second).entries == ()
    assert town.state.knows(third)
    result = town.commit(first)
    assert result.entries == tuple((op.id, "ok") for op in (first, second, third))
    assert result.ops == (first, second, third)


def test_op_seen_before_is_no_entry() -> None:
    town = Town(3)
    op = town.say("alice", propose("tactical"))
    assert len(town.commit(op).entries) == 1
    assert town.commit(op).entries == ()
    assert town.state.knows(op)


def test_of_two_ops_with_one_nonce_the_first_in_the_log_counts() -> None:
    town = Town(3)
    first = town.say("alice", propose("tactical"), nonce=1)
    rival = town.say("alice", propose("strategic"), nonce=1)
    assert town.commit(first, rival).entries == ((first.id, "ok"),)
    assert town.state.next_nonce(first.device) == 2


def test_refused_op_uses_its_nonce() -> None:
    town = Town(3)
    refused = town.say("alice", propose("nonsense"))
    after = town.say("alice", propose("tactical"))
    assert town.codes(refused, after) == ["unknown_tier", "ok"]


def test_op_too_far_ahead_is_not_kept() -> None:
    town = Town(3)
    kept = town.say("alice", propose("tactical"), nonce=WAITING_PER_DEVICE)
    dropped = town.say("alice", propose("tactical"), nonce=WAITING_PER_DEVICE + 1)
    town.commit(kept, dropped)
    assert (town.state.knows(kept), town.state.knows(dropped)) == (True, False)


def test_check_says_what_commit_would_and_changes_nothing() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    before = town.state.to_bytes()
    code, words = town.refusal("bob", withdraw(proposal))
    assert (code, "author" in words) == ("not_allowed", True)
    assert town.refusal("alice", withdraw(proposal)) == ("ok", "")
    assert town.refusal("stranger", withdraw(proposal))[0] == "not_a_member"
    assert town.state.to_bytes() == before


def test_texts_and_reasons_stay_on_the_record() -> None:
    town = Town(3)
    proposal = town.propose("alice", "strategic")
    reason = text_of("because")
    town.commit(town.say("bob", Vote(proposal, proposal, "yes", reason)))
    assert town.proposal(proposal).current.votes[town.id_of("bob")].reason == reason
