"""The charter: a community's name, seats, tiers, rules, fault model and timing.

Its bytes are genesis: their hash is the community id (docs/protocol.md R2.7). Seats
change by ops and decisions, everything else by amendments; each gives a new charter, so
a `Charter` is a value. Whether a change is *due* is for the state to say; whether a
charter makes sense is said here, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Literal, get_args

from ...agreement.committee import FaultModel, Outer
from ...wire import crypto
from ...wire.codec import Value, decode, encode
from ...wire.errors import PeerFault, UsageError
from ...wire.ids import MAX_MS, CommunityId, DeviceKey, MemberId, WallMs, to_short
from ...wire.kinds import ANYTHING, Blob, Many, Text
from ...wire.limits import (
    BLOCK_BYTES,
    DEVICES,
    MEMBERS,
    PRACTICES,
    SETTING_CHARS,
    SETTINGS,
    SETTINGS_BYTES,
    TIERS,
)
from ...wire.quoting import quoted
from ...wire.shapes import BY_KEY, Name, Row, Shape, Shaped, row, shaped
from ..versions import (
    CORE,
    CORE_ALONE,
    NAME_WORDS,
    VERSIONS_MOST,
    SaidVersions,
    Versions,
    is_practice_name,
    version_of,
)
from ..versions import NAME_CHARS as PRACTICE_CHARS
from .names import forms, shown
from .terms import (
    DAY_MS,
    MINUTE_MS,
    Base,
    Mode,
    Ratio,
    Rules,
    Tier,
    Timing,
    check_bounds,
    check_member_name,
    check_name,
    refuse,
)

__all__ = [
    "FAULT_MODELS",
    "Base",
    "Charter",
    "FaultModel",
    "Kind",
    "Member",
    "Mode",
    "Ratio",
    "Rules",
    "Tier",
    "Timing",
    "check_member_name",
    "check_name",
    "default_charter",
    "founder_seat",
]

Kind = Literal["person", "agent"]

FAULT_MODELS: tuple[FaultModel, ...] = get_args(FaultModel)

_NAME: Shape[tuple[str]] = row("name", tuple[Name])
_FAULT_MODEL: Shape[tuple[FaultModel]] = row("fault_model", tuple[FaultModel])
Setting = Annotated[
    tuple[Annotated[str, Text(PRACTICE_CHARS)], Annotated[bytes, Blob(SETTINGS_BYTES)]],
    Row("setting"),
]

# What stands in these bytes: paths below the practice's name, and a value each (R2.28).
_SETTINGS = row(
    "settings",
    tuple.__class_getitem__(
        (
            Annotated[
                tuple[
                    Annotated[
                        tuple[Annotated[str, Text(SETTING_CHARS)], Annotated[Value, ANYTHING]],
                        Row("setting"),
                    ],
                    ...,
                ],
                Many(SETTINGS),
                BY_KEY,
            ],
        )
    ),
)

_PLACE = re.compile(r"^\w+, field \d+: ")


@shaped("member")
@dataclass(frozen=True, slots=True)
class Member(Shaped):
    """A seat: who may sign for it, and which of its keys makes blocks (R2.6)."""

    id: MemberId
    name: Name
    kind: Kind
    devices: Annotated[tuple[DeviceKey, ...], Many(DEVICES)]  # sorted
    node_key: DeviceKey | None  # one of `devices`; None: votes, runs no node
    away: bool  # off the committee by an own op or a decision; the vote stays

    @property
    def finalizes(self) -> bool:
        """Whether this seat's node is on the committee."""
        return self.node_key is not None and not self.away

    def validate(self) -> None:
        path = f"members.{quoted(self.name)}"
        check_member_name("members.name", self.name)
        if not 1 <= len(self.devices) <= DEVICES:
            refuse(f"{path}.devices", f"{len(self.devices)} keys", f"1 to {DEVICES}")
        if list(self.devices) != sorted(set(self.devices)):
            refuse(f"{path}.devices", "this order", "sorted, no key twice")
        if self.node_key is not None and self.node_key not in self.devices:
            refuse(
                f"{path}.node_key", to_short("dev", self.node_key), "one of the seat's device keys"
            )


def _make_sense(charter: Charter) -> Charter:
    try:
        charter.validate()
    except UsageError as error:
        raise PeerFault("bad_charter", error.detail) from error
    return charter


