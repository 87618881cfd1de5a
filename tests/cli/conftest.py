"""A stand-in for the daemon: the API's shapes over a Unix socket, and nothing behind them.

`test_shapes.py` holds its documents against the API's own dataclasses, so that it cannot
drift from what the real daemon answers.
"""

from __future__ import annotations

import json
import os
import re
import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from support.hints import problems_of, steps_in

from p2pnode_cli.main import run
from p2pnode_cli.shown.terminal import Terminal

Json = dict[str, Any]

_PROPOSAL = "pro_" + "k3v7abcd" + "x" * 44 + "aaaaaa"
_REVISION = "pro_" + "m5wq2222" + "x" * 44 + "bbbbbb"
_COMMUNITY = "com_" + "c" * 58
_TIME = "2030-05-17T12:00:00.000Z"


def person(name: str) -> Json:
    return {"id": f"mem_{name}{'x' * 40}", "name": name}


def summary(**changes: Any) -> Json:
    return {
        "id": _PROPOSAL,
        "number": 7,
        "title": "Move the stand-up to ten",
        "tier": "tactical",
        "author": person("bob"),
        "action": {"kind": "none"},
        "outcome": "open",
        "effect": "none",
        "grade": "open",
        "opened_at": "2030-05-16T12:00:00.000Z",
        "closes_at": "2099-05-17T12:00:00.000Z",
        "counts_until": "2099-05-17T12:00:00.000Z",
        "decided_at": None,
        "tally": {"yes": 2, "no": 1, "aside": 0, "missing": 2, "electorate": 5},
        "required_yes": 3,
        "my_vote": None,
        "needs_my_vote": True,
        "revision": 1,
        "revision_id": _PROPOSAL,
    } | changes


def parts(text: str | None) -> list[Json]:
    said = [] if text is None else text.split("\n\n")
    return [
        {"number": number, "id": "9f" * 32, "text": one, "state": "here"}
        for number, one in enumerate(said, 1)
    ]


def revision(number: int, text: str | None, *, arrived: bool = True) -> Json:
    return {
        "id": _PROPOSAL if number == 1 else _REVISION,
        "number": number,
        "title": "Move the stand-up to ten",
        "text": text,
        "parts": parts(text),
        "arrived": arrived,
        "at": _TIME,
    }


def proposal(**changes: Any) -> Json:
    return (
        summary()
        | {
            "schema": "p2pnode/proposal/1",
            "text": "Half past nine is too early for those with children.",
            "formula": "2 yes of 5 = 40 % < 60 %: 3 yes needed",
            "epoch": 4,
            "min_open_until": None,
            "revisions": [revision(1, "Half past nine is too early for those with children.")],
            "votes": [
                {
                    "member": person("bob"),
                    "choice": "yes",
                    "reason": "my train comes at 9:40",
                    "at": _TIME,
                    "state": "final",
                    "revision": 1,
                    "counted": True,
                    "elsewhere": False,
                }
            ],
            "concerned": None,
            "missing": [person("alice"), person("erin")],
            "refused_votes": [],
            "effect": "none",
            "withdrawn_for": None,
            "timed_out": False,
        }
        | changes
    )


def device(**changes: Any) -> Json:
    return {"id": "dev_" + "d" * 58, "node": True, "me": True, "forked": False} | changes


def member(name: str, **changes: Any) -> Json:
    return (
        person(name)
        | {
            "kind": "person",
            "away": False,
            "lost_at": None,
            "me": name == "alice",
            "on_committee": True,
            "connected": name != "erin",
            "last_seen_at": None,
            "invited_as": None,
            "devices": [
                {"id": "dev_" + "d" * 58, "node": True, "me": name == "alice", "forked": False}
            ],
        }
        | changes
    )


def committee(**changes: Any) -> Json:
    return {
        "size": 5,
        "quorum": 4,
        "faults_tolerated": 1,
        "sleepers_tolerated": 1,
        "reachable": 4,
        "missing": [person("erin") | {"last_seen_at": None, "connected": False}],
        "can_finalize": True,
        "message": "4 of 5 nodes reachable, 4 needed: decisions can become final",
    } | changes


def status(**changes: Any) -> Json:
    return {
        "schema": "p2pnode/status/1",
        "id": _COMMUNITY,
        "state": "member",
        "now": _TIME,
        "member": member("alice"),
        "community": {
            "id": _COMMUNITY,
            "name": "Our allotment",
            "created_at": _TIME,
            "fault_model": "byzantine",
            "members": 5,
            "rebuilds": [],
        },
        "epoch": {"number": 4, "id": "epo_" + "e" * 58},
        "log": {"index": 41, "root": "ab" * 32, "time": _TIME},
        "committee": committee(),
        "needs_my_vote": [summary()],
        "open_proposals": 1,
        "refused_ops": [],
        "refused_ops_total": 0,
        "pending_ops": 0,
        "round": 12,
        "joining": None,
        "warnings": [],
        "counters": {
            "steps": 1,
            "rounds": 1,
            "commits": 41,
            "ops_final": 60,
            "forks": 0,
            "divergences": 0,
            "refused_from_peers": {},
            "refused_by_peers": {},
        },
        "timed_out": False,
    } | changes


