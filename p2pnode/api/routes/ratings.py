"""What matters: rating an item, and all that is rated."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ... import answers
from ..answering import answer, answer_receipt
from ..described import READS, SIGNS, says
from ..meant import Meant
from ..models import HowQuery, RateIn


def add_routes(router: APIRouter) -> None:
    @router.get(
        "/ratings",
        **says(answers.Trends, refuses=(*READS, "not_active")),
        summary="Show what is rated, what matters most first",
    )
    async def trends(community: Meant) -> Response:
        return answer(community.trends())

    @router.post(
        "/ratings",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Say that an item matters, or take that back",
    )
    async def rate(community: Meant, body: RateIn, query: Annotated[HowQuery, Query()]) -> Response:
        receipt = await community.rate(body.item, on=body.on, how=query.how())
        return answer_receipt(receipt)
