"""The community and this node as the node answers them: members, committee, peers, log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.finality import Finality
from p2pnode_protocols.record.actions import InviteAction
from p2pnode_protocols.record.bodies import Note
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.seats.charter import Member as Seat
from p2pnode_protocols.record.seats.roster import Invite as Seats
from p2pnode_protocols.record.views.view import ProposalView
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId, WallMs
from p2pnode_protocols.wire.limits import ADDRESSES

from .. import answers
from ..net import NetStatistics, PeerStatistics
from ..store.interface import StoredOp
from ..store.store import EpochBeginning, Store
from .lists import (
    CommitList,
    EpochList,
    InviteList,
    MemberList,
    NoteList,
    PeerList,
    RebuildList,
    cut,
    cut_sorted,
)
from .proposals import Proposals, fraction
from .rebuilds import describe_rebuild, lost_at
from .words import holding_words, some_of

# The net's words for a connection; every other one is some way of trying.
_PEER_STATES: dict[str, answers.PeerState] = {
    "up": "connected",
    "blocked": "blocked",
    "idle": "known",
}


class Neighbours(Protocol):
    """What is known of devices that are connected, or were."""

    @property
    def connected(self) -> Mapping[DeviceKey, WallMs]: ...
    @property
    def last_seen(self) -> Mapping[DeviceKey, WallMs]: ...
    @property
    def agents(self) -> Mapping[DeviceKey, str]: ...
    def turned_away(self, now_ms: WallMs) -> Mapping[DeviceKey, str]: ...


class Net(Protocol):
    def statistics(self) -> NetStatistics: ...


class Running(Protocol):
    """What is read of a community that runs here, beside its core."""

    @property
    def store(self) -> Store: ...
    @property
    def neighbours(self) -> Neighbours: ...
    @property
    def net(self) -> Net: ...
    @property
    def refusing(self) -> tuple[MemberId, ...]: ...


class Overview:
    """Read a running community. Holds nothing: every answer is as of now."""

    def __init__(self, running: Running, core: Core) -> None:
        self._running = running
        self._core = core
        self.proposals = Proposals(core, running.store)

    @property
    def core(self) -> Core:
        return self._core

    # --- members ----------------------------------------------------------------------

    @property
    def charter(self) -> Charter:
        return self._core.state.charter

    def member(
        self, seat: Seat, came: Mapping[MemberId, DeviceKey] | None = None
    ) -> answers.Member:
        """Return what is known of a seat; `came`: the store's joins, if they were read already."""
        came = self._running.store.joins() if came is None else came
        neighbours = self._running.neighbours
        mine = self._core.device
        is_me = mine in seat.devices
        return answers.Member(
            id=seat.id,
            name=seat.name,
            kind=seat.kind,
            away=seat.away,
            lost_at=lost_at(self._core, seat),
            me=is_me,
            on_committee=seat.id in self._core.epoch.committee.members,
            connected=is_me or any(key in neighbours.connected for key in seat.devices),
            last_seen_at=last_seen(neighbours, seat),
            invited_as=self._invited_as(came.get(seat.id)),
            devices=tuple(
                answers.Device(
                    key, key == seat.node_key, key == mine, key in self._core.state.roster.forked
                )
                for key in seat.devices
            ),
        )

    def members(self, cursor: str | None, limit: int | None) -> MemberList:
        """Return all seats by name."""
        found, following = cut_sorted(
            "members",
            self.charter.members,
            lambda one: (one.name.casefold(), one.id),
            (str, bytes),
            cursor,
            limit,
        )
        came = self._running.store.joins()
        return MemberList(tuple(self.member(one, came) for one in found), following)

    def _invited_as(self, invite: DeviceKey | None) -> str | None:
        """Return whom the invite with this key was meant for."""
        known = None if invite is None else self._core.state.roster.invites.get(invite)
        return None if known is None else known.name

    def my_seat(self) -> answers.Member | None:
        seat = self.charter.by_device(self._core.device)
        return None if seat is None else self.member(seat)

    # --- community --------------------------------------------------------------------

    def community(self) -> answers.CommunityStatus:
        charter = self.charter
        return answers.CommunityStatus(
            id=self._core.community,
            name=charter.name,
            created_at=charter.created_ms,
            fault_model=charter.fault_model,
            members=len(charter.members),
            rebuilds=tuple(
                describe_rebuild(self._core, one) for one in self._core.rebuilds.applied.values()
            ),
        )

    def epochs(self, after: int, limit: int) -> EpochList:
        """Return up to `limit` epochs with a higher number than `after`, any whole number."""
        after = max(after, -1)
        last = min(after + limit + 1, self._core.epoch.number)  # one more than the page
        beginnings = self._running.store.epoch_beginnings(after + 1, last) if after < last else ()
        found, following = cut("epochs", beginnings, lambda one: (one.number,), limit)
        return EpochList(tuple(self._epoch(one) for one in found), following)

    def rebuilds(self, cursor: str | None, limit: int | None) -> RebuildList:
        found, following = cut_sorted(
            "rebuilds",
            self._core.rebuilds.applied.values(),
            lambda one: (one.statement.index, one.next_epoch),
            (int, bytes),
            cursor,
            limit,
        )
        items = (describe_rebuild(self._core, one) for one in found)
        return RebuildList(tuple(items), following)

    def _epoch(self, epoch: EpochBeginning) -> answers.Epoch:
        seats = Charter.from_bytes(epoch.charter).committee
        return answers.Epoch(
            number=epoch.number,
            id=epoch.id,
            index=epoch.genesis_index,
            time=epoch.since_ms,
            committee=tuple(answers.Person(one.id, one.name) for one in seats),
            rebuild=None if epoch.rebuild is None else describe_rebuild(self._core, epoch.rebuild),
        )

    def committee(self) -> answers.CommitteeStatus:
        finality = self._core.finality()
        neighbours = self._running.neighbours
        missing: list[answers.Missing] = []
        for member in finality.missing:
            seat = self.charter.member(member)
            seen = None if seat is None else last_seen(neighbours, seat)
            is_here = member in finality.holding
            missing.append(answers.Missing(member, self._name(member), seen, is_here))
        return answers.CommitteeStatus(
            size=len(finality.members),
            quorum=finality.quorum,
            faults_tolerated=finality.faults,
            sleepers_tolerated=finality.sleepers,
            reachable=len(finality.reachable),
            missing=tuple(missing),
            can_finalize=finality.can_finalize,
            message=describe_finality(
                finality,
                [one.name for one in missing if not one.connected],
                [self._name(one) for one in self._running.refusing],
                holding_words(self._core, finality),
            ),
        )

    def _name(self, member: MemberId) -> str:
        return self._core.state.roster.name_of(member)

    def charter_text(self) -> answers.CharterText:
        charter = self.charter
        tiers = tuple(
            answers.Tier(
                name=tier.name,
                mode=tier.mode,
                threshold=fraction(tier.threshold),
                strict=tier.strict,
                base=tier.base,
                floor=fraction(tier.floor),
                min_open_ms=tier.min_open_ms,
                window_ms=tier.window_ms,
                max_window_ms=tier.max_window_ms,
            )
            for tier in charter.tiers
        )
        rules, timing = charter.rules, charter.timing
        return answers.CharterText(
            community=self._core.community,
            name=charter.name,
            fault_model=charter.fault_model,
            created_at=charter.created_ms,
            tiers=tiers,
            rules=answers.Rules(
                membership_tier=rules.membership_tier,
                amendment_tier=rules.amendment_tier,
                max_open_per_member=rules.max_open_per_member,
                away_interval_ms=rules.away_interval_ms,
                invite_max_ms=rules.invite_max_ms,
                rekey_objection_ms=rules.rekey_objection_ms,
                bytes_per_day=rules.bytes_per_day,
            ),
            timing=answers.Timing(
                delta_ms=timing.delta_ms,
                delta_max_ms=timing.delta_max_ms,
                linger_ms=timing.linger_ms,
                epoch_rounds=timing.epoch_rounds,
            ),
            amendable=amendable_paths(charter),
        )

    # --- invites ----------------------------------------------------------------------

    def invites(self, now_ms: WallMs, cursor: str | None, limit: int | None) -> InviteList:
        """Return all invites that were proposed, latest expiry first."""
        decided = {one.proposal: one for one in self._core.state.invites}
        rows: list[tuple[int, OpId]] = []
        asked = (*self._core.state.invite_proposals, *self._core.preview.open_ids)
        for proposal in dict.fromkeys(asked):
            action = self.proposals.view(proposal).action
            if isinstance(action, InviteAction):
                rows.append((-action.expires_ms, proposal))
        found, following = cut_sorted("invites", rows, lambda one: one, (int, bytes), cursor, limit)
        came = self._running.store.joins()
        items = (self._invite(one, decided.get(one), came, now_ms) for _, one in found)
        return InviteList(tuple(items), following)

    def _invite(
        self,
        proposal: OpId,
        decided: Seats | None,
        came: Mapping[MemberId, DeviceKey],
        now_ms: WallMs,
    ) -> answers.Invite:
        view = self.proposals.view(proposal)
        action = view.action
        assert isinstance(action, InviteAction)
        state: answers.InviteState = "proposed"
        if decided is not None:
            state = "expired" if now_ms >= action.expires_ms else "open"
            if decided.uses_left == 0:
                state = "used_up"
        elif view.grade == "final":
            state = _state_of_undecided(view)
        return answers.Invite(
            id=action.invite_key,
            name=action.name,
            uses=action.uses,
            used=0 if decided is None else action.uses - decided.uses_left,
            expires_at=action.expires_ms,
            state=state,
            proposal=proposal,
            number=view.number,
            seats=tuple(
                self.proposals.person(member)
                for member, invite in sorted(came.items())
                if invite == action.invite_key and decided is not None
            ),
        )

    # --- peers ------------------------------------------------------------------------

    def peers(self, now_ms: WallMs, cursor: str | None, limit: int | None) -> PeerList:
        """Return every device the net knows, by id: whose it is may change between two pages."""
        refusals = self._running.neighbours.turned_away(now_ms)
        found, following = cut_sorted(
            "peers",
            self._running.net.statistics().peers,
            lambda one: (one.device,),
            (bytes,),
            cursor,
            limit,
        )
        items = (self._peer(one, refusals.get(one.device), now_ms) for one in found)
        return PeerList(tuple(items), following)

    def _peer(self, stats: PeerStatistics, refusal: str | None, now_ms: WallMs) -> answers.Peer:
        seat = self.charter.by_device(stats.device)
        offset, rtt = stats.clock_offset_ms, stats.rtt_ms
        return answers.Peer(
            device=stats.device,
            member=None if seat is None else answers.Person(seat.id, seat.name),
            state=_PEER_STATES.get(stats.state, "dialing"),
            addresses=(*stats.addresses, *stats.tips)[:ADDRESSES],
            agent=self._running.neighbours.agents.get(stats.device),
            rtt_ms=None if rtt is None else round(rtt),
            clock_offset_ms=None if offset is None else round(offset),
            connected_at=(
                None if stats.up_s is None else WallMs(now_ms - round(stats.up_s * 1000))
            ),
            sent_bytes=stats.bytes_out,
            received_bytes=stats.bytes_in,
            sent_frames=stats.frames_out,
            received_frames=stats.frames_in,
            drops=stats.drops,
            faults=sum(count for _code, count in stats.faults),
            last_error=stats.last_error or refusal,
        )

    # --- the log ----------------------------------------------------------------------

    def commits(self, after: int, limit: int) -> CommitList:
        """Return up to `limit` commits with a higher index than `after`, any whole number."""
        found, following = cut(
            "commits", self._commits_from(after + 1, limit + 1), lambda one: (one.index,), limit
        )
        return CommitList(tuple(self.commit(one) for one in found), following)

    def notes(self, namespace: str | None, after: int, limit: int) -> NoteList:
        """Return notes in the order of the log, from the one after that place on."""
        stored = self._running.store.notes(namespace, after, limit + 1)
        found, following = cut("notes", stored, lambda one: (one.place,), limit)
        return NoteList(tuple(self._note(one.op) for one in found), following)

    def _note(self, stored: StoredOp) -> answers.Note:
        op = stored.op
        assert isinstance(op.body, Note)
        assert stored.commit_index is not None
        return answers.Note(
            op=op.id,
            namespace=op.body.namespace,
            data=op.body.data,
            author=self.proposals.person(op.author),
            device=op.device,
            said_at=op.created_ms,
            commit=stored.commit_index,
        )

    def _commits_from(self, first: int, most: int) -> Sequence[Commit]:
        if first > self._core.final_index:
            return ()
        return self._running.store.commits_from(max(first, 1), most)

    def commit(self, commit: Commit) -> answers.LogCommit:
        return answers.LogCommit(
            index=commit.index,
            epoch=commit.epoch_number,
            round=commit.round,
            author=self.proposals.person(commit.author),
            block=commit.block,
            time=commit.time_ms,
            root=commit.root,
            entries=tuple(answers.Entry(op, code) for op, code in commit.entries),
            decided=tuple(
                answers.Decided(proposal, outcome)
                for proposal, outcome, _record, _said in commit.decided
            ),
        )


