"""Members that do not keep to the protocol: small classes that stand in for a core.

A liar wraps the honest core, so that it stays in the conversation, and changes the steps
that come out: `Liar.lie` is asked after each input and returns the step that is carried out
instead. Give one to `World(wrap={"dave": OrphanFlood})`; several compose by wrapping.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from p2pnode_protocols.blocks import sign_block
from p2pnode_protocols.ids import BlockId, Round
from p2pnode_protocols.messages import Message, Push
from p2pnode_protocols.steps import Input, Now, PeerUp, Received, Send, Sending, ServeWant, Step

from .node import CoreLike, SimNode


class Liar:
    """Behaves until `lie` says otherwise."""

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        self.node = node
        self.inner = inner

    def handle(self, event: Input, now: Now) -> Step:
        return self.lie(event, self.inner.handle(event, now))

    def lie(self, event: Input, step: Step) -> Step:
        """Return what to carry out instead of `step`, which `event` caused honestly."""
        return step

    def to_all(self, step: Step, messages: Iterable[Message]) -> Step:
        """Return `step` with these messages to every peer after it."""
        assert self.node.core is not None
        extra = tuple(
            Send(peer.device, message)
            for message in messages
            for peer in self.node.core.sync.greeted()
        )
        return replace(step, sends=(*step.sends, *extra))


class OrphanFlood(Liar):
    """Answers each message with blocks whose parents exist nowhere."""

    PER_MESSAGE = 40

    def lie(self, event: Input, step: Step) -> Step:
        if not isinstance(event, Received):
            return step
        core = self.node.core
        assert core is not None
        blocks = []
        for _ in range(self.PER_MESSAGE):
            parents = tuple(BlockId(self.node.world.rng.randbytes(32)) for _ in range(3))
            blocks.append(
                sign_block(
                    core.community,
                    self.node.signer,
                    epoch=core.epoch.id,
                    author=self.node.member,
                    sequence=1_000,
                    round_=Round(1_000),
                    time_ms=self.node.now.wall_ms,
                    parents=parents,
                    ops=(),
                    final_index=0,
                    final_root=core.final_root,
                )
            )
        return self.to_all(step, [Push(blocks=tuple(blocks))])


class TextWithholder(Liar):
    """Says things but keeps their texts to itself, until told to stop."""

    is_withholding = True

    def lie(self, event: Input, step: Step) -> Step:
        if not self.is_withholding:
            return step
        sends: list[Sending] = []
        for sending in step.sends:
            match sending:
                case Send(peer=peer, message=Push(blocks=blocks, ops=ops)):
                    sends.append(Send(peer, Push(blocks, ops)))
                case ServeWant():
                    pass
                case _:
                    sends.append(sending)
        return replace(step, sends=tuple(sends))


class Replayer(Liar):
    """Sends everything it has ever stored again, old epochs and final ops included."""

    EVERY = 10  # inputs

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        self._inputs = 0

    def lie(self, event: Input, step: Step) -> Step:
        self._inputs += 1
        if self._inputs % self.EVERY or isinstance(event, PeerUp):
            return step
        store = self.node.disk.store
        return self.to_all(
            step, [Push(blocks=tuple(store.blocks.values()), ops=tuple(store.ops.values()))]
        )
