"""The wrappers around the API: a bound on bodies, and idempotency, on a bare ASGI app."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
import trio.testing
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from p2pnode.api.middleware import BODY_BYTES, REMEMBERED, Idempotency, ReadBody, RefuseRepeated


class Counting:
    """Answer each request with its number; wait first when told to."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.count = 0
        self.gate: trio.Event | None = None
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.count += 1
        number = self.count
        self.bodies.append((await receive())["body"])
        if self.gate is not None:
            await self.gate.wait()
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": str(number).encode()})


NEVER = b"what never comes"


class Client:
    def __init__(self, app: Counting) -> None:
        self.unread = 0  # pieces of the last body
        self.asgi: ASGIApp = ReadBody(Idempotency(app))

    async def post(
        self,
        *chunks: bytes,
        key: str | None = None,
        path: str = "/x",
        method: str = "POST",
        length: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> tuple[int, bytes]:
        named = {"idempotency-key": key, "content-length": length}
        given = [*headers, *((name, one) for name, one in named.items() if one is not None)]
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in given],
        }
        waiting = [
            {"type": "http.request", "body": one, "more_body": place < len(chunks) - 1}
            for place, one in enumerate(chunks)
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            message = waiting.pop(0)
            if message["body"] is NEVER:
                await trio.sleep_forever()
            return message

        async def send(message: Message) -> None:
            sent.append(message)

        await self.asgi(scope, receive, send)
        self.unread = len(waiting)
        return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])


async def test_body_arrives_whole_however_it_was_cut() -> None:
    app = Counting()
    await Client(app).post(b"one", b"", b"two")
    assert app.bodies == [b"onetwo"]


async def test_longest_body_passes_and_one_byte_more_does_not() -> None:
    app = Counting()
    client = Client(app)
    half = b"x" * (BODY_BYTES // 2)
    assert (await client.post(half, half))[0] == 200
    status, body = await client.post(half, half, b"x")
    assert status == 413
    assert json.loads(body)["code"] == "limit_size"
    assert app.count == 1


TOO_LONG = pytest.mark.parametrize("announced", [None, str(BODY_BYTES + 1), "9" * 12, "9" * 5000])


@TOO_LONG
async def test_body_that_never_ends_is_not_waited_for(
    announced: str | None, autojump_clock: trio.testing.MockClock
) -> None:
    # Most of what is announced never comes.
    app = Counting()
    status, body = await Client(app).post(b"x" * (BODY_BYTES + 1), NEVER, length=announced)
    assert (status, json.loads(body)["code"]) == (413, "limit_size")
    assert app.count == 0


@TOO_LONG
async def test_who_sends_a_body_that_is_too_long_reads_so_after_it(announced: str | None) -> None:
    # Who is answered earlier, and hung up on, sees a broken connection and no answer.
    client = Client(Counting())
    status, body = await client.post(*[b"x" * BODY_BYTES] * 4, length=announced)
    assert (status, json.loads(body)["code"]) == (413, "limit_size")
    assert client.unread == 0


async def test_no_more_of_a_long_body_is_passed_over_than_some() -> None:
    client = Client(Counting())
    status, _ = await client.post(*[b"x" * BODY_BYTES] * 64, length=str(64 * BODY_BYTES))
    assert status == 413
    assert client.unread > 40


async def test_without_a_key_every_post_counts() -> None:
    app = Counting()
    client = Client(app)
    assert [(await client.post(b""))[1] for _ in range(2)] == [b"1", b"2"]


async def test_same_key_is_answered_once_done() -> None:
    app = Counting()
    client = Client(app)
    assert [(await client.post(b"", key="k"))[1] for _ in range(2)] == [b"1", b"1"]
    assert (await client.post(b"", key="other"))[1] == b"2"


async def test_same_key_waits_for_the_first_under_way() -> None:
    app = Counting()
    app.gate = trio.Event()
    client = Client(app)
    answers: list[bytes] = []

    async def post() -> None:
        answers.append((await client.post(b"", key="k"))[1])

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(post)
        await trio.testing.wait_all_tasks_blocked()
        assert answers == []
        app.gate.set()
    assert answers == [b"1"] * 3


async def test_first_that_is_cancelled_leaves_the_place_to_the_next() -> None:
    app = Counting()
    app.gate = trio.Event()
    client = Client(app)
    answers: list[bytes] = []

    async def post() -> None:
        answers.append((await client.post(b"", key="k"))[1])

    async with trio.open_nursery() as nursery:
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as first:
                first.start_soon(client.post, b"")
                first.start_soon(lambda: client.post(b"", key="k"))
                await trio.testing.wait_all_tasks_blocked()
                nursery.start_soon(post)
                await trio.testing.wait_all_tasks_blocked()
                scope.cancel()
        app.gate.set()
    assert answers == [b"3"]


async def test_same_key_with_another_request_is_refused() -> None:
    app = Counting()
    client = Client(app)
    await client.post(b"one", key="k")
    for body, path in ((b"two", "/x"), (b"one", "/y")):
        status, answer = await client.post(body, key="k", path=path)
        assert status == 422
        assert json.loads(answer)["code"] == "idempotency_mismatch"
    assert app.count == 1


async def test_server_error_is_not_remembered() -> None:
    app = Counting(status=503)
    client = Client(app)
    assert (await client.post(b"", key="k"))[1] == b"1"
    app.status = 200
    assert (await client.post(b"", key="k"))[1] == b"2"


async def test_key_on_another_method_means_nothing() -> None:
    app = Counting()
    client = Client(app)
    for number in (b"1", b"2"):
        assert (await client.post(b"", key="k", method="PUT"))[1] == number


async def test_memory_is_bounded() -> None:
    app = Counting()
    client = Client(app)
    for number in range(REMEMBERED + 1):
        await client.post(b"", key=f"k{number}")
    assert (await client.post(b"", key=f"k{REMEMBERED}"))[1] == str(REMEMBERED + 1).encode()
    assert (await client.post(b"", key="k0"))[1] == str(REMEMBERED + 2).encode()


@pytest.mark.parametrize("name", RefuseRepeated.NAMES)
@pytest.mark.parametrize("values", [["a", "a"], ["a", "b"], ["", ""], ["a", "b", "c"]])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_header_that_was_sent_twice_is_refused(
    name: str, values: list[str], method: str
) -> None:
    app = Counting()
    client = Client(app)
    client.asgi = RefuseRepeated(client.asgi)
    status, body = await client.post(b"", method=method, headers=[(name, one) for one in values])
    assert (status, json.loads(body)["code"]) == (422, "invalid_request")
    assert json.loads(body)["errors"][0]["field"] == name
    assert app.count == 0
    assert (await client.post(b"", method=method, headers=[(name, "a")]))[0] == 200
