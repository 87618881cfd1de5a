"""A proposal that was acknowledged is in the record for ever, however soon it closes.

Its window may be shorter than what ops wait for company, or over before a quorum is there.
Rules: R5.2, R5.7, R10.20.
"""

from __future__ import annotations

import pytest
from support.cores.authors import Authors

from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose, Vote
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.wire.ids import OpId, WallMs

TITLE, BLOB = make_text(b"s" * 16, "a title")
SECOND, MINUTE = 1_000, 60_000
DAY = 86_400_000
WINDOWS = [SECOND, 5 * SECOND, 8 * SECOND, 29 * SECOND, 35 * SECOND, 40 * SECOND, 59 * SECOND]
LONG = [61 * SECOND, 10 * MINUTE, DAY, 7 * DAY]


def ask(town: Authors, window_ms: int, *, urgent: bool = False) -> tuple[OpId, OpId]:
    """Let the first member propose and vote; return both ops."""
    wall_ms = town.now(town.node(0)).wall_ms
    body = Propose("tactical", TITLE, (), NoAction(), WallMs(wall_ms + window_ms))
    proposal = town.say(0, body, (BLOB,), urgent=urgent)
    assert proposal is not None
    vote = town.say(0, Vote(proposal, proposal, "yes", None), urgent=urgent)
    assert vote is not None
    return proposal, vote


def quiet(n: int) -> Authors:
    town = Authors(n)
    town.connect()
    town.run(MINUTE)
    return town


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("urgent", [False, True], ids=["lingers", "hurries"])
@pytest.mark.parametrize("window_ms", [*WINDOWS, *LONG])
def test_proposal_and_its_vote_count_with_everybody_there(
    n: int, urgent: bool, window_ms: int
) -> None:
    town = quiet(n)
    proposal, vote = ask(town, window_ms, urgent=urgent)
    town.run(min(window_ms, MINUTE) + 30 * SECOND)
    assert [town.fate(one) for one in (proposal, vote)] == ["counted", "counted"]
    for place in range(n):
        held = town.node(place).core.state.proposal(proposal)
        assert held is not None
        assert len(held.current.votes) == 1


@pytest.mark.parametrize("away_ms", [70 * SECOND, DAY])
@pytest.mark.parametrize("window_ms", WINDOWS)
def test_proposal_made_without_a_quorum_is_in_the_record_and_its_vote_is_told(
    window_ms: int, away_ms: int
) -> None:
    town = quiet(5)
    town.isolate(0)
    proposal, vote = ask(town, window_ms)
    town.run(70 * SECOND)
    town.sleep(away_ms)
    town.heal(0)
    town.run(3 * MINUTE)
    assert town.fate(proposal) == "counted"
    for place in range(5):
        held = town.node(place).core.state.proposal(proposal)
        assert held is not None
        assert held.outcome == "lapsed"
    store = town._store(town.node(0))
    told = {one.op.id: one.code for one in store.fates()}
    assert told == {vote: "closed"}
