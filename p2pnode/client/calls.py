"""What can be asked of the daemon; docs/reference/api.md says more of each.

References (`proposal`, `member`) are what one types: a number, a name, an id or its beginning;
or the id's bytes, as answers have them. Lengths of time in requests are texts (`7d`), moments
are ms since the Unix epoch. `wait="final"` asks for finality at once, and lets the daemon
answer when it is reached, or after `timeout_s` with `timed_out`.

Whatever takes a reference raises `TypeError` for one that is none of these, such as a number
that is no text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from p2pnode_protocols.ids import to_text

from ..answers.values.rendering import time_text
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
        LogCommit,
        Member,
        Outcome,
        OwnOps,
        Proposal,
        RebuildRequest,
        Receipt,
        Status,
        Verification,
    )
    from ..answers.documents import BindingText, LinkText, Places, Settings
    from ..answers.lists import (
        CommitList,
        DecisionList,
        EpochList,
        InviteList,
        MemberList,
        PeerList,
        ProposalList,
        RebuildList,
    )

Choice = Literal["yes", "no", "aside"]
Wait = Literal["provisional", "final"]
Change = bool | int | str | tuple[int, int]  # the last: a fraction, numerator and denominator
Json = dict[str, object]  # a document; {}: there is nothing to say but that it is done
_LONGEST_WAIT_S = 3600
_ID_BYTES = 32


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


def config() -> Call[Settings]:
    """Ask for every setting, and where it comes from."""
    return Call("GET", ("config",), answer="Settings")


def paths() -> Call[Places]:
    """Ask where this node's files are."""
    return Call("GET", ("paths",), answer="Places")


def peers(*, limit: int = 50) -> Call[PeerList]:
    """List the devices this node talks to, or tries to."""
    return _page("PeerList", ("peers",), {"limit": limit})


def dial(address: str) -> Call[Json]:
    """Let the daemon try this address from here on."""
    return Call("POST", ("peers",), body={"address": address})


def block(reference: str | bytes) -> Call[Json]:
    """Cut a member or a device off, until the daemon's next start."""
    return Call("PUT", ("peers", _named("mem", reference), "block"))


def unblock(reference: str | bytes) -> Call[Json]:
    """End that."""
    return Call("DELETE", ("peers", _named("mem", reference), "block"))


# --- what this device said ----------------------------------------------------------------


def own_ops(
    *, everything: bool = False, limit: int = 50, cursor: str | None = None
) -> Call[OwnOps]:
    """Ask what this device said that does not count, yet or at all; refused ones by pages."""
    asked: dict[str, Value] = {"all": everything, "limit": limit, "cursor": cursor}
    return Call("GET", ("ops",), query=asked, answer="OwnOps")


def hurry(*, wait: Wait = "provisional", timeout_s: int = 30) -> Call[OwnOps]:
    """Let all of that be made final at once; `wait="final"`: answer when nothing waits."""
    return Call("POST", ("ops", "hurry"), answer="OwnOps", **_waits(wait, timeout_s))


def mark_seen(ops: Sequence[str | bytes] | None = None) -> Call[OwnOps]:
    """Say that these refused ops are known, or all: the status lists them no more."""
    named = _all_named("op", ops)
    return Call("POST", ("ops", "seen"), body={"ops": named}, answer="OwnOps")


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
    link: str, member_name: str | None = None, *, wait: Wait | None = None, timeout_s: int = 30
) -> Call[JoinStatus]:
    """Take the seat that a link opens, under this name; `wait="final"`: answer once admitted.

    A link that opens none lets a device that has a seat fetch its record, and needs no name.
    """
    body = {"link": link, "member_name": member_name}
    return Call("POST", ("join",), body=body, answer="JoinStatus", **_waits(wait, timeout_s))


def join_status() -> Call[JoinStatus]:
    """Ask where a join stands."""
    return Call("GET", ("join",), answer="JoinStatus")


def give_up_joining() -> Call[Json]:
    """Forget a join that is under way."""
    return Call("DELETE", ("join",))


def link() -> Call[LinkText]:
    """Make a link without a seat, for a further device of one's own."""
    return Call("GET", ("link",), answer="LinkText")


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


# --- one's own seat -----------------------------------------------------------------------


