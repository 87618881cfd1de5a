"""The charter: a community's name, seats, tiers, rules, fault model and timing.

Its bytes are genesis: their hash is the community id (docs/protocol.md, Charter). Seats
change by ops and decisions, everything else by amendments; each gives a new charter, so
a `Charter` is a value. Whether a change is *due* is for `decisions/` to say; whether a
charter makes sense is said here, once.

Nothing here may depend on the Unicode tables of the Python that runs it: two nodes of
different versions would disagree on a name, and so on the state. Hence the explicit
ranges below instead of `str.isprintable`, and ASCII-only folding instead of `casefold`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Literal, NoReturn, TypeVar, get_args

from . import crypto
from .codec import Fields, Value, decode, encode
from .errors import PeerFault, UsageError
from .ids import CommunityId, DeviceKey, MemberId, WallMs
from .limits import BLOCK_BYTES, DEVICES, MEMBERS, NAME_CHARS, OPEN_PROPOSALS, TIERS
from .ops import MAX_MS

FaultModel = Literal["byzantine", "crash"]
Kind = Literal["person", "agent"]
Mode = Literal["threshold", "objection"]
Base = Literal["electorate", "cast"]

FAULT_MODELS: tuple[FaultModel, ...] = get_args(FaultModel)
SEAT_KINDS: tuple[Kind, ...] = get_args(Kind)
MODES: tuple[Mode, ...] = get_args(Mode)
BASES: tuple[Base, ...] = get_args(Base)

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
LONGEST_MS = 366 * DAY_MS  # a window, interval or invite beyond a year is a slip of the pen
DENOMINATOR = 1000  # finer fractions than a thousandth of 256 seats decide nothing

_TIER_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)  # no dots: they separate amend paths
# Control, zero-width, line-separating and direction-changing characters: they let one
# name look like another in a list of votes.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]"
)

_L = TypeVar("_L", bound=str)


def refuse(path: str, value: object, allowed: str) -> NoReturn:
    """Raise `bad_charter` naming the field, its value and what is allowed."""
    raise UsageError("bad_charter", f"{path}: {value} is not allowed; {allowed}")


def check_name(path: str, name: str) -> None:
    """Refuse a name that people could not read or tell from another (`bad_charter`)."""
    if not 1 <= len(name) <= NAME_CHARS:
        refuse(path, repr(name), f"1 to {NAME_CHARS} characters")
    if name[0] == " " or name[-1] == " " or _HIDDEN.search(name):
        refuse(path, repr(name), "no space at either end, no control or invisible characters")


def fold(name: str) -> bytes:
    """Return the form in which two names are the same name; folds ASCII letters only."""
    return name.encode().lower()


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
class Member:
    """A seat: who may sign for it, and which of its keys makes blocks."""

    id: MemberId
    name: str
    kind: Kind
    devices: tuple[DeviceKey, ...]  # sorted
    node_key: DeviceKey | None  # one of `devices`; None: votes, runs no node
    away: bool  # off the committee by an own op or a decision; the vote stays

    @property
    def finalizes(self) -> bool:
        """Whether this seat's node is on the committee."""
        return self.node_key is not None and not self.away

    def to_wire(self) -> Value:
        return [self.id, self.name, self.kind, self.devices, self.node_key, self.away]

    @classmethod
    def read(cls, value: Value) -> Member:
        one = Fields(value, "member")
        member_id, name, kind = (
            MemberId(one.hash()),
            one.text(NAME_CHARS),
            _read_one(one, SEAT_KINDS),
        )
        devices: list[DeviceKey] = []
        for item in one.items(DEVICES):
            if not isinstance(item, bytes) or len(item) != 32:
                raise one.fail("device keys of 32 bytes expected")
            devices.append(DeviceKey(item))
        node_key = one.maybe_hash()
        away = one.flag()
        one.end()
        key = None if node_key is None else DeviceKey(node_key)
        return cls(member_id, name, kind, tuple(devices), key, away)

    def validate(self) -> None:
        path = f"members.{self.name!r}"
        check_name("members.name", self.name)
        if not 1 <= len(self.devices) <= DEVICES:
            refuse(f"{path}.devices", f"{len(self.devices)} keys", f"1 to {DEVICES}")
        if list(self.devices) != sorted(set(self.devices)):
            refuse(f"{path}.devices", "this order", "sorted, no key twice")
        if self.node_key is not None and self.node_key not in self.devices:
            refuse(f"{path}.node_key", self.node_key.hex()[:8], "one of the seat's device keys")


