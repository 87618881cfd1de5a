"""The terms a charter sets: fractions, tiers, rules, timing; and the checks it is made of.

Nothing here may depend on the Unicode tables of the Python that runs it: two nodes of
different versions would disagree on a name, and so on the state (see `names`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated, Literal, NoReturn, get_args

from ...wire.crypto import SALT_BYTES
from ...wire.errors import UsageError
from ...wire.kinds import Whole
from ...wire.lengths import show_length
from ...wire.limits import MEMBERS, NAME_CHARS, OP_BYTES, OPEN_PROPOSALS, TEXT_BYTES
from ...wire.shapes import Ms, Name, Shaped, shaped
from .names import find_fault, find_member_fault, shown

Mode = Literal["threshold", "objection"]
Base = Literal["electorate", "cast"]

MODES: tuple[Mode, ...] = get_args(Mode)
BASES: tuple[Base, ...] = get_args(Base)

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
SHORTEST_MS = 1_000  # a window in which nobody could vote is one as well
LONGEST_MS = 366 * DAY_MS  # a window, interval or invite beyond a year is a slip of the pen
# What the largest op takes (R10.24), in the largest community.
LEAST_BYTES_PER_DAY = 2 * (OP_BYTES + TEXT_BYTES + SALT_BYTES) + 48 * MEMBERS
DENOMINATOR = 1000  # finer fractions than a thousandth of 256 seats decide nothing

_TIER_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)  # no dots: they separate amend paths


def refuse(path: str, value: object, allowed: str) -> NoReturn:
    """Raise `bad_charter` naming the field, its value and what is allowed."""
    raise UsageError("bad_charter", f"{path}: {value} is not allowed; {allowed}")


def check_name(path: str, name: str) -> None:
    """Refuse a name that people could not read or tell from another (`bad_charter`, R2.20)."""
    _refuse_name(path, name, find_fault(name))


def check_member_name(path: str, name: str) -> None:
    """As `check_name`, for a seat: nor one that would be read as something else."""
    _refuse_name(path, name, find_member_fault(name))


def _refuse_name(path: str, name: str, fault: str | None) -> None:
    if fault is not None:
        refuse(path, shown(name), fault)


def check_bounds(path: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside low…high (`bad_charter`)."""
    if low <= value <= high:
        return
    if path.endswith("_ms") and value >= 0:
        refuse(path, show_length(value), f"{show_length(low)} to {show_length(high)}")
    refuse(path, value, f"{low} to {high}")


@shaped("fraction", written="a fraction such as 3/5")
@dataclass(frozen=True, slots=True)
class Ratio(Shaped):
    """An exact fraction in lowest terms; floats never decide anything."""

    num: Annotated[int, Whole(0, DENOMINATOR)]
    den: Annotated[int, Whole(1, DENOMINATOR)]

    def __str__(self) -> str:
        return f"{self.num}/{self.den}"

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.num, self.den)

    def validate(self, path: str, lowest: int) -> None:
        """Refuse what is not in lowest terms, or not within `lowest`/… and 1."""
        if not lowest <= self.num <= self.den <= DENOMINATOR:
            above = "above 0 and" if lowest else "of"
            refuse(path, self, f"a fraction {above} at most 1, denominator up to {DENOMINATOR}")
        divisor = math.gcd(self.num, self.den)
        if divisor != 1:
            lowest_terms = f"{self.num // divisor}/{self.den // divisor}"
            refuse(path, self, f"write it in lowest terms: {lowest_terms}")


