"""Seats, keys and invites: who may act, as a value (docs/protocol.md §10).

Each op or decision that changes seats gives a new `Roster` or is refused, so checking one
is doing it and throwing the result away. A roster always has a valid charter: at least one
seat, and at least one node that finalizes (R10.19).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from ...agreement.blocks import is_fork, open_header
from ...wire import crypto
from ...wire.errors import PeerFault, UsageError
from ...wire.ids import MAX_MS, CommunityId, DeviceKey, MemberId, OpId, WallMs, to_short
from ...wire.kinds import Keyed, Text, TextOrWhole, Whole
from ...wire.lengths import show_about, show_length
from ...wire.limits import DEVICES, MEMBERS, NAME_CHARS
from ...wire.quoting import quoted
from ...wire.shapes import Name, Pairs, Shaped, Unsaid, shaped
from ..actions import (
    Action,
    AmendAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
    seat_of,
)
from ..bodies import (
    AddDevice,
    Away,
    Back,
    Evidence,
    Join,
    Leave,
    RevokeDevice,
    SetNodeKey,
    Supports,
)
from ..opaque import OpaqueAction
from ..versions import SaidVersions, Versions
from .charter import Charter, Member, check_member_name, check_name, founder_seat
from .names import free_name
from .readiness import require_ready

SeatBody = Away | Back | Leave | AddDevice | RevokeDevice | SetNodeKey | Evidence | Supports


@shaped("invite")
@dataclass(frozen=True, slots=True)
class Invite(Shaped):
    """Seats that a passed proposal opened to whoever holds the secret of `key` (R10.13)."""

    key: DeviceKey
    name: Name
    expires_ms: WallMs
    uses_left: Annotated[int, Whole(0, MEMBERS)]
    proposal: OpId

    def is_open(self, time_ms: WallMs) -> bool:
        """Return whether a seat can be had by it at this commit time."""
        return self.uses_left > 0 and time_ms < self.expires_ms


_TIMES = Pairs(MAX_MS, what="pair")


@shaped("roster")
@dataclass(frozen=True, slots=True)
class Roster(Shaped):
    """The charter of this moment and what else decides who may change it."""

    community: CommunityId
    verify: Annotated[crypto.Verify, Unsaid("context")]
    charter: Charter
    # Used up and expired ones stay: they explain refusals.
    invites: Annotated[Mapping[DeviceKey, Invite], Keyed(MAX_MS, key="key")]
    away_ms: Annotated[Mapping[MemberId, WallMs], _TIMES]  # last away of a seat
    node_key_ms: Annotated[Mapping[MemberId, WallMs], _TIMES]  # last own change of its node key
    # Names of seats given up or taken away; of those given anew since, the first proposal number
    # after that.
    left: Annotated[
        Mapping[MemberId, Annotated[str | int, TextOrWhole(Text(NAME_CHARS), Whole(1, MAX_MS))]],
        Pairs(MAX_MS, what="pair"),
    ]
    # Keys proved to have forked, and when that was final.
    forked: Annotated[Mapping[DeviceKey, WallMs], _TIMES]
    # What the program of a seat's node has, as that said; of others, what is in force.
    supports: Annotated[
        Mapping[MemberId, SaidVersions],
        Pairs(MEMBERS, what="pair"),
    ]

    def name_of(self, member: MemberId) -> str:
        seat = self.charter.member(member)
        if seat is not None:
            return seat.name
        name = self.left.get(member)
        return name if isinstance(name, str) else "unknown"

    def has_given_seat(self, member: MemberId) -> bool:
        """Return whether there is or was a seat of this id."""
        return member in self.left or self.charter.member(member) is not None

    def is_anew(self, member: MemberId, number: int) -> bool:
        """Return whether this seat was given anew after the proposal with this number opened.

        Args:
            number: 0 while it is not finalized: it would open now.
        """
        following = self.left.get(member)
        return isinstance(following, int) and 0 < number < following

    def require(self, author: MemberId, device: DeviceKey) -> Member:
        """Return the seat this key signs for. Raises `UsageError` `not_a_member`."""
        seat = self.charter.by_device(device)
        if seat is None:
            raise UsageError("not_a_member", "this device key belongs to no seat of the community")
        if seat.id != author:
            raise UsageError("not_a_member", f"this device key signs for {quoted(seat.name)} only")
        return seat

    # --- joining ------------------------------------------------------------------------

    def has_let_in(self, device: DeviceKey, join: Join) -> bool:
        """Return whether the secret of a decided invite, whatever became of it, signed this key."""
        content = crypto.signed_message(crypto.TAG_JOIN, self.community, device)
        return join.invite_key in self.invites and self.verify(
            join.invite_key, content, join.invite_signature
        )

    def require_join(
        self, author: MemberId, device: DeviceKey, join: Join, time_ms: WallMs
    ) -> Invite:
        """Return the open invite by which this join gets a seat.

        Raises:
            UsageError: `bad_invite`: none was decided; `invite_over` saying in what way;
                `already_member`, `bad_signature`, `forked_key`, `bad_field`, `not_allowed`.
        """
        invite = self.invites.get(join.invite_key)
        if invite is None:
            raise UsageError("bad_invite", "no decision of this community opened such an invite")
        if not self.has_let_in(device, join):
            raise UsageError("bad_signature", "the invite's secret has not signed this device key")
        if author != crypto.compute_member_id(device):
            raise UsageError("not_a_member", "a joiner's seat is named after its first device key")
        if self.charter.by_device(device) is not None or self.charter.member(author) is not None:
            raise UsageError("already_member", "this device key has a seat already")
        if time_ms >= invite.expires_ms:
            raise UsageError("invite_over", "the invite has expired; ask for a new one")
        if invite.uses_left == 0:
            raise UsageError("invite_over", "the invite has been used; ask for a new one")
        if device in self.forked:
            raise UsageError("forked_key", "this key has forked before; join with a new one")
        if len(self.charter.members) >= MEMBERS:
            raise UsageError("not_allowed", f"the community has {MEMBERS} seats, the most")
        try:
            check_member_name("name", join.name)
        except UsageError as error:
            raise UsageError("bad_field", error.detail) from error
        return invite

    def free_name(self, name: str, author: MemberId | None = None) -> str:
        """Return what the seat of whoever joins under this name is called (R2.20).

        Args:
            name: that is asked for.
            author: who joins; None: somebody who never had a seat.
        """
        # Those who left stay in what was decided, by name: nobody else gets it. They do (R10.13).
        left = {key: one for key, one in self.left.items() if key != author}
        gone = [one for one in left.values() if isinstance(one, str)]
        return free_name(name, [*(one.name for one in self.charter.members), *gone])

    def joined(
        self, author: MemberId, device: DeviceKey, join: Join, time_ms: WallMs, number: int
    ) -> Roster:
        """Return it with a new seat.

        Args:
            number: that the next proposal to open will have.

        Raises:
            UsageError: as `require_join`.
        """
        invite = self.require_join(author, device, join, time_ms)
        seat = founder_seat(self.free_name(join.name, author), device)
        used = replace(invite, uses_left=invite.uses_left - 1)
        return replace(
            self,
            charter=self.charter.with_members([*self.charter.members, seat]),
            invites={**self.invites, invite.key: used},
            left={**self.left, author: number} if author in self.left else self.left,
        )

    # --- a member's own seat --------------------------------------------------------------

    def changed(self, seat: Member, device: DeviceKey, body: SeatBody, time_ms: WallMs) -> Roster:
        """Return it after a member's op on the own seat. Raises `UsageError`, see each."""
        match body:
            case Away():
                if seat.away:
                    raise UsageError("not_allowed", "the seat is away already")
                self._check_interval(self.away_ms, seat, time_ms, "gone away")
                return replace(
                    self._with_seat(replace(seat, away=True)),
                    away_ms={**self.away_ms, seat.id: time_ms},
                )
            case Back():
                if not seat.away:
                    raise UsageError("not_allowed", "the seat is not away")
                return self._with_seat(replace(seat, away=False))
            case Leave():
                return self._without(seat)
            case AddDevice():
                return self._with_device(seat, body)
            case RevokeDevice():
                return self._without_device(seat, body.device)
            case SetNodeKey():
                return self._with_node_key(seat, body.device, time_ms)
            case Evidence():
                return self._accused(body, time_ms)
            case Supports():
                return self._supporting(seat, device, body.practices)

    def _supporting(self, seat: Member, device: DeviceKey, said: Versions) -> Roster:
        """Note what the program of a seat's node has (R6.19)."""
        if device != seat.node_key:
            raise UsageError("not_allowed", "only the seat's own node says what it supports")
        if said == self.supports.get(seat.id):
            raise UsageError("already_said", "the seat's node has said so already")
        return replace(self, supports={**self.supports, seat.id: said})

    def _accused(self, body: Evidence, time_ms: WallMs) -> Roster:
        """Take a key that forked off the committee; its seat and its vote stay (R6.9)."""
        try:
            first = open_header(self.community, body.first, body.first_signature, self.verify)
            second = open_header(self.community, body.second, body.second_signature, self.verify)
        except PeerFault as fault:
            raise UsageError("bad_evidence", fault.detail) from fault
        if not is_fork(first, second):
            raise UsageError("bad_evidence", "one of the two blocks can stand on the other")
        if first.device in self.forked:
            raise UsageError("forked_key", "that this key forked is known already")
        seat = self.charter.by_device(first.device)
        # Of other keys nothing is remembered: a member may bind any number, one after the other.
        if seat is None or seat.id != first.author or seat.node_key != first.device:
            raise UsageError("bad_evidence", "the key that signed them is no seat's node key now")
        forked = {**self.forked, first.device: time_ms}
        return replace(self._with_seat(replace(seat, node_key=None)), forked=forked)

    def _require_bound(self, seat: Member, device: DeviceKey, signature: bytes) -> None:
        if self.charter.by_device(device) is not None:
            raise UsageError("already_member", "this device key belongs to a seat already")
        content = crypto.signed_message(crypto.TAG_BIND, self.community, seat.id)
        if not self.verify(device, content, signature):
            raise UsageError(
                "bad_signature", "the new device's line is for another seat, or changed"
            )

    def _with_device(self, seat: Member, body: AddDevice) -> Roster:
        self._require_bound(seat, body.device, body.bind_signature)
        if len(seat.devices) >= DEVICES:
            raise UsageError("not_allowed", f"{DEVICES} device keys a seat are the most")
        return self._with_seat(replace(seat, devices=tuple(sorted((*seat.devices, body.device)))))

    def _without_device(self, seat: Member, device: DeviceKey) -> Roster:
        if device not in seat.devices:
            raise UsageError("not_allowed", "the key is not one of this seat's devices")
        if len(seat.devices) == 1:
            raise UsageError("not_allowed", "the last device key cannot be revoked; add one first")
        kept = tuple(one for one in seat.devices if one != device)
        node_key = None if seat.node_key == device else seat.node_key
        return self._with_seat(replace(seat, devices=kept, node_key=node_key))

    def _with_node_key(self, seat: Member, device: DeviceKey | None, time_ms: WallMs) -> Roster:
        if device is not None and device not in seat.devices:
            raise UsageError("not_allowed", "the node key is one of the seat's own device keys")
        if device in self.forked:
            raise UsageError(
                "forked_key",
                "this key has signed two blocks where one was due, as a node put back from a "
                "copy does; add a new device key to the seat and make that its node key",
            )
        if device == seat.node_key:
            raise UsageError("not_allowed", "it is the node key already")
        self._check_interval(self.node_key_ms, seat, time_ms, "changed its node key")
        return replace(
            self._with_seat(replace(seat, node_key=device)),
            node_key_ms={**self.node_key_ms, seat.id: time_ms},
        )

    def _check_interval(
        self, last: Mapping[MemberId, WallMs], seat: Member, time_ms: WallMs, what: str
    ) -> None:
        """Keep one member from ending epoch after epoch (R6.5); coming back is never delayed."""
        interval = self.charter.rules.away_interval_ms
        if seat.id in last and time_ms < last[seat.id] + interval:
            ago = show_about(max(0, time_ms - last[seat.id]))
            raise UsageError(
                "away_too_often",
                f"{quoted(seat.name)} has {what} {ago} ago; "
                f"once in {show_length(interval)} is allowed (rules.away_interval_ms), so again "
                f"in {show_about(last[seat.id] + interval - time_ms)}",
            )

    # --- decisions ------------------------------------------------------------------------

    def check_action(self, action: Action, time_ms: WallMs, earliest_ms: WallMs) -> None:
        """Refuse to open a proposal whose action could not be carried out as things stand.

        Args:
            action: what is proposed.
            time_ms: when.
            earliest_ms: nothing decides the proposal before.

        Raises:
            UsageError: as `decided`; `bad_field` for an invite that lasts too long, or ends
                before it can be decided.
        """
        if isinstance(action, InviteAction):
            try:
                check_name("invite.name", action.name)
            except UsageError as error:
                raise UsageError("bad_field", error.detail) from error
            longest = self.charter.rules.invite_max_ms
            if action.expires_ms > time_ms + longest:
                raise UsageError(
                    "bad_field",
                    f"invite: expires {show_about(action.expires_ms - time_ms)} after it is "
                    f"proposed, at most {show_length(longest)}",
                )
        after = self.decided(action, OpId(bytes(32)), time_ms)
        if isinstance(action, InviteAction) and action.expires_ms <= earliest_ms:
            raise UsageError(
                "bad_field",
                f"invite: ends {show_about(max(0, action.expires_ms - time_ms))} after it is "
                f"proposed, before it can be decided; it has to last more than "
                f"{show_about(earliest_ms - time_ms)}",
            )
        if after.charter == self.charter and not isinstance(
            action, NoAction | InviteAction | EraseAction | OpaqueAction
        ):
            raise UsageError("not_allowed", self._nothing_new(action))

    def _nothing_new(self, action: Action) -> str:
        if not isinstance(action, SetAwayAction):
            return "the charter says so already"
        seat = self._seat(action.member)
        if seat.node_key is None and not action.away:
            return f"{quoted(seat.name)} is not away; none of the seat's devices is its node"
        where = "off" if action.away else "on"
        return f"the node of {quoted(seat.name)} is {where} the committee already"

    def require_same_seat(self, action: Action, number: int) -> None:
        """Refuse what is about a seat that was given anew since the proposal opened (R10.25).

        Raises:
            UsageError: `seat_anew`.
        """
        seat = seat_of(action)
        if seat is not None and self.is_anew(seat, number):
            raise UsageError(
                "seat_anew",
                f"the seat of {quoted(self.name_of(seat))} has been given up or taken away since, "
                "and given anew; propose it again, if it is still meant",
            )

    def require_voice(self, member: MemberId, number: int) -> None:
        """Refuse a vote on what opened before the seat was given anew (R10.15).

        Raises:
            UsageError: `not_in_electorate`.
        """
        if self.is_anew(member, number):
            raise UsageError(
                "not_in_electorate",
                "the seat was given up or taken away, and given anew after the proposal opened; "
                "what it had voted before that counts",
            )

    def decided(self, action: Action, proposal: OpId, time_ms: WallMs) -> Roster:
        """Return it after a passed proposal's action.

        Raises:
            UsageError: the action no longer applies (`bad_invite`, `invite_over`, `bad_charter`,
                `unknown_member`, `not_allowed`): the decision stands and changes nothing.
        """
        match action:
            case NoAction():
                return self
            case InviteAction():
                return self._invited(action, proposal, time_ms)
            case RemoveAction():
                return self._without(self._seat(action.member))
            case SetAwayAction():
                seat = self._seat(action.member)
                roster = self._with_seat(replace(seat, away=action.away))
                if action.away and not seat.away:
                    return replace(roster, away_ms={**self.away_ms, seat.id: time_ms})
                return roster
            case RekeyAction():
                return self._rekeyed(action)
            case EraseAction() | OpaqueAction():
                return self  # texts, and what practices keep, are no business of the roster
            case AmendAction():
                charter = self.charter.amended(action.changes)
                require_ready(charter, self.charter, self.supports)
                return replace(self, charter=charter)

    def rebuilt(self, kept: frozenset[MemberId]) -> Roster:
        """Return it with every node but these seats' off the committee (R6.11).

        Seats and votes stay. It is no decision, so the intervals of R6.5 do not move.
        """
        seats = [
            replace(one, away=True) if one.finalizes and one.id not in kept else one
            for one in self.charter.members
        ]
        return replace(self, charter=_finalizing(self.charter.with_members(seats)))

    def _invited(self, action: InviteAction, proposal: OpId, time_ms: WallMs) -> Roster:
        if action.invite_key in self.invites:
            raise UsageError("bad_invite", "an invite with this key was decided before")
        if action.expires_ms <= time_ms:
            raise UsageError("invite_over", "the invite expires before it is decided")
        invite = Invite(action.invite_key, action.name, action.expires_ms, action.uses, proposal)
        return replace(self, invites={**self.invites, invite.key: invite})

    def _rekeyed(self, action: RekeyAction) -> Roster:
        """Give a seat a new key in place of all it had (R10.21)."""
        seat, device = self._seat(action.member), action.device
        self._require_bound(seat, device, action.bind_signature)
        if device in self.forked:
            raise UsageError("forked_key", "this key has forked before; choose a new one")
        return self._with_seat(replace(seat, devices=(device,), node_key=device))

    def _seat(self, member: MemberId) -> Member:
        seat = self.charter.member(member)
        if seat is None:
            raise UsageError("unknown_member", f"no seat has the id {to_short('mem', member)}")
        return seat

    # --- the charter stays valid ------------------------------------------------------------

    def _with_seat(self, seat: Member) -> Roster:
        others = [one for one in self.charter.members if one.id != seat.id]
        before = self.charter.member(seat.id)
        supports = self.supports
        if before is not None and before.node_key != seat.node_key:  # another node, that says so
            supports = {key: said for key, said in supports.items() if key != seat.id}
        charter = _finalizing(self.charter.with_members([*others, seat]))
        return replace(self, charter=charter, supports=supports)

    def _without(self, seat: Member) -> Roster:
        others = [one for one in self.charter.members if one.id != seat.id]
        if not others:
            raise UsageError("not_allowed", "the last member cannot leave")
        return replace(
            self,
            charter=_finalizing(self.charter.with_members(others)),
            left={**self.left, seat.id: seat.name},
            supports={key: said for key, said in self.supports.items() if key != seat.id},
        )


def is_new_epoch(before: Charter, after: Charter) -> bool:
    """Return whether a change of the charter ends the epoch (docs/protocol.md R6.1).

    Everything does but a device key that makes no blocks: a member who adds and revokes
    phones must not be able to end epoch after epoch.
    """
    if before is after:
        return False
    seats_before = [(one.id, one.name, one.node_key, one.away) for one in before.members]
    seats_after = [(one.id, one.name, one.node_key, one.away) for one in after.members]
    if seats_before != seats_after:
        return True
    return before.with_members(()) != after.with_members(())


def _finalizing(charter: Charter) -> Charter:
    if not charter.committee:
        raise UsageError("not_allowed", "no node would be left to finalize anything")
    return charter
