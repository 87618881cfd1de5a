"""The generated parts of the API's documentation; a test compares them with docs/reference.

python -m p2pnode.api.reference routes
python -m p2pnode.api.reference errors
"""

from __future__ import annotations

import sys
from typing import Any, cast

from p2pnode_protocols.errors import CODES as PROTOCOL_CODES

from ..errors import CODES as NODE_CODES
from ..node import Node
from ..store.errors import CODES as LOCAL_CODES
from .app import make_app
from .problems import status_of


def routes_reference() -> str:
    """Return the table of routes with what they take, in the order of the API's description."""
    # Routes only look at the node when they are asked.
    described: dict[str, Any] = make_app(cast(Node, None)).openapi()
    lines = ["| request | query | body | what it does |", "| --- | --- | --- | --- |"]
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            query = [
                f"`{one['name']}`"
                for one in route.get("parameters", [])
                if one["in"] in ("query", "header")
            ]
            body = _body_fields(described, route)
            cells = (
                f"`{method.upper()} {path}`",
                " ".join(query),
                " ".join(body),
                route["summary"],
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _body_fields(described: dict[str, Any], route: dict[str, Any]) -> list[str]:
    """Return the fields of a request's body, those that may be left out in brackets."""
    if "requestBody" not in route:
        return []
    reference = route["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = described["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    needed = set(schema.get("required", []))
    return [f"`{name}`" if name in needed else f"[`{name}`]" for name in schema["properties"]]


def errors_reference() -> str:
    """Return the table of codes with their HTTP statuses and meanings, by code."""
    codes = {**LOCAL_CODES, **NODE_CODES, **PROTOCOL_CODES}
    lines = ["| code | HTTP | meaning |", "| --- | --- | --- |"]
    lines += [
        f"| `{code}` | {status_of(code)} | {codes[code]} |"
        for code in sorted(codes)
        if code != "ok"
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print({"routes": routes_reference, "errors": errors_reference}[sys.argv[1]](), end="")
