"""Notices: what the shell logs, counts and streams; nothing depends on them."""

from __future__ import annotations

from dataclasses import dataclass

from ..agreement.rebuild import Rebuild
from ..wire.ids import BlockId, DeviceKey, MemberId, OpId, Round, WallMs


@dataclass(frozen=True, slots=True)
class ProposalChanged:
    """Something about this proposal is new in the provisional or the final view."""

    proposal: OpId


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """Something about this record of a practice is new in the provisional or the final view."""

    practice: str
    key: bytes


@dataclass(frozen=True, slots=True)
class FactTold:
    """A commit made this happen: final, and the same at every honest node (R10.29)."""

    name: str  # "rating.rose"
    subject: bytes
    fields: tuple[tuple[str, int | str | bytes], ...]


@dataclass(frozen=True, slots=True)
class ProposalDecided:
    """Final: every honest node says the same, for ever."""

    proposal: OpId
    outcome: str  # passed, rejected, lapsed, withdrawn


@dataclass(frozen=True, slots=True)
class UpdateNeeded:
    """What is in force from here on needs a newer program: this node goes no further (R6.20)."""

    practice: str
    version: int


@dataclass(frozen=True, slots=True)
class CommitProven:
    """A quorum's receipts are here for a commit that decided something or ended an epoch."""

    index: int


@dataclass(frozen=True, slots=True)
class Committed:
    index: int
    op_count: int
    time_ms: WallMs


@dataclass(frozen=True, slots=True)
class OpFinal:
    """An op is in the finalized log; `code` is "ok" or why it changed nothing."""

    op: OpId
    code: str


@dataclass(frozen=True, slots=True)
class LeaptOver:
    """This node took over a state that receipts prove, without the log that led to it."""

    from_epoch: int
    to_epoch: int
    index: int  # the log goes on after this commit
    is_shown: bool  # that the log to there goes on from what was final here; else nobody had it


@dataclass(frozen=True, slots=True)
class OpLeaptOver:
    """An op that was pending here is in the log that a leap led over: its code is not known.

    At least one with its nonce is; of an honest device there is no other.
    """

    op: OpId


@dataclass(frozen=True, slots=True)
class OwnOpSettled:
    """No more can become of an own op than this.

    Of one that counts only if no entry says so, or if it had been given up before.
    """

    op: OpId
    code: str  # "ok", or why it changed nothing or never will
    index: int | None  # of the commit with its entry; None: none here has one


@dataclass(frozen=True, slots=True)
class EpochStarted:
    number: int
    members: int
    committee: int


@dataclass(frozen=True, slots=True)
class RebuildApplied:
    """This node went on by a rebuild, which says who signed it."""

    number: int  # of the epoch that begins
    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class RebuildHeard:
    """Others have gone on by this rebuild of the epoch this node is in: a person must decide."""

    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class ForkFound:
    author: MemberId
    round: Round
    first: BlockId
    second: BlockId
    times: int = 1  # set by who tells it on: so often in a minute (R7.25)


@dataclass(frozen=True, slots=True)
class Diverged:
    """A member reports another root for a commit that is final here: the loud alarm."""

    member: MemberId
    index: int
    ours: bytes
    theirs: bytes
    times: int = 1  # set by who tells it on: so often in a minute (R7.25)


@dataclass(frozen=True, slots=True)
class PeerRefused:
    """Something a peer sent was refused, counted and told to it."""

    peer: DeviceKey
    code: str
    detail: str
    times: int = 1  # set by who tells it on: so often in a minute (R7.25)


@dataclass(frozen=True, slots=True)
class RefusedByPeer:
    """A peer refused something of ours."""

    peer: DeviceKey
    code: str
    detail: str
    times: int = 1  # set by who tells it on: so often in a minute (R7.25)


@dataclass(frozen=True, slots=True)
class PeerGreeted:
    """A peer's hello was accepted; addresses as it told them."""

    peer: DeviceKey
    member: MemberId | None  # None: a joiner
    agent: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactTold:
    """A peer says where another member's node listens: one more address to try."""

    peer: DeviceKey  # whose it is
    addresses: tuple[str, ...]
    teller: MemberId | None  # who says so; None: somebody who has no seat here


@dataclass(frozen=True, slots=True)
class OwnChainLearned:
    """A restored device knows again how far it had signed, and signs from here on (R4.10)."""


Notice = (
    ProposalChanged
    | RecordChanged
    | FactTold
    | ProposalDecided
    | CommitProven
    | Committed
    | OpFinal
    | OwnOpSettled
    | EpochStarted
    | LeaptOver
    | OpLeaptOver
    | RebuildApplied
    | RebuildHeard
    | ForkFound
    | Diverged
    | PeerRefused
    | RefusedByPeer
    | PeerGreeted
    | ContactTold
    | OwnChainLearned
    | UpdateNeeded
)
