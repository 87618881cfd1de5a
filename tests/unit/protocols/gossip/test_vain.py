"""What is said over and over, and brings nothing, counts for its seat (R7.24, R7.13, R7.20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import sign_block
from p2pnode_protocols.agreement.receipts import Receipt, Statement, sign_receipt
from p2pnode_protocols.core.peers import greeting, manners
from p2pnode_protocols.gossip.peers import vain
from p2pnode_protocols.gossip.peers.vain import WINDOW_MS, Vain, weigh, weigh_block, weigh_texts
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello, Refused
from p2pnode_protocols.messages.proofs import Receipts
from p2pnode_protocols.messages.spreading import Pull, Push
from p2pnode_protocols.messages.standing import Contacts, Links
from p2pnode_protocols.record.actions import InviteAction
from p2pnode_protocols.record.bodies import Away, Vote
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.steps.inputs import Batch, PeerUp, Received
from p2pnode_protocols.steps.notices import ContactTold, Diverged, RefusedByPeer
from p2pnode_protocols.steps.sends import Disconnect, Send
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import SaveContradiction
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.crypto import compute_member_id
from p2pnode_protocols.wire.ids import (
    BlockId,
    DeviceKey,
    EpochId,
    MemberId,
    MonoMs,
    OpId,
    Round,
    WallMs,
)
from p2pnode_protocols.wire.limits import (
    ALARMS_PER_SEAT,
    ASKED_PER_MINUTE,
    FRAME_MESSAGES,
    PENDING_PER_MEMBER,
    RECEIPTS_IN_MESSAGE,
    VAIN_OF_STRANGER,
    VAIN_PER_MINUTE,
)

from .test_floods import Town
from .test_messages import MESSAGES

SEATS = 4
BUDGET = VAIN_PER_MINUTE + SEATS * PENDING_PER_MEMBER
PHONE = DeviceKey(bytes([3, 0]) * 16)  # the first that `Town.bind` binds for the liar
STRANGER = DeviceKey(b"?" * 32)
ADDRESSES = ("/ip4/10.0.0.7/tcp/4001",)


@pytest.fixture
def town() -> Town:
    """Return a community that has decided something; the liar has two devices that call."""
    town = Town(SEATS)
    proposal = town.cluster.propose(0)
    for place in range(SEATS):
        town.cluster.vote(place, proposal, urgent=True)
    town.cluster.run(1_000)
    assert town.core.final_index > 1
    for phone in town.bind(town.liar, 2):
        town.call(phone)
    town.cluster.run(WINDOW_MS)  # what all that took is over
    return town


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make the budget small, as the cheapest message takes a while to use it up."""
    monkeypatch.setattr(vain, "VAIN_PER_MINUTE", 500)
    monkeypatch.setattr(vain, "PENDING_PER_MEMBER", 0)
    monkeypatch.setattr(manners, "VAIN_OF_STRANGER", 100)
    return 500


def say(town: Town, sender: DeviceKey, message: Message, times: int = 1) -> Step:
    """Let a device say the same so often at once, as in one frame."""
    events = tuple(Received(sender, message) for _ in range(times))
    return town.cluster.give(town.cluster.devices[0], Batch(events))


def is_cut(town: Town, device: DeviceKey) -> bool:
    return device in town.cut()


def strange_op(number: int = 1) -> Callable[[Town], Op]:
    def make(town: Town) -> Op:
        signer = FakeSigner(STRANGER)
        return sign_op(
            town.cluster.charter.community_id,
            compute_member_id(STRANGER),
            signer,
            number,
            town.cluster.now().wall_ms,
            Away(),
        )

    return make


def known_op(town: Town) -> Op:
    return sign_op(
        town.cluster.charter.community_id,
        town.cluster.charter.members[town.liar].id,
        FakeSigner(PHONE),
        1,
        town.cluster.now().wall_ms,
        Vote(OpId(bytes(32)), OpId(bytes(32)), "yes", None),
    )


