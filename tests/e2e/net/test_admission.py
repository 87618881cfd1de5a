"""Who gets past the handshake: members, a few strangers, nobody who is blocked or held."""

import contextlib
import logging
from dataclasses import replace

import pytest
import trio
from support.hosts.nets import COMMUNITY, LOOPBACK, Rig, Stranger

from p2pnode.net.connection.pair import name_protocol
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Bye, Hello, Ping, Pong, Refused
from p2pnode_protocols.messages.spreading import Want
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire.ids import WallMs

GOOD = Want((b"w" * 32,))
HELLO = Hello(PROTOCOL_VERSION, COMMUNITY, None, None, "test", ())
NO = Refused("wrong_community", "what a stranger may say besides")  # R7.20


async def test_stranger_is_turned_away_when_none_are_allowed(rig: Rig, mallory: Stranger) -> None:
    alice = await rig.start(1, replace(LOOPBACK, strangers=0))
    assert await mallory.is_turned_away(alice)
    assert alice.net.statistics().refused_connections == 1
    rig.known.add(mallory.device)
    assert not await mallory.is_turned_away(alice)


async def test_strangers_share_a_limit_that_members_do_not_count_for(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    strangers = [Stranger(bytes([100 + n]) * 32) for n in range(6)]
    alice_few = await rig.start(3, replace(LOOPBACK, strangers=2))
    alice_few.knows(alice, bob)
    for _ in range(2):
        await alice_few.hear(PeerUp)
    first, second, third = strangers[:3]
    async with first.connected(alice_few) as link:
        await first.say(link, HELLO)
        await alice_few.hear(Received)
        async with second.connected(alice_few) as other:
            await second.say(other, HELLO)
            await alice_few.hear(Received)
            assert alice_few.net.statistics().strangers == 2
            assert await third.is_turned_away(alice_few)
        await alice_few.hear(PeerDown)
        await alice_few.until(lambda: alice_few.net.statistics().strangers == 1)
        assert not await third.is_turned_away(alice_few)


async def test_stranger_that_becomes_a_member_makes_room(rig: Rig, mallory: Stranger) -> None:
    alice = await rig.start(1, replace(LOOPBACK, strangers=1))
    other = Stranger(b"o" * 32)
    async with mallory.connected(alice) as link:
        await mallory.say(link, HELLO)
        await alice.hear(Received)
        assert await other.is_turned_away(alice)
        rig.known.add(mallory.device)
        assert not await other.is_turned_away(alice)


@pytest.mark.parametrize("said", [(), (NO,), (NO, NO)], ids=["nothing", "refusal", "more"])
async def test_stranger_that_says_no_hello_gives_up_its_place(
    rig: Rig, said: tuple[Message, ...]
) -> None:
    config = replace(LOOPBACK, strangers=1, heartbeat_s=0.1, hello_within_s=0.3)
    alice = await rig.start(1, config)
    rude, polite = Stranger(b"s" * 32), Stranger(b"p" * 32)
    async with rude.connected(alice) as link:
        await rude.say(link, *said)
        assert (await rude.hear(link, Refused)).code == "not_a_member"
        await rude.hear_end(link)
    await alice.hear(PeerDown)
    async with polite.connected(alice) as link:
        await polite.say(link, HELLO)
        assert await alice.hear_message() == HELLO
        rig.let_in.add(polite.device)
        for _ in range(5):  # pings, far beyond the time for a first word
            await polite.hear(link, Ping)
        assert alice.about(polite.device).state == "up"


@pytest.mark.parametrize("said", [(), (NO,)], ids=["nothing", "refusal"])
async def test_stranger_without_hello_gives_way_to_another_at_once(
    rig: Rig, mallory: Stranger, said: tuple[Message, ...]
) -> None:
    alice = await rig.start(1, replace(LOOPBACK, strangers=1))
    joiner = Stranger(b"j" * 32)
    async with mallory.connected(alice) as link:
        await mallory.say(link, *said)
        await alice.hear(Received if said else PeerUp)
        async with joiner.connected(alice) as other:
            await mallory.hear_end(link)
            await joiner.say(other, HELLO)
            await alice.until(lambda: alice.net.statistics().strangers == 1)
            assert await mallory.is_turned_away(alice), "who has said hello keeps its place"


async def test_strangers_that_the_core_has_let_in_take_no_place_at_the_gate(rig: Rig) -> None:
    alice = await rig.start(1, replace(LOOPBACK, strangers=1))
    joiners = [Stranger(bytes([100 + n]) * 32) for n in range(3)]
    late = Stranger(b"l" * 32)
    async with contextlib.AsyncExitStack() as stack:
        for one in joiners:
            link = await stack.enter_async_context(one.connected(alice))
            await one.say(link, HELLO)
            await alice.hear(Received)
            rig.let_in.add(one.device)
        assert not await late.is_turned_away(alice)
        assert alice.net.statistics().strangers >= len(joiners)
        assert {alice.about(one.device).state for one in joiners} == {"up"}


async def test_stranger_that_was_sent_away_and_stays_gives_way_at_once(
    rig: Rig, mallory: Stranger
) -> None:
    config = replace(LOOPBACK, strangers=1, bye_timeout_s=60.0)
    alice = await rig.start(1, config)
    joiner = Stranger(b"j" * 32)
    async with mallory.connected(alice) as link:
        await mallory.say(link, HELLO)
        await alice.hear(Received)
        alice.net.disconnect(mallory.device, "not_a_member", "no seat has this key", 2_000)
        assert await mallory.hear(link, Refused)
        async with joiner.connected(alice) as other:  # mallory does not hang up
            await joiner.say(other, HELLO)
            await alice.until(lambda: alice.about(joiner.device).state == "up")


async def test_blocked_peer_is_cut_and_kept_off_until_unblocked(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    alice.net.block(bob.device)
    await alice.hear(PeerDown)
    await bob.hear(PeerDown)
    assert alice.about(bob).state == "blocked"
    refused = alice.net.statistics().refused_connections
    await alice.until(lambda: alice.net.statistics().refused_connections >= refused + 2)
    assert alice.about(bob).sessions == 1
    alice.net.unblock(bob.device)
    await alice.hear(PeerUp)
    await bob.hear(PeerUp)


async def test_disconnected_peer_is_told_why_and_returns_after_its_time(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    began_s = trio.current_time()
    alice.net.disconnect(bob.device, "limit_rate", "too many ops", 300)
    assert await bob.hear_message() == Refused("limit_rate", "too many ops")
    await bob.hear(PeerDown)
    await alice.hear(PeerDown)
    await alice.hear(PeerUp)
    assert trio.current_time() - began_s >= 0.3
    assert alice.about(bob).sessions == 2


async def test_disconnected_stranger_hears_the_reason_last(rig: Rig, mallory: Stranger) -> None:
    alice = await rig.start(1)
    async with mallory.connected(alice) as link:
        await alice.hear(PeerUp)
        alice.net.disconnect(mallory.device, "bad_invite", "used up", 60_000)
        assert await mallory.hear(link, Refused) == Refused("bad_invite", "used up")
        await mallory.hear(link, Bye)
        await mallory.hear_end(link)  # though we do not hang up ourselves
    assert await mallory.is_turned_away(alice)


async def test_second_gossip_stream_is_refused_and_the_first_goes_on(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    async with mallory.connected(alice) as link:
        await alice.hear(PeerUp)
        await link.link.open(name_protocol(COMMUNITY))
        alice.net.enqueue(mallory.device, GOOD)
        assert await mallory.hear(link, Want) == GOOD
    assert alice.about(mallory.device).sessions == 1


async def test_stranger_is_asked_for_no_sign_of_life_before_it_is_let_in(
    rig: Rig, mallory: Stranger
) -> None:
    """R7.20: it would be told this node's clock, and tell of its own what nobody asked for."""
    alice = await rig.start(1, replace(LOOPBACK, heartbeat_s=0.05, hello_within_s=60.0))
    async with mallory.connected(alice) as link:
        await mallory.say(link, Ping(7, WallMs(1)), HELLO)
        assert await alice.hear_message() == HELLO
        invented = [Pong(number, WallMs(2**50)) for number in range(1, 9)]
        await mallory.say(link, *invented, HELLO)
        assert await alice.hear_message() == HELLO
        assert alice.about(mallory.device).clock_offset_ms is None
        rig.let_in.add(mallory.device)
        first = await mallory.hear(link, object)
        assert isinstance(first, Ping), "its own was not answered"
        assert first.token == 1, "the first one"
        await mallory.say(link, Ping(8, WallMs(1)))
        assert (await mallory.hear(link, Pong)).token == 8


async def test_who_is_sent_away_stands_in_the_log_once_a_minute(
    rig: Rig, mallory: Stranger, caplog: pytest.LogCaptureFixture
) -> None:
    """R7.25: whoever has no seat passes for one peer, as keys cost nothing."""
    caplog.set_level(logging.INFO, "p2pnode.net")
    alice = await rig.start(1)

    async def send_away(stranger: Stranger, code: str) -> None:
        async with stranger.connected(alice) as link:
            await stranger.say(link, HELLO)
            await alice.hear(Received)
            alice.net.disconnect(stranger.device, code, "words", 60_000)
            await stranger.hear_end(link)

    def lines() -> list[str]:
        told = [one.getMessage() for one in caplog.records]
        return [one.partition(" ")[2] for one in told if "is sent away" in one]

    for number in range(5):
        await send_away(Stranger(bytes([100 + number]) * 32), "not_a_member")
    once = "is sent away for 60000 ms: words [not_a_member]"
    assert lines() == [once]
    await send_away(Stranger(b"o" * 32), "bad_invite")
    assert len(lines()) == 2, "for another reason"
    rig.known.add(mallory.device)
    await send_away(mallory, "not_a_member")
    assert lines()[2:] == [once], "a member's device is told by itself"
