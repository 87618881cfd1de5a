"""The communities of this home, and how it comes to one more: by founding, by joining."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...answers.documents import BindingText
from ...answers.lists import CommunityList
from ...host.host import Host
from ..answering import answer
from ..described import JOINS, says
from ..models import (
    BindingIn,
    BindingRequestIn,
    FoundIn,
    JoinIn,
    PageQuery,
    WaitQuery,
    read_changes,
)


def add_routes(router: APIRouter, host: Host) -> None:
    @router.get(
        "/communities",
        **says(CommunityList, refuses=("bad_cursor",)),
        summary="List the communities of this home by name",
    )
    async def list_communities(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(host.list_communities(limit=query.limit, cursor=query.cursor))

    @router.post(
        "/communities",
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
        "/node/joins",
        **says(answers.JoinStatus, 200, 202, refuses=JOINS),
        summary="Join the community of a link",
    )
    async def join(body: JoinIn, query: Annotated[WaitQuery, Query()]) -> Response:
        wait_s = query.timeout if query.wait == "final" else None
        status = await host.join(body.link, body.member_name, wait_s=wait_s)
        return answer(status, 200 if status.stage == "admitted" else 202)

    @router.post(
        "/node/device-bindings",
        **says(BindingText, 201, refuses=("bad_link", "bad_id")),
        summary="Agree to be a further device of a seat",
    )
    async def bind(body: BindingIn) -> Response:
        binding = host.device_binding(body.link, body.member)
        return answer(BindingText(binding), 201)

    @router.put(
        "/node/device-bindings/me",
        **says(BindingText, refuses=JOINS),
        summary="Ask to be a further device of a seat, and join",
    )
    async def ask(body: BindingRequestIn) -> Response:
        code = await host.request_binding(body.link)
        return answer(BindingText(code))
