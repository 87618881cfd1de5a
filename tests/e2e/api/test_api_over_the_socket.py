"""Odd requests as bytes over a real daemon's socket: each is answered, and it goes on."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest
from support.hosts.openapi import described
from support.processes.daemons import ANSWER_S, Daemon, community


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    one = Daemon(tmp_path_factory.mktemp("alone") / "alice")
    try:
        yield community([one], ["alice"])[0]
    finally:
        one.kill()


def send(node: Daemon, head: bytes, body: bytes = b"") -> tuple[int, bytes, bytes]:
    """Send a request as bytes; return the answer's status, head and content."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.settimeout(ANSWER_S)
        channel.connect(os.fspath(node.paths.socket))
        length = b"Content-Length: %d\r\n" % len(body) if body else b""
        channel.sendall(head + b"Host: node\r\nConnection: close\r\n" + length + b"\r\n" + body)
        answer = b"".join(iter(lambda: channel.recv(65536), b""))
    found, _, content = answer.partition(b"\r\n\r\n")
    return int(found.split(b" ", 2)[1]), found.lower(), content


JSON = b"Content-Type: application/json\r\n"
PROPOSE = b"POST /api/v1/communities/only/proposals HTTP/1.1\r\n"


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (PROPOSE, b"{}", 415),
        (PROPOSE + b"Content-Type: text/plain\r\n", b"{}", 415),
        (PROPOSE + JSON, b"[" * 100_000, 422),
        (PROPOSE + JSON, b'{"tier": "\xff"}', 422),
        (PROPOSE + JSON, b'{"tier": "a", "tier": "b"}', 422),
        (PROPOSE + JSON, b" " * 300_000, 413),
        (b"GET /api/v1/communities/only/commits?after=9223372036854775807 HTTP/1.1\r\n", b"", 200),
        (b"GET /api/v1/communities/only/commits?after=9223372036854775808 HTTP/1.1\r\n", b"", 422),
        (b"GET /api/v1/communities/only/commits?limit=1&limit=2 HTTP/1.1\r\n", b"", 422),
        (b"GET /api/v1/communities/only/status?%ff=1 HTTP/1.1\r\n", b"", 422),
        (b"GET /api/v1/communities/only/members/%ff%00%2f HTTP/1.1\r\n", b"", 404),
        (b"GET /api/v1/communities/only/members/\xff HTTP/1.1\r\n", b"", 400),
        (b"GET /api/v1/communities/only/events HTTP/1.1\r\nLast-Event-ID: 99\r\n", b"", 409),
        (b"GET /api/v1/communities/only/events HTTP/1.1\r\nLast-Event-ID: \xff\r\n", b"", 422),
        (b"BREW /api/v1/communities/only/proposals HTTP/1.1\r\n", b"", 405),
        (b"OPTIONS * HTTP/1.1\r\n", b"", 204),
        (b"OPTIONS http://node HTTP/1.1\r\n", b"", 204),
        (b"OPTIONS /api/v1/communities/only/status HTTP/1.1\r\n", b"", 405),
        (b"GET * HTTP/1.1\r\n", b"", 404),
        (b"GET http://127.0.0.1/livez HTTP/1.1\r\n", b"", 200),
        (
            b"GET HTTP://elsewhere:80/api/v1/communities/only/status?min_index=0 HTTP/1.1\r\n",
            b"",
            200,
        ),
        (b"HEAD http://node/api/v1/communities/only/members HTTP/1.1\r\n", b"", 200),
        (b"DELETE http://node/api/v1/communities/only/charter HTTP/1.1\r\n", b"", 405),
        (b"GET http://node HTTP/1.1\r\n", b"", 404),
        (b"GET http:///livez HTTP/1.1\r\n", b"", 200),
    ],
)
def test_odd_request_is_answered(alice: Daemon, head: bytes, body: bytes, status: int) -> None:
    found, _, _ = send(alice, head, body)
    assert found == status
    assert send(alice, b"GET /livez HTTP/1.1\r\n")[0] == 200


@pytest.mark.parametrize(
    "path", [one.path for one in described().operations if one.method == "GET"]
)
def test_head_is_answered_as_get_without_the_content(alice: Daemon, path: str) -> None:
    path = path.format(community="only", reference="1", index="1")
    status, head, content = send(alice, f"HEAD {path} HTTP/1.1\r\n".encode())
    assert content == b""
    if path.endswith("/events"):
        assert (status, b"text/event-stream" in head) == (200, True)
        return
    wanted, as_get, whole = send(alice, f"GET {path} HTTP/1.1\r\n".encode())
    assert status == wanted
    kinds = [line for line in as_get.splitlines() if line.startswith(b"content-type")]
    assert kinds
    assert kinds[0] in head.splitlines()
    assert bool(whole)


def test_refused_method_is_told_all_that_are_taken(alice: Daemon) -> None:
    status, head, _ = send(alice, b"DELETE /api/v1/communities/only/proposals HTTP/1.1\r\n")
    assert status == 405
    assert b"allow: get, head, post" in head.splitlines()


def test_what_the_server_takes_at_all_is_told(alice: Daemon) -> None:
    """RFC 9110, 9.3.7: OPTIONS * asks the server, and no address at it."""
    status, head, content = send(alice, b"OPTIONS * HTTP/1.1\r\n")
    assert (status, content) == (204, b"")
    (allowed,) = [one for one in head.split(b"\r\n") if one.startswith(b"allow: ")]
    assert allowed == b"allow: delete, get, head, options, post, put"
