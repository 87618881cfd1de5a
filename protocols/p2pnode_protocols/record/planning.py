"""What an op would make of the seats or of a question. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..wire.errors import UsageError
from ..wire.ids import DeviceKey, MemberId, OpId, WallMs, to_short
from ..wire.limits import OPEN_PROPOSALS
from .actions import Action, AmendAction
from .bodies import Body, Join, Note, Propose, Revise, Vote, Withdraw
from .holdings import Holdings
from .opaque import OpaqueAction, OpaqueBody
from .ops import Op
from .questions.opening import open_proposal
from .questions.proposal import Proposal
from .seam.practice import Change, Practice, Said, Verb
from .seam.reading import Over, Reading, find_record
from .seats.charter import Charter
from .seats.roster import Roster


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of a record of a practice."""

    practice: Practice[Any]
    key: bytes
    change: Change[Any]


def plan(
    holds: Holdings,
    author: MemberId,
    device: DeviceKey,
    body: Body,
    op: OpId,
    time_ms: WallMs,
    over: Over | None = None,
) -> Roster | Proposal | Planned | None:
    """Return what an op makes of the roster, a proposal or a record; None: it changes nothing.

    Args:
        over: what is not final yet, for a look at an op that may come after it.

    Raises:
        UsageError: it is refused, with words for its author.
    """
    if isinstance(body, Join):
        return holds.roster.joined(author, device, body, time_ms, holds.register.next_number)
    seat = holds.roster.require(author, device)
    if isinstance(body, OpaqueBody):
        return plan_verb(holds, author, body, op, time_ms, over)
    if holds.in_force.guards:
        check_guards(holds, Said(op, author, body, time_ms), over)
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
        lambda action: check_deed(holds, author, action, op, time_ms),
    )
    earliest = WallMs(time_ms + proposal.tier.least_open_ms)
    check_action(holds, body.action, time_ms, earliest)
    return proposal


def check_action(holds: Holdings, action: Action, time_ms: WallMs, earliest_ms: WallMs) -> None:
    """Refuse an action that could not be carried out now (see `Roster.check_action`)."""
    holds.roster.check_action(action, time_ms, earliest_ms)
    if isinstance(action, AmendAction):
        check_amended(holds, holds.charter.amended(action.changes))


def check_amended(holds: Holdings, after: Charter) -> None:
    """Refuse what the practices do not take as a setting (R2.28). Raises `bad_charter`."""
    if after.settings != holds.charter.settings:
        holds.in_force.check_settings(after)


# --- practices ------------------------------------------------------------------------------


def plan_verb(
    holds: Holdings,
    author: MemberId,
    body: OpaqueBody,
    op: OpId,
    time_ms: WallMs,
    over: Over | None = None,
) -> Planned:
    """Return what an op of a practice makes of a record (R10.26).

    Raises:
        UsageError: `not_active`, `unknown_kind`, `bad_field`; what a guard or the verb raises;
            `too_many`.
    """
    practice, verb = holds.in_force.find_verb(body)
    said = Said(op, author, verb.read(body), time_ms)
    check_guards(holds, said, over)
    return _apply(holds, practice, verb, said, over)


def check_guards(holds: Holdings, said: Said[Any], over: Over | None = None) -> None:
    """Let the practices refuse an op of any kind, by name; the first refusal counts (R10.27)."""
    for one in holds.in_force.guards:
        assert one.guard is not None
        one.guard(said, Reading(holds, one, over))


def check_deed(
    holds: Holdings, author: MemberId, action: OpaqueAction, question: OpId, time_ms: WallMs
) -> None:
    """Refuse an action that no practice in force takes, or that would change nothing now."""
    plan_deed(holds, author, action, question, time_ms)


def plan_deed(
    holds: Holdings, author: MemberId, action: OpaqueAction, question: OpId, time_ms: WallMs
) -> Planned:
    """Return what an action of a practice makes of a record (R10.31). Raises as `plan_verb`."""
    practice, verb = holds.in_force.find_deed(action)
    return _apply(holds, practice, verb, Said(question, author, verb.read(action), time_ms), None)


def _apply(
    holds: Holdings,
    practice: Practice[Any],
    verb: Verb[Any, Any],
    said: Said[Any],
    over: Over | None,
) -> Planned:
    key = verb.key(said)
    record = find_record(holds, practice.name, key, over)
    change = verb.apply(record, said, Reading(holds, practice, over))
    if record is None:
        require_room(holds, practice, change)
    return Planned(practice, key, change)


def require_room(holds: Holdings, practice: Practice[Any], change: Change[Any]) -> None:
    """Refuse a new record beyond those that a slice may hold. Raises `UsageError` `too_many`."""
    if change.record is not None and holds.slices[practice.name].open_count >= practice.most_open:
        raise UsageError("too_many", f"{practice.name} keeps {practice.most_open} at most")


def plan_ticks(holds: Holdings, time_ms: WallMs, over: Over) -> Iterator[Planned]:
    """Yield what time alone makes of records by then: a look ahead, of one commit."""
    for name, key in holds.dues.up_to(time_ms):
        if name in holds.slices:
            practice, record = holds.in_force.named(name), find_record(holds, name, key, over)
            if record is not None and practice.tick is not None:
                change = practice.tick(record, time_ms, Reading(holds, practice, over))
                yield Planned(practice, key, change)


def find_key(holds: Holdings, op: Op) -> tuple[str, bytes] | None:
    """Return the record, by practice, that an op of one in force is about."""
    body = op.body
    assert isinstance(body, OpaqueBody)
    try:
        practice, verb = holds.in_force.find_verb(body)
        return practice.name, verb.key(Said(op.id, op.author, verb.read(body), holds.time_ms))
    except UsageError:
        return None


def find_awaited(holds: Holdings, op: OpId, author: MemberId, body: OpaqueBody) -> bytes | None:
    """Return the id of what an op of a practice has to find there (R10.18), or None."""
    try:
        _practice, verb = holds.in_force.find_verb(body)
        if verb.awaits is None:
            return None
        return verb.awaits(Said(op, author, verb.read(body), holds.time_ms))
    except UsageError:
        return None  # it is refused, and waits for nothing


def is_urgent(holds: Holdings, op: OpId, author: MemberId, body: OpaqueBody) -> bool:
    """Return whether an op of a practice would end a phase or change an outcome (R5.2)."""
    try:
        practice, verb = holds.in_force.find_verb(body)
        if verb.urgent is None:
            return False
        said = Said(op, author, verb.read(body), holds.time_ms)
        record = find_record(holds, practice.name, verb.key(said))
        return verb.urgent(record, said, Reading(holds, practice))
    except UsageError:
        return False


def _require_open(holds: Holdings, proposal: OpId) -> Proposal:
    """Return an open proposal; what is closed is not decoded, as any op may name it."""
    one = holds.register.get_open(proposal)
    if one is not None:
        return one
    closed = holds.register.get_closed(proposal)
    if closed is not None:
        closed.refuse()
    raise UsageError("unknown_proposal", f"no proposal has the id {to_short('pro', proposal)}")
