"""People live with nine laptops for a while; everything they decide must become final.

Laptops close and open again by their habits, nothing else is wrong with them. Whoever sits
at an open one looks at it now and then, votes on what is open there, and sometimes asks
something. All promises of the simulator hold throughout, and are checked at the end.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from p2pnode_protocols.record.bodies import CHOICES
from p2pnode_protocols.wire.ids import OpId

from ..simulator.parts.clockwork import MS, SECOND
from ..simulator.parts.network import Weather
from ..simulator.parts.node import SimNode
from ..simulator.parts.people import Topic
from ..simulator.plan import Plan
from ..simulator.promises import BrokenPromise
from ..simulator.run import settle
from ..simulator.world import World
from .habits import DAY_S, HABITS, HOUR_S, MINUTE_S, Awake, closed_spans

PLAN = Plan(
    members=len(HABITS),
    acts=0,
    faults=1,  # lids close: not every block finds its way into the log
    weather=Weather(latency_us=(5 * MS, 80 * MS), jitter_us=10 * MS),
    window_ms=12 * HOUR_S * 1000,
    delta_ms=40,  # from here on as a new charter has it
    delta_max_ms=10_000,
    linger_ms=60_000,
    epoch_rounds=1_000,
)
QUORUM = 6  # of nine
LOOK_S = (15 * MINUTE_S, 60 * MINUTE_S)  # between two looks at an open laptop
ASKS = 0.3  # share of the looks that end in a question
TIERS = ("tactical", "tactical", "implementation", "implementation", "strategic", "individual")
YES, NO, ASIDE = 8, 1, 1  # how many of ten vote so
EVENING_S = 2 * DAY_S  # after the last question, by when its window has closed and all woke up


class Diary(World):
    """A world that notes when each op and outcome was first final anywhere."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, PLAN)
        self.final_us: dict[OpId, int] = {}
        self.decided_us: dict[OpId, int] = {}

    def on_entry(self, op: OpId, code: str) -> None:
        self.final_us[op] = self.clock.now_us
        super().on_entry(op, code)

    def on_outcome(self, proposal: OpId, outcome: str) -> None:
        self.decided_us[proposal] = self.clock.now_us
        super().on_outcome(proposal, outcome)


@dataclass(frozen=True)
class Mark:
    """Where a run stood at some hour."""

    hour: int
    decided: int
    ops: int
    transactions: dict[str, int]  # by laptop: how much of its journal was written by then


@dataclass(frozen=True)
class Days:
    """A soak that is over, with every promise kept."""

    world: Diary
    hours: int
    quorum_share: float  # of the time
    waited_s: list[float]  # each op, from its acknowledgement to the log
    waited_awake_s: list[float]  # the same, without the time its laptop or the quorum slept
    decided_s: list[float]  # each proposal, from its opening to its final outcome
    marks: list[Mark]


class Life:
    """Who looks at which laptop when, and what they do there."""

    def __init__(self, world: Diary, ends_s: int) -> None:
        self._world = world
        self._ends_us = ends_s * SECOND
        self._voted: set[tuple[str, OpId]] = set()
        self.is_over = False  # lids stay open, nobody looks
        for node in world.nodes:
            self._look_later(node)

    def close(self, node: SimNode, seconds: int) -> None:
        if not self.is_over:
            node.freeze(seconds * SECOND, suspended=True)

    def _look_later(self, node: SimNode) -> None:
        delay_s = self._world.rng.randint(*LOOK_S)
        self._world.clock.after(delay_s * SECOND, self._look, node)

    def _look(self, node: SimNode) -> None:
        if self.is_over:
            return
        self._look_later(node)
        if node.is_frozen:
            return
        for topic in list(self._world.people.topics):
            self._vote(node, topic)
        rng = self._world.rng
        if self._world.clock.now_us < self._ends_us and rng.random() < ASKS:
            self._world.people.propose(node, rng.choice(TIERS))

    def _vote(self, node: SimNode, topic: Topic) -> None:
        assert node.core is not None
        seen = node.core.preview.proposal(topic.id)
        if seen is None or seen.outcome != "open" or (node.name, topic.id) in self._voted:
            return
        self._voted.add((node.name, topic.id))
        (choice,) = self._world.rng.choices(CHOICES, (YES, NO, ASIDE))
        self._world.people.vote(node, topic, choice)


def live(hours: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Days:
    """Live for so many hours, then until all is decided, and check every promise.

    Raises:
        BrokenPromise: naming the moment and the node.
    """
    world = Diary(seed)
    try:
        return _live(world, hours, say)
    except BrokenPromise as broken:
        at_s = world.clock.now_us / SECOND
        again = f"replay: python3 dev.py soak --hours {hours} --seed {seed}"
        raise BrokenPromise(f"seed {seed}, t={at_s:.3f} s: {broken}\n{again}") from None


def _live(world: Diary, hours: int, say: Callable[[str], None]) -> Days:
    days = -(-hours // 24) + EVENING_S // DAY_S + 1
    rng = Random(f"habits/{world.seed}")
    closed = [closed_spans(habit, days, rng) for habit in HABITS]
    world.boot_all()
    life = Life(world, hours * HOUR_S)
    for node, spans in zip(world.nodes, closed, strict=True):
        for begins_s, ends_s in spans:
            world.clock.at(begins_s * SECOND, life.close, node, ends_s - begins_s)
    marks: list[Mark] = []
    for hour in range(6, hours + 1, 6):
        world.clock.run_until(hour * HOUR_S * SECOND)
        marks.append(_mark(world, hour))
        say(f"hour {hour}: {marks[-1].ops} ops and {marks[-1].decided} decisions are final")
    world.run_until(
        lambda: all(topic.id in world.decided_us for topic in world.people.topics),
        EVENING_S,
        "every question has its answer",
    )
    marks.append(_mark(world, world.clock.now_us // (HOUR_S * SECOND)))
    life.is_over = True
    settle(world)
    awake = Awake(closed, QUORUM, days)
    places = {node.name: place for place, node in enumerate(world.nodes)}
    waited_s: list[float] = []
    waited_awake_s: list[float] = []
    for op, final_us in world.final_us.items():
        said = world.promises.said[op]
        said_s = (said.op.created_ms - world.start_ms) / 1000
        final_s = final_us / SECOND
        waited_s.append(final_s - said_s)
        waited_awake_s.append(awake.usable_s(places[said.node.name], said_s, final_s))
    return Days(
        world,
        hours,
        awake.quorum_share,
        sorted(waited_s),
        sorted(waited_awake_s),
        sorted(
            world.decided_us[topic.id] / SECOND
            - (world.promises.said[topic.id].op.created_ms - world.start_ms) / 1000
            for topic in world.people.topics
        ),
        marks,
    )


def _mark(world: Diary, hour: int) -> Mark:
    written = {node.name: len(node.disk.journal) for node in world.nodes}
    return Mark(hour, len(world.decided_us), len(world.final_us), written)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which that share of the sorted values lies."""
    return values[min(len(values) - 1, int(len(values) * share))]


def median(values: list[float]) -> float:
    return statistics.median(values)
