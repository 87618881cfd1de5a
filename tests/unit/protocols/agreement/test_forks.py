"""How many forks come in for whose sake: R2.19."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2pnode_protocols.gossip.shares.forks import FORK_EVERY_MS, ForkPaces, Sake
from p2pnode_protocols.wire.ids import MemberId, MonoMs
from p2pnode_protocols.wire.limits import BLOCK_BYTES, FORK_BYTES_PER_SEAT

BOB, CAROL = MemberId(b"b" * 32), MemberId(b"c" * 32)


def test_beyond_all_bounds_each_seat_may_bring_one_a_second() -> None:
    paces = ForkPaces()
    assert paces.may_exceed(BOB, Sake.NAMER, 1, MonoMs(0))
    assert not paces.may_exceed(BOB, Sake.NAMER, 1, MonoMs(FORK_EVERY_MS - 1))
    assert paces.may_exceed(CAROL, Sake.NAMER, 1, MonoMs(FORK_EVERY_MS - 1))
    assert paces.may_exceed(BOB, Sake.OWN, 1, MonoMs(FORK_EVERY_MS - 1)), "a pace of its own"
    assert paces.may_exceed(BOB, Sake.NAMER, 1, MonoMs(FORK_EVERY_MS))


def test_what_a_seat_names_takes_nothing_of_what_it_has_for_its_own() -> None:
    paces = ForkPaces()
    assert paces.has_bytes(BOB, Sake.NAMER, FORK_BYTES_PER_SEAT)
    assert not paces.has_bytes(BOB, Sake.NAMER, 1)
    assert paces.has_bytes(BOB, Sake.OWN, FORK_BYTES_PER_SEAT)
    assert paces.held() == {BOB: 2 * FORK_BYTES_PER_SEAT}


@given(
    st.lists(
        st.tuples(
            st.sampled_from((BOB, CAROL)),
            st.sampled_from(tuple(Sake)),
            st.integers(1, BLOCK_BYTES),
            st.integers(0, 2_000),
        ),
        max_size=100,
    )
)
def test_no_seat_ever_has_more_than_its_bytes_and_a_block_a_second_of_each_kind(
    asked: list[tuple[MemberId, Sake, int, int]],
) -> None:
    paces, now, came = ForkPaces(), 0, {BOB: 0, CAROL: 0}
    for seat, sake, size, pause in asked:
        now += pause
        if paces.has_bytes(seat, sake, size) or paces.may_exceed(seat, sake, size, MonoMs(now)):
            came[seat] += size
    extra = len(Sake) * (1 + now // FORK_EVERY_MS) * BLOCK_BYTES
    assert all(size <= 2 * FORK_BYTES_PER_SEAT + extra for size in came.values())
    assert {seat: size for seat, size in came.items() if size} == paces.held()
