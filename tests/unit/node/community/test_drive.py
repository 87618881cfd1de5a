"""The driver: saved before sent, batches, deadlines, refusals, and a store that fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
import trio
import trio.testing
from support.cores.dag import FakeSigner
from support.cores.town import key_of

from p2pnode.clock import Clock, read_mono_ms
from p2pnode.community.counters import Counters
from p2pnode.community.driver import (
    HOLD_S,
    HOLD_WRITES,
    INBOX,
    LOOK_AGAIN_S,
    Driver,
    Item,
    Request,
    submit,
)
from p2pnode.community.events import Alarm, Happening, PeerConnected, PeerLost
from p2pnode.errors import RequestError
from p2pnode.home.errors import StoreError
from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.spreading import Pull, Pulled, Push
from p2pnode_protocols.messages.standing import Links
from p2pnode_protocols.record.bodies import Away
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.inputs import (
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
from p2pnode_protocols.steps.notices import Committed
from p2pnode_protocols.steps.sends import Disconnect, ReportWritten, Send, ServePull, ServeWant
from p2pnode_protocols.steps.step import ReadMissing, Step
from p2pnode_protocols.steps.writes import SaveBlock, SaveCommit, SaveEpoch, SaveOp, SaveText, Write
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    MonoMs,
    OpId,
    Round,
    TextId,
    WallMs,
)

BOB = DeviceKey(b"b" * 32)
MISSING = TextRef(TextId(b"t" * 32), 9)
WALL_MS = 1_700_000_000_000


def make_op(nonce: int = 1) -> Op:
    return sign_op(
        CommunityId(b"c" * 32),
        MemberId(b"m" * 32),
        FakeSigner(key_of("alice")),
        nonce,
        WallMs(1),
        Away(),
    )


@dataclass
class Log:
    """What was done, in order, by the fakes below."""

    lines: list[str] = field(default_factory=list)


@dataclass
class FakeCore:
    """Answers with the steps it was given, then with empty ones."""

    log: Log
    steps: list[Step | Exception] = field(default_factory=list)
    community: CommunityId = CommunityId(b"c" * 32)  # noqa: RUF009
    addresses: tuple[str, ...] = ()
    seen: list[Input] = field(default_factory=list)

    def handle(self, event: Input, now: Now) -> Step:
        self.seen.append(event)
        self.log.lines.append(f"handle {type(event).__name__}")
        step = self.steps.pop(0) if self.steps else Step()
        if isinstance(step, Exception):
            raise step
        return step


@dataclass
class FakeStore:
    log: Log
    fails: bool = False

    def apply(self, writes: Sequence[Write], durable: bool) -> None:
        if self.fails:
            raise StoreError("disk_full", "the disk is full", "free some space")
        self.log.lines.append(f"apply {len(writes)}{' durable' if durable else ''}")

    def hold(self, writes: Sequence[Write]) -> None:
        self.log.lines.append(f"hold {len(writes)}")

    def serve_pull(self, pull: Pull) -> Pulled:
        return Pulled(pull.epoch_number, (), (), more=False)

    def serve_want(self, hashes: Sequence[bytes]) -> Push:
        return Push()

    def missing_texts(self, after: TextId, most: int) -> tuple[tuple[TextRef, ...], TextId | None]:
        self.log.lines.append(f"read {most} missing")
        return (MISSING,), None


@dataclass
class FakeMark:
    log: Log
    fails: bool = False

    def note(self, writes: Sequence[Write], now_ms: WallMs) -> None:
        if self.fails:
            raise StoreError("store_unusable", "the mark cannot be written", "check the disk")
        own = sum(isinstance(one, SaveOp | SaveBlock) and one.own for one in writes)
        self.log.lines.extend([f"mark {own}"] if own else [])


@dataclass
class FakeNet:
    log: Log
    addresses: tuple[str, ...] = ("/ip4/127.0.0.1/tcp/1",)

    def enqueue(self, peer: DeviceKey, message: Message) -> None:
        self.log.lines.append(f"enqueue {type(message).__name__}")

    def answer(self, peer: DeviceKey, kind: str, make: Callable[[], Message | None]) -> None:
        message = make()
        self.log.lines.append(f"answer {kind}: {type(message).__name__}")

    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None:
        self.log.lines.append(f"disconnect {code}")


@dataclass
class Rig:
    """A driver with fakes around it."""

    steps: list[Step | Exception] = field(default_factory=list)
    wall_ms: Callable[[], int] = lambda: WALL_MS + read_mono_ms()

    def __post_init__(self) -> None:
        self.log = Log()
        self.core = FakeCore(self.log, self.steps)
        self.store = FakeStore(self.log)
        self.mark = FakeMark(self.log)
        self.net = FakeNet(self.log)
        self.told: list[Happening] = []
        self.counters = Counters()
        self.send, self.inbox = trio.open_memory_channel[Item](INBOX)
        self.driver = Driver(
            self.core,
            self.store,
            self.mark,
            self.net,
            self._report,
            clock=Clock(wall=lambda: WallMs(self.wall_ms())),
            counters=self.counters,
        )

    def _report(self, at_ms: WallMs, happenings: Sequence[Happening]) -> None:
        self.log.lines.append("report")
        self.told.extend(happenings)

    async def run(self, *items: Item) -> list[str]:
        """Handle the items as if they had waited together; return what was done, in order."""
        for item in items:
            self.send.send_nowait(item)
        self.send.close()
        await self.driver.run(self.inbox, [])
        first = self.log.lines.pop(0)
        assert first == "handle Tick"  # the first step of every run
        return self.log.lines


async def test_writes_come_before_sends_and_notices_last() -> None:
    rig = Rig(
        [
            Step(),
            Step(
                writes=(SaveOp(make_op(), own=True),),
                sends=(Send(BOB, Links(())), Disconnect(BOB, "bad_frame", "x", 5)),
                notices=(Committed(1, 1, WallMs(1)),),
            ),
        ]
    )
    assert await rig.run(Received(BOB, Links(()))) == [
        "handle Received",
        "apply 1 durable",
        "mark 1",
        "enqueue Links",
        "disconnect bad_frame",
        "report",
    ]


async def test_nothing_is_sent_when_it_cannot_be_noted_what_was_signed() -> None:
    own = Step(writes=(SaveOp(make_op(), own=True),), sends=(Send(BOB, Links(())),))
    rig = Rig([Step(), own])
    rig.mark.fails = True
    with pytest.raises(StoreError):
        await rig.run(Received(BOB, Links(())))
    assert rig.log.lines[-1] == "apply 1 durable"


async def test_all_that_waits_is_one_transaction_before_any_send() -> None:
    step = Step(writes=(SaveOp(make_op(), own=False),), sends=(Send(BOB, Links(())),))
    op = make_op()
    own = Step(writes=(SaveOp(op, own=False),), sends=(Send(BOB, Links(())),), accepted=op)
    rig = Rig([Step(), own, step])
    facts = [Received(BOB, Links(()))] * 3
    assert await rig.run(*facts, Request(Submit(Away()))) == [
        "handle Submit",
        "handle Batch",
        "apply 2",
        *["enqueue Links"] * 2,
    ]
    assert rig.core.seen[-1] == Batch(tuple(facts))


async def test_one_own_write_makes_the_whole_batch_durable() -> None:
    others = Step(writes=(SaveOp(make_op(), own=False),))
    own = Step(writes=(SaveOp(make_op(), own=True),), accepted=make_op())
    rig = Rig([Step(), own, others])
    assert "apply 2 durable" in await rig.run(Request(Submit(Away())), Received(BOB, Links(())))


async def test_what_others_signed_waits_for_a_step_that_says_something() -> None:
    other = Step(writes=(SaveOp(make_op(), own=False),))
    own = Step(writes=(SaveOp(make_op(2), own=True),), sends=(Send(BOB, Links(())),))
    rig = Rig([Step(), other, own])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rig.driver.run, rig.inbox, [])
        for _ in range(2):
            await rig.send.send(Received(BOB, Links(())))
            await trio.testing.wait_all_tasks_blocked()
        rig.send.close()
    assert rig.log.lines[1:] == [
        *["handle Received", "hold 1"],
        *["handle Received", "apply 1 durable", "mark 1", "enqueue Links"],
    ]


@pytest.mark.parametrize("entries", [(), ((OpId(b"o" * 32), "ok"),)])
async def test_what_people_are_told_is_saved_first(entries: tuple[tuple[OpId, str], ...]) -> None:
    commit = Commit(
        1,
        0,
        Round(1),
        MemberId(b"m" * 32),
        BlockId(b"b" * 32),
        WallMs(1),
        b"r" * 32,
        entries,
        (),
        (),
    )
    rig = Rig(
        [Step(), Step(writes=(SaveCommit(commit, (), ()),), notices=(Committed(1, 1, WallMs(1)),))]
    )
    lines = await rig.run(Received(BOB, Links(())))
    assert lines[:3] == ["handle Received", "apply 1" if entries else "hold 1", "report"]


async def test_what_waits_is_saved_before_a_request_is_answered_from_it() -> None:
    other = Step(writes=(SaveOp(make_op(), own=False),))
    rig = Rig([Step(), other, Step(sends=(ServeWant(BOB, (b"h" * 32,)),))])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rig.driver.run, rig.inbox, [])
        for _ in range(2):
            await rig.send.send(Received(BOB, Links(())))
            await trio.testing.wait_all_tasks_blocked()
        rig.send.close()
    assert rig.log.lines[-2:] == ["apply 0", "answer want: Push"]


async def test_what_waits_is_saved_soon_and_at_the_end(mock_clock: trio.testing.MockClock) -> None:
    other = Step(writes=(SaveOp(make_op(), own=False),))
    rig = Rig([Step(), other, Step(), other])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rig.driver.run, rig.inbox, [])
        await rig.send.send(Received(BOB, Links(())))
        await trio.testing.wait_all_tasks_blocked()
        assert rig.log.lines[2:] == ["hold 1"]
        mock_clock.jump(HOLD_S)
        await trio.testing.wait_all_tasks_blocked()
        assert rig.log.lines[2:] == ["hold 1", "handle Tick", "apply 0"]
        await rig.send.send(Received(BOB, Links(())))
        await trio.testing.wait_all_tasks_blocked()
        assert rig.log.lines[-1] == "hold 1"
        rig.send.close()
    assert rig.log.lines[-1] == "apply 0"


async def test_much_does_not_wait() -> None:
    writes = tuple(SaveOp(make_op(nonce + 1), own=False) for nonce in range(HOLD_WRITES + 1))
    rig = Rig([Step(), Step(writes=writes)])
    assert f"apply {HOLD_WRITES + 1}" in await rig.run(Received(BOB, Links(())))


async def test_new_epoch_is_durable() -> None:
    epoch = SaveEpoch(
        1, EpochId(b"e" * 32), 0, b"r" * 32, WallMs(0), Round(1), MemberId(b"m" * 32), b"", b""
    )
    rig = Rig([Step(), Step(writes=(epoch,))])
    assert "apply 1 durable" in await rig.run(Received(BOB, Links(())))


async def test_pulls_and_wants_are_answered_from_the_store() -> None:
    pull = ServePull(BOB, Pull(0, (), 1))
    rig = Rig([Step(), Step(sends=(pull, ServeWant(BOB, (b"h" * 32,))))])
    assert await rig.run(Received(BOB, Links(()))) == [
        "handle Received",
        "answer pull: Pulled",
        "answer want: Push",
    ]


async def test_connections_are_told_and_addresses_read_anew() -> None:
    rig = Rig()
    await rig.run(PeerUp(BOB), PeerDown(BOB))
    assert rig.told == [PeerConnected(BOB), PeerLost(BOB)]
    assert rig.core.addresses == rig.net.addresses


# --- requests -----------------------------------------------------------------------------


async def test_request_is_answered_after_its_op_is_saved() -> None:
    op = make_op()
    rig = Rig([Step(), Step(writes=(SaveOp(op, own=True),), accepted=op)])
    request = Request(Submit(Away()))
    await rig.run(request)
    assert request.done.is_set()
    assert request.op is op
    assert rig.log.lines == ["handle Submit", "apply 1 durable", "mark 1"]


async def test_refused_request_gets_the_refusal_and_harms_no_other() -> None:
    op = make_op()
    refusal = UsageError("closed", "too late")
    rig = Rig([Step(), refusal, Step(writes=(SaveOp(op, own=True),), accepted=op)])
    late, good = Request(Submit(Away())), Request(Submit(Away()))
    await rig.run(late, good)
    assert late.error is refusal
    assert good.op is op


async def test_only_refused_requests_still_move_time_on() -> None:
    rig = Rig([Step(), UsageError("closed", "too late")])
    await rig.run(Request(Submit(Away())))
    assert isinstance(rig.core.seen[-1], Tick)


async def test_submit_hands_over_and_returns_the_op() -> None:
    op = make_op()
    rig = Rig([Step(), Step(writes=(SaveOp(op, own=True),), accepted=op)])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rig.driver.run, rig.inbox, [])
        assert await submit(rig.send, Request(Submit(Away()))) is op
        rig.send.close()


async def test_submit_after_the_end_says_stopping() -> None:
    rig = Rig()
    rig.inbox.close()
    with pytest.raises(RequestError, match="stopping"):
        await submit(rig.send, Request(Submit(Away())))


# --- a store that fails -------------------------------------------------------------------


async def test_store_failure_sends_nothing_and_is_told_to_who_asked() -> None:
    op = make_op()
    step = Step(writes=(SaveOp(op, own=True),), sends=(Send(BOB, Links(())),), accepted=op)
    rig = Rig([Step(), step])
    rig.store.fails = True
    request = Request(Submit(Away()))
    with pytest.raises(StoreError):
        await rig.run(request)
    assert "enqueue Links" not in rig.log.lines
    assert isinstance(request.error, RequestError)
    assert request.error.code == "store_unwritable"


# --- time ---------------------------------------------------------------------------------


async def test_core_is_woken_at_its_deadline(autojump_clock: trio.testing.MockClock) -> None:
    begin = trio.current_time()
    due = MonoMs(round((begin + 5) * 1000))
    rig = Rig([Step(wake_at=due), Step()])
    with trio.move_on_after(20):
        await rig.driver.run(rig.inbox, [])
    assert rig.log.lines == ["handle Tick", "handle Tick"]


async def test_core_without_deadline_is_left_alone(autojump_clock: trio.testing.MockClock) -> None:
    rig = Rig()
    with trio.move_on_after(1_000_000):
        await rig.driver.run(rig.inbox, [])
    assert rig.log.lines == ["handle Tick"]


async def test_far_deadline_is_looked_at_again_as_clocks_jump(
    autojump_clock: trio.testing.MockClock,
) -> None:
    begin = trio.current_time()
    due = MonoMs(round((begin + 10 * LOOK_AGAIN_S) * 1000))
    rig = Rig([Step(wake_at=due)] * 100)
    with trio.move_on_after(3.5 * LOOK_AGAIN_S):
        await rig.driver.run(rig.inbox, [])
    assert rig.log.lines == ["handle Tick"] * 4


@pytest.mark.parametrize("by_ms", [3_600_000, -60_000])
async def test_jump_of_the_wall_clock_is_told(by_ms: int) -> None:
    begin = WALL_MS + read_mono_ms()
    times = iter([begin, begin + by_ms])
    rig = Rig(wall_ms=lambda: next(times))
    await rig.run(Received(BOB, Links(())))
    assert [type(one) for one in rig.told] == [Alarm]


async def test_counters_follow_steps() -> None:
    rig = Rig([Step(), Step(notices=(Committed(1, 2, WallMs(1)), Committed(2, 0, WallMs(2))))])
    await rig.run(Received(BOB, Links(())))
    assert (rig.counters.steps, rig.counters.commits) == (2, 2)


async def test_what_is_written_to_a_peer_is_told_to_the_core_in_its_next_step() -> None:
    rig = Rig()
    makes: list[Callable[[], Message | None]] = []

    def answer(peer: DeviceKey, kind: str, make: Callable[[], Message | None]) -> None:
        assert (peer, kind) == (BOB, "written")
        makes.append(make)

    rig.net.answer = answer  # type: ignore[method-assign]
    rig.core.steps = [Step(), Step(sends=(ReportWritten(BOB),))]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rig.driver.run, rig.inbox, [])
        await rig.send.send(PeerUp(BOB))
        await trio.testing.wait_all_tasks_blocked()
        assert rig.core.seen == [Tick(), PeerUp(BOB)]  # nothing is written yet
        (make,) = makes
        assert make() is None  # there is nothing to send; the driver sleeps meanwhile
        await trio.testing.wait_all_tasks_blocked()
        assert rig.core.seen[2:] == [Written(BOB)]
        rig.send.close()


async def test_what_the_store_lacks_is_read_after_the_writes_and_told_at_once() -> None:
    rig = Rig()
    rig.core.steps = [
        Step(),
        Step(writes=(SaveText(MISSING.id, b"text"),), reads=ReadMissing(MISSING.id, 7)),
    ]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rig.driver.run, rig.inbox, [])
        await rig.send.send(PeerUp(BOB))
        await trio.testing.wait_all_tasks_blocked()
        assert rig.core.seen == [Tick(), PeerUp(BOB), TextsMissing((MISSING,), None)]
        lines = rig.log.lines
        assert lines.index("apply 1") < lines.index("read 7 missing")
        rig.send.close()


async def test_what_is_written_while_the_driver_works_comes_with_what_waits() -> None:
    rig = Rig([Step(), Step(sends=(ReportWritten(BOB),))])
    await rig.run(PeerUp(BOB))  # its net writes at once
    assert rig.core.seen[1:] == [PeerUp(BOB), Written(BOB)]
