"""Processes of the daemon and of its commands, forked from `support.processes.spawner`."""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[2]
WAIT_S = 30.0
ANSWER_BYTES = 100


class Spawner:
    """The process that others are forked from, until `close`. Any thread may use it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._orders, theirs):  # an order holds a whole environment
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "support.processes.spawner", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": str(TESTS)},
            )

    def fork(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], out: int, err: int
    ) -> Child:
        """Start a module of ours as `python -m` would, in this folder.

        Args:
            out, err: descriptors of its output and its errors; it reads nothing.
        """
        order = {"run": module, "arguments": [*arguments], "env": {**env}, "cwd": os.getcwd()}
        return Child(self, self._ask(order, [out, err]))

    def wait(self, process: int) -> int:
        """Return the exit code of one that has ended, or minus the signal that ended it."""
        return self._ask({"wait": process}, [])

    def _ask(self, order: Mapping[str, Any], descriptors: list[int]) -> int:
        with self._turn:
            socket.send_fds(self._orders, [json.dumps(order).encode()], descriptors)
            answer = self._orders.recv(ANSWER_BYTES)
        assert answer, "the process that others are forked from has ended"
        return int(json.loads(answer))

    def close(self) -> None:
        self._orders.close()
        self._process.wait()


@functools.cache
def spawner() -> Spawner:
    """Return the one that all tests of this process share."""
    made = Spawner()
    atexit.register(made.close)
    return made


class Child:
    """A forked process, used like a `Popen`."""

    def __init__(self, spawner: Spawner, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._spawner = spawner
        self._descriptor = os.pidfd_open(pid)

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float = WAIT_S) -> int:
        if self.returncode is None:
            ended, _, _ = select.select([self._descriptor], [], [], timeout)
            assert ended, f"process {self.pid} goes on after {timeout} s"
            os.close(self._descriptor)
            self.returncode = self._spawner.wait(self.pid)
        return self.returncode
