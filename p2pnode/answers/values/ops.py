"""What became of something said: receipts, and own ops that do not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from p2pnode_protocols.record.bodies import Choice

from .proposals import Effect, Proposal
from .rendering import DeviceText, OpText, ProposalText, Time


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
    # A vote: what the seat's vote on this text was till then, and the other device that said it.
    replaces: Choice | None = None
    replaces_device: DeviceText | None = None  # None: this one, or it is not known here
    # An invite for one: what the seat would be called now, as its name is taken. None: as it says.
    seat_name: str | None = None
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
    counts_until: Time | None  # by when it has to be in the record to count; None: no such time
    replaced_by: Choice | None = None  # a vote that waits: as in `Receipt`


@dataclass(frozen=True, slots=True)
class OwnOps:
    """What this device said and what does not count: on its way, and refused."""

    waiting: tuple[OwnOp, ...]  # the latest said first
    refused: tuple[OwnOp, ...]  # the latest said first
    refused_total: int
    can_finalize: bool  # whether a quorum is in reach now; without one nothing of it is made final
    next_cursor: str | None = None  # None: no more are refused than these
    schema: Literal["p2pnode/own_ops/1"] = "p2pnode/own_ops/1"
