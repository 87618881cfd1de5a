"""Messages between nodes: every kind reads back, and nothing unbounded or unverified gets in."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import get_args

import pytest
from support.cores.dag import FakeSigner, fake_verify
from support.cores.town import key_of

from p2pnode_protocols.agreement.blocks import sign_block
from p2pnode_protocols.agreement.rebuild import Rebuild, sign_rebuild
from p2pnode_protocols.agreement.receipts import Statement, sign_receipt
from p2pnode_protocols.messages.frames import Message, read_frame, write_frame
from p2pnode_protocols.messages.greeting import (
    PROTOCOL_VERSION,
    Bye,
    Genesis,
    Hello,
    Ping,
    Pong,
    Refused,
)
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.proofs import Prove, Rebuilt, Receipts
from p2pnode_protocols.messages.spreading import Hurry, Pull, Pulled, Push, Want
from p2pnode_protocols.messages.standing import Contacts, Links, Status
from p2pnode_protocols.record.bodies import Away
from p2pnode_protocols.record.opener import OPS_REMEMBERED, Opener
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import (
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
from p2pnode_protocols.wire.limits import (
    ADDRESS_CHARS,
    ADDRESSES,
    DETAIL_CHARS,
    DEVICES,
    FIRST_FRAME_BYTES,
    FRAME_BYTES,
    MEMBERS,
    PULL_BYTES,
    WANT_HASHES,
)

TOWN, VILLAGE = CommunityId(b"t" * 32), CommunityId(b"v" * 32)
ALICE, KEY, SIGNER = MemberId(b"a" * 32), key_of("alice"), FakeSigner(key_of("alice"))
OP = sign_op(TOWN, ALICE, SIGNER, 1, WallMs(5), Away())
BLOCK = sign_block(
    TOWN,
    SIGNER,
    epoch=EpochId(b"e" * 32),
    author=ALICE,
    sequence=1,
    round_=Round(1),
    time_ms=WallMs(7),
    parents=(BlockId(b"e" * 32),),
    ops=(OP,),
    final_index=0,
    final_root=b"r" * 32,
)
RECEIPT = sign_receipt(TOWN, SIGNER, Statement(EpochId(b"e" * 32), 4, b"r" * 32, None))
REBUILD = Rebuild(
    Statement(EpochId(b"e" * 32), 4, b"r" * 32, EpochId(b"n" * 32)),
    EpochId(b"n" * 32),
    (MemberId(b"a" * 32),),
    (MemberId(b"b" * 32),),
)
FRONTIER = ((MemberId(b"a" * 32), Round(3)), (MemberId(b"b" * 32), Round(1)))
NONCES = ((DeviceKey(b"d" * 32), 9),)
STATUS = Status(2, EpochId(b"e" * 32), FRONTIER, NONCES, 4, b"r" * 32, ((2, 2), (4, 9)))
MESSAGES: list[Message] = [
    Hello(PROTOCOL_VERSION, TOWN, STATUS, None, "p2pnode 0.1", ("/ip4/127.0.0.1/tcp/1",)),
    Hello(PROTOCOL_VERSION, TOWN, None, (KEY, b"s" * 64), "p2pnode 0.1", ()),
    STATUS,
    Push((BLOCK,), (OP,), (b"s" * 16 + b"text",)),
    Pull(2, FRONTIER, 1000),
    Pull(2, FRONTIER, 1000, (Round(1), BlockId(bytes(32)))),
    Pulled(2, (BLOCK,), (), more=True),
    Pulled(2, (BLOCK,), (), more=True, after=(Round(3), BLOCK.id)),
    Want((b"h" * 32,)),
    Links((KEY,)),
    Genesis(b"charter"),
    Ping(1, WallMs(2)),
    Pong(1, WallMs(2)),
    Refused("bad_field", "why"),
    Bye(),
    Contacts(((KEY, ("/ip4/127.0.0.1/tcp/1",)),)),
    Receipts((RECEIPT,)),
    Receipts((), 7),
    Prove(3),
    Leap(1, 2, None, 3),
    Leap(1, 2, 4, 3),
    Leapt(1, b"h" * 32, 9, 3, b"part"),
    Recall(1, 3, 500, 7),
    Recalled(3, 9, 3, b"part"),
    Hurry((OpId(b"o" * 32),)),
    Rebuilt(REBUILD.with_signatures([sign_rebuild(TOWN, SIGNER, REBUILD)])),
]


def opener() -> Opener:
    return Opener(TOWN, fake_verify)


def refusal(value: Value) -> str:
    with pytest.raises(PeerFault) as caught:
        read_frame(encode(value), opener())
    return caught.value.code


def test_frame_of_every_message_reads_back() -> None:
    assert read_frame(write_frame(MESSAGES), opener()) == tuple(MESSAGES)
    assert {type(one) for one in MESSAGES} == set(get_args(Message))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_message_with_a_field_too_many_or_too_few_is_refused(message: Message) -> None:
    wire = message.to_wire()
    assert refusal([[*wire, 1]]) == "bad_field"
    assert refusal([wire[:-1]]) == "bad_field"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (7, "bad_frame"),
        ([[99]], "bad_frame"),
        ([[0]], "bad_frame"),
        ([[]], "bad_field"),
        ([7], "bad_field"),
        ([[6, [b"h" * 32] * (WANT_HASHES + 1)]], "bad_field"),
        ([[6, [b"short"]]], "bad_field"),
        ([[7, [KEY] * (MEMBERS + 1)]], "bad_field"),
        ([[7, [5]]], "bad_field"),
        ([[4, 1, [], PULL_BYTES + 1, None]], "bad_field"),
        ([[4, 1, [[b"b" * 32, 1], [b"a" * 32, 1]], 9, None]], "bad_field"),  # not sorted
        ([[4, 1, [[b"a" * 32, 1], [b"a" * 32, 2]], 9, None]], "bad_field"),  # one twice
        ([[4, 1, [], 9, 7]], "bad_field"),
        ([[4, 1, [], 9, [0, b"h" * 32]]], "bad_field"),
        ([[4, 1, [], 9, [1, b"short"]]], "bad_field"),
        ([[4, 1, [], 9, [1, b"h" * 32, 1]]], "bad_field"),
        ([[5, 1, [], [], False, [0, b"h" * 32]]], "bad_field"),
        ([[3, [b"no block"], [], []]], "bad_encoding"),
        ([[3, [], [b"no op"], []]], "bad_encoding"),
        ([[3, [], [], [b"x" * 70_000]]], "bad_field"),
        ([[3, [], [], ["text"]]], "bad_field"),
        ([[1, 1, TOWN, None, None, "x" * 81, []]], "bad_field"),
        ([[1, 1, TOWN, None, None, "x", ["a"] * (ADDRESSES + 1)]], "bad_field"),
        ([[1, 1, TOWN, None, None, "x", ["a" * (ADDRESS_CHARS + 1)]]], "bad_field"),
        ([[1, 1, TOWN, None, [KEY], "x", []]], "bad_field"),
        ([[13, [[b"b" * 32, []], [b"a" * 32, []]]]], "bad_field"),  # not sorted
        ([[1, 0, TOWN, None, None, "x", []]], "bad_field"),
    ],
)
def test_frame_with_something_off_is_refused(value: Value, code: str) -> None:
    assert refusal(value) == code


def test_one_bad_message_refuses_its_whole_frame() -> None:
    assert refusal([[Bye.KIND], [99]]) == "bad_frame"


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_who_is_not_let_in_may_say_who_it_is_and_no_signature_is_checked(message: Message) -> None:
    def never(*_: bytes) -> bool:
        raise AssertionError("a signature was checked for a stranger")

    frame = write_frame([message])
    if isinstance(message, Hello | Refused | Ping | Pong | Bye):
        assert read_frame(frame, Opener(TOWN, never), is_first=True) == (message,)
    else:
        with pytest.raises(PeerFault) as caught:
            read_frame(frame, Opener(TOWN, never), is_first=True)
        assert caught.value.code == "bad_frame"


def test_longest_hello_is_let_in_and_no_longer_frame_is() -> None:
    keys = [DeviceKey(number.to_bytes(32, "big")) for number in range(MEMBERS * DEVICES)]
    frontier = tuple((MemberId(key), Round(MAX_ROUND)) for key in keys[:MEMBERS])
    status = replace(
        STATUS,
        frontier=frontier,
        nonces=tuple((key, MAX_NONCE) for key in keys),
        unproven=tuple((MAX_MS - 2 * place, MAX_MS - 2 * place) for place in range(64, 0, -1)),
    )
    hello = Hello(
        PROTOCOL_VERSION, TOWN, status, (KEY, b"s" * 64), "a" * 80, ("/" * 256,) * ADDRESSES
    )
    frame = write_frame([hello])
    assert read_frame(frame, opener(), is_first=True) == (hello,)
    assert read_frame(write_frame([status] * 20), opener()) == (status,) * 20
    padded = write_frame([hello, *[Refused("bad_field", "x" * 200)] * 900])
    assert len(padded) > FIRST_FRAME_BYTES
    with pytest.raises(PeerFault) as caught:
        read_frame(padded, opener(), is_first=True)
    assert caught.value.code == "limit_size"


@pytest.mark.parametrize(
    "frame",
    [
        b"\xdd\x00\x20\x00\x00" + b"\x90" * 0x200000,
        b"\x91\xdd\x00\x20\x00\x00" + b"\x90" * 0x200000,
        b"\x91\xdc\x03\xff" + (b"\xdc\x0f\xff" + b"\x90" * 0xFFF) * 0x3FF,
        b"\x91" + b"\xdd\x00\x3f\xff\xff" * 500,
    ],
    ids=["outer", "message", "in lists", "promised"],
)
def test_frame_of_ever_so_many_lists_is_not_decoded_to_its_end(frame: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(PeerFault) as caught:
            read_frame(frame, opener())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.code == "bad_encoding"
    assert most < 6 * FRAME_BYTES


def test_what_was_verified_aside_is_known_from_then_on() -> None:
    checked: list[bytes] = []

    def verify(_device: DeviceKey, message: bytes, _signature: bytes) -> bool:
        checked.append(message)
        return True

    first, frame = Opener(TOWN, verify), write_frame([Push((BLOCK,), (OP,))])
    read_frame(write_frame([Push((), (OP,))]), first)
    aside = first.aside()
    read_frame(frame, aside)
    assert len(checked) == 2  # the op was known, the block was not
    read_frame(frame, first)
    assert len(checked) == 3  # so far it is only known aside
    other = Opener(TOWN, verify)
    other.take_over(aside)
    read_frame(write_frame([Push((BLOCK,))]), other)
    assert len(checked) == 4  # the block is known; its op only to the opener before


def test_oversized_frame_is_not_decoded() -> None:
    with pytest.raises(PeerFault) as caught:
        read_frame(b"\x90" * (FRAME_BYTES + 1), opener())
    assert caught.value.code == "limit_size"


def test_block_and_op_of_another_community_are_refused() -> None:
    for push in (Push(blocks=(BLOCK,)), Push(ops=(OP,))):
        with pytest.raises(PeerFault) as caught:
            read_frame(write_frame([push]), Opener(VILLAGE, fake_verify))
        assert caught.value.code == "bad_signature"


def test_refusal_code_of_a_later_version_is_shown_as_one_we_know() -> None:
    (message,) = read_frame(encode([[Refused.KIND, "brand_new", "why"]]), opener())
    assert message == Refused("bad_field", "why")


def test_long_refusals_are_cut_to_what_the_peer_accepts() -> None:
    frame = write_frame([Refused("bad_field", "x" * 9999)])
    told = "x" * (DETAIL_CHARS - 1) + "…"
    assert read_frame(frame, opener()) == (Refused("bad_field", told),)


def test_signature_is_verified_once_and_the_memory_is_bounded() -> None:
    calls: list[DeviceKey] = []

    def counting(device: DeviceKey, message: bytes, signature: bytes) -> bool:
        calls.append(device)
        return fake_verify(device, message, signature)

    one = Opener(TOWN, counting, remember=2)
    one.op(OP.wire)
    one.block(BLOCK.wire)
    assert len(calls) == 2, "the op inside the block was verified before"
    for nonce in (2, 3):
        one.op(sign_op(TOWN, ALICE, SIGNER, nonce, WallMs(5), Away()).wire)
    one.op(OP.wire)
    assert len(calls) == 5, "forgotten, as only two are remembered"


def test_op_is_decoded_once_and_the_memory_is_bounded() -> None:
    one = opener()
    op = one.op(OP.wire)
    assert one.op(OP.wire) is op
    assert any(inside is op for inside in one.block(BLOCK.wire).ops)
    for nonce in range(2, OPS_REMEMBERED + 2):
        one.op(sign_op(TOWN, ALICE, SIGNER, nonce, WallMs(5), Away()).wire)
    again = one.op(OP.wire)
    assert again == op
    assert again is not op, "forgotten"


def test_signature_that_failed_is_not_remembered_as_good() -> None:
    forged = OP.wire[:-1] + bytes([OP.wire[-1] ^ 1])
    one = opener()
    for _ in range(2):
        with pytest.raises(PeerFault):
            one.op(forged)
