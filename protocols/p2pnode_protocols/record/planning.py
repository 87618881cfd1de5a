"""What an op would make of the seats or of a question. Nothing is changed here."""

from __future__ import annotations

from ..wire.errors import UsageError
from ..wire.ids import DeviceKey, MemberId, OpId, WallMs, to_short
from ..wire.limits import OPEN_PROPOSALS
from .bodies import Body, Join, Note, Propose, Revise, Vote, Withdraw
from .holdings import Holdings
from .opaque import OpaqueBody, refusal_of
from .questions.opening import open_proposal
from .questions.proposal import Proposal
from .seats.roster import Roster


def plan(
    holds: Holdings, author: MemberId, device: DeviceKey, body: Body, op: OpId, time_ms: WallMs
) -> Roster | Proposal | None:
    """Return what an op makes of the roster or a proposal; None: it changes nothing.

    Raises:
        UsageError: it is refused, with words for its author.
    """
    if isinstance(body, Join):
        return holds.roster.joined(author, device, body, time_ms, holds.register.next_number)
    seat = holds.roster.require(author, device)
    match body:
        case Propose():
            return _plan_opening(holds, author, body, op, time_ms)
        case Vote():
            after = _require_open(holds, body.proposal).voted(author, op, body, time_ms)
            holds.roster.require_voice(author, after.number)
            return after
        case Revise():
            return _require_open(holds, body.proposal).revised(author, op, body, time_ms)
        case Withdraw():
            return _require_open(holds, body.proposal).withdrawn(author, body, time_ms)
        case Note():
            return None
        case OpaqueBody():
            raise refusal_of(body, holds.epoch_charter.practices)
        case _:
            return holds.roster.changed(seat, device, body, time_ms)


def _plan_opening(
    holds: Holdings, author: MemberId, body: Propose, op: OpId, time_ms: WallMs
) -> Proposal:
    most, opened = holds.charter.rules.max_open_per_member, holds.register.open
    if [one.author for one in opened].count(author) >= most:
        raise UsageError(
            "too_many_open",
            f"{most} of your proposals are open, the most the charter allows; "
            "wait for one to be decided, or withdraw one",
        )
    if len(opened) >= OPEN_PROPOSALS:
        raise UsageError("too_many_open", f"{OPEN_PROPOSALS} proposals are open, the most")
    electorate = tuple(one.id for one in holds.epoch_charter.members)
    proposal = open_proposal(
        op,
        holds.register.next_number,
        author,
        body,
        holds.charter,
        holds.epoch,
        electorate,
        time_ms,
        holds.epoch_charter.practices,
    )
    earliest = WallMs(time_ms + proposal.tier.least_open_ms)
    holds.roster.check_action(body.action, time_ms, earliest)
    return proposal


def _require_open(holds: Holdings, proposal: OpId) -> Proposal:
    """Return an open proposal; what is closed is not decoded, as any op may name it."""
    one = holds.register.get_open(proposal)
    if one is not None:
        return one
    closed = holds.register.get_closed(proposal)
    if closed is not None:
        closed.refuse()
    raise UsageError("unknown_proposal", f"no proposal has the id {to_short('pro', proposal)}")
