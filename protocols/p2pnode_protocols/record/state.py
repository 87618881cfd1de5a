"""The state that the finalized log makes: deterministic, and nothing but the log enters.

Rules: docs/protocol.md §10, above all R10.16. `commit` is called once per committed slot. Its cost
grows with the ops and the open proposals, never with history: closed proposals rest as
bytes and are decoded when somebody asks.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..wire import crypto
from ..wire.codec import Value, encode
from ..wire.errors import PeerFault
from ..wire.ids import CommunityId, DeviceKey, MemberId, OpId, TextId, WallMs
from .actions import Action
from .admission import asks_for_seat, has_room, is_free, may_author, may_join, payer_of, size_of
from .bodies import Body, Propose, Revise
from .committing import CommitResult, Committing
from .holdings import Holdings
from .invites import InviteFate, fate_of_invite, is_invite_over
from .opaque import OpaqueAction, OpaqueBody
from .ops import Op
from .planning import (
    Planned,
    check_action,
    check_deed,
    check_guards,
    find_awaited,
    find_key,
    is_urgent,
    plan,
    plan_ticks,
    plan_verb,
)
from .questions.opening import check_wish, compute_close
from .questions.proposal import Proposal
from .questions.register import Closed, Register
from .seam.in_force import NO_PRACTICES, InForce, Practices
from .seam.practice import Said
from .seam.reading import Over, Reading, find_record, has_item, list_records
from .seam.slices import restore_slices, save_slices, sorted_records
from .seats.charter import Charter
from .seats.roster import Invite, Roster
from .snapshot import SavedState
from .texts import TextRef
from .turn.budget import Budget
from .turn.nonces import Nonces
from .turn.parking import Parking

_NO_OP = OpId(bytes(32))
_NO_ROOT = bytes(32)  # of a trial: what opens has its close before anything is judged by lot


class State:
    """Everything decided so far, and what is open. Changed by `commit`, `begin_epoch` and
    `rebuild` only."""

    def __init__(
        self,
        roster: Roster,
        epoch: int,
        epoch_charter: Charter,
        time_ms: WallMs,
        practices: Practices = NO_PRACTICES,
    ) -> None:
        self._holds = Holdings(roster, epoch, epoch_charter, time_ms, practices)

    @classmethod
    def genesis(
        cls,
        charter: Charter,
        verify: crypto.Verify = crypto.verify_ed25519,
        practices: Practices = NO_PRACTICES,
    ) -> State:
        """Return the state before the first op of a community.

        Args:
            charter: the founding one, valid.
            verify: checks the signatures inside joins and new device keys.
            practices: that this program has.

        Raises:
            NotYet: `update_needed`: the charter lists one that it has not.
            UsageError: `bad_charter`: one does not take what the charter sets for it.
        """
        roster = Roster(charter.community_id, verify, charter, {}, {}, {}, {}, {}, {})
        state = cls(roster, 0, charter, charter.created_ms, practices)
        state.in_force.check_settings(charter)
        return state

    # --- questions ----------------------------------------------------------------------

    @property
    def community(self) -> CommunityId:
        return self._holds.roster.community

    @property
    def charter(self) -> Charter:
        return self._holds.roster.charter

    @property
    def epoch(self) -> int:
        """The epoch's number, 0 for the founding one."""
        return self._holds.epoch

    @property
    def epoch_charter(self) -> Charter:
        """The charter as the epoch began: its members are whom new proposals ask."""
        return self._holds.epoch_charter

    @property
    def roster(self) -> Roster:
        return self._holds.roster

    @property
    def in_force(self) -> InForce:
        """The practices that this epoch's charter lists (R6.17)."""
        return self._holds.in_force

    @property
    def time_ms(self) -> WallMs:
        """The time of the last commit; the founding time before the first."""
        return self._holds.time_ms

    @property
    def invites(self) -> tuple[Invite, ...]:
        """All invites ever decided, by expiry."""
        invites = self._holds.roster.invites.values()
        return tuple(sorted(invites, key=lambda one: (one.expires_ms, one.key)))

    @property
    def invite_proposals(self) -> tuple[OpId, ...]:
        """All finalized proposals for an invite, open and closed."""
        return tuple(self._holds.register.invites())

    def fate_of_invite(self, key: DeviceKey) -> InviteFate:
        """Return what became of the invite with this key by the last commit's time (R10.13)."""
        return fate_of_invite(self._holds, key)

    def is_invite_over(self, key: DeviceKey) -> bool:
        """Return whether no seat can be had by this invite any more."""
        return is_invite_over(self._holds, key)

    @property
    def proposal_ids(self) -> Sequence[OpId]:
        """All proposals in the order of their numbers, 1 first."""
        return self._holds.register.ids

    @property
    def open_proposals(self) -> tuple[Proposal, ...]:
        """The open ones in the order of their numbers."""
        return self._holds.register.open

    @property
    def closed_proposals(self) -> tuple[Closed, ...]:
        """What `read` needs beside the snapshot: the closed ones in the order of closing."""
        return self._holds.register.closed

    @property
    def closed_count(self) -> int:
        """How many have closed."""
        return self._holds.register.closed_count

    def proposal(self, proposal: OpId) -> Proposal | None:
        """Return the finalized proposal, open or closed; a closed one is decoded each time."""
        return self._holds.register.get(proposal)

    def open_proposal(self, proposal: OpId) -> Proposal | None:
        """Return the finalized proposal if it is open."""
        return self._holds.register.get_open(proposal)

    def has_proposal(self, proposal: OpId) -> bool:
        """Return whether the log has opened it; it may have closed since."""
        return proposal in self._holds.register

    def close_of(self, proposal: OpId) -> WallMs | None:
        """Return when an open finalized proposal closes; ops on it count only before."""
        one = self._holds.register.get_open(proposal)
        return None if one is None else one.close_ms

    def has_voice(self, member: MemberId, proposal: OpId) -> bool:
        """Return whether a seat was not given anew since an open proposal opened (R10.15)."""
        one = self._holds.register.get_open(proposal)
        return one is None or not self._holds.roster.is_anew(member, one.number)

    def due_of(self, proposal: OpId) -> WallMs | None:
        """Return when time alone decides an open finalized proposal."""
        return self._holds.register.due_of(proposal)

    def next_due_ms(self) -> WallMs | None:
        """Return the earliest time at which only the passing of time decides something."""
        if self._holds.facts:
            return self._holds.time_ms  # what waits to be heard takes a commit (R10.29)
        first, second = self._holds.dues.first(), self._holds.parking.next_due_ms()
        if first is None or second is None:
            return second if first is None else first
        return min(first, second)

    def closes_around(self, time_ms: WallMs) -> tuple[WallMs | None, WallMs | None]:
        """Return the last close of an open proposal up to a time, and the first after it."""
        return self._holds.register.closes_around(time_ms)

    def closes_to_come(
        self, ops: Iterable[Op], time_ms: WallMs, before_ms: WallMs | None = None
    ) -> list[WallMs]:
        """Return when the proposals close that a commit opens which brings these ops now (R3.9).

        Those that would be over as they open, too. It is tried out: by that time invites,
        amendments and removals may fall due, and shares fill up.

        Args:
            before_ms: later ones do not matter; None: all do.
        """
        holds, asked = self._holds, {op.id: op for op in ops}
        asking = [
            op.body for op in (*holds.nonces, *asked.values()) if isinstance(op.body, Propose)
        ]
        if not self._may_close(asking, time_ms, before_ms):
            return []
        trial = Committing(holds.twin(), _NO_ROOT)
        trial.run(tuple(asked.values()), time_ms)
        return [one for one in trial.opened if before_ms is None or one < before_ms]

    def _may_close(
        self, asking: Sequence[Propose], time_ms: WallMs, before_ms: WallMs | None
    ) -> bool:
        """Return whether one of these may close before that time, if a commit opens it now.

        Trying a commit out costs as much as the commit. Most stay open for days.
        """
        if before_ms is None or not asking:
            return bool(asking)
        if self._holds.register.open_amendments():
            return True  # if one falls due now, by another charter
        now_ms = WallMs(max(time_ms, self._holds.time_ms))
        closes = (compute_close(one, self.charter, now_ms) for one in asking)
        return any(one is not None and one < before_ms for one in closes)

    # --- practices ------------------------------------------------------------------------

    def record(self, practice: str, key: bytes, over: Over | None = None) -> Any | None:
        """Return an open record of a practice, or None."""
        return find_record(self._holds, practice, key, over)

    def records(self, practice: str, over: Over | None = None) -> list[Any]:
        """Return the open records of a practice, by key."""
        return list_records(self._holds, practice, over)

    def base(self, practice: str, over: Over | None = None) -> Reading:
        """Return what a practice may read, as things stand when it does so."""
        return Reading(self._holds, self._holds.in_force.named(practice), over)

    def plan_verb(self, op: Op, body: OpaqueBody, time_ms: WallMs, over: Over) -> Planned:
        """Return what an op of a practice would make of a record. Raises `UsageError`."""
        self._holds.roster.require(op.author, op.device)
        return plan_verb(self._holds, op.author, body, op.id, time_ms, over)

    def tick(self, over: Over, time_ms: WallMs) -> Iterator[Planned]:
        """Yield what time alone makes of records by then, in the order of a commit."""
        return plan_ticks(self._holds, time_ms, over)

    def is_missing(self, op: Op, body: OpaqueBody, over: Over) -> bool:
        """Return whether an op of a practice waits for something that is not there."""
        awaited = find_awaited(self._holds, op.id, op.author, body)
        return awaited is not None and not has_item(self._holds, awaited, over)

    def key_of(self, op: Op) -> tuple[str, bytes] | None:
        """Return the record, by practice, that an op of one in force is about."""
        return find_key(self._holds, op) if isinstance(op.body, OpaqueBody) else None

    def check_guards(self, op: Op, time_ms: WallMs) -> None:
        """Raise what a practice refuses an op of `core` for (R10.27)."""
        if self._holds.in_force.guards:
            check_guards(self._holds, Said(op.id, op.author, op.body, time_ms))

    def check_guards_of(self, author: MemberId, body: Body, time_ms: WallMs, over: Over) -> None:
        """Raise what a practice would refuse this for."""
        if self._holds.in_force.guards:
            check_guards(self._holds, Said(_NO_OP, author, body, time_ms), over)

    def check_deed(self, op: Op, action: OpaqueAction, time_ms: WallMs) -> None:
        """Raise for what a proposal with an action of a practice would be refused."""
        check_deed(self._holds, op.author, action, op.id, time_ms)

    def check_action(self, action: Action, time_ms: WallMs, earliest_ms: WallMs) -> None:
        """Raise for what an action could not be carried out now."""
        check_action(self._holds, action, time_ms, earliest_ms)

    def is_urgent(self, op: Op) -> bool:
        """Return whether an op of a practice would end a phase or change an outcome (R5.2)."""
        if not isinstance(op.body, OpaqueBody):
            return False
        return is_urgent(self._holds, op.id, op.author, op.body)

    def texts_of_records(self) -> Iterator[tuple[TextRef, OpId]]:
        """Yield the texts that open records refer to, and whose words each is."""
        for held in self._holds.slices.values():
            for record in sorted_records(held):
                yield from record.texts

    # --- whose turn it is -----------------------------------------------------------------

    def is_new(self, op: Op) -> bool:
        """Return whether a commit that brings this op now would use its nonce or keep it (R3.9).

        What it would pass over has no part in its time: anybody can put a stranger's op, or one
        far ahead of its turn, into a block.
        """
        holds = self._holds
        if asks_for_seat(holds, op):
            return may_join(holds, op)
        if not holds.nonces.has_seat(op.device):
            return False
        return holds.nonces.is_next(op) or has_room(holds, op)

    def next_nonce(self, device: DeviceKey) -> int:
        return self._holds.nonces.used(device) + 1

    def bytes_left(self, payer: bytes, now_ms: WallMs) -> int:
        """Return how many bytes are left of a payer's share at this time (R10.24)."""
        per_day = self.charter.rules.bytes_per_day
        return self._holds.budget.left(payer, per_day, WallMs(max(now_ms, self._holds.time_ms)))

    def payer_of(self, op: Op) -> bytes:
        """Return whose share an op takes of: the seat's whose key signed it, whatever it says.

        What a key without a seat says takes of its own. For joins all holders of an invite answer
        together, in pools; of bytes they take nothing, as the log passes over what opens no seat.
        """
        return payer_of(self._holds, op)

    def cost_of(self, op: Op, *, is_repeated: bool = False) -> int:
        """Return what an op takes of its payer's share as things stand; 0: it is free (R10.24).

        Args:
            is_repeated: its author says elsewhere what it says: once only that can be free.
        """
        if not is_repeated and is_free(self._holds, op):
            return 0
        return size_of(self._holds, op)

    def has_seat(self, device: DeviceKey) -> bool:
        """Return whether this device has a seat or ever joined: its ops go by their nonces."""
        return self._holds.nonces.has_seat(device)

    def knows(self, op: Op) -> bool:
        """Return whether the log needs this op no more: its nonce is used, or it waits here."""
        return self._holds.nonces.knows(op)

    def waiting(self) -> Iterator[Op]:
        """Yield the finalized ops that wait for an earlier nonce, by device and nonce."""
        return iter(self._holds.nonces)

    def parked(self) -> Iterator[Op]:
        """Yield the finalized ops that wait for the proposal or revision they name."""
        return iter(self._holds.parking)

    @property
    def erased(self) -> tuple[TextId, ...]:
        """All texts that decisions erased, in that order."""
        return tuple(self._holds.erased)

    def erased_by(self, text: TextId) -> OpId | None:
        """Return the proposal that decided to erase this text, or None (R10.22)."""
        return self._holds.erased.get(text)

    def may_author(self, op: Op) -> str:
        """Return "ok" or the code for which nobody needs to carry this op.

        Cheap and coarse, for gossip: a device of a member may say anything, anyone else
        only join, if that opens a seat now. The former goes for what a device said for another
        seat, or to join, before it came to this one: the log refuses it, and what follows counts
        only after that (R2.23).
        """
        return may_author(self._holds, op)

    def check(
        self,
        author: MemberId,
        device: DeviceKey,
        body: Body,
        now_ms: WallMs | None = None,
        over: Over | None = None,
    ) -> None:
        """Raise what `commit` at `now_ms` (or the last commit's time) would refuse it for.

        And what its author should know of a close it wishes, though the log refuses none.

        Raises:
            UsageError: any code of an op that is refused, with words for its author.
        """
        time_ms = WallMs(max(self._holds.time_ms, now_ms or 0))
        planned = plan(self._holds, author, device, body, _NO_OP, time_ms, over)
        if isinstance(planned, Proposal) and isinstance(body, Propose | Revise):
            check_wish(planned, body, time_ms)

    # --- the log ------------------------------------------------------------------------

    def begin_epoch(self) -> None:
        """From here on, proposals that open ask the members of this moment's charter (R6.6)."""
        self._holds.begin_epoch()

    def rebuild(self, kept: frozenset[MemberId]) -> None:
        """Begin an epoch whose committee is what is left of the last one (R6.11)."""
        self._holds.become(self._holds.roster.rebuilt(kept))
        self.begin_epoch()

    def rebuilt(self, kept: frozenset[MemberId]) -> State:
        """Return what `rebuild` would make of this state, to be read only: they share parts."""
        twin = copy.copy(self)
        twin._holds = self._holds.rebuilt(kept)
        return twin

    def commit(self, ops: Sequence[Op], time_ms: WallMs, root: bytes) -> CommitResult:
        """Apply one committed slot: its time, then its ops, then what they decide.

        Args:
            ops: of the slot in log order; ones that were applied before are passed over.
            time_ms: the commit's time; an earlier one than the last counts as the last.
            root: of the log before this commit (R3.10). Whoever said one of these ops did not
                know it, so lots are drawn from it; no rule does so yet.
        """
        return Committing(self._holds, root).run(ops, time_ms)

    def asks_for_seat(self, op: Op) -> bool:
        """Return whether a key without a seat asks for one: it has one op, and that waits for none.

        What it said before that is not in the log can never be: nobody carries it (R2.10).
        """
        return asks_for_seat(self._holds, op)

    # --- snapshot -----------------------------------------------------------------------

    def to_wire(self) -> list[Value]:
        """Return the snapshot; `read` gives an equal state. Closed proposals are not in it."""
        holds = self._holds
        return SavedState(
            holds.roster,
            holds.epoch,
            holds.epoch_charter,
            holds.time_ms,
            holds.nonces.save(),
            holds.parking.save(),
            holds.budget.whole_at,
            holds.erased,
            save_slices(holds.slices),
            tuple(holds.facts),
            holds.register.save(),
        ).to_wire()

    def to_bytes(self) -> bytes:
        return encode(self.to_wire())

    @classmethod
    def read(
        cls,
        value: Value,
        closed: Iterable[Closed] = (),
        verify: crypto.Verify = crypto.verify_ed25519,
        practices: Practices = NO_PRACTICES,
    ) -> State:
        """Return the state in a decoded snapshot.

        Args:
            closed: the proposals that had closed before it, in the order of closing;
                later ones may follow.
            practices: that this program has.

        Raises:
            NotYet: `update_needed`: what is in force is not among these.
            PeerFault: it is none, is not written as `to_wire` would, or those are not its
                closed proposals.
        """
        saved = SavedState.read(value, verify)
        state = cls(saved.roster, saved.epoch, saved.epoch_charter, saved.time_ms, practices)
        holds = state._holds
        holds.nonces = Nonces.restore(saved.nonces)
        holds.parking = Parking.restore(saved.parking)
        holds.budget = Budget(saved.budget)
        holds.erased = dict(saved.erased)
        holds.slices = restore_slices(saved.slices, holds.in_force, holds.dues)
        holds.facts.extend(saved.facts)
        holds.register = Register.restore(saved.proposals, closed, holds.charter, holds.dues)
        if state.to_bytes() != encode(value):  # its hash stands for it (R6.4): one form only
            raise PeerFault("bad_encoding", "state: not as this version would write it")
        return state
