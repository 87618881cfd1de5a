"""A queue to one peer: bounded in messages and bytes, taken out a frame at a time."""

from typing import get_args

import pytest

from p2pnode.net.outbox import (
    BATCH_BYTES,
    WAITING,
    Outbox,
    compute_message_memory,
    compute_weight,
)
from p2pnode.net.seats.allowance import Allowance
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.agreement.receipts import Statement, sign_receipt
from p2pnode_protocols.messages.frames import Message, write_frame
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
from p2pnode_protocols.wire.crypto import Ed25519Signer
from p2pnode_protocols.wire.ids import (
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
    HURRIED_OPS,
    PULL_BYTES,
    RECALL_BYTES,
    RECEIPTS_IN_MESSAGE,
)

STATEMENT = Statement(EpochId(b"e" * 32), 2**40, b"r" * 32, EpochId(b"n" * 32))
RECEIPT = sign_receipt(CommunityId(b"c" * 32), Ed25519Signer(b"s" * 32), STATEMENT)
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


def box(messages: int, memory: int) -> Outbox:
    return Outbox(messages, Allowance(memory), lambda: None)


def test_all_that_waits_is_taken_together_in_order() -> None:
    outbox = box(10, 100_000)
    messages: list[Message] = [Want((bytes([n]) * 32,)) for n in range(5)]
    assert all(map(outbox.push, messages))
    assert outbox.take() == messages
    assert len(outbox) == 0


def test_too_many_messages_are_refused() -> None:
    outbox = box(3, 100_000)
    assert [outbox.push(Bye()) for _ in range(4)] == [True, True, True, False]


def test_too_many_bytes_are_refused_until_some_are_taken() -> None:
    half = Push(texts=(bytes(500_000),))
    outbox = box(100, 1_100_000)
    assert outbox.push(half)
    assert outbox.push(half)
    assert not outbox.push(half)
    outbox.take()
    assert outbox.push(half)


