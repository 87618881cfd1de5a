"""The same work on etcd: one put agreed on, and many at once.

    apt-get install etcd-server
    python3 dev.py bench peer_etcd

Members are processes on this machine with stores of their own, fsync on, as etcd comes.
A put of 200 bytes stands for a vote: what a member says and all must agree on. "At its
author" ends when the put is answered, "on all nodes" when a watch at each member has told of it.
The client, Python over gRPC, is a process beside them, the members take turns in being asked.
etcd trusts all its members; a put is not signed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import machine
from measuring.command import Effort, run
from measuring.figures import Found, Missing, figure
from measuring.ports import free_ports
from measuring.windows import count_windows

SYSTEM = "etcd"
INSTALL = "apt-get install etcd-server (its service need not run)"
SIZES = (3, 4, 7)
FLOOD_SIZE = 4
PUTS = 200
WARM_UP = 20
WINDOW = 256  # puts under way, as many as p2pnode's votes
SECONDS = 10
WARM_UP_S = 2.0
VALUE = bytes(200)
READY_S = 30.0


def find_etcd() -> str | None:
    return shutil.which("etcd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/bin")


# --- etcd's messages, as far as they are needed (protobuf; rpc.proto of etcd 3) ----------------


def bytes_field(number: int, value: bytes) -> bytes:
    assert len(value) < 1 << 14
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([number << 3 | 2]) + length + value


# Fields of a StatusResponse, and of the ResponseHeader in it.
STATUS_HEADER, STATUS_LEADER, HEADER_MEMBER = 1, 4, 2


def read_fields(data: bytes) -> dict[int, bytes | int]:
    """Return the fields of a message by number: integers, and bytes of what else there is."""
    found: dict[int, bytes | int] = {}
    at = 0

    def integer() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte, at = data[at], at + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = integer()
        value: bytes | int = integer()
        if key & 7 == 2:
            size = int(value)
            value, at = data[at : at + size], at + size
        found[key >> 3] = value
    return found


def put_request(number: int) -> bytes:
    return bytes_field(1, b"vote/%d" % (number % 1000)) + bytes_field(2, VALUE)


# A watch of all keys: key and range_end "\0".
WATCH_ALL = bytes_field(1, bytes_field(1, b"\0") + bytes_field(2, b"\0"))


class Cluster:
    """Running members and a connection to each."""

    def __init__(self, ports: list[int]) -> None:
        import grpc  # noqa: PLC0415  only this benchmark needs it

        self.channels = [grpc.insecure_channel(f"127.0.0.1:{port}") for port in ports]
        for channel in self.channels:
            grpc.channel_ready_future(channel).result(READY_S)
        self.puts = [channel.unary_unary("/etcdserverpb.KV/Put") for channel in self.channels]
        self._statuses = [
            channel.unary_unary("/etcdserverpb.Maintenance/Status") for channel in self.channels
        ]
        self.heard_ns: list[list[int]] = [[] for _ in ports]
        self._changed = threading.Condition()
        self._ending = threading.Event()
        for place, channel in enumerate(self.channels):
            calls = channel.stream_stream("/etcdserverpb.Watch/Watch")(self._asked())
            next(calls)  # "created": from here on it tells of every put
            threading.Thread(target=self._listen, args=(place, calls), daemon=True).start()

    def _asked(self) -> Iterator[bytes]:
        yield WATCH_ALL
        self._ending.wait()

    def _listen(self, place: int, calls: Iterator[bytes]) -> None:
        import grpc  # noqa: PLC0415

        try:
            for _ in calls:
                at_ns = time.monotonic_ns()
                with self._changed:
                    self.heard_ns[place].append(at_ns)
                    self._changed.notify_all()
        except grpc.RpcError:
            pass  # the member has ended

    def leader(self) -> int:
        """Return the place of the member that leads."""
        answers = [read_fields(one(b"", timeout=READY_S)) for one in self._statuses]
        (leader,) = {one[STATUS_LEADER] for one in answers}  # all of them say the same
        heads = [one[STATUS_HEADER] for one in answers]
        members = [read_fields(one)[HEADER_MEMBER] for one in heads if isinstance(one, bytes)]
        return members.index(leader)

    def decide(self, number: int) -> tuple[float, float]:
        """Put once; return ms until it was answered, and until every member had told of it."""
        before = [len(one) for one in self.heard_ns]
        began_ns = time.monotonic_ns()
        self.puts[number % len(self.puts)](put_request(number), timeout=READY_S)
        answered_ns = time.monotonic_ns()
        with self._changed:
            heard = self._changed.wait_for(
                lambda: all(len(one) > b for one, b in zip(self.heard_ns, before, strict=True)),
                READY_S,
            )
        assert heard, "a member did not tell of a put"
        last_ns = max(one[b] for one, b in zip(self.heard_ns, before, strict=True))
        return (answered_ns - began_ns) / 1e6, (last_ns - began_ns) / 1e6

    def close(self) -> None:
        self._ending.set()
        for channel in self.channels:
            channel.close()


def flood(ports: list[int], seconds: float) -> list[int]:
    """Keep `WINDOW` puts under way, spread over all members; return when each was answered."""
    import grpc  # noqa: PLC0415

    channels = [grpc.insecure_channel(f"127.0.0.1:{port}") for port in ports]
    puts = [channel.unary_unary("/etcdserverpb.KV/Put") for channel in channels]
    answered_ns: list[int] = []
    room = threading.Semaphore(WINDOW)

    def note(call: grpc.Future) -> None:
        call.result()
        answered_ns.append(time.monotonic_ns())
        room.release()

    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        room.acquire()
        puts[number % len(puts)].future(put_request(number)).add_done_callback(note)
        number += 1
    for _ in range(WINDOW):
        room.acquire()
    for channel in channels:
        channel.close()
    return answered_ns


@contextmanager
def members(
    etcd: str, count: int, root: Path, over: Callable[[int], int] | None = None
) -> Iterator[tuple[list[int], list[int]]]:
    """Run a cluster; yield the members' process ids and client ports.

    Args:
        etcd: the program.
        count: of members.
        root: where their stores are made.
        over: turns a member's port into the one at which the others reach it; None: as it is.
    """
    ports = free_ports(2 * count)
    clients, peers = ports[:count], ports[count:]
    reached = peers if over is None else [over(port) for port in peers]
    everyone = ",".join(f"m{i}=http://127.0.0.1:{port}" for i, port in enumerate(reached))
    processes = []
    try:
        for place in range(count):
            home, log = root / f"m{place}", root / f"m{place}.log"
            with log.open("wb") as file:
                command = [etcd, "--name", f"m{place}", "--data-dir", os.fspath(home)]
                command += ["--initial-cluster", everyone, "--log-level", "error"]
                client = clients[place]
                command += ["--listen-peer-urls", f"http://127.0.0.1:{peers[place]}"]
                told = f"http://127.0.0.1:{reached[place]}"
                command += ["--initial-advertise-peer-urls", told]
                for option in ("--listen-client-urls", "--advertise-client-urls"):
                    command += [option, f"http://127.0.0.1:{client}"]
                processes.append(subprocess.Popen(command, stdout=file, stderr=file))
        yield [one.pid for one in processes], clients
    finally:
        for one in processes:
            one.terminate()
        for one in processes:
            try:
                one.wait(10)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def measure_size(etcd: str, count: int, effort: Effort) -> Iterator[Found]:
    with tempfile.TemporaryDirectory() as root, members(etcd, count, Path(root)) as (pids, ports):
        cluster = Cluster(ports)
        for number in range(WARM_UP):
            cluster.decide(number)
        puts = effort(PUTS, 5)
        before_s, begun = machine.total_cpu_s(pids), time.monotonic()
        times = [cluster.decide(WARM_UP + number) for number in range(puts)]
        elapsed_s, cpu_s = time.monotonic() - begun, machine.total_cpu_s(pids) - before_s
        cluster.close()
        answered, told = zip(*times, strict=True)
        yield figure("finality, at its author", answered, "ms", nodes=count, system=SYSTEM)
        yield figure("finality, on all nodes", told, "ms", nodes=count, system=SYSTEM)
        yield figure(
            "one after the other", [puts / elapsed_s], "decisions/s", nodes=count, system=SYSTEM
        )
        each = [cpu_s * 1000 / puts]
        yield figure("CPU a decision, all nodes", each, "ms", nodes=count, system=SYSTEM)
        memory = [machine.memory_mib(pid) for pid in pids]
        yield figure("memory after the decisions", memory, "MiB", nodes=count, system=SYSTEM)
        if count == FLOOD_SIZE:
            yield from measure_flood(pids, ports, effort(SECONDS, 3))


def measure_flood(pids: list[int], ports: list[int], seconds: float) -> Iterator[Found]:
    before_s, own_s = machine.total_cpu_s(pids), time.process_time()
    answered_ns = flood(ports, seconds)
    cpu_s, own_s = machine.total_cpu_s(pids) - before_s, time.process_time() - own_s
    rates = count_windows(answered_ns, WARM_UP_S)
    count, nodes = len(answered_ns), len(ports)
    yield figure("many at once", rates, "ops/s", nodes=nodes, system=SYSTEM)
    for work, spent_s in (
        ("many at once: CPU an op, all nodes", cpu_s),
        ("many at once: CPU an op, the client beside them", own_s),
    ):
        yield figure(work, [spent_s * 1000 / count], "ms", nodes=nodes, system=SYSTEM)
    memory = [machine.memory_mib(pid) for pid in pids]
    yield figure("many at once: memory of a node", memory, "MiB", nodes=nodes, system=SYSTEM)


def measure(effort: Effort) -> Iterator[Found]:
    etcd = find_etcd()
    if etcd is None:
        why = f"etcd is not installed: {INSTALL}"
        print(f"peer_etcd: {why}", file=sys.stderr)
        for work in ("finality, at its author", "finality, on all nodes", "many at once"):
            yield Missing(work, SYSTEM, why)
        return
    for count in [FLOOD_SIZE] if effort.quick else SIZES:
        yield from measure_size(etcd, count, effort)


if __name__ == "__main__":
    run(__doc__, measure)
