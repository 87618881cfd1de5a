"""The floor under the time to finality: three signed rounds over the same transport, no protocol.

    python3 dev.py bench floor

Each net is a process. One of them signs a frame and sends it to all; whoever hears of a round
for the first time signs and sends its own; with the frames of all it goes on to the next round.
A decision is three such rounds, as the commit rule needs, and nothing else: no core, no
ops, no disk. Every frame is as long as a block, and everyone verifies its Ed25519 signature. It
is timed from the first signature until the net that has the last frame last.
"floor, fsynced"
does the same and saves each own frame before it is sent, as a node must.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import trio
from measuring import machine
from measuring.command import Effort, run
from measuring.community import environment
from measuring.figures import Found, Point, figure
from measuring.nets import meet, tell

from p2pnode.net import Net, NetEvent
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.steps.inputs import Received
from p2pnode_protocols.wire.crypto import Ed25519Signer, verify_ed25519
from p2pnode_protocols.wire.ids import DeviceKey

ROUNDS = 3
WARM_UP = 10  # decisions that are not counted
DECISIONS = {3: 100, 4: 100, 7: 60, 10: 30, 16: 20}  # by nets
FSYNCED = (4, 7, 16)
HEAD_BYTES = 5  # of a frame: decision, round
SIGNATURE_BYTES = 64
BLOCK_BYTES, PARENT_BYTES = 300, 34  # a block, and what each of its parents adds


@dataclass
class Taking:
    """One net's part: what it has sent and heard of the decision that is under way."""

    net: Net
    signer: Ed25519Signer
    size: int
    file: IO[bytes] | None
    peers: tuple[DeviceKey, ...]
    decision: int = -1
    round: int = 0  # the last one sent
    heard: dict[int, int] = field(default_factory=dict)  # round → frames, this decision's

    def begin(self, decision: int) -> None:
        if decision != self.decision:
            self.decision, self.round, self.heard = decision, 0, {}

    def send(self) -> None:
        self.round += 1
        said = self.decision.to_bytes(4, "big") + bytes([self.round]) + bytes(self.size)
        frame = self.signer.sign(said) + said
        if self.file is not None:
            self.file.write(frame)
            os.fsync(self.file.fileno())
        for peer in self.peers:
            self.net.enqueue(peer, Push(texts=(frame,)))

    def hear(self, peer: DeviceKey, frame: bytes) -> bool:
        """Take a frame in; return whether the decision is complete here with it."""
        signature, said = frame[:SIGNATURE_BYTES], frame[SIGNATURE_BYTES:]
        assert verify_ed25519(peer, said, signature)
        self.begin(int.from_bytes(said[:4], "big"))
        self.heard[said[4]] = self.heard.get(said[4], 0) + 1
        if self.round == 0:
            self.send()
        while self.heard.get(self.round, 0) == len(self.peers):
            if self.round == ROUNDS:
                return True
            self.send()
        return False


async def take_part(number: int, size: int, path: str) -> None:
    """Be one net: meet the others, run the rounds."""
    async with meet(number) as place, trio.open_nursery() as nursery:
        with Path(path or os.devnull).open("wb", buffering=0) as file:  # noqa: ASYNC230  at start
            kept = file if path else None
            taking = Taking(place.net, Ed25519Signer(place.seed), size, kept, place.peers)
            nursery.start_soon(obey, taking)
            await listen(taking, place.events)


async def obey(taking: Taking) -> None:
    """Begin the decisions that this net is told to begin; end the process with the input."""
    async with trio.lowlevel.FdStream(os.dup(0)) as stream:
        async for chunk in stream:
            for line in chunk.split(b"\n"):  # one is written at a time, so none comes in halves
                if line:
                    tell({"at_ns": time.monotonic_ns()})
                    taking.begin(int(line))
                    taking.send()
    tell({"cpu_ns": time.process_time_ns()})
    os._exit(0)  # the others may be gone already: no good-byes


async def listen(taking: Taking, events: trio.MemoryReceiveChannel[NetEvent]) -> None:
    async for event in events:
        if isinstance(event, Received) and isinstance(event.message, Push):
            for frame in event.message.texts:
                if taking.hear(event.peer, frame):
                    tell({"done_ns": time.monotonic_ns()})


class Party:
    """The processes of one measurement, and what they tell."""

    def __init__(self, nets: int, folder: Path, fsync: bool) -> None:
        size = BLOCK_BYTES + PARENT_BYTES * nets - HEAD_BYTES - SIGNATURE_BYTES
        self.processes = [
            subprocess.Popen(
                [sys.executable, __file__, "--be", str(number), str(size)]
                + ([os.fspath(folder / f"{number}")] if fsync else []),
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(nets)
        ]
        everyone = [self.hear(one) for one in self.processes]
        for one in self.processes:
            self.say(one, json.dumps(everyone))
        for one in self.processes:
            self.hear(one)

    @staticmethod
    def say(process: subprocess.Popen[str], line: str) -> None:
        assert process.stdin is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()

    @staticmethod
    def hear(process: subprocess.Popen[str]) -> Any:
        assert process.stdout is not None
        return json.loads(process.stdout.readline())

    def decide(self, number: int) -> tuple[float, float]:
        """Let one net begin; return ms until it is done there, and with all."""
        first = self.processes[number % len(self.processes)]
        self.say(first, str(number))
        began_ns = self.hear(first)["at_ns"]
        done = {one.pid: self.hear(one)["done_ns"] for one in self.processes}
        return (done[first.pid] - began_ns) / 1e6, (max(done.values()) - began_ns) / 1e6

    def stop(self) -> None:
        for one in self.processes:
            assert one.stdin is not None
            one.stdin.close()
        for one in self.processes:
            try:
                one.wait(10)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def measure_size(nets: int, decisions: int, fsync: bool) -> Iterator[Found]:
    system = "floor, fsynced" if fsync else "floor"
    with tempfile.TemporaryDirectory() as folder:
        party = Party(nets, Path(folder), fsync)
        try:
            for number in range(WARM_UP):
                party.decide(number)
            pids = [one.pid for one in party.processes]
            before_s = machine.total_cpu_s(pids)
            times = [party.decide(WARM_UP + number) for number in range(decisions)]
            cpu_s = machine.total_cpu_s(pids) - before_s
        finally:
            party.stop()
    first, last = zip(*times, strict=True)
    yield figure("finality, at its author", first, "ms", nodes=nets, system=system)
    on_all = figure("finality, on all nodes", last, "ms", nodes=nets, system=system)
    yield on_all
    each_ms = cpu_s * 1000 / decisions
    yield figure("CPU a decision, all nodes", [each_ms], "ms", nodes=nets, system=system)
    if not fsync:
        yield Point("members", "finality, on all nodes: floor", nets, on_all.median)
        yield Point("members", "CPU a decision, all nodes: floor", nets, each_ms)


def measure(effort: Effort) -> Iterator[Found]:
    for nets in [3] if effort.quick else DECISIONS:
        yield from measure_size(nets, effort(DECISIONS[nets], 3), fsync=False)
        if nets in FSYNCED or effort.quick:
            yield from measure_size(nets, effort(DECISIONS[nets], 3), fsync=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--be"]:
        trio.run(take_part, int(sys.argv[2]), int(sys.argv[3]), "".join(sys.argv[4:]))
    else:
        run(__doc__, measure)
