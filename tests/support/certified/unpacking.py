"""A certificate as lists all the way down, and what each verifier makes of one that was changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from p2pnode_protocols.record.certificates.checking import check_certificate
from p2pnode_protocols.record.certificates.faults import CertificateFault
from p2pnode_protocols.wire.codec import decode, encode
from p2pnode_protocols.wire.ids import CommunityId

from .verifier import load_verifier

RECEIPTS, RECORD, OPS, TEXTS = 7, 8, 9, 10  # places in the certificate
# Codes for what cannot be read. A verifier may read a part late, when what it is bound to has
# already been refused: then the two may say different codes (docs/certificates.md, How to verify).
UNREAD = frozenset({"bad_encoding", "bad_field", "bad_record"})

_alone = load_verifier()


def unpacked(data: bytes) -> list[Any]:
    """Return the certificate as lists: what the receipts state, the record and the ops, too."""
    raw: Any = decode(data, len(data))
    raw[RECEIPTS][0] = decode(raw[RECEIPTS][0], len(data))
    raw[RECORD] = decode(raw[RECORD], len(data))
    raw[OPS] = [decode(one, len(data)) for one in raw[OPS]]
    for op in raw[OPS]:
        op[0] = decode(op[0], len(data))
    return list(raw)


def packed(raw: list[Any]) -> bytes:
    raw = list(raw)
    if isinstance(raw[RECORD], list):
        raw[RECORD] = encode(raw[RECORD])
    if isinstance(raw[RECEIPTS], list) and raw[RECEIPTS]:
        raw[RECEIPTS] = [_pack_list(raw[RECEIPTS][0]), *raw[RECEIPTS][1:]]
    if isinstance(raw[OPS], list):
        raw[OPS] = [_pack_op(one) for one in raw[OPS]]
    return encode(raw)


def _pack_op(op: Any) -> Any:
    return encode([_pack_list(one) for one in op]) if isinstance(op, list) else op


def _pack_list(value: Any) -> Any:
    return encode(value) if isinstance(value, list) else value


def fields_in(value: Any) -> Iterator[tuple[list[Any], int]]:
    """Yield every field, however deep, as a list and a place in it."""
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield value, place
            yield from fields_in(inner)


def verdicts(community: CommunityId, data: bytes) -> tuple[str, str]:
    """Return what each verifier makes of it, the core's first: a code, or "genuine".

    Whatever else one of them raises comes through.
    """
    try:
        check_certificate(community, data)
        core = "genuine"
    except CertificateFault as fault:
        core = fault.code
    try:
        _alone.verify(community, data)
        other = "genuine"
    except _alone.Refused as refused:
        other = refused.code
    return core, other


def are_alike(core: str, other: str) -> bool:
    """Return whether both refuse, by one code or because something cannot be read."""
    said = {core, other}
    return "genuine" not in said and (core == other or not UNREAD.isdisjoint(said))
