"""The API of a node in this process, asked without a socket: its ASGI application is called.

What HTTP servers do to a request before they pass it on (their limits, their framing) is not
here; tests of that run a daemon.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import trio
from starlette.types import ASGIApp, Message, Scope

from p2pnode import Host
from p2pnode import practices as rooms
from p2pnode.api.app import make_asgi
from p2pnode.community.community import Community
from p2pnode.home.config import load_config
from p2pnode.home.keystore import create_key
from p2pnode.home.paths import find_paths
from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.record.seam.in_force import Practices

SETTINGS = {
    "net.port": 0,
    "net.hosts": ["127.0.0.1"],
    "net.mdns": False,
    "limits.ops_per_minute": 60_000,
}
JSON = (("content-type", "application/json"),)
ANSWER_S = 60.0

Headers = Sequence[tuple[str, str]]

ABOUT_NODE = ("node", "communities", "openapi.json")  # first parts of what no community is asked


def is_of_node(target: str) -> bool:
    return re.split("[/?]", target, maxsplit=1)[0] in ABOUT_NODE


def absolute(target: str) -> str:
    """Return a target that tests name in short: of the node, else of its only community."""
    if target.startswith("/"):
        return target
    return f"/api/v1/{target}" if is_of_node(target) else f"/api/v1/communities/only/{target}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    def __getitem__(self, key: str) -> Any:
        return self.document[key]

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass(frozen=True)
class Asker:
    """A node and its application."""

    host: Host
    app: ASGIApp

    @property
    def community(self) -> Community:
        return self.host.community()

    async def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Headers | None = None,
        parts: int | None = None,
        is_whole: bool = False,
    ) -> Answer:
        """Send one request; return its answer, or the first `parts` parts of one.

        Args:
            method: of HTTP.
            target: below the only community, below /api/v1 (`is_of_node`), or absolute with a
                leading slash; spelled as on the wire.
            body: sent as JSON; or
            raw: bytes.
            headers: None: those of JSON, when there is a body.
            parts: of a stream: hang up after so many.
            is_whole: `target` is as on the wire, whatever it begins with.
        """
        if not is_whole:
            target = absolute(target)
        if raw is None:
            raw = b"" if body is None else json.dumps(body).encode()
        if headers is None:
            headers = JSON if raw else ()
        path, _, query = target.partition("?")
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
            "client": None,
            "server": ("node", None),
            "state": {},
        }
        requests: list[Message] = [{"type": "http.request", "body": raw, "more_body": False}]
        sent: list[Message] = []
        with trio.fail_after(ANSWER_S), trio.CancelScope() as asking:

            async def receive() -> Message:
                if requests:
                    return requests.pop()
                await trio.sleep_forever()
                raise AssertionError

            async def send(message: Message) -> None:
                sent.append(message)
                if parts is not None and len(sent) > parts:
                    asking.cancel()

            await self.app(scope, receive, send)
        found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(one.get("body", b"") for one in sent[1:]))


@asynccontextmanager
async def asked(home: Path, practices: Practices = PRACTICES) -> AsyncIterator[Asker]:
    """Open a home, made when there is none, and its API; the program has these practices."""
    paths = find_paths(home)
    if not paths.key_file.exists():
        paths.prepare()
        create_key(paths.key_file)
    config = load_config(paths.config_file, SETTINGS)
    async with Host.start(paths, config, practices=practices) as host:
        yield Asker(host, make_asgi(host, rooms.routes()))


@asynccontextmanager
async def founder(home: Path, linger_ms: int = 0) -> AsyncIterator[Asker]:
    """Open the home of a community of one, whose votes decide at once."""
    async with asked(home) as asker:
        changes = {"timing.linger_ms": linger_ms, "rules.max_open_per_member": 256}
        await asker.host.found("Ops", "alice", changes=changes)
        yield asker
