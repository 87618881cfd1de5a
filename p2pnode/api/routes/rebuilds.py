"""Rebuilding a community whose quorum is lost for good; its epochs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...answers.lists import EpochList, RebuildList
from ..answering import answer
from ..described import LISTS, SIGNS, says
from ..meant import Meant
from ..models import ApplyRebuildIn, DryRunQuery, PageQuery, RebuildIn, SignRebuildIn


def add_routes(router: APIRouter) -> None:
    @router.get(
        "/epochs",
        **says(EpochList, refuses=LISTS),
        summary="List the epochs from the founding one on",
    )
    async def list_epochs(community: Meant, query: Annotated[PageQuery, Query()]) -> Response:
        return answer(community.epochs(limit=query.limit, cursor=query.cursor))

    @router.get(
        "/rebuilds", **says(RebuildList, refuses=LISTS), summary="List the rebuilds there ever were"
    )
    async def list_rebuilds(community: Meant, query: Annotated[PageQuery, Query()]) -> Response:
        return answer(community.rebuilds(limit=query.limit, cursor=query.cursor))

    @router.post(
        "/rebuilds",
        **says(answers.RebuildRequest, 201, 200, refuses=SIGNS),
        summary="Propose to go on without nodes that are lost for good, and sign that",
    )
    async def propose(
        community: Meant, body: RebuildIn, query: Annotated[DryRunQuery, Query()]
    ) -> Response:
        made = await community.propose_rebuild(
            without=body.without, keep=body.keep, dry_run=query.dry_run
        )
        return answer(made, 200 if query.dry_run else 201)

    @router.post(
        "/rebuilds/signature",
        **says(answers.RebuildRequest, refuses=(*SIGNS, "not_found")),
        summary="Sign the rebuild that a survivor proposed",
    )
    async def sign(
        community: Meant, body: SignRebuildIn, query: Annotated[DryRunQuery, Query()]
    ) -> Response:
        return answer(await community.sign_rebuild(body.request, dry_run=query.dry_run))

    @router.delete(
        "/rebuilds/signature",
        **says(answers.RebuildRequest, refuses=(*SIGNS, "not_found")),
        summary="Take the signature back: make blocks of this epoch again",
    )
    async def withdraw(community: Meant) -> Response:
        return answer(await community.withdraw_rebuild())

    @router.post(
        "/rebuilds/application",
        **says(answers.RebuildRequest, refuses=(*SIGNS, "not_found")),
        summary="Let this node go on by a rebuild that all survivors have signed",
    )
    async def apply(
        community: Meant, body: ApplyRebuildIn, query: Annotated[DryRunQuery, Query()]
    ) -> Response:
        return answer(
            await community.apply_rebuild(body.rebuild, kept=body.kept, dry_run=query.dry_run)
        )
