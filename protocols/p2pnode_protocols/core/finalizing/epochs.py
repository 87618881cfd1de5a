"""Going from one epoch to the next, and what that means for the peers here (§6)."""

from __future__ import annotations

from collections.abc import Iterable

from ...gossip.proofs import Proofs
from ...gossip.sync import Sync
from ...steps.notices import EpochStarted
from ...steps.writes import SaveEpoch
from ...wire.errors import PeerFault
from ...wire.ids import MonoMs
from ..clock import Clock
from ..intake.blocks import Intake
from ..intake.texts import Texts
from ..log.ledger import Ledger
from ..log.rebuilds import Rebuilds
from ..outbox import Outbox
from ..own.ops import OwnOps
from ..own.seat import OwnSeat
from ..peers.contacts import ContactBook
from ..peers.greeting import Greeting
from ..peers.manners import Manners
from ..peers.sightings import Sightings
from ..peers.standing import Standing
from ..pending.agenda import Agenda
from ..pending.pool import Pool
from ..pending.provisional import Provisional

PARTING_MS = 5_000  # what the last receipts need, over a slow network too


class Epochs:
    """Entering an epoch in every part; reviewing whose connections go on."""

    def __init__(
        self,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        proofs: Proofs,
        rebuilds: Rebuilds,
        own_seat: OwnSeat,
        own_ops: OwnOps,
        sightings: Sightings,
        texts: Texts,
        provisional: Provisional,
        agenda: Agenda,
        standing: Standing,
        contacts: ContactBook,
        greeting: Greeting,
        manners: Manners,
        intake: Intake,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._ledger = ledger
        self._sync = sync
        self._peers = sync.peers
        self._held = sync.held
        self._hearsay = sync.hearsay
        self._pool = pool
        self._proofs = proofs
        self._rebuilds = rebuilds
        self._own_seat = own_seat
        self._own_ops = own_ops
        self._sightings = sightings
        self._texts = texts
        self._provisional = provisional
        self._agenda = agenda
        self._standing = standing
        self._contacts = contacts
        self._greeting = greeting
        self._manners = manners
        self._intake = intake
        self._now = now
        self._writes = out.writes
        self._notices = out.notices

    def enter(self, record: SaveEpoch) -> None:
        """Leave the epoch for the one in `record`, with which the state has begun already."""
        charter = self._ledger.state.charter
        self._ledger.leave()
        self._writes.append(record)
        self._rebuilds.begin_epoch()
        self._ledger.enter(record)
        self._own_seat.refusals.clear()
        self._sightings.keep_seats(charter)
        self._hearsay.forget(lambda device: charter.by_device(device) is not None)
        self._notices.append(
            EpochStarted(record.number, len(charter.members), len(self._ledger.epoch.committee))
        )
        self._pool.carry_over()
        self._texts.drop(self._pool.drop_unauthored(self._ledger.state), set())
        self._own_ops.review()
        self._provisional.is_stale = True
        self._agenda.begin_epoch()
        self._sync.begin_epoch(record.number, self._ledger.epoch.lace)
        self._proofs.begin_epoch(self._ledger.final_index, charter)
        self.review_peers()
        status, known = self._standing.status(), self._contacts.known()
        for peer in self._peers.greeted:
            self._peers.tell_status(peer, lambda: status)
            self._contacts.tell(peer, known)  # seats may be new: now they may be dialled
        for block, sender in self._held.take_future():
            try:
                self._intake.receive(block, sender)
            except PeerFault as fault:
                self._manners.refuse(sender, fault)

    def review_peers(self) -> None:
        """Seats changed: whose connection is it now, and is it still welcome?"""
        self._contacts.tell_early()
        self._greeting.greet_the_known()
        for peer in self._peers.greeted:
            seat = self._ledger.state.charter.by_device(peer.device)
            was = peer.member
            peer.member = None if seat is None else seat.id
            if seat is not None:
                peer.invite = None  # it needs none any more
            if seat is not None or self._ledger.member is None:
                peer.part_at = None
            elif was is not None and self._ledger.state.charter.member(was) is not None:
                self._manners.cut(peer.device, "not_a_member", "the key was taken off its seat")
            elif was is not None:
                # Not at once: how its last epoch ended takes its receipt as well.
                peer.part_at = MonoMs(self._now.mono_ms + PARTING_MS)

    def part(self) -> None:
        """End the connections to those who have no seat any more, or cannot get one (R7.9)."""
        for peer in self._peers.greeted:
            is_over = peer.invite is not None and self._ledger.state.is_invite_over(peer.invite)
            if is_over and peer.part_at is None:
                # Not at once: the log that it gets here tells it what became of the invite.
                peer.part_at = MonoMs(self._now.mono_ms + PARTING_MS)
            if peer.part_at is None or peer.part_at > self._now.mono_ms:
                continue
            if is_over:
                self._manners.cut(peer.device, "invite_over", "the invite opens no seat any more")
            else:
                self._manners.cut(peer.device, "not_a_member", "the seat or the key was taken off")

    def wake_times(self) -> Iterable[MonoMs]:
        """Return when connections are to end."""
        return [peer.part_at for peer in self._peers.greeted if peer.part_at is not None]
