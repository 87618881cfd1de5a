"""Blocks come in, the log goes on: blocklace, commits, epochs, as one node sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import crypto
from ..blocklace import Vertex
from ..blocks import Block, header_of
from ..chain import Followed
from ..commit import Decided
from ..decisions import Proposal
from ..epoch import begin_epoch
from ..errors import NotYet, PeerFault
from ..gossip.forks import FORK_EVERY_MS, Sake
from ..gossip.leaping import Landing
from ..gossip.vain import weigh_blob, weigh_block
from ..ids import DeviceKey, MonoMs, OpId, Round, TextId
from ..limits import FORKS_NAMED_PER_SLOT, FORKS_PER_SLOT
from ..ops import Join, Op, TextRef, about, texts_of
from ..receipts import Statement
from ..roots import compute_root
from ..steps import (
    Commit,
    Committed,
    EpochStarted,
    ForkFound,
    LeaptOver,
    OpFinal,
    OpLeaptOver,
    ProposalChanged,
    ProposalDecided,
    SaveBlock,
    SaveClosed,
    SaveCommit,
    SaveDropped,
    SaveEpoch,
    SaveErased,
    SaveFork,
    SaveLeap,
    SaveMissing,
    SaveProven,
    SaveReceipt,
    SaveText,
    SaveUnproven,
)
from .base import Base

PARTING_MS = 5_000  # what the last receipts need, over a slow network too


class Finalizing(Base):
    """Take blocks in and finalize what they decide."""

    def _receive_block(self, block: Block, sender: DeviceKey) -> None:
        """Take a block in, and those that waited for it."""
        lace, orphans = self.ledger.epoch.lace, self.sync.held.orphans
        if block.id in lace:
            vertex = lace.get(block.id)
            assert vertex is not None
            self.sync.frontiers.note_block(sender, vertex)
            return
        if block.id in orphans:
            orphans.brought(block.id, sender)
            return
        self._hear_root(block)
        if block.epoch in self.ledger.past:
            return
        if block.epoch != self.ledger.epoch.id:
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
                self.manners.refuse(carrier, fault)
                continue
            if not self._has_room(vertex):
                if orphans.is_wanted(one.id):  # it may have room later
                    self.sync.wants.want((one.id,), carrier, one.author, self._now.mono_ms)
                continue
            self._add(vertex, carrier)
            work.extend(orphans.release(one.id))

    def _has_room(self, vertex: Vertex) -> bool:
        """Return whether a block is one of the first two of its slot, or needed all the same.

        Two prove the fork (R2.19). More only for what they decide, as somebody may have gone on by
        it, and for the sake of those who may have built on them before they knew better: not of
        their own author, nor of anybody who has forked, but slowly. For by those, too, something
        may hang that decides. Beyond so many bytes all comes slowly.
        """
        block, orphans, now = vertex.block, self.sync.held.orphans, self._now.mono_ms
        author, size, paces = block.author, len(block.wire), self.sync.held.fork_paces
        count = self.ledger.epoch.lace.count_slot(block)
        if count == 0:
            return True
        is_telling = self.ledger.epoch.committer.is_telling(vertex)
        is_due = count < FORKS_PER_SLOT or is_telling
        if is_due and paces.has_bytes(author, Sake.OWN, size):
            return True
        is_within = count < FORKS_NAMED_PER_SLOT
        is_named = has_room = False
        for namer in orphans.find_namers(block, self.ledger.epoch.lace.forked):
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
                self.sync.pulls.search_again(MonoMs(now + FORK_EVERY_MS))
        return has_room

    def _hear_root(self, block: Block) -> None:
        """Compare what a member's block says is final, whatever epoch it is of (R7.13).

        Who is in another log is in other epochs, too: no block of theirs may ever be valid here.
        """
        seat = self.ledger.state.charter.by_device(block.device)
        if seat is not None and seat.id == block.author:
            self.alarms.compare(block.author, block.final_index, block.final_root)

    def _hold_future(self, block: Block, sender: DeviceKey) -> None:
        seat = self.ledger.state.charter.by_device(block.device)
        if seat is not None and seat.id == block.author and sender in self.sync.peers:
            self.sync.held.hold_future(
                block, sender
            )  # others' come by a pull, once they have a seat

    def _hold_orphan(self, block: Block, sender: DeviceKey) -> None:
        lace, orphans, now = self.ledger.epoch.lace, self.sync.held.orphans, self._now.mono_ms
        if lace.rival(block) is not None or orphans.rivals(block):
            lace.forked.add(block.author)
        missing = lace.missing_parents(block)
        gone = orphans.hold(block, missing, sender)
        if block.id not in gone:
            self.sync.wants.arrived(block.id)
            wanted = [one for one in missing if one not in orphans]
            self.sync.wants.want(wanted, sender, block.author, now)
        for one in gone:
            if one != block.id and orphans.is_wanted(one):
                self.sync.wants.want((one,), sender, block.author, now)

    def _add(self, vertex: Vertex, sender: DeviceKey | None) -> None:
        """Put a valid block into the blocklace and tell everyone concerned."""
        epoch, block = self.ledger.epoch, vertex.block
        rival = epoch.lace.add(vertex)
        self.sync.peers.vain.note_new(weigh_block(block))
        epoch.committer.add(vertex)
        epoch.pacer.on_block(vertex.author)
        self.sync.wants.arrived(vertex.id)
        self.sync.probe.on_progress()
        is_own = vertex.author == epoch.me and sender is None
        self._writes.append(SaveBlock(block, epoch.number, own=is_own))
        if rival is not None:
            self._writes.append(SaveFork(header_of(rival.block), header_of(block)))
            self._notices.append(ForkFound(block.author, block.round, rival.id, block.id))
            self.accuser.found(rival.block, block)
        for op in block.ops:
            self._take_block_op(op, block.round, sender)
        if sender is not None:
            self.sightings.note(block.device, self._now.mono_ms)
            self.sync.frontiers.note_block(sender, vertex)
        self.sync.pushes.push_block(vertex, sender)

    def _take_block_op(self, op: Op, round_: Round, sender: DeviceKey | None) -> None:
        if op.device == self.me.device:
            self.own_ops.nonce = max(self.own_ops.nonce, op.nonce)
            if (
                self.ledger.state.next_nonce(op.device) <= op.nonce
                and self.ledger.state.may_author(op) == "ok"
            ):
                self.fates.wait_for(op)  # said before this store was
        if self.ledger.state.next_nonce(op.device) > op.nonce:
            return
        entry = self.pool.get(op.id)
        if entry is None:
            if self.ledger.state.may_author(op) != "ok":
                return  # the log will say so, if it gets there
            try:
                size = self._check_share(op)
                self.pool.add(op, self.ledger.state.payer_of(op), self._now.mono_ms, size=size)
            except PeerFault:
                # A block is valid whatever ops it carries; the log takes it from there. But no
                # rounds are made for the sake of what is far over its author's share.
                return
            entry = self.pool.get(op.id)
            self._note_texts(op, {}, sender)
            self.provisional.add(op)
        if entry is not None:
            entry.carried = round_ if entry.carried is None else min(entry.carried, round_)

    def _check_share(self, op: Op) -> int:
        """Return what an op takes of its payer's share (R10.24).

        Raises:
            PeerFault: `limit_bytes`: it is over two shares.
        """
        # Two: by the clock of its author, and at the commit, more may be left than now; and up
        # to so much the log takes to refuse it.
        size, share = (
            self.pool.cost_of(op, self.ledger.state),
            self.ledger.state.charter.rules.bytes_per_day,
        )
        payer = self.ledger.state.payer_of(op)
        left = self.ledger.state.bytes_left(payer, self._now.wall_ms)
        self.pool.check_bytes(payer, size, share + left)
        return size

    def _note_texts(
        self, op: Op, texts: dict[TextId, bytes], sender: DeviceKey | None
    ) -> tuple[bytes, ...]:
        """Save the texts that came with an op, ask for those that did not."""
        held: list[bytes] = []
        seat = self.ledger.seat_of(op)
        for ref in texts_of(op.body):
            blob = texts.get(ref.id)
            if self.ledger.state.erased_by(ref.id) is not None:
                continue
            if blob is not None:
                self._writes.append(SaveText(ref.id, blob))
                self.sync.peers.vain.note_new(weigh_blob(blob))
                held.append(blob)
            else:
                self.sync.texts.miss(ref, about(op), seat, op.id)
                if sender is not None:
                    self.sync.wants.want((ref.id,), sender, seat, self._now.mono_ms)
        return tuple(held)

    def _take_texts(self, blobs: Iterable[bytes]) -> None:
        for blob in blobs:
            text = crypto.compute_text_id(blob)
            if text in self.sync.texts.missing:
                fits, proposal = self.sync.found_text(text, blob)
                if not fits:
                    continue  # R2.22; the liar is whose op asks for it, not who brings it
                self._writes.append(SaveText(text, blob))
                self.sync.peers.vain.note_new(weigh_blob(blob))
                if proposal is not None:
                    self._notices.append(ProposalChanged(proposal))

    def _commit_all(self) -> None:
        """Finalize whatever is decided, over as many epochs as end by it."""
        while True:
            number = self.ledger.epoch.number
            for decided in self.ledger.epoch.committer.advance(self.ledger.state):
                self._commit(decided)
                if self.ledger.epoch.number != number:
                    break  # R6.2: later slots of the epoch are void
            if self.ledger.epoch.number == number:
                return

    def _commit(self, decided: Decided) -> None:
        epoch, block = self.ledger.epoch, decided.block
        if block is None:
            return
        ops: dict[OpId, Op] = {}
        for vertex in decided.history:
            for op in vertex.block.ops:
                ops.setdefault(op.id, op)
        time_ms = decided.time_ms
        result = self.ledger.state.commit(tuple(ops.values()), time_ms)
        closings = tuple((one.id, one.outcome, one.record_hash) for one in result.decided)
        root = compute_root(
            self.me.community,
            self.ledger.final_root,
            epoch.id,
            block.round,
            block.block.author,
            block.id,
            time_ms,
            result.entries,
            closings,
        )
        self.ledger.append(root)
        commit = Commit(
            self.ledger.final_index,
            epoch.number,
            block.round,
            block.block.author,
            block.id,
            time_ms,
            self.ledger.final_root,
            result.entries,
            closings,
        )
        self._writes.append(SaveCommit(commit, result.ops, result.taken))
        self._writes.extend(SaveClosed(one) for one in result.decided)
        self._miss_texts_of_taken(result.taken)
        for text in result.erased:
            self._writes.append(SaveErased(text))
            self.sync.forget_text(text)
        for op_id, text in result.dropped:
            self._writes.append(SaveDropped(op_id, text))
            self.sync.drop_text(text, op_id)
        epoch.pacer.on_commit()
        self._after_commit(commit, ops.values(), result.ops)
        epoch.ops += len(result.entries)
        ends = result.ends_epoch or epoch.is_full(block.round)
        if ends:
            self._end_epoch(block)
        elif result.charter_changed:
            self._review_peers()  # a device key was bound or revoked
        if (ends or closings) and self.ledger.final_index > self._stored_index:  # R8.2
            following = self.ledger.epoch.id if ends else None
            statement = Statement(
                epoch.id, self.ledger.final_index, self.ledger.final_root, following
            )
            self._writes.append(SaveUnproven(statement))
            self.proofs.expect(
                statement, epoch.committee.keys, epoch.committee.quorum, self._now.mono_ms
            )
            self._sign_receipts()

    def _miss_texts_of_taken(self, taken: Iterable[Op]) -> None:
        """Ask for the texts of ops that this node did not keep before the log took them.

        Their key may have got its seat in a commit that came together with their block.
        """
        for op in taken:
            if op.id in self.pool or op.id in self.fates:
                continue
            self._note_texts(op, {}, None)
            for ref in texts_of(op.body):
                for peer in self.sync.peers.greeted():
                    self.sync.wants.want(
                        (ref.id,), peer.device, self.ledger.seat_of(op), self._now.mono_ms
                    )

    def _after_commit(self, commit: Commit, output: Iterable[Op], applied: Sequence[Op]) -> None:
        gone = self.pool.drop_final(self.ledger.state, {op.device for op in (*output, *applied)})
        for op in output:
            entry = self.pool.get(op.id)
            if entry is None:
                continue
            entry.carried = None  # it waits for an earlier nonce …
            is_next = self.ledger.state.next_nonce(op.device) == op.nonce
            if (
                is_next
                or not self.ledger.state.has_seat(op.device)
                or self.ledger.state.joins_again(op)
            ):
                self.pool.drop(op.id)  # … or its author may not speak: no reason for more blocks
                gone.append(op)
        self._drop_texts(gone, {op.id for op in applied})
        if commit.entries or commit.decided:
            self.provisional.is_stale = True
            self._notices.append(Committed(commit.index, len(commit.entries), commit.time_ms))
        for op_id, code in commit.entries:
            self._notices.append(OpFinal(op_id, code))
        for op, (op_id, code) in zip(applied, commit.entries, strict=True):
            if self.fates.is_own(op):
                self.own_ops.tell_fate(op_id, code, commit.index, commit.time_ms)
                if code != "ok" and isinstance(op.body, Join):
                    self.fates.refuse(op)
        self.own_ops.review()
        for op in applied:
            changed = about(op)
            if changed is not None:
                self._notices.append(ProposalChanged(changed))
        for proposal, outcome, _record in commit.decided:
            self._notices.append(ProposalDecided(proposal, outcome))

    def _drop_texts(self, gone: Iterable[Op], entered: set[OpId]) -> None:
        """Forget the texts of ops that left the pool and that the log did not take (R10.24)."""
        lost = [op for op in gone if op.id not in entered and not self.fates.is_own(op)]
        if not lost:
            return
        kept = {op.id for op in (*self.ledger.state.waiting(), *self.ledger.state.parked())}
        for op in lost:
            for ref in texts_of(op.body) if op.id not in kept else ():
                self._writes.append(SaveDropped(op.id, ref.id))
                self.sync.drop_text(ref.id, op.id)

    def _end_epoch(self, last: Vertex) -> None:
        """End the epoch with the commit of `last` and begin the next (§6)."""
        self.ledger.state.begin_epoch()
        record = begin_epoch(
            self.ledger.epoch.record,
            self.ledger.state,
            last.round,
            last.block.author,
            self.ledger.final_index,
            self.ledger.final_root,
        )
        self._enter_epoch(record)

    def _land(self, landing: Landing, *, is_shown: bool) -> None:
        """Take over a state that a leap has proved, and go on from there (R7.17).

        Args:
            is_shown: that the log which led there goes on from what is final here.
        """
        left = self.ledger.epoch.number
        known = len(self.ledger.state.closed_proposals)
        noted = self._noted_texts()
        held = {ref for ref, _op in noted if ref.id not in self.sync.texts.missing}
        for followed in landing.passed:
            self._save_link(followed)
        self._writes.extend(SaveClosed(one) for one in landing.closed)
        record = landing.record
        self.ledger.leap(landing.state, record)
        self.own_ops.nonce = max(
            self.own_ops.nonce, self.ledger.state.next_nonce(self.me.device) - 1
        )
        self._notices.append(LeaptOver(left, record.number, record.genesis_index, is_shown))
        for entry in list(self.pool):
            if self.ledger.state.next_nonce(entry.op.device) > entry.op.nonce:
                self._notices.append(OpLeaptOver(entry.op.id))
                self.pool.drop(entry.op.id)
        self.own_ops.review(has_leapt=True)
        self._enter_epoch(record)
        pending = (entry.op for entry in self.pool)
        coming = {
            op.id for op in (*self.ledger.state.waiting(), *self.ledger.state.parked(), *pending)
        }
        for ref, op in noted:  # whatever the new state needs of these is asked for again below
            if op not in coming:
                self.sync.drop_text(ref.id, op)
        for closed in self.ledger.state.closed_proposals[known:]:
            self._notices.append(ProposalDecided(closed.id, closed.outcome))
            self._notices.append(ProposalChanged(closed.id))
            self._miss_texts_of(Proposal.from_bytes(closed.record), held)
        for proposal in self.ledger.state.open_proposals:
            self._notices.append(ProposalChanged(proposal.id))
            self._miss_texts_of(proposal, held)
        for text in self.ledger.state.erased:
            self._writes.append(SaveErased(text))
            self.sync.forget_text(text)
        self.leaps.landed()

    def _save_link(self, followed: Followed) -> None:
        link = followed.link
        statement = link.receipts.statement
        self._writes.append(
            SaveLeap(
                followed.number,
                followed.id,
                followed.index,
                followed.root,
                link.round,
                link.author,
                followed.charter,
                link.state_hash,
            )
        )
        self._writes.append(SaveUnproven(statement))
        self._writes.extend(SaveReceipt(one, own=False) for one in link.receipts.receipts)
        self._writes.append(SaveProven(statement.index))

    def _noted_texts(self) -> set[tuple[TextRef, OpId]]:
        """Return the texts of what is open or not final yet, and by which op each is needed.

        They are held here, or asked for already.
        """
        state = self.ledger.state
        pending = (entry.op for entry in self.pool)
        # Blocks bring more than the pool takes, and go with their epoch.
        in_blocks = (
            op
            for vertex in self.ledger.epoch.lace
            for op in vertex.block.ops
            if op.nonce >= state.next_nonce(op.device)
        )
        ops = (*state.waiting(), *state.parked(), *pending, *in_blocks)
        noted = {(ref, op.id) for op in ops for ref in texts_of(op.body)}
        noted.update(pair for one in state.open_proposals for pair in one.texts)
        return noted

    def _miss_texts_of(self, proposal: Proposal, held: set[TextRef]) -> None:
        """Ask for the texts that a proposal refers to and that are not held here.

        Its ops did not come this way.
        """
        for ref, op in proposal.texts:
            if self.ledger.state.erased_by(ref.id) is not None:
                continue
            self._writes.append(SaveMissing(ref, op))
            if ref not in held:
                self.sync.texts.miss(ref, proposal.id, proposal.author, op)
                for peer in self.sync.peers.greeted():
                    self.sync.wants.want((ref.id,), peer.device, b"", self._now.mono_ms)

    def _enter_epoch(self, record: SaveEpoch) -> None:
        """Leave the epoch for the one in `record`, with which the state has begun already."""
        charter = self.ledger.state.charter
        self.ledger.leave()
        self._writes.append(record)
        self.rebuilds.begin_epoch()
        self.ledger.enter(record)
        self.own_seat.refusals.clear()
        self.sightings.keep_seats(charter)
        self.sync.hearsay.forget(lambda device: charter.by_device(device) is not None)
        self._notices.append(
            EpochStarted(record.number, len(charter.members), len(self.ledger.epoch.committee))
        )
        self.pool.carry_over()
        self._drop_texts(self.pool.drop_unauthored(self.ledger.state), set())
        self.own_ops.review()
        self.provisional.is_stale = True
        self._ticks = 0
        self.sync.begin_epoch(record.number, self.ledger.epoch.lace)
        self.proofs.begin_epoch(self.ledger.final_index, charter)
        self._review_peers()
        status, known = self.status(), self._known_contacts()
        for peer in self.sync.peers.greeted():
            self.sync.peers.tell_status(peer, lambda: status)
            self._tell_contacts(peer, known)  # seats may be new: now they may be dialled
        for block, sender in self.sync.held.take_future():
            try:
                self._receive_block(block, sender)
            except PeerFault as fault:
                self.manners.refuse(sender, fault)

    def _review_peers(self) -> None:
        """Seats changed: whose connection is it now, and is it still welcome?"""
        self._tell_early_contacts()
        self._greet_the_known()
        for peer in self.sync.peers.greeted():
            seat = self.ledger.state.charter.by_device(peer.device)
            was = peer.member
            peer.member = None if seat is None else seat.id
            if seat is not None:
                peer.invite = None  # it needs none any more
            if seat is not None or self.ledger.member is None:
                peer.part_at = None
            elif was is not None and self.ledger.state.charter.member(was) is not None:
                self.manners.cut(peer.device, "not_a_member", "the key was taken off its seat")
            elif was is not None:
                # Not at once: how its last epoch ended takes its receipt as well.
                peer.part_at = MonoMs(self._now.mono_ms + PARTING_MS)

    def _part(self) -> None:
        """End the connections to those who have no seat any more, or cannot get one (R7.9)."""
        for peer in self.sync.peers.greeted():
            is_over = peer.invite is not None and self.ledger.state.is_invite_over(peer.invite)
            if is_over and peer.part_at is None:
                # Not at once: the log that it gets here tells it what became of the invite.
                peer.part_at = MonoMs(self._now.mono_ms + PARTING_MS)
            if peer.part_at is None or peer.part_at > self._now.mono_ms:
                continue
            if is_over:
                self.manners.cut(peer.device, "invite_over", "the invite opens no seat any more")
            else:
                self.manners.cut(peer.device, "not_a_member", "the seat or the key was taken off")
