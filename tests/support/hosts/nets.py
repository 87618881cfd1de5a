"""Nets on loopback, in this process or their own, and a peer that says anything it likes.

Nothing here sleeps: everything is waited for, with a deadline that fails the test.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import trio

from p2pnode.net import Endpoint, Net, NetConfig, NetEvent, PeerStatistics
from p2pnode.net.callers.places import PLACES, Stage
from p2pnode.net.connection.link import Link
from p2pnode.net.connection.pair import Pair
from p2pnode.net.connection.transport import Transport, forward_logs
from p2pnode.net.errors import LinkClosed
from p2pnode.net.framing import FrameReader, add_length
from p2pnode.net.seats.cpu import CpuClock
from p2pnode_protocols.messages.frames import Message, read_frame, write_frame
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import PeerUp, Received
from p2pnode_protocols.wire.crypto import Verify, verify_ed25519
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

COMMUNITY, OTHER = CommunityId(b"c" * 32), CommunityId(b"o" * 32)
DEADLINE_S = 15.0
LOOPBACK = NetConfig(
    listen=("/ip4/127.0.0.1/tcp/0",), mdns=False, redial_first_s=0.05, redial_most_s=0.5
)

T = TypeVar("T")


class _Watch(trio.abc.Instrument):
    """Tells when a condition holds: only a step of a task can bring it about."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        self.done = trio.Event()
        self._condition = condition

    def after_task_step(self, _task: trio.lowlevel.Task) -> None:
        if not self.done.is_set() and self._condition():
            self.done.set()


