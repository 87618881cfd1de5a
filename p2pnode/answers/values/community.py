"""The community: members, committee, charter, invites, epochs, rebuilds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .common import Fraction, Person
from .rendering import (
    CommunityText,
    DeviceText,
    EpochText,
    HexText,
    InviteText,
    MemberText,
    ProposalText,
    Time,
)

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
    # Who joined by it, as they are called now; of those who did in a commit that this node has.
    seats: tuple[Person, ...]


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
    invited_as: str | None  # by the invite it came by; None: none, or its commit is not here
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
class PracticeHere:
    """A practice: what of it is in force, and whose nodes can follow its next version."""

    name: str
    in_force: int  # version; 0: it is not in force
    here: int  # the highest that this node's program has; 0: none
    next: int  # what an amendment would bring
    ready: tuple[Person, ...]  # seats of the committee whose nodes can follow that
    not_ready: tuple[Person, ...]  # … cannot, and would stop
    needed: int  # of the committee's seats


@dataclass(frozen=True, slots=True)
class PracticesHere:
    items: tuple[PracticeHere, ...]  # by name
    schema: Literal["p2pnode/practices/1"] = "p2pnode/practices/1"


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
