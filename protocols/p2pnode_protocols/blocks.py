"""Blocks: what a committee member's node signs once a round (docs/protocol.md R2.12).

Only the shape and the checks that need no context live here; whether a block fits its
epoch and its parents is `blocklace.py`'s to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import crypto
from .codec import Fields, decode, encode, unpack
from .errors import PeerFault
from .ids import BlockId, CommunityId, DeviceKey, EpochId, MemberId, Round, WallMs
from .limits import BLOCK_BYTES, BLOCK_OPS, HEADER_BYTES, MEMBERS, OP_BYTES
from .ops import MAX_MS, Op, open_op

MAX_ROUND = 1 << 31


@dataclass(frozen=True, slots=True)
class Block:
    """One signed block. Build with `sign_block`, read with `open_block`; never by hand.

    `parents` holds the author's previous block first (round 1: the epoch id alone), then
    at most one block of each other author. `final_index` and `final_root` are the
    author's last finalized commit.
    """

    id: BlockId
    epoch: EpochId
    author: MemberId
    device: DeviceKey
    sequence: int  # 1, 2, … of the author's blocks in this epoch
    round: Round
    time_ms: WallMs
    parents: tuple[BlockId, ...]
    ops: tuple[Op, ...]
    final_index: int
    final_root: bytes
    header: bytes  # what is signed: all fields, the ops by their hash
    signature: bytes
    wire: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A block without its ops, signed as they are named by hash: enough to prove a fork."""

    id: BlockId
    epoch: EpochId
    author: MemberId
    device: DeviceKey
    sequence: int
    round: Round
    time_ms: WallMs
    parents: tuple[BlockId, ...]
    ops_hash: bytes
    final_index: int
    final_root: bytes
    header: bytes  # what is signed: all of the above but the id
    signature: bytes

    @property
    def wire(self) -> bytes:
        return encode([self.header, self.signature])


def is_fork(one: Header | Block, other: Header | Block) -> bool:
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
    return Header(
        block.id,
        block.epoch,
        block.author,
        block.device,
        block.sequence,
        block.round,
        block.time_ms,
        block.parents,
        compute_ops_hash([op.wire for op in block.ops]),
        block.final_index,
        block.final_root,
        block.header,
        block.signature,
    )


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
    ops: tuple[Op, ...],
    final_index: int,
    final_root: bytes,
) -> Block:
    """Return the block, signed by its author's node key."""
    op_wires = [op.wire for op in ops]
    header = encode(
        [
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
        ]
    )
    signature = signer.sign(crypto.signed_message(crypto.TAG_BLOCK, community, header))
    return Block(
        BlockId(crypto.digest(crypto.TAG_BLOCK, community, header)),
        epoch,
        author,
        signer.device,
        sequence,
        round_,
        time_ms,
        parents,
        ops,
        final_index,
        final_root,
        header,
        signature,
        encode([header, signature, op_wires]),
    )


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
    outer = Fields(decode(wire, BLOCK_BYTES), "signed header")
    data, signature = outer.blob(HEADER_BYTES), outer.exact(crypto.SIGNATURE_BYTES)
    outer.end()
    return open_header(community, data, signature, verify)


def _read_header(community: CommunityId, data: bytes, signature: bytes) -> Header:
    fields = Fields(decode(data, HEADER_BYTES), "block header")
    epoch = EpochId(fields.hash())
    author, device = MemberId(fields.hash()), DeviceKey(fields.hash())
    sequence = fields.integer(1, MAX_ROUND)
    round_ = Round(fields.integer(1, MAX_ROUND))
    time_ms = WallMs(fields.integer(0, MAX_MS))
    parents: list[BlockId] = []
    for item in fields.items(MEMBERS):
        if not isinstance(item, bytes) or len(item) != 32:
            raise PeerFault("bad_field", "block header, parent: 32 bytes expected")
        parents.append(BlockId(item))
    ops_hash = fields.hash()
    final_index = fields.integer(0, MAX_MS)
    final_root = fields.hash()
    fields.end()
    if not parents or len(set(parents)) != len(parents):
        raise PeerFault("bad_parents", "a block names at least one parent, and none twice")
    return Header(
        BlockId(crypto.digest(crypto.TAG_BLOCK, community, data)),
        epoch,
        author,
        device,
        sequence,
        round_,
        time_ms,
        tuple(parents),
        ops_hash,
        final_index,
        final_root,
        data,
        signature,
    )


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
    read_op: Callable[[bytes], Op] | None = None,
) -> Block:
    """Return the block in `wire`, decoded, its signature and those of its ops verified.

    Args:
        read_op: stands in for `open_op` with this community: it may remember.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `bad_parents`, `unknown_kind`,
            `bad_signature`.
    """
    outer = Fields(decode(wire, BLOCK_BYTES), "block")
    data, signature = outer.blob(HEADER_BYTES), outer.exact(crypto.SIGNATURE_BYTES)
    op_wires: list[bytes] = []
    for item in outer.items(BLOCK_OPS):
        if not isinstance(item, bytes) or len(item) > OP_BYTES:
            raise PeerFault("bad_field", f"block, ops: bytes up to {OP_BYTES} expected")
        op_wires.append(item)
    outer.end()
    header = _read_header(community, data, signature)
    if header.ops_hash != compute_ops_hash(op_wires):
        raise PeerFault("bad_field", "block: its ops are not those that its header names")
    _verify(community, header, verify)
    return Block(
        header.id,
        header.epoch,
        header.author,
        header.device,
        header.sequence,
        header.round,
        header.time_ms,
        header.parents,
        tuple(
            open_op(community, one, verify) if read_op is None else read_op(one) for one in op_wires
        ),
        header.final_index,
        header.final_root,
        data,
        signature,
        wire,
    )
