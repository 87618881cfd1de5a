"""The API does what it says of itself: each answer is of a status, type and shape described,
whatever is sent to any route by any method, and no input is answered with a 500.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from practices.kit import kit_of
from support.hosts.asking import JSON, Answer, Asker, Headers, absolute, asked, founder
from support.hosts.openapi import PROBLEM, Description, Operation, described

from p2pnode import practices
from p2pnode.api.problems import status_of
from p2pnode.community.verbs.submitting import How
from p2pnode.errors import CODES as NODE_CODES
from p2pnode.home.errors import CODES as LOCAL_CODES
from p2pnode_protocols.wire.errors import CODES as PROTOCOL_CODES

OPERATIONS = described().operations
FINAL = How(wait="final")

NUMBERS = (0, -1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63), -(2**63) - 1, 10**30, 10**400)
TEXTS = ("", " ", "x" * 300, "ä́\u200d🦄", "\0", "a\nb", "../..", "%00", "true", "None", "1e3", "-1")
VALUES: tuple[object, ...] = (*NUMBERS, *TEXTS, None, True, 1.5, [], {}, [[]], ["x"], {"a": 1})


class Checked:
    """Ask, and hold every answer against the description."""

    def __init__(self, asker: Asker, description: Description) -> None:
        self.asker = asker
        self._description = description

    async def __call__(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Headers | None = None,
    ) -> Answer:
        path = target.partition("?")[0]
        parts = 1 if path.endswith("/events") and method == "GET" else None
        answer = await self.asker.ask(method, target, body, raw=raw, headers=headers, parts=parts)
        assert answer.status != 500, (method, target, body, answer.body)
        content: object = None
        if answer.body:
            is_json = answer.media_type.endswith("json")
            content = answer.document if is_json else answer.body.decode()
        if method == "HEAD":
            assert not answer.body
        self._description.check(method, path, answer.status, answer.media_type, content)
        return answer


@asynccontextmanager
async def ready(home: Path) -> AsyncIterator[tuple[Checked, dict[str, str]]]:
    """Yield a founder's API after some decisions, and values for what paths name."""
    async with founder(home) as alice:
        opened = await alice.community.propose("tactical", "Tea", "At four?", how=FINAL)
        await alice.community.propose("tactical", "Coffee", vote="yes", how=FINAL)
        assert opened.proposal is not None
        device = alice.community.members().items[0].devices[0]
        names = {
            "community": "only",
            "reference": "1",
            "index": "1",
            "device": (await alice.ask("GET", "members/me"))["devices"][0]["id"],
        }
        assert device.me
        yield Checked(alice, described()), names


# --- the description itself ---------------------------------------------------------------


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_answer_is_described_with_its_type(operation: Operation) -> None:
    good = {status: said for status, said in operation.said["responses"].items() if status < "400"}
    assert good
    for status, said in operation.said["responses"].items():
        for media_type, content in said.get("content", {}).items():
            assert content["schema"], f"{status} {media_type} is untyped"
            assert (media_type == PROBLEM) is (status >= "400" and "plain" not in media_type)
    for status in ("413", "415", "422", "500"):
        assert status in operation.said["responses"]


def test_every_code_is_described_where_its_status_is() -> None:
    told: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        for status, said in operation.said["responses"].items():
            schema = said.get("content", {}).get(PROBLEM, {}).get("schema")
            if schema is not None:
                told.setdefault(status, set()).update(schema["properties"]["code"]["enum"])
    for status, codes in told.items():
        assert {str(status_of(code)) for code in codes} == {status}
        assert codes <= {*PROTOCOL_CODES, *NODE_CODES, *LOCAL_CODES}
    untold = {"method_not_allowed"}  # of an address that does not take it: said by no route
    assert set(NODE_CODES) - set().union(*told.values()) <= untold


def test_operations_are_named_apart() -> None:
    names = [one.said["operationId"] for one in OPERATIONS]
    assert len(set(names)) == len(names)


# --- any input ----------------------------------------------------------------------------


def path_of(operation: Operation, names: Mapping[str, str]) -> str:
    path = operation.path
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def queries_of(operation: Operation) -> list[str]:
    return [one["name"] for one in operation.said.get("parameters", []) if one["in"] == "query"]


