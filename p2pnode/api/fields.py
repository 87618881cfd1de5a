"""Which fields a route takes: to tell whoever named another, and which one a refusal is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import Scope

UNKNOWN = "extra_forbidden"  # pydantic's type of the error
_HEADERS = ("Idempotency-Key", "Last-Event-ID")
_FIRST_WORD = re.compile(r"[\w-]+")
# What these refusals are about, in a body or a query; others begin with its name.
_ABOUT = {"bad_link": "link", "unknown_tier": "tier"}


def field_of(scope: Scope, code: str, detail: str) -> str:
    """Return the field that a refusal is about; else the part of the request it lies in."""
    named = _FIRST_WORD.match(detail)
    models = {part: _model(scope, part) for part in ("body", "query")}
    names = {name for model in models.values() if model for name in model.model_fields}
    for one in (_ABOUT.get(code), None if named is None else named[0]):
        if one in names or one in _HEADERS:
            return one
    return "query" if models["body"] is None else "body"


def unknown_field(scope: Scope, error: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a field that nothing reads, and what to do about it.

    Args:
        scope: of the request.
        error: pydantic's, of type `UNKNOWN`.
    """
    part, *way, name = (str(one) for one in error["loc"])
    model = _model(scope, part)
    names = [] if model is None else sorted(_allowed(model, way))
    what = "query value" if part == "query" else "field"
    near = get_close_matches(name, names, 1)
    meant = f"; {near[0]} is meant, perhaps" if near else ""
    there = f": there are {', '.join(names)}" if names else ""
    todo = f"write {near[0]} for {name}" if near else f"leave {name} out"
    return f"no {what} is called that{meant}{there}", todo


def _model(scope: Scope, part: str) -> type[BaseModel] | None:
    """Return what reads this part of a request: its body, or its query."""
    route = scope.get("route")
    if not isinstance(route, APIRoute):
        return None
    taken = [route.body_field] if part == "body" else route.dependant.query_params
    for one in taken:
        if one is not None:
            return next(_models(one.field_info.annotation), None)
    return None


def _allowed(model: type[BaseModel], way: Sequence[str]) -> set[str]:
    """Return the names of the fields where `way` leads, from `model` on."""
    here: list[type[BaseModel]] = [model]
    for step in way:
        inner = [
            found
            for one in here
            if step in one.model_fields
            for found in _models(one.model_fields[step].annotation)
        ]
        # A step may also say which of several models it was read as, or be a key of a mapping.
        here = inner or [one for one in here if step in _tags(one)] or here
    return {name for one in here for name in one.model_fields}


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models(one)


def _tags(model: type[BaseModel]) -> set[str]:
    kind = model.model_fields.get("kind")
    is_tag = kind is not None and get_origin(kind.annotation) is Literal
    return {model.__name__, *(get_args(kind.annotation) if kind is not None and is_tag else ())}
