"""What two nodes say to each other on one link, between `PeerUp` and `PeerDown`.

Three tasks: one reads, one writes, one sees to it that a session that is to end does.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import trio

from p2pnode_protocols.errors import PeerFault, ProtocolError
from p2pnode_protocols.ids import DeviceKey, WallMs, to_short
from p2pnode_protocols.limits import FRAME_BYTES
from p2pnode_protocols.messages import (
    Bye,
    Message,
    Opener,
    Ping,
    Pong,
    Refused,
    read_frame,
    write_frame,
)
from p2pnode_protocols.steps import Received

from .config import NetConfig
from .errors import LinkClosed
from .framing import FrameReader, add_length
from .interface import NetEvent
from .link import Link
from .outbox import Outbox

log = logging.getLogger("p2pnode.net")

STRIKES = 3  # refused frames in one session before the peer is sent away

Emit = Callable[[NetEvent], Awaitable[None]]


@dataclass(slots=True)
class Traffic:
    """Counters of one peer over all its sessions."""

    frames_in: int = 0
    frames_out: int = 0
    messages_in: int = 0
    messages_out: int = 0
    drops: int = 0
    faults: dict[str, int] = field(default_factory=dict)


class Session:
    """One conversation. It ends with its link, and the link with it."""

    def __init__(
        self, link: Link, traffic: Traffic, config: NetConfig, opener: Opener, emit: Emit
    ) -> None:
        self.link = link
        self.began_s = trio.current_time()
        self.rtt_ms: float | None = None
        self.clock_offset_ms: float | None = None
        self.has_spoken = False  # has sent something for the core
        self._traffic = traffic
        self._config = config
        self._opener = opener
        self._emit = emit
        self._outbox = Outbox(config.queue_messages, config.queue_bytes)
        self._ending = trio.Event()
        self._strikes = 0
        self._fault: ProtocolError | None = None
        self._ping_token = 0
        self._pinged_s: float | None = None

    @property
    def peer(self) -> DeviceKey:
        return self.link.device

    async def run(self) -> ProtocolError | None:
        """Talk until the link ends; return what the peer was sent away for, if it was."""
        self.ping()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                nursery.start_soon(self._enforce_end)
                await self._pump()
                self.link.kill()
                self._outbox.close()
                self._ending.set()
        finally:
            self.link.kill()
            self._traffic.drops += len(self._outbox)
        return self._fault

    # --- sending ----------------------------------------------------------------------

    def send(self, message: Message) -> None:
        """Queue a message. A peer that does not read fills its queue, and is cut off:
        the hellos of the next session bring it up to date.
        """
        if self._outbox.push(message):
            return
        self._traffic.drops += 1
        if not self._ending.is_set() and not self.link.has_ended:
            log.warning("%s does not read: cut off", to_short("dev", self.peer))
            self.link.kill()

    def ping(self) -> None:
        """Ask for a sign of life; the answer tells the round trip and the peer's clock."""
        self._ping_token += 1
        self._pinged_s = trio.current_time()
        self.send(Ping(self._ping_token, _read_wall_ms()))

    def end(self, last_word: Message | None = None) -> None:
        """Write what is queued, the last word and a good-bye, then close; soon in any case."""
        if self._ending.is_set():
            return
        if last_word is not None:
            self._outbox.push(last_word)
        self._outbox.push(Bye())
        self._outbox.close()
        self._ending.set()

    async def _enforce_end(self) -> None:
        """Once ending, leave the peer a moment to hear the good-bye and hang up."""
        await self._ending.wait()
        with trio.move_on_after(self._config.bye_timeout_s):
            await self.link.wait_ended()
        self.link.kill()

    async def _write(self) -> None:
        """Write what is queued, all that waits as one frame."""
        while batch := await self._outbox.take():
            frame = write_frame(batch)
            if len(frame) > FRAME_BYTES:
                self._traffic.drops += len(batch)
                log.error("%d messages make a frame of %d bytes", len(batch), len(frame))
                continue
            try:
                await self.link.send(add_length(frame))
            except LinkClosed as error:
                log.debug("%s", error)
                self._traffic.drops += len(batch)
                self.link.kill()
                return
            self._traffic.frames_out += 1
            self._traffic.messages_out += len(batch)

    # --- receiving --------------------------------------------------------------------

    async def _pump(self) -> None:
        """Read frames and pass their messages on until the peer says good-bye or is gone."""
        reader = FrameReader()
        try:
            while True:
                chunk = await self.link.receive()
                for frame in reader.feed(chunk):
                    self._traffic.frames_in += 1
                    if not await self._open_frame(frame):
                        return
        except PeerFault as fault:  # where the next frame begins is unknown from here on
            self._refuse(fault)
            self._send_away(fault)
            await self.link.wait_ended()
        except LinkClosed as error:
            log.debug("%s", error)

    async def _open_frame(self, frame: bytes) -> bool:
        """Pass on what is in a frame; return False after a good-bye."""
        try:
            messages = read_frame(frame, self._opener)
        except ProtocolError as fault:
            self._refuse(fault)
            if self._strikes >= STRIKES:
                self._send_away(fault)
            return True
        except Exception:  # a mistake of ours, but nobody's bytes may stop a node
            log.exception("a frame of %s broke the decoder", to_short("dev", self.peer))
            self._send_away(PeerFault("bad_frame", "not understood"))
            return True
        for message in messages:
            self._traffic.messages_in += 1
            match message:
                case Bye():
                    return False
                case _ if self._ending.is_set():
                    pass  # both may be ending, each waiting for the other's good-bye
                case Ping():
                    self.send(Pong(message.token, _read_wall_ms()))
                case Pong():
                    self._on_pong(message)
                case _:
                    self.has_spoken = True
                    await self._emit(Received(self.peer, message))
        return True

    def _on_pong(self, pong: Pong) -> None:
        if pong.token != self._ping_token or self._pinged_s is None:
            return  # late, or invented
        self.rtt_ms = (trio.current_time() - self._pinged_s) * 1000
        self._pinged_s = None
        # The peer read its clock about half a round trip ago.
        self.clock_offset_ms = pong.wall_ms + self.rtt_ms / 2 - _read_wall_ms()

    def _refuse(self, fault: ProtocolError) -> None:
        if self._ending.is_set():
            return
        log.warning("%s sent what was refused: %s", to_short("dev", self.peer), fault)
        self._strikes += 1
        self._traffic.faults[fault.code] = self._traffic.faults.get(fault.code, 0) + 1
        self.send(Refused(fault.code, fault.detail))

    def _send_away(self, fault: ProtocolError) -> None:
        if not self._ending.is_set():
            self._fault = fault
            self.end()


def _read_wall_ms() -> WallMs:
    return WallMs(time.time_ns() // 1_000_000)
