"""What two nodes say to each other: frames of messages (docs/protocol.md R7.1).

A frame is the canonical list of messages, each `[number, field, …]`; the transport puts a
4-byte big-endian length before it. `read_frame` is the only way in: everything it returns
is decoded, bounded and its signatures verified, and nothing else may reach the core.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from . import crypto
from .blocks import MAX_ROUND, Block, open_block
from .codec import Fields, Value, decode, encode
from .errors import CODES, PeerFault
from .ids import BlockId, CommunityId, DeviceKey, EpochId, MemberId, OpId, Round, WallMs
from .limits import (
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
from .ops import MAX_MS, MAX_NONCE, Op, open_op
from .plain import make_plain
from .rebuild import Rebuild, open_rebuild
from .receipts import Receipt, open_receipt

PROTOCOL_VERSION = 1
_EPOCHS = 1 << 40
OPS_REMEMBERED = 1024  # between the op and its block: what a busy second brings, 24 MiB at most
_LIST = 4096  # blocks, ops or texts in one message; the frame's size binds first
# Lists in a frame: where there are many, each two have a key or hash of 34 bytes in them.
_MOST_LISTS, _LIST_BYTES = 2 * _LIST, 16

Place = tuple[Round, BlockId]  # of a block in what answers pulls: by round, then by id


@dataclass(frozen=True, slots=True)
class Status:
    """Where a node stands (R7.4); sent in the hello and whenever it enters an epoch.

    `frontier` has the highest round of each committee member's chain that the sender
    holds: as a blocklace is closed under parents, it holds all below too.
    """

    epoch_number: int
    epoch: EpochId
    frontier: tuple[tuple[MemberId, Round], ...]  # sorted; members with no block left out
    nonces: tuple[tuple[DeviceKey, int], ...]  # sorted; highest nonce held per device
    final_index: int
    final_root: bytes
    # Commits whose receipts it lacks (R8.3), as runs (first, last), ascending. Of the others up
    # to `final_index` it has a quorum's, if they want any.
    unproven: tuple[tuple[int, int], ...]

    KIND: ClassVar[int] = 2

    def to_wire(self) -> list[Value]:
        return [
            self.epoch_number,
            self.epoch,
            [list(pair) for pair in self.frontier],
            [list(pair) for pair in self.nonces],
            self.final_index,
            self.final_root,
            [list(run) for run in self.unproven],
        ]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Status:
        return cls(
            fields.integer(0, _EPOCHS),
            EpochId(fields.hash()),
            tuple((MemberId(key), Round(n)) for key, n in _pairs(fields, MEMBERS, MAX_ROUND)),
            tuple((DeviceKey(key), n) for key, n in _pairs(fields, MEMBERS * DEVICES, MAX_NONCE)),
            fields.integer(0, MAX_MS),
            fields.hash(),
            _runs(fields),
        )


@dataclass(frozen=True, slots=True)
class Hello:
    """First message on a stream, both ways (R7.3)."""

    version: int
    community: CommunityId
    status: Status | None  # None: a joiner that does not have the charter yet
    invite: tuple[DeviceKey, bytes] | None  # a joiner's admission: invite key, its signature
    agent: str  # software name and version, for `peers`
    addresses: tuple[str, ...]  # where the sender listens

    KIND: ClassVar[int] = 1

    def to_wire(self) -> list[Value]:
        return [
            self.version,
            self.community,
            None if self.status is None else self.status.to_wire(),
            None if self.invite is None else list(self.invite),
            self.agent,
            self.addresses,
        ]

    @classmethod
    def read(cls, fields: Fields, opener: Opener) -> Hello:
        version = fields.integer(1, 1 << 16)
        community = CommunityId(fields.hash())
        raw_status = fields.any()
        status = None
        if raw_status is not None:
            inner = Fields(raw_status, "status")
            status = Status.read(inner, opener)
            inner.end()
        raw_invite = fields.any()
        invite = None
        if raw_invite is not None:
            inner = Fields(raw_invite, "admission")
            invite = (DeviceKey(inner.hash()), inner.exact(crypto.SIGNATURE_BYTES))
            inner.end()
        agent = make_plain(fields.text(NAME_CHARS), NAME_CHARS)
        return cls(version, community, status, invite, agent, _addresses(fields))


@dataclass(frozen=True, slots=True)
class Push:
    """Blocks, ops and texts that the sender believes the receiver lacks, parents first."""

    blocks: tuple[Block, ...] = ()
    ops: tuple[Op, ...] = ()
    texts: tuple[bytes, ...] = ()

    KIND: ClassVar[int] = 3

    def to_wire(self) -> list[Value]:
        return [[one.wire for one in self.blocks], [one.wire for one in self.ops], self.texts]

    @classmethod
    def read(cls, fields: Fields, opener: Opener) -> Push:
        return cls(
            tuple(opener.block(one) for one in _blobs(fields, BLOCK_BYTES)),
            tuple(opener.op(one) for one in _blobs(fields, OP_BYTES)),
            _blobs(fields, TEXT_BYTES + crypto.SALT_BYTES),
        )


@dataclass(frozen=True, slots=True)
class Pull:
    """Ask for the blocks of one epoch beyond a frontier; one in flight per peer.

    `after`: of those, only what comes after this place (R7.18).
    """

    epoch_number: int
    frontier: tuple[tuple[MemberId, Round], ...]
    most_bytes: int
    after: Place | None = None

    KIND: ClassVar[int] = 4

    def to_wire(self) -> list[Value]:
        return [
            self.epoch_number,
            [list(pair) for pair in self.frontier],
            self.most_bytes,
            _place_to_wire(self.after),
        ]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Pull:
        return cls(
            fields.integer(0, _EPOCHS),
            tuple((MemberId(key), Round(n)) for key, n in _pairs(fields, MEMBERS, MAX_ROUND)),
            fields.integer(1, PULL_BYTES),
            _place(fields),
        )


@dataclass(frozen=True, slots=True)
class Pulled:
    """Answer to a pull: blocks by round and then id, with the texts of their ops.

    `more` says that the answer was cut: there are blocks after the last one. `after` is that of
    the pull.
    """

    epoch_number: int
    blocks: tuple[Block, ...]
    texts: tuple[bytes, ...]
    more: bool
    after: Place | None = None

    KIND: ClassVar[int] = 5

    def to_wire(self) -> list[Value]:
        return [
            self.epoch_number,
            [one.wire for one in self.blocks],
            self.texts,
            self.more,
            _place_to_wire(self.after),
        ]

    @classmethod
    def read(cls, fields: Fields, opener: Opener) -> Pulled:
        return cls(
            fields.integer(0, _EPOCHS),
            tuple(opener.block(one) for one in _blobs(fields, BLOCK_BYTES)),
            _blobs(fields, TEXT_BYTES + crypto.SALT_BYTES),
            fields.flag(),
            _place(fields),
        )


@dataclass(frozen=True, slots=True)
class Want:
    """Ask for blocks or texts by hash: missing parents, missing texts."""

    hashes: tuple[bytes, ...]

    KIND: ClassVar[int] = 6

    def to_wire(self) -> list[Value]:
        return [self.hashes]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Want:
        hashes: list[bytes] = []
        for item in fields.items(WANT_HASHES):
            if not isinstance(item, bytes) or len(item) != 32:
                raise fields.fail("hashes of 32 bytes expected")
            hashes.append(item)
        return cls(tuple(hashes))


@dataclass(frozen=True, slots=True)
class Links:
    """Whom the sender is connected to, so that nobody forwards what arrives directly."""

    devices: tuple[DeviceKey, ...]  # sorted

    KIND: ClassVar[int] = 7

    def to_wire(self) -> list[Value]:
        return [self.devices]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Links:
        devices: list[DeviceKey] = []
        for item in fields.items(MEMBERS):
            if not isinstance(item, bytes) or len(item) != 32:
                raise fields.fail("device keys of 32 bytes expected")
            devices.append(DeviceKey(item))
        return cls(tuple(devices))


@dataclass(frozen=True, slots=True)
class Genesis:
    """The founding charter's bytes, for a joiner; its hash is the community id (R7.12)."""

    charter: bytes

    KIND: ClassVar[int] = 8

    def to_wire(self) -> list[Value]:
        return [self.charter]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Genesis:
        return cls(fields.blob(BLOCK_BYTES))


