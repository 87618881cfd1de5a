"""Turn the node's answers into responses, and paging into cursors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from starlette.responses import Response

from ..answers import Receipt
from ..errors import RequestError

_ADAPTERS: dict[type, TypeAdapter[Any]] = {}  # building one costs ms, using it µs


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_document(value: object) -> Any:
    """Return `value`, one of `p2pnode.answers`, as JSON-ready lists, dicts and scalars."""
    return _adapter(type(value)).dump_python(value, mode="json")


def respond(document: object, status: int = 200) -> Response:
    """Return a JSON response with sorted keys, so that two equal answers are equal bytes."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return Response(text, status_code=status, media_type="application/json")


def answer(value: object, status: int = 200) -> Response:
    return respond(to_document(value), status)


def answer_receipt(receipt: Receipt) -> Response:
    """Return 200 once the op is final, 202 while it is on its way."""
    return answer(receipt, 200 if receipt.state == "final" else 202)


def answer_page(kind: str, items: Sequence[object], start: int, limit: int) -> Response:
    """Return one page as JSON.

    Args:
        kind: of the list, for its schema.
        items: from `start` on, one more than the page holds when there are more.
        start: how many items came before.
        limit: the most items of a page.
    """
    following = str(start + limit) if len(items) > limit else None
    return answer_list(kind, items[:limit], following)


def answer_list(kind: str, items: Sequence[object], next_cursor: str | None = None) -> Response:
    return respond(
        {
            "schema": f"p2pnode/{kind}/1",
            "items": [to_document(one) for one in items],
            "next_cursor": next_cursor,
        }
    )


def parse_cursor(cursor: str | None) -> int:
    """Return the number in `cursor`, 0 for none. Raises `RequestError` `invalid_request`."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise RequestError("invalid_request", f"cursor {cursor!r} is not one this node gave")
    return int(cursor)
