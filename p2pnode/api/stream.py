"""Events as server-sent events (WHATWG HTML, Server-sent events).

Of one community only `committed` carries an id, its index in the log: that is what survives a
restart, so it is what a reader can resume from. What is provisional carries none; `hello` says
at the beginning of each stream to read it anew. Each event says of which community it is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Literal

import trio

from p2pnode_protocols.record.bodies import Note
from p2pnode_protocols.steps.notices import (
    CommitProven,
    Committed,
    ContactTold,
    Diverged,
    EpochStarted,
    FactTold,
    ForkFound,
    LeaptOver,
    OpFinal,
    OpLeaptOver,
    OwnChainLearned,
    OwnOpSettled,
    PeerGreeted,
    PeerRefused,
    ProposalChanged,
    ProposalDecided,
    RebuildApplied,
    RebuildHeard,
    RecordChanged,
    RefusedByPeer,
    UpdateNeeded,
)
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, OpId, to_text

from ..answers import LogCommit, Person
from ..answers.overview import Overview
from ..answers.own_ops import next_steps, refusal_words
from ..answers.rebuilds import describe_heard, describe_rebuild
from ..answers.values.rendering import time_text
from ..answers.words import describe_fork
from ..community.community import Community
from ..community.events import (
    BACKLOG,
    Alarm,
    Event,
    Lagged,
    PeerConnected,
    PeerLost,
    StageChanged,
    Subscription,
)
from ..errors import RequestError
from ..home.errors import LocalError
from ..host.host import Host
from .answering import to_document

KEEP_ALIVE_S = 15.0  # a comment this often shows the reader that the stream lives
ALIVE = ": alive\n\n"
CATCH_UP = 100  # commits read from the store at once

Data = dict[str, object]

TYPES = (
    "hello",
    "proposal_changed",
    "proposal_decided",
    "record_changed",
    "fact",
    "op_final",
    "op_refused",
    "committed",
    "leapt",
    "commit_proven",
    "epoch_started",
    "rebuilt",
    "state_changed",
    "own_chain_learned",
    "peer_connected",
    "peer_greeted",
    "peer_lost",
    "peer_refused",
    "refused_by_peer",
    "alarm",
    "lagged",
)


def read_types(text: str) -> frozenset[str]:
    """Return the types of events that a list with commas names.

    Raises:
        RequestError: `invalid_request`, one is not known: it would never come.
    """
    types = frozenset(text.split(","))
    unknown = sorted(types - set(TYPES))
    if unknown:
        raise RequestError(
            "invalid_request",
            f"types: no event is called {unknown[0]!r}; there are {', '.join(TYPES)}",
        )
    return types


class EventStream:
    """One reader's stream of a community: the past it asks for, then what happens.

    Args:
        community: whose events.
        after: resume after this commit index; None: only what happens from here on.
        types: names of the events wanted; None: all.

    Raises:
        RequestError: `beyond_log`, the log here ends before `after`: what comes until it gets
            there would be left out, and a reader would wait in silence; `store_unwritable`,
            where it ends cannot be read.
    """

    def __init__(
        self, community: Community, after: int | None, types: frozenset[str] | None
    ) -> None:
        self._community = community
        self._teller = _Teller(community, after, types)
        index = self._teller.final_index
        if after is not None and after > index:
            community.here.require_store()
            raise RequestError(
                "beyond_log",
                f"events after commit {after} are asked for; the log here ends at commit {index}: "
                "this is another home, or it was put back from a backup and has not caught up",
                f"read anew what is there, then go on after commit {index} at most",
            )

    async def lines(self) -> AsyncIterator[str]:
        """Yield what goes over the wire, whole events at a time."""
        community, teller = self._community, self._teller
        with community.bus.subscribe(teller.final_index) as events:
            yield teller.hello()
            while commits := teller.past():
                for commit in commits:
                    yield "".join(teller.replay(commit))
                await trio.lowlevel.checkpoint()
            while True:
                match await _next(events):
                    case "quiet":
                        yield ALIVE
                    case "over":
                        return
                    case Lagged() as lagged:
                        yield teller.format("lagged", {"detail": str(lagged)}, community.now_ms)
                        return
                    case event:
                        yield teller.live(event)


class NodeStream:
    """One reader's stream of all communities of a process, from here on.

    There is no past in it, and no id: an index counts in one community.
    """

    def __init__(self, host: Host, types: frozenset[str] | None) -> None:
        self._host = host
        self._types = types
        self._tellers: dict[CommunityId, _Teller] = {}

    async def lines(self) -> AsyncIterator[str]:
        """Yield what goes over the wire, whole events at a time."""
        with self._host.bus.subscribe() as events:
            found = [
                {
                    "id": to_text("com", one.id),
                    "state": one.stage,
                    "index": self._teller(one).final_index,
                }
                for one in self._host.communities
            ]
            yield _as_text(None, self._types, "hello", {"communities": found}, self._host.now_ms)
            while True:
                match await _next(events):
                    case "quiet":
                        yield ALIVE
                    case "over":
                        return
                    case Lagged():
                        detail = f"more than {BACKLOG} events behind; read anew what is there"
                        data: Data = {"detail": detail}
                        yield _as_text(None, self._types, "lagged", data, self._host.now_ms)
                        return
                    case event:
                        yield self._live(event)

    def _live(self, event: Event) -> str:
        for one in self._host.communities:
            if one.id == event.community:
                try:
                    return self._teller(one).live(event)
                except (RequestError, LocalError):  # halted meanwhile; the others go on
                    return ""
        left = None if event.community is None else self._tellers.pop(event.community, None)
        # Of one that was left only that is told.
        return left.live(event) if left and isinstance(event.what, StageChanged) else ""

    def _teller(self, community: Community) -> _Teller:
        found = self._tellers.get(community.id)
        if found is None or found.community is not community:  # it was left, and joined again
            found = _Teller(community, None, self._types, has_ids=False)
            self._tellers[community.id] = found
        return found


Next = Event | Lagged | Literal["quiet", "over"]


async def _next(events: Subscription) -> Next:
    """Return the next event, or what there is in place of one."""
    with trio.move_on_after(KEEP_ALIVE_S):
        try:
            return await anext(events)
        except StopAsyncIteration:
            return "over"
        except Lagged as lagged:
            return lagged
    return "quiet"


class _Teller:
    """Puts what happens in one community into words for one reader.

    Args:
        community: which.
        after: commits up to here are not told again; None: from here on.
        types: names of the events wanted; None: all.
        has_ids: whether commits are told with their index, to resume after.
    """

    def __init__(
        self,
        community: Community,
        after: int | None,
        types: frozenset[str] | None,
        *,
        has_ids: bool = True,
    ) -> None:
        self.community = community
        self._types = types
        self._sent_index = after
        self._has_ids = has_ids

    @property
    def final_index(self) -> int:
        core = self.community.core
        return 0 if core is None else core.final_index

    @property
    def _overview(self) -> Overview:
        return self.community.overview

    def hello(self) -> str:
        data: Data = {"index": self.final_index, "state": self.community.stage}
        return self.format("hello", data, self.community.now_ms)

    # --- the past ---------------------------------------------------------------------

    def past(self) -> Sequence[LogCommit]:
        """Return the next commits that the reader asks for and has not got."""
        if self._sent_index is None:
            return ()
        try:
            return self.community.commits(self._sent_index, limit=CATCH_UP).items
        except RequestError:  # its charter is not here: there is no past
            return ()

    def replay(self, commit: LogCommit) -> Iterator[str]:
        self._sent_index = commit.index
        if not commit.entries and not commit.decided:
            return
        for decided in commit.decided:
            yield self.format("proposal_decided", self._summary(decided.proposal), commit.time)
        for entry in commit.entries:
            yield self.format("op_final", self._op(entry.op, entry.code), commit.time)
            if entry.code != "ok" and self._is_own(entry.op):
                yield self._refused(entry.op, entry.code, commit.index, commit.time)
        data = {
            "index": commit.index,
            "time": time_text(commit.time),
            "entries": len(commit.entries),
            "decided": [to_document(one) for one in commit.decided],
        }
        yield self.format("committed", data, commit.time, commit.index)

    # --- what happens -----------------------------------------------------------------

    def live(self, event: Event) -> str:
        """Return the event's text; empty when this reader does not want it."""
        match event.what:
            case Committed(index=index):
                if self._sent_index is not None and index <= self._sent_index:
                    return ""
                # With an id a reader may skip what it lacks: so commits are told whole.
                found = self.community.commits(index - 1, limit=1).items
                return "".join(self.replay(found[0])) if found else ""
            case OwnOpSettled(op=op, code=code, index=None) if code != "ok":
                return self._refused(op, code, None, event.at_ms)
            case OwnOpSettled() | ProposalDecided() | OpFinal() | OpLeaptOver() | ContactTold():
                return ""  # told with their commit, or of no interest to people
            case RecordChanged() | FactTold():
                return self.format(*_practice_event(event.what), event.at_ms)
            case ProposalChanged(proposal=proposal):
                return self._changed(proposal, event.at_ms)
            case EpochStarted(number=number, members=members, committee=committee):
                data: Data = {"number": number, "members": members, "committee": committee}
                return self.format("epoch_started", data, event.at_ms)
            case LeaptOver(from_epoch=left, to_epoch=reached, index=index, is_shown=is_shown):
                data = {
                    "from_epoch": left,
                    "to_epoch": reached,
                    "index": index,
                    "is_shown": is_shown,
                }
                return self.format("leapt", data, event.at_ms)
            case CommitProven() | OwnChainLearned() | StageChanged():
                return self.format(*_node_event(event.what), event.at_ms)
            case PeerConnected() | PeerLost() | PeerGreeted() | PeerRefused() | RefusedByPeer():
                kind, data = _peer_event(event.what)
                return self.format(kind, data | self._seat(event.what), event.at_ms)
            case RebuildApplied(number=number, rebuild=rebuild):
                core = self._overview.core
                data = {"number": number, "rebuild": to_document(describe_rebuild(core, rebuild))}
                return self.format("rebuilt", data, event.at_ms)
            case _:
                code, detail = self._alarm(event.what)
                return self.format("alarm", {"code": code, "detail": detail}, event.at_ms)

    def _alarm(
        self, what: Alarm | ForkFound | Diverged | RebuildHeard | UpdateNeeded
    ) -> tuple[str, str]:
        match what:
            case Alarm(code=code, detail=detail):
                return code, detail
            case ForkFound(author=author, round=round_):
                return "fork", describe_fork(self._overview.core, author, round_)
            case Diverged(member=member, index=index):
                return "diverged", f"{to_text('mem', member)} reports another log at commit {index}"
            case UpdateNeeded(practice=practice, version=version):
                return (
                    "update_needed",
                    f"{practice} {version} needs a newer program; this node stops",
                )
            case RebuildHeard(rebuild=rebuild):
                return "rebuild", describe_heard(self._overview.core, rebuild)

    # --- data -------------------------------------------------------------------------

    def _changed(self, proposal: OpId, at_ms: int) -> str:
        try:
            data = self._summary(proposal)
        except UsageError:  # a vote has come before its proposal, which is told when it comes
            return ""
        return self.format("proposal_changed", data, at_ms)

    def _seat(self, event: PeerEvent) -> Data:
        """Return whose device it is; null for a joiner's, and before the charter is here."""
        core = self.community.core
        if core is None:
            return {"member": None}
        device = event.device if isinstance(event, PeerConnected | PeerLost) else event.peer
        seat = core.state.charter.by_device(device)
        return {"member": None if seat is None else to_document(Person(seat.id, seat.name))}

    def _summary(self, proposal: OpId) -> Data:
        proposals = self._overview.proposals
        return {"proposal": to_document(proposals.summary(proposals.view(proposal)))}

    def _op(self, op: OpId, code: str) -> Data:
        stored = self.community.store.op(op)
        data: Data = {"op": to_text("op", op), "code": code}
        if stored is not None:
            person = self._overview.proposals.person(stored.op.author)
            body = stored.op.body
            data |= {"kind": body.KIND, "author": to_document(person)}
            if isinstance(body, Note):
                data |= {"namespace": body.namespace, "data": base64.b64encode(body.data).decode()}
        return data

    def _is_own(self, op: OpId) -> bool:
        stored = self.community.store.op(op)
        core = self.community.core
        return stored is not None and core is not None and stored.op.device == core.device

    def _refused(self, op: OpId, code: str, index: int | None, at_ms: int) -> str:
        stored = self.community.store.op(op)
        body = None if stored is None else stored.op.body
        data = self._op(op, code) | {
            "commit": index,
            "detail": refusal_words(code, body, in_log=index is not None),
            "next": list(next_steps(code, body=body)),
        }
        return self.format("op_refused", data, at_ms)

    def format(self, kind: str, data: Data, at_ms: int, index: int | None = None) -> str:
        index = index if self._has_ids else None
        return _as_text(self.community.id, self._types, kind, data, at_ms, index)