@dataclass(frozen=True, slots=True)
class Ping:
    """Heartbeat of the transport (R7.14); `token` comes back. The core never sees it."""

    token: int
    wall_ms: WallMs

    KIND: ClassVar[int] = 9

    def to_wire(self) -> list[Value]:
        return [self.token, self.wall_ms]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Ping:
        return cls(fields.integer(0, MAX_MS), WallMs(fields.integer(0, MAX_MS)))


@dataclass(frozen=True, slots=True)
class Pong:
    """Answer to a ping, with the answerer's clock: round-trip time and clock offset."""

    token: int
    wall_ms: WallMs

    KIND: ClassVar[int] = 10

    def to_wire(self) -> list[Value]:
        return [self.token, self.wall_ms]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Pong:
        return cls(fields.integer(0, MAX_MS), WallMs(fields.integer(0, MAX_MS)))


@dataclass(frozen=True, slots=True)
class Refused:
    """Something of the receiver's was refused, and why; told before a disconnect too."""

    code: str
    detail: str

    KIND: ClassVar[int] = 11

    def to_wire(self) -> list[Value]:
        return [self.code, make_plain(self.detail, DETAIL_CHARS)]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Refused:
        code, detail = fields.text(NAME_CHARS), fields.text(DETAIL_CHARS)
        return cls(code if code in CODES else "bad_field", make_plain(detail, DETAIL_CHARS))


