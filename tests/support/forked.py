"""`Daemon`s whose processes are forked from `support.spawner`, to be killed by the hundred."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

from support.daemons import Daemon

TESTS = Path(__file__).parents[1]


class Spawner:
    """The process that daemons are forked from, until `close`."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.spawner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            text=True,
        )

    def fork(self, env: dict[str, str], log: Path) -> int:
        """Return the number of a new process; any thread may ask."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps({"env": env, "log": str(log)}) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


class Child:
    """A forked process, used like a `Popen`. Its exit code is not known: it is not ours."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)

    def send_signal(self, number: signal.Signals) -> None:
        signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float = 30.0) -> int:
        ended, _, _ = select.select([self._descriptor], [], [], timeout)
        assert ended, f"process {self.pid} goes on after {timeout} s"
        os.close(self._descriptor)
        return 0


class ForkedDaemon(Daemon):
    """A home whose process is forked, hence ready in a tenth of the time."""

    def __init__(self, spawner: Spawner, home: Path, **settings: str) -> None:
        super().__init__(home, **settings)
        self._spawner = spawner

    def launch(self) -> Child:  # type: ignore[override]  # what Daemon uses of a Popen
        return Child(self._spawner.fork(self._env, self._log))
