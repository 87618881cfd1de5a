"""How values of ours look in JSON: ids, times, hashes (docs/api.md, Common rules).

Used as `Annotated[...]` metadata on the answers' fields, so that the Python API keeps
typed values and the HTTP API has one place that turns them into text. pydantic is only
imported when something is rendered: an embedding program need not pay for it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from p2pnode_protocols.wire.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    WallMs,
    from_text,
    to_text,
)

if TYPE_CHECKING:
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Rendered:
    """Render a value with `render` when JSON is written; checked as nothing in Python.

    `parse` is its inverse, for clients; it raises ValueError or UsageError.
    """

    render: Callable[[Any], str]
    parse: Callable[[str], Any]
    example: str

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        from pydantic_core import core_schema  # noqa: PLC0415

        return core_schema.any_schema(
            serialization=core_schema.plain_serializer_function_ser_schema(
                self.render, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, object]:
        return {"type": "string", "examples": [self.example]}


def time_text(time_ms: int) -> str:
    """Return RFC 3339 in UTC with milliseconds; beyond the years 1 to 9999 the nearest there is."""
    seconds, ms = divmod(max(_FIRST_MS, min(time_ms, _LAST_MS)), 1000)
    at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=ms * 1000)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> WallMs:
    """Return the ms since the Unix epoch of a time as `time_text` writes it."""
    since = datetime.fromisoformat(text) - datetime.fromtimestamp(0, UTC)
    return WallMs((since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000)


_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def _id(kind: str) -> Rendered:
    return Rendered(
        lambda data: to_text(kind, data), lambda text: from_text(kind, text), f"{kind}_…"
    )


MemberText = Annotated[MemberId, _id("mem")]
DeviceText = Annotated[DeviceKey, _id("dev")]
InviteText = Annotated[DeviceKey, _id("inv")]
ProposalText = Annotated[OpId, _id("pro")]  # revisions too: the first one is the proposal's id
OpText = Annotated[OpId, _id("op")]
CommunityText = Annotated[CommunityId, _id("com")]
EpochText = Annotated[EpochId, _id("epo")]
BlockText = Annotated[BlockId, _id("blk")]
Base64Text = Annotated[
    bytes, Rendered(lambda data: b64encode(data).decode(), b64decode, "ktl2MnBub2Rl…")
]
HexText = Annotated[bytes, Rendered(bytes.hex, bytes.fromhex, "9f86d081…")]
Time = Annotated[WallMs, Rendered(time_text, parse_time, "2025-11-22T00:30:00.123Z")]
