"""What a certificate proves, as one JSON document: the same that the single-file verifier prints.

Needs no node, store or network: a file goes in, a verdict comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from p2pnode_protocols.certificates import CertificateFault, Verdict, check_certificate
from p2pnode_protocols.errors import UsageError
from p2pnode_protocols.ids import CommunityId, EpochId, MemberId, to_text
from p2pnode_protocols.names import is_same

from .rendering import time_text

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
        "tier": proposal.tier.name,
        "action": proposal.action.KIND,
        "outcome": proposal.outcome,
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


def find_votes(verdict: dict[str, object], wanted: Sequence[str]) -> list[object]:
    """Return the votes in a verdict that `wanted` names: an op's id, a member's name or id.

    Of an id its beginning is enough, `op_` or `mem_` and four characters. A name that is
    written out counts first, then what a reader could take for it (R2.20).

    Raises:
        UsageError: `ambiguous_id`, more than one vote or member could be meant.
    """
    votes = verdict["votes"]
    assert isinstance(votes, list)
    found = [_votes_meant(votes, name) for name in wanted]
    return [one for one in votes if any(one in meant for meant in found)]


def _votes_meant(votes: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    named = [one for one in votes if one["member"]["name"] == wanted]
    if not named:
        named = [one for one in votes if is_same(one["member"]["name"], wanted)]
    if len(wanted) >= _LEAST_CHARS:
        ids = [one for one in votes if wanted in _beginnings(one, len(wanted))]
        named += [one for one in ids if one not in named]
    if len(named) > 1:
        meant = ", ".join(f"{one['member']['name']} is {one['member']['id'][:16]}" for one in named)
        raise UsageError("ambiguous_id", f"{wanted!r} fits {len(named)} votes: {meant}")
    return named


def _beginnings(vote: dict[str, Any], chars: int) -> tuple[str, str]:
    return vote["op"][:chars], vote["member"]["id"][:chars]


def _person(one: tuple[MemberId, str]) -> dict[str, str]:
    member, name = one
    return {"id": to_text("mem", member), "name": name}
