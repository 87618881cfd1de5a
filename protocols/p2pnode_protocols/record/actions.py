"""Actions: what a passed proposal does by itself (docs/protocol.md, Ops).

Only shapes live here: what an action does to seats and charter is the roster's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, get_args

from ..wire.codec import Value
from ..wire.errors import PeerFault
from ..wire.ids import DeviceKey, MemberId, TextId, WallMs
from ..wire.kinds import MISSING, Kind, Many, Space, Text, Whole
from ..wire.limits import ERASED_TEXTS, MEMBERS, NAME_CHARS
from ..wire.shapes import Check, Name, Row, Shaped, Signature, shaped
from ..wire.tagged import Tagged
from .opaque import DOT, OpaqueAction


@shaped("action", is_tagged=True)
@dataclass(frozen=True, slots=True)
class NoAction(Shaped):
    """The decision is its text."""

    KIND: ClassVar[str] = "none"


@shaped("action", is_tagged=True)
@dataclass(frozen=True, slots=True)
class InviteAction(Shaped):
    """Open `uses` seats to whoever holds the secret of `invite_key`, until `expires_ms`."""

    KIND: ClassVar[str] = "invite"
    name: Name  # who it is meant for; the joiner chooses the seat's name
    invite_key: DeviceKey  # public half of the invite's secret
    expires_ms: WallMs
    uses: Annotated[int, Whole(1, MEMBERS)]


@shaped("action", is_tagged=True)
@dataclass(frozen=True, slots=True)
class RemoveAction(Shaped):
    """Take a member's seat away."""

    KIND: ClassVar[str] = "remove"
    member: MemberId


@shaped("action", is_tagged=True)
@dataclass(frozen=True, slots=True)
class SetAwayAction(Shaped):
    """Take a member's node off the committee, or put it back; the vote stays."""

    KIND: ClassVar[str] = "set_away"
    member: MemberId
    away: bool


@shaped("action", is_tagged=True)
@dataclass(frozen=True, slots=True)
class RekeyAction(Shaped):
    """Bind a new device key to a seat whose keys are lost, in place of all it had (R10.21)."""

    KIND: ClassVar[str] = "rekey"
    member: MemberId
    device: DeviceKey
    bind_signature: Signature  # by `device` over TAG_BIND ‖ community ‖ member id


@shaped("action", is_tagged=True)
@dataclass(frozen=True, slots=True)
class EraseAction(Shaped):
    """Delete detached texts everywhere; what refers to them stays valid (R10.22)."""

    KIND: ClassVar[str] = "erase"
    texts: Annotated[
        tuple[TextId, ...],
        Many(ERASED_TEXTS),
        Check(
            lambda texts: 0 < len(texts) == len(frozenset(texts)),
            "at least one text, and none twice",
        ),
    ]


class _NewValue(Kind):
    """What a charter field shall be: one value, or the two numbers of a fraction.

    A list in a list takes one byte on the wire and sixty-four in memory, and no field has one.
    """

    def test(self, v: str, space: Space) -> str:
        return f"{space.bind(_is_new_value)}({v})"

    def problem(self, value: object) -> str:
        return "a charter field is one value, or a fraction of two"

    def describe(self) -> str:
        return "any value; a list of two at most, without lists in it"


def _is_new_value(value: object) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= 2 and not any(isinstance(one, list | tuple) for one in value)
    return value is not MISSING


@shaped("action", is_tagged=True)
@dataclass(frozen=True, slots=True)
class AmendAction(Shaped):
    """Change charter fields: pairs such as ("tiers.tactical.threshold", [2, 3])."""

    KIND: ClassVar[str] = "amend"
    changes: Annotated[
        tuple[
            Annotated[
                tuple[Annotated[str, Text(200)], Annotated[Value, _NewValue()]],
                Row("charter change"),
            ],
            ...,
        ],
        Many(32),
        Check(bool, "an amendment changes at least one field"),
    ]


# Of the practice `core`: all kinds without a dot.
CoreAction = (
    NoAction | InviteAction | RemoveAction | SetAwayAction | RekeyAction | EraseAction | AmendAction
)
Action = CoreAction | OpaqueAction


def _unknown_action(kind: str) -> PeerFault:
    known = sorted(one.KIND for one in get_args(CoreAction))
    return PeerFault("unknown_kind", f"action {kind!r}; this version knows {known}")


class _Actions(Tagged[Action]):
    """The actions there are; those of practices are kept as they are (R2.25)."""

    def read(self, value: Value, context: object = None) -> Action:
        if value and isinstance(value, list | tuple):
            kind = value[0]
            if isinstance(kind, str) and DOT in kind and len(kind) <= NAME_CHARS:
                return OpaqueAction.of(kind, value)
        return super().read(value, context)

    def describe(self) -> str:
        return f"{super().describe()}; or of a practice, its kind with a dot and any fields"


ACTIONS = _Actions("action", Text(NAME_CHARS), get_args(CoreAction), _unknown_action)


def read_action(value: Value) -> Action:
    """Return the action in a decoded value. Raises `PeerFault`: `bad_field`, `unknown_kind`."""
    return ACTIONS.read(value)


def seat_of(action: Action) -> MemberId | None:
    """Return the seat that the action is about, or None."""
    match action:
        case RemoveAction() | SetAwayAction() | RekeyAction():
            return action.member
        case _:
            return None
