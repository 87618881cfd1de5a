"""The same work on PySyncObj, what one would pick in Python: one command agreed on, and many.

    python3 dev.py bench peer_pysyncobj

Members are processes on this machine, with settings as PySyncObj comes, but for a journal on disk,
which is off by itself. It is a memory-mapped file that is never flushed: it survives a
crash of the process, not of the machine. "PySyncObj, unbatched" has `appendEntriesUseBatch`
off, which its documentation recommends for the speed of a single request. A command of 200 bytes
stands for a vote; members take turns in giving one. "At its author" ends with the callback there,
"on all nodes" when all have applied it. Commands are not signed, and any member is trusted.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measuring import machine
from measuring.command import Effort, run
from measuring.community import environment
from measuring.figures import Found, Missing, figure
from measuring.ports import free_ports
from measuring.windows import count_windows

SIZES = (3, 4, 7)
FLOOD_SIZE = 4
COMMANDS = 40  # each takes as long as two of its ticks
WARM_UP = 5
SECONDS = 10
WARM_UP_S = 2.0
LONGEST_S = 100.0  # for one cluster: a member that never answers must not hold up the rest


class Cluster:
    """The members' processes."""

    def __init__(self, processes: list[subprocess.Popen[str]], log: Path) -> None:
        self.processes = processes
        self._log = log
        self.pids = [one.pid for one in processes]
        for one in processes:
            self.hear(one)

    @staticmethod
    def ask(process: subprocess.Popen[str], **values: object) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(values) + "\n")
        process.stdin.flush()

    @staticmethod
    def hear(process: subprocess.Popen[str]) -> Any:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("a member of PySyncObj's has ended, or was too slow")
        return json.loads(line)

    def decide(self, number: int) -> tuple[float, float] | None:
        """Give one command; return ms until it was answered, and until all had applied it.

        None: it failed, because the leader changed meanwhile.
        """
        author = self.processes[number % len(self.processes)]
        self.ask(author, put=number)
        answer: dict[str, int] = {}
        applied_ns: list[int] = []
        for one in [author, *(other for other in self.processes if other is not author)]:
            applied = False
            while not (answer and applied):  # what came too late to be waited for is passed over
                told = self.hear(one)
                if "answered" in told:
                    answer = told
                    if answer["answered"] != 0:
                        return None
                elif told["applied"] == number:
                    applied = True
                    applied_ns.append(told["at_ns"])
        began_ns = answer["began_ns"]
        return (answer["at_ns"] - began_ns) / 1e6, (max(applied_ns) - began_ns) / 1e6

    @property
    def alarms(self) -> int:
        """How often members said in their log that they may have diverged."""
        return self._log.read_text(errors="replace").count("may have diverged")

    def flood(self, seconds: float) -> tuple[list[int], int]:
        """Return when commands were done, all members', and how many failed."""
        for one in self.processes:
            self.ask(one, flood=seconds)
        told = [self.hear(one) for one in self.processes]
        failed = sum(one["failed"] for one in told)
        return [at for one in told for at in one["finals_ns"]], failed


@contextmanager
def members(count: int, *, batch: bool) -> Iterator[Cluster]:
    addresses = ",".join(f"127.0.0.1:{port}" for port in free_ports(count))
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        command = [sys.executable, "-m", "measuring.raft_member"]
        processes = [
            subprocess.Popen(
                [*command, str(place), folder, str(int(batch)), addresses],
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
            for place in range(count)
        ]
        watchdog = threading.Timer(LONGEST_S, kill_all, [processes])
        watchdog.start()
        try:
            yield Cluster(processes, Path(folder) / "log")
        finally:
            watchdog.cancel()
            kill_all(processes)  # nothing of them is needed any more
            for one in processes:
                one.wait()


def kill_all(processes: list[subprocess.Popen[str]]) -> None:
    for one in processes:
        one.kill()


def measure_size(count: int, effort: Effort, *, batch: bool) -> Iterator[Found]:
    system = "PySyncObj" if batch else "PySyncObj, unbatched"
    with members(count, batch=batch) as cluster:
        for number in range(WARM_UP):
            cluster.decide(number)
        commands, begun = effort(COMMANDS, 3), time.monotonic()
        before_s = machine.total_cpu_s(cluster.pids)
        tried = [cluster.decide(WARM_UP + number) for number in range(commands)]
        cpu_s = machine.total_cpu_s(cluster.pids) - before_s
        rate = len(tried) / (time.monotonic() - begun)
        times = [one for one in tried if one is not None]
        answered, applied = zip(*times, strict=True)
        each = [cpu_s * 1000 / commands]
        memory = [machine.memory_mib(pid) for pid in cluster.pids]
        yield figure("finality, at its author", answered, "ms", nodes=count, system=system)
        yield figure("finality, on all nodes", applied, "ms", nodes=count, system=system)
        yield figure("one after the other", [rate], "decisions/s", nodes=count, system=system)
        yield figure("CPU a decision, all nodes", each, "ms", nodes=count, system=system)
        yield figure("memory after the decisions", memory, "MiB", nodes=count, system=system)
        if count == FLOOD_SIZE:
            before_s = machine.total_cpu_s(cluster.pids)
            finals_ns, failed = cluster.flood(effort(SECONDS, 4))
            cpu_s = machine.total_cpu_s(cluster.pids) - before_s
            each = [cpu_s * 1000 / len(finals_ns)]
            rates = count_windows(finals_ns, WARM_UP_S)
            memory = [machine.memory_mib(pid) for pid in cluster.pids]
            work = "many at once"
            yield figure(work, rates, "ops/s", nodes=count, system=system)
            yield figure(f"{work}: CPU an op, all nodes", each, "ms", nodes=count, system=system)
            yield figure(f"{work}: memory of a node", memory, "MiB", nodes=count, system=system)
            for more, counted, unit in (
                ("failed or never answered", failed, "ops"),
                ("“may have diverged”", cluster.alarms, "log lines"),
            ):
                yield figure(f"{work}: {more}", [counted], unit, nodes=count, system=system)


def measure(effort: Effort) -> Iterator[Found]:
    if importlib.util.find_spec("pysyncobj") is None:
        why = "pysyncobj is not installed: python3 dev.py bench all installs it"
        print(f"peer_pysyncobj: {why}", file=sys.stderr)
        for work in ("finality, at its author", "finality, on all nodes", "many at once"):
            yield Missing(work, "PySyncObj", why)
        return
    for count in [FLOOD_SIZE] if effort.quick else SIZES:
        for batch in (True, False):
            yield from measure_size(count, effort, batch=batch)


if __name__ == "__main__":
    run(__doc__, measure)
