"""This process: status, health, configuration, events of all, and the probes of supervisors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from ... import answers
from ...answers.documents import Places, Setting, Settings
from ...host.health import is_well
from ...host.host import Host
from ..answering import answer
from ..described import READS, STORE, says
from ..models import BackupIn, HealthQuery, NodeEventsQuery, VerboseQuery
from ..stream import NodeStream, read_types


def add_routes(router: APIRouter, host: Host) -> None:
    @router.get(
        "", **says(answers.NodeStatus), summary="Show how this process is, and each community of it"
    )
    async def status() -> Response:
        return answer(host.node_status())

    @router.get("/health", **says(answers.Health, refuses=STORE), summary="Show every check")
    async def health(query: Annotated[HealthQuery, Query()]) -> Response:
        return answer(await host.health(deep=query.deep))

    @router.post(
        "/backups",
        **says(answers.BackupMade, 201, refuses=(*READS, "backup_exists", "backup_unwritable")),
        summary="Write a backup of this home to a file",
    )
    async def back_up(body: BackupIn) -> Response:
        made = await host.back_up(
            body.file,
            with_key=body.with_key,
            replace=body.replace,
            only=body.communities,
        )
        return answer(made, 201)

    @router.get("/config", **says(Settings), summary="Show every setting and where it comes from")
    async def config() -> Response:
        values = tuple(
            Setting(key, _read(value), host.config.origins[key])
            for key, value in host.config.by_key().items()
        )
        return answer(Settings(str(host.paths.config_file), values, tuple(host.config.warnings)))

    @router.get("/paths", **says(Places), summary="Show where this node's files are")
    async def paths() -> Response:
        home, files = host.paths.home, host.paths.described()
        return answer(
            Places(
                home=None if home is None else str(home),
                config=files["config"],
                key=files["key"],
                communities=files["communities"],
                lock=files["lock"],
                signed=files["signed"],
                socket=files["socket"],
            )
        )

    @router.get(
        "/events",
        **says(str, media_type="text/event-stream"),
        summary="Follow what happens in all communities (server-sent events)",
    )
    async def events(query: Annotated[NodeEventsQuery, Query()]) -> Response:
        types = None if query.types is None else read_types(query.types)
        return StreamingResponse(
            NodeStream(host, types).lines(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )


def _read(value: object) -> bool | int | str | tuple[str, ...] | None:
    match value:
        case bool() | int() | str() | None:
            return value
        case tuple():
            return tuple(map(str, value))
        case _:
            return str(value)


def add_probes(router: APIRouter, host: Host) -> None:
    """Add the routes at the root that supervisors ask."""

    @router.get(
        "/livez",
        **says(str, 200, 503, media_type="text/plain"),
        summary="Can a store be written, and does this loop run?",
    )
    async def livez(query: Annotated[VerboseQuery, Query()]) -> Response:
        # Peers are not asked for: a laptop without a network must not be restarted for it.
        return _probe(host, ("store_writable",), query.verbose)

    @router.get(
        "/readyz",
        **says(str, 200, 503, media_type="text/plain"),
        summary="Can this node serve requests?",
    )
    async def readyz(query: Annotated[VerboseQuery, Query()]) -> Response:
        return _probe(host, ("store_writable", "disk_space", "key_permissions"), query.verbose)


def _probe(host: Host, names: tuple[str, ...], verbose: bool) -> Response:
    """Answer 503 when all communities are in a critical state, or what they share is."""
    checks = [one for one in host.quick_checks() if one.name in names]
    shown = checks if verbose else [one for one in checks if one.severity == "critical"]
    text = "\n".join(f"{one.name}: {one.severity}: {one.detail}" for one in shown) or "ok"
    status = 200 if is_well(checks) else 503
    return Response(f"{text}\n", status, media_type="text/plain; charset=utf-8")
