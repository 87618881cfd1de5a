"""A member that does not keep to the protocol: what all strategies stand on.

A liar wraps the honest core, so that it stays in the conversation, and changes the steps
that come out (`Liar.lie`), the blocks it makes (`Liar.shape`), or speaks unasked
(`Restless.act`). `stack` puts several around one core: the last one named sees what the
others did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import ClassVar

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.bodies import Body
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.steps.inputs import Input, Now
from p2pnode_protocols.steps.sends import Send, Sending
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import SaveBlock
from p2pnode_protocols.wire.ids import DeviceKey

from ..parts.clockwork import MS
from ..parts.drafting import Draft, DraftingCore
from ..parts.node import CoreLike, SimNode, Wrap


class Liar:
    """Behaves until a subclass says otherwise.

    A subclass lies by overriding `lie`, `shape` or both. Its random choices depend on seed, node
    and class only, so that they are the same after a restart.
    """

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        self.node = node
        self.inner = inner
        self.rng = Random(f"{node.world.seed}/{node.name}/{type(self).__name__}")
        if type(self).shape is not Liar.shape:
            self.core.shapers = (*self.core.shapers, self.shape)

    def handle(self, event: Input, now: Now) -> Step:
        return self.lie(event, self.inner.handle(event, now))

    def lie(self, event: Input, step: Step) -> Step:
        """Return what to carry out instead of `step`, which `event` caused honestly."""
        return step

    def shape(self, draft: Draft) -> None:
        """Change the block that is about to be made."""

    # --- what strategies need ------------------------------------------------------------

    @property
    def core(self) -> DraftingCore:
        assert isinstance(self.node.core, DraftingCore)
        return self.node.core

    @property
    def is_over(self) -> bool:
        """Whether all has been healed: from here on a liar only answers."""
        return self.node.world.faults.is_over

    def peers(self) -> list[DeviceKey]:
        """Return whom this node talks to, in order of key."""
        return [peer.device for peer in self.core.sync.peers.greeted]

    def is_chosen(self, peer: DeviceKey, share: float = 0.5) -> bool:
        """Whether this peer is of those who get the other story; the same for ever."""
        return Random(f"{self.node.name}/{type(self).__name__}/{peer.hex()}").random() < share

    def to_all(self, step: Step, messages: Iterable[Message]) -> Step:
        """Return `step` with these messages to every peer after it."""
        extra = tuple(Send(peer, message) for message in messages for peer in self.peers())
        return replace(step, sends=(*step.sends, *extra))

    def to_each(self, step: Step, message: Callable[[DeviceKey], Message | None]) -> Step:
        """Return `step` with what `message` says for each peer after it."""
        told = [(peer, message(peer)) for peer in self.peers()]
        extra = tuple(Send(peer, one) for peer, one in told if one is not None)
        return replace(step, sends=(*step.sends, *extra))

    def own_blocks(self, step: Step) -> Iterator[Block]:
        """Yield the blocks that this node made in this step."""
        for write in step.writes:
            if isinstance(write, SaveBlock) and write.own:
                yield write.block

    def own_pushes(self, sending: Sending) -> tuple[Block, ...]:
        """Return the own blocks that a sending holds."""
        match sending:
            case Send(message=Push(blocks=blocks)):
                return tuple(block for block in blocks if block.device == self.node.device)
            case _:
                return ()

    def open_questions(self) -> list[Proposal]:
        """Return the proposals that this node knows as open."""
        preview = self.core.preview
        known = [preview.proposal(one) for one in preview.open_ids]
        return [one for one in known if one is not None and one.outcome == "open"]

    def sign_ops(self, *bodies: Body, nonce: int | None = None) -> list[Op]:
        """Return these as ops of this member with the next nonces, not submitted anywhere."""
        core, member = self.core, self.core.member
        if member is None:
            return []
        if nonce is None:
            nonce = core.pool.highest_nonce(self.node.device, core.state) + 1
        wall_ms = self.node.now.wall_ms
        return [
            sign_op(core.community, member, self.node.signer, nonce + place, wall_ms, body)
            for place, body in enumerate(bodies)
        ]


class Restless(Liar):
    """Speaks unasked every now and then, until all is healed."""

    EVERY_MS: ClassVar[int] = 1_500  # on average

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        self._is_due = False
        self._core = node.core
        self._wait()

    def _wait(self) -> None:
        delay = round(self.rng.expovariate(1 / self.EVERY_MS)) * MS
        self.node.world.clock.after(delay, self._ring)

    def _ring(self) -> None:
        if self.is_over or self.node.core is not self._core:
            return  # healed, or another life of this node
        self._is_due = True
        self.node.wake()
        self._wait()

    def lie(self, event: Input, step: Step) -> Step:
        if not self._is_due or not self.peers():
            return step
        self._is_due = False
        return self.act(step)

    def act(self, step: Step) -> Step:
        """Return `step` with what is said unasked."""
        raise NotImplementedError


def stack(*strategies: Wrap) -> Wrap:
    """Return one wrap that puts each strategy around the ones before it."""

    def wrap(node: SimNode, core: CoreLike) -> CoreLike:
        for strategy in strategies:
            core = strategy(node, core)
        return core

    return wrap
