"""What a decision costs the cores while other proposals are open.

    python3 dev.py bench proposals

Four cores in this process, without network and disk: CPU time of all of them, from the
proposal to final everywhere, while so many other proposals are open and in the log.
"""

from __future__ import annotations

from collections.abc import Iterator

from measuring.command import Effort, run
from measuring.cores import Cores, make_signers
from measuring.figures import Found, Point, figure

NODES = 4
OPEN = (1, 10, 100, 300, 990)  # the limit is 1,000 in all
DECISIONS = 20


def measure(effort: Effort) -> Iterator[Found]:
    cores = Cores(make_signers(NODES))
    held = 0
    for count in OPEN[: effort(len(OPEN), 2)]:
        while held < count:
            held += 1
            cores.propose(held % NODES, f"Open {held}", "tactical", urgent=held == count)
            cores.run(2)
        cores.run()
        costs = []
        for number in range(effort(DECISIONS, 2)):
            before = cores.cpu_ms
            cores.decide([cores.propose(number % NODES, f"Question {count} {number}")])
            costs.append(cores.cpu_ms - before)
        shown = figure(f"CPU a decision, cores alone, {count} proposals open", costs, "ms", nodes=4)
        yield shown
        yield Point("proposals open", "CPU a decision, cores alone", count, shown.median)


if __name__ == "__main__":
    run(__doc__, measure)
