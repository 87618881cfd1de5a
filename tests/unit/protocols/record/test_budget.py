"""A member's bytes a day, and the texts that nobody needs any more: R10.24."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sim.memory_store import MemoryStore
from support.cores.cluster import Cluster, Node
from support.cores.dag import FakeSigner, fake_verify, make_charter
from support.cores.town import (
    DAY,
    HOUR,
    ROOT,
    Town,
    found,
    key_of,
    parts_of,
    propose,
    reread,
    text_of,
)

from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Join, Leave, Propose, Vote, texts_of
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.seats.terms import LEAST_BYTES_PER_DAY
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.texts import Part, TextRef, make_text
from p2pnode_protocols.record.turn.budget import (
    ENTRY_BYTES,
    OPENING_BYTES,
    SEAT_BYTES,
    Budget,
    compute_bytes,
)
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import MemberId, Round, TextId, WallMs
from p2pnode_protocols.wire.limits import TEXT_BYTES

SHARE = 400_000
BIG = TextRef(TextId(b"t" * 32), TEXT_BYTES)
ANA = MemberId(b"a" * 32)


def small_share(charter: Charter) -> Charter:
    return replace(charter, rules=replace(charter.rules, bytes_per_day=SHARE))


def long_vote(town: Town, name: str, proposal: Op) -> Op:
    return town.say(name, Vote(proposal.id, proposal.id, "yes", BIG))


# --- the share -----------------------------------------------------------------------------


def test_log_refuses_what_is_over_the_share_and_takes_it_a_day_later() -> None:
    town = Town(small_share(found(5)))
    proposal = town.say("alice", propose("strategic"))
    assert town.enter(proposal) == "ok"
    codes = [town.enter(long_vote(town, "bob", proposal)) for _ in range(8)]
    assert codes == ["ok"] * 6 + ["limit_bytes"] * 2
    assert town.enter(town.say("carol", Vote(proposal.id, proposal.id, "no", None))) == "ok"
    vote = town.proposal(proposal.id).current.votes[town.id_of("bob")]
    assert vote.reason == BIG
    assert reread(town.state).to_bytes() == town.state.to_bytes()
    town.commit(after_ms=DAY)
    assert town.enter(long_vote(town, "bob", proposal)) == "ok"


def test_refused_question_opens_nothing_and_what_is_said_on_it_finds_nothing() -> None:
    town = Town(small_share(found(2)))
    big = Propose(
        "strategic", text_of("title"), (Part(1, BIG),), propose("strategic").action, WallMs(0)
    )
    codes = [town.enter(town.say("alice", big)) for _ in range(8)]
    assert codes == ["ok"] * 5 + ["limit_bytes"] * 3
    assert len(town.state.open_proposals) == 5


def test_seat_and_keys_can_be_changed_with_nothing_left() -> None:
    town = Town(small_share(found(3)))
    proposal = town.say("alice", propose("strategic"))
    town.commit(proposal)
    while town.enter(long_vote(town, "bob", proposal)) == "ok":
        pass
    assert town.enter(town.say("bob", Leave())) == "ok"


def test_what_is_in_blocks_is_taken_up_to_a_share_more_than_is_left() -> None:
    charter = small_share(Cluster(4).charter)
    cluster = Cluster(4, charter)
    cluster.connect()
    proposal, seat = cluster.propose(0), cluster.charter.members[1]
    cluster.run(1_000)
    device, pool = cluster.devices[1], cluster.node(0).core.pool
    ops = [
        sign_op(
            charter.community_id,
            seat.id,
            FakeSigner(device),
            nonce,
            WallMs(cluster.now_ms),
            Vote(proposal, proposal, "yes", BIG),
        )
        for nonce in range(1, 21)
    ]
    for op in ops:
        cluster.node(0).core.op_intake.take_from_block(op, Round(1), device)
    assert SHARE < pool.bytes_of(seat.id) <= 2 * SHARE


def test_a_new_epoch_goes_on_with_the_shares_that_are_not_whole() -> None:
    town = Town(small_share(found(4)))
    proposal = town.say("alice", propose("strategic"))
    town.commit(proposal)
    while town.enter(long_vote(town, "bob", proposal)) == "ok":
        pass
    left = town.state.bytes_left(town.id_of("bob"), town.now)
    assert town.commit(town.say("dave", Leave()), after_ms=0).ends_epoch
    assert town.state.bytes_left(town.id_of("bob"), town.now) == left < SHARE


@given(st.lists(st.tuples(st.integers(1, SHARE), st.integers(0, 2 * HOUR)), max_size=60))
def test_no_day_has_more_than_two_shares_and_a_quiet_day_makes_one_whole(
    said: list[tuple[int, int]],
) -> None:
    budget, now, taken = Budget(), 0, list[tuple[int, int]]()
    for size, pause in said:
        now += pause
        left = budget.left(ANA, SHARE, WallMs(now))
        assert budget.take(ANA, size, SHARE, WallMs(now)) == (size <= left)
        if size <= left:
            taken.append((now, size))
        in_a_day = sum(size for at, size in taken if now - at < DAY)
        assert in_a_day <= 2 * SHARE
    assert budget.left(ANA, SHARE, WallMs(now + DAY)) == SHARE


@pytest.mark.parametrize("share", [0, LEAST_BYTES_PER_DAY - 1, 2**40 + 1])
def test_share_has_bounds(share: int) -> None:
    with pytest.raises(UsageError, match="bytes_per_day"):
        found(2).amended((("rules.bytes_per_day", share),))


# --- at the author, at others ------------------------------------------------------------------


def store_of(cluster: Cluster, node: Node) -> MemoryStore:
    store = MemoryStore()
    store.adopt(cluster.charter.to_bytes())
    store.apply([cluster.restored(0, writes=0).epoch, *node.writes], durable=True)
    return store


def test_author_is_told_at_once_and_nothing_is_signed() -> None:
    charter = small_share(Cluster(4).charter)
    cluster = Cluster(4, charter)
    cluster.connect()
    proposal = cluster.propose(0)

    def say(number: int) -> None:
        ref, blob = make_text(number.to_bytes(16, "big"), "x" * TEXT_BYTES)
        body = Vote(proposal, proposal, "yes" if number % 2 else "no", ref)
        cluster.give(cluster.devices[1], Submit(body, (blob,)))

    for number in range(6):
        say(number)
    with pytest.raises(UsageError, match=r"66\d+ bytes, and \d+ are left.*bytes_per_day") as caught:
        say(6)
    assert caught.value.code == "limit_bytes"
    cluster.give(cluster.devices[1], Submit(Vote(proposal, proposal, "yes", None), (), urgent=True))
    cluster.run(5_000)
    vote = cluster.node(0).core.state.proposal(proposal)
    assert vote is not None
    assert [one.reason for one in vote.current.votes.values()] == [None]


def test_peers_keep_no_more_than_two_shares_of_a_member_for_the_log_to_judge() -> None:
    charter = small_share(Cluster(4).charter)
    cluster = Cluster(4, charter)
    cluster.connect()
    proposal, seat = cluster.propose(0), cluster.charter.members[1]
    device = cluster.devices[1]
    for nonce in range(1, 21):
        vote = Vote(proposal, proposal, "yes", BIG)
        created = WallMs(cluster.now_ms + nonce)
        op = sign_op(charter.community_id, seat.id, FakeSigner(device), nonce, created, vote)
        cluster.tell(0, device, Push(ops=(op,)))
    pool = cluster.node(0).core.pool
    assert SHARE < pool.bytes_of(seat.id) <= 2 * SHARE


# --- texts that nobody needs -------------------------------------------------------------------


def test_reasons_of_replaced_votes_go_at_every_node_and_are_not_asked_for() -> None:
    cluster = Cluster(4)
    cluster.connect()
    proposal = cluster.propose(0)
    refs = []
    for number in range(20):
        ref, blob = make_text(number.to_bytes(16, "big"), f"reason {number} " * 100)
        refs.append(ref.id)
        known = (blob,) if number % 3 else ()  # some never arrive anywhere
        body = Vote(proposal, proposal, "yes", ref)
        cluster.give(cluster.devices[1], Submit(body, known, urgent=True))
    cluster.run(5_000)
    for device in cluster.devices:
        node = cluster.nodes[device]
        store = store_of(cluster, node)
        assert [ref for ref in refs if ref in store.texts] == refs[-1:]
        assert not set(node.core.sync.texts.missing) & set(refs[:-1])
        restored = store.restore(device)
        assert restored is not None
        assert not {ref.id for ref in restored.missing_texts} & set(refs)


@pytest.mark.parametrize("is_here", [True, False], ids=["here", "never came"])
def test_texts_of_the_second_of_two_ops_with_one_nonce_go(is_here: bool) -> None:
    """A liar says each op twice, a short one and one with long texts: only one is charged."""
    cluster = Cluster(4)
    cluster.connect()
    proposal, seat = cluster.propose(0), cluster.charter.members[1]
    cluster.run(1_000)
    device, long = cluster.devices[1], list[Op]()
    refs: list[TextId] = []
    for nonce in range(1, 11):
        ref, blob = make_text(nonce.to_bytes(16, "big"), f"{nonce} " + "x" * 50_000)
        refs.append(ref.id)
        for reason in (None, ref):
            vote = Vote(proposal, proposal, "aside", reason)
            created = WallMs(cluster.now_ms + nonce)
            op = sign_op(
                cluster.charter.community_id, seat.id, FakeSigner(device), nonce, created, vote
            )
            texts = (blob,) if is_here and reason is not None else ()
            for place in (0, 2, 3):
                cluster.tell(place, device, Push(ops=(op,), texts=texts))
            long += [op] if reason is not None else []
        cluster.run(70_000)
    for place in (0, 2, 3):
        node = cluster.node(place)
        assert node.core.state.next_nonce(device) == 11
        store = store_of(cluster, node)
        entered = {op for one in store.saved_commits for op, _ in one.commit.entries}
        lost = [ref for op, ref in zip(long, refs, strict=True) if op.id not in entered]
        assert 0 < len(lost) < 10, "either may come first"
        assert not store.texts.keys() & set(lost)
        assert not set(node.core.sync.texts.missing) & set(lost)
        store.prune(8, node.core.coming_ops())
        assert not {op.id for op in long if op.id not in entered} & store.ops.keys() - {
            op.id for block in store.blocks.values() for op in block.ops
        }


def test_texts_of_what_the_log_refuses_go() -> None:
    town = Town(small_share(found(2)))
    proposal = town.say("alice", propose("strategic"))
    town.commit(proposal)
    town.commit(after_ms=8 * DAY)  # its window has closed
    late = town.say("bob", Vote(proposal.id, proposal.id, "yes", BIG))
    result = town.commit(late)
    assert [code for _, code in result.entries] == ["closed"]
    assert result.dropped == ((late.id, BIG.id),)
    big = Propose(
        "strategic", text_of("title"), (Part(1, BIG),), propose("strategic").action, WallMs(0)
    )
    asked = [town.say("alice", big) for _ in range(8)]
    results = [town.commit(one) for one in asked]
    for op, result in zip(asked, results, strict=True):
        refs = {(op.id, ref.id) for ref in texts_of(op.body)}
        refused = [code for _, code in result.entries] == ["limit_bytes"]
        assert set(result.dropped) == (refs if refused else set())


def test_text_that_a_vote_borrowed_stays_with_the_op_it_belongs_to() -> None:
    """Else who names another's words as a reason could make them vanish by voting again."""
    cluster = Cluster(4)
    cluster.connect()
    proposal = cluster.propose(0)
    title = cluster.node(0).core.preview.proposal(proposal)
    assert title is not None
    stolen = title.current.title
    for reason in (stolen, None):
        body = Vote(proposal, proposal, "yes", reason)
        cluster.give(cluster.devices[1], Submit(body, (), urgent=True))
    cluster.run(5_000)
    assert cluster.node(0).core.state.proposal(proposal) is not None
    assert stolen.id in store_of(cluster, cluster.node(0)).texts
    for device in cluster.devices[1:]:  # who does not have it asks on
        node = cluster.nodes[device]
        held = stolen.id in store_of(cluster, node).texts
        assert held or stolen.id in node.core.sync.texts.missing