def test_large_messages_are_parted_into_several_frames() -> None:
    outbox = box(100, 100 * BATCH_BYTES)
    large = Push(texts=(bytes(BATCH_BYTES * 2 // 3),))
    for _ in range(3):
        outbox.push(large)
    assert [len(outbox.take()) for _ in range(3)] == [1, 1, 1]


def test_message_larger_than_a_batch_still_goes_out() -> None:
    outbox = box(100, 100 * BATCH_BYTES)
    outbox.push(Push(texts=(bytes(BATCH_BYTES + 1),)))
    assert len(outbox.take()) == 1


def test_closed_outbox_hands_out_the_rest_and_then_nothing() -> None:
    outbox = box(10, 100_000)
    outbox.push(Bye())
    outbox.close()
    assert not outbox.push(Bye())
    assert outbox.take() == [Bye()]
    assert outbox.take() == []


def test_weight_is_no_less_than_the_bytes_on_the_wire() -> None:
    invite = (Ed25519Signer(b"i" * 32).device, bytes(64))
    addresses = tuple(f"/ip4/192.0.2.{n}/tcp/4747" for n in range(16))
    messages: list[Message] = [
        Hello(PROTOCOL_VERSION, COMMUNITY, STATUS, invite, "p2pnode 0.1", addresses),
        STATUS,
        Push(texts=(bytes(1000),) * 3),
        Pull(2**40, STATUS.frontier, 2**20),
        Pulled(2**40, (), (bytes(60_000),) * 4, True),
        Want(tuple(bytes([n]) * 32 for n in range(200))),
        Links(tuple(DeviceKey(bytes([n]) * 32) for n in range(200))),
        Genesis(bytes(5000)),
        Refused("bad_signature", "\U0001f3d8" * 500),
        Bye(),
        Ping(2**50, WallMs(2**50)),
        Pong(2**50, WallMs(2**50)),
        Contacts(
            tuple(
                (DeviceKey(bytes([n]) * 32), ("\U0001f3d8" * ADDRESS_CHARS,) * ADDRESSES)
                for n in range(256)
            )
        ),
        Receipts((RECEIPT,) * RECEIPTS_IN_MESSAGE, 2**50),
        Prove(2**50),
        Leap(2**40, 2**40, 2**40, 2**25),
        Leapt(2**40, b"d" * 32, 2**25, 2**25, bytes(PULL_BYTES)),
        Recall(2**40, 2**40, RECALL_BYTES, 2**20),
        Recalled(2**40, 2**20, 2**20, bytes(PULL_BYTES)),
        Rebuilt(
            Rebuild(
                STATEMENT,
                EpochId(b"n" * 32),
                tuple(MemberId(bytes([n]) * 32) for n in range(200)),
                (),
                tuple((DeviceKey(bytes([n]) * 32), bytes(64)) for n in range(200)),
            )
        ),
        Hurry((OpId(b"o" * 32),) * HURRIED_OPS),
    ]
    assert {type(one) for one in messages} == set(get_args(Message))
    for message in messages:
        assert compute_weight(message) >= len(write_frame([message])), type(message).__name__


def test_an_answer_is_made_when_it_is_taken_and_after_what_waits() -> None:
    outbox = box(10, 100_000)
    made: list[str] = []

    def make() -> Message:
        made.append("pulled")
        return Pulled(0, (), (), more=False)

    outbox.answer("pull", make)
    outbox.push(Bye())
    assert outbox.take() == [Bye()]
    assert made == []
    assert outbox.take() == []
    assert outbox.take_answer() == Pulled(0, (), (), more=False)
    assert outbox.take_answer() is None


@pytest.mark.parametrize("kind", sorted(WAITING))
def test_of_each_kind_of_request_the_newest_few_wait(kind: str) -> None:
    outbox = box(10, 100_000)
    for number in range(1_000):
        outbox.answer(kind, lambda number=number: Want((bytes([number % 256]) * 32,)))  # type: ignore[misc]
    taken = []
    while answer := outbox.take_answer():
        taken.append(answer)
    assert len(taken) == WAITING[kind]
    assert taken[-1] == Want((bytes([999 % 256]) * 32,))


def test_an_answer_that_there_is_not_is_passed_over() -> None:
    outbox = box(10, 100_000)
    outbox.answer("pull", lambda: None)
    outbox.answer("leap", Bye)
    assert outbox.take_answer() == Bye()


def test_answers_to_a_seat_over_its_share_wait_and_what_the_core_wants_to_know_does_not() -> None:
    """R7.26."""
    outbox = box(10, 100_000)
    told: list[str] = []
    outbox.answer("pull", Bye)
    outbox.answer("written", lambda: told.append("written"))
    outbox.answer("want", Bye)
    assert outbox.take_answer(is_over=True) is None
    assert told == ["written"]
    assert outbox.has_answers
    assert [outbox.take_answer() for _ in range(3)] == [Bye(), Bye(), None]
    assert not outbox.has_answers


def test_devices_of_one_seat_share_what_may_wait_and_the_fullest_gives_way() -> None:
    allowance, cut = Allowance(100_000), []
    phone = Outbox(100, allowance, lambda: cut.append("phone"))
    laptop = Outbox(100, allowance, lambda: cut.append("laptop"))
    other = Outbox(100, Allowance(100_000), lambda: cut.append("other"))
    large = Push(texts=(bytes(30_000),))
    assert [phone.push(large) for _ in range(3)] == [True] * 3
    assert other.push(large)
    assert laptop.push(large)
    assert cut == ["phone"]
    assert (len(phone), phone.memory) == (0, 0)
    assert [laptop.push(large) for _ in range(3)] == [True, True, False]
    assert cut == ["phone"], "it does not cut itself off: whoever queues does"
    laptop.leave()
    assert [phone.push(large) for _ in range(3)] == [True] * 3


def test_one_message_may_wait_however_large_it_is() -> None:
    allowance, cut = Allowance(100_000), []
    phone = Outbox(100, allowance, lambda: cut.append("phone"))
    large = Push(texts=(bytes(150_000),))
    assert [phone.push(large) for _ in range(2)] == [True, False]
    assert phone.take() == [large]
    assert phone.push(large)
    laptop = Outbox(100, allowance, lambda: cut.append("laptop"))
    assert laptop.push(large)
    assert cut == ["phone"]


def test_what_waits_counts_as_the_memory_it_takes() -> None:
    for message in (STATUS, Links((DeviceKey(b"d" * 32),) * 9), Want((b"w" * 32,) * 200)):
        assert compute_message_memory(message) >= 4 * len(write_frame([message]))
