"""Ops: what members sign, an envelope around one of the bodies there are."""

from __future__ import annotations

from functools import cache

from ..agreement.envelope import Envelope, open_envelope, sign_envelope, unpack_body
from ..wire import crypto
from ..wire.ids import CommunityId, MemberId, OpId, TextId, WallMs
from ..wire.kinds import Many, Maybe
from ..wire.shapes import Of
from .bodies import BODIES, Body, Propose, Revise, Vote, Withdraw, read_body
from .texts import Part, TextRef, texts_in

Op = Envelope[Body]


def sign_op(
    community: CommunityId,
    author: MemberId,
    signer: crypto.Signer,
    nonce: int,
    created_ms: WallMs,
    body: Body,
) -> Op:
    """Return the op, signed. Raises `PeerFault` `limit_size`, `bad_field`, as `sign_envelope`."""
    return sign_envelope(community, author, signer, nonce, created_ms, body)


def open_op(community: CommunityId, wire: bytes, verify: crypto.Verify) -> Op:
    """Return the op in `wire`, decoded, checked and its signature verified.

    Raises:
        PeerFault: `limit_size`, `bad_encoding`, `bad_field`, `unknown_kind`, `bad_signature`.
    """
    return open_envelope(community, wire, verify, read_body)


def about(op: Op) -> OpId | None:
    """Return the proposal that an op is about, or None."""
    match op.body:
        case Propose():
            return op.id
        case Vote(proposal=proposal) | Revise(proposal=proposal) | Withdraw(proposal=proposal):
            return proposal
        case _:
            return None


@cache
def _places_of_texts(kind: str) -> tuple[tuple[int, bool], ...]:
    """Return where in a body of this kind, one of `BODIES`, texts are referred to.

    Either one, or nil; or, where that is said beside it, those of parts.
    """
    fields = BODIES[kind].fields
    kinds = [one.kind.of if isinstance(one.kind, Maybe | Many) else one.kind for one in fields]
    return tuple(
        (place, one.shape.form is Part)
        for place, one in enumerate(kinds)
        if isinstance(one, Of) and one.shape.form in (TextRef, Part)
    )


def read_text_ids(wire: bytes) -> tuple[TextId, ...]:
    """Return which detached texts an op refers to that was verified once, and no more of it."""
    kind, body = unpack_body(wire)
    if kind not in BODIES:  # of a practice: members may make up any number of these
        return tuple(one.id for one in texts_in(body))
    ids: list[TextId] = []
    for place, is_parts in _places_of_texts(kind):
        if is_parts:
            ids += [TextId(one[1][0]) for one in body[place]]
        elif body[place] is not None:
            ids.append(TextId(body[place][0]))
    return tuple(ids)
