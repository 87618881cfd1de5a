"""The state that the finalized log makes: deterministic, and nothing but the log enters.

Rules: docs/protocol.md §10, above all R10.16. `commit` is called once per committed slot. Its cost
grows with the ops and the open proposals, never with history: closed proposals rest as
bytes and are decoded when somebody asks.
"""

from __future__ import annotations

import copy
from collections import ChainMap, deque
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from ..wire import crypto
from ..wire.codec import Value, encode
from ..wire.errors import PeerFault, UsageError
from ..wire.ids import MAX_MS, CommunityId, DeviceKey, MemberId, OpId, TextId, WallMs, to_short
from ..wire.limits import OPEN_PROPOSALS
from ..wire.shapes import Hash, Ms, Pairs, Shaped, Within, shaped
from .actions import EraseAction
from .bodies import Body, Join, Propose, Revise, Vote, Withdraw, texts_of
from .ops import Op
from .questions.judging import compute_due, compute_rule, judge
from .questions.opening import check_wish, compute_close, open_proposal
from .questions.proposal import EFFECT_DONE, EFFECT_NONE, Ballot, Outcome, Proposal
from .questions.register import Closed, Register, SavedProposals
from .seats.charter import Charter
from .seats.roster import Invite, Roster, is_new_epoch
from .turn.budget import FREE, Budget, compute_bytes, compute_refused_bytes
from .turn.nonces import Nonces, SavedNonces
from .turn.parking import Parking, SavedParking

_NO_OP = OpId(bytes(32))

