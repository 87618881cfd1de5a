"""Connections to other nodes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ...answers.lists import PeerList
from ...host.host import Host
from ..answering import answer
from ..described import LISTS, PEER, READS, says
from ..models import PageQuery, PeerIn


def add_routes(router: APIRouter, host: Host) -> None:
    @router.get("/peers", **says(PeerList, refuses=LISTS), summary="List peers by device")
    async def list_peers(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(host.community().peers(limit=query.limit, cursor=query.cursor))

    @router.post("/peers", **says(None, 202, refuses=READS), summary="Dial an address from here on")
    async def dial(body: PeerIn) -> Response:
        host.community().dial(body.address)
        return Response(status_code=202)

    @router.put(
        "/peers/{reference}/block",
        **says(None, 204, refuses=PEER),
        summary="Cut a member or device off",
    )
    async def block(reference: str) -> Response:
        host.community().block(reference)
        return Response(status_code=204)

    @router.delete(
        "/peers/{reference}/block", **says(None, 204, refuses=PEER), summary="End a block"
    )
    async def unblock(reference: str) -> Response:
        host.community().unblock(reference)
        return Response(status_code=204)
