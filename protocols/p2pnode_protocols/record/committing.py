"""One commit as it is applied: its time, then its ops, then what they decide (R10.16)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..wire.errors import UsageError
from ..wire.ids import OpId, TextId, WallMs
from .actions import AmendAction, EraseAction
from .admission import asks_for_seat, has_room, is_free, may_join, payer_of, size_of
from .bodies import Join, Propose, Revise, Vote, Withdraw, texts_of
from .changing import NO_CHANGES, Changing
from .holdings import Holdings
from .opaque import OpaqueAction, OpaqueBody
from .ops import Op
from .planning import Planned, check_amended, find_awaited, plan, plan_deed
from .questions.judging import compute_due, compute_rule, judge
from .questions.proposal import EFFECT_DONE, EFFECT_NONE, Ballot, Proposal
from .questions.register import Closed
from .seam.practice import Fact
from .seam.reading import has_item
from .seats.charter import Charter
from .seats.roster import Roster, is_new_epoch
from .turn.budget import compute_refused_bytes
from .versions import CORE


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What one commit did."""

    entries: tuple[tuple[OpId, str], ...]  # ops that took effect or were refused: "ok" or why
    ops: tuple[Op, ...]  # those of `entries`, same order; some waited since earlier commits
    taken: tuple[Op, ...]  # of what was brought, in log order: entered now, or waits
    decided: tuple[Closed, ...]  # proposals that closed, in this order
    # items that the state itself opened or revised, in this order; hashes of their contents
    derived: tuple[tuple[bytes, bytes], ...]
    erased: tuple[TextId, ...]  # texts to delete
    dropped: tuple[tuple[OpId, TextId], ...]  # texts that these ops need no more
    changed: tuple[tuple[str, bytes], ...]  # records, by practice, in this order
    facts: tuple[Fact, ...]  # that came up, in this order
    charter_changed: bool  # in any way: who may connect, how names read
    ends_epoch: bool  # … and in more than keys that make no blocks


NOTHING = CommitResult((), (), (), (), (), (), (), (), (), False, False)


