"""Ops: what members sign, an envelope around one of the bodies there are."""

from __future__ import annotations

from functools import cache

from ..agreement.envelope import Envelope, open_envelope, sign_envelope, unpack_body
from ..wire import crypto
from ..wire.ids import CommunityId, MemberId, OpId, TextId, WallMs
from ..wire.kinds import Maybe
from ..wire.shapes import Of
from .bodies import BODIES, Body, Propose, Revise, Vote, Withdraw, read_body
from .texts import TextRef, texts_in

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
def _places_of_texts(kind: str) -> tuple[int, ...]:
    """Return where in a body of this kind, one of `BODIES`, a text is referred to, or nil is."""
    fields = BODIES[kind].fields
    kinds = [one.kind.of if isinstance(one.kind, Maybe) else one.kind for one in fields]
    return tuple(
        place
        for place, one in enumerate(kinds)
        if isinstance(one, Of) and one.shape.form is TextRef
    )


def read_text_ids(wire: bytes) -> tuple[TextId, ...]:
    """Return which detached texts an op refers to that was verified once, and no more of it."""
    kind, body = unpack_body(wire)
    if kind not in BODIES:  # of a practice: members may make up any number of these
        return tuple(one.id for one in texts_in(body))
    references = (body[place] for place in _places_of_texts(kind))
    return tuple(TextId(one[0]) for one in references if one is not None)