@dataclass(frozen=True, slots=True)
class Tier:
    """How much agreement a kind of question needs (docs/protocol.md, Tiers).

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
            _read_one(one, MODES),
            Ratio.read(one.any()),
            one.flag(),
            _read_one(one, BASES),
            Ratio.read(one.any()),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
            one.integer(0, MAX_MS),
        )
        one.end()
        return tier

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
        _bounded(f"{path}.min_open_ms", self.min_open_ms, 0, LONGEST_MS)
        _bounded(f"{path}.window_ms", self.window_ms, max(1, self.min_open_ms), LONGEST_MS)
        _bounded(f"{path}.max_window_ms", self.max_window_ms, self.window_ms, LONGEST_MS)


@dataclass(frozen=True, slots=True)
class Rules:
    membership_tier: str  # decides on invites, removals, and away of others
    amendment_tier: str  # decides on changes of this charter
    max_open_per_member: int  # open proposals of one author
    away_interval_ms: int  # between two aways, or two node keys, of one seat; commit time
    invite_max_ms: int  # from the proposal to the invite's expiry

    def to_wire(self) -> list[Value]:
        return [
            self.membership_tier,
            self.amendment_tier,
            self.max_open_per_member,
            self.away_interval_ms,
            self.invite_max_ms,
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
        _bounded("rules.max_open_per_member", self.max_open_per_member, 1, OPEN_PROPOSALS)
        _bounded("rules.away_interval_ms", self.away_interval_ms, 0, LONGEST_MS)
        _bounded("rules.invite_max_ms", self.invite_max_ms, MINUTE_MS, LONGEST_MS)


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
        _bounded("timing.delta_ms", self.delta_ms, 1, MINUTE_MS)
        _bounded("timing.delta_max_ms", self.delta_max_ms, self.delta_ms, HOUR_MS)
        _bounded("timing.linger_ms", self.linger_ms, 0, DAY_MS)
        # Below some tens of rounds an epoch would end before its slots are decided.
        _bounded("timing.epoch_rounds", self.epoch_rounds, 50, 100_000)


@dataclass(frozen=True, slots=True)
class Charter:
    """One community at one moment of its log; a value, validated by `validate`.

    Build the first with `default_charter`, later ones with `amended` and
    `with_members`; read one that came over the wire with `from_bytes`.
    """

    name: str
    created_ms: WallMs
    fault_model: FaultModel
    members: tuple[Member, ...]  # sorted by id
    tiers: tuple[Tier, ...]  # in the founder's order, most agreement first by custom
    rules: Rules
    timing: Timing
    _seats: dict[MemberId, Member] = field(init=False, repr=False, compare=False)
    _devices: dict[DeviceKey, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_seats", {one.id: one for one in self.members})
        object.__setattr__(
            self, "_devices", {key: one for one in self.members for key in one.devices}
        )

    # --- questions ----------------------------------------------------------------------

    @property
    def community_id(self) -> CommunityId:
        """The founding charter's hash; a later charter keeps the founding one's id."""
        return CommunityId(crypto.digest(crypto.TAG_CHARTER, self.to_bytes()))

    @property
    def committee(self) -> tuple[Member, ...]:
        """Members whose nodes finalize, sorted by id; never empty in a valid charter."""
        return tuple(one for one in self.members if one.finalizes)

    def member(self, member_id: MemberId) -> Member | None:
        return self._seats.get(member_id)

    def by_device(self, device: DeviceKey) -> Member | None:
        return self._devices.get(device)

    def tier(self, name: str) -> Tier:
        """Return the tier. Raises `UsageError` `unknown_tier`, naming those there are."""
        for tier in self.tiers:
            if tier.name == name:
                return tier
        known = ", ".join(tier.name for tier in self.tiers)
        raise UsageError("unknown_tier", f"no tier is called {name!r}; there are {known}")

    # --- changes ------------------------------------------------------------------------

    def with_members(self, members: Iterable[Member]) -> Charter:
        """Return this charter with other seats, in order; not yet validated."""
        return replace(self, members=tuple(sorted(members, key=lambda one: one.id)))

    def amended(self, changes: Sequence[tuple[str, Value]]) -> Charter:
        """Return the valid charter that these changes make of this one.

        Args:
            changes: dotted paths and values as on the wire (a fraction is [num, den]):
                `name`, `fault_model`, `tiers.<tier>.<field>`, `rules.<field>`,
                `timing.<field>`. Seats and tier names are not amended.

        Raises:
            UsageError: `bad_charter` naming the path, value and what is allowed; for a
                path named twice, too.
        """
        charter = self
        seen: set[str] = set()
        for path, value in changes:
            if path in seen:
                refuse(path, "naming it twice", "each path once")
            seen.add(path)
            charter = charter._with(path, value)
        charter.validate()
        return charter

    def _with(self, path: str, value: Value) -> Charter:
        try:
            match path.split("."):
                case ["name"]:
                    return replace(self, name=Fields([value], path).text(NAME_CHARS))
                case ["fault_model"]:
                    return replace(self, fault_model=_read_one(Fields([value], path), FAULT_MODELS))
                case ["tiers", name, attribute] if attribute != "name":
                    old = self.tier(name)
                    new = Tier.read(_put(old, attribute, value))
                    return replace(
                        self, tiers=tuple(new if one is old else one for one in self.tiers)
                    )
                case ["rules", attribute]:
                    return replace(self, rules=Rules.read(_put(self.rules, attribute, value)))
                case ["timing", attribute]:
                    return replace(self, timing=Timing.read(_put(self.timing, attribute, value)))
                case _:
                    raise KeyError(path)
        except KeyError:
            refuse(
                path,
                "this path",
                "name, fault_model, tiers.<tier>.<field>, rules.<field> or timing.<field>",
            )
        except (PeerFault, UsageError) as error:
            raise UsageError("bad_charter", f"{path}: {error.detail}") from error

    # --- validity and bytes -------------------------------------------------------------

    def validate(self) -> None:
        """Raise `UsageError` `bad_charter` naming the first wrong field, value, allowed."""
        check_name("name", self.name)
        if self.fault_model not in FAULT_MODELS:
            refuse("fault_model", repr(self.fault_model), " or ".join(FAULT_MODELS))
        _bounded("created_ms", self.created_ms, 0, MAX_MS)
        self._validate_members()
        if not 1 <= len(self.tiers) <= TIERS:
            refuse("tiers", f"{len(self.tiers)} tiers", f"1 to {TIERS}")
        for tier in self.tiers:
            tier.validate()
        _distinct("tiers.name", [tier.name for tier in self.tiers])
        self.rules.validate(self.tiers)
        self.timing.validate()

    def _validate_members(self) -> None:
        if not 1 <= len(self.members) <= MEMBERS:
            refuse("members", f"{len(self.members)} seats", f"1 to {MEMBERS}")
        for member in self.members:
            member.validate()
        ids = [member.id for member in self.members]
        if ids != sorted(set(ids)):
            refuse("members", "this order", "sorted by id, no id twice")
        _distinct("members.name", [fold(member.name).decode() for member in self.members])
        if len(self._devices) != sum(len(member.devices) for member in self.members):
            refuse("members.devices", "a key of two seats", "each key with one seat")
        if not self.committee:
            refuse("members", "an empty committee", "at least one node that is not away")

    def to_wire(self) -> list[Value]:
        return [
            self.name,
            self.created_ms,
            self.fault_model,
            [one.to_wire() for one in self.members],
            [one.to_wire() for one in self.tiers],
            self.rules.to_wire(),
            self.timing.to_wire(),
        ]

    @classmethod
    def read(cls, value: Value) -> Charter:
        """Return the charter in a decoded value, valid.

        Raises:
            PeerFault: `bad_field`, or `bad_charter` when it reads but makes no sense.
        """
        one = Fields(value, "charter")
        charter = cls(
            one.text(NAME_CHARS),
            WallMs(one.integer(0, MAX_MS)),
            _read_one(one, FAULT_MODELS),
            tuple(Member.read(item) for item in one.items(MEMBERS)),
            tuple(Tier.read(item) for item in one.items(TIERS)),
            Rules.read(one.any()),
            Timing.read(one.any()),
        )
        one.end()
        try:
            charter.validate()
        except UsageError as error:
            raise PeerFault("bad_charter", error.detail) from error
        return charter

    def to_bytes(self) -> bytes:
        return encode(self.to_wire())

    @classmethod
    def from_bytes(cls, data: bytes) -> Charter:
        """As `read`, from canonical bytes. Raises `PeerFault` for anything else."""
        return cls.read(decode(data, BLOCK_BYTES))


def founder_seat(name: str, device: DeviceKey, kind: Kind = "person") -> Member:
    """Return the seat that a founding or joining device key makes for itself."""
    return Member(crypto.compute_member_id(device), name, kind, (device,), device, away=False)


def default_charter(
    name: str, founder: Member, created_ms: WallMs, fault_model: FaultModel = "byzantine"
) -> Charter:
    """Return the charter a community begins with, valid (docs/protocol.md R2.7).

    The floors keep a few people from deciding while the rest stand aside. No tier has a
    least open time: a group in one room decides in seconds, others amend it.

    Raises:
        UsageError: `bad_charter`, naming the field.
    """
    week, day = 7 * DAY_MS, DAY_MS
    two_months, month = 60 * DAY_MS, 30 * DAY_MS
    four_fifths, half = Ratio(4, 5), Ratio(1, 2)
    charter = Charter(
        name,
        created_ms,
        fault_model,
        (founder,),
        (
            Tier(
                "constitutional",
                "threshold",
                four_fifths,
                False,
                "electorate",
                Ratio(2, 3),
                0,
                week,
                two_months,
            ),
            Tier("strategic", "threshold", four_fifths, False, "electorate", half, 0, week, month),
            Tier(
                "tactical",
                "threshold",
                Ratio(3, 5),
                False,
                "electorate",
                Ratio(1, 3),
                0,
                week,
                month,
            ),
            Tier(
                "implementation",
                "threshold",
                half,
                True,
                "electorate",
                Ratio(1, 4),
                0,
                week,
                month,
            ),
            Tier("individual", "objection", half, True, "electorate", Ratio(1, 4), 0, day, month),
        ),
        Rules("constitutional", "constitutional", 20, 10 * MINUTE_MS, month),
        Timing(),
    )
    charter.validate()
    return charter


def _read_one(one: Fields, allowed: tuple[_L, ...]) -> _L:
    said = one.text(NAME_CHARS)
    for choice in allowed:
        if said == choice:
            return choice
    raise one.fail(f"{said!r} is not one of {', '.join(allowed)}")


def _put(record: Tier | Rules | Timing, attribute: str, value: Value) -> Value:
    names = [one.name for one in fields(record)]
    if attribute not in names:
        raise KeyError(attribute)
    wire = record.to_wire()
    wire[names.index(attribute)] = value
    return wire


def _bounded(path: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        refuse(path, value, f"{low} to {high}")


def _distinct(path: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            refuse(path, f"{name!r} twice", "each name once")
        seen.add(name)
