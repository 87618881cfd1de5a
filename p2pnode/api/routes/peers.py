"""Connections to other nodes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ...answers.lists import PeerList
from ..answering import answer
from ..described import LISTS, PEER, READS, says
from ..meant import Meant
from ..models import PageQuery, PeerIn


def add_routes(router: APIRouter) -> None:
    @router.get("/peers", **says(PeerList, refuses=LISTS), summary="List peers by device")
    async def list_peers(community: Meant, query: Annotated[PageQuery, Query()]) -> Response:
        return answer(community.peers(limit=query.limit, cursor=query.cursor))

    @router.post("/peers", **says(None, 202, refuses=READS), summary="Dial an address from here on")
    async def dial(community: Meant, body: PeerIn) -> Response:
        community.dial(body.address)
        return Response(status_code=202)

    @router.put(
        "/peers/{reference}/block",
        **says(None, 204, refuses=PEER),
        summary="Cut a member or device off",
    )
    async def block(community: Meant, reference: str) -> Response:
        community.block(reference)
        return Response(status_code=204)

    @router.delete(
        "/peers/{reference}/block", **says(None, 204, refuses=PEER), summary="End a block"
    )
    async def unblock(community: Meant, reference: str) -> Response:
        community.unblock(reference)
        return Response(status_code=204)
