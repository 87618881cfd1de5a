"""Operations: what members sign, and the bodies they can have.

An op says one thing by one member ("I vote yes on revision r of p"). Only shapes live
here: what an op does to the state is decided in `decisions/` (docs/protocol.md R2.9).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from . import crypto
from .codec import Fields, Value, decode, encode, unpack
from .errors import PeerFault
from .ids import CommunityId, DeviceKey, MemberId, OpId, TextId, WallMs
from .limits import DEVICES, ERASED_TEXTS, HEADER_BYTES, MEMBERS, NAME_CHARS, OP_BYTES, TEXT_BYTES

Choice = Literal["yes", "no", "aside"]
CHOICES: tuple[Choice, ...] = get_args(Choice)

MAX_MS = 1 << 53  # any time beyond is a mistake or an attack; fits a JavaScript number
MAX_NONCE = 1 << 53


@dataclass(frozen=True, slots=True)
class TextRef:
    """A detached text: the salted hash stands in the op, the text beside it (erasable)."""

    id: TextId
    size: int  # bytes of UTF-8, without the salt

    def to_wire(self) -> Value:
        return [self.id, self.size]

    @classmethod
    def read(cls, value: Value) -> TextRef:
        fields = Fields(value, "text reference")
        ref = cls(TextId(fields.hash()), fields.integer(0, TEXT_BYTES))
        fields.end()
        return ref

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


def _wire_ref(ref: TextRef | None) -> Value:
    return None if ref is None else ref.to_wire()


def _read_ref(value: Value) -> TextRef | None:
    return None if value is None else TextRef.read(value)


# --- actions: what a passed proposal does by itself -------------------------------------


@dataclass(frozen=True, slots=True)
class NoAction:
    """The decision is its text."""

    KIND: ClassVar[str] = "none"

    def to_wire(self) -> list[Value]:
        return []

    @classmethod
    def read(cls, _fields: Fields) -> NoAction:
        return cls()


@dataclass(frozen=True, slots=True)
class InviteAction:
    """Open `uses` seats to whoever holds the secret of `invite_key`, until `expires_ms`."""

    KIND: ClassVar[str] = "invite"
    name: str  # who it is meant for; the joiner chooses the seat's name
    invite_key: DeviceKey  # public half of the invite's secret
    expires_ms: WallMs
    uses: int

    def to_wire(self) -> list[Value]:
        return [self.name, self.invite_key, self.expires_ms, self.uses]

    @classmethod
    def read(cls, fields: Fields) -> InviteAction:
        return cls(
            fields.text(NAME_CHARS),
            DeviceKey(fields.hash()),
            WallMs(fields.integer(0, MAX_MS)),
            fields.integer(1, MEMBERS),
        )


@dataclass(frozen=True, slots=True)
class RemoveAction:
    """Take a member's seat away."""

    KIND: ClassVar[str] = "remove"
    member: MemberId

    def to_wire(self) -> list[Value]:
        return [self.member]

    @classmethod
    def read(cls, fields: Fields) -> RemoveAction:
        return cls(MemberId(fields.hash()))


@dataclass(frozen=True, slots=True)
class SetAwayAction:
    """Take a member's node off the committee, or put it back; the vote stays."""

    KIND: ClassVar[str] = "set_away"
    member: MemberId
    away: bool

    def to_wire(self) -> list[Value]:
        return [self.member, self.away]

    @classmethod
    def read(cls, fields: Fields) -> SetAwayAction:
        return cls(MemberId(fields.hash()), fields.flag())


@dataclass(frozen=True, slots=True)
class RekeyAction:
    """Bind a new device key to a seat whose keys are lost, in place of all it had (R10.21)."""

    KIND: ClassVar[str] = "rekey"
    member: MemberId
    device: DeviceKey
    bind_signature: bytes  # by `device` over TAG_BIND ‖ community ‖ member id

    def to_wire(self) -> list[Value]:
        return [self.member, self.device, self.bind_signature]

    @classmethod
    def read(cls, fields: Fields) -> RekeyAction:
        return cls(
            MemberId(fields.hash()),
            DeviceKey(fields.hash()),
            fields.exact(crypto.SIGNATURE_BYTES),
        )


@dataclass(frozen=True, slots=True)
class EraseAction:
    """Delete detached texts everywhere; what refers to them stays valid (R10.22)."""

    KIND: ClassVar[str] = "erase"
    texts: tuple[TextId, ...]

    def to_wire(self) -> list[Value]:
        return [self.texts]

    @classmethod
    def read(cls, fields: Fields) -> EraseAction:
        texts: list[TextId] = []
        for item in fields.items(ERASED_TEXTS):
            if not isinstance(item, bytes) or len(item) != 32:
                raise fields.fail("text ids of 32 bytes expected")
            texts.append(TextId(item))
        if not texts or len(set(texts)) != len(texts):
            raise fields.fail("at least one text, and none twice")
        return cls(tuple(texts))


