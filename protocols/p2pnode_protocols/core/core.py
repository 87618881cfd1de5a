"""The core: one node's protocol, whole and without side effects.

`Core.handle(input, now)` takes one fact and returns one `Step` (see `steps.py`). The
same code runs in the daemon, in the simulator and in programs that embed it. What each
part decides lives in its own module; here is only how they meet.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from .. import crypto
from ..charter import Charter
from ..committee import Committee
from ..errors import CODES, PeerFault, UsageError
from ..gossip.texts import NO_SEAT
from ..ids import CommunityId, DeviceKey, MemberId, MonoMs, OpId, to_short
from ..limits import OPS_PER_MINUTE, PULL_BYTES
from ..ops import Evidence, Join, Op, TextRef, about, open_op, sign_op, texts_of
from ..steps import (
    ApplyRebuild,
    Batch,
    HurryUp,
    Input,
    Now,
    PeerDown,
    PeerUp,
    Received,
    Restored,
    SaveBlock,
    SaveCommit,
    SaveDropped,
    SaveFate,
    SaveFork,
    SaveOp,
    SaveText,
    SignRebuild,
    Step,
    Submit,
    Tick,
    WithdrawRebuild,
    Write,
    Written,
)
from .finality import Finality, compute_finality, find_gone_on, find_silent
from .hearing import Hearing

LONGEST_WAIT_MS = 3_600_000  # look again at least hourly: wall clocks jump
OWN_PUSH_FIRST_MS = 2_000  # an own op that no block carries is offered again, doubling up to …
OWN_PUSH_MAX_MS = 60_000


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


class Core(Hearing):
    """One node's view of one community.

    Args:
        community: hash of the founding charter; `restored` must belong to it.
        signer: this device's key.
        restored: what the store holds; at least the founding epoch (`epoch.found_epoch`).
        admission: for a joiner not yet a member: invite key and its TAG_ADMIT signature.
        hosts: for a joiner, the devices its invite names: whom it trusts to be members.
        agent: software name and version, told to peers.
        ops_per_minute: of one member, taken from peers; its first ones are free.
        pull_bytes: of blocks, asked for in one pull, and of closed proposals; up to `PULL_BYTES`.
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
    ) -> None:
        super().__init__(
            community,
            signer,
            restored,
            now,
            admission=admission,
            hosts=hosts,
            agent=agent,
            ops_per_minute=ops_per_minute,
            pull_bytes=pull_bytes,
            verify=verify,
            may_leap=may_leap,
        )
        self._own_push_at: MonoMs | None = None
        self._own_push_delay = OWN_PUSH_FIRST_MS
        self._replay(restored)
        self.lander.note_contradictions(restored.contradictions)

    def _replay(self, restored: Restored) -> None:
        """Take in what the store holds; nothing of it is written or sent again."""
        for block in restored.blocks:
            if block.epoch == self.ledger.epoch.id and block.id not in self.ledger.epoch.lace:
                self.intake.add(self.ledger.epoch.lace.check(block), None)
                # At once: later ops may be by devices that this lets speak.
                self.finalizer.commit_all()
        for op in sorted(restored.pending, key=lambda op: not self.fates.is_own(op)):
            self.fates.wait_for(op)
            if (
                self.ledger.state.may_author(op) == "ok"
                and self.ledger.state.next_nonce(op.device) <= op.nonce
            ):
                # Blocks bring more ops to disk than the pool takes: a liar's may hold any number.
                with contextlib.suppress(PeerFault):
                    payer, size = (
                        self.ledger.state.payer_of(op),
                        self.pool.cost_of(op, self.ledger.state),
                    )
                    self.pool.add(op, payer, self._now.mono_ms, size=size)
        for op in restored.given_up:
            self.fates.give_up(op)
        for op in restored.refused_joins:
            self.fates.refuse(op)
        self.own_ops.review()
        needed = self._find_needed_texts()
        stored = {index for index, _root in restored.recent_roots}
        self._writes[:] = [write for write in self._writes if _is_new(write, stored)]
        for one in restored.unproven:
            seats = Charter.from_bytes(one.charter)
            committee = Committee(one.statement.epoch, seats)
            self.proofs.expect(one.statement, committee.keys, committee.quorum, self._now.mono_ms)
            self.proofs.restore(one.receipts)
        self.prover.sign()
        self._sends.clear()
        self._notices.clear()
        # Replayed blocks come without their texts; which are missing only the store knows.
        for text in list(self.sync.texts.missing):
            self.sync.forget_text(text)
        unsure = (ref for ref in restored.unsure_texts if ref in needed)
        for ref in (*restored.missing_texts, *unsure):
            for asking, proposal, author in needed.get(ref, [(None, None, NO_SEAT)]):
                self.sync.texts.miss(ref, proposal, author, asking)
        self.provisional.renew()

    def _find_needed_texts(self) -> dict[TextRef, list[tuple[OpId, OpId | None, MemberId]]]:
        """Return the texts that a replay shows to be needed, held here or not, and by what.

        Each op with the proposal that it is about, and its author: a reason is needed no more when
        its vote is replaced. A liar's blocks may refer to any number of other texts.
        """
        ops = [
            *(entry.op for entry in self.pool),
            *self.ledger.state.waiting(),
            *self.ledger.state.parked(),
        ]
        for write in self._writes:
            if isinstance(write, SaveCommit):
                ops += write.taken
        dropped = {(one.op, one.id) for one in self._writes if isinstance(one, SaveDropped)}
        needed: dict[TextRef, list[tuple[OpId, OpId | None, MemberId]]] = {}
        for op in ops:
            for ref in texts_of(op.body):
                if (op.id, ref.id) not in dropped:
                    needed.setdefault(ref, []).append((op.id, about(op), self.ledger.seat_of(op)))
        for proposal in self.ledger.state.open_proposals:
            for member, ballot in proposal.current.votes.items():
                if ballot.reason is not None:
                    by = ballot.op, proposal.id, member
                    needed.setdefault(ballot.reason, []).append(by)
        return needed

    def handle(self, event: Input, now: Now) -> Step:
        """Take one fact in and return all that it caused.

        Raises:
            UsageError: only for what the local user asks: the rules do not allow it, and
                nothing changed.
        """
        self._now.set(now)
        self._notices.extend(self.provisional.look(now.wall_ms))
        accepted: Op | None = None
        match event:
            case Submit():
                accepted = self._submit(event)
            case HurryUp():
                self.hurrying.hurry_own()
            case SignRebuild(rebuild=rebuild):
                self.rebuilder.sign(rebuild)
            case WithdrawRebuild():
                self.rebuilder.withdraw()
            case ApplyRebuild(rebuild=rebuild):
                self.rebuilder.apply(rebuild)
            case Batch(events=events):
                for one in events:
                    self._take_in(one)
            case _:
                self._take_in(event)
        wake_at = self._settle()
        return self.out.take(accepted, wake_at)

    def _take_in(self, event: PeerUp | PeerDown | Received | Written | Tick) -> None:
        match event:
            case PeerUp(peer=device):
                self.greeting.peer_up(device)
            case PeerDown(peer=device):
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
            case Received(peer=device, message=message):
                self._received(device, message)
            case Written(peer=device):
                self._on_written(device)
            case Tick():
                pass

    def _settle(self) -> MonoMs:
        """Do all that follows from what is known now; return when to look again."""
        now = self._now.mono_ms
        self.finalizer.commit_all()
        closed = (
            self.ledger.state.closed_count
        )  # not the proposals: no step costs more for old ones
        self.leaps.work(self.ledger.epoch.record, closed, self.ledger.final_index, now)
        self.own_chain.work()
        self._accuse()
        self.epochs.part()
        self.maker.work()
        self.provisional.refresh()
        undecided = self.ledger.epoch.committer.undecided_round
        may_pull = not self.leaps.is_instead_of_pulls
        self.sync.pulls.pull(now, self.ledger.final_index, undecided, may_ask=may_pull)
        self.proofs.work(self.ledger.final_index, now)
        self.sync.wants.ask(now)
        self._push_own_again()
        self.sync.probe.probe(
            self.agenda.is_active() or self.standing.lags(), self.standing.status, now
        )
        wakes = [MonoMs(now + LONGEST_WAIT_MS), *self.sync.wake_times(), *self._wake_times()]
        wakes.extend(
            (
                *self.proofs.wake_times(),
                *self.accuser.wake_times(),
                *self.leaps.wake_times(),
                *self.epochs.wake_times(),
                *self.maker.wake_times(),
            )
        )
        return max(min(wakes), MonoMs(now + 1))

    def _submit(self, event: Submit) -> Op:
        body = event.body
        if self.own_chain.must_learn:
            raise UsageError("learning", f"{CODES['learning']}; until then it signs nothing")
        code = self.own_seat.shut_out()
        if code is not None and not isinstance(body, Join):  # that may be by another invite
            raise UsageError(
                code,
                f"{CODES[code]}, say members, and do not let this device in: it would not count",
            )
        author = self.ledger.member
        if author is None:
            if not isinstance(body, Join):
                raise UsageError(
                    "not_a_member",
                    f"device {to_short('dev', self.me.device)} holds no seat here; join with an "
                    "invite first",
                )
            author = crypto.compute_member_id(self.me.device)
        self.provisional.preview.check(author, self.me.device, body)
        held = self.pool.highest_nonce(self.me.device, self.ledger.state)
        highest = max(self.own_ops.nonce, self.own_chain.told_nonce(), held)
        if self.own_chain.may_lack_own_ops(highest):
            raise UsageError(
                "learning",
                "just started, and a peer says that it has later ops of this device; they are "
                "being fetched: try again in a moment",
            )
        nonce = highest + 1
        try:
            op = sign_op(self.me.community, author, self.me.signer, nonce, self._now.wall_ms, body)
            # What nobody can read must not be signed: each block with it would be refused.
            open_op(self.me.community, op.wire, lambda *_: True)
            size = self.pool.cost_of(op, self.ledger.state)
            payer = self.ledger.state.payer_of(op)
            self.pool.check_bytes(
                payer, size, self.ledger.state.bytes_left(payer, self._now.wall_ms)
            )
            self.pool.check_rate(op, payer, self._now.mono_ms)  # peers would drop what is over it
            self.pool.add(op, payer, self._now.mono_ms, size=size, urgent=event.urgent)
        except PeerFault as fault:  # our own limits, told to our own user
            raise UsageError(fault.code, fault.detail) from fault
        self.own_ops.nonce = nonce
        self.fates.wait_for(op)
        self._writes.append(SaveOp(op, own=True))
        for blob in event.texts:
            self._writes.append(SaveText(crypto.compute_text_id(blob), blob))
        self.provisional.add(op)
        self.sync.pushes.push_op(op, payer, event.texts, None, self.pool.find_op)
        if event.urgent:
            self.hurrying.ask([op.id])
        self._own_push_at = MonoMs(self._now.mono_ms + OWN_PUSH_FIRST_MS)
        self._own_push_delay = OWN_PUSH_FIRST_MS
        return op

    def _accuse(self) -> None:
        """Say what proves a fork, unless somebody does or has done so already (R6.9)."""
        body = self.accuser.due(self.ledger.state, self.pool.of_kind(Evidence), self._now.mono_ms)
        if body is None or self.ledger.member is None:
            return
        with contextlib.suppress(UsageError):  # not allowed now: its turn comes again
            self._submit(Submit(body))

    def _push_own_again(self) -> None:
        """Offer own ops that no block carries once more: a peer may have dropped them."""
        if self._own_push_at is None or self._now.mono_ms < self._own_push_at:
            return
        own = [
            entry
            for entry in self.pool.ready(self.ledger.state)
            if self.fates.is_own(entry.op) and entry.carried is None
        ]
        if not own:
            self._own_push_at = None
            return
        for peer in self.sync.peers.greeted():
            for entry in reversed(own):  # the lowest of each key comes last
                peer.nonces[entry.op.device] = entry.op.nonce - 1
            self.sync.pushes.push_missing_ops(peer, own, self.pool.find_op)
            self.hurrying.tell(peer)
        self._own_push_delay = min(2 * self._own_push_delay, OWN_PUSH_MAX_MS)
        self._own_push_at = MonoMs(self._now.mono_ms + self._own_push_delay)

    def _wake_times(self) -> Iterable[MonoMs]:
        if self._own_push_at is not None:
            yield self._own_push_at
        yield from self.provisional.wake_times()

    def coming_ops(self) -> frozenset[OpId]:
        """Return the ops that this node keeps as they may still get into the log.

        What else is stored and was not taken is forgotten (R6.10): its author's node, if honest,
        has it and offers it again.
        """
        return frozenset(entry.op.id for entry in self.pool) | {op.id for op in self.fates}

    def finality(self) -> Finality:
        """Return what finality waits for now: whose node is reachable, whose is missing."""
        now, peers = self._now.mono_ms, self.sync.peers.greeted()
        silent = find_gone_on(peers, self.rebuilds.heard.keys())
        if self.own_chain.is_settled and self.rebuilds.vow is None and self.agenda.is_active():
            silent = silent | find_silent(self.ledger.epoch, peers, self.maker.made_at, now)
        return compute_finality(
            self.ledger.epoch,
            self.sync.peers.connected,
            self.me.device,
            self.own_chain.is_settled,
            is_held=self.rebuilds.vow is not None,
            silent=silent,
        )
