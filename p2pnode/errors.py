"""What the node itself refuses, beside what the rules of the community refuse.

The core's codes (`p2pnode_protocols.wire.errors.CODES`) speak of operations; these speak of a
home, a request, a machine. Stable likewise, and in one table likewise.
"""

from __future__ import annotations

from p2pnode_protocols.wire.errors import MACHINE, NOBODY, OURS, USER, BugError, Refusal

# By code, alphabetical.
REFUSALS: dict[str, Refusal] = {
    "already_in_community": Refusal(USER, 409, 6, "this home has a seat in this community already"),
    "bad_cursor": Refusal(USER, 422, 2, "the cursor is not one that this list gave"),
    "bad_link": Refusal(USER, 422, 2, "the text is not a whole join link or device binding"),
    "beyond_log": Refusal(USER, 409, 6, "the log here does not reach that far"),
    "idempotency_mismatch": Refusal(
        USER, 422, 2, "this Idempotency-Key was used for another request"
    ),
    "internal": Refusal(OURS, 500, 1, "the node made a mistake; its log says more"),
    "invalid_request": Refusal(USER, 422, 2, "the request has missing, unknown or wrong fields"),
    "joining": Refusal(USER, 409, 5, "this home has not been admitted yet"),
    "method_not_allowed": Refusal(USER, 405, 1, "this address does not take this method"),
    "no_community": Refusal(USER, 409, 5, "this home belongs to no community yet"),
    "not_final": Refusal(USER, 409, 6, "the decision is not final, so nothing can prove it yet"),
    "not_found": Refusal(USER, 404, 4, "nothing is at this address"),
    "not_kept": Refusal(USER, 404, 4, "this node does not have what is asked for"),
    "not_proven": Refusal(
        USER, 409, 6, "final here, but receipts of other nodes are missing so far"
    ),
    "nothing_to_revise": Refusal(USER, 422, 2, "the revision says what the proposal says already"),
    "removed": Refusal(USER, 403, 5, "this home's seat has been given up or taken away"),
    "revision_unnamed": Refusal(
        USER, 409, 6, "the proposal has had more than one text, and the vote names none"
    ),
    "stopping": Refusal(NOBODY, 503, 3, "the node is shutting down"),
    "store_unwritable": Refusal(
        MACHINE, 503, 1, "the store cannot be written: the disk is full or failing"
    ),
    "unknown_community": Refusal(USER, 404, 4, "no community of this home fits"),
    "unknown_device": Refusal(USER, 404, 4, "no device key of this seat fits"),
    "unknown_peer": Refusal(USER, 404, 4, "no peer fits"),
    "unsupported_media_type": Refusal(USER, 415, 1, "a body of this type is not read"),
    "which_community": Refusal(
        USER, 409, 6, "this home has several communities, and none or more than one is meant"
    ),
}
CODES: dict[str, str] = {code: one.meaning for code, one in REFUSALS.items()}


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
