"""Cores of one community in this process, joined by perfect links: their cost without any IO.

Time is virtual: it moves by the time that a message takes, and to the next wake-up.
Keys and signatures are real; messages are handed over as they are, not encoded.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import time
from collections.abc import Callable, Sequence

from p2pnode.community.driver import INBOX
from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.record.actions import Action, NoAction
from p2pnode_protocols.record.bodies import Body, Propose, Vote
from p2pnode_protocols.record.seats.charter import Charter, default_charter, founder_seat
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import (
    Batch,
    Input,
    Now,
    PeerUp,
    Received,
    Submit,
    Tick,
    Written,
)
from p2pnode_protocols.steps.notices import ProposalDecided
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import ReportWritten, Send, ServeReceipts
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import SaveBlock, Write
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.crypto import Ed25519Signer
from p2pnode_protocols.wire.ids import DeviceKey, MonoMs, OpId, WallMs

NO_ACTION = NoAction()
START_WALL_MS = 1_700_000_000_000
LATENCY_MS = 1
NEVER_MS = 1 << 60
OPS_PER_MINUTE = 60_000  # the limit on floods is not what is measured
OPEN_EACH = 1000  # open proposals of one member
DAY_MS = 24 * 3_600_000
CHANGES: tuple[tuple[str, Value], ...] = (
    ("rules.max_open_per_member", OPEN_EACH),
    ("rules.bytes_per_day", 1 << 40),
    ("timing.linger_ms", DAY_MS),  # what nobody waits for stays pending
    ("tiers.tactical.min_open_ms", DAY_MS),  # for proposals that no vote shall end
)

Sink = Callable[[Sequence[Write], bool], None]


def make_signers(count: int) -> list[Ed25519Signer]:
    """Return the same keys each time, in the order of their members' ids."""
    signers = [Ed25519Signer(hashlib.sha256(b"benchmark %d" % i).digest()) for i in range(count)]
    seats = {founder_seat("m", one.device).id: one for one in signers}
    return [seats[member] for member in sorted(seats)]


def make_charter(devices: Sequence[DeviceKey], created_ms: int) -> Charter:
    """Return a community of these devices' owners, without limits that a benchmark would meet."""
    seats = [founder_seat(f"member {place}", device) for place, device in enumerate(devices)]
    charter = default_charter("Benchmark", seats[0], WallMs(created_ms)).with_members(seats)
    return charter.amended(CHANGES)


class Node:
    """One core, what it has cost so far, and what it has decided."""

    def __init__(self, core: Core, sink: Sink | None) -> None:
        self.core = core
        self.sink = sink
        self.wake_at = NEVER_MS
        self.cpu_ns = 0
        self.blocks = 0


