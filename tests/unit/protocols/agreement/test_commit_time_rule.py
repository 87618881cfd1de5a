"""The times of commits on small DAGs drawn by hand, one for each way to misread R3.2 and R3.9.

Four members, so f = 1 and Q = 3. Random DAGs are in `tests/property/test_commit_times.py`; they
seldom draw what is drawn here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import pytest
from support.cores.dag import COMMUNITY, Dag, FakeSigner, Reader
from support.cores.oracle import Oracle

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Away, Propose
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, MemberId, Round, WallMs
from p2pnode_protocols.wire.limits import PROMPT_MS, SKEW_MS

T = 1_000_000  # the word of the block whose time is asked for
LATER = T + 3_600_000


TITLE, _ = make_text(bytes(16), "Paint the shed")


def make_op(nonce: int = 1) -> Op:
    signer = FakeSigner(DeviceKey(hashlib.sha256(b"speaker").digest()))
    return sign_op(COMMUNITY, MemberId(bytes(32)), signer, nonce, WallMs(1), Away())


def make_proposal(close_ms: int) -> Op:
    signer = FakeSigner(DeviceKey(hashlib.sha256(b"proposer").digest()))
    body = Propose("implementation", TITLE, (), NoAction(), WallMs(close_ms))
    return sign_op(COMMUNITY, MemberId(bytes(32)), signer, 1, WallMs(1), body)


class Drawn:
    """Round 1 of all four; the first in slot order, c, dated T, brings an op. Then what tests draw.

    Places are named in slot order of round 1: c's author is 0. Those at `opens` bring a proposal
    that wishes for this close.
    """

    def __init__(
        self,
        closes: Iterable[int] = (),
        *,
        has_op: bool = True,
        opens: dict[int, int] | None = None,
    ) -> None:
        self.dag = Dag(4)
        self.closes = list(closes)
        self.order = self.dag.committee.slot_order(Round(1))
        ops = {0: (make_op(),)} if has_op else {}
        ops |= {place: (make_proposal(close_ms),) for place, close_ms in (opens or {}).items()}
        self.first = [
            self.dag.block(
                author, 1, time_ms=T if place == 0 else T - SKEW_MS, ops=ops.get(place, ())
            )
            for place, author in enumerate(self.order)
        ]
        self.c = self.first[0]

    def block(self, place: int, round_: int, below: Sequence[Block], time_ms: int) -> Block:
        """Make a block on these of the round before, its author's own first."""
        member = self.dag.committee.members[self.order[place]]
        parents = sorted(below, key=lambda one: one.author != member)
        return self.dag.block(self.order[place], round_, parents, time_ms=time_ms)

    def votes(self, *times_ms: int) -> list[Block]:
        """Make everybody's block of round 2 on all of round 1, so dated."""
        return [self.block(place, 2, self.first, time) for place, time in enumerate(times_ms)]

    def certify(self, votes: Sequence[Block], *chosen: tuple[int, ...]) -> list[Block]:
        """Make blocks of round 3, each by the first place given on the votes of these places."""
        made = []
        for places in chosen:
            below = [votes[one] for one in places]
            made.append(self.block(places[0], 3, below, LATER + 10 + places[0]))
        return made

    def end(self, below: Sequence[Block]) -> Block:
        """Make full rounds 4 to 6; return the block of the anchor."""
        made = {}
        for number in (4, 5, 6):
            below = made[number] = [
                self.block(place, number, below, LATER + 1_000 * number + place)
                for place in range(4)
            ]
        first = self.dag.committee.slot_order(Round(4))[0]
        return made[4][self.order.index(first)]

    def time(self, block: Block | None = None) -> int | None:
        """Return the time of a block, c's if none is said; None if it is not known.

        It is the literal rule's.
        """
        reader = Reader(self.dag.committee, self.closes)
        reader.add_all(self.dag.blocks)
        times = reader.times()
        assert times == Oracle(self.dag.committee, self.dag.blocks, self.closes).times()
        return dict(times).get((block or self.c).id)

    def middle_of(self, block: Block) -> int:
        below = [one for one in self.dag.blocks if one.id in block.parents]
        times = sorted(one.time_ms for one in below if one.round == block.round - 1)
        return times[(len(times) - 1) // 2]


# Everybody's block of round 3, each on three votes; on which, is drawn.
ALL = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (3, 0, 1))


