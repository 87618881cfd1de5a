"""Read what a request carries, strictly, in one place: its body and its query values.

JSON leaves open what a name that stands twice means, how deep values may nest and how long a
number is, and what reads it differs there. So nothing is guessed: what two readers could take
for two things is refused, before any of it is looked at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.responses import Response

from ..errors import RequestError

MEDIA_TYPE = "application/json"
DIGITS = 1000  # of a number; int() takes time with their square, and refuses 4,301 by itself
NESTED = 16  # levels of a body; no route's fields have more than four


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A route whose body and query values are read here and not by the framework."""

    def get_route_handler(self) -> Handler:
        return read_strictly(self, super().get_route_handler())


def read_strictly(route: APIRoute, handle: Handler) -> Handler:
    """Return what reads a request to this route, and then lets `handle` answer it."""
    takes_body = route.body_field is not None
    query = route.dependant.query_params

    async def read_first(request: Request) -> Response:
        check_query(request.scope["query_string"], is_taken=bool(query))
        body = await request.body()
        if takes_body and not body:
            raise _invalid("body", "it is missing: this route takes a JSON object")
        if body:
            check_content_type(request.headers)
            content = read_json(body)
            if not takes_body and content != {}:
                raise _invalid("body", "this route takes no body; send none, or {}")
            request = _AsRead(request, content)
        return await handle(request)

    return read_first


class _AsRead(Request):
    """The request again, with its body as it was read."""

    def __init__(self, request: Request, content: object) -> None:
        # The framework asks the header once more; it must come to the same.
        headers = [one for one in request.scope["headers"] if one[0] != b"content-type"]
        headers.append((b"content-type", MEDIA_TYPE.encode()))
        super().__init__({**request.scope, "headers": headers}, request.receive)
        self._read = content

    async def body(self) -> bytes:
        return b"{}"  # only looked at for whether there is one

    async def json(self) -> object:
        return self._read


def check_content_type(headers: Headers) -> None:
    """Raise `RequestError` `unsupported_media_type` for a body that does not say it is JSON."""
    if not is_json(headers):
        found = ", ".join(headers.getlist("content-type")) or "nothing"
        raise RequestError(
            "unsupported_media_type",
            f"the Content-Type of this body is {found!r}; bodies are read as {MEDIA_TYPE}, "
            "UTF-8, without a Content-Encoding",
            f"send the header Content-Type: {MEDIA_TYPE}",
        )


def is_json(headers: Headers) -> bool:
    """Return whether a body with these headers is JSON in UTF-8, and said to be that once."""
    found = headers.getlist("content-type")
    encodings = headers.getlist("content-encoding")
    if len(found) != 1 or any(one.lower() != "identity" for one in encodings):
        return False
    read = Message()
    read["content-type"] = found[0]
    charset = read.get_param("charset", "utf-8")
    return (
        read.get_content_type() == MEDIA_TYPE
        and isinstance(charset, str)
        and charset.lower() in ("utf-8", "utf8")
    )


def read_json(body: bytes) -> object:
    """Return what a body says.

    Raises:
        RequestValidationError: it is not UTF-8 or not JSON, has a name twice in one object, half
            a character (a lone surrogate), a number without end, or more than `NESTED` levels.
    """
    try:
        content: object = json.loads(
            body.decode(),
            object_pairs_hook=_read_object,
            parse_constant=_refuse_constant,
            parse_int=_read_integer,
        )
        _check_depth_and_texts(content)
    except UnicodeDecodeError as error:
        raise _invalid("body", f"it is not UTF-8, from byte {error.start} on") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _invalid("body", f"it is not JSON: {error.msg}, {where}") from None
    except RecursionError:
        raise _invalid("body", _TOO_DEEP) from None
    except ValueError as error:
        raise _invalid("body", str(error)) from None
    return content


_TOO_DEEP = f"it nests deeper than {NESTED} levels"


def _read_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name[:40]!r} stands in it twice")
        found[name] = value
    return found


def _read_integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")


def _check_depth_and_texts(content: object) -> None:
    level: Sequence[object] = [content]
    for _ in range(NESTED):
        following: list[object] = []
        for one in level:
            match one:
                case str():
                    _check_text(one)
                case dict():
                    for name in one:
                        _check_text(name)
                    following.extend(one.values())
                case list():
                    following.extend(one)
                case _:
                    pass  # a number, true, false, null
        if not following:
            return
        level = following
    raise ValueError(_TOO_DEEP)


def _check_text(text: str) -> None:
    """Refuse half a character: JSON can spell it, UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a text has half a character in it (a lone surrogate)") from None


def check_query(query: bytes, *, is_taken: bool) -> None:
    """Refuse query values that a route would not look at, or could read in two ways.

    Which names a route takes, its model knows.

    Raises:
        RequestValidationError: the route takes none; one stands twice; they are not UTF-8.
    """
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise _invalid("query", "the query values are not UTF-8") from None
    names = Counter(name for name, _ in pairs)
    wrong = {name: "it is given twice" for name, times in names.items() if times > 1}
    if not is_taken:
        wrong = dict.fromkeys(names, "this route takes no query values")
    if wrong:
        raise RequestValidationError(
            [{"loc": ("query", name), "msg": what} for name, what in sorted(wrong.items())]
        )


def _invalid(where: str, problem: str) -> RequestValidationError:
    return RequestValidationError([{"loc": (where,), "msg": problem}])
