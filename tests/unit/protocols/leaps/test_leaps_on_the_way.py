"""Of more links than one leap holds, one leap leads on from where another ended: R7.17."""

from __future__ import annotations

import hashlib

import pytest
from support.cores.leaping import (
    Leaping,
    LinkByLink,
    asked,
    hello_of,
    leapt,
    make_town,
    same_state,
    store_of,
)

from p2pnode_protocols.gossip.leaping.leaps import PART_TIMEOUT_MS
from p2pnode_protocols.messages.leaps import Leapt
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp
from p2pnode_protocols.steps.notices import Diverged, PeerRefused
from p2pnode_protocols.wire.codec import decode, encode
from p2pnode_protocols.wire.ids import DeviceKey, MonoMs
from p2pnode_protocols.wire.limits import SNAPSHOT_BYTES


@pytest.fixture
def town() -> Leaping:
    """A community of which the last member knows nothing yet."""
    return make_town(LinkByLink)


def all_asked(town: Leaping) -> list[int]:
    """Return the epochs from which the last member asked for leaps, each once."""
    asks = [one.epoch_number for peer in town.devices[:3] for one in asked(town, 3, peer)]
    return sorted(set(asks))


def begin_leap(town: Leaping) -> DeviceKey:
    """Let the last member take one link of a peer, who is asked for the next."""
    peer = town.devices[0]
    town.cut_the_last_off()
    town.give(town.devices[3], PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    answer(town, peer)
    assert asked(town, 3, peer)[-1].epoch_number == 1
    return peer


def answer(town: Leaping, peer: DeviceKey) -> None:
    """Answer the last leap that was asked for truly."""
    town.tell(3, peer, store_of(town).serve_leap(asked(town, 3, peer)[-1]))


def meet(town: Leaping, *peers: DeviceKey) -> None:
    late = town.devices[3]
    town.cut = {one for one in town.cut if not any(peer in one for peer in peers)}
    for peer in peers:
        town.give(peer, PeerUp(late))
        town.give(late, PeerUp(peer))


def refused(town: Leaping) -> list[str]:
    return [one.code for one in town.node(3).notices if isinstance(one, PeerRefused)]


def test_a_newcomer_goes_from_leap_to_leap_and_lands_once(town: Leaping) -> None:
    town.connect()
    town.run(60_000)
    (leap,) = leapt(town, 3)
    assert (leap.from_epoch, leap.is_shown) == (0, True)
    assert all_asked(town) == list(range(leap.to_epoch))
    assert same_state(town, 0, 3)
    assert refused(town) == []


def test_a_newcomer_pulls_no_blocks_while_the_next_leap_waits_only_for_its_pace(
    town: Leaping,
) -> None:
    """Blocks of the first epoch would lead it away from where the leap has led."""
    late, peer = town.devices[3], town.devices[0]
    town.cut_the_last_off()
    town.give(late, PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    town.node(3).core.leaps.recalls.count(peer, MonoMs(town.now_ms), weight=100)
    answer(town, peer)
    assert [one.epoch_number for one in asked(town, 3, peer)] == [0], "it has been asked enough"
    town.run(2_000)
    assert town.pulls_of(3, peer) == []
    town.run(4_500)
    assert asked(town, 3, peer)[-1].epoch_number == 1
    assert town.pulls_of(3, peer) == []
    town.run(PART_TIMEOUT_MS)
    assert town.pulls_of(3, peer), "it does not lead on: then blocks do"


def test_the_next_peer_leads_on_from_where_one_fell_silent(town: Leaping) -> None:
    peer = begin_leap(town)
    meet(town, *town.devices[1:3])
    town.run(PART_TIMEOUT_MS + 60_000)
    assert len(leapt(town, 3)) == 1
    assert same_state(town, 1, 3)
    later = [one.epoch_number for one in asked(town, 3, town.devices[1])]
    later += [one.epoch_number for one in asked(town, 3, town.devices[2])]
    assert min(later) == 1
    assert len([one for one in asked(town, 3, peer) if one.epoch_number == 0]) == 1


def test_a_link_that_does_not_lead_on_is_refused_and_the_way_stays(town: Leaping) -> None:
    peer = begin_leap(town)
    first = store_of(town).serve_leap(asked(town, 3, peer)[0]).data
    part = Leapt(1, hashlib.sha256(first).digest(), len(first), 0, first)
    town.tell(3, peer, part)
    assert refused(town) == ["bad_proof"]
    meet(town, *town.devices[1:3])
    town.run(60_000)
    assert all(one.epoch_number > 0 for one in asked(town, 3, town.devices[1]))
    assert same_state(town, 1, 3)


@pytest.mark.parametrize("damage", ["snapshot", "piece", "root", "more"])
def test_a_way_with_anything_after_its_links_is_refused(town: Leaping, damage: str) -> None:
    peer = begin_leap(town)
    truth = decode(store_of(town).serve_leap(asked(town, 3, peer)[-1]).data, SNAPSHOT_BYTES)
    assert isinstance(truth, list)
    links, snapshot, piece, root, log = truth
    assert (snapshot, piece, root, log) == (None, None, None, [])
    data = {
        "snapshot": encode([links, b"", piece, root, log]),
        "piece": encode([links, snapshot, [bytes(32), []], root, log]),
        "root": encode([links, snapshot, piece, bytes(32), log]),
        "more": encode(truth) + b"\xc0",
    }[damage]
    town.tell(3, peer, Leapt(1, hashlib.sha256(data).digest(), len(data), 0, data))
    assert len(refused(town)) == 1
    assert leapt(town, 3) == []


def test_who_hangs_up_on_the_way_and_comes_back_leads_on(town: Leaping) -> None:
    peer = begin_leap(town)
    town.keep_epochs = 1  # else it goes on with blocks
    town.give(town.devices[3], PeerDown(peer))
    meet(town, peer)
    town.run(60_000)
    assert len(leapt(town, 3)) == 1
    assert [one.epoch_number for one in asked(town, 3, peer)].count(0) == 1


def leave_in_mid_epoch() -> Leaping:
    """Return a community whose last member left after it had decided something in its epoch."""
    town = make_town(LinkByLink)
    town.connect()
    town.run(30_000)
    town.decide()
    town.run(3_000)
    assert same_state(town, 0, 3)
    town.cut_the_last_off()
    town.go_on()
    town.keep_epochs = 2
    return town


def test_from_the_middle_of_an_epoch_the_log_comes_with_the_first_link() -> None:
    town = leave_in_mid_epoch()
    core = town.node(3).core
    epoch, last, leaps = core.epoch.number, core.final_index, len(leapt(town, 3))
    town.cut.clear()
    town.connect()
    town.run(60_000)
    (leap,) = leapt(town, 3)[leaps:]
    assert (leap.from_epoch, leap.is_shown) == (epoch, True)
    asks = [one for peer in town.devices[:3] for one in asked(town, 3, peer)]
    assert {one.after for one in asks if one.epoch_number == epoch} == {last}
    assert {one.after for one in asks if one.epoch_number > epoch} == {None}
    assert same_state(town, 0, 3)


def test_a_way_that_leads_elsewhere_is_an_alarm() -> None:
    town = leave_in_mid_epoch()
    core = town.node(3).core
    leaps, last = len(leapt(town, 3)), core.final_index
    core.ledger.final_root = core.ledger.roots[last] = (
        b"o" * 32
    )  # as after more lies than there may be
    before = core.state.to_bytes()
    town.cut.clear()
    town.connect()
    town.run(60_000)
    assert town.node(3).noticed(Diverged)
    assert len(leapt(town, 3)) == leaps
    assert core.state.to_bytes() == before


def test_commits_that_come_on_the_way_are_compared_with_the_log_that_was_shown() -> None:
    town = leave_in_mid_epoch()
    core, leaps = town.node(3).core, len(leapt(town, 3))
    last, before = core.final_index, core.state.to_bytes()
    town.cut.clear()
    town.connect()
    while core.leaps._reaching is None:
        town.run(1)
    assert not town.node(3).noticed(Diverged)
    core.ledger.roots[last + 1] = b"o" * 32  # as after more lies than there may be
    town.run(60_000)
    assert last + 1 in {one.index for one in town.node(3).noticed(Diverged)}
    assert len(leapt(town, 3)) == leaps
    assert core.state.to_bytes() == before