def test_word_that_everybody_bears_out_is_the_time_at_once() -> None:
    drawn = Drawn()
    drawn.certify(drawn.votes(T + 5, T + 6, T + 7, T + 8), *ALL[:3])
    assert drawn.time() == T


@pytest.mark.parametrize(
    ("late", "is_prompt"), [(0, True), (PROMPT_MS - 1, True), (PROMPT_MS, False)]
)
def test_votes_are_prompt_for_ten_seconds_less_a_moment(late: int, is_prompt: bool) -> None:
    drawn = Drawn()
    third = drawn.certify(drawn.votes(*(T + late + 1 - (place > 0) for place in range(4))), *ALL)
    # The author of c has the later vote: it needs two others' at the very moment.
    assert drawn.time() == (T if is_prompt else None)
    anchor = drawn.end(third)
    assert drawn.time() == (T if is_prompt else drawn.middle_of(anchor))


@pytest.mark.parametrize(
    ("close_ms", "vote_ms", "is_prompt"),
    [
        (T + 5, T + 4, True),
        (T + 5, T + 5, False),  # the vote is at the close, the word before it
        (T + 5, T + 6, False),
        (T, T - 1, False),  # the word is at the close, the votes say it had not come
        (T, T, True),
        (T - 1, T - 2, False),
        (T - 1, T - 1, True),
    ],
)
@pytest.mark.parametrize("is_open", [True, False])
def test_no_vote_is_prompt_across_a_close(
    close_ms: int, vote_ms: int, is_prompt: bool, is_open: bool
) -> None:
    """Of an open proposal, or of one that c itself brings."""
    drawn = Drawn([close_ms]) if is_open else Drawn(opens={0: close_ms})
    votes = drawn.votes(max(vote_ms, T + 1), vote_ms, vote_ms, vote_ms)
    third = drawn.certify(votes, (1, 2, 3), (2, 3, 1), (3, 1, 2))
    assert drawn.time() == (T if is_prompt else None)
    below = [*third, drawn.block(0, 3, votes[:3], LATER)]
    anchor = drawn.end(below)
    assert drawn.time() == (T if is_prompt else drawn.middle_of(anchor))


@pytest.mark.parametrize(
    ("close_ms", "early_sees_it", "is_prompt"),
    [
        (T + 100, True, True),
        (T + 100, False, False),  # of those who date before the close one alone has seen the op
        (T + PROMPT_MS - 1, False, False),
        (T + PROMPT_MS, False, True),  # two others saw it within ten seconds: before the close
    ],
)
def test_votes_in_an_earlier_block_of_the_round_were_seen_before_the_close_that_opens_here(
    close_ms: int, early_sees_it: bool, is_prompt: bool
) -> None:
    """c brings a vote, say; after it in slot order comes what the vote is on, with a close."""
    drawn = Drawn(opens={1: close_ms})
    opening, beside = drawn.first[1], drawn.first[1:]
    below = drawn.first if early_sees_it else beside
    votes = [
        drawn.block(0, 2, drawn.first, T + PROMPT_MS - 1),
        drawn.block(1, 2, below, T + 5),
        drawn.block(2, 2, drawn.first, T + PROMPT_MS - 1),
        drawn.block(3, 2, drawn.first, T + 7),
    ]
    third = [drawn.block(place, 3, votes, LATER + place) for place in range(4)]
    anchor = drawn.end(third)
    assert drawn.time() == T
    assert drawn.time(opening) == (T if is_prompt else drawn.middle_of(anchor))


