"""How long a round of small frames takes between nets on this machine, without any consensus.

    python3 dev.py bench rounds [--nodes 2 4 7] [--rounds 500] [--bytes 600]

Each net is a process. In a round everybody sends a frame to everybody else, and begins the
next when it has the frames of all: what a round of blocks costs at the very least, so three
of them are the floor under the time to finality. For two nets it is a round trip.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

import trio
from measuring.nets import Place, meet, tell

from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.steps.inputs import Received

WARM_UP = 20  # rounds that are not counted


async def take_part(number: int, rounds: int, size: int) -> None:
    """Be one net: meet the others, run the rounds when told to."""
    async with meet(number) as place:
        await trio.to_thread.run_sync(sys.stdin.readline)
        tell(await run_rounds(place, rounds, size))
        await trio.to_thread.run_sync(sys.stdin.readline)


async def run_rounds(place: Place, rounds: int, size: int) -> dict[str, float]:
    heard = [0] * (rounds + WARM_UP)
    times_ms: list[float] = []
    cpu_s = time.process_time()
    for number in range(rounds + WARM_UP):
        began = time.perf_counter()
        push = Push(texts=(number.to_bytes(4, "big") + bytes(size),))
        for peer in place.peers:
            place.net.enqueue(peer, push)
        while heard[number] < len(place.peers):
            event = await place.events.receive()
            if isinstance(event, Received) and isinstance(event.message, Push):
                heard[int.from_bytes(event.message.texts[0][:4], "big")] += 1
        times_ms.append((time.perf_counter() - began) * 1000)
    cpu_ms = (time.process_time() - cpu_s) * 1000 / len(heard)
    times_ms = sorted(times_ms[WARM_UP:])
    p99 = times_ms[round(0.99 * (len(times_ms) - 1))]
    return {"median_ms": statistics.median(times_ms), "p99_ms": p99, "cpu_ms": cpu_ms}


def measure(nodes: int, rounds: int, size: int) -> dict[str, float]:
    """Return the means over all nets of what each measured."""
    command = [sys.executable, __file__, "--be", "0", "--rounds", str(rounds), "--bytes", str(size)]
    processes: list[subprocess.Popen[str]] = []
    for number in range(nodes):
        command[3] = str(number)
        processes.append(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
    try:
        everyone = [hear(one) for one in processes]
        for answer in (everyone, "go", "end"):
            for one in processes:
                assert one.stdin is not None
                one.stdin.write(json.dumps(answer) + "\n")
                one.stdin.flush()
            if answer != "end":
                results = [hear(one) for one in processes]
    finally:
        for one in processes:
            try:
                one.wait(5)
            except subprocess.TimeoutExpired:
                one.kill()
    return {key: statistics.mean(one[key] for one in results) for key in results[0]}


def hear(process: subprocess.Popen[str]) -> dict[str, float]:
    assert process.stdout is not None
    line: dict[str, float] = json.loads(process.stdout.readline())
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nodes", type=int, nargs="+", default=[2, 4, 7])
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--bytes", type=int, default=600)
    parser.add_argument("--be", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.be is not None:
        trio.run(take_part, arguments.be, arguments.rounds, arguments.bytes)
        return
    print("nodes  round median  round p99  CPU per node and round")
    for nodes in arguments.nodes:
        found = measure(nodes, arguments.rounds, arguments.bytes)
        print(
            f"{nodes:5}  {found['median_ms']:9.2f} ms  {found['p99_ms']:6.2f} ms"
            f"  {found['cpu_ms']:19.2f} ms"
        )


if __name__ == "__main__":
    main()
