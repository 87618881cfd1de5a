"""Proposals as the node answers them, with texts, names and states filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from p2pnode_protocols.core import Core
from p2pnode_protocols.core.own.fates import UNKNOWN
from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import Choice, Propose, Revise, Vote
from p2pnode_protocols.record.opaque import OpaqueAction
from p2pnode_protocols.record.seats.charter import Charter, Ratio
from p2pnode_protocols.record.texts import Part, TextRef
from p2pnode_protocols.record.views.explain import explain, is_closed_unsaid
from p2pnode_protocols.record.views.view import ProposalView, RevisionView, compute_view
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.crypto import SALT_BYTES
from p2pnode_protocols.wire.errors import BugError
from p2pnode_protocols.wire.ids import MemberId, OpId, TextId, WallMs, to_short
from p2pnode_protocols.wire.lengths import show_about
from p2pnode_protocols.wire.limits import TITLE_CHARS
from p2pnode_protocols.wire.quoting import quoted

from .. import answers
from ..store.interface import AnyStore
from . import Person
from .lists import Cell, cut, read_cursor
from .own_votes import other_device
from .words import holding_words, learning_words, some_of, whole_text

SOON_MS = 2_000  # nobody hurries what takes no longer
FATES_SEARCHED = 1_000  # own refused ops, the latest said; for what one proposal refused of them
TOO_LATE = frozenset({"already_decided", "closed"})  # codes of a vote that came after the decision
BEGINNING_CHARS = 80  # of a text that is to be erased: enough to know it by
# "decided" holds what is provisional as well; that alone is "provisional".
Which = Literal["open", "provisional", "decided", "all"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which proposals a list shows; None: any."""

    which: Which = "all"
    needs_my_vote: bool = False
    tier: str | None = None
    outcome: str | None = None
    query: str | None = None  # words that the title contains, in any case


EVERYTHING = Filter()
# A proposal's place in a list: its number, or, while it is young, how many had one when the
# walk began, the negative of when it was signed, and its id.
_OLD, _YOUNG = (int,), (int, int, bytes)
Page = tuple[tuple[answers.ProposalSummary, ...], str | None]


@lru_cache(maxsize=16)
def _read_charter(data: bytes) -> Charter:
    return Charter.from_bytes(data)


