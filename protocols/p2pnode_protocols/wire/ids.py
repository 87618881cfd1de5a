"""Names of things: typed ids, units of time, and the text form people see.

Text form: `kind_` + lower-case base32 of the 32 bytes + 6 characters of checksum, for
example `pro_k3v7…`. The checksum stands last, so that a prefix of the text is a prefix
of the id; people see `kind_` and 8 characters.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from typing import NewType

from .errors import UsageError
from .quoting import quoted

CommunityId = NewType("CommunityId", bytes)
MemberId = NewType("MemberId", bytes)
DeviceKey = NewType("DeviceKey", bytes)  # Ed25519 public key, 32 bytes
OpId = NewType("OpId", bytes)  # a proposal's id is the id of the op that proposed it
BlockId = NewType("BlockId", bytes)
EpochId = NewType("EpochId", bytes)
TextId = NewType("TextId", bytes)

Round = NewType("Round", int)  # 1, 2, … within one epoch
MonoMs = NewType("MonoMs", int)  # this machine's monotonic clock: deadlines
WallMs = NewType("WallMs", int)  # ms since the Unix epoch: what people and blocks see

MAX_MS = 1 << 53  # any time beyond is a mistake or an attack; fits a JavaScript number
MAX_NONCE = 1 << 53
MAX_ROUND = 1 << 31

KINDS = {
    "com": "community",
    "mem": "member",
    "dev": "device key",
    "pro": "proposal",
    "op": "operation",
    "blk": "block",
    "epo": "epoch",
    "inv": "invite",
}
SHORT_CHARS = 8
_CHECK_CHARS = 6
_BODY_CHARS = 52


def _b32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def _checksum(kind: str, data: bytes) -> str:
    return _b32(hashlib.sha256(b"p2pnode/text-id/1\0" + kind.encode() + b"\0" + data).digest())[
        :_CHECK_CHARS
    ]


def to_text(kind: str, data: bytes) -> str:
    """Return the full text form of a 32-byte id; `kind` is a key of `KINDS`."""
    assert kind in KINDS
    assert len(data) == 32
    return f"{kind}_{_b32(data)}{_checksum(kind, data)}"


def to_short(kind: str, data: bytes) -> str:
    """Return the form people see: kind and 8 characters."""
    return f"{kind}_{_b32(data)[:SHORT_CHARS]}"


def from_text(kind: str, text: str) -> bytes:
    """Return the 32 bytes of a full text form.

    Raises:
        UsageError: `bad_id`, naming what is wrong with it.
    """
    body = _body(kind, text)
    if len(body) != _BODY_CHARS + _CHECK_CHARS:
        raise UsageError(
            "bad_id",
            f"{quoted(text)}: {len(body)} characters after {kind}_, a full id has "
            f"{_BODY_CHARS + _CHECK_CHARS}",
        )
    try:
        data = base64.b32decode(body[:_BODY_CHARS].upper() + "====")
    except ValueError:
        raise UsageError("bad_id", f"{quoted(text)}: only a–z and 2–7 after {kind}_") from None
    if to_text(kind, data) != f"{kind}_{body}":
        raise UsageError("bad_id", f"{quoted(text)}: checksum does not match; copy it again")
    return data


def resolve(kind: str, text: str, *known: Collection[bytes]) -> bytes:
    """Return the one id of those known that `text` names, in full or by prefix.

    Only for a prefix all of them are looked at.

    Raises:
        UsageError: `bad_id` for text that can name nothing of this kind, `ambiguous_id`
            with the candidates, `unknown_proposal`/`unknown_member` when none fits.
    """
    body = _body(kind, text)
    if len(body) == _BODY_CHARS + _CHECK_CHARS:
        wanted = from_text(kind, text)
        found = [wanted] if any(wanted in some for some in known) else []
    else:
        if len(body) < 4 or len(body) > _BODY_CHARS:
            raise UsageError(
                "bad_id",
                f"{quoted(text)}: give at least 4 characters of the id, or all "
                f"{_BODY_CHARS + _CHECK_CHARS}",
            )
        every = {one for some in known for one in some}
        found = sorted(one for one in every if _b32(one).startswith(body))
    if len(found) > 1:
        shown = ", ".join(f"{kind}_{_b32(one)[:16]}" for one in found[:4])
        raise UsageError(
            "ambiguous_id", f"{quoted(text)} fits {len(found)} ids: {shown}; type more of it"
        )
    if not found:
        code = {"pro": "unknown_proposal", "mem": "unknown_member"}.get(kind, "bad_id")
        raise UsageError(code, f"no {KINDS[kind]} is known as {quoted(text)}")
    return found[0]


def _body(kind: str, text: str) -> str:
    head, mark, body = text.strip().lower().partition("_")
    if not mark:
        return head  # a bare prefix: the caller knows the kind
    if head != kind:
        found = f"{head}_ is {KINDS[head]}" if head in KINDS else "it begins like nothing we know"
        raise UsageError("bad_id", f"{quoted(text)}: {kind}_… ({KINDS[kind]}) expected, {found}")
    return body