def false_receipt(town: Town, root: bytes = b"x" * 32, index: int = 1) -> Receipt:
    statement = Statement(town.core.epoch.id, index, root, None)
    liar = FakeSigner(town.cluster.devices[town.liar])
    return sign_receipt(town.cluster.charter.community_id, liar, statement)


def false_block(town: Town, root: bytes = b"x" * 32) -> Push:
    block = sign_block(
        town.cluster.charter.community_id,
        FakeSigner(PHONE),
        epoch=EpochId(b"e" * 32),
        author=town.cluster.charter.members[town.liar].id,
        sequence=1,
        round_=Round(1),
        time_ms=town.cluster.now().wall_ms,
        parents=(BlockId(b"p" * 32),),
        ops=(),
        final_index=1,
        final_root=root,
    )
    return Push(blocks=(block,))


# What costs this node something and is nobody's fault, or was not counted for another reason.
CARRIED: dict[str, Callable[[Town], Message]] = {
    "a known op": lambda town: Push(ops=(known_op(town),)),
    "an op of a stranger": lambda town: Push(ops=(strange_op()(town),)),
    "a block with a false root": false_block,
    "an orphan": lambda town: Push(blocks=(town.orphan(town.liar, 1_000),)),
    "a block that is here": lambda town: Push(blocks=(town.cluster.node(0).own_blocks()[0].block,)),
    "a text that nobody needs": lambda town: Push(texts=(bytes(9_000),)),
    "a receipt that contradicts": lambda town: Receipts((false_receipt(town),)),
    "a contact": lambda town: Contacts(((town.cluster.devices[1], ADDRESSES),)),
    "a contact of nobody": lambda town: Contacts(((STRANGER, ADDRESSES),)),
    "nothing": lambda town: Push(),
    "links": lambda town: Links(tuple(sorted(town.cluster.devices))),
}


def check_cut(town: Town, message: Message, most: int) -> None:
    """Say it until the connection ends; another device of the seat then is as far, others not."""
    for _ in range(most):
        if is_cut(town, PHONE):
            break
        say(town, PHONE, message, 100)
    assert is_cut(town, PHONE)
    end = next(
        one
        for one in town.cluster.node(0).sends
        if isinstance(one, Disconnect) and one.peer == PHONE
    )
    assert end.retry_ms > 0
    assert not set(town.cut()) & set(town.cluster.devices[:3])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_whatever_is_said_over_and_over_ends_the_connection(town: Town, message: Message) -> None:
    check_cut(town, message, 20)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", CARRIED)
def test_whatever_is_carried_over_and_over_counts_for_the_seat_of_who_carries_it(
    town: Town, kind: str
) -> None:
    message = CARRIED[kind](town)
    check_cut(town, message, 20)
    other = DeviceKey(bytes([3, 1]) * 16)
    say(town, other, message, 2)
    assert is_cut(town, other), "its seat has said so much, whichever device says it"
    say(town, town.cluster.devices[1], message, 1)
    assert not is_cut(town, town.cluster.devices[1])
    # It calls again, a minute later.
    town.cluster.run(WINDOW_MS)
    town.hang_up(PHONE)
    town.call(PHONE)
    before = len(town.cut())
    say(town, PHONE, message, 1)
    assert len(town.cut()) == before


