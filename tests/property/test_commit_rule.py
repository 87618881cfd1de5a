"""The commit rule on random DAGs: same as the literal oracle, in any order of arrival.

A DAG is grown round by round: who makes a block, whose blocks it stands on (at least a
quorum of the round before), up to f members fork. Half the rounds leave somebody out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cores.dag import Dag, Reader
from support.cores.oracle import Oracle

from p2pnode_protocols.agreement.blocks import Block


@dataclass(frozen=True)
class Shape:
    n: int
    rounds: int
    seed: int
    forks: bool


SHAPES = st.builds(
    Shape,
    n=st.integers(1, 7),
    rounds=st.integers(1, 9),
    seed=st.integers(0, 2**32),
    forks=st.booleans(),
)


def grow(shape: Shape) -> Dag:
    """Grow a DAG from a seed: hypothesis shrinks the shape, the seed gives the rest."""
    rng = random.Random(shape.seed)
    dag = Dag(shape.n)
    committee = dag.committee
    liars = set(rng.sample(range(shape.n), committee.faults)) if shape.forks else set()
    below: dict[int, list[Block]] = {}
    chains: dict[int, Block] = {}
    for round_ in range(1, shape.rounds + 1):
        made: dict[int, list[Block]] = {}
        for author in range(shape.n):
            if rng.random() < 0.15 and author not in liars:
                continue
            for variant in range(2 if author in liars and rng.random() < 0.5 else 1):
                if round_ == 1:
                    made.setdefault(author, []).append(dag.block(author, 1, time_ms=1 + variant))
                    continue
                block = _stand_on(dag, rng, author, round_, below, chains, variant)
                if block is not None:
                    made.setdefault(author, []).append(block)
        if len(made) < committee.quorum:
            break
        for author, blocks in made.items():
            chains[author] = rng.choice(blocks)
        below = made
    return dag


def _stand_on(
    dag: Dag,
    rng: random.Random,
    author: int,
    round_: int,
    below: dict[int, list[Block]],
    chains: dict[int, Block],
    variant: int,
) -> Block | None:
    others = [one for one in below if one != author]
    own = chains.get(author)
    has_own_below = own is not None and own.round == round_ - 1
    need = dag.committee.quorum - (1 if has_own_below else 0)
    if len(others) < need:
        return None
    chosen = rng.sample(others, rng.randint(max(need, 0), len(others)))
    parents = [] if own is None else [own]
    parents += [rng.choice(below[one]) for one in sorted(chosen)]
    weak = [
        one
        for member, one in sorted(chains.items())
        if member != author and member not in below and rng.random() < 0.5
    ]
    return dag.block(author, round_, parents + weak, time_ms=round_ * 1000 + author * 2 + variant)


def orders(dag: Dag, seed: int) -> list[Block]:
    """Return the blocks in a random order that respects parents."""
    rng = random.Random(seed)
    here: set[bytes] = {bytes(dag.committee.epoch)}
    left, out = list(dag.blocks), []
    while left:
        fit = [block for block in left if all(one in here for one in block.parents)]
        block = rng.choice(fit)
        left.remove(block)
        here.add(block.id)
        out.append(block)
    return out


@given(shape=SHAPES)
@settings(max_examples=150, deadline=None)
def test_decides_exactly_what_the_literal_rule_decides(shape: Shape) -> None:
    dag = grow(shape)
    reader = Reader(dag.committee)
    reader.add_all(dag.blocks)
    oracle = Oracle(dag.committee, dag.blocks)
    assert reader.fates() == oracle.fates()
    assert [one.id for one in reader.log] == oracle.log()


@given(shape=SHAPES, order=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_insertion_order_never_matters(shape: Shape, order: int) -> None:
    dag = grow(shape)
    first, second = Reader(dag.committee), Reader(dag.committee)
    first.add_all(dag.blocks)
    second.add_all(orders(dag, order))
    assert first.fates() == second.fates()
    assert [one.id for one in first.log] == [one.id for one in second.log]


@given(shape=SHAPES, order=st.integers(0, 2**32), cut=st.integers(0, 80))
@settings(max_examples=150, deadline=None)
def test_a_node_that_holds_less_decides_a_prefix(shape: Shape, order: int, cut: int) -> None:
    dag = grow(shape)
    whole, part = Reader(dag.committee), Reader(dag.committee)
    whole.add_all(dag.blocks)
    part.add_all(orders(dag, order)[:cut])
    fates = part.fates()
    assert whole.fates()[: len(fates)] == fates
    assert [one.id for one in whole.log][: len(part.log)] == [one.id for one in part.log]


@pytest.mark.parametrize("n", range(1, 11))
def test_a_full_round_commits_two_rounds_later(n: int) -> None:
    dag = Dag(n)
    below: list[Block] = []
    for round_ in (1, 2, 3):
        below = dag.round(round_, range(n), below)
    reader = Reader(dag.committee)
    reader.add_all(dag.blocks)
    committed = [one for one in reader.decided if one.block is not None]
    assert [one.round for one in committed] == [1] * n
    assert all(one.is_direct for one in committed)
