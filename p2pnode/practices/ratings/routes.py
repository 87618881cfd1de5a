"""What matters: rating an item, and all that is rated."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ...answers import Receipt
from ...api.answering import answer, answer_receipt
from ...api.described import READS, SIGNS, says
from ...api.meant import Meant
from ...api.models import Body, HowQuery, Reference
from .values import Trends
from .verbs import Ratings


class RateIn(Body):
    item: Reference
    on: bool = True


def add_routes(router: APIRouter) -> None:
    @router.get(
        "/ratings",
        **says(Trends, refuses=(*READS, "not_active")),
        summary="Show what is rated, what matters most first",
    )
    async def trends(community: Meant) -> Response:
        return answer(Ratings(community).trends())

    @router.post(
        "/ratings",
        **says(Receipt, 200, 202, refuses=SIGNS),
        summary="Say that an item matters, or take that back",
    )
    async def rate(community: Meant, body: RateIn, query: Annotated[HowQuery, Query()]) -> Response:
        receipt = await Ratings(community).rate(body.item, on=body.on, how=query.how())
        return answer_receipt(receipt)
