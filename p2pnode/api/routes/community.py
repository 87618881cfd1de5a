"""Coming to a community, its charter, its invites."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...answers.documents import LinkText
from ...answers.lists import InviteList
from ...host.host import Host
from ..answering import answer
from ..described import JOINS, LISTS, READS, says
from ..models import (
    FoundIn,
    JoinIn,
    PageQuery,
    WaitQuery,
    read_changes,
)


def add_routes(router: APIRouter, host: Host) -> None:
    @router.post(
        "/community",
        **says(answers.Founded, 201, refuses=JOINS),
        summary="Found a community with this home's owner as first member",
    )
    async def found(body: FoundIn) -> Response:
        founded = await host.found(
            body.name,
            body.member_name,
            fault_model=body.fault_model,
            changes=read_changes(body.changes),
        )
        return answer(founded, 201)

    @router.post(
        "/join",
        **says(answers.JoinStatus, 200, 202, refuses=JOINS),
        summary="Join the community of a link",
    )
    async def join(body: JoinIn, query: Annotated[WaitQuery, Query()]) -> Response:
        wait_s = query.timeout if query.wait == "final" else None
        status = await host.join(body.link, body.member_name, wait_s=wait_s)
        return answer(status, 200 if status.stage == "admitted" else 202)

    @router.get(
        "/join", **says(answers.JoinStatus, refuses=READS), summary="Say where the join stands"
    )
    async def join_status() -> Response:
        return answer(host.community().join_status())

    @router.delete("/join", **says(None, 204, refuses=JOINS), summary="Give a join up")
    async def give_up() -> Response:
        for community in host.communities:
            await community.give_up_joining()
        return Response(status_code=204)

    @router.get("/charter", **says(answers.CharterText, refuses=READS), summary="Show the charter")
    async def charter() -> Response:
        return answer(host.community().charter())

    @router.get(
        "/invites", **says(InviteList, refuses=LISTS), summary="List invites, latest expiry first"
    )
    async def list_invites(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(host.community().invites(limit=query.limit, cursor=query.cursor))

    @router.get(
        "/link",
        **says(LinkText, refuses=READS),
        summary="Make a link without a seat, for a further own device",
    )
    async def link() -> Response:
        return answer(LinkText(host.community().link()))
