"""A queue to one peer: bounded in messages and bytes, taken out a frame at a time."""

from p2pnode.net.outbox import BATCH_BYTES, Outbox, compute_weight
from p2pnode_protocols.crypto import Ed25519Signer
from p2pnode_protocols.ids import CommunityId, DeviceKey, EpochId, MemberId, Round
from p2pnode_protocols.messages import (
    Bye,
    Genesis,
    Hello,
    Links,
    Message,
    Pull,
    Pulled,
    Push,
    Refused,
    Status,
    Want,
    write_frame,
)

COMMUNITY = CommunityId(b"c" * 32)
STATUS = Status(
    3,
    EpochId(b"e" * 32),
    tuple((MemberId(bytes([n]) * 32), Round(2**40 + n)) for n in range(40)),
    tuple((DeviceKey(bytes([n]) * 32), 2**40 + n) for n in range(90)),
    2**40,
    b"r" * 32,
    tuple((2**40 + n, 2**40 + n) for n in range(0, 120, 2)),
)


def test_all_that_waits_is_taken_together_in_order() -> None:
    outbox = Outbox(10, 100_000)
    messages: list[Message] = [Want((bytes([n]) * 32,)) for n in range(5)]
    assert all(map(outbox.push, messages))
    assert outbox.take() == messages
    assert len(outbox) == 0


def test_too_many_messages_are_refused() -> None:
    outbox = Outbox(3, 10_000)
    assert [outbox.push(Bye()) for _ in range(4)] == [True, True, True, False]


def test_too_many_bytes_are_refused_until_some_are_taken() -> None:
    half = Push(texts=(bytes(500_000),))
    outbox = Outbox(100, 1_100_000)
    assert outbox.push(half)
    assert outbox.push(half)
    assert not outbox.push(half)
    outbox.take()
    assert outbox.push(half)


def test_large_messages_are_parted_into_several_frames() -> None:
    outbox = Outbox(100, 100 * BATCH_BYTES)
    large = Push(texts=(bytes(BATCH_BYTES * 2 // 3),))
    for _ in range(3):
        outbox.push(large)
    assert [len(outbox.take()) for _ in range(3)] == [1, 1, 1]


def test_message_larger_than_a_batch_still_goes_out() -> None:
    outbox = Outbox(100, 100 * BATCH_BYTES)
    outbox.push(Push(texts=(bytes(BATCH_BYTES + 1),)))
    assert len(outbox.take()) == 1


def test_closed_outbox_hands_out_the_rest_and_then_nothing() -> None:
    outbox = Outbox(10, 100_000)
    outbox.push(Bye())
    outbox.close()
    assert not outbox.push(Bye())
    assert outbox.take() == [Bye()]
    assert outbox.take() == []


def test_weight_is_no_less_than_the_bytes_on_the_wire() -> None:
    invite = (Ed25519Signer(b"i" * 32).device, bytes(64))
    addresses = tuple(f"/ip4/192.0.2.{n}/tcp/4747" for n in range(16))
    messages: list[Message] = [
        Hello(1, COMMUNITY, STATUS, invite, "p2pnode 0.1", addresses),
        STATUS,
        Push(texts=(bytes(1000),) * 3),
        Pull(2**40, STATUS.frontier, 2**20),
        Pulled(2**40, (), (bytes(60_000),) * 4, True),
        Want(tuple(bytes([n]) * 32 for n in range(200))),
        Links(tuple(DeviceKey(bytes([n]) * 32) for n in range(200))),
        Genesis(bytes(5000)),
        Refused("bad_signature", "x" * 500),
        Bye(),
    ]
    for message in messages:
        assert compute_weight(message) >= len(write_frame([message])), type(message).__name__
