"""How a peer is treated that says what is wrong: told, counted, cut off (R7.10)."""

from __future__ import annotations

import pytest
from support.cores.parts import Parts

from p2pnode_protocols.core.peers.manners import (
    CUT_MS,
    FAULT_WINDOW_MS,
    FAULTS_BEFORE_CUT,
    SOON_MS,
    TELL_AGAIN_MS,
)
from p2pnode_protocols.messages.greeting import Refused
from p2pnode_protocols.steps.notices import PeerRefused
from p2pnode_protocols.steps.sends import Disconnect
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import DeviceKey

FAULT = PeerFault("bad_field", "it is wrong")


@pytest.fixture
def parts() -> Parts:
    return Parts(4)


def cut(parts: Parts) -> list[Disconnect]:
    return [one for one in parts.out.sends if isinstance(one, Disconnect)]


def test_faults_are_told_and_the_tenth_in_a_minute_ends_the_connection(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    for _ in range(FAULTS_BEFORE_CUT - 1):
        parts.manners.refuse(peer.device, FAULT)
    assert len(parts.told(Refused, peer.device)) == FAULTS_BEFORE_CUT - 1
    assert not cut(parts)
    parts.manners.refuse(peer.device, FAULT)
    assert [(one.code, one.retry_ms) for one in cut(parts)] == [("bad_field", CUT_MS)]
    assert peer.device not in parts.sync.peers
    assert len(parts.noticed(PeerRefused)) == FAULTS_BEFORE_CUT


def test_faults_of_long_ago_count_no_more(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    for _ in range(2 * FAULTS_BEFORE_CUT):
        parts.manners.refuse(peer.device, FAULT)
        parts.wait(FAULT_WINDOW_MS // (FAULTS_BEFORE_CUT - 1) + 1)
    assert not cut(parts)


def test_who_only_carried_it_is_told_now_and_then_and_never_blamed(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    for _ in range(2 * FAULTS_BEFORE_CUT):
        parts.manners.refuse(peer.device, FAULT, is_bearer=True)
    assert len(parts.told(Refused)) == 1
    parts.wait(TELL_AGAIN_MS)
    parts.manners.refuse(peer.device, FAULT, is_bearer=True)
    assert len(parts.told(Refused)) == 2
    assert not cut(parts)


def test_who_has_not_been_let_in_is_cut_off_at_once_and_may_come_back_soon(parts: Parts) -> None:
    device = DeviceKey(b"s" * 32)
    parts.sync.add(device)
    parts.manners.refuse(device, PeerFault("not_a_member", "no seat"))
    assert [(one.code, one.retry_ms) for one in cut(parts)] == [("not_a_member", SOON_MS)]


def test_who_has_gone_in_the_meantime_is_only_written_down(parts: Parts) -> None:
    parts.manners.refuse(parts.devices[1], FAULT)
    assert (parts.out.sends, len(parts.noticed(PeerRefused))) == ([], 1)
