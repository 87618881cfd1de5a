"""The provisional view: the finalized state plus the ops that no commit holds yet.

Rules: docs/protocol.md R5.1. What the log will say depends on an order nobody knows yet, so
the preview does not guess one: per proposal it takes the latest revision, each member's
latest vote on it, and judges once, as a commit with this moment's time would. So what is not
final opens only now, however long it has been here, and past a close nothing more counts. The
order in which ops arrive never shows. Nothing unfinalized changes who may vote: effects on
seats and charter, and joins, wait for the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ...wire.errors import PeerFault, UsageError
from ...wire.ids import DeviceKey, MemberId, OpId, WallMs
from ..bodies import Body, Propose, Revise, Vote, Withdraw, read_body
from ..opaque import OpaqueBody
from ..ops import Op, about
from ..questions.judging import compute_due, compute_rule, judge
from ..questions.opening import check_wish, open_proposal
from ..questions.proposal import Outcome, Proposal
from ..seam.reading import Over, Reading
from ..state import State
from .folding import fold


@dataclass(frozen=True, slots=True)
class _Pending:
    """An op with no gap before it; `key` orders those of all devices, each in nonce order."""

    op: Op
    arrived_ms: WallMs
    key: tuple[int, DeviceKey, int]


class Preview:
    """What the state would be if everything known were final. Made anew after each commit."""

    def __init__(self, state: State, pending: Iterable[Op], now_ms: WallMs) -> None:
        """Args: `state` must not change while the preview is in use; `pending` in any order."""
        self._state = state
        self._now_ms = WallMs(max(state.time_ms, now_ms))
        self._chains: dict[DeviceKey, dict[int, tuple[Op, WallMs]]] = {}
        self._last: dict[DeviceKey, _Pending] = {}  # the highest of each device without a gap
        self._on: dict[OpId, list[_Pending]] = {}  # by proposal
        # What each member would open, no more than it may: the log refuses the rest.
        self._openings: dict[MemberId, set[OpId]] = {}
        self._asking: list[_Pending] = []  # proposals, not looked at for that yet
        self._open_of = Counter(one.author for one in state.open_proposals)
        self._views: dict[OpId, Proposal] = {}  # proposals that differ from the finalized ones
        self._due: dict[OpId, WallMs] = {}  # of the views that are open
        self._changed: set[OpId] = set()  # whose outcome differs
        # Whose text the log has not opened: it would only now, whenever now is (R10.8, R10.20).
        self._opened_ms: dict[OpId, WallMs] = {}
        self._stale: set[OpId] = set()  # to be looked at again before anything is said of them
        self._verbs: list[_Pending] = []  # ops of practices
        self._over: Over | None = None  # what they make of records; None: to be found anew
        # Time changes nothing before this; at it, maybe.
        self._look_ms: WallMs | None = state.next_due_ms()
        for op in state.parked():
            key = (op.created_ms, op.device, op.nonce)
            self._take(_Pending(op, self._now_ms, key))
        for op in (*state.waiting(), *pending):
            self._keep(op)
        for device in sorted(self._chains):
            self._connect(device)
        self._admit()
        self._stale.update(self._on, self._overdue())

    def _catch_up(self) -> None:
        """Look again at what has changed: once for all the ops that came together."""
        if self._stale:
            for proposal in sorted(self._stale):
                self._review(proposal)
            self._stale.clear()

    @property
    def state(self) -> State:
        return self._state

    @property
    def now_ms(self) -> WallMs:
        """This node's clock, but not before the last commit's time."""
        return self._now_ms

    @property
    def look_ms(self) -> WallMs | None:
        """A time before which `advance` changes nothing; None: only ops change something.

        Costs nothing to ask, as `next_due_ms` does; what it names may turn out to be no time
        at which anything happens.
        """
        return self._look_ms

    @property
    def changes_outcome(self) -> bool:
        """Whether some proposal stands otherwise here than in the finalized state."""
        self._catch_up()
        return bool(self._changed)

    @property
    def changed(self) -> tuple[OpId, ...]:
        """The proposals whose outcome is provisional, sorted by id."""
        self._catch_up()
        return tuple(sorted(self._changed))

    @property
    def open_ids(self) -> tuple[OpId, ...]:
        """Proposals not finally decided: finalized ones by number, then new ones by id."""
        self._catch_up()
        known = [one.id for one in self._state.open_proposals]
        for key in [key for key, one in self._views.items() if one.number == 0]:
            self._open_now(key)  # by now it may be one that can open no more
        return (*known, *sorted(key for key, one in self._views.items() if one.number == 0))

    def proposal(self, proposal: OpId) -> Proposal | None:
        """Return the proposal as it provisionally stands; number 0 while it is not finalized."""
        self._catch_up()
        self._open_now(proposal)
        view = self._views.get(proposal)
        return self._state.proposal(proposal) if view is None else view

    def pending_on(self, proposal: OpId) -> tuple[Op, ...]:
        """Return the unfinalized ops about a proposal, in the order the preview takes them."""
        return tuple(one.op for one in sorted(self._on.get(proposal, ()), key=_by_key))

    def next_due_ms(self) -> WallMs | None:
        """Return the earliest time after which `advance` may change an outcome."""
        self._catch_up()
        dues = [
            due
            for one in self._state.open_proposals
            if one.id not in self._views and (due := self._state.due_of(one.id)) is not None
        ]
        return min((*dues, *self._due.values()), default=None)

    def add(self, op: Op) -> tuple[OpId, ...]:
        """Take one more unfinalized op; return the proposals it is about here, sorted.

        An op with a gap before it waits; of two with one nonce the first to arrive counts.
        """
        if not self._keep(op):
            return ()
        touched = self._connect(op.device)
        self._admit()
        self._stale.update(touched)
        return touched

    def advance(self, now_ms: WallMs) -> tuple[OpId, ...]:
        """Move the clock on; return the proposals whose outcome here that changed, sorted.

        A clock that was set back needs a new preview: what arrived late by it may not be late.
        """
        self._catch_up()
        self._now_ms = WallMs(max(self._now_ms, now_ms))
        self._over = None
        if self._look_ms is None or self._now_ms < self._look_ms:
            return ()
        overdue = self._overdue()
        before = [self._outcome(one) for one in overdue]
        for proposal in overdue:
            self._review(proposal)
        self._look_ms = self.next_due_ms()
        after = [self._outcome(one) for one in overdue]
        return tuple(
            one for one, was, is_ in zip(overdue, before, after, strict=True) if was != is_
        )

    def _outcome(self, proposal: OpId) -> Outcome:
        return self._views[proposal].outcome if proposal in self._views else "open"

    def check(self, author: MemberId, device: DeviceKey, body: Body) -> None:
        """Raise what an op of this device, said now, would be refused for.

        A vote on a proposal that is only provisionally decided is not refused: the log may
        order it before the decision.

        Raises:
            UsageError: as `State.check`, with the unfinalized proposals and revisions known;
                `bad_field`, no reader of an op would take it.
        """
        try:
            read_body(body.KIND, body.to_wire())
        except PeerFault as fault:  # our own user's, not a peer's
            raise UsageError(fault.code, fault.detail) from fault
        self._catch_up()
        match body:
            case Vote() | Revise() | Withdraw() if body.proposal in self._views:
                self._open_now(body.proposal)
                self._state.roster.require(author, device)
                self._state.check_guards_of(author, body, self._now_ms, self._laid_over())
                proposal = replace(self._views[body.proposal], outcome="open")
                after = _changed_by(proposal, author, body, OpId(bytes(32)), self._now_ms)
                if isinstance(body, Vote):
                    self._state.roster.require_voice(author, proposal.number)
                if isinstance(body, Revise):
                    check_wish(after, body, self._now_ms)
            case Propose():
                self._state.check(author, device, body, self._now_ms)
                self._check_open_ones(author)
            case _:
                self._state.check(author, device, body, self._now_ms, self._laid_over())

    def _check_open_ones(self, author: MemberId) -> None:
        most = self._state.charter.rules.max_open_per_member
        if self._open_of[author] + len(self._openings.get(author, ())) >= most:
            raise UsageError(
                "too_many_open",
                f"{most} of your proposals are open or on their way, the most the charter allows",
            )

    # --- records of practices -------------------------------------------------------------

    def record(self, practice: str, key: bytes) -> Any | None:
        """Return a record of a practice as it provisionally stands, or None."""
        return self._state.record(practice, key, self._laid_over())

    def records(self, practice: str) -> list[Any]:
        """Return the records of a practice as they provisionally stand, by key."""
        return self._state.records(practice, self._laid_over())

    def base(self, practice: str) -> Reading:
        """Return what a practice may read, with what is not final yet."""
        return self._state.base(practice, self._laid_over())

    def _laid_over(self) -> Over:
        self._catch_up()
        if self._over is None:
            self._over = Over(question=self._views.get)
            verbs = [one.op for one in sorted(self._verbs, key=_by_key)]
            fold(self._state, self._over, verbs, self._now_ms)
        return self._over

    # --- chains of nonces ---------------------------------------------------------------

    def _keep(self, op: Op) -> bool:
        seat = self._state.charter.by_device(op.device)
        # What its device said for another seat before (R2.23) changes nothing, but has its turn.
        if seat is None or op.nonce < self._state.next_nonce(op.device):
            return False
        chain = self._chains.setdefault(op.device, {})
        if op.nonce in chain:
            return False
        chain[op.nonce] = (op, self._now_ms)
        return True

    def _connect(self, device: DeviceKey) -> tuple[OpId, ...]:
        """Let the ops of a device count up to its first gap; return their proposals, sorted."""
        touched: set[OpId] = set()
        chain = self._chains[device]
        last = self._last.get(device)
        nonce = self._state.next_nonce(device) if last is None else last.op.nonce + 1
        while nonce in chain:
            op, arrived_ms = chain[nonce]
            # A clock that was set back must not put a later op of a device before its earlier.
            stamp = op.created_ms if last is None else max(op.created_ms, last.key[0])
            last = _Pending(op, arrived_ms, (stamp, device, nonce))
            target = self._take(last)
            if target is not None:
                touched.add(target)
            nonce += 1
        if last is not None:
            self._last[device] = last
        return tuple(sorted(touched))

    def _take(self, one: _Pending) -> OpId | None:
        """Let an op count that has no gap before it; return the proposal that it is about here."""
        op, target = one.op, about(one.op)
        if isinstance(op.body, OpaqueBody):
            self._verbs.append(one)
            self._over = None
        if target is None or not self._counts(op):
            return None
        if isinstance(op.body, Propose):
            self._asking.append(one)
        self._on.setdefault(target, []).append(one)
        self._over = None
        return target

    def _counts(self, op: Op) -> bool:
        """Return whether an op is by the seat of its key, and that may say it (R10.15)."""
        seat = self._state.charter.by_device(op.device)
        if seat is None or seat.id != op.author:
            return False
        if self._state.in_force.guards:
            try:
                self._state.check_guards(op, self._now_ms)
            except UsageError:
                return False
        return not isinstance(op.body, Vote) or self._state.has_voice(op.author, op.body.proposal)

    def _admit(self) -> None:
        """Let proposals that have come open as long as their authors may have more open ones.

        Else whoever has a thousand of them on their way makes each look at them dear.
        """
        most = self._state.charter.rules.max_open_per_member
        for one in sorted(self._asking, key=_by_key):
            openings = self._openings.setdefault(one.op.author, set())
            if self._open_of[one.op.author] + len(openings) < most:
                openings.add(one.op.id)
        self._asking.clear()

    # --- views --------------------------------------------------------------------------

    def _overdue(self) -> tuple[OpId, ...]:
        due = [
            one.id
            for one in self._state.open_proposals
            if one.id not in self._views
            and (due_ms := self._state.due_of(one.id)) is not None
            and due_ms <= self._now_ms
        ]
        return tuple(sorted((*due, *(key for key, at in self._due.items() if at <= self._now_ms))))

    def _open_now(self, proposal: OpId) -> None:
        """Let a text that the log has not opened be as if it opened at this moment."""
        if self._opened_ms.get(proposal, self._now_ms) != self._now_ms:
            self._review(proposal)

    def _review(self, proposal: OpId) -> None:
        """Compute one proposal's view from its finalized record and its pending ops."""
        pending = sorted(self._on.get(proposal, ()), key=_by_key)
        for known in (self._views, self._due, self._opened_ms):
            known.pop(proposal, None)
        self._changed.discard(proposal)
        base = self._state.open_proposal(proposal)
        if base is None and not self._state.has_proposal(proposal):
            base = self._opened(pending)
        if base is None:
            return  # void, or finally decided: what it says does not matter then
        # R10.7, time first: at its close it is judged without what no commit has brought.
        is_late = self._now_ms >= base.close_ms
        view = base if is_late else _with(base, pending, self._now_ms)
        if view.number == 0 or view.current.id != base.current.id:
            self._opened_ms[proposal] = self._now_ms
        due = None if is_late else base.close_ms
        if view.outcome == "open":
            rule = compute_rule(view, self._state.charter)
            outcome = judge(view, rule, self._now_ms)
            if outcome == "open":
                due = min(compute_due(view, rule), base.close_ms)
            else:
                # Not "now": then each time that it is computed anew it would be as of just now.
                decided_ms = min(self._now_ms, view.close_ms)
                view = view.decided(outcome, rule, view.effect, WallMs(decided_ms))
        if view.outcome != "open":
            self._changed.add(proposal)
        if due is not None:
            self._due[proposal] = due
            self._look_ms = due if self._look_ms is None else min(self._look_ms, due)
        self._views[proposal] = view

    def _opened(self, pending: list[_Pending]) -> Proposal | None:
        for one in pending:
            body = one.op.body
            if not isinstance(body, Propose):
                continue
            if one.op.id not in self._openings.get(one.op.author, ()):
                return None
            electorate = tuple(seat.id for seat in self._state.epoch_charter.members)
            try:
                opened = open_proposal(
                    one.op.id,
                    0,
                    one.op.author,
                    body,
                    self._state.charter,
                    self._state.epoch,
                    electorate,
                    self._now_ms,
                    lambda action, op=one.op: self._state.check_deed(op, action, self._now_ms),  # type: ignore[misc]
                )
                earliest = WallMs(self._now_ms + opened.tier.least_open_ms)
                self._state.check_action(body.action, self._now_ms, earliest)
                return opened
            except UsageError:
                return None  # the log will refuse it, and say why
        return None


