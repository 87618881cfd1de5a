"""Forks far below the frontier: who lacks them finds them, however long the answer is (R7.18).

What Byzantine seed 9438 left behind, drawn with seven members, Q = 5: f runs twice, and four
honest nodes never got one branch of its chain. With it a round is decided that without it stays
open while rounds go on above it, of which none decides anything either: the search has to reach
down to the open round, not a few rounds below the top.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner, make_charter

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.gossip.asking.pulls import FORK_ROUNDS, PULL_TIMEOUT_MS
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import EraseAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp
from p2pnode_protocols.wire.ids import BlockId, MemberId, Round, TextId, WallMs
from p2pnode_protocols.wire.limits import PULL_BYTES

# By round, each block and its parents: f, f' and f'' are forks, a digit is the round of a weak
# link, and those with a star are the branch that somebody lacks.
ROUNDS = (
    "a c d e f f' f'' g",
    "a:acdefg b:cdefg c:cdefg d:dacef''g e:ecdf'g f':f'acdeg f:fcdeg g:gcdef''",
    "a:abcefg b:ba1cdefg c:cbefg d:dabcef'g e:ea1bcdf'g f':f'abcdeg f*:fbceg f:f'abcdeg "
    "g:ga1bcdef'",
    "a:abcd2eg b:ba2cdeg c:ca2bdeg d:dabefg e:ea2bcdf'g f':f'abcdeg f*:f*a1bcd2eg f:f'abcdg "
    "g:gabcdef",
    "a:abcd3ef'3g b:ba3cdef'g c:ca3bdef3g d:dabcefg e:ea3bcdf'g f*:f*a3bcdeg f:f'abcdeg g:gbcdef",
    "a:abcd4ef'4g b:ba4cdefg c:ca4bdefg d:dabcefg e:ea4bcdfg f':fabcdg f*:f*a4bcdeg f:fabcdeg "
    "g:ga4bcdef",
    "a:abcd5ef5g b:ba5cdefg c:ca5bdeg d:dacef'g e:ea5bcdfg f*:f*a5bcdeg f:facdeg g:ga5cdef",
    "a:abcd6ef6g b:bacdefg c:ca6bdefg d:dabcefg e:eabcdfg f:fabcdeg g:gabcdef",
    "a:abcdefg b:bcdeg c:ca7bdefg d:dacefg e:eabcdfg f:facdeg g:gabcdef",
    "a:abceg b:ba8cdef8g c:ca8bdeg d:dabcefg e:ebcdfg f:fabcdeg g:gbcdef",
    "f:fabcdeg",
)
BRANCH = [round_ for round_, row in enumerate(ROUNDS, 1) if "f*:" in row]
SEATS = "abcdefg"
VICTIM, FRIEND, LIAR, FORKER = (SEATS.index(name) for name in "bcdf")


class Town(Cluster):
    """Seven members of whom two are there; the others say what a test lets them say."""

    def __init__(
        self,
        pull_bytes: int = PULL_BYTES,
        *,
        is_fat: bool = False,
        founded_ms: WallMs | None = None,
    ) -> None:
        self.pull_bytes = pull_bytes
        when_ms = find_founding() if founded_ms is None else founded_ms
        founded = replace(make_charter(7), created_ms=when_ms)
        super().__init__(7, founded)
        self.connect()
        self.run(100)
        for place in range(7):
            if place not in (VICTIM, FRIEND):
                del self.nodes[self.devices[place]]
        drawn = self._draw(is_fat=is_fat)
        sender = self.devices[0]
        for _ in ROUNDS:  # a third fork is taken only once another block has named it
            self.tell(VICTIM, sender, Push(blocks=tuple(without_stars(drawn))))
            self.tell(FRIEND, sender, Push(blocks=tuple(drawn.values())))
        self.victim, self.friend = self.node(VICTIM).core, self.node(FRIEND).core

    def _draw(self, *, is_fat: bool) -> dict[tuple[int, str], Block]:
        """Return the blocks by round and name, in an order that respects parents."""
        drawn: dict[tuple[int, str], Block] = {}
        for round_, row in enumerate(ROUNDS, 1):
            for place, entry in enumerate(row.split()):
                name, _, below = entry.partition(":")
                parents = [
                    drawn[int(weak or round_ - 1), one]
                    for one, weak in re.findall(r"([a-g][*']*)(\d*)", below)
                ]
                ops = self._many_ops() if is_fat and (round_, name) == (2, "f") else ()
                drawn[round_, name] = self.sign(name[0], round_, parents, ops, time_ms=place)
        return drawn

    def sign(
        self,
        author: str,
        round_: int,
        parents: list[Block],
        ops: tuple[Op, ...] = (),
        *,
        time_ms: int = 0,
        names: tuple[BlockId, ...] = (),
    ) -> Block:
        place, epoch = SEATS.index(author), self.node(FRIEND).core.epoch
        member = epoch.committee.members[place]
        own = parents[0] if parents and parents[0].author == member else None
        return sign_block(
            self.charter.community_id,
            FakeSigner(self.devices[place]),
            epoch=epoch.id,
            author=member,
            sequence=1 if own is None else own.sequence + 1,
            round_=Round(round_),
            time_ms=WallMs(self.charter.created_ms + 1_000 * round_ + time_ms),
            parents=(*(one.id for one in parents), *names) or (epoch.genesis,),
            ops=ops,
            final_index=0,
            final_root=self.node(FRIEND).core.final_root,
        )

    def _many_ops(self) -> tuple[Op, ...]:
        """Return ops for a block that is larger than what answers a pull."""
        title, _ = make_text(b"s" * 16, "title")
        texts = tuple(TextId(bytes([number]) * 32) for number in range(60))
        body = Propose("tactical", title, (), EraseAction(texts), WallMs(0))
        signer, nobody = FakeSigner(self.devices[FORKER]), MemberId(bytes(32))
        created = self.charter.created_ms
        return tuple(
            sign_op(self.charter.community_id, nobody, signer, nonce, created, body)
            for nonce in range(1, 151)
        )

    @property
    def is_level(self) -> bool:
        return self.victim.final_root == self.friend.final_root

    def meet(self) -> None:
        """Let the two say where they stand, on a new connection."""
        for one, other in ((VICTIM, FRIEND), (FRIEND, VICTIM)):
            self.give(self.devices[one], PeerDown(self.devices[other]))
        for one, other in ((VICTIM, FRIEND), (FRIEND, VICTIM)):
            self.give(self.devices[one], PeerUp(self.devices[other]))

    def claim_more(self, index: int = 1_000) -> None:
        """Let the liar say that it has finalized more than anybody."""
        told = replace(self.victim.status(), final_index=index, final_root=bytes(32))
        self.tell(VICTIM, self.devices[LIAR], told)


def without_stars(drawn: dict[tuple[int, str], Block]) -> Iterator[Block]:
    return (block for (_, name), block in drawn.items() if "*" not in name)


def is_as_drawn(town: Town) -> bool:
    """Return whether rounds are decided with the branch that are not without it.

    And whether the open round lies below all of it: see what follows for where it does not.
    """
    open_round = town.victim.epoch.committer.undecided_round
    is_open = town.friend.epoch.committer.undecided_round > open_round and not town.is_level
    return is_open and open_round < min(BRANCH)


@functools.cache
def find_founding() -> WallMs:
    """Return a founding time with which the drawing does what it says.

    The order of the slots hangs on the epoch's id, and that on all of the charter.
    """
    times = (WallMs(START_WALL_MS - before) for before in range(1, 200))
    return next(one for one in times if is_as_drawn(Town(founded_ms=one)))


def test_drawing_is_what_it_says() -> None:
    town = Town()
    victim, friend = town.victim.epoch, town.friend.epoch
    assert victim.lace.heights == friend.lace.heights
    assert max(BRANCH) <= victim.lace.highest(FORKER) - FORK_ROUNDS, "and nobody builds on it"
    assert is_as_drawn(town)


def test_whatever_the_order_of_the_slots_is_both_become_level() -> None:
    # Where the open round lies above the branch's beginning, only its last block is one of two of
    # its slot; what that stands on are third forks which nobody but their author names.
    parted = 0
    for number in range(24):
        town = Town(founded_ms=WallMs(find_founding() - number))
        parted += not town.is_level
        town.meet()
        town.run(20_000)
        assert town.is_level, f"founded {number} ms earlier"
    assert parted > 3


@pytest.mark.parametrize("pull_bytes", [PULL_BYTES, 5_000, 1])
def test_forks_below_the_last_rounds_are_found(pull_bytes: int) -> None:
    town = Town(pull_bytes)
    town.meet()
    town.run(2_000)
    assert town.is_level


def test_forks_above_a_block_that_fills_an_answer_are_found() -> None:
    town = Town(is_fat=True)
    town.meet()
    town.run(2_000)
    assert town.is_level
    assert len(town.pulls_of(VICTIM, town.devices[FRIEND])) > 1


def test_search_goes_on_where_it_was_while_blocks_come() -> None:
    # The frontier moves on: that must not begin the search anew.
    town = Town(1)
    lace, committee = town.victim.epoch.lace, town.victim.epoch.committee
    below = [lace.slot(Round(10), place)[0].block for place in range(7)]
    town.meet()
    for name in "acdeg":
        own = SEATS.index(name)
        parents = [below[own], *below[:own], *below[own + 1 :]]
        town.run(100)  # some 25 answers of 73
        if town.is_level:
            break
        town.tell(VICTIM, town.devices[own], Push(blocks=(town.sign(name, 11, parents),)))
        assert lace.highest(committee.index[parents[0].author]) == 11
    town.run(1_000)
    assert town.is_level
    assert len(town.pulls_of(VICTIM, town.devices[FRIEND])) < 150


Answer = Callable[[Town, int], tuple[Block, ...]]


def nothing(town: Town, number: int) -> tuple[Block, ...]:
    return ()


def the_same(town: Town, number: int) -> tuple[Block, ...]:
    return (town.victim.epoch.lace.slot(Round(9), 0)[0].block,)


def ever_more(town: Town, number: int) -> tuple[Block, ...]:
    """Blocks whose parents nobody has, of higher rounds each time."""
    unknown = BlockId(number.to_bytes(32))
    return (town.sign(SEATS[LIAR], 20 + number, [], names=(unknown,)),)


@pytest.mark.parametrize("answer", [nothing, the_same, ever_more])
@pytest.mark.parametrize("takes_ms", [0, PULL_TIMEOUT_MS - 100])
def test_who_has_ever_more_to_answer_keeps_nobody_from_the_honest(
    answer: Answer, takes_ms: int
) -> None:
    town = Town(1_000)  # some 70 answers hold it all
    liar = town.devices[LIAR]
    town.claim_more()
    town.meet()
    asked = 0
    end_ms = town.now_ms + 12 * PULL_TIMEOUT_MS
    while not town.is_level and town.now_ms < end_ms:
        if len(town.pulls_of(VICTIM, liar)) > asked:
            asked += 1
            town.run(takes_ms)
            town.answer_pull(VICTIM, liar, *answer(town, asked), more=True)
            town.claim_more(1_000 + asked)
        town.run(1)
    assert asked > 0
    assert town.is_level


@pytest.mark.parametrize("answer", [nothing, the_same])
def test_answer_that_does_not_go_on_is_the_last(answer: Answer) -> None:
    town = Town()
    liar = town.devices[LIAR]
    town.claim_more()
    for number in range(5):
        if len(town.pulls_of(VICTIM, liar)) > number:
            town.answer_pull(VICTIM, liar, *answer(town, number), more=True)
    assert len(town.pulls_of(VICTIM, liar)) <= 2
