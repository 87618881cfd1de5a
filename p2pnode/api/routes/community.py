"""How a community stands, where a join to it stands, its charter, its invites."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...answers.documents import LinkText
from ...answers.lists import InviteList
from ..answering import answer
from ..described import JOINS, LISTS, READS, WAITS, says
from ..meant import Meant
from ..models import PageQuery, StatusQuery


def add_routes(router: APIRouter) -> None:
    @router.get(
        "/status", **says(answers.Status, refuses=WAITS), summary="Show the status, or wait for one"
    )
    async def status(community: Meant, query: Annotated[StatusQuery, Query()]) -> Response:
        if not query.waits:
            return answer(community.status())
        return answer(await community.wait_status(query.is_met, query.timeout))

    @router.get(
        "/join", **says(answers.JoinStatus, refuses=READS), summary="Say where the join stands"
    )
    async def join_status(community: Meant) -> Response:
        return answer(community.join_status())

    @router.delete("/join", **says(None, 204, refuses=JOINS), summary="Give a join up")
    async def give_up(community: Meant) -> Response:
        await community.give_up_joining()
        return Response(status_code=204)

    @router.get("/charter", **says(answers.CharterText, refuses=READS), summary="Show the charter")
    async def charter(community: Meant) -> Response:
        return answer(community.charter())

    @router.get(
        "/practices",
        **says(answers.PracticesHere, refuses=READS),
        summary="Show which practices are in force, and whose nodes can follow the next versions",
    )
    async def practices(community: Meant) -> Response:
        return answer(community.practices())

    @router.get(
        "/invites", **says(InviteList, refuses=LISTS), summary="List invites, latest expiry first"
    )
    async def list_invites(community: Meant, query: Annotated[PageQuery, Query()]) -> Response:
        return answer(community.invites(limit=query.limit, cursor=query.cursor))

    @router.get(
        "/link",
        **says(LinkText, refuses=READS),
        summary="Make a link without a seat, for a further own device",
    )
    async def link(community: Meant) -> Response:
        return answer(LinkText(community.link()))
