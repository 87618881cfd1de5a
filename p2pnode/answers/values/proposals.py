"""Proposals: what they do, how they stand, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from p2pnode_protocols.record.bodies import Choice

from .common import Fraction, Grade, Outcome, Person
from .rendering import DeviceText, HexText, InviteText, OpText, ProposalText, Time


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
    # What is said of it has to be in the record by then to count. None: it is final; or it is in no
    # record yet, and its window begins only with that.
    counts_until: Time | None
    decided_at: Time | None
    tally: Tally
    required_yes: int | None
    my_vote: Choice | None
    needs_my_vote: bool
    revision: int  # 1, 2, …
    revision_id: ProposalText


PartState = Literal["here", "missing", "erased"]


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph or heading of a text; in each revision that keeps it, its number is the same."""

    number: int
    id: HexText  # of its text, by which a decision to erase names it
    text: str | None  # None: missing; where erased, words that say so
    state: PartState


@dataclass(frozen=True, slots=True)
class Revision:
    id: ProposalText
    number: int
    title: str | None
    text: str | None  # the whole, with words in the place of a part that is not here
    parts: tuple[Part, ...]  # in reading order
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
    elsewhere: bool  # one's own, and another device of the seat said it


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
