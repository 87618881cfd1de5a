"""Communities with f + 1 liars: agreement may break, but never unnoticed, and nothing crashes.

In most runs they conspire: the honest are cut into two sides, each of which is told another story
until the network heals. Then whoever meets a member whose log contradicts its own must say so,
with both roots (R7.13).
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.steps.notices import Diverged, ForkFound, Notice
from p2pnode_protocols.steps.writes import SaveCommit, SaveEpoch
from p2pnode_protocols.wire.ids import DeviceKey, OpId

from ..liars import STRATEGIES, Conspiracy, stack
from ..parts.clockwork import MS, SECOND
from ..parts.network import Weather
from ..parts.node import SimNode, Wrap
from ..plan import ALL_FAULTS, NAMES, Plan
from ..promises import Promises
from ..run import Report, carry_out, report_of
from ..world import World
from .byzantine import draw_liars

GREET_US = 5 * SECOND  # dials and hellos are over
MEET_US = 20 * SECOND  # after healing: redials are over, probes have been sent …
TALKS = 3  # … then everyone says something, and again


class Alarms(Promises):
    """What is left to promise: no honest log changes or forks, and contradictions are noticed."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.logs: dict[DeviceKey, dict[int, Commit]] = {}
        self.alarms: list[tuple[SimNode, Diverged]] = []

    def _on_commit(self, node: SimNode, saved: SaveCommit) -> None:
        commit = saved.commit
        log = self.logs.setdefault(node.device, {})
        self.checked["what was final stays"] += 1
        if log.setdefault(commit.index, commit) != commit:
            self.fail(
                f"what was final changed at index {commit.index}",
                f"{node.name}  {self._describe(log[commit.index])}",
                f"then  {self._describe(commit)}",
            )
        for op_id, code in commit.entries:
            self._note_entry(op_id, commit.index, code)
        for proposal, outcome, *_rest in commit.decided:
            if proposal not in self.outcomes:
                self.outcomes[proposal] = outcome
                self.world.on_outcome(proposal, outcome)

    def _note_entry(self, op_id: OpId, index: int, code: str) -> None:
        if op_id not in self.entry_of:
            self.entry_of[op_id] = (index, code)
            self.world.on_entry(op_id, code)

    def _on_epoch(self, node: SimNode, epoch: SaveEpoch) -> None:
        self.of(node).epoch_number = epoch.number

    def on_notice(self, node: SimNode, notice: Notice) -> None:
        if not node.is_honest:
            return
        match notice:
            case ForkFound(author=author, round=round_):
                self._on_fork(node, author, round_)
            case Diverged():
                self.alarms.append((node, notice))
            case _:
                pass

    def _on_refusal(self, node: SimNode, peer: DeviceKey, code: str, detail: str) -> None:
        self.refusals[code] += 1  # who lives in another log breaks the rules of this one

    # --- at the end ----------------------------------------------------------------------

    def parted(self) -> list[tuple[SimNode, SimNode, int]]:
        """Return the pairs of honest nodes whose logs contradict each other, and where first."""
        honest = [node for node in self.world.nodes if node.is_honest]
        found = []
        for place, one in enumerate(honest):
            for other in honest[place + 1 :]:
                ours, theirs = self.logs.get(one.device, {}), self.logs.get(other.device, {})
                first = next(
                    (at for at in sorted(ours.keys() & theirs.keys()) if ours[at] != theirs[at]),
                    None,
                )
                if first is not None:
                    found.append((one, other, first))
        return found

    def check_noticed(self) -> None:
        """Raise unless whoever is in a contradiction says so, or is told of, with both roots.

        Who parted at the very end from somebody else, too, may not have spoken with them since.
        """
        parted = self.parted()
        heard = [alarm for alarm in self._heard() if self._is_true(*alarm)] if parted else []
        involved = {node for pair in heard for node in pair[:2]}
        for one, other, first in parted:
            self.checked["divergence: noticed, with both roots"] += 1
            for node in (one, other):
                if node not in involved:
                    self.fail(
                        f"a divergence at index {first} went unnoticed by {node.name}",
                        f"{one.name}  {self._describe(self.logs[one.device][first])}",
                        f"{other.name}  {self._describe(self.logs[other.device][first])}",
                    )

    def _heard(self) -> Iterator[tuple[SimNode, SimNode, Diverged]]:
        """Yield the alarms of honest nodes about honest members' devices."""
        for node, alarm in self.alarms:
            for other in self.world.nodes:
                if other.is_honest and other.member == alarm.member:
                    yield node, other, alarm

    def _is_true(self, node: SimNode, other: SimNode, alarm: Diverged) -> bool:
        """Whether it shows a root of the one's log beside one of the other's."""
        ours = self.logs.get(node.device, {}).get(alarm.index)
        theirs = self.logs.get(other.device, {}).get(alarm.index)
        return (
            ours is not None
            and theirs is not None
            and (alarm.ours, alarm.theirs) == (ours.root, theirs.root)
        )


