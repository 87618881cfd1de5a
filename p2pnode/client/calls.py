"""What can be asked of the daemon; docs/reference/api.md says more of each.

References (`proposal`, `member`) are what one types: a number, a name, an id or its beginning;
or the id's bytes, as answers have them. Lengths of time in requests are texts (`7d`), moments
are ms since the Unix epoch. `wait="final"` asks for finality at once, and lets the daemon
answer when it is reached, or after `timeout_s` with `timed_out`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from p2pnode_protocols.ids import to_text

from ..rendering import time_text
from .call import Call, Value

if TYPE_CHECKING:
    from ..answers import (
        BackupMade,
        CertificateFile,
        CharterText,
        Explanation,
        Founded,
        Health,
        JoinStatus,
        Member,
        Outcome,
        Proposal,
        Receipt,
        Status,
        Verification,
    )
    from ..lists import (
        CommitList,
        EpochList,
        InviteList,
        MemberList,
        PeerList,
        ProposalList,
    )

Choice = Literal["yes", "no", "aside"]
Wait = Literal["provisional", "final"]
Change = bool | int | str | tuple[int, int]  # the last: a fraction, numerator and denominator
_LONGEST_WAIT_S = 3600


# --- this node ----------------------------------------------------------------------------


def status(**until: int | str) -> Call[Status]:
    """Ask for the status; with `min_index=…` and the like once that holds (`timeout` in s)."""
    wait_s = int(until.get("timeout", 30)) if until else 0
    return Call("GET", ("status",), query=until, answer="Status", wait_s=wait_s)


def health(*, deep: bool = False) -> Call[Health]:
    """Ask for every check; `deep` reads the whole store."""
    return Call("GET", ("health",), query={"deep": deep}, answer="Health", wait_s=600 * deep)


def back_up(file: str, *, with_key: bool = False, replace: bool = False) -> Call[BackupMade]:
    """Let the daemon write a backup; `file` is absolute, on its machine."""
    body = {"file": file, "with_key": with_key, "replace": replace}
    return Call("POST", ("backups",), body=body, answer="BackupMade", wait_s=600)


def verify_log() -> Call[Verification]:
    """Let the daemon check every signature and replay its whole log."""
    path = ("log", "verification")
    return Call("POST", path, body={}, answer="Verification", wait_s=_LONGEST_WAIT_S)


def peers(*, limit: int = 50) -> Call[PeerList]:
    """List the devices this node talks to, or tries to."""
    return _page("PeerList", ("peers",), {"limit": limit})


# --- the community ------------------------------------------------------------------------


def found(
    name: str,
    member_name: str,
    *,
    fault_model: Literal["byzantine", "crash"] = "byzantine",
    changes: Mapping[str, Change] | None = None,
) -> Call[Founded]:
    """Begin a community; `changes` are charter values other than the default."""
    body = {
        "name": name,
        "member_name": member_name,
        "fault_model": fault_model,
        "changes": _changes(changes or {}),
    }
    return Call("POST", ("community",), body=body, answer="Founded")


def join(
    link: str, member_name: str, *, wait: Wait | None = None, timeout_s: int = 30
) -> Call[JoinStatus]:
    """Take the seat that a link opens; `wait="final"`: answer once admitted."""
    body = {"link": link, "member_name": member_name}
    return Call("POST", ("join",), body=body, answer="JoinStatus", **_waits(wait, timeout_s))


def charter() -> Call[CharterText]:
    """Ask for the rules as they are now."""
    return Call("GET", ("charter",), answer="CharterText")


def members(*, limit: int = 50) -> Call[MemberList]:
    """List the seats."""
    return _page("MemberList", ("members",), {"limit": limit})


def member(reference: str | bytes) -> Call[Member]:
    """Ask for one seat; "me" is one's own."""
    return Call("GET", ("members", _named("mem", reference)), answer="Member")


def invites(*, limit: int = 50) -> Call[InviteList]:
    """List the seats that were offered."""
    return _page("InviteList", ("invites",), {"limit": limit})