@pytest.mark.parametrize("kind", CARRIED)
def test_what_an_honest_carrier_says_in_its_worst_minute_ends_nothing(
    town: Town, kind: str
) -> None:
    """As much of it as PENDING_PER_MEMBER of each seat, or all blocks of ten statuses."""
    message = CARRIED[kind](town)
    times = min(SEATS * PENDING_PER_MEMBER, BUDGET // (weigh(message) + 64))
    for _ in range(0, times, 512):
        say(town, PHONE, message, 512)
    if "contact" not in kind:
        assert times >= 512
    assert not is_cut(town, PHONE)


# --- alarms -------------------------------------------------------------------------------------


def test_a_contradicting_root_raises_one_alarm_whatever_repeats_it(town: Town) -> None:
    receipts = Receipts((false_receipt(town),) * RECEIPTS_IN_MESSAGE)
    for _ in range(10):
        say(town, PHONE, receipts)
        say(town, PHONE, false_block(town), 100)
    node = town.cluster.node(0)
    alarms = [one for one in node.noticed(Diverged) if isinstance(one, Diverged)]
    assert [(one.index, one.theirs) for one in alarms] == [(1, b"x" * 32)]
    assert len([one for one in node.writes if isinstance(one, SaveContradiction)]) == 1


def test_another_root_or_commit_or_seat_is_another_alarm(town: Town) -> None:
    say(town, PHONE, Receipts((false_receipt(town), false_receipt(town, b"y" * 32))))
    say(town, PHONE, Receipts((false_receipt(town, index=2),)))
    signer = FakeSigner(town.cluster.devices[1])
    statement = Statement(town.core.epoch.id, 1, b"x" * 32, None)
    of_other = sign_receipt(town.cluster.charter.community_id, signer, statement)
    say(town, PHONE, Receipts((of_other,)))
    node = town.cluster.node(0)
    assert len(node.noticed(Diverged)) == 4
    assert len([one for one in node.writes if isinstance(one, SaveContradiction)]) == 4


def test_alarms_of_a_seat_that_signs_ever_new_roots_are_bounded(town: Town) -> None:
    for number in range(2 * ALARMS_PER_SEAT):
        say(town, PHONE, false_block(town, number.to_bytes(32, "big")))
    node = town.cluster.node(0)
    assert len(node.noticed(Diverged)) == ALARMS_PER_SEAT
    assert sum(map(len, town.core.alarms._raised.values())) == ALARMS_PER_SEAT


# --- what is told back --------------------------------------------------------------------------


def test_who_carries_many_that_are_refused_is_told_once_in_a_while(town: Town) -> None:
    message = Push(ops=tuple(strange_op(number)(town) for number in range(1, 300)))

    def told() -> int:
        return sum(
            isinstance(one, Send) and one.peer == PHONE and isinstance(one.message, Refused)
            for one in town.cluster.node(0).sends
        )

    before = told()
    say(town, PHONE, message)
    assert told() == before + 1
    say(town, PHONE, message)
    assert told() == before + 1
    town.cluster.run(10_000)
    say(town, PHONE, message)
    assert told() == before + 2
    assert not is_cut(town, PHONE)


# --- contacts -----------------------------------------------------------------------------------


def test_a_contact_is_noted_once_until_something_new_is_told(town: Town) -> None:
    def noted() -> int:
        return len(town.cluster.node(0).noticed(ContactTold))

    bob, carol = town.cluster.devices[1], town.cluster.devices[2]
    truth, lie = Contacts(((bob, ADDRESSES),)), Contacts(((bob, ("/ip4/10.9.9.9/tcp/1",)),))
    before = noted()
    say(town, carol, truth, 5)
    assert noted() == before + 1
    say(town, PHONE, lie, 5)
    assert noted() == before + 2
    say(town, carol, truth, 5)
    assert noted() == before + 3, "the truth is newer than the lie"
    say(town, PHONE, lie, 5)
    assert noted() == before + 3, "what it has told before is not new"


def test_what_was_told_of_devices_that_are_gone_is_forgotten(town: Town) -> None:
    bob = town.cluster.devices[1]
    say(town, PHONE, Contacts(((bob, ADDRESSES),)))
    assert town.core.sync.hearsay._heard
    town.core.sync.hearsay.forget(lambda device: device != bob)
    assert bob not in {device for _seat, device in town.core.sync.hearsay._heard}
    assert bob not in town.core.sync.hearsay._new


# --- strangers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [one for one in MESSAGES if not isinstance(one, Hello | Refused)],
    ids=lambda one: type(one).__name__,
)
def test_a_stranger_says_nothing_before_its_hello(town: Town, message: Message) -> None:
    town.cluster.give(town.cluster.devices[0], PeerUp(STRANGER))
    say(town, STRANGER, message)
    assert town.cut() == [STRANGER]


