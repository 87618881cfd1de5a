"""Several communities on one connection: what one of them does to its own streams is its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
from support.hosts.nets import COMMUNITY, DEADLINE_S, LOOPBACK, OTHER, Member, Rig, Stranger

from p2pnode.net.connection.link import Link
from p2pnode.net.connection.mux import WINDOW_BYTES
from p2pnode.net.connection.pair import Pair
from p2pnode.net.errors import LinkClosed
from p2pnode.net.framing import FrameReader, add_length
from p2pnode_protocols.messages.frames import Message, read_frame, write_frame
from p2pnode_protocols.messages.greeting import Ping, Pong
from p2pnode_protocols.messages.spreading import Want
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire.ids import CommunityId, WallMs

GOOD, BETTER = Want((b"w" * 32,)), Want((b"v" * 32,))
LONG = Want((b"l" * 32,) * 256)


async def start_both(rig: Rig, *, room: int = 64) -> tuple[Member, Member, Member, Member]:
    """Return alice and bob in one community, then in another; `room`: for alice's in the first."""
    alice, bob = await rig.start(1, room=room), await rig.start(2)
    alice_too, bob_too = await rig.join(alice), await rig.join(bob)
    alice.knows(bob)
    bob_too.knows(alice_too)
    for member in (alice, bob, alice_too, bob_too):
        await member.hear(PeerUp)
    return alice, bob, alice_too, bob_too


def link_of(member: Member, peer: Member) -> Link:
    (link,) = member.endpoint.book[peer.device].links
    return link


async def exchange(one: Member, other: Member) -> None:
    one.net.enqueue(other.device, GOOD)
    assert await other.hear(PeerDown, Received) == Received(one.device, GOOD)
    other.net.enqueue(one.device, BETTER)
    assert await one.hear(PeerDown, Received) == Received(other.device, BETTER)


async def test_two_communities_share_a_connection_and_hear_nothing_of_each_other(rig: Rig) -> None:
    alice, bob, alice_too, bob_too = await start_both(rig)
    link_of(alice, bob)
    link_of(bob, alice)
    for one, other in ((alice, bob), (alice_too, bob_too)) * 20:
        await exchange(one, other)
    for member in (alice, bob, alice_too, bob_too):
        (told,) = member.net.statistics().peers
        assert (told.sessions, told.messages_in >= 20) == (1, True)


async def test_dials_that_cross_give_one_connection_for_all(rig: Rig) -> None:
    for attempt in range(6):
        alice, bob = await rig.start(10 + attempt), await rig.start(110 + attempt)
        alice_too, bob_too = await rig.join(alice), await rig.join(bob)
        for one, other in ((alice, bob), (bob, alice), (alice_too, bob_too), (bob_too, alice_too)):
            one.knows(other)
        for member in (alice, bob, alice_too, bob_too):
            await member.hear(PeerUp)
        await exchange(alice, bob)
        await exchange(alice_too, bob_too)
        await alice.until(lambda alice=alice, bob=bob: count_links(alice, bob) == 1)  # type: ignore[misc]
        assert [one.net.statistics().peers[0].sessions for one in (alice, bob_too)] == [1, 1]


def count_links(member: Member, peer: Member) -> int:
    return len(member.endpoint.book[peer.device].links)


async def test_a_full_inbox_of_one_community_holds_up_no_other(rig: Rig) -> None:
    """Nobody takes what alice hears in the first; its window stays shut, and that is all."""
    alice, bob, alice_too, bob_too = await start_both(rig, room=1)
    many = 6 * WINDOW_BYTES // len(write_frame([LONG]))
    for _ in range(many):
        bob.net.enqueue(alice.device, LONG)
    await alice.until(lambda: link_of(alice, bob).is_behind)
    for _ in range(50):
        await exchange(alice_too, bob_too)
        await exchange(bob_too, alice_too)
    assert link_of(alice, bob).is_behind
    assert link_of(alice, bob).wire.bytes_in < 3 * WINDOW_BYTES, "a frame and a window"
    for _ in range(many):
        assert await alice.hear(PeerDown, Received) == Received(bob.device, LONG)
    await alice.until(lambda: not link_of(alice, bob).is_behind)


async def test_who_does_not_read_one_community_is_cut_off_there_only(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1, replace(LOOPBACK, queue_bytes=4_000_000))
    too = await rig.join(alice)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as pair:
        pair.link.admits = lambda: [COMMUNITY, OTHER]
        other = await open_pair(pair.link, OTHER)
        await alice.hear(PeerUp)
        await too.hear(PeerUp)
        while alice.about(mallory.device).drops == 0:
            alice.net.enqueue(mallory.device, LONG)
            await trio.lowlevel.checkpoint()
        with trio.fail_after(DEADLINE_S):
            await pair.wait_ended()
        await alice.hear(PeerDown)
        assert alice.about(mallory.device).state == "held"
        await mallory.say(other, GOOD)
        assert await too.hear(PeerDown, Received) == Received(mallory.device, GOOD)
        too.net.enqueue(mallory.device, BETTER)
        assert await mallory.hear(other, Want) == BETTER
        with pytest.raises(LinkClosed):  # and is not let in there again for now
            await pair.link.pair(COMMUNITY).open()


async def open_pair(link: Link, community: CommunityId) -> Pair:
    pair = link.pair(community)
    with trio.fail_after(DEADLINE_S):
        await pair.open()
        await pair.wait_opened()
    return pair


