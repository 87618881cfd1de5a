"""One seat floods with blocks, from as many devices as it may have: the others pay nothing.

Orphans (R2.17), forks beyond the second (R2.19), blocks of epochs to come (R6.7), contacts that
are early (R7.16). Four or seven members; the liar is the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.agreement.receipts import Statement, sign_receipt
from p2pnode_protocols.gossip.peers.peer import (
    LEAP_REQUESTS,
    REQUEST_WINDOW_MS,
    REQUESTS_PER_WINDOW,
)
from p2pnode_protocols.gossip.shares.forks import FORK_EVERY_MS
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.leaps import Leap
from p2pnode_protocols.messages.proofs import Prove, Receipts
from p2pnode_protocols.messages.spreading import Pull, Push, Want
from p2pnode_protocols.messages.standing import Contacts
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Back,
    Body,
    Evidence,
    Join,
    Propose,
    RevokeDevice,
    Vote,
)
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Submit
from p2pnode_protocols.steps.notices import PeerRefused
from p2pnode_protocols.steps.sends import Disconnect, ServeLeap, ServePull, ServeReceipts, ServeWant
from p2pnode_protocols.steps.writes import SaveBlock
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, EpochId, OpId, Round, TextId, WallMs
from p2pnode_protocols.wire.limits import (
    BLOCK_BYTES,
    CONTACTS_EARLY,
    CONTACTS_EARLY_BYTES,
    CONTACTS_EARLY_BYTES_PER_SEAT,
    CONTACTS_EARLY_PER_SEAT,
    DEVICES,
    FORK_BYTES_PER_SEAT,
    FORKS_NAMED_PER_SLOT,
    FORKS_PER_SLOT,
    FUTURE_EPOCH_BLOCKS,
    FUTURE_EPOCH_BLOCKS_PER_SEAT,
    FUTURE_EPOCH_BYTES,
    FUTURE_EPOCH_BYTES_PER_SEAT,
    HEADER_BYTES,
    MISSING_TEXTS,
    ORPHAN_BYTES,
    ORPHAN_BYTES_PER_SEAT,
    ORPHANS,
    ORPHANS_PER_SEAT,
    PENDING_PER_MEMBER,
    RECEIPTS_EARLY_PER_DEVICE,
)

SERVED = (ServePull, ServeWant, ServeReceipts)

ADDRESSES = ("/ip4/10.0.0.7/tcp/4001",)


class Town:
    """A cluster that is at rest, and blocks drawn by hand for it; node 0 hears of them."""

    def __init__(self, n: int, charter: Charter | None = None) -> None:
        self.cluster = Cluster(n, charter)
        self.cluster.connect()
        self.cluster.run(100)
        self.core = self.cluster.node(0).core
        self.liar = n - 1
        self.question = OpId(bytes(32))

    def make(
        self,
        author: int,
        parents: Sequence[Block | BlockId],
        *,
        round_: int | None = None,
        sequence: int | None = None,
        time_ms: int = 0,
        epoch: EpochId | None = None,
        signer: DeviceKey | None = None,
        ops: tuple[Op, ...] = (),
    ) -> Block:
        blocks = [one for one in parents if isinstance(one, Block)]
        member = self.cluster.charter.members[author].id
        own = [one for one in blocks if one.author == member]
        place = max((one.round for one in blocks), default=0) + 1 if round_ is None else round_
        return sign_block(
            self.cluster.charter.community_id,
            FakeSigner(signer or self.cluster.devices[author]),
            epoch=epoch or self.core.epoch.id,
            author=member,
            sequence=sequence or (own[0].sequence + 1 if own else 1),
            round_=Round(place),
            time_ms=WallMs(self.cluster.now().wall_ms + 1_000 * place + time_ms),
            parents=tuple(one.id if isinstance(one, Block) else one for one in parents)
            or (self.core.epoch.genesis,),
            ops=ops,
            final_index=0,
            final_root=self.core.final_root,
        )

    def orphan(self, author: int, number: int, **changes: int) -> Block:
        """Return a block whose parents are nowhere; each `number` another round."""
        parents = [BlockId(number.to_bytes(31, "big") + bytes([place])) for place in range(3)]
        return self.make(author, parents, round_=number, sequence=number, **changes)

    def tell(self, sender: int | DeviceKey, blocks: Iterable[Block]) -> None:
        device = sender if isinstance(sender, bytes) else self.cluster.devices[sender]
        self.cluster.tell(0, device, Push(blocks=tuple(blocks)))

    def bind(self, author: int, count: int) -> list[DeviceKey]:
        """Bind so many more devices to a seat: nobody else has to agree."""
        keys = [DeviceKey(bytes([author, number]) * 16) for number in range(count)]
        seat = self.cluster.charter.members[author]
        message = crypto.signed_message(crypto.TAG_BIND, self.cluster.charter.community_id, seat.id)
        for key in keys:
            body = AddDevice(key, FakeSigner(key).sign(message))
            self.cluster.give(self.cluster.devices[author], Submit(body))
            self.cluster.run(1_000)
        assert all(self.core.state.charter.by_device(key) is not None for key in keys)
        return keys

    def call(self, device: DeviceKey) -> None:
        """Connect a device to node 0, or let it call again."""
        self.cluster.give(self.cluster.devices[0], PeerUp(device))
        hello = Hello(PROTOCOL_VERSION, self.cluster.charter.community_id, None, None, "t", ())
        self.cluster.tell(0, device, hello)

    def hang_up(self, device: DeviceKey) -> None:
        self.cluster.give(self.cluster.devices[0], PeerDown(device))

    def refused(self) -> list[tuple[DeviceKey, str]]:
        """Return whom node 0 refused something, and as what."""
        return [
            (one.peer, one.code)
            for one in self.cluster.node(0).noticed(PeerRefused)
            if isinstance(one, PeerRefused)
        ]

    def cut(self) -> list[DeviceKey]:
        return [one.peer for one in self.cluster.node(0).sends if isinstance(one, Disconnect)]


@pytest.fixture
def town() -> Town:
    return Town(4)


# --- orphans ----------------------------------------------------------------------------------


def test_orphans_of_one_seat_with_many_devices_leave_room_for_the_honest(town: Town) -> None:
    phones = town.bind(town.liar, DEVICES - 1)
    number = 1_000
    for turn in range(2):
        for phone in phones:
            town.call(phone)
            town.tell(phone, [town.orphan(town.liar, number + place) for place in range(512)])
            number += 512
            if turn == 0:
                town.hang_up(phone)
    assert len(town.core.sync.held.orphans) <= ORPHANS_PER_SEAT
    for place in range(20):
        late = town.orphan(1, 10 + place)
        town.tell(2, [late])  # carried by another
        assert late.id in town.core.sync.held.orphans
    assert town.refused() == []
    assert town.cut() == []


def test_nothing_stays_of_who_sent_orphans_and_hung_up(town: Town) -> None:
    (phone,) = town.bind(town.liar, 1)
    town.call(phone)
    town.tell(phone, [town.orphan(town.liar, 10 + place) for place in range(50)])
    assert len(town.core.sync.held.orphans) == 50
    town.hang_up(phone)
    assert len(town.core.sync.held.orphans) == 0


def test_an_orphan_that_an_honest_block_waits_for_stays_when_its_carrier_hangs_up(
    town: Town,
) -> None:
    low = town.orphan(2, 10)
    high = town.make(1, [low], round_=11)
    town.tell(3, [low])
    town.tell(2, [high])
    town.hang_up(town.cluster.devices[3])
    assert low.id in town.core.sync.held.orphans


def test_forks_that_waited_for_one_parent_do_not_all_come_in_with_it(town: Town) -> None:
    # The parent is kept back until a hundred blocks of one slot wait for it.
    first = [town.make(place, []) for place in range(4)]
    town.tell(1, first[:3])
    forks = [town.make(town.liar, [first[3], *first[:2]], time_ms=extra) for extra in range(100)]
    town.tell(town.liar, forks)
    town.tell(town.liar, first[3:])
    assert sum(one.id in town.core.epoch.lace for one in forks) == FORKS_PER_SLOT


# --- further forks ----------------------------------------------------------------------------


def rounds(town: Town, upto: int) -> list[list[Block]]:
    """Return full rounds of everyone, told to node 0."""
    made: list[list[Block]] = [[town.make(place, []) for place in range(town.liar + 1)]]
    while len(made) < upto:
        below = made[-1]
        made.append(
            [
                town.make(place, [below[place], *(one for one in below if one is not below[place])])
                for place in range(town.liar + 1)
            ]
        )
    town.tell(1, [one for row in made for one in row])
    assert made[-1][0].id in town.core.epoch.lace
    return made


def third(town: Town, below: Sequence[Block], extra: int) -> Block:
    """Return one more block of the liar's slot above `below`; it votes and skips as the others."""
    mine = town.liar
    others = [one for place, one in enumerate(below) if place != mine]
    return town.make(mine, [below[mine], *others], time_ms=100 + extra)


