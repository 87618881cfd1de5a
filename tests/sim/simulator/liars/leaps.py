"""Lies in leaps: answers that prove nothing, and answers that take for ever."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.spreading import Pulled
from p2pnode_protocols.steps.inputs import Input
from p2pnode_protocols.steps.sends import Send, Sending, ServeLeap, ServePull, ServeRecall
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.wire.codec import decode, encode
from p2pnode_protocols.wire.ids import DeviceKey
from p2pnode_protocols.wire.limits import PULL_BYTES, SNAPSHOT_BYTES

from ..parts.clockwork import MS
from ..parts.node import CoreLike, SimNode
from .liar import Liar

DRIP_MS = 4_900  # just in time for those who wait 5 s for a part


class Misleader(Liar):
    """Has no blocks of past epochs for anybody, so that it is asked for leaps instead."""

    def lie(self, event: Input, step: Step) -> Step:
        sends: list[Sending] = []
        for sending in step.sends:
            match sending:
                case ServePull(peer=peer, pull=pull) if pull.epoch_number < self.core.epoch.number:
                    sends.append(Send(peer, Pulled(pull.epoch_number, (), (), more=False)))
                case ServeLeap(peer=peer, leap=leap):
                    sends += self.answer(peer, leap)
                case ServeRecall(peer=peer, recall=recall):
                    sends += self.recall(peer, recall)
                case _:
                    sends.append(sending)
        return replace(step, sends=tuple(sends))

    def answer(self, peer: DeviceKey, leap: Leap) -> list[Sending]:
        """Return what is said to a leap."""
        raise NotImplementedError

    def recall(self, peer: DeviceKey, recall: Recall) -> list[Sending]:
        """Return what is said to who asks for closed proposals: the truth."""
        return [ServeRecall(peer, recall)]


class FalseLeap(Misleader):
    """Answers leaps with what proves nothing."""

    def answer(self, peer: DeviceKey, leap: Leap) -> list[Sending]:
        truth = self.node.disk.serve_leap(leap)
        kinds = ("nothing", "short", "digest", "link", "state", "closed", "log", "byte")
        kind = self.rng.choice(kinds)
        if kind == "nothing" or truth.total != len(truth.data) or not truth.data:
            return [Send(peer, Leapt(leap.epoch_number, bytes(32), 0, leap.offset, b""))]
        if kind == "short":
            return [Send(peer, replace(truth, data=truth.data[:-1]))]
        if kind == "digest":
            return [Send(peer, replace(truth, digest=self.rng.randbytes(32)))]
        data = self._damage(kind, truth.data)
        digest = hashlib.sha256(data).digest()
        return [Send(peer, replace(truth, digest=digest, total=len(data), data=data))]

    def recall(self, peer: DeviceKey, recall: Recall) -> list[Sending]:
        truth = self.node.disk.serve_recall(recall)
        kind = self.rng.choice(("truth", "nothing", "mute", "byte", "piece"))
        if kind == "mute":
            return []
        if kind == "nothing" or not truth.data:
            return [Send(peer, Recalled(recall.until, 0, recall.offset, b""))]
        data = truth.data
        if kind == "byte":
            place = self.rng.randrange(len(data))
            data = data[:place] + self.rng.randbytes(1) + data[place + 1 :]
        elif kind == "piece":
            data = encode([bytes(32), [self.rng.randbytes(recall.least)]])[: len(data)]
        return [Send(peer, replace(truth, data=data))]

    def _damage(self, kind: str, data: bytes) -> bytes:
        parts = decode(data, SNAPSHOT_BYTES)
        assert isinstance(parts, list)
        links, snapshot, closed, root, log = parts
        assert isinstance(links, list)
        if snapshot is None:  # no more than links
            return encode([links[:-1] or [links], None, None, root, log])
        assert isinstance(snapshot, bytes)
        assert isinstance(closed, list)
        assert isinstance(log, list)
        match kind:
            case "link":
                return encode([links[:-1], snapshot, closed, root, log])
            case "state":
                return encode([links, snapshot[:-1] + self.rng.randbytes(1), closed, root, log])
            case "closed":
                chain, records = closed
                assert isinstance(records, list)
                return encode(
                    [links, snapshot, [chain, records[1:] or [[snapshot, None]]], root, log]
                )
            case "log":
                return encode([links, snapshot, closed, root, log[1:] or [snapshot]])
            case _:
                place = self.rng.randrange(len(data))
                return data[:place] + self.rng.randbytes(1) + data[place + 1 :]


class Elsewhere(Misleader):
    """Answers pulls of past epochs with nothing, of an epoch that nobody asked about."""

    def lie(self, event: Input, step: Step) -> Step:
        sends = tuple(self._turn(one) for one in step.sends)
        return super().lie(event, replace(step, sends=sends))

    def _turn(self, sending: Sending) -> Sending:
        match sending:
            case ServePull(peer=peer, pull=pull) if pull.epoch_number < self.core.epoch.number:
                other = pull.epoch_number + self.rng.choice((-1, 1))
                return Send(peer, Pulled(max(0, other), (), (), more=self.rng.random() < 0.5))
            case _:
                return sending

    def answer(self, peer: DeviceKey, leap: Leap) -> list[Sending]:
        return []


class DripLeap(Misleader):
    """Announces a leap of any size and gives one part after the other, each just in time."""

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        self._core = node.core
        self._total = PULL_BYTES * self.rng.choice((3, 20, SNAPSHOT_BYTES // PULL_BYTES))
        self._due: list[Send] = []

    def lie(self, event: Input, step: Step) -> Step:
        step = super().lie(event, step)
        due, self._due = self._due, []
        return replace(step, sends=(*step.sends, *due))

    def answer(self, peer: DeviceKey, leap: Leap) -> list[Sending]:
        if self.is_over:
            return [ServeLeap(peer, leap)]
        size = max(0, min(PULL_BYTES, self._total - leap.offset))
        part = Leapt(leap.epoch_number, bytes(32), self._total, leap.offset, bytes(size))
        self.node.world.clock.after(DRIP_MS * MS, self._ring, Send(peer, part))
        return []

    def recall(self, peer: DeviceKey, recall: Recall) -> list[Sending]:
        if self.is_over:
            return [ServeRecall(peer, recall)]
        answer = Send(peer, self.node.disk.serve_recall(recall))
        self.node.world.clock.after(DRIP_MS * MS, self._ring, answer)
        return []

    def _ring(self, part: Send) -> None:
        if self.node.core is self._core:  # else it is another life of this node
            self._due.append(part)
            self.node.wake()
