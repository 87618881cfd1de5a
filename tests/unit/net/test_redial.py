"""When a peer is dialled: wanted, not connected, not blocked, not held, backing off."""

import pytest
import trio

from p2pnode.net.config import NetConfig
from p2pnode.net.peers import (
    FOUND,
    FOUND_AGAIN_S,
    PENALTY_S,
    READS_S,
    UNREAD_MOST_S,
    UNREAD_S,
    Peer,
)
from p2pnode_protocols.ids import DeviceKey
from p2pnode_protocols.limits import ADDRESSES

CONFIG = NetConfig(redial_first_s=1.0, redial_most_s=8.0)
GOOD = "/ip4/192.0.2.1/tcp/4747"


@pytest.fixture
async def peer() -> Peer:
    peer = Peer(DeviceKey(b"d" * 32), CONFIG)
    peer.is_wanted = True
    peer.add_addresses([GOOD])
    return peer


async def test_wanted_peer_with_an_address_is_dialled_at_once(peer: Peer) -> None:
    assert peer.dial_at_s is not None
    assert peer.dial_at_s <= trio.current_time()


async def test_peer_without_address_or_wish_or_with_a_block_is_not_dialled(peer: Peer) -> None:
    peer.is_blocked = True
    assert peer.dial_at_s is None
    peer.is_blocked = False
    peer.is_wanted = False
    assert peer.dial_at_s is None
    peer.is_wanted = True
    peer.addresses.clear()
    assert peer.dial_at_s is None


async def test_back_off_doubles_up_to_its_limit_and_is_jittered(
    peer: Peer, autojump_clock: trio.abc.Clock
) -> None:
    waits: list[float] = []
    for _ in range(8):
        peer.back_off()
        assert peer.dial_at_s is not None
        waits.append(peer.dial_at_s - trio.current_time())
    for wait, most in zip(waits, [1, 2, 4, 8, 8, 8, 8, 8], strict=True):
        assert most / 2 <= wait <= most
    assert len(set(waits)) == len(waits)


async def test_new_address_ends_the_wait(peer: Peer) -> None:
    for _ in range(5):
        peer.back_off()
    peer.add_addresses(["/ip4/192.0.2.2/tcp/4747"])
    assert peer.dial_at_s == 0.0
    peer.back_off()
    assert peer.dial_at_s <= trio.current_time() + CONFIG.redial_first_s


async def test_address_already_known_does_not_end_the_wait(peer: Peer) -> None:
    peer.back_off()
    peer.add_addresses([GOOD])
    assert peer.dial_at_s is not None
    assert peer.dial_at_s > trio.current_time()


async def test_addresses_are_bounded_and_newest_first(peer: Peer) -> None:
    many = [f"/ip4/192.0.2.{n}/tcp/1" for n in range(ADDRESSES + 10)]
    peer.add_addresses(many)
    assert peer.addresses == many[:ADDRESSES]


async def test_address_that_worked_is_not_crowded_out_by_what_others_tell(peer: Peer) -> None:
    peer.prefer(GOOD)
    peer.add_addresses([f"/ip4/198.51.100.{n}/tcp/1" for n in range(3 * ADDRESSES)])
    peer.add_addresses([f"/ip4/203.0.113.{n}/tcp/1" for n in range(ADDRESSES)])
    assert GOOD in peer.addresses
    assert len(peer.addresses) == ADDRESSES


async def test_peer_sent_away_is_held_twice_as_long_each_time(
    peer: Peer, autojump_clock: trio.abc.Clock
) -> None:
    for factor in (1, 2, 4):
        began_s = trio.current_time()
        peer.penalise()
        assert peer.is_held
        assert peer.dial_at_s == began_s + PENALTY_S * factor
        await trio.sleep(PENALTY_S * factor + 1)
        assert not peer.is_held


class Talk:
    """A session as far as a peer's record looks at it."""

    def __init__(self, *, is_unread: bool) -> None:
        self.began_s = trio.current_time()
        self.is_unread = is_unread


async def test_who_is_cut_off_for_not_reading_stays_away_longer_each_time(
    peer: Peer, autojump_clock: trio.abc.Clock
) -> None:
    waits: list[float] = []
    for _ in range(14):
        peer.session = Talk(is_unread=True)  # type: ignore[assignment]
        await trio.sleep(5)
        peer.end_session()
        assert peer.is_held
        began_s = trio.current_time()
        assert peer.dial_at_s is not None
        await trio.sleep(peer.dial_at_s - began_s)
        waits.append(trio.current_time() - began_s)
        assert not peer.is_held
    assert waits[:4] == pytest.approx([UNREAD_S, 2 * UNREAD_S, 4 * UNREAD_S, 8 * UNREAD_S])
    assert waits[-1] == pytest.approx(UNREAD_MOST_S)
    peer.session = Talk(is_unread=False)  # type: ignore[assignment]
    await trio.sleep(READS_S)
    peer.end_session()
    assert not peer.is_held
    peer.session = Talk(is_unread=True)  # type: ignore[assignment]
    peer.end_session()
    assert peer.dial_at_s == pytest.approx(trio.current_time() + UNREAD_S)


async def test_addresses_that_anyone_may_have_made_up_crowd_out_each_other_only(
    peer: Peer, autojump_clock: trio.abc.Clock
) -> None:
    told = [GOOD, *(f"/ip4/192.0.2.{n}/tcp/1" for n in range(2, ADDRESSES - FOUND + 1))]
    peer.add_addresses(told)
    for n in range(50):
        peer.add_found([f"/ip4/198.51.100.{n}/tcp/{port}" for port in range(1, 30)])
        assert set(told) <= set(peer.addresses)
        assert peer.addresses[0] == f"/ip4/198.51.100.{n}/tcp/1"
        assert len(peer.addresses) <= ADDRESSES


async def test_address_that_was_found_and_worked_stays(
    peer: Peer, autojump_clock: trio.abc.Clock
) -> None:
    found = "/ip4/198.51.100.1/tcp/7"
    peer.add_found([found])
    peer.prefer(found)
    for port in range(100):
        peer.add_found([f"/ip4/203.0.113.1/tcp/{port}"])
    assert found in peer.addresses


async def test_news_of_the_local_network_ends_the_wait_every_few_seconds_only(
    peer: Peer, autojump_clock: trio.abc.Clock
) -> None:
    await trio.sleep(1)
    for _ in range(5):
        peer.back_off()
    peer.add_found(["/ip4/198.51.100.1/tcp/1"])
    assert peer.dial_at_s == 0.0
    for _ in range(5):
        peer.back_off()
    waits_until_s = peer.dial_at_s
    for port in range(2, 100):
        peer.add_found([f"/ip4/198.51.100.1/tcp/{port}"])
        assert peer.dial_at_s == waits_until_s
    await trio.sleep(FOUND_AGAIN_S)
    peer.add_found(["/ip4/198.51.100.2/tcp/1"])
    assert peer.dial_at_s == 0.0
