"""The parts of a core, each made when a test first asks for it: with those below it, and no others.

Nothing is wired that a test does not name, and nothing happens by itself: there is no `Core` here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from p2pnode_protocols.core.answering import Answering
from p2pnode_protocols.core.clock import Clock
from p2pnode_protocols.core.finalizing.epochs import Epochs
from p2pnode_protocols.core.finalizing.finalizer import Finalizer
from p2pnode_protocols.core.finalizing.landing import Lander
from p2pnode_protocols.core.finalizing.prover import Prover
from p2pnode_protocols.core.finalizing.rebuilder import Rebuilder
from p2pnode_protocols.core.identity import Identity
from p2pnode_protocols.core.intake.blocks import Intake
from p2pnode_protocols.core.intake.ops import OpIntake
from p2pnode_protocols.core.intake.texts import Texts
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.core.log.ledger import Ledger
from p2pnode_protocols.core.log.rebuilds import Rebuilds
from p2pnode_protocols.core.maker import Maker
from p2pnode_protocols.core.outbox import Outbox
from p2pnode_protocols.core.own.accuser import Accuser
from p2pnode_protocols.core.own.chain import OwnChain
from p2pnode_protocols.core.own.hurrying import Hurrying
from p2pnode_protocols.core.own.ops import OwnOps
from p2pnode_protocols.core.own.seat import OwnSeat
from p2pnode_protocols.core.own.speaker import Speaker
from p2pnode_protocols.core.peers.alarms import Alarms
from p2pnode_protocols.core.peers.contacts import ContactBook
from p2pnode_protocols.core.peers.greeting import Greeting
from p2pnode_protocols.core.peers.manners import Manners
from p2pnode_protocols.core.peers.sightings import Sightings
from p2pnode_protocols.core.peers.standing import Standing
from p2pnode_protocols.core.pending.agenda import Agenda
from p2pnode_protocols.core.pending.pool import Pool
from p2pnode_protocols.core.pending.provisional import Provisional
from p2pnode_protocols.gossip.leaping.leaps import Leaps
from p2pnode_protocols.gossip.peers.peer import Peer
from p2pnode_protocols.gossip.proofs import Proofs
from p2pnode_protocols.gossip.sync import Sync
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Body, Propose
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.texts import TextRef, make_text
from p2pnode_protocols.steps.inputs import Now
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, MemberId, MonoMs, Round, WallMs
from p2pnode_protocols.wire.limits import OPS_PER_MINUTE

from .dag import FakeSigner, fake_verify, make_charter

M = TypeVar("M")

START_WALL_MS = 1_000_000


class Parts:
    """Of the node at `place` among `n` members, in the order of their ids."""

    def __init__(
        self, n: int = 4, place: int = 0, charter: Charter | None = None, **restored: object
    ) -> None:
        """Args: `restored`: fields of what its store holds beside the founding epoch."""
        self.charter = charter or replace(make_charter(n), created_ms=WallMs(START_WALL_MS))
        self.devices: list[DeviceKey] = [seat.devices[0] for seat in self.charter.members]
        self.members: list[MemberId] = [seat.id for seat in self.charter.members]
        signer = FakeSigner(self.devices[place])
        self.me = Identity.of(self.charter.community_id, signer, fake_verify)
        empty = Restored(found_epoch(self.charter), (), (), (), (), 0)
        self.restored: Restored = replace(empty, **restored)  # type: ignore[arg-type]
        self.now = Clock(Now(MonoMs(0), WallMs(START_WALL_MS)))
        self.out = Outbox()
        self.admission: tuple[DeviceKey, bytes] | None = None
        self.ledger = Ledger(self.me, self.restored)
        self.sync = Sync(self.me.device, self.out.sends)
        self.sync.begin_epoch(self.ledger.epoch.number, self.ledger.epoch.lace)

    # --- what happens ---------------------------------------------------------------------

    def wait(self, ms: int) -> None:
        mono, wall = self.now.mono_ms + ms, self.now.wall_ms + ms
        self.now.set(Now(MonoMs(mono), WallMs(wall)))

    def meet(self, device: DeviceKey, status: Status | None = None) -> Peer:
        """Let a device be connected and past its hello."""
        self.sync.add(device)
        peer = self.sync.peers[device]
        seat = self.charter.by_device(device)
        peer.member = None if seat is None else seat.id
        self.sync.greet(peer, self.now.mono_ms)
        if status is not None:
            self.sync.frontiers.on_status(peer, status)
        self.out.clear()
        return peer

    def status(
        self,
        *,
        number: int | None = None,
        epoch: EpochId | None = None,
        frontier: tuple[tuple[MemberId, Round], ...] = (),
        nonces: tuple[tuple[DeviceKey, int], ...] = (),
        final_index: int = 0,
    ) -> Status:
        """Return what a peer in this node's epoch says that has nothing, but for what is given."""
        mine = self.ledger.epoch
        return Status(
            mine.number if number is None else number,
            mine.id if epoch is None else epoch,
            frontier,
            nonces,
            final_index,
            self.ledger.final_root,
            (),
        )

    def told(self, kind: type[M], to: DeviceKey | None = None) -> list[M]:
        """Return the messages of one kind that were sent, to one peer or to all."""
        messages: list[Message] = [
            one.message
            for one in self.out.sends
            if isinstance(one, Send) and to in (None, one.peer)
        ]
        return [one for one in messages if isinstance(one, kind)]

    def wrote(self, kind: type[M]) -> list[M]:
        return [one for one in self.out.writes if isinstance(one, kind)]

    def noticed(self, kind: type[M]) -> list[M]:
        return [one for one in self.out.notices if isinstance(one, kind)]

    def op(self, place: int, body: Body, nonce: int = 1) -> Op:
        """Return what a member says."""
        signer, community = FakeSigner(self.devices[place]), self.me.community
        return sign_op(community, self.members[place], signer, nonce, self.now.wall_ms, body)

    def proposal(self, words: str = "a title", tier: str = "tactical") -> tuple[Propose, bytes]:
        """Return a proposal to do nothing, and its title's text."""
        title, blob = text(words)
        return Propose(tier, title, (), NoAction(), WallMs(0)), blob

    # --- the parts ------------------------------------------------------------------------

    @cached_property
    def pool(self) -> Pool:
        return Pool(OPS_PER_MINUTE)

    @cached_property
    def proofs(self) -> Proofs:
        return Proofs(self.sync.peers, self.out.writes, self.out.notices)

    @cached_property
    def leaps(self) -> Leaps:
        me, sync = self.me, self.sync
        return Leaps(sync.peers, sync.pulls, me.community, me.verify, is_allowed=True)

    @cached_property
    def accuser(self) -> Accuser:
        return Accuser(self.me.device)

    @cached_property
    def alarms(self) -> Alarms:
        return Alarms(self.ledger, self.out)

    @cached_property
    def manners(self) -> Manners:
        return Manners(self.ledger, self.sync, self.now, self.out)

    @cached_property
    def sightings(self) -> Sightings:
        return Sightings()

    @cached_property
    def rebuilds(self) -> Rebuilds:
        return Rebuilds(self.restored, self.ledger, self.sync.peers, self.out)

    @cached_property
    def provisional(self) -> Provisional:
        return Provisional(self.ledger, self.pool, self.now, self.out)

    @cached_property
    def own_ops(self) -> OwnOps:
        return OwnOps(self.me, self.restored, self.ledger, self.pool, self.now, self.out)

    @cached_property
    def own_seat(self) -> OwnSeat:
        sync = self.sync
        return OwnSeat(self.ledger, sync.peers, sync.frontiers, self.own_ops, self.now)

    @cached_property
    def texts(self) -> Texts:
        fates = self.own_ops.fates
        return Texts(self.ledger, self.sync, self.pool, fates, self.now, self.out)

    @cached_property
    def agenda(self) -> Agenda:
        return Agenda(self.ledger, self.sync.peers, self.pool, self.provisional, self.now)

    @cached_property
    def contacts(self) -> ContactBook:
        return ContactBook(self.me, self.ledger, self.sync, self.manners, self.out)

    @cached_property
    def hurrying(self) -> Hurrying:
        fates = self.own_ops.fates
        return Hurrying(self.ledger, self.sync.peers, self.pool, fates, self.rebuilds, self.now)

    @cached_property
    def standing(self) -> Standing:
        return Standing(
            self.ledger,
            self.sync,
            self.pool,
            self.proofs,
            self.rebuilds,
            self.hurrying,
            self.alarms,
            self.manners,
            self.now,
        )

    @cached_property
    def greeting(self) -> Greeting:
        return Greeting(
            self.me,
            self.ledger,
            self.sync,
            self.contacts,
            self.standing,
            self.proofs,
            self.own_seat,
            self.manners,
            self.now,
            self.out,
            admission=self.admission,
            hosts=frozenset(),
            agent="a test",
        )

    @cached_property
    def prover(self) -> Prover:
        return Prover(self.me, self.ledger, self.proofs, self.alarms, self.now, self.out)

    @cached_property
    def op_intake(self) -> OpIntake:
        return OpIntake(
            self.me,
            self.ledger,
            self.sync,
            self.pool,
            self.own_ops,
            self.texts,
            self.provisional,
            self.now,
            self.out,
        )

    @cached_property
    def intake(self) -> Intake:
        return Intake(
            self.ledger,
            self.sync,
            self.op_intake,
            self.accuser,
            self.sightings,
            self.alarms,
            self.manners,
            self.now,
            self.out,
        )

    @cached_property
    def epochs(self) -> Epochs:
        return Epochs(
            self.ledger,
            self.sync,
            self.pool,
            self.proofs,
            self.rebuilds,
            self.own_seat,
            self.own_ops,
            self.sightings,
            self.texts,
            self.provisional,
            self.agenda,
            self.standing,
            self.contacts,
            self.greeting,
            self.manners,
            self.intake,
            self.now,
            self.out,
        )

    @cached_property
    def finalizer(self) -> Finalizer:
        return Finalizer(
            self.me,
            self.restored,
            self.ledger,
            self.sync,
            self.pool,
            self.own_ops,
            self.texts,
            self.provisional,
            self.proofs,
            self.prover,
            self.epochs,
            self.now,
            self.out,
        )

    @cached_property
    def lander(self) -> Lander:
        return Lander(
            self.me,
            self.ledger,
            self.sync,
            self.pool,
            self.own_ops,
            self.texts,
            self.leaps,
            self.epochs,
            self.alarms,
            self.now,
            self.out,
        )

    @cached_property
    def own_chain(self) -> OwnChain:
        return OwnChain(
            self.me,
            self.restored,
            self.ledger,
            self.sync,
            self.pool,
            self.own_ops,
            self.rebuilds,
            self.leaps,
            self.now,
            self.out,
        )

    @cached_property
    def rebuilder(self) -> Rebuilder:
        return Rebuilder(
            self.me,
            self.ledger,
            self.sync.peers,
            self.proofs,
            self.rebuilds,
            self.sightings,
            self.own_chain,
            self.epochs,
            self.now,
            self.out,
        )

    @cached_property
    def maker(self) -> Maker:
        return Maker(
            self.me,
            self.ledger,
            self.sync.peers,
            self.pool,
            self.rebuilds,
            self.own_chain,
            self.agenda,
            self.provisional,
            self.intake,
            self.finalizer,
            self.now,
        )

    @cached_property
    def speaker(self) -> Speaker:
        return Speaker(
            self.me,
            self.ledger,
            self.sync,
            self.pool,
            self.own_ops,
            self.own_chain,
            self.own_seat,
            self.provisional,
            self.hurrying,
            self.accuser,
            self.now,
            self.out,
        )

    @cached_property
    def answering(self) -> Answering:
        return Answering(
            self.ledger,
            self.sync,
            self.pool,
            self.texts,
            self.standing,
            self.contacts,
            self.greeting,
            self.hurrying,
            self.op_intake,
            self.intake,
            self.finalizer,
            self.prover,
            self.lander,
            self.rebuilder,
            self.manners,
            self.now,
            self.out,
        )


def text(words: str) -> tuple[TextRef, bytes]:
    """Return a text under a salt that its words make, so that equal ones are the same."""
    return make_text(words.encode().ljust(16, b".")[:16], words)
