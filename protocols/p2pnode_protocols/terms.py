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
from typing import Literal, NoReturn, TypeVar, get_args

from .codec import Fields, Value
from .crypto import SALT_BYTES
from .errors import PeerFault, UsageError
from .lengths import show_length
from .limits import MEMBERS, NAME_CHARS, OP_BYTES, OPEN_PROPOSALS, TEXT_BYTES
from .names import find_fault, find_member_fault, shown
from .ops import MAX_MS

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

_L = TypeVar("_L", bound=str)


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


def read_choice(one: Fields, allowed: tuple[_L, ...]) -> _L:
    """Return the next field, one of these words. Raises `PeerFault` `bad_field`."""
    said = one.text(NAME_CHARS)
    for choice in allowed:
        if said == choice:
            return choice
    raise one.fail(f"{said!r} is not one of {', '.join(allowed)}")


def check_bounds(path: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside low…high (`bad_charter`)."""
    if low <= value <= high:
        return
    if path.endswith("_ms") and value >= 0:
        refuse(path, show_length(value), f"{show_length(low)} to {show_length(high)}")
    refuse(path, value, f"{low} to {high}")


@dataclass(frozen=True, slots=True)
class Ratio:
    """An exact fraction in lowest terms; floats never decide anything."""

    num: int
    den: int

    def __str__(self) -> str:
        return f"{self.num}/{self.den}"

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.num, self.den)

    def to_wire(self) -> Value:
        return [self.num, self.den]

    @classmethod
    def read(cls, value: Value) -> Ratio:
        if not isinstance(value, list | tuple):
            raise PeerFault("bad_field", f"a fraction such as 3/5 expected, {value!r:.40} found")
        pair = Fields(value, "fraction")
        ratio = cls(pair.integer(0, DENOMINATOR), pair.integer(1, DENOMINATOR))
        pair.end()
        return ratio

    def validate(self, path: str, lowest: int) -> None:
        """Refuse what is not in lowest terms, or not within `lowest`/… and 1."""
        if not lowest <= self.num <= self.den <= DENOMINATOR:
            above = "above 0 and" if lowest else "of"
            refuse(path, self, f"a fraction {above} at most 1, denominator up to {DENOMINATOR}")
        divisor = math.gcd(self.num, self.den)
        if divisor != 1:
            lowest_terms = f"{self.num // divisor}/{self.den // divisor}"
            refuse(path, self, f"write it in lowest terms: {lowest_terms}")


@dataclass(frozen=True, slots=True)
class Tier:
    """How much agreement a kind of question needs (docs/protocol.md R10.1, R10.2, R10.10).

    Mode "threshold": passes when yes ≥ `threshold` · base (`strict`: >), and yes ≥
    `floor` · electorate. Base "electorate" is all voters minus those standing aside and
    is judged as soon as reached; "cast" is yes + no, judged at the close. Mode
    "objection": passes at the close unless somebody says no; the fractions rest.
    """

    name: str
    mode: Mode
    threshold: Ratio
    strict: bool
    base: Base
    floor: Ratio
    min_open_ms: int  # nothing is decided by votes before
    window_ms: int  # open this long unless the proposal says otherwise; the least for objections
    max_window_ms: int  # no proposal stays open longer, however often it is revised

    def to_wire(self) -> list[Value]:
        return [
            self.name,
            self.mode,
            self.threshold.to_wire(),
            self.strict,
            self.base,
            self.floor.to_wire(),
            self.min_open_ms,
            self.window_ms,
            self.max_window_ms,
        ]

    @classmethod
    def read(cls, value: Value) -> Tier:
        one = Fields(value, "tier")
        tier = cls(
            one.text(NAME_CHARS),
            read_choice(one, MODES),
            Ratio.read(one.any()),
            one.flag(),
            read_choice(one, BASES),
            Ratio.read(one.any()),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
        )
        one.end()
        return tier

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


@dataclass(frozen=True, slots=True)
class Rules:
    membership_tier: str  # decides on invites, removals, and away of others
    amendment_tier: str  # decides on changes of this charter
    max_open_per_member: int  # open proposals of one author
    away_interval_ms: int  # between two aways, or two node keys, of one seat; commit time
    invite_max_ms: int  # from the proposal to the invite's expiry
    rekey_objection_ms: int = 3 * DAY_MS  # a new key for a seat: how long its old keys may object
    bytes_per_day: int = 16 * 1024 * 1024  # of ops and texts of one member, on everybody's disk

    def to_wire(self) -> list[Value]:
        return [
            self.membership_tier,
            self.amendment_tier,
            self.max_open_per_member,
            self.away_interval_ms,
            self.invite_max_ms,
            self.rekey_objection_ms,
            self.bytes_per_day,
        ]

    @classmethod
    def read(cls, value: Value) -> Rules:
        one = Fields(value, "rules")
        rules = cls(
            one.text(NAME_CHARS),
            one.text(NAME_CHARS),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
        )
        one.end()
        return rules

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


@dataclass(frozen=True, slots=True)
class Timing:
    delta_ms: int = 40  # wait for the rest of a round once a quorum of it is there
    delta_max_ms: int = 10_000  # … doubled up to this while nothing is decided
    linger_ms: int = 60_000  # before ops that change no outcome are finalized
    epoch_rounds: int = 1000  # an epoch ends after so many rounds: bounds memory

    def to_wire(self) -> list[Value]:
        return [self.delta_ms, self.delta_max_ms, self.linger_ms, self.epoch_rounds]

    @classmethod
    def read(cls, value: Value) -> Timing:
        one = Fields(value, "timing")
        timing = cls(
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
        )
        one.end()
        return timing

    def validate(self) -> None:
        check_bounds("timing.delta_ms", self.delta_ms, 1, MINUTE_MS)
        check_bounds("timing.delta_max_ms", self.delta_max_ms, self.delta_ms, HOUR_MS)
        check_bounds("timing.linger_ms", self.linger_ms, 0, DAY_MS)
        # Below some tens of rounds an epoch would end before its slots are decided.
        check_bounds("timing.epoch_rounds", self.epoch_rounds, 50, 100_000)
