"""Closed proposals come after a leap piece by piece, each proved as it comes: R7.22."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import pytest
from support.cores.dag import fake_verify
from support.cores.leaping import (
    Leaping,
    OneByOne,
    asked,
    hello_of,
    leapt,
    make_town,
    recalled,
    same_state,
    store_of,
)

from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.gossip.leaping.carried import LeapReader
from p2pnode_protocols.gossip.leaping.pieces import Run, write_piece
from p2pnode_protocols.gossip.leaping.recalls import AGAIN_FIRST_MS, PACE_MS, PART_TIMEOUT_MS
from p2pnode_protocols.gossip.peers.peer import REQUEST_WINDOW_MS, REQUESTS_PER_WINDOW
from p2pnode_protocols.messages.leaps import Recall, Recalled
from p2pnode_protocols.record.questions.proposal import RECORD_BYTES
from p2pnode_protocols.record.questions.register import Closed, extend_closed_hash
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp
from p2pnode_protocols.steps.notices import Diverged, PeerRefused
from p2pnode_protocols.steps.sends import ServeRecall
from p2pnode_protocols.wire.codec import Scroll, Value, decode, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import DeviceKey, MonoMs, OpId, WallMs
from p2pnode_protocols.wire.limits import PULL_BYTES, RECALL_BYTES, RECALLED_BYTES


@pytest.fixture
def town() -> Leaping:
    """A community of which the last member knows nothing yet; with the leap comes one record."""
    return make_town(OneByOne)


def closed_of(town: Leaping, place: int = 0) -> tuple[Closed, ...]:
    return town.node(place).core.state.closed_proposals


def begin_leap(town: Leaping) -> DeviceKey:
    """Let the last member leap by a peer's answer; return that peer, who is asked for the rest."""
    late, peer = town.devices[3], town.devices[0]
    town.cut_the_last_off()
    town.give(late, PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    (leap,) = asked(town, 3, peer)
    town.tell(3, peer, store_of(town).serve_leap(leap))
    assert leapt(town, 3) == []
    return peer


def answer(town: Leaping, peer: DeviceKey) -> None:
    """Answer the last recall of the last member truly."""
    town.tell(3, peer, store_of(town).serve_recall(recalled(town, 3, peer)[-1]))


def answer_all(town: Leaping, peer: DeviceKey) -> None:
    for _ in closed_of(town):
        if not leapt(town, 3):
            answer(town, peer)
    assert len(leapt(town, 3)) == 1


def refused(town: Leaping) -> list[str]:
    return [one.code for one in town.node(3).notices if isinstance(one, PeerRefused)]


def test_a_newcomer_takes_history_in_pieces_from_the_last_back(town: Leaping) -> None:
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 1
    assert same_state(town, 0, 3)
    count = len(closed_of(town))
    begun = next(one for one in recalled(town, 3))
    assert [one.until for one in recalled(town, 3)] == list(range(begun.until, 0, -1))
    assert 3 <= begun.until < count
    assert refused(town) == []


def test_each_piece_is_proved_as_it_comes_and_the_last_one_lands(town: Leaping) -> None:
    peer = begin_leap(town)
    while not leapt(town, 3):
        before = recalled(town, 3)[-1]
        answer(town, peer)
        assert recalled(town, 3)[-1].until < before.until or leapt(town, 3)
    assert recalled(town, 3)[-1].until == 1
    assert (
        same_state(town, 0, 3) or closed_of(town, 3) == closed_of(town)[: len(closed_of(town, 3))]
    )


Forge = Callable[[list[tuple[bytes, bytes | None]], bytes], Value]


@pytest.mark.parametrize(
    "forge",
    [
        lambda records, chain: [bytes(32), records],
        lambda records, chain: [chain, [*records, *records]],
        lambda records, chain: [chain, []],
        lambda records, chain: [chain, [[records[0][0] + b"x", None]]],
        lambda records, chain: [chain, [[records[0][0].replace(b"passed", b"lapsed"), None]]],
        lambda records, chain: [chain, [[records[0][0], b"x" * 32]]],
        lambda records, chain: [chain, [[records[0][0]]]],
        lambda records, chain: [chain, [records[0][0]]],
        lambda records, chain: [chain, records, None],
        lambda records, chain: [chain],
        lambda records, chain: records,
        lambda records, chain: [chain, records[0]],
        lambda records, chain: [chain[1:], records],
        lambda records, chain: [chain, [None]],
    ],
)
def test_a_wrong_piece_is_refused_and_another_peer_asked(town: Leaping, forge: Forge) -> None:
    peer = begin_leap(town)
    answer(town, peer)
    recall = recalled(town, 3)[-1]
    truth = decode(store_of(town).serve_recall(recall).data, RECALLED_BYTES)
    assert isinstance(truth, list)
    chain, records = truth
    data = encode(forge(records, chain))
    before = len(town.node(3).writes)
    town.tell(3, peer, Recalled(recall.until, len(data), 0, data))
    assert len(refused(town)) == 1
    assert len(town.node(3).writes) == before, "nothing is taken over"
    other = town.devices[1]
    town.cut.clear()
    for one in town.devices[1:3]:
        town.give(one, PeerUp(town.devices[3]))
        town.give(town.devices[3], PeerUp(one))
    town.run(3_000)
    assert recalled(town, 3, other) or recalled(town, 3, town.devices[2])
    assert max(one.until for one in recalled(town, 3)[2:]) <= recall.until, "it goes on from there"
    assert len(leapt(town, 3)) == 1
    assert same_state(town, 0, 3)


def test_who_falls_silent_is_given_up_and_nothing_is_lost(town: Leaping) -> None:
    peer = begin_leap(town)
    answer(town, peer)
    reached = recalled(town, 3)[-1].until
    town.cut.clear()
    town.cut = {frozenset((peer, one)) for one in town.devices}
    for one in town.devices[1:3]:
        town.give(one, PeerUp(town.devices[3]))
        town.give(town.devices[3], PeerUp(one))
    town.run(PART_TIMEOUT_MS + 3_000)
    assert len(leapt(town, 3)) == 1
    later = [one.until for one in recalled(town, 3) if one.until < reached]
    assert sorted(later, reverse=True) == later == list(range(reached - 1, 0, -1))


@pytest.mark.parametrize("is_told", [True, False])
def test_who_has_none_is_asked_again_after_a_while(town: Leaping, is_told: bool) -> None:
    peer = begin_leap(town)
    recall = recalled(town, 3)[-1]
    if is_told:
        town.tell(3, peer, Recalled(recall.until, 0, 0, b""))
    since = town.now_ms
    while len(recalled(town, 3)) < 2:
        town.run(1_000)
    waited = town.now_ms - since
    assert AGAIN_FIRST_MS <= waited <= AGAIN_FIRST_MS + PART_TIMEOUT_MS + 1_000
    assert refused(town) == []
    answer(town, peer)
    assert recalled(town, 3)[-1].until == recall.until - 1


def test_who_hangs_up_and_comes_back_goes_on(town: Leaping) -> None:
    peer = begin_leap(town)
    answer(town, peer)
    reached = recalled(town, 3)[-1].until
    town.give(town.devices[3], PeerDown(peer))
    town.give(town.devices[3], PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    assert recalled(town, 3)[-1].until == reached
    answer_all(town, peer)
    assert len(asked(town, 3, peer)) == 1


def test_one_who_is_not_so_far_is_not_asked(town: Leaping) -> None:
    peer = begin_leap(town)
    town.give(town.devices[3], PeerDown(peer))
    hello = hello_of(town)
    assert hello.status is not None
    behind = replace(hello, status=replace(hello.status, epoch_number=1))
    before = len(recalled(town, 3))
    town.give(town.devices[3], PeerUp(peer))
    town.tell(3, peer, behind)
    assert len(recalled(town, 3)) == before


def test_a_late_answer_and_one_to_nothing_change_nothing(town: Leaping) -> None:
    peer = begin_leap(town)
    first = recalled(town, 3)[-1]
    answer(town, peer)
    count = len(recalled(town, 3))
    town.tell(3, peer, store_of(town).serve_recall(first))
    stranger = town.devices[1]
    town.give(town.devices[3], PeerUp(stranger))
    town.tell(3, stranger, hello_of(town))
    town.tell(3, stranger, store_of(town).serve_recall(recalled(town, 3)[-1]))
    assert len(recalled(town, 3)) == count
    assert refused(town) == []


# --- one piece -------------------------------------------------------------------------------


def some_closed(town: Leaping) -> tuple[list[Closed], Run]:
    """Return closed proposals, each other one of which says something to outsiders."""
    closed: list[Closed] = []
    chain = bytes(32)
    for one in closed_of(town):
        said = bytes([one.place]) * 32 if one.place % 2 else None
        chain = extend_closed_hash(chain, one.record, said)
        closed.append(replace(one, chain=chain, said=said))
    return closed, Run.begin(len(closed), chain)


def take(run: Run, piece: Value, held: int, least: int = 1) -> None:
    scroll = Scroll(encode(piece), RECALLED_BYTES, "piece")
    run.take(scroll, held, least)
    scroll.end()


@pytest.mark.parametrize("least", [1, 500, 700, 1_000, RECALL_BYTES])
@pytest.mark.parametrize("held", [0, 1, 3])
def test_pieces_of_any_size_make_up_the_whole(town: Leaping, held: int, least: int) -> None:
    closed, run = some_closed(town)
    while run.before > held:
        piece = write_piece(reversed(closed[: run.before]), held, least)
        take(run, piece, held, least)
    assert list(run.closed) == closed[held:]
    assert run.chain == (closed[held - 1].chain if held else bytes(32))


def test_a_piece_smaller_than_was_asked_for_is_refused_unless_it_is_the_rest(
    town: Leaping,
) -> None:
    # Who gives one record at a time would make a long history as slow as it likes.
    closed, run = some_closed(town)
    size = len(closed[-1].record)
    with pytest.raises(PeerFault, match="asked for"):
        take(run, write_piece(reversed(closed), 0, 1), 0, size + 1)
    assert run.before == len(closed)
    take(run, write_piece(reversed(closed), 0, 1), 0, size)
    take(run, write_piece(reversed(closed[:-1]), 0, RECALL_BYTES), 0, RECALL_BYTES)
    assert run.before == 0


@pytest.mark.parametrize("said", [None, b"x" * 32, b"x" * 31, b""])
def test_what_a_closed_proposal_says_to_outsiders_is_proved_with_it(
    town: Leaping, said: bytes | None
) -> None:
    closed, run = some_closed(town)
    place = next(at for at, one in enumerate(closed) if one.said is not None)
    closed[place] = replace(closed[place], said=said)
    with pytest.raises(PeerFault):
        take(run, write_piece(reversed(closed), 0, RECALL_BYTES), 0, RECALL_BYTES)
    assert run.closed == ()


def test_nothing_of_a_piece_is_decoded_before_it_is_proved(town: Leaping) -> None:
    _closed, run = some_closed(town)
    filler = encode([[[]] * 1_000] * 500)[: RECORD_BYTES - 10]
    tracemalloc.start()
    with pytest.raises(PeerFault):
        take(run, [bytes(32), [[filler, None]]], 0)
    with pytest.raises(PeerFault):
        take(run, [bytes(32), [[[[]] * 1_000] * 500]], 0)
    with pytest.raises(PeerFault):
        take(run, [bytes(32), [[[[]] * 1_000, None]]], 0)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * len(filler), "a few copies"


def test_the_largest_record_fits_into_a_piece() -> None:
    at = WallMs(0)
    largest = Closed(
        2, OpId(bytes(32)), 2, "passed", at, at, bytes(RECORD_BYTES), bytes(32), bytes(32)
    )
    before = replace(largest, place=3, record=bytes(RECALL_BYTES - 1))
    assert len(encode(write_piece([before, largest], 0, RECALL_BYTES))) <= RECALLED_BYTES


def test_a_piece_in_parts_is_put_together(town: Leaping) -> None:
    # A record larger than a part: the answer is asked for part by part.
    peer = begin_leap(town)
    recall = recalled(town, 3)[-1]
    filler = bytes(PULL_BYTES + 5)
    data = encode([bytes(32), [[filler, None]]])
    town.tell(3, peer, Recalled(recall.until, len(data), 0, data[:PULL_BYTES]))
    more = recalled(town, 3)[-1]
    assert more == replace(recall, offset=PULL_BYTES)
    town.tell(3, peer, Recalled(recall.until, len(data), PULL_BYTES, data[PULL_BYTES:]))
    assert refused(town) == ["bad_proof"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda part: replace(part, offset=1),
        lambda part: replace(part, data=part.data[:-1]),
        lambda part: replace(part, total=part.total + 1),
        lambda part: replace(part, total=RECALLED_BYTES + 1),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    town: Leaping, damage: Callable[[Recalled], Recalled]
) -> None:
    peer = begin_leap(town)
    truth = store_of(town).serve_recall(recalled(town, 3)[-1])
    town.tell(3, peer, damage(truth))
    assert refused(town) == ["bad_proof"]


# --- meanwhile -------------------------------------------------------------------------------


def test_what_has_come_is_kept_when_the_leap_comes_to_nothing(town: Leaping) -> None:
    peer = begin_leap(town)
    answer(town, peer)
    reached = recalled(town, 3)[-1].until
    leaps = town.node(3).core.leaps
    leaps.end_reaching()
    begin = found_epoch(town.charter)
    data = store_of(town).serve_leap(asked(town, 3, peer)[0]).data
    again = LeapReader(town.charter.community_id, begin, fake_verify).finish(data, 0, None)
    assert again.run.before > reached
    leaps.recalls.begin(again.run, 0, again.passed[-1].number)
    assert again.run.before == reached


def test_proposals_that_close_meanwhile_come_with_blocks(town: Leaping) -> None:
    peer = begin_leap(town)
    town.decide()
    town.run(2_000)
    answer_all(town, peer)
    town.cut.clear()
    town.connect()
    town.run(5_000)
    assert same_state(town, 0, 3)


def test_closed_proposals_other_than_ours_are_an_alarm_and_change_nothing() -> None:
    town = make_town(OneByOne)
    town.connect()
    town.run(5_000)
    town.decide()
    town.run(3_000)
    core = town.node(3).core
    town.cut_the_last_off()
    town.go_on()
    town.keep_epochs = 2
    last = core.state.closed_proposals[-1]
    other = replace(last, chain=b"o" * 32)  # as after more lies than there may be
    core.state._holds.register._table._closed[last.number] = other
    core.state._holds.register._table._closed_hash = other.chain
    before, leaps = core.state.to_bytes(), len(leapt(town, 3))
    town.cut.clear()
    town.connect()
    town.run(30_000)
    assert town.node(3).noticed(Diverged)
    assert len(leapt(town, 3)) == leaps
    assert core.state.to_bytes() == before


def test_one_peer_is_asked_no_more_than_it_answers(town: Leaping) -> None:
    peer = begin_leap(town)
    recalls = town.node(3).core.leaps.recalls
    at: list[int] = []
    now = town.now_ms
    while len(at) < 1_000:
        recalls._asked = None
        count = len(town.node(3).core.sync.peers.sends)
        recalls.work(MonoMs(now))
        if len(town.node(3).core.sync.peers.sends) > count:
            at.append(now)
        else:
            now += 1
    most = max(sum(one <= other < one + REQUEST_WINDOW_MS for other in at) for one in at)
    assert most <= REQUESTS_PER_WINDOW // 2 + 2
    assert most >= REQUEST_WINDOW_MS // PACE_MS
    assert peer in town.devices


def test_every_recall_counts_as_a_request(town: Leaping) -> None:
    many = [Recall(0, 1, 1, 0)] * (REQUESTS_PER_WINDOW + 10)
    steps = [town.tell(0, town.devices[1], one) for one in many]
    served = sum(isinstance(one, ServeRecall) for step in steps for one in step.sends)
    assert served == REQUESTS_PER_WINDOW
    codes = [one.code for one in town.node(0).notices if isinstance(one, PeerRefused)]
    assert set(codes) == {"limit_rate"}
