"""A rebuild: the survivors of a lost quorum say how their community goes on (R6.11).

It ends an epoch whose committee has lost more nodes for good than its quorum allows, and
takes those nodes off. What the survivors sign is a statement like a receipt's, under
another tag: up to this commit the log stands, and this epoch begins with it; and with it
who stays and who is lost, so that nobody's signature can be shown for another rebuild.
Whoever reads one checks the signatures here; whether it fits a log only a core can say
(`rebuilding`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from . import crypto
from .codec import Fields, Value, decode, encode
from .errors import PeerFault
from .ids import CommunityId, DeviceKey, EpochId, MemberId, to_short
from .limits import MEMBERS, REBUILD_BYTES
from .ops import MAX_MS
from .receipts import Statement


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A rebuild with the signatures it has so far. Read one with `open_rebuild`."""

    statement: Statement  # `epoch` is the one that ends
    next_epoch: EpochId  # the statement's; a rebuild always begins one
    kept: tuple[MemberId, ...]  # sorted: the committee from then on, each of which must sign
    lost: tuple[MemberId, ...]  # sorted: the rest of the committee that ends
    signatures: tuple[tuple[DeviceKey, bytes], ...] = ()  # sorted by node key

    def to_wire(self) -> list[Value]:
        return [
            self.statement.to_bytes(),
            list(self.kept),
            list(self.lost),
            [list(pair) for pair in self.signatures],
        ]

    def to_bytes(self) -> bytes:
        return encode(self.to_wire())

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
    return read_rebuild_value(decode(wire, REBUILD_BYTES))


def read_rebuild_value(value: Value) -> Rebuild:
    """Return the rebuild in a decoded value, none of its signatures verified yet."""
    outer = Fields(value, "rebuild")
    content = outer.blob(REBUILD_BYTES)
    kept, lost = _members(outer), _members(outer)
    signatures: list[tuple[DeviceKey, bytes]] = []
    for item in outer.items(MEMBERS):
        pair = Fields(item, "rebuild signature")
        signatures.append((DeviceKey(pair.hash()), pair.exact(crypto.SIGNATURE_BYTES)))
        pair.end()
    _require_ascending(outer, [key for key, _ in signatures])
    outer.end()
    fields = Fields(decode(content, REBUILD_BYTES), "rebuild statement")
    epoch, index, root = EpochId(fields.hash()), fields.integer(0, MAX_MS), fields.hash()
    following = EpochId(fields.hash())
    fields.end()
    statement = Statement(epoch, index, root, following)
    return Rebuild(statement, following, kept, lost, tuple(signatures))


def _members(outer: Fields) -> tuple[MemberId, ...]:
    members: list[MemberId] = []
    for item in outer.items(MEMBERS):
        if not isinstance(item, bytes) or len(item) != 32:
            raise outer.fail("member ids of 32 bytes expected")
        members.append(MemberId(item))
    _require_ascending(outer, members)
    return tuple(members)


def _require_ascending(outer: Fields, keys: list[MemberId] | list[DeviceKey]) -> None:
    if any(one >= two for one, two in pairwise(keys)):
        raise outer.fail("sorted, none twice")
