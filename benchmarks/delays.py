"""How many message delays a deciding vote takes to be final, next to etcd over the same links.

    apt-get install etcd-server
    python3 dev.py bench delays

Every link takes 25 ms each way, so that delays are what is measured and not work. First cores
alone, on virtual time, at several sizes: while decisions follow each other, and one after an
hour in which nobody said anything. Then real nodes and etcd's members, one after the other in
this run, whose connections all go through the same relay. A vote is cast at its own member's
node, which is its author's machine; etcd is asked likewise at the member that leads, and at one
that does not. The client is on that member's machine: it is not delayed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import peer_etcd
from finality import decide
from measuring.command import Effort, run
from measuring.community import community
from measuring.cores import Cores, make_signers
from measuring.figures import Found, Missing, figure
from measuring.relay import Relay, relaying

DELAY_MS = 25
SIZES = (4, 7, 10, 13, 16)
REAL_SIZE = 4  # more processes than that wait for each other's CPU
DECISIONS = 40
CORE_DECISIONS = 5
WARM_UP = 10
HOUR_MS = 3_600_000

AUTHOR = "vote to final, links of 25 ms, at its author"
EVERYWHERE = "vote to final, links of 25 ms, on all nodes"
IN_ORDER = "delays from a vote to its finality"
AFTER_SILENCE = "the same after an hour's silence"


# --- cores on virtual time ------------------------------------------------------------------


def count_delays(cores: Cores, number: int) -> tuple[float, float]:
    """Return the delays from a deciding vote to its finality at its author, and everywhere."""
    size = len(cores.devices)
    turn = [(number + place) % size for place in range(size)]
    proposal = cores.propose(turn[0], f"Question {number}")
    cores.run(2 * DELAY_MS)
    for voter in turn[: cores.needed - 1]:
        cores.vote(voter, proposal)
    cores.run(2 * DELAY_MS)  # the votes are everywhere, and nothing is due yet
    last, begun_ms = turn[cores.needed - 1], cores.now_ms
    cores.vote(last, proposal)
    cores.run()
    finals_ms = cores.finals_ms.pop(proposal)
    assert len(finals_ms) == size, "not final everywhere"
    author = finals_ms[cores.devices[last]]
    return (author - begun_ms) / DELAY_MS, (max(finals_ms.values()) - begun_ms) / DELAY_MS


def measure_cores(size: int, decisions: int) -> Iterator[Found]:
    cores = Cores(make_signers(size), latency_ms=DELAY_MS)
    for number in range(2):  # the first blocks, and what Δ learns from them
        count_delays(cores, number)
    for work, silence_ms in ((IN_ORDER, 0), (AFTER_SILENCE, HOUR_MS)):
        found = []
        for number in range(decisions):
            cores.run(silence_ms)
            found.append(count_delays(cores, number))
        author, everywhere = zip(*found, strict=True)
        yield figure(f"{work}, at its author", author, "delays", nodes=size)
        yield figure(f"{work}, on all nodes", everywhere, "delays", nodes=size)


# --- processes over the relay ---------------------------------------------------------------


def measure_nodes(relay: Relay, decisions: int) -> Iterator[Found]:
    with (
        tempfile.TemporaryDirectory() as root,
        community(Path(root), REAL_SIZE, relay.address) as nodes,
    ):
        for number in range(WARM_UP):
            decide(nodes, number)
        times = [decide(nodes, WARM_UP + number) for number in range(decisions)]
    author, everywhere = zip(*times, strict=True)
    yield figure(AUTHOR, author, "ms", nodes=REAL_SIZE)
    yield figure(EVERYWHERE, everywhere, "ms", nodes=REAL_SIZE)


def measure_etcd(relay: Relay, decisions: int) -> Iterator[Found]:
    etcd = peer_etcd.find_etcd()
    if etcd is None:
        why = f"etcd is not installed: {peer_etcd.INSTALL}"
        print(f"delays: {why}", file=sys.stderr)
        yield Missing(AUTHOR, "etcd", why)
        return
    with (
        tempfile.TemporaryDirectory() as root,
        peer_etcd.members(etcd, REAL_SIZE, Path(root), relay.port) as (_pids, ports),
    ):
        cluster = peer_etcd.Cluster(ports)
        leader = cluster.leader()
        for asked, place in (
            ("asked at its leader", leader),
            ("asked at a follower", (leader + 1) % REAL_SIZE),
        ):
            for _ in range(WARM_UP):
                cluster.decide(place)
            times = [cluster.decide(place) for _ in range(decisions)]
            assert cluster.leader() == leader, "another member leads: measure again"
            author, everywhere = zip(*times, strict=True)
            system = f"etcd, {asked}"
            yield figure(AUTHOR, author, "ms", nodes=REAL_SIZE, system=system)
            yield figure(EVERYWHERE, everywhere, "ms", nodes=REAL_SIZE, system=system)
        cluster.close()


def measure_relay(relay: Relay, times: int) -> Iterator[Found]:
    """Show what a link through the relay takes: there and back is two delays."""
    import socket  # noqa: PLC0415  only for this

    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(("127.0.0.1", relay.port(server.getsockname()[1])))
        far, _ = server.accept()
        with near, far:
            taken = []
            for _ in range(times):
                begun = time.perf_counter()
                near.sendall(b"x")
                far.sendall(far.recv(1))
                near.recv(1)
                taken.append((time.perf_counter() - begun) * 1000)
    yield figure("a message over a link of 25 ms, there and back", taken, "ms", system="the relay")


def measure(effort: Effort) -> Iterator[Found]:
    for size in [4] if effort.quick else SIZES:
        yield from measure_cores(size, effort(CORE_DECISIONS, 1))
    decisions = effort(DECISIONS, 3)
    with relaying(DELAY_MS) as relay:
        yield from measure_relay(relay, decisions)
        yield from measure_nodes(relay, decisions)
        yield from measure_etcd(relay, decisions)


if __name__ == "__main__":
    run(__doc__, measure)