def test_what_an_op_takes_is_itself_its_texts_and_its_part_of_a_record() -> None:
    town = Town(2)
    op = town.say("alice", propose("tactical"))
    twice = 2 * len(op.wire) + ENTRY_BYTES
    texts = text_of("title").size + 16
    assert compute_bytes(op, 2) == twice + texts + OPENING_BYTES + 2 * SEAT_BYTES
    assert compute_bytes(op, 256) == twice + texts + OPENING_BYTES + 256 * SEAT_BYTES
    assert town.state.cost_of(town.say("bob", Leave())) == 0


def test_each_part_of_a_text_takes_what_a_text_takes_beside_its_bytes() -> None:
    town = Town(found(2))
    bare = town.say("alice", propose("tactical"))
    parts = parts_of("one", "and two")
    op = town.say("alice", replace(propose("tactical"), parts=parts))
    texts = len("one" + "and two") + 2 * (16 + 192)
    assert compute_bytes(op, 2) == compute_bytes(bare, 2) + texts + 2 * (
        len(op.wire) - len(bare.wire)
    )


def test_record_of_the_longest_electorate_is_no_longer_than_what_was_taken_for_it() -> None:
    charter = make_charter(256)
    state = State.genesis(charter, fake_verify)
    seat, now = charter.members[0], WallMs(charter.created_ms + 1)
    body = Propose("implementation", text_of("title"), (Part(1, BIG),), NoAction(), WallMs(1))
    op = sign_op(charter.community_id, seat.id, FakeSigner(seat.node_key), 1, now, body)
    taken = compute_bytes(op, 256) - len(op.wire) - BIG.size
    (closed,) = state.commit([op], now, ROOT).decided
    assert 256 * 34 < len(closed.record) <= taken


