"""Members, and one's own seat: absence, departure, devices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...answers.lists import MemberList
from ..answering import answer, answer_receipt
from ..described import LISTS, MEMBER, SIGNS, says
from ..meant import Meant
from ..models import DeviceIn, HowQuery, NodeKeyIn, PageQuery


def add_routes(router: APIRouter) -> None:
    @router.get("/members", **says(MemberList, refuses=LISTS), summary="List members by name")
    async def list_members(community: Meant, query: Annotated[PageQuery, Query()]) -> Response:
        return answer(community.members(limit=query.limit, cursor=query.cursor))

    @router.get(
        "/members/{reference}", **says(answers.Member, refuses=MEMBER), summary="Show a member"
    )
    async def show(community: Meant, reference: str) -> Response:
        return answer(community.member(reference))

    @router.post(
        "/members/me/absence", **says(answers.Receipt, 200, 202, refuses=SIGNS), summary="Go away"
    )
    async def away(community: Meant, query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await community.away(how=query.how()))

    @router.delete(
        "/members/me/absence", **says(answers.Receipt, 200, 202, refuses=SIGNS), summary="Come back"
    )
    async def back(community: Meant, query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await community.back(how=query.how()))

    @router.post(
        "/members/me/departure",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Give the seat up",
    )
    async def leave(community: Meant, query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await community.leave(how=query.how()))

    @router.post(
        "/members/me/devices",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Bind a further device",
    )
    async def add_device(
        community: Meant, body: DeviceIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        return answer_receipt(await community.add_device(body.binding, how=query.how()))

    @router.delete(
        "/members/me/devices/{device}",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Take a device off the seat",
    )
    async def revoke_device(
        community: Meant, device: str, query: Annotated[HowQuery, Query()]
    ) -> Response:
        return answer_receipt(await community.revoke_device(device, how=query.how()))

    @router.put(
        "/members/me/node-key",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Say which device makes blocks",
    )
    async def set_node_key(
        community: Meant, body: NodeKeyIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        return answer_receipt(await community.set_node_key(body.device, how=query.how()))
