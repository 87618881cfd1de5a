"""What proves something to those who were not there: certificates, leaps, rebuilds.

Every signature passes, as if a quorum lied: what lies behind one must hold all the same. Our own
reader of certificates and the single-file one must say the same of any bytes.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from support.certified.tampering import Genuine
from support.certified.verifier import load_verifier
from support.cores.leaping import Leaping, make_town, store_of

from p2pnode_protocols.agreement.rebuild import open_rebuild
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.gossip.leaping.carried import LeapReader, Reached
from p2pnode_protocols.gossip.leaping.pieces import Run
from p2pnode_protocols.messages.leaps import Leap, Recall
from p2pnode_protocols.record.certificates.checking import check_certificate
from p2pnode_protocols.record.certificates.faults import CertificateFault
from p2pnode_protocols.record.questions.register import Closed
from p2pnode_protocols.steps.writes import SaveClosed, SaveEpoch
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Scroll, decode, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId, EpochId
from p2pnode_protocols.wire.limits import CERTIFICATE_BYTES, RECALL_BYTES, RECALLED_BYTES

from . import genuine, values
from .parts import Part, expect, mutate_part, seeds_of, try_part

_COMMUNITY, _CHARTER = 1, 2  # places in a certificate

# --- certificates -----------------------------------------------------------------------------


def _read_certificate(data: bytes) -> None:
    """Both verifiers refuse it, or both accept it and say the same."""
    community = _community_of(data)
    ours, theirs = _judge(community, data), _judge_alone(community, data)
    expect(ours == theirs, f"p2pnode says {ours}, the single-file verifier {theirs}")


Verdict = tuple[str, str, int, int, int] | None  # outcome, root, votes, signers, epochs


def _judge(community: CommunityId, data: bytes) -> Verdict:
    try:
        found = check_certificate(community, data, genuine.accept)
    except CertificateFault:
        return None
    counts = len(found.votes), len(found.signers), found.epochs
    return found.proposal.outcome, found.root.hex(), *counts


def _judge_alone(community: CommunityId, data: bytes) -> Verdict:
    verifier = _verifier()
    with patch.object(verifier, "is_signed", lambda *_: True):
        try:
            found = verifier.verify(bytes(community), data)
        except verifier.Refused:
            return None
    counts = len(found["votes"]), len(found["signers"]), found["epochs"]
    return found["outcome"], found["root"], *counts


@functools.cache
def _verifier() -> Any:
    return load_verifier()


def _community_of(data: bytes) -> CommunityId:
    """Return the id that is in the file: what is asked is whether the rest follows from it."""
    try:
        value = decode(data, CERTIFICATE_BYTES)
    except PeerFault:
        return CommunityId(bytes(32))
    if isinstance(value, list) and len(value) > _CHARTER:
        found = value[_COMMUNITY]
        if isinstance(found, bytes) and len(found) == 32:
            return CommunityId(found)
    return CommunityId(bytes(32))


@functools.cache
def _certificates() -> list[bytes]:
    made = Genuine.make()
    return [one.to_bytes() for one in (made.it, made.longer, made.grown)]


def _mend(packed: values.Packed) -> None:
    """Let a certificate name the community that its charter has now."""
    match packed.items:
        case [str(), bytes(), list([charter, *_]), *_] if len(packed.items) > 8:
            packed.items[_COMMUNITY] = crypto.digest(
                crypto.TAG_CHARTER, encode(values.pack(charter))
            )
        case _:
            genuine.mend(packed)


# --- leaps ------------------------------------------------------------------------------------


@functools.cache
def _town() -> Leaping:
    return make_town()


def _begin(place: int) -> tuple[SaveEpoch, tuple[Closed, ...]]:
    """Return the epoch with this place in the town's history, and what was closed before."""
    writes = _town().node(0).writes
    epochs = [one for one in writes if isinstance(one, SaveEpoch)]
    if place == 0:
        return found_epoch(_town().charter), ()
    before = writes[: writes.index(epochs[place - 1])]
    return epochs[place - 1], tuple(one.closed for one in before if isinstance(one, SaveClosed))


def _read_leap(place: int, after: int | None, data: bytes) -> None:
    begin, held = _begin(place)
    community = _town().charter.community_id
    reached = LeapReader(community, begin, genuine.accept).finish(data, len(held), after)
    if reached.roots:
        first = reached.passed[0]
        assert reached.roots[-1] == (first.index, first.root)
        assert reached.roots[0][0] == after
    if not isinstance(reached, Reached) or reached.run.before > len(held):
        return  # the rest is to come
    landing = reached.land(held, genuine.accept)
    assert landing.state.to_bytes() == landing.record.snapshot
    assert landing.record.number == begin.number + len(landing.passed)


def _leaps(place: int, after: int | None) -> list[bytes]:
    begin, held = _begin(place)
    return [store_of(_town()).serve_leap(Leap(begin.number, len(held), after, 0)).data]


def _read_piece(data: bytes) -> None:
    """A piece that is taken in holds what was closed, and no more."""
    closed = _town().node(0).core.state.closed_proposals
    run = Run.begin(len(closed), closed[-1].chain)
    scroll = Scroll(data, RECALLED_BYTES, "piece")
    run.take(scroll, 0, 1)
    scroll.end()
    assert run.closed == closed[run.before :]


def _pieces() -> list[bytes]:
    last = len(_town().node(0).core.state.closed_proposals)
    store = store_of(_town())
    return [store.serve_recall(Recall(0, last, least, 0)).data for least in (1, RECALL_BYTES)]


@functools.cache
def _middle() -> int:
    """Return a commit in the middle of the town's second epoch."""
    first, second = (_begin(place)[0].genesis_index for place in (1, 2))
    return (first + second) // 2


# --- rebuilds ---------------------------------------------------------------------------------


def _read_rebuild(data: bytes) -> None:
    rebuild = open_rebuild(genuine.community(), data, genuine.accept)
    assert rebuild.to_bytes() == data


def _rebuilds() -> list[bytes]:
    signed = genuine.rebuild(EpochId(b"e" * 32))
    return [signed.to_bytes(), replace(signed, signatures=()).to_bytes()]


# Only ever added to at the end: the first byte of an input is a place in this list.
PARTS = (
    Part("certificate", _read_certificate, _certificates),
    Part("leap", partial(_read_leap, 0, None), lambda: _leaps(0, None)),
    Part(
        "leap from mid-epoch",
        lambda data: _read_leap(1, _middle(), data),
        lambda: _leaps(1, _middle()),
    ),
    Part("rebuild", _read_rebuild, _rebuilds),
    Part("closed proposals", _read_piece, _pieces),
)


def check(data: bytes) -> None:
    try_part(PARTS, data)


def seeds() -> Iterator[bytes]:
    return seeds_of(PARTS)


def mutate(data: bytes, source: random.Random) -> bytes:
    return mutate_part(PARTS, data, source, partial(values.edit, mend=_mend))
