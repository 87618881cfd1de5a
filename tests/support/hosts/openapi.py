"""Hold answers against what the API says of itself (OpenAPI).

Only as much of JSON Schema as the description uses; a keyword that is not known here fails,
rather than being passed over.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from p2pnode import Host, practices
from p2pnode.api.app import openapi

PROBLEM = "application/problem+json"
ITSELF = "/api/v1/openapi.json"  # the one answer that it does not describe
METHODS = ("get", "post", "put", "delete")

_TELLING_NOTHING = {"title", "description", "examples", "default", "discriminator"}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def _has_type(value: object, name: str) -> bool:
    return type(value) in _TYPES[name]  # exactly: true is no integer


# Keywords that look at a value alone; those of another type than they are about, they pass.
_ALONE: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": _has_type,
    "const": lambda value, said: bool(value == said),
    "enum": lambda value, said: value in said,
    "pattern": lambda value, said: type(value) is not str or bool(re.search(said, value)),
    "minimum": lambda value, said: type(value) is not int or value >= said,
    "maximum": lambda value, said: type(value) is not int or value <= said,
    "minLength": lambda value, said: type(value) is not str or len(value) >= said,
    "maxLength": lambda value, said: type(value) is not str or len(value) <= said,
    "required": lambda value, said: type(value) is not dict or value.keys() >= set(said),
}


@dataclass(frozen=True)
class Operation:
    method: str  # upper case
    path: str  # a template: /api/v1/members/{reference}
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def matches(self, path: str) -> bool:
        return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", self.path), path) is not None


class Description:
    """The document, and what of it was seen in answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = [
            Operation(method.upper(), path, said)
            for path, methods in document["paths"].items()
            for method, said in methods.items()
        ]
        self.seen: set[tuple[str, str]] = set()  # operation and status

    def find(self, method: str, path: str) -> Operation | None:
        """Return what answers a request; a path in full goes before one with parameters."""
        method = "GET" if method == "HEAD" else method
        found = [one for one in self.operations if one.method == method and one.matches(path)]
        return min(found, key=lambda one: one.path.count("{"), default=None)

    def check(
        self, method: str, target: str, status: int, media_type: str, document: object
    ) -> None:
        """Fail unless this answer is described.

        Args:
            method: of the request.
            target: of the request, absolute.
            status: of the answer.
            media_type: of the answer, "" for none.
            document: its content: JSON as a value, text as a text, None for none.
        """
        asked = f"{method} {target}: {status} {media_type}"
        operation = self.find(method, target.partition("?")[0])
        if operation is None:
            if target == ITSELF and status == 200:
                return
            assert status in (404, 405), f"{asked}: not described"
            assert media_type == PROBLEM, asked
            self._fit(document, {"$ref": "#/components/schemas/Problem"}, asked)
            return
        said = operation.said["responses"].get(str(status))
        assert said is not None, f"{asked}: this status is not described: {document!r:.300}"
        self.seen.add((operation.name, str(status)))
        content = said.get("content", {})
        if not media_type:
            assert content == {} or method == "HEAD", f"{asked}: an answer without content"
            return
        assert media_type in content, f"{asked}: described are {list(content)}"
        if method != "HEAD":
            self._fit(document, content[media_type]["schema"], asked)

    def _fit(self, value: object, schema: Mapping[str, Any], where: str) -> None:
        problems = list(self.misfits(value, schema, where))
        assert not problems, "; ".join(problems[:5])

    # --- JSON Schema ------------------------------------------------------------------

    def misfits(self, value: object, schema: Mapping[str, Any], at: str) -> Iterator[str]:
        """Yield in words where a value does not fit."""
        for keyword, said in schema.items():
            if keyword in _ALONE:
                if not _ALONE[keyword](value, said):
                    yield f"{at}: {value!r:.80} does not fit {keyword} {said!r:.80}"
            elif keyword == "additionalProperties":
                yield from self._others(value, schema, said, at)
            elif keyword in ("$ref", "anyOf", "oneOf", "properties", "items"):
                yield from self._inner(value, keyword, said, at)
            else:
                assert keyword in _TELLING_NOTHING, f"{at}: what does {keyword!r} ask for?"

    def _inner(self, value: object, keyword: str, said: Any, at: str) -> Iterator[str]:
        if keyword == "$ref":
            name = said.removeprefix("#/components/schemas/")
            yield from self.misfits(value, self.document["components"]["schemas"][name], at)
        elif keyword in ("anyOf", "oneOf"):
            fitting = sum(not list(self.misfits(value, one, at)) for one in said)
            if fitting == 0 or (keyword == "oneOf" and fitting > 1):
                yield f"{at}: {value!r:.80} fits {fitting} of {len(said)} shapes"
        elif keyword == "properties" and isinstance(value, dict):
            for name in said.keys() & value.keys():
                yield from self.misfits(value[name], said[name], f"{at}.{name}")
        elif keyword == "items" and isinstance(value, list):
            for place, one in enumerate(value):
                yield from self.misfits(one, said, f"{at}[{place}]")

    def _others(
        self, value: object, schema: Mapping[str, Any], said: bool | Mapping[str, Any], at: str
    ) -> Iterator[str]:
        if not isinstance(value, dict):
            return
        for name in sorted(set(value) - set(schema.get("properties", {}))):
            if said is False:
                yield f"{at}: {name} is not described"
            elif said is not True:
                yield from self.misfits(value[name], said, f"{at}.{name}")


_describing = threading.Lock()  # FastAPI fails when two threads describe the same models at once


def described() -> Description:
    """Return the description of this version; making it takes a moment. Any thread may ask."""
    with _describing:
        return _describe()


@functools.cache
def _describe() -> Description:
    # As a client reads it; routes only look at the node when they are asked.
    return Description(json.loads(json.dumps(openapi(cast(Host, None), practices.routes()))))