def away(
    *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Take this seat's node off the committee; the vote stays."""
    return _signed("POST", ("members", "me", "absence"), None, wait, timeout_s, dry_run)


def back(
    *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Put it back."""
    return _signed("DELETE", ("members", "me", "absence"), None, wait, timeout_s, dry_run)


def leave(
    *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Give the seat up."""
    return _signed("POST", ("members", "me", "departure"), None, wait, timeout_s, dry_run)


def add_device(
    binding: str, *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Bind a further device to the seat; `binding` comes from that device."""
    body = {"binding": binding}
    return _signed("POST", ("members", "me", "devices"), body, wait, timeout_s, dry_run)


def revoke_device(
    device: str | bytes, *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Take a device off the seat."""
    path = ("members", "me", "devices", _named("dev", device))
    return _signed("DELETE", path, None, wait, timeout_s, dry_run)


def set_node_key(
    device: str | bytes | None,
    *,
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Say which device of the seat makes blocks; None: none does."""
    body = {"device": None if device is None else _named("dev", device)}
    return _signed("PUT", ("members", "me", "node-key"), body, wait, timeout_s, dry_run)


def bind_device(link: str, member: str | bytes | None = None) -> Call[BindingText]:
    """Agree, on a device without a seat, to be a further device of a seat."""
    body = {"link": link, "member": None if member is None else _named("mem", member)}
    return Call("POST", ("device-bindings",), body=body, answer="BindingText")


def request_binding(link: str) -> Call[BindingText]:
    """Agree to be a further device of whoever made this link, and join."""
    return Call("PUT", ("device-bindings", "me"), body={"link": link}, answer="BindingText")


# --- epochs and rebuilds ------------------------------------------------------------------


def epochs(*, limit: int = 50) -> Call[EpochList]:
    """List the epochs, the founding one first."""
    return _page("EpochList", ("epochs",), {"limit": limit})


def rebuilds(*, limit: int = 50) -> Call[RebuildList]:
    """List the rebuilds there ever were."""
    return _page("RebuildList", ("rebuilds",), {"limit": limit})


def propose_rebuild(
    *,
    without: Sequence[str | bytes] | None = None,
    keep: Sequence[str | bytes] | None = None,
    dry_run: bool = False,
) -> Call[RebuildRequest]:
    """Propose to go on without nodes that are lost for good, and sign that; name one side."""
    body = {
        name: _all_named("mem", given) for name, given in (("without", without), ("keep", keep))
    }
    query = {"dry_run": dry_run}
    return Call("POST", ("rebuilds",), query=query, body=body, answer="RebuildRequest")


def sign_rebuild(request: str, *, dry_run: bool = False) -> Call[RebuildRequest]:
    """Sign the rebuild that a survivor proposed."""
    path, query = ("rebuilds", "signature"), {"dry_run": dry_run}
    return Call("POST", path, query=query, body={"request": request}, answer="RebuildRequest")


def withdraw_rebuild() -> Call[RebuildRequest]:
    """Take that signature back: make blocks of this epoch again."""
    return Call("DELETE", ("rebuilds", "signature"), answer="RebuildRequest")


def apply_rebuild(
    rebuild: str, *, kept: Sequence[str | bytes] | None = None, dry_run: bool = False
) -> Call[RebuildRequest]:
    """Go on by a rebuild that all who are kept have signed; `kept` names them all."""
    body = {"rebuild": rebuild, "kept": _all_named("mem", kept)}
    path, query = ("rebuilds", "application"), {"dry_run": dry_run}
    return Call("POST", path, query=query, body=body, answer="RebuildRequest")


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


def decisions(
    *,
    tier: str | None = None,
    outcome: Outcome | None = None,
    query: str | None = None,
    limit: int = 50,
) -> Call[DecisionList]:
    """List what was decided, newest first; `query`: words the title contains."""
    asked: dict[str, Value] = {"tier": tier, "outcome": outcome, "query": query, "limit": limit}
    return _page("DecisionList", ("decisions",), asked)


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
    return _signed("POST", ("rekeys",), body, wait, timeout_s, dry_run)


def erase(
    reference: str | bytes,
    *,
    text: str | None = None,
    revision: str | bytes | None = None,
    vote: Choice | None = "yes",
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Propose to delete a proposal's texts at every node."""
    named = None if revision is None else _named("pro", revision)
    path = ("proposals", _named("pro", reference), "erasure")
    body = {"text": text, "revision": named, "vote": vote}
    return _signed("POST", path, body, wait, timeout_s, dry_run)


# --- the log ------------------------------------------------------------------------------


def commits(after: int = 0, *, limit: int = 50) -> Call[CommitList]:
    """List the finalized log after an index."""
    return _page("CommitList", ("commits",), {"after": after, "limit": limit})


def commit(index: int) -> Call[LogCommit]:
    """Ask for one commit of it."""
    return Call("GET", ("commits", str(index)), answer="LogCommit")


def _page(answer: str, path: tuple[str, ...], query: Mapping[str, Value]) -> Call[Any]:
    return Call("GET", path, query=query, answer=answer)


def _signed(
    method: str,
    path: tuple[str, ...],
    body: Mapping[str, object] | None,
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
    """Return a reference as text.

    Raises:
        TypeError: it is neither a text nor an id's 32 bytes.
    """
    if isinstance(reference, str):
        return reference
    if isinstance(reference, bytes) and len(reference) == _ID_BYTES:
        return to_text(kind, reference)
    raise TypeError(
        f"{reference!r} names nothing: give a text, such as '2', 'me', a name or an id, "
        f"or the {_ID_BYTES} bytes of an id"
    )


def _all_named(kind: str, references: Sequence[str | bytes] | None) -> list[str] | None:
    """Return references as texts. Raises `TypeError`, also for one that stands alone."""
    if isinstance(references, str | bytes):
        raise TypeError(f"{references!r} is one reference: give a list of them")
    return None if references is None else [_named(kind, one) for one in references]


def _changes(changes: Mapping[str, Change]) -> dict[str, object]:
    return {
        path: {"num": value[0], "den": value[1]} if isinstance(value, tuple) else value
        for path, value in changes.items()
    }
