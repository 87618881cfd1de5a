"""The finalized log: commits, verification, and what happens as a stream."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response, StreamingResponse

from ... import answers
from ...answers.lists import CommitList, NoteList
from ...errors import RequestError
from ..answering import answer, answer_receipt
from ..described import LISTS, READS, SIGNS, STORE, says
from ..meant import Meant
from ..models import (
    CommitsQuery,
    EventsQuery,
    HowQuery,
    Index,
    NoteIn,
    NotesQuery,
    read_event_id,
)
from ..stream import EventStream, read_types


def add_routes(router: APIRouter) -> None:
    @router.get(
        "/commits",
        **says(CommitList, refuses=LISTS),
        summary="List the finalized log from an index on",
    )
    async def list_commits(community: Meant, query: Annotated[CommitsQuery, Query()]) -> Response:
        return answer(community.commits(query.after or 0, limit=query.limit, cursor=query.cursor))

    @router.get(
        "/commits/{index}",
        **says(answers.LogCommit, refuses=(*READS, "not_found")),
        summary="Show one commit",
    )
    async def show_commit(community: Meant, index: Annotated[Index, Path()]) -> Response:
        found = community.commits(index - 1, limit=1).items
        if not found or found[0].index != index:
            raise RequestError("not_found", f"the log has no commit {index} here")
        return answer(found[0])

    @router.get(
        "/notes", **says(NoteList, refuses=LISTS), summary="List notes in the order of the log"
    )
    async def list_notes(community: Meant, query: Annotated[NotesQuery, Query()]) -> Response:
        found = community.notes(query.namespace, limit=query.limit, cursor=query.cursor)
        return answer(found)

    @router.post(
        "/notes",
        **says(answers.Receipt, 200, 202, refuses=SIGNS),
        summary="Put a note into the log",
    )
    async def note(community: Meant, body: NoteIn, query: Annotated[HowQuery, Query()]) -> Response:
        receipt = await community.note(body.namespace, body.data, how=query.how())
        return answer_receipt(receipt)

    @router.post(
        "/log/verification",
        **says(answers.Verification, refuses=READS),
        summary="Check every signature and replay the whole log",
    )
    async def verify(community: Meant) -> Response:
        return answer(await community.verify_log())

    @router.get(
        "/events",
        **says(str, refuses=("beyond_log", *STORE), media_type="text/event-stream"),
        summary="Follow what happens in it (server-sent events)",
    )
    async def events(
        community: Meant,
        query: Annotated[EventsQuery, Query()],
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        after = query.after
        if last_event_id is not None:
            after = read_event_id(last_event_id)
        types = None if query.types is None else read_types(query.types)
        stream = EventStream(community, after, types)
        return StreamingResponse(
            stream.lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
