"""What `show` and `decisions` show of a proposal, and its result with the numbers in it.

Plain values computed from the provisional view and the finalized state; nothing here
decides anything, and no wording here is part of the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ...wire.errors import UsageError
from ...wire.ids import MemberId, OpId, WallMs, to_short
from ..actions import Action, RekeyAction, seat_of
from ..bodies import Choice
from ..questions.judging import compute_rule, is_agreed
from ..questions.proposal import Outcome, Proposal, Revision
from ..questions.tally import Rule, Tally, compute_base, compute_needed, passes
from ..seats.charter import Mode, Ratio
from ..texts import Part, TextRef
from .preview import Preview

Grade = Literal["open", "provisional", "final"]


@dataclass(frozen=True, slots=True)
class VoteView:
    """One vote on one revision."""

    member: MemberId
    name: str
    choice: Choice
    reason: TextRef | None
    op: OpId
    at_ms: WallMs  # commit time when final, else when it arrived here
    is_final: bool


@dataclass(frozen=True, slots=True)
class RevisionView:
    id: OpId
    title: TextRef
    parts: tuple[Part, ...]
    opened_ms: WallMs
    votes: tuple[VoteView, ...]  # in the order of the electorate

    @property
    def texts(self) -> tuple[TextRef, ...]:
        """Its title, and its parts in reading order."""
        return (self.title, *(one.text for one in self.parts))


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal as this node sees it now.

    `outcome` is final exactly when `grade` is "final"; with grade "provisional" it is what
    the log will say if everything known here gets into it, and with "open" it is "open".
    """

    id: OpId
    number: int | None  # None: the proposal itself is not final yet
    author: MemberId
    author_name: str
    tier: str
    mode: Mode
    action: Action
    epoch: int
    opened_ms: WallMs
    close_ms: WallMs
    votable_ms: WallMs  # earliest decision by votes: the least open time of this revision
    revisions: tuple[RevisionView, ...]  # the last one is asked about
    electorate: tuple[MemberId, ...]
    concerned: MemberId | None  # of the electorate: does not count, it is about this seat
    is_void: bool  # the seat that it is about was given anew since: it changes nothing (R10.25)
    missing: tuple[MemberId, ...]  # of those who count: no vote on this revision
    gone: tuple[MemberId, ...]  # of those: have given their seat up, so cannot vote
    unfinal: tuple[MemberId, ...]  # whose latest vote is not final
    tally: Tally
    rule: Rule | None  # None: objection mode
    needed: int | None  # yes, as the other votes stand; None: no number would do, or objections
    formula: str
    outcome: Outcome
    grade: Grade
    decided_ms: WallMs | None
    withdrawn_for: TextRef | None
    effect: str  # "none", "done", or the code for which the passed action changed nothing

    @property
    def current(self) -> RevisionView:
        return self.revisions[-1]

    def counts(self, vote: VoteView) -> bool:
        """Return whether a vote on the current revision decides anything, as `Proposal.counts`."""
        if vote.member != self.concerned:
            return True
        return isinstance(self.action, RekeyAction) and vote.choice == "no"

    def awaits(self, member: MemberId) -> bool:
        """Return whether this member's vote is asked for: what "needs your vote" lists.

        Whoever holds an old key of a seat that is to get another is asked too: a no rejects it.
        Who asks whether somebody objects is not: no yes of theirs is waited for (R10.10).
        """
        asked = self.missing
        if self.rule is None:
            asked = tuple(one for one in asked if one != self.author)
        if isinstance(self.action, RekeyAction) and self.concerned is not None:
            voted = {one.member for one in self.current.votes}
            asked += () if self.concerned in voted or self.is_void else (self.concerned,)
        is_asked = member in asked and member not in self.gone
        return self.grade != "final" and self.outcome == "open" and is_asked


