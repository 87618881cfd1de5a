"""Votes of one's own seat: which device said one, and which of them came in place of another."""

from __future__ import annotations

from p2pnode_protocols.core import Core
from p2pnode_protocols.record.bodies import Body, Choice, Vote
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.views.view import ProposalView, VoteView, compute_view
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId

from ..store.interface import AnyStore


def other_device(core: Core, store: AnyStore, vote: VoteView) -> DeviceKey | None:
    """Return which device signed a vote; None: this one, or it is not known here."""
    stored = store.op(vote.op)
    return None if stored is None or stored.op.device == core.device else stored.op.device


def find_own_vote(core: Core, body: Body) -> VoteView | None:
    """Return what this seat's vote is on the text that `body` votes on; None: it has none."""
    if not isinstance(body, Vote):
        return None
    cast = [
        vote
        for one in compute_view(core.preview, body.proposal).revisions
        if one.id == body.revision
        for vote in one.votes
        if vote.member == core.member
    ]
    return cast[-1] if cast else None


def replacing_vote(core: Core, op: Op, *, is_final: bool) -> Choice | None:
    """Return the vote that came in place of this one, by another device of the seat."""
    body = op.body
    if not isinstance(body, Vote) or core.preview.proposal(body.proposal) is None:
        return None
    view = compute_view(core.preview, body.proposal)
    if not is_final:
        # What waits for an op before it, or comes too late, was not looked at: nothing came in its
        # place.
        is_over = view.grade == "final" or core.preview.now_ms >= view.close_ms
        if is_over or op not in core.preview.pending_on(view.id):
            return None
    return find_replacing(view, op.author, body.revision, op.id)


def find_replacing(
    view: ProposalView, member: MemberId, revision: OpId, vote: OpId
) -> Choice | None:
    """Return what this seat's latest vote on a revision says, if it is another than `vote`."""
    latest = [
        cast
        for one in view.revisions
        if one.id == revision
        for cast in one.votes
        if cast.member == member
    ]
    return latest[-1].choice if latest and vote not in {cast.op for cast in latest} else None
