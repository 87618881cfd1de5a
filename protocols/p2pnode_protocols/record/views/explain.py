"""Why a proposal stands as it does: what is missing, whose, and what would change it.

Codes are stable and listed in `REASONS`; the words are for people and may improve. Times
stand beside the words, not in them: whoever shows them knows the reader's time zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...wire.errors import CODES
from ...wire.ids import MemberId, OpId, WallMs
from ..actions import RekeyAction, seat_of
from ..bodies import Choice, Vote
from ..questions.tally import Rule, compute_needed, passes
from ..seam.practice import Reason
from ..seats.roster import Roster
from .preview import Preview
from .view import ProposalView, compute_view, format_short

# code -> what it means; `at_ms` of the reason in brackets. Alphabetical.
REASONS: dict[str, str] = {
    "agreed": "nobody is left who could object",
    "cannot_pass": "even if all who have not voted said yes it would fail",
    "close": "the voting window is open [when it closes]",
    "closed": "the window has closed; the outcome waits for the next commit [when it closed]",
    "concerned": "the seat that it is about, which does not count",
    "effect": "what the passed action did, or why it changed nothing",
    "gone": "members of the electorate who gave up their seats and cannot vote, come back or not",
    "in_time": "too few nodes are in reach, so what is not final here may come too late [when]",
    "lapsed": "the window closed before enough had said yes [when]",
    "met": "enough have said yes",
    "min_open": "votes decide nothing before the least open time is over [when it is]",
    "needs_change": "more yes are needed than members are left; somebody would have to change",
    "needs_yes": "more yes are needed; the members have not voted",
    "no_objection": "the window closed and nobody had objected [when]",
    "objected": "these members object",
    "objection_window": "it passes when the window closes unless somebody objects [when]",
    "objections_open": "these members could still object",
    "proposal_not_final": "the proposal itself is not in the finalized log yet",
    "sure_at_close": "cast votes are judged at the close, and these could still turn it [when]",
    "void": "the seat that it is about was given anew since, so it will change nothing",
    "votes_late": "these members' votes came too late: they were not in the finalized log in time",
    "votes_not_final": "these members' votes are not in the finalized log yet",
    "withdrawn": "its author withdrew it [when]",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A view and the reasons for it, most important first.

    `earliest_ms`: before this time it cannot be decided whatever anybody does; None: it is
    decided, or can be at once.
    """

    view: ProposalView
    reasons: tuple[Reason, ...]
    earliest_ms: WallMs | None


def explain(preview: Preview, proposal_id: OpId) -> Explanation:
    """Return why the proposal stands as it does on this node.

    What finality waits for, beyond naming what is not final, is the core's to say: it
    knows the committee.

    Raises:
        UsageError: `unknown_proposal`.
    """
    view = compute_view(preview, proposal_id)
    names = _Names(preview.state.roster)
    if view.outcome == "open":
        reasons = _why_open(view, preview.now_ms, names)
    else:
        reasons = _why_decided(view, names)
        if is_closed_unsaid(view, preview.now_ms):
            text = "the window is closed; the outcome waits for the next commit"
            reasons.insert(0, Reason("closed", text, at_ms=view.close_ms))
            reasons += _what_came_late(preview, view, names)
    if view.grade != "final":
        reasons += _why_not_final(view, names)
    waits = view.outcome == "open" and preview.now_ms < view.votable_ms
    return Explanation(view, tuple(reasons), view.votable_ms if waits else None)


def is_closed_unsaid(view: ProposalView, now_ms: WallMs) -> bool:
    """Return whether a window has closed by this node's clock, and the log has not said so."""
    return view.grade == "provisional" and view.outcome != "withdrawn" and now_ms >= view.close_ms


class _Names:
    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    def __call__(self, members: Sequence[MemberId]) -> str:
        names = sorted(self._roster.name_of(one) for one in members)
        return ", ".join(names) if names else "nobody"

    def has_seat(self, member: MemberId) -> bool:
        return self._roster.charter.member(member) is not None


# --- still open -------------------------------------------------------------------------


def _why_open(view: ProposalView, now_ms: WallMs, names: _Names) -> list[Reason]:
    reasons: list[Reason] = []
    if view.rule is None:
        reasons += _why_unobjected(view, names)
    else:
        reasons += _what_is_missing(view, view.rule, names)
    if now_ms < view.votable_ms:
        text = "votes decide nothing before the tier's least open time is over"
        reasons.append(Reason("min_open", text, at_ms=view.votable_ms))
    if view.rule is not None:
        then = "passes" if passes(view.rule, view.tally) else "lapses"
        text = f"if nothing changes until the window closes, it {then}"
        reasons.append(Reason("close", text, at_ms=view.close_ms))
    if view.concerned is not None:
        text = f"it is about the seat of {names([view.concerned])}, which does not count"
        if isinstance(view.action, RekeyAction):
            text += "; a no by one of its old keys rejects it"
        reasons.append(Reason("concerned", text, (view.concerned,)))
    seat = seat_of(view.action)
    if view.is_void and seat is not None:
        text = (
            f"the seat of {names([seat])} has been given up since and given anew, so it will "
            "change nothing"
        )
        reasons.append(Reason("void", text, (seat,)))
    left = tuple(one for one in view.gone if not names.has_seat(one))
    if left:
        text = f"{names(left)} left after it opened and still counts in the electorate"
        reasons.append(Reason("gone", text, left))
    back = tuple(one for one in view.gone if names.has_seat(one))
    if back:
        text = f"{names(back)} left after it opened and came back: without a vote on it"
        reasons.append(Reason("gone", text, back))
    return reasons