def test_one_block_less_than_a_quorum_bears_nothing_out_yet() -> None:
    drawn = Drawn()
    votes = drawn.votes(T + 5, T + 6, LATER, LATER)
    third = drawn.certify(votes, (0, 1, 2), (1, 0, 3), (2, 3, 0))
    assert drawn.time() is None, "two of three stand on two prompt votes"
    third += drawn.certify(votes, (3, 0, 1))
    assert drawn.time() == T, "now three do"


def test_anchor_finds_the_prompt_votes_of_which_too_few_knew() -> None:
    drawn = Drawn()
    votes = drawn.votes(T + 5, T + 6, LATER, LATER)
    third = drawn.certify(votes, (0, 1, 2), (1, 0, 3), (2, 3, 0), (3, 2, 1))
    assert drawn.time() is None
    drawn.end(third)
    assert drawn.time() == T


def test_f_prompt_votes_are_not_enough_for_blocks_nor_for_an_anchor() -> None:
    drawn = Drawn()
    third = drawn.certify(drawn.votes(T + 5, LATER, LATER, LATER), *ALL)
    assert drawn.time() is None
    anchor = drawn.end(third)
    assert drawn.time() == drawn.middle_of(anchor) > LATER


def test_prompt_votes_of_two_that_no_block_stands_on_together_wait_for_the_anchor() -> None:
    # Each block of round 3 stands on one prompt vote; three of them may not know of the other.
    drawn = Drawn()
    votes = drawn.votes(T + 5, LATER, LATER, T + 6)
    third = drawn.certify(votes, (0, 1, 2), (1, 2, 0), (2, 1, 0), (3, 1, 2))
    assert drawn.time() is None
    below = [
        drawn.block(0, 4, third[:3], LATER + 4_000),
        drawn.block(1, 4, third[:3], LATER + 4_001),
        drawn.block(2, 4, third[:3], LATER + 4_002),
    ]
    for number in (5, 6):
        below = [
            drawn.block(place, number, below, LATER + 1_000 * number + place) for place in range(3)
        ]
    time_ms = drawn.time()
    assert time_ms is not None
    assert time_ms >= LATER, "the anchor's history holds one of the two"


def test_late_twin_of_a_prompt_vote_counts_for_nothing() -> None:
    drawn = Drawn()
    votes = drawn.votes(T + 5, T + 6, LATER, LATER)
    twin = drawn.block(0, 2, drawn.first, LATER)
    late = [twin, *votes[1:]]
    drawn.certify(late, (1, 0, 2), (2, 0, 1))
    drawn.certify(votes, (3, 0, 1))
    assert drawn.time() is None, "two of them stand on the late twin"
    drawn.certify(votes, (0, 1, 2))
    assert drawn.time() is None
    assert drawn.block(1, 3, [votes[1], votes[0], votes[2]], LATER + 99)
    assert drawn.time() == T, "three authors have a block on the prompt one"


