"""Errors, classed by blame (docs/protocol.md §11).

Only classes and the one table of refusal codes live here. A code is stable: it is
what metrics, the API and the docs show, so it is never renamed or reused.
"""

from __future__ import annotations


class ProtocolError(Exception):
    """Base of everything the core raises on purpose.

    Args:
        code: a key of `CODES`, stable snake_case.
        detail: what, which, value, allowed; one line, for people.
    """

    def __init__(self, code: str, detail: str) -> None:
        if code not in CODES:  # our own mistake, never a peer's
            raise BugError(f"refusal code {code!r} is not in errors.CODES")
        super().__init__(f"{detail} [{code}]")
        self.code = code
        self.detail = detail


class PeerFault(ProtocolError):
    """A peer sent what no honest peer sends: drop it, count it, tell the peer."""


class NotYet(ProtocolError):
    """Early or of an unknown parent: keep or drop, nobody is to blame."""


class UsageError(ProtocolError):
    """The local user or program asked for what the rules do not allow (HTTP 4xx, exit 2–6)."""


class BugError(Exception):
    """An invariant of ours broke: stop, loudly."""


# code -> what it means, in words that fit after the error. Alphabetical.
CODES: dict[str, str] = {
    "already_decided": "the proposal has been decided and takes no more votes",
    "already_member": "this device key already belongs to a seat",
    "already_said": "this was said before; saying it again would change nothing",
    "ambiguous_id": "more than one id starts with this prefix",
    "away_too_often": "a seat goes away, and changes its node key, only so often",
    "bad_charter": "a charter field has a value that is not allowed",
    "bad_encoding": "bytes are not the canonical encoding of anything",
    "bad_epoch": "the object belongs to another epoch",
    "bad_evidence": "these two blocks do not prove that a key forked",
    "bad_field": "a field has the wrong type or a value that is not allowed",
    "bad_frame": "a frame is not a list of known messages",
    "bad_id": "the text is not an id: wrong kind, alphabet, length or checksum",
    "bad_invite": "no invite with this key is decided here, or another had its key first",
    "bad_parents": "a block's parents do not follow the rules",
    "bad_part": "the part is not in this revision, or its number is not one that it may have",
    "bad_proof": "a chain of epochs, or a snapshot, that receipts do not prove",
    "bad_rebuild": "the rebuild does not fit this node's log, or lacks signatures",
    "bad_signature": "the signature does not belong to this key and content",
    "bad_time": "a block's time is not later than its author's previous block",
    "closed": "the proposal's voting window has closed",
    "conflicting_nonce": "something else that this key signed with the same number came first",
    "forked_key": "this key has signed two blocks where one was due, and makes none any more",
    "invite_over": "the invite opens no seat any more: used up, expired, or not agreed on",
    "leapt_over": "it is in a part of the log that this node leapt over, which does not show it",
    "learning": "this device was restored, and first learns from the others how far it had signed",
    "limit_buffer": "a bounded buffer is full",
    "limit_bytes": "more bytes of one member in a day than the charter allows",
    "limit_rate": "more in one minute than one seat may say or ask",
    "limit_size": "larger than the limit allows",
    "no_node_key": "this seat has no node key, so it makes no blocks",
    "not_a_member": "the author is not a member, or the key is not one of its devices",
    "not_active": "the kind is of a practice, or of a version of one, that is not in force here",
    "not_allowed": "the rules let somebody else do this, or nobody as things stand",
    "not_in_electorate": "the author is not in the electorate this proposal is pinned to",
    "not_on_committee": "the author is not on this epoch's committee",
    "not_ready": "fewer nodes of the committee than a quorum support this version",
    "ok": "accepted",
    "seat_anew": "the seat has been given up since, and given anew",
    "shut_out": "nobody lets this device in any more, so what became of it is not shown here",
    "stale_nonce": "an op with this nonce was applied before",
    "superseded_revision": "it names a text that has been replaced",
    "too_many_open": "the member has as many open proposals as the charter allows",
    "unknown_kind": "this version of the protocol does not know this kind",
    "unknown_member": "no seat has this id",
    "unknown_parent": "a parent of this block has not arrived",
    "unknown_proposal": "no proposal has this id",
    "unknown_tier": "the charter has no tier of this name",
    "update_needed": "what is in force here needs a newer program than this node runs",
    "wrong_community": "the object belongs to another community",
    "wrong_version": "the peer speaks another version of the protocol",
}