def _why_unobjected(view: ProposalView, names: _Names) -> list[Reason]:
    left = tuple(one for one in view.missing if one != view.author and one not in view.gone)
    reasons = [
        Reason(
            "objection_window",
            "it passes when the window closes unless somebody says no; one no rejects it",
            at_ms=view.close_ms,
        )
    ]
    if left:
        have = "has" if len(left) == 1 else "have"
        text = f"it passes earlier once {names(left)} {have} said yes or stood aside"
        if view.author in view.missing and view.author not in view.gone:
            text += f"; {view.author_name}, who proposed it, need not vote"
        reasons.append(Reason("objections_open", text, left))
    return reasons


def _what_is_missing(view: ProposalView, rule: Rule, names: _Names) -> list[Reason]:
    tally = view.tally
    able = tuple(one for one in view.missing if one not in view.gone)
    if passes(rule, tally):
        if rule.base == "cast":
            text = "it would pass as it stands; the votes cast are judged at the close"
            return [Reason("sure_at_close", text, able, view.close_ms)]
        return [Reason("met", f"enough have said yes: {view.formula}")]
    needed = compute_needed(rule, tally)
    short = None if needed is None else needed - tally.yes
    if short is not None and short <= len(able):
        who = names(able)
        more = "one more yes" if short == 1 else f"{short} more yes"
        text = f"{format_short(short)}: {more} of {who} would pass it"
        return [Reason("needs_yes", text, able)]
    against = _voters(view, "no") + _voters(view, "aside")
    text = f"not enough members are left to vote; {names(against)} would have to change to yes"
    return [Reason("needs_change", text, against)]


def _voters(view: ProposalView, choice: Choice) -> tuple[MemberId, ...]:
    return tuple(one.member for one in view.current.votes if one.choice == choice)


# --- decided ----------------------------------------------------------------------------


def _why_decided(view: ProposalView, names: _Names) -> list[Reason]:
    match view.outcome:
        case "passed":
            reasons = [_why_passed(view)]
            if view.grade == "final":
                reasons += _what_it_did(view)
            return reasons
        case "rejected":
            against = _voters(view, "no")
            if view.rule is None:
                text = f"{names(against)} objected"
                return [Reason("objected", text, against, _decided_at(view))]
            return [_why_hopeless(view, view.rule, against)]
        case "withdrawn":
            text = f"{view.author_name} withdrew it"
            return [Reason("withdrawn", text, (view.author,), view.decided_ms)]
        case "lapsed":
            text = f"the window closed before enough had said yes: {view.formula}"
            if view.opened_ms >= view.close_ms:  # R10.20
                text = "it came into the record after its window had closed, so no vote could count"
            return [Reason("lapsed", text, view.missing, _decided_at(view))]
        case "open":
            raise AssertionError("only decided proposals are explained here")


def _decided_at(view: ProposalView) -> WallMs | None:
    """Return when what decided it happened: the close, where the commit that says so came later."""
    if view.decided_ms is None or view.opened_ms >= view.close_ms:  # opened when all was over
        return view.decided_ms
    return min(view.decided_ms, view.close_ms)


def _why_passed(view: ProposalView) -> Reason:
    if view.rule is not None:
        text = f"enough have said yes: {view.formula}"
        return Reason("met", text, _voters(view, "yes"), _decided_at(view))
    if view.decided_ms is not None and view.decided_ms >= view.close_ms:
        text = "the window closed and nobody had objected"
        return Reason("no_objection", text, at_ms=_decided_at(view))
    text = "everybody else said yes or stood aside, so nobody was left to object"
    return Reason("agreed", text, at_ms=view.decided_ms)


def _why_hopeless(view: ProposalView, rule: Rule, against: tuple[MemberId, ...]) -> Reason:
    best = view.tally.completed("yes")
    needed = compute_needed(rule, best)
    reach = f"at most {best.yes} could have said yes"
    if needed is not None:
        reach += f", {format_short(needed - best.yes)} of the {needed} needed"
    return Reason("cannot_pass", f"{reach}: {view.formula}", against, _decided_at(view))


def _what_it_did(view: ProposalView) -> list[Reason]:
    if view.effect == "none":
        return []
    if view.effect == "done":
        return [Reason("effect", "what it asked for is done")]
    why = CODES.get(view.effect, view.effect)
    return [Reason("effect", f"it changed nothing, as {why} [{view.effect}]")]


# --- not final --------------------------------------------------------------------------


def _what_came_late(preview: Preview, view: ProposalView, names: _Names) -> list[Reason]:
    """Return whose votes are here, but in no commit before the close."""
    pending = [op for op in preview.pending_on(view.id) if isinstance(op.body, Vote)]
    late = tuple(sorted({op.author for op in pending}))
    if not late:
        return []
    text = (
        f"not in the finalized log when the window closed: {_votes_of(late, names)}; what blocks "
        "of others had not built on by then does not count"
    )
    return [Reason("votes_late", text, late)]


def _votes_of(members: Sequence[MemberId], names: _Names) -> str:
    return f"the {'vote' if len(members) == 1 else 'votes'} of {names(members)}"


def _why_not_final(view: ProposalView, names: _Names) -> list[Reason]:
    reasons: list[Reason] = []
    if view.number is None:
        text = "the proposal itself is not in the finalized log yet"
        reasons.append(Reason("proposal_not_final", text, (view.author,)))
    if view.unfinal:
        text = f"not in the finalized log yet: {_votes_of(view.unfinal, names)}"
        reasons.append(Reason("votes_not_final", text, view.unfinal))
    return reasons