class Committing:
    """The work of one commit; what it comes to is collected on the way."""

    def __init__(self, holds: Holdings, root: bytes) -> None:
        """Args: `root`: of the log before this commit."""
        self._holds = holds
        self.root = root
        self._entries: list[tuple[Op, str]] = []
        # Most commits bring nothing, and most communities have no practice: it costs as much.
        self._changing = NO_CHANGES if holds.in_force.is_empty else Changing(holds)
        self._touched: set[int] = set()  # proposals that ops have changed
        self._decided: list[Closed] = []
        self._erased: list[TextId] = []
        self._dropped: list[tuple[OpId, TextId]] = []
        self.opened: list[WallMs] = []  # as they opened, their closes

    def run(self, ops: Sequence[Op], time_ms: WallMs) -> CommitResult:
        """Apply one committed slot (see `State.commit`)."""
        holds = self._holds
        before = holds.charter
        holds.time_ms = WallMs(max(holds.time_ms, time_ms))
        if not ops and holds.in_force.is_empty and not self._is_due():
            return NOTHING  # most commits: no more is done for them than has to be
        # R10.7, time first: a vote in a commit at or after the close is late.
        for name, key in holds.dues.up_to(holds.time_ms):
            if name == CORE:
                self._settle({key})
            else:
                self._changing.tick(name, key)
        for op in holds.parking.expire(holds.time_ms):
            self._entries.append((op, self._apply(op)))
        taken = tuple(op for op in ops if self._take(op))
        self._settle(self._touched)
        if not holds.in_force.is_empty:
            self._let_practices_hear(before)
        after = holds.charter
        return CommitResult(
            tuple((op.id, code) for op, code in self._entries),
            tuple(op for op, _ in self._entries),
            taken,
            tuple(self._decided),
            (),  # no rule opens or revises anything by itself
            tuple(self._erased),
            tuple(self._dropped + self._changing.dropped),
            tuple(self._changing.changed),
            tuple(self._changing.facts),
            after is not before and after != before,
            after is not before and is_new_epoch(before, after),
        )

    def _is_due(self) -> bool:
        """Return whether the time of this commit ends or decides something."""
        holds = self._holds
        dues = holds.dues.first(), holds.parking.next_due_ms()
        return any(due is not None and due <= holds.time_ms for due in dues)

    def _let_practices_hear(self, told: Charter) -> None:
        """Let facts have their effects, and what follows from those, as far as one commit goes."""
        holds, changing = self._holds, self._changing
        while True:
            if holds.charter is not told:
                changing.tell_of_seats(told.members, holds.charter.members)
                told = holds.charter
            self._touched.clear()
            self._enter(changing.take_released())
            changing.hear()
            self._settle(self._touched | changing.take_touched())
            if holds.charter is told and not changing.has_more:
                changing.leave_the_rest()
                return

    # --- whose turn it is -----------------------------------------------------------------

    def _take(self, op: Op) -> bool:
        """Apply an op and those that waited for it, or keep it waiting.

        False: it is passed over. Nothing has changed then, so a replay can do without it (R6.10).
        """
        holds = self._holds
        if asks_for_seat(holds, op):
            # By any nonce that it has not used: it may have tried before, and nobody kept that.
            if not may_join(holds, op):
                return False  # else who knows an invite's secret could fill the log, for ever
            self._enter([op])
            return True
        if not holds.nonces.has_seat(op.device):
            return False  # anyone could fill the log with a stranger's ops
        if holds.nonces.is_early(op):
            # What cannot be paid does not wait: its author's node brings it again (R2.10).
            if has_room(holds, op) and self._take_share(op):
                holds.nonces.keep(op)
                return True
            return False
        if holds.nonces.knows(op):
            return False
        is_paid = self._pay(op)
        if is_paid is not None:
            self._enter(holds.nonces.take(op), None if is_paid else op.id)
        return is_paid is not None

    def _pay(self, op: Op) -> bool | None:
        """Take of a share what an op takes; False: it is refused for that, None: not even that."""
        if is_free(self._holds, op) or self._take_share(op):
            return True
        holds, size = self._holds, compute_refused_bytes(op)
        per_day = holds.charter.rules.bytes_per_day
        return (
            False if holds.budget.owe(payer_of(holds, op), size, per_day, holds.time_ms) else None
        )

    def _take_share(self, op: Op) -> bool:
        holds, size = self._holds, size_of(self._holds, op)
        per_day = holds.charter.rules.bytes_per_day
        return holds.budget.take(payer_of(holds, op), size, per_day, holds.time_ms)

    def _enter(self, ops: Iterable[Op], unpaid: OpId | None = None) -> None:
        """Apply ops whose turn and time have come, and those that waited for them, or park them."""
        parking = self._holds.parking
        queue = deque(ops)
        while queue:
            op = queue.popleft()
            if op.id == unpaid:
                code = "limit_bytes"
                self._dropped += [(op.id, ref.id) for ref in texts_of(op.body)]
            else:
                missing = self._missing(op)
                if missing is not None and parking.park(op, missing, self._holds.time_ms):
                    continue
                code = self._apply(op)
            self._entries.append((op, code))
            if isinstance(op.body, Propose | Revise):
                if code != "ok":
                    parking.refuse(op.id)
                queue.extendleft(reversed(parking.release(op.id)))
            if isinstance(op.body, OpaqueBody):
                queue.extendleft(reversed(self._changing.take_released()))

    def _missing(self, op: Op) -> OpId | None:
        """Return what this member's op names and no commit has brought yet, or None."""
        holds, body = self._holds, op.body
        seat = holds.charter.by_device(op.device)
        if seat is None or seat.id != op.author:
            return None
        missing: OpId | None = None
        if isinstance(body, OpaqueBody):
            awaited = find_awaited(holds, op.id, op.author, body)
            if awaited is not None and not has_item(holds, awaited):
                missing = OpId(awaited)
        elif not isinstance(body, Vote | Revise | Withdraw):
            return None
        elif body.proposal not in holds.register:
            missing = body.proposal
        elif isinstance(body, Vote):
            proposal = holds.register.get_open(body.proposal)
            if proposal is not None and all(body.revision != r.id for r in proposal.revisions):
                missing = body.revision
        return None if missing is None or holds.parking.is_refused(missing) else missing

    # --- what an op does ------------------------------------------------------------------

    def _apply(self, op: Op) -> str:
        """Let an op have its effect; return "ok" or the code for which it has none."""
        code = self._take_effect(op)
        if code != "ok" and isinstance(op.body, Vote | OpaqueBody):
            self._dropped += [(op.id, ref.id) for ref in texts_of(op.body)]
        return code

    def _take_effect(self, op: Op) -> str:
        holds, replaced = self._holds, self._replaced_by(op)
        try:
            after = plan(holds, op.author, op.device, op.body, op.id, holds.time_ms)
        except UsageError as error:
            return error.code
        if after is None:
            return "ok"
        if isinstance(after, Roster):
            if isinstance(op.body, Join):
                holds.nonces.join(op.device, op.nonce)
            holds.become(after)
        elif isinstance(after, Planned):
            self._changing.carry_out(after)
            record = after.change.record
            kept = frozenset() if record is None else frozenset(record.texts)
            texts = [ref for ref in texts_of(op.body) if (ref, op.id) not in kept]
            self._dropped += [(op.id, ref.id) for ref in texts]
        else:
            if isinstance(op.body, Propose):
                self.opened.append(after.close_ms)
            holds.register.put(after)
            if not holds.in_force.is_empty and isinstance(op.body, Propose | Revise):
                what = "opened" if isinstance(op.body, Propose) else "revised"
                self._changing.tell_of(what, after)
            self._touched.add(after.number)
            if replaced is not None and replaced.reason is not None:
                self._dropped.append((replaced.op, replaced.reason.id))
        return "ok"

    def _replaced_by(self, op: Op) -> Ballot | None:
        """Return the vote that this one would replace: nobody needs its reason any more."""
        if not isinstance(op.body, Vote):
            return None
        proposal = self._holds.register.get_open(op.body.proposal)
        return None if proposal is None else proposal.current.votes.get(op.author)

    # --- what is decided ------------------------------------------------------------------

    def _settle(self, touched: set[int]) -> None:
        """Judge these proposals, lowest number first, until nothing more follows.

        An amendment that passes may change what other open amendments need, so those are
        judged again; each turn closes a proposal, so this ends.
        """
        holds, register = self._holds, self._holds.register
        queue = sorted(touched, reverse=True)
        while queue:
            number = queue.pop()
            proposal = register.open_numbered(number)
            if proposal is None:
                continue
            rule = compute_rule(proposal, holds.charter)
            if not proposal.is_closed:
                outcome = judge(proposal, rule, holds.time_ms)
                if outcome == "open":
                    register.set_due(number, compute_due(proposal, rule))
                    continue
                before = holds.charter
                effect = self._carry_out(proposal) if outcome == "passed" else EFFECT_NONE
                proposal = proposal.decided(outcome, rule, effect, holds.time_ms)
                if holds.charter != before:
                    queue = sorted({*queue, *register.open_amendments()}, reverse=True)
            self._decided.append(register.close(proposal))
            if not holds.in_force.is_empty:
                self._changing.tell_of("decided", proposal)

    def _carry_out(self, proposal: Proposal) -> str:
        """Do what a passed proposal says (R10.11); return "none", "done" or why it did nothing."""
        holds, action = self._holds, proposal.action
        try:
            if isinstance(action, OpaqueAction):
                planned = plan_deed(holds, proposal.author, action, proposal.id, holds.time_ms)
                self._changing.carry_out(planned)
                return EFFECT_DONE
            holds.roster.require_same_seat(action, proposal.number)
            after = holds.roster.decided(action, proposal.id, holds.time_ms)
            if isinstance(action, AmendAction):
                check_amended(holds, after.charter)
        except UsageError as error:
            return error.code
        if isinstance(action, EraseAction):
            asked = dict.fromkeys(action.texts)
            fresh = [text for text in asked if text not in holds.erased]
            holds.erased.update(dict.fromkeys(fresh, proposal.id))
            self._erased += fresh
            return EFFECT_DONE
        if after is holds.roster:
            return EFFECT_NONE
        holds.become(after)
        return EFFECT_DONE
