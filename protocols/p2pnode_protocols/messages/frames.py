"""What two nodes say to each other: frames of messages (docs/protocol.md R7.1).

A frame is the canonical list of messages, each `[number, field, …]`; the transport puts a
4-byte big-endian length before it. `read_frame` is the only way in: everything it returns
is decoded, bounded and its signatures verified, and nothing else may reach the core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Protocol, get_args

from ..agreement.blocks import Block
from ..agreement.envelope import AnyOp
from ..agreement.rebuild import Rebuild
from ..agreement.receipts import Receipt
from ..wire import crypto
from ..wire.codec import Value, decode, encode
from ..wire.errors import CODES, PeerFault
from ..wire.ids import (
    MAX_MS,
    MAX_NONCE,
    MAX_ROUND,
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    Round,
    WallMs,
)
from ..wire.kinds import Blob, Kind, Many, Opened, Space, Text, Whole
from ..wire.limits import (
    ADDRESS_CHARS,
    ADDRESSES,
    BLOCK_BYTES,
    DETAIL_CHARS,
    DEVICES,
    FIRST_FRAME_BYTES,
    FRAME_BYTES,
    FRAME_MESSAGES,
    HURRIED_OPS,
    MEMBERS,
    NAME_CHARS,
    OP_BYTES,
    PULL_BYTES,
    REBUILD_BYTES,
    RECALL_BYTES,
    RECALLED_BYTES,
    RECEIPT_BYTES,
    RECEIPTS_IN_MESSAGE,
    SNAPSHOT_BYTES,
    TEXT_BYTES,
    UNPROVEN_TOLD,
    WANT_HASHES,
)
from ..wire.plain import make_plain
from ..wire.shapes import BY_KEY, Bare, Check, Hash, Ms, Row, Shaped, Signature, Tagged, shaped

PROTOCOL_VERSION = 1
_EPOCHS = 1 << 40
_LIST = 4096  # blocks, ops or texts in one message; the frame's size binds first
# Lists in a frame: where there are many, each two have a key or hash of 34 bytes in them.
_MOST_LISTS, _LIST_BYTES = 2 * _LIST, 16


class _Plain(Text):
    """A text, of which only what can be shown is kept (R7.25)."""

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(make_plain)}({v}, {self.chars})"

    def write(self, v: str, space: Space, context: str) -> str:
        return self.convert(v, space, context)


class _Heard(_Plain):
    """A text of which what this node says is plain already."""

    def write(self, v: str, space: Space, context: str) -> str:
        return v


class _Code(Text):
    """A refusal code; one that this version does not know is read as one it knows."""

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"({v} if {v} in {space.bind(CODES)} else 'bad_field')"


class _Addresses(Many):
    """Addresses; those that nobody could read are none. Who passes one on need not know (R7.25)."""

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        return self

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(_readable)}({v})"


def _readable(addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple([one for one in addresses if one.isprintable()])


def _are_runs(runs: Sequence[tuple[int, int]]) -> bool:
    return all(first <= last for first, last in runs) and all(
        one[1] < two[0] for one, two in pairwise(runs)
    )


_RUNS = Check(_are_runs, "ascending and apart")


class Opener(Protocol):
    """What opens blocks, ops, receipts and rebuilds: it knows the community and the kinds of op."""

    def block(self, wire: bytes) -> Block: ...
    def op(self, wire: bytes) -> AnyOp: ...
    def receipt(self, wire: bytes) -> Receipt: ...
    def rebuild(self, wire: bytes) -> Rebuild: ...


_BLOCK = Opened(BLOCK_BYTES, lambda opener, wire: opener.block(wire), "block")
_OP = Opened(OP_BYTES, lambda opener, wire: opener.op(wire), "op")
_RECEIPT = Opened(RECEIPT_BYTES, lambda opener, wire: opener.receipt(wire), "receipt")
_REBUILD = Opened(REBUILD_BYTES, lambda opener, wire: opener.rebuild(wire), "rebuild", "to_bytes()")

EpochNumber = Annotated[int, Whole(0, _EPOCHS)]
# Of a block in what answers pulls: by round, then by id.
Place = Annotated[tuple[Annotated[Round, Whole(1, MAX_ROUND)], BlockId], Row("place of a block")]
Frontier = Annotated[
    tuple[Annotated[tuple[MemberId, Annotated[Round, Whole(0, MAX_ROUND)]], Row("pair")], ...],
    Many(MEMBERS),
    BY_KEY,
]
Texts = Annotated[tuple[Annotated[bytes, Blob(TEXT_BYTES + crypto.SALT_BYTES)], ...], Many(_LIST)]
Addresses = Annotated[tuple[str, ...], _Addresses(ADDRESSES, Text(ADDRESS_CHARS))]
Blocks = Annotated[tuple[Annotated[Block, _BLOCK], ...], Many(_LIST)]
Part = Annotated[bytes, Blob(PULL_BYTES)]  # of an answer
LeapByte = Annotated[int, Whole(0, SNAPSHOT_BYTES)]
RecallByte = Annotated[int, Whole(0, RECALLED_BYTES)]


@shaped("status", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Status(Shaped):
    """Where a node stands (R7.4); sent in the hello and whenever it enters an epoch.

    `frontier` has the highest round of each committee member's chain that the sender
    holds: as a blocklace is closed under parents, it holds all below too.
    """

    epoch_number: EpochNumber
    epoch: EpochId
    frontier: Frontier  # sorted; members with no block left out
    # sorted; highest nonce held per device
    nonces: Annotated[
        tuple[Annotated[tuple[DeviceKey, Annotated[int, Whole(0, MAX_NONCE)]], Row("pair")], ...],
        Many(MEMBERS * DEVICES),
        BY_KEY,
    ]
    final_index: Ms
    final_root: Hash
    # Commits whose receipts it lacks (R8.3), as runs (first, last), ascending. Of the others up
    # to `final_index` it has a quorum's, if they want any.
    unproven: Annotated[
        tuple[
            Annotated[
                tuple[Annotated[int, Whole(1, MAX_MS)], Annotated[int, Whole(1, MAX_MS)]],
                Row("run of commits"),
            ],
            ...,
        ],
        Many(UNPROVEN_TOLD),
        _RUNS,
    ]

    KIND: ClassVar[int] = 2


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
    agent: Annotated[str, _Heard(NAME_CHARS)]  # software name and version, for `peers`
    addresses: Addresses  # where the sender listens

    KIND: ClassVar[int] = 1


@shaped("push", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Push(Shaped):
    """Blocks, ops and texts that the sender believes the receiver lacks, parents first."""

    blocks: Blocks = ()
    ops: Annotated[tuple[Annotated[AnyOp, _OP], ...], Many(_LIST)] = ()
    texts: Texts = ()

    KIND: ClassVar[int] = 3


@shaped("pull", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Pull(Shaped):
    """Ask for the blocks of one epoch beyond a frontier; one in flight per peer.

    `after`: of those, only what comes after this place (R7.18).
    """

    epoch_number: EpochNumber
    frontier: Frontier
    most_bytes: Annotated[int, Whole(1, PULL_BYTES)]
    after: Place | None = None

    KIND: ClassVar[int] = 4


@shaped("pulled", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Pulled(Shaped):
    """Answer to a pull: blocks by round and then id, with the texts of their ops.

    `more` says that the answer was cut: there are blocks after the last one. `after` is that of
    the pull.
    """

    epoch_number: EpochNumber
    blocks: Blocks
    texts: Texts
    more: bool
    after: Place | None = None

    KIND: ClassVar[int] = 5


@shaped("want", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Want(Shaped):
    """Ask for blocks or texts by hash: missing parents, missing texts."""

    hashes: Annotated[tuple[Hash, ...], Many(WANT_HASHES)]

    KIND: ClassVar[int] = 6


@shaped("links", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Links(Shaped):
    """Whom the sender is connected to, so that nobody forwards what arrives directly."""

    devices: Annotated[tuple[DeviceKey, ...], Many(MEMBERS)]  # sorted

    KIND: ClassVar[int] = 7


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

    code: Annotated[str, _Code(NAME_CHARS)]
    detail: Annotated[str, _Plain(DETAIL_CHARS)]

    KIND: ClassVar[int] = 11


@shaped("bye", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Bye(Shaped):
    """The sender is shutting down in good order; not a failure."""

    KIND: ClassVar[int] = 12


@shaped("contacts", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Contacts(Shaped):
    """Where other members' nodes listen (R7.16), as they told the sender themselves.

    A hint: whoever dials proves the key at the handshake, so a lie costs one dial.
    """

    contacts: Annotated[
        tuple[Annotated[tuple[DeviceKey, Addresses], Row("contact")], ...], Many(MEMBERS), BY_KEY
    ]

    KIND: ClassVar[int] = 13


@shaped("receipts", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Receipts(Shaped):
    """Receipts that are new to the sender, or that the receiver asked for (R8.3)."""

    receipts: Annotated[tuple[Annotated[Receipt, _RECEIPT], ...], Many(RECEIPTS_IN_MESSAGE)]
    after: Ms | None = None  # answers the `Prove` with this number; None: unasked

    KIND: ClassVar[int] = 14


@shaped("prove", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Prove(Shaped):
    """Ask for the receipts of commits after this one; one such request in flight."""

    after: Ms

    KIND: ClassVar[int] = 15


@shaped("leap", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Leap(Shaped):
    """Ask for what leads from an epoch to the answerer's own (R7.17), from a byte on."""

    epoch_number: EpochNumber  # where the sender is
    closed: EpochNumber  # closed proposals that it holds
    # the log of its epoch is wanted from after this commit on; None: it is not
    after: Ms | None
    offset: LeapByte

    KIND: ClassVar[int] = 16


