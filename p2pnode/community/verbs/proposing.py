"""The verbs of proposals: opening one, voting on it, revising it, withdrawing it."""

from __future__ import annotations

from dataclasses import replace

from p2pnode_protocols.record.actions import Action, NoAction
from p2pnode_protocols.record.bodies import Choice, Propose, Vote, Withdraw
from p2pnode_protocols.record.bodies import Revise as ReviseBody
from p2pnode_protocols.record.texts import Part, highest_number
from p2pnode_protocols.record.views.view import ProposalView
from p2pnode_protocols.wire.ids import OpId, WallMs, to_text

from ...answers import Receipt
from ...answers.proposals import Proposals
from ...answers.words import PART_MISSING
from ...errors import RequestError
from ..asked.questions import Questions
from ..here import Here
from ..references import find_revision, require_meant
from .parts import Known
from .submitting import NOW, How, Submitting, Texts

_NO_ACTION = NoAction()


class Proposing:
    """Put a question, and answer one.

    Every verb returns a receipt once the op is durable on this machine. All raise `UsageError` for
    what the rules refuse, and `RequestError` when no community runs here, the home is still
    `joining`, was `removed`, or the node is `stopping`.
    """

    def __init__(self, here: Here, questions: Questions, submitting: Submitting) -> None:
        self._here = here
        self._questions = questions
        self._submitting = submitting

    async def propose(
        self,
        tier: str,
        title: str,
        text: str | None = None,
        *,
        close_ms: WallMs | None = None,
        action: Action = _NO_ACTION,
        vote: Choice | None = None,
        how: How = NOW,
    ) -> Receipt:
        """Open a proposal, and vote on it when `vote` is given.

        Args:
            tier: how much agreement it needs, a tier of the charter.
            title: one line.
            text: the whole text; None when the title says it all.
            close_ms: when voting ends; None: the tier's window from now.
            action: what its passing does by itself.
            vote: this member's own vote.
            how: what to wait for.
        """
        texts = Texts()
        body = Propose(tier, texts.title(title), texts.parts(text), action, close_ms or WallMs(0))
        if how.dry_run:
            return self._submitting.dry_run(body)
        op = await self._submitting.submit(body, texts, how)
        if vote is None:
            return await self._submitting.follow(op, how)
        ballot = Vote(op.id, op.id, vote, None)
        # Before any wait: one round for both.
        cast = await self._submitting.submit(ballot, Texts(), how)
        receipt = await self._submitting.follow(op, how)
        rest = replace(how, timeout_s=0) if receipt.timed_out else how
        await self._submitting.follow(cast, rest)
        return replace(receipt, proposal=self._questions.proposal(op.id))

    async def vote(
        self,
        proposal: str | OpId,
        choice: Choice,
        reason: str | None = None,
        *,
        revision: str | None = None,
        how: How = NOW,
    ) -> Receipt:
        """Vote; a later vote replaces this one until the proposal is decided.

        Args:
            proposal: number, id or beginning of one.
            choice: yes, no, or aside.
            reason: shown to everyone with the vote.
            revision: id of the text voted on. May be left out while there has been one only:
                it may have been replaced since the caller read it.
            how: what to wait for.

        Raises:
            RequestError: `revision_unnamed`; as every verb.
        """
        view = self._questions.view(proposal)
        chosen = view.current.id
        # Before the text it names: nothing can be said on what is decided, whatever it names.
        self._submitting.check(Vote(view.id, chosen, choice, None))
        if revision is None and len(view.revisions) > 1:
            raise RequestError(
                "revision_unnamed",
                f"there have been {len(view.revisions)} texts; name the one that the vote is for: "
                f"the current one is {to_text('pro', chosen)}",
            )
        if revision is not None:
            chosen = find_revision(revision, [one.id for one in view.revisions])
        texts = Texts()
        return await self._submitting.say(
            Vote(view.id, chosen, choice, texts.text("reason", reason)), texts, how
        )

    async def revise(
        self,
        proposal: str | OpId,
        *,
        title: str | None = None,
        text: str | None = None,
        close_ms: WallMs | None = None,
        revision: str | None = None,
        how: How = NOW,
    ) -> Receipt:
        """Replace a proposal's text, and ask everyone again. None: keep what it is.

        Args:
            proposal: number, id or beginning of one.
            title: the new one.
            text: the new one.
            close_ms: when voting ends; None: after as long as before.
            revision: id of the text that is replaced; another device of this seat may have
                replaced it since the caller read it. None: whatever stands there.
            how: what to wait for.

        Raises:
            UsageError: `superseded_revision`; as every verb.
            RequestError: `nothing_to_revise`; as every verb.
        """
        view = self._questions.view(proposal)
        as_it_is = ReviseBody(view.id, view.current.title, view.current.parts, WallMs(0))
        self._submitting.check(as_it_is)
        require_meant(view, revision)
        texts = Texts()
        parts = self._parts(view, text, texts)
        is_other = parts != view.current.parts or close_ms not in (None, view.close_ms)
        if not is_other and title in (None, self._proposals.text(view.current.title)):
            raise RequestError(
                "nothing_to_revise",
                "nothing would change, and every vote would be asked for again",
                "p2pnode show ID",
            )
        body = ReviseBody(
            view.id,
            view.current.title if title is None else texts.title(title),
            parts,
            close_ms or WallMs(0),
        )
        return await self._submitting.say(body, texts, how)

    def _parts(self, view: ProposalView, text: str | None, texts: Texts) -> tuple[Part, ...]:
        """Return the parts of a revision; None: those that stand there."""
        if text is None:
            return view.current.parts
        shown = self._proposals.parts(view.current)
        pairs = zip(view.current.parts, shown, strict=True)
        before = [Known(part, one.text or PART_MISSING) for part, one in pairs]
        return texts.parts_after(
            text, before, highest_number([one.parts for one in view.revisions])
        )

    @property
    def _proposals(self) -> Proposals:
        return self._here.overview.proposals

    async def withdraw(
        self,
        proposal: str | OpId,
        reason: str | None = None,
        *,
        revision: str | None = None,
        how: How = NOW,
    ) -> Receipt:
        """End an own proposal without a decision; `revision` as with `revise`."""
        view = self._questions.view(proposal)
        self._submitting.check(Withdraw(view.id, None))
        require_meant(view, revision)
        texts = Texts()
        body = Withdraw(view.id, texts.text("reason", reason))
        return await self._submitting.say(body, texts, how)