async def test_what_a_peer_is_sent_away_for_in_one_it_is_not_in_the_other(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    too = await rig.join(alice)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as pair:
        pair.link.admits = lambda: [COMMUNITY, OTHER]
        other = await open_pair(pair.link, OTHER)
        for _ in range(3):
            await pair.send(add_length(b"\xc1"))
        await mallory.hear_end(pair)
        await alice.hear(PeerDown)
        assert alice.about(mallory.device).state == "held"
        assert too.about(mallory.device).state == "up"
        await mallory.say(other, GOOD)
        assert await too.hear(PeerDown, Received) == Received(mallory.device, GOOD)


async def test_a_community_that_a_host_does_not_have_is_refused_and_taken_up_once_it_has(
    rig: Rig,
) -> None:
    """Over the connection that stands; whoever asked in vain asks again."""
    alice, bob = await rig.start(1), await rig.start(2)
    alice_too = await rig.join(alice)
    alice.knows(bob)
    alice_too.knows(bob)
    await alice.hear(PeerUp)
    link = link_of(alice, bob)
    await exchange(alice, bob)
    assert alice_too.about(bob).state == "connecting"
    bob_too = await rig.join(bob)
    await alice_too.hear(PeerUp)
    await bob_too.hear(PeerUp)
    await exchange(alice_too, bob_too)
    assert link_of(alice, bob) is link


async def test_a_community_that_stops_stops_alone_and_comes_back(rig: Rig) -> None:
    alice, bob, alice_too, bob_too = await start_both(rig)
    link = link_of(alice, bob)
    await bob_too.stop()
    assert await alice_too.hear(PeerDown) == PeerDown(bob.device)
    await exchange(alice, bob)
    again = await rig.join(bob)
    again.knows(alice_too)
    await again.hear(PeerUp)
    await alice_too.hear(PeerUp)
    await exchange(alice_too, again)
    await exchange(alice, bob)
    assert link_of(alice, bob) is link
    assert alice.about(bob).sessions == 1


async def test_a_peer_blocked_in_one_community_talks_on_in_the_other(rig: Rig) -> None:
    alice, bob, alice_too, bob_too = await start_both(rig)
    alice.net.block(bob.device)
    await alice.hear(PeerDown)
    await bob.hear(PeerDown)
    await exchange(alice_too, bob_too)
    assert alice.about(bob).state == "blocked"
    alice.net.unblock(bob.device)
    await alice.hear(PeerUp)
    await bob.hear(PeerUp)
    await exchange(alice, bob)


async def test_a_connection_that_nobody_needs_any_more_is_closed(rig: Rig) -> None:
    alice, bob, alice_too, bob_too = await start_both(rig)
    await bob_too.stop()
    await exchange(alice, bob)
    alice.net.block(bob.device)
    await alice.until(lambda: count_links(alice, bob) == 0)
    await bob.until(lambda: count_links(bob, alice) == 0)
    assert alice_too.about(bob).state in ("idle", "waiting", "connecting")


async def test_a_stranger_in_one_community_takes_a_place_of_strangers_there(
    rig: Rig, mallory: Stranger
) -> None:
    """That it has a seat in another does not let it in here."""
    alice = await rig.start(1, replace(LOOPBACK, strangers=0))
    seat: set[object] = {mallory.device}
    too = await rig.join(alice, gate=seat.__contains__)
    async with mallory.session(alice.device, *alice.net.addresses, community=OTHER) as pair:
        await too.hear(PeerUp)
        refused = pair.link.pair(COMMUNITY)
        with pytest.raises(LinkClosed):
            await refused.open()
        await mallory.say(pair, GOOD)
        assert await too.hear(PeerDown, Received) == Received(mallory.device, GOOD)


async def test_a_connection_has_one_heartbeat_whatever_communities_are_on_it(
    rig: Rig, mallory: Stranger
) -> None:
    """By turns; not where the last one is not answered, so that it shows who is alive."""
    beat_s = 0.05
    alice = await rig.start(1, replace(LOOPBACK, heartbeat_s=beat_s))
    too = await rig.join(alice)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as pair:
        pair.link.admits = lambda: [COMMUNITY, OTHER]
        other = await open_pair(pair.link, OTHER)
        await alice.hear(PeerUp)
        await too.hear(PeerUp)
        link = next(iter(alice.endpoint.book[mallory.device].links))
        heard = {COMMUNITY: 0, OTHER: 0}
        began_s, beats = trio.current_time(), link.pulse.beats
        readers = {COMMUNITY: Reader(mallory), OTHER: Reader(mallory)}

        async def answer(community: CommunityId, its: Pair) -> None:
            while True:
                ping = await readers[community].hear(its)
                heard[community] += 1
                await mallory.say(its, Pong(ping.token, WallMs(1)))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(answer, COMMUNITY, pair)
            nursery.start_soon(answer, OTHER, other)
            await alice.until(lambda: link.pulse.beats >= beats + 12)
            nursery.cancel_scope.cancel()
        assert trio.current_time() - began_s >= 11 * beat_s
        total = sum(heard.values())
        assert 9 <= total <= 16, "one a beat, and one each as they began"
        assert min(heard.values()) >= 3, "by turns"
        told = [one.about(mallory.device) for one in (alice, too)]
        assert told[0].rtt_ms == told[1].rtt_ms
        assert told[0].clock_offset_ms is not None


class Reader:
    """Hears the pings of one of several pairs."""

    def __init__(self, stranger: Stranger) -> None:
        self._reader = FrameReader()
        self._waiting: list[Message] = []
        self.stranger = stranger

    async def hear(self, pair: Pair) -> Ping:
        while True:
            while self._waiting:
                message = self._waiting.pop(0)
                if isinstance(message, Ping):
                    return message
            for frame in self._reader.feed(await pair.receive()):
                self._waiting += read_frame(frame, Opener(COMMUNITY))
