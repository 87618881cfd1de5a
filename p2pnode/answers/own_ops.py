"""What became of this device's own ops, in words, and what their author can do next."""

from __future__ import annotations

from collections.abc import Iterable

from p2pnode_protocols.core import Core
from p2pnode_protocols.core.own.fates import LEAPT_OVER, SHUT_OUT, UNKNOWN
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Away,
    Back,
    Body,
    Evidence,
    Join,
    Leave,
    Note,
    Propose,
    Revise,
    RevokeDevice,
    SetNodeKey,
    Supports,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.opaque import OpaqueBody
from p2pnode_protocols.record.ops import Op, about
from p2pnode_protocols.wire.errors import CODES
from p2pnode_protocols.wire.ids import OpId, to_short
from p2pnode_protocols.wire.quoting import quoted

from .. import answers
from ..store.interface import AnyStore, StoredFate
from .own_votes import replacing_vote
from .proposals import Proposals

_ANEW = ("to decide it otherwise, propose anew", "p2pnode explain ID")
_SEAT_LOST = (
    "from another device of your seat, if it has one, add this one again; else take a new invite",
)
_MOVED = (
    "it was said for the seat that this device had then; say it again, for the seat it has now",
    "p2pnode devices",
)

# What to do after each code that an own op can end with: sentences, and whole commands that
# can be copied. ID stands for the proposal.
NEXT: dict[str, tuple[str, ...]] = {
    "already_decided": _ANEW,
    "already_member": ("a key belongs to one seat", "p2pnode devices"),
    "already_said": ("nothing: it was said before",),
    "away_too_often": ("wait, and say it again", "p2pnode status"),
    "bad_charter": ("amend again, against the charter as it is now", "p2pnode charter"),
    "bad_evidence": ("nothing: the fork was dealt with, or was none",),
    "bad_field": ("say it again with other values",),
    "bad_invite": ("ask for a new invite; or make one, if it was yours", "p2pnode invite NAME"),
    "bad_signature": ("make the request anew, on the other device",),
    "closed": ("to ask again, propose anew with a longer window", "p2pnode explain ID"),
    "conflicting_nonce": ("another copy of this home signed as well: stop it", "p2pnode devices"),
    "forked_key": (
        "that key makes no blocks any more; give this device a new one",
        "p2pnode devices renew",
    ),
    "invite_over": ("ask for a new invite",),
    LEAPT_OVER: ("look how it stands; if it is missing, say it again", "p2pnode show ID"),
    "limit_bytes": ("wait, or say less: your share of bytes a day is used up", "p2pnode charter"),
    "limit_size": ("say it again, shorter",),
    "no_node_key": ("p2pnode devices",),
    "not_a_member": _SEAT_LOST,
    "not_active": (
        "say it again once the practice is in force: the community decides that",
        "p2pnode practices",
    ),
    "not_allowed": ("ask its author", "p2pnode show ID"),
    "not_ready": ("propose it again once more nodes run a newer program", "p2pnode members"),
    "not_in_electorate": ("nothing: those who were members when it opened decide it",),
    "seat_anew": ("propose it again, about the seat as it is now", "p2pnode members"),
    SHUT_OUT: ("ask a member how it stands", *_SEAT_LOST),
    "superseded_revision": ("look what has changed, then vote on that", "p2pnode show ID --diff"),
    "too_many": ("end one of them, or take it back; then say it again",),
    "too_many_open": ("withdraw one of yours, or wait for one to be decided; then propose again",),
    "unknown_member": ("the seat is gone", "p2pnode members"),
    "unknown_proposal": ("the proposal never got into the record: propose it again, then vote",),
    "unknown_tier": ("propose again, in a tier that the charter has now", "p2pnode charter"),
}


# `not_allowed` has as many reasons as there are ops; most of these concern no proposal.
_NOT_ALLOWED: dict[type[object], tuple[str, ...]] = {
    Away: (
        "the node was off the committee already, or would have been the last one to leave it",
        "p2pnode members",
    ),
    Back: ("the node was not set away any more", "p2pnode members"),
    Leave: (
        "the seat was the last one, or its node the last on the committee",
        "p2pnode members",
    ),
    AddDevice: ("the seat has as many devices as a seat may have", "p2pnode devices"),
    RevokeDevice: (
        "it was no device of the seat any more, or the last one, or the last node",
        "p2pnode devices",
    ),
    SetNodeKey: (
        "it was the node already, or no device of the seat any more, or no node would be left",
        "p2pnode devices",
    ),
    Supports: ("the device was not the seat's node any more", "p2pnode devices"),
    Join: ("the community has as many seats as there may be", "ask a member"),
    Propose: (
        "by the rules as they are now this is not decided in that tier, or it is so already",
        "propose it again as it fits now",
        "p2pnode charter",
    ),
    Revise: (
        "only its author may do this, or it has as many revisions as there may be",
        "ask its author, or propose anew",
        "p2pnode show ID",
    ),
    Withdraw: ("only its author may do this", "ask its author", "p2pnode show ID"),
}


