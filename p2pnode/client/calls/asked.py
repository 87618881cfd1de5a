"""How calls are put: pages, waits, references and charter values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ..call import Call, Value, write_reference

if TYPE_CHECKING:
    from ...answers import Receipt


Choice = Literal["yes", "no", "aside"]
Wait = Literal["provisional", "final"]
Change = bool | int | str | tuple[int, int]  # the last: a fraction, numerator and denominator
Json = dict[str, object]  # a document; {}: there is nothing to say but that it is done


def ask_page(answer: str, path: tuple[str, ...], query: Mapping[str, Value]) -> Call[Any]:
    return Call("GET", path, query=query, answer=answer)


def ask_signed(
    method: str,
    path: tuple[str, ...],
    body: Mapping[str, object] | None,
    wait: Wait,
    timeout_s: int,
    dry_run: bool,
    idempotency_key: str | None = None,
) -> Call[Receipt]:
    query: dict[str, Value] = {"wait": wait, "timeout": timeout_s, "dry_run": dry_run}
    return Call(
        method,
        path,
        query=query,
        body=body,
        answer="Receipt",
        wait_s=timeout_s,
        idempotency_key=idempotency_key,
    )


def put_waits(wait: Wait | None, timeout_s: int) -> Any:
    if wait is None:
        return {}
    return {"query": {"wait": wait, "timeout": timeout_s}, "wait_s": timeout_s}


def write_references(kind: str, references: Sequence[str | bytes] | None) -> list[str] | None:
    """Return references as texts. Raises `TypeError`, also for one that stands alone."""
    if isinstance(references, str | bytes):
        raise TypeError(f"{references!r} is one reference: give a list of them")
    return None if references is None else [write_reference(kind, one) for one in references]


def write_changes(changes: Mapping[str, Change]) -> dict[str, object]:
    return {
        path: {"num": value[0], "den": value[1]} if isinstance(value, tuple) else value
        for path, value in changes.items()
    }
