"""The core: one node's protocol, whole and without side effects.

`Core.handle(input, now)` takes one fact and returns one `Step` (see `steps.py`). The
same code runs in the daemon, in the simulator and in programs that embed it. What each
part decides lives in its own module; here is only how they meet.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from . import crypto
from .blocklace import Vertex
from .blocks import Block, sign_block
from .codec import decode
from .commit import Decided, compute_commit_time
from .decisions import Preview, State
from .epoch import Epoch, compute_epoch_id, compute_root
from .errors import NotYet, PeerFault, UsageError
from .finality import Finality, compute_finality
from .ids import CommunityId, DeviceKey, EpochId, MemberId, MonoMs, OpId, Round, TextId, WallMs
from .limits import OPS_PER_MINUTE, PULL_BYTES
from .messages import (
    PROTOCOL_VERSION,
    Contacts,
    Genesis,
    Hello,
    Links,
    Message,
    Pull,
    Pulled,
    Push,
    Refused,
    Status,
    Want,
)
from .ops import Join, Op, about, sign_op, texts_of
from .pacer import Pace
from .pool import Linger, Pool
from .steps import (
    Batch,
    Commit,
    Committed,
    ContactTold,
    Disconnect,
    Diverged,
    EpochStarted,
    ForkFound,
    Input,
    Notice,
    Now,
    OpFinal,
    PeerDown,
    PeerGreeted,
    PeerRefused,
    PeerUp,
    ProposalChanged,
    ProposalDecided,
    Received,
    RefusedByPeer,
    Restored,
    SaveBlock,
    SaveCommit,
    SaveEpoch,
    SaveFork,
    SaveOp,
    SaveText,
    ServePull,
    ServeWant,
    Step,
    Submit,
    Tick,
    Write,
)
from .sync import Peer, Sync

SETTLE_MS = 10_000  # how long to listen for one's own blocks when a quorum is not reachable
CATCH_UP_MS = 2_000  # after a start: how long one peer's word about own nonces is enough
ROOTS_KEPT = 4096  # commits whose roots peers' claims are compared with
EPOCHS_KEPT = 64  # past epoch ids whose late blocks are ignored without blame
BEFORE_HELLO = 256  # messages passed over; what one frame of an honest peer may hold
FAULTS_BEFORE_CUT = 10  # refusals within FAULT_WINDOW_MS after which a peer is cut off
FAULT_WINDOW_MS = 60_000
CUT_MS = 60_000
# A joiner may come before its invite is final here, a new member before its seat is: they
# did nothing wrong, and look again soon.
SOON = frozenset({"bad_invite", "not_a_member"})
SOON_MS = 2_000
TICKS_AT_ONCE = 6  # rounds made for a deadline before pausing: more than a commit needs
TICK_FIRST_MS = 200  # then pause, doubling up to …
TICK_MAX_MS = 60_000  # … so that a clock that is wrong by days costs a block a minute
LONGEST_WAIT_MS = 3_600_000  # look again at least hourly: wall clocks jump
OWN_PUSH_FIRST_MS = 2_000  # an own op that no block carries is offered again, doubling up to …
OWN_PUSH_MAX_MS = 60_000


class Core:
    """One node's view of one community.

    Args:
        community: hash of the founding charter; `restored` must belong to it.
        signer: this device's key.
        restored: what the store holds; at least the founding epoch (`epoch.found_epoch`).
        admission: for a joiner not yet a member: invite key and its TAG_ADMIT signature.
        hosts: for a joiner, the devices its invite names: whom it trusts to be members.
        agent: software name and version, told to peers.
        ops_per_minute: of one member, taken from peers; its first ones are free.
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
        verify: crypto.Verify = crypto.verify_ed25519,
    ) -> None:
        self.community = community
        self.device = signer.device
        self._signer = signer
        self._verify = verify
        self._admission = admission
        self._hosts = hosts
        self._agent = agent
        self.addresses: tuple[str, ...] = ()  # where this node listens; told in the hello
        self.contacts: dict[DeviceKey, tuple[str, ...]] = {}  # where peers said they listen
        self.genesis_charter: bytes = b""  # served to joiners; set by the shell at start
        record = restored.epoch
        self.state: State = State.read(decode(record.snapshot, len(record.snapshot)), verify)
        self.epoch = Epoch(record, self.state, self.device)
        self.final_index = record.genesis_index
        self.final_root = record.genesis_root
        self._roots = dict(restored.recent_roots)
        self._roots[record.genesis_index] = record.genesis_root
        self._past: dict[EpochId, None] = {}
        self.pool = Pool(ops_per_minute)
        self.sync = Sync(self.device)
        self.sync.begin_epoch(record.number, self.epoch.lace)
        self.sync.missing_texts = dict.fromkeys(restored.missing_texts)
        self._nonce = restored.own_nonce
        self._settled = False
        self._heard: set[DeviceKey] = set()  # committee nodes compared with since the start
        self._settle_at = MonoMs(now.mono_ms + SETTLE_MS)
        self._tick_due: WallMs | None = None
        self._ticks = 0
        self._tick_at = MonoMs(0)
        self._own_push_at: MonoMs | None = None
        self._own_push_delay = OWN_PUSH_FIRST_MS
        self._writes: list[Write] = []
        self._notices: list[Notice] = []
        self._wall_minus_mono = now.wall_ms - now.mono_ms
        self.preview = Preview(self.state, (), now.wall_ms)
        self._stale_preview = False
        self._now = now
        self._replay(restored)

    def _replay(self, restored: Restored) -> None:
        """Take in what the store holds; nothing of it is written or sent again."""
        for block in restored.blocks:
            if block.epoch == self.epoch.id and block.id not in self.epoch.lace:
                self._add(self.epoch.lace.check(block), None)
                self._commit_all()  # at once: later ops may be by devices that this lets speak
        for op in restored.pending:
            if self.state.may_author(op) == "ok" and self.state.next_nonce(op.device) <= op.nonce:
                # Blocks bring more ops to disk than the pool takes: a liar's may hold any number.
                with contextlib.suppress(PeerFault):
                    self.pool.add(op, self._now.mono_ms)
        stored = {index for index, _root in restored.recent_roots}
        self._writes = [
            write
            for write in self._writes
            if isinstance(write, SaveEpoch)
            or (isinstance(write, SaveCommit) and write.commit.index not in stored)
        ]
        self.sync.sends.clear()
        self._notices.clear()
        # Replayed blocks come without their texts; which are missing only the store knows.
        self.sync.missing_texts = dict.fromkeys(restored.missing_texts)
        self.preview = Preview(self.state, self._ready_ops(), self._now.wall_ms)

    # --- the seam ------------------------------------------------------------------------

    def handle(self, event: Input, now: Now) -> Step:
        """Take one fact in and return all that it caused.

        Raises:
            UsageError: only for `Submit`: the rules do not allow it; nothing changed.
        """
        self._now = now
        self._wall_minus_mono = now.wall_ms - now.mono_ms
        accepted: Op | None = None
        match event:
            case Submit():
                accepted = self._submit(event)
            case Batch(events=events):
                for one in events:
                    self._take_in(one)
            case _:
                self._take_in(event)
        wake_at = self._settle()
        step = Step(
            tuple(self._writes), tuple(self.sync.sends), tuple(self._notices), accepted, wake_at
        )
        self._writes.clear()
        self.sync.sends.clear()
        self._notices.clear()
        return step

    def _take_in(self, event: PeerUp | PeerDown | Received | Tick) -> None:
        match event:
            case PeerUp(peer=device):
                self._peer_up(device)
            case PeerDown(peer=device):
                self.sync.lost(device)
            case Received(peer=device, message=message):
                self._received(device, message)
            case Tick():
                pass

    def _settle(self) -> MonoMs:
        """Do all that follows from what is known now; return when to look again."""
        now = self._now.mono_ms
        self._commit_all()
        if not self.is_settled:
            self._note_heard()
        pace = self._make_blocks()
        if self._stale_preview:
            self.preview = Preview(self.state, self._ready_ops(), self._now.wall_ms)
            self._stale_preview = False
        self.sync.pull(now)
        self.sync.ask(now)
        self._push_own_again()
        self.sync.probe(self._is_active(), self.status, now)
        wakes = [MonoMs(now + LONGEST_WAIT_MS), *self.sync.wake_times(), *self._wake_times()]
        if pace.wake_at is not None:
            wakes.append(pace.wake_at)
        return max(min(wakes), MonoMs(now + 1))

    # --- submitting ----------------------------------------------------------------------

    @property
    def member(self) -> MemberId | None:
        """The seat this device belongs to in the finalized state, or None."""
        seat = self.state.charter.by_device(self.device)
        return None if seat is None else seat.id

    def _submit(self, event: Submit) -> Op:
        body = event.body
        author = self.member
        if author is None:
            if not isinstance(body, Join):
                raise UsageError(
                    "not_a_member",
                    f"device {self.device.hex()[:8]} holds no seat here; join with an invite first",
                )
            author = crypto.compute_member_id(self.device)
        self.preview.check(author, self.device, body)
        held = self.pool.highest_nonce(self.device, self.state)
        nonce = max(self._nonce, self._told_nonce(), held) + 1
        op = sign_op(self.community, author, self._signer, nonce, self._now.wall_ms, body)
        try:
            self.pool.check_rate(op, self._now.mono_ms)  # peers would drop what is over it
            self.pool.add(op, self._now.mono_ms, urgent=event.urgent)
        except PeerFault as fault:  # our own limits, told to our own user
            raise UsageError(fault.code, fault.detail) from fault
        self._nonce = nonce
        self._writes.append(SaveOp(op, own=True))
        for blob in event.texts:
            self._writes.append(SaveText(crypto.compute_text_id(blob), blob))
        self._preview_op(op)
        self.sync.push_op(op, event.texts, None)
        self._own_push_at = MonoMs(self._now.mono_ms + OWN_PUSH_FIRST_MS)
        self._own_push_delay = OWN_PUSH_FIRST_MS
        return op

    def _preview_op(self, op: Op) -> None:
        if not self._stale_preview:
            self.preview.add(op)
        proposal = about(op)
        if proposal is not None:
            self._notices.append(ProposalChanged(proposal))

    def _ready_ops(self) -> tuple[Op, ...]:
        return tuple(entry.op for entry in self.pool.ready(self.state))

    def _push_own_again(self) -> None:
        """Offer own ops that no block carries once more: a peer may have dropped them."""
        if self._own_push_at is None or self._now.mono_ms < self._own_push_at:
            return
        own = [
            entry.op
            for entry in self.pool.ready(self.state)
            if entry.op.device == self.device and entry.carried is None
        ]
        if not own:
            self._own_push_at = None
            return
        for peer in self.sync.greeted():
            peer.nonces[self.device] = own[0].nonce - 1
            self.sync.push_missing_ops(peer, own)
        self._own_push_delay = min(2 * self._own_push_delay, OWN_PUSH_MAX_MS)
        self._own_push_at = MonoMs(self._now.mono_ms + self._own_push_delay)

    # --- peers ---------------------------------------------------------------------------

    def status(self) -> Status:
        """Return where this node stands, as told to peers."""
        nonces = []
        for seat in self.state.charter.members:
            for device in seat.devices:
                highest = self.pool.highest_nonce(device, self.state)
                if highest > 0:
                    nonces.append((device, highest))
        return Status(
            self.epoch.number,
            self.epoch.id,
            self.sync.frontier(),
            tuple(sorted(nonces)),
            self.final_index,
            self.final_root,
        )

    def _peer_up(self, device: DeviceKey) -> None:
        self.sync.add(device)
        hello = Hello(
            PROTOCOL_VERSION,
            self.community,
            self.status(),
            self._admission if self.member is None else None,
            self._agent,
            self.addresses,
        )
        self.sync.send(device, hello)

    def _received(self, device: DeviceKey, message: Message) -> None:
        peer = self.sync.peers.get(device)
        if peer is None:
            return  # it has gone in the meantime
        try:
            if isinstance(message, Hello):
                self._on_hello(peer, message)
            elif isinstance(message, Refused):
                self._notices.append(RefusedByPeer(device, message.code, message.detail))
            elif not peer.greeted:
                self._before_hello(peer)
            else:
                self._on_message(peer, message)
        except PeerFault as fault:
            self._refuse(device, fault)

    @staticmethod
    def _before_hello(peer: Peer) -> None:
        """Pass a message over that came before the hello.

        When a connection replaces another, the peer may send on the new one what it meant
        for the old, before it notices and greets. It forgets then that it sent it.
        """
        peer.ungreeted += 1
        if peer.ungreeted > BEFORE_HELLO:
            raise PeerFault("bad_frame", f"{BEFORE_HELLO} messages and no hello")

    def _refuse(self, device: DeviceKey, fault: PeerFault, *, is_bearer: bool = False) -> None:
        """Count a fault, tell the peer; cut it off when it goes on (R7.10).

        Args:
            is_bearer: the peer only carried what another member said; it may know the
                seats as they were a moment ago, so it is told but not blamed.
        """
        self._notices.append(PeerRefused(device, fault.code, fault.detail))
        if is_bearer:
            self.sync.send(device, Refused(fault.code, fault.detail))
            return
        peer = self.sync.peers.get(device)
        if peer is None:
            return
        now = self._now.mono_ms
        peer.faults = [at for at in peer.faults if now - at < FAULT_WINDOW_MS]
        peer.faults.append(now)
        if len(peer.faults) >= FAULTS_BEFORE_CUT or not peer.greeted:
            self._cut(device, fault.code, fault.detail)
        else:
            self.sync.send(device, Refused(fault.code, fault.detail))

    def _cut(self, device: DeviceKey, code: str, detail: str) -> None:
        retry_ms = SOON_MS if code in SOON else CUT_MS
        self.sync.sends.append(Disconnect(device, code, detail, retry_ms))
        self.sync.lost(device)

    def _on_hello(self, peer: Peer, hello: Hello) -> None:
        if hello.version != PROTOCOL_VERSION:
            raise PeerFault(
                "bad_frame",
                f"protocol version {hello.version}; this node speaks {PROTOCOL_VERSION}",
            )
        if hello.community != self.community:
            raise PeerFault(
                "wrong_community",
                f"community {hello.community.hex()[:8]}; this node is in "
                f"{self.community.hex()[:8]}",
            )
        seat = self.state.charter.by_device(peer.device)
        if seat is None:
            self._check_admission(peer.device, hello.invite)
        first = not peer.greeted
        if not first:
            peer.count_request(self._now.mono_ms)
        peer.member = None if seat is None else seat.id
        if first:
            self._notices.append(
                PeerGreeted(peer.device, peer.member, hello.agent, hello.addresses)
            )
            self.sync.greet(peer, self._now.mono_ms)
        if hello.addresses:
            self.contacts[peer.device] = hello.addresses
            self._introduce(peer)
        if hello.status is None:
            self.sync.send(peer.device, Genesis(self.genesis_charter))
        else:
            self._on_status(peer, hello.status)  # who is behind pulls, from one peer only

    def _introduce(self, newcomer: Peer) -> None:
        """Tell a newcomer where the others listen, and the others where it does."""
        own = Contacts(((newcomer.device, self.contacts[newcomer.device]),))
        known = self._known_contacts()
        for peer in self.sync.greeted():
            if peer is newcomer:
                others = tuple(one for one in known if one[0] != newcomer.device)
                self.sync.send(peer.device, Contacts(others))
            else:
                self.sync.send(peer.device, own)

    def _known_contacts(self) -> tuple[tuple[DeviceKey, tuple[str, ...]], ...]:
        """Return what members' nodes said of themselves; forget what strangers did."""
        known = self.state.charter
        for device in [one for one in self.contacts if known.by_device(one) is None]:
            if device not in self.sync.peers:
                del self.contacts[device]
        return tuple(
            (device, self.contacts[device])
            for device in sorted(self.contacts)
            if known.by_device(device) is not None
        )

    def _on_contacts(self, contacts: Contacts) -> None:
        for device, addresses in contacts.contacts:
            if device != self.device and self.state.charter.by_device(device) is not None:
                self._notices.append(ContactTold(device, addresses))

    def _check_admission(self, device: DeviceKey, invite: tuple[DeviceKey, bytes] | None) -> None:
        if invite is None:  # R7.9
            if self.member is None and device in self._hosts:
                return  # a joiner does not know its host's seat before it has caught up
            raise PeerFault("not_a_member", f"device {device.hex()[:8]} belongs to no seat")
        key, signature = invite
        message = crypto.signed_message(crypto.TAG_ADMIT, self.community, device)
        if not self._verify(key, message, signature):
            raise PeerFault("bad_signature", "the admission is not signed by the invite's secret")
        if not self.state.roster.is_invite_open(key, self.state.time_ms):
            raise PeerFault(
                "bad_invite",
                f"invite {key.hex()[:8]} is not open here: not decided yet, used "
                "up, or expired; ask whoever sent it",
            )

    def _on_message(self, peer: Peer, message: Message) -> None:
        match message:
            case Status():
                peer.count_request(self._now.mono_ms)  # it is answered with all that it lacks
                self._on_status(peer, message)
                if message.epoch_number == self.epoch.number:
                    self.sync.push_missing_blocks(peer)
            case Push():
                self._on_push(peer, message)
            case Pull():
                peer.count_request(self._now.mono_ms)
                if message.epoch_number <= self.epoch.number:
                    most = min(message.most_bytes, PULL_BYTES)
                    pull = Pull(message.epoch_number, message.frontier, most)
                    self.sync.sends.append(ServePull(peer.device, pull))
                else:
                    raise PeerFault("bad_epoch", f"epoch {message.epoch_number} has not begun here")
            case Pulled():
                self._on_pulled(peer, message)
            case Want():
                peer.count_request(self._now.mono_ms)
                self.sync.sends.append(ServeWant(peer.device, message.hashes))
            case Contacts():
                self._on_contacts(message)
            case Links():
                self.sync.on_links(peer, message)
            case _:
                pass  # heartbeats and goodbyes are the transport's; a genesis came unasked

    def _on_status(self, peer: Peer, status: Status) -> None:
        self._compare_root(peer.member, status.final_index, status.final_root)
        if status.epoch_number == self.epoch.number and status.epoch != self.epoch.id:
            self._diverged(peer.member, self.final_index, status.epoch)
            raise PeerFault(
                "bad_epoch",
                f"epoch {status.epoch_number} is {self.epoch.id.hex()[:8]} here, "
                f"{status.epoch.hex()[:8]} there",
            )
        self.sync.on_status(peer, status)
        self.sync.push_missing_ops(peer, self._ready_ops())

    def _told_nonce(self) -> int:
        """Return how far peers say this device has counted: its store may be older (R4.6).

        One more than may lie must say so, as an op after a gap would wait for ever. Just
        after a start one who shows blocks that this node lacks is enough: the rest may
        have been put back to an older state together with it.
        """
        committee = self.epoch.committee
        is_new = self._now.mono_ms < self._settle_at - SETTLE_MS + CATCH_UP_MS
        told = [0] * (committee.faults + 1)
        for peer in self.sync.greeted():
            if peer.device in committee.key_index:
                nonce = peer.nonces.get(self.device, 0)
                told.append(nonce)
                if is_new and self.sync.is_behind(peer):
                    told.extend([nonce] * committee.faults)
        return sorted(told, reverse=True)[committee.faults]

    def _note_heard(self) -> None:
        """Count whom this node has compared its own chain with since it started (R4.6)."""
        for peer in self.sync.greeted():
            if peer.status is not None and not self.sync.is_behind(peer):
                self._heard.add(peer.device)

    def _on_pulled(self, peer: Peer, message: Pulled) -> None:
        self._take_texts(message.texts)
        before = (self.epoch.number, len(self.epoch.lace))
        for block in message.blocks:
            self._receive_block(block, peer.device)
        self._commit_all()
        brought = (self.epoch.number, len(self.epoch.lace)) != before
        self.sync.on_pulled(peer, message.epoch_number, brought)

    def _on_push(self, peer: Peer, message: Push) -> None:
        texts = {crypto.compute_text_id(blob): blob for blob in message.texts}
        for op in message.ops:
            try:
                self._receive_op(op, texts, peer)
            except PeerFault as fault:
                self._refuse(peer.device, fault, is_bearer=peer.device != op.device)
        self._take_texts(message.texts)
        for block in message.blocks:
            self._receive_block(block, peer.device)

    # --- ops and texts -------------------------------------------------------------------

    def _receive_op(self, op: Op, texts: dict[TextId, bytes], peer: Peer) -> None:
        if op.device == self.device:
            self._nonce = max(self._nonce, op.nonce)  # our store is older than what we signed
        if op.id in self.pool or self.state.next_nonce(op.device) > op.nonce:
            self.sync.note_op(peer, op)
            return
        code = self.state.may_author(op)
        if code != "ok":
            if self.sync.is_behind(peer) or isinstance(op.body, Join):
                return  # we may not know its seat or invite yet; it will be offered again
            raise PeerFault(code, f"op {op.body.KIND} by {op.author.hex()[:8]}")
        self.sync.note_op(peer, op)
        self.pool.check_rate(op, self._now.mono_ms)
        self.pool.add(op, self._now.mono_ms)
        self._writes.append(SaveOp(op, own=False))
        held = self._note_texts(op, texts, peer.device)
        self._preview_op(op)
        self.sync.push_op(op, held, peer.device)

    def _note_texts(
        self, op: Op, texts: dict[TextId, bytes], sender: DeviceKey | None
    ) -> tuple[bytes, ...]:
        """Save the texts that came with an op, ask for those that did not."""
        held: list[bytes] = []
        for ref in texts_of(op.body):
            blob = texts.get(ref.id)
            if blob is not None:
                self._writes.append(SaveText(ref.id, blob))
                held.append(blob)
            else:
                self.sync.miss_text(ref.id, about(op))
                if sender is not None:
                    self.sync.want((ref.id,), sender, self._now.mono_ms)
        return tuple(held)

    def _take_texts(self, blobs: Iterable[bytes]) -> None:
        for blob in blobs:
            text = crypto.compute_text_id(blob)
            if text in self.sync.missing_texts:
                proposal = self.sync.missing_texts.pop(text)
                self.sync.arrived(text)
                self._writes.append(SaveText(text, blob))
                if proposal is not None:
                    self._notices.append(ProposalChanged(proposal))

    # --- blocks --------------------------------------------------------------------------

    def _receive_block(self, block: Block, sender: DeviceKey) -> None:
        """Take a block in, and those that waited for it."""
        lace, orphans = self.epoch.lace, self.sync.orphans
        if block.id in lace:
            vertex = lace.get(block.id)
            assert vertex is not None
            self.sync.note_block(sender, vertex)
            return
        if block.id in orphans or block.epoch in self._past:
            return
        if block.epoch != self.epoch.id:
            self._hold_future(block, sender)
            return
        if lace.is_crowded(block) and not orphans.is_wanted(block.id):
            return  # two of one slot prove the fork; more only when others build on them
        work = [(block, bytes(sender))]
        while work:
            one, peer = work.pop()
            if one.id in lace:
                continue
            try:
                vertex = lace.check(one)
            except NotYet:
                self._hold_orphan(one, DeviceKey(peer))
                continue
            except PeerFault as fault:
                orphans.drop(one.id)
                self._refuse(DeviceKey(peer), fault)
                continue
            self._add(vertex, DeviceKey(peer))
            work.extend(orphans.release(one.id))

    def _hold_future(self, block: Block, sender: DeviceKey) -> None:
        peer = self.sync.peers.get(sender)
        # R6.7: who pulls gets them again, so a full buffer is nobody's fault then.
        ahead = peer is not None and peer.epoch_number > self.epoch.number
        if not self.sync.hold_future(block, sender) and not ahead:
            raise PeerFault("limit_buffer", "too many blocks of an epoch that has not begun here")

    def _hold_orphan(self, block: Block, sender: DeviceKey) -> None:
        missing = self.epoch.lace.missing_parents(block)
        try:
            self.sync.orphans.hold(block, missing[0], sender)
        except PeerFault as fault:
            self._refuse(sender, fault)
            return
        wanted = [one for one in missing if one not in self.sync.orphans]
        self.sync.want(wanted, sender, self._now.mono_ms)

    def _add(self, vertex: Vertex, sender: DeviceKey | None) -> None:
        """Put a valid block into the blocklace and tell everyone concerned."""
        epoch, block = self.epoch, vertex.block
        rival = epoch.lace.add(vertex)
        epoch.committer.add(vertex)
        epoch.pacer.on_block(vertex.author)
        self.sync.arrived(vertex.id)
        self.sync.on_progress()
        is_own = vertex.author == epoch.me and sender is None
        self._writes.append(SaveBlock(block, epoch.number, own=is_own))
        if rival is not None:
            self._writes.append(SaveFork(rival.block, block))
            self._notices.append(ForkFound(block.author, block.round, rival.id, block.id))
        for op in block.ops:
            self._take_block_op(op, block.round, sender)
        if sender is not None:
            self.sync.note_block(sender, vertex)
            self._compare_root(block.author, block.final_index, block.final_root)
        self.sync.push_block(vertex, sender)

    def _take_block_op(self, op: Op, round_: Round, sender: DeviceKey | None) -> None:
        if op.device == self.device:
            self._nonce = max(self._nonce, op.nonce)
        if self.state.next_nonce(op.device) > op.nonce:
            return
        entry = self.pool.get(op.id)
        if entry is None:
            if self.state.may_author(op) != "ok":
                return  # the log will say so, if it gets there
            try:
                self.pool.add(op, self._now.mono_ms)
            except PeerFault:
                return  # a block is valid whatever ops it carries; the log takes it from there
            entry = self.pool.get(op.id)
            self._note_texts(op, {}, sender)
            self._preview_op(op)
        if entry is not None:
            entry.carried = round_ if entry.carried is None else min(entry.carried, round_)

    def _compare_root(self, member: MemberId | None, index: int, root: bytes) -> None:
        ours = self._roots.get(index)
        if ours is not None and ours != root:
            self._diverged(member, index, root)

    def _diverged(self, member: MemberId | None, index: int, theirs: bytes) -> None:
        ours = self._roots.get(index, self.final_root)  # R7.13: ours stands
        self._notices.append(Diverged(member or MemberId(bytes(32)), index, ours, theirs))

    # --- committing ----------------------------------------------------------------------

    def _commit_all(self) -> None:
        """Finalize whatever is decided, over as many epochs as end by it."""
        while True:
            number = self.epoch.number
            for decided in self.epoch.committer.advance():
                self._commit(decided)
                if self.epoch.number != number:
                    break  # R6.2: later slots of the epoch are void
            if self.epoch.number == number:
                return

    def _commit(self, decided: Decided) -> None:
        epoch, block = self.epoch, decided.block
        if block is None:
            return
        history = epoch.committer.take_history(block)
        ops: dict[OpId, Op] = {}
        for vertex in history:
            for op in vertex.block.ops:
                ops.setdefault(op.id, op)
        time_ms = compute_commit_time(block, self.state.time_ms)
        result = self.state.commit(tuple(ops.values()), time_ms)
        self.final_index += 1
        self.final_root = compute_root(
            self.community,
            self.final_root,
            epoch.id,
            block,
            time_ms,
            result.entries,
            result.decided,
        )
        self._roots[self.final_index] = self.final_root
        self._roots.pop(self.final_index - ROOTS_KEPT, None)
        commit = Commit(
            self.final_index,
            epoch.number,
            block.round,
            block.block.author,
            block.id,
            time_ms,
            self.final_root,
            result.entries,
            result.decided,
        )
        self._writes.append(SaveCommit(commit, result.ops))
        epoch.pacer.on_commit()
        self._after_commit(commit, ops.values(), result.ops)
        if result.ends_epoch or block.round >= epoch.max_rounds:  # R6.3
            self._begin_epoch(block)
        elif result.charter_changed:
            self._review_peers()  # a device key was bound or revoked

    def _after_commit(self, commit: Commit, output: Iterable[Op], applied: Iterable[Op]) -> None:
        self.pool.drop_final(self.state, {op.device for op in (*output, *applied)})
        for op in output:
            entry = self.pool.get(op.id)
            if entry is None:
                continue
            entry.carried = None  # it waits for an earlier nonce …
            if self.state.next_nonce(op.device) == op.nonce or not self.state.has_seat(op.device):
                self.pool.drop(op.id)  # … or its author may not speak: no reason for more blocks
        if commit.entries or commit.decided:
            self._stale_preview = True
            self._notices.append(Committed(commit.index, len(commit.entries), commit.time_ms))
        for op_id, code in commit.entries:
            self._notices.append(OpFinal(op_id, code))
        for op in applied:
            changed = about(op)
            if changed is not None:
                self._notices.append(ProposalChanged(changed))
        for proposal, outcome in commit.decided:
            self._notices.append(ProposalDecided(proposal, outcome))

    def _begin_epoch(self, last: Vertex) -> None:
        """End the epoch with the commit of `last` and begin the next (§6)."""
        self._past[self.epoch.id] = None
        if len(self._past) > EPOCHS_KEPT:
            del self._past[next(iter(self._past))]
        self.state.begin_epoch()
        charter = self.state.charter
        record = SaveEpoch(
            self.epoch.number + 1,
            compute_epoch_id(
                self.epoch.id, last.round, last.block.author, self.final_root, charter
            ),
            self.final_index,
            self.final_root,
            self.state.time_ms,
            self.state.to_bytes(),
        )
        self._writes.append(record)
        self.epoch = Epoch(record, self.state, self.device)
        self._notices.append(
            EpochStarted(record.number, len(charter.members), len(self.epoch.committee))
        )
        self.pool.carry_over()
        self.pool.drop_unauthored(self.state)
        self._stale_preview = True
        self._ticks = 0
        self.sync.begin_epoch(record.number, self.epoch.lace)
        self._review_peers()
        status, known = self.status(), Contacts(self._known_contacts())
        for peer in self.sync.greeted():
            self.sync.send(peer.device, status)
            if known.contacts:
                self.sync.send(peer.device, known)  # seats may be new: now they may be dialled
        for block, sender in self.sync.take_future():
            try:
                self._receive_block(block, sender)
            except PeerFault as fault:
                self._refuse(sender, fault)

    def _review_peers(self) -> None:
        """Seats changed: whose connection is it now, and is it still welcome?"""
        for peer in self.sync.greeted():
            seat = self.state.charter.by_device(peer.device)
            was_member = peer.member is not None
            peer.member = None if seat is None else seat.id
            if was_member and seat is None and self.member is not None:
                self._cut(peer.device, "not_a_member", "the seat or the key was taken off")

    # --- making blocks -------------------------------------------------------------------

    @property
    def is_settled(self) -> bool:
        """Whether this node has compared its own chain with enough others to sign blocks.

        A restored backup must not fork (R4.6): others may hold blocks of ours that it lacks.
        """
        committee = self.epoch.committee
        heard = sum(1 for key in committee.keys if key in self._heard and key != self.device)
        if heard >= committee.quorum - 1:
            return True
        connected = {peer.device for peer in self.sync.greeted()}
        return bool(self._now.mono_ms >= self._settle_at and connected and connected <= self._heard)

    def _deferred(self) -> set[MemberId]:
        """Return the members whose own node attends, and so carries their ops itself."""
        epoch = self.epoch
        attending = epoch.attending(self.sync.connected) & ~epoch.pacer.absent
        return {
            member
            for author, member in enumerate(epoch.committee.members)
            if attending >> author & 1 and author != epoch.me
        }

    def _linger(self) -> Linger:
        return Linger(self.state.charter.timing.linger_ms, max(200, 2 * self.epoch.pacer.delta_ms))

    def _ops_due_at(self) -> MonoMs | None:
        """Return when unfinalized ops are reason enough to make blocks, or None."""
        if not len(self.pool):
            return None
        linger = self._linger()
        due = self.pool.next_due(self.state, self._deferred(), linger, self._wall_minus_mono)
        if due is not None and due > self._now.mono_ms and self.preview.changes_outcome:
            return self._now.mono_ms
        return due

    def _deadline_at(self) -> MonoMs | None:
        """Return when to make blocks for a deadline's sake (R5.6), or None.

        A clock far ahead of the others' finds every deadline past: after enough rounds
        for a commit it pauses, longer each time, until commit time has caught up.
        """
        due = self.state.next_due_ms()
        if due != self._tick_due:
            self._tick_due, self._ticks, self._tick_at = due, 0, MonoMs(0)
        if due is None:
            return None
        return MonoMs(max(due - self._wall_minus_mono, self._tick_at))

    def _is_active(self) -> bool:
        """Return whether there is something to finalize now (R4.1)."""
        now = self._now.mono_ms
        ops, deadline = self._ops_due_at(), self._deadline_at()
        return (ops is not None and ops <= now) or (deadline is not None and deadline <= now)

    def _make_blocks(self) -> Pace:
        """Make every block that is due; return what the pacer waits for."""
        while True:
            epoch, now = self.epoch, self._now.mono_ms
            if epoch.me is None or not self.is_settled:
                return Pace()
            ops_at = self._ops_due_at()
            for_ops = ops_at is not None and ops_at <= now
            deadline = self._deadline_at()
            for_deadline = deadline is not None and deadline <= now
            reached = epoch.others_reached()
            if not for_ops and not for_deadline and epoch.made >= reached:
                return Pace()
            pace = epoch.pacer.next_round(
                epoch.lace, epoch.me, epoch.attending(self.sync.connected), now
            )
            if pace.round is None:
                return pace
            if not for_ops and not for_deadline and pace.round > reached:
                return Pace()  # others have what they need from this node
            if for_deadline and not for_ops:
                self._count_tick()
            self._make_block(pace.round)
            self._commit_all()

    def _count_tick(self) -> None:
        self._ticks += 1
        beyond = self._ticks - TICKS_AT_ONCE
        if beyond >= 0:
            pause = min(TICK_FIRST_MS << min(beyond, 16), TICK_MAX_MS)
            self._tick_at = MonoMs(self._now.mono_ms + pause)

    def _make_block(self, round_: Round) -> None:
        epoch = self.epoch
        assert epoch.me is not None
        parents = epoch.parents_for(round_)
        ids = tuple(parent.id for parent in parents) if round_ > 1 else None
        ops = self.pool.select(
            self.state,
            round_,
            self._deferred(),
            set(self.preview.changed),
            self._now.mono_ms - self._linger().patience_ms,
        )
        block = sign_block(
            self.community,
            self._signer,
            epoch=epoch.id,
            author=epoch.committee.members[epoch.me],
            round_=round_,
            time_ms=epoch.time_for(self._now.wall_ms),
            parents=ids if ids is not None else (epoch.genesis,),
            ops=ops,
            final_index=self.final_index,
            final_root=self.final_root,
        )
        self.pool.carry_anew(ops)
        vertex = epoch.lace.check(block)
        self._add(vertex, None)
        epoch.cover(vertex)

    # --- time ----------------------------------------------------------------------------

    def _wake_times(self) -> Iterable[MonoMs]:
        now = self._now.mono_ms
        if self._own_push_at is not None:
            yield self._own_push_at
        if self.epoch.me is None:
            return
        if not self.is_settled:
            if self._settle_at > now:
                yield self._settle_at
            return
        for at in (self._ops_due_at(), self._deadline_at()):
            if at is not None and at > now:
                yield at

    # --- views ---------------------------------------------------------------------------

    def finality(self) -> Finality:
        """Return what finality waits for now: whose node is reachable, whose is missing."""
        return compute_finality(self.epoch, self.sync.connected, self.device, self.is_settled)
