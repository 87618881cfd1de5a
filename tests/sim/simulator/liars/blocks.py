"""Lies in blocks: forks, poor and odd parents, wrong times, blocks that break the rules."""

from __future__ import annotations

from dataclasses import replace

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.steps.inputs import Input, Now, PeerDown, PeerUp, Received, Tick
from p2pnode_protocols.steps.sends import Send, Sending
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import SaveBlock, SaveOp, SaveText
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, EpochId, Round, WallMs

from ..parts.drafting import Draft, DraftingCore
from ..parts.keys import verify_simulated
from ..parts.node import CoreLike, SimNode
from .liar import Liar, Restless

YEAR_MS = 366 * 24 * 3_600_000


class Fork(Liar):
    """Makes two or three blocks of a round and shows different peers different ones."""

    SHARE = 0.6  # of its blocks

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        self._rivals: dict[BlockId, tuple[Block, ...]] = {}

    def lie(self, event: Input, step: Step) -> Step:
        writes = list(step.writes)
        for write in step.writes:
            if isinstance(write, SaveBlock) and write.own and self.rng.random() < self.SHARE:
                rivals = self._make_rivals(write.block)
                self._rivals[write.block.id] = (write.block, *rivals)
                writes += [SaveBlock(one, write.epoch_number, own=False) for one in rivals]
        sends = tuple(self._show(sending) for sending in step.sends)
        return replace(step, writes=tuple(writes), sends=sends)

    def _make_rivals(self, block: Block) -> list[Block]:
        core = self.core
        vertex = core.epoch.lace.get(block.id)
        if vertex is None:
            return []  # its epoch has ended with it
        rivals = []
        for number in range(self.rng.choice((1, 1, 2))):
            draft = Draft(
                block.epoch,
                block.author,
                block.round,
                WallMs(block.time_ms + 1 + number),
                list(vertex.parents),
                block.ops if self.rng.random() < 0.5 else (),
                block.final_index,
                block.final_root,
            )
            spare = vertex.strong_mask.bit_count() - core.epoch.committee.quorum
            if spare > 0 and self.rng.random() < 0.5:
                draft.parents.pop()  # of the round before, or a weak link: still enough
            rivals.append(draft.sign(core.community, self.node.signer))
        return rivals

    def _show(self, sending: Sending) -> Sending:
        if not isinstance(sending, Send) or not isinstance(sending.message, Push):
            return sending
        push = sending.message
        blocks = tuple(self._version(block, sending.peer) for block in push.blocks)
        return Send(sending.peer, Push(blocks, push.ops, push.texts))

    def _version(self, block: Block, peer: DeviceKey) -> Block:
        versions = self._rivals.get(block.id, (block,))
        return versions[peer[0] % len(versions)]


class ThirdForks(Liar):
    """Makes a dozen more blocks of each round, each on one of its own last dozen, for everyone.

    The later ones come first, so that the earlier are asked for, by who asks.
    """

    COUNT = 12

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        self._heads: list[Block] = []

    def lie(self, event: Input, step: Step) -> Step:
        writes, forks = list(step.writes), []
        for write in step.writes:
            if isinstance(write, SaveBlock) and write.own and not self.is_over:
                made = self._make(write.block)
                writes += [SaveBlock(one, write.epoch_number, own=False) for one in made]
                forks += made
                self._heads = made or self._heads
        if not forks:
            return step
        told = [Push(blocks=tuple(reversed(forks)))]
        return self.to_all(replace(step, writes=tuple(writes)), told)

    def _make(self, block: Block) -> list[Block]:
        core = self.core
        vertex = core.epoch.lace.get(block.id)
        if vertex is None:
            return []  # its epoch has ended with it
        others = [one.id for one in vertex.parents if one.author != core.epoch.me]
        own = [one.block for one in vertex.parents if one.author == core.epoch.me]
        heads = [one for one in self._heads if one.epoch == block.epoch] or own
        made = []
        for number in range(self.COUNT):
            head = heads[number % len(heads)] if heads else None
            after = block.time_ms if head is None else max(block.time_ms, head.time_ms)
            draft = Draft(
                block.epoch,
                block.author,
                block.round,
                WallMs(after + 1 + number),
                [],
                (),
                block.final_index,
                block.final_root,
                1 if head is None else head.sequence + 1,
            )
            names = others if head is None else [head.id, *others]
            made.append(draft.sign(core.community, self.node.signer, names))
        return made


class Twins(Liar):
    """Runs twice with one key, each with its own half of the peers: what a copied disk does."""

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        world = node.world
        self.twin = DraftingCore(
            world.community,
            node.signer,
            node.disk.restore(node.device),
            node.now,
            agent="simulated",
            verify=verify_simulated,
        )

    def is_twins(self, peer: DeviceKey) -> bool:
        return self.is_chosen(peer)

    def handle(self, event: Input, now: Now) -> Step:
        """Let the half that is spoken to take it in; the other looks at its clock only."""
        ours: Input = event
        theirs: Input = Tick()
        if isinstance(event, PeerUp | PeerDown | Received) and self.is_twins(event.peer):
            ours, theirs = theirs, ours
        return join_steps(self.inner.handle(ours, now), self.twin.handle(theirs, now))


