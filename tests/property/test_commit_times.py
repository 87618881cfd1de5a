"""The times of commits on random DAGs: one for all, and none that honest clocks would not have.

A DAG is grown as time goes by: gaps of hours that leave rounds half made, clocks that go wrong,
up to f liars that fork and date as they like, ops in some blocks, and closes: of proposals that are
open from the start, and of such as the ops open. Of each it is known which op was said when, and
what an honest node had in its past before each close.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.cores.dag import COMMUNITY, Dag, FakeSigner, Reader
from support.cores.oracle import Oracle

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Away, Body, Propose
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, MemberId, OpId, WallMs
from p2pnode_protocols.wire.limits import PROMPT_MS, SKEW_MS

START_MS = 1_000_000_000
HOUR = 3_600_000
TITLE, _ = make_text(bytes(16), "Paint the shed")


@dataclass(frozen=True)
class Shape:
    n: int
    rounds: int
    seed: int
    is_wild: bool  # clocks anywhere: agreement is all that is promised


SHAPES = st.builds(
    Shape,
    n=st.sampled_from((1, 2, 3, 4, 4, 4, 4, 5, 6, 7, 7, 10)),
    rounds=st.integers(3, 9),
    seed=st.integers(0, 2**32),
    is_wild=st.booleans(),
)


@dataclass
class Grown:
    """A DAG, and what its drawer knows of it."""

    dag: Dag
    liars: set[int]
    closes: list[int]
    spread_ms: int = 0  # by which honest clocks are off the true time, at most
    made_ms: dict[BlockId, int] = field(default_factory=dict)  # the true time
    said_ms: dict[OpId, int] = field(default_factory=dict)
    wishes: list[int] = field(default_factory=list)  # closes of what the ops propose

    def is_honest(self, block: Block) -> bool:
        return self.dag.committee.index[block.author] not in self.liars


class Grower:
    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.rng = random.Random(shape.seed)
        self.dag = Dag(shape.n)
        rng, faults = self.rng, self.dag.committee.faults
        liars = set(rng.sample(range(shape.n), rng.randint(0, faults)))
        self.now_ms = START_MS
        self.skew_ms = [rng.choice((0, 0, 300, -300)) for _ in range(shape.n)]
        if rng.random() < 0.3:  # … or all of them apart by more than a voter allows for
            self.skew_ms = [rng.randint(-4, 4) * 1_000 for _ in range(shape.n)]
        if shape.is_wild:
            self.skew_ms = [rng.randint(-HOUR, HOUR) for _ in range(shape.n)]
        closes = sorted(
            START_MS + rng.choice((20, 500, 5_000, HOUR, 2 * HOUR)) + rng.randint(0, 3_000)
            for _ in range(rng.randint(0, 4))
        )
        honest = [abs(self.skew_ms[one]) for one in range(shape.n) if one not in liars]
        self.grown = Grown(self.dag, liars, closes, max(honest))
        self.nonce = 0
        self.chains: dict[int, Block] = {}
        self.below: dict[int, list[Block]] = {}

    def grow(self) -> Grown:
        for round_ in range(1, self.shape.rounds + 1):
            made: dict[int, list[Block]] = {}
            late = [one for one in range(self.shape.n) if self.rng.random() < 0.25]
            early = [one for one in range(self.shape.n) if one not in late]
            self.rng.shuffle(early)
            for author in early:
                self.now_ms += self.rng.randint(0, 40)
                self.make(author, round_, made)
            if late:  # … whose blocks of this round come after a silence
                self.now_ms += self.rng.choice((5, 100, 3_000, 9_500, 15_000, HOUR))
            for author in late:
                if self.rng.random() < 0.8:
                    self.make(author, round_, made)
            if len(made) < self.dag.committee.quorum:
                break
            for author, blocks in made.items():
                self.chains[author] = self.rng.choice(blocks)
            self.below = made
            self.now_ms += self.rng.choice((1, 5, 50, 50, 50, 2_500, 11_000, HOUR))
        return self.grown

    def make(self, author: int, round_: int, made: dict[int, list[Block]]) -> None:
        is_liar = author in self.grown.liars
        for _ in range(2 if is_liar and self.rng.random() < 0.5 else 1):
            parents = self.parents(author, round_)
            if parents is None:
                return
            block = self.dag.block(
                author, round_, parents, time_ms=self.date(author, parents), ops=self.ops(author)
            )
            if block.id in self.grown.made_ms:  # a liar's second, and just the same
                self.dag.blocks.pop()
                continue
            self.grown.made_ms[block.id] = self.now_ms
            made.setdefault(author, []).append(block)

    def date(self, author: int, parents: list[Block]) -> int:
        own = (
            parents[0]
            if parents and parents[0].author == self.dag.committee.members[author]
            else None
        )
        least = 0 if own is None else own.time_ms + 1
        if author not in self.grown.liars:
            return max(least, self.now_ms + self.skew_ms[author])
        near = [
            close + self.rng.choice((-PROMPT_MS, -1, 0, 1))
            for close in (*self.grown.closes, *self.grown.wishes[-3:])
        ]
        dates = [
            least,
            self.now_ms,
            self.now_ms - self.rng.randint(0, 2 * PROMPT_MS),
            self.now_ms + SKEW_MS,
            self.now_ms + self.rng.randint(0, HOUR),
            *near,
        ]
        return max(least, self.rng.choice(dates))

    def ops(self, author: int) -> tuple[Op, ...]:
        if self.rng.random() < 0.5:
            return ()
        self.nonce += 1
        device = DeviceKey(hashlib.sha256(b"speaker").digest())
        body: Body = Away()
        if self.rng.random() < 0.4:
            wish = self.now_ms + self.rng.choice((-HOUR, -1, 1, 60, 100, 3_000, 9_900, HOUR))
            self.grown.wishes.append(wish)
            body = Propose("implementation", TITLE, (), NoAction(), WallMs(wish))
        op = sign_op(
            COMMUNITY, MemberId(bytes(32)), FakeSigner(device), self.nonce, WallMs(1), body
        )
        self.grown.said_ms[op.id] = self.now_ms
        return (op,)

    def parents(self, author: int, round_: int) -> list[Block] | None:
        if round_ == 1:
            return []
        others = [one for one in self.below if one != author]
        own = self.chains.get(author)
        has_own_below = own is not None and own.round == round_ - 1
        need = self.dag.committee.quorum - has_own_below
        if len(others) < need:
            return None
        # The honest mostly see all that has been made.
        least = len(others) if self.rng.random() < 0.6 else max(need, 0)
        chosen = self.rng.sample(others, self.rng.randint(least, len(others)))
        return [
            *([] if own is None else [own]),
            *(self.rng.choice(self.below[one]) for one in sorted(chosen)),
        ]


def read(grown: Grown, blocks: list[Block]) -> Reader:
    reader = Reader(grown.dag.committee, grown.closes)
    reader.add_all(blocks)
    return reader


def shuffled(grown: Grown, rng: random.Random, count: int) -> list[Block]:
    """Return up to so many blocks in a random order that respects parents."""
    here: set[bytes] = {bytes(grown.dag.committee.epoch)}
    left, out = list(grown.dag.blocks), []
    while left and len(out) < count:
        block = rng.choice([one for one in left if all(it in here for it in one.parents)])
        left.remove(block)
        here.add(block.id)
        out.append(block)
    return out


@given(shape=SHAPES)
@settings(max_examples=150, deadline=None)
def test_times_are_those_of_the_literal_rule(shape: Shape) -> None:
    grown = Grower(shape).grow()
    reader = read(grown, grown.dag.blocks)
    oracle = Oracle(grown.dag.committee, grown.dag.blocks, grown.closes)
    assert reader.fates() == oracle.fates()
    assert reader.times() == oracle.times()
    assert [one.id for one in reader.log] == oracle.log()


@given(shape=SHAPES, order=st.integers(0, 2**32), cut=st.integers(1, 90))
@settings(max_examples=250, deadline=None)
def test_every_order_and_every_part_gives_one_sequence_of_times(
    shape: Shape, order: int, cut: int
) -> None:
    grown = Grower(shape).grow()
    rng = random.Random(order)
    whole = read(grown, grown.dag.blocks).times()
    assert read(grown, shuffled(grown, rng, len(grown.dag.blocks))).times() == whole
    part = read(grown, shuffled(grown, rng, cut)).times()
    assert whole[: len(part)] == part


@given(shape=SHAPES)
@settings(max_examples=250, deadline=None)
def test_times_keep_what_they_promise(shape: Shape) -> None:
    grown = Grower(replace(shape, is_wild=False)).grow()
    reader = read(grown, grown.dag.blocks)
    honest = [block for block in grown.dag.blocks if grown.is_honest(block)]
    previous = 0
    closes = list(grown.closes)
    said: set[OpId] = set()
    for decided in reader.decided:
        if decided.block is None:
            continue
        block, time_ms = decided.block.block, decided.time_ms
        assert time_ms >= previous, "time never runs back"
        back_ms = 0 if grown.is_honest(block) else PROMPT_MS
        new = {op.id: op for vertex in decided.history for op in vertex.block.ops}
        ops = new.keys() - said
        said |= ops
        for op in ops:  # Lemma 11
            assert time_ms > grown.said_ms[op] - grown.spread_ms - back_ms - 1
        opened = wishes_of(new[op] for op in ops)
        # Lemma 13. Any op may be a vote, on what is open or opens here; an earlier one has waited.
        for close, votes in [(one, ops) for one in closes] + [(one, said) for one in opened]:
            for op in votes:
                assert time_ms >= close or any(
                    one.time_ms < close and carries(reader, one, op) for one in honest
                )
        if time_ms > previous:  # Lemma 12
            assert any(one.time_ms + SKEW_MS >= time_ms for one in honest)
        for close in (*closes, *opened):
            assert close > time_ms or any(one.time_ms >= close for one in honest)
        previous = time_ms
        closes = [close for close in (*closes, *opened) if close > time_ms]


def wishes_of(ops: Iterable[Op]) -> list[int]:
    return [op.body.close_ms for op in ops if isinstance(op.body, Propose)]


def carries(reader: Reader, block: Block, op: OpId) -> bool:
    """Return whether the op is in the block or its past."""
    vertex = reader.lace.get(block.id)
    assert vertex is not None
    stack, seen = [vertex], {vertex.id}
    while stack:
        one = stack.pop()
        if any(it.id == op for it in one.block.ops):
            return True
        for parent in one.parents:
            if parent.id not in seen:
                seen.add(parent.id)
                stack.append(parent)
    return False
