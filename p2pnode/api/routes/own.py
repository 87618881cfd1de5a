"""What this device said in a community."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ...community.asked.questions import OWN_OPS_SHOWN
from ...community.references import read_op_id
from ..answering import answer
from ..described import LISTS, READS, WAITS, says
from ..meant import Meant
from ..models import HurryQuery, OwnOpsQuery, SeenIn


def add_routes(router: APIRouter) -> None:
    @router.get(
        "/ops",
        **says(answers.OwnOps, refuses=LISTS),
        summary="Show what this device said that does not count, yet or at all",
    )
    async def own_ops(community: Meant, query: Annotated[OwnOpsQuery, Query()]) -> Response:
        found = community.own_ops(everything=query.all, limit=query.limit, cursor=query.cursor)
        return answer(found)

    @router.post(
        "/ops/hurry",
        **says(answers.OwnOps, refuses=(*READS, *WAITS)),
        summary="Let all that this device said be made final at once",
    )
    async def hurry(community: Meant, query: Annotated[HurryQuery, Query()]) -> Response:
        return answer(await community.hurry(how=query.how()))

    @router.post(
        "/ops/seen",
        **says(answers.OwnOps, refuses=(*READS, "bad_id")),
        summary="Say that refused ones are known",
    )
    async def mark_seen(community: Meant, body: SeenIn) -> Response:
        ops = None if body.ops is None else [read_op_id(one) for one in body.ops]
        community.mark_seen(ops)
        return answer(community.own_ops(limit=OWN_OPS_SHOWN))
