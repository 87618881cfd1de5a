"""A node that restarts in the middle of an epoch stands where it stood.

Its core is rebuilt from the epoch's checkpoint and the epoch's blocks, so what became known only
within the epoch (a device bound, a text fetched or not) has to come back with them.
"""

from __future__ import annotations

from sim.simulator.liars import TextWithholder
from sim.simulator.parts.keys import SimSigner
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final

from p2pnode_protocols.record.bodies import AddDevice
from p2pnode_protocols.wire import crypto


def test_restart_asks_for_no_text_that_is_on_disk() -> None:
    world = calm_world(4)
    alice, bob, *_ = world.nodes
    topic = ask(world, alice, urgent=True)
    answer(world, topic, world.nodes, urgent=True)
    until_final(world, topic, 10, world.nodes)
    wanted = world.network.sent.get("Want", 0)
    bob.crash("kill")
    bob.boot()
    world.run_for(30)
    assert bob.core is not None
    assert not bob.core.sync.texts.missing
    assert world.network.sent.get("Want", 0) == wanted
    settle(world)


def test_text_that_was_missing_at_the_crash_is_fetched_after_the_restart() -> None:
    world = calm_world(4, wrap={"alice": TextWithholder})
    alice, bob, *_ = world.nodes
    topic = ask(world, alice)
    world.run_for(5)
    assert bob.core is not None
    assert bob.core.preview.proposal(topic.id) is not None
    assert bob.core.sync.texts.missing
    bob.crash("kill")
    world.run_for(1)
    bob.boot()
    assert isinstance(alice.brain, TextWithholder)
    alice.brain.is_withholding = False
    world.run_for(60)
    assert bob.core is not None
    assert not bob.core.sync.texts.missing
    settle(world)


def test_op_of_a_device_bound_in_this_epoch_survives_the_restart_of_its_node() -> None:
    world = calm_world(4, linger_ms=3_600_000)  # so that it is still pending at the crash
    bob = world.nodes[1]
    phone = SimSigner("bob's phone")
    message = crypto.signed_message(crypto.TAG_BIND, world.community, bob.member)
    world.people.say(bob, AddDevice(phone.device, phone.sign(message)))
    node = world.add_node("phone", bob.member, phone)
    node.boot()
    world.run_until(
        lambda: node.core is not None and node.core.member == bob.member, 30, "the phone is bound"
    )
    assert node.core is not None
    assert node.core.epoch.number == 0, "a second device ends no epoch"
    topic = ask(world, node)
    node.crash("power")
    node.boot()
    world.run_for(10)
    answer(world, topic, world.nodes[:4], urgent=True)
    until_final(world, topic, 30, world.nodes)
    settle(world)
