"""Operations: what members sign, and the bodies they can have.

An op says one thing by one member ("I vote yes on revision r of p"). Only shapes live
here: what an op does to the state is decided in `decisions/` (docs/protocol.md R2.9).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal, NamedTuple, cast, get_args

from . import crypto
from .codec import Value, decode, encode, unpack
from .errors import PeerFault
from .ids import MAX_NONCE, CommunityId, DeviceKey, MemberId, OpId, TextId, WallMs
from .kinds import MISSING, Blob, Converted, Kind, Many, Maybe, Space, Text, Whole
from .limits import DEVICES, ERASED_TEXTS, HEADER_BYTES, MEMBERS, NAME_CHARS, OP_BYTES, TEXT_BYTES
from .shapes import (
    UNSAID,
    Check,
    Name,
    Of,
    Row,
    Shaped,
    Signature,
    Tagged,
    Within,
    shape_of,
    shaped,
)

Choice = Literal["yes", "no", "aside"]
CHOICES: tuple[Choice, ...] = get_args(Choice)


@shaped("text reference")
@dataclass(frozen=True, slots=True)
class TextRef(Shaped):
    """A detached text: the salted hash stands in the op, the text beside it (erasable)."""

    id: TextId
    size: Annotated[int, Whole(0, TEXT_BYTES)]  # bytes of UTF-8, without the salt

    def fits(self, blob: bytes) -> bool:
        """Return whether a blob with this id is as long as the op says (R2.22)."""
        return len(blob) == self.size + crypto.SALT_BYTES


def make_text(salt: bytes, text: str) -> tuple[TextRef, bytes]:
    """Return the reference and the blob (salt, then UTF-8) of a detached text.

    Raises:
        PeerFault: `limit_size`; `bad_field` for half a character (a lone surrogate).
    """
    assert len(salt) == crypto.SALT_BYTES
    try:
        raw = text.encode()
    except UnicodeEncodeError as error:
        raise PeerFault("bad_field", f"the text has no UTF-8: {error}") from error
    if len(raw) > TEXT_BYTES:
        raise PeerFault("limit_size", f"a text of {len(raw)} bytes, at most {TEXT_BYTES}")
    blob = salt + raw
    return TextRef(crypto.compute_text_id(blob), len(raw)), blob


# --- actions: what a passed proposal does by itself -------------------------------------


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


Action = (
    NoAction | InviteAction | RemoveAction | SetAwayAction | RekeyAction | EraseAction | AmendAction
)


def _unknown_action(kind: str) -> PeerFault:
    known = sorted(one.KIND for one in get_args(Action))
    return PeerFault("unknown_kind", f"action {kind!r}; this version knows {known}")


ACTIONS: Tagged[Action] = Tagged("action", Text(NAME_CHARS), get_args(Action), _unknown_action)


def read_action(value: Value) -> Action:
    """Return the action in a decoded value. Raises `PeerFault`: `bad_field`, `unknown_kind`."""
    return ACTIONS.read(value)


# --- bodies -----------------------------------------------------------------------------


@shaped("propose")
@dataclass(frozen=True, slots=True)
class Propose(Shaped):
    """Open a proposal; its id is this op's id, and so is its first revision's."""

    KIND: ClassVar[str] = "propose"
    tier: Name
    title: TextRef
    text: TextRef | None
    action: Annotated[Action, ACTIONS]
    close_ms: WallMs  # commit time at which it closes; 0: the tier's window after opening


@shaped("revise")
@dataclass(frozen=True, slots=True)
class Revise(Shaped):
    """Replace a proposal's text; this op's id is the new revision, and everyone is asked again."""

    KIND: ClassVar[str] = "revise"
    proposal: OpId
    title: TextRef
    text: TextRef | None
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


Body = (
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
)
_BODIES = {one.KIND: shape_of(one) for one in get_args(Body)}
assert DEVICES <= 256

# Kinds that change who decides or who finalizes: pursued at once, never lingering (R5.2).
STRUCTURAL = (Join, Away, Back, Leave, AddDevice, RevokeDevice, SetNodeKey, Evidence)


def read_body(kind: str, value: Value) -> Body:
    """Return the body of an op of this kind.

    Raises:
        PeerFault: `bad_field`, `unknown_kind`.
    """
    shape = _BODIES.get(kind)
    if shape is None:
        raise PeerFault("unknown_kind", f"op {kind!r}; this version knows {sorted(_BODIES)}")
    body: Body = shape.read(value)
    return body


_BODY = Converted(
    lambda value, kind: read_body(kind, value),
    lambda body, _kind: cast("Body", body).to_wire(),
    "list of the body's fields",
)


def texts_of(body: Body) -> tuple[TextRef, ...]:
    """Return the detached texts that an op with this body refers to."""
    match body:
        case Propose(title=title, text=text) | Revise(title=title, text=text):
            return (title,) if text is None else (title, text)
        case Withdraw(reason=reason) | Vote(reason=reason):
            return () if reason is None else (reason,)
        case _:
            return ()


@cache
def _places_of_texts(kind: str) -> tuple[int, ...]:
    """Return where in a body of this kind a reference to a text stands, or nil."""
    fields = _BODIES[kind].fields if kind in _BODIES else ()
    kinds = [one.kind.of if isinstance(one.kind, Maybe) else one.kind for one in fields]
    return tuple(
        place
        for place, one in enumerate(kinds)
        if isinstance(one, Of) and one.shape.form is TextRef
    )


def read_text_ids(wire: bytes) -> tuple[TextId, ...]:
    """Return which detached texts an op refers to that was verified once, and no more of it."""
    content, _signature = unpack(wire)
    _author, _device, _nonce, _created_ms, kind, body = unpack(content)
    references = (body[place] for place in _places_of_texts(kind))
    return tuple(TextId(one[0]) for one in references if one is not None)


def about(op: Op) -> OpId | None:
    """Return the proposal that an op is about, or None."""
    match op.body:
        case Propose():
            return op.id
        case Vote(proposal=proposal) | Revise(proposal=proposal) | Withdraw(proposal=proposal):
            return proposal
        case _:
            return None


@shaped("op")
class SignedOp(NamedTuple):
    """What travels and is stored of an op."""

    content: Annotated[bytes, Blob(OP_BYTES)]
    signature: Signature


@shaped("op content", limit=OP_BYTES)
@dataclass(frozen=True, slots=True)
class Op(Shaped):
    """One signed operation. Build with `sign_op`, read with `open_op`; never by hand.

    `wire` is what travels and is stored: canonical [content, signature].
    """

    id: Annotated[OpId, UNSAID]
    author: MemberId
    device: DeviceKey
    nonce: Annotated[int, Whole(1, MAX_NONCE)]  # 1, 2, … per device; gaps wait (R2.10)
    created_ms: WallMs  # the author's clock; shown, never trusted
    kind: Name  # of its body
    body: Annotated[Body, _BODY, Within("kind")]
    wire: Annotated[bytes, UNSAID]


def sign_op(
    community: CommunityId,
    author: MemberId,
    signer: crypto.Signer,
    nonce: int,
    created_ms: WallMs,
    body: Body,
) -> Op:
    """Return the op, signed.

    Raises:
        PeerFault: `limit_size` when it is larger than OP_BYTES, `bad_field` for a number or
            text that has no canonical form.
    """
    draft = Op(OpId(b""), author, signer.device, nonce, created_ms, body.KIND, body, b"")
    try:
        content = draft.to_bytes()
    except (TypeError, ValueError, OverflowError) as error:  # half a character, a huge number
        raise PeerFault("bad_field", f"{body.KIND}: {error}") from error
    signature = signer.sign(crypto.signed_message(crypto.TAG_OP, community, content))
    wire = encode([content, signature])
    if len(wire) > OP_BYTES:
        raise PeerFault("limit_size", f"an op of {len(wire)} bytes, at most {OP_BYTES}")
    op_id = _op_id(community, content)
    return Op(op_id, author, signer.device, nonce, created_ms, body.KIND, body, wire)


def open_op(community: CommunityId, wire: bytes, verify: crypto.Verify) -> Op:
    """Return the op in `wire`, decoded, checked and its signature verified.

    That its author is a member, and may do this, is for the state to say: that depends
    on where in the log it stands.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `unknown_kind`, `bad_signature`.
    """
    content, signature = _SIGNED.read(decode(wire, OP_BYTES))
    op = Op.read(decode(content, OP_BYTES), id=_op_id(community, content), wire=wire)
    message = crypto.signed_message(crypto.TAG_OP, community, content)
    if not verify(op.device, message, signature):
        raise PeerFault("bad_signature", f"op {op.kind} nonce {op.nonce}: signature does not match")
    return op


_SIGNED = shape_of(SignedOp)


def _op_id(community: CommunityId, content: bytes) -> OpId:
    return OpId(crypto.digest(crypto.TAG_OP, community, content))


def seat_of(action: Action) -> MemberId | None:
    """Return the seat that the action is about, or None."""
    match action:
        case RemoveAction() | SetAwayAction() | RekeyAction():
            return action.member
        case _:
            return None
