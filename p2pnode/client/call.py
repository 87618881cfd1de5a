"""One question to the daemon, as a value: what is asked, and what type its answer has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

T_co = TypeVar("T_co", covariant=True)

BASE = "/api/v1"
Value = str | int | bool | None


class Listing(Protocol[T_co]):
    """A page of a list (`answers.lists`); `next_cursor` None: these rows are the last."""

    @property
    def items(self) -> tuple[T_co, ...]: ...

    @property
    def next_cursor(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """A request below `/api/v1`, or with a first part of "" at the root.

    `path` parts are quoted here, so an id may hold anything; query values of None are left
    out. `answer` names a class of `p2pnode.answers`, of its `lists` or `documents`;
    None: the answer is only read as JSON.
    `wait_s`: how long the daemon itself may wait before it answers.
    """

    method: str
    path: tuple[str, ...]
    query: Mapping[str, Value] | None = None
    body: Mapping[str, object] | None = None
    answer: str | None = None
    wait_s: float = 0
    idempotency_key: str | None = None

    @property
    def target(self) -> str:
        """The request's target, ASCII.

        Raises:
            ValueError: a part of the path is empty or names a directory, or a text holds half
                a character.
        """
        for part in self.path:
            if not part.strip() or part in {".", ".."}:
                raise ValueError(f"{part!r} names nothing")
        where = "/".join((BASE, *(quote(part, safe="") for part in self.path)))
        asked = [
            f"{name}={quote(_text(value), safe='')}"
            for name, value in (self.query or {}).items()
            if value is not None
        ]
        return where + (f"?{'&'.join(asked)}" if asked else "")

    @property
    def content(self) -> bytes | None:
        """The body as JSON, keys sorted."""
        return None if self.body is None else json.dumps(self.body, sort_keys=True).encode()


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
