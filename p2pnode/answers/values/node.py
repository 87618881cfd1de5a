"""This node: its status, checks, joins, backups and peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .common import Person, Severity, Stage
from .community import CommitteeStatus, CommunityStatus, Member
from .ops import OwnOp
from .proposals import ProposalSummary
from .rendering import CommunityText, DeviceText, EpochText, HexText, Time


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, and what to do about it."""

    name: str
    severity: Severity
    detail: str
    next: tuple[str, ...] = ()  # best first
    community: CommunityText | None = None  # of which it is; None: of the whole node


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
class BackedUp:
    """One community that is in a backup."""

    id: CommunityText
    name: str
    member: Person | None
    index: int  # the last commit in it
    root: HexText


@dataclass(frozen=True, slots=True)
class BackupMade:
    file: str
    created_at: Time
    communities: tuple[BackedUp, ...]
    left_out: tuple[CommunityText, ...]  # have no record here yet: joins that have begun
    device: DeviceText
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
    """How one community stands on this node."""

    id: CommunityText
    state: Stage
    now: Time
    member: Member | None
    community: CommunityStatus | None  # None: its charter is not here
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


@dataclass(frozen=True, slots=True)
class CommunityHere:
    """A community of this home, as a line of a list."""

    id: CommunityText
    name: str | None  # None: its charter is not here, or cannot be read
    state: Stage
    members: int | None
    member: Person | None  # whose seat there this device belongs to
    needs_my_vote: int
    refused_ops: int  # own ones that do not count, until `mark_seen`
    joining: JoinStatus | None
    trouble: str | None  # why it does not run


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """The process, and which communities it takes part in."""

    version: str
    pid: int
    home: str
    started_at: Time
    now: Time
    device: OwnDevice
    addresses: tuple[str, ...]  # none before the first community
    communities: tuple[CommunityHere, ...]  # by name
    warnings: tuple[Check, ...]  # of the process, and of all of them
    schema: Literal["p2pnode/node/1"] = "p2pnode/node/1"


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
