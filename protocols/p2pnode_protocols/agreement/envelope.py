"""The envelope of an op: who says it, with which key and number, when, and of what kind it is.

An op says one thing by one member ("I vote yes on revision r of p"). Which kinds there are, and
what their bodies hold, is not known here: whoever opens an op hands in what reads its body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypeVar

from ..wire import crypto
from ..wire.codec import Value, decode, encode, unpack
from ..wire.errors import PeerFault
from ..wire.ids import MAX_NONCE, CommunityId, DeviceKey, MemberId, OpId, WallMs
from ..wire.kinds import Blob, Handed, Whole
from ..wire.limits import OP_BYTES
from ..wire.shapes import UNSAID, Name, Shaped, Signature, Within, shape_of, shaped


class AnyBody(Protocol):
    """What an op says."""

    @property
    def KIND(self) -> str: ...  # noqa: N802

    def to_wire(self) -> Value:
        """Return what stands for it in the op; of most kinds the list of its fields."""


B = TypeVar("B", bound=AnyBody)
B_co = TypeVar("B_co", bound=AnyBody, covariant=True)


@shaped("op")
class SignedOp(NamedTuple):
    """What travels and is stored of an op."""

    content: Annotated[bytes, Blob(OP_BYTES)]
    signature: Signature


@shaped("op content", limit=OP_BYTES)
@dataclass(frozen=True, slots=True)
class Envelope(Shaped, Generic[B_co]):
    """One signed op. Build with `sign_envelope`, read with `open_envelope`; never by hand.

    `wire` is what travels and is stored: canonical [content, signature].
    """

    id: Annotated[OpId, UNSAID]
    author: MemberId
    device: DeviceKey
    nonce: Annotated[int, Whole(1, MAX_NONCE)]  # 1, 2, … per device; gaps wait (R2.10)
    created_ms: WallMs  # the author's clock; shown, never trusted
    kind: Name  # of its body
    body: Annotated[B_co, Handed("list of the body's fields"), Within("kind")]
    wire: Annotated[bytes, UNSAID]


# An op in a block or a message: the type of its body is known to who handed in the reader.
AnyOp = Envelope[Any]


def sign_envelope(
    community: CommunityId,
    author: MemberId,
    signer: crypto.Signer,
    nonce: int,
    created_ms: WallMs,
    body: B,
) -> Envelope[B]:
    """Return the op, signed.

    Raises:
        PeerFault: `limit_size` when it is larger than OP_BYTES, `bad_field` for a number or
            text that has no canonical form.
    """
    draft = Envelope(OpId(b""), author, signer.device, nonce, created_ms, body.KIND, body, b"")
    try:
        content = draft.to_bytes()
    except (TypeError, ValueError, OverflowError) as error:  # half a character, a huge number
        raise PeerFault("bad_field", f"{body.KIND}: {error}") from error
    signature = signer.sign(crypto.signed_message(crypto.TAG_OP, community, content))
    wire = encode([content, signature])
    if len(wire) > OP_BYTES:
        raise PeerFault("limit_size", f"an op of {len(wire)} bytes, at most {OP_BYTES}")
    op_id = _op_id(community, content)
    return Envelope(op_id, author, signer.device, nonce, created_ms, body.KIND, body, wire)


def open_envelope(
    community: CommunityId,
    wire: bytes,
    verify: crypto.Verify,
    read_body: Callable[[str, Value], B],
) -> Envelope[B]:
    """Return the op in `wire`, decoded, checked and its signature verified.

    That its author is a member, and may do this, is for the state to say: that depends
    on where in the log it stands.

    Args:
        read_body: returns the body of an op of this kind, or refuses it.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `bad_signature`; as `read_body`.
    """
    content, signature = _SIGNED.read(decode(wire, OP_BYTES))
    op: Envelope[B] = Envelope.read(
        decode(content, OP_BYTES), read_body, id=_op_id(community, content), wire=wire
    )
    message = crypto.signed_message(crypto.TAG_OP, community, content)
    if not verify(op.device, message, signature):
        raise PeerFault("bad_signature", f"op {op.kind} nonce {op.nonce}: signature does not match")
    return op


def unpack_body(wire: bytes) -> tuple[str, Any]:
    """Return the kind and the body, not read, of an op that was verified once."""
    content, _signature = unpack(wire)
    _author, _device, _nonce, _created_ms, kind, body = unpack(content)
    return kind, body


_SIGNED = shape_of(SignedOp)


def _op_id(community: CommunityId, content: bytes) -> OpId:
    return OpId(crypto.digest(crypto.TAG_OP, community, content))
