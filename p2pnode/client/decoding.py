"""From the API's JSON to the values of `p2pnode.answers`, by their annotations.

What a newer daemon adds is passed over; what is missing or of another type is `BadAnswer`.
"""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass, replace
from importlib import import_module
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from p2pnode_protocols.wire.errors import ProtocolError

from .. import answers
from ..answers import documents, lists
from ..answers.values.rendering import Rendered
from .call import Call, Listing
from .faults import BadAnswer

T = TypeVar("T")


def decode(call: Call[T], document: dict[str, object]) -> T:
    """Return the answer of a call as what it promises. Raises `BadAnswer`."""
    if call.answer is None:
        return cast(T, document)
    wanted = _find(call.answer)
    try:
        return cast(T, _decode(wanted, document))
    except (KeyError, TypeError, ValueError, ProtocolError) as error:
        raise BadAnswer(200, f"{call.answer}: {type(error).__name__}: {error}") from error


def _find(name: str) -> Any:
    """Return the class that a call names. Raises `ImportError`, `LookupError`: there is none."""
    module, _, own = name.rpartition(".")
    modules = (import_module(module),) if module else (lists, answers, documents)
    found = [one for one in modules if hasattr(one, own)]
    return getattr(found[0], own)


def following(call: Call[Listing[T]], page: Listing[T]) -> Call[Listing[T]] | None:
    """Return the call for the next page; None after the last."""
    if page.next_cursor is None:
        return None
    asked = {name: value for name, value in (call.query or {}).items() if name != "after"}
    return replace(call, query={**asked, "cursor": page.next_cursor})  # which says where to begin


def _decode(wanted: Any, value: object) -> Any:
    origin = get_origin(wanted)
    if origin is Annotated:
        inner, *notes = get_args(wanted)
        for note in notes:
            if isinstance(note, Rendered):
                return note.parse(_of(str, value))
        return _decode(inner, value)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(wanted), value)
    if hasattr(wanted, "__supertype__"):  # a NewType
        return _decode(wanted.__supertype__, value)
    if origin is Literal:
        if value not in get_args(wanted):
            raise ValueError(f"{value!r:.40} is none of {get_args(wanted)}")
        return value
    if origin is tuple:
        items = _of(list, value)
        return tuple(_decode(get_args(wanted)[0], one) for one in items)
    if origin is dict:
        return {name: _decode(get_args(wanted)[1], one) for name, one in _of(dict, value).items()}
    if is_dataclass(wanted):
        return _decode_record(cast(type, wanted), _of(dict, value))
    return _of(wanted, value)


def _decode_union(options: tuple[Any, ...], value: object) -> Any:
    if value is None and type(None) in options:
        return None
    records = [one for one in options if is_dataclass(one)]
    if isinstance(value, dict):
        for record in records:
            kind = _hints(cast(type, record)).get("kind")
            if kind is None or value.get("kind") in get_args(kind):
                return _decode_record(cast(type, record), value)
        raise ValueError(f"no kind of answer is {value.get('kind')!r:.40}")
    for one in options:
        if one not in records and one is not type(None):
            try:
                return _decode(one, value)
            except (TypeError, ValueError):
                continue  # the next kind may fit
    raise TypeError(f"{value!r:.40} is of no kind that is allowed here")


def _decode_record(record: type[Any], content: dict[str, object]) -> Any:
    hints = _hints(record)
    given: dict[str, object] = {}
    for one in fields(record):
        if one.name in content:
            given[one.name] = _decode(hints[one.name], content[one.name])
        elif one.default is MISSING and one.default_factory is MISSING:
            raise KeyError(one.name)
    return record(**given)


def _hints(record: type[Any]) -> dict[str, Any]:
    if record not in _HINTS:
        _HINTS[record] = get_type_hints(record, include_extras=True)
    return _HINTS[record]


_HINTS: dict[type[Any], dict[str, Any]] = {}  # of our own answers: as many as they are


K = TypeVar("K")


def _of(kind: type[K], value: object) -> K:
    """Return the value if it is of this kind; a bool is no number."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{value!r:.40} is no {kind.__name__}")
    return value