def held_of_slot(town: Town, round_: int, author: int) -> int:
    return len(town.core.epoch.lace.slot(Round(round_), author_index(town, author)))


def author_index(town: Town, author: int) -> int:
    return town.core.epoch.committee.index[town.cluster.charter.members[author].id]


def test_a_liars_own_later_blocks_bring_in_third_forks_slowly(town: Town) -> None:
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(60)]
    later = [town.make(town.liar, [one, *made[2][:3]]) for one in forks]
    again = [town.make(town.liar, [one], round_=9, time_ms=k) for k, one in enumerate(later)]
    flood = (*again, *later, *forks, *again, *later)
    for one in flood:
        town.tell(town.liar, [one])
    assert held_of_slot(town, 3, town.liar) <= FORKS_PER_SLOT + 1
    assert held_of_slot(town, 4, town.liar) <= FORKS_PER_SLOT + 1
    before = len(ids_held(town))
    for _ in range(10):
        town.cluster.now_ms += FORK_EVERY_MS
        for one in flood:
            town.tell(town.liar, [one])
    assert len(ids_held(town)) <= before + 10
    liar = town.cluster.devices[town.liar]
    assert {peer for peer, _code in town.refused()} <= {liar}, "its blocks of two parents"


def test_a_liars_own_later_blocks_never_bring_in_more_than_the_bound(town: Town) -> None:
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(FORKS_NAMED_PER_SLOT + 8)]
    nowhere = BlockId(b"n" * 32)
    for number, one in enumerate(forks):
        town.cluster.now_ms += FORK_EVERY_MS
        later = town.make(town.liar, [one, nowhere], round_=10 + number, sequence=one.sequence + 1)
        town.tell(town.liar, [later, one])
    assert held_of_slot(town, 3, town.liar) == FORKS_NAMED_PER_SLOT


