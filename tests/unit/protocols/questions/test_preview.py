"""The provisional view: pending ops over the finalized state, and never more than that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.cores.town import (
    DAY,
    HOUR,
    SECOND,
    Town,
    found,
    key_of,
    propose,
    revise,
    text_of,
    withdraw,
)

from p2pnode_protocols.record.actions import AmendAction, InviteAction
from p2pnode_protocols.record.bodies import Away, Choice, Vote
from p2pnode_protocols.record.questions.opening import open_proposal
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.views.preview import Preview
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId, WallMs


def test_pending_votes_decide_provisionally_and_change_nothing_final() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, alice="yes", bob="yes")
    preview = town.preview()
    assert not preview.changes_outcome
    assert preview.add(town.vote("carol", proposal, "yes")) == (proposal,)
    assert preview.changes_outcome
    assert preview.changed == (proposal,)
    view = preview.proposal(proposal)
    assert view is not None
    assert view.outcome == "passed"
    assert town.outcome(proposal) == "open"


def test_pending_proposal_has_no_number_and_can_be_voted_on() -> None:
    town = Town(3)
    op = town.say("alice", propose("strategic"))
    preview = town.preview([op])
    assert preview.open_ids == (op.id,)
    votes = [town.say(name, Vote(op.id, op.id, "yes", None)) for name in ("alice", "bob", "carol")]
    for vote in votes:
        preview.check(vote.author, vote.device, vote.body)
        preview.add(vote)
    view = preview.proposal(op.id)
    assert view is not None
    assert (view.number, view.outcome, preview.changes_outcome) == (0, "passed", True)


def test_op_behind_a_gap_waits_for_it() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    first, second = town.vote("bob", proposal, "no"), town.vote("bob", proposal, "yes")
    preview = town.preview()
    assert preview.add(second) == ()
    assert preview.add(first) == (proposal,)
    view = preview.proposal(proposal)
    assert view is not None
    assert (view.tally.yes, view.tally.no) == (1, 0)


def test_finalized_op_that_waits_for_a_pending_one_counts_too() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    first, second = town.vote("bob", proposal, "no"), town.vote("bob", proposal, "yes")
    town.commit(second)
    view = town.preview([first]).proposal(proposal)
    assert view is not None
    assert view.tally.yes == 1


def test_of_two_pending_ops_with_one_nonce_the_first_to_arrive_counts() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    first = town.say("bob", Vote(proposal, proposal, "yes", None), nonce=1)
    rival = town.say("bob", Vote(proposal, proposal, "no", None), nonce=1)
    preview = town.preview([first])
    assert preview.add(rival) == ()
    view = preview.proposal(proposal)
    assert view is not None
    assert view.tally.yes == 1


def test_strangers_and_ops_that_are_final_already_change_nothing() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    final = town.vote("bob", proposal, "yes")
    town.commit(final)
    preview = town.preview()
    assert preview.add(final) == ()
    assert preview.add(town.say("mallory", Vote(proposal, proposal, "yes", None))) == ()


def test_vote_on_a_pending_revision_counts_whatever_the_clocks_say() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    town.commit_votes(proposal, bob="yes", carol="yes")
    change = town.say("alice", revise(proposal))
    town.now = WallMs(town.now - HOUR)  # bob's clock is behind alice's
    vote = town.say("bob", Vote(proposal, change.id, "yes", None))
    for order in ([change, vote], [vote, change]):
        view = town.preview(order).proposal(proposal)
        assert view is not None
        assert view.current.id == change.id
        assert view.tally.yes == 1


def test_pending_withdrawal_shows() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    preview = town.preview([town.say("alice", withdraw(proposal))])
    view = preview.proposal(proposal)
    assert view is not None
    assert (view.outcome, preview.changes_outcome) == ("withdrawn", True)


def test_clock_past_the_close_decides_provisionally() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    preview = town.preview()
    close_ms = town.proposal(proposal).close_ms
    assert preview.next_due_ms() == close_ms
    assert preview.advance(WallMs(close_ms - 1)) == ()
    assert preview.advance(close_ms) == (proposal,)
    view = preview.proposal(proposal)
    assert view is not None
    assert (view.outcome, preview.changes_outcome) == ("lapsed", True)
    assert preview.next_due_ms() is None


def test_least_open_time_of_pending_votes_is_a_deadline() -> None:
    tier = replace(found().tier("tactical"), min_open_ms=HOUR)
    town = Town(found(3, tactical=tier))
    proposal = town.propose("alice", "tactical")
    preview = town.preview([town.vote(name, proposal, "yes") for name in ("alice", "bob", "carol")])
    due_ms = WallMs(town.proposal(proposal).opened_ms + HOUR)
    assert (preview.changes_outcome, preview.next_due_ms()) == (False, due_ms)
    preview.advance(due_ms)
    assert preview.changes_outcome


def test_votes_that_no_commit_brought_before_the_close_count_no_more() -> None:
    """By the log they come too late (R10.7), however early they were said."""
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    close_ms = town.proposal(proposal).close_ms
    preview = town.preview([town.vote(name, proposal, "yes") for name in ("alice", "bob", "carol")])
    for now_ms, tally in ((close_ms - 1, (3, "passed")), (close_ms, (0, "lapsed"))):
        preview.advance(WallMs(now_ms))
        view = preview.proposal(proposal)
        assert view is not None
        assert (view.tally.yes, view.outcome) == tally


@pytest.mark.parametrize("late_ms", [0, DAY, 400 * DAY])
def test_proposal_that_waits_opens_now_however_long_it_has_waited(late_ms: int) -> None:
    """In a tier with a least open time the log will open it for that (R10.20)."""
    tier = replace(found().tier("tactical"), min_open_ms=HOUR)
    town = Town(found(3, tactical=tier))
    op = town.say("alice", propose("tactical", close_ms=town.now + HOUR))
    preview = town.preview([op])
    for name in ("alice", "bob", "carol"):
        vote = Vote(op.id, op.id, "yes", None)
        preview.check(town.id_of(name), key_of(name), vote)
        preview.add(town.say(name, vote))
        town.now = WallMs(town.now + HOUR + late_ms)
        preview.advance(town.now)
        view = preview.proposal(op.id)
        assert view is not None
        assert (view.outcome, view.votable_ms, preview.changes_outcome) == (
            "open",
            town.now + HOUR,
            False,
        )


def test_waiting_proposal_that_nobody_could_carry_out_any_more_is_not_shown() -> None:
    town = Town(3)
    action = InviteAction("guest", key_of("secret"), WallMs(town.now + HOUR), 1)
    op = town.say("alice", propose("constitutional", action))
    preview = town.preview([op])
    assert preview.open_ids == (op.id,)
    preview.advance(WallMs(town.now + HOUR))
    assert preview.proposal(op.id) is None


def test_effects_wait_for_the_log() -> None:
    town = Town(2)
    town.invite("secret")
    proposal = town.propose(
        "alice", "constitutional", AmendAction((("tiers.tactical.threshold", [1, 1]),))
    )
    pending = [
        town.join("zoe", "secret"),
        town.say("bob", Away()),
        *(town.vote(name, proposal, "yes") for name in ("alice", "bob")),
    ]
    preview = town.preview(pending)
    assert preview.changed == (proposal,)
    assert len(preview.state.charter.members) == 2
    assert preview.state.charter.tier("tactical").threshold.num == 3
    zoe = town.say("zoe", Vote(proposal, proposal, "no", None))
    assert preview.add(zoe) == ()


def test_provisionally_decided_proposal_still_takes_a_vote() -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    preview = town.preview([town.vote(n, proposal, "yes") for n in ("alice", "bob", "carol")])
    preview.check(town.id_of("dave"), key_of("dave"), Vote(proposal, proposal, "no", None))


@pytest.mark.parametrize(
    ("who", "choice", "after_ms", "code"),
    [
        ("dave", "yes", 0, "superseded_revision"),
        ("mallory", "yes", 0, "not_a_member"),
        ("dave", "yes", 8 * DAY, "closed"),
    ],
)
def test_check_refuses_what_the_log_would(
    who: str, choice: Choice, after_ms: int, code: str
) -> None:
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    preview = town.preview([town.say("alice", revise(proposal))])
    preview.advance(WallMs(town.now + after_ms))
    with pytest.raises(UsageError) as caught:
        preview.check(town.id_of(who), key_of(who), Vote(proposal, proposal, choice, None))
    assert caught.value.code == code


def test_check_judges_by_this_nodes_clock_when_the_log_has_been_quiet() -> None:
    town = Town(3)
    now_ms = WallMs(town.now + 300 * DAY)
    preview = town.preview(now_ms=now_ms)
    body = propose("tactical", close_ms=now_ms + DAY)
    preview.check(town.id_of("alice"), key_of("alice"), body)
    stale = propose("tactical", close_ms=now_ms - DAY)
    with pytest.raises(UsageError, match="before it is asked about"):
        preview.check(town.id_of("alice"), key_of("alice"), stale)


def test_pending_proposals_count_towards_the_authors_limit() -> None:
    charter = found(2)
    town = Town(replace(charter, rules=replace(charter.rules, max_open_per_member=2)))
    preview = town.preview([town.say("alice", propose("tactical")) for _ in range(2)])
    alice = town.id_of("alice")
    with pytest.raises(UsageError) as caught:
        preview.check(alice, key_of("alice"), propose("tactical"))
    assert caught.value.code == "too_many_open"
    preview.check(town.id_of("bob"), key_of("bob"), propose("tactical"))
    with pytest.raises(UsageError):
        preview.check(alice, key_of("alice"), Vote(OpId(bytes(32)), OpId(bytes(32)), "no", None))


def test_void_pending_proposal_is_not_shown() -> None:
    town = Town(2)
    op = town.say("alice", propose("nonsense"))
    preview = town.preview([op])
    assert (preview.proposal(op.id), preview.open_ids) == (None, ())


def test_pending_ops_are_listed_in_the_order_they_are_taken() -> None:
    town = Town(3)
    proposal = town.propose("alice", "strategic")
    late = town.vote("alice", proposal, "yes")
    town.now = WallMs(town.now - SECOND)
    early = town.vote("bob", proposal, "yes")
    again = town.say("alice", Vote(proposal, proposal, "no", text_of("wait")))
    preview = town.preview([again, late, early])
    assert preview.pending_on(proposal) == (early, late, again)


def test_many_ops_on_one_proposal_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step may bring hundreds: judging after each would cost their number squared."""
    town = Town(5)
    proposal = town.propose("alice", "tactical")
    preview = town.preview()
    assert not preview.changes_outcome
    looks: list[OpId] = []
    review = Preview._review

    def count(self: Preview, about: OpId) -> None:
        looks.append(about)
        review(self, about)

    monkeypatch.setattr(Preview, "_review", count)
    for name in ("alice", "bob", "carol"):
        preview.add(town.vote(name, proposal, "yes"))
    assert looks == []
    view = preview.proposal(proposal)
    assert view is not None
    assert view.tally.yes == 3
    assert preview.changes_outcome
    assert looks == [proposal]


