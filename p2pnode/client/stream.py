"""Server-sent events, from bytes to values (WHATWG HTML, Server-sent events)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .call import Call

# The daemon writes a comment every 15 s; four missed ones mean that it is gone.
SILENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened (docs/api.md, Events); `id` only on what one can resume after."""

    kind: str
    id: int | None
    data: dict[str, object]


def events_call(after: int | None, kinds: Sequence[str]) -> Call[object]:
    """Return the request for the events after commit `after`, of these kinds; none: all."""
    return Call("GET", ("events",), query={"after": after, "types": ",".join(kinds) or None})


def all_events_call(kinds: Sequence[str]) -> Call[object]:
    """Return the request for the events of all communities, of these kinds; none: all."""
    return Call("GET", ("node", "events"), query={"types": ",".join(kinds) or None}, of_node=True)


class EventReader:
    """Bytes in, whole events out."""

    def __init__(self) -> None:
        self._rest = b""
        self._kind, self._data = "message", ""
        self._id: int | None = None

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yield the events that are whole now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for raw in lines:
            event = self._line(raw.decode(errors="replace").rstrip("\r"))
            if event is not None:
                yield event

    def _line(self, line: str) -> Event | None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            kind, event_id, data = self._kind, self._id, self._data
            self._kind, self._id, self._data = "message", None, ""
            content: object = json.loads(data) if data else None
            return Event(kind, event_id, content) if isinstance(content, dict) else None
        if name == "event":
            self._kind = value
        elif name == "id":
            self._id = int(value) if value.isascii() and value.isdigit() else None
        elif name == "data":
            self._data = f"{self._data}\n{value}" if self._data else value
        return None
