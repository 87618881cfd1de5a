"""What matters now: items by what members have rated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...answers.values.common import Person
from ...answers.values.proposals import ProposalSummary
from ...answers.values.rendering import Time


@dataclass(frozen=True, slots=True)
class Rater:
    person: Person
    since: Time  # first time of the present "on"
    # "queued": on, and not final yet; "leaving": on in the record, and taken back since, which is
    # not final yet: it weighs nothing any more.
    state: Literal["queued", "final", "leaving"]


@dataclass(frozen=True, slots=True)
class RatedItem:
    """One item that somebody has rated."""

    kind: Literal["proposal", "record"]  # "record": another practice's, or gone
    item: str  # its id, hex
    proposal: ProposalSummary | None  # None: it is none
    weight: int  # 1048576 for a rating of this moment, half of that after a half life
    final_weight: int  # … by the record alone
    raters: tuple[Rater, ...]  # the longest first
    rated_by_me: bool


@dataclass(frozen=True, slots=True)
class Trends:
    """All that is rated, what matters most first, with what is not final here."""

    at: Time
    half_life_ms: int
    items: tuple[RatedItem, ...]
    schema: Literal["p2pnode/trends/1"] = "p2pnode/trends/1"