def _by_key(one: _Pending) -> tuple[int, DeviceKey, int]:
    return one.key


def _with(base: Proposal, pending: list[_Pending], now_ms: WallMs) -> Proposal:
    """Return an open proposal with its pending ops, not judged."""
    # First the text, then the votes on it: clocks of different people cannot order them.
    for one in pending:
        if isinstance(one.op.body, Revise):
            base = _lenient(base, one, now_ms)
    for one in _last_votes(base, pending):
        base = _lenient(base, one, one.arrived_ms)  # shown as said then
    for one in pending:
        if isinstance(one.op.body, Withdraw):
            base = _lenient(base, one, one.arrived_ms)
    return base


def _last_votes(proposal: Proposal, pending: list[_Pending]) -> Iterable[_Pending]:
    """Return each member's last vote that is on the current text.

    Counting only these keeps cheap what somebody with a thousand votes would make dear.
    """
    last: dict[MemberId, _Pending] = {}
    for one in pending:
        body = one.op.body
        if isinstance(body, Vote) and body.revision == proposal.current.id:
            last[one.op.author] = one
    return last.values()


def _lenient(proposal: Proposal, one: _Pending, time_ms: WallMs) -> Proposal:
    body = one.op.body
    assert isinstance(body, Vote | Revise | Withdraw)
    try:
        return _changed_by(proposal, one.op.author, body, one.op.id, time_ms)
    except UsageError:
        return proposal  # a vote on an old revision: the log will say so


def _changed_by(
    proposal: Proposal,
    author: MemberId,
    body: Vote | Revise | Withdraw,
    op: OpId,
    time_ms: WallMs,
) -> Proposal:
    match body:
        case Vote():
            return proposal.voted(author, op, body, time_ms)
        case Revise():
            return proposal.revised(author, op, body, time_ms)
        case Withdraw():
            return proposal.withdrawn(author, body, time_ms)