async def run_alone(
    endpoint: Endpoint, net: Net, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Run an endpoint with the one net that is on it."""
    async with trio.open_nursery() as nursery:
        await nursery.start(endpoint.run)
        await nursery.start(net.run)
        task_status.started()


@dataclass
class Member:
    """A net with what a test needs around it."""

    net: Net
    events: trio.MemoryReceiveChannel[NetEvent]
    endpoint: Endpoint
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    stopped: trio.Event = field(default_factory=trio.Event)

    @property
    def device(self) -> DeviceKey:
        return self.net.device

    def knows(self, *others: Member) -> None:
        self.net.set_peers({one.device: one.net.addresses for one in others})

    def about(self, other: Member | DeviceKey) -> PeerStatistics:
        device = other.device if isinstance(other, Member) else other
        return next(one for one in self.net.statistics().peers if one.device == device)

    async def hear(self, *wanted: type[T]) -> T:
        """Return the next event of these kinds; others before it are passed over."""
        with trio.fail_after(DEADLINE_S):
            async for event in self.events:
                if isinstance(event, wanted):
                    return event
        raise AssertionError("the net has stopped")

    async def hear_message(self) -> Message:
        return (await self.hear(Received)).message

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something about a net that no event tells."""
        if condition():
            return
        watch = _Watch(condition)
        trio.lowlevel.add_instrument(watch)
        try:
            with trio.fail_after(DEADLINE_S):
                await watch.done.wait()
        finally:
            trio.lowlevel.remove_instrument(watch)

    async def stop(self) -> None:
        self.scope.cancel()
        with trio.fail_after(DEADLINE_S):
            await self.stopped.wait()


@dataclass
class Rig:
    """Starts nets, numbered: a smaller number does not mean a smaller device key."""

    nursery: trio.Nursery
    known: set[DeviceKey] = field(default_factory=set)
    let_in: set[DeviceKey] = field(default_factory=set)  # strangers, by the cores

    async def start(
        self,
        number: int,
        config: NetConfig = LOOPBACK,
        *,
        is_member: bool = True,
        room: int = 64,
        seat_of: Callable[[DeviceKey], bytes] = bytes,
        verify: Verify = verify_ed25519,
        meter: Callable[[], float] = time.thread_time,
    ) -> Member:
        """Start a net whose events have `room` to wait in; members are what gates let in."""
        send, receive = trio.open_memory_channel[NetEvent](room)
        seed = bytes([number]) * 32
        gate = self.known.__contains__
        # A test that has a meter of its own is about what that says.
        clock = None if meter is time.thread_time else CpuClock(meter, meter)
        endpoint = Endpoint(config, seed, meter=meter, clock=clock)
        net = Net(
            endpoint,
            COMMUNITY,
            gate,
            Opener(COMMUNITY, verify),
            send,
            seat_of=seat_of,
            is_let_in=self.let_in.__contains__,
        )
        if is_member:
            self.known.add(net.device)
        member = Member(net, receive, endpoint)
        await self.nursery.start(self._run, member)
        return member

    async def join(
        self,
        host: Member,
        community: CommunityId = OTHER,
        *,
        room: int = 64,
        gate: Callable[[DeviceKey], bool] | None = None,
    ) -> Member:
        """Start a net of another community on the endpoint of one that runs."""
        send, receive = trio.open_memory_channel[NetEvent](room)
        gate = gate or self.known.__contains__
        net = Net(host.endpoint, community, gate, Opener(community), send)
        member = Member(net, receive, host.endpoint)

        async def run(*, task_status: TaskStatus[tuple[str, ...]]) -> None:
            with member.scope:
                await net.run(task_status=task_status)
            member.stopped.set()

        await self.nursery.start(run)
        return member

    async def _run(self, member: Member, *, task_status: TaskStatus[None]) -> None:
        try:
            with member.scope:
                await run_alone(member.endpoint, member.net, task_status=task_status)
        finally:
            member.stopped.set()

    async def start_linked(self, *numbers: int) -> list[Member]:
        """Start nets that know each other, and wait until each is up with each."""
        members = [await self.start(number) for number in numbers]
        for member in members:
            member.knows(*(one for one in members if one is not member))
        for member in members:
            for _ in members[1:]:
                await member.hear(PeerUp)
        return members


class Stranger:
    """A peer under the test's control: the real handshake and streams, any bytes on them."""

    def __init__(self, seed: bytes) -> None:
        forward_logs()
        self._transport = Transport(seed, 5.0)
        self._reader = FrameReader()
        self._waiting: list[Message] = []

    @property
    def device(self) -> DeviceKey:
        return self._transport.device

    async def _dial(self, member: Member | Process, *at: str) -> Link:
        own = member.addresses if isinstance(member, Process) else member.net.addresses
        addresses = [one.partition("/p2p/")[0] for one in at or own]
        return await self._transport.dial(member.device, addresses)

    async def _pair(self, link: Link, community: CommunityId = COMMUNITY) -> Pair:
        pair = link.pair(community)
        with trio.fail_after(DEADLINE_S):
            await pair.open()
            await pair.wait_opened()
        assert pair._incoming is not None
        pair._incoming.widen()  # as whoever listens does
        return pair

    def connected(self, member: Member) -> AbstractAsyncContextManager[Pair]:
        return self.session(member.net.device, *member.net.addresses)

    @contextlib.asynccontextmanager
    async def session(
        self, device: DeviceKey, *at: str, community: CommunityId = COMMUNITY
    ) -> AsyncIterator[Pair]:
        """Connect to a node at these addresses, in this process or not, and open the streams."""
        link = await self._transport.dial(device, [one.partition("/p2p/")[0] for one in at])
        async with trio.open_nursery() as nursery:
            link.admits = lambda: [community]
            nursery.start_soon(link.serve)
            yield await self._pair(link, community)
            link.kill()

    async def is_turned_away(self, member: Member | Process, *at: str) -> bool:
        """Connect, hang up again, and tell whether that did not work.

        `at`: addresses instead of the member's own.
        """
        try:
            link = await self._dial(member, *at)
        except LinkClosed:
            return True
        async with trio.open_nursery() as nursery:
            link.admits = lambda: [COMMUNITY]
            nursery.start_soon(link.serve)
            try:
                await self._pair(link)
            except LinkClosed:
                return True
            finally:
                link.kill()
        return False

    async def say(self, pair: Pair, *messages: Message) -> None:
        await pair.send(add_length(write_frame(messages)))

    async def hear(self, pair: Pair, wanted: type[T]) -> T:
        """Return the next message of this kind; others before it are passed over."""
        with trio.fail_after(DEADLINE_S):
            while True:
                while self._waiting:
                    message = self._waiting.pop(0)
                    if isinstance(message, wanted):
                        return message
                for frame in self._reader.feed(await pair.receive()):
                    self._waiting += read_frame(frame, Opener(COMMUNITY))

    async def hear_end(self, pair: Pair) -> None:
        """Wait until the other side closes the connection."""
        with trio.fail_after(DEADLINE_S), contextlib.suppress(LinkClosed):
            while True:
                await pair.receive()


def find_port(member: Member) -> int:
    return int(member.net.addresses[0].split("/")[4])


async def flood(member: Member, count: int, source: str) -> None:
    """Connect so often from an address of this machine without a word, then hang up.

    Returns when the net has taken all of them and sent away whom it has no place for.
    """
    refused = member.net.statistics().refused_connections
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            sock = trio.socket.socket()
            stack.callback(sock.close)
            await sock.bind((source, 0))
            await sock.connect(("127.0.0.1", find_port(member)))
        expected = refused + count - PLACES[Stage.SILENT]
        await member.until(lambda: member.net.statistics().refused_connections >= expected)


@contextlib.asynccontextmanager
async def relayed(member: Member, ahead: Callable[[int], Awaitable[None]]) -> AsyncIterator[str]:
    """Yield an address that leads to the member's.

    What a caller sends is passed on in its pieces, each after `ahead` of its number: 0 is the
    first, when the member has seen the connection only.
    """

    async def pass_on(caller: trio.SocketStream) -> None:
        async with (
            caller,
            await trio.open_tcp_stream("127.0.0.1", find_port(member)) as callee,
            trio.open_nursery() as both,
        ):
            both.start_soon(pass_back, callee, caller)
            pieces = 0
            with contextlib.suppress(trio.BrokenResourceError):
                async for data in caller:
                    await ahead(pieces)
                    pieces += 1
                    await callee.send_all(data)
            both.cancel_scope.cancel()

    async def pass_back(callee: trio.SocketStream, caller: trio.SocketStream) -> None:
        with contextlib.suppress(trio.BrokenResourceError):
            async for data in callee:
                await caller.send_all(data)
            await caller.send_eof()

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, pass_on, listeners)
        yield f"/ip4/127.0.0.1/tcp/{listeners[0].socket.getsockname()[1]}"
        nursery.cancel_scope.cancel()


class Process:
    """A net in its own process, which prints its events and stops when its stdin closes."""

    PROGRAM = Path(__file__).parents[1] / "processes" / "net_process.py"

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(self.PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, number: int, config: dict[str, object]) -> None:
        """Tell it who it is, and wait until it listens."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"number": number, "config": config}) + "\n")
        self._process.stdin.flush()
        started = self._read()
        self.device = DeviceKey(bytes.fromhex(started["device"]))
        self.addresses: list[str] = started["addresses"]

    def _read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def leave_descriptors(self, count: int) -> None:
        """Let it open so many more files and sockets, and then none."""
        pid = self._process.pid
        used = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        _, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + count, most))

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)  # does nothing to one that has ended

    def kill(self) -> None:
        """kill -9, and wait for it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()
