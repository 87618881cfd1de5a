"""Whether this node makes a block now, and what it carries (docs/protocol.md R4, R5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..agreement.blocks import sign_block
from ..gossip.peers.peers import Peers
from ..wire.ids import MAX_MS, MonoMs, Round
from .clock import Clock
from .finalizing.finalizer import Finalizer
from .identity import Identity
from .intake.blocks import Intake
from .log.ledger import Ledger
from .log.pacer import Pace
from .log.rebuilds import Rebuilds
from .own.chain import OwnChain
from .pending.agenda import Agenda
from .pending.pool import Pool
from .pending.provisional import Provisional


class Maker:
    """Make this node's own blocks."""

    def __init__(
        self,
        me: Identity,
        ledger: Ledger,
        peers: Peers,
        pool: Pool,
        rebuilds: Rebuilds,
        own_chain: OwnChain,
        agenda: Agenda,
        provisional: Provisional,
        intake: Intake,
        finalizer: Finalizer,
        now: Clock,
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._peers = peers
        self._pool = pool
        self._rebuilds = rebuilds
        self._own_chain = own_chain
        self._agenda = agenda
        self._provisional = provisional
        self._intake = intake
        self._finalizer = finalizer
        self._now = now
        self.made_at = now.mono_ms  # its last block, or its start
        self.make_block: Callable[[Round], None] = self._make_block  # a liar of tests has its own
        self._pace = Pace()

    def work(self) -> None:
        """Make every block that is due."""
        self._pace = self._make_blocks()

    def _make_blocks(self) -> Pace:
        """Make every block that is due; return what the pacer waits for."""
        while True:
            epoch, now = self._ledger.epoch, self._now.mono_ms
            if not self._rebuilds.makes_blocks or not self._own_chain.is_settled:  # R6.12
                return Pace()
            if self._ledger.lacking is not None:  # R6.20
                return Pace()
            assert epoch.me is not None
            ops_at = self._agenda.ops_due_at()
            for_ops = ops_at is not None and ops_at <= now
            deadline = self._agenda.deadline_at()
            for_deadline = deadline is not None and deadline <= now
            reached = epoch.others_reached()
            if not for_ops and not for_deadline and epoch.made >= reached:
                return Pace()
            if epoch.time_for(self._now.wall_ms) > MAX_MS:
                return Pace()  # who has our key signed the last time there is: none can follow
            pace = epoch.pacer.next_round(
                epoch.lace, epoch.me, epoch.attending(self._peers.connected), now
            )
            if pace.round is None:
                return pace
            if not for_ops and not for_deadline and pace.round > reached:
                return Pace()  # others have what they need from this node
            if for_deadline and not for_ops:
                self._agenda.count_tick()
            self.make_block(pace.round)
            self._finalizer.commit_all()

    def _make_block(self, round_: Round) -> None:
        epoch = self._ledger.epoch
        assert epoch.me is not None
        parents = epoch.parents_for(round_)
        ids = tuple(parent.id for parent in parents) if round_ > 1 else None
        ops = self._pool.select(
            self._ledger.state,
            round_,
            self._agenda.deferred(),
            set(self._provisional.preview.changed),
            self._now.mono_ms - self._agenda.linger().patience_ms,
        )
        block = sign_block(
            self._me.community,
            self._me.signer,
            epoch=epoch.id,
            author=epoch.committee.members[epoch.me],
            sequence=epoch.sequence_after(parents),
            round_=round_,
            time_ms=epoch.time_for(self._now.wall_ms),
            parents=ids if ids is not None else (epoch.genesis,),
            ops=ops,
            final_index=self._ledger.final_index,
            final_root=self._ledger.final_root,
        )
        self.made_at = self._now.mono_ms
        self._pool.carry_anew(ops)
        vertex = epoch.lace.check(block)
        self._intake.add(vertex, None)
        epoch.cover(vertex)

    def wake_times(self) -> Iterable[MonoMs]:
        """Yield when the pacer, or this node's own chain, or what is due wants another look."""
        if self._pace.wake_at is not None:
            yield self._pace.wake_at
        if self._ledger.epoch.me is None:
            return
        now = self._now.mono_ms
        if not self._own_chain.is_settled:
            if self._own_chain.settle_at > now:
                yield self._own_chain.settle_at
            return
        for at in self._agenda.coming:  # the last part of a step has looked
            if at is not None and at > now:
                yield at