@shaped("charter", limit=BLOCK_BYTES, check=_make_sense)
@dataclass(frozen=True, slots=True)
class Charter(Shaped):
    """One community at one moment of its log; a value, validated by `validate`.

    Build the first with `default_charter`, later ones with `amended` and
    `with_members`; read one that came over the wire with `from_bytes`. What reads but makes no
    sense is refused there as `bad_charter`.
    """

    name: Name
    created_ms: WallMs
    fault_model: FaultModel
    members: Annotated[tuple[Member, ...], Many(MEMBERS)]  # sorted by id
    # In the founder's order, most agreement first by custom.
    tiers: Annotated[tuple[Tier, ...], Many(TIERS)]
    rules: Rules
    timing: Timing
    # In force: a name and a version each, sorted by name (R2.24). What each of them is set to: its
    # name, and the canonical bytes of what differs from what it is by itself (R2.28).
    practices: SaidVersions = CORE_ALONE
    settings: Annotated[tuple[Setting, ...], Many(PRACTICES), BY_KEY] = ()
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
        return CommunityId(self.hash)

    @property
    def hash(self) -> bytes:
        """What an epoch's id says of it, beside `outer` (R6.4)."""
        return crypto.digest(crypto.TAG_CHARTER, self.to_bytes())

    @property
    def outer(self) -> Outer:
        """What outsiders need to know of it."""
        keys = sorted(one.node_key for one in self.committee if one.node_key is not None)
        persons = sum(one.kind == "person" for one in self.members)
        core = version_of(CORE, self.practices)
        return Outer(core, self.fault_model, tuple(keys), persons, len(self.members) - persons)

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
        raise UsageError("unknown_tier", f"no tier is called {quoted(name)}; there are {known}")

    # --- changes ------------------------------------------------------------------------

    def with_members(self, members: Iterable[Member]) -> Charter:
        """Return this charter with other seats, in order; not yet validated."""
        return replace(self, members=tuple(sorted(members, key=lambda one: one.id)))

    def amended(self, changes: Sequence[tuple[str, Value]]) -> Charter:
        """Return the valid charter that these changes make of this one.

        Args:
            changes: dotted paths and values as on the wire (a fraction is [num, den]):
                `name`, `fault_model`, `tiers.<tier>.<field>`, `rules.<field>`,
                `timing.<field>`, `practices.<name>`, `<practice>.<setting>`. Seats and tier
                names are not amended. What a practice takes as a setting is its to say.

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
            name, _, setting = path.partition(".")
            if setting and name != CORE and version_of(name, self.practices):
                charter = charter._with_setting(path, name, setting, value)
            else:
                charter = charter._with(path, value)
        charter.validate()
        return charter

    def _with(self, path: str, value: Value) -> Charter:
        try:
            match path.split("."):
                case ["name"]:
                    return replace(self, name=_NAME.read([value])[0])
                case ["fault_model"]:
                    return replace(self, fault_model=_FAULT_MODEL.read([value])[0])
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
                case ["practices", name]:
                    return self._with_practice(path, name, value)
                case _:
                    raise KeyError(path)
        except KeyError:
            meant = self._paths_to(path.rsplit(".", 1)[-1])
            all_ = (
                "name, fault_model, tiers.<tier>.<field>, rules.<field>, timing.<field>, "
                "practices.<name> or, of a practice in force, <practice>.<setting>"
            )
            refuse(path, "this path", f"{' or '.join(meant)}, perhaps; {all_}" if meant else all_)
        except (PeerFault, UsageError) as error:
            detail = _PLACE.sub("", error.detail)  # which field of a list, people cannot know
            raise UsageError("bad_charter", f"{path}: {detail}") from error

    def _with_practice(self, path: str, name: str, version: Value) -> Charter:
        """Return it with a practice added, or raised by one version (R6.18).

        Every program takes any name here, whatever it has: all have to judge an amendment alike.
        """
        if not is_practice_name(name):
            refuse(path, quoted(name), NAME_WORDS)
        have = version_of(name, self.practices)
        if type(version) is not int or version != have + 1:
            step = f"version {have} is in force, so {have + 1} is next" if have else "1 is first"
            refuse(path, repr(version), step)
        others = [one for one in self.practices if one[0] != name]
        return replace(self, practices=tuple(sorted([*others, (name, version)])))

    def _with_setting(self, path: str, name: str, setting: str, value: Value) -> Charter:
        """Return it with a setting of a practice in force (R2.28)."""
        if len(setting) > SETTING_CHARS:
            refuse(path, "this path", f"{SETTING_CHARS} characters after the practice's name")
        said = {**dict(read_settings(self, name)), setting: value}
        data = encode([[one, said[one]] for one in sorted(said)])
        if len(said) > SETTINGS or len(data) > SETTINGS_BYTES:
            refuse(path, "one setting more", f"{SETTINGS} of {SETTINGS_BYTES} bytes in all")
        others = [one for one in self.settings if one[0] != name]
        return replace(self, settings=tuple(sorted([*others, (name, data)])))

    def _paths_to(self, attribute: str) -> list[str]:
        """Return the paths that end with this field."""
        parts: dict[str, Tier | Rules | Timing] = {f"tiers.{one.name}": one for one in self.tiers}
        parts |= {"rules": self.rules, "timing": self.timing}
        return [
            f"{part}.{attribute}"
            for part, value in parts.items()
            if attribute != "name" and attribute in {one.name for one in fields(value)}
        ]

    # --- validity and bytes -------------------------------------------------------------

    def validate(self) -> None:
        """Raise `UsageError` `bad_charter` naming the first wrong field, value, allowed."""
        check_name("name", self.name)
        if self.fault_model not in FAULT_MODELS:
            refuse("fault_model", repr(self.fault_model), " or ".join(FAULT_MODELS))
        check_bounds("created_ms", self.created_ms, 0, MAX_MS)
        self._validate_members()
        if not 1 <= len(self.tiers) <= TIERS:
            refuse("tiers", f"{len(self.tiers)} tiers", f"1 to {TIERS}")
        for tier in self.tiers:
            tier.validate()
        _distinct("tiers.name", [tier.name for tier in self.tiers])
        self.rules.validate(self.tiers)
        self.timing.validate()
        self._validate_practices()

    def _validate_practices(self) -> None:
        if len(self.practices) > PRACTICES:
            refuse("practices", f"{len(self.practices)} of them", f"{PRACTICES} at most")
        listed = dict(self.practices)
        if CORE not in listed:
            refuse("practices", "this list", f"{CORE} has to be in it")
        for name, version in self.practices:
            check_bounds(f"practices.{name}", version, 1, VERSIONS_MOST)
        for name, data in self.settings:
            if name not in listed or name == CORE:
                refuse("settings", quoted(name), "only practices that are in force have settings")
            try:
                is_canonical = bool(data) and encode(read_settings(self, name)) == data
            except PeerFault as fault:
                refuse(f"settings.{name}", fault.detail, "a list of [path, value], by path")
            if not is_canonical:
                refuse(f"settings.{name}", "these bytes", "canonical ones, that say something")

    def _validate_members(self) -> None:
        if not 1 <= len(self.members) <= MEMBERS:
            refuse("members", f"{len(self.members)} seats", f"1 to {MEMBERS}")
        for member in self.members:
            member.validate()
        ids = [member.id for member in self.members]
        if ids != sorted(set(ids)):
            refuse("members", "this order", "sorted by id, no id twice")
        self._validate_names()
        if len(self._devices) != sum(len(member.devices) for member in self.members):
            refuse("members.devices", "a key of two seats", "each key with one seat")
        if not self.committee:
            refuse("members", "an empty committee", "at least one node that is not away")

    def _validate_names(self) -> None:
        """No two seats' names are the same to a reader (R2.20)."""
        holders: dict[str, Member] = {}
        for member in self.members:
            for form in forms(member.name):
                other = holders.setdefault(form, member)
                if other.id != member.id:
                    refuse(
                        "members.name",
                        f"{shown(member.name)} beside {shown(other.name)}",
                        "names that readers can tell apart",
                    )


