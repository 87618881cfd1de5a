"""What the node answers: one shape for the Python API, HTTP and `--json` (docs/api.md).

Plain values, built anew for each question by `describe.py`; nothing here changes or is
looked at by the protocol. Times are ms since the Unix epoch in Python, RFC 3339 in JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from p2pnode_protocols.ops import Choice

from ..community.events import Stage
from .values.rendering import (
    Base64Text,
    BlockText,
    CommunityText,
    DeviceText,
    EpochText,
    HexText,
    InviteText,
    MemberText,
    OpText,
    ProposalText,
    Time,
)

Outcome = Literal["open", "passed", "rejected", "lapsed", "withdrawn"]
Grade = Literal["open", "provisional", "final"]
Severity = Literal["ok", "info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Fraction:
    num: int
    den: int


@dataclass(frozen=True, slots=True)
class Person:
    id: MemberText
    name: str


# --- proposals ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoEffect:
    """The decision is its text."""

    kind: Literal["none"] = "none"


@dataclass(frozen=True, slots=True)
class InviteEffect:
    name: str
    invite: InviteText
    uses: int
    expires_at: Time
    kind: Literal["invite"] = "invite"


@dataclass(frozen=True, slots=True)
class RemoveEffect:
    member: Person
    kind: Literal["remove"] = "remove"


@dataclass(frozen=True, slots=True)
class SetAwayEffect:
    member: Person
    away: bool
    kind: Literal["set_away"] = "set_away"


ChangeValue = bool | int | str | Fraction


@dataclass(frozen=True, slots=True)
class RekeyEffect:
    """The seat gets this device key in place of all it had."""

    member: Person
    device: DeviceText
    kind: Literal["rekey"] = "rekey"


@dataclass(frozen=True, slots=True)
class EraseEffect:
    """These texts are deleted everywhere."""

    texts: tuple[HexText, ...]
    words: tuple[str, ...]  # how those that are here begin
    kind: Literal["erase"] = "erase"


@dataclass(frozen=True, slots=True)
class AmendEffect:
    changes: dict[str, ChangeValue]
    kind: Literal["amend"] = "amend"


Effect = (
    NoEffect | InviteEffect | RemoveEffect | SetAwayEffect | RekeyEffect | EraseEffect | AmendEffect
)


@dataclass(frozen=True, slots=True)
class Tally:
    yes: int
    no: int
    aside: int
    missing: int
    electorate: int


@dataclass(frozen=True, slots=True)
class ProposalSummary:
    id: ProposalText
    number: int | None  # None: not final yet
    title: str | None  # None: the text has not arrived
    tier: str
    author: Person
    action: Effect
    outcome: Outcome
    effect: str  # of a passed action: none, done, or the code for which it changed nothing
    grade: Grade
    opened_at: Time  # not before closes_at: it came into the record too late for any vote
    closes_at: Time
    decided_at: Time | None
    tally: Tally
    required_yes: int | None
    my_vote: Choice | None
    needs_my_vote: bool
    revision: int  # 1, 2, …
    revision_id: ProposalText


@dataclass(frozen=True, slots=True)
class Revision:
    id: ProposalText
    number: int
    title: str | None
    text: str | None
    arrived: bool  # False: some of its words are not at this node yet; None is then no answer
    at: Time


@dataclass(frozen=True, slots=True)
class VoteCast:
    member: Person
    choice: Choice
    reason: str | None
    at: Time
    state: Literal["queued", "final"]
    revision: int
    counted: bool  # False: of a replaced revision, or of the seat that it is about


@dataclass(frozen=True, slots=True)
class RefusedVote:
    """A vote that this node knows and that is not counted, as it came too late or was not valid.

    Of others' such votes a node knows those that came into the record too late, or are not in it;
    own ones stay known whatever they were refused for.
    """

    op: OpText
    member: Person
    choice: Choice
    revision: int | None  # that it was about; None: it is not known here
    said_at: Time
    code: str  # for which it is refused


@dataclass(frozen=True, slots=True)
class Proposal(ProposalSummary):
    text: str | None
    formula: str
    withdrawn_for: str | None
    epoch: int  # whose electorate decides
    min_open_until: Time | None
    revisions: tuple[Revision, ...]  # oldest first
    votes: tuple[VoteCast, ...]  # by name
    concerned: Person | None  # the seat it is about, which does not count
    missing: tuple[Person, ...]  # of those who count, no vote on this revision yet
    refused_votes: tuple[RefusedVote, ...]  # each member's last; their authors may be missing
    timed_out: bool = False
    schema: Literal["p2pnode/proposal/1"] = "p2pnode/proposal/1"


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str
    members: tuple[Person, ...]
    at: Time | None


@dataclass(frozen=True, slots=True)
class Finality:
    """What being final waits for, on this node's knowledge."""

    state: Literal["idle", "waiting", "final"]
    waits_for: tuple[Person, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    proposal: ProposalSummary
    formula: str
    reasons: tuple[Reason, ...]
    earliest_at: Time | None
    finality: Finality
    schema: Literal["p2pnode/explanation/1"] = "p2pnode/explanation/1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission: durable here, and final once `state` says so.

    With "dry_run" nothing was signed: it would have been accepted.
    """

    op: OpText | None  # None: dry run
    kind: str
    state: Literal["dry_run", "queued", "final"]
    code: str | None  # "ok" once final; None then: final in what this node leapt over
    accepted_at: Time
    final_at: Time | None
    due_at: Time | None  # when nodes begin to make it final at the latest; None: nothing to do
    can_finalize: bool  # whether a quorum that makes blocks is in reach now
    proposal: Proposal | None
    action: Effect | None = None  # what the proposal it is about does once it passes; dry run too
    link: str | None = None
    timed_out: bool = False
    # A vote: what another one of the seat says, which came in its place. None: it counts so far.
    replaced_by: Choice | None = None
    schema: Literal["p2pnode/receipt/1"] = "p2pnode/receipt/1"


OwnOpState = Literal["waiting", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class OwnOp:
    """Something this device said that does not count: not yet, or not at all."""

    op: OpText
    kind: str
    what: str  # in words: "vote (yes) on #7, 'Tea at four'"
    state: OwnOpState  # unknown: in a part of the log that this node leapt over
    code: str | None  # why it changed nothing; None: it waits
    detail: str | None  # … in words
    next: tuple[str, ...]  # what its author can do
    proposal: ProposalText | None  # that it is about
    said_at: Time
    commit: int | None  # with its entry; None: it waits, or no commit here has one
    known_at: Time | None  # since when this node knows what became of it
    due_at: Time | None  # when nodes begin to make it final at the latest


@dataclass(frozen=True, slots=True)
class OwnOps:
    """What this device said and what does not count: on its way, and refused."""

    waiting: tuple[OwnOp, ...]  # the latest said first
    refused: tuple[OwnOp, ...]  # the latest said first
    refused_total: int
    can_finalize: bool  # whether a quorum is in reach now; without one nothing of it is made final
    next_cursor: str | None = None  # None: no more are refused than these
    schema: Literal["p2pnode/own_ops/1"] = "p2pnode/own_ops/1"


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A final decision's certificate (docs/certificates.md), and what it holds in numbers."""

    community: CommunityText
    proposal: ProposalText
    number: int
    outcome: Outcome
    commit: int
    epochs: int
    receipts: int
    committee: int  # nodes that could have signed
    quorum: int
    content: Base64Text  # the file
    schema: Literal["p2pnode/certificate_file/1"] = "p2pnode/certificate_file/1"


# "void": agreed on, and it opened nothing, as an earlier invite had its key.
InviteState = Literal[
    "proposed", "open", "used_up", "expired", "rejected", "withdrawn", "lapsed", "void"
]


@dataclass(frozen=True, slots=True)
class Invite:
    id: InviteText
    name: str
    uses: int
    used: int
    expires_at: Time
    state: InviteState
    proposal: ProposalText
    number: int | None  # of the proposal; None: not final yet


# --- community ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Device:
    id: DeviceText
    node: bool  # makes blocks
    me: bool
    forked: bool  # it signed two blocks where one was due, and makes none any more


@dataclass(frozen=True, slots=True)
class Member:
    id: MemberText
    name: str
    kind: Literal["person", "agent"]
    away: bool
    lost_at: int | None  # commit at which a rebuild took its node off, if that is why it is away
    me: bool
    on_committee: bool
    connected: bool
    last_seen_at: Time | None  # since this node started
    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    id: MemberText
    name: str
    last_seen_at: Time | None
    connected: bool = False  # it is here, or is this node, and makes no blocks of this epoch


@dataclass(frozen=True, slots=True)
class CommitteeStatus:
    size: int
    quorum: int
    faults_tolerated: int  # liars
    sleepers_tolerated: int  # nodes that may be silent, liars among them
    reachable: int  # that make blocks, with a live connection from here, this node included
    missing: tuple[Missing, ...]
    can_finalize: bool
    message: str


@dataclass(frozen=True, slots=True)
class Rebuild:
    """How survivors of a lost quorum go on, or went on, without the others' nodes."""

    id: EpochText  # of the epoch it begins
    ends: EpochText
    index: int  # the last commit of the log as they have it
    root: HexText
    kept: tuple[Person, ...]  # on the committee from then on; each has to sign
    lost: tuple[Person, ...]  # off it; seats and votes stay
    unsigned: tuple[Person, ...]  # kept, and not signed yet
    text: str


RebuildState = Literal["dry_run", "signed", "applied", "withdrawn"]


@dataclass(frozen=True, slots=True)
class RebuildRequest:
    """A rebuild that is under way, and what it means."""

    rebuild: Rebuild
    state: RebuildState
    consequences: tuple[str, ...]
    request: str | None  # to pass on to those who have not signed, then to apply; None: dry run
    schema: Literal["p2pnode/rebuild/1"] = "p2pnode/rebuild/1"


@dataclass(frozen=True, slots=True)
class Epoch:
    number: int
    id: EpochText
    index: int  # of the commit it began with
    time: Time | None  # None: this node leapt over it, or a rebuild's, and no commit is here
    committee: tuple[Person, ...]
    rebuild: Rebuild | None  # by which it began; None: by a commit, or the founding


@dataclass(frozen=True, slots=True)
class CommunityStatus:
    id: CommunityText
    name: str
    created_at: Time
    fault_model: str
    members: int
    rebuilds: tuple[Rebuild, ...]  # all there ever were


@dataclass(frozen=True, slots=True)
class Founded:
    id: CommunityText
    name: str
    member: Member
    committee: CommitteeStatus
    schema: Literal["p2pnode/community/1"] = "p2pnode/community/1"


@dataclass(frozen=True, slots=True)
class Tier:
    name: str
    mode: str
    threshold: Fraction
    strict: bool
    base: str
    floor: Fraction
    min_open_ms: int
    window_ms: int
    max_window_ms: int


@dataclass(frozen=True, slots=True)
class Rules:
    membership_tier: str
    amendment_tier: str
    max_open_per_member: int
    away_interval_ms: int
    invite_max_ms: int
    rekey_objection_ms: int
    bytes_per_day: int


@dataclass(frozen=True, slots=True)
class Timing:
    delta_ms: int
    delta_max_ms: int
    linger_ms: int
    epoch_rounds: int


@dataclass(frozen=True, slots=True)
class CharterText:
    community: CommunityText
    name: str
    fault_model: str
    created_at: Time
    tiers: tuple[Tier, ...]
    rules: Rules
    timing: Timing
    amendable: tuple[str, ...]
    schema: Literal["p2pnode/charter/1"] = "p2pnode/charter/1"


# --- this node ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, and what to do about it."""

    name: str
    severity: Severity
    detail: str
    next: tuple[str, ...] = ()  # best first


@dataclass(frozen=True, slots=True)
class Health:
    status: Severity
    checks: tuple[Check, ...]
    schema: Literal["p2pnode/health/1"] = "p2pnode/health/1"


@dataclass(frozen=True, slots=True)
class Tried:
    address: str
    error: str | None


JoinStep = Literal[
    "contacting", "syncing", "waiting_for_invite", "joining", "unbound", "admitted", "refused"
]


@dataclass(frozen=True, slots=True)
class JoinStatus:
    stage: JoinStep
    detail: str
    community: CommunityText
    code: str | None = None  # of a refusal: why the join leads nowhere
    addresses: tuple[Tried, ...] = ()
    binding: str | None = None  # the code by which a member's other device adds this one
    member: Member | None = None
    timed_out: bool = False
    schema: Literal["p2pnode/join/1"] = "p2pnode/join/1"


@dataclass(frozen=True, slots=True)
class BackupMade:
    file: str
    created_at: Time
    community: CommunityText
    member: Person | None
    device: DeviceText
    index: int  # the last commit in it
    root: HexText
    key: Literal["none", "open", "encrypted"]
    schema: Literal["p2pnode/backup/1"] = "p2pnode/backup/1"


@dataclass(frozen=True, slots=True)
class OwnDevice:
    id: DeviceText
    peer_id: str


@dataclass(frozen=True, slots=True)
class EpochStatus:
    number: int
    id: EpochText


@dataclass(frozen=True, slots=True)
class LogStatus:
    index: int
    root: HexText
    time: Time


@dataclass(frozen=True, slots=True)
class Counts:
    steps: int
    rounds: int
    commits: int
    ops_final: int
    forks: int
    divergences: int
    refused_from_peers: dict[str, int]
    refused_by_peers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Status:
    state: Stage
    version: str
    pid: int
    home: str
    started_at: Time
    now: Time
    device: OwnDevice
    addresses: tuple[str, ...]
    member: Member | None
    community: CommunityStatus | None
    epoch: EpochStatus | None
    log: LogStatus | None
    committee: CommitteeStatus | None
    needs_my_vote: tuple[ProposalSummary, ...]
    open_proposals: int
    refused_ops: tuple[OwnOp, ...]  # own ones that do not count, until `mark_seen`; some
    refused_ops_total: int
    pending_ops: int
    round: int
    joining: JoinStatus | None
    warnings: tuple[Check, ...]
    counters: Counts
    timed_out: bool = False
    schema: Literal["p2pnode/status/1"] = "p2pnode/status/1"


PeerState = Literal["connected", "dialing", "blocked", "known"]


@dataclass(frozen=True, slots=True)
class Peer:
    device: DeviceText
    member: Person | None
    state: PeerState
    addresses: tuple[str, ...]
    agent: str | None
    rtt_ms: int | None
    clock_offset_ms: int | None
    connected_at: Time | None
    sent_bytes: int
    received_bytes: int
    sent_frames: int
    received_frames: int
    drops: int
    faults: int
    last_error: str | None


# --- the log -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    op: OpText
    code: str


@dataclass(frozen=True, slots=True)
class Decided:
    proposal: ProposalText
    outcome: str


@dataclass(frozen=True, slots=True)
class LogCommit:
    index: int
    epoch: int
    round: int
    author: Person
    block: BlockText
    time: Time
    root: HexText
    entries: tuple[Entry, ...]
    decided: tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    ok: bool
    commits: int
    ops: int
    root: HexText
    problems: tuple[str, ...]
    schema: Literal["p2pnode/verification/1"] = "p2pnode/verification/1"
