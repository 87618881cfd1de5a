"""The ASGI application of one host."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from .. import __version__
from ..host.host import Host
from . import problems
from .bodies import Handler, StrictRoute, read_strictly
from .described import describe
from .middleware import AnswerHead, Idempotency, ReadBody, ReadTarget, RefuseRepeated
from .routes import (
    actions,
    coming,
    community,
    log,
    machine,
    members,
    own,
    peers,
    proposals,
    rebuilds,
)

# What adds the routes of one topic below a community's path, by the topic's name.
Topics = Iterable[tuple[str, Callable[[APIRouter], None]]]

PREFIX = "/api/v1"
COMMUNITY = f"{PREFIX}/communities/{{community}}"
# What is the process's: its own state, and how it comes to communities.
OF_HOST = (
    ("node", f"{PREFIX}/node", machine.add_routes),
    ("communities", PREFIX, coming.add_routes),
)
# What is one community's, which the path names.
OF_COMMUNITY: Topics = (
    ("community", community.add_routes),
    ("proposals", proposals.add_routes),
    ("actions", actions.add_routes),
    ("members", members.add_routes),
    ("epochs", rebuilds.add_routes),
    ("peers", peers.add_routes),
    ("own", own.add_routes),
    ("log", log.add_routes),
)


class BareRoute(APIRoute):
    """A strict route without the description of its answers: that takes most of a node's start."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "response_model": None, "responses": None})

    def get_route_handler(self) -> Handler:
        return read_strictly(self, super().get_route_handler())


def make_app(host: Host, practices: Topics, kind: type[APIRoute] = StrictRoute) -> FastAPI:
    """Return the routes, without the wrappers; what describes the API is made from it.

    Args:
        practices: what they add to the routes of a community.
    """
    routes: list[BaseRoute] = []
    for tag, prefix, add_to in OF_HOST:
        router = APIRouter(prefix=prefix, tags=[tag], route_class=kind)
        add_to(router, host)
        routes += router.routes
    for tag, add_routes in (*OF_COMMUNITY, *practices):
        router = APIRouter(prefix=COMMUNITY, tags=[tag], route_class=kind)
        add_routes(router)
        routes += router.routes
    probes = APIRouter(tags=["probes"], route_class=kind)
    machine.add_probes(probes, host)
    app = FastAPI(
        title="p2pnode",
        version=__version__,
        description=(
            "The local API of one node, which takes part in any number of communities. One "
            "shape with `--json` and the Python API. HEAD is "
            "answered wherever GET is, as GET without the content; any other method is refused "
            "with 405, an address with nothing at it with 404, both as a Problem."
        ),
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # both load scripts from elsewhere, and a node must work offline
        redoc_url=None,
        redirect_slashes=False,  # an address has one spelling
        routes=[*routes, *probes.routes],  # as they are: including a router makes each anew
    )
    app.state.host = host  # for what finds the community that a path names
    problems.install(app)
    return app


def openapi(host: Host, practices: Topics) -> dict[str, Any]:
    """Return what describes the API to machines; routes look at the host only when asked."""
    return describe(make_app(host, practices))


def make_asgi(host: Host, practices: Topics) -> ASGIApp:
    """Return what a server serves."""
    practices = tuple(practices)
    app = make_app(host, practices, BareRoute)
    described: list[dict[str, Any]] = []

    def describe_once() -> dict[str, Any]:
        if not described:
            described.append(openapi(host, practices))
        return described[0]

    app.openapi = describe_once  # type: ignore[method-assign]  # as FastAPI documents it
    methods = {one for route in app.routes for one in getattr(route, "methods", None) or ()}
    return ReadTarget(AnswerHead(RefuseRepeated(ReadBody(Idempotency(app)))), methods)
