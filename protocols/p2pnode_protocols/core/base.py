"""What one node knows, shared by the parts of the core: `finalizing`, `hearing`, `making`.

Here are the parts it is made of, what it says of itself, and how a peer is refused.
"""

from __future__ import annotations

from .. import crypto
from ..decisions import Preview, State
from ..epoch import Epoch
from ..gossip.leaps import Leaps
from ..gossip.proofs import Proofs
from ..gossip.sync import Sync
from ..gossip.texts import NO_SEAT
from ..ids import CommunityId, DeviceKey, MemberId, OpId, WallMs
from ..messages import Status
from ..steps import Now, ProposalChanged, Restored
from .accuser import Accuser
from .agenda import Agenda
from .alarms import Alarms
from .clock import Clock
from .contacts import ContactBook
from .epochs import Epochs
from .finalizer import Finalizer
from .greeting import Greeting
from .hurrying import Hurrying
from .identity import Identity
from .intake import Intake
from .landing import Lander
from .ledger import Ledger
from .maker import Maker
from .manners import Manners
from .op_intake import OpIntake
from .outbox import Outbox
from .own_chain import OwnChain
from .own_ops import OwnOps
from .own_seat import OwnSeat
from .pool import Pool
from .prover import Prover
from .provisional import Provisional
from .rebuilder import Rebuilder
from .rebuilds import Rebuilds
from .sightings import Sightings
from .standing import Standing
from .texts import Texts


class Base:
    """One node's view of one community. See `Core` for the arguments."""

    def __init__(
        self,
        community: CommunityId,
        signer: crypto.Signer,
        restored: Restored,
        now: Now,
        *,
        admission: tuple[DeviceKey, bytes] | None,
        hosts: frozenset[DeviceKey],
        agent: str,
        ops_per_minute: int,
        pull_bytes: int,
        verify: crypto.Verify,
        may_leap: bool,
    ) -> None:
        self.community, self.device = community, signer.device
        self.me = Identity.of(community, signer, verify)
        self._now, out = Clock(now), Outbox()
        self.out, self._writes, self._sends, self._notices = out, out.writes, out.sends, out.notices
        record = restored.epoch
        self.ledger = Ledger(self.me, restored)
        self.pool = Pool(ops_per_minute)
        self.sync = Sync(self.me.device, out.sends, pull_bytes)
        self.sync.begin_epoch(record.number, self.ledger.epoch.lace)
        for missing in restored.missing_texts:
            self.sync.texts.miss(missing, None, NO_SEAT)
        self.alarms = Alarms(self.ledger, out)
        self.manners = Manners(self.ledger, self.sync, self._now, out)
        self.sightings = Sightings()
        self.rebuilds = Rebuilds(restored, self.ledger, self.sync.peers, out)
        self.provisional = Provisional(self.ledger, self.pool, self._now, out)
        self.own_ops = OwnOps(self.me, restored, self.ledger, self.pool, self._now, out)
        self.fates = self.own_ops.fates
        self.own_seat = OwnSeat(
            self.ledger, self.sync.peers, self.sync.frontiers, self.own_ops, self._now
        )
        self.proofs = Proofs(self.sync.peers, self._writes, self._notices)
        self.proofs.give_up(self.ledger.past)
        self.leaps = Leaps(
            self.sync.peers,
            self.sync.pulls,
            community,
            verify,
            is_allowed=may_leap,
            piece_bytes=pull_bytes,
        )
        self.accuser = Accuser(self.me.device)
        for first, second in restored.forks:
            self.accuser.found(first, second)
        ledger, sync, now_ = self.ledger, self.sync, self._now
        self.contacts = ContactBook(self.me, ledger, sync, self.manners, out)
        self.texts = Texts(ledger, sync, self.pool, self.fates, now_, out)
        self.hurrying = Hurrying(ledger, sync.peers, self.pool, self.fates, self.rebuilds, now_)
        self.standing = Standing(
            ledger,
            sync,
            self.pool,
            self.proofs,
            self.rebuilds,
            self.hurrying,
            self.alarms,
            self.manners,
            now_,
        )
        self.greeting = Greeting(
            self.me,
            ledger,
            sync,
            self.contacts,
            self.standing,
            self.proofs,
            self.own_seat,
            self.manners,
            now_,
            out,
            admission=admission,
            hosts=hosts,
            agent=agent,
        )
        self.prover = Prover(self.me, ledger, self.proofs, self.alarms, now_, out)
        self.op_intake = OpIntake(
            self.me, ledger, sync, self.pool, self.own_ops, self.texts, self.provisional, now_, out
        )
        self.intake = Intake(
            ledger,
            sync,
            self.op_intake,
            self.accuser,
            self.sightings,
            self.alarms,
            self.manners,
            now_,
            out,
        )

        self.agenda = Agenda(ledger, sync.peers, self.pool, self.provisional, now_)
        self.epochs = Epochs(
            ledger,
            sync,
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
            now_,
            out,
        )
        self.finalizer = Finalizer(
            self.me,
            restored,
            ledger,
            sync,
            self.pool,
            self.own_ops,
            self.texts,
            self.provisional,
            self.proofs,
            self.prover,
            self.epochs,
            now_,
            out,
        )
        self.own_chain = OwnChain(
            self.me,
            restored,
            ledger,
            sync,
            self.pool,
            self.own_ops,
            self.rebuilds,
            self.leaps,
            now_,
            out,
        )
        self.lander = Lander(
            self.me,
            ledger,
            sync,
            self.pool,
            self.own_ops,
            self.texts,
            self.leaps,
            self.epochs,
            self.alarms,
            now_,
            out,
        )
        self.rebuilder = Rebuilder(
            self.me,
            ledger,
            sync.peers,
            self.proofs,
            self.rebuilds,
            self.sightings,
            self.own_chain,
            self.epochs,
            now_,
            out,
        )
        self.maker = Maker(
            self.me,
            ledger,
            sync.peers,
            self.pool,
            self.rebuilds,
            self.own_chain,
            self.agenda,
            self.provisional,
            self.intake,
            self.finalizer,
            now_,
        )

    def due_at(self, op: OpId) -> WallMs | None:
        return self.agenda.due_at(op)

    def status(self) -> Status:
        """Return where this node stands, as told to peers."""
        return self.standing.status()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where this node listens; told to peers."""
        return self.greeting.addresses

    @addresses.setter
    def addresses(self, addresses: tuple[str, ...]) -> None:
        self.greeting.addresses = addresses

    @property
    def genesis_charter(self) -> bytes:
        """What is served to joiners; set by the shell at start."""
        return self.greeting.genesis_charter

    @genesis_charter.setter
    def genesis_charter(self, charter: bytes) -> None:
        self.greeting.genesis_charter = charter

    @property
    def state(self) -> State:
        """The finalized state."""
        return self.ledger.state

    @property
    def epoch(self) -> Epoch:
        return self.ledger.epoch

    @property
    def final_index(self) -> int:
        """The last commit here; 0: nothing is final here yet."""
        return self.ledger.final_index

    @property
    def final_root(self) -> bytes:
        return self.ledger.final_root

    @property
    def member(self) -> MemberId | None:
        """The seat this device belongs to in the finalized state, or None."""
        return self.ledger.member

    @property
    def preview(self) -> Preview:
        return self.provisional.preview

    def look(self, wall_ms: WallMs) -> tuple[ProposalChanged, ...]:
        return self.provisional.look(wall_ms)