def draw_overrun_plan(seed: int) -> tuple[Plan, Conspiracy | None]:
    """Return the plan of a seed, and whether its liars conspire."""
    rng = Random(f"overrun/{seed}")
    members = rng.choice((4, 4, 6, 7, 7))
    liars = draw_liars(rng, members, (members - 1) // 3 + 1)
    conspiracy = None
    if rng.random() < 0.8:
        names = tuple(name for name, _ in liars)
        liars = tuple((name, ("Conspirator",)) for name in names)
        honest = [name for name in NAMES[:members] if name not in names]
        conspiracy = Conspiracy(names, {name: place % 2 for place, name in enumerate(honest)})
    plan = Plan(
        members=members,
        weather=Weather(latency_us=(1 * MS, 30 * MS), jitter_us=5 * MS),
        busy_ms=rng.choice((3_000, 5_000)),
        acts=rng.randint(3, 8),
        faults=rng.choice((0, 0, 2)),
        fault_kinds=tuple(rng.sample(ALL_FAULTS, 3)),
        structural=rng.choice((0.0, 0.4)),
        window_ms=rng.choice((5_000, 20_000)),
        linger_ms=0,
        liars=liars,
        shrinks=0,
        majority=True,
    )
    return plan, conspiracy


def run_overrun_seed(seed: int) -> World:
    """Carry a plan with f + 1 liars out; return the world when all have met again.

    Raises:
        BrokenPromise: a contradiction went unnoticed, or something crashed.
    """
    plan, conspiracy = draw_overrun_plan(seed)
    wrap: dict[str, Wrap] = {}
    for name, lies in plan.liars:
        known = [STRATEGIES[lie] for lie in lies if lie in STRATEGIES]
        wrap[name] = stack(*known) if conspiracy is None else conspiracy.join
    world = World(seed, plan, wrap=wrap, promises=Alarms)
    world.family = "test_overrun_runs.py"

    def run(world: World) -> None:
        world.boot_all()
        world.clock.run_until(GREET_US)
        if conspiracy is not None:
            divide(world, conspiracy)
        world.people.begin()
        world.faults.begin()
        world.clock.run_until(world.clock.now_us + plan.busy_ms * MS)
        world.people.is_quiet = True
        world.faults.end()
        for _ in range(TALKS):  # where nobody speaks nobody can notice
            world.clock.run_until(world.clock.now_us + MEET_US)
            for node in world.nodes:
                if node.is_honest and node.is_up:
                    world.people.propose(node, "tactical", urgent=True)
        world.clock.run_until(world.clock.now_us + MEET_US)
        assert isinstance(world.promises, Alarms)
        world.promises.check_noticed()

    carry_out(world, run)
    return world


def divide(world: World, conspiracy: Conspiracy) -> None:
    """Cut the links between the sides, until all is healed."""
    sides = conspiracy.sides
    for link in world.network.links:
        names = [world.by_device(end.device).name for end in link.ends]
        if all(name in sides for name in names) and len({sides[name] for name in names}) == 2:
            world.network.cut(link)


def report_of_overrun(world: World) -> Report:
    """Return the figures of such a run."""
    promises = world.promises
    assert isinstance(promises, Alarms)
    report = report_of(world)
    report.diverged = int(bool(promises.parted()))
    report.alarms = len(promises.alarms)
    return report
