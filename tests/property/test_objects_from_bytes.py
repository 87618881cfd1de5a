"""Whatever bytes arrive as op, block, charter or frame: the object, or the peer's fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cores.dag import FakeSigner
from support.cores.town import found, key_of, text_of

from p2pnode_protocols.agreement.blocks import sign_block
from p2pnode_protocols.messages.frames import read_frame, write_frame
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import open_op, sign_op
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import BlockId, CommunityId, EpochId, MemberId, OpId, Round, WallMs

TOWN = CommunityId(b"t" * 32)
ALICE, SIGNER = MemberId(b"a" * 32), FakeSigner(key_of("alice"))
OP = sign_op(
    TOWN, ALICE, SIGNER, 1, WallMs(5), Vote(OpId(b"1" * 32), OpId(b"2" * 32), "no", text_of("x"))
)
BLOCK = sign_block(
    TOWN,
    SIGNER,
    epoch=EpochId(b"e" * 32),
    author=ALICE,
    sequence=1,
    round_=Round(2),
    time_ms=WallMs(7),
    parents=(BlockId(b"e" * 32), BlockId(b"f" * 32)),
    ops=(OP,),
    final_index=0,
    final_root=b"r" * 32,
)
STATUS = Status(2, EpochId(b"e" * 32), ((ALICE, Round(3)),), (), 4, b"r" * 32, ((2, 3),))
FRAME = write_frame(
    [Hello(PROTOCOL_VERSION, TOWN, STATUS, None, "agent", ("/a",)), Push((BLOCK,), (OP,))]
)


def accept(device: bytes, message: bytes, signature: bytes) -> bool:
    """Take any signature, so that what is behind it gets tested as well."""
    return True


def read_op(data: bytes) -> bytes:
    return open_op(TOWN, data, accept).wire


def read_block(data: bytes) -> bytes:
    return Opener(TOWN, accept).block(data).wire


def read_charter(data: bytes) -> bytes:
    return Charter.from_bytes(data).to_bytes()


def reframe(data: bytes) -> bytes:
    return write_frame(read_frame(data, Opener(TOWN, accept)))


CASES = pytest.mark.parametrize(
    ("read", "good"),
    [
        (read_op, OP.wire),
        (read_block, BLOCK.wire),
        (read_charter, found(3).to_bytes()),
        (reframe, FRAME),
    ],
    ids=["op", "block", "charter", "frame"],
)


@CASES
def test_good_bytes_come_back(read: Callable[[bytes], bytes], good: bytes) -> None:
    assert read(good) == good


@CASES
@settings(max_examples=150)
@given(data=st.data())
def test_damaged_bytes_are_another_object_or_the_peers_fault(
    read: Callable[[bytes], bytes], good: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(good) - 1))
    length = data.draw(st.integers(0, 4))
    damaged = good[:place] + data.draw(st.binary(max_size=4)) + good[place + length :]
    try:
        again = read(damaged)
    except PeerFault:
        return
    assert again == damaged, "what was read is exactly what was sent"


@CASES
@given(junk=st.binary(max_size=200))
def test_junk_is_the_peers_fault(read: Callable[[bytes], bytes], good: bytes, junk: bytes) -> None:
    try:
        again = read(junk)
    except PeerFault:
        return
    assert again == junk
