"""What can be wrong with a certificate, by code."""

from __future__ import annotations

from ...wire.errors import BugError, PeerFault

# code -> what it means, in words that fit after the error. Alphabetical. Stable, as those of
# `errors.CODES`; the single-file verifier has the same.
FAULTS: dict[str, str] = {
    "bad_encoding": "the bytes are cut short, have something after them, or are written wrongly",
    "bad_field": "a field has the wrong type or a value that is not allowed",
    "bad_rebuild": "a rebuild does not follow from the committee, or lacks a signature",
    "bad_receipt": "a receipt's signature does not belong to its key and to what it states",
    "bad_record": "the record of the proposal contradicts itself",
    "broken_chain": "an epoch does not follow from the one before it",
    "charter_missing": "a charter that the verdict rests on is not there",
    "no_quorum": "fewer receipts than a quorum of the committee",
    "not_on_committee": "a receipt is by a key that is not on this epoch's committee",
    "op_differs": "a signed op says something else than the record",
    "op_missing": "the signed op of something in the record is not there",
    "op_signature": "the signature of an op does not belong to its key and content",
    "repeated_receipt": "a key signed twice, or the receipts are not in order",
    "unknown_charter": "a charter that no epoch of the chain has, or one out of order",
    "unknown_link": "an epoch ended in a way that this verifier does not know",
    "unknown_op": "an op that nothing in the record names",
    "unknown_text": "a text that nothing in the record names",
    "unknown_version": "the format is of a version that this verifier does not know",
    "wrong_charter": "a charter is not what the community id, or what outsiders see, says",
    "wrong_community": "the certificate is of another community",
    "wrong_electorate": "those asked are not the members at the start of the epoch it opened in",
    "wrong_epoch": "what was signed belongs to another epoch",
    "wrong_index": "what was signed has another place in the log",
    "wrong_outcome": "the outcome does not follow from the votes",
    "wrong_proposal": "the commit did not decide this proposal",
    "wrong_record": "the commit decided this proposal with another record",
    "wrong_root": "what was signed is another commit, or another log before it",
    "wrong_rule": "it was judged by another rule than its tier asks for",
    "wrong_time": "a time is not where the others put it",
}


class CertificateFault(Exception):
    """A certificate that proves nothing, and why.

    Args:
        code: a key of `FAULTS`.
        detail: where, what, and what it should be; one line, for people.
    """

    def __init__(self, code: str, detail: str) -> None:
        if code not in FAULTS:  # our own mistake
            raise BugError(f"code {code!r} is not in FAULTS")
        super().__init__(f"{detail} [{code}]")
        self.code = code
        self.detail = detail


def refusal_of(fault: PeerFault) -> CertificateFault:
    """Return what a part that does not read makes of the whole."""
    codes = {
        "bad_encoding": "bad_encoding",
        "limit_size": "bad_encoding",
        "bad_signature": "op_signature",
    }
    return CertificateFault(codes.get(fault.code, "bad_field"), fault.detail)