class Cores:
    """Connected cores, one for each key.

    `sinks` take the writes of the first ones, in order; `past` makes what all begin with; a
    message takes `latency_ms`.
    """

    def __init__(
        self,
        signers: Sequence[Ed25519Signer],
        sinks: Sequence[Sink] = (),
        past: Callable[[Charter], Restored] | None = None,
        latency_ms: int = LATENCY_MS,
    ) -> None:
        self._latency_ms = latency_ms
        self.charter = make_charter([one.device for one in signers], START_WALL_MS)
        self.now_ms = 0
        self.decided: dict[OpId, int] = {}  # on how many nodes
        self.finals_ms: dict[OpId, dict[DeviceKey, int]] = {}  # when, by node
        self.heard: list[Message] | None = None  # if not: what the first node is sent
        self._queue: list[tuple[int, int, DeviceKey, Received | Written]] = []
        self._order = itertools.count()
        if past is None:
            begun = Restored(found_epoch(self.charter), (), (), (), (), 0)
        else:
            begun = past(self.charter)
        self.nodes: dict[DeviceKey, Node] = {}
        for signer, sink in itertools.zip_longest(signers, sinks):
            core = Core(
                self.charter.community_id,
                signer,
                begun,
                self.now,
                ops_per_minute=OPS_PER_MINUTE,
            )
            self.nodes[signer.device] = Node(core, sink)
        self.devices = list(self.nodes)
        for one in self.devices:
            for other in self.devices:
                if one != other:
                    self.give(one, PeerUp(other))
        self.run()

    @property
    def now(self) -> Now:
        return Now(MonoMs(self.now_ms), WallMs(START_WALL_MS + self.now_ms))

    def give(self, device: DeviceKey, event: Input) -> Step:
        """Let one core handle one input, and carry out what it orders."""
        node = self.nodes[device]
        began = time.thread_time_ns()
        step = node.core.handle(event, self.now)
        node.cpu_ns += time.thread_time_ns() - began
        for write in step.writes:
            node.blocks += isinstance(write, SaveBlock) and write.own
        if node.sink is not None and step.writes:
            node.sink(step.writes, False)
        for notice in step.notices:
            if isinstance(notice, ProposalDecided):
                self.decided[notice.proposal] = self.decided.get(notice.proposal, 0) + 1
                self.finals_ms.setdefault(notice.proposal, {})[device] = self.now_ms
        for send in step.sends:
            if isinstance(send, ServeReceipts):
                continue  # no link loses anything: they are on their way already
            caused: Received | Written
            if isinstance(send, ReportWritten):
                target, caused = device, Written(send.peer)
            else:
                assert isinstance(send, Send), f"links are perfect, yet a core orders {send}"
                target, caused = send.peer, Received(device, send.message)
            at_ms = self.now_ms + self._latency_ms
            heapq.heappush(self._queue, (at_ms, next(self._order), target, caused))
        node.wake_at = NEVER_MS if step.wake_at is None else step.wake_at
        return step

    def run(self, for_ms: int = 1_000) -> None:
        """Deliver messages and wake cores until nothing is under way, or time is up."""
        end_ms = self.now_ms + for_ms
        while True:
            wake, device = min((node.wake_at, key) for key, node in self.nodes.items())
            arrival = self._queue[0][0] if self._queue else NEVER_MS
            if min(wake, arrival) > end_ms:
                break
            self.now_ms = max(self.now_ms, min(wake, arrival))
            if arrival <= wake:
                self._deliver()
            else:
                self.give(device, Tick())
        self.now_ms = end_ms

    def _deliver(self) -> None:
        """Hand over all that arrives now: each core's as batches, as the driver does."""
        arrived: dict[DeviceKey, list[Received | Written]] = {}
        while self._queue and self._queue[0][0] <= self.now_ms:
            _, _, target, event = heapq.heappop(self._queue)
            arrived.setdefault(target, []).append(event)
            if self.heard is not None and target == self.devices[0]:
                self.heard += [event.message] if isinstance(event, Received) else []
        for target, events in arrived.items():
            for first in range(0, len(events), INBOX):
                self.give(target, Batch(tuple(events[first : first + INBOX])))

    # --- what members say -----------------------------------------------------------------

    def submit(
        self, place: int, body: Body, texts: tuple[bytes, ...] = (), *, urgent: bool = False
    ) -> OpId:
        step = self.give(self.devices[place], Submit(body, texts, urgent))
        assert step.accepted is not None
        return step.accepted.id

    def propose(
        self,
        place: int,
        words: str,
        tier: str = "implementation",
        action: Action = NO_ACTION,
        *,
        urgent: bool = False,
    ) -> OpId:
        ref, blob = make_text(hashlib.sha256(words.encode()).digest()[:16], words)
        body = Propose(tier, ref, (), action, WallMs(0))
        return self.submit(place, body, (blob,), urgent=urgent)

    def vote(self, place: int, proposal: OpId) -> OpId:
        return self.submit(place, Vote(proposal, proposal, "yes", None))

    def decide(self, proposals: Sequence[OpId]) -> None:
        """Let as many members as needed say yes to each, in turn; return when all is final."""
        self.run(5)  # everyone has heard of them
        for number, proposal in enumerate(proposals):
            for voter in range(self.needed):
                self.vote((number + voter) % len(self.devices), proposal)
        self.run()
        for proposal in proposals:
            assert self.decided.pop(proposal, 0) == len(self.devices), "not final everywhere"

    @property
    def needed(self) -> int:
        """The yes votes that pass a proposal of the tier "implementation"."""
        return len(self.devices) // 2 + 1

    @property
    def cpu_ms(self) -> float:
        """What all cores have used so far."""
        return sum(node.cpu_ns for node in self.nodes.values()) / 1e6

    @property
    def blocks(self) -> int:
        """How many blocks all cores have made so far."""
        return sum(node.blocks for node in self.nodes.values())

    @property
    def first(self) -> Core:
        return self.nodes[self.devices[0]].core