def _read_change(pair: Fields) -> Value:
    """Return what a charter field shall be: one value, or the two numbers of a fraction.

    A list in a list takes one byte on the wire and sixty-four in memory, and no field has one.
    """
    value = pair.any()
    if isinstance(value, (list, tuple)) and (
        len(value) > 2 or any(isinstance(one, (list, tuple)) for one in value)
    ):
        raise pair.fail("a charter field is one value, or a fraction of two")
    return value


@dataclass(frozen=True, slots=True)
class AmendAction:
    """Change charter fields: pairs such as ("tiers.tactical.threshold", [2, 3])."""

    KIND: ClassVar[str] = "amend"
    changes: tuple[tuple[str, Value], ...]

    def to_wire(self) -> list[Value]:
        return [[[path, value] for path, value in self.changes]]

    @classmethod
    def read(cls, fields: Fields) -> AmendAction:
        changes: list[tuple[str, Value]] = []
        for item in fields.items(32):
            pair = Fields(item, "charter change")
            changes.append((pair.text(200), _read_change(pair)))
            pair.end()
        if not changes:
            raise fields.fail("an amendment changes at least one field")
        return cls(tuple(changes))


Action = (
    NoAction | InviteAction | RemoveAction | SetAwayAction | RekeyAction | EraseAction | AmendAction
)
_ACTIONS: dict[str, Callable[[Fields], Action]] = {
    NoAction.KIND: NoAction.read,
    InviteAction.KIND: InviteAction.read,
    RemoveAction.KIND: RemoveAction.read,
    SetAwayAction.KIND: SetAwayAction.read,
    RekeyAction.KIND: RekeyAction.read,
    EraseAction.KIND: EraseAction.read,
    AmendAction.KIND: AmendAction.read,
}


def action_to_wire(action: Action) -> Value:
    return [action.KIND, *action.to_wire()]


def read_action(value: Value) -> Action:
    fields = Fields(value, "action")
    kind = fields.text(NAME_CHARS)
    reader = _ACTIONS.get(kind)
    if reader is None:
        raise PeerFault("unknown_kind", f"action {kind!r}; this version knows {sorted(_ACTIONS)}")
    action = reader(fields)
    fields.end()
    return action


# --- bodies -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Propose:
    """Open a proposal; its id is this op's id, and so is its first revision's."""

    KIND: ClassVar[str] = "propose"
    tier: str
    title: TextRef
    text: TextRef | None
    action: Action
    close_ms: WallMs  # commit time at which it closes; 0: the tier's window after opening

    def to_wire(self) -> list[Value]:
        return [
            self.tier,
            self.title.to_wire(),
            _wire_ref(self.text),
            action_to_wire(self.action),
            self.close_ms,
        ]

    @classmethod
    def read(cls, fields: Fields) -> Propose:
        return cls(
            fields.text(NAME_CHARS),
            TextRef.read(fields.any()),
            _read_ref(fields.any()),
            read_action(fields.any()),
            WallMs(fields.integer(0, MAX_MS)),
        )


@dataclass(frozen=True, slots=True)
class Revise:
    """Replace a proposal's text; this op's id is the new revision, and everyone is asked again."""

    KIND: ClassVar[str] = "revise"
    proposal: OpId
    title: TextRef
    text: TextRef | None
    close_ms: WallMs  # 0: unchanged

    def to_wire(self) -> list[Value]:
        return [self.proposal, self.title.to_wire(), _wire_ref(self.text), self.close_ms]

    @classmethod
    def read(cls, fields: Fields) -> Revise:
        return cls(
            OpId(fields.hash()),
            TextRef.read(fields.any()),
            _read_ref(fields.any()),
            WallMs(fields.integer(0, MAX_MS)),
        )


@dataclass(frozen=True, slots=True)
class Withdraw:
    """End a proposal without a decision; its author's right."""

    KIND: ClassVar[str] = "withdraw"
    proposal: OpId
    reason: TextRef | None

    def to_wire(self) -> list[Value]:
        return [self.proposal, _wire_ref(self.reason)]

    @classmethod
    def read(cls, fields: Fields) -> Withdraw:
        return cls(OpId(fields.hash()), _read_ref(fields.any()))


