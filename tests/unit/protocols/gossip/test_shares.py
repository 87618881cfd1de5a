"""What others make a node keep: a share for each seat, the largest holder gives way (R7.19)."""

from __future__ import annotations

from random import Random

from p2pnode_protocols.gossip.shares.shares import Limits, Shares
from p2pnode_protocols.wire.ids import DeviceKey

ALICE, BOB, CAROL = b"alice", b"bob", b"carol"
PEER, OTHER = DeviceKey(b"p" * 32), DeviceKey(b"q" * 32)


def put(
    shares: Shares[str, str],
    key: str,
    seat: bytes,
    *,
    size: int = 1,
    rank: int = 0,
    carrier: DeviceKey = PEER,
) -> list[str]:
    return shares.put(key, key, seat=seat, size=size, rank=rank, carrier=carrier)


def test_a_seat_that_is_over_its_share_loses_its_own_highest_rank() -> None:
    shares: Shares[str, str] = Shares(Limits(2, 100, 10, 1_000))
    assert put(shares, "b2", BOB, rank=2) == []
    assert put(shares, "b3", BOB, rank=3) == []
    assert put(shares, "a9", ALICE, rank=9) == []
    assert put(shares, "b1", BOB, rank=1) == ["b3"]
    assert put(shares, "b8", BOB, rank=8) == ["b8"]
    assert sorted(shares) == ["a9", "b1", "b2"]


def test_of_equal_ranks_the_newest_gives_way() -> None:
    shares: Shares[str, str] = Shares(Limits(2, 100, 10, 1_000))
    assert [put(shares, key, BOB) for key in "abc"] == [[], [], ["c"]]


def test_when_all_is_full_the_seat_that_holds_most_gives_way() -> None:
    shares: Shares[str, str] = Shares(Limits(10, 100, 4, 1_000))
    for number in range(4):
        put(shares, f"b{number}", BOB)
    assert put(shares, "a0", ALICE) == ["b3"]
    assert put(shares, "b4", BOB) == ["b4"]
    assert put(shares, "a1", ALICE) == ["b2"]


def test_memory_counts_as_numbers_do() -> None:
    shares: Shares[str, str] = Shares(Limits(10, 50, 10, 60))
    put(shares, "b0", BOB, size=30)
    assert put(shares, "b1", BOB, size=30) == ["b1"]
    put(shares, "a0", ALICE, size=5)
    assert put(shares, "c0", CAROL, size=29) == ["b0"], "bob had most"
    assert shares.size == 34
    assert put(shares, "c1", CAROL, size=51) == ["c1"], "more than any share"


def test_what_only_one_brought_who_has_gone_is_named_and_stays_till_it_is_removed() -> None:
    shares: Shares[str, str] = Shares(Limits(10, 100, 10, 1_000))
    put(shares, "low", BOB, rank=1)
    put(shares, "high", BOB, rank=2)
    put(shares, "both", BOB)
    put(shares, "both", BOB, carrier=OTHER)
    assert shares.lost(PEER) == ["high", "low"]
    assert sorted(shares) == ["both", "high", "low"]
    assert shares.lost(PEER) == []
    assert shares.lost(OTHER) == ["both"]
    assert shares.remove("both") == "both"


def test_whatever_one_seat_does_the_others_keep_what_is_theirs() -> None:
    # Drawn at random: others hold less than an even part each, and never lose any of it.
    for seed in range(200):
        rng = Random(seed)
        seats = [b"%d" % number for number in range(rng.randint(1, 6))]
        part = rng.randint(2, 8)
        everyone = len(seats) + 1
        limits = Limits(
            part * everyone, part * everyone * 10, part * everyone, 10 * part * everyone
        )
        shares: Shares[str, str] = Shares(limits)
        kept: dict[str, bytes] = {}
        for number in range(300):
            seat = rng.choice(seats)
            if rng.random() < 0.2 and list(kept.values()).count(seat) < part:
                kept[f"k{number}"] = seat
                assert f"k{number}" not in put(shares, f"k{number}", seat, size=rng.randint(1, 10))
            else:
                put(shares, f"x{number}", b"liar", size=rng.randint(1, 40), rank=rng.randint(0, 9))
            assert all(key in shares for key in kept)
            assert len(shares) <= limits.all
            assert shares.size <= limits.all_bytes
