"""A few cores joined by perfect links, for tests that look at one rule at a time.

Time moves only by `run_until` and by the 2 ms a message takes. For faults of links and
machines there is the simulator (tests/sim).
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sim.memory_store import MemoryStore

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import Refused
from p2pnode_protocols.messages.proofs import Receipts
from p2pnode_protocols.messages.spreading import Pull, Pulled
from p2pnode_protocols.record.actions import Action, NoAction
from p2pnode_protocols.record.bodies import Choice, Propose, Vote
from p2pnode_protocols.record.questions.register import Closed
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import (
    Input,
    Now,
    PeerUp,
    Received,
    Submit,
    TextsMissing,
    Tick,
    Written,
)
from p2pnode_protocols.steps.notices import Notice
from p2pnode_protocols.steps.restored import Restored, Unproven
from p2pnode_protocols.steps.sends import (
    Disconnect,
    ReportWritten,
    Send,
    Sending,
    ServeLeap,
    ServePull,
    ServeRecall,
    ServeReceipts,
    ServeWant,
)
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveClosed,
    SaveCommit,
    SaveEpoch,
    SaveFork,
    SaveOp,
    SaveProven,
    SaveReceipt,
    SaveUnproven,
    SaveVow,
    Write,
)
from p2pnode_protocols.wire.ids import DeviceKey, MonoMs, OpId, WallMs
from p2pnode_protocols.wire.limits import LINKS_BYTES, PULL_BYTES, RECALL_BYTES

from .dag import FakeSigner, fake_verify, make_charter

START_WALL_MS = 1_000_000
LATENCY_MS = 2


@dataclass
class Node:
    """One core and everything it ever ordered."""

    core: Core
    writes: list[Write] = field(default_factory=list)
    sends: list[Sending] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    wake_at: int = 1 << 60
    skew_ms: int = 0

    def noticed(self, kind: type[Notice]) -> list[Notice]:
        return [one for one in self.notices if isinstance(one, kind)]

    def own_blocks(self) -> list[SaveBlock]:
        return [one for one in self.writes if isinstance(one, SaveBlock) and one.own]


class Cluster:
    """`n` connected nodes of one community, in the order of their member ids."""

    pull_bytes = PULL_BYTES  # of blocks, that they ask for in one pull, or of closed proposals
    links_bytes = LINKS_BYTES  # that a leap holds

    def __init__(self, n: int, charter: Charter | None = None) -> None:
        self.charter = charter or replace(make_charter(n), created_ms=WallMs(START_WALL_MS))
        self.now_ms = 0
        self.devices: list[DeviceKey] = [
            seat.node_key for seat in self.charter.members if seat.node_key is not None
        ]
        self.nodes: dict[DeviceKey, Node] = {}
        self.admissions: dict[DeviceKey, tuple[DeviceKey, bytes]] = {}  # of joiners
        self.cut: set[frozenset[DeviceKey]] = set()
        self.keep_epochs = 1_000  # blocks of older ones are not served
        self.carried: Counter[str] = Counter()
        self._queue: list[tuple[int, int, DeviceKey, Input]] = []  # (at, order, to whom, what)
        self._order = itertools.count()
        for device in self.devices:
            self.start(device, Restored(found_epoch(self.charter), (), (), (), (), 0))

    def now(self, node: Node | None = None) -> Now:
        skew = 0 if node is None else node.skew_ms
        return Now(MonoMs(self.now_ms), WallMs(START_WALL_MS + self.now_ms + skew))

    def start(self, device: DeviceKey, restored: Restored) -> Node:
        """Make a core, without connecting it."""
        self.nodes[device] = Node(self.make_core(device, restored))
        return self.nodes[device]

    def make_core(self, device: DeviceKey, restored: Restored) -> Core:
        return Core(
            self.charter.community_id,
            FakeSigner(device),
            restored,
            self.now(),
            verify=fake_verify,
            pull_bytes=self.pull_bytes,
            admission=self.admissions.get(device),
        )

    def connect(self, devices: Iterable[DeviceKey] | None = None) -> None:
        """Join all of `devices` (default: everyone) with each other."""
        chosen = list(self.devices if devices is None else devices)
        for one in chosen:
            for other in chosen:
                if one != other:
                    self.give(one, PeerUp(other))

    def node(self, place: int) -> Node:
        return self.nodes[self.devices[place]]

    def give(self, device: DeviceKey, event: Input) -> Step:
        node = self.nodes[device]
        step = node.core.handle(event, self.now(node))
        node.writes.extend(step.writes)
        node.sends.extend(step.sends)
        node.notices.extend(step.notices)
        assert step.wake_at is not None
        assert step.wake_at > self.now_ms, "a wake-up that is due already would spin the shell"
        node.wake_at = step.wake_at
        for send in step.sends:
            if isinstance(send, Send):
                self._post(device, send.peer, send.message)
            elif isinstance(send, ServePull):
                self._post(device, send.peer, self._serve(node, send.pull))
            elif isinstance(send, ServeWant):
                answer = self._blocks_of(node).serve_want(send.hashes)
                if answer.blocks:
                    self._post(device, send.peer, answer)
            elif isinstance(send, ServeLeap):
                self._post(device, send.peer, self._store(node).serve_leap(send.leap))
            elif isinstance(send, ServeRecall):
                self._post(device, send.peer, self._store(node).serve_recall(send.recall))
            elif isinstance(send, ServeReceipts):
                self._post(device, send.peer, self._serve_receipts(node, send.after))
            elif isinstance(send, ReportWritten):
                self._later(LATENCY_MS, device, Written(send.peer))
            elif isinstance(send, Disconnect):
                self._post(device, send.peer, Refused(send.code, send.detail))
                self.hung_up(device, send)
        if step.reads is not None:
            texts = self._store(node).missing_texts(step.reads.after, step.reads.most)
            self._later(LATENCY_MS, device, TextsMissing(*texts))
        return step

    def is_heard(self, target: DeviceKey, event: Input) -> bool:
        """Return whether what was to come to a node at this time still comes."""
        return True

    def hung_up(self, device: DeviceKey, end: Disconnect) -> None:
        """A node has ended a connection. Here that is one way: the peer hears no more of it."""

    def _post(self, sender: DeviceKey, target: DeviceKey, message: Message) -> None:
        if frozenset((sender, target)) not in self.cut:
            self._later(LATENCY_MS, target, Received(sender, message))

    def _later(self, in_ms: int, target: DeviceKey, event: Input) -> None:
        heapq.heappush(self._queue, (self.now_ms + in_ms, next(self._order), target, event))

    def _store(self, node: Node) -> MemoryStore:
        """Return a store that got all that the node ordered."""
        store = MemoryStore(min(self.pull_bytes, RECALL_BYTES), self.links_bytes)
        store.adopt(self.charter.to_bytes())
        store.apply([found_epoch(self.charter), *node.writes], durable=True)
        return store

    def _serve(self, node: Node, pull: Pull) -> Pulled:
        if pull.epoch_number <= node.core.epoch.number - self.keep_epochs:
            return Pulled(pull.epoch_number, (), (), more=False, after=pull.after)
        return self._blocks_of(node).serve_pull(pull)

    @staticmethod
    def _blocks_of(node: Node) -> MemoryStore:
        store = MemoryStore()
        store.apply([one for one in node.writes if isinstance(one, SaveBlock)], durable=True)
        return store

    @staticmethod
    def _serve_receipts(node: Node, after: int) -> Receipts:
        held = [one.receipt for one in node.writes if isinstance(one, SaveReceipt)]
        later = [one for one in held if one.statement.index > after]
        return Receipts(tuple(sorted(later, key=lambda one: one.statement.index)), after)

    def pulls_of(self, place: int, peer: DeviceKey) -> list[Pull]:
        """Return what a node has asked of a peer, in this order."""
        sends = [one for one in self.node(place).sends if isinstance(one, Send)]
        return [one.message for one in sends if one.peer == peer and isinstance(one.message, Pull)]

    def answer_pull(self, place: int, peer: DeviceKey, *blocks: Block, more: bool = False) -> Step:
        """Let a peer answer a node's last pull with these blocks."""
        asked = self.pulls_of(place, peer)[-1]
        answer = Pulled(asked.epoch_number, blocks, (), more, asked.after)
        return self.tell(place, peer, answer)

    def tell(self, place: int, sender: DeviceKey, message: Message) -> Step:
        return self.give(self.devices[place], Received(sender, message))

    def run_until(self, at_ms: int) -> None:
        """Deliver messages and wake cores up to a time on the monotonic clock."""
        while True:
            wake, device = min(
                (node.wake_at, device) for device, node in sorted(self.nodes.items())
            )
            arrival = self._queue[0][0] if self._queue else 1 << 60
            if min(wake, arrival) > at_ms:
                self.now_ms = at_ms
                return
            self.now_ms = max(self.now_ms, min(wake, arrival))
            if arrival <= wake:
                _, _, target, event = heapq.heappop(self._queue)
                if target in self.nodes and self.is_heard(target, event):
                    if isinstance(event, Received):
                        self.carried[type(event.message).__name__] += 1
                    self.give(target, event)
            else:
                self.nodes[device].wake_at = 1 << 60
                self.give(device, Tick())

    def run(self, for_ms: int) -> None:
        self.run_until(self.now_ms + for_ms)

    def propose(self, place: int, tier: str = "implementation", *, urgent: bool = True) -> OpId:
        return self.propose_action(place, tier, NoAction(), urgent=urgent)

    def propose_action(self, place: int, tier: str, action: Action, *, urgent: bool = True) -> OpId:
        title, blob = make_text(b"s" * 16, "a title")
        body = Propose(tier, title, (), action, WallMs(0))
        step = self.give(self.devices[place], Submit(body, (blob,), urgent))
        assert step.accepted is not None
        self.run(2 * LATENCY_MS)  # everyone has heard of it
        return step.accepted.id

    def vote(
        self, place: int, proposal: OpId, choice: Choice = "yes", *, urgent: bool = False
    ) -> None:
        body = Vote(proposal, proposal, choice, None)
        self.give(self.devices[place], Submit(body, (), urgent))

    def outcome(self, place: int, proposal: OpId) -> str:
        view = self.node(place).core.state.proposal(proposal)
        return "unknown" if view is None else view.outcome

    def restored(self, place: int, *, writes: int | None = None) -> Restored:
        """Return what a store that got the first `writes` writes would give back."""
        device = self.devices[place]
        epoch = found_epoch(self.charter)
        blocks: list[SaveBlock] = []
        ops: dict[OpId, SaveOp] = {}
        roots: list[tuple[int, bytes]] = []
        closed: list[Closed] = []
        nonce = 0
        vow: Rebuild | None = None
        rebuilds: list[tuple[int, Rebuild]] = []
        for write in self.node(place).writes[:writes]:
            match write:
                case SaveEpoch():
                    epoch = write
                    if write.rebuild is not None:
                        rebuilds.append((write.number, write.rebuild))
                case SaveVow(rebuild=rebuild):
                    vow = rebuild
                case SaveBlock():
                    blocks.append(write)
                    nonce = max([nonce, *(o.nonce for o in write.block.ops if o.device == device)])
                case SaveOp(op=op):
                    ops[op.id] = write
                    nonce = max(nonce, op.nonce if op.device == device else 0)
                case SaveClosed(closed=one):
                    closed.append(one)
                case SaveCommit(commit=commit):
                    roots.append((commit.index, commit.root))
                    for op_id, _code in commit.entries:
                        ops.pop(op_id, None)
                case _:
                    pass
        held = tuple(one.block for one in blocks if one.epoch_number == epoch.number)
        pending = tuple(one.op for one in ops.values())
        return Restored(
            epoch,
            held,
            pending,
            (),
            tuple(roots),
            nonce,
            tuple(closed),
            tuple(self._unproven(self.node(place).writes[:writes])),
            tuple(
                (one.first, one.second)
                for one in self.node(place).writes[:writes]
                if isinstance(one, SaveFork)
            ),
            vow,
            tuple(rebuilds),
        )

    def _unproven(self, writes: Sequence[Write]) -> Iterator[Unproven]:
        epochs = {found_epoch(self.charter).id: found_epoch(self.charter)}
        epochs |= {one.id: one for one in writes if isinstance(one, SaveEpoch)}
        proven = {one.index for one in writes if isinstance(one, SaveProven)}
        receipts = [one.receipt for one in writes if isinstance(one, SaveReceipt)]
        for one in writes:
            if isinstance(one, SaveUnproven) and one.statement.index not in proven:
                yield Unproven(
                    one.statement,
                    epochs[one.statement.epoch].charter,
                    tuple(r for r in receipts if r.statement == one.statement),
                )
