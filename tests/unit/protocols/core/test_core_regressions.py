"""Faults that a hostile reading of the core brought to light, each as the smallest story."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner, fake_verify
from support.cores.town import Town, key_of, text_of

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.core.pending.pool import Pool
from p2pnode_protocols.gossip.peers.peer import REQUESTS_PER_WINDOW
from p2pnode_protocols.messages.frames import read_frame, write_frame
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Bye, Hello
from p2pnode_protocols.messages.spreading import Pull, Push
from p2pnode_protocols.record.actions import InviteAction
from p2pnode_protocols.record.bodies import AddDevice, Body, Join, Propose, RevokeDevice, Vote
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.steps.inputs import PeerUp, Submit
from p2pnode_protocols.steps.notices import PeerRefused
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import MAX_MS, DeviceKey, MemberId, MonoMs, OpId, Round, WallMs
from p2pnode_protocols.wire.limits import PENDING_PER_MEMBER

UNKNOWN = OpId(b"p" * 32)


@pytest.fixture
def four() -> Cluster:
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    return cluster


def op_by(cluster: Cluster, device: DeviceKey, author: MemberId, nonce: int, body: Body) -> Op:
    return sign_op(
        cluster.charter.community_id, author, FakeSigner(device), nonce, WallMs(nonce), body
    )


def own_op(cluster: Cluster, place: int, nonce: int, proposal: OpId = UNKNOWN) -> Op:
    body = Vote(proposal, proposal, "yes", None)
    return op_by(cluster, cluster.devices[place], cluster.charter.members[place].id, nonce, body)


def first_block(cluster: Cluster, place: int, time_ms: int, *ops: Op) -> Block:
    epoch = cluster.node(0).core.epoch
    return sign_block(
        cluster.charter.community_id,
        FakeSigner(cluster.devices[place]),
        epoch=epoch.id,
        author=cluster.charter.members[place].id,
        sequence=1,
        round_=Round(1),
        time_ms=WallMs(time_ms),
        parents=(epoch.genesis,),
        ops=ops,
        final_index=0,
        final_root=cluster.node(0).core.final_root,
    )


def test_a_fork_that_nobody_builds_on_does_not_swallow_the_ops_it_carries(four: Cluster) -> None:
    # The liar gives everyone an empty block, then its twin with an honest op in it. The op
    # counted as carried, so nobody carried it again, and as due, so rounds never ended.
    proposal = four.propose(0, urgent=False)
    op = four.node(0).core.pool
    entry = next(iter(op.ready(four.node(0).core.state)))
    empty, twin = first_block(four, 3, 5), first_block(four, 3, 6, entry.op)
    for place in range(3):
        four.tell(place, four.devices[3], Push(blocks=(empty,)))
        four.tell(place, four.devices[3], Push(blocks=(twin,)))
    del four.nodes[four.devices[3]]
    four.run(90_000)  # the fork is proved, the next epoch waits for company
    assert {four.outcome(place, proposal) for place in range(3)} == {"open"}
    rounds = four.node(0).core.epoch.lace.max_round
    four.run(30_000)
    assert four.node(0).core.epoch.lace.max_round == rounds, "all is final, so all is quiet"


def test_one_peer_cannot_push_up_the_nonce_that_others_sign_with(four: Cluster) -> None:
    # Anything after a gap that nobody can fill waits for ever.
    victim, liar = four.node(0).core, four.devices[3]
    told = four.node(3).core.status()
    lie = replace(told, nonces=((four.devices[0], 1 << 53),))
    four.tell(0, liar, lie)
    proposal = four.propose(0)
    four.run(1_000)
    assert {four.outcome(place, proposal) for place in range(4)} == {"open"}
    assert victim.state.next_nonce(victim.device) == 2


def test_a_store_that_holds_three_ops_of_one_nonce_still_starts(four: Cluster) -> None:
    # A liar's block may carry them, and a store keeps what is in blocks.
    bodies = [Vote(OpId(bytes([one]) * 32), UNKNOWN, "yes", None) for one in range(3)]
    device, author = four.devices[1], four.charter.members[1].id
    rivals = tuple(op_by(four, device, author, 1, body) for body in bodies)
    fresh = four.start(four.devices[0], replace(four.restored(0), pending=rivals))
    assert len(fresh.core.pool) == 2


def test_a_revoked_device_leaves_nothing_waiting_behind() -> None:
    # Else one member, adding and revoking keys, fills every node's state, and at last makes
    # a snapshot that no store can read back.
    town = Town(3)
    for number in range(3):
        phone = key_of(f"phone {number}")
        bind = FakeSigner(phone).sign(
            crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of("bob"))
        )
        assert town.codes(town.say("bob", AddDevice(phone, bind))) == ["ok"]
        early = [
            town.say("bob", Vote(UNKNOWN, UNKNOWN, "yes", None), device=f"phone {number}", nonce=n)
            for n in range(2, 20)
        ]
        assert town.codes(*early) == []
        assert town.codes(town.say("bob", RevokeDevice(phone))) == ["ok"]
        assert town.codes(*early) == [], "nor may it begin to wait again"
    assert list(town.state.waiting()) == []


def test_what_one_member_parks_is_bounded_whatever_keys_it_uses() -> None:
    town = Town(3)
    parked = []
    for number in range(6):
        phone = key_of(f"phone {number}")
        bind = FakeSigner(phone).sign(
            crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of("bob"))
        )
        town.commit(town.say("bob", AddDevice(phone, bind)))
        votes = [
            town.say("bob", Vote(UNKNOWN, UNKNOWN, "yes", None), device=f"phone {number}")
            for _ in range(64)
        ]
        town.commit(*votes)
        town.commit(town.say("bob", RevokeDevice(phone)))
        parked.append(len(list(town.state.parked())))
    assert parked[-1] == parked[-2]


def test_a_device_whose_join_came_too_late_can_be_bound_to_a_seat_and_speak() -> None:
    # The log took nothing of it; so its join is said again, in its turn (R2.23).
    town = Town(3)
    town.invite("secret")
    assert town.codes(town.join("guest", "secret")) == ["ok"]
    join = town.join("phone", "secret")
    assert town.commit(join).taken == ()
    bind = FakeSigner(key_of("phone")).sign(
        crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of("bob"))
    )
    assert town.codes(town.say("bob", AddDevice(key_of("phone"), bind))) == ["ok"]
    proposal = town.propose("alice", "strategic")
    vote = town.say("bob", Vote(proposal, proposal, "yes", None), device="phone")
    assert vote.nonce == 2
    assert town.codes(vote) == [], "it waits"
    assert town.codes(join) == ["already_member", "ok"]


def test_verified_signatures_are_remembered_in_little_room(four: Cluster) -> None:
    # The memory held whole blocks: thousands of half a megabyte each.
    opener = Opener(four.charter.community_id, fake_verify)
    block = first_block(four, 1, 5, *(own_op(four, 1, nonce) for nonce in range(1, 100)))
    opener.block(block.wire)
    assert {len(key) for key in opener._seen} == {32}


def test_a_frame_holds_no_million_of_messages(four: Cluster) -> None:
    # Each costs a step of the core; three bytes a message make a frame cost minutes.
    opener = Opener(four.charter.community_id, fake_verify)
    with pytest.raises(PeerFault, match="bad_frame"):
        read_frame(write_frame([Bye()] * 5_000), opener)
    with pytest.raises(PeerFault, match="bad_encoding"):
        read_frame(write_frame([Bye()] * 100_000), opener)


def test_ops_of_made_up_devices_are_not_remembered_per_peer(four: Cluster) -> None:
    peer = four.devices[1]
    before = len(four.node(0).core.sync.peers[peer].nonces)
    for number in range(50):
        key = DeviceKey(hashlib.sha256(b"made up %d" % number).digest())
        op = op_by(four, key, MemberId(b"m" * 32), 1, Vote(UNKNOWN, UNKNOWN, "yes", None))
        four.tell(0, peer, Push(ops=(op,)))
    assert len(four.node(0).core.sync.peers[peer].nonces) == before


def test_joins_that_are_refused_are_not_remembered_per_peer(
    four: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who holds an invite has any number of devices; its share of the pool is one.
    monkeypatch.setattr("p2pnode_protocols.core.pending.pool.PENDING_PER_MEMBER", 8)
    invite = FakeSigner(DeviceKey(b"i" * 32))
    action = InviteAction("guest", invite.device, WallMs(START_WALL_MS + 600_000), 2)
    body = Propose("constitutional", text_of("t"), (), action, WallMs(0))
    step = four.give(four.devices[0], Submit(body, (), True))
    assert step.accepted is not None
    four.run(10)
    for place in range(4):
        four.vote(place, step.accepted.id, urgent=True)
    four.run(500)
    assert four.outcome(0, step.accepted.id) == "passed"
    peer = four.devices[1]
    before = len(four.node(0).core.sync.peers[peer].nonces)
    for number in range(50):
        key = DeviceKey(hashlib.sha256(b"made up %d" % number).digest())
        vouched = crypto.signed_message(crypto.TAG_JOIN, four.charter.community_id, key)
        join = Join("guest", invite.device, invite.sign(vouched))
        op = op_by(four, key, crypto.compute_member_id(key), 1, join)
        four.tell(0, peer, Push(ops=(op,)))
    assert len(four.node(0).core.pool) == 8
    assert len(four.node(0).core.sync.peers[peer].nonces) == before + 8


def test_an_op_that_says_it_is_somebody_elses_holds_nothing_of_theirs_up() -> None:
    # Ops from the future are held, and what their author says next with them. Whose op it is
    # says the key that signed it, not the name in it.
    town = Town(3)
    proposal = town.propose("bob", "strategic")
    future = WallMs(town.now + 400_000_000)
    body = Vote(UNKNOWN, UNKNOWN, "yes", None)
    ops = [
        sign_op(
            town.state.community, town.id_of("alice"), FakeSigner(key_of("carol")), n, future, body
        )
        for n in range(1, 80)
    ]
    town.commit(*ops)
    assert town.codes(town.vote("alice", proposal, "yes")) == ["ok"]


def test_a_second_try_to_join_is_not_stuck_behind_a_first_that_nobody_took() -> None:
    # Peers drop a join with a used-up invite, so its nonce never gets into the log.
    town = Town(3)
    town.invite("secret")
    pool = Pool(240)
    join = town.join("guest", "secret", nonce=2)
    pool.add(join, town.state.payer_of(join), MonoMs(0))
    assert [entry.op for entry in pool.ready(town.state)] == [join]
    assert town.codes(join) == ["ok"]
    pool.drop_final(town.state, {join.device})
    assert len(pool) == 0


def test_the_holder_of_one_invite_fills_no_pool() -> None:
    # Each made-up device was a member of its own to the limits per member.
    town = Town(3)
    town.invite("secret", uses=2)
    pool = Pool(240)
    for number in range(PENDING_PER_MEMBER):
        join = town.join(f"guest {number}", "secret")
        pool.add(join, town.state.payer_of(join), MonoMs(0))
    one_more = town.join("one more", "secret")
    with pytest.raises(PeerFault, match="limit_buffer"):
        pool.add(one_more, town.state.payer_of(one_more), MonoMs(0))


def test_a_pull_whose_answer_got_lost_is_asked_again_of_the_only_peer() -> None:
    cluster = Cluster(2)
    cluster.connect()
    cluster.run(100)
    one, other = cluster.devices
    ahead = replace(
        cluster.node(1).core.status(), frontier=((cluster.charter.members[1].id, Round(3)),)
    )
    cluster.cut = {frozenset((one, other))}  # what is sent gets lost, nobody notices
    cluster.tell(0, other, ahead)
    cluster.run(60_000)
    pulls = [send for send in cluster.node(0).sends if isinstance(send, Send)]
    assert sum(isinstance(send.message, Pull) for send in pulls) > 1


def test_statuses_and_hellos_count_as_requests(four: Cluster) -> None:
    # Each makes this node send all that its teller says it lacks.
    for _ in range(REQUESTS_PER_WINDOW + 1):
        four.tell(0, four.devices[1], four.node(1).core.status())
    assert any(
        isinstance(one, PeerRefused) and one.code == "limit_rate"
        for one in four.node(0).noticed(PeerRefused)
    )


def test_a_key_that_was_revoked_is_cut_off_at_once() -> None:
    # Revoking a key that makes no blocks ends no epoch, and only epochs reviewed the peers.
    cluster = Cluster(3)
    cluster.connect()
    cluster.run(100)
    phone = DeviceKey(b"f" * 32)
    seat = cluster.charter.members[0]
    message = crypto.signed_message(crypto.TAG_BIND, cluster.charter.community_id, seat.id)
    cluster.give(cluster.devices[0], Submit(AddDevice(phone, FakeSigner(phone).sign(message))))
    cluster.run(1_000)
    cluster.give(cluster.devices[1], PeerUp(phone))
    cluster.tell(
        1, phone, Hello(PROTOCOL_VERSION, cluster.charter.community_id, None, None, "phone", ())
    )
    assert phone in cluster.node(1).core.sync.peers.connected
    cluster.give(cluster.devices[0], Submit(RevokeDevice(phone)))
    cluster.run(1_000)
    assert phone not in cluster.node(1).core.sync.peers.connected


def test_a_node_whose_key_has_signed_the_last_time_makes_no_block_that_none_could_read(
    four: Cluster,
) -> None:
    # Two machines with one key, one with a clock beyond all bounds: a later time than the last
    # that can be written would make a block that the own store refuses too.
    stolen = first_block(four, 0, MAX_MS)
    four.tell(0, four.devices[1], Push(blocks=(stolen,)))
    for place in (1, 2, 3):
        four.tell(0, four.devices[place], Push(blocks=(first_block(four, place, 5),)))
    four.propose(0)
    four.run(1_000)
    assert stolen.id in four.node(0).core.epoch.lace
    assert four.node(0).own_blocks() == []
