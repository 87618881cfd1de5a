"""A switch in user space that delays, holds up and loses Ethernet frames.

Started in the hub's namespace as `python relay.py SEED PORT…`, it reads every frame that the
hosts send (AF_PACKET) and sends it on: so it is the kernels' own TCP that meets the loss and
the delay. Rules come as JSON lines on stdin, each answered with the counts so far; the end
of stdin ends it.
"""

from __future__ import annotations

import heapq
import json
import random
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_FRAME_BYTES = 65_600  # a coalesced segment with its headers
_IGNORE_OUTGOING = 23  # PACKET_IGNORE_OUTGOING of linux/if_packet.h: not what we sent ourselves
_SOL_PACKET = 263
_ALL = 0x0003  # ETH_P_ALL
_BROADCAST = 0x01  # in the first byte of an address: to everybody


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to frames of one direction. They keep their order, as on one path."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0  # up to so much more or less, evenly
    loss: float = 0.0  # share of the frames; 1: a cable with one wire


CLEAR = Rule()


class Relay:
    """The relay of a lab, as whoever runs the lab holds it."""

    def __init__(self, inside: Sequence[str], ports: Mapping[str, str], seed: int) -> None:
        """Args: `ports` are the devices by host; `inside` enters their namespace."""
        self._places = {name: place for place, name in enumerate(ports)}
        self._process = subprocess.Popen(
            [*inside, sys.executable, "-I", str(Path(__file__)), str(seed), *ports.values()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.set(CLEAR)  # answered when it carries frames

    def set(
        self, rule: Rule, *, of: Sequence[str] | None = None, to: Sequence[str] | None = None
    ) -> tuple[int, int]:
        """Set the rule for frames of some hosts to others; None: all.

        Returns:
            How many frames have been sent on, and lost, so far.
        """
        order = {
            "rule": asdict(rule),
            "of": [self._places[name] for name in (self._places if of is None else of)],
            "to": [self._places[name] for name in (self._places if to is None else to)],
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the relay has died")
        sent, lost = json.loads(answer)
        return sent, lost

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Switch:
    """Ports, the rules between them, and the frames under way."""

    def __init__(self, ports: Sequence[str], rng: random.Random) -> None:
        self._rng = rng
        self._sockets = [_open(port) for port in ports]
        self._rules = {(a, b): CLEAR for a in range(len(ports)) for b in range(len(ports))}
        self._latest = dict.fromkeys(self._rules, 0.0)  # no frame overtakes another
        self._behind: dict[bytes, int] = {}  # hardware address -> port
        self._waiting: list[tuple[float, int, int, bytes]] = []  # due, number, port, frame
        self._sent = self._lost = 0
        self._number = 0

    def run(self) -> None:
        """Carry frames until stdin ends."""
        ready = select.epoll()
        ready.register(sys.stdin, select.EPOLLIN)
        places = {one.fileno(): place for place, one in enumerate(self._sockets)}
        for one in self._sockets:
            ready.register(one, select.EPOLLIN)
        while True:
            for fd, _ in ready.poll(self._patience_s()):
                if fd in places:
                    self._take(places[fd])
                elif not self._obey():
                    return
            now = time.monotonic()
            while self._waiting and self._waiting[0][0] <= now:
                _, _, port, frame = heapq.heappop(self._waiting)
                self._send(port, frame)

    def _patience_s(self) -> float:
        return max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else -1

    def _obey(self) -> bool:
        line = sys.stdin.readline()
        if not line:
            return False
        order = json.loads(line)
        for of in order["of"]:
            for to in order["to"]:
                self._rules[of, to] = Rule(**order["rule"])
        print(json.dumps([self._sent, self._lost]), flush=True)
        return True

    def _take(self, of: int) -> None:
        """Read one frame and let it wait for its time, once for each port it goes to."""
        frame = self._sockets[of].recv(_FRAME_BYTES)
        to, sender = frame[:6], frame[6:12]
        self._behind[sender] = of
        known = None if to[0] & _BROADCAST else self._behind.get(to)
        ports = range(len(self._sockets)) if known is None else (known,)
        for port in ports:
            if port == of:
                continue
            rule = self._rules[of, port]
            if rule.loss > 0 and self._rng.random() < rule.loss:
                self._lost += 1
                continue
            delay_ms = rule.delay_ms + rule.jitter_ms * self._rng.uniform(-1, 1)
            due = max(time.monotonic() + delay_ms / 1000, self._latest[of, port])
            self._latest[of, port] = due
            self._number += 1
            heapq.heappush(self._waiting, (due, self._number, port, frame))

    def _send(self, port: int, frame: bytes) -> None:
        try:
            self._sockets[port].send(frame)
        except BlockingIOError:
            self._lost += 1  # the queue is full: any switch drops then
        else:
            self._sent += 1


def _open(port: str) -> socket.socket:
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
    opened.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
    opened.setblocking(False)
    opened.bind((port, _ALL))
    return opened


if __name__ == "__main__":
    seed, *ports = sys.argv[1:]
    Switch(ports, random.Random(int(seed))).run()
