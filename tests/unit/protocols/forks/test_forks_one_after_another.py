"""Third forks that are telling only once another has been taken (docs/protocol.md R2.19, R7.18).

Four members, Q = 3. The peer that is asked has gone on to the next epoch by two forks of the liar,
and what it answers holds both. What the first decides makes the second telling.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Away, Body, Propose
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp
from p2pnode_protocols.wire.ids import Round, WallMs
from p2pnode_protocols.wire.limits import PROMPT_MS

LATE = PROMPT_MS + 1_000  # after the words of the blocks below: whoever is as late bears none out
ROLES = tuple(itertools.permutations(range(4)))


class Drawn:
    """Blocks drawn by hand for a cluster; who makes them is a place of the charter."""

    def __init__(self) -> None:
        self.cluster = Cluster(4)
        self.cluster.connect()
        self.cluster.run(100)
        self.core = self.cluster.node(0).core
        self.epoch = self.core.epoch
        self.root = self.core.final_root
        self.begin = self.cluster.now().wall_ms

    def op(self, author: int, body: Body) -> Op:
        charter = self.cluster.charter
        signer = FakeSigner(self.cluster.devices[author])
        return sign_op(
            charter.community_id,
            charter.members[author].id,
            signer,
            1,
            WallMs(self.begin),
            body,
        )

    def block(self, author: int, parents: list[Block], *ops: Op, at: int) -> Block:
        """Return a block made `at` milliseconds from the beginning; its own last one is first."""
        charter = self.cluster.charter
        round_ = Round(1 + max((one.round for one in parents), default=0))
        seat = charter.members[author].id
        own = parents[0] if parents and parents[0].author == seat else None
        return sign_block(
            charter.community_id,
            FakeSigner(self.cluster.devices[author]),
            epoch=self.epoch.id,
            author=seat,
            sequence=own.sequence + 1 if own else 1,
            round_=round_,
            time_ms=WallMs(self.begin + at),
            parents=tuple(one.id for one in parents) or (self.epoch.genesis,),
            ops=ops,
            final_index=0,
            final_root=self.root,
        )

    def last_rounds(
        self, roles: tuple[int, ...], third: Mapping[int, Block], other: Block
    ) -> tuple[dict[int, Block], Block, list[Block]]:
        """Return rounds 4 and 5: the honest blocks of 4, the liar's that bears out, and the rest.

        Args:
            third: everybody's block of round 3.
            other: the liar's second one there, on which it forks once more.
        """
        peer, one, two, liar = roles
        fourth = {
            peer: self.block(peer, on(third, peer, one, two), at=4 * LATE),
            one: self.block(one, on(third, one, peer, two), at=4 * LATE),
            two: self.block(two, on(third, two, peer, liar), at=4 * LATE),
        }
        bears_out = self.block(liar, on(third, liar, peer, one, two), at=4 * LATE)
        rest = [
            self.block(liar, on(third, liar, peer, two), at=4 * LATE + 1),
            self.block(liar, [other, third[peer], third[two]], at=4 * LATE + 2),
            self.block(one, on(fourth, one, peer, two), at=5 * LATE),
            self.block(two, on(fourth, two, peer, one), at=5 * LATE),
        ]
        return fourth, bears_out, rest

    def seat_of(self, place: int) -> int:
        """Return a member's place on the committee."""
        committee = self.epoch.committee
        return committee.members.index(self.cluster.charter.members[place].id)

    def tell(self, liar: int, stories: Mapping[int, list[Block]], slow: tuple[int, int]) -> None:
        """Tell each of the honest its story; two of them hear late of each other."""
        devices = self.cluster.devices
        del self.cluster.nodes[devices[liar]]
        one, other = (devices[place] for place in slow)
        self.cluster.cut.add(frozenset((one, other)))
        for place, blocks in stories.items():
            self.cluster.tell(place, devices[liar], Push(blocks=tuple(blocks)))
        self.cluster.cut.discard(frozenset((one, other)))
        for change in (PeerDown, PeerUp):
            self.cluster.give(one, change(other))
            self.cluster.give(other, change(one))

    def epochs(self, *places: int) -> list[tuple[int, bytes]]:
        cores = [self.cluster.node(place).core for place in places]
        return [(core.epoch.number, core.final_root) for core in cores]


def on(blocks: Mapping[int, Block], author: int, *others: int) -> list[Block]:
    return [blocks[author], *(blocks[other] for other in others)]


