"""What a certificate proves, as one JSON document: the same that the single-file verifier prints.

Needs no node, store or network: a file goes in, a verdict comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from p2pnode_protocols.record.actions import (
    AmendAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.certificates.checking import check_certificate
from p2pnode_protocols.record.certificates.faults import CertificateFault
from p2pnode_protocols.record.certificates.verdict import Verdict
from p2pnode_protocols.record.opaque import OpaqueAction
from p2pnode_protocols.record.seats.names import is_same
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, EpochId, MemberId, to_text
from p2pnode_protocols.wire.quoting import quoted

from .values.rendering import time_text

SCHEMA = "p2pnode/verdict/1"
_LEAST_CHARS = 7  # of an id
# No quorum vouches for a rebuild, so the file alone proves nothing past it (R8.9).
UNCONFIRMED = "unconfirmed_rebuild"


def judge_file(
    community: bytes, data: bytes, rebuilds: Collection[EpochId] = ()
) -> dict[str, object]:
    """Return the verdict on a certificate; `ok` says whether it is genuine.

    Args:
        community: its id, known from elsewhere.
        rebuilds: the epochs that rebuilds began, as known from elsewhere. A file that leads over
            any other is not `ok`, for all that it says (`unconfirmed_rebuild`).
    """
    try:
        verdict = check_certificate(CommunityId(community), data)
    except CertificateFault as fault:
        return {"schema": SCHEMA, "ok": False, "code": fault.code, "detail": fault.detail}
    return describe(verdict, rebuilds)


def describe(verdict: Verdict, rebuilds: Collection[EpochId] = ()) -> dict[str, object]:
    """Return what a certificate without a fault proves, JSON-ready. Args: as `judge_file`."""
    proposal, tally = verdict.proposal, verdict.tally
    unknown = [to_text("epo", one.id) for one in verdict.rebuilds if one.id not in rebuilds]
    return {
        "schema": SCHEMA,
        "ok": not unknown,
        **(_unconfirmed(unknown) if unknown else {}),
        "community": {"id": to_text("com", verdict.community), "name": verdict.community_name},
        "proposal": to_text("pro", proposal.id),
        "number": proposal.number,
        "title": verdict.title,
        "text": verdict.text,
        "parts": [{"number": part.number, "text": text} for part, text in verdict.parts],
        "tier": proposal.tier.name,
        "action": _effect(verdict),
        "outcome": proposal.outcome,
        "effect": proposal.effect,
        "opened_at": time_text(proposal.current.opened_ms),
        "closes_at": time_text(proposal.close_ms),
        "decided_at": time_text(proposal.decided_ms),
        "tally": {
            "yes": tally.yes,
            "no": tally.no,
            "aside": tally.aside,
            "missing": tally.missing,
            "electorate": tally.electorate,
        },
        "concerned": None if verdict.concerned is None else _person(verdict.concerned),
        "votes": [
            {
                "member": _person((vote.member, vote.name)),
                "choice": vote.choice,
                "reason": vote.reason,
                "at": time_text(vote.counted_ms),
                "op": to_text("op", vote.op),
                "device": to_text("dev", vote.device),
                "device_listed": vote.is_listed,
                "counted": vote.counts,
            }
            for vote in verdict.votes
        ],
        "missing": [_person(one) for one in verdict.silent],
        "commit": verdict.commit.index,
        "root": verdict.root.hex(),
        "epochs": verdict.epochs,
        "rebuilds": [
            {
                "id": to_text("epo", one.id),
                "confirmed": one.id in rebuilds,
                "epoch": one.epoch,
                "after_commit": one.index,
                "kept": [_person(seat) for seat in one.kept],
                "lost": [_person(seat) for seat in one.lost],
            }
            for one in verdict.rebuilds
        ],
        "signers": [_person(one) for one in verdict.signers],
        "committee": verdict.committee,
        "quorum": verdict.quorum,
    }


def _unconfirmed(rebuilds: Sequence[str]) -> dict[str, object]:
    detail = f"it rests on rebuilds that only those they keep have signed: {', '.join(rebuilds)}"
    return {"code": UNCONFIRMED, "detail": detail}


def _effect(verdict: Verdict) -> dict[str, object]:
    """Return what passing does by itself, as in the API's answers."""
    action = verdict.proposal.action
    said: dict[str, object] = {"kind": action.KIND}
    if verdict.affected is not None:
        said["member"] = _person(verdict.affected)
    match action:
        case InviteAction():
            said |= {"name": action.name, "invite": to_text("inv", action.invite_key)}
            said |= {"uses": action.uses, "expires_at": time_text(action.expires_ms)}
        case SetAwayAction():
            said["away"] = action.away
        case RekeyAction():
            said["device"] = to_text("dev", action.device)
        case EraseAction():
            said["texts"] = [one.hex() for one in action.texts]
        case AmendAction():
            said["changes"] = {path: _setting(value) for path, value in action.changes}
        case NoAction() | RemoveAction() | OpaqueAction():
            pass
    return said


