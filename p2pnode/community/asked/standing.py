"""How one community stands on this node: in full, and as a line of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from p2pnode_protocols.record.views.view import ProposalView
from p2pnode_protocols.wire.ids import CommunityId, WallMs

from ... import answers
from ...answers.checks import check
from ...answers.overview import Overview
from ...answers.own_ops import OwnOps
from ...answers.proposals import Filter
from ..counters import Counters
from ..here import Here
from ..session import Session
from .checks import check_community

REFUSED_SHOWN = 20  # of own refused ops in a status; all are in `own_ops`


class Standing:
    """Say how a community is, what needs this member's vote first.

    Args:
        community: which.
        here: where this home stands to it.
        join_status: says where a join stands.
        counters: of it.
        started_ms: when they began to count.
    """

    def __init__(
        self,
        community: CommunityId,
        here: Here,
        join_status: Callable[[], answers.JoinStatus],
        counters: Counters,
        started_ms: WallMs,
    ) -> None:
        self._id = community
        self._here = here
        self._join_status = join_status
        self._counters = counters
        self._started_ms = started_ms

    def status(self, *, timed_out: bool = False) -> answers.Status:
        """Return how this community is; `timed_out`: it was waited for in vain."""
        session, overview = self._here.session, self._look()
        core = None if session is None else session.core
        refused: list[answers.OwnOp] = []
        if session is not None and core is not None:
            refused = OwnOps(core, session.store).refused(
                session.store.fates("unseen", limit=REFUSED_SHOWN)
            )
        counters = self._counters
        return answers.Status(
            id=self._id,
            state=self._here.stage,
            now=self._here.now_ms,
            member=None if overview is None else overview.my_seat(),
            community=None if overview is None else overview.community(),
            epoch=None if core is None else answers.EpochStatus(core.epoch.number, core.epoch.id),
            log=(
                None
                if core is None
                else answers.LogStatus(core.final_index, core.final_root, core.state.time_ms)
            ),
            committee=None if overview is None else overview.committee(),
            needs_my_vote=tuple(
                overview.proposals.summary(view)
                for view in self._needing_my_vote(overview)
                if overview is not None
            ),
            open_proposals=(
                0
                if overview is None
                else sum(1 for _ in overview.proposals.matching(Filter(which="open")))
            ),
            refused_ops=tuple(refused),
            refused_ops_total=self._count_refused(),
            pending_ops=0 if core is None else len(core.pool),
            round=0 if core is None else core.epoch.lace.max_round,
            joining=self._joining(),
            warnings=tuple(self._warnings()),
            counters=answers.Counts(
                steps=counters.steps,
                rounds=counters.rounds,
                commits=counters.commits,
                ops_final=counters.ops_final,
                forks=counters.forks,
                divergences=counters.divergences,
                refused_from_peers=dict(counters.refused_from_peers),
                refused_by_peers=dict(counters.refused_by_peers),
            ),
            timed_out=timed_out,
        )

    async def wait_status(
        self, is_enough: Callable[[answers.Status], bool], timeout_s: float = 30
    ) -> answers.Status:
        """Return the status once `is_enough` says so, or when time is up (`timed_out`).

        Raises:
            RequestError: `stopping`.
        """
        reached = await self._here.wait_until(lambda: is_enough(self.status()), timeout_s)
        return self.status(timed_out=not reached)

    def line(self) -> answers.CommunityHere:
        """Return how it stands, in short."""
        overview = self._look()
        known = None if overview is None else overview.community()
        seat = None if overview is None else overview.my_seat()
        trouble = self._here.trouble
        if trouble is None and self._here.session is None:
            trouble = self._here.find_lost()
        return answers.CommunityHere(
            id=self._id,
            name=None if known is None else known.name,
            state=self._here.stage,
            members=None if known is None else known.members,
            member=None if seat is None else answers.Person(seat.id, seat.name),
            needs_my_vote=sum(1 for _ in self._needing_my_vote(overview)),
            refused_ops=self._count_refused(),
            joining=self._joining(),
            trouble=None if trouble is None else trouble.detail,
        )

    def _warnings(self) -> list[answers.Check]:
        trouble = self._here.trouble
        if trouble is not None:
            return [check("store_writable", "critical", trouble.detail, *trouble.steps)]
        found = check_community(self._here, self._counters, self._started_ms)
        return [one for one in found if one.severity != "ok"]

    def _look(self) -> Overview | None:
        """Return what knows of the community as it runs; None: there is nothing to know yet."""
        session = self._here.session
        if session is None:
            return None
        session.look()
        return None if session.core is None else Overview(session, session.core)

    def _needing_my_vote(self, overview: Overview | None) -> Iterable[ProposalView]:
        if overview is None or self._here.stage != "member":
            return ()
        return overview.proposals.matching(Filter(needs_my_vote=True))

    def _count_refused(self) -> int:
        session = self._here.session
        if session is None or session.core is None:
            return 0
        return session.store.count_fates("unseen")

    def _joining(self) -> answers.JoinStatus | None:
        session = self._here.session
        if session is None or not _tells_of_a_join(session):
            return None
        return self._join_status()


def _tells_of_a_join(session: Session) -> bool:
    """Return whether a join is under way, or has led nowhere."""
    return session.stage in ("joining", "observer") or session.arrival.progress.ended is not None