def invite(
    name: str,
    *,
    uses: int = 1,
    expires_in: str = "7d",
    text: str | None = None,
    vote: Choice | None = "yes",
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Propose to offer a seat; the receipt has the link."""
    body = {"name": name, "uses": uses, "expires_in": expires_in, "text": text, "vote": vote}
    return _signed("POST", ("invites",), body, wait, timeout_s, dry_run)


def epochs(*, limit: int = 50) -> Call[EpochList]:
    """List the epochs, the founding one first."""
    return _page("EpochList", ("epochs",), {"limit": limit})


# --- proposals ----------------------------------------------------------------------------


def proposals(
    *,
    state: Literal["all", "open", "decided"] = "all",
    needs_my_vote: bool = False,
    tier: str | None = None,
    outcome: Outcome | None = None,
    query: str | None = None,
    limit: int = 50,
) -> Call[ProposalList]:
    """List proposals, newest first; `query`: words the title contains."""
    asked: dict[str, Value] = {
        "state": state,
        "needs_my_vote": needs_my_vote,
        "tier": tier,
        "outcome": outcome,
        "query": query,
        "limit": limit,
    }
    return _page("ProposalList", ("proposals",), asked)


def proposal(
    reference: str | bytes, *, wait: Wait | None = None, timeout_s: int = 30
) -> Call[Proposal]:
    """Ask for one proposal, whole; with `wait` once its decision has that grade."""
    path = ("proposals", _named("pro", reference))
    return Call("GET", path, answer="Proposal", **_waits(wait, timeout_s))


def explanation(reference: str | bytes) -> Call[Explanation]:
    """Ask why a proposal stands as it does."""
    path = ("proposals", _named("pro", reference), "explanation")
    return Call("GET", path, answer="Explanation")


def certificate(reference: str | bytes, *, timeout_s: int | None = None) -> Call[CertificateFile]:
    """Ask for a decision's certificate; with `timeout_s` wait for what is still to come."""
    path = ("proposals", _named("pro", reference), "certificate")
    query = {"timeout": timeout_s}
    return Call("GET", path, query=query, answer="CertificateFile", wait_s=timeout_s or 0)


def propose(
    tier: str,
    title: str,
    text: str | None = None,
    *,
    close_ms: int | None = None,
    action: Mapping[str, object] | None = None,
    vote: Choice | None = None,
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
    idempotency_key: str | None = None,
) -> Call[Receipt]:
    """Put a question; `action` as in the API's body: {"kind": "remove", "member": "Bo"}."""
    body = {
        "tier": tier,
        "title": title,
        "text": text,
        "closes_at": None if close_ms is None else time_text(close_ms),
        "action": action or {"kind": "none"},
        "vote": vote,
    }
    return _signed("POST", ("proposals",), body, wait, timeout_s, dry_run, idempotency_key)


def revise(
    reference: str | bytes,
    *,
    title: str | None = None,
    text: str | None = None,
    close_ms: int | None = None,
    revision: str | bytes | None = None,
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Replace the text of an own proposal, `revision`; everybody is asked again."""
    closes_at = None if close_ms is None else time_text(close_ms)
    named = None if revision is None else _named("pro", revision)
    body = {"title": title, "text": text, "closes_at": closes_at, "revision": named}
    path = ("proposals", _named("pro", reference), "revisions")
    return _signed("POST", path, body, wait, timeout_s, dry_run)


def vote(
    reference: str | bytes,
    choice: Choice,
    reason: str | None = None,
    *,
    revision: str | bytes | None = None,
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
    idempotency_key: str | None = None,
) -> Call[Receipt]:
    """Vote; `revision` is the text that was read, and one that was replaced is refused."""
    named = None if revision is None else _named("pro", revision)
    body = {"choice": choice, "reason": reason, "revision": named}
    path = ("proposals", _named("pro", reference), "votes")
    return _signed("POST", path, body, wait, timeout_s, dry_run, idempotency_key)


def withdraw(
    reference: str | bytes,
    reason: str | None = None,
    *,
    revision: str | bytes | None = None,
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """End an own proposal without a decision; `revision` as with `revise`."""
    named = None if revision is None else _named("pro", revision)
    path = ("proposals", _named("pro", reference), "withdrawal")
    return _signed("POST", path, {"reason": reason, "revision": named}, wait, timeout_s, dry_run)


def amend(
    changes: Mapping[str, Change],
    *,
    title: str | None = None,
    text: str | None = None,
    vote: Choice | None = "yes",
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Propose to change the charter: {"tiers.tactical.threshold": (2, 3)}."""
    body = {"changes": _changes(changes), "title": title, "text": text, "vote": vote}
    return _signed("POST", ("amendments",), body, wait, timeout_s, dry_run)


# --- the log ------------------------------------------------------------------------------


def commits(after: int = 0, *, limit: int = 50) -> Call[CommitList]:
    """List the finalized log after an index."""
    return _page("CommitList", ("commits",), {"after": after, "limit": limit})


def _page(answer: str, path: tuple[str, ...], query: Mapping[str, Value]) -> Call[Any]:
    return Call("GET", path, query=query, answer=answer)


def _signed(
    method: str,
    path: tuple[str, ...],
    body: Mapping[str, object],
    wait: Wait,
    timeout_s: int,
    dry_run: bool,
    idempotency_key: str | None = None,
) -> Call[Receipt]:
    query: dict[str, Value] = {"wait": wait, "timeout": timeout_s, "dry_run": dry_run}
    return Call(
        method,
        path,
        query=query,
        body=body,
        answer="Receipt",
        wait_s=timeout_s,
        idempotency_key=idempotency_key,
    )


def _waits(wait: Wait | None, timeout_s: int) -> Any:
    if wait is None:
        return {}
    return {"query": {"wait": wait, "timeout": timeout_s}, "wait_s": timeout_s}


def _named(kind: str, reference: str | bytes) -> str:
    return reference if isinstance(reference, str) else to_text(kind, reference)


def _changes(changes: Mapping[str, Change]) -> dict[str, object]:
    return {
        path: {"num": value[0], "den": value[1]} if isinstance(value, tuple) else value
        for path, value in changes.items()
    }
