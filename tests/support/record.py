"""A made-up community's record for store tests: signed ops, rounds of blocks, commits.

Signatures are a keyed hash and the charter is a few bytes: a store looks into neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from support.cores.dag import FakeSigner, fake_verify, sequence_after

from p2pnode.store.interface import AnyStore
from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.messages.frames import Sendable, read_frame, write_frame
from p2pnode_protocols.messages.proofs import Receipts
from p2pnode_protocols.messages.spreading import Pull, Pulled, Push
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import TextRef, make_text
from p2pnode_protocols.steps.writes import SaveBlock, SaveCommit, SaveEpoch
from p2pnode_protocols.wire.crypto import TAG_CHARTER, compute_member_id, digest
from p2pnode_protocols.wire.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    Round,
    WallMs,
)

CHARTER = b"the founding charter"
COMMUNITY = CommunityId(digest(TAG_CHARTER, CHARTER))
PROPOSAL = OpId(b"p" * 32)


M = TypeVar("M", bound=Pulled | Push | Receipts)


def pulled(store: AnyStore, pull: Pull) -> Pulled:
    """Return the answer to a pull as a peer reads it."""
    return _read(store.serve_pull(pull), Pulled)


def wanted(store: AnyStore, hashes: Sequence[bytes]) -> Push:
    return _read(store.serve_want(hashes), Push)


def proved(store: AnyStore, after: int) -> Receipts:
    return _read(store.serve_receipts(after), Receipts)


def _read(answer: Sendable, kind: type[M]) -> M:
    (message,) = read_frame(write_frame([answer]), Opener(COMMUNITY, fake_verify))
    assert isinstance(message, kind)
    return message


def signer(name: str) -> FakeSigner:
    return FakeSigner(DeviceKey(hashlib.sha256(name.encode()).digest()))


def member(name: str) -> MemberId:
    return compute_member_id(signer(name).device)


def text(words: str) -> tuple[TextRef, bytes]:
    """Return a reason's reference and blob; the salt follows from the words."""
    return make_text(hashlib.sha256(words.encode()).digest()[:16], words)


def vote(name: str, nonce: int, reason: TextRef | None = None) -> Op:
    body = Vote(PROPOSAL, PROPOSAL, "yes", reason)
    return sign_op(COMMUNITY, member(name), signer(name), nonce, WallMs(1_000 + nonce), body)


def epoch(number: int, snapshot: bytes = b"a snapshot") -> SaveEpoch:
    return SaveEpoch(
        number,
        EpochId(hashlib.sha256(b"epoch %d" % number).digest()),
        genesis_index=0,
        genesis_root=bytes(32),
        genesis_time_ms=WallMs(1_000),
        round=Round(7),
        author=MemberId(b"m" * 32),
        charter=b"a charter",
        snapshot=snapshot,
    )


def block(
    name: str,
    round_: int,
    parents: Sequence[Block] = (),
    ops: Sequence[Op] = (),
    *,
    number: int = 0,
    time_ms: int | None = None,
) -> Block:
    """Return a block of epoch `number`; one of another `time_ms` is a fork of it."""
    epoch_id = epoch(number).id
    return sign_block(
        COMMUNITY,
        signer(name),
        epoch=epoch_id,
        author=member(name),
        sequence=sequence_after(member(name), parents),
        round_=Round(round_),
        time_ms=WallMs(1_000 * round_ if time_ms is None else time_ms),
        parents=tuple(one.id for one in parents) or (BlockId(bytes(epoch_id)),),
        ops=tuple(ops),
        final_index=0,
        final_root=bytes(32),
    )


def rounds(names: Sequence[str], count: int, *, number: int = 0) -> list[Block]:
    """Return `count` full rounds of blocks without ops, parents first."""
    made: list[Block] = []
    below: list[Block] = []
    for round_ in range(1, count + 1):
        layer = []
        for name in names:
            own = [one for one in below if one.author == member(name)]
            others = [one for one in below if one.author != member(name)]
            layer.append(block(name, round_, own + others, number=number))
        made.extend(layer)
        below = layer
    return made


def save_all(blocks: Sequence[Block], *, number: int = 0) -> list[SaveBlock]:
    return [SaveBlock(one, number, own=False) for one in blocks]


def commit(
    index: int,
    of: Block,
    ops: Sequence[Op] = (),
    decided: tuple[tuple[OpId, str, bytes, bytes | None], ...] = (),
    *,
    code: str = "ok",
    derived: tuple[tuple[bytes, bytes], ...] = (),
) -> SaveCommit:
    """Return the commit of one block, every op of which has this outcome."""
    return SaveCommit(
        Commit(
            index,
            epoch_number=0,
            round=of.round,
            author=of.author,
            block=of.id,
            time_ms=of.time_ms,
            root=hashlib.sha256(b"root %d" % index).digest(),
            entries=tuple((op.id, code) for op in ops),
            decided=decided,
            derived=derived,
        ),
        tuple(ops),
        tuple(ops),
    )