def fields_of(operation: Operation) -> dict[str, Any]:
    """Return the fields of a body with their schemas; none when it takes no body."""
    if "requestBody" not in operation.said:
        return {}
    reference = operation.said["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = described().document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    fields = schema["properties"]
    assert isinstance(fields, dict)
    return fields


def harmless(operation: Operation) -> str:
    """Return the query with which a route signs nothing, as far as it has one."""
    return "dry_run=true&" if "dry_run" in queries_of(operation) else ""


EXAMPLES: Mapping[str, object] = {
    "tier": "tactical",
    "title": "Tea",
    "choice": "yes",
    "name": "Bo",
    "member_name": "Bo",
    "changes": {"name": "Works"},
    "closes_in": "1h",
    "uses": 1,
    "device": None,
}


def bodies_of(operation: Operation) -> Iterator[dict[str, object]]:
    """Yield bodies each of whose fields is odd in turn, and left out in turn."""
    fields = fields_of(operation)
    usual = {name: EXAMPLES.get(name, "x") for name in fields if name not in OPTIONAL}
    yield usual
    for name in fields:
        yield {other: value for other, value in usual.items() if other != name}
        for value in VALUES:
            yield {**usual, name: value}
    inner: Sequence[tuple[str, Mapping[str, object]]] = (
        ("changes", {"tiers.tactical.threshold": {"num": 1, "den": 2}}),
        ("action", {"kind": "remove", "member": "me"}),
        ("action", {"kind": "set_away", "member": "me", "away": True}),
    )
    for name, whole in inner:
        if name in fields:
            yield {**usual, name: whole}
            for value in VALUES:
                for key in whole:
                    yield {**usual, name: {**whole, key: value}}
                yield {**usual, name: {str(value): value}}
                yield {**usual, name: {"tiers.tactical.floor": {"num": value, "den": 3}}}
                yield {**usual, name: {"tiers.tactical.floor": {"num": 1, "den": value}}}
    yield {**usual, "colour": "red"}


OPTIONAL = {"closes_at", "action", "text", "reason", "vote", "revision", "keep", "without", "file"}
ENDS_IT = {
    "/api/v1/communities/only/members/me/departure"
}  # POST: after it the node refuses everything


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
async def test_any_body_is_answered_as_described(tmp_path: Path, operation: Operation) -> None:
    async with ready(tmp_path) as (ask, names):
        target = f"{path_of(operation, names)}?{harmless(operation)}".rstrip("?&")
        for body in bodies_of(operation) if fields_of(operation) else ({"x": 1}, [], "x", 1):
            await ask(operation.method, target, body)
        for raw in (b"{", b"\xff", b"[" * 100_000, b'{"a": 1, "a": 2}', b"null", b'"\\ud800"'):
            for headers in (JSON, (), [("content-type", "text/plain")]):
                answer = await ask(operation.method, target, raw=raw, headers=headers)
                assert answer.status == (422 if headers is JSON else 415)
        big = await ask(operation.method, target, raw=b" " * 300_000, headers=JSON)
        assert big.status == 413


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
async def test_any_query_is_answered_as_described(tmp_path: Path, operation: Operation) -> None:
    async with ready(tmp_path) as (ask, names):
        path = path_of(operation, names)
        usual = {name: EXAMPLES.get(name, "x") for name in fields_of(operation)}
        body = usual or None
        first = harmless(operation)
        queries = [f"{first}colour=red", f"{first}%ff=1", f"{first}=", f"{first}&&", f"{first}a"]
        for name in queries_of(operation):
            if name in ("wait", "timeout"):
                queries += [f"{first}{name}={one}" for one in (0, -1, 10**30, "", "x", "final,x")]
                continue
            rest = "" if name == "dry_run" else first
            signs = {"0", "False", "-1"} if name == "dry_run" else set()
            for value in VALUES:
                if str(value) not in signs:
                    queries.append(f"{rest}{name}={quote(str(value))}")
            queries += [f"{rest}{name}=1&{name}=1", f"{rest}{name}=%ff", f"{rest}{name}=%ed%a0%80"]
        for query in queries:
            if "min_" in query or "max_" in query or "state=" in query:
                query += "&timeout=0" if "timeout" not in query else ""  # noqa: PLW2901  no wait
            answer = await ask(operation.method, f"{path}?{query}", body)
            if "colour" in query or "%ff" in query or "%ed" in query:
                assert answer.status == 422, query


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
async def test_any_method_and_path_is_answered_as_described(
    tmp_path: Path, operation: Operation
) -> None:
    async with ready(tmp_path) as (ask, names):
        path = path_of(operation, names)
        for method in ("PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "X"):
            answer = await ask(method, path)
            assert answer.status == 405
            allowed = set(answer.headers["allow"].split(", "))
            assert operation.method in allowed
            assert ("HEAD" in allowed) is ("GET" in allowed)
        if operation.method == "GET":
            assert (await ask("HEAD", path)).status == (await ask("GET", path)).status
        odd = [*(str(one) for one in NUMBERS), *TEXTS, "\ufffd", "#1", "mem_", "pro_aaaa", "me"]
        for name in names:
            if f"{{{name}}}" in operation.path and path not in ENDS_IT:
                for value in odd:
                    await ask(operation.method, path_of(operation, {**names, name: value}))
        await ask(operation.method, f"{path}/")
        await ask(operation.method, f"/{path}")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
async def test_home_without_a_community_answers_as_described(
    tmp_path: Path, operation: Operation
) -> None:
    async with asked(tmp_path) as alone:
        ask = Checked(alone, described())
        names = {"community": "only", "reference": "1", "index": "1", "device": "dev_aaaa"}
        target = path_of(operation, names)
        await ask(operation.method, target)
        if fields_of(operation) and target != "/api/v1/communities":
            for body in islice(bodies_of(operation), 12):
                await ask(operation.method, target, body)


# --- good answers -------------------------------------------------------------------------

# Only with other nodes, so in the end-to-end tests, whose answers are all checked as well.
WITH_OTHERS = {
    "POST /api/v1/communities/{community}/rebuilds",
    "POST /api/v1/communities/{community}/rebuilds/signature",
    "DELETE /api/v1/communities/{community}/rebuilds/signature",
    "POST /api/v1/communities/{community}/rebuilds/application",
    "POST /api/v1/communities/{community}/rekeys",
    "PUT /api/v1/communities/{community}/peers/{reference}/block",
    "DELETE /api/v1/communities/{community}/peers/{reference}/block",
    # Where one is the only node, nobody goes away.
    "DELETE /api/v1/communities/{community}/members/me/absence",
}


async def test_every_route_answers_well_as_described(tmp_path: Path) -> None:  # noqa: PLR0915  a story
    description = Description(described().document)
    async with asked(tmp_path / "alice") as asker, asked(tmp_path / "spare") as other:
        ask, spare = Checked(asker, description), Checked(other, description)

        async def good(method: str, target: str, body: object = None, by: Checked = ask) -> Any:
            answer = await by(method, absolute(target), body)
            assert answer.status < 300, answer.body
            return json.loads(answer.body or b"null")

        founding = {"name": "Ops", "member_name": "alice", "changes": {"timing.linger_ms": 0}}
        await good("POST", "communities", founding)
        tea = {"tier": "tactical", "title": "Tea", "text": "At four?"}
        opened = (await good("POST", "proposals?wait=final", tea))["proposal"]["number"]
        await good("POST", "proposals?dry_run=true", tea)
        revised = await good(
            "POST", f"proposals/{opened}/revisions?wait=final", {"title": "Tea at five"}
        )
        text = revised["proposal"]["revision_id"]
        await good("GET", f"proposals/{opened}/explanation")
        vote = {"choice": "yes", "revision": text}
        await good("POST", f"proposals/{opened}/votes?wait=final", vote)
        await good("GET", f"proposals/{opened}?wait=final")
        await good("GET", f"proposals/{opened}/certificate?timeout=30")
        await good("POST", "notes?wait=final", {"namespace": "org.example", "data": "AP8="})
        await good("GET", "notes?namespace=org.example")
        for practice in practices.names():
            await kit_of(practice).ask(good, f"#{opened}")
        gone = (await good("POST", "proposals?wait=final", tea))["proposal"]["number"]
        await good("POST", f"proposals/{gone}/withdrawal?wait=final", {"reason": "no"})
        await good("POST", f"proposals/{gone}/erasure?wait=final", {})
        await good("POST", "amendments?wait=final", {"changes": {"name": "Works"}})
        link = (await good("POST", "invites?wait=final", {"name": "Bo"}))["link"]
        for name in ("proposals", "decisions", "invites", "members", "peers", "commits"):
            await good("GET", f"{name}?limit=2")
        for name in ("epochs", "rebuilds", "members/me", "commits/1", "charter", "practices"):
            await good("GET", name)
        for name in ("node", "node/config", "node/paths", "node/health?deep=true", "communities"):
            await good("GET", name)
        for name in ("status", "status?min_index=1", "events", "node/events"):
            await asker.ask("GET", name, parts=1)
            answer = await ask("GET", absolute(name))
            assert answer.status == 200
        for probe in ("/livez?verbose=true", "/readyz"):
            assert (await ask("GET", probe)).status == 200
        await good("POST", "log/verification")
        await good("GET", "ops?all=true")
        await good("POST", "ops/seen", {"ops": []})
        await good("POST", "ops/hurry?wait=final")
        file = str(tmp_path / "backup")
        await good("POST", "node/backups", {"file": file})
        again = await ask("POST", "/api/v1/node/backups", {"file": file})
        assert (again.status, again["code"]) == (409, "backup_exists")
        own = (await good("GET", "link"))["link"]
        binding = (await good("POST", "node/device-bindings", {"link": own}, spare))["binding"]
        await good("PUT", "node/device-bindings/me", {"link": own}, spare)
        await good("GET", "join", by=spare)
        await good("DELETE", "join", by=spare)
        await good("POST", "members/me/devices?wait=final", {"binding": binding})
        seat = await good("GET", "members/me")
        further = next(one["id"] for one in seat["devices"] if not one["me"])
        await good("PUT", "members/me/node-key?dry_run=true", {"device": further})
        await good("DELETE", f"members/me/devices/{further}?wait=final")
        third = {"link": link, "member_name": "Bo"}
        joined = await spare("POST", "/api/v1/node/joins", third)
        assert joined.status == 202
        await spare("POST", "/api/v1/node/joins?wait=final&timeout=30", third)
        await good("POST", "members/me/absence?dry_run=true")
        await good("POST", "members/me/departure?dry_run=true")
        peer = {"address": f"/ip4/127.0.0.1/tcp/1/p2p/{other.host.node_status().device.peer_id}"}
        await good("POST", "peers", peer)
    told = {name for name, status in description.seen if status < "300"}
    assert {one.name for one in OPERATIONS} - told <= WITH_OTHERS
