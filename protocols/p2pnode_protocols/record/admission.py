"""Whose ops the log takes, which may wait for their turn, and whose share they take of."""

from __future__ import annotations

from ..wire.errors import UsageError
from .bodies import Join
from .holdings import Holdings
from .invites import is_invite_over
from .ops import Op
from .planning import plan
from .turn.budget import FREE, compute_bytes


def may_author(holds: Holdings, op: Op) -> str:
    """Return "ok" or the code for which nobody needs to carry this op (see `State.may_author`)."""
    if holds.charter.by_device(op.device) is not None:
        return "ok"
    if not isinstance(op.body, Join):
        return "not_a_member"
    try:
        holds.roster.require_join(op.author, op.device, op.body, holds.time_ms)
    except UsageError as error:
        if error.code == "bad_invite" and is_invite_over(holds, op.body.invite_key):
            return "invite_over"
        return error.code
    return "ok"


def asks_for_seat(holds: Holdings, op: Op) -> bool:
    """Return whether a key without a seat asks for one: it has one op, and that waits for none.

    What it said before that is not in the log can never be: nobody carries it (R2.10).
    """
    return isinstance(op.body, Join) and holds.charter.by_device(op.device) is None


def may_join(holds: Holdings, op: Op) -> bool:
    """Return whether a join by a key without a seat opens it one now; else it is no entry."""
    body = op.body
    if not isinstance(body, Join) or holds.nonces.knows(op):
        return False
    invite = holds.roster.invites.get(body.invite_key)
    if invite is None or not invite.is_open(holds.time_ms):
        return False  # whatever it signed: no signature is looked at
    return may_author(holds, op) == "ok"


def has_room(holds: Holdings, op: Op) -> bool:
    """Return whether an op whose turn has not come may wait for it."""
    seat = holds.charter.by_device(op.device)
    if seat is None or not holds.nonces.is_early(op):
        return False
    return holds.nonces.may_keep(op, seat.devices)


def payer_of(holds: Holdings, op: Op) -> bytes:
    """Return whose share an op takes of (see `State.payer_of`)."""
    seat = holds.charter.by_device(op.device)
    if seat is not None:
        return seat.id
    return op.body.invite_key if isinstance(op.body, Join) else op.device


def is_free(holds: Holdings, op: Op) -> bool:
    """Return whether an op takes of no share as things stand: it ends or changes the own seat."""
    if not isinstance(op.body, FREE):
        return False
    try:
        plan(holds, op.author, op.device, op.body, op.id, holds.time_ms)
    except UsageError:
        return False
    return True


def size_of(holds: Holdings, op: Op) -> int:
    """Return how many bytes an op takes that is not free."""
    return compute_bytes(op, len(holds.epoch_charter.members))
