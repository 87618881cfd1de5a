"""What each route answers, so that the API's own description (OpenAPI) says what happens.

A route names its answer, the statuses that come with it, and the codes it may refuse with; the
statuses of those are in `problems`. Tests hold every real answer against this.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.responses import Response

from p2pnode_protocols.wire.errors import CODES as PROTOCOL_CODES

from .middleware import KEY_CHARS
from .problems import MEDIA_TYPE, Problem, status_of

Codes = Iterable[str]

# By any request: what it carries is read before a route is asked.
_ALWAYS = ("invalid_request", "limit_size", "unsupported_media_type", "internal")
# By a POST with an Idempotency-Key; where an address names something: a / in a name parts it.
_REPEATED = ("idempotency_mismatch",)
_NOWHERE = ("not_found",)
# Below the path of a community: which one is meant, and whether its files are as they should be.
_MEANT = (
    "bad_join",
    "no_community",
    "store_behind",
    "store_damaged",
    "store_foreign",
    "store_too_new",
    "store_too_old",
    "store_unusable",
    "unknown_community",
    "which_community",
)

STORE = ("store_unwritable", "store_damaged", "store_unusable", "disk_full")
READS = ("no_community", "joining", *STORE)
WAITS = ("stopping",)
LISTS = (*READS, "bad_cursor")
PROPOSAL = (*READS, "unknown_proposal", "ambiguous_id", "bad_id")
MEMBER = (*READS, "unknown_member", "ambiguous_id", "bad_id", "not_a_member")
PEER = (*READS, "unknown_peer", "unknown_member", "ambiguous_id", "bad_id")
# What the protocol knows to refuse but no op of the own user can be: blocks, frames, epochs.
_NO_OPS = (
    "ok",
    "bad_encoding",
    "bad_epoch",
    "bad_frame",
    "bad_parents",
    "bad_proof",
    "bad_time",
    "unknown_parent",
    "wrong_community",
    "wrong_version",
)
RULES = tuple(code for code in PROTOCOL_CODES if code not in _NO_OPS)
JOINS = (
    "already_in_community",
    "bad_link",
    "bad_id",
    "bad_config",
    "store_behind",
    *STORE,
    *WAITS,
    *RULES,
)
SIGNS = (*READS, *WAITS, *RULES, "removed", "bad_link", "unknown_device")


def says(
    kind: object,
    *statuses: int,
    refuses: Codes = (),
    media_type: str = "application/json",
) -> dict[str, Any]:
    """Return the options of a route that describe its answers.

    Args:
        kind: the answer's type; None: an answer is empty; str: it is text.
        statuses: with which it comes; none: 200.
        refuses: codes of its refusals, beside those of any request.
        media_type: of a text.
    """
    first, *others = statuses or (200,)
    described: dict[int | str, dict[str, Any]] = {}
    options: dict[str, Any] = {"status_code": first, "responses": described}
    if kind is None or kind is str:
        options["response_class"] = Response
        for status in (first, *others):
            described[status] = {"description": _phrase(status)}
            if kind is str:
                described[status]["content"] = {media_type: {"schema": {"type": "string"}}}
    else:
        options["response_model"] = kind
        described[first] = {"description": _phrase(first)}
        for status in others:
            described[status] = {"description": _phrase(status), "model": kind}
    described.update(_refusals({*_ALWAYS, *refuses}))
    return options


def _refusals(codes: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    found: dict[int, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(status_of(code), []).append(code)
    return {status: _refusal(status, found[status]) for status in sorted(found)}


def _refusal(status: int, codes: list[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "$ref": "#/components/schemas/Problem",
        "properties": {"status": {"const": status}, "code": {"enum": codes}},
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        schema["required"] = ["errors"]
    return {
        "description": f"{_phrase(status)}: {', '.join(codes)}",
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application whose routes were made with `says`."""
    document: dict[str, Any] = app.openapi()
    schemas: dict[str, Any] = document["components"]["schemas"]
    problem = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    for name, schema in schemas.items():
        if not name.endswith("In") and "properties" in schema:
            # Every field of an answer is always there, and no other; a problem has two that
            # come with some codes only.
            schema["additionalProperties"] = False
            if name != "Problem":
                schema["required"] = list(schema["properties"])
    for path, methods in document["paths"].items():
        if "{" in path:
            for route in methods.values():
                _add_codes(route, _NOWHERE)
        if "{community}" in path:
            for route in methods.values():
                _add_codes(route, _MEANT)
        if "post" in methods:
            _add_codes(methods["post"], _REPEATED)
            methods["post"].setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return document


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "makes a repetition harmless: it gets the first one's answer",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARS},
}


def _add_codes(route: dict[str, Any], codes: Codes) -> None:
    """Describe further refusals of a route."""
    for status, response in _refusals(codes).items():
        told = route["responses"].setdefault(str(status), response)
        before = told["content"][MEDIA_TYPE]["schema"]["properties"]["code"]["enum"]
        added = response["content"][MEDIA_TYPE]["schema"]["properties"]["code"]["enum"]
        told.update(_refusal(int(status), sorted({*before, *added})))