def join_steps(step: Step, twin: Step) -> Step:
    """Return the steps of both as one. One log is enough on disk.

    The twin's would be the same, or prove that safety broke.
    """
    assert step.wake_at is not None
    assert twin.wake_at is not None
    kept = tuple(one for one in twin.writes if isinstance(one, SaveBlock | SaveOp | SaveText))
    return replace(
        step,
        writes=(*step.writes, *kept),
        sends=(*step.sends, *twin.sends),
        wake_at=min(step.wake_at, twin.wake_at),
    )


class FewParents(Liar):
    """Stands on as few blocks as it may, other ones each time: on a quorum, itself included."""

    def shape(self, draft: Draft) -> None:
        core = self.core
        own = [one for one in draft.parents if one.author == core.epoch.me]
        strong = [
            one
            for one in draft.parents
            if one.round == draft.round - 1 and one.author != core.epoch.me
        ]
        has_own = bool(own) and own[0].round == draft.round - 1
        need = core.epoch.committee.quorum - (1 if has_own else 0)
        if draft.round > 1 and len(strong) >= need:
            draft.parents = own + self.rng.sample(strong, need)


class OddParents(Liar):
    """Stands on the odder ones: second forks, stale blocks as weak links, not on its own."""

    def shape(self, draft: Draft) -> None:
        if draft.round == 1:
            return
        core = self.core
        lace = core.epoch.lace
        parents = []
        for one in draft.parents:
            slot = lace.slot(one.round, one.author)
            parents.append(self.rng.choice(slot) if one.author != core.epoch.me else one)
        named = {one.author for one in parents}
        for author in range(len(core.epoch.committee)):
            if author not in named and lace.highest(author) > 0 and self.rng.random() < 0.7:
                old = lace.slot(Round(self.rng.randint(1, lace.highest(author))), author)
                parents += [one for one in old[:1] if one.round < draft.round]
        if self.rng.random() < 0.2 and parents[0].author == core.epoch.me:
            parents.pop(0)  # a fork with itself, if what is left is a quorum
        if parents:
            draft.parents = parents


class WrongTime(Liar):
    """Says of each block that it was made long ago, or will be long hence."""

    OFFSETS_MS = (-YEAR_MS, -3_600_000, 3_600_000, YEAR_MS)

    def shape(self, draft: Draft) -> None:
        time_ms = self.node.now.wall_ms + self.rng.choice(self.OFFSETS_MS)
        own = [one.block.time_ms for one in draft.parents if one.author == self.core.epoch.me]
        draft.time_ms = WallMs(max([time_ms, *(one + 1 for one in own)]))


class FalseRoot(Liar):
    """Puts a root into its blocks that nobody's log has."""

    def shape(self, draft: Draft) -> None:
        if self.rng.random() < 0.5:
            draft.final_root = self.rng.randbytes(32)
        if self.rng.random() < 0.5:
            draft.final_index = max(0, draft.final_index + self.rng.randint(-5, 5))


class BadBlocks(Restless):
    """Sends signed blocks that break a rule each: nobody may take them, nobody pass them on."""

    def act(self, step: Step) -> Step:
        core = self.core
        if core.epoch.me is None or not core.own_chain.is_settled:
            return step
        draft = core.draft(Round(core.epoch.made + 1))
        self._break(draft)
        block = draft.sign(core.community, self.node.signer)
        return self.to_each(step, lambda peer: Push((block,)) if self.is_chosen(peer) else None)

    def _break(self, draft: Draft) -> None:
        core = self.core
        kinds = ["epoch", "author"]
        if draft.round > 1:
            kinds += ["few", "twice", "young", "round", "own last", "genesis", "time", "count"]
        match self.rng.choice(kinds):
            case "epoch":
                draft.epoch, draft.parents = EpochId(self.rng.randbytes(32)), []
            case "author":
                draft.author = self.rng.choice(core.epoch.committee.members)
            case "few":
                draft.parents = draft.parents[: core.epoch.committee.quorum - 1]
            case "twice":
                one = self.rng.choice(draft.parents)
                others = [
                    two
                    for number in range(1, draft.round)
                    for two in core.epoch.lace.slot(Round(number), one.author)
                    if two is not one
                ]
                draft.parents.append(self.rng.choice(others) if others else one)
            case "young":
                draft.round = Round(max(2, draft.round - 2))
            case "round":
                draft.round = Round(draft.round + self.rng.randint(1, 5))
            case "own last":
                draft.parents.reverse()
            case "genesis":
                draft.round = Round(1)
            case "count":
                draft.sequence = self.rng.randint(1, 1_000)
            case _:
                draft.time_ms = WallMs(0)


class Late(Restless):
    """Keeps its blocks back for a while, or shows them to one peer at once and to no other."""

    EVERY_MS = 700

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        self._kept: list[Sending] = []
        self._is_late = self.rng.random() < 0.5  # else the others never get them unasked

    def lie(self, event: Input, step: Step) -> Step:
        first = self.peers()[:1]
        sends: list[Sending] = []
        for sending in step.sends:
            is_told = not self.own_pushes(sending) or [sending.peer] == first
            if is_told or (self._is_late and self.is_over):
                sends.append(sending)
            elif self._is_late:
                self._kept.append(sending)
        return super().lie(event, replace(step, sends=tuple(sends)))

    def act(self, step: Step) -> Step:
        kept, self._kept = self._kept, []
        return replace(step, sends=(*step.sends, *kept))
