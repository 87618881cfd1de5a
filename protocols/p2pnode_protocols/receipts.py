"""Receipts: what a committee member's node signs of a commit that has to be provable.

A receipt names the commit by its root, which binds all that it decided (R3.10), and the
epoch that follows, if it ends one. Receipts of a quorum prove to anybody what the community
decided, and who decides next (docs/protocol.md §8).
"""

from __future__ import annotations

from dataclasses import dataclass

from . import crypto
from .codec import Fields, decode, encode
from .errors import PeerFault
from .ids import CommunityId, DeviceKey, EpochId
from .limits import RECEIPT_BYTES
from .ops import MAX_MS


@dataclass(frozen=True, slots=True)
class Statement:
    """What receipts say: the log up to `index` has this root (R8.1)."""

    epoch: EpochId  # of the commit
    index: int
    root: bytes
    next_epoch: EpochId | None  # the epoch that begins with it; None: it ends none

    def to_bytes(self) -> bytes:
        return encode([self.epoch, self.index, self.root, self.next_epoch])

    @classmethod
    def from_bytes(cls, data: bytes) -> Statement:
        """Return the statement in `data`. Raises `PeerFault` for anything else."""
        fields = Fields(decode(data, RECEIPT_BYTES), "receipt content")
        epoch, index, root = EpochId(fields.hash()), fields.integer(1, MAX_MS), fields.hash()
        following = fields.maybe_hash()
        fields.end()
        return cls(epoch, index, root, None if following is None else EpochId(following))


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
    wire = encode([content, signer.device, signature])
    return Receipt(statement, signer.device, signature, wire)


def open_receipt(community: CommunityId, wire: bytes, verify: crypto.Verify) -> Receipt:
    """Return the receipt in `wire`, its signature verified.

    Whether the key finalized in that epoch is for the reader to say.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `bad_signature`.
    """
    outer = Fields(decode(wire, RECEIPT_BYTES), "receipt")
    content, device = outer.blob(RECEIPT_BYTES), DeviceKey(outer.hash())
    signature = outer.exact(crypto.SIGNATURE_BYTES)
    outer.end()
    statement = Statement.from_bytes(content)
    if not verify(device, crypto.signed_message(crypto.TAG_RECEIPT, community, content), signature):
        raise PeerFault(
            "bad_signature", f"receipt for commit {statement.index}: signature does not match"
        )
    return Receipt(statement, device, signature, wire)