def last_seen(neighbours: Neighbours, seat: Seat) -> WallMs | None:
    """Return when a device of this seat was last connected; None: not since the start, or now."""
    times = [neighbours.last_seen[key] for key in seat.devices if key in neighbours.last_seen]
    return max(times, default=None)


def describe_finality(
    finality: Finality, missing: Sequence[str], refusing: Sequence[str] = (), holding: str = ""
) -> str:
    """Return in one sentence whether decisions can become final, and on whom that depends.

    Args:
        finality: as the core knows it.
        missing: names of those that are not connected.
        refusing: names of those that were reached and do not let this node in.
        holding: that some are connected and make no blocks, in words; "": none is.
    """
    reachable, size, quorum = len(finality.reachable), len(finality.members), finality.quorum
    there = f"{reachable} of {size} node{'' if size == 1 else 's'} reachable"
    if holding:
        there += " and making blocks"
    if finality.can_finalize:
        spare = reachable - quorum
        more = "none" if spare == 0 else f"{spare}"
        return f"{there}, {quorum} needed: {more} to spare"
    if finality.is_held:
        return f"{there}, {quorum} needed: {holding}"
    if refusing:
        verb = "does" if len(refusing) == 1 else "do"
        return (
            f"{there}, {quorum} needed: {', '.join(refusing)} {verb} not let this node in, so what "
            "becomes of decisions is not known here"
        )
    if holding:
        return f"{there}, {quorum} needed: {holding}"
    who = some_of(missing, quorum - reachable)
    return f"{there}, {quorum} needed: decisions stay provisional until {who} can be reached"


def amendable_paths(charter: Charter) -> tuple[str, ...]:
    """Return the dotted paths an amendment may name."""
    paths = ["name", "fault_model"]
    for tier in charter.tiers:
        paths.extend(
            f"tiers.{tier.name}.{field}" for field in tier.__dataclass_fields__ if field != "name"
        )
    paths.extend(f"rules.{field}" for field in charter.rules.__dataclass_fields__)
    paths.extend(f"timing.{field}" for field in charter.timing.__dataclass_fields__)
    return tuple(paths)


def _state_of_undecided(view: ProposalView) -> answers.InviteState:
    """Return what became of an invite that no decision opened, as its final proposal has it."""
    match view.outcome:
        case "open":
            return "proposed"
        case "passed":
            return "expired" if view.effect == "invite_over" else "void"
        case outcome:
            return outcome
