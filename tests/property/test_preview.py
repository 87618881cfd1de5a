"""Nothing provisional is shown that the log would not do: the preview against a commit of it all.

However long ops have waited here: at each moment the preview stands where the state would if a
commit with this time brought all of them (R5.1). Rules: R10.7, R10.8, R10.20.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cores.town import (
    HOUR,
    MINUTE,
    NAMES,
    ROOT,
    Town,
    found,
    key_of,
    propose,
    reread,
    revise,
    withdraw,
)

from p2pnode_protocols.record.bodies import CHOICES, Body, Revise, Vote, Withdraw
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.seats.charter import Tier
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId, WallMs

WINDOW_MS = 2 * HOUR
LEAST = {"no least": 0, "a least": 30 * MINUTE, "the window": WINDOW_MS}


def tier_of(mode: str, least: str) -> Tier:
    base = found().tier("individual" if mode == "objection" else "tactical")
    base = replace(base, min_open_ms=LEAST[least], window_ms=WINDOW_MS, max_window_ms=2 * WINDOW_MS)
    return replace(base, base="cast") if mode == "cast" else base


def rank(op: Op) -> int:
    """As the preview takes them: the texts first, then the votes, then the withdrawal."""
    kinds = (Revise, Vote, Withdraw)
    return next((place for place, kind in enumerate(kinds, 1) if isinstance(op.body, kind)), 0)


@given(data=st.data())
@pytest.mark.parametrize("is_final", [True, False], ids=["final", "on its way"])
@pytest.mark.parametrize("mode", ["electorate", "cast", "objection"])
@pytest.mark.parametrize("least", LEAST)
def test_preview_stands_where_a_commit_of_all_that_waits_would_lead(
    is_final: bool, mode: str, least: str, data: st.DataObject
) -> None:
    tier = tier_of(mode, least)
    town = Town(found(3, **{tier.name: tier}))
    wish_ms = data.draw(st.sampled_from((0, MINUTE, HOUR, 3 * HOUR, 9 * HOUR)), "wish")
    opening = town.say("alice", propose(tier.name, close_ms=wish_ms and town.now + wish_ms))
    pending: list[Op] = []
    if is_final:
        town.commit(opening)
    else:
        pending.append(opening)
    preview = town.preview(pending)
    text = opening.id
    for _ in range(data.draw(st.integers(1, 6), "moves")):
        who, body = "alice", draw_body(data, opening.id, text, town.now)
        if isinstance(body, Vote):
            who = data.draw(st.sampled_from(NAMES[:3]), "voter")
        with contextlib.suppress(UsageError):  # what a node would not sign is never said
            preview.check(town.id_of(who), key_of(who), body)
            op = town.say(who, body)
            preview.add(op)
            pending.append(op)
            text = op.id if isinstance(body, Revise) else text
        pause = st.sampled_from((0, 1_000, 20 * MINUTE, HOUR, WINDOW_MS, 9 * WINDOW_MS))
        town.now = WallMs(town.now + data.draw(pause, "pause"))
        preview.advance(town.now)
        logged = reread(town.state)
        logged.commit(sorted(pending, key=rank), town.now, ROOT)
        expected = stand(logged.proposal(opening.id))
        assert stand(preview.proposal(opening.id)) == expected
        assert stand(town.preview(pending).proposal(opening.id)) == expected  # and after a restart
        if isinstance(body, Withdraw):  # what its author says later has a later nonce
            return


def draw_body(data: st.DataObject, proposal: OpId, text: OpId, now_ms: WallMs) -> Body:
    match data.draw(st.sampled_from(("vote", "vote", "vote", "revise", "withdraw")), "kind"):
        case "vote":
            return Vote(proposal, text, data.draw(st.sampled_from(CHOICES), "choice"), None)
        case "revise":
            wish_ms = data.draw(st.sampled_from((0, MINUTE, 3 * HOUR)), "wish")
            return revise(proposal, close_ms=wish_ms and now_ms + wish_ms)
        case _:
            return withdraw(proposal)


def stand(proposal: Proposal | None) -> tuple[object, ...]:
    """Return what people are shown of it, and what the rules go by."""
    assert proposal is not None
    votes = {member: ballot.choice for member, ballot in proposal.current.votes.items()}
    current = proposal.current.id
    return proposal.outcome, proposal.close_ms, proposal.votable_ms, current, votes
