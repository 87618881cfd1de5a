"""A rebuild: the survivors of a lost quorum say how their community goes on (R6.11).

It ends an epoch whose committee has lost more nodes for good than its quorum allows, and
takes those nodes off. What the survivors sign is a statement like a receipt's, under
another tag: up to this commit the log stands, and this epoch begins with it; and with it
who stays and who is lost, so that nobody's signature can be shown for another rebuild.
Whoever reads one checks the signatures here; whether it fits a log only a core can say
(`core.finalizing.rebuilder`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated

from ..wire import crypto
from ..wire.codec import encode
from ..wire.errors import PeerFault
from ..wire.ids import CommunityId, DeviceKey, EpochId, MemberId, to_short
from ..wire.kinds import Many
from ..wire.limits import MEMBERS, REBUILD_BYTES
from ..wire.shapes import (
    ASCENDING,
    BY_KEY,
    Hash,
    Ms,
    Packed,
    Row,
    Shaped,
    Signature,
    Unsaid,
    shaped,
)
from .receipts import Statement


@shaped("rebuild statement", limit=REBUILD_BYTES)
@dataclass(frozen=True, slots=True)
class _Ending(Shaped):
    """What a rebuild says, as a statement: an epoch always begins, and a log may be empty."""

    epoch: EpochId  # that ends
    index: Ms
    root: Hash
    next_epoch: EpochId


def _to_statement(ending: _Ending) -> Statement:
    return Statement(ending.epoch, ending.index, ending.root, ending.next_epoch)


@shaped("rebuild", limit=REBUILD_BYTES)
@dataclass(frozen=True, slots=True)
class Rebuild(Shaped):
    """A rebuild with the signatures it has so far. Read one with `open_rebuild`."""

    # `epoch` is the one that ends
    statement: Annotated[Statement, Packed(REBUILD_BYTES, _Ending, _to_statement)]
    next_epoch: Annotated[EpochId, Unsaid("statement.next_epoch")]  # a rebuild always begins one
    # sorted: the committee from then on, each of which must sign
    kept: Annotated[tuple[MemberId, ...], Many(MEMBERS), ASCENDING]
    # sorted: the rest of the committee that ends
    lost: Annotated[tuple[MemberId, ...], Many(MEMBERS), ASCENDING]
    # sorted by node key
    signatures: Annotated[
        tuple[Annotated[tuple[DeviceKey, Signature], Row("rebuild signature")], ...],
        Many(MEMBERS),
        BY_KEY,
    ] = ()

    def to_sign(self, community: CommunityId) -> bytes:
        """Return the message that each kept seat's node signs."""
        content = encode([self.statement.to_bytes(), list(self.kept), list(self.lost)])
        return crypto.signed_message(crypto.TAG_REBUILD, community, content)

    def signed_by(self, device: DeviceKey) -> bool:
        return any(key == device for key, _ in self.signatures)

    def with_signatures(self, more: Iterable[tuple[DeviceKey, bytes]]) -> Rebuild:
        """Return it with these signatures too; the first of a key stays."""
        return replace(
            self, signatures=tuple(sorted({**dict(more), **dict(self.signatures)}.items()))
        )


def sign_rebuild(
    community: CommunityId, signer: crypto.Signer, rebuild: Rebuild
) -> tuple[DeviceKey, bytes]:
    """Return this node key's signature on a rebuild."""
    return signer.device, signer.sign(rebuild.to_sign(community))


def open_rebuild(community: CommunityId, wire: bytes, verify: crypto.Verify) -> Rebuild:
    """Return the rebuild in `wire`, each of its signatures verified.

    Whether its signers are the committee, and all of it, is for the reader to say.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `bad_signature`.
    """
    rebuild = read_rebuild(wire)
    message = rebuild.to_sign(community)
    for device, signature in rebuild.signatures:
        if not verify(device, message, signature):
            raise PeerFault(
                "bad_signature",
                f"rebuild: the signature of {to_short('dev', device)} does not match",
            )
    return rebuild


def read_rebuild(wire: bytes) -> Rebuild:
    """As `open_rebuild`, for bytes whose signatures were verified before they were saved."""
    return Rebuild.from_bytes(wire)
