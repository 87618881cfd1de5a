"""A decision about a seat is one of the others: R10.23, for each such action and many sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner
from support.cores.town import DAY, MINUTE, NAMES, Town, found, key_of, propose, reread

from p2pnode_protocols.record.actions import Action, RekeyAction, RemoveAction, SetAwayAction
from p2pnode_protocols.record.bodies import Choice
from p2pnode_protocols.record.questions.tally import Tally
from p2pnode_protocols.record.seats.charter import Base, Ratio
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import OpId

KINDS = ("remove", "set_away", "rekey")


def action_on(town: Town, name: str, kind: str) -> Action:
    """Return an action about the seat of `name`."""
    seat = town.id_of(name)
    match kind:
        case "remove":
            return RemoveAction(seat)
        case "set_away":
            return SetAwayAction(seat, away=True)
        case _:
            message = crypto.signed_message(crypto.TAG_BIND, town.state.community, seat)
            signature = FakeSigner(key_of("new laptop")).sign(message)
            return RekeyAction(seat, key_of("new laptop"), signature)


def open_about(town: Town, name: str, kind: str, tier: str = "constitutional") -> OpId:
    return town.propose(NAMES[0], tier, action_on(town, name, kind))


def everybody_else(town: Town, proposal: OpId, silent: str, choice: Choice = "yes") -> None:
    names = [one.name for one in town.state.charter.members if one.name != silent]
    town.commit(*(town.vote(name, proposal, choice) for name in names))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [3, 4, 5, 6, 7])
def test_with_the_charter_as_it_comes_the_others_take_a_dead_seat_off(size: int, kind: str) -> None:
    town = Town(size)
    dead = NAMES[size - 1]
    proposal = open_about(town, dead, kind)
    everybody_else(town, proposal, dead)
    town.commit(after_ms=4 * DAY)  # the objection time of a rekey
    one = town.proposal(proposal)
    assert (one.outcome, one.effect) == ("passed", "done")
    assert one.tally == Tally(size - 1, 0, 0, size - 1, 2)
    assert reread(town.state).proposal(proposal) == one


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("said", ["yes", "no", "aside"])
@pytest.mark.parametrize("base", ["electorate", "cast"])
def test_what_the_seat_itself_says_moves_no_count(base: Base, said: Choice, kind: str) -> None:
    tier = replace(found().tier("constitutional"), base=base, threshold=Ratio(3, 4))
    for votes in range(2**4):
        outcomes = set()
        for speaks in (False, True):
            town = Town(found(5, constitutional=tier))
            proposal = open_about(town, "erin", kind)
            if speaks:
                town.commit(town.vote("erin", proposal, said))
            choices: list[Choice] = ["yes" if votes >> n & 1 else "no" for n in range(4)]
            town.commit(*(town.vote(NAMES[n], proposal, one) for n, one in enumerate(choices)))
            if town.outcome(proposal) == "open":
                town.commit(after_ms=8 * DAY)
            outcomes.add(town.outcome(proposal))
        if kind == "rekey" and said == "no":
            assert "rejected" in outcomes, "R10.21: an old key objects"
        else:
            assert len(outcomes) == 1, f"{votes:04b}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("base", ["electorate", "cast"])
@pytest.mark.parametrize("threshold", [Ratio(1, 1000), Ratio(1, 2), Ratio(1, 1)])
def test_one_alone_never_decides_about_anothers_seat(
    threshold: Ratio, base: Base, kind: str
) -> None:
    for size in range(3, 6):
        tier = replace(
            found().tier("constitutional"), base=base, threshold=threshold, floor=Ratio(0, 1)
        )
        town = Town(found(size, constitutional=tier))
        proposal = open_about(town, NAMES[size - 1], kind)
        town.commit(
            town.vote(NAMES[0], proposal, "yes"), town.vote(NAMES[size - 1], proposal, "yes")
        )
        town.commit(after_ms=8 * DAY)
        assert town.outcome(proposal) in {"lapsed", "rejected"}, size
        assert len(town.state.charter.committee) == size


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_neither_can_ask_to_take_the_other_off_and_is_told_what_can_be_done(
    kind: str,
) -> None:
    town = Town(2)
    code, why = town.refusal("alice", propose("constitutional", action_on(town, "bob", kind)))
    assert code == "not_allowed"
    assert "besides it there is 1" in why


@pytest.mark.parametrize("kind", ["remove", "set_away"])
def test_in_a_tier_of_objections_the_seat_may_object_like_anybody(kind: str) -> None:
    """Silence is consent there, so a dead seat holds nothing up, and a living one can speak."""
    charter = found(4)
    charter = replace(charter, rules=replace(charter.rules, membership_tier="individual"))
    for speaks, outcome in ((False, "passed"), (True, "rejected")):
        town = Town(charter)
        proposal = open_about(town, "dave", kind, "individual")
        if speaks:
            town.commit(town.vote("dave", proposal, "no"))
        else:
            everybody_else(town, proposal, "dave")
            assert town.outcome(proposal) == "open", "dave may still object"
            town.commit(after_ms=2 * DAY)
        assert town.outcome(proposal) == outcome


def test_a_seat_newer_than_the_proposal_takes_nobody_out_of_the_count() -> None:
    town = Town(3)
    town.invite("secret")
    join = town.join("zoe", "secret")
    seat = SetAwayAction(crypto.compute_member_id(key_of("zoe")), away=True)
    opening = town.say("alice", propose("constitutional", seat))
    town.commit(join, opening)  # the epoch still is that of the three
    one = town.proposal(opening.id)
    assert (one.concerned, one.tally) == (None, Tally(0, 0, 0, 3, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_the_seat_is_named_and_nobody_waits_for_its_vote(kind: str) -> None:
    town = Town(4)
    proposal = open_about(town, "dave", kind)
    town.commit(*(town.vote(name, proposal, "yes") for name in ("alice", "bob")))
    view = town.view(proposal)
    dave = town.id_of("dave")
    assert view.concerned == dave
    assert view.missing == (town.id_of("carol"),)
    assert view.awaits(dave) == (kind == "rekey"), "an old key may object"
    explained = town.explain(proposal)
    texts = {one.code: one.text for one in explained.reasons}
    assert texts["needs_yes"] == "one vote short: one more yes of carol would pass it"
    assert "dave" in texts["concerned"]
    assert view.formula == "2 yes of 3; needs 3 (at least 4/5 of 3): one vote short"


def test_what_is_about_no_seat_counts_everybody() -> None:
    town = Town(4)
    proposal = town.propose("alice", "constitutional")
    town.commit(*(town.vote(name, proposal, "yes") for name in ("alice", "bob", "carol")))
    assert town.view(proposal).concerned is None
    assert town.outcome(proposal) == "open"
    town.commit(after_ms=MINUTE)
