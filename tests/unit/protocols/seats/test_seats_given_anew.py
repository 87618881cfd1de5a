"""A seat that was given up or taken away, and given anew, has a new life: R10.15, R10.25.

What the community was asked about the earlier one changes nothing any more, and whoever has come
back has no vote on what opened before. What it had voted counts.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cores.dag import FakeSigner
from support.cores.town import DAY, Town, key_of, propose, reread, revise

from p2pnode_protocols.record.actions import (
    Action,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import Away, Leave, Propose, Vote
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import OpId, WallMs

KINDS = ("remove", "set_away", "rekey")
OTHERS = ("alice", "bob", "carol", "dave", "erin")
WHO = "frank"


def action_on(town: Town, kind: str) -> Action:
    seat = crypto.compute_member_id(key_of(WHO))
    match kind:
        case "remove":
            return RemoveAction(seat)
        case "set_away":
            return SetAwayAction(seat, away=True)
        case _:
            message = crypto.signed_message(crypto.TAG_BIND, town.state.community, seat)
            return RekeyAction(seat, key_of("laptop"), FakeSigner(key_of("laptop")).sign(message))


def go(town: Town, how: str) -> None:
    if how == "leaves":
        assert town.enter(town.say(WHO, Leave())) == "ok"
    else:
        town.decide("constitutional", RemoveAction(town.id_of(WHO)))
    assert town.state.charter.by_device(key_of(WHO)) is None


def come_back(town: Town) -> None:
    secret = f"secret {town.now}"
    town.invite(secret)
    assert town.enter(town.join(WHO, secret)) == "ok"


def all_say_yes(town: Town, proposal: OpId, names: tuple[str, ...] = OTHERS) -> None:
    for name in names:
        if town.outcome(proposal) == "open":
            town.commit(town.vote(name, proposal, "yes"))


@pytest.mark.parametrize("revises", [False, True], ids=["", "revised"])
@pytest.mark.parametrize("voted", [0, 3], ids=["voted after", "voted before"])
@pytest.mark.parametrize("how", ["leaves", "is removed"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_asked_about_the_earlier_seat_changes_nothing(
    kind: str, how: str, voted: int, revises: bool
) -> None:
    town = Town(6)
    proposal = town.propose("alice", "constitutional", action_on(town, kind))
    all_say_yes(town, proposal, OTHERS[:voted])
    go(town, how)
    assert "void" not in town.reasons(proposal)
    come_back(town)
    seat = town.state.charter.by_device(key_of(WHO))
    assert town.view(proposal).is_void
    assert "frank" in town.reasons(proposal)["void"]
    if revises:
        assert town.enter(town.say("alice", revise(proposal))) == "ok"
    all_say_yes(town, proposal)
    town.commit(after_ms=4 * DAY)  # the objection time of a rekey
    one = town.proposal(proposal)
    assert (one.outcome, one.effect) == ("passed", "seat_anew")
    assert town.state.charter.by_device(key_of(WHO)) == seat
    assert "given anew" in town.reasons(proposal)["effect"]
    assert reread(town.state).proposal(proposal) == one


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_about_the_new_seat_is_done(kind: str) -> None:
    town = Town(6)
    go(town, "leaves")
    town.invite("secret")
    early = town.say("alice", propose("constitutional", action_on(town, kind)))
    late = town.say("bob", propose("constitutional", action_on(town, kind)))
    codes = town.codes(early, town.join(WHO, "secret"), late)
    assert codes == ["unknown_member", "ok", "ok"], "one moment is enough"
    all_say_yes(town, late.id)
    town.commit(after_ms=4 * DAY)
    assert (town.outcome(late.id), town.proposal(late.id).effect) == ("passed", "done")


@pytest.mark.parametrize("kind", KINDS)
def test_within_one_commit_the_order_of_the_log_tells_the_lives_apart(kind: str) -> None:
    town = Town(6)
    town.invite("secret")
    early = town.say("alice", propose("constitutional", action_on(town, kind)))
    late = town.say("bob", propose("constitutional", action_on(town, kind)))
    leave = town.say(WHO, Leave())
    assert town.codes(early, leave, town.join(WHO, "secret"), late) == ["ok"] * 4
    for one in (early, late):
        all_say_yes(town, one.id)
    town.commit(after_ms=4 * DAY)
    effects = [town.proposal(one.id).effect for one in (early, late)]
    assert effects == ["seat_anew", "done"]


@pytest.mark.parametrize("how", ["leaves", "is removed"])
@pytest.mark.parametrize("author", ["alice", WHO])
def test_who_came_back_has_no_vote_on_what_opened_before(how: str, author: str) -> None:
    town = Town(6)
    before = town.propose(author, "strategic")
    voted = town.propose("bob", "strategic")
    town.commit(town.vote(WHO, voted, "no"))
    go(town, how)
    come_back(town)
    after = town.propose("alice", "strategic")
    late = town.vote(WHO, before, "no")
    assert town.refusal(WHO, Vote(before, before, "no", None))[0] == "not_in_electorate"
    assert not town.view(before).awaits(town.id_of(WHO))
    assert town.id_of(WHO) in town.view(before).gone
    assert "frank" in town.reasons(before)["gone"]
    assert town.view(before, late).tally == town.proposal(before).tally, "nor provisionally"
    assert town.enter(late) == "not_in_electorate"
    assert town.enter(town.vote(WHO, voted, "yes")) == "not_in_electorate"
    assert town.proposal(voted).tally.no == 1, "what it had voted counts"
    if author == WHO:
        assert town.enter(town.say(WHO, revise(before))) == "ok", "its own words are still its own"
        assert town.enter(town.vote(WHO, before, "yes")) == "not_in_electorate"
    assert town.view(after).awaits(town.id_of(WHO))
    assert town.enter(town.vote(WHO, after, "yes")) == "ok"


def test_old_keys_no_longer_reject_a_void_rekey() -> None:
    town = Town(6)
    proposal = town.propose("alice", "constitutional", action_on(town, "rekey"))
    go(town, "leaves")
    come_back(town)
    assert not town.view(proposal).awaits(town.id_of(WHO)), "its no would say nothing"
    assert town.enter(town.vote(WHO, proposal, "no")) == "not_in_electorate"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["go", "open", "ask", "vote", "away"]), max_size=25))
def test_each_life_of_a_seat_is_its_own(acts: list[str]) -> None:
    """Against a count of its lives: whatever opened in an earlier one is not about this one."""
    town = Town(6)
    life = 0
    opened: dict[OpId, int] = {}  # by proposal, the life in which it opened
    about: set[OpId] = set()
    for act in acts:
        is_here = town.state.charter.by_device(key_of(WHO)) is not None
        if act == "go":
            if is_here:
                go(town, "leaves")
                life += 1
            else:
                come_back(town)
        elif act == "away" and is_here:
            town.commit(town.say(WHO, Away()), after_ms=DAY // 24)
        elif act == "vote" and opened:
            last = list(opened)[-1]
            has_voice = is_here and opened[last] == life
            code = town.enter(town.vote(WHO, last, "aside"))
            assert (code == "ok") == has_voice, code
        elif act in ("open", "ask") and is_here and len(opened) < 15:
            action = action_on(town, "remove") if act == "ask" else NoAction()
            op = town.say(
                "alice", Propose("constitutional", propose("x").title, (), action, WallMs(0))
            )
            assert town.enter(op) == "ok"
            opened[op.id] = life
            if act == "ask":
                about.add(op.id)
    assert reread(town.state).to_bytes() == town.state.to_bytes()
    for proposal, then in opened.items():
        if proposal not in about:
            continue
        is_here = town.state.charter.by_device(key_of(WHO)) is not None
        all_say_yes(town, proposal)
        expected = "done" if is_here and then == life else "seat_anew"
        if not is_here:
            expected = "unknown_member"
        assert town.proposal(proposal).effect in (
            expected,
            "seat_anew" if not is_here else expected,
        )