def compute_view(preview: Preview, proposal_id: OpId) -> ProposalView:
    """Return the proposal as it stands on this node.

    Raises:
        UsageError: `unknown_proposal`.
    """
    final = preview.state.proposal(proposal_id)
    proposal = preview.proposal(proposal_id)
    if proposal is None:
        shown = to_short("pro", proposal_id)
        raise UsageError("unknown_proposal", f"no proposal has the id {shown}")
    roster = preview.state.roster
    is_final = final is not None and final.outcome != "open"
    is_threshold = proposal.tier.mode == "threshold"
    rule = (proposal.judged_by or compute_rule(proposal, roster.charter)) if is_threshold else None
    tally = proposal.tally
    known = {} if final is None else {one.id: one for one in final.revisions}
    revisions = tuple(
        RevisionView(
            one.id, one.title, one.parts, one.opened_ms, _votes(preview, proposal, one, known)
        )
        for one in proposal.revisions
    )
    votes = proposal.current.votes
    concerned, seat = proposal.concerned, seat_of(proposal.action)
    missing = tuple(one for one in proposal.electorate if one not in votes and one != concerned)
    grade: Grade = "open" if proposal.outcome == "open" else "provisional"
    return ProposalView(
        id=proposal.id,
        number=proposal.number or None,
        author=proposal.author,
        author_name=roster.name_of(proposal.author),
        tier=proposal.tier.name,
        mode=proposal.tier.mode,
        action=proposal.action,
        epoch=proposal.epoch,
        opened_ms=proposal.opened_ms,
        close_ms=proposal.close_ms,
        votable_ms=proposal.votable_ms,
        revisions=revisions,
        electorate=proposal.electorate,
        concerned=concerned,
        is_void=seat is not None and roster.is_anew(seat, proposal.number),
        missing=missing,
        gone=tuple(
            one
            for one in missing
            if roster.charter.member(one) is None or roster.is_anew(one, proposal.number)
        ),
        unfinal=tuple(one.member for one in revisions[-1].votes if not one.is_final),
        tally=tally,
        rule=rule,
        needed=None if rule is None else compute_needed(rule, tally),
        formula=_objections(proposal) if rule is None else format_formula(rule, tally),
        outcome=proposal.outcome,
        grade="final" if is_final else grade,
        decided_ms=None if proposal.outcome == "open" else proposal.decided_ms,
        withdrawn_for=proposal.withdrawn_for,
        effect=proposal.effect,
    )


def _votes(
    preview: Preview, proposal: Proposal, revision: Revision, known: dict[OpId, Revision]
) -> tuple[VoteView, ...]:
    final = known[revision.id].votes if revision.id in known else {}
    return tuple(
        VoteView(
            member,
            preview.state.roster.name_of(member),
            ballot.choice,
            ballot.reason,
            ballot.op,
            ballot.at_ms,
            member in final and final[member].op == ballot.op,
        )
        for member in proposal.electorate
        if (ballot := revision.votes.get(member)) is not None
    )


# --- formulas ---------------------------------------------------------------------------


def format_formula(rule: Rule, tally: Tally) -> str:
    """Return the result with its numbers: `2 yes of 5; needs 3 (more than 1/2 of 5): 1 short`."""
    more = "more than" if rule.strict else "at least"
    if rule.base == "electorate":
        base = compute_base(rule, tally)
        have = f"{tally.yes} yes of {base}"
        if tally.aside:
            have += f" ({tally.electorate} − {tally.aside} aside)"
        why = f"{more} {rule.threshold} of {base}"
    else:
        have = f"{tally.yes} yes, {tally.no} no"
        why = f"{more} {rule.threshold} of the votes cast"
    needed = compute_needed(rule, tally)
    if needed is None:
        return f"{have}; needs {why}, so nobody against: not met"
    if needed != compute_needed(replace(rule, floor=Ratio(0, 1)), tally):
        why = f"floor: at least {rule.floor} of all {tally.electorate}"
    if needed != compute_needed(rule, replace(tally, least_yes=1)):
        why = f"about a seat at least {tally.least_yes} decide"
    verdict = "met" if passes(rule, tally) else format_short(needed - tally.yes)
    return f"{have}; needs {needed} ({why}): {verdict}"


def format_short(votes: int) -> str:
    """Return how far away it is, in words: "one vote short"."""
    return "one vote short" if votes == 1 else f"{votes} votes short"


def _objections(proposal: Proposal) -> str:
    tally = proposal.tally
    if tally.no:
        who = "one objection" if tally.no == 1 else f"{tally.no} objections"
        return f"{who} from {tally.electorate}; needs none: not met"
    if is_agreed(proposal) or proposal.outcome == "passed":
        return f"no objection from {tally.electorate}; needs none: met"
    return f"no objection from {tally.electorate} so far; needs none until the window closes"
