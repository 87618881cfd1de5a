"""What the owner of a device without a seat is told: what became of the seat, and what to do."""

from __future__ import annotations

from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.core import Core
from p2pnode_protocols.record.actions import RemoveAction
from p2pnode_protocols.record.bodies import Leave
from p2pnode_protocols.record.questions.proposal import EFFECT_DONE
from p2pnode_protocols.wire.crypto import compute_member_id
from p2pnode_protocols.wire.ids import MemberId

from ..store.interface import AnyStore

COMMITS_SEARCHED = 64  # for how a seat went: whoever has none hears little of what came later


def describe_removal(core: Core, store: AnyStore) -> tuple[str, ...]:
    """Return whether this device was taken off a seat that goes on, or the seat is gone; and what
    to do."""
    roster = core.state.roster
    member = store.author_by(core.device) or compute_member_id(core.device)
    name = roster.name_of(member)
    if core.member is not None:
        return (
            "members do not let this device in any more: while it was away its seat was given up "
            "or taken away, or its key was taken off the seat; nothing more that is signed here "
            "counts, and what was said meanwhile may not count either",
            "ask them; what was said last:",
            "p2pnode ops",
            "if the seat is still there, on another device of it:",
            "p2pnode devices",
            "else, with a new invite:",
            "p2pnode join LINK --name NAME",
        )
    if roster.charter.member(member) is not None:
        return (
            f"this device was taken off the seat of {name}, which goes on with other keys; "
            "nothing that is signed here counts any more",
            "on a device of the seat:",
            "p2pnode devices",
        )
    again = "with a new invite:", "p2pnode join LINK --name NAME"
    if roster.has_given_seat(member):
        how, *steps = _how_it_went(core, store, member)
        return f"the seat of {name} was {how}", *steps, *again
    return "this device has no seat: it was not admitted, or taken off one that is gone", *again


def _how_it_went(core: Core, store: AnyStore, member: MemberId) -> tuple[str, ...]:
    """Return in words how this seat went, and where to read of it; the record knows."""
    last = core.final_index
    for commit in reversed(store.commits(max(1, last - COMMITS_SEARCHED + 1), last)):
        number = _removing(core, commit, member)
        if number is not None:
            said = f"taken away by decision #{number}"
            return said, "what was decided:", f"p2pnode show {number}"
        if _has_leaving(store, commit, member):
            return ("given up: it left",)
    return ("given up, or taken away by a decision",)  # in what was leapt over, or long ago


def _removing(core: Core, commit: Commit, member: MemberId) -> int | None:
    """Return the number of a proposal that this commit decided and that took the seat away."""
    for decided, _outcome, _record, _said in commit.decided:
        proposal = core.state.proposal(decided)
        if (
            proposal is not None
            and isinstance(proposal.action, RemoveAction)
            and proposal.action.member == member
            and proposal.effect == EFFECT_DONE
        ):
            return proposal.number
    return None


def _has_leaving(store: AnyStore, commit: Commit, member: MemberId) -> bool:
    found = (store.op(entry) for entry, code in commit.entries if code == "ok")
    left = (one.op.author for one in found if one is not None and isinstance(one.op.body, Leave))
    return member in left
