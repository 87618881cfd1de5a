"""The core: one node's protocol, whole and without side effects.

`Core.handle(input, now)` takes one fact and returns one `Step` (see `steps.py`). The
same code runs in the daemon, in the simulator and in programs that embed it. What each
part decides lives in its own module; here is only how they meet.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from .. import crypto
from ..charter import Charter
from ..committee import Committee
from ..decisions import Preview
from ..errors import CODES, PeerFault, UsageError
from ..gossip.texts import NO_SEAT
from ..ids import CommunityId, DeviceKey, MemberId, MonoMs, OpId, WallMs, to_short
from ..limits import OPS_PER_MINUTE, PULL_BYTES
from ..ops import Evidence, Join, Op, TextRef, about, open_op, sign_op, texts_of
from ..steps import (
    ApplyRebuild,
    Batch,
    HurryUp,
    Input,
    Notice,
    Now,
    PeerDown,
    PeerUp,
    ProposalChanged,
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
from .making import Making

LONGEST_WAIT_MS = 3_600_000  # look again at least hourly: wall clocks jump
OWN_PUSH_FIRST_MS = 2_000  # an own op that no block carries is offered again, doubling up to …
OWN_PUSH_MAX_MS = 60_000


def _without_repeats(notices: Iterable[Notice]) -> Iterator[Notice]:
    """Tell once that a proposal has changed, however many ops about it came: a look costs each."""
    told: set[OpId] = set()
    for one in notices:
        if not isinstance(one, ProposalChanged):
            yield one
        elif one.proposal not in told:
            told.add(one.proposal)
            yield one


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


class Core(Making, Hearing):
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
        self._note_contradictions(restored.contradictions)

    def _replay(self, restored: Restored) -> None:
        """Take in what the store holds; nothing of it is written or sent again."""
        for block in restored.blocks:
            if block.epoch == self.epoch.id and block.id not in self.epoch.lace:
                self._add(self.epoch.lace.check(block), None)
                self._commit_all()  # at once: later ops may be by devices that this lets speak
        for op in sorted(restored.pending, key=lambda op: not self.fates.is_own(op)):
            self.fates.wait_for(op)
            if self.state.may_author(op) == "ok" and self.state.next_nonce(op.device) <= op.nonce:
                # Blocks bring more ops to disk than the pool takes: a liar's may hold any number.
                with contextlib.suppress(PeerFault):
                    payer, size = self.state.payer_of(op), self._cost_of(op)
                    self.pool.add(op, payer, self._now.mono_ms, size=size)
        for op in restored.given_up:
            self.fates.give_up(op)
        for op in restored.refused_joins:
            self.fates.refuse(op)
        self._review_own()
        needed = self._find_needed_texts()
        stored = {index for index, _root in restored.recent_roots}
        self._writes[:] = [write for write in self._writes if _is_new(write, stored)]
        for one in restored.unproven:
            seats = Charter.from_bytes(one.charter)
            committee = Committee(one.statement.epoch, seats)
            self.proofs.expect(one.statement, committee.keys, committee.quorum, self._now.mono_ms)
            self.proofs.restore(one.receipts)
        self._sign_receipts()
        self._sends.clear()
        self._notices.clear()
        # Replayed blocks come without their texts; which are missing only the store knows.
        for text in list(self.sync.texts.missing):
            self.sync.forget_text(text)
        unsure = (ref for ref in restored.unsure_texts if ref in needed)
        for ref in (*restored.missing_texts, *unsure):
            for asking, proposal, author in needed.get(ref, [(None, None, NO_SEAT)]):
                self.sync.texts.miss(ref, proposal, author, asking)
        self.preview = Preview(self.state, self._ready_ops(), self._now.wall_ms)

    def _find_needed_texts(self) -> dict[TextRef, list[tuple[OpId, OpId | None, MemberId]]]:
        """Return the texts that a replay shows to be needed, held here or not, and by what.

        Each op with the proposal that it is about, and its author: a reason is needed no more when
        its vote is replaced. A liar's blocks may refer to any number of other texts.
        """
        ops = [*(entry.op for entry in self.pool), *self.state.waiting(), *self.state.parked()]
        for write in self._writes:
            if isinstance(write, SaveCommit):
                ops += write.taken
        dropped = {(one.op, one.id) for one in self._writes if isinstance(one, SaveDropped)}
        needed: dict[TextRef, list[tuple[OpId, OpId | None, MemberId]]] = {}
        for op in ops:
            for ref in texts_of(op.body):
                if (op.id, ref.id) not in dropped:
                    needed.setdefault(ref, []).append((op.id, about(op), self._seat_of(op)))
        for proposal in self.state.open_proposals:
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
        self._now = now
        self._wall_minus_mono = now.wall_ms - now.mono_ms
        self._notices.extend(self.look(now.wall_ms))
        accepted: Op | None = None
        match event:
            case Submit():
                accepted = self._submit(event)
            case HurryUp():
                self._hurry_own()
            case SignRebuild(rebuild=rebuild):
                self._sign_rebuild(rebuild)
            case WithdrawRebuild():
                self._withdraw_rebuild()
            case ApplyRebuild(rebuild=rebuild):
                self._apply_rebuild(rebuild)
            case Batch(events=events):
                for one in events:
                    self._take_in(one)
            case _:
                self._take_in(event)
        wake_at = self._settle()
        notices = tuple(_without_repeats(self._notices))
        step = Step(tuple(self._writes), tuple(self._sends), notices, accepted, wake_at)
        self._writes.clear()
        self._sends.clear()
        self._notices.clear()
        return step

    def look(self, wall_ms: WallMs) -> tuple[ProposalChanged, ...]:
        """Judge what is not final at this moment (R5.1); return what that changed.

        `handle` does so by itself. It is for who reads between two steps: a machine that slept
        has closes behind it before its driver has woken up.
        """
        now_ms = max(wall_ms, self.state.time_ms)
        if now_ms < self.preview.now_ms:  # the clock was set back: what was late may not be
            before = self.preview.changed
            self.preview = Preview(self.state, self._ready_ops(), wall_ms)
            changed = {*before} ^ {*self.preview.changed}
            return tuple(ProposalChanged(one) for one in sorted(changed))
        return tuple(ProposalChanged(one) for one in self.preview.advance(wall_ms))

    def _take_in(self, event: PeerUp | PeerDown | Received | Written | Tick) -> None:
        match event:
            case PeerUp(peer=device):
                self._peer_up(device)
            case PeerDown(peer=device):
                # Of seats only: strangers may come with ever new keys.
                if self.state.charter.by_device(device) is None:
                    self.contacts.pop(device, None)
                elif device in self.sync.peers.connected:
                    self._heard_at[device] = self._now.mono_ms
                if device not in self.epoch.committee.key_index:
                    self._heard.discard(device)
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
        self._commit_all()
        closed = self.state.closed_count  # not the proposals: no step costs more for old ones
        self.leaps.work(self.epoch.record, closed, self.final_index, now)
        if not self.is_settled:
            self._note_heard()
            self._learn()
        self._accuse()
        self._part()
        pace = self._make_blocks()
        if self._stale_preview:
            self.preview = Preview(self.state, self._ready_ops(), self._now.wall_ms)
            self._stale_preview = False
        undecided = self.epoch.committer.undecided_round
        may_pull = not self.leaps.is_instead_of_pulls
        self.sync.pulls.pull(now, self.final_index, undecided, may_ask=may_pull)
        self.proofs.work(self.final_index, now)
        self.sync.wants.ask(now)
        self._push_own_again()
        self.sync.probe.probe(self._is_active() or self._lags(), self.status, now)
        wakes = [MonoMs(now + LONGEST_WAIT_MS), *self.sync.wake_times(), *self._wake_times()]
        wakes.extend(peer.part_at for peer in self.sync.peers.greeted() if peer.part_at is not None)
        wakes.extend(
            (
                *self.proofs.wake_times(),
                *self.accuser.wake_times(),
                *self.leaps.wake_times(),
            )
        )
        if pace.wake_at is not None:
            wakes.append(pace.wake_at)
        return max(min(wakes), MonoMs(now + 1))

    def _submit(self, event: Submit) -> Op:
        body = event.body
        if self.must_learn:
            raise UsageError("learning", f"{CODES['learning']}; until then it signs nothing")
        code = self.shut_out()
        if code is not None and not isinstance(body, Join):  # that may be by another invite
            raise UsageError(
                code,
                f"{CODES[code]}, say members, and do not let this device in: it would not count",
            )
        author = self.member
        if author is None:
            if not isinstance(body, Join):
                raise UsageError(
                    "not_a_member",
                    f"device {to_short('dev', self.device)} holds no seat here; join with an "
                    "invite first",
                )
            author = crypto.compute_member_id(self.device)
        self.preview.check(author, self.device, body)
        held = self.pool.highest_nonce(self.device, self.state)
        highest = max(self._nonce, self._told_nonce(), held)
        if self._may_lack_own_ops(highest):
            raise UsageError(
                "learning",
                "just started, and a peer says that it has later ops of this device; they are "
                "being fetched: try again in a moment",
            )
        nonce = highest + 1
        try:
            op = sign_op(self.community, author, self._signer, nonce, self._now.wall_ms, body)
            # What nobody can read must not be signed: each block with it would be refused.
            open_op(self.community, op.wire, lambda *_: True)
            size = self._cost_of(op)
            payer = self.state.payer_of(op)
            self.pool.check_bytes(payer, size, self.state.bytes_left(payer, self._now.wall_ms))
            self.pool.check_rate(op, payer, self._now.mono_ms)  # peers would drop what is over it
            self.pool.add(op, payer, self._now.mono_ms, size=size, urgent=event.urgent)
        except PeerFault as fault:  # our own limits, told to our own user
            raise UsageError(fault.code, fault.detail) from fault
        self._nonce = nonce
        self.fates.wait_for(op)
        self._writes.append(SaveOp(op, own=True))
        for blob in event.texts:
            self._writes.append(SaveText(crypto.compute_text_id(blob), blob))
        self._preview_op(op)
        self.sync.pushes.push_op(op, payer, event.texts, None, self._find_op)
        if event.urgent:
            self._ask_to_hurry([op.id])
        self._own_push_at = MonoMs(self._now.mono_ms + OWN_PUSH_FIRST_MS)
        self._own_push_delay = OWN_PUSH_FIRST_MS
        return op

    def _hurry_own(self) -> None:
        """Let all that this device has said and that is not final be due at once (R5.8)."""
        own = [op.id for op in self.fates if op.id in self.pool]
        for op in own:
            self.pool.hurry(op)
        self._ask_to_hurry(own)

    def due_at(self, op: OpId) -> WallMs | None:
        """Return when blocks are made for an op at the latest, as far as time decides that.

        None: no block is needed for it any more. What is past is under way, if a quorum is.
        """
        due = self.pool.due_of(op, self.state, self._linger(), self._wall_minus_mono)
        if due is None:
            return None
        if self.preview.changes_outcome:
            due = min(due, self._now.mono_ms)
        return WallMs(due + self._wall_minus_mono)

    def _accuse(self) -> None:
        """Say what proves a fork, unless somebody does or has done so already (R6.9)."""
        body = self.accuser.due(self.state, self.pool.of_kind(Evidence), self._now.mono_ms)
        if body is None or self.member is None:
            return
        with contextlib.suppress(UsageError):  # not allowed now: its turn comes again
            self._submit(Submit(body))

    def _push_own_again(self) -> None:
        """Offer own ops that no block carries once more: a peer may have dropped them."""
        if self._own_push_at is None or self._now.mono_ms < self._own_push_at:
            return
        own = [
            entry
            for entry in self.pool.ready(self.state)
            if self.fates.is_own(entry.op) and entry.carried is None
        ]
        if not own:
            self._own_push_at = None
            return
        for peer in self.sync.peers.greeted():
            for entry in reversed(own):  # the lowest of each key comes last
                peer.nonces[entry.op.device] = entry.op.nonce - 1
            self.sync.pushes.push_missing_ops(peer, own, self._find_op)
            self._tell_hurry(peer)
        self._own_push_delay = min(2 * self._own_push_delay, OWN_PUSH_MAX_MS)
        self._own_push_at = MonoMs(self._now.mono_ms + self._own_push_delay)

    def _wake_times(self) -> Iterable[MonoMs]:
        now = self._now.mono_ms
        if self._own_push_at is not None:
            yield self._own_push_at
        if self.preview.look_ms is not None:
            look_at = self.preview.look_ms - self._wall_minus_mono
            if look_at > now:  # else it is the last commit's time that waits
                yield MonoMs(look_at)
        if self.epoch.me is None:
            return
        if not self.is_settled:
            if self._settle_at > now:
                yield self._settle_at
            return
        for at in (self._ops_due_at(), self._deadline_at()):
            if at is not None and at > now:
                yield at

    def _lags(self) -> bool:
        """Return whether an honest node has finalized what this one has not (R7.15).

        A commit for a deadline's sake carries nothing that this node would be waiting for.
        """
        committee = self.epoch.committee
        ahead = self.proofs.signed_ahead(self.epoch.id, self.final_index)
        return len(ahead & committee.key_index.keys()) > committee.faults

    def coming_ops(self) -> frozenset[OpId]:
        """Return the ops that this node keeps as they may still get into the log.

        What else is stored and was not taken is forgotten (R6.10): its author's node, if honest,
        has it and offers it again.
        """
        return frozenset(entry.op.id for entry in self.pool) | {op.id for op in self.fates}

    def finality(self) -> Finality:
        """Return what finality waits for now: whose node is reachable, whose is missing."""
        now, peers = self._now.mono_ms, self.sync.peers.greeted()
        silent = find_gone_on(peers, self.heard_rebuilds.keys())
        if self.is_settled and self.vow is None and self._is_active():
            silent = silent | find_silent(self.epoch, peers, self._made_at, now)
        return compute_finality(
            self.epoch,
            self.sync.peers.connected,
            self.device,
            self.is_settled,
            is_held=self.vow is not None,
            silent=silent,
        )
