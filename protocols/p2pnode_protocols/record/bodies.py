"""Bodies: the kinds of op that there are, and what each says (docs/protocol.md, Ops).

Only shapes live here: what an op does to the state is the state's to say (R2.9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, get_args

from ..wire.codec import Value, decode
from ..wire.errors import PeerFault
from ..wire.ids import DeviceKey, OpId, WallMs
from ..wire.kinds import Blob, Text
from ..wire.limits import DEVICES, HEADER_BYTES, NAME_CHARS, NOTE_BYTES
from ..wire.shapes import Check, Name, Shaped, Signature, shape_of, shaped
from .actions import ACTIONS, Action
from .opaque import DOT, OpaqueBody
from .texts import Parts, TextRef, texts_in
from .versions import SaidVersions

Choice = Literal["yes", "no", "aside"]
CHOICES: tuple[Choice, ...] = get_args(Choice)

_NAMESPACE = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*", re.ASCII)  # "org.example.minutes"
NAMESPACED = Check(
    lambda name: _NAMESPACE.fullmatch(name) is not None,
    "small letters and digits, with single . - or _ between them",
)


@shaped("propose")
@dataclass(frozen=True, slots=True)
class Propose(Shaped):
    """Open a proposal; its id is this op's id, and so is its first revision's."""

    KIND: ClassVar[str] = "propose"
    tier: Name
    title: TextRef
    parts: Parts
    action: Annotated[Action, ACTIONS]
    close_ms: WallMs  # commit time at which it closes; 0: the tier's window after opening


@shaped("revise")
@dataclass(frozen=True, slots=True)
class Revise(Shaped):
    """Replace a proposal's text; this op's id is the new revision, and everyone is asked again."""

    KIND: ClassVar[str] = "revise"
    proposal: OpId
    title: TextRef
    parts: Parts
    close_ms: WallMs  # 0: unchanged


@shaped("withdraw")
@dataclass(frozen=True, slots=True)
class Withdraw(Shaped):
    """End a proposal without a decision; its author's right."""

    KIND: ClassVar[str] = "withdraw"
    proposal: OpId
    reason: TextRef | None


@shaped("vote")
@dataclass(frozen=True, slots=True)
class Vote(Shaped):
    """Say yes, no or stand aside to one revision; a later vote replaces it until decided."""

    KIND: ClassVar[str] = "vote"
    proposal: OpId
    revision: OpId
    choice: Choice
    reason: TextRef | None


@shaped("join")
@dataclass(frozen=True, slots=True)
class Join(Shaped):
    """Take a seat an invite opened. Author and device are the joiner's own new key."""

    KIND: ClassVar[str] = "join"
    name: Name
    invite_key: DeviceKey
    invite_signature: Signature  # by invite_key over TAG_JOIN ‖ community ‖ device key


@shaped("away")
@dataclass(frozen=True, slots=True)
class Away(Shaped):
    """Take one's own node off the committee from the next epoch; the vote stays."""

    KIND: ClassVar[str] = "away"


@shaped("back")
@dataclass(frozen=True, slots=True)
class Back(Shaped):
    """Put one's own node back on the committee from the next epoch."""

    KIND: ClassVar[str] = "back"


@shaped("leave")
@dataclass(frozen=True, slots=True)
class Leave(Shaped):
    """Give one's own seat up."""

    KIND: ClassVar[str] = "leave"


@shaped("add_device")
@dataclass(frozen=True, slots=True)
class AddDevice(Shaped):
    """Bind one more device key to one's own seat; the new key agrees by signing."""

    KIND: ClassVar[str] = "add_device"
    device: DeviceKey
    bind_signature: Signature  # by `device` over TAG_BIND ‖ community ‖ member id


@shaped("revoke_device")
@dataclass(frozen=True, slots=True)
class RevokeDevice(Shaped):
    """Take a device key off one's own seat; the last one cannot be revoked."""

    KIND: ClassVar[str] = "revoke_device"
    device: DeviceKey


@shaped("set_node_key")
@dataclass(frozen=True, slots=True)
class SetNodeKey(Shaped):
    """Say which of one's device keys makes blocks; None: the seat votes but runs no node."""

    KIND: ClassVar[str] = "set_node_key"
    device: DeviceKey | None


@shaped("evidence")
@dataclass(frozen=True, slots=True)
class Evidence(Shaped):
    """Show that a node key forked: two signed headers that no honest node signs both (R2.19)."""

    KIND: ClassVar[str] = "evidence"
    first: Annotated[bytes, Blob(HEADER_BYTES)]  # header of a block
    first_signature: Signature
    second: Annotated[bytes, Blob(HEADER_BYTES)]
    second_signature: Signature

    @property
    def accused(self) -> bytes:
        """The key that the first header names; empty: it is no header."""
        try:
            header = decode(self.first, HEADER_BYTES)
        except PeerFault:
            return b""
        match header:
            case [bytes(epoch), bytes(author), bytes(key), *_]:
                return key if len(epoch) == len(author) == len(key) == 32 else b""
            case _:
                return b""


@shaped("supports")
@dataclass(frozen=True, slots=True)
class Supports(Shaped):
    """Say which practices, up to which version, the program of one's own node has (R6.19)."""

    KIND: ClassVar[str] = "supports"
    practices: SaidVersions


@shaped("note")
@dataclass(frozen=True, slots=True)
class Note(Shaped):
    """Put something into the log that changes nothing: for programs that embed a node (R2.26)."""

    KIND: ClassVar[str] = "note"
    namespace: Annotated[str, Text(NAME_CHARS), NAMESPACED]
    data: Annotated[bytes, Blob(NOTE_BYTES)]


# Of the practice `core`: all kinds without a dot.
CoreBody = (
    Propose
    | Revise
    | Withdraw
    | Vote
    | Join
    | Away
    | Back
    | Leave
    | AddDevice
    | RevokeDevice
    | SetNodeKey
    | Evidence
    | Supports
    | Note
)
Body = CoreBody | OpaqueBody
BODIES = {one.KIND: shape_of(one) for one in get_args(CoreBody)}
assert DEVICES <= 256

# Kinds that change who decides or who finalizes: pursued at once, never lingering (R5.2).
STRUCTURAL = (Join, Away, Back, Leave, AddDevice, RevokeDevice, SetNodeKey, Evidence)


def read_body(kind: str, value: Value) -> Body:
    """Return the body of an op of this kind; of a practice's, whatever it is (R2.25).

    Raises:
        PeerFault: `bad_field`, `unknown_kind`.
    """
    if DOT in kind:
        return OpaqueBody.of(kind, value)
    shape = BODIES.get(kind)
    if shape is None:
        raise PeerFault("unknown_kind", f"op {kind!r}; this version knows {sorted(BODIES)}")
    body: Body = shape.read(value)
    return body


def texts_of(body: Body) -> tuple[TextRef, ...]:
    """Return the detached texts that an op with this body refers to."""
    match body:
        case Propose(title=title, parts=parts) | Revise(title=title, parts=parts):
            return (title, *(one.text for one in parts))
        case Withdraw(reason=reason) | Vote(reason=reason):
            return () if reason is None else (reason,)
        case OpaqueBody():
            return texts_in(body.value)
        case _:
            return ()
