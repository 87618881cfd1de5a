"""When a peer is dialled: wanted, not connected, not blocked, not held, backing off."""

from dataclasses import replace

import pytest
import trio

from p2pnode.net.config import NetConfig
from p2pnode.net.dialling.peer import READS_S, UNREAD_MOST_S, UNREAD_S, Peer
from p2pnode.net.dialling.remote import SAID_AGAIN_S, Remote
from p2pnode.net.dialling.tips import AGAIN_S, PLACES_OF_ONE, TELLERS, TRIES_PER_MINUTE, Tries
from p2pnode.net.seats.cpu import AT_LEAST, PENALTY_S, CpuShare
from p2pnode_protocols.wire.ids import DeviceKey
from p2pnode_protocols.wire.limits import ADDRESSES

CONFIG = NetConfig(redial_first_s=1.0, redial_most_s=8.0)
GOOD = "/ip4/192.0.2.1/tcp/4747"


@pytest.fixture
async def wanted() -> Peer:
    """A device in a community that wants it."""
    wanted = Peer(Remote(DeviceKey(b"d" * 32), CONFIG), CONFIG)
    wanted.is_wanted = True
    wanted.remote.add_addresses([GOOD])
    return wanted


@pytest.fixture
async def peer(wanted: Peer) -> Remote:
    return wanted.remote


async def test_wanted_peer_with_an_address_is_dialled_at_once(peer: Remote) -> None:
    assert peer.dial_at_s is not None
    assert peer.dial_at_s <= trio.current_time()


async def test_peer_without_address_or_wish_or_with_a_block_is_not_dialled(wanted: Peer) -> None:
    peer = wanted.remote
    wanted.is_blocked = True
    assert peer.dial_at_s is None
    wanted.is_blocked = False
    wanted.is_wanted = False
    assert peer.dial_at_s is None
    wanted.is_wanted = True
    peer.addresses.clear()
    assert peer.dial_at_s is None


async def test_back_off_doubles_up_to_its_limit_and_is_jittered(
    peer: Remote, autojump_clock: trio.abc.Clock
) -> None:
    waits: list[float] = []
    for _ in range(8):
        peer.back_off()
        assert peer.dial_at_s is not None
        waits.append(peer.dial_at_s - trio.current_time())
    for wait, most in zip(waits, [1, 2, 4, 8, 8, 8, 8, 8], strict=True):
        assert most / 2 <= wait <= most
    assert len(set(waits)) == len(waits)


async def test_new_address_ends_the_wait(peer: Remote) -> None:
    for _ in range(5):
        peer.back_off()
    peer.add_addresses(["/ip4/192.0.2.2/tcp/4747"])
    assert peer.dial_at_s == 0.0
    peer.back_off()
    assert peer.dial_at_s <= trio.current_time() + CONFIG.redial_first_s


async def test_address_already_known_does_not_end_the_wait(peer: Remote) -> None:
    peer.back_off()
    peer.add_addresses([GOOD])
    assert peer.dial_at_s is not None
    assert peer.dial_at_s > trio.current_time()


async def test_addresses_are_bounded_and_newest_first(peer: Remote) -> None:
    many = [f"/ip4/192.0.2.{n}/tcp/1" for n in range(ADDRESSES + 10)]
    peer.add_addresses(many)
    assert peer.addresses == many[:ADDRESSES]


async def test_address_that_worked_is_not_crowded_out_by_what_others_tell(peer: Remote) -> None:
    peer.prefer(GOOD)
    peer.add_addresses([f"/ip4/198.51.100.{n}/tcp/1" for n in range(3 * ADDRESSES)])
    peer.add_addresses([f"/ip4/203.0.113.{n}/tcp/1" for n in range(ADDRESSES)])
    assert GOOD in peer.addresses
    assert len(peer.addresses) == ADDRESSES


