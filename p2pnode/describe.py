"""Proposals as the node answers them: views with their texts, names and states filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from p2pnode_protocols.charter import Ratio
from p2pnode_protocols.codec import Value
from p2pnode_protocols.core import Core
from p2pnode_protocols.crypto import SALT_BYTES
from p2pnode_protocols.decisions import ProposalView, compute_view, explain
from p2pnode_protocols.ids import MemberId, OpId
from p2pnode_protocols.ops import (
    Action,
    AmendAction,
    Choice,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
    TextRef,
)

from . import answers
from .answers import Person
from .store.interface import AnyStore

Which = Literal["open", "decided", "all"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which proposals a list shows; None: any."""

    which: Which = "all"
    needs_my_vote: bool = False
    tier: str | None = None
    outcome: str | None = None
    query: str | None = None  # words that the title contains, in any case


EVERYTHING = Filter()


class Proposals:
    """Read proposals out of a core and a store. Holds nothing: every answer is as of now."""

    def __init__(self, core: Core, store: AnyStore) -> None:
        self._core = core
        self._store = store

    def person(self, member: MemberId) -> Person:
        return Person(member, self._core.state.roster.name_of(member))

    def text(self, ref: TextRef | None) -> str | None:
        """Return a detached text; None when there is none, it has not come, or was erased."""
        blob = None if ref is None else self._store.text(ref.id)
        return None if blob is None else blob[SALT_BYTES:].decode(errors="replace")

    # --- one proposal -----------------------------------------------------------------

    def view(self, proposal: OpId) -> ProposalView:
        """Return the core's view. Raises `UsageError` `unknown_proposal`."""
        return compute_view(self._core.preview, proposal)

    def summary(self, view: ProposalView) -> answers.ProposalSummary:
        me = self._core.member
        return answers.ProposalSummary(
            id=view.id,
            number=view.number,
            title=self.text(view.current.title),
            tier=view.tier,
            author=Person(view.author, view.author_name),
            action=self.effect(view.action),
            outcome=view.outcome,
            grade=view.grade,
            opened_at=view.opened_ms,
            closes_at=view.close_ms,
            decided_at=view.decided_ms,
            tally=answers.Tally(
                yes=view.tally.yes,
                no=view.tally.no,
                aside=view.tally.aside,
                missing=view.tally.missing,
                electorate=view.tally.electorate,
            ),
            required_yes=view.needed,
            my_vote=None if me is None else _vote_of(view, me),
            needs_my_vote=me is not None and view.awaits(me),
            revision=len(view.revisions),
        )

    def proposal(self, view: ProposalView, *, timed_out: bool = False) -> answers.Proposal:
        summary = self.summary(view)
        return answers.Proposal(
            **{name: getattr(summary, name) for name in summary.__dataclass_fields__},
            text=self.text(view.current.text),
            formula=view.formula,
            effect=view.effect,
            withdrawn_for=self.text(view.withdrawn_for),
            epoch=view.epoch,
            min_open_until=view.votable_ms if view.outcome == "open" else None,
            revisions=tuple(
                answers.Revision(
                    one.id, number, self.text(one.title), self.text(one.text), one.opened_ms
                )
                for number, one in enumerate(view.revisions, 1)
            ),
            votes=self._votes(view),
            missing=tuple(self.person(member) for member in view.missing),
            timed_out=timed_out,
        )

    def _votes(self, view: ProposalView) -> tuple[answers.VoteCast, ...]:
        """Return the latest vote of each member on each revision, by name."""
        votes = [
            answers.VoteCast(
                member=Person(vote.member, vote.name),
                choice=vote.choice,
                reason=self.text(vote.reason),
                at=vote.at_ms,
                state="final" if vote.is_final else "queued",
                revision=number,
                counted=number == len(view.revisions),
            )
            for number, revision in enumerate(view.revisions, 1)
            for vote in revision.votes
        ]
        return tuple(sorted(votes, key=lambda one: (one.member.name, -one.revision)))

    def effect(self, action: Action) -> answers.Effect:
        match action:
            case NoAction():
                return answers.NoEffect()
            case InviteAction():
                return answers.InviteEffect(
                    action.name, action.invite_key, action.uses, action.expires_ms
                )
            case RemoveAction():
                return answers.RemoveEffect(self.person(action.member))
            case SetAwayAction():
                return answers.SetAwayEffect(self.person(action.member), action.away)
            case RekeyAction():
                return answers.RekeyEffect(self.person(action.member), action.device)
            case EraseAction():
                return answers.EraseEffect(action.texts)
            case AmendAction():
                return answers.AmendEffect(
                    {path: _change_value(value) for path, value in action.changes}
                )

    # --- why --------------------------------------------------------------------------

    def explanation(self, proposal: OpId) -> answers.Explanation:
        """Return why it stands as it does. Raises `UsageError` `unknown_proposal`."""
        found = explain(self._core.preview, proposal)
        return answers.Explanation(
            proposal=self.summary(found.view),
            formula=found.view.formula,
            reasons=tuple(
                answers.Reason(
                    one.code,
                    one.text,
                    tuple(self.person(member) for member in one.members),
                    one.at_ms,
                )
                for one in found.reasons
            ),
            earliest_at=found.earliest_ms,
            finality=self._finality(found.view),
        )

    def _finality(self, view: ProposalView) -> answers.Finality:
        if view.grade == "final":
            return answers.Finality("final", (), "every honest node says the same, for ever")
        finality = self._core.finality()
        if not finality.can_finalize:
            people = tuple(self.person(member) for member in finality.missing)
            names = ", ".join(one.name for one in people)
            short = finality.quorum - len(finality.reachable)
            text = (
                f"{len(finality.reachable)} of {len(finality.members)} nodes are reachable from "
                f"here and {finality.quorum} are needed: {short} more of {names}"
            )
            return answers.Finality("waiting", people, text)
        if not finality.is_settled:
            text = "this node is comparing its own blocks with others' before it signs new ones"
            return answers.Finality("waiting", (), text)
        if view.grade == "provisional" or view.unfinal or view.number is None:
            text = "a quorum of nodes is reachable; what is known here is being finalized"
            return answers.Finality("waiting", (), text)
        return answers.Finality("idle", (), "all that is known here is final")

    # --- lists ------------------------------------------------------------------------

    def ids(self) -> Iterator[OpId]:
        """Yield every proposal known here: those not in the log first, then newest first."""
        preview = self._core.preview
        known = self._core.state.proposal_ids
        fresh = [one for one in preview.open_ids if self._core.state.proposal(one) is None]
        yield from fresh
        yield from reversed(known)

    def matching(self, wanted: Filter) -> Iterator[ProposalView]:
        """Yield the views of the proposals a list shows, newest first."""
        me = self._core.member
        open_ids = set(self._core.preview.open_ids)
        for proposal in self.ids():
            if (wanted.which == "open" or wanted.needs_my_vote) and proposal not in open_ids:
                continue
            view = self.view(proposal)
            is_open = view.outcome == "open"
            if (wanted.which == "open" and not is_open) or (wanted.which == "decided" and is_open):
                continue
            if wanted.needs_my_vote and (me is None or not view.awaits(me)):
                continue
            if wanted.tier not in (None, view.tier) or wanted.outcome not in (None, view.outcome):
                continue
            if wanted.query is not None and not self._has_words(view, wanted.query):
                continue
            yield view

    def _has_words(self, view: ProposalView, query: str) -> bool:
        title = (self.text(view.current.title) or "").casefold()
        return all(word in title for word in query.casefold().split())


def _vote_of(view: ProposalView, member: MemberId) -> Choice | None:
    for vote in view.current.votes:
        if vote.member == member:
            return vote.choice
    return None


def _change_value(value: Value) -> answers.ChangeValue:
    """Return an amended value as people write it; a pair of numbers is a fraction."""
    match value:
        case bool() | int() | str():
            return value
        case [int(num), int(den)]:
            return answers.Fraction(num, den)
        case _:
            return repr(value)


def fraction(ratio: Ratio) -> answers.Fraction:
    return answers.Fraction(ratio.num, ratio.den)