def line(of: Json | None = None, **changes: Any) -> Json:
    """Return how a community with this status stands in a list."""
    whole = status() if of is None else of
    known, member = whole["community"], whole["member"]
    return {
        "id": whole["id"],
        "name": None if known is None else known["name"],
        "state": whole["state"],
        "members": None if known is None else known["members"],
        "member": None if member is None else {one: member[one] for one in ("id", "name")},
        "needs_my_vote": len(whole["needs_my_vote"]),
        "refused_ops": whole["refused_ops_total"],
        "joining": whole["joining"],
        "trouble": None,
    } | changes


def node(*lines: Json, **changes: Any) -> Json:
    """Return the status of a process with these communities."""
    return {
        "schema": "p2pnode/node/1",
        "version": "0.1.0",
        "pid": 4711,
        "home": "/home/alice/node",
        "started_at": _TIME,
        "now": _TIME,
        "device": {"id": "dev_" + "d" * 58, "peer_id": "12D3KooWexample"},
        "addresses": ["/ip4/127.0.0.1/tcp/17470/p2p/12D3KooWexample"],
        "communities": list(lines),
        "warnings": [],
    } | changes


def receipt(**changes: Any) -> Json:
    return {
        "schema": "p2pnode/receipt/1",
        "op": "op_" + "o" * 58,
        "kind": "vote",
        "state": "queued",
        "code": None,
        "accepted_at": _TIME,
        "final_at": None,
        "due_at": None,
        "can_finalize": True,
        "proposal": proposal(),
        "action": None,
        "link": None,
        "timed_out": False,
        "replaced_by": None,
        "replaces": None,
        "replaces_device": None,
        "seat_name": None,
    } | changes


def own_op(**changes: Any) -> Json:
    return {
        "op": "op_" + "o" * 58,
        "kind": "vote",
        "what": "vote (yes) on #7, 'Move the stand-up to ten'",
        "state": "refused",
        "code": "closed",
        "detail": "it is in the record and changed nothing: the voting window has closed",
        "next": ["to ask again, propose anew with a longer window", "p2pnode explain 7"],
        "proposal": _PROPOSAL,
        "said_at": _TIME,
        "commit": 41,
        "known_at": _TIME,
        "due_at": None,
        "counts_until": None,
        "replaced_by": None,
    } | changes


def charter() -> Json:
    tier = {
        "name": "tactical",
        "mode": "threshold",
        "threshold": {"num": 3, "den": 5},
        "strict": False,
        "base": "electorate",
        "floor": {"num": 1, "den": 3},
        "min_open_ms": 0,
        "window_ms": 604_800_000,
        "max_window_ms": 2_592_000_000,
    }
    return {
        "schema": "p2pnode/charter/1",
        "community": "com_" + "c" * 58,
        "name": "Our allotment",
        "fault_model": "byzantine",
        "created_at": _TIME,
        "tiers": [tier | {"name": "constitutional"}, tier, tier | {"mode": "objection"}],
        "rules": {
            "membership_tier": "constitutional",
            "amendment_tier": "constitutional",
            "max_open_per_member": 20,
            "away_interval_ms": 600_000,
            "invite_max_ms": 2_592_000_000,
            "rekey_objection_ms": 259_200_000,
            "bytes_per_day": 16_777_216,
        },
        "timing": {
            "delta_ms": 40,
            "delta_max_ms": 10_000,
            "linger_ms": 60_000,
            "epoch_rounds": 1000,
        },
        "amendable": ["name", "tiers.tactical.threshold"],
    }


def listing(*items: Json, kind: str = "proposals") -> Json:
    return {"schema": f"p2pnode/{kind}/1", "items": list(items), "next_cursor": None}


def problem(code: str, http: int, detail: str = "", **more: Any) -> tuple[int, Json]:
    return http, {
        "type": f"urn:p2pnode:error:{code}",
        "title": code.replace("_", " "),
        "status": http,
        "detail": detail or code.replace("_", " "),
        "code": code,
        "next": [],
    } | more


@dataclass
class Request:
    method: str
    path: str  # below the community, if it is about one; else below /api/v1
    query: dict[str, str]
    body: Any
    community: str | None = None  # as it was named; None: of the node


Answer = Json | tuple[int, Json]


