"""Questions to the community with an effect: what is done when they pass."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from p2pnode_protocols.wire.errors import UsageError

from ... import answers
from ..answering import answer_receipt, refuse_revision
from ..described import SIGNS, says
from ..meant import Meant
from ..models import AmendIn, EraseIn, HowQuery, InviteIn, RekeyIn, parse_duration_ms, read_changes


def add_routes(router: APIRouter) -> None:
    @router.post(
        "/amendments",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Propose an amendment",
    )
    async def amend(
        community: Meant, body: AmendIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        receipt = await community.amend(
            read_changes(body.changes),
            title=body.title,
            text=body.text,
            vote=body.vote,
            how=query.how(),
        )
        return answer_receipt(receipt)

    @router.post(
        "/invites", **says(answers.Receipt, 200, 202, refuses=SIGNS), summary="Propose an invite"
    )
    async def invite(
        community: Meant, body: InviteIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        receipt = await community.invite(
            body.name,
            uses=body.uses,
            valid_ms=parse_duration_ms(body.expires_in),
            text=body.text,
            vote=body.vote,
            how=query.how(),
        )
        return answer_receipt(receipt)

    @router.post(
        "/rekeys",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Propose a new key for a lost one",
    )
    async def rekey(
        community: Meant, body: RekeyIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        receipt = await community.rekey(
            body.binding, text=body.text, vote=body.vote, how=query.how()
        )
        return answer_receipt(receipt)

    @router.post(
        "/proposals/{reference}/erasure",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Propose to delete a proposal's texts everywhere",
    )
    async def erase(
        community: Meant, reference: str, body: EraseIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        try:
            receipt = await community.erase(
                reference,
                part=body.part,
                text=body.text,
                vote=body.vote,
                revision=body.revision,
                how=query.how(),
            )
        except UsageError as error:
            return refuse_revision(community, reference, error)
        return answer_receipt(receipt)
