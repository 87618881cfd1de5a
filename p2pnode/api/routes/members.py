"""Members, and one's own seat: absence, departure, devices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...answers.documents import BindingText
from ...answers.lists import MemberList
from ...host.host import Host
from ..answering import answer, answer_receipt
from ..described import JOINS, LISTS, MEMBER, SIGNS, says
from ..models import BindingIn, BindingRequestIn, DeviceIn, HowQuery, NodeKeyIn, PageQuery


def add_routes(router: APIRouter, host: Host) -> None:
    @router.get("/members", **says(MemberList, refuses=LISTS), summary="List members by name")
    async def list_members(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(host.community().members(limit=query.limit, cursor=query.cursor))

    @router.get(
        "/members/{reference}", **says(answers.Member, refuses=MEMBER), summary="Show a member"
    )
    async def show(reference: str) -> Response:
        return answer(host.community().member(reference))

    @router.post(
        "/members/me/absence", **says(answers.Receipt, 200, 202, refuses=SIGNS), summary="Go away"
    )
    async def away(query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await host.community().away(how=query.how()))

    @router.delete(
        "/members/me/absence", **says(answers.Receipt, 200, 202, refuses=SIGNS), summary="Come back"
    )
    async def back(query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await host.community().back(how=query.how()))

    @router.post(
        "/members/me/departure",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Give the seat up",
    )
    async def leave(query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await host.community().leave(how=query.how()))

    @router.post(
        "/members/me/devices",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Bind a further device",
    )
    async def add_device(body: DeviceIn, query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await host.community().add_device(body.binding, how=query.how()))

    @router.delete(
        "/members/me/devices/{device}",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Take a device off the seat",
    )
    async def revoke_device(device: str, query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await host.community().revoke_device(device, how=query.how()))

    @router.put(
        "/members/me/node-key",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Say which device makes blocks",
    )
    async def set_node_key(body: NodeKeyIn, query: Annotated[HowQuery, Query()]) -> Response:
        return answer_receipt(await host.community().set_node_key(body.device, how=query.how()))

    @router.post(
        "/device-bindings",
        **says(BindingText, 201, refuses=("bad_link", "bad_id")),
        summary="Agree to be a further device of a seat",
    )
    async def bind(body: BindingIn) -> Response:
        binding = host.device_binding(body.link, body.member)
        return answer(BindingText(binding), 201)

    @router.put(
        "/device-bindings/me",
        **says(BindingText, refuses=JOINS),
        summary="Ask to be a further device of a seat, and join",
    )
    async def ask(body: BindingRequestIn) -> Response:
        code = await host.request_binding(body.link)
        return answer(BindingText(code))
