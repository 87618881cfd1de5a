"""A key that forked leaves the committee, its seat and its vote stay: R6.9."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner
from support.cores.town import HOUR, Town, key_of, reread

from p2pnode_protocols.agreement.blocks import Block, header_of, sign_block
from p2pnode_protocols.core.own.accuser import STEPS
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.bodies import AddDevice, Evidence, Leave, SetNodeKey, Vote
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.steps.writes import SaveFork, SaveOp
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, EpochId, MemberId, Round, WallMs


def block(town: Town, device: DeviceKey, **changes: object) -> Block:
    fields: dict[str, object] = {
        "epoch": EpochId(b"e" * 32),
        "author": crypto.compute_member_id(device),
        "sequence": 3,
        "round_": Round(4),
        "time_ms": WallMs(5),
        "parents": (BlockId(b"p" * 32),),
        "ops": (),
        "final_index": 0,
        "final_root": bytes(32),
    }
    signer = FakeSigner(device)
    return sign_block(town.state.community, signer, **{**fields, **changes})  # type: ignore[arg-type]


def evidence(one: Block, other: Block) -> Evidence:
    return Evidence(one.header, one.signature, other.header, other.signature)


def forked(town: Town, name: str) -> Evidence:
    key = key_of(name)
    return evidence(block(town, key), block(town, key, time_ms=WallMs(6)))


def node_key(town: Town, name: str) -> DeviceKey | None:
    seat = town.state.charter.member(town.id_of(name))
    assert seat is not None
    return seat.node_key


def bind(town: Town, name: str, device: str) -> AddDevice:
    message = crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of(name))
    return AddDevice(key_of(device), FakeSigner(key_of(device)).sign(message))


def test_key_that_forked_leaves_the_committee_and_the_seat_keeps_its_vote() -> None:
    town = Town(4)
    result = town.commit(town.say("bob", forked(town, "alice")))
    assert [code for _, code in result.entries] == ["ok"]
    assert result.ends_epoch
    assert node_key(town, "alice") is None
    assert key_of("alice") in town.state.roster.forked
    proposal = town.propose("alice", "tactical")
    assert town.enter(town.vote("alice", proposal, "yes")) == "ok"


def test_member_returns_with_a_fresh_node_key_but_never_with_the_one_that_forked() -> None:
    town = Town(4)
    town.commit(town.say("bob", forked(town, "alice")))
    assert town.enter(town.say("alice", SetNodeKey(key_of("alice")))) == "forked_key"
    assert town.enter(town.say("alice", bind(town, "alice", "new laptop"))) == "ok"
    assert town.enter(town.say("alice", SetNodeKey(key_of("new laptop")))) == "ok"
    assert node_key(town, "alice") == key_of("new laptop")


@pytest.mark.parametrize(
    "changes",
    [
        {"time_ms": WallMs(6)},
        {"sequence": 4},
        {"round_": Round(5)},
        {"parents": (BlockId(b"q" * 32),)},
    ],
)
def test_blocks_of_one_sequence_or_round_prove_a_fork(changes: dict[str, object]) -> None:
    town = Town(4)
    key = key_of("alice")
    body = evidence(block(town, key), block(town, key, **changes))
    assert town.enter(town.say("bob", body)) == "ok"


@pytest.mark.parametrize(
    "changes",
    [
        {},  # the same block twice
        {"sequence": 4, "round_": Round(5)},
        {"epoch": EpochId(b"o" * 32), "time_ms": WallMs(6)},
        {"author": crypto.compute_member_id(key_of("bob")), "time_ms": WallMs(6)},
    ],
)
def test_blocks_that_prove_no_fork_are_no_evidence(changes: dict[str, object]) -> None:
    town = Town(4)
    key = key_of("alice")
    body = evidence(block(town, key), block(town, key, **changes))
    assert town.enter(town.say("bob", body)) == "bad_evidence"
    assert node_key(town, "alice") == key


def test_evidence_with_a_forged_signature_is_refused() -> None:
    town = Town(4)
    one, other = block(town, key_of("alice")), block(town, key_of("alice"), time_ms=WallMs(6))
    for body in (
        Evidence(one.header, one.signature, other.header, one.signature),
        Evidence(one.header, bytes(64), other.header, other.signature),
        Evidence(b"nonsense", one.signature, other.header, other.signature),
    ):
        assert town.enter(town.say("bob", body)) == "bad_evidence"


def test_blocks_by_two_keys_are_no_evidence() -> None:
    town = Town(4)
    body = evidence(block(town, key_of("alice")), block(town, key_of("bob"), time_ms=WallMs(6)))
    assert town.enter(town.say("carol", body)) == "bad_evidence"


def test_evidence_against_a_key_that_makes_no_blocks_leaves_nothing_behind() -> None:
    """Else who adds, accuses and revokes keys makes the state as large as they like."""
    town = Town(4)
    town.commit(town.say("bob", SetNodeKey(None)))
    assert town.enter(town.say("carol", forked(town, "bob"))) == "bad_evidence"
    assert town.enter(town.say("carol", forked(town, "nobody"))) == "bad_evidence"
    assert town.state.roster.forked == {}


def test_second_evidence_against_a_key_changes_nothing() -> None:
    town = Town(4)
    town.commit(town.say("bob", forked(town, "alice")))
    assert town.enter(town.say("carol", forked(town, "alice"))) == "forked_key"


def test_last_node_stays_whatever_it_did() -> None:
    # Without a node nobody could decide anything ever again (R10.19).
    town = Town(2)
    assert town.enter(town.say("bob", SetNodeKey(None))) == "ok"
    assert town.enter(town.say("bob", forked(town, "alice"))) == "not_allowed"


def test_key_that_forked_cannot_join_anew() -> None:
    town = Town(4)
    town.commit(town.say("bob", forked(town, "alice")))
    town.commit(town.say("alice", Leave()))
    town.invite("secret")
    join = town.join("alice", "secret")
    with pytest.raises(UsageError) as caught:
        town.state.check(join.author, join.device, join.body)
    assert caught.value.code == "forked_key"
    assert town.codes(join) == [], "it opens no seat, so it is no entry (R10.14)"


def test_what_is_known_of_forks_survives_a_restart() -> None:
    town = Town(4)
    town.commit(town.say("bob", forked(town, "alice")), after_ms=HOUR)
    assert reread(town.state).roster.forked == {key_of("alice"): town.now}


# --- nodes say it by themselves -----------------------------------------------------------


def fork(cluster: Cluster, place: int) -> tuple[Block, Block]:
    """Return two first blocks of one node."""
    epoch = cluster.node(0).core.epoch

    def made(time_ms: int) -> Block:
        return sign_block(
            cluster.charter.community_id,
            FakeSigner(cluster.devices[place]),
            epoch=epoch.id,
            author=cluster.charter.members[place].id,
            sequence=1,
            round_=Round(1),
            time_ms=WallMs(time_ms),
            parents=(epoch.genesis,),
            ops=(),
            final_index=0,
            final_root=cluster.node(0).core.final_root,
        )

    return made(5), made(6)


def said_by(cluster: Cluster, place: int) -> list[Evidence]:
    return [
        one.op.body
        for one in cluster.node(place).writes
        if isinstance(one, SaveOp) and one.own and isinstance(one.op.body, Evidence)
    ]


def test_a_fork_is_said_once_and_takes_the_forker_off_the_committee() -> None:
    four = Cluster(4)
    four.connect()
    four.run(10)
    one, other = fork(four, 3)
    del four.nodes[four.devices[3]]
    for place in range(3):
        four.tell(place, four.devices[3], Push(blocks=(one,)))
    four.tell(0, four.devices[3], Push(blocks=(other,)))
    four.run(20_000)
    for place in range(3):
        core = four.node(place).core
        assert (core.epoch.number, len(core.epoch.committee)) == (1, 3)
        assert four.devices[3] in core.state.roster.forked
        assert [type(one) for one in four.node(place).writes].count(SaveFork) <= 1
    assert sum(len(said_by(four, place)) for place in range(3)) == 1
    four.run(60_000)
    assert sum(len(said_by(four, place)) for place in range(3)) == 1


def test_a_liars_op_that_never_gets_into_the_log_keeps_nobody_from_saying_it() -> None:
    # Evidence with a nonce ahead of its turn waited in all pools for ever (seed 3109).
    four = Cluster(4)
    four.connect()
    four.run(10)
    one, other = fork(four, 3)
    del four.nodes[four.devices[3]]
    body = Evidence(one.header, one.signature, other.header, other.signature)
    liar, seat = FakeSigner(four.devices[3]), four.charter.members[3].id
    ahead = sign_op(four.charter.community_id, seat, liar, 80, WallMs(START_WALL_MS), body)
    for place in range(3):
        four.tell(place, four.devices[3], Push(ops=(ahead,)))
        four.tell(place, four.devices[3], Push(blocks=(one, other)))
    four.run(30_000)
    assert four.devices[3] in four.node(0).core.state.roster.forked


def test_a_restarted_node_still_says_what_its_store_proves() -> None:
    four = Cluster(4)
    four.connect()
    four.run(10)
    one, other = fork(four, 3)
    del four.nodes[four.devices[3]]
    # One whose turn to say it does not come at once (R6.9).
    first = next(
        place
        for place in range(3)
        if all((four.devices[place][3] ^ it.id[3]) % STEPS for it in (one, other))
    )
    four.tell(first, four.devices[3], Push(blocks=(one, other)))
    assert said_by(four, first) == []
    restored = four.restored(first)
    assert restored.forks == ((header_of(one), header_of(other)),)
    four.start(four.devices[first], restored)
    four.connect(four.devices[:3])
    four.run(30_000)
    assert four.devices[3] in four.node((first + 1) % 3).core.state.roster.forked


def test_nobody_accuses_themselves() -> None:
    four = Cluster(4)
    four.connect()
    four.run(10)
    one, other = fork(four, 3)
    for block_ in (one, other):
        four.tell(3, four.devices[2], Push(blocks=(block_,)))
    four.cut = {frozenset((four.devices[3], one)) for one in four.devices[:3]}
    four.run(30_000)
    assert said_by(four, 3) == []


# --- what it takes of a share ---------------------------------------------------------------

SHARE = 400_000


def bulky(cluster: Cluster, key: DeviceKey, author: MemberId, number: int) -> Evidence:
    """Return true evidence about a key, nearly as long as an op may be."""
    parents = tuple(
        BlockId(hashlib.sha256(b"%d %d" % (number, one)).digest()) for one in range(250)
    )

    def made(time_ms: int) -> Block:
        return sign_block(
            cluster.charter.community_id,
            FakeSigner(key),
            epoch=cluster.node(0).core.epoch.id,
            author=author,
            sequence=3,
            round_=Round(4 + number),
            time_ms=WallMs(time_ms),
            parents=parents,
            ops=(),
            final_index=0,
            final_root=bytes(32),
        )

    return evidence(made(5), made(6))


def with_small_share(n: int) -> Cluster:
    charter = Cluster(n).charter
    charter = replace(charter, rules=replace(charter.rules, bytes_per_day=SHARE))
    return Cluster(n, charter)


def kept(cluster: Cluster, author: MemberId) -> int:
    """Return the bytes of evidence by a seat that the first node has saved or holds."""
    saved = {one.op for one in cluster.node(0).writes if isinstance(one, SaveOp)}
    held = saved | {entry.op for entry in cluster.node(0).core.pool}
    ops = [op for op in held if op.author == author and isinstance(op.body, Evidence)]
    return sum(len(op.wire) for op in ops)


@pytest.mark.parametrize("ahead", [0, 1], ids=["in turn", "never in turn"])
def test_one_proof_of_a_seat_about_a_key_is_free_and_all_others_take_of_its_share(
    ahead: int,
) -> None:
    """A liar that forks can sign any number of true proofs about its own key."""
    four = with_small_share(4)
    four.connect()
    four.run(10)
    liar, seat = four.devices[3], four.charter.members[3].id
    for number in range(100):
        body = bulky(four, liar, seat, number)
        nonce = 1 + ahead + number
        op = sign_op(four.charter.community_id, seat, FakeSigner(liar), nonce, WallMs(1), body)
        assert len(op.wire) > 16_000
        four.tell(0, liar, Push(ops=(op,)))
    most = SHARE + len(op.wire)  # one, and of two shares what takes twice its bytes
    assert kept(four, seat) <= most
    four.run(20_000)
    assert kept(four, seat) <= most
    assert (liar in four.node(0).core.state.roster.forked) == (ahead == 0)


def test_who_has_nothing_left_can_still_prove_the_fork_of_each_key() -> None:
    ten = with_small_share(10)
    ten.connect()
    ten.run(10)
    honest, seat = ten.devices[0], ten.charter.members[0].id
    proposal = ten.propose(0)
    long = make_text(b"s" * 16, "x" * 60_000)[0]
    vote = Vote(proposal, proposal, "aside", long)
    for _ in range(SHARE // 61_000):
        ten.give(honest, Submit(vote, (), urgent=True))
    with pytest.raises(UsageError, match="bytes_per_day"):
        ten.give(honest, Submit(vote, (), urgent=True))
    ten.run(5_000)
    number = ten.node(1).core.state.next_nonce(honest)
    left = ten.node(1).core.state.bytes_left(seat, ten.now().wall_ms)
    assert left < 60_000, "not enough for two of what follows"
    pool = ten.node(1).core.pool
    for accused in (7, 8, 9):
        key, author = ten.devices[accused], ten.charter.members[accused].id
        body = bulky(ten, key, author, 0)
        op = sign_op(ten.charter.community_id, seat, FakeSigner(honest), number, WallMs(1), body)
        ten.tell(1, honest, Push(ops=(op,)))
        assert op.id in pool
        number += 1
        again = bulky(ten, key, author, 1)
        op = sign_op(ten.charter.community_id, seat, FakeSigner(honest), number, WallMs(1), again)
        before = pool.bytes_of(seat)
        ten.tell(1, honest, Push(ops=(op,)))
        assert pool.bytes_of(seat) > before, "not for nothing twice"
        number += 1
