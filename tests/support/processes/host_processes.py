"""Hosts as processes, members of the same communities: started, told, killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.hosts.hosting import make_home

TESTS = Path(__file__).parents[2]
STOP_S = 20.0


class HostProcess:
    """A home and the process that runs on it, when one does."""

    def __init__(self, home: Path) -> None:
        self.home = make_home(home)
        self.inside: Sequence[str] = ()  # put before its command, to run it elsewhere
        self._log = home / "test.log"
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def start(self) -> None:
        assert self._process is None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self.inside,
                    sys.executable,
                    "-m",
                    "support.processes.host_program",
                    str(self.home),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PYTHONPATH": str(TESTS)},
            )
        assert self._answer()["ready"]

    def ask(self, do: str, **values: object) -> None:
        """Tell it to do something; `answer` returns what became of that."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the host has ended:\n{self.log}"
        found: dict[str, Any] = json.loads(line)
        return found

    def refused(self, do: str, **values: object) -> str:
        """Return the code with which something is refused."""
        self.ask(do, **values)
        code: str = self._answer()["code"]
        return code

    def call(self, do: str, **values: object) -> dict[str, Any]:
        self.ask(do, **values)
        found = self._answer()
        assert "code" not in found, found
        return found

    def stop(self) -> None:
        """Stop it in good order."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        assert self._process.wait(STOP_S) == 0, self.log
        self._process.stdout.close()
        self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def found_all(hosts: Sequence[HostProcess], communities: Sequence[str]) -> None:
    """Make all of them members of all these communities."""
    for name in communities:
        hosts[0].call("found", name=name, member="member 0")
        for place, host in enumerate(hosts[1:], 1):
            invited = hosts[0].call("invite", **{"in": name}, name=f"member {place}")
            for voter in hosts[1:place]:
                voter.call("vote", **{"in": name}, op=invited["op"])
            assert hosts[0].call("wait", **{"in": name}, op=invited["op"])["outcome"] == "passed"
            joined = host.call("join", link=invited["link"], name=f"member {place}")
            assert joined["stage"] == "admitted"
        for host in hosts:
            assert host.call("meet", **{"in": name}, members=len(hosts))["is_met"]


def decide(hosts: Sequence[HostProcess], community: str, title: str) -> None:
    """Let all vote yes, and wait until it is final at all of them."""
    opened = hosts[0].call("propose", **{"in": community}, title=title)["op"]
    for host in hosts[1:]:
        host.call("vote", **{"in": community}, op=opened)
    for host in hosts:
        assert host.call("wait", **{"in": community}, op=opened) == {
            "outcome": "passed",
            "grade": "final",
        }
