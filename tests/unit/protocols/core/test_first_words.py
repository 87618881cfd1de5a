"""Hellos, statuses, receipts: what is said first, and what this node says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner
from support.cores.parts import Parts

from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.agreement.receipts import Receipt, Statement, sign_receipt
from p2pnode_protocols.core.peers.greeting import BEFORE_HELLO
from p2pnode_protocols.core.peers.standing import LACK_AGAIN_MS
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello, Ping, Refused
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.steps.notices import (
    CommitProven,
    Diverged,
    PeerGreeted,
    PeerRefused,
    RefusedByPeer,
)
from p2pnode_protocols.steps.sends import Disconnect, ServePull
from p2pnode_protocols.steps.writes import SaveContradiction, SaveReceipt
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, WallMs

STRANGER = DeviceKey(b"s" * 32)


@pytest.fixture
def parts() -> Parts:
    return Parts(4)


def hello(parts: Parts, **fields: object) -> Hello:
    said = Hello(PROTOCOL_VERSION, parts.me.community, parts.status(), None, "other", ())
    return replace(said, **fields)  # type: ignore[arg-type]


# --- greeting -------------------------------------------------------------------------------


def test_members_are_greeted_at_once_and_strangers_speak_first(parts: Parts) -> None:
    parts.greeting.peer_up(parts.devices[1])
    parts.greeting.peer_up(STRANGER)
    assert len(parts.told(Hello, parts.devices[1])) == 1
    assert parts.told(Hello, STRANGER) == []


def test_a_members_hello_lets_it_in(parts: Parts) -> None:
    parts.greeting.peer_up(parts.devices[1])
    parts.greeting.on_hello(parts.sync.peers[parts.devices[1]], hello(parts))
    assert parts.sync.peers.connected == {parts.devices[1]}
    assert [one.member for one in parts.noticed(PeerGreeted)] == [parts.members[1]]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"version": PROTOCOL_VERSION + 1}, "wrong_version"),
        ({"version": PROTOCOL_VERSION - 1}, "wrong_version"),
        ({"community": b"another".ljust(32)}, "wrong_community"),
    ],
)
def test_who_speaks_of_something_else_is_not_let_in(
    parts: Parts, fields: dict[str, object], code: str
) -> None:
    parts.greeting.peer_up(parts.devices[1])
    with pytest.raises(PeerFault) as caught:
        parts.greeting.on_hello(parts.sync.peers[parts.devices[1]], hello(parts, **fields))
    assert caught.value.code == code
    assert code != "wrong_version" or "needs version 2 " in caught.value.detail
    assert not parts.sync.peers.connected


def test_a_stranger_without_an_invite_is_refused(parts: Parts) -> None:
    parts.greeting.peer_up(STRANGER)
    with pytest.raises(PeerFault) as caught:
        parts.greeting.on_hello(parts.sync.peers[STRANGER], hello(parts))
    assert caught.value.code == "not_a_member"


def test_a_member_may_say_a_frame_full_before_its_hello_a_stranger_nothing(parts: Parts) -> None:
    for device, most in ((parts.devices[1], BEFORE_HELLO), (STRANGER, 0)):
        parts.greeting.peer_up(device)
        peer = parts.sync.peers[device]
        for _ in range(most):
            parts.greeting.before_hello(peer)
        with pytest.raises(PeerFault):
            parts.greeting.before_hello(peer)


def test_who_does_not_let_this_device_in_is_remembered(parts: Parts) -> None:
    parts.greeting.peer_up(parts.devices[1])
    peer = parts.sync.peers[parts.devices[1]]
    parts.greeting.on_refused(peer, Refused("not_a_member", "who are you"))
    assert parts.own_seat.may_have_lost_seat
    assert len(parts.noticed(RefusedByPeer)) == 1
    parts.greeting.on_hello(peer, hello(parts))
    assert not parts.own_seat.may_have_lost_seat


# --- standing -------------------------------------------------------------------------------


def test_a_status_says_how_far_the_ops_of_each_device_have_come_without_a_gap(parts: Parts) -> None:
    body, _blob = parts.proposal()
    for place, nonce in ((1, 1), (1, 2), (2, 2)):
        op = parts.op(place, body, nonce)
        parts.pool.add(op, op.author, parts.now.mono_ms)
    status = parts.standing.status()
    assert status.nonces == ((parts.devices[1], 2),)
    assert (status.epoch, status.final_index) == (parts.ledger.epoch.id, 0)


def test_another_epoch_of_the_same_number_is_another_log(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    with pytest.raises(PeerFault):
        parts.standing.on_status(peer, parts.status(epoch=EpochId(b"o" * 32)))
    assert [one.member for one in parts.noticed(Diverged)] == [parts.members[1]]


def test_who_has_said_more_than_came_here_is_told_now_and_then(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1], parts.status())
    more = parts.status(nonces=((parts.devices[2], 5),))
    for _ in range(3):
        parts.standing.on_later_status(peer, more)
    assert len(parts.told(Status)) == 1
    parts.wait(LACK_AGAIN_MS)
    parts.standing.on_later_status(peer, more)
    assert len(parts.told(Status)) == 2


def test_it_lags_when_more_than_may_lie_have_signed_further(parts: Parts) -> None:
    statement = Statement(parts.ledger.epoch.id, 5, b"r" * 32, None)
    for count, place in enumerate((1, 2), 1):
        signed = sign_receipt(parts.me.community, FakeSigner(parts.devices[place]), statement)
        parts.prover._take(signed, parts.devices[place])
        assert parts.standing.lags() is (count > 1)


# --- receipts -------------------------------------------------------------------------------


def receipt(parts: Parts, place: int, root: bytes, index: int = 1) -> Receipt:
    statement = Statement(parts.ledger.epoch.id, index, root, None)
    return sign_receipt(parts.me.community, FakeSigner(parts.devices[place]), statement)


def expect(parts: Parts) -> Committee:
    parts.ledger.append(b"a" * 32)
    epoch = parts.ledger.epoch
    statement = Statement(epoch.id, 1, b"a" * 32, None)
    committee = epoch.committee
    parts.proofs.expect(statement, committee.keys, committee.quorum, parts.now.mono_ms)
    return committee


def test_this_node_signs_what_it_expects_once(parts: Parts) -> None:
    expect(parts)
    for _ in range(2):
        parts.prover.sign()
    assert [one.own for one in parts.wrote(SaveReceipt)] == [True]


def test_a_quorum_of_receipts_proves_a_commit(parts: Parts) -> None:
    committee = expect(parts)
    for place in range(1, 1 + committee.quorum):
        parts.prover._take(receipt(parts, place % 4, b"a" * 32), parts.devices[1])
    assert parts.noticed(CommitProven) == [CommitProven(1)]


def test_a_receipt_for_another_log_raises_the_alarm_and_is_kept(parts: Parts) -> None:
    expect(parts)
    parts.prover._take(receipt(parts, 1, b"b" * 32), parts.devices[1])
    assert len(parts.noticed(Diverged)) == len(parts.wrote(SaveContradiction)) == 1


def test_a_receipt_of_a_commit_to_come_waits(parts: Parts) -> None:
    parts.prover._take(receipt(parts, 1, b"a" * 32), parts.devices[1])
    assert parts.proofs.early() == {parts.devices[1]: 1}
    expect(parts)
    assert [one.receipt.device for one in parts.wrote(SaveReceipt)] == [parts.devices[1]]


# --- where messages go ----------------------------------------------------------------------


def test_what_is_wrong_with_a_message_is_told_to_who_said_it(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1], parts.status())
    parts.answering.received(peer.device, Pull(7, (), 1_000, None))
    assert [one.code for one in parts.noticed(PeerRefused)] == ["bad_epoch"]
    assert [one.code for one in parts.told(Refused, peer.device)] == ["bad_epoch"]


def test_a_pull_of_this_epoch_is_answered_from_the_store(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1], parts.status())
    parts.answering.received(peer.device, Pull(0, (), 1_000, None))
    (answer,) = (one for one in parts.out.sends if isinstance(one, ServePull))
    assert (answer.peer, answer.pull.most_bytes) == (peer.device, 1_000)


def test_a_message_of_who_has_gone_is_passed_over(parts: Parts) -> None:
    parts.answering.received(parts.devices[1], Ping(1, WallMs(0)))
    parts.answering.on_written(parts.devices[1])
    assert (parts.out.sends, parts.out.notices) == ([], [])


def test_a_strangers_first_word_that_is_no_hello_ends_the_connection(parts: Parts) -> None:
    parts.greeting.peer_up(STRANGER)
    parts.answering.received(STRANGER, Ping(1, WallMs(0)))
    assert [one.peer for one in parts.out.sends if isinstance(one, Disconnect)] == [STRANGER]
