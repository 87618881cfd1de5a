"""Request bodies and query values, checked strictly: wrong types and unknown fields are 422.

Sizes and rules of the community are not checked here: the core does, in one place.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from p2pnode_protocols.ids import WallMs
from p2pnode_protocols.ops import Choice

from ..answers import Fraction

_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = re.compile(r"([0-9]{1,9})([smhdw])")


def _check_duration(text: str) -> str:
    parse_duration_ms(text)
    return text


def parse_duration_ms(text: str) -> int:
    """Return the milliseconds of `90s`, `30m`, `6h`, `5d` or `2w`; raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no duration; write 90s, 30m, 6h, 5d or 2w")
    return int(found[1]) * _UNITS_MS[found[2]]


Duration = Annotated[str, AfterValidator(_check_duration)]
Name = Annotated[str, Field(min_length=1)]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
Title = Annotated[str, Field(min_length=1)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RatioIn(_Body):
    num: int
    den: int


ChangeIn = bool | int | str | RatioIn


def read_changes(changes: dict[str, ChangeIn]) -> dict[str, bool | int | str | Fraction]:
    return {
        path: Fraction(value.num, value.den) if isinstance(value, RatioIn) else value
        for path, value in changes.items()
    }


class FoundIn(_Body):
    name: Name
    member_name: Name
    fault_model: Literal["byzantine", "crash"] = "byzantine"
    changes: dict[str, ChangeIn] = {}


class JoinIn(_Body):
    link: Name
    member_name: Name


class InviteIn(_Body):
    name: Name
    uses: int = Field(default=1, ge=1)
    expires_in: Duration = "7d"
    vote: Choice | None = "yes"
    text: str | None = None


class NoActionIn(_Body):
    kind: Literal["none"] = "none"


class RemoveIn(_Body):
    kind: Literal["remove"]
    member: Reference


class SetAwayIn(_Body):
    kind: Literal["set_away"]
    member: Reference
    away: bool


ActionIn = Annotated[NoActionIn | RemoveIn | SetAwayIn, Field(discriminator="kind")]


class _Closing(_Body):
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


class VoteIn(_Body):
    choice: Choice
    reason: str | None = None
    revision: Reference | None = None


class WithdrawIn(_Body):
    reason: str | None = None


class AmendIn(_Body):
    changes: dict[str, ChangeIn] = Field(min_length=1)
    title: Title | None = None
    text: str | None = None
    vote: Choice | None = "yes"


class DeviceIn(_Body):
    binding: Name


class NodeKeyIn(_Body):
    device: Reference | None


class BindingIn(_Body):
    link: Name
    member: Reference


class PeerIn(_Body):
    address: Name


class VerifyIn(_Body):
    """Nothing to say yet; a body is allowed so that clients may always send one."""
