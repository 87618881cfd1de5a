"""Domain-separated hashing and signing.

A signature covers `tag ‖ community id ‖ content`, a hash likewise, so that no signed
bytes can be replayed as another kind of object, or in another community; the epoch is
part of a block's content (docs/protocol.md R2.4). Tags are prefix-free: each ends in NUL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .ids import CommunityId, DeviceKey, MemberId, TextId

TAG_BLOCK = b"p2pnode/block/1\0"
TAG_OPS = b"p2pnode/ops/1\0"  # what a block's header says of its ops
TAG_OP = b"p2pnode/op/1\0"
TAG_JOIN = b"p2pnode/join/1\0"  # an invite's secret vouches for a device key
TAG_ADMIT = b"p2pnode/admit/1\0"  # … and for a connection before the join is decided
TAG_BIND = b"p2pnode/bind/1\0"  # a new device key agrees to belong to a seat
TAG_CHARTER = b"p2pnode/charter/1\0"
TAG_EPOCH = b"p2pnode/epoch/1\0"
TAG_OUTER = b"p2pnode/outer/1\0"  # what outsiders need to know of a charter
TAG_MEMBER = b"p2pnode/member/1\0"
TAG_TEXT = b"p2pnode/text/1\0"
TAG_SLOT = b"p2pnode/slot/1\0"
TAG_LOG = b"p2pnode/log/1\0"
TAG_ENTRIES = b"p2pnode/entries/1\0"  # what a log root says of a commit's entries
TAG_RECORD = b"p2pnode/record/1\0"  # a closed proposal
TAG_CLOSED = b"p2pnode/closed/1\0"  # the chain of closed proposals
TAG_STATE = b"p2pnode/state/1\0"  # a snapshot
TAG_RECEIPT = b"p2pnode/receipt/1\0"
TAG_REBUILD = b"p2pnode/rebuild/1\0"  # survivors' signatures, and the epoch they begin

SIGNATURE_BYTES = 64
SALT_BYTES = 16

Verify = Callable[[DeviceKey, bytes, bytes], bool]  # key, message, signature


class Signer(Protocol):
    """A device key that can sign. The core never sees the secret."""

    @property
    def device(self) -> DeviceKey: ...

    def sign(self, message: bytes) -> bytes: ...


class Ed25519Signer:
    """Sign with an Ed25519 secret held in memory (RFC 8032)."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._device = DeviceKey(self._key.public_key().public_bytes_raw())

    @property
    def device(self) -> DeviceKey:
        return self._device

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def verify_ed25519(device: DeviceKey, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` is `device`'s over `message`; never raises on bad input."""
    try:
        Ed25519PublicKey.from_public_bytes(device).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def digest(tag: bytes, *parts: bytes) -> bytes:
    """Return SHA-256(tag ‖ parts…) (R2.3). All parts but the last must have fixed length."""
    return hashlib.sha256(tag + b"".join(parts)).digest()


def signed_message(tag: bytes, community: CommunityId, content: bytes) -> bytes:
    """Return the bytes that a signature of this kind covers."""
    return tag + community + content


def compute_member_id(founding_key: DeviceKey) -> MemberId:
    """Return the seat's id (R2.5): it names the seat for ever, whatever keys it holds."""
    return MemberId(digest(TAG_MEMBER, founding_key))


def compute_text_id(blob: bytes) -> TextId:
    """Return the id of a detached text (R2.8); `blob` is 16 bytes of salt, then UTF-8.

    The salt keeps an erased short text ("no") from being guessed from its hash.
    """
    return TextId(digest(TAG_TEXT, blob))
