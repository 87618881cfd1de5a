"""What must hold when all has been healed for long: nothing lost, all equal, all still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pnode_protocols.core import Core
from p2pnode_protocols.record.bodies import texts_of
from p2pnode_protocols.wire.codec import encode

from .parts.clockwork import SECOND
from .replay import replay_epochs

if TYPE_CHECKING:
    from .parts.node import SimNode
    from .world import World

STILL_US = 3_600 * SECOND  # the last stretch of a run, in which nothing may move
FAR_OFF_MS = 3_600_000  # of a clock: the end of a run waits for hours, not for days
HOURLY = 2  # times that a node may look at its clock in that hour


def newest_core(world: World) -> Core:
    """Return the honest core that has finalized most."""
    return max(
        (node.core for node in world.nodes if node.core is not None and node.is_honest),
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
    cores = [node.core for node in nodes if node.core is not None]
    # In the log, but about a proposal or revision that may never come: entered a day later.
    parked = {op.id for core in cores for op in core.state.parked()}
    # Whose author's node died amid sending it is acknowledged to nobody; those who have it go on.
    on_its_way = {entry.op.id for core in cores for entry in core.pool.ready(core.state)}
    for said in world.promises.said.values():
        op = said.op
        if not said.node.is_honest:
            continue  # who lies is promised nothing
        if op.id in world.promises.entry_of or op.id in parked:
            continue
        if not said.is_acknowledged and op.id not in on_its_way:
            continue
        # Who has left, or comes with an invite that is used up, is promised nothing.
        if said.node in nodes or newest.may_author(op) == "ok":
            problems.append(
                f"{said.node.name}  op {op.id.hex()[:8]} {op.body.KIND} nonce {op.nonce}: "
                f"{'acknowledged' if said.is_acknowledged else 'on its way'}, not final"
            )
    highest = len(world.promises.log)
    owed = highest
    if world.has_liars:
        # A fork at the very end may give some nodes one more commit that says nothing.
        while owed and not world.promises.says_something(owed):
            owed -= 1
    for node in nodes:
        assert node.core is not None
        if node.core.final_index < owed:
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
    _check_accused(world)
    _check_texts(world)
    world.slots = replay_epochs(world)
    if _has_good_clocks(world):
        _check_decided(world)
        _check_parked(world)
        if still and not _is_awaited_early(world):
            _check_still(world)


def _has_good_clocks(world: World) -> bool:
    """Whether at most f clocks of the last committee are far off: more may hold time up (R3.9).

    A liar's clock says what the liar wants.
    """
    committee = newest_core(world).epoch.committee
    wrong = [
        node
        for node in world.nodes
        if node.device in committee.keys
        and (abs(node.wall_offset_ms) > FAR_OFF_MS or not node.is_honest)
    ]
    return len(wrong) <= committee.faults


def _is_awaited_early(world: World) -> bool:
    """Whether a clock that is days ahead already awaits what a liar left parked for a day."""
    ahead = any(node.is_up and node.wall_offset_ms > FAR_OFF_MS for node in world.nodes)
    return ahead and any(True for _ in newest_core(world).state.parked())


def _check_decided(world: World) -> None:
    """Liveness (R1.4): every window has closed, so every question has its answer."""
    promises = world.promises
    for op_id, (index, code) in promises.entry_of.items():
        if promises.ops[op_id].body.KIND != "propose" or code != "ok":
            continue
        promises.checked["liveness: decided after the close"] += 1
        if op_id not in promises.outcomes:
            promises.fail(
                "liveness: a proposal stays open after its window",
                f"{op_id.hex()[:8]} opened at index {index}",
            )


def _check_parked(world: World) -> None:
    for node in members_nodes(world):
        assert node.core is not None
        for op in node.core.state.parked():
            if not world.by_device(op.device).is_honest:
                continue  # it may name what nobody ever said; a day later it is refused
            world.promises.fail(
                "liveness: an op waits for ever for what it names",
                f"{node.name}  op {op.id.hex()[:8]} {op.body.KIND}",
            )


def _check_equal(world: World) -> None:
    nodes = members_nodes(world)
    if not nodes:
        return
    first, *rest = nodes
    world.promises.checked["agreement: equal states at the end"] += len(rest)
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
        if node.core.final_index != first.core.final_index:
            continue  # by commits that say nothing: find_unfinished allows no others
        for what, ours, theirs in (
            ("log roots", first.core.final_root, node.core.final_root),
            ("epochs", first.core.epoch.id, node.core.epoch.id),
            ("states", state, encode(node.core.state.to_wire())),
        ):
            if ours != theirs:
                world.promises.fail(f"{what} differ at the end", f"{first.name}, {node.name}")


def _check_accused(world: World) -> None:
    """Accountability (R1.7): a node key that an honest node can prove to have forked makes none.

    The evidence has become final (R6.9), or the key was taken off for another reason.
    """
    roster = newest_core(world).state.roster
    for node in members_nodes(world):
        for first, _second in node.disk.store.forks():
            world.promises.checked["accountability: forks proven in the log"] += 1
            seat = roster.charter.by_device(first.device)
            if first.device not in roster.forked and seat and seat.node_key == first.device:
                world.promises.fail(
                    "accountability (R1.7): a fork that a node can prove had no consequence",
                    f"{node.name}  {world.name_of(first.author)} round {first.round}",
                )


def _check_proven(world: World) -> None:
    """Everyone can prove every decision and every change of epoch (R8.2, R8.3)."""
    for node in members_nodes(world):
        assert node.core is not None
        for index in node.core.proofs.lacking():
            world.promises.fail(
                "a decision lacks a quorum's receipts",
                f"{node.name}  commit {index} of {node.core.final_index}",
            )


def _check_texts(world: World) -> None:
    said = {
        ref.id
        for one in world.promises.said.values()
        if one.node.is_honest
        for ref in texts_of(one.op.body)
    }
    for node in members_nodes(world):
        assert node.core is not None
        # A liar may refer to texts that it never sends.
        missing = [text for text in node.core.sync.texts.missing if text in said]
        world.promises.checked["liveness: texts arrived"] += 1
        if missing:
            world.promises.fail(
                "liveness: a text never arrived",
                f"{node.name}  lacks {', '.join(text.hex()[:8] for text in missing)}",
            )


def _check_still(world: World) -> None:
    """Quiescence (R1.6): nothing is made or sent once there is nothing to finalize.

    Texts and parents that a liar withheld are asked for as long as there is hope (R7.8).
    """
    honest = [node for node in world.nodes if node.is_honest]
    asks = any(
        node.core is not None and (node.core.sync.texts.missing or len(node.core.sync.held.orphans))
        for node in honest
    )
    blocks = {node.name: world.promises.of(node).blocks_made for node in honest}
    sent, turns = dict(world.network.sent), {node.name: node.turns for node in honest}
    world.clock.run_until(world.clock.now_us + STILL_US)
    for node in honest:
        world.promises.checked["quiescence: no blocks"] += 1
        made = world.promises.of(node).blocks_made - blocks[node.name]
        if made:
            world.promises.fail(
                "quiescence: blocks though nothing is left to finalize",
                f"{node.name}  {made} in an hour",
            )
    new = {kind: count - sent.get(kind, 0) for kind, count in world.network.sent.items()}
    talk = {kind: count for kind, count in new.items() if count}
    if talk.keys() - ({"Want", "Push"} if asks else set()):
        world.promises.fail("quiescence: messages though nothing is left to say", f"{talk}")
    for node in honest:
        woken = node.turns - turns[node.name]
        if woken > HOURLY and not asks:
            world.promises.fail(
                "quiescence: woken though nothing is left to do",
                f"{node.name}  {woken} times in an hour, {HOURLY} allowed",
            )