@pytest.mark.parametrize("roles", ROLES)
def test_two_words_that_are_borne_out_by_a_third_fork_each(roles: tuple[int, ...]) -> None:
    drawn = Drawn()
    peer, one, two, liar = roles
    title, _ = make_text(b"s" * 16, "Paint the shed")
    said = drawn.op(two, Propose("implementation", title, (), NoAction(), WallMs(0)))
    away = drawn.op(liar, Away())  # which ends the epoch
    first = {place: drawn.block(place, [], *[said] * (place == peer), at=10) for place in roles}
    second = {
        peer: drawn.block(peer, on(first, peer, one, two, liar), away, at=5_000),
        one: drawn.block(one, on(first, one, peer, two, liar), at=5_000),
        two: drawn.block(two, on(first, two, peer, one, liar), at=LATE),
        liar: drawn.block(liar, on(first, liar, peer, one, two), at=LATE),
    }
    fork = drawn.block(liar, on(second, liar, peer, two), at=30_000)
    other = drawn.block(liar, on(second, liar, one, two), at=12_000)
    bears_out = drawn.block(liar, on(second, liar, peer, one), at=16_000)
    third = {
        peer: drawn.block(peer, on(second, peer, one, two, liar), at=LATE + 100),
        one: drawn.block(one, on(second, one, peer, two, liar), at=LATE + 100),
        two: drawn.block(two, on(second, two, peer, liar), at=16_000),
        liar: fork,
    }
    fourth, bears_out_next, useless = drawn.last_rounds(roles, third, other)
    honest = [*first.values(), *second.values(), third[peer], third[one], third[two]]
    stands = [*honest, fork, other, *fourth.values(), *useless]
    went_on = [*honest, fork, bears_out, fourth[peer], fourth[one], bears_out_next]
    drawn.tell(liar, {one: stands, two: stands, peer: went_on}, slow=(peer, two))
    drawn.cluster.run(5_000)
    assert drawn.epochs(peer)[0][0] > 0, "the peer has gone on to the next epoch"
    drawn.cluster.run(10_000)
    assert len(set(drawn.epochs(peer, one, two))) == 1


def find_roles() -> list[tuple[int, ...]]:
    """Return the roles in which the slot that is skipped comes just before that of the word."""
    drawn = Drawn()
    order = drawn.epoch.committee.slot_order
    last, first = order(Round(1))[-1], order(Round(2))[0]
    return [
        (peer, one, two, liar)
        for peer, one, two, liar in ROLES
        if (drawn.seat_of(liar), drawn.seat_of(peer)) == (last, first)
    ]


@pytest.mark.parametrize("roles", find_roles())
def test_a_third_fork_that_skips_makes_one_telling_that_bears_out(roles: tuple[int, ...]) -> None:
    drawn = Drawn()
    peer, one, two, liar = roles
    away = drawn.op(liar, Away())
    first = {place: drawn.block(place, [], at=10) for place in roles}
    second = {
        peer: drawn.block(peer, on(first, peer, one, two), away, at=5_000),
        one: drawn.block(one, on(first, one, peer, two), at=5_000),
        two: drawn.block(two, on(first, two, peer, one, liar), at=LATE),
    }
    votes = [drawn.block(liar, on(first, liar, peer, one, two), at=LATE + k) for k in range(2)]
    skips = drawn.block(liar, on(first, peer, one, two), at=LATE + 3)
    second[liar] = votes[0]
    third = {
        peer: drawn.block(peer, on(second, peer, one, two, liar), at=LATE + 100),
        one: drawn.block(one, on(second, one, peer, two, liar), at=LATE + 100),
        two: drawn.block(two, on(second, two, peer, liar), at=16_000),
        liar: drawn.block(liar, on(second, liar, peer, two), at=30_000),
    }
    other = drawn.block(liar, on(second, liar, one, two), at=12_000)
    fourth, bears_out, useless = drawn.last_rounds(roles, third, other)
    honest = [second[peer], second[one], second[two]]
    below = [*first.values(), *honest]
    of_third = [third[peer], third[one], third[two]]
    stands = [*below, *votes, *of_third, third[liar], other, *fourth.values(), *useless]
    went_on = [*below, votes[0], skips, *of_third, third[liar], fourth[peer], fourth[one]]
    drawn.tell(liar, {one: stands, two: stands, peer: [*went_on, bears_out]}, slow=(peer, two))
    drawn.cluster.run(15_000)
    assert len(set(drawn.epochs(peer, one, two))) == 1