def test_a_third_fork_that_an_honest_block_stands_on_is_taken(town: Town) -> None:
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(3)]
    town.tell(town.liar, forks[:2])
    honest = town.make(1, [made[2][1], made[2][0], made[2][2], forks[2]])
    town.tell(1, [forks[2]])
    assert forks[2].id not in town.core.epoch.lace
    town.tell(1, [honest])
    town.tell(1, [forks[2]])
    assert {forks[2].id, honest.id} <= set(ids_held(town))


def ids_held(town: Town) -> list[BlockId]:
    lace = town.core.epoch.lace
    return [
        one.id
        for author in range(len(lace.committee))
        for number in range(1, lace.max_round + 1)
        for one in lace.slot(Round(number), author)
    ]


def test_a_whole_chain_of_third_forks_under_an_honest_block_is_taken(town: Town) -> None:
    # Bob followed another of the liar's chains than those that node 0 saw: it needs all of it.
    made = rounds(town, 4)
    low = [third(town, made[0], extra) for extra in range(3)]
    high = [town.make(town.liar, [one, *made[1][:3]], time_ms=7) for one in low]
    top = [town.make(town.liar, [one, *made[2][:3]], time_ms=7) for one in high]
    town.tell(town.liar, [*low[:1], *high[:1], *top[:1]])
    honest = town.make(1, [made[3][1], made[3][0], made[3][2], top[2]])
    for one in (honest, top[2], high[2], low[2]):
        town.tell(1, [one])
    assert {honest.id, top[2].id, high[2].id, low[2].id} <= set(ids_held(town))


def test_for_who_has_forked_third_forks_come_slowly() -> None:
    town = Town(7)
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(20)]
    helper = town.liar - 1
    twins = [town.make(helper, [made[1][helper], *made[1][:5]], time_ms=extra) for extra in (1, 2)]
    town.tell(helper, twins)
    named = [
        town.make(helper, [made[2][helper], *made[2][:5], one], time_ms=extra)
        for extra, one in enumerate(forks)
    ]
    for one in (*named, *forks, *named, *forks):
        town.tell(helper, [one])
    assert held_of_slot(town, 3, town.liar) <= FORKS_PER_SLOT + 1


def test_for_blocks_that_wait_and_are_a_fork_they_come_slowly_too() -> None:
    town = Town(7)
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(20)]
    helper = town.liar - 1
    nowhere = BlockId(b"n" * 32)
    named = [
        town.make(helper, [made[2][helper], *made[2][:4], one, nowhere], time_ms=extra)
        for extra, one in enumerate(reversed(forks))
    ]
    for one in (*named, *forks):
        town.tell(helper, [one])
    assert held_of_slot(town, 3, town.liar) <= FORKS_PER_SLOT + 1


def test_beyond_a_bound_forks_that_others_stand_on_come_in_one_a_second() -> None:
    # A helper that has not forked itself, blocks of other rounds each, all waiting for good.
    town = Town(7)
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(FORKS_NAMED_PER_SLOT + 20)]
    helper, honest = town.liar - 1, 1
    named = [
        town.make(helper, [one, BlockId(b"n" * 32)], round_=10 + k, sequence=10 + k)
        for k, one in enumerate(forks)
    ]
    town.tell(helper, named)
    for _ in range(2):
        for one in forks:
            town.tell(helper, [one])
    assert held_of_slot(town, 3, town.liar) == FORKS_NAMED_PER_SLOT + 1
    above = town.make(honest, [made[2][honest], *made[2][:1], *made[2][2:6], forks[-1]])
    town.cluster.now_ms += FORK_EVERY_MS
    town.tell(honest, [above])
    town.tell(honest, [forks[-1]])
    assert above.id in town.core.epoch.lace, "who has built on it is not left behind"


