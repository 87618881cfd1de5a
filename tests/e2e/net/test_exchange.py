"""Messages between nets that know each other: all, in order, in few frames."""

import itertools

from support.hosts.nets import Rig

from p2pnode.net.outbox import BATCH_BYTES
from p2pnode_protocols.messages.spreading import Push, Want
from p2pnode_protocols.wire.limits import TEXT_BYTES


def want(number: int) -> Want:
    return Want((number.to_bytes(32, "big"),))


async def test_message_arrives_with_its_sender(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    alice.net.enqueue(bob.device, want(7))
    assert await bob.hear_message() == want(7)
    bob.net.enqueue(alice.device, want(8))
    assert await alice.hear_message() == want(8)


async def test_all_pairs_of_four_talk(rig: Rig) -> None:
    members = await rig.start_linked(1, 2, 3, 4)
    for one, other in itertools.permutations(members, 2):
        one.net.enqueue(other.device, want(members.index(one)))
    for member in members:
        heard = [await member.hear_message() for _ in members[1:]]
        others = [want(n) for n, one in enumerate(members) if one is not member]
        assert sorted(heard, key=str) == sorted(others, key=str)


async def test_what_is_queued_together_arrives_in_order_in_one_frame(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    alice.net.enqueue(bob.device, want(0))
    await bob.until(lambda: bob.about(alice).messages_in == 3)  # and a ping and a pong
    before = bob.about(alice).frames_in
    for number in range(1, 101):
        alice.net.enqueue(bob.device, want(number))
    for number in range(101):
        assert await bob.hear_message() == want(number)
    assert bob.about(alice).frames_in - before == 1


async def test_small_frames_cost_the_receiver_no_packets(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    await bob.until(lambda: bob.about(alice).rtt_ms is not None)
    await bob.until(lambda: alice.about(bob).rtt_ms is not None)
    before = bob.about(alice).bytes_out
    for number in range(50):
        alice.net.enqueue(bob.device, want(number))
        await bob.hear_message()
    assert bob.about(alice).bytes_out - before < 200, "a window update is some 30 bytes"


async def test_more_than_a_frame_holds_arrives_in_several(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    texts = tuple(bytes([n]) * TEXT_BYTES for n in range(12))
    pushes = [Push(texts=texts[n:] + texts[:n]) for n in range(12)]
    for push in pushes:
        alice.net.enqueue(bob.device, push)
    assert [await bob.hear_message() for _ in pushes] == pushes
    size = sum(map(len, texts)) * len(pushes)
    assert alice.about(bob).frames_out >= size // BATCH_BYTES


async def test_heartbeat_tells_round_trip_and_clock_offset(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    await alice.until(lambda: alice.about(bob).rtt_ms is not None)
    seen = alice.about(bob)
    assert seen.rtt_ms is not None
    assert seen.clock_offset_ms is not None
    assert 0 < seen.rtt_ms < 5000
    assert abs(seen.clock_offset_ms) <= seen.rtt_ms + 1, "one machine, one clock"


async def test_message_to_nobody_is_dropped_and_counted(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    await bob.stop()
    await alice.until(lambda: alice.about(bob).state != "up")
    dropped = alice.about(bob).drops
    alice.net.enqueue(bob.device, want(1))
    assert alice.about(bob).drops == dropped + 1