def _as_text(
    community: CommunityId | None,
    types: frozenset[str] | None,
    kind: str,
    data: Data,
    at_ms: int,
    index: int | None = None,
) -> str:
    """Return an event as it goes over the wire; empty when this reader does not want it."""
    assert kind in TYPES, "or nobody could ask for it"
    if types is not None and kind not in types and kind != "hello":
        # The id still moves on, so that resuming does not go back to the beginning.
        return "" if index is None else f"id: {index}\n\n"
    document = {
        "schema": "p2pnode/event/1",
        "type": kind,
        "at": time_text(at_ms),
        "community": None if community is None else to_text("com", community),
        **data,
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    head = "" if index is None else f"id: {index}\n"
    return f"{head}event: {kind}\ndata: {text}\n\n"


def _practice_event(event: RecordChanged | FactTold) -> tuple[str, Data]:
    """Ids are told as hex: what they are ids of, the practice says."""
    match event:
        case RecordChanged(practice=practice, key=key):
            return "record_changed", {"practice": practice, "key": key.hex()}
        case FactTold(name=name, subject=subject, fields=fields):
            said = {key: one.hex() if isinstance(one, bytes) else one for key, one in fields}
            return "fact", {"name": name, "subject": subject.hex(), "fields": said}


def _node_event(event: CommitProven | OwnChainLearned | StageChanged) -> tuple[str, Data]:
    match event:
        case CommitProven(index=index):
            return "commit_proven", {"index": index}
        case OwnChainLearned():
            return "own_chain_learned", {}
        case StageChanged(stage=stage):
            return "state_changed", {"state": stage}


PeerEvent = PeerConnected | PeerLost | PeerGreeted | PeerRefused | RefusedByPeer


def _peer_event(event: PeerEvent) -> tuple[str, Data]:
    match event:
        case PeerConnected(device=device):
            return "peer_connected", {"device": to_text("dev", device)}
        case PeerLost(device=device):
            return "peer_lost", {"device": to_text("dev", device)}
        case PeerGreeted(peer=device, agent=agent):
            return "peer_greeted", {"device": to_text("dev", device), "agent": agent}
        case PeerRefused(peer=device, code=code, detail=detail, times=times):
            kind = "peer_refused"
        case RefusedByPeer(peer=device, code=code, detail=detail, times=times):
            kind = "refused_by_peer"
    device_text = to_text("dev", device)
    return kind, {"device": device_text, "code": code, "detail": detail, "times": times}
