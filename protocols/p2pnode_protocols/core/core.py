"""The core: one node's protocol, whole and without side effects.

`Core.handle(input, now)` takes one fact and returns one `Step` (see `steps`). The
same code runs in the daemon, in the simulator and in programs that embed it. Each part keeps
what it decides about; here is only how they are put together, and in which order they act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..gossip.asking.texts import NO_SEAT
from ..gossip.leaping.leaps import Leaps
from ..gossip.proofs import Proofs
from ..gossip.sync import Sync
from ..messages.standing import Status
from ..record.ops import Op
from ..record.seam.in_force import NO_PRACTICES, Practices
from ..record.state import State
from ..record.views.preview import Preview
from ..steps.inputs import (
    ApplyRebuild,
    Batch,
    HurryUp,
    Input,
    Now,
    PeerDown,
    PeerUp,
    Received,
    SignRebuild,
    Submit,
    TextsMissing,
    Tick,
    WithdrawRebuild,
    Written,
)
from ..steps.notices import ProposalChanged
from ..steps.restored import Restored
from ..steps.step import Step
from ..wire import crypto
from ..wire.ids import CommunityId, DeviceKey, MemberId, MonoMs, OpId, WallMs
from ..wire.limits import OPS_PER_MINUTE, PULL_BYTES
from .answering import Answering
from .clock import Clock
from .finalizing.epochs import Epochs
from .finalizing.finalizer import Finalizer
from .finalizing.landing import Lander
from .finalizing.prover import Prover
from .finalizing.rebuilder import Rebuilder
from .identity import Identity
from .intake.blocks import Intake
from .intake.ops import OpIntake
from .intake.texts import Texts
from .log.epoch import Epoch
from .log.finality import Finality, compute_finality, find_gone_on, find_silent
from .log.ledger import Ledger
from .log.rebuilds import Rebuilds
from .maker import Maker
from .outbox import Outbox
from .own.accuser import Accuser
from .own.chain import OwnChain
from .own.hurrying import Hurrying
from .own.ops import OwnOps
from .own.seat import OwnSeat
from .own.speaker import Speaker
from .peers.alarms import Alarms
from .peers.contacts import ContactBook
from .peers.greeting import Greeting
from .peers.manners import Manners
from .peers.sightings import Sightings
from .peers.standing import Standing
from .pending.agenda import Agenda
from .pending.pool import Pool
from .pending.provisional import Provisional
from .replaying import replay

LONGEST_WAIT_MS = 3_600_000  # look again at least hourly: wall clocks jump

Work = Callable[[], object]


class Core:
    """One node's view of one community.

    Args:
        community: hash of the founding charter; `restored` must belong to it.
        signer: this device's key.
        restored: what the store holds; at least the founding epoch (`log.epoch.found_epoch`).
        admission: for a joiner not yet a member: invite key and its TAG_ADMIT signature.
        hosts: for a joiner, the devices its invite names: whom it trusts to be members.
        agent: software name and version, told to peers.
        ops_per_minute: of one member, taken from peers; its first ones are free.
        pull_bytes: of blocks, asked for in one pull, and of closed proposals; up to `PULL_BYTES`.
        practices: that this program has, beside `core`.
    """

    def __init__(
        self,
        community: CommunityId,
        signer: crypto.Signer,
        restored: Restored,
        now: Now,
        *,
        admission: tuple[DeviceKey, bytes] | None = None,
        hosts: frozenset[DeviceKey] = frozenset(),
        agent: str = "",
        ops_per_minute: int = OPS_PER_MINUTE,
        pull_bytes: int = PULL_BYTES,
        verify: crypto.Verify = crypto.verify_ed25519,
        may_leap: bool = True,
        practices: Practices = NO_PRACTICES,
    ) -> None:
        self.community, self.device = community, signer.device
        self._now = clock = Clock(now)
        self._out = out = Outbox()
        self.me = me = Identity.of(community, signer, verify, practices)
        self.ledger = ledger = Ledger(me, restored)
        self.pool = pool = Pool(ops_per_minute)

        # What passes between peers.
        self.sync = sync = Sync(me.device, out.sends, pull_bytes)
        sync.begin_epoch(restored.epoch.number, ledger.epoch.lace)
        for missing in restored.missing_texts:
            sync.miss_text(missing, None, NO_SEAT)
        self.proofs = proofs = Proofs(sync.peers, out.writes, out.notices)
        proofs.give_up(ledger.past)
        self.leaps = leaps = Leaps(
            sync.peers, sync.pulls, community, verify, is_allowed=may_leap, piece_bytes=pull_bytes
        )

        # What this node keeps, and watches over.
        self.accuser = accuser = Accuser(me.device)
        for first, second in restored.forks:
            accuser.found(first, second)
        self.alarms = alarms = Alarms(ledger, out)
        self.manners = manners = Manners(ledger, sync, clock, out)
        self.sightings = sightings = Sightings()
        self.rebuilds = rebuilds = Rebuilds(restored, ledger, sync.peers, out)
        self.provisional = provisional = Provisional(ledger, pool, clock, out)
        self.own_ops = own_ops = OwnOps(me, restored, ledger, pool, clock, out)
        self.fates = fates = own_ops.fates
        self.own_seat = own_seat = OwnSeat(ledger, sync.peers, sync.frontiers, own_ops, clock)
        self.texts = texts = Texts(ledger, sync, pool, fates, clock, out)
        self.agenda = agenda = Agenda(ledger, sync.peers, pool, provisional, clock)

        # What is said to peers of all this.
        self.contacts = contacts = ContactBook(me, ledger, sync, manners, out)
        self.hurrying = hurrying = Hurrying(ledger, sync.peers, pool, fates, rebuilds, clock)
        self.standing = standing = Standing(
            ledger, sync, pool, proofs, rebuilds, hurrying, alarms, manners, clock
        )
        self.greeting = greeting = Greeting(
            me,
            ledger,
            sync,
            contacts,
            standing,
            proofs,
            own_seat,
            manners,
            clock,
            out,
            admission=admission,
            hosts=hosts,
            agent=agent,
        )
        self.prover = prover = Prover(me, ledger, proofs, alarms, clock, out)

        # What comes in, and how the log goes on by it.
        self.op_intake = op_intake = OpIntake(
            me, ledger, sync, pool, own_ops, texts, provisional, clock, out
        )
        self.intake = intake = Intake(
            ledger, sync, op_intake, accuser, sightings, alarms, manners, clock, out
        )
        self.epochs = epochs = Epochs(
            ledger,
            sync,
            pool,
            proofs,
            rebuilds,
            own_seat,
            own_ops,
            sightings,
            texts,
            provisional,
            agenda,
            standing,
            contacts,
            greeting,
            manners,
            intake,
            clock,
            out,
        )
        self.finalizer = finalizer = Finalizer(
            me,
            restored,
            ledger,
            sync,
            pool,
            own_ops,
            texts,
            provisional,
            proofs,
            prover,
            epochs,
            clock,
            out,
        )
        self.lander = lander = Lander(
            me, ledger, sync, pool, own_ops, texts, leaps, epochs, alarms, clock, out
        )

        # What this node signs.
        self.own_chain = own_chain = OwnChain(
            me, restored, ledger, sync, pool, own_ops, rebuilds, leaps, clock, out
        )
        self.rebuilder = rebuilder = Rebuilder(
            me, ledger, sync.peers, proofs, rebuilds, sightings, own_chain, epochs, clock, out
        )
        self.maker = maker = Maker(
            me,
            ledger,
            sync.peers,
            pool,
            rebuilds,
            own_chain,
            agenda,
            provisional,
            intake,
            finalizer,
            clock,
        )
        self.speaker = speaker = Speaker(
            me,
            ledger,
            sync,
            pool,
            own_ops,
            own_chain,
            own_seat,
            provisional,
            hurrying,
            accuser,
            clock,
            out,
        )
        self.answering = Answering(
            ledger,
            sync,
            pool,
            texts,
            standing,
            contacts,
            greeting,
            hurrying,
            op_intake,
            intake,
            finalizer,
            prover,
            lander,
            rebuilder,
            manners,
            clock,
            out,
        )

        # What follows from any input, in this order, and why each stands where it does.
        self._order: tuple[tuple[Work, str], ...] = (
            (finalizer.commit_all, "all below looks at the log, and at the epoch that it is in"),
            (self._leap, "if this is the way on, nothing in between is asked for below"),
            (own_chain.work, "before anything is signed: whether this node may"),
            (speaker.say_support, "as soon as this device has a seat, and is its node"),
            (speaker.accuse, "before blocks are made, so that one can carry it"),
            (epochs.part, "before blocks are made: who has no seat any more gets none of them"),
            (maker.work, "with all that is final and said by now; what it makes may commit"),
            (provisional.refresh, "after the last commit of this step, so once for all of them"),
            (self._pull, "only for what is still missing, as the frontier stands now"),
            (self._prove, "receipts of this step's commits count already, and go out"),
            (self._want, "what came with the blocks above is missing no more"),
            (texts.read_more, "with what has come and was given up by now"),
            (speaker.push_again, "only what no block above carries"),
            (self._probe, "last: if nothing of this has brought this node on"),
        )
        self._works = tuple(work for work, _why in self._order)
        self._wakers: tuple[Callable[[], Iterable[MonoMs]], ...] = (
            sync.probe.wake_times,
            sync.pulls.wake_times,
            sync.wants.wake_times,
            proofs.wake_times,
            leaps.wake_times,
            accuser.wake_times,
            epochs.wake_times,
            maker.wake_times,
            provisional.wake_times,
            speaker.wake_times,
        )
        replay(
            restored,
            ledger,
            sync,
            pool,
            own_ops,
            intake,
            finalizer,
            proofs,
            prover,
            provisional,
            clock,
            out,
        )
        lander.note_contradictions(restored.contradictions)

    # --- one step ------------------------------------------------------------------------

    def handle(self, event: Input, now: Now) -> Step:
        """Take one fact in and return all that it caused.

        Raises:
            UsageError: only for what the local user asks: the rules do not allow it, and
                nothing changed.
        """
        self._now.set(now)
        self._out.notices.extend(self.provisional.look(now.wall_ms))
        accepted: Op | None = None
        match event:
            case Batch(events=events):  # first: what a running node is given
                for one in events:
                    self._take_in(one)
            case Submit():
                accepted = self.speaker.submit(event)
            case HurryUp():
                self.hurrying.hurry_own()
            case SignRebuild(rebuild=rebuild):
                self.rebuilder.sign(rebuild)
            case WithdrawRebuild():
                self.rebuilder.withdraw()
            case ApplyRebuild(rebuild=rebuild):
                self.rebuilder.apply(rebuild)
            case _:
                self._take_in(event)
        for work in self._works:
            work()
        return self._out.take(accepted, self._wake_at())

    def _take_in(self, event: PeerUp | PeerDown | Received | Written | TextsMissing | Tick) -> None:
        match event:
            case Received(peer=device, message=message):
                self.answering.received(device, message)
            case PeerUp(peer=device):
                self.greeting.peer_up(device)
            case PeerDown(peer=device):
                self._peer_down(device)
            case Written(peer=device):
                self.answering.on_written(device)
            case TextsMissing(texts=missing, until=until):
                self.texts.on_missing(missing, until)
            case Tick():
                pass

    def _peer_down(self, device: DeviceKey) -> None:
        # Of seats only: strangers may come with ever new keys.
        if self.ledger.state.charter.by_device(device) is None:
            self.contacts.addresses.pop(device, None)
        elif device in self.sync.peers.connected:
            self.sightings.note(device, self._now.mono_ms)
        if device not in self.ledger.epoch.committee.key_index:
            self.own_chain.forget(device)
        self.sync.lost(device)
        self.proofs.lost(device)
        self.leaps.lost(device)

    # --- what follows, where a part of gossip has to be told how things stand ---------------

    def _leap(self) -> None:
        ledger = self.ledger
        if ledger.lacking is not None:
            return
        closed = ledger.state.closed_count  # not the proposals: no step costs more for old ones
        self.leaps.work(ledger.epoch.record, closed, ledger.final_index, self._now.mono_ms)

    def _pull(self) -> None:
        undecided = self.ledger.epoch.committer.undecided_round
        may_ask = not self.leaps.is_instead_of_pulls
        self.sync.pulls.pull(self._now.mono_ms, self.ledger.final_index, undecided, may_ask=may_ask)

    def _prove(self) -> None:
        self.proofs.work(self.ledger.final_index, self._now.mono_ms)

    def _want(self) -> None:
        self.sync.wants.ask(self._now.mono_ms)

    def _probe(self) -> None:
        is_waiting = self.agenda.is_active() or self.standing.lags()
        is_waiting &= self.ledger.lacking is None
        self.sync.probe.probe(is_waiting, self.standing.status, self._now.mono_ms)

    def _wake_at(self) -> MonoMs:
        """Return when to look again, if nothing comes before."""
        now = self._now.mono_ms
        first = MonoMs(now + LONGEST_WAIT_MS)
        for wake_times in self._wakers:
            for at in wake_times():
                first = min(first, at)
        return max(first, MonoMs(now + 1))

    # --- what the shell may ask, beside what the parts say -----------------------------------

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

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where this node listens: told to peers, set by the shell."""
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

    def look(self, wall_ms: WallMs) -> tuple[ProposalChanged, ...]:
        """Judge what is not final at this moment; return what that changed (`Provisional.look`)."""
        return self.provisional.look(wall_ms)

    def status(self) -> Status:
        """Return where this node stands, as told to peers."""
        return self.standing.status()

    def due_at(self, op: OpId) -> WallMs | None:
        """Return when blocks are made for an op at the latest (`Agenda.due_at`)."""
        return self.agenda.due_at(op)

    def coming_ops(self) -> frozenset[OpId]:
        """Return the ops that this node keeps as they may still get into the log.

        What else is stored and was not taken is forgotten (R6.10): its author's node, if honest,
        has it and offers it again.
        """
        return frozenset(entry.op.id for entry in self.pool) | {op.id for op in self.fates}

    def finality(self) -> Finality:
        """Return what finality waits for now: whose node is reachable, whose is missing."""
        now, peers = self._now.mono_ms, self.sync.peers.greeted
        silent = find_gone_on(peers, self.rebuilds.heard.keys())
        if self.own_chain.is_settled and self.rebuilds.vow is None and self.agenda.is_active():
            silent = silent | find_silent(self.ledger.epoch, peers, self.maker.made_at, now)
        return compute_finality(
            self.ledger.epoch,
            self.sync.peers.connected,
            self.device,
            self.own_chain.is_settled,
            is_held=self.rebuilds.vow is not None,
            silent=silent,
        )
