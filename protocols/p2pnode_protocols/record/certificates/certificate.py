"""The file, and what of a proposal stands in it (docs/certificates.md).

It holds the founding charter and those others that the verdict rests on, a link for each epoch that
has ended since, the commit that decided, receipts by a quorum of that epoch's committee, the
proposal's record, and the signed ops of its voters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ...agreement.chain import ReceiptSet
from ...agreement.committee import Committee
from ...agreement.log import LoggedCommit
from ...agreement.receipts import Receipt, Statement
from ...wire import crypto
from ...wire.codec import decode
from ...wire.errors import PeerFault
from ...wire.ids import CommunityId, MemberId, OpId
from ...wire.kinds import Blob, Many, Text
from ...wire.limits import CERTIFICATE_BYTES, MEMBERS, NAME_CHARS, OP_BYTES, PARTS, TEXT_BYTES
from ...wire.shapes import Check, Hash, Shaped, shaped
from ...wire.tagged import Tagged
from ..ops import Op
from ..questions.proposal import Ballot, Proposal
from ..seats.charter import Charter
from ..texts import TextRef
from .faults import CertificateFault, refusal_of
from .links import LINKS, Link

VERSION = "p2pnode/certificate/3"
_FOUNDED = Check(bool, "the founding one at least")


@shaped("certificate", is_tagged=True)
@dataclass(frozen=True, slots=True)
class DecisionCertificate(Shaped):
    """The whole file (R8.6). The node makes it out of its store; `check_certificate` checks it."""

    KIND: ClassVar[str] = VERSION
    community: CommunityId
    # The founding one; then those of other epochs whose seats matter, each once, by first epoch.
    charters: Annotated[tuple[Charter, ...], Many(CERTIFICATE_BYTES), _FOUNDED]
    state_hash: Hash  # of the founding epoch's first state
    chain: Annotated[tuple[Annotated[Link, LINKS], ...], Many(CERTIFICATE_BYTES)]
    commit: LoggedCommit  # that decided
    # those after it, up to the one the receipts are for
    tail: Annotated[tuple[LoggedCommit, ...], Many(CERTIFICATE_BYTES)]
    receipts: ReceiptSet
    record: Annotated[bytes, Blob(CERTIFICATE_BYTES)]  # `Proposal.to_bytes`
    # wires: the opening, the last revision, each vote on it
    ops: Annotated[tuple[Annotated[bytes, Blob(OP_BYTES)], ...], Many(MEMBERS + 2)]
    # blobs; any may be left out
    texts: Annotated[
        tuple[Annotated[bytes, Blob(crypto.SALT_BYTES + TEXT_BYTES)], ...],
        Many(MEMBERS + PARTS + 1),
    ]

    @classmethod
    def from_bytes(cls, data: bytes, context: object = None) -> DecisionCertificate:
        """Return the certificate in `data`; nothing of it is checked but its shape.

        Raises:
            CertificateFault: `bad_encoding`, `bad_field`, `unknown_version`, `unknown_link`.
        """
        try:
            return _VERSIONS.read(decode(data, CERTIFICATE_BYTES))
        except PeerFault as fault:
            raise refusal_of(fault) from fault


def _unknown_version(version: str) -> CertificateFault:
    return CertificateFault("unknown_version", f"{version!r}; known here is {VERSION!r}")


_VERSIONS = Tagged("certificate", Text(NAME_CHARS), (DecisionCertificate,), _unknown_version)


def named_ops(proposal: Proposal) -> tuple[OpId, ...]:
    """Return the ops that a certificate of this proposal holds, in this order (R8.7)."""
    latest = proposal.current
    opening = (proposal.id,) if latest.id == proposal.id else (proposal.id, latest.id)
    return (*opening, *(ballot.op for _, ballot in ballots_of(proposal)))


def named_texts(proposal: Proposal) -> tuple[TextRef, ...]:
    """Return the texts that a certificate of this proposal may hold: those of the last revision."""
    latest = proposal.current
    refs = [*latest.texts, *(ballot.reason for _, ballot in ballots_of(proposal))]
    return tuple(dict.fromkeys(ref for ref in refs if ref is not None))


def ballots_of(proposal: Proposal) -> Iterator[tuple[MemberId, Ballot]]:
    votes = proposal.current.votes
    return ((member, votes[member]) for member in proposal.electorate if member in votes)


def select_receipts(
    committee: Committee, statement: Statement, receipts: Iterable[Receipt]
) -> ReceiptSet:
    """Return those of the receipts that the committee's keys gave for this statement.

    Args:
        receipts: verified; whether they are a quorum is for the caller to see.
    """
    found = {
        one.device: one.signature
        for one in receipts
        if one.device in committee.key_index and one.statement == statement
    }
    return ReceiptSet(statement, tuple(sorted(found.items())))


def select_charters(
    epochs: Sequence[tuple[Charter, bytes]],
    rebuilt: Collection[int],
    proposal: Proposal,
    ops: Mapping[OpId, Op],
) -> tuple[Charter, ...]:
    """Return the charters on which the verdict rests, each once, by the first epoch that has it.

    The founding one, those of the epochs in which the proposal opened and closed and those around a
    rebuild; and, of each key that voted and is in none of these, the first that lists it.

    Args:
        epochs: of each up to the deciding one its charter, and that charter's hash.
        rebuilt: the numbers of those that a rebuild began.
        ops: those of `named_ops`, by id.
    """
    wanted = {0, proposal.epoch, len(epochs) - 1}
    wanted.update(number - back for number in rebuilt for back in (0, 1))
    for member, ballot in ballots_of(proposal):
        seats = (charter.by_device(ops[ballot.op].device) for charter, _ in epochs)
        listing = [at for at, one in enumerate(seats) if one is not None and one.id == member]
        if wanted.isdisjoint(listing):
            wanted.update(listing[:1])
    found: dict[bytes, Charter] = {}
    for number in sorted(wanted):
        charter, hash_ = epochs[number]
        found.setdefault(hash_, charter)
    order = dict.fromkeys(hash_ for _, hash_ in epochs if hash_ in found)
    return tuple(found[one] for one in order)