# --- joins ------------------------------------------------------------------------------------


def least_town() -> Town:
    charter = found(5)
    rules = replace(charter.rules, bytes_per_day=LEAST_BYTES_PER_DAY)
    return Town(replace(charter, rules=rules))


def joining(secret: str, signature: bytes = bytes(64)) -> Join:
    return Join("y" * 80, key_of(secret), signature)


def test_joins_of_a_seat_take_of_its_share_whatever_invite_they_name() -> None:
    town = least_town()
    size = 0
    for number in range(2_000):
        op = town.say("bob", joining(f"made up {number}"))
        entries = town.commit(op, after_ms=0).entries
        if not entries or entries[0][1] == "limit_bytes":
            break
        size += compute_bytes(op, 5)
    assert LEAST_BYTES_PER_DAY - 2_000 < size <= LEAST_BYTES_PER_DAY


def test_who_only_names_an_invite_writes_nothing_into_the_log_and_takes_no_share_of_it() -> None:
    town = least_town()
    town.invite("secret")
    left = town.state.bytes_left(MemberId(key_of("secret")), town.now)
    for number in range(10):
        assert town.commit(town.say(f"stranger {number}", joining("secret"))).entries == ()
    assert town.state.bytes_left(key_of("secret"), town.now) == left  # type: ignore[arg-type]
    assert town.codes(town.join("zoe", "secret")) == ["ok"]
