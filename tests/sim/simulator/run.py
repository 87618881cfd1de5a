"""Carry out a seed's whole plan and check what was promised: `run_seed`."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pytest

from .ending import check_ending, find_unfinished, newest_core
from .parts.clockwork import MS, SECOND
from .plan import Plan
from .promises import BOUNDS, BrokenPromise
from .world import World

SETTLE_S = 300.0  # after healing; an op from a clock that is ahead is held for 120 s of it
SLICES = 12  # of that time
DAY_S = 25 * 3600  # an op may wait a day for the proposal it names

SHOWN = 3  # failures told per batch: one bug breaks many seeds
PROPERTY = "simulated"  # under which a test hands its report to the summary


@dataclass
class Report:
    """What one run did, or several together."""

    runs: int = 0
    steps: int = 0
    commits: int = 0
    ops: int = 0
    decided: int = 0
    epochs: int = 0
    blocks: int = 0
    crashes: int = 0
    slots: Counter[str] = field(default_factory=Counter)  # direct, indirect, skip, …
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)  # by nodes of what people asked
    sent: Counter[str] = field(default_factory=Counter)
    forks: int = 0
    diverged: int = 0  # runs with more than f liars in which logs parted
    alarms: int = 0  # and how often an honest node said so
    strategies: Counter[str] = field(default_factory=Counter)  # liars that used each
    checked: Counter[str] = field(default_factory=Counter)  # promises looked at
    most: dict[str, int] = field(default_factory=dict)  # held of one seat by one node, of any run
    settle_ms: int = 0  # sum over runs: from healing to everything final everywhere

    def add(self, other: dict[str, object]) -> None:
        """Add another report, as `as_dict` gives it."""
        for name, value in other.items():
            mine = getattr(self, name)
            if name == "most":
                assert isinstance(value, dict)
                for what, count in value.items():
                    self.most[what] = max(count, self.most.get(what, 0))
            elif isinstance(mine, Counter):
                assert isinstance(value, dict)
                mine.update(value)
            else:
                setattr(self, name, mine + value)

    def as_text(self) -> str:
        """Return the figures as lines for people."""
        runs = max(1, self.runs)
        slots = sum(self.slots.values())
        shares = ", ".join(
            f"{name} {count / slots:.1%}" for name, count in sorted(self.slots.items())
        )
        messages = ", ".join(
            f"{name} {count / runs:.0f}" for name, count in sorted(self.sent.items())
        )
        outcomes = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        lies = ", ".join(f"{name} {count}" for name, count in sorted(self.strategies.items()))
        lying = f"liars by strategy: {lies}\nforks kept as evidence: {self.forks}\n" if lies else ""
        parted = ""
        if self.diverged:
            parted = f"too many liars: {self.diverged} runs parted, {self.alarms} alarms\n"
        most = "".join(
            f"  {what}: {count} (bound {BOUNDS[what]})\n"
            for what, count in sorted(self.most.items())
        )
        held = f"most that one node held of one seat:\n{most}" if most else ""
        checks = "".join(f"  {name}: {count}\n" for name, count in sorted(self.checked.items()))
        return (
            f"runs: {self.runs}, events {self.steps}, crashes {self.crashes}\n"
            f"log: {self.commits} commits, {self.ops} ops, {self.decided} decisions "
            f"({outcomes or 'none'}), {self.epochs} epochs, {self.blocks} blocks\n"
            f"slots: {slots} decided: {shares or 'none'}\n"
            f"messages per run: {messages or 'none'}\n"
            f"final everywhere {self.settle_ms / runs / 1000:.1f} s after healing (mean)\n"
            f"{lying}{parted}{held}checked, none broken:\n{checks}"
        )

    def as_dict(self) -> dict[str, object]:
        return {
            name: dict(value) if isinstance(value, dict) else value
            for name, value in vars(self).items()
        }


def describe_moment(world: World, error: BaseException) -> str:
    """Return a failure as people need it: seed, moment, what, and how to see it again."""
    return (
        f"seed {world.seed}, t={world.clock.now_us / SECOND:.3f} s, step {world.clock.steps}: "
        f"{error}\n  plan: {world.plan}\n"
        f"replay: pytest tests/sim/{world.family} --sim-seed {world.seed}"
    )


def run_seed(seed: int, plan: Plan | None = None, *, keep_trace: bool = False) -> World:
    """Carry a plan out, heal everything, check every promise; return the world at rest.

    Raises:
        BrokenPromise: naming seed, time, step and nodes.
    """
    world = World(seed, plan, keep_trace=keep_trace)
    carry_out(world)
    return world


def carry_out(world: World, run: Callable[[World], None] | None = None) -> None:
    """Run the world's plan; every failure names its moment (`run_seed`)."""
    try:
        with patch("p2pnode_protocols.core.log.epoch.EPOCH_OPS", world.plan.epoch_ops):
            (run or run_plan)(world)
    except BrokenPromise as broken:
        raise BrokenPromise(describe_moment(world, broken)) from None
    except Exception as error:  # the core must not raise: that is a finding, too
        where = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{Path(where.filename).name}:{where.lineno}"
        moment = describe_moment(world, error)
        raise BrokenPromise(f"{type(error).__name__} at {at}, {moment}") from error


