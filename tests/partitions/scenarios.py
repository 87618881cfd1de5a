"""What the network, the machines and their clocks do, while people propose and vote.

Each scenario has a community of its own, makes trouble, holds the nodes to what they may
show meanwhile, ends the trouble, and returns how long agreement took from then on.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from . import clocks
from .lab import Lab
from .relay import Rule
from .town import NAMES, STEP_S, Disagreement, Town

LARGER, SMALLER = NAMES[:3], NAMES[3:]
LOST = Rule(loss=1.0)
SLOW = Rule(delay_ms=200, jitter_ms=100, loss=0.05)
DECISIONS = 6  # on the slow network
FLAPS = 7
KILLS = 12
FAR_OFF_S = 366 * 24 * 3600
SKEW_S = 600
MOST_SKEW_S = 3600


@dataclass
class Stage:
    """What a scenario has to work with."""

    lab: Lab
    root: Path
    rng: random.Random
    stack: ExitStack  # ends the nodes
    town: Town | None = None  # whose logs are shown when it fails

    def found(self, fault_model: str = "byzantine") -> Town:
        self.town = Town(self.lab, self.root)
        self.stack.callback(self.town.end)
        self.town.found(fault_model)
        return self.town


@dataclass(frozen=True)
class Figures:
    """What came of a scenario in which nothing was wrong."""

    trouble_s: float
    meanwhile: int  # decisions that became final during the trouble
    healing_s: float | None  # from its end until all nodes showed all as final
    note: str = ""


Play = Callable[[Stage], Figures]


# --- the network in two ---------------------------------------------------------------------


def partition_short(stage: Stage) -> Figures:
    """Shorter than the heartbeat's patience: connections survive, TCP sends again."""
    return _partition(stage, 16)


def partition_long(stage: Stage) -> Figures:
    """Longer than it: connections are given up and dialled again."""
    return _partition(stage, 32)


def _partition(stage: Stage, seconds: float) -> Figures:
    town = stage.found()
    torn = _open_torn(town)
    began_s, before = time.monotonic(), town.index(NAMES[0])
    stage.lab.cut_off(SMALLER)
    with town.watcher.nothing_final(NAMES):
        here, there = _act_on_both_sides(town, torn)
        _last(began_s, seconds)
        town.check_votes_are_queued(NAMES[0], [here])
        town.check_votes_are_queued(NAMES[4], [there])
        _check_index(town, NAMES, before)
    stage.lab.heal()
    return _agree(town, began_s, [here, torn], there)


def partition_crash(stage: Stage) -> Figures:
    """Where nobody is expected to lie, three of five are a quorum: they decide, two may not."""
    town = stage.found("crash")
    torn = _open_torn(town)
    began_s, before = time.monotonic(), town.index(NAMES[0])
    stage.lab.cut_off(SMALLER)
    with town.watcher.nothing_final(SMALLER):
        here, there = _act_on_both_sides(town, torn, larger="final")
        _last(began_s, 12)
        town.check_votes_are_queued(NAMES[4], [there])
        _check_index(town, SMALLER, before)
    stage.lab.heal()
    return _agree(town, began_s, [here, torn], there)


def one_way(stage: Stage) -> Figures:
    """What two nodes send is lost, what the others send arrives.

    The two may still make commits of blocks from before: with the others' next blocks they
    hold a quorum of them. So here only decisions and votes are looked at.
    """
    town = stage.found()
    torn = _open_torn(town)
    with stage.lab.relayed(stage.rng.randrange(1 << 30)) as relay:
        began_s = time.monotonic()
        relay.set(LOST, of=SMALLER, to=LARGER)
        with town.watcher.nothing_final(NAMES):
            here, there = _act_on_both_sides(town, torn)
            _last(began_s, 32)
            for name in NAMES:
                town.check_votes_are_queued(name, [here, there])
        relay.set(Rule())
        return _agree(town, began_s, [here, torn], there)


def _open_torn(town: Town) -> str:
    """Open what the two sides will see end in different ways; all know of it."""
    torn = town.propose("dave", "Whose question is this?")
    town.until_known(torn, NAMES)
    town.until_quiet()
    town.watcher.look_everywhere(NAMES)  # what is final already is so before the cut
    return torn


