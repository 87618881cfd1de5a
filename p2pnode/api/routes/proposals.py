"""Proposals, votes and decisions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from p2pnode_protocols.record.actions import Action, NoAction
from p2pnode_protocols.wire.errors import UsageError

from ... import answers
from ...answers.lists import DecisionList, ProposalList
from ...community.community import Community
from ...errors import RequestError
from ..answering import answer, answer_receipt, refuse_revision
from ..described import LISTS, PROPOSAL, SIGNS, WAITS, says
from ..meant import Meant
from ..models import (
    ActionIn,
    CertificateQuery,
    DecisionsQuery,
    HowQuery,
    NoActionIn,
    ProposalsQuery,
    ProposeIn,
    RemoveIn,
    ReviseIn,
    SetAwayIn,
    VoteIn,
    WaitQuery,
    WithdrawIn,
)


def add_routes(router: APIRouter) -> None:
    @router.get(
        "/proposals",
        **says(ProposalList, refuses=(*LISTS, "unknown_tier")),
        summary="List proposals, newest first",
    )
    async def list_proposals(
        community: Meant, query: Annotated[ProposalsQuery, Query()]
    ) -> Response:
        return answer(community.proposals(query.filter(), limit=query.limit, cursor=query.cursor))

    @router.get(
        "/decisions",
        **says(DecisionList, refuses=(*LISTS, "unknown_tier")),
        summary="List what was decided, newest first",
    )
    async def list_decisions(
        community: Meant, query: Annotated[DecisionsQuery, Query()]
    ) -> Response:
        found = community.decisions(
            query.query,
            tier=query.tier,
            outcome=query.outcome,
            limit=query.limit,
            cursor=query.cursor,
        )
        return answer(found)

    @router.post(
        "/proposals", **says(answers.Receipt, 200, 202, refuses=SIGNS), summary="Open a proposal"
    )
    async def propose(
        community: Meant, body: ProposeIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        receipt = await community.propose(
            body.tier,
            body.title,
            body.text,
            close_ms=body.close_ms(community.now_ms),
            action=_read_action(community, body.action),
            vote=body.vote,
            how=query.how(),
        )
        return answer_receipt(receipt)

    @router.get(
        "/proposals/{reference}",
        **says(answers.Proposal, refuses=(*PROPOSAL, *WAITS)),
        summary="Show a proposal, or wait for its decision",
    )
    async def show(
        community: Meant, reference: str, query: Annotated[WaitQuery, Query()]
    ) -> Response:
        if query.wait is None:
            return answer(community.proposal(reference))
        return answer(await community.wait(reference, query.wait, query.timeout))

    @router.get(
        "/proposals/{reference}/explanation",
        **says(answers.Explanation, refuses=PROPOSAL),
        summary="Say why a proposal stands as it does",
    )
    async def explain(community: Meant, reference: str) -> Response:
        return answer(community.explain(reference))

    @router.get(
        "/proposals/{reference}/certificate",
        **says(
            answers.CertificateFile,
            refuses=(*PROPOSAL, *WAITS, "not_final", "not_proven", "not_kept"),
        ),
        summary="Make the certificate of a final decision, or wait until it can be made",
    )
    async def certificate(
        community: Meant, reference: str, query: Annotated[CertificateQuery, Query()]
    ) -> Response:
        if query.timeout is None:
            return answer(community.certificate(reference))
        return answer(await community.wait_for_certificate(reference, query.timeout))

    @router.post(
        "/proposals/{reference}/votes",
        **says(answers.Receipt, 200, 202, refuses=(*SIGNS, "revision_unnamed")),
        summary="Vote",
    )
    async def vote(
        community: Meant, reference: str, body: VoteIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        try:
            receipt = await community.vote(
                reference, body.choice, body.reason, revision=body.revision, how=query.how()
            )
        except (UsageError, RequestError) as error:
            return refuse_revision(community, reference, error)
        return answer_receipt(receipt)

    @router.post(
        "/proposals/{reference}/revisions",
        **says(answers.Receipt, 200, 202, refuses=(*SIGNS, "nothing_to_revise")),
        summary="Replace a proposal's text and ask everyone again",
    )
    async def revise(
        community: Meant, reference: str, body: ReviseIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        try:
            receipt = await community.revise(
                reference,
                title=body.title,
                text=body.text,
                close_ms=body.close_ms(community.now_ms),
                revision=body.revision,
                how=query.how(),
            )
        except UsageError as error:
            return refuse_revision(community, reference, error)
        return answer_receipt(receipt)

    @router.post(
        "/proposals/{reference}/withdrawal",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="End an own proposal without a decision",
    )
    async def withdraw(
        community: Meant, reference: str, body: WithdrawIn, query: Annotated[HowQuery, Query()]
    ) -> Response:
        try:
            receipt = await community.withdraw(
                reference, body.reason, revision=body.revision, how=query.how()
            )
        except UsageError as error:
            return refuse_revision(community, reference, error)
        return answer_receipt(receipt)


def _read_action(community: Community, action: ActionIn) -> Action:
    match action:
        case NoActionIn():
            return NoAction()
        case RemoveIn():
            return community.removal(action.member)
        case SetAwayIn():
            return community.absence(action.member, action.away)
