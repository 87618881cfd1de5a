"""Blocks: what a committee member's node signs once a round (docs/protocol.md R2.12).

Only the shape and the checks that need no context live here; whether a block fits its
epoch and its parents is `blocklace.py`'s to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Annotated, NamedTuple

from ..wire import crypto
from ..wire.codec import decode, encode, unpack
from ..wire.errors import PeerFault
from ..wire.ids import MAX_ROUND, BlockId, CommunityId, DeviceKey, EpochId, MemberId, Round, WallMs
from ..wire.kinds import Blob, Many, Whole
from ..wire.limits import BLOCK_BYTES, BLOCK_OPS, HEADER_BYTES, MEMBERS, OP_BYTES
from ..wire.shapes import UNSAID, Hash, Ms, Shaped, Signature, shape_of, shaped
from .envelope import AnyOp


@shaped("block header", limit=HEADER_BYTES)
@dataclass(frozen=True, slots=True)
class Header(Shaped):
    """A block without its ops, signed as they are named by hash: enough to prove a fork.

    `parents` holds the author's previous block first (round 1: the epoch id alone), then
    at most one block of each other author. `final_index` and `final_root` are the
    author's last finalized commit.
    """

    id: Annotated[BlockId, UNSAID]
    epoch: EpochId
    author: MemberId
    device: DeviceKey
    sequence: Annotated[int, Whole(1, MAX_ROUND)]  # 1, 2, … of the author's blocks in this epoch
    round: Annotated[Round, Whole(1, MAX_ROUND)]
    time_ms: WallMs
    parents: Annotated[tuple[BlockId, ...], Many(MEMBERS)]
    ops_hash: Hash
    final_index: Ms
    final_root: Hash
    header: Annotated[bytes, UNSAID]  # what is signed: all of the above but the id
    signature: Annotated[bytes, UNSAID]

    @property
    def wire(self) -> bytes:
        return encode([self.header, self.signature])


@dataclass(frozen=True, slots=True)
class Block(Header):
    """One signed block. Build with `sign_block`, read with `open_block`; never by hand."""

    ops: tuple[AnyOp, ...]
    wire: bytes


@shaped("signed header")
class SignedHeader(NamedTuple):
    """What proves that a header was signed."""

    header: Annotated[bytes, Blob(HEADER_BYTES)]
    signature: Signature


@shaped("block")
class SignedBlock(NamedTuple):
    """What travels and is stored of a block."""

    header: Annotated[bytes, Blob(HEADER_BYTES)]
    signature: Signature
    ops: Annotated[tuple[Annotated[bytes, Blob(OP_BYTES)], ...], Many(BLOCK_OPS)]


# What a block has in common with its header, in the order of the fields.
_header_values = attrgetter(*(one.name for one in fields(Header)))


def is_fork(one: Header, other: Header) -> bool:
    """Return whether two blocks prove that their author forked (R2.19).

    A member counts its blocks of an epoch, and their rounds ascend. So two blocks of one
    count, or of one round, do not stand on one another.
    """
    return (
        (one.epoch, one.author, one.device) == (other.epoch, other.author, other.device)
        and one.id != other.id
        and (one.sequence == other.sequence or one.round == other.round)
    )


def header_of(block: Block) -> Header:
    """Return a block without its ops."""
    return Header(*_header_values(block))


def compute_ops_hash(wires: Sequence[bytes]) -> bytes:
    """Return what a header says of the block's ops (R2.12)."""
    return crypto.digest(crypto.TAG_OPS, encode(list(wires)))


def sign_block(
    community: CommunityId,
    signer: crypto.Signer,
    *,
    epoch: EpochId,
    author: MemberId,
    sequence: int,
    round_: Round,
    time_ms: WallMs,
    parents: tuple[BlockId, ...],
    ops: tuple[AnyOp, ...],
    final_index: int,
    final_root: bytes,
) -> Block:
    """Return the block, signed by its author's node key."""
    op_wires = [op.wire for op in ops]
    draft = Header(
        BlockId(b""),
        epoch,
        author,
        signer.device,
        sequence,
        round_,
        time_ms,
        parents,
        compute_ops_hash(op_wires),
        final_index,
        final_root,
        b"",
        b"",
    )
    data = draft.to_bytes()
    signature = signer.sign(crypto.signed_message(crypto.TAG_BLOCK, community, data))
    _, *said, _, _ = _header_values(draft)
    block_id = BlockId(crypto.digest(crypto.TAG_BLOCK, community, data))
    wire = encode([data, signature, op_wires])
    return Block(*(block_id, *said, data, signature, ops, wire))


def open_header(
    community: CommunityId, data: bytes, signature: bytes, verify: crypto.Verify
) -> Header:
    """Return the header in `data`, its signature verified.

    Raises:
        PeerFault: `bad_encoding`, `bad_field`, `bad_parents`, `bad_signature`.
    """
    header = _read_header(community, data, signature)
    _verify(community, header, verify)
    return header


def read_header(community: CommunityId, wire: bytes, verify: crypto.Verify) -> Header:
    """Return the header in `wire`, as `Header.wire` has it. Raises as `open_header`."""
    data, signature = shape_of(SignedHeader).read(decode(wire, BLOCK_BYTES))
    return open_header(community, data, signature, verify)


def _read_header(community: CommunityId, data: bytes, signature: bytes) -> Header:
    header = Header.read(
        decode(data, HEADER_BYTES),
        id=BlockId(crypto.digest(crypto.TAG_BLOCK, community, data)),
        header=data,
        signature=signature,
    )
    if not header.parents or len(set(header.parents)) != len(header.parents):
        raise PeerFault("bad_parents", "a block names at least one parent, and none twice")
    return header


def _verify(community: CommunityId, header: Header, verify: crypto.Verify) -> None:
    message = crypto.signed_message(crypto.TAG_BLOCK, community, header.header)
    if not verify(header.device, message, header.signature):
        raise PeerFault("bad_signature", f"block of round {header.round}: signature does not match")


def read_op_wires(community: CommunityId, wire: bytes, block: BlockId) -> Sequence[bytes]:
    """Return the ops of a block that was verified once, as bytes; nothing in them is decoded.

    Its id binds all of it but the signature, so it is still what was verified.

    Raises:
        PeerFault: it is not that block.
    """
    try:
        data, _signature, op_wires = unpack(wire)
        # The header holds that hash in its place, or the id of its block would be another.
        is_same = compute_ops_hash(op_wires) in data
        if is_same and crypto.digest(crypto.TAG_BLOCK, community, data) == block:
            return tuple(op_wires)
    except (TypeError, ValueError):  # another number of fields, or kind of values
        pass
    raise PeerFault("bad_field", "block: not what its id says")


def open_block(
    community: CommunityId,
    wire: bytes,
    verify: crypto.Verify,
    read_op: Callable[[bytes], AnyOp],
) -> Block:
    """Return the block in `wire`, decoded, its signature and those of its ops verified.

    Args:
        read_op: returns the op in its bytes, its signature verified, or refuses it.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `bad_parents`, `bad_signature`; as
            `read_op`.
    """
    data, signature, op_wires = shape_of(SignedBlock).read(decode(wire, BLOCK_BYTES))
    header = _read_header(community, data, signature)
    if header.ops_hash != compute_ops_hash(op_wires):
        raise PeerFault("bad_field", "block: its ops are not those that its header names")
    _verify(community, header, verify)
    ops = tuple(read_op(one) for one in op_wires)
    return Block(*(*_header_values(header), ops, wire))
