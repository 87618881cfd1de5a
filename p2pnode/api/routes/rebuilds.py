"""Rebuilding a community whose quorum is lost for good; its epochs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...node import Node
from ..answering import answer
from ..models import ApplyRebuildIn, DryRunQuery, PageQuery, RebuildIn, SignRebuildIn


def add_routes(router: APIRouter, node: Node) -> None:
    @router.get("/epochs", summary="List the epochs from the founding one on")
    async def list_epochs(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(node.epochs(limit=query.limit, cursor=query.cursor))

    @router.get("/rebuilds", summary="List the rebuilds there ever were")
    async def list_rebuilds(query: Annotated[PageQuery, Query()]) -> Response:
        return answer(node.rebuilds(limit=query.limit, cursor=query.cursor))

    @router.post(
        "/rebuilds",
        response_model=answers.RebuildRequest,
        status_code=201,
        summary="Propose to go on without nodes that are lost for good, and sign that",
    )
    async def propose(body: RebuildIn, query: Annotated[DryRunQuery, Query()]) -> Response:
        made = await node.propose_rebuild(
            without=body.without, keep=body.keep, dry_run=query.dry_run
        )
        return answer(made, 200 if query.dry_run else 201)

    @router.post(
        "/rebuilds/signature",
        response_model=answers.RebuildRequest,
        summary="Sign the rebuild that a survivor proposed",
    )
    async def sign(body: SignRebuildIn, query: Annotated[DryRunQuery, Query()]) -> Response:
        return answer(await node.sign_rebuild(body.request, dry_run=query.dry_run))

    @router.delete(
        "/rebuilds/signature",
        response_model=answers.RebuildRequest,
        summary="Take the signature back: make blocks of this epoch again",
    )
    async def withdraw() -> Response:
        return answer(await node.withdraw_rebuild())

    @router.post(
        "/rebuilds/application",
        response_model=answers.RebuildRequest,
        summary="Let this node go on by a rebuild that all survivors have signed",
    )
    async def apply(body: ApplyRebuildIn, query: Annotated[DryRunQuery, Query()]) -> Response:
        return answer(await node.apply_rebuild(body.rebuild, dry_run=query.dry_run))
