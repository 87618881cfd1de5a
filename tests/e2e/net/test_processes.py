"""A peer that is a process: killed, restarted, frozen, thawed."""

from collections.abc import Callable
from dataclasses import replace

import trio
from support.hosts.nets import LOOPBACK, Process, Rig

from p2pnode_protocols.messages.spreading import Want
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received

GOOD = Want((b"w" * 32,))
ATTENTIVE = replace(LOOPBACK, heartbeat_s=0.2, dead_after_s=0.8, connect_timeout_s=1.0)

Start = Callable[..., Process]


async def test_killed_process_is_missed_and_found_again_on_its_port(
    rig: Rig, start_process: Start
) -> None:
    alice = await rig.start(1)
    bob = start_process(2)
    alice.net.set_peers({bob.device: bob.addresses})
    await alice.hear(PeerUp)
    alice.net.enqueue(bob.device, GOOD)
    assert await alice.hear(Received) == Received(bob.device, GOOD)
    bob.kill()
    await alice.hear(PeerDown)
    again = start_process(2, listen=[bob.addresses[0].partition("/p2p/")[0]])
    assert again.addresses == bob.addresses
    await alice.hear(PeerUp)
    alice.net.enqueue(again.device, GOOD)
    assert await alice.hear(Received) == Received(again.device, GOOD)


async def test_frozen_process_is_missed_by_its_silence_and_returns(
    rig: Rig, start_process: Start
) -> None:
    alice = await rig.start(1, ATTENTIVE)
    carol = await rig.start(3)
    carol.knows(alice)
    await carol.hear(PeerUp)
    bob = start_process(2)
    alice.net.set_peers({bob.device: bob.addresses, carol.device: ()})
    while (await alice.hear(PeerUp)).peer != bob.device:
        pass
    bob.freeze()
    frozen_s = trio.current_time()
    for _ in range(200):  # more than its window: our writer is stuck when the end comes
        alice.net.enqueue(bob.device, Want((b"w" * 32,) * 256))
    assert await alice.hear(PeerDown) == PeerDown(bob.device)
    assert trio.current_time() - frozen_s < 5, "not later than yamux would have noticed"
    await alice.until(lambda: alice.about(bob.device).last_error is not None)
    alice.net.enqueue(carol.device, GOOD)
    assert await carol.hear_message() == GOOD, "nobody else waited"
    bob.thaw()
    assert await alice.hear(PeerUp) == PeerUp(bob.device)
    alice.net.enqueue(bob.device, GOOD)
    assert await alice.hear(Received) == Received(bob.device, GOOD)


async def test_process_that_was_frozen_itself_does_not_blame_its_peers(
    rig: Rig, start_process: Start
) -> None:
    """Alice would wait long; it is bob, back from his freeze, who must not cut her off."""
    alice = await rig.start(1, replace(LOOPBACK, heartbeat_s=0.1, dead_after_s=60))
    bob = start_process(2, heartbeat_s=0.1, dead_after_s=0.5)
    alice.net.set_peers({bob.device: bob.addresses})
    await alice.hear(PeerUp)
    alice.net.enqueue(bob.device, GOOD)
    assert await alice.hear_message() == GOOD
    bob.freeze()
    before = alice.about(bob.device)
    # A ping each heartbeat: the silence is three times what bob bears.
    await alice.until(lambda: alice.about(bob.device).messages_out >= before.messages_out + 15)
    assert alice.about(bob.device).messages_in <= before.messages_in + 3, "he was frozen"
    bob.thaw()
    alice.net.enqueue(bob.device, GOOD)
    event = await alice.hear(PeerDown, Received)
    assert event == Received(bob.device, GOOD)
    assert alice.about(bob.device).sessions == 1