@dataclass(frozen=True, slots=True)
class Bye:
    """The sender is shutting down in good order; not a failure."""

    KIND: ClassVar[int] = 12

    def to_wire(self) -> list[Value]:
        return []

    @classmethod
    def read(cls, _fields: Fields, _open: Opener) -> Bye:
        return cls()


@dataclass(frozen=True, slots=True)
class Contacts:
    """Where other members' nodes listen (R7.16), as they told the sender themselves.

    A hint: whoever dials proves the key at the handshake, so a lie costs one dial.
    """

    contacts: tuple[tuple[DeviceKey, tuple[str, ...]], ...]  # sorted by key, none twice

    KIND: ClassVar[int] = 13

    def to_wire(self) -> list[Value]:
        return [[[device, addresses] for device, addresses in self.contacts]]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Contacts:
        contacts: list[tuple[DeviceKey, tuple[str, ...]]] = []
        for item in fields.items(MEMBERS):
            contact = Fields(item, "contact")
            contacts.append((DeviceKey(contact.hash()), _addresses(contact)))
            contact.end()
        if any(one[0] >= two[0] for one, two in pairwise(contacts)):
            raise fields.fail("contacts must be sorted by key, none twice")
        return cls(tuple(contacts))


@dataclass(frozen=True, slots=True)
class Receipts:
    """Receipts that are new to the sender, or that the receiver asked for (R8.3)."""

    receipts: tuple[Receipt, ...]
    after: int | None = None  # answers the `Prove` with this number; None: unasked

    KIND: ClassVar[int] = 14

    def to_wire(self) -> list[Value]:
        return [[one.wire for one in self.receipts], self.after]

    @classmethod
    def read(cls, fields: Fields, opener: Opener) -> Receipts:
        wires = _blobs(fields, RECEIPT_BYTES, RECEIPTS_IN_MESSAGE)
        receipts = tuple(opener.receipt(one) for one in wires)
        return cls(receipts, fields.maybe_integer(0, MAX_MS))