@dataclass
class FakeDaemon:
    """Answers by (method, path), or what makes one; what is not there is 404.

    Paths are those of `Request`. A community is answered for by `answers`, whatever it is called,
    unless it stands among `communities` by the name that is asked for.
    """

    home: Path
    answers: dict[tuple[str, str], Answer | Callable[[Request], Answer]] = field(
        default_factory=dict
    )
    communities: dict[str, dict[tuple[str, str], Answer]] = field(default_factory=dict)
    streams: list[str] = field(default_factory=list)  # one per reader of /events
    over: threading.Event | None = None  # streams go on in silence until then; None: they end
    requests: list[Request] = field(default_factory=list)

    def last(self, method: str) -> Request:
        return next(one for one in reversed(self.requests) if one.method == method)

    def node(self, _asked: Request) -> Answer:
        """Answer how the process is, by the status of its only community."""
        whole = self.answers["GET", "/status"]
        assert isinstance(whole, dict)
        lines = () if whole["state"] == "idle" else (line(whole),)
        return node(*lines, warnings=whole["warnings"])

    def list_communities(self, _asked: Request) -> Answer:
        found = self.answers["GET", "/node"]
        told = found(_asked) if callable(found) else found
        return (
            listing(*told["communities"], kind="community_list") if isinstance(told, dict) else told
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        daemon: FakeDaemon = self.server.daemon  # type: ignore[attr-defined]
        target = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = target.path.removeprefix("/api/v1")
        about = re.fullmatch("/communities/([^/]+)(/.*)", path)
        community = None if about is None else unquote(about[1])
        path = unquote(path if about is None else about[2])
        query = dict(parse_qsl(target.query))
        request = Request(self.command, path, query, json.loads(raw) if raw else None, community)
        daemon.requests.append(request)
        if path in ("/events", "/node/events"):
            stream = daemon.streams.pop(0) if daemon.streams else ""
            self._send(200, "text/event-stream", stream.encode(), goes_on=daemon.over is not None)
            if daemon.over is not None:
                daemon.over.wait()
            return
        known = daemon.communities.get(community or "", daemon.answers)
        answer = known.get((self.command, path)) or problem("not_found", 404)
        if callable(answer):
            answer = answer(request)
        code, document = answer if isinstance(answer, tuple) else (200, answer)
        self._send(code, "application/json", json.dumps(document).encode())

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 (http.server's names)

    def _send(self, code: int, kind: str, body: bytes, *, goes_on: bool = False) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) + goes_on))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass

    def address_string(self) -> str:
        return "unix"


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        """A client that went away is no news: tests look at what the client says."""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a path short enough for a Unix socket, and an environment without ours."""
    for name in [one for one in os.environ if one.startswith("P2PNODE_") or one == "NO_COLOR"]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "COLUMNS", "TERM", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    with tempfile.TemporaryDirectory(prefix="p2p-") as directory:
        monkeypatch.setenv("P2PNODE_HOME", directory)
        yield Path(directory)


@pytest.fixture
def daemon(home: Path) -> Iterator[FakeDaemon]:
    fake = FakeDaemon(home)
    fake.answers = {
        ("GET", "/node"): fake.node,
        ("GET", "/communities"): fake.list_communities,
        ("GET", "/status"): status(),
        ("GET", "/charter"): charter(),
        ("GET", "/proposals"): lambda asked: (
            listing() if asked.query.get("state") == "provisional" else listing(summary())
        ),
        ("GET", "/decisions"): listing(),
        ("GET", "/proposals/7"): proposal(),
        ("POST", f"/proposals/{_PROPOSAL}/votes"): receipt(),
        ("POST", f"/proposals/{_PROPOSAL}/revisions"): receipt(),
        ("POST", f"/proposals/{_PROPOSAL}/withdrawal"): receipt(),
        ("POST", f"/proposals/{_PROPOSAL}/erasure"): receipt(),
    }
    server = _Server(str(home / "p2pnode.sock"), _Handler)
    server.daemon = fake  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield fake
    if fake.over is not None:
        fake.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Result]


@pytest.fixture(autouse=True)
def hints_that_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every failure of every test to hints that the shell and our parser take."""
    print_failure = Terminal.failure

    def looked_at(terminal: Terminal, failure: Any) -> None:
        assert problems_of(failure.tries) == [], failure.tries
        print_failure(terminal, failure)

    monkeypatch.setattr(Terminal, "failure", looked_at)


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run the command line in this process and return exit code, stdout and stderr."""

    def invoke(*arguments: str) -> Result:
        capfd.readouterr()
        code = 0
        try:
            run(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        captured = capfd.readouterr()
        for line in captured.err.splitlines():  # of failures with --json
            if line.startswith("{"):
                for steps in steps_in(json.loads(line)):
                    assert problems_of(steps) == [], steps
        return Result(code, captured.out, captured.err)

    return invoke


@pytest.fixture
def samples() -> dict[str, Callable[..., Any]]:
    """The documents above, for tests that change one."""
    return {
        "charter": charter,
        "committee": committee,
        "device": device,
        "line": line,
        "listing": listing,
        "member": member,
        "node": node,
        "own_op": own_op,
        "person": person,
        "problem": problem,
        "proposal": proposal,
        "receipt": receipt,
        "revision": revision,
        "status": status,
        "summary": summary,
    }
