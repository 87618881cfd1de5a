"""Exit codes, and which refusal ends with which (docs/operations.md, Exit codes).

Codes are stable: scripts branch on them. A number is never given a second meaning.
"""

from __future__ import annotations

from enum import IntEnum

from p2pnode.errors import REFUSALS as NODE_REFUSALS
from p2pnode.home.errors import REFUSALS as LOCAL_REFUSALS
from p2pnode_protocols.wire.errors import REFUSALS as PROTOCOL_REFUSALS


class Exit(IntEnum):
    DONE = 0  # with --exit-code: passed and final
    FAILED = 1
    USAGE = 2
    NO_DAEMON = 3
    NOT_FOUND = 4
    NOT_ALLOWED = 5
    CONFLICT = 6
    TIMED_OUT = 7
    NOT_VERIFIED = 8
    LOCKED = 9
    REJECTED = 10  # 10–12 only with --exit-code
    UNDECIDED = 11
    LAPSED = 12  # closed with too little support: a floor was missed
    INTERRUPTED = 130  # 128 + SIGINT, as shells count it
    READER_GONE = 141  # 128 + SIGPIPE: what `head` and `cat | head` end others with


MEANINGS: dict[Exit, str] = {
    Exit.DONE: "done (with --exit-code: passed and final)",
    Exit.FAILED: "other failure",
    Exit.USAGE: "wrong usage",
    Exit.NO_DAEMON: "daemon not reachable",
    Exit.NOT_FOUND: "not found, or the id is ambiguous",
    Exit.NOT_ALLOWED: "not allowed (not a member, not in the electorate)",
    Exit.CONFLICT: "conflict (closed, revision superseded or not seen, already decided)",
    Exit.TIMED_OUT: "timed out waiting",
    Exit.NOT_VERIFIED: "verification failed",
    Exit.LOCKED: "key or store locked by another process",
    Exit.REJECTED: "with --exit-code: rejected or withdrawn",
    Exit.UNDECIDED: "with --exit-code: still open or provisional",
    Exit.LAPSED: "with --exit-code: lapsed, too little support at the close",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
    Exit.READER_GONE: "whoever read the output stopped reading, as `head` does",
}

_OF_STATUS: dict[int, Exit] = {
    400: Exit.USAGE,
    403: Exit.NOT_ALLOWED,
    404: Exit.NOT_FOUND,
    409: Exit.CONFLICT,
    413: Exit.USAGE,
    422: Exit.USAGE,
}

_OF_OURS = {**LOCAL_REFUSALS, **NODE_REFUSALS, **PROTOCOL_REFUSALS}


def exit_for(code: str, status: int) -> Exit:
    """Return the exit code of a refusal by the API: its code, else its HTTP status, says.

    A daemon of a later version may have codes that are not known here.
    """
    known = _OF_OURS.get(code)
    return _OF_STATUS.get(status, Exit.FAILED) if known is None else Exit(known.exit)


def exit_for_local(code: str) -> Exit:
    """Return the exit code of a `LocalError`."""
    return Exit(LOCAL_REFUSALS[code].exit)
