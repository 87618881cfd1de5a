"""This node: status, health, configuration, and the probes of supervisors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...node import Node
from ...status import quick_checks
from ..answering import answer, respond
from ..models import BackupIn, HealthQuery, StatusQuery, VerboseQuery


def add_routes(router: APIRouter, node: Node) -> None:
    @router.get(
        "/status", response_model=answers.Status, summary="Show the status, or wait for one"
    )
    async def status(query: Annotated[StatusQuery, Query()]) -> Response:
        if not query.waits:
            return answer(node.status())
        return answer(await node.wait_status(query.is_met, query.timeout))

    @router.get("/health", response_model=answers.Health, summary="Show every check")
    async def health(query: Annotated[HealthQuery, Query()]) -> Response:
        return answer(await node.health(deep=query.deep))

    @router.post(
        "/backups",
        status_code=201,
        response_model=answers.BackupMade,
        summary="Write a backup of this home to a file",
    )
    async def back_up(body: BackupIn) -> Response:
        made = await node.back_up(body.file, with_key=body.with_key, replace=body.replace)
        return answer(made, 201)

    @router.get("/config", summary="Show every setting and where it comes from")
    async def config() -> Response:
        values = [
            {"key": key, "value": value, "origin": node.config.origins[key]}
            for key, value in node.config.by_key().items()
        ]
        return respond(
            {
                "schema": "p2pnode/config/1",
                "file": str(node.paths.config_file),
                "values": values,
                "warnings": list(node.config.warnings),
            }
        )

    @router.get("/paths", summary="Show where this node's files are")
    async def paths() -> Response:
        home = node.paths.home
        return respond(
            {
                "schema": "p2pnode/paths/1",
                "home": None if home is None else str(home),
                **node.paths.described(),
            }
        )


def add_probes(router: APIRouter, node: Node) -> None:
    """Add the routes at the root that supervisors ask."""

    @router.get("/livez", summary="Is the store writable and this loop running?")
    async def livez(query: Annotated[VerboseQuery, Query()]) -> Response:
        # Peers are not asked for: a laptop without a network must not be restarted for it.
        return _probe(node, ("store_writable",), query.verbose)

    @router.get("/readyz", summary="Can this node serve requests?")
    async def readyz(query: Annotated[VerboseQuery, Query()]) -> Response:
        return _probe(node, ("store_writable", "disk_space", "key_permissions"), query.verbose)


def _probe(node: Node, names: tuple[str, ...], verbose: bool) -> Response:
    checks = [one for one in quick_checks(node) if one.name in names]
    failing = [one for one in checks if one.severity == "critical"]
    lines = [
        f"{one.name}: {one.severity}: {one.detail}" for one in (checks if verbose else failing)
    ]
    text = "\n".join(lines) if lines else "ok"
    return Response(f"{text}\n", 503 if failing else 200, media_type="text/plain; charset=utf-8")