def _act_on_both_sides(town: Town, torn: str, larger: str = "provisional") -> tuple[str, str]:
    """Propose and vote on both sides, and see each side's provisional outcome.

    Three yes of five pass a tactical proposal; so the larger side passes `torn`, while in
    the smaller one its author withdraws it.
    """
    here = town.propose("alice", "Buy a second compost bin")
    there = town.propose("dave", "Lock the gate at night")
    for name in LARGER:
        town.vote(name, here)
        town.vote(name, torn)
    for name in SMALLER:
        town.vote(name, there)
    town.withdraw("dave", torn)
    town.until_shown(here, LARGER, f"{larger} passed")
    town.until_shown(torn, LARGER, f"{larger} passed")
    town.until_shown(torn, SMALLER, "provisional withdrawn")
    return here, there


def _check_index(town: Town, names: Sequence[str], before: int) -> None:
    for name in names:
        if town.index(name) != before:
            raise Disagreement(f"the log of {name} grew without a quorum")


def _last(began_s: float, seconds: float) -> None:
    """Let a state of the network last until so long after its beginning."""
    time.sleep(max(0.0, began_s + seconds - time.monotonic()))


def _agree(town: Town, began_s: float, decided: Sequence[str], undecided: str) -> Figures:
    """Measure from now on until what was decided is final everywhere; then decide the rest."""
    healed_s = time.monotonic()
    meanwhile = sum(bool(town.watcher.finals(one)) for one in decided)
    healing_s = town.until_final(decided) - healed_s
    town.vote_by_command("carol", undecided)
    town.until_final([undecided])
    return Figures(healed_s - began_s, meanwhile, healing_s)


# --- a bad network --------------------------------------------------------------------------


def slow_and_lossy(stage: Stage) -> Figures:
    """Every packet takes 100 to 300 ms each way, and one in twenty is lost."""
    town = stage.found()
    waits_s: list[float] = []
    with stage.lab.relayed(stage.rng.randrange(1 << 30)) as relay:
        relay.set(SLOW)
        began_s = time.monotonic()
        for number in range(DECISIONS):
            author, second, third = (NAMES[(number + place) % len(NAMES)] for place in range(3))
            proposal = town.propose(author, f"Question {number + 1}", vote="yes")
            town.vote(second, proposal)
            town.until_known(proposal, [third])
            cast_s = time.monotonic()
            town.vote(third, proposal)
            waits_s.append(town.until_final([proposal]) - cast_s)
        trouble_s = time.monotonic() - began_s
        sent, lost = relay.set(Rule())
    note = (
        f"final everywhere {statistics.median(waits_s):.1f} s after the deciding vote (median, "
        f"most {max(waits_s):.1f} s); {lost} of {sent + lost} frames lost"
    )
    return Figures(trouble_s, DECISIONS, None, note)


def flapping(stage: Stage) -> Figures:
    """The link between the two sides comes and goes, for seconds each time."""
    town = stage.found()
    began_s = time.monotonic()
    for number in range(FLAPS):
        stage.lab.cut_off(SMALLER)
        ends_s = time.monotonic() + stage.rng.uniform(0.5, 6)
        one, other = stage.rng.choice(LARGER), stage.rng.choice(SMALLER)
        town.propose(one, f"Question {2 * number + 1}", vote="yes")
        town.propose(other, f"Question {2 * number + 2}", vote="yes")
        _vote_on_what_is_known(town, NAMES)
        time.sleep(max(0.0, ends_s - time.monotonic()))
        stage.lab.heal()
        _vote_on_what_is_known(town, NAMES)
        if number < FLAPS - 1:
            time.sleep(stage.rng.uniform(0.2, 2))
    return _everybody_votes(town, began_s)


def _vote_on_what_is_known(town: Town, names: Sequence[str]) -> None:
    """Let everybody say yes once to whatever their node shows as open."""
    for name in names:
        for proposal in town.proposals:
            if town.watcher.shown.get((name, proposal)) == "open open":
                town.vote_once(name, proposal)


