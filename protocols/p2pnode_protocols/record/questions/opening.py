"""Opening a proposal: its tier, its close, and what its author should know of both."""

from __future__ import annotations

from collections.abc import Callable

from ...wire.errors import UsageError
from ...wire.ids import MemberId, OpId, WallMs
from ...wire.lengths import show_about
from ..actions import Action, RekeyAction
from ..bodies import Propose, Revise
from ..opaque import OpaqueAction, refusal_of
from ..seats.charter import Charter, Tier
from ..texts import check_parts
from ..versions import CORE_ALONE
from .proposal import (
    EFFECT_NONE,
    YESNO,
    Proposal,
    Revision,
    check_title,
    last_close_of,
    why_no_later,
)

_NAMES = {Propose.KIND: "proposal", Revise.KIND: "revision"}

_ACTION_WORDS = {
    "none": "what changes nothing by itself is decided",
    "invite": "new seats are decided on",
    "remove": "removals are decided on",
    "set_away": "nodes are set away or back",
    "rekey": "new keys for lost ones are decided on",
    "erase": "texts are erased",
    "amend": "amendments are decided on",
}


def _refuse_deed(action: OpaqueAction) -> None:
    """Refuse it, as where no practice is in force."""
    raise refusal_of(action, CORE_ALONE)


def open_proposal(
    op: OpId,
    number: int,
    author: MemberId,
    body: Propose,
    charter: Charter,
    epoch: int,
    electorate: tuple[MemberId, ...],
    time_ms: WallMs,
    check_deed: Callable[[OpaqueAction], None] = _refuse_deed,
) -> Proposal:
    """Return the proposal that this op opens, if its action belongs to its tier (R10.17).

    Whether the action could be carried out is `roster.py`'s to say. One that comes after the
    close it wishes, in a tier without a least open time, has closed as it opens (R10.20).

    Args:
        check_deed: refuses an action that no practice in force takes, or not so.

    Raises:
        UsageError: `unknown_tier`, `not_allowed` for an action of another tier; what `check_deed`
            raises; as `check_title`, `check_parts`.
    """
    if isinstance(body.action, OpaqueAction):
        check_deed(body.action)
    check_title(body.title)
    check_parts(body.parts, ())
    tier = _tier_of(body, charter)
    wanted = {
        "none": tier.name,
        "amend": charter.rules.amendment_tier,
    }.get(body.action.KIND, charter.rules.membership_tier)
    if tier.name != wanted:
        raise UsageError(
            "not_allowed",
            f"by the charter {_words_of(body.action)} in tier {wanted}, not "
            f"{tier.name}; propose it there",
        )
    close_ms = _close_of(body, tier, time_ms)
    revision = Revision(op, body.title, body.parts, time_ms, YESNO, (), {})
    proposal = Proposal(
        op,
        number,
        author,
        tier,
        body.action,
        epoch,
        electorate,
        time_ms,
        close_ms,
        (revision,),
        "open",
        WallMs(0),
        None,
        None,
        EFFECT_NONE,
    )
    _check_others(proposal)
    return proposal


def _words_of(action: Action) -> str:
    return _ACTION_WORDS.get(action.KIND, f"{action.KIND} is decided on")


def compute_close(body: Propose, charter: Charter, time_ms: WallMs) -> WallMs | None:
    """Return when a proposal closes that opens now by this charter (R10.20); None: no such tier."""
    try:
        return _close_of(body, _tier_of(body, charter), time_ms)
    except UsageError:
        return None


def _tier_of(body: Propose, charter: Charter) -> Tier:
    tier = charter.tier(body.tier)
    if isinstance(body.action, RekeyAction):
        tier = tier.open_at_least(charter.rules.rekey_objection_ms)  # R10.21
    return tier


def _close_of(body: Propose, tier: Tier, time_ms: WallMs) -> WallMs:
    close_ms = body.close_ms or WallMs(time_ms + tier.window_ms)
    if tier.least_open_ms:  # nobody knows the commit's time beforehand: others get it whole
        close_ms = max(close_ms, WallMs(time_ms + tier.least_open_ms))
    return min(close_ms, last_close_of(body.action, tier, time_ms))


def _check_others(proposal: Proposal) -> None:
    """Refuse a question about a seat that too few others are there to answer (R10.23)."""
    tally = proposal.tally
    if proposal.tier.mode == "threshold" and tally.electorate < tally.least_yes:
        raise UsageError(
            "not_allowed",
            f"at least {tally.least_yes} members decide about another's seat, and besides it "
            f"there is {tally.electorate}; the seat's owner can change it (away, leave, devices), "
            "or a third member has to be there",
        )


def check_wish(proposal: Proposal, body: Propose | Revise, now_ms: WallMs) -> None:
    """Raise what the author of a proposal or revision should be told of the close it wishes.

    The log refuses no wish (R10.20): who wrote it could not know the commit's time.

    Args:
        proposal: as the op makes it.

    Raises:
        UsageError: `bad_field`: the wish has passed, or no proposal of this tier may be open
            so long, or none about this invite.
    """
    wish_ms = body.close_ms
    if wish_ms == 0:
        return
    what, open_ms = _NAMES[body.KIND], wish_ms - proposal.opened_ms
    if wish_ms <= now_ms:
        late = show_about(now_ms - wish_ms)
        raise UsageError("bad_field", f"{what}: it would close {late} before it is asked about")
    if wish_ms > proposal.last_close_ms:
        raise UsageError(
            "bad_field",
            f"{what}: it would close {show_about(open_ms)} after it opened, but "
            f"{why_no_later(proposal)}; choose an earlier close, or propose anew",
        )
