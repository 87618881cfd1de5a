"""One question to the daemon, as a value: what is asked, and what type its answer has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

from p2pnode_protocols.wire.ids import to_text

T_co = TypeVar("T_co", covariant=True)

BASE = "/api/v1"
ONLY = "only"  # in place of a community's name: the only one of the home
Value = str | int | bool | None
_ID_BYTES = 32


class Listing(Protocol[T_co]):
    """A page of a list (`answers.lists`); `next_cursor` None: these rows are the last."""

    @property
    def items(self) -> tuple[T_co, ...]: ...

    @property
    def next_cursor(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """A request to one community, or to the process.

    `path` parts are quoted here, so an id may hold anything; query values of None are left
    out. `of_node`: the path is below `/api/v1`, not below one community's. `answer` names a
    class of `p2pnode.answers`, of its `lists` or `documents`, or any with its module before it
    (`p2pnode.practices.ratings.values.Trends`); None: the answer is only read as JSON.
    `wait_s`: how long the daemon itself may wait before it answers.
    """

    method: str
    path: tuple[str, ...]
    query: Mapping[str, Value] | None = None
    body: Mapping[str, object] | None = None
    answer: str | None = None
    wait_s: float = 0
    idempotency_key: str | None = None
    of_node: bool = False

    def target(self, community: str | None = None) -> str:
        """Return the request's target, ASCII.

        Args:
            community: which is asked, by its name or id; None: the only one.

        Raises:
            ValueError: a part of the path is empty or names a directory, or a text holds half
                a character.
        """
        which = ONLY if community is None else community
        path = self.path if self.of_node else ("communities", which, *self.path)
        for part in path:
            if not part.strip() or part in {".", ".."}:
                raise ValueError(f"{part!r} names nothing")
        where = "/".join((BASE, *(quote(part, safe="") for part in path)))
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


def write_reference(kind: str, reference: str | bytes) -> str:
    """Return a reference as text.

    Raises:
        TypeError: it is neither a text nor an id's 32 bytes.
    """
    if isinstance(reference, str):
        return reference
    if isinstance(reference, bytes) and len(reference) == _ID_BYTES:
        return to_text(kind, reference)
    raise TypeError(
        f"{reference!r} names nothing: give a text, such as '2', 'me', a name or an id, "
        f"or the {_ID_BYTES} bytes of an id"
    )