@shaped("tier")
@dataclass(frozen=True, slots=True)
class Tier(Shaped):
    """How much agreement a kind of question needs (docs/protocol.md R10.1, R10.2, R10.10).

    Mode "threshold": passes when yes ≥ `threshold` · base (`strict`: >), and yes ≥
    `floor` · electorate. Base "electorate" is all voters minus those standing aside and
    is judged as soon as reached; "cast" is yes + no, judged at the close. Mode
    "objection": passes at the close unless somebody says no; the fractions rest.
    """

    name: Name
    mode: Mode
    threshold: Ratio
    strict: bool
    base: Base
    floor: Ratio
    min_open_ms: Ms  # nothing is decided by votes before
    window_ms: Ms  # open this long unless the proposal says otherwise; the least for objections
    max_window_ms: Ms  # no proposal stays open longer, however often it is revised

    def open_at_least(self, ms: int) -> Tier:
        """Return this tier, but nothing in it is decided by votes before `ms` have passed."""
        return replace(
            self,
            min_open_ms=max(self.min_open_ms, ms),
            window_ms=max(self.window_ms, ms, 1),
            max_window_ms=max(self.max_window_ms, ms, 1),
        )

    @property
    def least_open_ms(self) -> int:
        """The shortest time a revision is open: nobody may cut an objection window short."""
        return self.window_ms if self.mode == "objection" else self.min_open_ms

    def validate(self) -> None:
        if len(self.name) > NAME_CHARS or not _TIER_NAME.fullmatch(self.name):
            allowed = f"up to {NAME_CHARS} of a–z 0–9 _ -, a letter first"
            refuse("tiers.name", repr(self.name), allowed)
        path = f"tiers.{self.name}"
        self.threshold.validate(f"{path}.threshold", 1)
        if self.strict and self.threshold.num == self.threshold.den:
            refuse(f"{path}.strict", "more than 1/1", "false, or a threshold below 1")
        self.floor.validate(f"{path}.floor", 0)
        check_bounds(f"{path}.min_open_ms", self.min_open_ms, 0, LONGEST_MS)
        check_bounds(
            f"{path}.window_ms", self.window_ms, max(SHORTEST_MS, self.min_open_ms), LONGEST_MS
        )
        check_bounds(f"{path}.max_window_ms", self.max_window_ms, self.window_ms, LONGEST_MS)


@shaped("rules")
@dataclass(frozen=True, slots=True)
class Rules(Shaped):
    membership_tier: Name  # decides on invites, removals, and away of others
    amendment_tier: Name  # decides on changes of this charter
    max_open_per_member: Ms  # open proposals of one author
    away_interval_ms: Ms  # between two aways, or two node keys, of one seat; commit time
    invite_max_ms: Ms  # from the proposal to the invite's expiry
    rekey_objection_ms: Ms = 3 * DAY_MS  # a new key for a seat: how long its old keys may object
    bytes_per_day: Ms = 16 * 1024 * 1024  # of ops and texts of one member, on everybody's disk

    def validate(self, tiers: Sequence[Tier]) -> None:
        known = ", ".join(tier.name for tier in tiers)
        modes = {tier.name: tier.mode for tier in tiers}
        if self.membership_tier not in modes:
            refuse("rules.membership_tier", repr(self.membership_tier), f"one of {known}")
        if modes.get(self.amendment_tier) != "threshold":
            allowed = f"one of {known} whose mode is threshold"
            refuse("rules.amendment_tier", repr(self.amendment_tier), allowed)
        check_bounds("rules.max_open_per_member", self.max_open_per_member, 1, OPEN_PROPOSALS)
        check_bounds("rules.away_interval_ms", self.away_interval_ms, 0, LONGEST_MS)
        check_bounds("rules.invite_max_ms", self.invite_max_ms, MINUTE_MS, LONGEST_MS)
        check_bounds("rules.rekey_objection_ms", self.rekey_objection_ms, 0, LONGEST_MS)
        # Less than the largest op with its texts would shut people up; more bounds nothing.
        check_bounds("rules.bytes_per_day", self.bytes_per_day, LEAST_BYTES_PER_DAY, 1 << 40)


@shaped("timing")
@dataclass(frozen=True, slots=True)
class Timing(Shaped):
    delta_ms: Ms = 40  # wait for the rest of a round once a quorum of it is there
    delta_max_ms: Ms = 10_000  # … doubled up to this while nothing is decided
    linger_ms: Ms = 60_000  # before ops that change no outcome are finalized
    epoch_rounds: Ms = 1000  # an epoch ends after so many rounds: bounds memory

    def validate(self) -> None:
        check_bounds("timing.delta_ms", self.delta_ms, 1, MINUTE_MS)
        check_bounds("timing.delta_max_ms", self.delta_max_ms, self.delta_ms, HOUR_MS)
        check_bounds("timing.linger_ms", self.linger_ms, 0, DAY_MS)
        # Below some tens of rounds an epoch would end before its slots are decided.
        check_bounds("timing.epoch_rounds", self.epoch_rounds, 50, 100_000)
