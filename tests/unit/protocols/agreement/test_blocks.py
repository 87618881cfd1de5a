"""Blocks: signed once, read back the same, and refused when anything is off: R2.4, R2.12."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner, fake_verify
from support.cores.town import key_of

from p2pnode_protocols.agreement.blocks import (
    Block,
    is_fork,
    open_header,
    read_op_wires,
    sign_block,
)
from p2pnode_protocols.record.bodies import Away, Back
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    Round,
    WallMs,
)
from p2pnode_protocols.wire.limits import BLOCK_BYTES, BLOCK_OPS, MEMBERS

TOWN = CommunityId(b"t" * 32)
ALICE = MemberId(b"a" * 32)
KEY = key_of("alice")
PARENTS = (BlockId(b"1" * 32), BlockId(b"2" * 32))


def make_op(nonce: int = 1) -> Op:
    return sign_op(TOWN, ALICE, FakeSigner(KEY), nonce, WallMs(5), Away())


def make_block(*ops: Op, parents: tuple[BlockId, ...] = PARENTS) -> Block:
    return sign_block(
        TOWN,
        FakeSigner(KEY),
        epoch=EpochId(b"e" * 32),
        author=ALICE,
        sequence=2,
        round_=Round(4),
        time_ms=WallMs(77),
        parents=parents,
        ops=ops,
        final_index=3,
        final_root=b"r" * 32,
    )


def signed(*changes: tuple[int, Value], ops: Value = ()) -> bytes:
    hashed = ops if isinstance(ops, tuple | list) else ()
    fields: list[Value] = [
        b"e" * 32,
        ALICE,
        KEY,
        2,
        4,
        77,
        list(PARENTS),
        crypto.digest(crypto.TAG_OPS, encode(list(hashed))),
        3,
        b"r" * 32,
    ]
    for place, value in changes:
        fields[place : place + 1] = [value]
    inner = encode(fields)
    message = crypto.signed_message(crypto.TAG_BLOCK, TOWN, inner)
    return encode([inner, FakeSigner(KEY).sign(message), ops])


def refusal(wire: bytes) -> str:
    with pytest.raises(PeerFault) as caught:
        Opener(TOWN, fake_verify).block(wire)
    return caught.value.code


def test_block_reads_back_as_it_was_signed() -> None:
    block = make_block(make_op(1), make_op(2))
    assert Opener(TOWN, fake_verify).block(block.wire) == block
    assert Opener(TOWN, fake_verify).block(signed()) == make_block()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ((0, b"e"), "bad_field"),
        ((3, 0), "bad_field"),
        ((3, 1 << 40), "bad_field"),
        ((4, 0), "bad_field"),
        ((4, 1 << 40), "bad_field"),
        ((5, -1), "bad_field"),
        ((6, []), "bad_parents"),
        ((6, [PARENTS[0], PARENTS[0]]), "bad_parents"),
        ((6, [b"short"]), "bad_field"),
        ((6, [b"%032d" % i for i in range(MEMBERS + 1)]), "bad_field"),
        ((7, b"x" * 32), "bad_field"),
        ((8, -1), "bad_field"),
        ((9, None), "bad_field"),
        ((10, 1), "bad_field"),
    ],
)
def test_block_with_a_wrong_field_is_refused(changes: tuple[int, Value], code: str) -> None:
    assert refusal(signed(changes)) == code


@pytest.mark.parametrize(
    ("ops", "code"),
    [
        ([b"no op"], "bad_encoding"),
        ([7], "bad_field"),
        ([b""] * (BLOCK_OPS + 1), "bad_field"),
        (7, "bad_field"),
    ],
)
def test_block_with_wrong_ops_is_refused(ops: Value, code: str) -> None:
    assert refusal(signed(ops=ops)) == code


def test_block_with_other_ops_than_its_header_names_is_refused() -> None:
    with_ops, without = make_block(make_op()), make_block()
    assert refusal(encode([without.header, without.signature, [make_op().wire]])) == "bad_field"
    assert refusal(encode([with_ops.header, with_ops.signature, []])) == "bad_field"


def test_largest_header_fits() -> None:
    parents = tuple(BlockId(b"%032d" % i) for i in range(MEMBERS))
    block = make_block(parents=parents)
    assert Opener(TOWN, fake_verify).block(block.wire) == block


def test_header_alone_proves_who_signed_it() -> None:
    block = make_block(make_op())
    header = open_header(TOWN, block.header, block.signature, fake_verify)
    assert (header.id, header.sequence, header.parents) == (block.id, 2, PARENTS)
    with pytest.raises(PeerFault, match="signature"):
        open_header(TOWN, block.header, bytes(64), fake_verify)


def test_ops_of_a_block_are_found_without_reading_the_rest_of_it() -> None:
    block = make_block(make_op(1), make_op(2))
    assert read_op_wires(TOWN, block.wire, block.id) == tuple(op.wire for op in block.ops)


def test_ops_of_a_block_that_is_another_one_by_a_bit_are_not_found() -> None:
    block = make_block(make_op(1), make_op(2))
    signature = block.wire.index(block.signature)
    for place in range(len(block.wire)):
        if signature <= place < signature + len(block.signature):
            continue  # the id does not bind it
        wire = bytearray(block.wire)
        wire[place] ^= 1
        with pytest.raises(PeerFault):
            read_op_wires(TOWN, bytes(wire), block.id)
    with pytest.raises(PeerFault):
        read_op_wires(TOWN, block.wire, make_block().id)


def test_two_blocks_of_one_sequence_or_round_are_a_fork() -> None:
    def at(sequence: int, round_: int, **changes: object) -> Block:
        return replace(
            make_block(),
            id=BlockId(bytes([sequence, round_]) * 16),
            sequence=sequence,
            round=Round(round_),
            **changes,
        )

    one = at(3, 5)
    assert is_fork(one, at(3, 9))
    assert is_fork(one, at(4, 5))
    assert not is_fork(one, at(4, 6))
    assert not is_fork(one, one)
    assert not is_fork(one, at(3, 9, epoch=EpochId(b"x" * 32)))
    assert not is_fork(one, at(3, 9, author=MemberId(b"x" * 32)))
    assert not is_fork(one, at(3, 9, device=DeviceKey(b"x" * 32)))


def test_block_whose_op_was_tampered_with_is_refused_as_a_whole() -> None:
    good = make_op()
    forged = sign_op(TOWN, ALICE, FakeSigner(key_of("mallory")), 1, WallMs(5), Back())
    wire = forged.wire.replace(key_of("mallory"), KEY)
    assert refusal(signed(ops=[good.wire, wire])) == "bad_signature"


def test_block_signed_by_another_key_is_refused() -> None:
    wire = make_block().wire
    assert refusal(wire.replace(KEY, key_of("bob"))) == "bad_signature"


def test_oversized_block_is_not_even_decoded() -> None:
    assert refusal(b"x" * (BLOCK_BYTES + 1)) == "limit_size"
