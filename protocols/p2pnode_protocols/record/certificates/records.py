"""The record in a certificate: read, if it is of the version that is known here."""

from __future__ import annotations

from ...wire.codec import Value, decode
from ...wire.errors import PeerFault, UsageError
from ...wire.ids import MAX_MS
from ...wire.reserved import find_filled
from ...wire.shapes import shape_of
from ..questions.proposal import RECORD_BYTES, RECORD_VERSION, Proposal, Revision
from ..texts import check_parts
from .faults import CertificateFault


def read_record(record: bytes) -> Proposal:
    """Return the proposal in a record, if the rules can have brought it about.

    Raises:
        CertificateFault: `bad_record`; `unknown_version`: it says something of a newer version, or
            of a practice that this verifier does not know.
    """
    try:
        value = decode(record, RECORD_BYTES)
        _check_version(value)
        proposal = Proposal.read(value)
    except PeerFault as fault:
        raise CertificateFault("bad_record", fault.detail) from fault
    if proposal.to_bytes() != record:
        raise CertificateFault("bad_record", "votes are twice or out of order")
    parts = [one.parts for one in proposal.revisions]
    for place, one in enumerate(parts):
        try:
            check_parts(one, parts[:place])  # R10.32
        except UsageError as error:
            raise CertificateFault("bad_record", error.detail) from error
    return proposal


def _check_version(value: Value) -> None:
    """Refuse a record that says what is not known here, whatever else is in it."""
    if not isinstance(value, list | tuple) or not value:
        return
    version = value[0]
    if type(version) is int and 0 <= version <= MAX_MS and version != RECORD_VERSION:
        raise CertificateFault(
            "unknown_version",
            f"a record of version {version}; known here is {RECORD_VERSION}",
        )
    filled = find_filled(shape_of(Proposal), value)
    at = 1 + [one.name for one in shape_of(Proposal).fields].index("revisions")
    revisions = value[at] if len(value) > at else None
    for one in revisions if isinstance(revisions, list | tuple) else ():
        filled = filled or find_filled(shape_of(Revision), one)
    if filled is not None:
        raise CertificateFault("unknown_version", f"the record's field {filled} is not known here")
