"""Errors, classed by blame (docs/protocol.md §11).

Only classes and the one table of refusal codes live here. A code is stable: it is
what metrics, the API and the docs show, so it is never renamed or reused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


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


Blame = Literal["peer", "user", "either", "nobody", "machine", "ours"]
PEER: Final = "peer"  # what no honest peer sends
USER: Final = "user"  # what the local user or program asked for
EITHER: Final = "either"  # a peer's where a peer said it, the user's where the user did
NOBODY: Final = "nobody"  # early, or of something that has not come
MACHINE: Final = "machine"  # this machine has to be put right first
OURS: Final = "ours"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What goes with a code, whoever refuses."""

    blame: Blame
    status: int  # of HTTP
    exit: int  # of a command (docs/operations.md, Exit codes)
    meaning: str  # in words that fit after the error


# By code, alphabetical.
REFUSALS: dict[str, Refusal] = {
    "already_decided": Refusal(
        USER, 409, 6, "the proposal has been decided and takes no more votes"
    ),
    "already_member": Refusal(USER, 409, 6, "this device key already belongs to a seat"),
    "already_said": Refusal(
        USER, 409, 6, "this was said before; saying it again would change nothing"
    ),
    "ambiguous_id": Refusal(USER, 404, 4, "more than one id starts with this prefix"),
    "away_too_often": Refusal(
        USER, 409, 6, "a seat goes away, and changes its node key, only so often"
    ),
    "bad_charter": Refusal(EITHER, 422, 2, "a charter field has a value that is not allowed"),
    "bad_encoding": Refusal(PEER, 422, 2, "bytes are not the canonical encoding of anything"),
    "bad_epoch": Refusal(PEER, 422, 2, "the object belongs to another epoch"),
    "bad_evidence": Refusal(USER, 422, 2, "these two blocks do not prove that a key forked"),
    "bad_field": Refusal(
        EITHER, 422, 2, "a field has the wrong type or a value that is not allowed"
    ),
    "bad_frame": Refusal(PEER, 422, 2, "a frame is not a list of known messages"),
    "bad_id": Refusal(
        USER, 404, 4, "the text is not an id: wrong kind, alphabet, length or checksum"
    ),
    "bad_invite": Refusal(
        USER, 409, 6, "no invite with this key is decided here, or another had its key first"
    ),
    "bad_parents": Refusal(PEER, 422, 2, "a block's parents do not follow the rules"),
    "bad_part": Refusal(
        USER, 422, 2, "the part is not in this revision, or its number is not one that it may have"
    ),
    "bad_proof": Refusal(
        PEER, 422, 2, "a chain of epochs, or a snapshot, that receipts do not prove"
    ),
    "bad_rebuild": Refusal(
        USER, 409, 6, "the rebuild does not fit this node's log, or lacks signatures"
    ),
    "bad_signature": Refusal(
        EITHER, 422, 2, "the signature does not belong to this key and content"
    ),
    "bad_time": Refusal(
        PEER, 422, 2, "a block's time is not later than its author's previous block"
    ),
    "closed": Refusal(USER, 409, 6, "the proposal's voting window has closed"),
    "conflicting_nonce": Refusal(
        PEER, 409, 6, "something else that this key signed with the same number came first"
    ),
    "forked_key": Refusal(
        USER, 422, 2, "this key has signed two blocks where one was due, and makes none any more"
    ),
    "invite_over": Refusal(
        USER, 403, 5, "the invite opens no seat any more: used up, expired, or not agreed on"
    ),
    "leapt_over": Refusal(
        USER, 422, 2, "it is in a part of the log that this node leapt over, which does not show it"
    ),
    "learning": Refusal(
        USER,
        409,
        6,
        "this device was restored, and first learns from the others how far it had signed",
    ),
    "limit_buffer": Refusal(EITHER, 409, 6, "a bounded buffer is full"),
    "limit_bytes": Refusal(
        EITHER, 409, 6, "more bytes of one member in a day than the charter allows"
    ),
    "limit_rate": Refusal(EITHER, 409, 6, "more in one minute than one seat may say or ask"),
    "limit_size": Refusal(EITHER, 413, 2, "larger than the limit allows"),
    "no_node_key": Refusal(USER, 403, 5, "this seat has no node key, so it makes no blocks"),
    "not_a_member": Refusal(
        EITHER, 403, 5, "the author is not a member, or the key is not one of its devices"
    ),
    "not_active": Refusal(
        USER, 409, 6, "the kind is of a practice, or of a version of one, that is not in force here"
    ),
    "not_allowed": Refusal(
        USER, 403, 5, "the rules let somebody else do this, or nobody as things stand"
    ),
    "not_in_electorate": Refusal(
        USER, 403, 5, "the author is not in the electorate this proposal is pinned to"
    ),
    "not_on_committee": Refusal(EITHER, 403, 5, "the author is not on this epoch's committee"),
    "not_ready": Refusal(
        USER, 409, 6, "fewer nodes of the committee than a quorum support this version"
    ),
    "ok": Refusal(NOBODY, 200, 0, "accepted"),
    "seat_anew": Refusal(USER, 409, 6, "the seat has been given up since, and given anew"),
    "shut_out": Refusal(
        USER, 403, 5, "nobody lets this device in any more, so what became of it is not shown here"
    ),
    "stale_nonce": Refusal(USER, 409, 6, "an op with this nonce was applied before"),
    "superseded_revision": Refusal(USER, 409, 6, "it names a text that has been replaced"),
    "too_many": Refusal(USER, 409, 6, "the limit for items of this kind is reached"),
    "too_many_open": Refusal(
        USER, 409, 6, "the member has as many open proposals as the charter allows"
    ),
    "unknown_item": Refusal(USER, 404, 4, "there is nothing of this kind with this id"),
    "unknown_kind": Refusal(EITHER, 422, 2, "this version of the protocol does not know this kind"),
    "unknown_member": Refusal(USER, 404, 4, "no seat has this id"),
    "unknown_parent": Refusal(NOBODY, 422, 2, "a parent of this block has not arrived"),
    "unknown_proposal": Refusal(USER, 404, 4, "no proposal has this id"),
    "unknown_tier": Refusal(USER, 422, 2, "the charter has no tier of this name"),
    "update_needed": Refusal(
        NOBODY, 503, 1, "what is in force here needs a newer program than this node runs"
    ),
    "wrong_community": Refusal(PEER, 422, 2, "the object belongs to another community"),
    "wrong_version": Refusal(PEER, 422, 2, "the peer speaks another version of the protocol"),
}
CODES: dict[str, str] = {code: one.meaning for code, one in REFUSALS.items()}
