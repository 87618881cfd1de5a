"""The texts of ops: kept with them, asked for, forgotten when nothing needs them."""

from __future__ import annotations

from collections.abc import Iterable

from ...gossip.asking.texts import NO_SEAT
from ...gossip.sync import Sync
from ...record.bodies import texts_of
from ...record.ops import Op, about
from ...record.questions.proposal import Proposal
from ...record.texts import TextRef
from ...steps.notices import ProposalChanged
from ...steps.step import ReadMissing
from ...steps.writes import SaveDropped, SaveMissing, SaveText
from ...wire import crypto
from ...wire.ids import DeviceKey, MonoMs, OpId, TextId
from ...wire.limits import MISSING_TEXTS
from ..clock import Clock
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..own.fates import Fates
from ..pending.pool import Pool

PAGE = MISSING_TEXTS // 2  # of what the store says is missing; there is room for one more then
READ_EVERY_MS = 1000
# Where there is no room all the same: nobody has what is asked for, or nobody is here.
READ_AGAIN_MS = 3_600_000
_FIRST = TextId(b"")


class Texts:
    """What people wrote, as far as ops of this node's log or pool refer to it."""

    def __init__(
        self,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        fates: Fates,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._ledger = ledger
        self._sync = sync
        self._peers = sync.peers
        self._wants = sync.wants
        self._missing = sync.texts
        self._pool = pool
        self._fates = fates
        self._now = now
        self._writes = out.writes
        self._notices = out.notices
        self._out = out
        # Which page of what is missing the store is asked for next, and when it was asked last.
        self._after = _FIRST
        self._read_ms: MonoMs | None = None

    def note(
        self, op: Op, texts: dict[TextId, bytes], sender: DeviceKey | None
    ) -> tuple[bytes, ...]:
        """Save the texts that came with an op, ask for those that did not."""
        held: list[bytes] = []
        seat = self._ledger.seat_of(op)
        for ref in texts_of(op.body):
            blob = texts.get(ref.id)
            if self._ledger.state.erased_by(ref.id) is not None:
                continue
            if blob is not None:
                self._writes.append(SaveText(ref.id, blob))
                self._peers.vain.note_new_text(blob)
                held.append(blob)
            else:
                self._sync.miss_text(ref, about(op), seat, op.id)
                if sender is not None:
                    self._wants.want((ref.id,), sender, seat, self._now.mono_ms)
        return tuple(held)

    def take(self, blobs: Iterable[bytes]) -> None:
        for blob in blobs:
            text = crypto.compute_text_id(blob)
            if text in self._missing.missing:
                fits, proposal = self._sync.found_text(text, blob)
                if not fits:
                    continue  # R2.22; the liar is whose op asks for it, not who brings it
                self._writes.append(SaveText(text, blob))
                self._peers.vain.note_new_text(blob)
                if proposal is not None:
                    self._notices.append(ProposalChanged(proposal))

    def miss_of_taken(self, taken: Iterable[Op]) -> None:
        """Ask for the texts of ops that this node did not keep before the log took them.

        Their key may have got its seat in a commit that came together with their block.
        """
        for op in taken:
            if op.id in self._pool or op.id in self._fates:
                continue
            self.note(op, {}, None)
            seat, now = self._ledger.seat_of(op), self._now.mono_ms
            for ref in texts_of(op.body):
                for peer in self._peers.greeted:
                    self._wants.want((ref.id,), peer.device, seat, now)

    def drop(self, gone: Iterable[Op], entered: set[OpId]) -> None:
        """Forget the texts of ops that left the pool and that the log did not take (R10.24)."""
        lost = [op for op in gone if op.id not in entered and not self._fates.is_own(op)]
        if not lost:
            return
        kept = {op.id for op in (*self._ledger.state.waiting(), *self._ledger.state.parked())}
        for op in lost:
            for ref in texts_of(op.body) if op.id not in kept else ():
                self._writes.append(SaveDropped(op.id, ref.id))
                self._sync.drop_text(ref.id, op.id)

    def noted(self) -> set[tuple[TextRef, OpId]]:
        """Return the texts of what is open or not final yet, and by which op each is needed.

        They are held here, or asked for already.
        """
        state = self._ledger.state
        pending = (entry.op for entry in self._pool)
        # Blocks bring more than the pool takes, and go with their epoch.
        in_blocks = (
            op
            for vertex in self._ledger.epoch.lace
            for op in vertex.block.ops
            if op.nonce >= state.next_nonce(op.device)
        )
        ops = (*state.waiting(), *state.parked(), *pending, *in_blocks)
        noted = {(ref, op.id) for op in ops for ref in texts_of(op.body)}
        noted.update(pair for one in state.open_proposals for pair in one.texts)
        noted.update(state.texts_of_records())
        return noted

    def miss_of_records(self, held: set[TextRef]) -> None:
        """Ask for the texts that records of practices refer to and that are not held here."""
        for ref, op in self._ledger.state.texts_of_records():
            self._miss_of_state(ref, op, None, NO_SEAT, held)

    def read_more(self) -> None:
        """Ask the store for what was given up, once there is room for it (R7.19)."""
        if not self._missing.gave_up:
            return
        has_room = len(self._missing.missing) <= PAGE
        wait_ms = READ_EVERY_MS if has_room else READ_AGAIN_MS
        now = self._now.mono_ms
        if self._read_ms is not None and now < self._read_ms + wait_ms:
            return
        self._read_ms = now
        self._missing.gave_up = False
        self._out.reads = ReadMissing(self._after, PAGE)

    def on_missing(self, texts: tuple[TextRef, ...], until: TextId | None) -> None:
        """Ask for those of the store's missing texts that are not asked for.

        Args:
            until: so far it has read; None: to the end.
        """
        for ref in texts:
            if not self._missing.knows(ref) and self._ledger.state.erased_by(ref.id) is None:
                self._sync.miss_text(ref, None, NO_SEAT)
                for peer in self._peers.greeted:
                    self._wants.want((ref.id,), peer.device, b"", self._now.mono_ms)
        # After the last page come those before the first one that was read.
        self._missing.gave_up |= until is not None or self._after != _FIRST
        self._after = until or _FIRST

    def miss_of(self, proposal: Proposal, held: set[TextRef]) -> None:
        """Ask for the texts that a proposal refers to and that are not held here.

        Its ops did not come this way.
        """
        for ref, op in proposal.texts:
            self._miss_of_state(ref, op, proposal.id, proposal.author, held)

    def _miss_of_state(
        self, ref: TextRef, op: OpId, proposal: OpId | None, seat: bytes, held: set[TextRef]
    ) -> None:
        if self._ledger.state.erased_by(ref.id) is not None:
            return
        self._writes.append(SaveMissing(ref, op))
        if ref not in held:
            self._sync.miss_text(ref, proposal, seat, op)
            for peer in self._peers.greeted:
                self._wants.want((ref.id,), peer.device, b"", self._now.mono_ms)
