"""What people read: formulas with their numbers, grades, and why a proposal stands as it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.town import DAY, HOUR, SECOND, Town, found, propose, revise, withdraw

from p2pnode_protocols.record.actions import AmendAction
from p2pnode_protocols.record.bodies import Leave, Vote
from p2pnode_protocols.record.questions.tally import Rule, Tally
from p2pnode_protocols.record.seats.charter import Ratio
from p2pnode_protocols.record.views.explain import REASONS
from p2pnode_protocols.record.views.view import format_formula
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId, WallMs

STRATEGIC = Rule(Ratio(4, 5), False, "electorate", Ratio(1, 2))
MAJORITY = Rule(Ratio(1, 2), True, "electorate", Ratio(1, 4))
CAST = Rule(Ratio(3, 5), False, "cast", Ratio(1, 4))
UNANIMOUS = Rule(Ratio(1, 1), False, "cast", Ratio(0, 1))


@pytest.mark.parametrize(
    ("rule", "tally", "formula"),
    [
        (STRATEGIC, Tally(4, 0, 0, 5), "4 yes of 5; needs 4 (at least 4/5 of 5): met"),
        (MAJORITY, Tally(2, 1, 0, 5), "2 yes of 5; needs 3 (more than 1/2 of 5): one vote short"),
        (
            STRATEGIC,
            Tally(1, 0, 1, 5),
            "1 yes of 4 (5 − 1 aside); needs 4 (at least 4/5 of 4): 3 votes short",
        ),
        (
            STRATEGIC,
            Tally(2, 0, 3, 5),
            "2 yes of 2 (5 − 3 aside); needs 3 (floor: at least 1/2 of all 5): one vote short",
        ),
        (CAST, Tally(3, 2, 0, 9), "3 yes, 2 no; needs 3 (at least 3/5 of the votes cast): met"),
        (
            CAST,
            Tally(2, 1, 0, 9),
            "2 yes, 1 no; needs 3 (floor: at least 1/4 of all 9): one vote short",
        ),
        (
            CAST,
            Tally(0, 4, 0, 9),
            "0 yes, 4 no; needs 6 (at least 3/5 of the votes cast): 6 votes short",
        ),
        (
            UNANIMOUS,
            Tally(3, 1, 0, 5),
            "3 yes, 1 no; needs at least 1/1 of the votes cast, so nobody against: not met",
        ),
    ],
)
def test_formula_has_its_numbers_in_it(rule: Rule, tally: Tally, formula: str) -> None:
    assert format_formula(rule, tally) == formula


def test_grades_go_from_open_to_provisional_to_final() -> None:
    town = Town(5)
    proposal = town.propose("alice", "strategic")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    last = town.vote("dave", proposal, "yes")
    before, seen = town.view(proposal), town.view(proposal, last)
    town.commit(last)
    after = town.view(proposal)
    assert [(one.grade, one.outcome) for one in (before, seen, after)] == [
        ("open", "open"),
        ("provisional", "passed"),
        ("final", "passed"),
    ]
    assert seen.unfinal == (town.id_of("dave"),)
    assert after.unfinal == ()
    assert after.formula == "4 yes of 5; needs 4 (at least 4/5 of 5): met"


def test_final_view_does_not_count_votes_that_come_after() -> None:
    town = Town(5)
    proposal = town.propose("alice", "implementation")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    late = town.say("dave", Vote(proposal, proposal, "no", None))
    assert town.view(proposal, late) == town.view(proposal)


def test_view_tells_whose_vote_is_awaited() -> None:
    town = Town(3)
    proposal = town.propose("alice", "strategic")
    view = town.view(proposal, town.vote("bob", proposal, "yes"))
    assert not view.awaits(town.id_of("bob"))
    assert view.awaits(town.id_of("carol"))
    assert sorted(view.missing) == sorted([town.id_of("alice"), town.id_of("carol")])


def test_view_of_a_revised_proposal_keeps_what_was_voted_before() -> None:
    town = Town(3)
    proposal = town.propose("alice", "strategic")
    town.commit_votes(proposal, bob="yes")
    change = town.say("alice", revise(proposal))
    town.commit(change)
    pending = town.say("carol", Vote(proposal, change.id, "no", None))
    view = town.view(proposal, pending)
    assert [[(v.name, v.choice, v.is_final) for v in one.votes] for one in view.revisions] == [
        [("bob", "yes", True)],
        [("carol", "no", False)],
    ]


def test_unknown_proposal_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        Town(1).view(OpId(bytes(32)))
    assert caught.value.code == "unknown_proposal"


# --- explanations -------------------------------------------------------------------------


def test_explanation_names_who_is_missing_and_what_would_change_it() -> None:
    town = Town(5)
    proposal = town.propose("alice", "strategic")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    explanation = town.explain(proposal)
    assert [(one.code, one.at_ms) for one in explanation.reasons] == [
        ("needs_yes", None),
        ("close", explanation.view.close_ms),
    ]
    first = explanation.reasons[0]
    assert first.text == "one vote short: one more yes of dave, erin would pass it"
    assert sorted(first.members) == sorted([town.id_of("dave"), town.id_of("erin")])
    assert explanation.earliest_ms is None


def test_explanation_of_least_open_time_says_when() -> None:
    tier = replace(found().tier("tactical"), min_open_ms=HOUR)
    town = Town(found(3, tactical=tier))
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="yes")
    explanation = town.explain(proposal)
    codes = {one.code: one.at_ms for one in explanation.reasons}
    opened_ms = town.proposal(proposal).opened_ms
    assert codes["min_open"] == explanation.earliest_ms == opened_ms + HOUR
    assert "met" in codes


def test_explanation_when_somebody_would_have_to_change_the_vote() -> None:
    tier = replace(found().tier("tactical"), min_open_ms=HOUR)
    town = Town(found(3, tactical=tier))
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="no", carol="no")
    assert "bob, carol would have to change" in town.reasons(proposal)["needs_change"]


def test_explanation_of_votes_cast_that_the_rest_could_turn() -> None:
    tier = replace(found().tier("tactical"), base="cast")
    town = Town(found(5, tactical=tier))
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="yes")
    assert set(town.reasons(proposal)) == {"sure_at_close", "close"}


def test_explanation_of_an_objection_window() -> None:
    town = Town(3)
    proposal = town.propose("alice", "individual")
    reasons = town.reasons(proposal)
    assert set(reasons) == {"objection_window", "objections_open"}
    assert "bob, carol" in reasons["objections_open"]
    town.commit_votes(proposal, carol="no")
    assert town.reasons(proposal) == {"objected": "carol objected"}
    assert town.view(proposal).formula == "one objection from 3; needs none: not met"


def test_explanation_of_unobjected_decisions_tells_how_they_came() -> None:
    town = Town(2)
    agreed, waited = town.propose("alice", "individual"), town.propose("alice", "individual")
    town.commit_votes(agreed, bob="yes")
    assert "until the window closes" in town.view(waited).formula
    town.commit(after_ms=DAY)
    assert set(town.reasons(agreed)) == {"agreed"}
    assert set(town.reasons(waited)) == {"no_objection"}
    assert town.view(waited).formula == "no objection from 2; needs none: met"


def test_explanation_of_a_rejection_says_by_how_much() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="no", dave="no", erin="no")
    assert town.reasons(proposal) == {
        "cannot_pass": "at most 2 could have said yes, one vote short of the 3 needed: "
        "2 yes of 5; needs 3 (at least 3/5 of 5): one vote short"
    }


def test_explanation_of_a_rejection_that_unanimity_made_sure() -> None:
    tier = replace(found().tier("tactical"), base="cast", threshold=Ratio(1, 1))
    town = Town(found(3, tactical=tier))
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="no")
    assert town.outcome(proposal) == "rejected"
    reason = town.reasons(proposal)["cannot_pass"]
    assert reason.startswith("at most 2 could have said yes: 1 yes, 1 no; needs at least 1/1")


def test_explanation_of_lapsed_and_withdrawn() -> None:
    town = Town(3)
    lapsed, withdrawn = town.propose("alice", "tactical"), town.propose("bob", "tactical")
    town.commit(town.say("bob", withdraw(withdrawn)))
    town.commit(after_ms=8 * DAY)
    assert town.reasons(withdrawn) == {"withdrawn": "bob withdrew it"}
    assert "needs 2" in town.reasons(lapsed)["lapsed"]


@pytest.mark.parametrize(("tier", "code"), [("tactical", "lapsed"), ("individual", "no_objection")])
def test_what_the_close_decided_is_told_with_the_close(tier: str, code: str) -> None:
    """The next commit says so, and that may be days later."""
    town = Town(3)
    proposal = town.propose("alice", tier)
    close_ms = town.view(proposal).close_ms
    town.commit(after_ms=close_ms + DAY - town.now)
    reason = town.explain(proposal).reasons[0]
    assert town.view(proposal).decided_ms == close_ms + DAY
    assert (reason.code, reason.at_ms) == (code, close_ms)


def test_who_asks_for_objections_is_named_and_not_waited_for() -> None:
    town = Town(3)
    proposal = town.propose("alice", "individual")
    assert town.reasons(proposal)["objections_open"] == (
        "it passes earlier once bob, carol have said yes or stood aside; alice, who proposed it, "
        "need not vote"
    )
    view = town.view(proposal)
    assert [view.awaits(town.id_of(one)) for one in ("alice", "bob", "carol")] == [
        False,
        True,
        True,
    ]
    town.commit_votes(proposal, alice="yes", bob="aside")
    assert town.reasons(proposal)["objections_open"] == (
        "it passes earlier once carol has said yes or stood aside"
    )


def test_explanation_tells_what_a_passed_action_did() -> None:
    town = Town(2)
    longer = AmendAction((("tiers.tactical.min_open_ms", 6 * DAY),))
    shorter = AmendAction((("tiers.tactical.window_ms", 5 * DAY),))
    one, two = (town.propose("alice", "constitutional", action) for action in (longer, shorter))
    town.commit_votes(one, alice="yes", bob="yes")
    town.commit_votes(two, alice="yes", bob="yes")
    assert town.reasons(one)["effect"] == "what it asked for is done"
    assert "changed nothing" in town.reasons(two)["effect"]


def test_explanation_tells_what_is_not_final() -> None:
    town = Town(3)
    op = town.say("alice", propose("tactical"))
    vote = town.say("bob", Vote(op.id, op.id, "yes", None))
    reasons = town.reasons(op.id, op, vote)
    assert "proposal_not_final" in reasons
    assert reasons["votes_not_final"].endswith("bob")


def test_explanation_tells_who_left_and_still_counts() -> None:
    town = Town(3)
    proposal = town.propose("alice", "strategic")
    town.commit(town.say("carol", Leave()))
    reasons = town.reasons(proposal)
    assert reasons["gone"].startswith("carol left")
    assert "needs_change" in reasons or "needs_yes" in reasons
    assert town.view(proposal).gone == (town.id_of("carol"),)


def test_every_reason_given_is_in_the_table() -> None:
    town = Town(3)
    proposal = town.propose("alice", "individual")
    pending = town.vote("bob", proposal, "no")
    seen = set(town.reasons(proposal)) | set(town.reasons(proposal, pending))
    assert seen <= set(REASONS)
    assert list(REASONS) == sorted(REASONS)


def test_clock_of_the_view_is_the_previews() -> None:
    town = Town(3)
    proposal = town.propose("alice", "tactical")
    preview = town.preview(now_ms=WallMs(town.now + 7 * DAY + SECOND))
    assert preview.changes_outcome
    assert preview.proposal(proposal) != town.proposal(proposal)
