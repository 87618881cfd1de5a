"""Who speaks, and whether they are let in; whether the other is still there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..wire.ids import CommunityId, DeviceKey, WallMs
from ..wire.kinds import Blob, Whole
from ..wire.limits import BLOCK_BYTES, DETAIL_CHARS, NAME_CHARS
from ..wire.shapes import Bare, Ms, Row, Shaped, Signature, shaped
from .fields import Addresses, Code, Heard, Plain
from .standing import Status

PROTOCOL_VERSION = 2  # 1 was never released


@shaped("hello", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Hello(Shaped):
    """First message on a stream, both ways (R7.3)."""

    version: Annotated[int, Whole(1, 1 << 16)]
    community: CommunityId
    # None: a joiner that does not have the charter yet
    status: Annotated[Status, Bare("status")] | None
    # a joiner's admission: invite key, its signature
    invite: Annotated[tuple[DeviceKey, Signature], Row("admission")] | None
    agent: Annotated[str, Heard(NAME_CHARS)]  # software name and version, for `peers`
    addresses: Addresses  # where the sender listens

    KIND: ClassVar[int] = 1


@shaped("genesis", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Genesis(Shaped):
    """The founding charter's bytes, for a joiner; its hash is the community id (R7.12)."""

    charter: Annotated[bytes, Blob(BLOCK_BYTES)]

    KIND: ClassVar[int] = 8


@shaped("ping", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Ping(Shaped):
    """Heartbeat of the transport (R7.14); `token` comes back. The core never sees it."""

    token: Ms
    wall_ms: WallMs

    KIND: ClassVar[int] = 9


@shaped("pong", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Pong(Shaped):
    """Answer to a ping, with the answerer's clock: round-trip time and clock offset."""

    token: Ms
    wall_ms: WallMs

    KIND: ClassVar[int] = 10


@shaped("refused", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Refused(Shaped):
    """Something of the receiver's was refused, and why; told before a disconnect too."""

    code: Annotated[str, Code(NAME_CHARS)]
    detail: Annotated[str, Plain(DETAIL_CHARS)]

    KIND: ClassVar[int] = 11


@shaped("bye", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Bye(Shaped):
    """The sender is shutting down in good order; not a failure."""

    KIND: ClassVar[int] = 12