@dataclass(frozen=True, slots=True)
class Vote:
    """Say yes, no or stand aside to one revision; a later vote replaces it until decided."""

    KIND: ClassVar[str] = "vote"
    proposal: OpId
    revision: OpId
    choice: Choice
    reason: TextRef | None

    def to_wire(self) -> list[Value]:
        return [self.proposal, self.revision, self.choice, _wire_ref(self.reason)]

    @classmethod
    def read(cls, fields: Fields) -> Vote:
        proposal, revision = OpId(fields.hash()), OpId(fields.hash())
        said = fields.text(NAME_CHARS)
        choice: Choice
        for choice in CHOICES:
            if said == choice:
                return cls(proposal, revision, choice, _read_ref(fields.any()))
        raise fields.fail(f"choice {said!r} is not one of {', '.join(CHOICES)}")


@dataclass(frozen=True, slots=True)
class Join:
    """Take a seat an invite opened. Author and device are the joiner's own new key."""

    KIND: ClassVar[str] = "join"
    name: str
    invite_key: DeviceKey
    invite_signature: bytes  # by invite_key over TAG_JOIN ‖ community ‖ device key

    def to_wire(self) -> list[Value]:
        return [self.name, self.invite_key, self.invite_signature]

    @classmethod
    def read(cls, fields: Fields) -> Join:
        return cls(
            fields.text(NAME_CHARS),
            DeviceKey(fields.hash()),
            fields.exact(crypto.SIGNATURE_BYTES),
        )


@dataclass(frozen=True, slots=True)
class Away:
    """Take one's own node off the committee from the next epoch; the vote stays."""

    KIND: ClassVar[str] = "away"

    def to_wire(self) -> list[Value]:
        return []

    @classmethod
    def read(cls, _fields: Fields) -> Away:
        return cls()


@dataclass(frozen=True, slots=True)
class Back:
    """Put one's own node back on the committee from the next epoch."""

    KIND: ClassVar[str] = "back"

    def to_wire(self) -> list[Value]:
        return []

    @classmethod
    def read(cls, _fields: Fields) -> Back:
        return cls()


@dataclass(frozen=True, slots=True)
class Leave:
    """Give one's own seat up."""

    KIND: ClassVar[str] = "leave"

    def to_wire(self) -> list[Value]:
        return []

    @classmethod
    def read(cls, _fields: Fields) -> Leave:
        return cls()


@dataclass(frozen=True, slots=True)
class AddDevice:
    """Bind one more device key to one's own seat; the new key agrees by signing."""

    KIND: ClassVar[str] = "add_device"
    device: DeviceKey
    bind_signature: bytes  # by `device` over TAG_BIND ‖ community ‖ member id

    def to_wire(self) -> list[Value]:
        return [self.device, self.bind_signature]

    @classmethod
    def read(cls, fields: Fields) -> AddDevice:
        return cls(DeviceKey(fields.hash()), fields.exact(crypto.SIGNATURE_BYTES))


@dataclass(frozen=True, slots=True)
class RevokeDevice:
    """Take a device key off one's own seat; the last one cannot be revoked."""

    KIND: ClassVar[str] = "revoke_device"
    device: DeviceKey

    def to_wire(self) -> list[Value]:
        return [self.device]

    @classmethod
    def read(cls, fields: Fields) -> RevokeDevice:
        return cls(DeviceKey(fields.hash()))


