"""Request bodies and query values, checked strictly: wrong types and unknown fields are 422.

What bytes and texts they may be made of at all is checked before, in `bodies`.
Sizes and rules of the community are not checked here: the core does, in one place.
"""

from __future__ import annotations

import base64
import re
from typing import Annotated, Literal, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from p2pnode_protocols.record.bodies import Choice
from p2pnode_protocols.wire.ids import WallMs
from p2pnode_protocols.wire.limits import MEMBERS, PARTS, REVISIONS

from ..answers import Fraction, Outcome, Stage, Status
from ..answers.proposals import Filter, Which
from ..community.verbs.submitting import How
from ..errors import RequestError

_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = re.compile(r"([0-9]{1,9})([smhdw])")
_DIGITS = re.compile(r"-?[0-9]+")


def _check_duration(text: str) -> str:
    if parse_duration_ms(text) == 0:
        raise ValueError(f"{text!r} is over at once; write 90s, 30m, 6h, 5d or 2w")
    return text


def parse_duration_ms(text: str) -> int:
    """Return the milliseconds of `90s`, `30m`, `6h`, `5d` or `2w`; raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no duration; write 90s, 30m, 6h, 5d or 2w")
    return int(found[1]) * _UNITS_MS[found[2]]


def _check_digits(value: object) -> object:
    """Refuse 1_000, +1 and 1.0, which Python would take for whole numbers."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise ValueError(f"{value[:40]!r} is no whole number")
    return value


Duration = Annotated[str, AfterValidator(_check_duration)]