def test_a_stranger_that_refuses_this_node_is_heard_as_often_as_it_takes(town: Town) -> None:
    town.cluster.give(town.cluster.devices[0], PeerUp(STRANGER))
    say(town, STRANGER, Refused("invite_over", "run p2pnode leave"), FRAME_MESSAGES)
    node = town.cluster.node(0)
    assert len(node.noticed(RefusedByPeer)) == greeting.REFUSALS_BEFORE_HELLO
    assert town.cut() == [STRANGER]
    town.hang_up(STRANGER)
    town.cluster.give(town.cluster.devices[0], PeerUp(STRANGER))
    say(town, STRANGER, Refused("not_a_member", "no seat has this key"))
    assert town.cut() == [STRANGER]


def admit(town: Town, *guests: DeviceKey) -> None:
    """Connect devices without a seat, by an open invite."""
    secret = FakeSigner(DeviceKey(b"i" * 32))
    charter = town.cluster.charter
    invite = InviteAction("Eve", secret.device, WallMs(town.cluster.now().wall_ms + 10**9), 9)
    proposal = town.cluster.propose_action(0, charter.rules.membership_tier, invite)
    for place in range(SEATS):
        town.cluster.vote(place, proposal, urgent=True)
    town.cluster.run(5_000)
    for guest in guests:
        signature = secret.sign(
            crypto.signed_message(crypto.TAG_ADMIT, charter.community_id, guest)
        )
        told = Hello(
            PROTOCOL_VERSION, charter.community_id, None, (secret.device, signature), "t", ()
        )
        town.cluster.give(town.cluster.devices[0], PeerUp(guest))
        say(town, guest, told)
        assert town.core.sync.peers[guest].greeted