async def test_peer_sent_away_is_held_twice_as_long_each_time(
    wanted: Peer, autojump_clock: trio.abc.Clock
) -> None:
    peer = wanted.remote
    share = CpuShare(lambda: AT_LEAST)
    for factor in (1, 2, 4):
        began_s = trio.current_time()
        wanted.hold(share.find_penalty_s())
        assert wanted.is_held
        assert peer.dial_at_s == began_s + PENALTY_S * factor
        await trio.sleep(PENALTY_S * factor + 1)
        assert not wanted.is_held


class Talk:
    """A session as far as a peer's record looks at it."""

    def __init__(self, *, is_unread: bool) -> None:
        self.began_s = trio.current_time()
        self.is_unread = is_unread


async def test_who_is_cut_off_for_not_reading_stays_away_longer_each_time(
    wanted: Peer, autojump_clock: trio.abc.Clock
) -> None:
    peer, waits = wanted.remote, list[float]()
    for _ in range(14):
        wanted.session = Talk(is_unread=True)  # type: ignore[assignment]
        await trio.sleep(5)
        wanted.end_session()
        assert wanted.is_held
        began_s = trio.current_time()
        assert peer.dial_at_s is not None
        await trio.sleep(peer.dial_at_s - began_s)
        waits.append(trio.current_time() - began_s)
        assert not wanted.is_held
    assert waits[:4] == pytest.approx([UNREAD_S, 2 * UNREAD_S, 4 * UNREAD_S, 8 * UNREAD_S])
    assert waits[-1] == pytest.approx(UNREAD_MOST_S)
    wanted.session = Talk(is_unread=False)  # type: ignore[assignment]
    await trio.sleep(READS_S)
    wanted.end_session()
    assert not wanted.is_held
    wanted.session = Talk(is_unread=True)  # type: ignore[assignment]
    wanted.end_session()
    assert peer.dial_at_s == pytest.approx(trio.current_time() + UNREAD_S)


# --- what others say -----------------------------------------------------------------------------

LIAR, HONEST = b"liar", b"honest"
TRUE = "/ip4/192.0.2.99/tcp/4747"


def free(_teller: bytes) -> bool:
    return True


def lies(number: int, count: int = ADDRESSES) -> list[str]:
    return [f"/ip4/198.51.100.{number}/tcp/{port}" for port in range(1, count + 1)]


async def test_hearsay_takes_no_place_of_what_the_device_said_or_where_it_was_reached(
    peer: Remote,
) -> None:
    peer.prefer(GOOD)
    peer.add_addresses([f"/ip4/192.0.2.{n}/tcp/1" for n in range(2, ADDRESSES + 1)])
    known = list(peer.addresses)
    assert len(known) == ADDRESSES
    for n in range(50):
        peer.add_tips(LIAR, lies(n))
        assert peer.addresses == known, "these are dialled first, too"
        assert len(peer.tips.addresses) <= PLACES_OF_ONE


async def test_each_who_tells_has_places_of_its_own(
    peer: Remote, autojump_clock: trio.abc.Clock
) -> None:
    """A true new address is tried at once, and in each round, however much a liar tells."""
    await trio.sleep(1)
    peer.back_off()
    peer.add_tips(HONEST, [TRUE])
    for n in range(50):
        peer.add_tips(LIAR, lies(n))
    assert TRUE in peer.begin_dial(free)
    peer.end_dial()
    await trio.sleep(CONFIG.redial_most_s)
    assert {GOOD, TRUE} < set(peer.begin_dial(free))


async def test_news_of_others_are_tried_soon_alone_and_every_few_seconds(
    peer: Remote, autojump_clock: trio.abc.Clock
) -> None:
    await trio.sleep(1)
    peer._config = replace(CONFIG, redial_most_s=60.0)
    for _ in range(6):
        peer.back_off()
    waits_until_s = peer.dial_at_s
    peer.add_tips(HONEST, [TRUE])
    assert peer.dial_at_s is not None
    assert peer.dial_at_s <= trio.current_time()
    assert peer.begin_dial(free) == [TRUE], "the others wait for their round"
    peer.note_failure("no answer", {TRUE: "no answer"})
    assert peer.last_error is None, "why a lie does not answer is no news of the device"
    assert peer.dial_at_s == waits_until_s, "its wait is what it was"
    peer.add_tips(HONEST, [TRUE])
    assert peer.dial_at_s == waits_until_s, "that is no news any more"
    for number in range(1, 10):
        peer.add_tips(LIAR, lies(number))
        assert peer.dial_at_s == trio.current_time() + AGAIN_S


