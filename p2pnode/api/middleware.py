"""What happens to every request before routing: its target, HEAD, bounds, repetitions.

Plain ASGI, no framework classes: five wrappers that can be read on their own.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import unquote

import trio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import problem

BODY_BYTES = 256 * 1024  # two texts of 64 KiB, each character escaped
# A body that is refused is passed over for so long, up to so much. Most senders read no answer
# before they have sent it all, and would see a broken connection instead.
PASSED_OVER_S = 1
PASSED_OVER_BYTES = 16 * BODY_BYTES
KEY_CHARS = 200
_LENGTH_DIGITS = 12  # of a Content-Length, which is digits alone: the server refuses all else
NOT_READ = 415  # the status of a request whose Content-Type is not read
REMEMBERED = 512  # answers kept for repeated requests; the memory of this run of the daemon


_ORIGIN = re.compile(rb"https?://[^/]*", re.IGNORECASE)


class ReadTarget:
    """Take a target that is a whole URL for what it names here (RFC 9112, 3.2.2).

    Who is asked for in it does not matter: whoever speaks over this socket means this node.
    `OPTIONS *`, or of a URL without a path, asks what the server takes (RFC 9110, 9.3.7).
    """

    def __init__(self, app: ASGIApp, methods: Collection[str]) -> None:
        self._app = app
        self._methods = ", ".join(sorted({*methods, "HEAD", "OPTIONS"}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = scope.get("raw_path", b"") if scope["type"] == "http" else b""
        if (origin := _ORIGIN.match(raw)) is not None:
            raw = raw[origin.end() :] or (b"*" if scope["method"] == "OPTIONS" else b"/")
            scope = {**scope, "raw_path": raw, "path": unquote(raw.decode("ascii"))}
        if raw == b"*" and scope["method"] == "OPTIONS":
            told = Response(status_code=204, headers={"Allow": self._methods})
            await told(scope, receive, send)
            return
        await self._app(scope, receive, send)


class ReadBody:
    """Read the whole body before the request is handled; refuse one that is too long."""

    def __init__(self, app: ASGIApp, most_bytes: int = BODY_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = problem(
            "limit_size", f"a body of more than {self._most_bytes} bytes was sent, or announced"
        )
        announced = Headers(scope=scope).get("content-length", "0")
        if len(announced) > _LENGTH_DIGITS or int(announced) > self._most_bytes:
            await _pass_over(receive)
            await refused(scope, receive, send)
            return
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > self._most_bytes:
                if message.get("more_body", False):
                    await _pass_over(receive)
                await refused(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        replayed: Message | None = {
            "type": "http.request",
            "body": bytes(body),
            "more_body": False,
        }

        async def receive_again() -> Message:
            nonlocal replayed
            if replayed is None:
                return await receive()  # the disconnect, for streams
            message, replayed = replayed, None
            return message

        scope["p2pnode.body"] = bytes(body)
        await self._app(scope, receive_again, send)


async def _pass_over(receive: Receive) -> None:
    """Read on what nobody wants, so that its sender comes to read why."""
    size = 0
    with trio.move_on_after(PASSED_OVER_S):
        while size < PASSED_OVER_BYTES:
            message = await receive()
            size += len(message.get("body", b""))
            if not message.get("more_body", False):  # so has a disconnect
                return


class AnswerHead:
    """Answer HEAD as GET, without the content: so every route that has GET has both.

    The request is over once its status and headers are known: a stream would never end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        with trio.CancelScope() as asking:

            async def send_head(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                    asking.cancel()

            await self._app({**scope, "method": "GET"}, receive, send_head)
        # Only when nothing of the application runs any more: a server that has sent a whole
        # answer tells those who still listen that it is over, and they would break this off.
        await send({"type": "http.response.body", "body": b""})


class RefuseRepeated:
    """Refuse a header twice of which one is meant: nobody knows which.

    A body's own are looked at where it is read (`bodies`).
    """

    NAMES = ("Idempotency-Key", "Last-Event-ID")

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        for name in self.NAMES:
            found = headers.getlist(name)
            if len(found) > 1:
                wrong = f"sent {len(found)} times; send one"
                errors = [{"field": name, "problem": wrong}]
                refused = problem("invalid_request", f"{name}: {wrong}", errors=errors)
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)


@dataclass(eq=False, slots=True)
class _Kept:
    """One remembered request: what was asked, and the answer once there is one."""

    fingerprint: bytes
    done: trio.Event = field(default_factory=trio.Event)
    messages: list[Message] = field(default_factory=list)


class Idempotency:
    """Answer a repeated POST with the same `Idempotency-Key` as the first time.

    Only POSTs: PUT and DELETE are idempotent as they are. A server error is forgotten, and so
    is a body that was not read for its Content-Type, so that the client may try again. Must
    stand inside `ReadBody`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = None
        if scope["type"] == "http" and scope["method"] == "POST":
            key = Headers(scope=scope).get("idempotency-key")  # one: see `RefuseRepeated`
        if key is None:
            await self._app(scope, receive, send)
            return
        if not 0 < len(key) <= KEY_CHARS:
            wrong = _mismatch(f"an Idempotency-Key has 1 to {KEY_CHARS} characters")
            await wrong(scope, receive, send)
            return
        fingerprint = _fingerprint(scope)
        while (kept := self._kept.get(key)) is not None:
            if kept.fingerprint != fingerprint:
                wrong = _mismatch(f"{key!r} was used for another request")
                await wrong(scope, receive, send)
                return
            await kept.done.wait()
            if kept.messages:
                for message in kept.messages:
                    await send(message)
                return
            # The first one failed and was forgotten: whoever comes first is the first now.
        await self._first(key, _Kept(fingerprint), scope, receive, send)

    async def _first(
        self, key: str, kept: _Kept, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._kept[key] = kept
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        messages: list[Message] = []
        worth_keeping = False

        async def keep(message: Message) -> None:
            nonlocal worth_keeping
            messages.append(message)
            if message["type"] == "http.response.start":
                worth_keeping = message["status"] < 500 and message["status"] != NOT_READ
            await send(message)

        try:
            await self._app(scope, receive, keep)
            if worth_keeping:
                kept.messages = messages
        finally:
            if not kept.messages and self._kept.get(key) is kept:
                del self._kept[key]
            kept.done.set()


def _fingerprint(scope: Scope) -> bytes:
    told = b"\0".join([scope["path"].encode(), scope["query_string"], scope["p2pnode.body"]])
    return hashlib.sha256(told).digest()


def _mismatch(detail: str) -> Response:
    return problem(
        "idempotency_mismatch", detail, errors=[{"field": "Idempotency-Key", "problem": detail}]
    )