def test_who_names_everything_uses_up_nobody_elses_second() -> None:
    town = Town(7)
    made = rounds(town, 3)
    forks = [third(town, made[1], extra) for extra in range(FORKS_NAMED_PER_SLOT + 20)]
    helper, nowhere = town.liar - 1, BlockId(b"n" * 32)
    for number, one in enumerate(forks):
        parents = [one, nowhere]
        place = 10 + number
        town.tell(helper, [town.make(helper, parents, round_=place, sequence=place)])
    honest = [
        town.make(one, [made[2][one], *(b for b in made[2][:6] if b is not made[2][one]), fork])
        for one, fork in ((1, forks[-1]), (2, forks[-2]))
    ]
    for one in honest:
        town.tell(helper, [one])
    for one in forks[:-2]:  # within this very second
        town.tell(helper, [one])
    for place, one in ((2, forks[-2]), (1, forks[-1])):
        town.tell(place, [one])
    assert all(one.id in town.core.epoch.lace for one in honest)


# --- bytes of forks -----------------------------------------------------------------------------
#
# Few blocks can be many bytes. A seat has so many for its forks, and so many for those that its
# blocks name; what is more comes in one a second. Seven members: the last two lie.


def long_ops(town: Town) -> tuple[Op, ...]:
    """Return ops that nearly fill a block."""
    junk = bytes(HEADER_BYTES - 100)
    body = Evidence(junk, bytes(64), junk, bytes(64))
    seat = town.cluster.charter.members[town.liar]
    device = town.cluster.devices[town.liar]
    wall_ms = WallMs(town.cluster.now().wall_ms)
    return tuple(
        sign_op(
            town.cluster.charter.community_id, seat.id, FakeSigner(device), number, wall_ms, body
        )
        for number in range(1_000, 1_000 + BLOCK_BYTES // (2 * HEADER_BYTES) - 1)
    )


def unasked(town: Town, made: list[list[Block]]) -> Iterator[Block]:
    """Yield a second block for each of the liar's slots."""
    ops = long_ops(town)
    for below in made:
        yield town.make(town.liar, [below[town.liar], *below[:5]], time_ms=9, ops=ops)


def telling(town: Town, made: list[list[Block]]) -> Iterator[Block]:
    """Yield blocks of the liar's that each leave out another one below."""
    ops = long_ops(town)
    for below in made[-3:]:
        for left_out in range(5):
            others = [one for place, one in enumerate(below[:6]) if place != left_out]
            yield town.make(town.liar, [below[town.liar], *others], time_ms=9, ops=ops)


def named_by_a_helper(town: Town, made: list[list[Block]]) -> Iterator[Block]:
    """Yield few forks of each slot, of which a seat that has not forked says to need them."""
    ops, helper = long_ops(town), town.liar - 1
    for number, below in enumerate(made):
        forks = [
            town.make(town.liar, [below[town.liar], *below[:5]], time_ms=9 + extra, ops=ops)
            for extra in range(8)
        ]
        for extra, one in enumerate(forks):
            place = 100 * (number + 1) + extra
            parents = [one, BlockId(b"n" * 32)]
            town.tell(helper, [town.make(helper, parents, round_=place, sequence=place)])
        yield from forks


def bytes_of_forks(town: Town) -> int:
    """Return the bytes of the liar's blocks that were saved, but for the first of each slot."""
    saved: dict[int, list[int]] = {}
    for one in town.cluster.node(0).writes:
        if (
            isinstance(one, SaveBlock)
            and one.block.author == town.cluster.charter.members[town.liar].id
        ):
            saved.setdefault(one.block.round, []).append(len(one.block.wire))
    return sum(sum(sizes[1:]) for sizes in saved.values())


FORKS = {one.__name__: one for one in (unasked, telling, named_by_a_helper)}


@pytest.mark.parametrize("kind", FORKS)
def test_forks_of_one_seat_are_bounded_in_bytes_whatever_brings_them_in(kind: str) -> None:
    town = Town(7)
    made = rounds(town, 20)
    liar = town.cluster.devices[town.liar]
    forks = list(FORKS[kind](town, made))
    for one in forks:
        town.tell(liar, [one])
    sakes = 2 if kind == "named_by_a_helper" else 1  # the helper has its own
    assert bytes_of_forks(town) <= sakes * (FORK_BYTES_PER_SEAT + BLOCK_BYTES)
    for _ in range(10):
        before = bytes_of_forks(town)
        town.cluster.now_ms += 60 * FORK_EVERY_MS  # else it says more than it may in vain
        for one in forks:
            town.tell(liar, [one])
        assert bytes_of_forks(town) <= before + sakes * BLOCK_BYTES
    assert town.refused() == []


def test_beyond_the_bytes_a_fork_comes_in_a_second_later_once_an_honest_block_needs_it() -> None:
    town = Town(7)
    made = rounds(town, 20)
    for one in (*unasked(town, made), *named_by_a_helper(town, made)):
        town.tell(town.liar, [one])
    needed = third(town, made[-2], 999)
    above = town.make(1, [made[-1][1], made[-1][0], *made[-1][2:6], needed])
    town.tell(1, [above])
    town.tell(1, [needed])
    assert above.id in town.core.epoch.lace, "its author has named no other"


# --- blocks full of ops -------------------------------------------------------------------------
#
# Who is on the committee may put half a megabyte into each block, and what is in a block is due for
# all (R5.4). So rounds would follow each other for the sake of what changes nothing.

SHARE = 400_000


def fill_with_evidence(town: Town, nonce: int) -> list[Body]:
    junk = bytes(HEADER_BYTES - 100)
    return [Evidence(junk, bytes(64), junk, bytes(64))] * 20


def fill_with_back(town: Town, nonce: int) -> list[Body]:
    return [Back()] * 400  # from where it has not gone


def fill_with_votes(town: Town, nonce: int) -> list[Body]:
    about = town.question
    return [
        Vote(about, about, "yes" if one % 2 else "no", None) for one in range(nonce, nonce + 400)
    ]


def fill_with_questions(town: Town, nonce: int) -> list[Body]:
    title = TextRef(TextId(nonce.to_bytes(32, "big")), 20)
    return [Propose("implementation", title, (), NoAction(), WallMs(0))] * 400


def fill_with_keys(town: Town, nonce: int) -> list[Body]:
    seat = town.cluster.charter.members[town.liar]
    message = crypto.signed_message(crypto.TAG_BIND, town.cluster.charter.community_id, seat.id)
    key = DeviceKey(b"k" * 32)
    bind = AddDevice(key, FakeSigner(key).sign(message))
    return [RevokeDevice(key) if one % 2 else bind for one in range(400)]


FILLINGS = {
    one.__name__.removeprefix("fill_with_"): one
    for one in (
        fill_with_evidence,
        fill_with_back,
        fill_with_votes,
        fill_with_questions,
        fill_with_keys,
    )
}


class Filler:
    """A member that puts so many ops into each block as fit, and makes one wherever it may."""

    def __init__(self, filling: Callable[[Town, int], list[Body]]) -> None:
        charter = Cluster(4).charter
        self.town = Town(4, replace(charter, rules=replace(charter.rules, bytes_per_day=SHARE)))
        cluster = self.town.cluster
        self.town.question = cluster.propose(0)
        cluster.run(1_000)
        self._filling = filling
        self._device = cluster.devices[self.town.liar]
        self.seat = cluster.charter.members[self.town.liar].id
        del cluster.nodes[self._device]  # instead of it there is this
        self._nonce = self.town.core.state.next_nonce(self._device)

    def run(self, for_ms: int) -> None:
        for _ in range(for_ms // 10):
            self._look()
            self.town.cluster.run(10)

    def _look(self) -> None:
        town, core = self.town, self.town.core
        lace, place = core.epoch.lace, core.epoch.committee.index[self.seat]
        top = lace.quorum_round()
        if lace.highest(place) > top:
            return
        parents = [slot[0].block for one in range(4) if (slot := lace.slot(top, one))]
        last = lace.tips[place]
        if last is not None and last.round < top:
            parents.insert(0, last.block)
        parents.sort(key=lambda one: one.author != self.seat)
        block = town.make(town.liar, parents, ops=self._ops(), epoch=core.epoch.id)
        for one in range(3):
            town.cluster.tell(one, self._device, Push(blocks=(block,)))

    def _ops(self) -> tuple[Op, ...]:
        cluster, first = self.town.cluster, self._nonce
        bodies = self._filling(self.town, first)
        self._nonce += len(bodies)
        community, wall_ms = cluster.charter.community_id, WallMs(cluster.now().wall_ms)
        signer = FakeSigner(self._device)
        return tuple(
            sign_op(community, self.seat, signer, first + number, wall_ms, body)
            for number, body in enumerate(bodies)
        )

    def brought(self) -> list[int]:
        """Return the bytes of ops in each of its blocks that were saved."""
        return [
            sum(len(op.wire) for op in one.block.ops)
            for one in self.town.cluster.node(0).writes
            if isinstance(one, SaveBlock) and one.block.author == self.seat
        ]


@pytest.mark.parametrize("filling", FILLINGS)
def test_blocks_full_of_ops_bring_no_more_than_their_authors_share_allows(filling: str) -> None:
    filler = Filler(FILLINGS[filling])
    filler.run(20_000)
    brought = filler.brought()
    assert SHARE < sum(brought) < 2 * SHARE + 12 * max(brought), "and what was under way"
    cluster = filler.town.cluster
    made = len(cluster.node(0).own_blocks())
    filler.run(10_000)
    assert len(cluster.node(0).own_blocks()) == made, "nothing is due"
    for place in range(3):
        cluster.vote(place, filler.town.question)
    filler.run(2_000)
    assert cluster.outcome(0, filler.town.question) == "passed", "nobody else is held up"


# --- blocks of epochs to come -----------------------------------------------------------------


def test_blocks_of_epochs_to_come_by_one_seat_or_by_nobody_leave_room(town: Town) -> None:
    phones = town.bind(town.liar, 4)
    epoch = EpochId(b"f" * 32)
    sent = 0
    for phone in phones:
        town.call(phone)
        for _ in range(FUTURE_EPOCH_BLOCKS // 64):
            blocks = [
                town.make(town.liar, [BlockId(b"n" * 32)], round_=5, time_ms=sent + k, epoch=epoch)
                for k in range(64)
            ]
            town.tell(phone, blocks)
            sent += 64
        stranger = DeviceKey(b"s" * 32)
        made_up = town.make(town.liar, [], time_ms=sent, epoch=epoch, signer=stranger)
        town.tell(phone, [made_up])
        assert made_up.id not in town.core.sync.held.future
    assert len(town.core.sync.held.future) == FUTURE_EPOCH_BLOCKS_PER_SEAT
    honest = town.make(1, [BlockId(b"n" * 32)], round_=5, epoch=epoch)
    town.tell(2, [honest])
    assert honest.id in town.core.sync.held.future
    assert town.refused() == []
    for phone in phones:
        town.hang_up(phone)
    assert len(town.core.sync.held.future) == 1, "nothing of who hung up"


@pytest.mark.parametrize("way", ["by itself", "in blocks"])
def test_joins_of_a_member_by_made_up_invites_fill_no_pool(town: Town, way: str) -> None:
    """Whoever signs answers for it, not what it names: else each would have a share of its own."""
    node, liar = town.cluster.node(0), town.cluster.devices[town.liar]
    author = town.cluster.charter.members[town.liar].id
    joins = [
        sign_op(
            town.cluster.charter.community_id,
            author,
            FakeSigner(liar),
            number,
            WallMs(1),
            Join("guest", DeviceKey(b"%032d" % number), bytes(64)),
        )
        for number in range(1, PENDING_PER_MEMBER + 100)
    ]
    if way == "by itself":
        for join in joins:
            town.cluster.tell(0, liar, Push(ops=(join,)))
        assert {code for _, code in town.refused()} <= {"limit_rate", "limit_buffer"}
    else:
        for join in joins:
            node.core.op_intake.take_from_block(join, Round(1), liar)
    assert len(node.core.pool) <= PENDING_PER_MEMBER


# --- requests ---------------------------------------------------------------------------------


@pytest.mark.parametrize("phones", [1, 4])
def test_who_calls_again_or_with_another_device_asks_for_no_more_leaps(
    town: Town, phones: int
) -> None:
    """Each other leap is put together anew, which costs as much as many other answers."""
    keys = town.bind(town.liar, phones)
    node = town.cluster.node(0)
    before = len(node.sends)
    for turn in range(8):
        town.call(keys[turn % phones])
        for place in range(REQUESTS_PER_WINDOW // LEAP_REQUESTS):
            town.cluster.tell(0, keys[turn % phones], Leap(0, place, None, 0))
        town.hang_up(keys[turn % phones])
    served = [one for one in node.sends[before:] if isinstance(one, ServeLeap)]
    assert len(served) == REQUESTS_PER_WINDOW // LEAP_REQUESTS
    assert town.refused() == []
    town.cluster.tell(0, town.cluster.devices[1], Leap(0, 0, None, 0))
    assert isinstance(node.sends[-1], ServeLeap), "others are answered all the same"


def test_all_devices_of_a_seat_ask_as_much_as_one_may(town: Town) -> None:
    phones = town.bind(town.liar, 4)
    for phone in phones:
        town.call(phone)
    node = town.cluster.node(0)
    before = len(node.sends)
    for request in (Pull(0, (), 1), Want((bytes(32),)), Prove(0)):
        for phone in phones:
            for _ in range(REQUESTS_PER_WINDOW // 4):
                town.cluster.tell(0, phone, request)
    served = [one for one in node.sends[before:] if isinstance(one, SERVED)]
    assert len(served) == REQUESTS_PER_WINDOW
    assert town.refused() == []
    town.cluster.tell(0, town.cluster.devices[1], Pull(0, (), 1))
    assert isinstance(node.sends[-1], ServePull), "others are answered all the same"
    town.cluster.run(REQUEST_WINDOW_MS)
    town.cluster.tell(0, phones[0], Pull(0, (), 1))
    assert node.sends[-1] == ServePull(phones[0], Pull(0, (), 1))


# --- contacts ---------------------------------------------------------------------------------


def test_early_contacts_count_for_the_seat_that_tells_them(town: Town) -> None:
    phones = town.bind(town.liar, 4)
    known = Contacts(((DeviceKey(b"\x01" * 32), ADDRESSES),))
    town.cluster.tell(0, town.cluster.devices[1], known)
    for turn, phone in enumerate(phones):
        town.call(phone)
        made_up = sorted(
            DeviceKey(bytes([turn + 9]) + number.to_bytes(31, "big")) for number in range(256)
        )
        town.cluster.tell(0, phone, Contacts(tuple((one, ADDRESSES) for one in made_up)))
    held = town.core.sync.hearsay.early.held()
    assert held[town.cluster.charter.members[town.liar].id][0] == CONTACTS_EARLY_PER_SEAT
    assert held[town.cluster.charter.members[1].id][0] == 1
    for phone in phones:
        town.hang_up(phone)
    held = town.core.sync.hearsay.early.held()
    assert list(held) == [town.cluster.charter.members[1].id], "nothing of who hung up"


def test_all_of_the_buffers_full_by_liars_an_honest_orphan_still_has_its_place() -> None:
    # Beyond f, so as to fill what is bounded in all: eight seats of ten.
    town = Town(10)
    for liar in range(2, 10):
        for start in range(0, ORPHANS_PER_SEAT, 64):
            town.tell(liar, [town.orphan(liar, 10 + start + place) for place in range(64)])
    assert len(town.core.sync.held.orphans) == ORPHANS
    late = [town.orphan(1, 10 + place) for place in range(100)]
    town.tell(2, late)
    assert all(one.id in town.core.sync.held.orphans for one in late)
    assert len(town.core.sync.held.orphans) == ORPHANS
    assert town.refused() == []


@pytest.mark.parametrize(
    ("share", "whole"),
    [
        (ORPHANS_PER_SEAT, ORPHANS),
        (ORPHAN_BYTES_PER_SEAT, ORPHAN_BYTES),
        (FUTURE_EPOCH_BLOCKS_PER_SEAT, FUTURE_EPOCH_BLOCKS),
        (FUTURE_EPOCH_BYTES_PER_SEAT, FUTURE_EPOCH_BYTES),
        (CONTACTS_EARLY_PER_SEAT, CONTACTS_EARLY),
        (CONTACTS_EARLY_BYTES_PER_SEAT, CONTACTS_EARLY_BYTES),
    ],
)
def test_a_seats_share_is_a_quarter_of_each_buffer_at_most(share: int, whole: int) -> None:
    assert 4 * share <= whole


# --- every buffer -------------------------------------------------------------------------------
#
# Each of what a peer can make a node keep, or do for it: how one seat fills it from one of its
# devices, and whether what is honest still finds its place. By docs/protocol.md 7.1 and the code.


@dataclass(frozen=True)
class Buffer:
    flood: Callable[[Town, DeviceKey, int], None]  # by a device, in its n-th call
    held: Callable[[Town], int]
    most: int  # of one seat
    honest: Callable[[Town], bool]  # say something honest; whether it has its place


def flood_orphans(town: Town, phone: DeviceKey, call: int) -> None:
    town.tell(phone, [town.orphan(town.liar, 100 + 512 * call + k) for k in range(300)])


def honest_orphan(town: Town) -> bool:
    block = town.orphan(1, 10)
    town.tell(2, [block])
    return block.id in town.core.sync.held.orphans


def flood_future(town: Town, phone: DeviceKey, call: int) -> None:
    epoch, nowhere = EpochId(bytes([call]) * 32), [BlockId(b"n" * 32)]
    town.tell(
        phone, [town.make(town.liar, nowhere, round_=5, time_ms=k, epoch=epoch) for k in range(300)]
    )


def honest_future(town: Town) -> bool:
    block = town.make(1, [BlockId(b"n" * 32)], round_=5, epoch=EpochId(b"h" * 32))
    town.tell(2, [block])
    return block.id in town.core.sync.held.future


def flood_contacts(town: Town, phone: DeviceKey, call: int) -> None:
    made_up = [DeviceKey(bytes([9, call]) + number.to_bytes(30, "big")) for number in range(256)]
    contacts = Contacts(tuple((one, ADDRESSES) for one in made_up))
    town.cluster.tell(0, phone, contacts)


def honest_contact(town: Town) -> bool:
    device, teller = DeviceKey(b"\x01" * 32), town.cluster.charter.members[1].id
    town.cluster.tell(0, town.cluster.devices[1], Contacts(((device, ADDRESSES),)))
    return (teller, device) in town.core.sync.hearsay.early


def question(town: Town, device: DeviceKey, author: int, nonce: int) -> Op:
    title = TextRef(TextId(device[:16] + nonce.to_bytes(16, "big")), 20)
    return sign_op(
        town.cluster.charter.community_id,
        town.cluster.charter.members[author].id,
        FakeSigner(device),
        nonce,
        WallMs(town.cluster.now().wall_ms),
        Propose("implementation", title, (), NoAction(), WallMs(0)),
    )


def flood_ops(town: Town, phone: DeviceKey, call: int) -> None:
    for number in range(100):
        op = question(town, phone, town.liar, 1 + 100 * (call // (DEVICES - 1)) + number)
        town.cluster.tell(0, phone, Push(ops=(op,)))
        town.cluster.now_ms += 260


def honest_op(town: Town) -> bool:
    op = question(town, town.cluster.devices[1], 1, 1)
    town.cluster.tell(0, town.cluster.devices[1], Push(ops=(op,)))
    return op.id in town.core.pool and title_of(op) in town.core.sync.texts.missing


def title_of(op: Op) -> TextId:
    assert isinstance(op.body, Propose)
    return op.body.title.id


def receipts(town: Town, device: DeviceKey, first: int, count: int) -> Receipts:
    return Receipts(
        tuple(
            sign_receipt(
                town.cluster.charter.community_id,
                FakeSigner(device),
                Statement(town.core.epoch.id, first + number, bytes(32), None),
            )
            for number in range(count)
        )
    )


def flood_receipts(town: Town, phone: DeviceKey, call: int) -> None:
    node_key = town.cluster.devices[town.liar]
    town.cluster.tell(0, phone, receipts(town, node_key, 1_000 + 100 * call, 100))


def honest_receipt(town: Town) -> bool:
    device = town.cluster.devices[1]
    before = town.core.proofs.early().get(device, 0)
    town.cluster.tell(0, device, receipts(town, device, 900, 1))
    return town.core.proofs.early()[device] == before + 1


def flood_requests(town: Town, phone: DeviceKey, call: int) -> None:
    for _ in range(REQUESTS_PER_WINDOW // 4):
        town.cluster.tell(0, phone, Pull(0, (), 1))


def served(town: Town) -> int:
    """Return how often the liar's further devices were answered."""
    sends = [one for one in town.cluster.node(0).sends if isinstance(one, ServePull)]
    return sum(one.peer not in town.cluster.devices for one in sends)


def honest_request(town: Town) -> bool:
    pull = Pull(0, (), 1)
    town.cluster.tell(0, town.cluster.devices[1], pull)
    return town.cluster.node(0).sends[-1] == ServePull(town.cluster.devices[1], pull)


BUFFERS = {
    "orphans": Buffer(
        flood_orphans,
        lambda town: len(town.core.sync.held.orphans),
        ORPHANS_PER_SEAT,
        honest_orphan,
    ),
    "blocks of epochs to come": Buffer(
        flood_future,
        lambda town: len(town.core.sync.held.future),
        FUTURE_EPOCH_BLOCKS_PER_SEAT,
        honest_future,
    ),
    "early contacts": Buffer(
        flood_contacts,
        lambda town: len(town.core.sync.hearsay.early),
        CONTACTS_EARLY_PER_SEAT,
        honest_contact,
    ),
    "ops that are not final": Buffer(
        flood_ops, lambda town: len(town.core.pool), PENDING_PER_MEMBER, honest_op
    ),
    "missing texts": Buffer(
        flood_ops, lambda town: len(town.core.sync.texts.missing), PENDING_PER_MEMBER, honest_op
    ),
    "early receipts": Buffer(
        flood_receipts,
        lambda town: sum(town.core.proofs.early().values()),
        RECEIPTS_EARLY_PER_DEVICE,
        honest_receipt,
    ),
    "requests": Buffer(flood_requests, served, REQUESTS_PER_WINDOW, honest_request),
}


@pytest.mark.parametrize("name", sorted(BUFFERS))
def test_one_seat_whose_devices_come_and_go_fills_nothing_for_the_others(name: str) -> None:
    buffer, town = BUFFERS[name], Town(4)
    phones = town.bind(town.liar, DEVICES - 1)
    for turn in range(2):
        for place, phone in enumerate(phones):
            town.call(phone)
            buffer.flood(town, phone, turn * len(phones) + place)
            assert buffer.held(town) <= buffer.most
            if turn == 0 or place % 2:
                town.hang_up(phone)
    assert buffer.honest(town)
    assert not {peer for peer, _code in town.refused()} & set(town.cluster.devices[:3])
    assert not set(town.cut()) & set(town.cluster.devices[:3])


def test_texts_that_a_seat_refers_to_and_keeps_leave_room_for_those_of_others(town: Town) -> None:
    sync, liar, honest = town.core.sync, b"liar", b"honest"
    ours = [TextId(b"h" + number.to_bytes(31, "big")) for number in range(100)]
    for text in ours:
        sync.miss_text(TextRef(text, 1), None, honest)
    for number in range(2 * MISSING_TEXTS):
        ref = TextRef(TextId(b"l" + number.to_bytes(31, "big")), 1)
        sync.miss_text(ref, None, liar)
    assert all(text in sync.texts.missing for text in ours)
    assert len(sync.texts.missing) == MISSING_TEXTS
