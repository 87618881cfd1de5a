"""What becomes of what a node has accepted: whoever was told "accepted" is told the end of it.

Rule: docs/protocol.md R5.7. An own op waits until the log has an entry for it, or until none
can come any more: another op has used its nonce, its seat or invite is gone, or a leap led over
the place where it was. Which of these it was is found here, from the state; the shell keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...record.bodies import Join, Propose, Revise, Vote, Withdraw
from ...record.ops import Op
from ...record.state import State
from ...wire.ids import DeviceKey, OpId
from ..pending.pool import Pool

# In the part of the log that a leap led over: nothing here shows what came of it.
LEAPT_OVER = "leapt_over"
# Nobody lets this device in any more: it may have counted before its seat went, or not.
SHUT_OUT = "shut_out"
UNKNOWN = frozenset({LEAPT_OVER, SHUT_OUT})


class Fates:
    """The ops of one node whose fate is not known yet, and those that were given up.

    Args:
        device: its key: whatever that signed is its own.
        own: further ops that it has acknowledged: with a key that it had before this one.
    """

    def __init__(self, device: DeviceKey, own: Iterable[OpId] = ()) -> None:
        self._device = device
        self._own = frozenset(own)
        self._waiting: dict[OpId, Op] = {}  # in the order they came
        self._given_up: dict[OpId, Op] = {}  # told as lost; the log may not have used their nonces

    def __contains__(self, op: OpId) -> bool:
        return op in self._waiting

    def __iter__(self) -> Iterator[Op]:
        return iter(self._waiting.values())

    def __len__(self) -> int:
        return len(self._waiting)

    def is_own(self, op: Op) -> bool:
        """Return whether this node's user was told that it is accepted, with whatever key."""
        return op.device == self._device or op.id in self._own

    def wait_for(self, op: Op) -> None:
        """Keep an own op until its fate is known; any other op is passed over."""
        if self.is_own(op) and op.id not in self._given_up:
            self._waiting.setdefault(op.id, op)

    def settle(self, op: OpId) -> bool:
        """Wait for this op no more; return whether it waited here."""
        self._given_up.pop(op, None)
        return self._waiting.pop(op, None) is not None

    def give_up(self, op: Op) -> None:
        """Wait for this op no more, for which no entry can come while its key has no seat.

        If the key gets a seat, any seat, the op is offered again: those after it have higher
        nonces, and would wait for ever (R2.23).
        """
        self._waiting.pop(op.id, None)
        self._given_up[op.id] = op

    def back_in_turn(self, state: State, pool: Pool) -> list[Op]:
        """Return the given-up ops that may be said after all, those of a device in their order;
        forget those that never can."""
        if not self._given_up:
            return []
        for op in list(self._given_up.values()):
            if state.has_seat(op.device) and state.next_nonce(op.device) > op.nonce:
                del self._given_up[op.id]
        kept = {op.id for op in (*state.waiting(), *state.parked())}
        again = [
            op
            for op in self._given_up.values()
            if op.id not in pool
            and op.id not in kept
            and state.next_nonce(op.device) <= op.nonce
            and state.may_author(op) == "ok"
        ]
        return sorted(again, key=lambda op: (op.device, op.nonce))

    def review(self, state: State, pool: Pool, *, has_leapt: bool) -> list[tuple[Op, str | None]]:
        """Return the ops that neither the pool holds nor the state keeps, with what that means.

        Of those that the pool holds, none: their turn may come.

        A code says that no entry can come any more, and why; "ok" that it counts all the same.
        None: its turn may come, so it has to be offered again.

        Args:
            state: the finalized one.
            pool: that offers ops to blocks.
            has_leapt: the state was taken over, so it may have used nonces by any op.
        """
        outside = [op for op in self._waiting.values() if op.id not in pool]
        if not outside:
            return []
        kept = {op.id for op in (*state.waiting(), *state.parked())}
        return [
            (op, _why_lost(op, state, has_leapt=has_leapt)) for op in outside if op.id not in kept
        ]


def _why_lost(op: Op, state: State, *, has_leapt: bool) -> str | None:
    """Return why no entry for this op can come, or None when one can."""
    if state.next_nonce(op.device) > op.nonce:
        return _find_effect(op, state) if has_leapt else "conflicting_nonce"
    code = state.may_author(op)
    return None if code == "ok" else code


def _find_effect(op: Op, state: State) -> str:
    """Return what the state shows of an op whose nonce was used in a log that is not here."""
    body = op.body
    match body:
        case Propose():
            return "ok" if state.has_proposal(op.id) else LEAPT_OVER
        case Join():
            seat = state.charter.by_device(op.device)
            return "ok" if seat is not None and seat.id == op.author else LEAPT_OVER
        case Vote() | Revise() | Withdraw():
            proposal = state.proposal(body.proposal)
        case _:
            return LEAPT_OVER
    if proposal is None:
        return "unknown_proposal"
    if isinstance(body, Withdraw):
        return "ok" if proposal.outcome == "withdrawn" else LEAPT_OVER
    if isinstance(body, Revise):
        return "ok" if any(one.id == op.id for one in proposal.revisions) else LEAPT_OVER
    votes = [one.votes.get(op.author) for one in proposal.revisions if one.id == body.revision]
    return "ok" if any(one is not None and one.op == op.id for one in votes) else LEAPT_OVER
