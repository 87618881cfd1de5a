"""Texts that people pass to one another: join links, device bindings, rebuilds.

    p2pnode:join:1<base32>      [community id, seat secret or nothing, expiry, addresses, seat
                                id or nothing]
    p2pnode:bind:1<base32>      [seat id, device key, signature]
    p2pnode:rebuild:1<base32>   [community id, rebuild with the signatures so far]

Base32 (RFC 4648, lower case, unpadded) of a 4-byte checksum and the canonical encoding:
nothing that a chat program breaks, escapes or turns into markup. Capitals, blanks and line
breaks that a copy adds are passed over.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from p2pnode_protocols.agreement.rebuild import Rebuild, open_rebuild
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.crypto import Ed25519Signer, Signer
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MemberId, WallMs
from p2pnode_protocols.wire.kinds import Blob, Many, Space, Text
from p2pnode_protocols.wire.limits import ADDRESS_CHARS, REBUILD_BYTES
from p2pnode_protocols.wire.shapes import Hash, Shaped, Signature, shape_of, shaped

from ..errors import RequestError

_JOIN = "p2pnode:join:1"
_BIND = "p2pnode:bind:1"
_REBUILD = "p2pnode:rebuild:1"
_CHECK_BYTES = 4
_DECODED_BYTES = 4096
LINK_ADDRESSES = 8  # more make the link longer than a message line, and one reachable is enough


class _Dialled(Text):
    """An address that names whose key answers there."""

    def test(self, v: str, space: Space) -> str:
        return f"{super().test(v, space)} and '/p2p/' in {v}"

    def problem(self, value: object) -> str:
        return f"{value!r} is no address with a peer id"


@shaped("join link")
@dataclass(frozen=True, slots=True)
class JoinLink(Shaped):
    """What a newcomer needs: which community, the seat's secret, whom to ask.

    `secret` is the seed of the invite's key: whoever has it may take the seat, so the text
    is a password. None: no seat, for a further device of a member that is one already;
    `member` says which.
    """

    community: CommunityId
    secret: Hash | None
    expires_ms: WallMs  # of the invite; 0: never
    # multiaddresses that end in /p2p/<peer id>
    addresses: Annotated[tuple[Annotated[str, _Dialled(ADDRESS_CHARS)], ...], Many(LINK_ADDRESSES)]
    member: MemberId | None = None

    def __repr__(self) -> str:  # logs and tracebacks must not give the seat away
        return f"JoinLink(community={self.community.hex()[:8]}…, {self.addresses})"

    def to_text(self) -> str:
        return _pack(_JOIN, self.to_wire())

    @classmethod
    def from_text(cls, text: str) -> JoinLink:
        """Return what a join link says.

        Raises:
            RequestError: `bad_link`, saying what is wrong with it.
        """
        try:
            return cls.read(_unpack(_JOIN, "join link", text))
        except PeerFault as fault:
            raise _refused("join link", fault.detail) from fault

    def admission(self, device: DeviceKey) -> tuple[DeviceKey, bytes] | None:
        """Return what lets `device` connect before it has a seat: invite key and signature."""
        return self._vouch(crypto.TAG_ADMIT, device)

    def join_proof(self, device: DeviceKey) -> tuple[DeviceKey, bytes] | None:
        """Return what an `ops.Join` by `device` carries: invite key and signature."""
        return self._vouch(crypto.TAG_JOIN, device)

    def _vouch(self, tag: bytes, device: DeviceKey) -> tuple[DeviceKey, bytes] | None:
        if self.secret is None:
            return None
        invite = Ed25519Signer(self.secret)
        message = crypto.signed_message(tag, self.community, device)
        return invite.device, invite.sign(message)


@shaped("device binding")
@dataclass(frozen=True, slots=True)
class Binding(Shaped):
    """A new device's agreement to belong to a seat, and so its request to be bound to it."""

    member: MemberId
    device: DeviceKey
    signature: Signature  # by `device` over TAG_BIND ‖ community ‖ member id

    def to_text(self) -> str:
        return _pack(_BIND, self.to_wire())

    @classmethod
    def from_text(cls, text: str) -> Binding:
        """Return the binding in `text`. Raises `RequestError` `bad_link`."""
        try:
            return cls.read(_unpack(_BIND, "device binding", text))
        except PeerFault as fault:
            raise _refused("device binding", fault.detail) from fault


@shaped("rebuild")
class SharedRebuild(NamedTuple):
    """What survivors pass round."""

    community: CommunityId
    rebuild: Annotated[bytes, Blob(REBUILD_BYTES)]


def write_rebuild(community: CommunityId, rebuild: Rebuild) -> str:
    """Return a rebuild as the text that survivors pass round."""
    return _pack(_REBUILD, [community, rebuild.to_bytes()])


def read_rebuild_text(text: str, community: CommunityId) -> Rebuild:
    """Return the rebuild in `text`, every signature in it verified.

    Raises:
        RequestError: `bad_link`, saying what is wrong with it.
    """
    what = "rebuild"
    try:
        value = _unpack(_REBUILD, what, text, 2 * REBUILD_BYTES)
        named, wire = shape_of(SharedRebuild).read(value)
        if named != community:
            raise _refused(what, "it is of another community")
        return open_rebuild(community, wire, crypto.verify_ed25519)
    except PeerFault as fault:
        raise _refused(what, fault.detail) from fault


def bind(signer: Signer, community: CommunityId, member: MemberId) -> Binding:
    """Return this device's agreement to be one of `member`'s."""
    message = crypto.signed_message(crypto.TAG_BIND, community, member)
    return Binding(member, signer.device, signer.sign(message))


def _pack(prefix: str, value: Value) -> str:
    content = encode(value)
    body = base64.b32encode(_checksum(prefix, content) + content).decode()
    return prefix + body.rstrip("=").lower()


def _unpack(prefix: str, what: str, text: str, most: int = _DECODED_BYTES) -> Value:
    squeezed = "".join(text.split()).strip("<>\"'`").lower()
    if not squeezed.startswith(prefix):
        raise _refused(what, f"it does not begin with {prefix}")
    body = squeezed.removeprefix(prefix).upper()
    try:
        data = base64.b32decode(body + "=" * (-len(body) % 8))
    except ValueError:
        raise _refused(what, "it has characters other than a–z and 2–7, or lost some") from None
    checksum, content = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
    if checksum != _checksum(prefix, content):
        raise _refused(what, "its checksum does not match: a part is missing or mistyped")
    return decode(content, most)


def _checksum(prefix: str, content: bytes) -> bytes:
    return hashlib.sha256(prefix.encode() + b"\0" + content).digest()[:_CHECK_BYTES]


def _refused(what: str, problem: str) -> RequestError:
    return RequestError("bad_link", f"not a whole {what}: {problem}", "copy the whole line again")
