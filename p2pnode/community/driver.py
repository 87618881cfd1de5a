"""The one task that owns the core: inputs in, then writes, sends and notices, in that order.

No other task touches the core's inputs. Others may read its state between steps: everything
runs in one trio thread, and a step has no await in it before its writes are on disk.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import trio

from p2pnode_protocols.messages.frames import Message, Sendable
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.inputs import (
    Asked,
    Batch,
    Input,
    Now,
    PeerDown,
    PeerUp,
    Received,
    Submit,
    TextsMissing,
    Tick,
    Written,
)
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
    SaveCommit,
    SaveEpoch,
    SaveFate,
    SaveOp,
    SaveVow,
    Write,
)
from p2pnode_protocols.wire.errors import ProtocolError
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MonoMs, TextId, WallMs

from ..clock import Clock
from ..errors import RequestError
from ..home.errors import StoreError
from .counters import Counters
from .events import Alarm, Happening, PeerConnected, PeerLost

log = logging.getLogger("p2pnode.drive")

# What may wait for the core. Full: senders wait, which is back-pressure on the streams.
INBOX = 64
# How long what others signed may wait for company before it is saved: a round brings blocks of
# many, and a transaction costs as much as all else that a block does here.
HOLD_S = 0.2
HOLD_WRITES = 512  # … and how much of it: a block may have half a megabyte
# A deadline people set is on the wall clock, a wake-up on the monotonic one, which stands
# still while a laptop sleeps. So no wait for a deadline is longer than this.
LOOK_AGAIN_S = 60.0


class CoreLike(Protocol):
    community: CommunityId
    addresses: tuple[str, ...]

    def handle(self, event: Input, now: Now) -> Step: ...


class StoreLike(Protocol):
    def apply(self, writes: Sequence[Write], durable: bool) -> None: ...
    def hold(self, writes: Sequence[Write]) -> None: ...
    def serve_pull(self, pull: Pull) -> Sendable: ...
    def serve_want(self, hashes: Sequence[bytes]) -> Sendable: ...
    def serve_receipts(self, after: int) -> Sendable: ...
    def serve_leap(self, leap: Leap) -> Leapt: ...
    def serve_recall(self, recall: Recall) -> Recalled: ...
    def missing_texts(
        self, after: TextId, most: int
    ) -> tuple[tuple[TextRef, ...], TextId | None]: ...


class MarkLike(Protocol):
    def note(self, writes: Sequence[Write], now_ms: WallMs) -> None: ...


class NetLike(Protocol):
    @property
    def addresses(self) -> tuple[str, ...]: ...
    def enqueue(self, peer: DeviceKey, message: Message) -> None: ...
    def answer(self, peer: DeviceKey, kind: str, make: Callable[[], Sendable | None]) -> None: ...
    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None: ...


@dataclass(eq=False, slots=True)
class Request:
    """What the local user asks, with the place where the driver answers it."""

    asked: Asked
    done: trio.Event = field(default_factory=trio.Event)
    op: Op | None = None  # that a submission became
    error: Exception | None = None

    def fail(self, error: Exception) -> None:
        self.error = error
        self.done.set()


Item = PeerUp | PeerDown | Received | Request
Report = Callable[[WallMs, Sequence[Happening]], None]  # sync; must not fail


def needs_fsync(write: Write) -> bool:
    """Return whether power loss must not undo this write once something was sent.

    What others signed can be fetched from them again; what this device signed cannot, and
    a block or op forgotten and signed anew would be a fork.
    """
    match write:
        case SaveOp(own=own) | SaveBlock(own=own):
            return own
        case SaveEpoch() | SaveVow():
            return True
        case _:
            return False


def is_told(write: Write) -> bool:
    """Return whether people are told that this is final: then a crash must not undo it."""
    if isinstance(write, SaveFate):
        return True
    return isinstance(write, SaveCommit) and bool(write.commit.entries or write.commit.decided)


class Driver:
    """Feed the core and carry out what it orders (docs/architecture.md, One op's path)."""

    def __init__(
        self,
        core: CoreLike,
        store: StoreLike,
        mark: MarkLike,
        net: NetLike,
        report: Report,
        *,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._core = core
        self._store = store
        self._mark = mark
        self._net = net
        self._report = report
        self._clock = clock
        self._counters = counters
        self._wake_at: MonoMs | None = None
        self._broken: StoreError | None = None  # the store could not answer a peer
        self._held = 0  # writes that the store keeps back …
        self._held_until_s = math.inf  # … and until when
        self._written: dict[DeviceKey, None] = {}  # peers to whom all has been written
        self._missing: TextsMissing | None = None  # what was read for the core
        self._pause = trio.CancelScope()  # around the wait for the next item

    async def run(self, inbox: trio.MemoryReceiveChannel[Item], waiting: Sequence[Item]) -> None:
        """Handle `waiting`, then serve `inbox` until all its senders have closed.

        Raises:
            StoreError: nothing of the step that could not be saved was sent; the core is
                ahead of its store now, and has to be rebuilt from it.
        """
        self._handle(waiting)
        while True:
            items: list[Item] = []
            has_news = bool(self._written) or self._missing is not None
            deadline_s = -math.inf if has_news else self._next_look_s()
            with trio.CancelScope(deadline=deadline_s) as self._pause:
                try:
                    items.append(await inbox.receive())
                except trio.EndOfChannel:
                    break
            # Blocks of a round come close together: one turn of everyone else brings the rest.
            await trio.lowlevel.checkpoint()
            while len(items) < INBOX:
                try:
                    items.append(inbox.receive_nowait())
                except (trio.WouldBlock, trio.EndOfChannel):
                    break
            self._handle(items)
        self._save((), ())

    def _next_look_s(self) -> float:
        if self._wake_at is None:
            return self._held_until_s
        return min(self._wake_at / 1000, trio.current_time() + LOOK_AGAIN_S, self._held_until_s)

    def _handle(self, items: Sequence[Item]) -> None:
        """Take all that waits as one: one transaction, one fsync, one frame a peer."""
        if self._broken is not None:
            raise self._broken
        now, jump = self._clock.check()
        happenings: list[Happening] = []
        if jump is not None:
            log.warning("%s", jump, extra={"by_ms": jump.by_ms})
            happenings.append(Alarm("clock_jump", str(jump)))
        steps: list[Step] = []
        answered: list[Request] = []
        facts: list[PeerUp | PeerDown | Received | Written | TextsMissing] = []
        for item in items:
            match item:
                case Request():
                    step = self._submit(item, now)
                    if step is not None:
                        answered.append(item)
                        steps.append(step)
                    continue
                case PeerUp(peer=device):
                    self._core.addresses = self._net.addresses  # a laptop changes networks
                    happenings.append(PeerConnected(device))
                case PeerDown(peer=device):
                    happenings.append(PeerLost(device))
                case Received():
                    pass
            facts.append(item)
        facts += [Written(peer) for peer in self._written]
        self._written.clear()
        if self._missing is not None:
            facts.append(self._missing)
            self._missing = None
        if facts:
            steps.append(
                self._core.handle(facts[0] if len(facts) == 1 else Batch(tuple(facts)), now)
            )
        elif not steps:
            steps.append(self._core.handle(Tick(), now))
        self._carry_out(steps, answered)
        happenings.extend(one for step in steps for one in step.notices)
        if happenings:
            self._report(now.wall_ms, happenings)

    def _submit(self, request: Request, now: Now) -> Step | None:
        try:
            step = self._core.handle(request.asked, now)
        except ProtocolError as refusal:
            request.fail(refusal)
            return None
        is_submission = isinstance(request.asked, Submit)
        assert (step.accepted is not None) == is_submission, "a Submit is accepted or raises"
        request.op = step.accepted
        return step

    def _carry_out(self, steps: Sequence[Step], answered: Sequence[Request]) -> None:
        """Save all that the steps order before anything of it is sent.

        What others signed may wait for the next step that says something (R4.5): it comes
        again if this process dies first, and nobody has been told that it is here.
        """
        self._wake_at = steps[-1].wake_at
        writes = [write for step in steps for write in step.writes]
        if (
            answered
            or self._held + len(writes) > HOLD_WRITES
            or trio.current_time() >= self._held_until_s
            or any(step.sends or step.reads is not None for step in steps)
            or any(needs_fsync(write) or is_told(write) for write in writes)
        ):
            self._save(writes, answered)
        elif writes:
            self._hold(writes)
        for request in answered:
            request.done.set()
        for step in steps:
            for sending in step.sends:
                self._send(sending)
            if step.reads is not None:
                found = self._store.missing_texts(step.reads.after, step.reads.most)
                self._missing = TextsMissing(*found)
        self._count(steps, writes)

    def _save(self, writes: Sequence[Write], answered: Sequence[Request]) -> None:
        """Save all of it or raise: the core has moved on, so it is of no use without its store."""
        if not writes and not self._held:
            return
        try:
            self._store.apply(writes, any(needs_fsync(write) for write in writes))
            self._mark.note(writes, self._clock.read().wall_ms)
        except StoreError as error:
            for request in answered:
                request.fail(
                    RequestError(
                        "store_unwritable",
                        f"{error.detail}; whether this was saved shows when the node is back",
                        *error.steps,
                    )
                )
            raise
        self._held, self._held_until_s = 0, math.inf

    def _hold(self, writes: Sequence[Write]) -> None:
        self._store.hold(writes)
        if not self._held:
            self._held_until_s = trio.current_time() + HOLD_S
        self._held += len(writes)

    def _send(self, sending: Sending) -> None:
        match sending:
            case Send(peer=peer, message=message):
                self._net.enqueue(peer, message)
            case ServePull(peer=peer, pull=pull):
                self._answer(peer, "pull", lambda: self._store.serve_pull(pull))
            case ServeWant(peer=peer, hashes=hashes):
                self._answer(peer, "want", lambda: self._store.serve_want(hashes))
            case ServeReceipts(peer=peer, after=after):
                self._answer(peer, "receipts", lambda: self._store.serve_receipts(after))
            case ServeLeap(peer=peer, leap=leap):
                self._answer(peer, "leap", lambda: self._store.serve_leap(leap))
            case ServeRecall(peer=peer, recall=recall):
                self._answer(peer, "recall", lambda: self._store.serve_recall(recall))
            case ReportWritten(peer=peer):
                self._net.answer(peer, "written", lambda: self._note_written(peer))
            case Disconnect(peer=peer, code=code, detail=detail, retry_ms=retry_ms):
                self._net.disconnect(peer, code, detail, retry_ms)

    def _answer(self, peer: DeviceKey, kind: str, read: Callable[[], Sendable]) -> None:
        """Let the net ask the store for an answer when it can write one.

        So not in this task: what goes wrong there ends `run` when it looks next.
        """

        def make() -> Sendable | None:
            try:
                return read()
            except StoreError as error:
                self._broken = error
                return None

        self._net.answer(peer, kind, make)

    def _note_written(self, peer: DeviceKey) -> None:
        """Let the core hear it in its next step, and look at once."""
        self._written[peer] = None
        self._pause.cancel()

    def _count(self, steps: Sequence[Step], writes: Sequence[Write]) -> None:
        self._counters.steps += len(steps)
        for write in writes:
            self._counters.count_write(write)
        for step in steps:
            for notice in step.notices:
                self._counters.count_notice(notice)


async def submit(inbox: trio.MemorySendChannel[Item], request: Request) -> Op:
    """Hand a submission to the driver and return the op once it is on disk. Raises as `ask`."""
    await ask(inbox, request)
    assert request.op is not None
    return request.op


async def ask(inbox: trio.MemorySendChannel[Item], request: Request) -> None:
    """Hand `request` to the driver and return once all that it caused is on disk.

    Raises:
        UsageError: the rules refuse it.
        RequestError: `store_unwritable`, or `stopping` when the driver has ended.
    """
    try:
        await inbox.send(request)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        raise RequestError("stopping", "the node is shutting down") from None
    await request.done.wait()
    if request.error is not None:
        raise request.error