@dataclass(frozen=True, slots=True)
class Prove:
    """Ask for the receipts of commits after this one; one such request in flight."""

    after: int

    KIND: ClassVar[int] = 15

    def to_wire(self) -> list[Value]:
        return [self.after]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Prove:
        return cls(fields.integer(0, MAX_MS))


@dataclass(frozen=True, slots=True)
class Leap:
    """Ask for what leads from an epoch to the answerer's own (R7.17), from a byte on."""

    epoch_number: int  # where the sender is
    closed: int  # closed proposals that it holds
    after: int | None  # the log of its epoch is wanted from after this commit on; None: it is not
    offset: int

    KIND: ClassVar[int] = 16

    def to_wire(self) -> list[Value]:
        return [self.epoch_number, self.closed, self.after, self.offset]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Leap:
        return cls(
            fields.integer(0, _EPOCHS),
            fields.integer(0, _EPOCHS),
            fields.maybe_integer(0, MAX_MS),
            fields.integer(0, SNAPSHOT_BYTES),
        )


@dataclass(frozen=True, slots=True)
class Leapt:
    """A part of the answer to a leap; `total` 0: there is none."""

    epoch_number: int  # where it begins
    digest: bytes  # SHA-256 of the whole
    total: int  # bytes
    offset: int
    data: bytes

    KIND: ClassVar[int] = 17

    def to_wire(self) -> list[Value]:
        return [self.epoch_number, self.digest, self.total, self.offset, self.data]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Leapt:
        return cls(
            fields.integer(0, _EPOCHS),
            fields.hash(),
            fields.integer(0, SNAPSHOT_BYTES),
            fields.integer(0, SNAPSHOT_BYTES),
            fields.blob(PULL_BYTES),
        )


@dataclass(frozen=True, slots=True)
class Recall:
    """Ask for closed proposals, the last ones of those wanted (R7.22), from a byte on."""

    held: int  # wanted are those after this one …
    until: int  # … up to this one, in the order of closing
    least: int  # bytes of records, unless all that are wanted have fewer
    offset: int

    KIND: ClassVar[int] = 20

    def to_wire(self) -> list[Value]:
        return [self.held, self.until, self.least, self.offset]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Recall:
        return cls(
            fields.integer(0, _EPOCHS),
            fields.integer(1, _EPOCHS),
            fields.integer(1, RECALL_BYTES),
            fields.integer(0, RECALLED_BYTES),
        )


@dataclass(frozen=True, slots=True)
class Recalled:
    """A part of the answer to a recall; `total` 0: not all of these are here."""

    until: int  # as in the recall
    total: int  # bytes
    offset: int
    data: bytes

    KIND: ClassVar[int] = 21

    def to_wire(self) -> list[Value]:
        return [self.until, self.total, self.offset, self.data]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Recalled:
        return cls(
            fields.integer(1, _EPOCHS),
            fields.integer(0, RECALLED_BYTES),
            fields.integer(0, RECALLED_BYTES),
            fields.blob(PULL_BYTES),
        )


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """By this rebuild the sender went on from the epoch in which the receiver is (R6.15)."""

    rebuild: Rebuild

    KIND: ClassVar[int] = 18

    def to_wire(self) -> list[Value]:
        return [self.rebuild.to_bytes()]

    @classmethod
    def read(cls, fields: Fields, opener: Opener) -> Rebuilt:
        return cls(opener.rebuild(fields.blob(REBUILD_BYTES)))


