"""A start: what the store holds goes through the same parts as when it was new."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from ..agreement.committee import Committee
from ..gossip.asking.texts import NO_SEAT
from ..gossip.proofs import Proofs
from ..gossip.sync import Sync
from ..record.bodies import texts_of
from ..record.ops import about
from ..record.seats.charter import Charter
from ..record.texts import TextRef
from ..steps.restored import Restored
from ..steps.writes import (
    SaveBlock,
    SaveCommit,
    SaveDropped,
    SaveFate,
    SaveFork,
    SaveOp,
    SaveText,
    Write,
)
from ..wire.errors import PeerFault
from ..wire.ids import MemberId, OpId
from .clock import Clock
from .finalizing.finalizer import Finalizer
from .finalizing.prover import Prover
from .intake.blocks import Intake
from .log.ledger import Ledger
from .outbox import Outbox
from .own.ops import OwnOps
from .pending.pool import Pool
from .pending.provisional import Provisional


def replay(
    restored: Restored,
    ledger: Ledger,
    sync: Sync,
    pool: Pool,
    own_ops: OwnOps,
    intake: Intake,
    finalizer: Finalizer,
    proofs: Proofs,
    prover: Prover,
    provisional: Provisional,
    now: Clock,
    out: Outbox,
) -> None:
    """Take in what the store holds; nothing of it is written or sent again."""
    fates = own_ops.fates
    for block in restored.blocks:
        if block.epoch == ledger.epoch.id and block.id not in ledger.epoch.lace:
            intake.add(ledger.epoch.lace.check(block), None)
            # At once: later ops may be by devices that this lets speak.
            finalizer.commit_all()
    for op in sorted(restored.pending, key=lambda op: not fates.is_own(op)):
        fates.wait_for(op)
        if ledger.state.may_author(op) == "ok" and ledger.state.next_nonce(op.device) <= op.nonce:
            # Blocks bring more ops to disk than the pool takes: a liar's may hold any number.
            with contextlib.suppress(PeerFault):
                payer, size = ledger.state.payer_of(op), pool.cost_of(op, ledger.state)
                pool.add(op, payer, now.mono_ms, size=size)
    for op in restored.given_up:
        fates.give_up(op)
    own_ops.review()
    needed = _find_needed_texts(ledger, pool, out.writes)
    stored = {index for index, _root in restored.recent_roots}
    out.writes[:] = [write for write in out.writes if _is_new(write, stored)]
    for one in restored.unproven:
        seats = Charter.from_bytes(one.charter)
        committee = Committee(one.statement.epoch, seats)
        proofs.expect(one.statement, committee.keys, committee.quorum, now.mono_ms)
        proofs.restore(one.receipts)
    prover.sign()
    out.sends.clear()
    out.notices.clear()
    # Replayed blocks come without their texts; which are missing only the store knows.
    for text in list(sync.texts.missing):
        sync.forget_text(text)
    unsure = (ref for ref in restored.unsure_texts if ref in needed)
    for ref in (*restored.missing_texts, *unsure):
        for asking, proposal, author in needed.get(ref, [(None, None, NO_SEAT)]):
            sync.miss_text(ref, proposal, author, asking)
    provisional.renew()


def _find_needed_texts(
    ledger: Ledger, pool: Pool, writes: Sequence[Write]
) -> dict[TextRef, list[tuple[OpId, OpId | None, MemberId]]]:
    """Return the texts that a replay shows to be needed, held here or not, and by what.

    Each op with the proposal that it is about, and its author: a reason is needed no more when
    its vote is replaced. A liar's blocks may refer to any number of other texts.
    """
    state = ledger.state
    ops = [*(entry.op for entry in pool), *state.waiting(), *state.parked()]
    for write in writes:
        if isinstance(write, SaveCommit):
            ops += write.taken
    dropped = {(one.op, one.id) for one in writes if isinstance(one, SaveDropped)}
    needed: dict[TextRef, list[tuple[OpId, OpId | None, MemberId]]] = {}
    for op in ops:
        for ref in texts_of(op.body):
            if (op.id, ref.id) not in dropped:
                needed.setdefault(ref, []).append((op.id, about(op), ledger.seat_of(op)))
    for ref, op_id in state.texts_of_records():
        needed.setdefault(ref, []).append((op_id, None, MemberId(NO_SEAT)))
    for proposal in state.open_proposals:
        for member, ballot in proposal.current.votes.items():
            if ballot.reason is not None:
                by = ballot.op, proposal.id, member
                needed.setdefault(ballot.reason, []).append(by)
    return needed


def _is_new(write: Write, stored: set[int]) -> bool:
    """Return whether a replay found something out that the store does not hold yet."""
    match write:
        case SaveCommit(commit=commit):
            return commit.index not in stored
        case SaveFate(index=int(index)):
            return index not in stored
        case SaveBlock() | SaveOp() | SaveText() | SaveFork():
            return False
        case _:
            return True  # derived from the blocks, and the same each time