def _everybody_votes(town: Town, began_s: float) -> Figures:
    """Measure from now on until everything ever proposed is decided and final everywhere.

    Whoever has not voted does as soon as their node has heard of it: that is part of it.
    """
    healed_s = time.monotonic()
    meanwhile = sum(bool(town.watcher.finals(one)) for one in town.proposals)

    def all_final() -> float | None:
        _vote_on_what_is_known(town, NAMES)
        return town.final_at_s(town.proposals)

    ended_s = town.watcher.until("everything proposed is final", all_final, STEP_S)
    return Figures(healed_s - began_s, meanwhile, ended_s - healed_s)


# --- bad machines ---------------------------------------------------------------------------


def restart_storm(stage: Stage) -> Figures:
    """One node after another is killed as soon as it has acknowledged something."""
    town = stage.found()
    began_s = time.monotonic()
    starting: dict[str, Future[None]] = {}
    with ThreadPoolExecutor(len(NAMES)) as pool:
        for number in range(KILLS):
            name = stage.rng.choice(NAMES)
            if name in starting:
                starting[name].result()
            if number % 3 == 0:
                town.propose(name, f"Question {number // 3 + 1}", vote="yes")
            else:
                _vote_on_what_is_known(town, [name])
            town.daemons[name].kill()
            starting[name] = pool.submit(town.daemons[name].start)
        for one in starting.values():
            one.result()
    return _everybody_votes(town, began_s)


def clock_skew(stage: Stage) -> Figures:
    """Up to an hour off on two nodes and a year on one, set while they run, twice.

    A node a year ahead takes every window for closed, so its member cannot vote: it is the
    only one whom its clock hurts.
    """
    settable = {name: clocks.SettableClock(stage.root / f"{name}.clock") for name in NAMES}
    variables = {name: clock.variables for name, clock in settable.items()}
    town = stage.town = Town(stage.lab, stage.root, variables)
    stage.stack.callback(town.end)
    town.found()
    began_s = time.monotonic()
    for offsets_s in (
        {"bob": SKEW_S, "carol": -SKEW_S, "dave": FAR_OFF_S},
        {"bob": -MOST_SKEW_S, "carol": SKEW_S, "dave": -FAR_OFF_S},
    ):
        for name, offset_s in offsets_s.items():
            settable[name].set(offset_s)
        ahead = [name for name, offset_s in offsets_s.items() if offset_s == FAR_OFF_S]
        for name in NAMES:
            _decide_together(town, name, [one for one in NAMES if one not in {name, *ahead}])
    trouble_s, meanwhile = time.monotonic() - began_s, len(town.proposals)
    for clock in settable.values():
        clock.set(0)
    _decide_together(town, NAMES[0], NAMES[1:])
    return Figures(trouble_s, meanwhile, None, f"commits at most {_check_times(town)} s off")


def _decide_together(town: Town, author: str, voters: Sequence[str]) -> None:
    """Let one propose and the others vote, and wait for the decision."""
    proposal = town.propose(author, f"Question {len(town.proposals) + 1}")
    for name in voters:
        town.vote_once(name, proposal)
    town.until_final([proposal])


def _check_times(town: Town) -> int:
    """Check that one clock of five moved no commit's time; return how far off the worst is."""
    now = datetime.now().astimezone()
    worst_s = max(
        abs((datetime.fromisoformat(commit["time"]) - now).total_seconds())
        for commit in town.log(NAMES[0])
    )
    if worst_s > MOST_SKEW_S:
        raise Disagreement(f"a commit is {worst_s:.0f} s off: one wrong clock moved it")
    return round(worst_s)


SCENARIOS: dict[str, Play] = {  # the longest first: several run at once
    "partition-long": partition_long,
    "one-way": one_way,
    "storm": restart_storm,
    "flapping": flapping,
    "slow": slow_and_lossy,
    "partition-short": partition_short,
    "partition-crash": partition_crash,
    "clocks": clock_skew,
}
TITLES = {
    "partition-long": "3 and 2 nodes apart, 32 s",
    "one-way": "two nodes are not heard, 32 s",
    "storm": f"{KILLS} times kill -9 and start",
    "flapping": f"3 and 2 apart {FLAPS} times, 0.5 to 6 s each",
    "slow": "200 ± 100 ms each way, 5 % lost",
    "partition-short": "3 and 2 nodes apart, 16 s",
    "partition-crash": "the same with crash faults, 12 s",
    "clocks": "clocks off by 10 min, 1 h, 1 year",
}
