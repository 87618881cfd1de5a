"""Lists as the node answers them: a page of rows, and a cursor that names its last row.

A page goes on after a row and not after a count: rows come, go and change between two pages,
and none that was there throughout is left out or told twice. That takes an order in which no
row ever moves: by what is fixed about it, such as a number or an id.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeVar

from p2pnode_protocols.wire.codec import decode, encode
from p2pnode_protocols.wire.errors import PeerFault

from .. import answers
from ..errors import RequestError

Cell = int | str | bytes
Key = tuple[Cell, ...]
Shape = tuple[type[Cell], ...]
Row = TypeVar("Row")

_CURSOR_BYTES = 1024  # a member's name and id, with room
_CHECK_BYTES = 4
_TAG = b"p2pnode/cursor/1\0"


@dataclass(frozen=True, slots=True)
class CommunityList:
    items: tuple[answers.CommunityHere, ...]  # by name
    next_cursor: str | None
    schema: Literal["p2pnode/community_list/1"] = "p2pnode/community_list/1"


@dataclass(frozen=True, slots=True)
class ProposalList:
    items: tuple[answers.ProposalSummary, ...]  # newest first
    next_cursor: str | None  # None: these are the last, here as in every list
    schema: Literal["p2pnode/proposal_list/1"] = "p2pnode/proposal_list/1"


@dataclass(frozen=True, slots=True)
class DecisionList:
    items: tuple[answers.ProposalSummary, ...]  # newest first
    next_cursor: str | None
    schema: Literal["p2pnode/decision_list/1"] = "p2pnode/decision_list/1"


@dataclass(frozen=True, slots=True)
class InviteList:
    items: tuple[answers.Invite, ...]  # latest expiry first
    next_cursor: str | None
    schema: Literal["p2pnode/invite_list/1"] = "p2pnode/invite_list/1"


@dataclass(frozen=True, slots=True)
class MemberList:
    items: tuple[answers.Member, ...]  # by name
    next_cursor: str | None
    schema: Literal["p2pnode/member_list/1"] = "p2pnode/member_list/1"


@dataclass(frozen=True, slots=True)
class PeerList:
    items: tuple[answers.Peer, ...]  # by device
    next_cursor: str | None
    schema: Literal["p2pnode/peer_list/1"] = "p2pnode/peer_list/1"


@dataclass(frozen=True, slots=True)
class CommitList:
    items: tuple[answers.LogCommit, ...]  # oldest first
    next_cursor: str | None
    schema: Literal["p2pnode/commit_list/1"] = "p2pnode/commit_list/1"


@dataclass(frozen=True, slots=True)
class NoteList:
    items: tuple[answers.Note, ...]  # in the order of the log
    next_cursor: str | None
    schema: Literal["p2pnode/note_list/1"] = "p2pnode/note_list/1"


@dataclass(frozen=True, slots=True)
class EpochList:
    items: tuple[answers.Epoch, ...]  # oldest first
    next_cursor: str | None
    schema: Literal["p2pnode/epoch_list/1"] = "p2pnode/epoch_list/1"


@dataclass(frozen=True, slots=True)
class RebuildList:
    items: tuple[answers.Rebuild, ...]  # oldest first
    next_cursor: str | None
    schema: Literal["p2pnode/rebuild_list/1"] = "p2pnode/rebuild_list/1"


def write_cursor(kind: str, key: Key) -> str:
    """Return the text that names a row of a list of this kind."""
    data = encode([kind, *key])
    return base64.urlsafe_b64encode(_checksum(data) + data).decode().rstrip("=")


def read_cursor(kind: str, cursor: str | None, *shapes: Shape) -> Key | None:
    """Return the key in a cursor; None: there is no cursor, the list begins.

    Args:
        kind: of the list.
        cursor: as `write_cursor` made it.
        shapes: the types of the key's cells; one of these.

    Raises:
        RequestError: `bad_cursor`, it is damaged, or of another list.
    """
    if cursor is None:
        return None
    try:
        if not cursor.isascii():
            raise ValueError
        whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, data = whole[:_CHECK_BYTES], whole[_CHECK_BYTES:]
        found = decode(data, _CURSOR_BYTES)
    except (ValueError, PeerFault):
        raise _bad_cursor(cursor) from None
    if check != _checksum(data) or not isinstance(found, (list, tuple)) or found[:1] != [kind]:
        raise _bad_cursor(cursor)
    key = tuple(one for one in found[1:] if isinstance(one, int | str | bytes))
    if tuple(map(type, found[1:])) not in shapes or write_cursor(kind, key) != cursor:
        raise _bad_cursor(cursor)
    return key


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(_TAG + data).digest()[:_CHECK_BYTES]


def _bad_cursor(cursor: str) -> RequestError:
    shown = cursor if len(cursor) <= 40 else f"{cursor[:40]}…"
    return RequestError(
        "bad_cursor",
        f"cursor {shown!r} is not one that this list gave",
        "pass next_cursor of the page before as it is, or begin anew without cursor",
    )


def cut(
    kind: str, rows: Iterable[Row], place: Callable[[Row], Key], limit: int | None
) -> tuple[list[Row], str | None]:
    """Return the first `limit` rows (None: all), and the cursor of what follows them.

    Raises:
        RequestError: `invalid_request`, `limit` is less than 1.
    """
    if limit is None:
        return list(rows), None
    if limit < 1:
        raise RequestError("invalid_request", f"limit {limit}: a page has at least one row")
    found = list(islice(rows, limit + 1))
    if len(found) <= limit:
        return found, None
    return found[:limit], write_cursor(kind, place(found[limit - 1]))


def cut_sorted(
    kind: str,
    rows: Iterable[Row],
    place: Callable[[Row], Key],
    shape: Shape,
    cursor: str | None,
    limit: int | None,
) -> tuple[list[Row], str | None]:
    """As `cut`, of rows in any order, after the row that `cursor` names.

    Raises:
        RequestError: `bad_cursor`, `invalid_request`.
    """
    after = read_cursor(kind, cursor, shape)
    later = [row for row in rows if after is None or place(row) > after]
    return cut(kind, sorted(later, key=place), place, limit)
