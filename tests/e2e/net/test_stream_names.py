"""What a peer may do with streams and their names: ask for few, learn nothing, hold nothing."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
import trio
from support.hosts.nets import COMMUNITY, DEADLINE_S, OTHER, Member, Rig, Stranger

from p2pnode.net.connection import link as links
from p2pnode.net.connection.link import REFUSED_PER_MINUTE, STREAMS, Link
from p2pnode.net.connection.mux import START_WINDOW, Stream
from p2pnode.net.connection.naming import NAME_BYTES, NAMES
from p2pnode.net.connection.pair import name_protocol
from p2pnode.net.errors import LinkClosed
from p2pnode_protocols.messages.spreading import Want
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire.ids import CommunityId

GOOD = Want((b"w" * 32,))
GREETING = b"\x13/multistream/1.0.0\n"


@contextlib.asynccontextmanager
async def bare_link(mallory: Stranger, member: Member) -> AsyncIterator[Link]:
    """Connect and open no stream."""
    link = await mallory._dial(member)
    async with trio.open_nursery() as nursery:
        link.admits = lambda: [COMMUNITY, OTHER]
        nursery.start_soon(link.serve)
        yield link
        link.kill()


def line(text: str) -> bytes:
    said = text.encode() + b"\n"
    assert len(said) < 128
    return bytes([len(said)]) + said


async def hear(stream: Stream, size: int) -> bytes:
    data = b""
    with trio.fail_after(DEADLINE_S):
        while len(data) < size:
            data += await stream.read(size - len(data))
    return data


def streams_at(member: Member, device: object) -> int:
    """Return how many streams a member holds for a peer."""
    return sum(
        len(link._mux._streams)
        for remote in member.endpoint.book
        for link in remote.links
        if remote.device == device
    )


async def test_who_asks_for_a_list_of_names_is_told_none(rig: Rig, mallory: Stranger) -> None:
    """R7.27: a device learns of no community but those whose id it knows."""
    alice = await rig.start(1)
    await rig.join(alice)
    async with bare_link(mallory, alice) as link:
        stream = link._mux.open()
        await stream.write(GREETING + line("ls"))
        assert await hear(stream, len(GREETING) + 4) == GREETING + line("na")
        await stream.write(line(name_protocol(COMMUNITY)))
        told = await hear(stream, len(line(name_protocol(COMMUNITY))))
        assert told == line(name_protocol(COMMUNITY)), "who knows its id may ask"


async def test_two_hosts_share_more_communities_than_streams_are_negotiated_at_once(
    rig: Rig,
) -> None:
    alice, bob = await rig.start(1), await rig.start(2)
    pairs = [(alice, bob)]
    for number in range(4 * STREAMS):
        community = CommunityId(bytes([number]) * 32)
        pairs.append((await rig.join(alice, community), await rig.join(bob, community)))
    for one, other in pairs:
        one.knows(other)
        other.knows(one)
    for one, other in pairs:
        assert await one.hear(PeerUp, PeerDown) == PeerUp(bob.device)
        assert await other.hear(PeerUp, PeerDown) == PeerUp(alice.device)
    for member in (alice, bob):
        (remote,) = member.endpoint.book
        assert not any(one._refused for one in remote.links)
    for one, other in pairs:
        other.net.enqueue(alice.device, GOOD)
        assert await one.hear(PeerDown, Received) == Received(bob.device, GOOD)


async def test_made_up_communities_one_after_the_other_end_the_connection(
    rig: Rig, mallory: Stranger
) -> None:
    """Each costs an answer, and none of them anything that its sender would have to pay for."""
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    asked = 0
    async with mallory.connected(alice) as pair:
        await alice.hear(PeerUp)
        with contextlib.suppress(LinkClosed):
            while asked < 2 * REFUSED_PER_MINUTE:
                with pytest.raises(LinkClosed):
                    await pair.link.open(name_protocol(CommunityId(asked.to_bytes(32, "big"))))
                asked += 1
                if pair.has_ended:
                    break
        assert pair.has_ended
    assert REFUSED_PER_MINUTE <= asked <= REFUSED_PER_MINUTE + 2
    await alice.hear(PeerDown)
    await alice.until(lambda: alice.about(mallory.device).state == "held")
    assert alice.about(mallory.device).faults == (("limit_rate", 1),)


async def test_names_without_end_on_one_stream_end_that_stream_only(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as pair:
        stream = pair.link._mux.open()
        await stream.write(GREETING + line("/made/up") * 10_000)
        said = b""
        with contextlib.suppress(LinkClosed), trio.fail_after(DEADLINE_S):
            while True:
                said += await stream.read()
        assert said == GREETING + line("na") * NAMES
        await mallory.say(pair, GOOD)
        assert await alice.hear(PeerDown, Received) == Received(mallory.device, GOOD)


@pytest.mark.parametrize(
    "size", [NAME_BYTES + 1, 1 << 30, (1 << 63) - 1], ids=["a byte more", "a GiB", "the most"]
)
async def test_a_name_of_any_length_is_not_waited_for(
    rig: Rig, mallory: Stranger, size: int
) -> None:
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as pair:
        stream = pair.link._mux.open()
        length = bytearray()
        while size > 127:
            length.append(size & 127 | 128)
            size >>= 7
        length.append(size)
        await stream.write(GREETING + bytes(length))
        with pytest.raises(LinkClosed), trio.fail_after(DEADLINE_S):
            await hear(stream, len(GREETING) + 1)
        await mallory.say(pair, GOOD)
        assert await alice.hear(PeerDown, Received) == Received(mallory.device, GOOD)


async def test_a_stream_that_says_no_name_costs_its_own_place_for_a_while_and_no_more(
    rig: Rig, mallory: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor may it hold more than the window that every stream begins with."""
    monkeypatch.setattr(links, "NEGOTIATE_S", 0.5)
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as pair:
        await alice.hear(PeerUp)
        before = streams_at(alice, mallory.device)
        silent = [pair.link._mux.open() for _ in range(STREAMS)]
        more = pair.link._mux.open()
        await alice.until(lambda: streams_at(alice, mallory.device) == before + STREAMS)
        with pytest.raises(LinkClosed), trio.fail_after(DEADLINE_S):
            await more.read()
        assert sum(one.room for one in silent) == STREAMS * START_WINDOW
        await alice.until(lambda: streams_at(alice, mallory.device) == before)
        await mallory.say(pair, GOOD)
        assert await alice.hear(PeerDown, Received) == Received(mallory.device, GOOD)


