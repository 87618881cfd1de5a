"""Receipts: what a committee member's node signs of a commit that has to be provable.

A receipt names the commit by its root, which binds all that it decided (R3.10), and the
epoch that follows, if it ends one. Receipts of a quorum prove to anybody what the community
decided, and who decides next (docs/protocol.md §8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

from ..wire import crypto
from ..wire.codec import decode, encode
from ..wire.errors import PeerFault
from ..wire.ids import MAX_MS, CommunityId, DeviceKey, EpochId
from ..wire.kinds import Blob, Whole
from ..wire.limits import RECEIPT_BYTES
from ..wire.shapes import Hash, Shaped, Signature, shape_of, shaped


@shaped("receipt content", limit=RECEIPT_BYTES)
@dataclass(frozen=True, slots=True)
class Statement(Shaped):
    """What receipts say: the log up to `index` has this root (R8.1)."""

    epoch: EpochId  # of the commit
    index: Annotated[int, Whole(1, MAX_MS)]
    root: Hash
    next_epoch: EpochId | None  # the epoch that begins with it; None: it ends none


@shaped("receipt")
class SignedStatement(NamedTuple):
    """What travels and is stored of a receipt."""

    content: Annotated[bytes, Blob(RECEIPT_BYTES)]
    device: DeviceKey
    signature: Signature


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed statement. Build with `sign_receipt`, read with `open_receipt`."""

    statement: Statement
    device: DeviceKey
    signature: bytes
    wire: bytes


def sign_receipt(community: CommunityId, signer: crypto.Signer, statement: Statement) -> Receipt:
    """Return the receipt, signed by a node key."""
    content = statement.to_bytes()
    signature = signer.sign(crypto.signed_message(crypto.TAG_RECEIPT, community, content))
    return make_receipt(statement, signer.device, signature)


def make_receipt(statement: Statement, device: DeviceKey, signature: bytes) -> Receipt:
    """Return the receipt of these parts; whoever calls this has verified the signature."""
    wire = encode([statement.to_bytes(), device, signature])
    return Receipt(statement, device, signature, wire)


def open_receipt(community: CommunityId, wire: bytes, verify: crypto.Verify) -> Receipt:
    """Return the receipt in `wire`, its signature verified.

    Whether the key finalized in that epoch is for the reader to say.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `bad_signature`.
    """
    content, device, signature = shape_of(SignedStatement).read(decode(wire, RECEIPT_BYTES))
    statement = Statement.from_bytes(content)
    if not verify(device, crypto.signed_message(crypto.TAG_RECEIPT, community, content), signature):
        raise PeerFault(
            "bad_signature", f"receipt for commit {statement.index}: signature does not match"
        )
    return Receipt(statement, device, signature, wire)