def test_strangers_count_together_and_who_brought_little_stays(town: Town) -> None:
    guests = [DeviceKey(bytes([200 + place]) * 32) for place in range(3)]
    admit(town, *guests)
    for loud in guests[:2]:
        for _ in range(BUDGET // FRAME_MESSAGES):
            say(town, loud, Push(), FRAME_MESSAGES * 3 // 4)
    assert is_cut(town, guests[1])
    quiet = guests[2]
    say(town, quiet, Push(), VAIN_OF_STRANGER // 2)
    assert not is_cut(town, quiet)
    say(town, quiet, Push(), VAIN_OF_STRANGER)
    assert is_cut(town, quiet)


# --- the budget ---------------------------------------------------------------------------------

BOB, CAROL = b"bob", b"carol"
FRONTIER = ((MemberId(b"m" * 32), Round(3)),)


def test_what_was_new_here_may_be_brought_by_everybody_else() -> None:
    counted = Vain()
    counted.note_new(500_000)
    for seat in (BOB, CAROL):
        assert counted.spend(seat, BUDGET + 500_000, SEATS, MonoMs(1_000))
        assert not counted.spend(seat, 1, SEATS, MonoMs(1_000))


def test_what_was_new_counts_for_this_minute_and_the_next() -> None:
    counted = Vain()
    counted.spend(BOB, 0, SEATS, MonoMs(0))
    counted.note_new(500_000)
    assert counted.spend(BOB, BUDGET + 400_000, SEATS, MonoMs(WINDOW_MS))
    assert not counted.spend(BOB, BUDGET + 400_000, SEATS, MonoMs(2 * WINDOW_MS))


def test_what_was_new_before_a_silence_counts_no_more() -> None:
    counted = Vain()
    counted.spend(BOB, 0, SEATS, MonoMs(0))
    counted.note_new(500_000)
    assert not counted.spend(BOB, BUDGET + 1, SEATS, MonoMs(2 * WINDOW_MS))


def test_an_answer_is_not_in_vain_though_all_of_it_is_known() -> None:
    counted = Vain()
    for _ in range(20):
        counted.note_question(BOB, Pull(1, FRONTIER, 1_000))
    most = 20 * vain.ANSWERS[Pull]
    assert counted.spend(BOB, BUDGET + most, SEATS, MonoMs(0))
    assert not counted.spend(BOB, 1, SEATS, MonoMs(0))
    assert not counted.spend(CAROL, BUDGET + 1, SEATS, MonoMs(0)), "it was not asked"


def test_who_makes_this_node_ask_gains_no_more_than_so_much_by_it() -> None:
    counted = Vain()
    for _ in range(1_000):
        counted.note_question(BOB, Pull(1, FRONTIER, 1_000))
    assert not counted.spend(BOB, BUDGET + ASKED_PER_MINUTE + 1, SEATS, MonoMs(0))


def test_an_answer_may_come_in_the_next_minute() -> None:
    counted = Vain()
    counted.spend(BOB, 0, SEATS, MonoMs(0))
    counted.note_question(BOB, Pull(1, FRONTIER, 1_000))
    assert counted.spend(BOB, BUDGET + vain.ANSWERS[Pull], SEATS, MonoMs(WINDOW_MS))


def test_a_block_weighs_what_its_ops_do(town: Town) -> None:
    block = town.cluster.node(0).own_blocks()[0].block
    assert weigh_block(block) == 1 + len(block.ops)
    assert weigh(Push(blocks=(block, block))) == 1 + 2 * weigh_block(block)
    many = replace(block, parents=tuple(BlockId(bytes([one]) * 32) for one in range(100)))
    assert weigh_block(many) == weigh_block(block) + 6, "each is looked up, or waited for"


def test_all_that_is_pending_in_a_large_community_comes_from_everybody_at_once() -> None:
    """99 peers push all that 100 seats may have pending to who comes back (R7.5, R7.24)."""
    counted, seats = Vain(), 100
    pending = seats * PENDING_PER_MEMBER
    counted.note_new(pending)  # the first brings it
    for peer in range(99):
        seat = peer.to_bytes(32, "big")
        assert counted.spend(seat, pending, seats, MonoMs(5_000))
        # A third of the seats lie, and let others refuse all that they said; told twice.
        assert counted.spend(seat, 2 * 33 * PENDING_PER_MEMBER, seats, MonoMs(6_000))


def test_message_that_is_new_costs_nothing(town: Town) -> None:
    counted = town.core.sync.peers.vain
    peer = town.core.sync.peers[PHONE]
    new_before, push = counted.new, Push(ops=(known_op(town),))
    say(town, PHONE, push)
    assert peer.vain == 1, "but for the message itself"
    assert counted.new == new_before + 1
    say(town, PHONE, push)
    assert peer.vain == 1 + weigh(push)


def test_texts_weigh_by_their_bytes_and_256_each_whatever_number_of_parts_they_are() -> None:
    assert [weigh_texts([bytes(16)] * count) for count in (0, 1, 15, 16, 200)] == [0, 0, 0, 1, 13]
    assert weigh_texts([bytes(16 + 60_000)]) == 14
    assert weigh_texts([bytes(16 + 600)] * 100) == 21
    assert weigh(Push(texts=(bytes(616),) * 100)) == 22


def test_texts_that_were_new_are_taken_off_again_over_messages_of_any_size() -> None:
    counted = Vain()
    for size in (16, 4_000, 16, 65_552) * 8:
        counted.note_new_text(bytes(size))
    assert counted.new == 8 * (4 * 256 + 2 * 16 + 4_000 + 65_552) // 4_096
