"""Communities in which a member restores a device: its key, and an older store or none (R4.10).

The device has signed blocks and ops that its store does not hold. It comes back while the others
are busy, things break, and it stops again now and then; it must sign nothing twice.
"""

from __future__ import annotations

from random import Random

from p2pnode_protocols.steps.restored import Signed
from p2pnode_protocols.wire.ids import BlockId

from ..parts.disk import Disk
from ..parts.network import draw_weather
from ..parts.node import SimNode
from ..plan import Plan
from ..run import carry_out, settle
from ..world import World

FAULTS = ("kill", "partition", "blip", "break", "flap", "slow", "freeze", "suspend")


def draw_restored_plan(seed: int) -> Plan:
    rng = Random(f"restored/{seed}")
    members = rng.choice((2, 3, 4, 4, 5, 7))
    return Plan(
        members=members,
        neighbours=rng.choice((None, None, 3)),
        weather=draw_weather(rng),
        busy_ms=rng.choice((8_000, 20_000)),
        acts=rng.randint(6, 20),
        faults=rng.choice((0, 2, 5)),
        fault_kinds=tuple(rng.sample(FAULTS, 3)),
        window_ms=rng.choice((5_000, 20_000)),
        linger_ms=rng.choice((0, 2_000)),
        epoch_rounds=rng.choice((50, 1_000)),
        keep_epochs=rng.choice((None, None, 2)),
        close_s=480,
    )


def run_restored_seed(seed: int) -> World:
    """Carry a plan out and check every promise; return the world at rest.

    Raises:
        BrokenPromise: naming seed, time, step and nodes.
    """
    world = World(seed, draw_restored_plan(seed))
    world.family = "test_restored_runs.py"
    carry_out(world, _lose_and_restore)
    return world


def _lose_and_restore(world: World) -> None:
    rng, plan = world.rng, world.plan
    node = rng.choice(world.nodes)
    world.boot_all()
    world.people.begin()
    world.faults.begin()
    busy_s = plan.busy_ms / 1_000
    world.run_for(rng.uniform(0, busy_s / 3))
    backup = rng.choice((Disk(), node.disk.copy()))
    world.run_for(rng.uniform(busy_s / 6, busy_s / 3))
    signed = node.core.own_chain.signed() if node.core is not None and rng.random() < 0.5 else None
    node.crash("kill")
    world.run_for(rng.uniform(2, 5))  # what was on its way has arrived
    _put_back(world, node, backup, signed)
    world.run_for(busy_s / 2)
    for link in world.network.links:
        link.is_wanted = True  # it may have to hear everybody, however long that takes
        world.network.heal(link)
    settle(world)
    if node.must_learn:
        world.promises.fail("liveness: a restored device never learned what it had signed")


def _put_back(world: World, node: SimNode, backup: Disk, signed: Signed | None) -> None:
    if node.is_up:  # a fault has begun and ended meanwhile
        node.crash("kill")
    others = [one for one in world.nodes if one is not node]
    for said in world.promises.said.values():
        if said.node is node and not any(one.disk.has_op(said.op.id) for one in others):
            said.is_acknowledged = False  # it went with the disk
    seat, slots = node.member, world.promises.slots
    for slot, block in list(slots.items()):
        if slot[1] == seat and not any(_has(one, block) for one in others):
            del slots[slot]  # so did a block that got lost on its way to everybody
    node.disk = backup
    node.must_learn, node.signed = True, signed
    node.boot()


def _has(node: SimNode, block: BlockId) -> bool:
    return node.disk.has_block(block) or (
        node.core is not None and block in node.core.sync.held.orphans
    )
