"""What the node itself refuses, beside what the rules of the community refuse.

The core's codes (`p2pnode_protocols.wire.errors.CODES`) speak of operations; these speak of a
home, a request, a machine. Stable likewise, and in one table likewise.
"""

from __future__ import annotations

from p2pnode_protocols.wire.errors import BugError

# code -> what it means, in words that fit after the error. Alphabetical.
CODES: dict[str, str] = {
    "already_in_community": "this home has a seat in this community already",
    "bad_cursor": "the cursor is not one that this list gave",
    "bad_link": "the text is not a whole join link or device binding",
    "beyond_log": "the log here does not reach that far",
    "idempotency_mismatch": "this Idempotency-Key was used for another request",
    "internal": "the node made a mistake; its log says more",
    "invalid_request": "the request has missing, unknown or wrong fields",
    "joining": "this home has not been admitted yet",
    "method_not_allowed": "this address does not take this method",
    "no_community": "this home belongs to no community yet",
    "not_final": "the decision is not final, so nothing can prove it yet",
    "not_found": "nothing is at this address",
    "not_kept": "this node does not have what is asked for",
    "not_proven": "final here, but receipts of other nodes are missing so far",
    "nothing_to_revise": "the revision says what the proposal says already",
    "removed": "this home's seat has been given up or taken away",
    "revision_unnamed": "the proposal has had more than one text, and the vote names none",
    "stopping": "the node is shutting down",
    "store_unwritable": "the store cannot be written: the disk is full or failing",
    "unknown_community": "no community of this home fits",
    "unknown_device": "no device key of this seat fits",
    "unknown_peer": "no peer fits",
    "unsupported_media_type": "a body of this type is not read",
    "which_community": "this home has several communities, and none or more than one is meant",
}


class RequestError(Exception):
    """The node cannot do what was asked, whatever the community's rules say.

    Args:
        code: a key of `CODES`, stable snake_case.
        detail: what, which, value, allowed; one line, for people.
        steps: what to try, best first: each a whole command that can be copied, with
            placeholders in capitals, or a sentence that names none.
    """

    def __init__(self, code: str, detail: str, *steps: str) -> None:
        if code not in CODES:
            raise BugError(f"code {code!r} is not in p2pnode.errors.CODES")
        super().__init__(f"{detail} [{code}]")
        self.code = code
        self.detail = detail
        self.steps = steps
