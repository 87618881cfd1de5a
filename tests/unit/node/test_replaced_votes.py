"""Two devices of one seat vote at the same time: only one of the votes is told to count."""

from __future__ import annotations

import pytest
from support.town import Town, bind

from p2pnode.answers.proposals import find_replacing
from p2pnode_protocols.record.bodies import Choice, Vote


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