def next_steps(
    code: str, proposal: answers.ProposalSummary | None = None, body: Body | None = None
) -> tuple[str, ...]:
    """Return what the author of an op that ended with this code can do, in this order.

    Args:
        code: what the log says, or why it never will.
        proposal: that it is about.
        body: what was said; None: not known here.
    """
    steps = NEXT.get(code, ("say it again if it still matters", "p2pnode explain ID"))
    if code == "not_allowed" and body is not None:
        _why, *steps_ = _NOT_ALLOWED.get(type(body), ("", *steps))
        steps = tuple(steps_)
    if proposal is None:
        return steps
    is_over = proposal.grade == "final" and proposal.outcome != "open"
    if is_over and isinstance(body, Vote | Revise | Withdraw):
        steps = _ANEW  # whatever it was refused for, nothing can be said on it any more
    name = to_short("pro", proposal.id) if proposal.number is None else str(proposal.number)
    return tuple(one.replace(" ID", f" {name}") for one in steps)


_WHAT: dict[type[object], str] = {
    Propose: "proposal",
    Revise: "revision",
    Withdraw: "withdrawal",
    Join: "request for a seat",
    Away: "going away",
    Back: "coming back",
    Leave: "leaving",
    AddDevice: "adding of a device",
    RevokeDevice: "revoking of a device",
    SetNodeKey: "choice of the device that makes blocks",
    Evidence: "evidence of a fork",
    Supports: "program's list of practices",
}


def what(op: Op) -> str:
    """Return what an op says, in words that fit after "your"."""
    match op.body:
        case Vote(choice=choice):
            return f"vote ({choice})"
        case Note(namespace=namespace):
            return f"note of {namespace}"
        case OpaqueBody(KIND=kind):
            return kind
        case body:
            return _WHAT[type(body)]


class OwnOps:
    """Answer about this device's own ops. Holds nothing: every answer is as of now."""

    def __init__(self, core: Core, store: AnyStore) -> None:
        self._core = core
        self._store = store
        self._proposals = Proposals(core, store)

    def waiting(self) -> list[answers.OwnOp]:
        """Return those that are not in the log yet, the latest said first."""
        return [self._describe(op, None) for op in reversed(list(self._core.fates))]

    def refused(self, fates: Iterable[StoredFate]) -> list[answers.OwnOp]:
        """Describe own ops that changed nothing and never will."""
        return [self._describe(one.op, one) for one in fates]

    def _describe(self, op: Op, fate: StoredFate | None) -> answers.OwnOp:
        proposal = self._proposal(about(op))
        named = what(op)
        if proposal is not None and proposal.number is not None:
            named += f" on #{proposal.number}"
        named += self._title_words(op, proposal)
        detail: str | None = None
        if fate is not None:
            detail = refusal_words(fate.code, op.body, in_log=fate.commit_index is not None)
        return answers.OwnOp(
            op=op.id,
            kind=op.body.KIND,
            what=named,
            state="waiting" if fate is None else _state(fate.code),
            code=None if fate is None else fate.code,
            detail=detail,
            next=() if fate is None else self._next(fate, proposal),
            proposal=about(op),
            said_at=op.created_ms,
            commit=None if fate is None else fate.commit_index,
            known_at=None if fate is None else fate.at_ms,
            due_at=None if fate is not None else self._core.due_at(op.id),
            counts_until=None if fate is not None or proposal is None else proposal.counts_until,
            replaced_by=replacing_vote(self._core, op, is_final=False) if fate is None else None,
        )

    def _next(self, fate: StoredFate, proposal: answers.ProposalSummary | None) -> tuple[str, ...]:
        op, member = fate.op, self._core.member
        if fate.code == "not_a_member" and member not in (None, op.author):
            return _MOVED
        return next_steps(fate.code, proposal, op.body)

    def _proposal(self, proposal: OpId | None) -> answers.ProposalSummary | None:
        if proposal is None or self._core.preview.proposal(proposal) is None:
            return None
        return self._proposals.summary(self._proposals.view(proposal))

    def _title_words(self, op: Op, proposal: answers.ProposalSummary | None) -> str:
        """Return the title that was read when this was said, and of which revision it is."""
        title = None if proposal is None else proposal.title
        which = ""
        if isinstance(op.body, Propose | Revise):
            title = self._proposals.text(op.body.title)
        elif isinstance(op.body, Vote) and proposal is not None:
            revisions = self._proposals.view(proposal.id).revisions
            numbers = {one.id: number for number, one in enumerate(revisions, 1)}
            number = numbers.get(op.body.revision)
            if number is None:
                return ", on a text that is not here"
            title = self._proposals.text(revisions[number - 1].title)
            which = f", revision {number} of {len(revisions)}" if len(revisions) > 1 else ""
        return which if title is None else f"{which}, {quoted(title)}"


def _state(code: str) -> answers.OwnOpState:
    return "unknown" if code in UNKNOWN else "refused"


def refusal_words(code: str, body: Body | None, *, in_log: bool) -> str:
    """Return why an op changed nothing, in words; not `in_log`: none here says so, nor will."""
    where = "it is in the record and changed nothing" if in_log else "it will not be counted"
    if code in UNKNOWN:
        where = "whether it counts is not known here"
    why = CODES[code]
    if code == "not_allowed":
        why = _NOT_ALLOWED.get(type(body), (why,))[0]
    return f"{where}: {why}"
