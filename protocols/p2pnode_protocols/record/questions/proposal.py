"""One proposal: its revisions and votes, as values (docs/protocol.md §10).

A `Proposal` is never changed: each op gives a new one or is refused, so the finalized
state and the provisional view can share them, and checking an op is doing it and
throwing the result away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal, NoReturn, get_args

from ...wire.codec import Value
from ...wire.errors import PeerFault, UsageError
from ...wire.ids import MAX_MS, MemberId, OpId, WallMs
from ...wire.kinds import ANYTHING, Converted, Many, Numbered, Whole
from ...wire.lengths import show_about, show_length
from ...wire.limits import BLOCK_BYTES, MEMBERS, PARTS, PROMPT_MS, REVISIONS, TITLE_BYTES
from ...wire.reserved import Reserved
from ...wire.shapes import ASCENDING, Check, Ms, Name, Shaped, Within, shape_of, shaped
from ..actions import ACTIONS, Action, InviteAction, RekeyAction, seat_of
from ..bodies import CHOICES, Choice, Revise, Vote, Withdraw
from ..seats.charter import Tier
from ..texts import Parts, TextRef, check_parts
from .tally import Rule, Tally

Outcome = Literal["open", "passed", "rejected", "lapsed", "withdrawn"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

# A record holds up to REVISIONS ballots of MEMBERS each, a ballot about 110 bytes, and as often
# PARTS parts of 45 bytes at most.
RECORD_BYTES = REVISIONS * (MEMBERS * 160 + PARTS * 48) + BLOCK_BYTES
RECORD_VERSION = 2
MAX_NUMBER = 1 << 40
YESNO: Literal["yesno"] = "yesno"  # the kind of question that there is
EFFECT_NONE = "none"  # nothing to do, or not decided
EFFECT_DONE = "done"

# R10.23: so nobody alone decides about another's seat, in a community of two least of all.
LEAST_YES_ABOUT_A_SEAT = 2


@shaped("ballot", lead=1)
@dataclass(frozen=True, slots=True)
class Ballot(Shaped):
    """One member's latest vote on a revision. Its voter's place in the electorate stands first."""

    choice: Annotated[Choice, Numbered(CHOICES)]
    reason: TextRef | None
    op: OpId
    at_ms: WallMs  # commit time; in the provisional view, when it arrived


def _read_votes(rows: Sequence[Value], electorate: Sequence[MemberId]) -> Mapping[MemberId, Ballot]:
    """Return the votes out of ballots in the order of the electorate, none twice."""
    votes: dict[MemberId, Ballot] = {}
    following = 0
    for row in rows:
        if not isinstance(row, list | tuple) or not row:
            raise PeerFault("bad_field", "ballot: a list that begins with a place expected")
        place = row[0]
        if type(place) is not int or not following <= place < len(electorate):
            problem = Whole(following, len(electorate) - 1).problem(place)
            raise PeerFault("bad_field", f"ballot, field 1: {problem}")
        votes[electorate[place]] = _BALLOT.read_list(row)
        following = place + 1
    return votes


def _write_votes(votes: Mapping[MemberId, Ballot], electorate: Sequence[MemberId]) -> Value:
    return [
        [place, *_BALLOT.write(votes[member])]
        for place, member in enumerate(electorate)
        if member in votes
    ]


_BALLOT = shape_of(Ballot)

_VOTES = Converted(
    _read_votes,
    _write_votes,
    "list of [place in the electorate, ballot…], by place",
    Many(MEMBERS, ANYTHING),
)


@shaped("revision")
@dataclass(frozen=True, slots=True)
class Revision(Shaped):
    """One wording, and what was voted on it. `id` is the op that said it.

    Read and written in the light of the electorate.
    """

    id: OpId
    title: TextRef
    parts: Parts
    opened_ms: WallMs
    question: Annotated[Literal["yesno"], Reserved("yesno")]  # what the ballots answer
    lots: Annotated[tuple[()], Reserved(())]  # of options: the order that breaks exact ties
    votes: Annotated[Mapping[MemberId, Ballot], _VOTES]  # never changed; order is no one's business

    @property
    def texts(self) -> tuple[TextRef, ...]:
        """Its title, and its parts in reading order."""
        return (self.title, *(one.text for one in self.parts))


@shaped("proposal", is_tagged=True, limit=RECORD_BYTES)
@dataclass(frozen=True, slots=True)
class Proposal(Shaped):
    """Everything the rules need to know of one proposal, and all that `show` shows.

    Its bytes are the record, in snapshots and of closed proposals at rest.
    """

    KIND: ClassVar[int] = RECORD_VERSION
    id: OpId
    number: Annotated[int, Whole(0, MAX_NUMBER)]  # 1, 2, … in the finalized log; 0: not finalized
    author: MemberId
    tier: Tier  # as it was when the proposal opened
    action: Annotated[Action, ACTIONS]
    epoch: Ms  # whose members are asked
    # Sorted; R6.6, R10.15: whoever leaves still counts.
    electorate: Annotated[tuple[MemberId, ...], Many(MEMBERS), ASCENDING]
    opened_ms: WallMs
    close_ms: WallMs
    # The last one is asked about.
    revisions: Annotated[
        tuple[Revision, ...],
        Many(REVISIONS),
        Within("electorate"),
        Check(bool, "at least one revision expected"),
    ]
    outcome: Outcome
    decided_ms: WallMs  # 0: open
    judged_by: Rule | None  # what held at the decision; None: open, withdrawn or objection mode
    withdrawn_for: TextRef | None
    effect: Name  # "none", "done", or the code for which the action changed nothing
    topic: Annotated[tuple[()], Reserved(())] = ()
    result: Annotated[tuple[()], Reserved(())] = ()  # the options that won, in order
    cause: Annotated[None, Reserved(None)] = None  # of one that the state itself opened
    of_practices: Annotated[tuple[()], Reserved(())] = ()  # what each keeps of it, by name

    @property
    def current(self) -> Revision:
        return self.revisions[-1]

    @property
    def concerned(self) -> MemberId | None:
        """The seat whose voice does not count, as the decision is about it (R10.23).

        None in a tier of objections: nothing is counted there, and it may object like anybody.
        """
        seat = seat_of(self.action)
        return seat if self.tier.mode == "threshold" and seat in self.electorate else None

    def counts(self, member: MemberId) -> bool:
        """Return whether the vote of this member decides anything, if there is one.

        That of the seat concerned does in one case: its no to a new key rejects that (R10.21).
        """
        if member != self.concerned:
            return True
        said = self.current.votes.get(member)
        is_objection = said is not None and said.choice == "no"
        return isinstance(self.action, RekeyAction) and is_objection

    @property
    def tally(self) -> Tally:
        concerned = self.concerned
        count = dict.fromkeys(CHOICES, 0)
        for member, ballot in self.current.votes.items():
            if member != concerned:
                count[ballot.choice] += 1
        return Tally(
            count["yes"],
            count["no"],
            count["aside"],
            len(self.electorate) - (concerned is not None),
            1 if seat_of(self.action) is None else LEAST_YES_ABOUT_A_SEAT,
        )

    @property
    def votable_ms(self) -> WallMs:
        """The earliest time at which votes decide it."""
        return WallMs(self.current.opened_ms + self.tier.min_open_ms)

    @property
    def last_close_ms(self) -> WallMs:
        """The latest time at which it may close: the tier's longest window, an invite's end."""
        return last_close_of(self.action, self.tier, self.opened_ms)

    @property
    def is_closed(self) -> bool:
        """Whether it was decided or withdrawn."""
        return self.outcome != "open"

    @property
    def due_ms(self) -> WallMs | None:
        """When time alone decides it, at the latest; by the charter it may be before its close."""
        return self.close_ms if self.outcome == "open" else None

    @property
    def texts(self) -> tuple[tuple[TextRef, OpId], ...]:
        """All texts that it refers to, and whose words: titles, bodies, reasons.

        Those of a withdrawal, whose op it does not name, pass for the proposal's own.
        """
        said: list[tuple[TextRef | None, OpId]]
        said = [(ref, one.id) for one in self.revisions for ref in one.texts]
        votes = (vote for one in self.revisions for vote in one.votes.values())
        said += [(vote.reason, vote.op) for vote in votes]
        said.append((self.withdrawn_for, self.id))
        return tuple((ref, op) for ref, op in said if ref is not None)

    # --- ops ----------------------------------------------------------------------------

    def voted(self, member: MemberId, op: OpId, vote: Vote, time_ms: WallMs) -> Proposal:
        """Return it with this vote counted, instead of an earlier one (R10.9).

        Raises:
            UsageError: `closed`, `already_decided`, `not_in_electorate`,
                `superseded_revision`.
        """
        self._check_open(time_ms)
        if member not in self.electorate:
            raise UsageError(
                "not_in_electorate",
                "the seat is newer than the proposal; those who were members when it "
                "opened decide it",
            )
        if vote.revision != self.current.id:
            raise UsageError(
                "superseded_revision",
                f"the text has changed: revision {len(self.revisions)} is asked about; "
                "read it, then vote again",
            )
        ballot = Ballot(vote.choice, vote.reason, op, time_ms)
        now = self.current
        votes = {**now.votes, member: ballot}
        revision = Revision(
            now.id, now.title, now.parts, now.opened_ms, now.question, now.lots, votes
        )
        return self._with_revisions((*self.revisions[:-1], revision))

    def _with_revisions(self, revisions: tuple[Revision, ...]) -> Proposal:
        # At every vote, so without `replace`, which costs as much as all the rest.
        return Proposal(
            self.id,
            self.number,
            self.author,
            self.tier,
            self.action,
            self.epoch,
            self.electorate,
            self.opened_ms,
            self.close_ms,
            revisions,
            self.outcome,
            self.decided_ms,
            self.judged_by,
            self.withdrawn_for,
            self.effect,
            self.topic,
            self.result,
            self.cause,
            self.of_practices,
        )

    def revised(self, member: MemberId, op: OpId, body: Revise, time_ms: WallMs) -> Proposal:
        """Return it with a new text, everyone asked again (R10.8); votes stay on the old one.

        Raises:
            UsageError: `closed`, `already_decided`, `not_allowed`, `bad_field`, `bad_part`,
                `limit_size`.
        """
        self._check_open(time_ms)
        self._check_author(member, "revise")
        check_title(body.title)
        check_parts(body.parts, [one.parts for one in self.revisions])
        if len(self.revisions) >= REVISIONS:
            raise UsageError("not_allowed", f"{REVISIONS} revisions are the most; propose anew")
        # R10.8: whoever has seen when it closes keeps a moment to say so; R10.20 for the wish.
        nearest = min(self.close_ms, time_ms + PROMPT_MS)
        least = max(nearest, time_ms + self.tier.least_open_ms)
        most = self.last_close_ms
        if least > most:
            raise UsageError(
                "bad_field",
                f"revision: it would close {show_about(least - self.opened_ms)} after it opened, "
                f"but {why_no_later(self)}; propose anew",
            )
        close_ms = WallMs(min(max(body.close_ms or self.close_ms, least), most))
        revision = Revision(op, body.title, body.parts, time_ms, YESNO, (), {})
        return replace(self, revisions=(*self.revisions, revision), close_ms=close_ms)

    def withdrawn(self, member: MemberId, body: Withdraw, time_ms: WallMs) -> Proposal:
        """Return it ended. Raises `UsageError` `closed`, `already_decided`, `not_allowed`."""
        self._check_open(time_ms)
        self._check_author(member, "withdraw")
        return replace(self, outcome="withdrawn", decided_ms=time_ms, withdrawn_for=body.reason)

    def decided(self, outcome: Outcome, rule: Rule, effect: str, time_ms: WallMs) -> Proposal:
        judged_by = None if self.tier.mode == "objection" else rule
        return replace(
            self, outcome=outcome, decided_ms=time_ms, judged_by=judged_by, effect=effect
        )

    def _check_open(self, time_ms: WallMs) -> None:
        if self.outcome != "open":
            refuse_as_decided(self.outcome, self.decided_ms, self.close_ms)
        if time_ms >= self.close_ms:  # R10.7
            raise UsageError(
                "closed", "the voting window has closed; the next commit says what came of it"
            )

    def _check_author(self, member: MemberId, verb: str) -> None:
        if member != self.author:
            raise UsageError("not_allowed", f"only its author may {verb} a proposal")


def refuse_as_decided(outcome: Outcome, decided_ms: WallMs, close_ms: WallMs) -> NoReturn:
    """Refuse what is said of a proposal that is open no more.

    Raises:
        UsageError: `closed` if it was decided at its close, else `already_decided`.
    """
    code = "closed" if decided_ms >= close_ms else "already_decided"
    raise UsageError(code, f"it has been decided: {outcome}")


def check_title(title: TextRef) -> None:
    """Refuse a title that is none, or long: of a text beside the op only the size is known (R2.21).

    Raises:
        UsageError: `bad_field` for an empty one, `limit_size`.
    """
    if title.size == 0:
        raise UsageError("bad_field", f"title: empty; 1 to {TITLE_BYTES} bytes are allowed")
    if title.size > TITLE_BYTES:
        raise UsageError("limit_size", f"title: {title.size} bytes, at most {TITLE_BYTES}")


def last_close_of(action: Action, tier: Tier, opened_ms: WallMs) -> WallMs:
    """Return the latest time at which a proposal may close; no invite outlives its end (R10.13)."""
    latest = WallMs(min(opened_ms + tier.max_window_ms, MAX_MS))
    return min(latest, action.expires_ms) if isinstance(action, InviteAction) else latest


def why_no_later(proposal: Proposal) -> str:
    if proposal.last_close_ms < proposal.opened_ms + proposal.tier.max_window_ms:
        return "the invite that it is about ends before"
    return (
        f"tier {proposal.tier.name} keeps no proposal open longer than "
        f"{show_length(proposal.tier.max_window_ms)}"
    )
