"""Several liars with one plan: each runs twice, and all of them tell the same two stories.

With the honest nodes cut into two sides, every side sees a community in which nobody lies. Up
to f conspirators lack the quorum for it; f + 1 have it on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.steps.inputs import Input, Now, PeerDown, PeerUp, Received, Tick, Written
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
from p2pnode_protocols.wire.ids import DeviceKey

from ..parts.clockwork import MS
from ..parts.node import CoreLike, SimNode
from .blocks import Twins, join_steps


@dataclass(frozen=True, slots=True)
class Whisper(Received):
    """What one conspirator tells another, of one of the two stories."""

    story: int


@dataclass(frozen=True, slots=True)
class Whispered(Written):
    """What one conspirator has told another of a story has been heard."""

    story: int


class Conspiracy:
    """Who conspires, and which story each honest node is told."""

    def __init__(self, names: tuple[str, ...], sides: dict[str, int]) -> None:
        self.names = names
        self.sides = sides

    def join(self, node: SimNode, core: CoreLike) -> CoreLike:
        """Stand in for a node's core (`Wrap`)."""
        return Conspirator(node, core, self)


class Conspirator(Twins):
    """One of them."""

    def __init__(self, node: SimNode, inner: CoreLike, conspiracy: Conspiracy) -> None:
        super().__init__(node, inner)
        self._conspiracy = conspiracy

    def handle(self, event: Input, now: Now) -> Step:
        """Let one story's core take it in; the other looks at its clock only."""
        cores = (self.inner, self.twin)
        steps = []
        for story, core in enumerate(cores):
            step = core.handle(self._heard(event, story), now)
            steps.append(replace(step, sends=tuple(self._told(step.sends, story))))
        return join_steps(*steps)

    def _heard(self, event: Input, story: int) -> Input:
        """Return what an input is to one story: itself, or only the passing of time."""
        match event:
            case Whisper(peer=peer, message=message):
                return Received(peer, message) if event.story == story else Tick()
            case Whispered(peer=peer):
                return Written(peer) if event.story == story else Tick()
            case Written(peer=peer):
                return event if self._story_of(peer) == story else Tick()
            case PeerUp(peer=peer) | PeerDown(peer=peer):
                return event if self._story_of(peer) in (story, None) else Tick()
            case Received(peer=peer):
                return event if self._story_of(peer) == story else Tick()
            case _:
                return event if story == 0 else Tick()

    def _story_of(self, peer: DeviceKey) -> int | None:
        """Return which story a peer is told; None: it is one of us and knows both."""
        name = self.node.world.by_device(peer).name
        if name in self._conspiracy.names:
            return None
        return self._conspiracy.sides.get(name, 0)

    def _told(self, sends: tuple[Sending, ...], story: int) -> list[Sending]:
        """Return what goes over the network; what is for one of us is whispered."""
        told: list[Sending] = []
        for sending in sends:
            if self._story_of(sending.peer) is not None:
                told.append(sending)
                continue
            match sending:
                case Send(peer=peer, message=message):
                    self._whisper(peer, message, story)
                case ServeLeap(peer=peer, leap=leap):
                    self._whisper(peer, self.node.disk.serve_leap(leap), story)
                case ServeRecall(peer=peer, recall=recall):
                    self._whisper(peer, self.node.disk.serve_recall(recall), story)
                case ServePull(peer=peer, pull=pull):
                    self._whisper(peer, self.node.disk.serve_pull(pull), story)
                case ServeReceipts(peer=peer, after=after):
                    self._whisper(peer, self.node.disk.serve_receipts(after), story)
                case ServeWant(peer=peer, hashes=hashes):
                    self._whisper(peer, self.node.disk.serve_want(hashes), story)
                case ReportWritten(peer=peer):
                    written = Whispered(peer, story)
                    self.node.world.clock.after(2 * MS, self.node.take, written)
                case Disconnect():
                    pass  # they stick together
        return told

    def _whisper(self, peer: DeviceKey, message: Message, story: int) -> None:
        world = self.node.world
        other = world.by_device(peer)
        world.clock.after(2 * MS, other.take, Whisper(self.node.device, message, story))