class Proposals:
    """Read proposals out of a core and a store. Holds nothing: every answer is as of now."""

    def __init__(self, core: Core, store: AnyStore) -> None:
        self._core = core
        self._store = store

    def person(self, member: MemberId) -> Person:
        return Person(member, self._core.state.roster.name_of(member))

    def text(self, ref: TextRef | None) -> str | None:
        """Return a detached text, or who decided to erase it; None: there is none, or not yet."""
        decided = None if ref is None else self._core.state.erased_by(ref.id)
        if decided is not None:
            found = self._core.state.proposal(decided)
            return f"(erased by decision {'?' if found is None else found.number})"
        blob = None if ref is None else self._store.text(ref.id)
        if ref is None or blob is None or not ref.fits(blob):  # R2.22
            return None
        return blob[SALT_BYTES:].decode(errors="replace")

    def parts(self, revision: RevisionView) -> tuple[answers.Part, ...]:
        """Return the parts of a revision, each as far as it is here."""
        return tuple(map(self._part, revision.parts))

    def _part(self, part: Part) -> answers.Part:
        text = self.text(part.text)
        state: answers.PartState = "here"
        if self._core.state.erased_by(part.text.id) is not None:
            state = "erased"
        elif text is None:
            state = "missing"
        return answers.Part(part.number, part.text.id, text, state)

    # --- one proposal -----------------------------------------------------------------

    def named(self, view: ProposalView) -> str:
        """Return how to name it in a sentence, number and title: `#12 'Tea at four'`."""
        label = to_short("pro", view.id) if view.number is None else f"#{view.number}"
        title = self.text(view.current.title)
        if title is None:
            return label
        is_short = len(title) <= TITLE_CHARS  # a liar's may be of 64 KiB
        return f"{label} {quoted(title if is_short else f'{title[:TITLE_CHARS]}…')}"

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
            action=self.effect(view.action, view),
            outcome=view.outcome,
            effect=view.effect,
            grade=view.grade,
            opened_at=view.opened_ms,
            closes_at=view.close_ms,
            counts_until=self.counts_until(view),
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
            revision_id=view.current.id,
        )

    def counts_until(self, view: ProposalView) -> WallMs | None:
        """Return by when what is said of it has to be in the record to count; None: no such time.

        What is in no record yet has its window begin with that, unless its author said when it
        closes (R10.20); an invite can be decided till it expires.
        """
        if view.grade == "final":
            return None
        if view.number is not None:
            return view.close_ms
        pending = self._core.preview.pending_on(view.id)
        if any(isinstance(op.body, Propose | Revise) and op.body.close_ms for op in pending):
            return view.close_ms
        return view.action.expires_ms if isinstance(view.action, InviteAction) else None

    def proposal(self, view: ProposalView, *, timed_out: bool = False) -> answers.Proposal:
        summary = self.summary(view)
        shown = tuple(self._revision(one, at) for at, one in enumerate(view.revisions, 1))
        return answers.Proposal(
            **{name: getattr(summary, name) for name in summary.__dataclass_fields__},
            text=shown[-1].text,
            formula=view.formula,
            withdrawn_for=self.text(view.withdrawn_for),
            epoch=view.epoch,
            min_open_until=view.votable_ms if view.outcome == "open" else None,
            revisions=shown,
            votes=self._votes(view),
            concerned=None if view.concerned is None else self._person_then(view.concerned, view),
            missing=tuple(self.person(member) for member in view.missing),
            refused_votes=self._refused_votes(view),
            timed_out=timed_out,
        )

    def _revision(self, revision: RevisionView, number: int) -> answers.Revision:
        title, parts = self.text(revision.title), self.parts(revision)
        return answers.Revision(
            id=revision.id,
            number=number,
            title=title,
            text=whole_text(parts),
            parts=parts,
            arrived=title is not None and all(one.state != "missing" for one in parts),
            at=revision.opened_ms,
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
                counted=number == len(view.revisions) and view.counts(vote),
                elsewhere=vote.member == self._core.member
                and other_device(self._core, self._store, vote) is not None,
            )
            for number, revision in enumerate(view.revisions, 1)
            for vote in revision.votes
        ]
        return tuple(sorted(votes, key=lambda one: (one.member.name, -one.revision)))

    def _refused_votes(self, view: ProposalView) -> tuple[answers.RefusedVote, ...]:
        """Return the votes that are known here and not counted: who cast one did vote.

        Of each member the one said last: it was to replace those before it.
        """
        found = [
            (one.op, one.code)
            for one in self._store.fates("refused", limit=FATES_SEARCHED)
            if one.code not in UNKNOWN
        ]
        found += [(one.op, one.code or "") for one in self._store.late_votes(view.id)]
        if is_closed_unsaid(view, self._core.preview.now_ms):
            counted = {vote.op for vote in view.current.votes}
            pending = self._core.preview.pending_on(view.id)
            found += [(op, "closed") for op in pending if op.id not in counted]
        numbers = {one.id: number for number, one in enumerate(view.revisions, 1)}
        votes = [
            answers.RefusedVote(
                op=op.id,
                member=self.person(op.author),
                choice=op.body.choice,
                revision=numbers.get(op.body.revision),
                said_at=op.created_ms,
                code=code,
            )
            for op, code in found
            if isinstance(op.body, Vote) and op.body.proposal == view.id
        ]
        votes.sort(key=lambda one: one.said_at)
        latest = {one.member.id: one for one in votes}
        return tuple(sorted(latest.values(), key=lambda one: -one.said_at))

    def _person_then(self, member: MemberId, view: ProposalView | None) -> Person:
        """Return a member by the name that voters read: a seat may come back under another."""
        is_over = view is not None and view.outcome != "open"
        written = self._store.charter_of(view.epoch) if is_over and view is not None else None
        seat = None if written is None else _read_charter(written).member(member)
        return self.person(member) if seat is None else Person(member, seat.name)

    def effect(self, action: Action, view: ProposalView | None = None) -> answers.Effect:
        """Return what an action does; `view`: of the proposal whose it is, None: of none yet."""
        match action:
            case NoAction():
                return answers.NoEffect()
            case InviteAction():
                return answers.InviteEffect(
                    action.name, action.invite_key, action.uses, action.expires_ms
                )
            case RemoveAction():
                return answers.RemoveEffect(self._person_then(action.member, view))
            case SetAwayAction():
                return answers.SetAwayEffect(self._person_then(action.member, view), action.away)
            case RekeyAction():
                return answers.RekeyEffect(self._person_then(action.member, view), action.device)
            case EraseAction():
                return answers.EraseEffect(action.texts, tuple(self._beginnings(action.texts)))
            case AmendAction():
                return answers.AmendEffect(
                    {path: _change_value(value) for path, value in action.changes}
                )
            case OpaqueAction():
                raise BugError(f"a proposal holds {action.KIND}, which no practice here does")

    def _beginnings(self, texts: Iterable[TextId]) -> Iterator[str]:
        for one in texts:
            blob = self._store.text(one)
            if blob is not None:
                yield blob[SALT_BYTES:].decode(errors="replace")[:BEGINNING_CHARS]

    # --- why --------------------------------------------------------------------------

    def explanation(self, proposal: OpId) -> answers.Explanation:
        """Return why it stands as it does. Raises `UsageError` `unknown_proposal`."""
        found = explain(self._core.preview, proposal)
        reasons = [
            answers.Reason(
                one.code,
                one.text,
                tuple(self.person(member) for member in one.members),
                one.at_ms,
            )
            for one in found.reasons
        ]
        if found.view.grade == "final":
            reasons += self._came_late(found.view)
        reasons += self._in_time(found.view)
        return answers.Explanation(
            proposal=self.summary(found.view),
            formula=found.view.formula,
            reasons=tuple(reasons),
            earliest_at=found.earliest_ms,
            finality=self._finality(found.view),
        )

    def _came_late(self, view: ProposalView) -> list[answers.Reason]:
        """Return whose votes the record refused as too late, as far as this node knows."""
        late = {
            one.member.id: one.member for one in self._refused_votes(view) if one.code in TOO_LATE
        }
        if not late:
            return []
        who = tuple(sorted(late.values(), key=lambda one: one.name))
        names = ", ".join(one.name for one in who)
        votes = "the vote" if len(who) == 1 else "the votes"
        return [
            answers.Reason("votes_late", f"came too late to count: {votes} of {names}", who, None)
        ]

    def _in_time(self, view: ProposalView) -> list[answers.Reason]:
        """Return by when others must have what is not final, while no quorum is in reach."""
        until_ms = self.counts_until(view)
        is_waiting = bool(view.unfinal) or view.number is None or view.grade == "provisional"
        if until_ms is None or until_ms <= self._core.preview.now_ms or not is_waiting:
            return []
        if self._core.finality().can_finalize:
            return []
        text = "what is not final here counts only if enough others have it before the close"
        return [answers.Reason("in_time", text, (), until_ms)]

    def _finality(self, view: ProposalView) -> answers.Finality:
        if view.grade == "final":
            return answers.Finality("final", (), "every honest node says the same, for ever")
        finality = self._core.finality()
        if not finality.can_finalize and finality.holding:
            people = tuple(self.person(member) for member in finality.missing)
            return answers.Finality("waiting", people, holding_words(self._core, finality))
        if not finality.can_finalize:
            people = tuple(self.person(member) for member in finality.missing)
            short = finality.quorum - len(finality.reachable)
            text = (
                f"{len(finality.reachable)} of {len(finality.members)} nodes are reachable from "
                f"here and {finality.quorum} are needed; missing: "
                f"{some_of([one.name for one in people], short)}"
            )
            return answers.Finality("waiting", people, text)
        if self._core.own_chain.must_learn:
            learning = self._core.own_chain.learning()
            people = tuple(self.person(member) for member in learning.missing)
            text = learning_words(self._core, ", ".join(one.name for one in people))
            return answers.Finality("waiting", people, text)
        if not finality.is_settled:
            text = "this node is comparing its own blocks with others' before it signs new ones"
            return answers.Finality("waiting", (), text)
        if view.grade == "provisional" or view.unfinal or view.number is None:
            text = "a quorum of nodes is reachable; what is known here is being finalized"
            due_ms = self._waits_until(view)
            if due_ms is not None:
                text = (
                    "a quorum of nodes is reachable; what is known here waits for company, for "
                    f"{show_about(due_ms - self._core.preview.now_ms)} at most; at once: "
                    "p2pnode hurry"
                )
            return answers.Finality("waiting", (), text)
        return answers.Finality("idle", (), "all that is known here is final")

    def _waits_until(self, view: ProposalView) -> WallMs | None:
        """Return until when what is said on it lingers; None: it does not, or is under way."""
        ops = [op.id for op in self._core.preview.pending_on(view.id)]
        ops += [view.id] if view.number is None else []
        dues = [due for one in ops if (due := self._core.due_at(one)) is not None]
        soonest = min(dues, default=None)
        is_soon = soonest is None or soonest - self._core.preview.now_ms < SOON_MS
        return None if is_soon else soonest

    # --- lists ------------------------------------------------------------------------

    def page(self, kind: str, wanted: Filter, cursor: str | None, limit: int | None) -> Page:
        """Return the summaries on one page of a list of this kind, and the next one's cursor.

        Raises:
            RequestError: `bad_cursor`, `invalid_request`.
            UsageError: as `matching`.
        """
        after = read_cursor(kind, cursor, _OLD, _YOUNG)
        found, following = cut(kind, self._matching(wanted, after), lambda row: row[0], limit)
        return tuple(self.summary(view) for _, view in found), following

    def matching(self, wanted: Filter) -> Iterator[ProposalView]:
        """Yield the views of the proposals a list shows, newest first.

        Raises:
            UsageError: `unknown_tier`: nothing found would look like nothing decided.
        """
        return (view for _, view in self._matching(wanted, None))

    def _matching(
        self, wanted: Filter, after: tuple[Cell, ...] | None
    ) -> Iterator[tuple[tuple[Cell, ...], ProposalView]]:
        if wanted.tier is not None:
            self._core.state.charter.tier(wanted.tier)
        me = self._core.member
        only_open = wanted.which in ("open", "provisional") or wanted.needs_my_vote
        for place, proposal in self._walk(after, only_open):
            view = self.view(proposal)
            is_open = view.outcome == "open"
            if (wanted.which == "open" and not is_open) or (wanted.which == "decided" and is_open):
                continue
            if wanted.which == "provisional" and view.grade != "provisional":
                continue
            if wanted.needs_my_vote and (me is None or not view.awaits(me)):
                continue
            if wanted.tier not in (None, view.tier) or wanted.outcome not in (None, view.outcome):
                continue
            if wanted.query is not None and not self._has_words(view, wanted.query):
                continue
            yield place, view

    def _walk(
        self, after: tuple[Cell, ...] | None, only_open: bool
    ) -> Iterator[tuple[tuple[Cell, ...], OpId]]:
        """Yield where each proposal stands, and which it is, after a place: newest first.

        One that gets its number between two pages must not move. So the young ones, all that
        had no number when the walk began, stand first, by when they were signed, for its whole
        length; places among them hold how many had a number then. The old ones stand by number.
        """
        state = self._core.state
        numbered = state.proposal_ids
        open_numbers = {one.number: one.id for one in state.open_proposals}
        match after:
            case [int(number)]:
                below = number
            case [int(oldest), *_]:
                below = oldest + 1
                yield from self._young(oldest, after)
            case _:
                below = len(numbered) + 1
                yield from self._young(len(numbered), ())
        if only_open:
            for number in sorted(open_numbers, reverse=True):
                if number < below:
                    yield (number,), open_numbers[number]
            return
        for number in range(min(below - 1, len(numbered)), 0, -1):
            yield (number,), numbered[number - 1]

    def _young(
        self, oldest: int, after: tuple[Cell, ...]
    ) -> Iterator[tuple[tuple[Cell, ...], OpId]]:
        state = self._core.state
        ids = [one for one in self._core.preview.open_ids if state.proposal(one) is None]
        ids += state.proposal_ids[max(oldest, 0) :]
        places = sorted(((oldest, -self._signed_ms(one), one), one) for one in ids)
        yield from (found for found in places if found[0] > after)

    def _signed_ms(self, op: OpId) -> int:
        stored = self._store.op(op)
        return 0 if stored is None else stored.op.created_ms

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
