"""What a node sends unasked: in parts, each made when the peer has taken the last (R7.23)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner, fake_verify, make_charter

from p2pnode.net.config import NetConfig
from p2pnode.net.outbox import compute_message_memory, compute_weight
from p2pnode_protocols.core.pending.pool import Entry
from p2pnode_protocols.gossip.peers.backlog import PUSH_CATCH_UP, PUSH_MEMORY
from p2pnode_protocols.gossip.peers.peer import REQUEST_WINDOW_MS, REQUESTS_PER_WINDOW
from p2pnode_protocols.messages.frames import Message, read_frame, write_frame
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.proofs import Receipts
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.messages.standing import Contacts, Links, Status
from p2pnode_protocols.record.actions import AmendAction, NoAction
from p2pnode_protocols.record.bodies import Propose, Vote
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Input, PeerDown, PeerUp, Received, Submit, Tick, Written
from p2pnode_protocols.steps.sends import Disconnect, ReportWritten, Send, ServeWant
from p2pnode_protocols.steps.writes import SaveBlock
from p2pnode_protocols.wire.ids import DeviceKey, WallMs
from p2pnode_protocols.wire.limits import (
    ADDRESS_CHARS,
    ADDRESSES,
    DEVICES,
    FRAME_BYTES,
    MEMBERS,
    PULL_BYTES,
)

TITLE, BLOB = make_text(b"s" * 16, "a title")
OP_SIZE = 24_000
LIAR = 3
# Two parts may be under way, of blocks and of ops, and the hello with its status beside them.
UNDER_WAY = 4 * PUSH_MEMORY


@dataclass
class Reader:
    """A peer of node 0 that takes what it is sent only when it is told to."""

    cluster: Cluster
    device: DeviceKey
    messages: list[Message] = field(default_factory=list)
    waits: bool = False  # node 0 waits until all is written
    unread: int = 0  # memory, bytes
    most_unread: int = 0
    ended: bool = False

    def feed(self, event: Input) -> None:
        """Let node 0 take in a fact; note what it sends to this peer."""
        node = self.cluster.node(0)
        step = node.core.handle(event, self.cluster.now())
        node.writes.extend(step.writes)
        node.wake_at = step.wake_at or node.wake_at
        for one in step.sends:
            if one.peer != self.device:
                continue
            if isinstance(one, Send):
                self.messages.append(one.message)
                self.unread += compute_message_memory(one.message)
                frame = write_frame([one.message])
                assert len(frame) <= FRAME_BYTES
                assert len(frame) <= compute_weight(one.message)
                opener = Opener(self.cluster.charter.community_id, fake_verify)
                assert read_frame(frame, opener) == (one.message,)
            elif isinstance(one, ReportWritten):
                assert not self.waits, "asked twice for one report"
                self.waits = True
            elif isinstance(one, ServeWant):
                self.unread += 5 * PULL_BYTES // 16
            elif isinstance(one, Disconnect):
                self.ended = True
        self.most_unread = max(self.most_unread, self.unread)

    def say(self, message: Message) -> None:
        self.feed(Received(self.device, message))

    def greet(self, status: Status | None = None) -> None:
        core = self.cluster.node(0).core
        told = status or replace(core.status(), frontier=(), nonces=(), final_index=0)
        told = replace(told, final_root=core.ledger.roots[told.final_index])
        self.feed(PeerUp(self.device))
        self.say(Hello(PROTOCOL_VERSION, self.cluster.charter.community_id, told, None, "t", ()))

    def read(self) -> list[Message]:
        """Take all that is under way, let node 0 know, and return what was taken."""
        taken, self.messages, self.unread = self.messages, [], 0
        if self.waits:
            self.waits = False
            self.feed(Written(self.device))
        return taken

    def read_all(self) -> list[Message]:
        taken: list[Message] = []
        while self.messages or self.waits:
            taken += self.read()
        return taken


def lingering(n: int, linger_ms: int) -> Charter:
    charter = make_charter(n)
    timing = replace(charter.timing, linger_ms=linger_ms)
    return replace(charter, timing=timing, created_ms=WallMs(START_WALL_MS))


def ops_in(messages: Sequence[Message]) -> list[Op]:
    return [op for one in messages if isinstance(one, Push) for op in one.ops]


def make_ops(cluster: Cluster, count: int, first: int = 1, author: int = LIAR) -> list[Op]:
    """Return large ops of one device."""
    device = cluster.devices[author]
    seat = cluster.charter.members[author].id
    action = AmendAction((("name", "x" * OP_SIZE),))
    body = Propose("constitutional", TITLE, (), action, WallMs(0))
    return [
        sign_op(
            cluster.charter.community_id,
            seat,
            FakeSigner(device),
            nonce,
            WallMs(START_WALL_MS),
            body,
        )
        for nonce in range(first, first + count)
    ]


def flood(cluster: Cluster, ops: Sequence[Op], sender: int = LIAR) -> None:
    """Let a peer push ops to node 0; what others are sent of it is not delivered."""
    for begin in range(0, len(ops), 50):
        message = Received(cluster.devices[sender], Push(ops=tuple(ops[begin : begin + 50])))
        cluster.node(0).core.handle(message, cluster.now())


@pytest.fixture
def cluster() -> Cluster:
    """Return four nodes of which node 0 is connected to the liar only."""
    cluster = Cluster(4, lingering(4, 3_600_000))
    cluster.connect([cluster.devices[0], cluster.devices[LIAR]])
    cluster.run(100)
    return cluster


def test_pending_ops_come_to_who_comes_back_in_parts_as_it_takes_them(cluster: Cluster) -> None:
    ops = make_ops(cluster, 400)
    flood(cluster, ops)
    assert len(cluster.node(0).core.pool) == len(ops)
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    assert 0 < len(ops_in(bob.messages)) < 10
    assert ops_in(bob.read_all()) == ops  # each once, in order
    assert bob.most_unread <= UNDER_WAY
    assert bob.most_unread < NetConfig().queue_bytes / 8
    assert not bob.ended


def test_pending_ops_of_one_seat_leave_room_for_those_of_others(cluster: Cluster) -> None:
    cluster.connect([cluster.devices[0], cluster.devices[2]])
    cluster.run(100)
    for place in (LIAR, 2):
        flood(cluster, make_ops(cluster, 100, author=place), place)
    body = Propose("tactical", TITLE, (), NoAction(), WallMs(0))
    cluster.give(cluster.devices[0], Submit(body, (BLOB,)))
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    assert len({op.author for op in ops_in(bob.messages)}) == 3
    authors = [op.author for op in ops_in(bob.read_all())]
    assert all(one != two for one, two in pairwise(authors[:200]))  # in turns


def test_texts_of_pending_ops_go_with_each_part(cluster: Cluster) -> None:
    body = Propose("tactical", TITLE, (), NoAction(), WallMs(0))
    for _ in range(3):
        cluster.give(cluster.devices[0], Submit(body, (BLOB,)))
    node = cluster.node(0)
    bob = cluster.devices[1]
    node.core.handle(PeerUp(bob), cluster.now())
    told = replace(node.core.status(), nonces=())
    hello = Hello(PROTOCOL_VERSION, cluster.charter.community_id, told, None, "t", ())
    step = node.core.handle(Received(bob, hello), cluster.now())
    served = [one.hashes for one in step.sends if isinstance(one, ServeWant)]
    assert served == [(TITLE.id,) * 3]


def test_new_ops_wait_for_a_peer_that_has_not_taken_the_last(cluster: Cluster) -> None:
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    bob.read_all()
    ops = make_ops(cluster, 200)
    for op in ops:
        bob.feed(Received(cluster.devices[LIAR], Push(ops=(op,))))
    assert bob.most_unread <= UNDER_WAY
    assert ops_in(bob.read_all()) == ops
    assert bob.most_unread <= UNDER_WAY


def test_what_waited_for_a_peer_that_hung_up_is_not_taken_as_sent(cluster: Cluster) -> None:
    ops = make_ops(cluster, 50)
    flood(cluster, ops)
    bob = Reader(cluster, cluster.devices[1])
    for _ in range(3):
        bob.greet()
        bob.read()
        bob.feed(PeerDown(bob.device))
        bob.messages, bob.waits = [], False
    bob.greet()
    assert ops_in(bob.read_all()) == ops


def test_a_later_status_does_not_make_what_waits_come_twice(cluster: Cluster) -> None:
    ops = make_ops(cluster, 50)
    flood(cluster, ops)
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    core = cluster.node(0).core
    for _ in range(20):  # it has none of them yet
        bob.say(replace(core.status(), nonces=()))
    assert bob.most_unread <= UNDER_WAY
    assert len(ops_in(bob.read_all())) < len(ops) + 10


def test_what_a_peer_lacks_is_looked_up_once_however_often_it_tells(cluster: Cluster) -> None:
    ops = make_ops(cluster, 50)
    flood(cluster, ops)
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    core = cluster.node(0).core
    peer = core.sync.peers[bob.device]
    looks = 0

    def entries() -> Iterator[Entry]:
        nonlocal looks
        looks += 1
        yield from core.pool.ready(core.state)

    for _ in range(100):
        core.sync.pushes.push_missing_ops(peer, entries(), lambda _op: None)
    assert looks == 0
    core.sync.frontiers.on_status(
        peer, replace(core.status(), nonces=())
    )  # all was lost on its way
    assert {op.id for op in ops_in(bob.read_all())} == {op.id for op in ops}


def test_final_ops_are_pushed_no_more(cluster: Cluster) -> None:
    ops = make_ops(cluster, 50)
    flood(cluster, ops)
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    core = cluster.node(0).core
    for op in ops[10:]:
        core.pool.drop(op.id)
    assert len(ops_in(bob.read_all())) <= 10
    assert core.sync.peers[bob.device].backlog.is_empty


# --- links, contacts, statuses ------------------------------------------------------------------


def crowded(n: int, each: int) -> Cluster:
    """Return a node 0 of a community in which every seat has many devices."""
    charter = lingering(n, 3_600_000)
    members = tuple(
        replace(
            member,
            devices=tuple(
                sorted((*member.devices, *(DeviceKey(bytes([i, j]) * 16) for j in range(1, each))))
            ),
        )
        for i, member in enumerate(charter.members)
    )
    cluster = Cluster(n, replace(charter, members=members))
    cluster.run(100)
    return cluster


def call(cluster: Cluster, device: DeviceKey, addresses: tuple[str, ...] = ()) -> None:
    """Connect a device to node 0 and let it say hello; what it is sent goes nowhere."""
    core = cluster.node(0).core
    core.handle(PeerUp(device), cluster.now())
    hello = Hello(
        PROTOCOL_VERSION, cluster.charter.community_id, core.status(), None, "t", addresses
    )
    core.handle(Received(device, hello), cluster.now())


def test_links_to_any_number_of_devices_make_a_message_that_is_read() -> None:
    cluster = crowded(20, DEVICES)
    devices = [key for seat in cluster.charter.members for key in seat.devices]
    here, bob = cluster.devices[0], Reader(cluster, cluster.devices[1])
    for device in devices:
        if device not in (here, bob.device):
            call(cluster, device)
    bob.greet()
    told = [one for one in bob.read_all() if isinstance(one, Links)]  # `Reader` reads each
    assert len(told[-1].devices) == MEMBERS
    assert set(cluster.devices) - {here} <= set(told[-1].devices)


def test_connections_that_come_and_go_are_told_to_who_takes_nothing_once() -> None:
    cluster = crowded(10, 2)
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    phone = next(key for key in cluster.charter.members[9].devices if key[0] == 9)
    for _ in range(2_000):
        bob.feed(PeerUp(phone))
        status = cluster.node(0).core.status()
        hello = Hello(
            PROTOCOL_VERSION, cluster.charter.community_id, status, None, "t", ("x" * 200,)
        )
        bob.feed(Received(phone, hello))
        bob.feed(PeerDown(phone))
    assert bob.most_unread <= UNDER_WAY
    told = [one for one in bob.read_all() if isinstance(one, Links)]
    assert told[-1].devices == (bob.device,)


def test_contacts_of_any_length_come_in_messages_that_fit_a_frame() -> None:
    cluster = crowded(20, DEVICES)
    addresses = tuple(
        f"{number:02}" + "\U0001f3d8" * (ADDRESS_CHARS - 2) for number in range(ADDRESSES)
    )
    core = cluster.node(0).core
    devices = [key for seat in cluster.charter.members for key in seat.devices]
    core.contacts.addresses.update(dict.fromkeys(devices, addresses))
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    told = [one for one in bob.read_all() if isinstance(one, Contacts)]
    assert sorted(key for one in told for key, _ in one.contacts) == sorted(
        set(devices) - {bob.device}
    )
    assert bob.most_unread <= UNDER_WAY


def test_statuses_are_told_to_who_takes_nothing_as_they_are_when_it_does(cluster: Cluster) -> None:
    bob = Reader(cluster, cluster.devices[1])
    bob.greet()
    for op in make_ops(cluster, 30):  # much is under way to it from here on
        bob.feed(Received(cluster.devices[LIAR], Push(ops=(op,))))
    core = cluster.node(0).core
    before = len(bob.messages)
    for _ in range(50):
        core.sync.peers.tell_status(core.sync.peers[bob.device], core.status)
    bob.feed(Tick())
    assert len(bob.messages) == before
    told = [one for one in bob.read_all() if isinstance(one, Status)]
    assert told[-1:] == [core.status()]
    assert len(told) <= 2  # one of them after the hello


@pytest.mark.parametrize("kind", ["status", "hello"])
def test_statuses_and_hellos_of_all_devices_of_a_seat_are_answered_as_those_of_one(
    kind: str,
) -> None:
    cluster = crowded(4, 9)
    core = cluster.node(0).core
    phones = [Reader(cluster, key) for key in cluster.charter.members[LIAR].devices][:8]
    told = replace(core.status(), final_index=0, final_root=core.ledger.roots[0])
    flood(cluster, make_ops(cluster, 1))
    for phone in phones:
        phone.greet()
        phone.read_all()
    answers = 0
    for _ in range(REQUESTS_PER_WINDOW // 4):
        for phone in phones:
            told = replace(told)
            hello = Hello(PROTOCOL_VERSION, cluster.charter.community_id, told, None, "t", ())
            phone.say(told if kind == "status" else hello)
            answers += core.sync.peers[phone.device].status is told
            phone.read_all()
    assert answers == REQUESTS_PER_WINDOW
    core.sync.begin_epoch(core.epoch.number, core.epoch.lace)
    told, (phone, *_) = replace(told), phones
    phone.say(told)
    assert core.sync.peers[phone.device].status is not told, "an epoch begins no new count"
    cluster.now_ms += REQUEST_WINDOW_MS
    phone.say(told)
    assert core.sync.peers[phone.device].status is told
    assert not any(one.ended for one in phones)


# --- blocks -------------------------------------------------------------------------------------


def full_of_ops(n: int, each: int) -> Cluster:
    """Return nodes whose blocks carry large ops of one of them; node 1 was cut off meanwhile."""
    cluster = Cluster(n, lingering(n, 0))
    here = [one for one in cluster.devices if one != cluster.devices[1]]
    cluster.connect(here)
    cluster.run(100)
    for first in range(0, each, 10):
        for op in make_ops(cluster, 10, 1 + first):
            cluster.tell(0, cluster.devices[LIAR], Push(ops=(op,)))
        cluster.run(2_000)
    return cluster


def blocks_in(messages: Sequence[Message]) -> int:
    return sum(len(one.blocks) for one in messages if isinstance(one, Push))


def test_more_than_a_pull_brings_is_not_pushed_but_pulled() -> None:
    cluster = full_of_ops(5, 60)
    core = cluster.node(0).core
    held = sum(len(one.block.wire) for one in cluster.node(0).writes if isinstance(one, SaveBlock))
    assert held > PULL_BYTES
    assert len(core.epoch.lace) <= PUSH_CATCH_UP
    bob = Reader(cluster, cluster.devices[1])
    bob.greet(cluster.node(1).core.status())
    bob.read_all()
    bob.say(cluster.node(1).core.status())
    told = bob.read_all()
    assert blocks_in(told) == 0
    assert [one for one in told if isinstance(one, Status)]  # so it pulls
    assert bob.most_unread <= UNDER_WAY


def test_who_lacks_more_than_is_pushed_catches_up() -> None:
    cluster = full_of_ops(5, 60)
    bob = cluster.devices[1]
    for other in cluster.devices:
        if other != bob:
            cluster.give(bob, PeerUp(other))
            cluster.give(other, PeerUp(bob))
    cluster.run(60_000)
    assert cluster.node(1).core.final_index == cluster.node(0).core.final_index
    assert cluster.node(1).core.final_root == cluster.node(0).core.final_root


def test_little_that_a_peer_lacks_is_pushed_in_parts() -> None:
    cluster = full_of_ops(5, 6)
    core = cluster.node(0).core
    assert len(core.epoch.lace) <= PUSH_CATCH_UP
    bob = Reader(cluster, cluster.devices[1])
    bob.greet(cluster.node(1).core.status())
    bob.read_all()
    bob.say(cluster.node(1).core.status())
    told = bob.read_all()
    assert blocks_in(told) == len(core.epoch.lace)
    assert bob.most_unread <= UNDER_WAY


class Unheard(Cluster):
    """Nodes of which node 0 hears nothing of what some of its peers have taken."""

    def __init__(self, n: int) -> None:
        self.slow: set[DeviceKey] = set()
        super().__init__(n, lingering(n, 0))

    def is_heard(self, target: DeviceKey, event: Input) -> bool:
        return not isinstance(event, Written) or event.peer not in self.slow


def test_new_blocks_wait_for_a_peer_that_takes_nothing_and_then_it_pulls() -> None:
    cluster = Unheard(5)
    bob = Reader(cluster, cluster.devices[1])
    cluster.slow.add(bob.device)
    cluster.connect([one for one in cluster.devices if one != bob.device])
    cluster.run(100)
    bob.greet(cluster.node(1).core.status())
    bob.read_all()
    node = cluster.node(0)
    begin = len(node.sends)
    for op in make_ops(cluster, 60):
        cluster.tell(0, cluster.devices[LIAR], Push(ops=(op,)))
        cluster.run(500)
    assert node.core.final_index > 20
    sent = [one for one in node.sends[begin:] if one.peer == bob.device]
    assert not any(isinstance(one, Disconnect) for one in sent)
    said = [one.message for one in sent if isinstance(one, Send)]
    assert 0 < blocks_in(said) < len(node.core.epoch.lace) / 2
    assert sum(map(compute_message_memory, said)) <= UNDER_WAY
    bob.waits = True
    told = bob.read_all()
    assert [one for one in told if isinstance(one, Status)]  # so it pulls what it lacks
    assert bob.most_unread <= UNDER_WAY


def test_receipts_go_to_who_takes_what_it_is_sent_and_others_are_told_to_ask() -> None:
    cluster = Unheard(5)
    bob = Reader(cluster, cluster.devices[1])
    cluster.slow.add(bob.device)
    cluster.connect([one for one in cluster.devices if one != bob.device])
    cluster.run(100)
    bob.greet(cluster.node(1).core.status())
    bob.read_all()
    for op in make_ops(cluster, 10):
        bob.feed(Received(cluster.devices[LIAR], Push(ops=(op,))))
    node = cluster.node(0)
    assert not node.core.sync.peers[bob.device].backlog.is_open
    begin = len(node.sends)
    body = Propose("tactical", TITLE, (), NoAction(), WallMs(0))
    step = cluster.give(cluster.devices[0], Submit(body, (BLOB,), urgent=True))
    assert step.accepted is not None
    asked = step.accepted.id
    cluster.run(1_000)
    for place in (0, 2, LIAR, 4):
        vote = Vote(asked, asked, "yes", None)
        cluster.give(cluster.devices[place], Submit(vote, (), urgent=True))
    cluster.run(5_000)
    said = [one for one in node.sends[begin:] if isinstance(one, Send)]
    receipts = {one.peer for one in said if isinstance(one.message, Receipts)}
    assert receipts == set(cluster.devices[2:])
    bob.waits = True
    assert [one for one in bob.read_all() if isinstance(one, Status)]