async def test_what_nobody_has_a_try_left_for_waits_its_turn(
    peer: Remote, autojump_clock: trio.abc.Clock
) -> None:
    await trio.sleep(1)
    peer.back_off()
    peer.add_tips(LIAR, lies(1))
    assert peer.begin_dial(lambda _teller: False) == []
    peer.end_dial()
    assert peer.dial_at_s is not None
    assert peer.dial_at_s > trio.current_time(), "it must not spin"
    await trio.sleep(AGAIN_S)
    assert set(peer.begin_dial(free)) == {GOOD, *lies(1, PLACES_OF_ONE)}


async def test_peer_that_only_others_tell_of_is_dialled(autojump_clock: trio.abc.Clock) -> None:
    wanted = Peer(Remote(DeviceKey(b"e" * 32), CONFIG), CONFIG)
    wanted.is_wanted = True
    peer = wanted.remote
    assert peer.dial_at_s is None
    peer.add_tips(HONEST, [TRUE])
    assert peer.dial_at_s == 0.0
    assert peer.begin_dial(free) == [TRUE]
    peer.note_failure("no answer", {TRUE: "no answer"})
    assert peer.last_error == "no answer"
    assert peer.dial_at_s is not None
    assert peer.dial_at_s > trio.current_time()


async def test_address_that_others_told_and_that_worked_stays(peer: Remote) -> None:
    peer.add_tips(HONEST, [TRUE])
    peer.prefer(TRUE)
    for n in range(100):
        peer.add_tips(HONEST, lies(n))
    assert peer.addresses == [TRUE, GOOD]


async def test_an_address_that_one_tells_after_another_stays_the_others_too(peer: Remote) -> None:
    """Else a liar takes over what is true by repeating it, and then says something else."""
    peer.add_tips(HONEST, [TRUE])
    peer.add_tips(LIAR, [TRUE])
    peer.add_tips(LIAR, lies(1))
    assert TRUE in peer.tips


async def test_its_own_news_end_the_wait_once_a_minute_only(
    peer: Remote, autojump_clock: trio.abc.Clock
) -> None:
    """Who calls, says where it is, hangs up and calls again does not make us dial without end."""
    await trio.sleep(1)
    for _ in range(5):
        peer.back_off()
    peer.add_said(lies(1, 1))
    assert peer.dial_at_s == 0.0
    for _ in range(5):
        peer.back_off()
    waits_until_s = peer.dial_at_s
    for number in range(2, 50):
        peer.add_said(lies(number, 1))
        assert peer.addresses[0] == lies(number, 1)[0]
        assert peer.dial_at_s == waits_until_s
    await trio.sleep(SAID_AGAIN_S)
    peer.add_said(lies(50, 1))
    assert peer.dial_at_s == 0.0


async def test_the_connections_for_the_words_of_one_are_counted_by_the_minute(
    autojump_clock: trio.abc.Clock,
) -> None:
    tries = Tries()
    most = 4 * TRIES_PER_MINUTE
    assert sum(tries.take(LIAR, most) for _ in range(1_000)) == most, "who is new hears of all"
    assert tries.take(HONEST, most), "another's are its own"
    for _ in range(3):
        await trio.sleep(60)
        assert sum(tries.take(LIAR, most) for _ in range(1_000)) == TRIES_PER_MINUTE
    for number in range(10 * TELLERS):
        tries.take(number.to_bytes(4, "big"), most)
        await trio.sleep(60)
    assert len(tries) <= TELLERS + 1
