"""What a step costs after a long history: none may cost more for what was decided long ago.

    python3 dev.py bench steps

Four cores in this process start with so many closed proposals, and as many erased texts, ended
invites, former members, and commits without receipts (up to the 16,384 that are kept). A sample is
the CPU time of one step of one core, or of all steps of all cores for one decision, from its
proposal to the receipts for it. The end of an epoch is measured too: it writes a snapshot, which
holds invites, former members' names and erased texts, so that does grow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from measuring.command import Effort, run
from measuring.cores import Cores, make_signers
from measuring.figures import Found, Point, figure
from measuring.past import make_past

from p2pnode_protocols.record.actions import AmendAction
from p2pnode_protocols.steps.inputs import Tick

NODES = 4
PASTS = (0, 1_000, 10_000, 100_000)
TICKS = 200
DECISIONS = 20
PLOT = "closed proposals"


def measure(effort: Effort) -> Iterator[Found]:
    for past in PASTS[: effort(len(PASTS), 2)]:
        yield from measure_after(past, effort)


def measure_after(past: int, effort: Effort) -> Iterator[Found]:
    cores = Cores(make_signers(NODES), past=lambda charter: make_past(charter, past))
    cores.run(60_000)
    words = f"{past:,} closed".replace(",", " ")
    ticks = [tick_us(cores) for _ in range(effort(TICKS, 5))]
    yield figure(f"CPU of a tick, {words}", ticks, "µs")
    costs = [cost_ms(cores, partial(decide, cores, one)) for one in range(effort(DECISIONS, 2))]
    decision = figure(f"CPU of a decision, all cores, {words}", costs, "ms", nodes=NODES)
    yield decision
    ending = cost_ms(cores, partial(end_epoch, cores))
    yield figure(f"CPU of an epoch's end, all cores, {words}", [ending], "ms", nodes=NODES)
    if past:
        yield Point(PLOT, "CPU of the next decision, all cores", past, decision.median)


def tick_us(cores: Cores) -> float:
    node = cores.nodes[cores.devices[0]]
    began = time.thread_time_ns()
    node.core.handle(Tick(), cores.now)
    return (time.thread_time_ns() - began) / 1e3


def cost_ms(cores: Cores, act: Callable[[], object]) -> float:
    before_ms = cores.cpu_ms
    act()
    return cores.cpu_ms - before_ms


def decide(cores: Cores, number: int) -> None:
    cores.decide([cores.propose(number % NODES, f"Question {number}")])
    cores.run(2_000)  # receipts go round


def end_epoch(cores: Cores) -> None:
    number = cores.first.epoch.number
    amend = AmendAction((("name", "Benchmark of old"),))
    proposal = cores.propose(0, "Rename", "constitutional", amend)
    cores.run(5)
    for place in range(NODES):
        cores.vote(place, proposal)
    cores.run()
    assert cores.first.epoch.number == number + 1


if __name__ == "__main__":
    run(__doc__, measure)
