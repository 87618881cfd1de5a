"""Who needs a block that others wait for: the marks say what a walk over all that waits would find.

Blocks come in any order and with any parents, as liars sign them. They are released, dropped, give
way, and go with who brought them; between that is asked for whose sake blocks are needed (R2.19).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.cores.dag import Dag

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.gossip.shares.orphans import Orphans
from p2pnode_protocols.gossip.shares.shares import Limits, Shares
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, MemberId, Round

BLOCKS = 30
AUTHORS = [MemberId(bytes([place]) * 32) for place in range(5)]
PEERS = [DeviceKey(bytes([place]) * 32) for place in range(3)]
FEW = Limits(each=5, each_bytes=1 << 40, all=12, all_bytes=1 << 40)
SHAPE = Dag(4).round(1, [0])[0]

authors = st.sampled_from(AUTHORS)
peers = st.sampled_from(PEERS)
forks = st.frozensets(authors)
numbers = st.integers(0, BLOCKS - 1)


def id_of(number: int) -> BlockId:
    return BlockId(number.to_bytes(32, "big"))


def draw_block(number: int, author: MemberId, below: AbstractSet[int], round_: int) -> Block:
    """Return a block that says of itself what a liar may say; its parents are there before it."""
    return replace(
        SHAPE,
        id=id_of(number),
        author=author,
        round=Round(round_),
        sequence=number,
        parents=tuple(id_of(number - one) for one in sorted(below) if one <= number),
    )


def walk(
    blocks: dict[BlockId, Block],
    lacking: dict[BlockId, set[BlockId]],
    wanted: BlockId,
    mute: AbstractSet[MemberId],
) -> list[MemberId]:
    """Return of whom a block waits that has this one in its history, in the order of a walk."""
    found: dict[MemberId, None] = {}
    stack, seen = [wanted], {wanted}
    while stack:
        parent = stack.pop()
        for child, parents in lacking.items():
            if parent in parents and child not in seen:
                seen.add(child)
                stack.append(child)
                found.setdefault(blocks[child].author)
    return [author for author in found if author not in mute]


class Waiting(RuleBasedStateMachine):
    """Orphans of five authors, with room for few, and which of them are there."""

    def __init__(self) -> None:
        super().__init__()
        self.orphans = Orphans()
        self.orphans._blocks = Shares(FEW)
        self.blocks: dict[BlockId, Block] = {}  # all that were signed
        self.placed: set[BlockId] = set()
        self.lacking: dict[BlockId, set[BlockId]] = {}
        self.forked: frozenset[MemberId] = frozenset()

    def follow(self) -> None:
        """Leave out what is not there any more, whatever the reason."""
        self.lacking = {
            block: {one for one in parents if one not in self.placed}
            for block, parents in self.lacking.items()
            if block in self.orphans
        }

    @rule(
        number=numbers,
        author=authors,
        below=st.sets(st.integers(1, 6), min_size=1, max_size=3),
        round_=st.integers(2, 30),
        peer=peers,
    )
    def hold(
        self, number: int, author: MemberId, below: set[int], round_: int, peer: DeviceKey
    ) -> None:
        block = self.blocks.setdefault(id_of(number), draw_block(number, author, below, round_))
        missing = [one for one in block.parents if one not in self.placed]
        if block.id in self.orphans:
            self.orphans.brought(block.id, peer)
        elif missing and block.id not in self.placed:
            self.lacking[block.id] = set(missing)
            self.orphans.hold(block, missing, peer)
            self.follow()

    @rule(number=numbers, is_each_placed=st.booleans())
    def release(self, number: int, is_each_placed: bool) -> None:
        """A block is placed; those that it lets go are, too, or are left out."""
        work = [id_of(number)]
        while work:
            one = work.pop()
            if one in self.orphans:
                continue
            self.placed.add(one)
            released = [block.id for block, _peer in self.orphans.release(one)]
            if is_each_placed:
                work += released
        self.follow()

    @rule(number=numbers)
    def drop(self, number: int) -> None:
        if id_of(number) not in self.orphans:
            self.orphans.drop(id_of(number))
            self.follow()

    @rule(peer=peers)
    def lose(self, peer: DeviceKey) -> None:
        self.orphans.lost(peer)
        self.follow()

    @rule(forked=forks)
    def fork(self, forked: frozenset[MemberId]) -> None:
        self.forked = forked

    def ask(self, author: MemberId | None) -> None:
        for number in range(BLOCKS):
            other = draw_block(number, author or MemberId(bytes(31) + b"?"), {1}, 2)
            wanted = other if author is None else self.blocks.get(other.id, other)
            expected = walk(self.blocks, self.lacking, wanted.id, self.forked | {wanted.author})
            assert list(self.orphans.find_namers(wanted, self.forked)) == expected

    @rule()
    def ask_for_who_made_them(self) -> None:
        self.ask(AUTHORS[0])

    @invariant()
    def all_are_found(self) -> None:
        self.ask(None)

    @invariant()
    def marks_are_of_what_is_waited_for(self) -> None:
        marks = self.orphans._marks
        assert marks is None or all(self.orphans.is_wanted(one) for one in marks)


TestWaiting = Waiting.TestCase
TestWaiting.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