def run_plan(world: World) -> None:
    """People act and faults happen; then all heals, becomes final, and goes quiet."""
    world.boot_all()
    world.people.begin()
    world.strangers.begin()
    world.faults.begin()
    world.clock.run_until(world.plan.busy_ms * MS)
    settle(world)


def settle(world: World, *, still: bool = True) -> None:
    """Heal everything and hold the run to what is promised then (also for scenarios).

    Args:
        still: hold it to quiescence; a liar that talks all the time keeps nobody quiet.
    """
    world.people.is_quiet = True
    world.faults.end()
    healed_us = world.clock.now_us
    deadline_us = healed_us + round(SETTLE_S * SECOND)
    while (problems := find_unfinished(world)) and world.clock.now_us < deadline_us:
        world.clock.run_until(world.clock.now_us + SECOND // 2)
    if problems:
        world.promises.fail(f"liveness: not final {SETTLE_S:.0f} s after healing", *problems[:12])
    world.settled_us = world.clock.now_us - healed_us
    for _ in range(SLICES):
        stop_outsiders(world)  # a proposal that passes at its close may remove somebody
        world.clock.run_until(world.clock.now_us + world.plan.close_s // SLICES * SECOND)
    if any(world.by_device(op.device).is_honest for op in newest_core(world).state.parked()):
        world.clock.run_until(world.clock.now_us + DAY_S * SECOND)
    stop_outsiders(world)
    stop_liars(world)
    check_ending(world, still=still)


def stop_liars(world: World) -> None:
    """Stop the liars of the plan: while they talk nobody can be quiet."""
    liars = [node for node in world.nodes if not node.is_honest] if world.plan.liars else []
    for node in liars:
        node.is_gone = True
        node.crash("kill")
    if world.plan.liars:
        world.clock.run_until(world.clock.now_us + 60 * SECOND)  # all have heard of it


def stop_outsiders(world: World) -> None:
    """Stop the nodes that hold no seat: they would knock for ever, and are told to stop."""
    world.strangers.stop()
    charter = newest_core(world).state.charter
    for node in world.nodes:
        if charter.by_device(node.device) is None or (node.is_honest and not node.is_up):
            node.is_gone = True
            node.crash("kill")


def run_batch(
    seeds: Iterable[int],
    run: Callable[[int], Report],
    record_property: Callable[[str, object], None],
) -> None:
    """Run each seed and fail with the first broken promises; a test's whole body."""
    total, broken = Report(), []
    for seed in seeds:
        try:
            total.add(run(seed).as_dict())
        except BrokenPromise as promise:
            broken.append(str(promise))
            if len(broken) == SHOWN:
                break
    record_property(PROPERTY, total.as_dict())
    if broken:
        pytest.fail("\n\n".join(broken), pytrace=False)


def report_of(world: World) -> Report:
    """Return the figures of a run that has ended."""
    promises = world.promises
    report = Report(
        runs=1,
        steps=world.clock.steps,
        commits=len(promises.log),
        ops=len(promises.entry_of),
        decided=len(promises.outcomes),
        epochs=len(promises.epochs),
        blocks=len(promises.slots),
        crashes=sum(node.boots - 1 for node in world.nodes if node.boots),
        forks=len(promises.forks),
        settle_ms=world.settled_us // MS,
    )
    report.strategies.update(lie for _, lies in world.plan.liars for lie in lies)
    report.checked.update(promises.checked)
    report.most.update(promises.most)
    report.outcomes.update(promises.outcomes.values())
    report.refusals.update(world.people.refusals)
    report.sent.update(world.network.sent)
    report.slots.update(world.slots)
    return report
