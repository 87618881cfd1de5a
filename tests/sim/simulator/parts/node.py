"""One simulated device: its core, its store, its clocks, and how it stops and comes back.

What the shell does with a `Step` is done here in the same order: writes, sends, notices.
Several inputs that wait are handled as one batch, as the driver does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from p2pnode.community.driver import needs_fsync
from p2pnode_protocols.core import Core
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import Refused
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.steps.inputs import Input, Now, Submit, TextsMissing, Tick, Written
from p2pnode_protocols.steps.notices import OwnChainLearned
from p2pnode_protocols.steps.restored import NOTHING_SIGNED, Signed
from p2pnode_protocols.steps.sends import (
    Disconnect,
    ReportWritten,
    Send,
    ServeLeap,
    ServePull,
    ServeRecall,
    ServeReceipts,
    ServeWant,
)
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import SaveEpoch, SaveProven, Write
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import PeerFault, ProtocolError
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, MonoMs, WallMs
from p2pnode_protocols.wire.limits import RECALL_BYTES

from .clockwork import MS
from .disk import Disk
from .drafting import DraftingCore
from .keys import SimSigner, verify_simulated

if TYPE_CHECKING:
    from ..world import World

BATCH = 64  # inputs handled as one, like the driver's inbox
INPUT_US = 60  # time one input keeps the node busy
FSYNC_US = 300

# Where in carrying out a batch the process ends.
CrashPoint = Literal["before_writes", "unacknowledged", "acknowledged", "amid_sends"]
CRASH_POINTS: tuple[CrashPoint, ...] = get_args(CrashPoint)
Loss = Literal["kill", "power"]  # kill -9 keeps what was written, power loss what was fsynced


class CoreLike(Protocol):
    """What a node runs: the honest core, or something that stands in for it."""

    def handle(self, event: Input, now: Now) -> Step: ...


@dataclass
class Request:
    """A submission; `done` hears the op once it is on disk, or the refusal."""

    submit: Submit
    done: Callable[[Op | None, ProtocolError | None], None]


Wrap = Callable[["SimNode", CoreLike], CoreLike]  # what makes a node lie


class SimNode:
    """A device of a member (or of one who joins), honest unless `wrap` replaces its core."""

    def __init__(
        self,
        world: World,
        name: str,
        member: MemberId,
        signer: SimSigner,
        *,
        secret: SimSigner | None = None,
        wrap: Wrap | None = None,
    ) -> None:
        self.world = world
        self.name = name
        self.member = member
        self.signer = signer
        self.secret = secret
        self.wrap = wrap
        self.is_honest = wrap is None
        self.on_wire = False  # what it sends is read and checked byte for byte
        self.disk = Disk(min(world.plan.pull_bytes, RECALL_BYTES), world.plan.links_bytes)
        self.core: Core | None = None
        self.practices = world.plan.practices  # that its program has
        self.brain: CoreLike | None = None
        self.opener = Opener(world.community, verify_simulated)
        self.is_up = False
        self.is_frozen = False
        self.is_gone = False  # stopped for good: nothing is expected of it any more
        self.must_learn = False  # its store is older than what its key has signed (R4.10)
        self.signed: Signed | None = None  # … and how far that was, if it is known
        self.wall_offset_ms = 0
        self.crash_at: tuple[CrashPoint, Loss] | None = None
        self.boots = 0
        self._mono_base_ms = 0
        self._frozen_at_us = 0
        self._is_suspended = False
        self._slept_ms = 0  # a suspended machine's monotonic clock stands still
        self._inbox: deque[Input | Request] = deque()
        self._is_working = False
        self._busy_until_us = 0
        self._life = 0  # events of an earlier life are stale
        self._wake_at_us: int | None = None
        self._alarm_us: int | None = None  # when the alarm that counts will ring
        self.turns = 0  # batches handled, over all lives

    def __repr__(self) -> str:
        return f"<SimNode {self.name}>"

    @property
    def device(self) -> DeviceKey:
        return self.signer.device

    @property
    def now(self) -> Now:
        elapsed_ms = self.world.clock.now_us // MS
        return Now(
            MonoMs(self._mono_base_ms + elapsed_ms - self._slept_ms),
            WallMs(self.world.start_ms + elapsed_ms + self.wall_offset_ms),
        )

    # --- life ----------------------------------------------------------------------------

    def boot(self) -> None:
        """Start the process on whatever the store holds."""
        assert not self.is_up
        self.boots += 1
        self._life += 1
        self.is_up = True
        # Monotonic clocks begin anywhere; none may be compared with another's.
        self._mono_base_ms = self.world.rng.randrange(1_000_000)
        self._slept_ms = 0
        self._inbox.clear()
        self._wake_at_us = self._alarm_us = None
        self._is_working = False
        self._busy_until_us = 0
        if self.disk.is_empty:
            self.disk.apply((self.world.genesis,), durable=True)
        restored = self.disk.restore(self.device)
        if self.must_learn:
            signed = self.signed or NOTHING_SIGNED
            restored = replace(restored, must_learn=True, signed=signed)
        self.world.promises.on_boot(self, restored)
        kind = Core if self.wrap is None else DraftingCore
        self.core = kind(
            self.world.community,
            self.signer,
            restored,
            self.now,
            admission=self._admission,
            agent="simulated",
            verify=verify_simulated,
            pull_bytes=self.world.plan.pull_bytes,
            practices=self.practices,
        )
        self.brain = self.core if self.wrap is None else self.wrap(self, self.core)
        self.take(Tick())
        self.world.network.node_up(self)

    @property
    def _admission(self) -> tuple[DeviceKey, bytes] | None:
        if self.secret is None:
            return None
        message = crypto.signed_message(crypto.TAG_ADMIT, self.world.community, self.device)
        return self.secret.device, self.secret.sign(message)

    def crash(self, loss: Loss) -> None:
        """End the process now; what had not been sent never is."""
        if not self.is_up:
            return
        self._life += 1
        self.is_up = self.is_frozen = False
        self.core = self.brain = None
        self.crash_at = None
        self._inbox.clear()
        if loss == "power":
            self.disk.lose_unsynced(self.world.rng)
        self.world.trace.add(self.world.clock.now_us, self.name, f"crash {loss}")
        self.world.network.node_down(self, loud=loss == "kill")

    def freeze(self, thaw_after_us: int, suspended: bool) -> None:
        """Stand still for a while: SIGSTOP, or a closed lid (`suspended`)."""
        if not self.is_up or self.is_frozen:
            return
        self.is_frozen, self._is_suspended = True, suspended
        self._frozen_at_us = self.world.clock.now_us
        self.world.network.node_frozen(self)
        self.world.clock.after(thaw_after_us, self._thaw, self._life, self._frozen_at_us)

    def _thaw(self, life: int, frozen_at_us: int) -> None:
        if life == self._life and frozen_at_us == self._frozen_at_us:
            self.thaw()

    def thaw(self) -> None:
        """Go on; the driver notices the jump of its clocks and looks again."""
        if not self.is_frozen:
            return
        self.is_frozen = False
        if self._is_suspended:
            self._slept_ms += (self.world.clock.now_us - self._frozen_at_us) // MS
        self._inbox.append(Tick())
        self._start_work()

    def wake(self) -> None:
        """Look at the clock now."""
        self.take(Tick())

    def set_clock(self, offset_ms: int) -> None:
        """Set the wall clock; the driver notices and looks again."""
        self.wall_offset_ms = offset_ms
        self.world.promises.times.note_clock(self)
        self.wake()

    # --- inputs --------------------------------------------------------------------------

    def take(self, event: Input | Request) -> None:
        if not self.is_up:
            return
        self._inbox.append(event)
        self._start_work()

    def submit(
        self, submit: Submit, done: Callable[[Op | None, ProtocolError | None], None]
    ) -> None:
        self.take(Request(submit, done))

    def refuse(self, peer: DeviceKey, fault: PeerFault) -> None:
        """A frame that could not be read; the transport breaks the stream."""
        self.world.promises.on_bad_frame(self, peer, fault)

    def _start_work(self) -> None:
        if not self._is_working and not self.is_frozen:
            self._is_working = True
            self.world.clock.at(self._busy_until_us, self._work, self._life)

    def _wake_by(self, wake_at: MonoMs | None) -> None:
        """Replace the deadline. An alarm that is set for no later is left to ring and look."""
        if wake_at is None:
            self._wake_at_us = None
            return
        due_us = self.world.clock.now_us + (wake_at - self.now.mono_ms) * MS
        self._wake_at_us = due_us
        if self._alarm_us is None or due_us < self._alarm_us:
            self._alarm_us = due_us
            self.world.clock.at(due_us, self._ring, self._life, due_us)

    def _ring(self, life: int, alarm_us: int) -> None:
        if life != self._life or alarm_us != self._alarm_us:
            return
        self._alarm_us = None
        if self._wake_at_us is None or self._inbox or self.is_frozen:
            return  # the batch that waits will set the next deadline
        if self._wake_at_us > alarm_us:
            self._alarm_us = self._wake_at_us
            self.world.clock.at(self._alarm_us, self._ring, life, self._alarm_us)
            return
        self._inbox.append(Tick())
        self._start_work()

    def _work(self, life: int) -> None:
        if life != self._life:
            return
        self._is_working = False
        if self.is_frozen or not self._inbox:
            return
        assert self.brain is not None
        self.turns += 1
        steps: list[Step] = []
        requests: list[tuple[Request, Op]] = []
        now = self.now
        while self._inbox and len(steps) < BATCH:
            item = self._inbox.popleft()
            event = item.submit if isinstance(item, Request) else item
            try:
                step = self.brain.handle(event, now)
            except ProtocolError as refusal:
                if not isinstance(item, Request):
                    raise
                self.world.clock.after(0, item.done, None, refusal)
                continue
            if isinstance(item, Request):
                assert step.accepted is not None, "a Submit is accepted or raises"
                requests.append((item, step.accepted))
                self.world.people.note(self, step.accepted)
            self.world.trace.step(self.world.clock.now_us, self.name, event, step)
            self.world.promises.on_step(self, event, step, now)
            steps.append(step)
        if not steps:  # all were refused: the deadline they may have covered still stands
            steps.append(self.brain.handle(Tick(), now))
        self._busy_until_us = self.world.clock.now_us + INPUT_US * len(steps)
        self._carry_out(steps, requests)
        if self.is_up and self._inbox:
            self._start_work()

    def _prune(self, writes: Sequence[Write]) -> None:
        keep = self.world.plan.keep_epochs
        if keep is not None and any(isinstance(write, SaveEpoch | SaveProven) for write in writes):
            assert self.core is not None
            self.disk.prune(keep, self.core.coming_ops())

    # --- outputs -------------------------------------------------------------------------

    def _carry_out(self, steps: Sequence[Step], requests: Sequence[tuple[Request, Op]]) -> None:
        writes = [write for step in steps for write in step.writes]
        point: CrashPoint | None = None
        loss: Loss = "kill"
        if writes and self.crash_at is not None:
            point, loss = self.crash_at
        if point == "before_writes":
            self.crash(loss)
            return
        if writes:
            durable = any(needs_fsync(write) for write in writes)
            self.disk.apply(writes, durable)
            self._busy_until_us += FSYNC_US if durable else 0
            self.world.promises.on_writes(self, writes)
            self._prune(writes)
        if point == "unacknowledged":
            self.crash(loss)
            return
        for request, op in requests:
            request.done(op, None)
        if point == "acknowledged":
            self.crash(loss)
            return
        self._send(steps, half=point == "amid_sends")
        if point == "amid_sends":
            self.crash(loss)
            return
        for step in steps:
            if step.reads is not None:
                texts = self.disk.missing_texts(step.reads.after, step.reads.most)
                self.world.clock.after(MS, self._note_missing, self._life, TextsMissing(*texts))
        for step in steps:
            for notice in step.notices:
                self.world.promises.on_notice(self, notice)
                if isinstance(notice, OwnChainLearned):
                    self.must_learn = False
        self._wake_by(steps[-1].wake_at)

    def _send(self, steps: Sequence[Step], half: bool) -> None:
        """Send what is queued for one peer as one frame, peers in the order first named."""
        frames: dict[DeviceKey, list[Message]] = {}
        for step in steps:
            for sending in step.sends:
                match sending:
                    case Send(peer=peer, message=message):
                        frames.setdefault(peer, []).append(message)
                    case ServePull(peer=peer, pull=pull):
                        frames.setdefault(peer, []).append(self.disk.serve_pull(pull))
                    case ServeLeap(peer=peer, leap=leap):
                        frames.setdefault(peer, []).append(self.disk.serve_leap(leap))
                    case ServeRecall(peer=peer, recall=recall):
                        frames.setdefault(peer, []).append(self.disk.serve_recall(recall))
                    case ServeReceipts(peer=peer, after=after):
                        frames.setdefault(peer, []).append(self.disk.serve_receipts(after))
                    case ServeWant(peer=peer, hashes=hashes):
                        frames.setdefault(peer, []).append(self.disk.serve_want(hashes))
                    case ReportWritten(peer=peer):
                        self.world.clock.after(MS, self._note_written, self._life, peer)
                    case Disconnect(peer=peer, code=code, detail=detail, retry_ms=retry_ms):
                        told = [*frames.pop(peer, []), Refused(code, detail)]
                        self._flush(told, peer)
                        self.world.promises.on_disconnect(self, peer, code, detail)
                        self.world.network.disconnect(self, peer, retry_ms)
        peers = list(frames)
        for peer in peers[: (len(peers) + 1) // 2] if half else peers:
            self._flush(frames[peer], peer)

    def _note_missing(self, life: int, missing: TextsMissing) -> None:
        if life == self._life:
            self.take(missing)

    def _note_written(self, life: int, peer: DeviceKey) -> None:
        if life == self._life:
            self.take(Written(peer))

    def _flush(self, messages: list[Message], peer: DeviceKey) -> None:
        if messages:
            self.world.promises.on_send(self, messages)
            self.world.network.send(self, peer, messages)