def read_settings(charter: Charter, name: str) -> tuple[tuple[str, Value], ...]:
    """Return what a charter sets for a practice, by path. Raises `PeerFault`, if it is no list."""
    data = next((held for one, held in charter.settings if one == name), None)
    if data is None:
        return ()
    (found,) = _SETTINGS.read([decode(data, SETTINGS_BYTES)])
    settings: tuple[tuple[str, Value], ...] = found
    return settings


def founder_seat(name: str, device: DeviceKey, kind: Kind = "person") -> Member:
    """Return the seat that a founding or joining device key makes for itself."""
    return Member(crypto.compute_member_id(device), name, kind, (device,), device, away=False)


def default_charter(
    name: str,
    founder: Member,
    created_ms: WallMs,
    fault_model: FaultModel = "byzantine",
    practices: Versions = CORE_ALONE,
) -> Charter:
    """Return the charter a community begins with, valid (docs/protocol.md §2.2).

    It begins with all practices that the founding program has (R2.24).


    The floors keep a few people from deciding while the rest stand aside. No tier has a
    least open time: a group in one room decides in seconds, others amend it.

    Raises:
        UsageError: `bad_charter`, naming the field.
    """
    charter = Charter(
        name,
        created_ms,
        fault_model,
        (founder,),
        (
            _default_tier("constitutional", Ratio(4, 5), Ratio(2, 3), max_window_ms=60 * DAY_MS),
            _default_tier("strategic", Ratio(4, 5), Ratio(1, 2)),
            _default_tier("tactical", Ratio(3, 5), Ratio(1, 3)),
            _default_tier("implementation", Ratio(1, 2), Ratio(1, 4), strict=True),
            _default_tier(
                "individual",
                Ratio(1, 2),
                Ratio(1, 4),
                strict=True,
                mode="objection",
                window_ms=DAY_MS,
            ),
        ),
        Rules("constitutional", "constitutional", 20, 10 * MINUTE_MS, 30 * DAY_MS),
        Timing(),
        practices,
    )
    charter.validate()
    return charter


def _default_tier(
    name: str,
    threshold: Ratio,
    floor: Ratio,
    *,
    strict: bool = False,
    mode: Mode = "threshold",
    window_ms: int = 7 * DAY_MS,
    max_window_ms: int = 30 * DAY_MS,
) -> Tier:
    return Tier(name, mode, threshold, strict, "electorate", floor, 0, window_ms, max_window_ms)


def _put(record: Tier | Rules | Timing, attribute: str, value: Value) -> Value:
    names = [one.name for one in fields(record)]
    if attribute not in names:
        raise KeyError(attribute)
    wire = record.to_wire()
    wire[names.index(attribute)] = value
    return wire


def _distinct(path: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            refuse(path, f"{quoted(name)} twice", "each name once")
        seen.add(name)