@dataclass(frozen=True, slots=True)
class Hurry:
    """Ask to make these ops final at once: their author waits, and makes no blocks (R5.8)."""

    ops: tuple[OpId, ...]

    KIND: ClassVar[int] = 19

    def to_wire(self) -> list[Value]:
        return [self.ops]

    @classmethod
    def read(cls, fields: Fields, _open: Opener) -> Hurry:
        ops: list[OpId] = []
        for item in fields.items(HURRIED_OPS):
            if not isinstance(item, bytes) or len(item) != 32:
                raise fields.fail("ids of 32 bytes expected")
            ops.append(OpId(item))
        return cls(tuple(ops))


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

    KIND: int
    fields: tuple[Value, ...]

    def to_wire(self) -> Sequence[Value]:
        return self.fields


Sendable = Message | Encoded


def encode_pulled(
    pull: Pull, blocks: Sequence[bytes], texts: Sequence[bytes], *, more: bool
) -> Encoded:
    """Return a `Pulled` out of the wires of its blocks."""
    place = _place_to_wire(pull.after)
    return Encoded(Pulled.KIND, (pull.epoch_number, list(blocks), list(texts), more, place))


def encode_push(blocks: Sequence[bytes], texts: Sequence[bytes]) -> Encoded:
    """Return a `Push` without ops out of the wires of its blocks."""
    return Encoded(Push.KIND, (list(blocks), [], list(texts)))


def encode_receipts(receipts: Sequence[bytes], after: int) -> Encoded:
    """Return the `Receipts` that answer a `Prove`, out of their wires."""
    return Encoded(Receipts.KIND, (list(receipts), after))


class Opener:
    """Decode and verify blocks and ops of one community, remembering what was verified.

    In a full mesh an op arrives once by itself and again inside a block, and a signature
    costs more than all the rest. The memory is bounded: so many hashes, and of ops, which
    need not be decoded again either, fewer.
    """

    def __init__(
        self,
        community: CommunityId,
        verify: crypto.Verify = crypto.verify_ed25519,
        remember: int = 8192,
    ) -> None:
        self._community = community
        self._verify = verify
        self._remember = remember
        self._seen: dict[bytes, None] = {}
        self._ops: dict[bytes, Op] = {}  # verified, by their wire
        self._base: Opener | None = None  # what else is known, and is not changed here

    def aside(self) -> Opener:
        """Return an opener that knows what this one does, and remembers for itself.

        It may work in another thread meanwhile: of this one it only looks things up.
        """
        opener = Opener(self._community, self._verify, self._remember)
        opener._base = self
        return opener

    def take_over(self, aside: Opener) -> None:
        """Remember what an opener has verified that had been put aside and works no more."""
        for key in aside._seen:
            self._note(key)
        for wire, op in aside._ops.items():
            self._note_op(wire, op)

    def _note(self, key: bytes) -> None:
        self._seen[key] = None
        if len(self._seen) > self._remember:
            del self._seen[next(iter(self._seen))]  # oldest first: dicts keep insertion order

    def _note_op(self, wire: bytes, op: Op) -> None:
        self._ops[wire] = op
        if len(self._ops) > min(self._remember, OPS_REMEMBERED):
            del self._ops[next(iter(self._ops))]

    def _check(self, device: DeviceKey, message: bytes, signature: bytes) -> bool:
        key = hashlib.sha256(device + signature + message).digest()  # the first two: fixed length
        if key in self._seen or (self._base is not None and key in self._base._seen):
            return True
        if not self._verify(device, message, signature):
            return False
        self._note(key)
        return True

    def block(self, wire: bytes) -> Block:
        return open_block(self._community, wire, self._check, self.op)

    def op(self, wire: bytes) -> Op:
        op = self._ops.get(wire)
        if op is None and self._base is not None:
            op = self._base._ops.get(wire)
        if op is None:
            op = open_op(self._community, wire, self._check)
            self._note_op(wire, op)
        return op

    def receipt(self, wire: bytes) -> Receipt:
        return open_receipt(self._community, wire, self._check)

    def rebuild(self, wire: bytes) -> Rebuild:
        return open_rebuild(self._community, wire, self._check)


