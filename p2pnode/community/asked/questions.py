"""What a community can be asked: proposals, own ops, members, the log, and what happens."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Literal

import trio

from p2pnode_protocols.record.views.view import ProposalView
from p2pnode_protocols.wire.ids import OpId

from ... import answers
from ...answers.certifying import Certifier
from ...answers.lists import (
    CommitList,
    DecisionList,
    EpochList,
    InviteList,
    MemberList,
    NoteList,
    PeerList,
    ProposalList,
    RebuildList,
    cut,
    read_cursor,
)
from ...answers.overview import Overview
from ...answers.own_ops import OwnOps
from ...answers.practices import describe_practices
from ...answers.proposals import EVERYTHING, Filter
from ...answers.verifying import verify_store
from ...errors import RequestError
from ...store.interface import WhichFates
from ..events import Subscription
from ..here import Here
from ..references import find_member, find_proposal

OWN_OPS_SHOWN = 200  # refused ones, in answers that are no page of a list

DecidedGrade = Literal["provisional", "final"]


class Questions:
    """Answer about the community as it is at the moment. Holds nothing."""

    def __init__(self, here: Here) -> None:
        self._here = here

    # --- proposals --------------------------------------------------------------------

    def find_proposal(self, reference: str) -> OpId:
        """Return the id meant by a number, an id, or the beginning of one.

        Raises:
            UsageError: `unknown_proposal`, `ambiguous_id`, `bad_id`.
            RequestError: no community.
        """
        _session, core = self._here.running()
        return find_proposal(reference, core.state.proposal_ids, core.preview.open_ids)

    def proposal(self, reference: str | OpId) -> answers.Proposal:
        """Return a proposal, whole. Raises as `find_proposal`."""
        proposals = self._here.overview.proposals
        return proposals.proposal(proposals.view(self.proposal_id(reference)))

    def explain(self, reference: str | OpId) -> answers.Explanation:
        """Return why a proposal stands as it does. Raises as `find_proposal`."""
        return self._here.overview.proposals.explanation(self.proposal_id(reference))

    def proposals(
        self,
        wanted: Filter = EVERYTHING,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ProposalList:
        """Return the proposals that `wanted` describes, newest first.

        Here as in every list: `limit` rows (None: all) after the last row of the page whose
        `next_cursor` is passed as `cursor` (None: from the beginning on). Whatever changes
        between two pages, no row that was there throughout is left out or told twice.

        Raises:
            RequestError: `bad_cursor`; `invalid_request`, `limit` is less than 1.
            UsageError: `unknown_tier`.
        """
        page = self._here.overview.proposals.page("proposals", wanted, cursor, limit)
        return ProposalList(*page)

    def decisions(
        self,
        query: str | None = None,
        *,
        tier: str | None = None,
        outcome: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> DecisionList:
        """Return what was decided, newest first; `query`: words the title contains."""
        wanted = Filter("decided", tier=tier, outcome=outcome, query=query)
        return DecisionList(*self._here.overview.proposals.page("decisions", wanted, cursor, limit))

    def view(self, reference: str | OpId) -> ProposalView:
        """Return the core's view of a proposal. Raises as `find_proposal`."""
        return self._here.overview.proposals.view(self.proposal_id(reference))

    def proposal_id(self, reference: str | OpId) -> OpId:
        """Return the id meant. Raises as `find_proposal`; `TypeError` for what names none."""
        if isinstance(reference, str):
            return self.find_proposal(reference)
        if isinstance(reference, bytes):
            return reference
        raise TypeError(f"{reference!r} names no proposal: give a text, such as '2', or an id")

    async def wait(
        self, reference: str | OpId, grade: DecidedGrade = "final", timeout_s: float = 30
    ) -> answers.Proposal:
        """Return the proposal once its decision has at least this grade, or when time is up.

        `timed_out` says which. Raises as `find_proposal`.
        """
        proposal = self.proposal_id(reference)
        enough = ("final",) if grade == "final" else ("provisional", "final")
        proposals = self._here.overview.proposals
        reached = await self._here.wait_until(
            lambda: proposals.view(proposal).grade in enough, timeout_s
        )
        return proposals.proposal(proposals.view(proposal), timed_out=not reached)

    def certificate(self, reference: str | OpId) -> answers.CertificateFile:
        """Return a final decision's certificate (docs/certificates.md).

        Raises:
            RequestError: `not_final`, `not_proven`, `not_kept`; no community.
            UsageError: as `find_proposal`.
        """
        return self._certify(self.proposal_id(reference))

    async def wait_for_certificate(
        self, reference: str | OpId, timeout_s: float = 30
    ) -> answers.CertificateFile:
        """As `certificate`, once it is final and proven, or when the time is up."""
        proposal = self.proposal_id(reference)

        def is_ready() -> bool:
            try:
                self._certify(proposal)
            except RequestError as error:
                if error.code in ("not_final", "not_proven"):
                    return False
                raise
            return True

        await self._here.wait_until(is_ready, timeout_s)
        return self._certify(proposal)

    def _certify(self, proposal: OpId) -> answers.CertificateFile:
        session, core = self._here.running()
        return Certifier(core, session.store).certify(proposal)

    # --- own ops ----------------------------------------------------------------------

    def own_ops(
        self, *, everything: bool = False, limit: int | None = None, cursor: str | None = None
    ) -> answers.OwnOps:
        """Return what this device said and what does not count: on its way, and refused.

        Args:
            everything: those as well that `mark_seen` was told of.
            limit: at most so many refused ones; None: all.
            cursor: of the page before.

        Raises:
            RequestError: `bad_cursor`, `invalid_request`.
        """
        session, core = self._here.running()
        own, store = OwnOps(core, session.store), session.store
        which: WhichFates = "refused" if everything else "unseen"
        key = read_cursor("own_ops", cursor, (int,))
        before = None if key is None or not isinstance(key[0], int) else key[0]
        found = store.fates(which, before=before, limit=None if limit is None else limit + 1)
        page, following = cut("own_ops", found, lambda one: (one.place,), limit)
        return answers.OwnOps(
            tuple(own.waiting()),
            tuple(own.refused(page)),
            store.count_fates(which),
            core.finality().can_finalize,
            following,
        )

    def mark_seen(self, ops: Sequence[OpId] | None = None) -> None:
        """Note, durably, that the author of these refused ops knows: `status` lists them no more.

        Args:
            ops: None: all that are refused now.
        """
        session, _core = self._here.running()
        if ops is None:
            ops = [one.op.id for one in session.store.fates("unseen")]
        session.store.mark_seen(ops)

    # --- members ----------------------------------------------------------------------

    def members(self, *, limit: int | None = None, cursor: str | None = None) -> MemberList:
        """Return the members by name. Pages as `proposals`."""
        return self._here.overview.members(cursor, limit)

    def member(self, reference: str) -> answers.Member:
        """Return the member meant by `me`, a name, an id, or the beginning of one."""
        session, core = self._here.running()
        seat = find_member(reference, core.state.charter, core.device)
        return Overview(session, core).member(seat)

    def peers(self, *, limit: int | None = None, cursor: str | None = None) -> PeerList:
        """Return every device this node is, was or wants to be connected to, by its id."""
        return self._here.overview.peers(self._here.now_ms, cursor, limit)

    def charter(self) -> answers.CharterText:
        return self._here.overview.charter_text()

    def practices(self) -> answers.PracticesHere:
        """Return which practices are in force, and whose nodes can follow the next versions."""
        session, core = self._here.running()
        return describe_practices(core, session.practices.versions)

    def invites(self, *, limit: int | None = None, cursor: str | None = None) -> InviteList:
        """Return all invites that were proposed, and what became of each, latest expiry first."""
        return self._here.overview.invites(self._here.now_ms, cursor, limit)

    def commits(self, after: int = 0, *, limit: int = 50, cursor: str | None = None) -> CommitList:
        """Return entries of the finalized log with a higher index than `after`, or `cursor`'s."""
        return self._here.overview.commits(_begin("commits", after, cursor), limit)

    def notes(
        self, namespace: str | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> NoteList:
        """Return what programs have put into the log, of one namespace or of all, in its order."""
        return self._here.overview.notes(namespace, _begin("notes", 0, cursor), limit)

    def epochs(self, after: int = -1, *, limit: int = 50, cursor: str | None = None) -> EpochList:
        """Return epochs with a higher number than `after`, or than that of `cursor`."""
        return self._here.overview.epochs(_begin("epochs", after, cursor), limit)

    def rebuilds(self, *, limit: int | None = None, cursor: str | None = None) -> RebuildList:
        """Return the rebuilds of this community, oldest first."""
        return self._here.overview.rebuilds(cursor, limit)

    # --- time -------------------------------------------------------------------------

    def events(self) -> AbstractContextManager[Subscription]:
        """Return a stream of what happens from here on.

        with community.events() as events:
            async for event in events: …

        A reader that is too slow gets `events.Lagged` in the end (docs/api.md, Events).
        """
        core = None if self._here.session is None else self._here.session.core
        return self._here.bus.subscribe(0 if core is None else core.final_index)

    async def verify_log(self) -> answers.Verification:
        """Check every signature and replay the whole log from the founding charter, in a thread."""
        session, _core = self._here.running()
        return await trio.to_thread.run_sync(verify_store, session.store.path, session.practices)


def _begin(kind: str, after: int, cursor: str | None) -> int:
    """Return the number after which a page of a list by numbers begins."""
    match read_cursor(kind, cursor, (int,)):
        case [int(number)]:
            return number
        case _:
            return after
