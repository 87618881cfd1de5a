"""What must hold when all has been healed for long: nothing lost, all equal, all still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pnode_protocols.codec import encode
from p2pnode_protocols.core import Core

from .clockwork import SECOND
from .replay import replay_epochs

if TYPE_CHECKING:
    from .node import SimNode
    from .world import World

STILL_US = 3_600 * SECOND  # the last stretch of a run, in which nothing may move
FAR_OFF_MS = 3_600_000  # of a clock: the end of a run waits for hours, not for days
HOURLY = 2  # times that a node may look at its clock in that hour


def newest_core(world: World) -> Core:
    return max(
        (node.core for node in world.nodes if node.core is not None),
        key=lambda core: core.final_index,
    )


def members_nodes(world: World) -> list[SimNode]:
    """Return the honest nodes that are up and belong to a seat of the newest charter."""
    charter = newest_core(world).state.charter
    return [
        node
        for node in world.nodes
        if node.is_up and node.is_honest and charter.by_device(node.device) is not None
    ]


def find_unfinished(world: World) -> list[str]:
    """Return what is not final everywhere yet, one line each; empty when all is."""
    problems: list[str] = []
    nodes = members_nodes(world)
    newest = newest_core(world).state
    # In the log, but about a proposal or revision that may never come: entered a day later.
    parked = {op.id for node in nodes if node.core is not None for op in node.core.state.parked()}
    for said in world.promises.said.values():
        op = said.op
        if not said.is_acknowledged or op.id in world.promises.entry_of or op.id in parked:
            continue
        # Who has left, or comes with an invite that is used up, is promised nothing.
        if said.node in nodes or newest.may_author(op) == "ok":
            problems.append(
                f"{said.node.name}  op {op.id.hex()[:8]} {op.body.KIND} nonce {op.nonce}: "
                "acknowledged, not final"
            )
    highest = len(world.promises.log)
    for node in nodes:
        assert node.core is not None
        if node.core.final_index != highest:
            problems.append(
                f"{node.name}  epoch {node.core.epoch.number}, index {node.core.final_index} "
                f"of {highest}"
            )
    return problems


def check_ending(world: World, *, still: bool = True) -> None:
    """Raise `BrokenPromise` unless everything promised holds at the end of a run."""
    problems = find_unfinished(world)
    if problems:
        world.promises.fail("what was final is no longer", *problems)
    _check_equal(world)
    _check_proven(world)
    _check_texts(world)
    world.slots = replay_epochs(world)
    if _has_good_clocks(world):
        _check_decided(world)
        _check_parked(world)
        if still:
            _check_still(world)


def _has_good_clocks(world: World) -> bool:
    """Whether at most f clocks of the last committee are far off: more may hold time up (R3.9)."""
    committee = newest_core(world).epoch.committee
    wrong = [
        node
        for node in world.nodes
        if node.device in committee.keys and abs(node.wall_offset_ms) > FAR_OFF_MS
    ]
    return len(wrong) <= committee.faults


def _check_decided(world: World) -> None:
    """Liveness (R1.4): every window has closed, so every question has its answer."""
    promises = world.promises
    for op_id, (index, code) in promises.entry_of.items():
        if promises.ops[op_id].body.KIND != "propose" or code != "ok":
            continue
        if op_id not in promises.outcomes:
            promises.fail(
                "liveness: a proposal stays open after its window",
                f"{op_id.hex()[:8]} opened at index {index}",
            )


def _check_parked(world: World) -> None:
    for node in members_nodes(world):
        assert node.core is not None
        for op in node.core.state.parked():
            world.promises.fail(
                "liveness: an op waits for ever for what it names",
                f"{node.name}  op {op.id.hex()[:8]} {op.body.KIND}",
            )


def _check_equal(world: World) -> None:
    nodes = members_nodes(world)
    if not nodes:
        return
    first, *rest = nodes
    assert first.core is not None
    for proposal, outcome in world.promises.outcomes.items():
        shown = first.core.state.proposal(proposal)
        if shown is None or shown.outcome != outcome:
            world.promises.fail(
                "graded agreement: a node shows another outcome than its log",
                f"{first.name}  {proposal.hex()[:8]}: {outcome} in the log",
            )
    state = encode(first.core.state.to_wire())
    for node in rest:
        assert node.core is not None
        for what, ours, theirs in (
            ("log roots", first.core.final_root, node.core.final_root),
            ("epochs", first.core.epoch.id, node.core.epoch.id),
            ("states", state, encode(node.core.state.to_wire())),
        ):
            if ours != theirs:
                world.promises.fail(f"{what} differ at the end", f"{first.name}, {node.name}")


def _check_proven(world: World) -> None:
    """Everyone can prove every decision and every change of epoch (R8.2, R8.3)."""
    for node in members_nodes(world):
        assert node.core is not None
        proven = node.core.proofs.proven(node.core.final_index)
        if proven != node.core.final_index:
            world.promises.fail(
                "a decision lacks a quorum's receipts",
                f"{node.name}  commit {proven + 1} of {node.core.final_index}",
            )


def _check_texts(world: World) -> None:
    for node in members_nodes(world):
        assert node.core is not None
        missing = node.core.sync.missing_texts
        if missing:
            world.promises.fail(
                "liveness: a text never arrived",
                f"{node.name}  lacks {', '.join(text.hex()[:8] for text in missing)}",
            )


def _check_still(world: World) -> None:
    """Quiescence (R1.6): nothing is made or sent once there is nothing to finalize."""
    blocks = {node.name: world.promises.of(node).blocks_made for node in world.nodes}
    sent, turns = dict(world.network.sent), {node.name: node.turns for node in world.nodes}
    world.clock.run_until(world.clock.now_us + STILL_US)
    for node in world.nodes:
        made = world.promises.of(node).blocks_made - blocks[node.name]
        if made:
            world.promises.fail(
                "quiescence: blocks though nothing is left to finalize",
                f"{node.name}  {made} in an hour",
            )
    if world.network.sent != sent:
        new = {kind: n - sent.get(kind, 0) for kind, n in world.network.sent.items()}
        world.promises.fail("quiescence: messages though nothing is left to say", f"{new}")
    for node in world.nodes:
        woken = node.turns - turns[node.name]
        if woken > HOURLY:
            world.promises.fail(
                "quiescence: woken though nothing is left to do",
                f"{node.name}  {woken} times in an hour, {HOURLY} allowed",
            )
