"""HTTP to the daemon, over its Unix socket (docs/api.md).

Only transport lives here: requests, problems as `Failure`, and the event stream.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from .document import Document, make_printable
from .exits import Exit, exit_for
from .failures import Failure

BASE = "/api/v1"
# On top of what the daemon was asked to wait: its answer must be able to arrive.
_SLACK_S = 10.0
# The daemon writes a comment line every 15 s; four missed ones mean that it is gone.
_SILENCE_S = 60.0

_PAGE = 200  # rows of one answer, the most there may be

Query = Mapping[str, str | int | bool | None]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the stream; `id` is set only on what one can resume after."""

    kind: str
    id: int | None
    data: Document


def path_of(*parts: str) -> str:
    """Return an API path; each part is quoted, so an id may hold anything."""
    return "/".join((BASE, *(quote(part, safe="") for part in parts)))


class Api:
    """The daemon of one home. Each call opens a connection and closes it."""

    def __init__(
        self, socket_path: Path, timeout_s: float, trace: Callable[[str], None] | None = None
    ) -> None:
        """Args: `trace` is told each request and what came of it, for --verbose."""
        self.socket_path = socket_path
        self.timeout_s = timeout_s
        self._trace = trace

    def get(self, *parts: str, query: Query | None = None) -> Document:
        return self.call("GET", parts, query=query)

    def every(self, *parts: str, query: Query | None = None) -> Document:
        """Return a whole list, all its pages as one."""
        asked = {**(query or {}), "limit": _PAGE}
        page = self.get(*parts, query=asked)
        items = page.subs("items")
        while (cursor := page.maybe_text("next_cursor")) is not None:
            page = self.get(*parts, query=asked | {"cursor": cursor})
            items += page.subs("items")
        return Document({**page.raw, "items": [one.raw for one in items], "next_cursor": None})

    def post(self, *parts: str, body: object = None, query: Query | None = None) -> Document:
        return self.call("POST", parts, body=body, query=query)

    def call(
        self,
        method: str,
        parts: tuple[str, ...],
        *,
        body: object = None,
        query: Query | None = None,
    ) -> Document:
        """Return the answer's document; an empty answer is an empty document.

        Raises:
            Failure: `no_daemon`, `no_answer`, or the API's own refusal.
        """
        connection = self._open(method, parts, body, query, self.timeout_s + _SLACK_S)
        try:
            response = connection.getresponse()
            raw = response.read()
        except TimeoutError:
            raise self._silent() from None
        except (OSError, http.client.HTTPException) as error:
            raise self._lost(error) from None
        finally:
            connection.close()
        if self._trace is not None:
            self._trace(f"{method} {path_of(*parts)}: {response.status}, {len(raw)} bytes")
        return _read_answer(response.status, raw)

    def events(self, after: int | None = None, kinds: tuple[str, ...] = ()) -> Iterator[Event]:
        """Yield events as they come, after commit `after` when given; ends with the stream.

        Raises:
            Failure: `no_daemon` when the daemon is not there or falls silent.
        """
        query: Query = {"after": after, "types": ",".join(kinds) or None}
        connection = self._open("GET", ("events",), None, query, _SILENCE_S)
        try:
            response = connection.getresponse()
            if response.status != 200:
                _read_answer(response.status, response.read())
            yield from _read_events(response)
        except TimeoutError:
            raise self._silent() from None
        except (OSError, http.client.HTTPException) as error:
            raise self._lost(error) from None
        finally:
            connection.close()

    def _open(
        self,
        method: str,
        parts: tuple[str, ...],
        body: object,
        query: Query | None,
        timeout_s: float,
    ) -> _UnixConnection:
        asked = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in (query or {}).items()
            if value is not None
        }
        target = path_of(*parts) + (f"?{urlencode(asked)}" if asked else "")
        payload = None if body is None else json.dumps(body, sort_keys=True).encode()
        headers = {} if payload is None else {"Content-Type": "application/json"}
        connection = _UnixConnection(self.socket_path, timeout_s)
        try:
            connection.request(method, target, body=payload, headers=headers)
        except OSError as error:
            connection.close()
            raise self._lost(error) from None
        return connection

    def _lost(self, error: Exception) -> Failure:
        absent = isinstance(error, FileNotFoundError | ConnectionRefusedError)
        why = "Nobody listens there." if absent else f"The connection broke: {error}."
        return Failure(
            Exit.NO_DAEMON,
            "no_daemon",
            f"no daemon answers at {self.socket_path}",
            why=why,
            tries=(
                "p2pnode run       (start it; it stays in the foreground)",
                "p2pnode doctor    (if it should be running)",
            ),
        )

    def _silent(self) -> Failure:
        return Failure(
            Exit.NO_DAEMON,
            "no_answer",
            f"the daemon at {self.socket_path} did not answer in time",
            why="It took the request but is busy or stopped; the request may still be carried out.",
            tries=("p2pnode status", "the same with a longer --timeout"),
        )


def _read_answer(status: int, raw: bytes) -> Document:
    try:
        answer: object = json.loads(raw) if raw else {}
    except ValueError:
        answer = None
    if status < 400 and isinstance(answer, dict):
        return Document(answer)
    if isinstance(answer, dict) and isinstance(answer.get("code"), str):
        raise _read_problem(status, Document(answer))
    shown = make_printable(raw[:120].decode(errors="replace"))
    raise Failure(
        exit_for("", status) if status >= 400 else Exit.FAILED,
        "bad_answer",
        f"the daemon answered {status} with something else than JSON: {shown!r}",
        why="The daemon is probably of another version than this command.",
        tries=("p2pnode doctor",),
    )


def _read_problem(status: int, problem: Document) -> Failure:
    code = problem.text("code")
    # `title` says what the code means in general; `detail` says it of this case.
    detail = problem.maybe_text("detail") or problem.maybe_text("title") or code
    fields = problem.subs("errors") if isinstance(problem.raw.get("errors"), list) else []
    wrong = [f"{one.text('field')}: {one.text('problem')}" for one in fields]
    following = problem.maybe_text("next")
    return Failure(
        exit_for(code, status),
        code,
        detail,
        why="; ".join(one for one in wrong if detail not in one and one not in detail),
        tries=() if following is None else (following,),
        problem=problem.raw,
    )


def _read_events(response: http.client.HTTPResponse) -> Iterator[Event]:
    kind, event_id, data = "message", None, ""
    while raw := response.readline():
        line = raw.decode(errors="replace").rstrip("\r\n")
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if data:
                content: object = json.loads(data)
                if isinstance(content, dict):
                    yield Event(kind, event_id, Document(content))
            kind, event_id, data = "message", None, ""
        elif name == "event":
            kind = value
        elif name == "id":
            event_id = int(value) if value.isdigit() else None
        elif name == "data":
            data = f"{data}\n{value}" if data else value