async def test_an_answer_that_does_not_come_leaves_no_stream_behind(
    rig: Rig, mallory: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mallory talks in one community and never says a word about the other."""
    monkeypatch.setattr("p2pnode.net.holding.PAIR_S", 0.2)
    alice = await rig.start(1)
    too = await rig.join(alice)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as pair:
        await alice.hear(PeerUp)
        before = streams_at(alice, mallory.device)
        seen: list[Stream] = []
        pair.link._mux.on_stream = seen.append
        too.net.set_peers({mallory.device: ()})
        await alice.until(lambda: len(seen) >= 4)
        assert streams_at(alice, mallory.device) <= before + 1
        await mallory.say(pair, GOOD)
        assert await alice.hear(PeerDown, Received) == Received(mallory.device, GOOD)


async def test_streams_that_are_cut_and_opened_again_wait_longer_each_time(
    rig: Rig, mallory: Stranger
) -> None:
    """Each pair is a session: tasks, events, and a hello. So not as many as the wire carries."""
    alice = await rig.start(1)
    too = await rig.join(alice)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as first:
        began_s, sessions, pair, link = trio.current_time(), 1, first, first.link
        link.admits = lambda: [COMMUNITY, OTHER]
        other = await mallory._pair(link, OTHER)
        await alice.hear(PeerUp)
        while trio.current_time() < began_s + 2:
            pair.kill()
            assert await alice.hear(PeerDown)
            pair = await mallory._pair(link)
            assert await alice.hear(PeerUp)
            sessions += 1
        assert sessions <= 10
        await mallory.say(pair, GOOD)
        assert await alice.hear(PeerDown, Received) == Received(mallory.device, GOOD)
        await mallory.say(other, GOOD)
        assert await too.hear(PeerDown, Received) == Received(mallory.device, GOOD)


async def test_what_comes_on_the_stream_that_only_this_side_writes_ends_the_pair(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    too = await rig.join(alice)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as pair:
        pair.link.admits = lambda: [COMMUNITY, OTHER]
        other = await mallory._pair(pair.link, OTHER)
        await alice.hear(PeerUp)
        assert pair._incoming is not None
        await pair._incoming.write(b"not yours")
        await alice.hear(PeerDown)
        await mallory.say(other, GOOD)
        assert await too.hear(PeerDown, Received) == Received(mallory.device, GOOD)


async def test_who_is_blocked_in_one_community_may_join_another(rig: Rig) -> None:
    """What a device is to one community it is not to another (R7.27)."""
    carol = Stranger(b"c" * 32)
    alice = await rig.start(1)
    nobody: set[object] = set()
    too = await rig.join(alice, gate=nobody.__contains__)
    rig.known.add(carol.device)
    alice.net.block(carol.device)
    async with bare_link(carol, alice) as link:
        await carol._pair(link, OTHER)
        assert await too.hear(PeerUp) == PeerUp(carol.device)
        with pytest.raises(LinkClosed):
            await link.open(name_protocol(COMMUNITY))


async def test_a_connection_that_is_reset_as_its_session_begins_ends_no_more_than_that(
    rig: Rig, mallory: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first that is written then is new credit, by the task of the session."""
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    grant, failed = Stream._grant, []

    def fail_once(stream: Stream, credit: int) -> None:
        if not failed and stream.is_used and stream._mux.wire.stream is not None:
            failed.append(credit)
            raise LinkClosed("not written: reset by the peer")
        grant(stream, credit)

    monkeypatch.setattr(Stream, "_grant", fail_once)
    async with bare_link(mallory, alice) as link:
        pair = link.pair(COMMUNITY)
        await pair.open()
        await pair.wait_opened()
        assert await alice.hear(PeerUp) == PeerUp(mallory.device)
        await alice.until(lambda: bool(failed))
    assert await alice.hear(PeerDown) == PeerDown(mallory.device)
    async with mallory.connected(alice) as pair:
        await mallory.say(pair, GOOD)
        assert await alice.hear(Received) == Received(mallory.device, GOOD)
