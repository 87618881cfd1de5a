"""The ASGI application of one node."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from .. import __version__
from ..node import Node
from . import problems
from .middleware import Idempotency, ReadBody
from .routes import community, log, machine, members, peers, proposals, rebuilds

PREFIX = "/api/v1"


def make_app(node: Node) -> FastAPI:
    """Return the routes, without the wrappers; what describes the API is made from it."""
    app = FastAPI(
        title="p2pnode",
        version=__version__,
        description="The local API of one node. One shape with `--json` and the Python API.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # both load scripts from elsewhere, and a node must work offline
        redoc_url=None,
    )
    problems.install(app)
    nouns = APIRouter(prefix=PREFIX)
    for module in (machine, community, proposals, members, rebuilds, peers, log):
        nouns.include_router(module.make_router(node))
    app.include_router(nouns)
    app.include_router(machine.make_probes(node))
    return app


def make_asgi(node: Node) -> ASGIApp:
    """Return what a server serves."""
    return ReadBody(Idempotency(make_app(node)))
