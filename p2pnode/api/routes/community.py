"""Coming to a community, its charter, its invites."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...node import Node
from ..answering import answer, respond
from ..models import (
    FoundIn,
    JoinIn,
    PageQuery,
    WaitQuery,
    read_changes,
)


def add_routes(router: APIRouter, node: Node) -> None:
    @router.post(
        "/community",
        response_model=answers.Founded,
        status_code=201,
        summary="Found a community with this home's owner as first member",
    )
    async def found(body: FoundIn) -> Response:
        founded = await node.found(
            body.name,
            body.member_name,
            fault_model=body.fault_model,
            changes=read_changes(body.changes),
        )
        return answer(founded, 201)

    @router.post("/join", response_model=answers.JoinStatus, summary="Join the community of a link")
    async def join(body: JoinIn, query: Annotated[WaitQuery, Query()]) -> Response:
        status = await node.join(body.link, body.member_name)
        if query.wait == "final":
            status = await node.wait_admitted(query.timeout)
        return answer(status, 200 if status.stage == "admitted" else 202)

    @router.get("/join", response_model=answers.JoinStatus, summary="Say where the join stands")
    async def join_status() -> Response:
        return answer(node.join_status())

    @router.delete("/join", status_code=204, summary="Give a join up")
    async def give_up() -> Response:
        await node.give_up_joining()
        return Response(status_code=204)

    @router.get("/charter", response_model=answers.CharterText, summary="Show the charter")
    async def charter() -> Response:
        return answer(node.charter())

    @router.get("/invites", summary="List invites, latest expiry first")
    async def list_invites(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(node.invites(limit=query.limit, cursor=query.cursor))

    @router.get("/link", summary="Make a link without a seat, for a further own device")
    async def link() -> Response:
        return respond({"schema": "p2pnode/link/1", "link": node.link()})
