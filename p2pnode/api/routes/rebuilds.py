"""Rebuilding a community whose quorum is lost for good; its epochs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...answers.lists import EpochList, RebuildList
from ...host.host import Host
from ..answering import answer
from ..described import LISTS, SIGNS, says
from ..models import ApplyRebuildIn, DryRunQuery, PageQuery, RebuildIn, SignRebuildIn


def add_routes(router: APIRouter, host: Host) -> None:
    @router.get(
        "/epochs",
        **says(EpochList, refuses=LISTS),
        summary="List the epochs from the founding one on",
    )
    async def list_epochs(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(host.community().epochs(limit=query.limit, cursor=query.cursor))

    @router.get(
        "/rebuilds", **says(RebuildList, refuses=LISTS), summary="List the rebuilds there ever were"
    )
    async def list_rebuilds(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(host.community().rebuilds(limit=query.limit, cursor=query.cursor))

    @router.post(
        "/rebuilds",
        **says(answers.RebuildRequest, 201, 200, refuses=SIGNS),
        summary="Propose to go on without nodes that are lost for good, and sign that",
    )
    async def propose(body: RebuildIn, query: Annotated[DryRunQuery, Query()]) -> Response:
        made = await host.community().propose_rebuild(
            without=body.without, keep=body.keep, dry_run=query.dry_run
        )
        return answer(made, 200 if query.dry_run else 201)

    @router.post(
        "/rebuilds/signature",
        **says(answers.RebuildRequest, refuses=(*SIGNS, "not_found")),
        summary="Sign the rebuild that a survivor proposed",
    )
    async def sign(body: SignRebuildIn, query: Annotated[DryRunQuery, Query()]) -> Response:
        return answer(await host.community().sign_rebuild(body.request, dry_run=query.dry_run))

    @router.delete(
        "/rebuilds/signature",
        **says(answers.RebuildRequest, refuses=(*SIGNS, "not_found")),
        summary="Take the signature back: make blocks of this epoch again",
    )
    async def withdraw() -> Response:
        return answer(await host.community().withdraw_rebuild())

    @router.post(
        "/rebuilds/application",
        **says(answers.RebuildRequest, refuses=(*SIGNS, "not_found")),
        summary="Let this node go on by a rebuild that all survivors have signed",
    )
    async def apply(body: ApplyRebuildIn, query: Annotated[DryRunQuery, Query()]) -> Response:
        return answer(
            await host.community().apply_rebuild(
                body.rebuild, kept=body.kept, dry_run=query.dry_run
            )
        )
