"""Real daemons for tests: processes that are started, asked, killed and started again.

A daemon says that it is ready through the supervisor's socket (sd_notify), so nothing
here sleeps or polls. Each answer is the HTTP status and the JSON document.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import urlencode

from support.hosts.asking import absolute
from support.hosts.openapi import described
from support.processes.forked import spawner

from p2pnode.home.identity import create_identity
from p2pnode.home.paths import Paths, find_paths

READY_S = 90.0  # importing and starting takes 1 s; the rest is for a busy machine
STOP_S = 10.0  # what the daemon promises
ANSWER_S = 150.0
COMMAND_S = 150.0

# Decisions are final at once, and nothing waits for minutes.
QUICK = {"timing.linger_ms": 0, "rules.away_interval_ms": 0}


@dataclass(frozen=True)
class Answer:
    status: int
    document: Any
    headers: Mapping[str, str]

    def __getitem__(self, key: str) -> Any:
        return self.document[key]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("node", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.fspath(self._path))


class Process(Protocol):
    """What is asked of a daemon's process, however it was started."""

    @property
    def pid(self) -> int: ...

    def send_signal(self, number: signal.Signals, /) -> None: ...

    def kill(self) -> None: ...

    def wait(self, timeout: float = ...) -> int: ...


class Daemon:
    """One home and the process that runs on it, when one does.

    It is forked from one that has imported everything (`support.processes.spawner`), as has each
    command.
    """

    def __init__(self, home: Path, **settings: str | None) -> None:
        """Args: `settings`: variables of its environment; None: not this one."""
        self.paths: Paths = find_paths(home)
        self.paths.prepare()
        create_identity(self.paths)
        outer = {key: value for key, value in os.environ.items() if not key.startswith("P2PNODE_")}
        wished: dict[str, str | None] = {
            **outer,
            "P2PNODE_HOME": str(home),
            "P2PNODE_NET_PORT": "0",
            "P2PNODE_NET_HOSTS": "127.0.0.1",
            "P2PNODE_NET_MDNS": "false",
            "P2PNODE_LOG_LEVEL": "debug",
            **settings,
        }
        self._env = {key: value for key, value in wished.items() if value is not None}
        self.inside: Sequence[str] = ()  # put before its command, to run it elsewhere
        self.program = "p2pnode"  # of `spawner.MODULES`: another one has other practices
        self._log = home / "test.log"
        self.process: Process | None = None

    def set(self, variable: str, value: str) -> None:
        """Set a variable for processes that start from here on."""
        self._env[variable] = value

    def unset(self, variable: str) -> None:
        """Take a variable from processes that start from here on."""
        del self._env[variable]

    # --- life -------------------------------------------------------------------------

    def launch(self) -> Process:
        """Start the process and return at once, whatever becomes of it."""
        with self._log.open("ab") as log:
            if not self.inside:
                return spawner().fork(self.program, (), self._env, log.fileno(), log.fileno())
            return subprocess.Popen(
                [*self.inside, sys.executable, "-m", "p2pnode"],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start(self) -> None:
        """Start the process and return when its API can be asked."""
        assert self.process is None
        told = self.paths.data_dir / "told"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            told.unlink(missing_ok=True)
            channel.bind(os.fspath(told))
            self._env["NOTIFY_SOCKET"] = os.fspath(told)
            self.process = self.launch()
            ended = os.pidfd_open(self.process.pid)
            try:
                heard, _, _ = select.select([channel.fileno(), ended], [], [], READY_S)
            finally:
                os.close(ended)
            assert channel.fileno() in heard, f"not ready after {READY_S} s, or dead:\n{self.log}"
            assert channel.recv(64) == b"READY=1"

    def stop(self) -> float:
        """Stop it in good order; return how long that took, in seconds."""
        process = self.process
        assert process is not None
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(STOP_S)
        self.process = None
        assert code == 0, self.log
        return time.monotonic() - begin

    def kill(self) -> None:
        """Kill it as power loss would, but for the disk's cache."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    # --- asking -----------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **query: str | int,
    ) -> Answer:
        """Send one request; its answer must be as the API describes itself.

        `path` is as `asking.absolute` takes it: mostly below the only community.
        """
        return self._ask(method, path, body, query, raw=raw, headers=headers)

    def _ask(
        self,
        method: str,
        path: str,
        body: object,
        query: Mapping[str, str | int],
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        target = absolute(path)
        if query:
            target += "?" + urlencode(query)
        data = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        connection = _UnixConnection(self.paths.socket, ANSWER_S)
        try:
            connection.request(
                method, target, data, {"Content-Type": "application/json", **(headers or {})}
            )
            response = connection.getresponse()
            content = response.read()
            kind = response.headers.get_content_type() if content else ""
            document = json.loads(content) if kind.endswith("json") else content.decode()
            described().check(method, target, response.status, kind, document)
            return Answer(response.status, document, dict(response.headers))
        finally:
            connection.close()

    def command(self, *arguments: str) -> tuple[int, str]:
        """Run the command line on this home; return its exit code and all it printed."""
        env = {key: value for key, value in self._env.items() if key != "NOTIFY_SOCKET"}
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            command = spawner().fork("p2pnode_cli", arguments, env, out.fileno(), err.fileno())
            code = command.wait(COMMAND_S)
            out.seek(0)
            err.seek(0)
            return code, out.read() + err.read()

    def get(self, path: str, **query: str | int) -> Any:
        return self._good(self._ask("GET", path, None, query))

    def post(self, path: str, body: object = None, **query: str | int) -> Any:
        return self._good(self._ask("POST", path, {} if body is None else body, query))

    def delete(self, path: str, **query: str | int) -> Any:
        return self._good(self._ask("DELETE", path, None, query))

    def put(self, path: str, body: object = None, **query: str | int) -> Any:
        return self._good(self._ask("PUT", path, body, query))

    def _good(self, answer: Answer) -> Any:
        assert answer.status < 300, f"{answer.status}: {answer.document}"
        return answer.document

    def refused(self, method: str, path: str, body: object = None, **query: str | int) -> Answer:
        """Send a request that must be refused; check the shape all problems have."""
        answer = self._ask(method, path, body, query)
        assert answer.status >= 400, answer.document
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer["status"] == answer.status
        assert answer["type"] == f"urn:p2pnode:error:{answer['code']}"
        assert answer["title"]
        assert answer["detail"]
        return answer

    def events(
        self, after: int | None = None, path: str = "events", **query: str
    ) -> Iterator[dict[str, Any]]:
        """Yield server-sent events as dicts with "event", "id" (or None) and "data"."""
        target = absolute(path) + (f"?{urlencode(query)}" if query else "")
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        connection = _UnixConnection(self.paths.socket, ANSWER_S)
        try:
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            assert response.status == 200
            event: dict[str, Any] = {"id": None}
            for line in response:
                key, _, value = line.decode().rstrip("\n").partition(": ")
                if not key and "event" in event:
                    yield event
                if not key:
                    event = {"id": None}
                elif key == "data":
                    event["data"] = json.loads(value)
                else:
                    event[key] = value
        finally:
            connection.close()

    # --- a community ------------------------------------------------------------------

    def found(self, name: str, **changes: object) -> Any:
        body = {"name": "Ops", "member_name": name, "changes": {**QUICK, **changes}}
        return self.post("communities", body)

    def invite(self, name: str, voters: Sequence[Daemon] = ()) -> str:
        """Return a link that works at once: `voters` are all other members."""
        receipt = self.post("invites", {"name": name}, wait="final")
        proposal = receipt["proposal"]["id"]
        for voter in voters:
            voter.get("status", min_index=self.get("status")["log"]["index"])
            voter.post(f"proposals/{proposal}/votes", {"choice": "yes"})
        decided = self.get(f"proposals/{proposal}", wait="final")
        assert decided["outcome"] == "passed", decided
        link = receipt["link"]
        assert isinstance(link, str)
        return link

    def admit(self, other: Daemon, name: str, voters: Sequence[Daemon] = ()) -> None:
        """Invite `name` and let `other` join; returns when both know the seat."""
        members = self.get("status")["community"]["members"]
        link = self.invite(name, voters)
        joined = other.post("node/joins", {"link": link, "member_name": name}, wait="final")
        assert joined["stage"] == "admitted", joined
        status = self.get("status", min_members=members + 1)
        assert not status["timed_out"], status


def bind(owner: Daemon, further: Daemon) -> str:
    """Make `further` a device of `owner`'s seat; return its id."""
    link = owner.get("link")["link"]
    seat = owner.get("members/me")["id"]
    binding = further.post("node/device-bindings", {"link": link, "member": seat})["binding"]
    owner.post("members/me/devices", {"binding": binding}, wait="final")
    further.post("node/joins", {"link": link, "member_name": "unused"})
    status = further.get("status", state="member")
    assert not status["timed_out"], status
    device = further.get("node")["device"]["id"]
    assert isinstance(device, str)
    return device


Start = Callable[..., list[Daemon]]  # names in, running members of one community out


def community(
    daemons: Sequence[Daemon],
    names: Sequence[str],
    changes: Mapping[str, object] = MappingProxyType({}),
) -> list[Daemon]:
    """Start the daemons and make each a member, by its name, of one community."""
    for daemon in daemons:
        daemon.start()
    daemons[0].found(names[0], **changes)
    for place, name in enumerate(names[1:], 1):
        daemons[0].admit(daemons[place], name, daemons[1:place])
    for daemon in daemons:
        status = daemon.get("status", min_members=len(names), min_reachable=len(names))
        assert not status["timed_out"], status
    return list(daemons)
