"""The node's questions: what it answers about its community (part of `Node`)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import islice
from typing import Literal

import trio

from p2pnode_protocols.core import Core
from p2pnode_protocols.ids import OpId, WallMs

from . import answers
from .certifying import Certifier
from .clock import Clock
from .describe import EVERYTHING, Filter
from .errors import RequestError
from .events import Bus, Stage, Subscription
from .keeper import Keeper
from .overview import Overview
from .references import find_member, find_proposal
from .session import Session
from .store.errors import StoreError
from .store.store import Store

DecidedGrade = Literal["provisional", "final"]


class Reader:
    """A home and, once there is one, the community that runs on it."""

    def __init__(self, clock: Clock, bus: Bus, keeper: Keeper) -> None:
        self.bus = bus
        self._clock = clock
        self._keeper = keeper

    # --- where this home stands -------------------------------------------------------

    @property
    def stage(self) -> Stage:
        """What this home is to a community; "halted" while its store cannot be used."""
        return self._keeper.stage

    @property
    def session(self) -> Session | None:
        """The community that runs here; None: none does, for now or at all."""
        return self._keeper.session

    @property
    def store(self) -> Store:
        return self._keeper.store

    @property
    def trouble(self) -> StoreError | None:
        """Why the store cannot be used at the moment; None: it can."""
        return self._keeper.trouble

    @property
    def now_ms(self) -> WallMs:
        return self._clock.read().wall_ms

    def _running(self) -> tuple[Session, Core]:
        """Return the session and its core.

        Raises:
            RequestError: `no_community`, `joining` before the charter is here,
                `store_unwritable` while the store cannot be used.
        """
        self._require_store()
        if self.session is None:
            raise RequestError("no_community", "this home belongs to no community yet")
        if self.session.core is None:
            raise RequestError("joining", self.session.progress.detail)
        return self.session, self.session.core

    def _require_store(self) -> None:
        """Raise `RequestError` `store_unwritable` while the store cannot be used."""
        if self.trouble is not None:
            raise RequestError("store_unwritable", self.trouble.detail, self.trouble.todo)

    @property
    def overview(self) -> Overview:
        """Answer about the community as it is now. Raises as `_running`."""
        return Overview(*self._running())

    # --- proposals --------------------------------------------------------------------

    def find_proposal(self, reference: str) -> OpId:
        """Return the id meant by a number, an id, or the beginning of one.

        Raises:
            UsageError: `unknown_proposal`, `ambiguous_id`, `bad_id`.
            RequestError: no community.
        """
        _session, core = self._running()
        return find_proposal(reference, core.state.proposal_ids, core.preview.open_ids)

    def proposal(self, reference: str | OpId) -> answers.Proposal:
        """Return a proposal, whole. Raises as `find_proposal`."""
        proposals = self.overview.proposals
        return proposals.proposal(proposals.view(self._proposal_id(reference)))

    def explain(self, reference: str | OpId) -> answers.Explanation:
        """Return why a proposal stands as it does. Raises as `find_proposal`."""
        return self.overview.proposals.explanation(self._proposal_id(reference))

    def proposals(
        self, wanted: Filter = EVERYTHING, *, start: int = 0, limit: int | None = None
    ) -> list[answers.ProposalSummary]:
        """Return a page of the proposals that `wanted` describes, newest first."""
        proposals = self.overview.proposals
        stop = None if limit is None else start + limit
        return [proposals.summary(view) for view in islice(proposals.matching(wanted), start, stop)]

    def decisions(self, query: str | None = None) -> list[answers.ProposalSummary]:
        """Return what was decided, newest first; `query`: words the title contains."""
        return self.proposals(Filter("decided", query=query))

    def _proposal_id(self, reference: str | OpId) -> OpId:
        return self.find_proposal(reference) if isinstance(reference, str) else reference

    async def wait(
        self, reference: str | OpId, grade: DecidedGrade = "final", timeout_s: float = 30
    ) -> answers.Proposal:
        """Return the proposal once its decision has at least this grade, or when time is up.

        `timed_out` says which. Raises as `find_proposal`.
        """
        proposal = self._proposal_id(reference)
        enough = ("final",) if grade == "final" else ("provisional", "final")
        proposals = self.overview.proposals
        reached = await self._wait_until(
            lambda: proposals.view(proposal).grade in enough, timeout_s
        )
        return proposals.proposal(proposals.view(proposal), timed_out=not reached)

    def certificate(self, reference: str | OpId) -> answers.CertificateFile:
        """Return a final decision's certificate (docs/certificates.md).

        Raises:
            RequestError: `not_final`, `not_proven`, `not_kept`; no community.
            UsageError: as `find_proposal`.
        """
        return self._certify(self._proposal_id(reference))

    async def wait_for_certificate(
        self, reference: str | OpId, timeout_s: float = 30
    ) -> answers.CertificateFile:
        """As `certificate`, once it is final and proven, or when the time is up."""
        proposal = self._proposal_id(reference)

        def is_ready() -> bool:
            try:
                self._certify(proposal)
            except RequestError as error:
                if error.code in ("not_final", "not_proven"):
                    return False
                raise
            return True

        await self._wait_until(is_ready, timeout_s)
        return self._certify(proposal)

    def _certify(self, proposal: OpId) -> answers.CertificateFile:
        session, core = self._running()
        return Certifier(core, session.store).certify(proposal)

    # --- members ----------------------------------------------------------------------

    def members(self) -> list[answers.Member]:
        """Return all members by name."""
        return self.overview.members()

    def member(self, reference: str) -> answers.Member:
        """Return the member meant by `me`, a name, an id, or the beginning of one."""
        session, core = self._running()
        seat = find_member(reference, core.state.charter, core.device)
        return Overview(session, core).member(seat)

    def peers(self) -> list[answers.Peer]:
        """Return every device this node is, was or wants to be connected to."""
        return self.overview.peers(self.now_ms)

    def charter(self) -> answers.CharterText:
        return self.overview.charter_text()

    def invites(self) -> list[answers.Invite]:
        return self.overview.invites(self.now_ms)

    def commits(self, after: int = 0, limit: int = 50) -> list[answers.LogCommit]:
        """Return up to `limit` entries of the finalized log with a higher index than `after`."""
        return self.overview.commits(after, limit)

    # --- time -------------------------------------------------------------------------

    def events(self) -> AbstractContextManager[Subscription]:
        """Return a stream of what happens from here on.

        with node.events() as events:
            async for event in events: …

        A reader that is too slow gets `events.Lagged` in the end (docs/api.md, Events).
        """
        core = None if self.session is None else self.session.core
        return self.bus.subscribe(0 if core is None else core.final_index)

    async def _wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Return whether `condition` came to hold within the time.

        Raises:
            RequestError: `stopping`.
        """
        with trio.move_on_after(timeout_s):
            if await self.bus.wait_until(condition):
                return True
            raise RequestError("stopping", "the node is shutting down")
        return False