# What became of an invite; "unknown": no finalized proposal has its key.
InviteFate = Literal[
    "unknown", "proposed", "open", "used_up", "expired", "rejected", "withdrawn", "lapsed"
]
_FATES: dict[Outcome, InviteFate] = {
    "open": "proposed",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "lapsed": "lapsed",
}


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What one commit did."""

    entries: tuple[tuple[OpId, str], ...]  # ops that took effect or were refused: "ok" or why
    ops: tuple[Op, ...]  # those of `entries`, same order; some waited since earlier commits
    taken: tuple[Op, ...]  # of what was brought, in log order: entered now, or waits
    decided: tuple[Closed, ...]  # proposals that closed, in this order
    erased: tuple[TextId, ...]  # texts to delete
    dropped: tuple[tuple[OpId, TextId], ...]  # texts that these ops need no more
    charter_changed: bool  # in any way: who may connect, how names read
    ends_epoch: bool  # … and in more than keys that make no blocks


@shaped("state")
@dataclass(frozen=True, slots=True)
class SavedState(Shaped):
    """A snapshot (R6.4). Read with what verifies signatures."""

    roster: Roster
    epoch: Ms
    epoch_charter: Charter
    time_ms: WallMs
    nonces: Annotated[SavedNonces, Within("roster")]
    parking: Annotated[SavedParking, Within("roster")]
    budget: Annotated[Mapping[Hash, WallMs], Pairs(MAX_MS, what="share")]
    # Texts, and the proposals that erased them, in the order of the log.
    erased: Annotated[Mapping[TextId, OpId], Pairs(MAX_MS, what="erased text", is_sorted=False)]
    proposals: SavedProposals


class State:
    """Everything decided so far, and what is open. Changed by `commit`, `begin_epoch` and
    `rebuild` only."""

    def __init__(self, roster: Roster, epoch: int, epoch_charter: Charter, time_ms: WallMs) -> None:
        self._roster = roster
        self._epoch = epoch
        self._epoch_charter = epoch_charter
        self._time_ms = time_ms
        self._nonces = Nonces()
        self._parking = Parking()
        self._proposals = Register()
        self._budget = Budget()
        self._dropped: list[tuple[OpId, TextId]] = []  # by the last commit
        self._erased: MutableMapping[TextId, OpId] = {}  # and the proposals that decided so
        self._just_erased: list[TextId] = []  # by the last commit
        self._opened: list[WallMs] = []  # by the last commit: as they opened, their closes
        self._register_devices()

    @classmethod
    def genesis(cls, charter: Charter, verify: crypto.Verify = crypto.verify_ed25519) -> State:
        """Return the state before the first op of a community.

        Args:
            charter: the founding one, valid.
            verify: checks the signatures inside joins and new device keys.
        """
        roster = Roster(charter.community_id, verify, charter, {}, {}, {}, {}, {})
        return cls(roster, 0, charter, charter.created_ms)

    # --- questions ----------------------------------------------------------------------

    @property
    def community(self) -> CommunityId:
        return self._roster.community

    @property
    def charter(self) -> Charter:
        return self._roster.charter

    @property
    def epoch(self) -> int:
        """The epoch's number, 0 for the founding one."""
        return self._epoch

    @property
    def epoch_charter(self) -> Charter:
        """The charter as the epoch began: its members are whom new proposals ask."""
        return self._epoch_charter

    @property
    def roster(self) -> Roster:
        return self._roster

    @property
    def time_ms(self) -> WallMs:
        """The time of the last commit; the founding time before the first."""
        return self._time_ms

    @property
    def invites(self) -> tuple[Invite, ...]:
        """All invites ever decided, by expiry."""
        invites = self._roster.invites.values()
        return tuple(sorted(invites, key=lambda one: (one.expires_ms, one.key)))

    @property
    def invite_proposals(self) -> tuple[OpId, ...]:
        """All finalized proposals for an invite, open and closed."""
        return tuple(self._proposals.invites())

    def fate_of_invite(self, key: DeviceKey) -> InviteFate:
        """Return what became of the invite with this key by the last commit's time (R10.13)."""
        invite = self._roster.invites.get(key)
        if invite is not None:
            if invite.uses_left == 0:
                return "used_up"
            return "open" if invite.is_open(self._time_ms) else "expired"
        ids = self._proposals.invites_with(key)
        if not ids:
            return "unknown"
        if any(self._proposals.get_open(one) is not None for one in ids):
            return "proposed"
        last = self._proposals.get_closed(ids[-1])
        assert last is not None, "none of them is open"
        # Passed, and no invite: it had expired by then.
        return "expired" if last.outcome == "passed" else _FATES[last.outcome]

    def is_invite_over(self, key: DeviceKey) -> bool:
        """Return whether no seat can be had by this invite any more."""
        return self.fate_of_invite(key) not in ("unknown", "proposed", "open")

    @property
    def proposal_ids(self) -> Sequence[OpId]:
        """All proposals in the order of their numbers, 1 first."""
        return self._proposals.ids

    @property
    def open_proposals(self) -> tuple[Proposal, ...]:
        """The open ones in the order of their numbers."""
        return self._proposals.open

    @property
    def closed_proposals(self) -> tuple[Closed, ...]:
        """What `read` needs beside the snapshot: the closed ones in the order of closing."""
        return self._proposals.closed

    @property
    def closed_count(self) -> int:
        """How many have closed."""
        return self._proposals.closed_count

    def proposal(self, proposal: OpId) -> Proposal | None:
        """Return the finalized proposal, open or closed; a closed one is decoded each time."""
        return self._proposals.get(proposal)

    def open_proposal(self, proposal: OpId) -> Proposal | None:
        """Return the finalized proposal if it is open."""
        return self._proposals.get_open(proposal)

    def has_proposal(self, proposal: OpId) -> bool:
        """Return whether the log has opened it; it may have closed since."""
        return proposal in self._proposals

    def close_of(self, proposal: OpId) -> WallMs | None:
        """Return when an open finalized proposal closes; ops on it count only before."""
        one = self._proposals.get_open(proposal)
        return None if one is None else one.close_ms

    def has_voice(self, member: MemberId, proposal: OpId) -> bool:
        """Return whether a seat was not given anew since an open proposal opened (R10.15)."""
        one = self._proposals.get_open(proposal)
        return one is None or not self._roster.is_anew(member, one.number)

    def due_of(self, proposal: OpId) -> WallMs | None:
        """Return when time alone decides an open finalized proposal."""
        return self._proposals.due_of(proposal)

    def next_due_ms(self) -> WallMs | None:
        """Return the earliest time at which only the passing of time decides something."""
        first, second = self._proposals.next_due_ms(), self._parking.next_due_ms()
        if first is None or second is None:
            return second if first is None else first
        return min(first, second)

    def closes_around(self, time_ms: WallMs) -> tuple[WallMs | None, WallMs | None]:
        """Return the last close of an open proposal up to a time, and the first after it."""
        return self._proposals.closes_around(time_ms)

    def closes_to_come(
        self, ops: Iterable[Op], time_ms: WallMs, before_ms: WallMs | None = None
    ) -> list[WallMs]:
        """Return when the proposals close that a commit opens which brings these ops now (R3.9).

        Those that would be over as they open, too. It is tried out: by that time invites,
        amendments and removals may fall due, and shares fill up.

        Args:
            before_ms: later ones do not matter; None: all do.
        """
        asked = {op.id: op for op in ops}
        asking = [
            op.body for op in (*self._nonces, *asked.values()) if isinstance(op.body, Propose)
        ]
        if not self._may_close(asking, time_ms, before_ms):
            return []
        twin = self._twin()
        twin.commit(tuple(asked.values()), time_ms)
        return [one for one in twin._opened if before_ms is None or one < before_ms]

    def _may_close(
        self, asking: Sequence[Propose], time_ms: WallMs, before_ms: WallMs | None
    ) -> bool:
        """Return whether one of these may close before that time, if a commit opens it now.

        Trying a commit out costs as much as the commit. Most stay open for days.
        """
        if before_ms is None or not asking:
            return bool(asking)
        if self._proposals.open_amendments():
            return True  # if one falls due now, by another charter
        now_ms = WallMs(max(time_ms, self._time_ms))
        closes = (compute_close(one, self.charter, now_ms) for one in asking)
        return any(one is not None and one < before_ms for one in closes)

    def _twin(self) -> State:
        """Return a state that goes on from here, to be thrown away before this one does."""
        twin = copy.copy(self)
        twin._nonces, twin._parking = self._nonces.twin(), self._parking.twin()
        twin._proposals, twin._budget = self._proposals.twin(), self._budget.twin()
        twin._erased = ChainMap({}, self._erased)
        twin._dropped, twin._just_erased, twin._opened = [], [], []
        return twin

    def is_new(self, op: Op) -> bool:
        """Return whether a commit that brings this op now would use its nonce or keep it (R3.9).

        What it would pass over has no part in its time: anybody can put a stranger's op, or one
        far ahead of its turn, into a block.
        """
        if self.asks_for_seat(op):
            return self._may_join(op)
        if not self._nonces.has_seat(op.device):
            return False
        return self._nonces.is_next(op) or self._has_room(op)

    def next_nonce(self, device: DeviceKey) -> int:
        return self._nonces.used(device) + 1

    def bytes_left(self, payer: bytes, now_ms: WallMs) -> int:
        """Return how many bytes are left of a payer's share at this time (R10.24)."""
        per_day = self.charter.rules.bytes_per_day
        return self._budget.left(payer, per_day, WallMs(max(now_ms, self._time_ms)))

    def payer_of(self, op: Op) -> bytes:
        """Return whose share an op takes of: the seat's whose key signed it, whatever it says.

        What a key without a seat says takes of its own. For joins all holders of an invite answer
        together, in pools; of bytes they take nothing, as the log passes over what opens no seat.
        """
        seat = self.charter.by_device(op.device)
        if seat is not None:
            return seat.id
        return op.body.invite_key if isinstance(op.body, Join) else op.device

    def cost_of(self, op: Op, *, is_repeated: bool = False) -> int:
        """Return what an op takes of its payer's share as things stand; 0: it is free (R10.24).

        Args:
            is_repeated: its author says elsewhere what it says: once only that can be free.
        """
        if not is_repeated and self._is_free(op):
            return 0
        return compute_bytes(op, len(self._epoch_charter.members))

    def _is_free(self, op: Op) -> bool:
        if not isinstance(op.body, FREE):
            return False
        try:
            self._plan(op.author, op.device, op.body, op.id, self._time_ms)
        except UsageError:
            return False
        return True

    def has_seat(self, device: DeviceKey) -> bool:
        """Return whether this device has a seat or ever joined: its ops go by their nonces."""
        return self._nonces.has_seat(device)

    def knows(self, op: Op) -> bool:
        """Return whether the log needs this op no more: its nonce is used, or it waits here."""
        return self._nonces.knows(op)

    def waiting(self) -> Iterator[Op]:
        """Yield the finalized ops that wait for an earlier nonce, by device and nonce."""
        return iter(self._nonces)

    def parked(self) -> Iterator[Op]:
        """Yield the finalized ops that wait for the proposal or revision they name."""
        return iter(self._parking)

    @property
    def erased(self) -> tuple[TextId, ...]:
        """All texts that decisions erased, in that order."""
        return tuple(self._erased)

    def erased_by(self, text: TextId) -> OpId | None:
        """Return the proposal that decided to erase this text, or None (R10.22)."""
        return self._erased.get(text)

    def may_author(self, op: Op) -> str:
        """Return "ok" or the code for which nobody needs to carry this op.

        Cheap and coarse, for gossip: a device of a member may say anything, anyone else
        only join, if that opens a seat now. The former goes for what a device said for another
        seat, or to join, before it came to this one: the log refuses it, but not before that can
        what follows count (R2.23).
        """
        if self.charter.by_device(op.device) is not None:
            return "ok"
        if not isinstance(op.body, Join):
            return "not_a_member"
        try:
            self._roster.require_join(op.author, op.device, op.body, self._time_ms)
        except UsageError as error:
            if error.code == "bad_invite" and self.is_invite_over(op.body.invite_key):
                return "invite_over"
            return error.code
        return "ok"

    def check(
        self, author: MemberId, device: DeviceKey, body: Body, now_ms: WallMs | None = None
    ) -> None:
        """Raise what `commit` at `now_ms` (or the last commit's time) would refuse it for.

        And what its author should know of a close it wishes, though the log refuses none.

        Raises:
            UsageError: any code of an op that is refused, with words for its author.
        """
        time_ms = WallMs(max(self._time_ms, now_ms or 0))
        planned = self._plan(author, device, body, _NO_OP, time_ms)
        if isinstance(planned, Proposal) and isinstance(body, Propose | Revise):
            check_wish(planned, body, time_ms)

    # --- the log ------------------------------------------------------------------------

    def begin_epoch(self) -> None:
        """From here on, proposals that open ask the members of this moment's charter (R6.6)."""
        self._epoch += 1
        self._budget = self._budget.without_whole(self._time_ms)
        self._epoch_charter = self.charter

    def rebuild(self, kept: frozenset[MemberId]) -> None:
        """Begin an epoch whose committee is what is left of the last one (R6.11)."""
        self._become(self._roster.rebuilt(kept))
        self.begin_epoch()

    def rebuilt(self, kept: frozenset[MemberId]) -> State:
        """Return what `rebuild` would make of this state, to be read only: they share parts."""
        twin = copy.copy(self)
        twin._roster = self._roster.rebuilt(kept)  # it changes no key, so no nonce
        twin.begin_epoch()
        return twin

    def commit(self, ops: Sequence[Op], time_ms: WallMs) -> CommitResult:
        """Apply one committed slot: its time, then its ops, then what they decide.

        Args:
            ops: of the slot in log order; ones that were applied before are passed over.
            time_ms: the commit's time; an earlier one than the last counts as the last.
        """
        before = self.charter
        self._just_erased.clear()
        self._dropped.clear()
        self._opened.clear()
        self._time_ms = WallMs(max(self._time_ms, time_ms))
        decided: list[Closed] = []
        entries: list[tuple[Op, str]] = []
        # R10.7, time first: a vote in a commit at or after the close is late.
        for number in self._proposals.due_by(self._time_ms):
            self._settle({number}, decided)
        touched: set[int] = set()
        for op in self._parking.expire(self._time_ms):
            entries.append((op, self._apply(op, touched)))
        taken = tuple(op for op in ops if self._take(op, entries, touched))
        self._settle(touched, decided)
        after = self.charter
        return CommitResult(
            tuple((op.id, code) for op, code in entries),
            tuple(op for op, _ in entries),
            taken,
            tuple(decided),
            tuple(self._just_erased),
            tuple(self._dropped),
            after is not before and after != before,
            after is not before and is_new_epoch(before, after),
        )

    def _take(self, op: Op, entries: list[tuple[Op, str]], touched: set[int]) -> bool:
        """Apply an op and those that waited for it, or keep it waiting.

        False: it is passed over. Nothing has changed then, so a replay can do without it (R6.10).
        """
        if self.asks_for_seat(op):
            # By any nonce that it has not used: it may have tried before, and nobody kept that.
            if not self._may_join(op):
                return False  # else who knows an invite's secret could fill the log, for ever
            self._enter([op], entries, touched)
            return True
        if not self._nonces.has_seat(op.device):
            return False  # anyone could fill the log with a stranger's ops
        if self._nonces.is_early(op):
            # What cannot be paid does not wait: its author's node brings it again (R2.10).
            if self._has_room(op) and self._take_share(op):
                self._nonces.keep(op)
                return True
            return False
        if self._nonces.knows(op):
            return False
        is_paid = self._pay(op)
        if is_paid is not None:
            self._enter(self._nonces.take(op), entries, touched, None if is_paid else op.id)
        return is_paid is not None

    def _has_room(self, op: Op) -> bool:
        """Return whether an op whose turn has not come may wait for it."""
        seat = self.charter.by_device(op.device)
        if seat is None or not self._nonces.is_early(op):
            return False
        return self._nonces.may_keep(op, seat.devices)

    def _pay(self, op: Op) -> bool | None:
        """Take of a share what an op takes; False: it is refused for that, None: not even that."""
        if self._is_free(op) or self._take_share(op):
            return True
        per_day, size = self.charter.rules.bytes_per_day, compute_refused_bytes(op)
        return False if self._budget.owe(self.payer_of(op), size, per_day, self._time_ms) else None

    def _take_share(self, op: Op) -> bool:
        per_day = self.charter.rules.bytes_per_day
        size = compute_bytes(op, len(self._epoch_charter.members))
        return self._budget.take(self.payer_of(op), size, per_day, self._time_ms)

    def _enter(
        self,
        ops: Iterable[Op],
        entries: list[tuple[Op, str]],
        touched: set[int],
        unpaid: OpId | None = None,
    ) -> None:
        """Apply ops whose turn and time have come, and those that waited for them, or park them."""
        queue = deque(ops)
        while queue:
            op = queue.popleft()
            if op.id == unpaid:
                code = "limit_bytes"
                self._dropped += [(op.id, ref.id) for ref in texts_of(op.body)]
            else:
                missing = self._missing(op)
                if missing is not None and self._parking.park(op, missing, self._time_ms):
                    continue
                code = self._apply(op, touched)
            entries.append((op, code))
            if isinstance(op.body, Propose | Revise):
                if code != "ok":
                    self._parking.refuse(op.id)
                queue.extendleft(reversed(self._parking.release(op.id)))

    def _missing(self, op: Op) -> OpId | None:
        """Return what this member's op names and no commit has brought yet, or None."""
        body, seat = op.body, self.charter.by_device(op.device)
        if not isinstance(body, Vote | Revise | Withdraw) or seat is None or seat.id != op.author:
            return None
        missing: OpId | None = None
        if body.proposal not in self._proposals:
            missing = body.proposal
        elif isinstance(body, Vote):
            proposal = self._proposals.get_open(body.proposal)
            if proposal is not None and all(body.revision != r.id for r in proposal.revisions):
                missing = body.revision
        return None if missing is None or self._parking.is_refused(missing) else missing

    def asks_for_seat(self, op: Op) -> bool:
        """Return whether a key without a seat asks for one: it has one op, and that waits for none.

        What it said before that is not in the log can never be: nobody carries it (R10.13).
        """
        return isinstance(op.body, Join) and self.charter.by_device(op.device) is None

    def _may_join(self, op: Op) -> bool:
        """Return whether a join by a key without a seat opens it one now; else it is no entry."""
        body = op.body
        if not isinstance(body, Join) or self._nonces.knows(op):
            return False
        invite = self._roster.invites.get(body.invite_key)
        if invite is None or not invite.is_open(self._time_ms):
            return False  # whatever it signed: no signature is looked at
        return self.may_author(op) == "ok"

    def _apply(self, op: Op, touched: set[int]) -> str:
        """Let an op have its effect; return "ok" or the code for which it has none."""
        code = self._take_effect(op, touched)
        if code != "ok" and isinstance(op.body, Vote):
            self._dropped += [(op.id, ref.id) for ref in texts_of(op.body)]
        return code

    def _take_effect(self, op: Op, touched: set[int]) -> str:
        replaced = self._replaced_by(op)
        try:
            after = self._plan(op.author, op.device, op.body, op.id, self._time_ms)
        except UsageError as error:
            return error.code
        if isinstance(after, Roster):
            if isinstance(op.body, Join):
                self._nonces.join(op.device, op.nonce)
            self._become(after)
        else:
            if isinstance(op.body, Propose):
                self._opened.append(after.close_ms)
            self._proposals.put(after)
            touched.add(after.number)
            if replaced is not None and replaced.reason is not None:
                self._dropped.append((replaced.op, replaced.reason.id))
        return "ok"

    def _replaced_by(self, op: Op) -> Ballot | None:
        """Return the vote that this one would replace: nobody needs its reason any more."""
        if not isinstance(op.body, Vote):
            return None
        proposal = self._proposals.get_open(op.body.proposal)
        return None if proposal is None else proposal.current.votes.get(op.author)

    def _plan(
        self, author: MemberId, device: DeviceKey, body: Body, op: OpId, time_ms: WallMs
    ) -> Roster | Proposal:
        """Return what the op makes of the roster or a proposal; nothing is changed here."""
        if isinstance(body, Join):
            number = self._proposals.next_number
            return self._roster.joined(author, device, body, time_ms, number)
        seat = self._roster.require(author, device)
        match body:
            case Propose():
                return self._plan_opening(author, body, op, time_ms)
            case Vote():
                after = self._require_open(body.proposal).voted(author, op, body, time_ms)
                self._roster.require_voice(author, after.number)
                return after
            case Revise():
                return self._require_open(body.proposal).revised(author, op, body, time_ms)
            case Withdraw():
                return self._require_open(body.proposal).withdrawn(author, body, time_ms)
            case _:
                return self._roster.changed(seat, body, time_ms)

    def _plan_opening(self, author: MemberId, body: Propose, op: OpId, time_ms: WallMs) -> Proposal:
        most = self.charter.rules.max_open_per_member
        if [one.author for one in self.open_proposals].count(author) >= most:
            raise UsageError(
                "too_many_open",
                f"{most} of your proposals are open, the most the charter allows; "
                "wait for one to be decided, or withdraw one",
            )
        if len(self.open_proposals) >= OPEN_PROPOSALS:
            raise UsageError("too_many_open", f"{OPEN_PROPOSALS} proposals are open, the most")
        electorate = tuple(one.id for one in self._epoch_charter.members)
        proposal = open_proposal(
            op,
            self._proposals.next_number,
            author,
            body,
            self.charter,
            self._epoch,
            electorate,
            time_ms,
        )
        earliest = WallMs(time_ms + proposal.tier.least_open_ms)
        self._roster.check_action(body.action, time_ms, earliest)
        return proposal

    def _require_open(self, proposal: OpId) -> Proposal:
        """Return an open proposal; what is closed is not decoded, as any op may name it."""
        one = self._proposals.get_open(proposal)
        if one is not None:
            return one
        closed = self._proposals.get_closed(proposal)
        if closed is not None:
            closed.refuse()
        raise UsageError("unknown_proposal", f"no proposal has the id {to_short('pro', proposal)}")

    def _settle(self, touched: set[int], decided: list[Closed]) -> None:
        """Judge these proposals, lowest number first, until nothing more follows.

        An amendment that passes may change what other open amendments need, so those are
        judged again; each turn closes a proposal, so this ends.
        """
        queue = sorted(touched, reverse=True)
        while queue:
            number = queue.pop()
            proposal = self._proposals.open_numbered(number)
            if proposal is None:
                continue
            rule = compute_rule(proposal, self.charter)
            if proposal.outcome == "open":
                outcome = judge(proposal, rule, self._time_ms)
                if outcome == "open":
                    self._proposals.set_due(number, compute_due(proposal, rule))
                    continue
                before = self.charter
                effect = self._carry_out(proposal) if outcome == "passed" else EFFECT_NONE
                proposal = proposal.decided(outcome, rule, effect, self._time_ms)
                if self.charter != before:
                    queue = sorted({*queue, *self._proposals.open_amendments()}, reverse=True)
            decided.append(self._proposals.close(proposal))

    def _carry_out(self, proposal: Proposal) -> str:
        """Do what a passed proposal says (R10.11); return "none", "done" or why it did nothing."""
        try:
            self._roster.require_same_seat(proposal.action, proposal.number)
            after = self._roster.decided(proposal.action, proposal.id, self._time_ms)
        except UsageError as error:
            return error.code
        if isinstance(proposal.action, EraseAction):
            asked = dict.fromkeys(proposal.action.texts)
            fresh = [text for text in asked if text not in self._erased]
            self._erased.update(dict.fromkeys(fresh, proposal.id))
            self._just_erased += fresh
            return EFFECT_DONE
        if after is self._roster:
            return EFFECT_NONE
        self._become(after)
        return EFFECT_DONE

    def _become(self, roster: Roster) -> None:
        before, self._roster = self.charter, roster
        if self.charter is before:
            return
        self._register_devices()
        for seat in before.members:
            for device in seat.devices:
                if self.charter.by_device(device) is None:
                    has_joined = self._roster.has_given_seat(crypto.compute_member_id(device))
                    self._nonces.unseat(device, has_joined=has_joined)

    def _register_devices(self) -> None:
        for seat in self.charter.members:
            for device in seat.devices:
                self._nonces.bind(device)

    # --- snapshot -----------------------------------------------------------------------

    def to_wire(self) -> list[Value]:
        """Return the snapshot; `read` gives an equal state. Closed proposals are not in it."""
        return SavedState(
            self._roster,
            self._epoch,
            self._epoch_charter,
            self._time_ms,
            self._nonces.save(),
            self._parking.save(),
            self._budget.whole_at,
            self._erased,
            self._proposals.save(),
        ).to_wire()

    def to_bytes(self) -> bytes:
        return encode(self.to_wire())

    @staticmethod
    def read_closed(value: Value) -> tuple[int, bytes]:
        """Return how many closed proposals a decoded snapshot counts, and the chain over them.

        Raises:
            PeerFault: `bad_field`.
        """
        if not isinstance(value, list | tuple) or not value:
            raise PeerFault("bad_field", "state: a list of fields expected")
        saved = SavedProposals.read(value[-1])  # they stand last
        return saved.closed_count, saved.closed_hash

    @classmethod
    def read(
        cls,
        value: Value,
        closed: Iterable[Closed] = (),
        verify: crypto.Verify = crypto.verify_ed25519,
    ) -> State:
        """Return the state in a decoded snapshot.

        Args:
            closed: the proposals that had closed before it, in the order of closing;
                later ones may follow.

        Raises:
            PeerFault: it is none, is not written as `to_wire` would, or those are not its
                closed proposals.
        """
        saved = SavedState.read(value, verify)
        state = cls(saved.roster, saved.epoch, saved.epoch_charter, saved.time_ms)
        state._nonces = Nonces.restore(saved.nonces)
        state._parking = Parking.restore(saved.parking)
        state._budget = Budget(saved.budget)
        state._erased = dict(saved.erased)
        state._proposals = Register.restore(saved.proposals, closed, saved.roster.charter)
        if state.to_bytes() != encode(value):  # its hash stands for it (R6.4): one form only
            raise PeerFault("bad_encoding", "state: not as this version would write it")
        return state
