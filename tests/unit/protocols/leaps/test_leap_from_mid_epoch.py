"""Who leaps from the middle of an epoch sees that the log goes on from its own: R7.17, R7.13."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.cores.dag import FakeSigner, fake_verify
from support.cores.leaping import (
    Leaping,
    Liar,
    asked,
    hello_of,
    leapt,
    make_town,
    same_state,
    store_of,
)

from p2pnode_protocols.agreement.receipts import Statement, sign_receipt
from p2pnode_protocols.gossip.leaping.carried import LeapReader, read_leap
from p2pnode_protocols.gossip.leaping.leaps import REST_MS, Leaps
from p2pnode_protocols.messages.leaps import Leap
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Tick
from p2pnode_protocols.steps.notices import Diverged
from p2pnode_protocols.steps.writes import SaveBlock, SaveCommit, SaveEpoch, SaveReceipt
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import MonoMs
from p2pnode_protocols.wire.limits import SNAPSHOT_BYTES


@pytest.fixture
def town() -> Leaping:
    """A community whose last member left after it had decided something in its epoch."""
    town = make_town()
    town.connect()
    town.run(3_000)
    town.decide()
    town.run(3_000)
    core = town.node(3).core
    assert core.final_index > core.epoch.record.genesis_index
    town.cut_the_last_off()
    town.go_on()
    town.keep_epochs = 2
    return town


def come_back(town: Leaping) -> None:
    town.cut.clear()
    town.connect()
    town.run(20_000)


def lose_log(town: Leaping, place: int, epoch: int) -> None:
    """Leave a node with no commits of an epoch, as if it had leapt there."""
    node = town.node(place)
    node.writes = [
        one
        for one in node.writes
        if not isinstance(one, SaveCommit) or one.commit.epoch_number != epoch
    ]


def test_it_asks_for_the_log_after_its_last_commit(town: Leaping) -> None:
    core = town.node(3).core
    epoch, last = core.epoch.number, core.final_index
    come_back(town)
    leap = leapt(town, 3)[-1]
    asks = [ask for peer in town.devices[:3] for ask in asked(town, 3, peer)]
    assert {ask.after for ask in asks if ask.epoch_number == epoch} == {last}
    assert leap.from_epoch == epoch
    assert same_state(town, 0, 3)


def test_commit_whose_time_is_awaited_is_leapt_over_like_any_other() -> None:
    """A round half made before a silence: its votes bear no word out, so it waits for an anchor."""
    town = make_town()
    for node in town.nodes.values():
        node.skew_ms = town.charter.created_ms  # else all time is that of the founding
    town.connect()
    town.run(3_000)
    late = town.devices[2:]
    town.cut = {frozenset((one, other)) for one in late for other in town.devices}
    said_ms = town.now(town.node(0)).wall_ms
    proposal = town.propose(0)
    town.run(3_600_000)
    town.cut.clear()
    town.connect()
    core = town.node(3).core
    while core.epoch.committer._due is None:
        assert core.state.proposal(proposal) is None, "its time was never awaited"
        town.run(1)
    town.cut_the_last_off()
    town.run(1_000)
    epoch = core.epoch.number
    assert core.epoch.committer._due is not None
    assert core.state.proposal(proposal) is None
    opened = town.node(0).core.state.proposal(proposal)
    assert opened is not None
    assert opened.opened_ms > said_ms + 3_000_000
    town.go_on()
    town.keep_epochs = 2
    come_back(town)
    assert leapt(town, 3)[-1].from_epoch == epoch
    assert core.epoch.committer._due is None
    assert core.state.proposal(proposal) == town.node(0).core.state.proposal(proposal) is not None
    assert same_state(town, 0, 3)
    town.decide()
    assert same_state(town, 0, 3)


def test_peers_that_have_it_are_found_among_those_that_do_not(town: Leaping) -> None:
    epoch = town.node(3).core.epoch.number
    for place in (0, 1):
        lose_log(town, place, epoch)
    come_back(town)
    leap = leapt(town, 3)[-1]
    assert (leap.from_epoch, leap.is_shown) == (epoch, True)
    assert same_state(town, 0, 3)


def test_who_has_it_may_come_later(town: Leaping) -> None:
    core = town.node(3).core
    before, leaps = core.final_index, len(leapt(town, 3))
    held = town.node(2).writes
    for place in range(3):
        lose_log(town, place, core.epoch.number)
    assert not core.own_chain.is_left_behind
    come_back(town)
    assert (core.final_index, len(leapt(town, 3))) == (before, leaps)
    assert core.own_chain.is_left_behind
    town.node(2).writes = held
    town.run(REST_MS)
    assert shown(town)[leaps:] == [True]
    assert not core.own_chain.is_left_behind
    assert same_state(town, 0, 3)


def shown(town: Leaping) -> list[bool]:
    return [one.is_shown for one in leapt(town, 3)]


def test_where_nobody_has_it_the_node_goes_on_after_a_while_and_says_so(town: Leaping) -> None:
    core = town.node(3).core
    leaps = len(leapt(town, 3))
    for place in range(3):
        lose_log(town, place, core.epoch.number)
    come_back(town)
    town.run(REST_MS - 30_000)
    assert shown(town)[leaps:] == []
    town.run(30_000)
    assert shown(town)[leaps:] == [False]
    assert same_state(town, 0, 3)


def test_mute_peer_that_claims_more_keeps_nobody_from_going_on(town: Leaping) -> None:
    leaps = len(leapt(town, 3))
    for place in range(3):
        lose_log(town, place, town.node(3).core.epoch.number)
    liar = Liar(town, 3)
    town.give(town.devices[3], PeerDown(liar.device))
    liar.greet(town.node(3).core.epoch.number + 1_000)
    liar.meet_the_honest()
    town.run(REST_MS + 60_000)
    assert shown(town)[leaps:] == [False]


def test_after_a_contradiction_nobody_is_asked_for_the_rest_alone(town: Leaping) -> None:
    core = town.node(3).core
    leaps, last, epoch = len(leapt(town, 3)), core.final_index, core.epoch.number
    core.ledger.final_root = core.ledger.roots[last] = b"o" * 32
    for place in (0, 1):
        lose_log(town, place, epoch)
    come_back(town)
    town.run(3 * REST_MS)
    assert town.node(3).noticed(Diverged)
    assert len(leapt(town, 3)) == leaps
    asks = [one for peer in town.devices[:3] for one in asked(town, 3, peer)]
    assert {one.after for one in asks if one.epoch_number == epoch} == {last}


def test_contradiction_is_remembered_over_a_restart(town: Leaping) -> None:
    core, late = town.node(3).core, town.devices[3]
    leaps, last, epoch = len(leapt(town, 3)), core.final_index, core.epoch.number
    core.ledger.final_root = core.ledger.roots[last] = b"o" * 32
    come_back(town)
    town.run(REST_MS)
    assert town.node(3).noticed(Diverged)
    restored = store_of(town, 3).restore(late)
    assert restored is not None
    peers, pulls = core.sync.peers, core.sync.pulls
    # What a restart forgets:
    core.leaps = Leaps(peers, pulls, core.community, fake_verify, is_allowed=True)
    core.lander.note_contradictions(restored.contradictions)
    for place in range(3):
        lose_log(town, place, epoch)
    town.give(late, Tick())
    town.run(3 * REST_MS)
    assert len(leapt(town, 3)) == leaps


def test_receipts_of_one_liar_are_no_contradiction_of_a_leap(town: Leaping) -> None:
    core, liar = town.node(3).core, town.devices[0]
    community, signer = town.charter.community_id, FakeSigner(liar)
    kept = [
        sign_receipt(community, signer, Statement(core.epoch.id, index, b"x" * 32, None))
        for index in range(core.final_index, core.final_index + 9)
    ]
    leaps = len(leapt(town, 3))
    core.lander.note_contradictions(kept)
    for place in range(3):
        lose_log(town, place, core.epoch.number)
    come_back(town)
    town.run(REST_MS)
    assert shown(town)[leaps:] == [False]


def test_what_came_to_nothing_in_one_epoch_says_nothing_of_the_next(town: Leaping) -> None:
    core = town.node(3).core
    epoch = core.epoch.number
    for place in range(3):
        lose_log(town, place, epoch)
    come_back(town)
    assert core.own_chain.is_left_behind
    leaps, now = core.leaps, MonoMs(town.now_ms)
    following = next(
        one for one in town.node(0).writes if isinstance(one, SaveEpoch) and one.number == epoch + 1
    )
    leaps.work(following, 0, following.genesis_index + 1, now)  # blocks have brought it there
    assert not leaps.is_lost(following)


def test_receipts_that_come_later_are_no_lack_of_the_log(town: Leaping) -> None:
    core, writes = town.node(3).core, {}
    leaps, end = len(leapt(town, 3)), core.epoch.id
    for place in range(3):
        writes[place] = town.node(place).writes
        town.node(place).writes = [
            one
            for one in writes[place]
            if not isinstance(one, SaveReceipt) or one.receipt.statement.epoch != end
        ]
    come_back(town)
    assert shown(town)[leaps:] == []
    for place in range(3):
        town.node(place).writes = writes[place]
    town.run(REST_MS)
    assert shown(town)[leaps:] == [True]
    assert same_state(town, 0, 3)


def test_log_that_goes_on_from_another_is_an_alarm_and_changes_nothing(town: Leaping) -> None:
    core = town.node(3).core
    last, theirs = core.final_index, core.final_root
    ours = b"o" * 32
    core.ledger.final_root = core.ledger.roots[last] = ours  # as after more lies than there may be
    before = core.state.to_bytes()
    leaps = len(leapt(town, 3))
    come_back(town)
    alarms = {(one.index, one.ours, one.theirs) for one in town.node(3).noticed(Diverged)}
    assert (last, ours, theirs) in alarms
    assert len(leapt(town, 3)) == leaps
    assert (core.final_index, core.final_root) == (last, ours)
    assert core.state.to_bytes() == before


def test_roots_from_before_a_leap_are_compared_after_it(town: Leaping) -> None:
    core = town.node(3).core
    last, root = core.final_index, core.final_root
    come_back(town)
    assert core.final_index > last
    assert core.ledger.roots[last] == root


def test_blocks_that_come_while_a_leap_is_under_way_are_asked_about_anew() -> None:
    town = make_town()
    town.connect()
    town.run(3_000)
    town.next_epoch()
    town.run(3_000)
    late, peer = town.devices[3], town.devices[0]
    core = town.node(3).core
    assert core.final_index == core.epoch.record.genesis_index, "nothing is final in it yet"
    town.cut_the_last_off()
    saved = len(town.node(0).writes)
    town.decide()
    town.run(2_000)
    new = [one.block for one in town.node(0).writes[saved:] if isinstance(one, SaveBlock)]
    town.go_on()
    town.give(late, PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    town.answer_pull(3, peer)
    first = asked(town, 3, peer)[-1]
    assert first.after is None
    town.tell(3, peer, Push(blocks=tuple(new)))
    assert core.final_index > core.epoch.record.genesis_index
    leaps = len(leapt(town, 3))
    town.tell(3, peer, store_of(town).serve_leap(first))
    town.answer_pull(3, peer)
    again = asked(town, 3, peer)[-1]
    assert again.after == core.final_index
    assert len(leapt(town, 3)) == leaps
    town.tell(3, peer, store_of(town).serve_leap(again))
    assert len(leapt(town, 3)) == leaps + 1


# --- answers of which the log is changed ------------------------------------------------------

Damage = Callable[[list[Value]], list[Value]]


def answer(town: Leaping) -> list[Value]:
    """Return what the late member is answered, with all of the log of its epoch."""
    core = town.node(3).core
    begin, closed = core.epoch.record, len(core.state.closed_proposals)
    part = store_of(town).serve_leap(Leap(begin.number, closed, begin.genesis_index, 0))
    value = decode(part.data, SNAPSHOT_BYTES)
    assert isinstance(value, list)
    return value


def read(town: Leaping, value: list[Value]) -> tuple[tuple[int, bytes], ...]:
    """Return the roots in such an answer."""
    core = town.node(3).core
    begin, held = core.epoch.record, core.state.closed_proposals
    community, after = town.charter.community_id, begin.genesis_index
    reader = LeapReader(community, begin, fake_verify)
    return reader.finish(encode(value), len(held), after).roots


def field_of_first(place: int, value: Value) -> Damage:
    def damage(log: list[Value]) -> list[Value]:
        first = log[0]
        assert isinstance(first, list)
        return [[*first[:place], value, *first[place + 1 :]], *log[1:]]

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda _log: [],
        lambda log: log[1:],
        lambda log: log[:-1],
        lambda log: [*log, log[-1]],
        lambda log: list(reversed(log)),
        lambda log: [b"no commit", *log[1:]],
        field_of_first(0, 10**6),  # its round
        field_of_first(3, 1),  # its time
        field_of_first(4, [[b"o" * 32, "ok"]]),
    ],
)
def test_log_of_which_anything_is_changed_is_refused(town: Leaping, damage: Damage) -> None:
    begin = town.node(3).core.epoch.record
    value = answer(town)
    assert read(town, value)[0] == (begin.genesis_index, begin.genesis_root)
    *others, root, log = value
    assert isinstance(log, list)
    with pytest.raises(PeerFault):
        read(town, [*others, root, damage(log)])


def test_log_after_another_root_is_refused(town: Leaping) -> None:
    *others, _root, log = answer(town)
    for root in (b"x" * 32, None):
        with pytest.raises(PeerFault):
            read(town, [*others, root, log])


def test_log_that_was_not_asked_for_is_refused(town: Leaping) -> None:
    begin = next(one for one in town.node(0).writes if isinstance(one, SaveEpoch))
    after = begin.genesis_index
    data = store_of(town).serve_leap(Leap(begin.number, 0, after, 0)).data
    with pytest.raises(PeerFault, match="asked for"):
        read_leap(town.charter.community_id, begin, (), None, data, fake_verify)
