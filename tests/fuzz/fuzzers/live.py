"""One node under test: a real core on a store in memory, and what must hold after every step.

The rules of blocks are written down here once more, in words of their own, so that a block the
node should have refused is noticed when it is saved.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

from sim.memory_store import MemoryStore
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import Block, is_fork
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.agreement.receipts import open_receipt
from p2pnode_protocols.core import Core
from p2pnode_protocols.core.core import LONGEST_WAIT_MS
from p2pnode_protocols.core.intake import texts as intake_texts
from p2pnode_protocols.core.log import ledger
from p2pnode_protocols.core.peers import greeting
from p2pnode_protocols.core.peers.manners import FAULTS_BEFORE_CUT
from p2pnode_protocols.core.pending import pool
from p2pnode_protocols.gossip import proofs, pushes
from p2pnode_protocols.gossip.asking import texts
from p2pnode_protocols.gossip.peers import hearsay, peers
from p2pnode_protocols.gossip.peers import peer as gossip_peer
from p2pnode_protocols.gossip.shares import held, orphans
from p2pnode_protocols.messages.frames import Message, read_frame, write_frame
from p2pnode_protocols.messages.greeting import Bye, Ping, Pong
from p2pnode_protocols.record.bodies import texts_of
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import Op, open_op
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.turn import nonces, parking
from p2pnode_protocols.record.views.explain import explain
from p2pnode_protocols.record.views.view import compute_view
from p2pnode_protocols.steps.inputs import (
    Batch,
    Input,
    Now,
    PeerDown,
    PeerUp,
    Received,
    TextsMissing,
    Written,
)
from p2pnode_protocols.steps.notices import PeerRefused
from p2pnode_protocols.steps.sends import (
    Disconnect,
    ReportWritten,
    Send,
    Sending,
    ServePull,
    ServeReceipts,
    ServeWant,
)
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveCommit,
    SaveEpoch,
    SaveErased,
    SaveFate,
    SaveFork,
    SaveOp,
    SaveProven,
    SaveReceipt,
    SaveText,
    Write,
)
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import decode
from p2pnode_protocols.wire.errors import CODES, PeerFault
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, MonoMs, TextId, WallMs
from p2pnode_protocols.wire.limits import FRAME_BYTES

from .genuine import START_MS, Stage

# Bounds that a few hundred bytes of input can reach. What is tested is that they hold, not
# where they lie.
SMALL: tuple[tuple[ModuleType, str, int], ...] = (
    (orphans, "ORPHANS_PER_SEAT", 6),
    (orphans, "ORPHANS", 10),
    (ledger, "ROOTS_KEPT", 16),
    (ledger, "EPOCHS_KEPT", 2),
    (greeting, "BEFORE_HELLO", 4),
    (nonces, "WAITING_PER_DEVICE", 4),
    (parking, "PARKED_PER_MEMBER", 4),
    (parking, "REFUSED_KEPT", 8),
    (pool, "PENDING_PER_MEMBER", 8),
    (proofs, "RECEIPTS_EARLY_PER_DEVICE", 3),
    (proofs, "UNPROVEN", 6),
    (hearsay, "CONTACTS_EARLY", 6),
    (hearsay, "CONTACTS_EARLY_PER_SEAT", 4),
    (held, "FUTURE_EPOCH_BLOCKS", 6),
    (held, "FUTURE_EPOCH_BLOCKS_PER_SEAT", 4),
    (texts, "MISSING_TEXTS", 8),
    (intake_texts, "PAGE", 4),
    (pushes, "PUSH_CATCH_UP", 12),
    (gossip_peer, "REQUESTS_PER_WINDOW", 20),
    (peers, "REQUESTS_PER_WINDOW", 20),
)
PAYERS = 16  # members and invites of a run: each may have its share of the pool
SENDS = 2_000  # of one step


@contextmanager
def small_limits() -> Iterator[None]:
    before = [(module, name, getattr(module, name)) for module, name, _ in SMALL]
    for module, name, value in SMALL:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


class LiveNode:
    """The node of the first seat."""

    def __init__(self, stage: Stage, verify: crypto.Verify, device: DeviceKey) -> None:
        self.store = MemoryStore()
        self.charter = stage.charter.to_bytes()
        self.community = self.store.adopt(self.charter)
        self.store.apply(stage.writes, durable=True)
        self.device = device
        self.verify = verify
        self.mono_ms = stage.now_ms + 1_000
        self.wall_ms = START_MS + self.mono_ms
        self.wake_at = 0
        self.up: set[DeviceKey] = set()
        self.reading: dict[DeviceKey, None] = {}  # the core waits until all is written to them
        self.said: list[bytes] = []  # frames it sent, for the fuzzer to send back
        self._readable: dict[int, Message] = {}  # of this step
        self.new_blocks: Callable[[Block], None] = lambda _block: None
        self._committees = dict(committees_of(stage))
        own = [one for one in self.store.blocks.values() if one.device == device]
        self._own_rounds = {one.epoch: one.round for one in own}  # in the order of saving
        self._own_nonce = max(
            (one.nonce for one in self.store.ops.values() if one.device == device), default=0
        )
        self._referred: set[TextId] = set()
        for op in self.store.ops.values():
            self._referred |= {ref.id for ref in texts_of(op.body)}
        self.opener = Opener(self.community, verify)
        self.core = self._start()

    @property
    def now(self) -> Now:
        return Now(MonoMs(self.mono_ms), WallMs(self.wall_ms))

    def _start(self) -> Core:
        restored = self.store.restore(self.device)
        assert restored is not None
        core = Core(self.community, FakeSigner(self.device), restored, self.now, verify=self.verify)
        core.genesis_charter = self.charter
        return core

    def restart(self) -> None:
        self.core = self._start()
        self.up.clear()
        self.reading.clear()

    # --- what happens to it ---------------------------------------------------------------

    def give(self, event: Input) -> Step:
        match event:
            case PeerUp(peer=peer):
                self.up.add(peer)
            case PeerDown(peer=peer):
                self.up.discard(peer)
            case _:
                pass
        step = self.core.handle(event, self.now)
        before = set(self.up)
        self._check(step)
        for peer in sorted(before - self.up):  # the transport hangs up, and says so
            self.give(PeerDown(peer))
        while self.reading:
            peer = next(iter(self.reading))
            del self.reading[peer]
            self.give(Written(peer))
        if step.reads is not None:
            self.give(TextsMissing(*self.store.missing_texts(step.reads.after, step.reads.most)))
        return step

    def feed(self, peer: DeviceKey, frame: bytes, *, one_by_one: bool = False) -> bool:
        """Take a frame as the transport does; return whether it was one."""
        try:
            messages = read_frame(frame, self.opener)
        except PeerFault:
            return False
        events = tuple(
            PeerDown(peer) if isinstance(one, Bye) else Received(peer, one)
            for one in messages
            if not isinstance(one, Ping | Pong)  # the session's own
        )
        if one_by_one:
            for event in events:
                self.give(event)
        elif events:
            if any(isinstance(one, PeerDown) for one in events):
                self.up.discard(peer)
            self.give(Batch(events))
        return True

    def pass_time(self, mono_ms: int, wall_ms: int | None = None) -> None:
        self.mono_ms += mono_ms
        self.wall_ms = max(1, self.wall_ms + (mono_ms if wall_ms is None else wall_ms))

    # --- what must hold ---------------------------------------------------------------------

    def _check(self, step: Step) -> None:
        assert step.wake_at is not None
        assert self.mono_ms < step.wake_at <= self.mono_ms + LONGEST_WAIT_MS
        self.wake_at = step.wake_at
        for write in step.writes:
            self._check_write(write)
            self.store.apply([write], durable=True)
            if isinstance(write, SaveBlock):
                self.new_blocks(write.block)
        assert len(step.sends) <= SENDS
        self._readable.clear()
        for sending in step.sends:
            self._check_send(sending)
        for notice in step.notices:
            assert not isinstance(notice, PeerRefused) or notice.code in CODES
        self._check_bounds()

    def _check_write(self, write: Write) -> None:
        match write:
            case SaveBlock(block=block, own=own):
                self._check_block(block)
                for op in block.ops:
                    self._refer(op)
                if own:
                    assert Opener(self.community, self.verify).block(block.wire) == block
                    assert block.device == self.device
                    assert block.round > self._own_rounds.get(block.epoch, 0), "it forked"
                    self._own_rounds[block.epoch] = block.round
            case SaveOp(op=op, own=own):
                self._refer(op)
                if own:
                    assert open_op(self.community, op.wire, self.verify) == op
                    assert op.device == self.device
                    assert op.nonce > self._own_nonce, "it said two things with one nonce"
                if op.device == self.device:
                    self._own_nonce = max(self._own_nonce, op.nonce)
            case SaveText(id=text, blob=blob):
                assert crypto.compute_text_id(blob) == text
                assert text in self._referred, "a text that nothing refers to"
            case SaveCommit(commit=commit, ops=ops):
                assert commit.index == len(self.store.saved_commits) + 1
                assert commit.block in self.store.blocks
                assert [one.id for one in ops] == [one for one, _ in commit.entries]
                assert all(code in CODES for _, code in commit.entries)
            case SaveEpoch(number=number):
                assert number == len(self.store.epochs)
                self._note_epoch(write)
            case SaveFork(first=first, second=second):
                assert is_fork(first, second)
            case _:
                self._check_proof(write)

    def _check_proof(self, write: Write) -> None:
        match write:
            case SaveReceipt(receipt=receipt, own=own):
                assert open_receipt(self.community, receipt.wire, self.verify) == receipt
                assert not own or receipt.device == self.device
            case SaveProven(index=index):
                given = [key for key in self.store.receipts if key[0] == index]
                assert given, "proven by nobody"
            case SaveFate(op=op, code=code, index=index):
                assert code in CODES
                assert self.store.ops[op].device == self.device, "the fate of somebody else's op"
                assert index is None or dict(self.store.by_index[index].entries)[op] == code
            case SaveErased(id=text):
                assert self.core.state.erased_by(text) is not None
            case _:
                pass

    def _refer(self, op: Op) -> None:
        self._referred |= {ref.id for ref in texts_of(op.body)}

    def _note_epoch(self, epoch: SaveEpoch) -> None:
        value = decode(epoch.snapshot, len(epoch.snapshot))
        snapshot = State.read(value, self.store.closed, self.verify)
        assert snapshot.to_bytes() == epoch.snapshot
        self._committees[epoch.id] = Committee(epoch.id, Charter.from_bytes(epoch.charter))

    def _check_block(self, block: Block) -> None:
        """R2.13 to R2.16, by what the store holds."""
        committee = self._committees[block.epoch]
        place = committee.members.index(block.author)
        assert committee.keys[place] == block.device
        if block.round == 1:
            assert block.parents == (block.epoch,)
            assert block.sequence == 1
            return
        parents = [self.store.blocks[one] for one in block.parents]
        assert all(one.epoch == block.epoch and one.round < block.round for one in parents)
        authors = [one.author for one in parents]
        assert len(set(authors)) == len(authors)
        below = [one for one in parents if one.round == block.round - 1]
        assert len(below) >= committee.quorum
        if block.author in authors:
            assert authors[0] == block.author
            assert block.sequence == parents[0].sequence + 1
            assert block.time_ms > parents[0].time_ms
        else:
            assert block.sequence == 1

    def _check_send(self, sending: Sending) -> None:
        match sending:
            case Send(peer=peer, message=message):
                assert peer in self.up, "said to somebody who is not there"
                self._check_readable(message)
            case ServePull(peer=peer, pull=pull):
                assert peer in self.up
                self._check_readable(self.store.serve_pull(pull))
            case ServeWant(peer=peer, hashes=hashes):
                assert peer in self.up
                self._check_readable(self.store.serve_want(hashes))
            case ServeReceipts(peer=peer, after=after):
                assert peer in self.up
                self._check_readable(self.store.serve_receipts(after))
            case ReportWritten(peer=peer):
                assert peer in self.up
                self.reading[peer] = None
            case Disconnect(peer=peer, code=code, retry_ms=retry_ms):
                assert code in CODES
                assert retry_ms > 0
                self.up.remove(peer)  # the core counts it as gone at once

    def _check_readable(self, message: Message) -> None:
        """What it says, an honest peer takes: else that peer would cut it off."""
        if id(message) in self._readable:
            return  # one message to several peers
        self._readable[id(message)] = message
        frame = write_frame([message])
        assert len(frame) <= FRAME_BYTES
        assert write_frame(read_frame(frame, self.opener)) == frame
        self.said.append(frame)
        del self.said[:-32]

    def _check_bounds(self) -> None:
        core = self.core
        assert set(core.sync.peers) == self.up
        assert len(core.pool) <= PAYERS * pool.PENDING_PER_MEMBER
        assert len(core.sync.held.orphans) <= orphans.ORPHANS
        assert len(core.sync.held.future) <= held.FUTURE_EPOCH_BLOCKS
        assert len(core.sync.hearsay.early) <= hearsay.CONTACTS_EARLY
        assert len(core.proofs) <= proofs.UNPROVEN
        assert all(one <= proofs.RECEIPTS_EARLY_PER_DEVICE for one in core.proofs.early().values())
        assert len(core.sync.texts.missing) <= texts.MISSING_TEXTS
        devices = sum(len(one.devices) for one in core.state.charter.members)
        assert len(core.contacts.addresses) <= devices + len(self.up)
        for one in map(core.sync.peers.get, core.sync.peers):
            assert one is not None
            told = 0 if one.status is None else len(one.status.nonces)
            joining = PAYERS * pool.PENDING_PER_MEMBER
            assert len(one.nonces) <= told + devices + joining, "nonces of devices without end"
            assert len(one.has) <= len(core.epoch.committee)
            assert len(one.faults) <= FAULTS_BEFORE_CUT + 32  # the rest of a frame still counts

    def check_views(self) -> None:
        """What anybody said can be shown."""
        core = self.core
        core.finality()
        for proposal in (*core.state.proposal_ids, *core.preview.open_ids):
            view = compute_view(core.preview, proposal)
            assert view.id == proposal
            explain(core.preview, proposal)

    def check_restart(self) -> None:
        """A restart finds what was there."""
        before = self.core
        held = {one.id for one in self.store.by_epoch.get(before.epoch.number, ())}
        after = self._start()
        assert after.epoch.id == before.epoch.id
        assert (after.final_index, after.final_root) == (before.final_index, before.final_root)
        assert after.state.to_bytes() == before.state.to_bytes()
        assert held == {one for one in held if one in after.epoch.lace and one in before.epoch.lace}
        assert len(after.epoch.lace) == len(before.epoch.lace)


@functools.cache
def committees_of(stage: Stage) -> dict[EpochId, Committee]:
    """Return the committees of the epochs that a stage has been through."""
    return {
        one.id: Committee(one.id, Charter.from_bytes(one.charter))
        for one in stage.writes
        if isinstance(one, SaveEpoch)
    }
