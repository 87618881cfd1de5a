"""Lies between connections: who hangs up instead of answering, and calls again."""

from __future__ import annotations

from dataclasses import replace

from p2pnode_protocols.messages.greeting import Hello
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.steps.inputs import Input
from p2pnode_protocols.steps.sends import Send, Sending, ServeLeap, ServePull, ServeRecall
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, Round

from ..parts.node import CoreLike, SimNode
from .liar import Liar

PAUSES_MS = (2_000, 60_000)  # the longest before it calls again, and once all is healed


class CallsAgain(Liar):
    """Says that it is ahead, so as to be asked; hangs up when it is asked, and calls again.

    What a peer remembers of the connection alone it then forgets. With further devices of the
    same seat there is always one that was not asked yet.
    """

    GROWTH = 2  # of the pause, each time: a run is to end

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        self._pauses_ms: dict[DeviceKey, int] = {}

    def lie(self, event: Input, step: Step) -> Step:
        sends: list[Sending] = []
        for sending in step.sends:
            match sending:
                case ServePull(peer=peer) | ServeLeap(peer=peer) | ServeRecall(peer=peer):
                    if self.rng.random() < 0.1:
                        sends.append(sending)  # it may help now and then, to be believed
                    elif self.rng.random() < 0.9:
                        self.hang_up(peer)
                case Send(peer=peer, message=Status()):
                    sends.append(Send(peer, self._claim()))
                case Send(peer=peer, message=Hello(status=Status()) as hello):
                    sends.append(Send(peer, replace(hello, status=self._claim())))
                case _:
                    sends.append(sending)
        return replace(step, sends=tuple(sends))

    def hang_up(self, peer: DeviceKey) -> None:
        """End a connection, and make the next after a pause."""
        pause_ms = self._pauses_ms.get(peer, 1)
        self._pauses_ms[peer] = min(self.GROWTH * pause_ms, PAUSES_MS[self.is_over])
        self.node.world.network.disconnect(self.node, peer, pause_ms, is_eager=True)

    def _claim(self) -> Status:
        """Return what asks to be asked: for blocks, for forks, or for a leap."""
        status = self._newest()
        match self.rng.choice(("blocks", "forks", "leap")):
            case "blocks":
                rounds = dict(status.frontier)
                members = [seat.id for seat in self.core.state.charter.members]
                frontier = tuple(
                    (member, Round(rounds.get(member, 0) + self.rng.randint(1, 30)))
                    for member in members
                )
                return replace(status, frontier=frontier)
            case "forks":
                index = status.final_index + self.rng.randint(100, 10_000)
                return replace(status, final_index=index, final_root=self.rng.randbytes(32))
            case _:
                return replace(
                    status,
                    epoch_number=status.epoch_number + 1,
                    epoch=EpochId(self.rng.randbytes(32)),
                    frontier=(),
                    final_index=status.final_index + 10_000,
                    final_root=self.rng.randbytes(32),
                )

    def _newest(self) -> Status:
        """Return where the one who is furthest stands; liars are well informed."""
        cores = [node.core for node in self.node.world.nodes if node.core is not None]
        return max(cores, key=lambda core: core.final_index).status()


class ComesAnew(CallsAgain):
    """The same, by one who holds an open invite and so has any number of keys."""

    def hang_up(self, peer: DeviceKey) -> None:
        """Go for good; somebody else comes in its place."""
        self.node.world.strangers.replace(self.node)
