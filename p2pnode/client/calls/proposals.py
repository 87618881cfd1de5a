"""What can be asked and said of proposals, and of the log."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from ...answers.values.rendering import time_text
from ..call import Call, Value, write_reference
from .asked import (
    Change,
    Choice,
    Wait,
    ask_page,
    ask_signed,
    put_waits,
    write_changes,
)

if TYPE_CHECKING:
    from ...answers import CertificateFile, Explanation, LogCommit, Outcome, Proposal, Receipt
    from ...answers.lists import CommitList, DecisionList, NoteList, ProposalList


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
    return ask_page("ProposalList", ("proposals",), asked)


def decisions(
    *,
    tier: str | None = None,
    outcome: Outcome | None = None,
    query: str | None = None,
    limit: int = 50,
) -> Call[DecisionList]:
    """List what was decided, newest first; `query`: words the title contains."""
    asked: dict[str, Value] = {"tier": tier, "outcome": outcome, "query": query, "limit": limit}
    return ask_page("DecisionList", ("decisions",), asked)


def proposal(
    reference: str | bytes, *, wait: Wait | None = None, timeout_s: int = 30
) -> Call[Proposal]:
    """Ask for one proposal, whole; with `wait` once its decision has that grade."""
    path = ("proposals", write_reference("pro", reference))
    return Call("GET", path, answer="Proposal", **put_waits(wait, timeout_s))


def explanation(reference: str | bytes) -> Call[Explanation]:
    """Ask why a proposal stands as it does."""
    path = ("proposals", write_reference("pro", reference), "explanation")
    return Call("GET", path, answer="Explanation")


def certificate(reference: str | bytes, *, timeout_s: int | None = None) -> Call[CertificateFile]:
    """Ask for a decision's certificate; with `timeout_s` wait for what is still to come."""
    path = ("proposals", write_reference("pro", reference), "certificate")
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
    return ask_signed("POST", ("proposals",), body, wait, timeout_s, dry_run, idempotency_key)


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
    named = None if revision is None else write_reference("pro", revision)
    body = {"title": title, "text": text, "closes_at": closes_at, "revision": named}
    path = ("proposals", write_reference("pro", reference), "revisions")
    return ask_signed("POST", path, body, wait, timeout_s, dry_run)


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
    named = None if revision is None else write_reference("pro", revision)
    body = {"choice": choice, "reason": reason, "revision": named}
    path = ("proposals", write_reference("pro", reference), "votes")
    return ask_signed("POST", path, body, wait, timeout_s, dry_run, idempotency_key)


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
    named = None if revision is None else write_reference("pro", revision)
    path = ("proposals", write_reference("pro", reference), "withdrawal")
    return ask_signed("POST", path, {"reason": reason, "revision": named}, wait, timeout_s, dry_run)


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
    body = {"changes": write_changes(changes), "title": title, "text": text, "vote": vote}
    return ask_signed("POST", ("amendments",), body, wait, timeout_s, dry_run)


def rekey(
    binding: str,
    *,
    text: str | None = None,
    vote: Choice | None = "yes",
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Propose a new key for a seat in place of all it had; `binding` comes from the new one."""
    body = {"binding": binding, "text": text, "vote": vote}
    return ask_signed("POST", ("rekeys",), body, wait, timeout_s, dry_run)


def erase(
    reference: str | bytes,
    *,
    part: int | None = None,
    text: str | None = None,
    revision: str | bytes | None = None,
    vote: Choice | None = "yes",
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Propose to delete a proposal's texts, or what stood in one part, at every node."""
    named = None if revision is None else write_reference("pro", revision)
    path = ("proposals", write_reference("pro", reference), "erasure")
    body = {"part": part, "text": text, "revision": named, "vote": vote}
    return ask_signed("POST", path, body, wait, timeout_s, dry_run)


def commits(after: int = 0, *, limit: int = 50) -> Call[CommitList]:
    """List the finalized log after an index."""
    return ask_page("CommitList", ("commits",), {"after": after, "limit": limit})


def commit(index: int) -> Call[LogCommit]:
    """Ask for one commit of it."""
    return Call("GET", ("commits", str(index)), answer="LogCommit")


def note(
    namespace: str,
    data: bytes,
    *,
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Put something into the log that changes nothing, for programs to read."""
    body = {"namespace": namespace, "data": base64.b64encode(data).decode()}
    return ask_signed("POST", ("notes",), body, wait, timeout_s, dry_run)


def notes(namespace: str | None = None, *, limit: int = 50) -> Call[NoteList]:
    """List what programs have put into the log, of one namespace or of all, in its order."""
    return ask_page("NoteList", ("notes",), {"namespace": namespace, "limit": limit})