def _setting(value: Value) -> object:
    """Return an amended value as JSON; null: of no kind that a charter has."""
    match value:
        case bool() | int() | str():
            return value
        case [int(num), int(den)]:
            return {"num": num, "den": den}
        case _:
            return None


def answer(verdict: dict[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """Return the verdict with `counted`, the votes asked for, and `not_counted`, what has none.

    Each of `wanted` is answered for itself: as `find_votes`, whose errors it raises.
    """
    found = [(one, find_votes(verdict, [one])) for one in wanted]
    counted: list[dict[str, Any]] = []
    for _, votes in found:
        counted += [one for one in votes if one not in counted]
    lacking = [one for one, votes in found if not votes]
    return {**verdict, "counted": counted, "not_counted": lacking}


def find_votes(verdict: dict[str, Any], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Return the votes in a verdict that `wanted` names: an op's id, a member's name or id.

    Of an id its beginning is enough, `op_` or `mem_` and four characters. A name that is
    written out counts first, then what a reader could take for it (R2.20), be it that of
    somebody who did not vote, or the one under which a voter's node signed. Votes that decide
    nothing are not among them.

    Raises:
        UsageError: `ambiguous_id`, more than one vote or member could be meant.
    """
    meant = [_votes_meant(verdict, name.strip()) for name in wanted]
    return [one for one in verdict["votes"] if one["counted"] and any(one in row for row in meant)]


def _votes_meant(verdict: dict[str, Any], wanted: str) -> list[dict[str, Any]]:
    votes: list[dict[str, Any]] = verdict["votes"]
    seats = [*(vote["member"] for vote in votes), *verdict["missing"]]
    if verdict["concerned"] not in (None, *seats):
        seats.append(verdict["concerned"])
    # Who left and came back has two names here: one when it was asked, one when it was signed.
    names = {one["id"]: {one["name"]} for one in seats}
    for one in verdict["signers"]:
        names.setdefault(one["id"], set()).add(one["name"])
    named = [one for one in seats if wanted in names[one["id"]]]
    named = named or [
        one for one in seats if any(is_same(name, wanted) for name in names[one["id"]])
    ]
    begun = wanted.lower()
    if len(begun) >= _LEAST_CHARS:
        named += [one for one in seats if one["id"].startswith(begun) and one not in named]
    ops = [one for one in votes if len(begun) >= _LEAST_CHARS and one["op"].startswith(begun)]
    if len(named) + len(ops) > 1:
        ids = [f"{one['name']} is {one['id'][:16]}" for one in named]
        ids += [f"the vote of {one['member']['name']} is {one['op'][:15]}" for one in ops]
        raise UsageError("ambiguous_id", f"{quoted(wanted)} fits {len(ids)}: {', '.join(ids[:4])}")
    return [one for one in votes if one in ops or one["member"] in named]


def other_name(verdict: dict[str, Any], signer: dict[str, Any]) -> str | None:
    """Return what a signer was called when the question was put; None: the same, or no seat."""
    seats = [*(vote["member"] for vote in verdict["votes"]), *verdict["missing"]]
    seats += [] if verdict["concerned"] is None else [verdict["concerned"]]
    then = [one["name"] for one in seats if one["id"] == signer["id"]]
    return then[0] if then and then[0] != signer["name"] else None


def _person(one: tuple[MemberId, str | None]) -> dict[str, str | None]:
    member, name = one
    return {"id": to_text("mem", member), "name": name}
