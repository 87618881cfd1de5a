"""Blocks: what a committee member's node signs once a round (docs/protocol.md R2.12).

Only the shape and the checks that need no context live here; whether a block fits its
epoch and its parents is `blocklace.py`'s to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import crypto
from .codec import Fields, decode, encode
from .errors import PeerFault
from .ids import BlockId, CommunityId, DeviceKey, EpochId, MemberId, Round, WallMs
from .limits import BLOCK_BYTES, BLOCK_OPS, MEMBERS, OP_BYTES
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
    round: Round
    time_ms: WallMs
    parents: tuple[BlockId, ...]
    ops: tuple[Op, ...]
    final_index: int
    final_root: bytes
    wire: bytes


def sign_block(
    community: CommunityId,
    signer: crypto.Signer,
    *,
    epoch: EpochId,
    author: MemberId,
    round_: Round,
    time_ms: WallMs,
    parents: tuple[BlockId, ...],
    ops: tuple[Op, ...],
    final_index: int,
    final_root: bytes,
) -> Block:
    """Return the block, signed by its author's node key."""
    content = encode(
        [
            epoch,
            author,
            signer.device,
            round_,
            time_ms,
            parents,
            [op.wire for op in ops],
            final_index,
            final_root,
        ]
    )
    signature = signer.sign(crypto.signed_message(crypto.TAG_BLOCK, community, content))
    block_id = BlockId(crypto.digest(crypto.TAG_BLOCK, community, content))
    return Block(
        block_id,
        epoch,
        author,
        signer.device,
        round_,
        time_ms,
        parents,
        ops,
        final_index,
        final_root,
        encode([content, signature]),
    )


def open_block(community: CommunityId, wire: bytes, verify: crypto.Verify) -> Block:
    """Return the block in `wire`, decoded, its signature and those of its ops verified.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `unknown_kind`, `bad_signature`.
    """
    outer = Fields(decode(wire, BLOCK_BYTES), "block")
    content, signature = outer.blob(BLOCK_BYTES), outer.exact(crypto.SIGNATURE_BYTES)
    outer.end()
    fields = Fields(decode(content, BLOCK_BYTES), "block content")
    epoch = EpochId(fields.hash())
    author, device = MemberId(fields.hash()), DeviceKey(fields.hash())
    round_ = Round(fields.integer(1, MAX_ROUND))
    time_ms = WallMs(fields.integer(0, MAX_MS))
    parents: list[BlockId] = []
    for item in fields.items(MEMBERS):
        parents.append(BlockId(_hash(item, "parent")))
    op_wires: list[bytes] = []
    for item in fields.items(BLOCK_OPS):
        if not isinstance(item, bytes) or len(item) > OP_BYTES:
            raise PeerFault("bad_field", f"block content, ops: bytes up to {OP_BYTES} expected")
        op_wires.append(item)
    final_index = fields.integer(0, MAX_MS)
    final_root = fields.hash()
    fields.end()
    if not parents or len(set(parents)) != len(parents):
        raise PeerFault("bad_parents", "a block names at least one parent, and none twice")
    if not verify(device, crypto.signed_message(crypto.TAG_BLOCK, community, content), signature):
        raise PeerFault("bad_signature", f"block of round {round_}: signature does not match")
    return Block(
        BlockId(crypto.digest(crypto.TAG_BLOCK, community, content)),
        epoch,
        author,
        device,
        round_,
        time_ms,
        tuple(parents),
        tuple(open_op(community, one, verify) for one in op_wires),
        final_index,
        final_root,
        wire,
    )


def _hash(item: object, what: str) -> bytes:
    if not isinstance(item, bytes) or len(item) != 32:
        raise PeerFault("bad_field", f"block content, {what}: 32 bytes expected")
    return item
