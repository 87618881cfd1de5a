"""The generated parts of the API's documentation; a test compares them with docs/reference.

python -m p2pnode.reference routes
python -m p2pnode.reference errors
"""

from __future__ import annotations

import sys
from typing import Any, cast

from . import practices
from .api.app import openapi
from .api.problems import MEDIA_TYPE, REFUSALS
from .host.host import Host


def routes_reference() -> str:
    """Return the table of routes with what they take, in the order of the API's description."""
    described = openapi(cast(Host, None), practices.routes())
    lines = [
        "| request | query | body | answer | what it does |",
        "| --- | --- | --- | --- | --- |",
    ]
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            query = [
                f"`{one['name']}`"
                for one in route.get("parameters", [])
                if one["in"] in ("query", "header") and one["name"] != "Idempotency-Key"
            ]
            body = _body_fields(described, route)
            cells = (
                f"`{method.upper()} {path}`",
                " ".join(query),
                " ".join(body),
                _answer(route),
                route["summary"],
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _answer(route: dict[str, Any]) -> str:
    """Return the statuses of a route's answers, and of what type they are."""
    kinds: list[str] = []
    statuses: list[str] = []
    for status, response in route["responses"].items():
        for media_type, content in response.get("content", {"": {}}).items():
            if media_type != MEDIA_TYPE:
                statuses.append(status)
                reference = content.get("schema", {}).get("$ref", "")
                kinds.append(reference.rsplit("/", 1)[-1] or media_type or "–")
    return f"{' '.join(statuses)} {kinds[0]}"


def _body_fields(described: dict[str, Any], route: dict[str, Any]) -> list[str]:
    """Return the fields of a request's body, those that may be left out in brackets."""
    if "requestBody" not in route:
        return []
    reference = route["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = described["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    needed = set(schema.get("required", []))
    return [f"`{name}`" if name in needed else f"[`{name}`]" for name in schema["properties"]]


def errors_reference() -> str:
    """Return the table of codes with what goes with each, by code."""
    lines = ["| code | HTTP | exit | blame | meaning |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| `{code}` | {one.status} | {one.exit} | {one.blame} | {one.meaning} |"
        for code, one in sorted(REFUSALS.items())
        if code != "ok"
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print({"routes": routes_reference, "errors": errors_reference}[sys.argv[1]](), end="")