def test_fork_that_bears_the_word_out_tells_what_none_of_its_slot_does() -> None:
    """It is taken, though two others of its slot are here (R2.19): others may have gone on by it.

    Place 3 made two votes, one on each side of a close, and blocks of round 3 on either. They
    certify and skip the same, and what they certify is decided.
    """
    drawn = Drawn([T + 6])
    votes = drawn.votes(T + 5, T + 6, T + 6, T + 6)
    prompt = drawn.block(3, 2, drawn.first, T + 5)
    others = [
        drawn.block(0, 3, [votes[0], prompt, votes[1]], LATER),
        drawn.block(2, 3, [votes[2], votes[0], votes[1]], LATER),
    ]
    for number in range(2):
        others.append(drawn.block(3, 3, [votes[3], votes[0], votes[1]], LATER + number))
    reader = Reader(drawn.dag.committee, drawn.closes)
    reader.add_all(drawn.dag.blocks)

    def is_telling(*below: Block, place: int = 3, time_ms: int) -> bool:
        vertex = reader.lace.check(drawn.block(place, 3, below, time_ms))
        return reader.committer.is_telling(vertex)

    assert reader.decided == [], "its time is awaited"
    assert not is_telling(votes[3], votes[0], votes[1], time_ms=LATER + 2)
    assert is_telling(prompt, votes[0], votes[1], time_ms=LATER + 3)
    reader.add(drawn.dag.blocks[-1])
    assert not is_telling(prompt, votes[0], votes[1], time_ms=LATER + 4), "one of them is enough"
    assert reader.decided == []
    reader.add(drawn.block(1, 3, [votes[1], votes[0], prompt], LATER))
    assert dict(reader.times())[drawn.c.id] == T, "three bear it out, by that fork"


def test_what_brings_nothing_has_its_middle_whatever_the_votes_say() -> None:
    drawn = Drawn(has_op=False)
    drawn.certify(drawn.votes(LATER, LATER, LATER, LATER), *ALL[:3])
    assert drawn.time() == 0


@pytest.mark.parametrize(("close_ms", "is_due"), [(T, True), (T + 1, False)])
def test_what_a_close_falls_due_by_asks_for_its_votes(close_ms: int, is_due: bool) -> None:
    drawn = Drawn([close_ms], has_op=False)
    third = drawn.certify(drawn.votes(LATER, LATER, LATER, LATER), *ALL)
    assert drawn.time() == (None if is_due else 0)
    anchor = drawn.end(third)
    assert drawn.time() == (drawn.middle_of(anchor) if is_due else 0)


def test_op_that_was_output_before_asks_for_nothing() -> None:
    # All four bring the same op: the first commit has its word, the others their middle, 0.
    drawn = Drawn()
    drawn.dag.blocks.clear()
    op = make_op()
    drawn.first = [
        drawn.dag.block(author, 1, time_ms=T - place, ops=(op,))
        for place, author in enumerate(drawn.order)
    ]
    drawn.c = drawn.first[0]
    drawn.certify(drawn.votes(T + 5, T + 6, T + 7, T + 8), *ALL)
    assert drawn.time() == T


@pytest.mark.parametrize(("ahead_ms", "is_voted"), [(SKEW_MS, True), (SKEW_MS + 1, False)])
def test_block_too_far_ahead_of_its_round_gets_no_vote(ahead_ms: int, is_voted: bool) -> None:
    dag = Dag(4)
    order = dag.committee.slot_order(Round(1))
    first = [
        dag.block(author, 1, time_ms=T + (ahead_ms if place == 0 else 0))
        for place, author in enumerate(order)
    ]
    below = first
    for number in (2, 3):
        for author in range(4):
            parents = sorted(below, key=lambda one: one.author != dag.committee.members[author])
            dag.block(author, number, parents, time_ms=LATER + 10 * number + author)
        below = dag.blocks[-4:]
    reader = Reader(dag.committee)
    for block in dag.blocks:
        reader.add(block)
    assert reader.fates() == Oracle(dag.committee, dag.blocks).fates()
    assert reader.fates()[0] == (1, order[0], first[0].id if is_voted else None)


def test_middle_is_the_lower_of_two() -> None:
    dag = Dag(4)
    first = [dag.block(author, 1, time_ms=T + 10 * author) for author in range(4)]
    reader = Reader(dag.committee)
    dag.block(0, 2, first, time_ms=LATER)
    dag.block(1, 2, first[1:], time_ms=LATER)
    reader.add_all(dag.blocks)
    vertices = [reader.lace.get(BlockId(block.id)) for block in dag.blocks]
    middles = [one.middle_ms for one in vertices if one is not None]
    assert middles == [0, 0, 0, 0, T + 10, T + 20]
