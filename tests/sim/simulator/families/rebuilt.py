"""Communities that lose more nodes for good than their quorum allows, and rebuild (R6.11–R6.15).

What was said before is final everywhere, and then f + 1 or more nodes stop at once. The others say
something that nobody can finalize, wait, sign, apply, and go on. One of them hears only later that
the others have; in most runs one of the lost returns.
"""

from __future__ import annotations

from random import Random

from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.core import Core
from p2pnode_protocols.steps.inputs import ApplyRebuild, SignRebuild

from ..ending import find_unfinished
from ..parts.network import draw_weather
from ..parts.node import SimNode
from ..plan import Plan
from ..run import carry_out, settle
from ..scenario import answer, ask, until_final
from ..world import World

SILENCE_S = 30  # longer than the charter's away_interval_ms, and than a start takes to settle
SOON_S = 20


def draw_rebuild_plan(seed: int) -> Plan:
    rng = Random(f"rebuild/{seed}")
    return Plan(
        members=rng.choice((4, 4, 5, 6, 7)),
        neighbours=rng.choice((None, None, 2)),
        weather=draw_weather(rng),
        busy_ms=rng.choice((2_000, 8_000)),
        acts=rng.randint(2, 8),
        window_ms=rng.choice((5_000, 20_000)),
        linger_ms=rng.choice((0, 2_000)),
        epoch_rounds=rng.choice((50, 1_000)),
        close_s=480,
    )


def run_rebuild_seed(seed: int) -> World:
    """Carry a plan out and check every promise among those who go on; return the world at rest.

    Raises:
        BrokenPromise: naming seed, time, step and nodes.
    """
    world = World(seed, draw_rebuild_plan(seed))
    world.family = "test_rebuild_runs.py"
    carry_out(world, _lose_and_rebuild)
    return world


def core_of(node: SimNode) -> Core:
    assert node.core is not None
    return node.core


def _lose_and_rebuild(world: World) -> None:
    rng, plan = world.rng, world.plan
    world.boot_all()
    world.run_for(5)
    world.people.begin()
    world.run_for(plan.busy_ms / 1_000)
    world.people.is_quiet = True
    world.run_until(lambda: not find_unfinished(world), 120, "all is final before the loss")
    world.run_for(2 * plan.window_ms / 1_000 + 60)  # what closes closes, and receipts cross

    committee = core_of(world.nodes[0]).epoch.committee
    fewest = len(committee) - committee.quorum + 1
    lost = rng.sample(world.nodes, rng.randint(fewest, len(world.nodes) - 1))
    stayed = [node for node in world.nodes if node not in lost]
    for node in lost:
        node.is_gone = True
        node.crash("power")
    for link in world.network.links:
        link.is_wanted = True  # who connected the others may be lost: they find one another
        world.network.heal(link)
    index = core_of(stayed[0]).final_index
    topics = [ask(world, node, "individual", urgent=True) for node in stayed]
    world.run_for(SILENCE_S)
    # A round that the lost ones had half made may be completed: it says nothing new.
    said = range(index + 1, core_of(stayed[0]).final_index + 1)
    if any(world.promises.says_something(one) for one in said):
        world.promises.fail("something became final without a quorum")

    complete, straggler = _sign(world, stayed), rng.choice(stayed)
    if len(stayed) > 1:
        straggler.crash("kill")
    for node in stayed:
        if node.is_up:
            node.take(ApplyRebuild(complete))
    world.run_for(rng.uniform(0.1, 10))
    if not straggler.is_up:
        straggler.boot()
        _follow(world, straggler, complete)
    for topic in topics:
        # However long it has waited, it opens in the log only now, and takes votes (R10.20).
        answer(world, topic, stayed[:1], "no", urgent=True)
        until_final(world, topic, SOON_S, stayed)

    if rng.random() < 0.7:
        _return(world, rng.choice(lost), complete)
        another = ask(world, stayed[0], "individual", urgent=True)
        answer(world, another, stayed[-1:], "no", urgent=True)
    settle(world)


def _sign(world: World, stayed: list[SimNode]) -> Rebuild:
    kept = frozenset(node.member for node in stayed)
    rebuild = core_of(stayed[0]).rebuilder.plan(kept, stayed[0].now)
    for node in stayed:
        node.take(SignRebuild(rebuild))
        world.run_for(0.1)
        vow = core_of(node).rebuilds.vow
        assert vow is not None, f"{node.name} has signed"
        rebuild = rebuild.with_signatures(vow.signatures)
    return rebuild


def _follow(world: World, node: SimNode, rebuild: Rebuild) -> None:
    """Wait until a node is told of the rebuild, which it does not follow by itself; then let it."""
    world.run_until(
        lambda: rebuild.next_epoch in core_of(node).rebuilds.heard,
        SOON_S,
        f"{node.name} hears of the rebuild",
    )
    made = world.promises.of(node).blocks_made
    world.run_for(SOON_S)
    if core_of(node).epoch.id != rebuild.statement.epoch:
        world.promises.fail("a node followed a rebuild that nobody there had asked for", node.name)
    # Fewer may all be liars, and leave a quorum of others: those are not held back (R4.6).
    has_honest = len(rebuild.kept) > core_of(node).epoch.committee.faults
    if has_honest and world.promises.of(node).blocks_made != made:
        world.promises.fail("a block of an epoch that a rebuild ended", node.name)
    node.take(ApplyRebuild(core_of(node).rebuilds.heard[rebuild.next_epoch]))


def _return(world: World, node: SimNode, rebuild: Rebuild) -> None:
    node.is_gone = False
    node.boot()
    _follow(world, node, rebuild)
