"""Connections to other nodes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ...node import Node
from ..answering import answer_page, parse_cursor
from ..models import PageQuery, PeerIn


def add_routes(router: APIRouter, node: Node) -> None:
    @router.get("/peers", summary="List peers, members first")
    async def list_peers(query: Annotated[PageQuery, Query()]) -> Response:
        start = parse_cursor(query.cursor)
        items = node.peers()[start : start + query.limit + 1]
        return answer_page("peer_list", items, start, query.limit)

    @router.post("/peers", status_code=202, summary="Dial an address from here on")
    async def dial(body: PeerIn) -> Response:
        node.dial(body.address)
        return Response(status_code=202)

    @router.put("/peers/{reference}/block", status_code=204, summary="Cut a member or device off")
    async def block(reference: str) -> Response:
        node.block(reference)
        return Response(status_code=204)

    @router.delete("/peers/{reference}/block", status_code=204, summary="End a block")
    async def unblock(reference: str) -> Response:
        node.unblock(reference)
        return Response(status_code=204)