_READERS: dict[int, Callable[[Fields, Opener], Message]] = {
    Hello.KIND: Hello.read,
    Status.KIND: Status.read,
    Push.KIND: Push.read,
    Pull.KIND: Pull.read,
    Pulled.KIND: Pulled.read,
    Want.KIND: Want.read,
    Links.KIND: Links.read,
    Genesis.KIND: Genesis.read,
    Ping.KIND: Ping.read,
    Pong.KIND: Pong.read,
    Refused.KIND: Refused.read,
    Bye.KIND: Bye.read,
    Contacts.KIND: Contacts.read,
    Receipts.KIND: Receipts.read,
    Prove.KIND: Prove.read,
    Leap.KIND: Leap.read,
    Leapt.KIND: Leapt.read,
    Recall.KIND: Recall.read,
    Recalled.KIND: Recalled.read,
    Rebuilt.KIND: Rebuilt.read,
    Hurry.KIND: Hurry.read,
}


def write_frame(messages: Sequence[Sendable]) -> bytes:
    """Return the frame that carries these messages, without the length before it."""
    return encode([[one.KIND, *one.to_wire()] for one in messages])


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
    messages: list[Message] = []
    for item in value:
        fields = Fields(item, "message")
        number = fields.integer(0, 255)
        reader = _READERS.get(number)
        if reader is None:
            raise PeerFault(
                "bad_frame", f"message {number} is unknown to version {PROTOCOL_VERSION}"
            )
        if is_first and number not in _FIRST:
            raise PeerFault("bad_frame", f"message {number} of a stranger that is not let in")
        messages.append(reader(fields, opener))
        fields.end()
    return tuple(messages)


_FIRST = frozenset({Hello.KIND, Refused.KIND, Ping.KIND, Pong.KIND, Bye.KIND})


def _pairs(fields: Fields, most: int, highest: int) -> list[tuple[bytes, int]]:
    pairs: list[tuple[bytes, int]] = []
    for item in fields.items(most):
        pair = Fields(item, "pair")
        pairs.append((pair.hash(), pair.integer(0, highest)))
        pair.end()
    if any(left[0] >= right[0] for left, right in itertools.pairwise(pairs)):
        raise fields.fail("pairs must be sorted by key, none twice")
    return pairs


def _place_to_wire(place: Place | None) -> list[Value] | None:
    return None if place is None else list(place)


def _place(fields: Fields) -> Place | None:
    value = fields.any()
    if value is None:
        return None
    place = Fields(value, "place of a block")
    round_, block = Round(place.integer(1, MAX_ROUND)), BlockId(place.hash())
    place.end()
    return round_, block


def _runs(fields: Fields) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    for item in fields.items(UNPROVEN_TOLD):
        run = Fields(item, "run of commits")
        runs.append((run.integer(1, MAX_MS), run.integer(1, MAX_MS)))
        run.end()
    if any(first > last for first, last in runs) or any(
        one[1] >= two[0] for one, two in pairwise(runs)
    ):
        raise fields.fail("runs of commits must be ascending and apart")
    return tuple(runs)


def _addresses(fields: Fields) -> tuple[str, ...]:
    addresses: list[str] = []
    for item in fields.items(ADDRESSES):
        if not isinstance(item, str) or len(item) > ADDRESS_CHARS:
            raise fields.fail(f"addresses are texts of up to {ADDRESS_CHARS} characters")
        if item.isprintable():  # else it is none; who passes it on need not know (R7.25)
            addresses.append(item)
    return tuple(addresses)


def _blobs(fields: Fields, most: int, items: int = _LIST) -> tuple[bytes, ...]:
    blobs: list[bytes] = []
    for item in fields.items(items):
        if not isinstance(item, bytes) or len(item) > most:
            raise fields.fail(f"bytes of up to {most} expected")
        blobs.append(item)
    return tuple(blobs)
