"""A person at a terminal: a home, the commands they type there, and the node they run.

Everything goes through `p2pnode` itself, as processes; nothing sleeps, everything has a
deadline.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from p2pnode.home.paths import find_paths
from p2pnode_cli.asked.client import Api

READY_S = 60.0
COMMAND_S = 120.0


@dataclass(frozen=True)
class Typed:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """One person's: a home, the commands typed there, and the node when it runs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._env = {
            **{name: value for name, value in os.environ.items() if "P2PNODE" not in name},
            "P2PNODE_HOME": str(home),
        }
        self._node: subprocess.Popen[str] | None = None

    @property
    def is_running(self) -> bool:
        return self._node is not None

    @property
    def api(self) -> Api:
        return Api(find_paths(self.home, {}).socket, READY_S)

    def type(self, *arguments: str, code: int = 0) -> Typed:
        """Run one command; it must end with `code`."""
        done = subprocess.run(
            self._command(*arguments),
            cwd=self.home.parent,  # files that are named lie here, for all
            env=self._env,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        typed = Typed(done.returncode, done.stdout, done.stderr)
        assert typed.code == code, f"{self.home.name}$ p2pnode {' '.join(arguments)}: {typed}"
        return typed

    def transcript(self, *arguments: str) -> list[str]:
        """Run one command; return the lines a terminal would show, of both streams."""
        done = subprocess.run(
            self._command(*arguments),
            cwd=self.home.parent,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        return done.stdout.splitlines()

    def launch(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that goes on; its stdout is a pipe."""
        with (self.home / "stderr.log").open("a") as log:
            return subprocess.Popen(
                self._command(*arguments),
                cwd=self.home.parent,
                env=self._env,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def run(self) -> None:
        """Type `p2pnode run` and leave it running; returns once it says that it is ready."""
        self._node = self.launch("run", "--json", "--port", "0", "--host", "127.0.0.1", "--no-mdns")
        ready = json.loads(Lines(self._node).next())
        assert ready["schema"] == "p2pnode/ready/1"

    def end(self, number: signal.Signals) -> int:
        """End the node with a signal; return its exit code."""
        assert self._node is not None
        self._node.send_signal(number)
        code = self._node.wait(READY_S)
        assert self._node.stdout is not None
        self._node.stdout.close()
        self._node = None
        return code

    def close(self) -> None:
        if self._node is not None:
            self.end(signal.SIGKILL)

    def log_end(self) -> str:
        """Return the last of what its long-running commands wrote to stderr."""
        file = self.home / "stderr.log"
        return file.read_text()[-4000:] if file.exists() else ""

    def show(self, proposal: str, *more: str) -> Any:
        return self.type("show", proposal, "--json", *more).json

    @staticmethod
    def _command(*arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "p2pnode_cli", *arguments]


class Watching:
    """`p2pnode watch --json` in a terminal, read event by event until the block ends."""

    def __init__(self, one: Terminal) -> None:
        self._process = one.launch("watch", "--json")
        self._lines = Lines(self._process)

    def next(self) -> Any:
        return json.loads(self._lines.next())

    def __enter__(self) -> Watching:
        assert self.next()["type"] == "hello"  # from here on nothing is missed
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.terminate()
        self._process.communicate()


class Lines:
    """The lines of a process, each of which must come before `READY_S`.

    Python's own line reading hides from `select` what it has read ahead.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._descriptor = process.stdout.fileno()
        self._read = b""

    def next(self) -> str:
        while b"\n" not in self._read:
            readable, _, _ = select.select([self._descriptor], [], [], READY_S)
            assert readable != [], "no line in time"
            more = os.read(self._descriptor, 1 << 16)
            assert more != b"", "the process ended"
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line.decode()


def flat(text: str) -> str:
    """Return what stands in wrapped lines as one."""
    return " ".join(text.split())
