"""Judging a proposal: by what rule, when, and how it stands (docs/protocol.md §10)."""

from __future__ import annotations

from ...wire.errors import UsageError
from ...wire.ids import WallMs
from ..actions import AmendAction, RekeyAction
from ..seats.charter import Charter, Ratio, Tier
from .proposal import Outcome, Proposal
from .tally import Rule, is_hopeless, is_sure, passes


def compute_rule(proposal: Proposal, charter: Charter) -> Rule:
    """Return what the proposal is judged by: its pinned tier, raised for amendments (R10.12).

    Changing how much agreement something needs takes at least as much as it needs before
    and after, whichever is more; "before" is the charter of this moment.
    """
    tier = proposal.tier
    if not isinstance(proposal.action, AmendAction):
        return Rule(tier.threshold, tier.strict, tier.base, tier.floor)
    bars, floors = [(tier.threshold.fraction, tier.strict)], [tier.floor.fraction]
    try:
        amended = charter.amended(proposal.action.changes)
    except UsageError:
        amended = charter  # it no longer applies: that shows when it passes
    for one in _affected(charter, amended):
        bars.append((one.threshold.fraction, one.strict))
        floors.append(one.floor.fraction)
    bar, strict = max(bars)
    floor = max(floors)
    return Rule(
        Ratio(bar.numerator, bar.denominator),
        strict,
        tier.base,
        Ratio(floor.numerator, floor.denominator),
    )


def _affected(old: Charter, new: Charter) -> list[Tier]:
    """Return the threshold tiers, as before and after, whose say an amendment changes."""
    tiers: list[Tier] = []
    for before, after in zip(old.tiers, new.tiers, strict=True):
        if (before.mode, before.threshold, before.strict, before.base, before.floor) != (
            after.mode,
            after.threshold,
            after.strict,
            after.base,
            after.floor,
        ):
            tiers += [before, after]
    if old.rules.amendment_tier != new.rules.amendment_tier:
        tiers += [old.tier(old.rules.amendment_tier), new.tier(new.rules.amendment_tier)]
    if old.rules.membership_tier != new.rules.membership_tier:
        tiers += [old.tier(old.rules.membership_tier), new.tier(new.rules.membership_tier)]
    return [tier for tier in tiers if tier.mode == "threshold"]


def judge(proposal: Proposal, rule: Rule, time_ms: WallMs) -> Outcome:
    """Return how an open proposal stands at this time, with the votes it has (R10.6)."""
    tally = proposal.tally
    at_close = time_ms >= proposal.close_ms
    if is_vetoed(proposal):
        return "rejected"
    if proposal.tier.mode == "objection":  # R10.10
        if tally.no:
            return "rejected"
        agreed = time_ms >= proposal.votable_ms and is_agreed(proposal)
        return "passed" if at_close or agreed else "open"
    if at_close:  # R10.6
        if passes(rule, tally):
            return "passed"
        return "rejected" if is_hopeless(rule, tally) else "lapsed"
    if time_ms < proposal.votable_ms:
        return "open"
    if is_sure(rule, tally):
        return "passed"
    return "rejected" if is_hopeless(rule, tally) else "open"


def is_vetoed(proposal: Proposal) -> bool:
    """Return whether the seat that would get a new key says, with an old one, no (R10.21)."""
    action = proposal.action
    if not isinstance(action, RekeyAction):
        return False
    ballot = proposal.current.votes.get(action.member)
    return ballot is not None and ballot.choice == "no"


def compute_due(proposal: Proposal, rule: Rule) -> WallMs:
    """Return the earliest time at which time alone decides an open proposal."""
    return (
        min(proposal.votable_ms, proposal.close_ms)
        if judge(proposal, rule, proposal.votable_ms) != "open"
        else proposal.close_ms
    )


def is_agreed(proposal: Proposal) -> bool:
    """Return whether everybody but the author has voted without objecting: no one is left to."""
    votes = proposal.current.votes
    return all(
        one == proposal.author or (one in votes and votes[one].choice != "no")
        for one in proposal.electorate
    )