def _decode(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("a text in base64 is expected")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not base64") from None


Base64 = Annotated[
    bytes,
    BeforeValidator(_decode),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
Name = Annotated[str, Field(min_length=1)]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
Title = Annotated[str, Field(min_length=1)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RatioIn(Body):
    num: int
    den: int


ChangeIn = bool | int | str | RatioIn


def read_changes(changes: dict[str, ChangeIn]) -> dict[str, bool | int | str | Fraction]:
    return {
        path: Fraction(value.num, value.den) if isinstance(value, RatioIn) else value
        for path, value in changes.items()
    }


class FoundIn(Body):
    name: Name
    member_name: Name
    fault_model: Literal["byzantine", "crash"] = "byzantine"
    changes: dict[str, ChangeIn] = {}


class JoinIn(Body):
    link: Name
    member_name: Name | None = None  # needed where the link opens a seat


class InviteIn(Body):
    name: Name
    uses: int = Field(default=1, ge=1, le=MEMBERS)
    expires_in: Duration = "7d"
    vote: Choice | None = "yes"
    text: str | None = None


class NoActionIn(Body):
    kind: Literal["none"] = "none"


class RemoveIn(Body):
    kind: Literal["remove"]
    member: Reference


class SetAwayIn(Body):
    kind: Literal["set_away"]
    member: Reference
    away: bool


ActionIn = Annotated[NoActionIn | RemoveIn | SetAwayIn, Field(discriminator="kind")]


class _Closing(Body):
    """When voting ends: a duration from now, a time, or neither for the tier's window."""

    closes_in: Duration | None = None
    # Times are texts in JSON, so this one field is not strict about it.
    closes_at: Annotated[AwareDatetime, Field(strict=False)] | None = None

    def close_ms(self, now_ms: WallMs) -> WallMs | None:
        if self.closes_in is not None:
            return WallMs(now_ms + parse_duration_ms(self.closes_in))
        if self.closes_at is not None:
            return WallMs(round(self.closes_at.timestamp() * 1000))
        return None


class ProposeIn(_Closing):
    tier: Name
    title: Title
    text: str | None = None
    action: ActionIn = NoActionIn()
    vote: Choice | None = None


class ReviseIn(_Closing):
    title: Title | None = None
    text: str | None = None
    revision: Reference | None = None


class VoteIn(Body):
    choice: Choice
    reason: str | None = None
    revision: Reference | None = None


class WithdrawIn(Body):
    reason: str | None = None
    revision: Reference | None = None


class AmendIn(Body):
    changes: dict[str, ChangeIn] = Field(min_length=1)
    title: Title | None = None
    text: str | None = None
    vote: Choice | None = "yes"


class DeviceIn(Body):
    binding: Name


class RekeyIn(Body):
    binding: Name
    text: str | None = None
    vote: Choice | None = "yes"


class EraseIn(Body):
    part: int | None = Field(default=None, ge=1, le=PARTS * REVISIONS)  # None: all texts
    text: str | None = None
    revision: Reference | None = None
    vote: Choice | None = "yes"


class NoteIn(Body):
    namespace: Name
    data: Base64


class NodeKeyIn(Body):
    device: Reference | None


class BindingIn(Body):
    link: Name
    member: Reference | None = None


class BindingRequestIn(Body):
    link: Name


class BackupIn(Body):
    file: Name
    with_key: bool = False
    replace: bool = False
    communities: list[Reference] | None = None


class RebuildIn(Body):
    """Whom to leave out, or whom to keep: one of the two."""

    without: list[Reference] | None = None
    keep: list[Reference] | None = None


class SignRebuildIn(Body):
    request: Name


class ApplyRebuildIn(Body):
    rebuild: Name
    kept: list[Name] | None = None  # who goes on by it, all of them; without: dry run only


class SeenIn(Body):
    """Which of one's own refused ops one knows of; null: all that are refused now."""

    ops: list[Reference] | None = None


class PeerIn(Body):
    address: Name


# --- queries ------------------------------------------------------------------------------

LONGEST_WAIT_S = 3600
MOST_ITEMS = 200
LARGEST = 2**63 - 1  # of the numbers that a store or a client in another language can hold
Index = Annotated[int, BeforeValidator(_check_digits), Field(ge=0, le=LARGEST)]


class _Query(BaseModel):
    """Unknown names are refused: a mistyped `dry_run` must not sign."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _read_strictly(cls, value: object, info: ValidationInfo) -> object:
        """Take numbers and flags as JSON writes them, in no other spelling."""
        annotation = cls.model_fields[info.field_name or ""].annotation
        kinds = get_args(annotation) or (annotation,)
        if isinstance(value, str) and bool in kinds and value not in ("true", "false"):
            raise ValueError(f"{value[:40]!r} is neither true nor false")
        return _check_digits(value) if int in kinds else value


class HowQuery(_Query):
    """For whatever is signed."""

    wait: Literal["provisional", "final"] = "provisional"
    timeout: int = Field(default=30, ge=1, le=LONGEST_WAIT_S)
    dry_run: bool = False

    def how(self) -> How:
        return How(self.wait, self.timeout, self.dry_run)


class HurryQuery(_Query):
    wait: Literal["provisional", "final"] = "provisional"
    timeout: int = Field(default=30, ge=1, le=LONGEST_WAIT_S)

    def how(self) -> How:
        return How(self.wait, self.timeout)


class DryRunQuery(_Query):
    dry_run: bool = False


class WaitQuery(_Query):
    wait: Literal["provisional", "final"] | None = None
    timeout: int = Field(default=30, ge=1, le=LONGEST_WAIT_S)


class CertificateQuery(_Query):
    timeout: int | None = Field(default=None, ge=1, le=LONGEST_WAIT_S)  # None: at once or not


class PageQuery(_Query):
    limit: int = Field(default=50, ge=1, le=MOST_ITEMS)
    cursor: str | None = None


class NotesQuery(PageQuery):
    namespace: str | None = None


class ProposalsQuery(PageQuery):
    state: Which = "all"
    needs_my_vote: bool = False
    tier: str | None = None
    outcome: Outcome | None = None
    query: str | None = None

    @model_validator(mode="after")
    def _check_there_can_be_some(self) -> ProposalsQuery:
        is_decided = self.outcome not in (None, "open")
        if is_decided and (self.state == "open" or self.needs_my_vote):
            asked = "state=open" if self.state == "open" else "needs_my_vote=true"
            raise ValueError(f"outcome={self.outcome} and {asked} exclude each other")
        if self.state == "decided" and (self.outcome == "open" or self.needs_my_vote):
            asked = "outcome=open" if self.outcome == "open" else "needs_my_vote=true"
            raise ValueError(f"state=decided and {asked} exclude each other")
        return self

    def filter(self) -> Filter:
        return Filter(self.state, self.needs_my_vote, self.tier, self.outcome, self.query)


class DecisionsQuery(PageQuery):
    tier: str | None = None
    outcome: Outcome | None = None
    query: str | None = None

    @field_validator("outcome")
    @classmethod
    def _check_is_decided(cls, outcome: Outcome | None) -> Outcome | None:
        if outcome == "open":
            raise ValueError("what is decided is not open; ask /proposals for that")
        return outcome


class CommitsQuery(PageQuery):
    """Where to begin: after an index, or where the page before ended."""

    after: Index | None = None

    @model_validator(mode="after")
    def _check_one_beginning(self) -> CommitsQuery:
        if self.after is not None and self.cursor is not None:
            raise ValueError("after and cursor both say where to begin; give one of them")
        return self


class StatusQuery(_Query):
    """What to wait for; all that are given have to hold."""

    min_index: Index | None = None
    min_epoch: Index | None = None
    min_members: Index | None = None
    min_reachable: Index | None = None
    max_reachable: Index | None = None
    state: Stage | None = None
    timeout: int = Field(default=30, ge=1, le=LONGEST_WAIT_S)

    @property
    def waits(self) -> bool:
        return any(
            value is not None
            for value in (
                self.min_index,
                self.min_epoch,
                self.min_members,
                self.min_reachable,
                self.max_reachable,
                self.state,
            )
        )

    def is_met(self, status: Status) -> bool:
        index = -1 if status.log is None else status.log.index
        epoch = -1 if status.epoch is None else status.epoch.number
        members = 0 if status.community is None else status.community.members
        reachable = 0 if status.committee is None else status.committee.reachable
        return (
            _at_least(index, self.min_index)
            and _at_least(epoch, self.min_epoch)
            and _at_least(members, self.min_members)
            and _at_least(reachable, self.min_reachable)
            and (self.max_reachable is None or reachable <= self.max_reachable)
            and self.state in (None, status.state)
        )


def _at_least(value: int, wanted: int | None) -> bool:
    return wanted is None or value >= wanted


class HealthQuery(_Query):
    deep: bool = False


class OwnOpsQuery(PageQuery):
    all: bool = False  # those as well that were said to be known


class VerboseQuery(_Query):
    verbose: bool = False


class EventsQuery(_Query):
    after: Index | None = None
    types: str | None = None


class NodeEventsQuery(_Query):
    types: str | None = None


def read_event_id(text: str) -> int:
    """Return the commit index that a `Last-Event-ID` names.

    Raises:
        RequestError: `invalid_request`, it is no index.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _INDEX_DIGITS):
        raise RequestError(
            "invalid_request",
            f"Last-Event-ID {text!r} is no id of an event; ids are commit indexes such as 17",
            "leave the header out, and read anew what is there",
        )
    return int(text)


_INDEX_DIGITS = len(str(LARGEST))