@pytest.mark.parametrize("later", [0, 30 * SECOND, HOUR, DAY])
def test_what_is_listed_is_known(later: int) -> None:
    # An invite that has ended opens nothing any more; its proposal was listed, and then unknown.
    town = Town(3)
    ends = WallMs(town.now + HOUR)
    op = town.say("alice", propose("constitutional", InviteAction("g", key_of("s"), ends, 1)))
    preview = town.preview([op])
    assert preview.open_ids == (op.id,)
    preview.advance(WallMs(town.now + later))
    listed = preview.open_ids
    assert [preview.proposal(one) is not None for one in listed] == [True] * len(listed)
    assert (op.id in listed) == (town.now + later < ends)


@pytest.mark.parametrize("is_at_once", [True, False], ids=["at once", "one after the other"])
@pytest.mark.parametrize("held", [0, 3])
@pytest.mark.parametrize("kind", ["question", "amendment", "what nobody may"])
def test_of_a_members_openings_no_more_are_looked_at_than_may_open(
    monkeypatch: pytest.MonkeyPatch, kind: str, held: int, is_at_once: bool
) -> None:
    """As the log would do; and each look tries an amendment out, which is dear."""
    town = Town(5)
    most = town.state.charter.rules.max_open_per_member
    for _ in range(held):
        town.propose("alice", "tactical")
    changes = (("tiers.tactical.window_ms", 3 * DAY),)
    body = {
        "question": propose("tactical"),
        "amendment": propose("constitutional", AmendAction(changes)),
        "what nobody may": propose("tactical", AmendAction(changes)),
    }[kind]
    theirs = [town.say("alice", body) for _ in range(4 * most)]
    other = town.say("bob", propose("tactical"))
    looks = 0

    def count(*given: Any) -> Proposal:
        nonlocal looks
        looks += 1
        return open_proposal(*given)

    monkeypatch.setattr("p2pnode_protocols.record.views.preview.open_proposal", count)
    preview = town.preview([*theirs, other] if is_at_once else [])
    if not is_at_once:
        for op in (*theirs, other):
            preview.add(op)
    shown = preview.open_ids
    assert looks <= most - held + 1
    assert other.id in shown
    with pytest.raises(UsageError, match="too_many_open"):
        preview.check(town.id_of("alice"), key_of("alice"), propose("tactical"))
    monkeypatch.undo()
    result = town.commit(*theirs, other)
    opened = {op for op, code in result.entries if code == "ok"}
    assert {one for one in shown if one in {op.id for op in (*theirs, other)}} == opened
