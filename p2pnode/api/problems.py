"""Errors as `application/problem+json` (RFC 9457), each with a stable code.

Codes are the core's, the node's and this machine's; each has its status and meaning beside it
where it is defined.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from p2pnode_protocols.wire.errors import REFUSALS as PROTOCOL_REFUSALS
from p2pnode_protocols.wire.errors import ProtocolError

from ..answers.values.rendering import ProposalText
from ..errors import REFUSALS as NODE_REFUSALS
from ..errors import RequestError
from ..home.errors import REFUSALS as LOCAL_REFUSALS
from ..home.errors import LocalError
from .fields import UNKNOWN, field_of, unknown_field

log = logging.getLogger("p2pnode.api")

MEDIA_TYPE = "application/problem+json"
# Of what a request says, an answer repeats no more than helps: a body may be all wrong fields.
ERRORS_TOLD = 20
_ECHOED_CHARS = 200
_EXPLAINED_CHARS = 400  # with the names of all fields that a route takes
_HELP = "GET /api/v1/openapi.json says what each route takes"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Problem:
    """The shape of every refusal, for the API's description."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    next: tuple[str, ...]  # what to try, best first
    errors: tuple[FieldProblem, ...] = ()  # with status 422
    current_revision: ProposalText | None = None  # with superseded_revision


REFUSALS = {**LOCAL_REFUSALS, **NODE_REFUSALS, **PROTOCOL_REFUSALS}


def status_of(code: str) -> int:
    """Return the HTTP status of a refusal."""
    return REFUSALS[code].status


def problem(
    code: str,
    detail: str,
    *,
    steps: Sequence[str] = (),
    errors: Sequence[Mapping[str, str]] | None = None,
    extra: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response for a refusal; a 422 always says which fields are wrong."""
    status = status_of(code)
    document: dict[str, object] = {
        "type": f"urn:p2pnode:error:{code}",
        "title": REFUSALS[code].meaning,
        "status": status,
        "detail": detail,
        "code": code,
        "next": list(steps),
        **(extra or {}),
    }
    if status == 422:
        document["errors"] = list(errors or [{"field": "body", "problem": detail}])
    return Response(
        json.dumps(document, sort_keys=True, ensure_ascii=False).encode(errors="backslashreplace"),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


# What to try after a refusal of the rules; the commands are the command line's.
_NEXT: dict[str, tuple[str, ...]] = {
    "already_decided": ("p2pnode show ID",),
    "away_too_often": ("the same again, when that time is over",),
    "closed": ("p2pnode explain ID",),
    "no_community": ("p2pnode found NAME --name YOU", "p2pnode join LINK --name YOU"),
    "joining": ("p2pnode status",),
    "learning": ("p2pnode status",),
    "not_in_electorate": ("p2pnode explain ID",),
    "superseded_revision": ("p2pnode show ID --diff", "then say it again, about that text"),
    "unknown_community": ("p2pnode communities",),
    "unknown_device": ("p2pnode devices",),
    "unknown_member": ("p2pnode members",),
    "unknown_proposal": ("p2pnode decisions",),
    "unknown_tier": ("p2pnode charter",),
    "which_community": ("the same with -c NAME", "p2pnode use NAME", "p2pnode communities"),
    "bad_invite": ("ask for a new invite",),
    "invite_over": ("with a new invite:", "p2pnode join LINK --name NAME"),
}


def refusal(
    error: Exception,
    extra: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] | None = None,
) -> Response:
    """Return the response for an error that somebody was meant to see.

    Args:
        error: which.
        extra: further fields.
        errors: which fields of the request it is about, for status 422.

    Raises:
        Exception: `error` itself when it is none of those.
    """
    match error:
        case ProtocolError():
            steps = _NEXT.get(error.code, ())
        case RequestError():
            steps = error.steps or _NEXT.get(error.code, ())
        case LocalError():
            steps = error.steps
        case _:
            raise error
    return problem(error.code, error.detail, steps=steps, extra=extra, errors=errors)


# What pydantic says of these is about its own types.
_PLAIN = {"string_too_short": "it is empty"}


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""

    async def on_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProtocolError | RequestError | LocalError)
        field = field_of(request.scope, error.code, error.detail)
        return refusal(error, errors=[{"field": field, "problem": error.detail}])

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        found = error.errors()
        errors: list[dict[str, str]] = []
        todo = _HELP
        for one in found[:ERRORS_TOLD]:
            words = _PLAIN.get(str(one.get("type")), str(one["msg"]).removeprefix("Value error, "))
            if one.get("type") == UNKNOWN:
                words, step = unknown_field(request.scope, one)
                todo = step if todo is _HELP else todo
            field = _shortened(_field(one["loc"]))
            errors.append({"field": field, "problem": _shortened(words, _EXPLAINED_CHARS)})
        detail = "; ".join(f"{one['field']}: {one['problem']}" for one in errors)
        if len(found) > ERRORS_TOLD:
            detail += f"; and {len(found) - ERRORS_TOLD} more"
        return problem("invalid_request", detail, steps=[_shortened(todo)], errors=errors)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        asked = f"{request.method} {request.url.path}"
        if error.status_code != 405:
            return problem("not_found", f"{asked}: nothing is at this address")
        allowed = ", ".join(sorted(methods_at(app, request.scope["path"])))
        return problem(
            "method_not_allowed", f"{asked}: it takes {allowed}", headers={"Allow": allowed}
        )

    async def on_bug(request: Request, error: Exception) -> Response:
        log.error("request failed", exc_info=error, extra={"path": request.url.path})
        return problem("internal", f"{type(error).__name__} in {request.method} request")

    for kind in (ProtocolError, RequestError, LocalError):
        app.add_exception_handler(kind, on_refusal)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_bug)


def methods_at(app: FastAPI, path: str) -> set[str]:
    """Return every method that an address takes; HEAD goes with GET (`middleware`)."""
    found: set[str] = set()
    for route in app.routes:
        if isinstance(route, Route) and route.path_regex.match(path):
            found |= route.methods or set()
    return found | ({"HEAD"} if "GET" in found else set())


def _shortened(text: str, most: int = _ECHOED_CHARS) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _field(location: Sequence[str | int]) -> str:
    """Return `changes.x` for ("body", "changes", "x"), and `body` for the body itself."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])
