"""Turn the node's answers into responses."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter
from starlette.responses import Response

from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import to_text

from ..answers import Receipt
from ..community.community import Community
from ..errors import RequestError
from .problems import refusal

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
    # A path on this machine need not be UTF-8; what cannot be written stays a JSON escape.
    content = text.encode(errors="backslashreplace")
    return Response(content, status_code=status, media_type="application/json")


def answer(value: object, status: int = 200) -> Response:
    return respond(to_document(value), status)


def answer_receipt(receipt: Receipt) -> Response:
    """Return 202 while the op is on its way, 200 once it is final or where none was signed."""
    return answer(receipt, 202 if receipt.state == "queued" else 200)


def refuse_revision(
    community: Community, reference: str, error: UsageError | RequestError
) -> Response:
    """Answer who named a text that was replaced, or none, with the one that stands there now.

    Raises:
        UsageError, RequestError: `error`, where it is about something else.
    """
    if error.code not in ("superseded_revision", "revision_unnamed"):
        raise error
    current = community.proposal(reference).revisions[-1].id
    return refusal(error, {"current_revision": to_text("pro", current)})
