"""Run the commit rule again over what a node stored, in another order, on fresh objects.

What was decided must not depend on when its blocks arrived (docs/protocol.md §3), so the
replay must give the same commits; on the way it counts how slots were decided.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.core.log.epoch import Epoch
from p2pnode_protocols.record.state import State
from p2pnode_protocols.steps.writes import SaveEpoch
from p2pnode_protocols.wire.codec import decode
from p2pnode_protocols.wire.ids import BlockId, MemberId, Round, WallMs

from .parts.keys import verify_simulated

if TYPE_CHECKING:
    from .parts.node import SimNode
    from .world import World

Slots = Counter[str]
ORDERS = 40
SOON_ROUNDS = 12  # a straggler's block is linked by the next blocks of those whom it reaches


def replay_epochs(world: World) -> Slots:
    """Replay every epoch of the node that knows most; return counts by kind of decision."""
    node = max(
        (one for one in world.nodes if one.is_honest),
        key=lambda one: len(one.disk.store.saved_commits),
    )
    counts: Slots = Counter()
    pruned = set(node.disk.store.by_number) - set(node.disk.store.by_epoch)
    for record in node.disk.store.epochs:
        if record.number in pruned:
            continue
        _replay_epoch(world, node, record, counts)
    return counts


def _replay_epoch(world: World, node: SimNode, record: SaveEpoch, counts: Slots) -> None:
    snapshot = decode(record.snapshot, len(record.snapshot))
    state = State.read(snapshot, node.disk.store.closed, verify_simulated, node.practices)
    epoch = Epoch(record, state, node.device)
    commits = [
        one.commit
        for one in node.disk.store.saved_commits
        if one.commit.epoch_number == record.number
    ]
    expected = [(one.round, one.author, one.block, one.time_ms) for one in commits]
    roots = [record.genesis_root, *(one.root for one in commits)]  # before each
    found: list[tuple[Round, MemberId, BlockId, WallMs]] = []
    blocks = node.disk.store.by_epoch.get(record.number, [])
    has_ended = record.number < node.disk.store.epochs[-1].number
    for block in _shuffled(blocks, world.rng):
        vertex = epoch.lace.check(block)
        epoch.lace.add(vertex)
        epoch.committer.add(vertex)
        for decided in epoch.committer.advance(state):
            if has_ended and len(found) == len(expected):
                break  # §6: the epoch had ended; its later slots are void
            how = "directly" if decided.is_direct else "indirectly"
            if decided.block is None:
                counts[f"skipped {how}"] += 1
                continue
            counts[f"committed {how}"] += 1
            ops = {op.id: op for one in decided.history for op in one.block.ops}
            state.commit(
                tuple(ops.values()), decided.time_ms, roots[min(len(found), len(expected))]
            )
            member = epoch.committee.members[decided.author]
            found.append((decided.round, member, decided.block.id, decided.time_ms))
    if found != expected:
        world.promises.fail(
            f"the commits of epoch {record.number} depend on the order of arrival",
            f"{node.name}  {len(expected)} commits, replayed {len(found)}",
        )
    _check_slot_order(world, epoch)
    if found and not world.plan.faults and not world.has_liars:
        _check_equipotency(world, epoch, blocks, found[-1][0])


def _check_slot_order(world: World, epoch: Epoch) -> None:
    """Equipotency (R1.5): the order of the slots is another one every round."""
    orders = {epoch.committee.slot_order(Round(number)) for number in range(1, 1 + ORDERS)}
    # Three members have six orders: that ORDERS rounds show one only is a chance in 10^30.
    if len(epoch.committee) >= 3 and len(orders) == 1:
        world.promises.fail(f"equipotency: {ORDERS} rounds of epoch {epoch.number} have one order")


def _check_equipotency(world: World, epoch: Epoch, blocks: list[Block], last: Round) -> None:
    """Equipotency (R1.5): where nothing failed, every block is in the log soon, whoever made it."""
    for block in blocks:
        vertex = epoch.lace.get(block.id)
        assert vertex is not None
        if block.round <= last - SOON_ROUNDS and not vertex.is_output:
            world.promises.fail(
                f"equipotency: a block of round {block.round} was left out up to round {last}",
                f"{world.name_of(block.author)}  in epoch {epoch.number}",
            )


def _shuffled(blocks: list[Block], rng: Random) -> list[Block]:
    """Return the blocks in a random order that respects parents."""
    here = {block.id for block in blocks}
    waiting = {block.id: sum(one in here for one in block.parents) for block in blocks}
    children: dict[BlockId, list[Block]] = {}
    for block in blocks:
        for parent in block.parents:
            children.setdefault(parent, []).append(block)
    ready = [block for block in blocks if waiting[block.id] == 0]
    order: list[Block] = []
    while ready:
        place = rng.randrange(len(ready))
        ready[place], ready[-1] = ready[-1], ready[place]
        block = ready.pop()
        order.append(block)
        for child in children.get(block.id, ()):
            waiting[child.id] -= 1
            if waiting[child.id] == 0:
                ready.append(child)
    assert len(order) == len(blocks), "a stored block lacks a parent"
    return order
