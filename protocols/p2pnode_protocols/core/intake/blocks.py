"""Blocks come in: into the blocklace, or to wait, or refused (docs/protocol.md §2, §7)."""

from __future__ import annotations

from ...agreement.blocklace import Vertex
from ...agreement.blocks import Block, header_of
from ...gossip.peers.vain import weigh_block
from ...gossip.shares.forks import FORK_EVERY_MS, Sake
from ...gossip.sync import Sync
from ...steps.notices import ForkFound
from ...steps.writes import SaveBlock, SaveFork
from ...wire.errors import NotYet, PeerFault
from ...wire.ids import DeviceKey, MonoMs
from ...wire.limits import FORKS_NAMED_PER_SLOT, FORKS_PER_SLOT
from ..clock import Clock
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..own.accuser import Accuser
from ..peers.alarms import Alarms
from ..peers.manners import Manners
from ..peers.sightings import Sightings
from .ops import OpIntake


class Intake:
    """What a block meets on its way into the blocklace, and what follows for it at once."""

    def __init__(
        self,
        ledger: Ledger,
        sync: Sync,
        op_intake: OpIntake,
        accuser: Accuser,
        sightings: Sightings,
        alarms: Alarms,
        manners: Manners,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._ledger = ledger
        self._peers = sync.peers
        self._frontiers = sync.frontiers
        self._pushes = sync.pushes
        self._pulls = sync.pulls
        self._held = sync.held
        self._wants = sync.wants
        self._probe = sync.probe
        self._op_intake = op_intake
        self._accuser = accuser
        self._sightings = sightings
        self._alarms = alarms
        self._manners = manners
        self._now = now
        self._writes = out.writes
        self._notices = out.notices

    def receive(self, block: Block, sender: DeviceKey) -> None:
        """Take a block in, and those that waited for it."""
        lace, orphans = self._ledger.epoch.lace, self._held.orphans
        if block.id in lace:
            vertex = lace.get(block.id)
            assert vertex is not None
            self._frontiers.note_block(sender, vertex)
            return
        if block.id in orphans:
            orphans.brought(block.id, sender)
            return
        self._hear_root(block)
        if block.epoch in self._ledger.past:
            return
        if block.epoch != self._ledger.epoch.id:
            self._hold_future(block, sender)
            return
        work = [(block, sender)]
        while work:
            one, carrier = work.pop()
            if one.id in lace:
                continue
            try:
                vertex = lace.check(one)
            except NotYet:
                self._hold_orphan(one, carrier)
                continue
            except PeerFault as fault:
                orphans.drop(one.id)
                self._manners.refuse(carrier, fault)
                continue
            if not self._has_room(vertex):
                if orphans.is_wanted(one.id):  # it may have room later
                    self._wants.want((one.id,), carrier, one.author, self._now.mono_ms)
                continue
            self.add(vertex, carrier)
            work.extend(orphans.release(one.id))

    def _has_room(self, vertex: Vertex) -> bool:
        """Return whether a block is one of the first two of its slot, or needed all the same.

        Two prove the fork (R2.19). More only for what they decide, as somebody may have gone on by
        it, and for the sake of those who may have built on them before they knew better: not of
        their own author, nor of anybody who has forked, but slowly. For by those, too, something
        may hang that decides. Beyond so many bytes all comes slowly.
        """
        block, orphans, now = vertex.block, self._held.orphans, self._now.mono_ms
        author, size, paces = block.author, len(block.wire), self._held.fork_paces
        count = self._ledger.epoch.lace.count_slot(block)
        if count == 0:
            return True
        is_telling = self._ledger.epoch.committer.is_telling(vertex)
        is_due = count < FORKS_PER_SLOT or is_telling
        if is_due and paces.has_bytes(author, Sake.OWN, size):
            return True
        is_within = count < FORKS_NAMED_PER_SLOT
        is_named = has_room = False
        for namer in orphans.find_namers(block, self._ledger.epoch.lace.forked):
            # Honest blocks may stand on any number when several lie. So beyond a bound there is
            # no end to it, but a pace; of each, so that no other uses it up.
            is_named = True
            has_room = is_within and paces.has_bytes(namer, Sake.NAMER, size)
            has_room = has_room or paces.may_exceed(namer, Sake.NAMER, size, now)
            if has_room:
                break
        if not is_named and is_within and orphans.is_wanted(block.id):
            has_room = paces.may_exceed(author, Sake.WANTED, size, now)
        if not has_room and is_telling:
            has_room = paces.may_exceed(author, Sake.OWN, size, now)
            if not has_room:
                self._pulls.search_again(MonoMs(now + FORK_EVERY_MS))
        return has_room

    def _hear_root(self, block: Block) -> None:
        """Compare what a member's block says is final, whatever epoch it is of (R7.13).

        Who is in another log is in other epochs, too: no block of theirs may ever be valid here.
        """
        seat = self._ledger.state.charter.by_device(block.device)
        if seat is not None and seat.id == block.author:
            self._alarms.compare(block.author, block.final_index, block.final_root)

    def _hold_future(self, block: Block, sender: DeviceKey) -> None:
        seat = self._ledger.state.charter.by_device(block.device)
        if seat is not None and seat.id == block.author and sender in self._peers:
            self._held.hold_future(block, sender)  # others' come by a pull, once they have a seat

    def _hold_orphan(self, block: Block, sender: DeviceKey) -> None:
        lace, orphans, now = self._ledger.epoch.lace, self._held.orphans, self._now.mono_ms
        if lace.rival(block) is not None or orphans.has_rival(block):
            lace.forked.add(block.author)
        missing = lace.missing_parents(block)
        gone = orphans.hold(block, missing, sender)
        if block.id not in gone:
            self._wants.arrived(block.id)
            wanted = [one for one in missing if one not in orphans]
            self._wants.want(wanted, sender, block.author, now)
        for one in gone:
            if one != block.id and orphans.is_wanted(one):
                self._wants.want((one,), sender, block.author, now)

    def add(self, vertex: Vertex, sender: DeviceKey | None) -> None:
        """Put a valid block into the blocklace and tell everyone concerned."""
        epoch, block = self._ledger.epoch, vertex.block
        rival = epoch.lace.add(vertex)
        self._peers.vain.note_new(weigh_block(block))
        epoch.committer.add(vertex)
        epoch.pacer.on_block(vertex.author)
        self._wants.arrived(vertex.id)
        self._probe.on_progress()
        is_own = vertex.author == epoch.me and sender is None
        self._writes.append(SaveBlock(block, epoch.number, own=is_own))
        if rival is not None:
            self._writes.append(SaveFork(header_of(rival.block), header_of(block)))
            self._notices.append(ForkFound(block.author, block.round, rival.id, block.id))
            self._accuser.found(rival.block, block)
        for op in block.ops:
            self._op_intake.take_from_block(op, block.round, sender)
        if sender is not None:
            self._sightings.note(block.device, self._now.mono_ms)
            self._frontiers.note_block(sender, vertex)
        self._pushes.push_block(vertex, sender)
