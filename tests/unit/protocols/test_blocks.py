"""Blocks: signed once, read back the same, and refused when anything is off: R2.4, R2.12."""

from __future__ import annotations

import pytest
from support.dag import FakeSigner, fake_verify
from support.town import key_of

from p2pnode_protocols import crypto
from p2pnode_protocols.blocks import Block, open_block, sign_block
from p2pnode_protocols.codec import Value, encode
from p2pnode_protocols.errors import PeerFault
from p2pnode_protocols.ids import BlockId, CommunityId, EpochId, MemberId, Round, WallMs
from p2pnode_protocols.limits import BLOCK_BYTES, BLOCK_OPS, MEMBERS
from p2pnode_protocols.ops import Away, Back, Op, sign_op

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
        round_=Round(4),
        time_ms=WallMs(77),
        parents=parents,
        ops=ops,
        final_index=3,
        final_root=b"r" * 32,
    )


def signed(*changes: tuple[int, Value]) -> bytes:
    fields: list[Value] = [
        b"e" * 32,
        ALICE,
        KEY,
        4,
        77,
        list(PARENTS),
        [],
        3,
        b"r" * 32,
    ]
    for place, value in changes:
        fields[place : place + 1] = [value]
    inner = encode(fields)
    message = crypto.signed_message(crypto.TAG_BLOCK, TOWN, inner)
    return encode([inner, FakeSigner(KEY).sign(message)])


def refusal(wire: bytes) -> str:
    with pytest.raises(PeerFault) as caught:
        open_block(TOWN, wire, fake_verify)
    return caught.value.code


def test_block_reads_back_as_it_was_signed() -> None:
    block = make_block(make_op(1), make_op(2))
    assert open_block(TOWN, block.wire, fake_verify) == block
    assert open_block(TOWN, signed(), fake_verify) == make_block()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ((0, b"e"), "bad_field"),
        ((3, 0), "bad_field"),
        ((3, 1 << 40), "bad_field"),
        ((4, -1), "bad_field"),
        ((5, []), "bad_parents"),
        ((5, [PARENTS[0], PARENTS[0]]), "bad_parents"),
        ((5, [b"short"]), "bad_field"),
        ((5, [b"%032d" % i for i in range(MEMBERS + 1)]), "bad_field"),
        ((6, [b"no op"]), "bad_encoding"),
        ((6, [7]), "bad_field"),
        ((6, [b""] * (BLOCK_OPS + 1)), "bad_field"),
        ((7, -1), "bad_field"),
        ((8, None), "bad_field"),
        ((9, 1), "bad_field"),
    ],
)
def test_block_with_a_wrong_field_is_refused(changes: tuple[int, Value], code: str) -> None:
    assert refusal(signed(changes)) == code


def test_block_whose_op_was_tampered_with_is_refused_as_a_whole() -> None:
    good = make_op()
    forged = sign_op(TOWN, ALICE, FakeSigner(key_of("mallory")), 1, WallMs(5), Back())
    wire = forged.wire.replace(key_of("mallory"), KEY)
    assert refusal(signed((6, [good.wire, wire]))) == "bad_signature"


def test_block_signed_by_another_key_is_refused() -> None:
    wire = make_block().wire
    assert refusal(wire.replace(KEY, key_of("bob"))) == "bad_signature"


def test_oversized_block_is_not_even_decoded() -> None:
    assert refusal(b"x" * (BLOCK_BYTES + 1)) == "limit_size"
