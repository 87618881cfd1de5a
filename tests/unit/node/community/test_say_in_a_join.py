"""Who has a say in a join: whom the link names, or who has a seat; strangers have none."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import trio
from support.cores.town import found, key_of

from p2pnode.community.driver import Item
from p2pnode.community.joining import ANSWERS, HEAR_S, Progress, fetch_charter
from p2pnode.community.links import JoinLink
from p2pnode.net import compute_peer_id
from p2pnode_protocols.gossip.peers.refusals import SHUT_OUT
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Genesis, Hello, Refused
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire.ids import DeviceKey, WallMs

from .test_neighbours import FakeNet

ALICE, MALLORY, CAROL = (key_of(name) for name in ("alice", "mallory", "carol"))
TOWN = found(3)
LINK = JoinLink(
    TOWN.community_id,
    b"s" * 32,
    WallMs(0),
    (f"/ip4/192.0.2.7/tcp/17470/p2p/{compute_peer_id(ALICE)}",),
    None,
)


@pytest.mark.parametrize("code", sorted(SHUT_OUT))
async def test_who_has_no_seat_and_is_not_in_the_link_has_no_say(
    code: str, autojump_clock: trio.testing.MockClock
) -> None:
    progress = Progress(frozenset({ALICE}))
    before = (progress.step, progress.detail)
    progress.refused_by(MALLORY, code, "the invite is used up")
    await trio.sleep(HEAR_S)
    progress.end_if_sure()
    assert (progress.step, progress.detail) == before
    assert (progress.errors, progress.code, progress.ended) == ({}, None, None)
    progress.refused_by(ALICE, "invite_over", "the invite is used up")
    progress.refused_by(MALLORY, "bad_invite", "wait")  # nor does it keep a join from its end
    await trio.sleep(HEAR_S)
    progress.end_if_sure()
    assert progress.ended is not None


def test_what_many_devices_of_a_member_answer_is_bounded() -> None:
    progress = Progress(frozenset({ALICE}))
    for number in range(3 * ANSWERS):
        progress.refused_by(DeviceKey(number.to_bytes(32, "big")), "bad_invite", "wait", "Mallory")
    progress.refused_by(ALICE, "bad_invite", "wait")
    assert len(progress.errors) == ANSWERS
    assert ALICE in progress.errors


async def test_a_member_with_many_devices_has_one_say(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Else its answers push out what an honest one says, and end the join."""
    progress = Progress(frozenset({ALICE}))
    progress.refused_by(CAROL, "bad_invite", "wait", "Carol")
    for number in range(3 * ANSWERS):
        key = DeviceKey(number.to_bytes(32, "big"))
        progress.refused_by(key, "invite_over", "the invite is used up", "Mallory")
    await trio.sleep(HEAR_S)
    progress.end_if_sure()
    assert progress.ended is None


@dataclass
class TalkingNet(FakeNet):
    said: list[tuple[DeviceKey, Message]] = field(default_factory=list)
    sent_away: list[DeviceKey] = field(default_factory=list)

    def enqueue(self, peer: DeviceKey, message: Message) -> None:
        self.said.append((peer, message))

    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None:
        self.sent_away.append(peer)


async def fetch(*items: Item) -> tuple[Progress, TalkingNet, list[Item]]:
    """Let a joiner hear all that, and then the charter of the node in its link."""
    progress, net = Progress(frozenset({ALICE})), TalkingNet()
    send, receive = trio.open_memory_channel[Item](64)
    for item in (*items, PeerUp(ALICE), Received(ALICE, Genesis(TOWN.to_bytes()))):
        send.send_nowait(item)
    charter, known = await fetch_charter(
        LINK, CAROL, net, receive, progress, agent="test", called={ALICE}
    )
    assert charter == TOWN.to_bytes()
    return progress, net, known


HELLO = Hello(PROTOCOL_VERSION, TOWN.community_id, None, None, "test", ())


async def test_a_joiner_tells_nothing_to_who_calls_it() -> None:
    _progress, net, known = await fetch(PeerUp(MALLORY), Received(MALLORY, HELLO))
    assert {peer for peer, _ in net.said} == {ALICE}
    assert Received(MALLORY, HELLO) in known, "the core judges its hello"


@pytest.mark.parametrize(
    "said", [*(Refused(code, "no") for code in sorted(SHUT_OUT)), Genesis(b"other")], ids=str
)
async def test_before_the_charter_is_here_only_the_link_names_who_is_heard(said: Message) -> None:
    began = Progress()
    progress, net, _ = await fetch(PeerUp(MALLORY), Received(MALLORY, said))
    assert (progress.step, progress.detail) == (began.step, began.detail)
    assert progress.errors == {}
    assert (MALLORY in net.sent_away) == isinstance(said, Genesis)
    progress, _, _ = await fetch(PeerUp(ALICE), Received(ALICE, said), PeerDown(ALICE))
    assert set(progress.errors) == {ALICE}


async def test_a_strangers_hello_takes_back_nothing_that_a_host_said() -> None:
    over = Received(ALICE, Refused("invite_over", "the invite is used up"))
    progress, _, _ = await fetch(over, PeerUp(MALLORY), Received(MALLORY, HELLO))
    assert progress.over_at is not None
    progress, _, _ = await fetch(over, Received(ALICE, HELLO))
    assert progress.over_at is None