@dataclass(frozen=True, slots=True)
class SetNodeKey:
    """Say which of one's device keys makes blocks; None: the seat votes but runs no node."""

    KIND: ClassVar[str] = "set_node_key"
    device: DeviceKey | None

    def to_wire(self) -> list[Value]:
        return [self.device]

    @classmethod
    def read(cls, fields: Fields) -> SetNodeKey:
        key = fields.maybe_hash()
        return cls(None if key is None else DeviceKey(key))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Show that a node key forked: two signed headers that no honest node signs both (R2.19)."""

    KIND: ClassVar[str] = "evidence"
    first: bytes  # header of a block
    first_signature: bytes
    second: bytes
    second_signature: bytes

    @property
    def accused(self) -> bytes:
        """The key that the first header names; empty: it is no header."""
        try:
            fields = Fields(decode(self.first, HEADER_BYTES), "block header")
            _epoch, _author = fields.hash(), fields.hash()
            return fields.hash()
        except PeerFault:
            return b""

    def to_wire(self) -> list[Value]:
        return [self.first, self.first_signature, self.second, self.second_signature]

    @classmethod
    def read(cls, fields: Fields) -> Evidence:
        return cls(
            fields.blob(HEADER_BYTES),
            fields.exact(crypto.SIGNATURE_BYTES),
            fields.blob(HEADER_BYTES),
            fields.exact(crypto.SIGNATURE_BYTES),
        )


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
_BODIES: dict[str, Callable[[Fields], Body]] = {
    Propose.KIND: Propose.read,
    Revise.KIND: Revise.read,
    Withdraw.KIND: Withdraw.read,
    Vote.KIND: Vote.read,
    Join.KIND: Join.read,
    Away.KIND: Away.read,
    Back.KIND: Back.read,
    Leave.KIND: Leave.read,
    AddDevice.KIND: AddDevice.read,
    RevokeDevice.KIND: RevokeDevice.read,
    SetNodeKey.KIND: SetNodeKey.read,
    Evidence.KIND: Evidence.read,
}
assert DEVICES <= 256

# Kinds that change who decides or who finalizes: pursued at once, never lingering (R5.2).
STRUCTURAL = (Join, Away, Back, Leave, AddDevice, RevokeDevice, SetNodeKey, Evidence)


def read_body(kind: str, value: Value) -> Body:
    """Return the body of an op of this kind.

    Raises:
        PeerFault: `bad_field`, `unknown_kind`.
    """
    reader = _BODIES.get(kind)
    if reader is None:
        raise PeerFault("unknown_kind", f"op {kind!r}; this version knows {sorted(_BODIES)}")
    fields = Fields(value, kind)
    body = reader(fields)
    fields.end()
    return body


def texts_of(body: Body) -> tuple[TextRef, ...]:
    """Return the detached texts that an op with this body refers to."""
    match body:
        case Propose(title=title, text=text) | Revise(title=title, text=text):
            return (title,) if text is None else (title, text)
        case Withdraw(reason=reason) | Vote(reason=reason):
            return () if reason is None else (reason,)
        case _:
            return ()


# Where in a body such a reference stands, or nil.
_REFS = {Propose.KIND: (1, 2), Revise.KIND: (1, 2), Withdraw.KIND: (1,), Vote.KIND: (3,)}


def read_text_ids(wire: bytes) -> tuple[TextId, ...]:
    """Return which detached texts an op refers to that was verified once, and no more of it."""
    content, _signature = unpack(wire)
    _author, _device, _nonce, _created_ms, kind, body = unpack(content)
    places = _REFS.get(kind, ())
    return tuple(TextId(body[place][0]) for place in places if body[place] is not None)


def about(op: Op) -> OpId | None:
    """Return the proposal that an op is about, or None."""
    match op.body:
        case Propose():
            return op.id
        case Vote(proposal=proposal) | Revise(proposal=proposal) | Withdraw(proposal=proposal):
            return proposal
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Op:
    """One signed operation. Build with `sign_op`, read with `open_op`; never by hand.

    `wire` is what travels and is stored: canonical [content, signature].
    """

    id: OpId
    author: MemberId
    device: DeviceKey
    nonce: int  # 1, 2, … per device; gaps wait (R2.10)
    created_ms: WallMs  # the author's clock; shown, never trusted
    body: Body
    wire: bytes


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
    try:
        content = encode([author, signer.device, nonce, created_ms, body.KIND, body.to_wire()])
    except (TypeError, ValueError, OverflowError) as error:  # half a character, a huge number
        raise PeerFault("bad_field", f"{body.KIND}: {error}") from error
    signature = signer.sign(crypto.signed_message(crypto.TAG_OP, community, content))
    wire = encode([content, signature])
    if len(wire) > OP_BYTES:
        raise PeerFault("limit_size", f"an op of {len(wire)} bytes, at most {OP_BYTES}")
    op_id = OpId(crypto.digest(crypto.TAG_OP, community, content))
    return Op(op_id, author, signer.device, nonce, created_ms, body, wire)


def open_op(community: CommunityId, wire: bytes, verify: crypto.Verify) -> Op:
    """Return the op in `wire`, decoded, checked and its signature verified.

    That its author is a member, and may do this, is for the state to say: that depends
    on where in the log it stands.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `unknown_kind`, `bad_signature`.
    """
    outer = Fields(decode(wire, OP_BYTES), "op")
    content, signature = outer.blob(OP_BYTES), outer.exact(crypto.SIGNATURE_BYTES)
    outer.end()
    fields = Fields(decode(content, OP_BYTES), "op content")
    author, device = MemberId(fields.hash()), DeviceKey(fields.hash())
    nonce, created_ms = fields.integer(1, MAX_NONCE), WallMs(fields.integer(0, MAX_MS))
    kind = fields.text(NAME_CHARS)
    body = read_body(kind, fields.any())
    fields.end()
    if not verify(device, crypto.signed_message(crypto.TAG_OP, community, content), signature):
        raise PeerFault("bad_signature", f"op {kind} nonce {nonce}: signature does not match")
    op_id = OpId(crypto.digest(crypto.TAG_OP, community, content))
    return Op(op_id, author, device, nonce, created_ms, body, wire)


def seat_of(action: Action) -> MemberId | None:
    """Return the seat that the action is about, or None."""
    match action:
        case RemoveAction() | SetAwayAction() | RekeyAction():
            return action.member
        case _:
            return None
