"""What more communities cost a host that has nothing to decide: CPU and memory of five, and of one.

    python3 dev.py bench communities

Three hosts on this machine, all in one community, then all in five. They find each other as always:
one connection each, one zeroconf, one heartbeat.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from measuring import machine
from measuring.command import Effort, run
from measuring.community import Process, make_keys, make_store, running
from measuring.cores import make_charter
from measuring.figures import Found, figure

HOSTS = 3
FEW, MANY = 1, 5
SECONDS = 60
QUIET_S = 10.0  # without a round anywhere before the measurement begins
LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What each host has used, in the order of the hosts."""

    cpu_parts: list[float]  # of a core
    memory_mib: list[float]


def wait_quiet(hosts: list[Process]) -> None:
    """Return once no host has made a block for a while."""
    deadline = time.monotonic() + LONGEST_S
    before, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        rounds = sum(int(one.call("rounds")["rounds"]) for one in hosts)
        if rounds != before:
            before, since = rounds, time.monotonic()
        if time.monotonic() > deadline:
            raise TimeoutError("the hosts do not come to rest")
        time.sleep(1)


def sample(root: Path, communities: int, seconds: float) -> Sample:
    homes = [root / str(place) for place in range(HOSTS)]
    devices = [one.device for one in make_keys(homes)]
    now_ms = time.time_ns() // 1_000_000
    for number in range(communities):
        charter = make_charter(devices, now_ms + number)
        for home in homes:
            make_store(home, charter).close()
    with running(homes, program="measuring.host") as hosts:
        wait_quiet(hosts)
        before = [machine.cpu_s(one.pid) for one in hosts]
        begun = time.monotonic()
        time.sleep(seconds)
        passed_s = time.monotonic() - begun
        after = [machine.cpu_s(one.pid) for one in hosts]
        memory = [machine.memory_mib(one.pid) for one in hosts]
    cpu = [(last - first) / passed_s for first, last in zip(before, after, strict=True)]
    return Sample(cpu, memory)


def measure(effort: Effort) -> Iterator[Found]:
    seconds = effort(SECONDS, 5)
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        few = sample(Path(first), FEW, seconds)
        many = sample(Path(second), MANY, seconds)
    for name, found in (("one", few), ("five", many)):
        cpu = [100 * one for one in found.cpu_parts]
        yield figure(f"idle host, {name}: CPU", cpu, "% of a core", nodes=HOSTS)
        yield figure(f"idle host, {name}: memory", found.memory_mib, "MiB", nodes=HOSTS)
    more_cpu = [
        100 * (last - first) for first, last in zip(few.cpu_parts, many.cpu_parts, strict=True)
    ]
    more_mib = [last - first for first, last in zip(few.memory_mib, many.memory_mib, strict=True)]
    yield figure("idle host, five more than one: CPU", more_cpu, "% of a core", nodes=HOSTS)
    yield figure("idle host, five more than one: memory", more_mib, "MiB", nodes=HOSTS)


if __name__ == "__main__":
    run(__doc__, measure)