@shaped("leapt", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Leapt(Shaped):
    """A part of the answer to a leap; `total` 0: there is none."""

    epoch_number: EpochNumber  # where it begins
    digest: Hash  # SHA-256 of the whole
    total: LeapByte  # bytes
    offset: LeapByte
    data: Part

    KIND: ClassVar[int] = 17


@shaped("recall", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Recall(Shaped):
    """Ask for closed proposals, the last ones of those wanted (R7.22), from a byte on."""

    held: EpochNumber  # wanted are those after this one …
    until: Annotated[int, Whole(1, _EPOCHS)]  # … up to this one, in the order of closing
    least: Annotated[int, Whole(1, RECALL_BYTES)]  # bytes of records, unless all have fewer
    offset: RecallByte

    KIND: ClassVar[int] = 20


@shaped("recalled", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Recalled(Shaped):
    """A part of the answer to a recall; `total` 0: not all of these are here."""

    until: Annotated[int, Whole(1, _EPOCHS)]  # as in the recall
    total: RecallByte  # bytes
    offset: RecallByte
    data: Part

    KIND: ClassVar[int] = 21


@shaped("rebuilt", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Rebuilt(Shaped):
    """By this rebuild the sender went on from the epoch in which the receiver is (R6.15)."""

    rebuild: Annotated[Rebuild, _REBUILD]

    KIND: ClassVar[int] = 18


@shaped("hurry", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Hurry(Shaped):
    """Ask to make these ops final at once: their author waits, and makes no blocks (R5.8)."""

    ops: Annotated[tuple[OpId, ...], Many(HURRIED_OPS)]

    KIND: ClassVar[int] = 19


Message = (
    Hello
    | Status
    | Push
    | Pull
    | Pulled
    | Want
    | Links
    | Genesis
    | Ping
    | Pong
    | Refused
    | Bye
    | Contacts
    | Receipts
    | Prove
    | Leap
    | Leapt
    | Recall
    | Recalled
    | Rebuilt
    | Hurry
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message to be sent of which the objects are known by their bytes only.

    Who answers out of a store has verified them once, and need not decode them for that.
    """

    fields: tuple[Value, ...]  # with the number before them

    def to_wire(self) -> Sequence[Value]:
        return self.fields


Sendable = Message | Encoded


def encode_pulled(
    pull: Pull, blocks: Sequence[bytes], texts: Sequence[bytes], *, more: bool
) -> Encoded:
    """Return a `Pulled` out of the wires of its blocks."""
    return Encoded((Pulled.KIND, pull.epoch_number, blocks, texts, more, pull.after))


def encode_push(blocks: Sequence[bytes], texts: Sequence[bytes]) -> Encoded:
    """Return a `Push` without ops out of the wires of its blocks."""
    return Encoded((Push.KIND, blocks, (), texts))


def encode_receipts(receipts: Sequence[bytes], after: int) -> Encoded:
    """Return the `Receipts` that answer a `Prove`, out of their wires."""
    return Encoded((Receipts.KIND, receipts, after))


def write_frame(messages: Sequence[Sendable]) -> bytes:
    """Return the frame that carries these messages, without the length before it."""
    return encode([one.to_wire() for one in messages])


def read_frame(frame: bytes, opener: Opener, *, is_first: bool = False) -> tuple[Message, ...]:
    """Return the messages of a frame, all of it decoded, bounded and verified (R7.2).

    Args:
        is_first: the peer has no seat here, and has not been let in: all that it may say is who
            it is and why it refuses this node (R7.20). No signature is checked for it.

    Raises:
        PeerFault: `bad_frame` for something that is no list of known messages, else the
            code of the first thing that is wrong inside. Nothing of such a frame counts.
    """
    most = FIRST_FRAME_BYTES if is_first else FRAME_BYTES
    value = decode(frame, most, lists=_MOST_LISTS + len(frame) // _LIST_BYTES)
    if not isinstance(value, list):
        raise PeerFault("bad_frame", "a list of messages expected")
    if len(value) > FRAME_MESSAGES:
        raise PeerFault("bad_frame", f"{len(value)} messages, at most {FRAME_MESSAGES}")
    messages = _FIRST if is_first else _MESSAGES
    return tuple([messages.read(one, opener) for one in value])


def _unknown_message(number: int) -> PeerFault:
    return PeerFault("bad_frame", f"message {number} is unknown to version {PROTOCOL_VERSION}")


def _no_first_message(number: int) -> PeerFault:
    if number in _MESSAGES.shapes:
        return PeerFault("bad_frame", f"message {number} of a stranger that is not let in")
    return _unknown_message(number)


_MESSAGES: Tagged[Message] = Tagged("message", Whole(0, 255), get_args(Message), _unknown_message)
_FIRST: Tagged[Message] = Tagged(
    "message", Whole(0, 255), (Hello, Refused, Ping, Pong, Bye), _no_first_message
)
