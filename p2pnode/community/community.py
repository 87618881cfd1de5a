"""One community as this node takes part in it: its verbs and its questions."""

from __future__ import annotations

from collections.abc import Callable

import trio

from p2pnode_protocols.core import Core
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.steps.inputs import Now
from p2pnode_protocols.wire.ids import WallMs

from ..answers import Check, Stage
from ..answers.overview import Overview
from ..home.errors import StoreError
from ..home.paths import CommunityPaths
from ..store.store import Store
from .asked.checks import check_community
from .asked.questions import Questions
from .asked.standing import Standing
from .here import Here
from .keeper import Keeper
from .participation import Participation, find_lost
from .session import Ground, Session, Telling
from .verbs.acting import Acting
from .verbs.noting import Noting
from .verbs.peering import Peering
from .verbs.proposing import Proposing
from .verbs.rebuilding import Rebuilding
from .verbs.seating import Seating
from .verbs.submitting import Submitting


class Community:
    """Say something to a community, and ask what it knows.

    Each name below is a method of the part that has it: its arguments, and what it promises and
    raises, stand there. Use `Host.community`.

    Args:
        ground: what all communities of this process stand on.
        paths: of this one.
        telling: who is told what happens in it.
        nursery: runs it.
        on_left: called when this home has nothing to do with it any more.
        is_alone: whether this process takes part in no other.
    """

    def __init__(  # noqa: PLR0915  a line a verb
        self,
        ground: Ground,
        paths: CommunityPaths,
        telling: Telling,
        nursery: trio.Nursery,
        on_left: Callable[[Community], None],
        is_alone: Callable[[], bool],
    ) -> None:
        keeper = Keeper(
            paths,
            nursery,
            lambda happening: telling.bus.publish(ground.clock.read().wall_ms, [happening]),
            is_alone,
        )
        here = Here(
            ground.clock, telling.bus, keeper, lambda: find_lost(ground, paths, keeper.store)
        )
        participation = Participation(
            ground, paths, here, keeper, telling, nursery, lambda: on_left(self)
        )
        questions = Questions(here)
        standing = Standing(
            paths.community, here, participation.status, telling.counters, ground.started_ms
        )
        submitting = Submitting(here, questions)
        proposing = Proposing(here, questions, submitting)
        acting = Acting(here, questions, proposing)
        seating = Seating(here, submitting)
        noting = Noting(submitting)
        rebuilding = Rebuilding(here)
        peering = Peering(here)

        self.id = paths.community
        self.paths = paths
        self.bus = telling.bus
        self.counters = telling.counters
        self.here = here
        self._keeper = keeper
        self._name: str | None = None

        # Coming to it, for as long as that takes.
        self.participation = participation
        self.join_status = participation.status
        self.wait_admitted = participation.wait_admitted
        self.give_up_joining = participation.give_up

        # How it stands, and until when.
        self.status = standing.status
        self.wait_status = standing.wait_status
        self.line = standing.line

        # Proposals: putting a question, and answering one.
        self.propose = proposing.propose
        self.vote = proposing.vote
        self.revise = proposing.revise
        self.withdraw = proposing.withdraw

        # Proposals that do something once they pass.
        self.invite = acting.invite
        self.amend = acting.amend
        self.rekey = acting.rekey
        self.erase = acting.erase
        self.removal = acting.removal
        self.absence = acting.absence

        # One's own seat, and what was said for it.
        self.away = seating.away
        self.back = seating.back
        self.leave = seating.leave
        self.add_device = seating.add_device
        self.revoke_device = seating.revoke_device
        self.set_node_key = seating.set_node_key
        self.own_ops = questions.own_ops
        self.mark_seen = questions.mark_seen
        self.hurry = submitting.hurry

        # For programs that embed a node.
        self.note = noting.note

        # What practices add, whose rooms are above this one.
        self.say = submitting.say

        # Going on without nodes that are lost for good.
        self.propose_rebuild = rebuilding.propose_rebuild
        self.sign_rebuild = rebuilding.sign_rebuild
        self.apply_rebuild = rebuilding.apply_rebuild
        self.withdraw_rebuild = rebuilding.withdraw_rebuild

        # What stands in the record, and why.
        self.find_proposal = questions.find_proposal
        self.proposal = questions.proposal
        self.proposals = questions.proposals
        self.decisions = questions.decisions
        self.explain = questions.explain
        self.wait = questions.wait
        self.certificate = questions.certificate
        self.wait_for_certificate = questions.wait_for_certificate
        self.member = questions.member
        self.members = questions.members
        self.charter = questions.charter
        self.practices = questions.practices
        self.invites = questions.invites
        self.commits = questions.commits
        self.notes = questions.notes
        self.epochs = questions.epochs
        self.rebuilds = questions.rebuilds
        self.verify_log = questions.verify_log
        self.events = questions.events

        # The network.
        self.peers = questions.peers
        self.link = peering.link
        self.dial = peering.dial
        self.block = peering.block
        self.unblock = peering.unblock

    # --- where it stands --------------------------------------------------------------

    @property
    def name(self) -> str | None:
        """As its charter has it, or had it when that was here last; None: it never was."""
        if self.core is not None:
            self._name = self.core.state.charter.name
        elif self._name is None and self.store.charter is not None:
            self._name = Charter.from_bytes(self.store.charter).name
        return self._name

    @property
    def stage(self) -> Stage:
        """What this home is to it; "halted" while its store cannot be used."""
        return self.here.stage

    @property
    def session(self) -> Session | None:
        """The community as it runs; None: it does not, for now or at all."""
        return self.here.session

    @property
    def core(self) -> Core | None:
        """What it is made of; None: it does not run, or its charter is not here."""
        return None if self.session is None else self.session.core

    @property
    def store(self) -> Store:
        return self.here.store

    @property
    def trouble(self) -> StoreError | None:
        """Why its store cannot be used at the moment; None: it can."""
        return self.here.trouble

    @property
    def has_stopped(self) -> bool:
        """Whether it is halted for good, and not only while its store cannot be used."""
        return self._keeper.has_stopped

    @property
    def is_lost(self) -> bool:
        """Whether this device has signed in it, and no record of it is here."""
        return self.session is None and self.here.find_lost() is not None

    @property
    def overview(self) -> Overview:
        """Answer about it as it is now.

        Raises:
            RequestError: `no_community`, `joining`, `store_unwritable`.
            LocalError: `store_behind`.
        """
        return self.here.overview

    @property
    def now(self) -> Now:
        return self.here.now

    @property
    def now_ms(self) -> WallMs:
        return self.here.now_ms

    def checks(self, started_ms: WallMs) -> list[Check]:
        """Return what a person should look at; `started_ms`: since when this process runs."""
        return check_community(self.here, self.counters, started_ms)

    async def break_off(self, error: StoreError) -> None:
        """Stop it for good, as its store is not fit to be used.

        Raises:
            StoreError: `error`, when this process does nothing else.
        """
        self._keeper.require_others(error)
        await self._keeper.stop()
        self._keeper.halt(error)

    async def close(self) -> None:
        """End its session in good order, and close its store."""
        await self._keeper.stop()
        self.store.close()
