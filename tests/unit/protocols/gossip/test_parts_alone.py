"""The parts of gossip, each with those below it: who is told, asked, kept, forgotten."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.cores.dag import Dag, Reader

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.gossip.asking.pulls import PULL_TIMEOUT_MS, Pulls
from p2pnode_protocols.gossip.asking.texts import MissingTexts
from p2pnode_protocols.gossip.asking.want_queues import WANT_RETRY_MS, WantQueues
from p2pnode_protocols.gossip.asking.wants import WANT_FIRST_MS, Wants
from p2pnode_protocols.gossip.frontiers import Frontiers
from p2pnode_protocols.gossip.peers.hearsay import Hearsay
from p2pnode_protocols.gossip.peers.peer import REQUESTS_PER_WINDOW, Peer
from p2pnode_protocols.gossip.peers.peers import Peers
from p2pnode_protocols.gossip.probe import PROBE_FIRST_MS, Probe
from p2pnode_protocols.gossip.pushes import Pushes
from p2pnode_protocols.gossip.shares.held import HeldBlocks
from p2pnode_protocols.gossip.sync import Sync
from p2pnode_protocols.messages.spreading import Pull, Pulled, Push, Want
from p2pnode_protocols.messages.standing import Links, Status
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.sends import Send, Sending
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, MonoMs, OpId, Round, TextId

ALICE, BOB, CAROL = (DeviceKey(name * 32) for name in (b"a", b"b", b"c"))
REF = TextRef(TextId(b"t" * 32), 5)


class Ground:
    """Peers, and a blocklace of four authors of whom this node is the first."""

    def __init__(self) -> None:
        self.dag = Dag(4)
        self.reader = Reader(self.dag.committee)
        self.keys = self.dag.committee.keys
        self.sends: list[Sending] = []
        self.peers = Peers(self.sends)
        self.frontiers = Frontiers(self.peers)
        self.frontiers.begin_epoch(0, self.reader.lace)

    def meet(self, device: DeviceKey, *, rounds: Sequence[int] = ()) -> Peer:
        """Let a device be connected that says up to which round it has each author's blocks."""
        peer = Peer(device, MemberId(device), greeted=True)
        self.peers.add(peer)
        self.peers.review()
        members = self.dag.committee.members
        frontier = tuple((members[place], Round(at)) for place, at in enumerate(rounds) if at)
        peer_status = Status(0, self.dag.committee.epoch, frontier, (), 0, bytes(32), ())
        self.frontiers.on_status(peer, peer_status)
        self.sends.clear()
        return peer

    def told(self, kind: type) -> list[tuple[DeviceKey, object]]:
        return [
            (one.peer, one.message)
            for one in self.sends
            if isinstance(one, Send) and isinstance(one.message, kind)
        ]

    def take(self, blocks: Sequence[Block]) -> None:
        self.reader.add_all(list(blocks))


@pytest.fixture
def ground() -> Ground:
    return Ground()


# --- peers, frontiers -----------------------------------------------------------------------


def test_who_comes_and_goes_is_told_to_all_who_are_past_their_hello(ground: Ground) -> None:
    ground.meet(BOB)
    ground.peers.add(Peer(CAROL))
    ground.peers.review()
    assert ground.peers.connected == {BOB}
    assert list(ground.peers) == [BOB, CAROL], "in order of key, past the hello or not"
    assert ground.told(Links) == [(BOB, Links((BOB,)))]
    assert ground.peers.remove(BOB) is not None
    assert BOB not in ground.peers


def test_all_devices_of_a_seat_ask_as_much_as_one_may(ground: Ground) -> None:
    first, second = ground.meet(BOB), ground.meet(CAROL)
    second.member = first.member
    for _ in range(REQUESTS_PER_WINDOW):
        assert ground.peers.may_ask(first, MonoMs(0))
    assert not ground.peers.may_ask(second, MonoMs(0))
    assert ground.peers.may_ask(second, MonoMs(10_000)), "a new window"


def test_who_shows_a_block_that_is_not_here_is_ahead_until_it_is(ground: Ground) -> None:
    blocks = ground.dag.round(1, [0, 1, 2, 3])
    ground.take(blocks[:3])
    peer = ground.meet(BOB, rounds=(1, 1, 1, 1))
    assert ground.frontiers.is_behind(peer)
    ground.take(blocks[3:])
    assert not ground.frontiers.is_behind(peer)
    assert len(ground.frontiers.frontier()) == 4


def test_who_sent_a_block_has_its_parents(ground: Ground) -> None:
    below = ground.dag.round(1, [0, 1, 2])
    above = ground.dag.round(2, [1], below)
    ground.take([*below, *above])
    peer = ground.meet(BOB)
    vertex = ground.reader.lace.get(above[0].id)
    assert vertex is not None
    ground.frontiers.note_block(BOB, vertex)
    assert peer.has == {0: 1, 1: 2, 2: 1}


# --- pushes ---------------------------------------------------------------------------------


def test_a_block_goes_to_those_who_lack_it_and_do_not_get_it_directly(ground: Ground) -> None:
    pushes = Pushes(ground.keys[0], ground.peers, ground.frontiers)
    blocks = ground.dag.round(1, [1])
    ground.take(blocks)
    vertex = ground.reader.lace.get(blocks[0].id)
    assert vertex is not None
    ground.meet(BOB)
    ground.meet(CAROL, rounds=(0, 1))
    linked = ground.meet(DeviceKey(b"d" * 32))
    linked.links = frozenset([ground.keys[1]])
    ground.sends.clear()
    for _ in range(2):
        pushes.push_block(vertex, None)
    assert [peer for peer, _push in ground.told(Push)] == [BOB], "and once only"


def test_who_lost_a_maker_of_blocks_gets_what_it_lacks(ground: Ground) -> None:
    pushes = Pushes(ground.keys[0], ground.peers, ground.frontiers)
    ground.take(ground.dag.round(1, [1, 2]))
    peer = ground.meet(BOB)
    assert pushes.on_links(peer, Links((ground.keys[1],)))
    assert ground.told(Push) == []
    assert pushes.on_links(peer, Links(()))
    ((_, push),) = ground.told(Push)
    assert isinstance(push, Push)
    assert len(push.blocks) == 2


# --- pulls ----------------------------------------------------------------------------------


def test_one_peer_at_a_time_is_asked_for_blocks(ground: Ground) -> None:
    pulls = Pulls(ground.peers, ground.frontiers)
    bob, carol = (ground.meet(one, rounds=(1, 1)) for one in (BOB, CAROL))
    ground.sends.clear()
    pulls.pull(MonoMs(0), 0, Round(1), may_ask=True)
    pulls.pull(MonoMs(1), 0, Round(1), may_ask=True)
    assert [peer for peer, _pull in ground.told(Pull)] == [BOB]
    assert list(pulls.wake_times()) == [PULL_TIMEOUT_MS]
    pulls.on_pulled(bob, Pulled(0, (), (), False, None), False, MonoMs(2))
    assert pulls.is_barren(bob)
    pulls.pull(MonoMs(3), 0, Round(1), may_ask=True)
    assert [peer for peer, _pull in ground.told(Pull)] == [BOB, CAROL]
    assert carol.pull_until is not None


def test_a_pull_that_is_refused_lets_another_be_asked(ground: Ground) -> None:
    pulls = Pulls(ground.peers, ground.frontiers)
    for one in (BOB, CAROL):
        ground.meet(one, rounds=(1, 1))
    pulls.pull(MonoMs(0), 0, Round(1), may_ask=True)
    pulls.on_refused(ground.peers[BOB], "bad_epoch")
    ground.sends.clear()
    pulls.pull(MonoMs(1), 0, Round(1), may_ask=True)
    assert [peer for peer, _pull in ground.told(Pull)] == [CAROL]


# --- wants, texts ---------------------------------------------------------------------------


def test_a_text_is_asked_of_its_bearer_first_and_then_of_everyone(ground: Ground) -> None:
    texts = MissingTexts(ALICE)
    wants = Wants(ground.peers, HeldBlocks(), texts)
    for one in (BOB, CAROL):
        ground.meet(one)
    texts.miss(REF, None, b"seat")
    wants.want((REF.id,), CAROL, b"seat", MonoMs(0))
    wants.ask(MonoMs(0))
    assert ground.told(Want) == [], "it is mostly on its way"
    at = 0
    for expected in (CAROL, BOB):
        at += WANT_FIRST_MS if not at else WANT_RETRY_MS
        wants.ask(MonoMs(at))
        assert ground.told(Want)[-1][0] == expected
    texts.forget(REF.id)
    before = len(ground.sends)
    wants.ask(MonoMs(10 * at))
    assert len(ground.sends) == before, "nothing needs it any more"


def test_a_text_is_missing_until_no_op_needs_it() -> None:
    texts = MissingTexts(ALICE)
    one, other = OpId(b"1" * 32), OpId(b"2" * 32)
    texts.miss(REF, None, b"seat", one)
    texts.miss(REF, None, b"seat", other)
    assert not texts.drop(REF.id, one)
    assert REF.id in texts.missing
    assert texts.drop(REF.id, other)
    assert REF.id not in texts.missing


# --- hearsay, held blocks, probe ------------------------------------------------------------


def test_what_a_seat_says_again_of_a_device_is_known_till_others_say_otherwise() -> None:
    hearsay, bob, carol = Hearsay(), Peer(BOB, MemberId(BOB)), Peer(CAROL, MemberId(CAROL))
    here, there = ("/ip4/192.0.2.1/tcp/1",), ("/ip4/192.0.2.2/tcp/1",)

    def heard(peer: Peer, addresses: tuple[str, ...]) -> str:
        return hearsay.hear(peer, ALICE, addresses, is_known=True)

    assert [heard(bob, here), heard(bob, here)] == ["new", "known"]
    assert heard(carol, there) == "new"
    assert [heard(bob, here), heard(bob, here)] == ["again", "known"]
    hearsay.forget(lambda _device: False)
    assert heard(bob, here) == "new"


def test_what_only_who_hung_up_had_brought_is_forgotten(ground: Ground) -> None:
    held = HeldBlocks()
    one, other = ground.dag.round(1, [1, 2])
    held.hold_future(one, BOB)
    held.hold_future(other, BOB)
    held.hold_future(other, CAROL)
    held.lost(BOB)
    assert [block for block, _sender in held.take_future()] == [other]


def test_who_waits_in_vain_tells_everyone_less_often_each_time(ground: Ground) -> None:
    probe = Probe(ground.peers)
    ground.meet(BOB)
    status = Status(0, ground.dag.committee.epoch, (), (), 0, bytes(32), ())
    told_at: list[int] = []
    for now in range(0, 8 * PROBE_FIRST_MS, 10):
        before = len(ground.told(Status))
        probe.probe(True, lambda: status, MonoMs(now))
        told_at += [now] * (len(ground.told(Status)) - before)
    assert told_at == [PROBE_FIRST_MS, 3 * PROBE_FIRST_MS, 7 * PROBE_FIRST_MS]
    probe.on_progress()
    assert list(probe.wake_times()) == []


def test_who_hung_up_is_asked_for_nothing_any_more() -> None:
    queues = WantQueues()
    queues.add(REF.id, [BOB, CAROL], MonoMs(0), b"seat")
    queues.lost(BOB)
    assert queues[REF.id].peers == [CAROL]


def test_nothing_of_who_hung_up_stays_in_any_part(ground: Ground) -> None:
    sync = Sync(ALICE, ground.sends)
    sync.begin_epoch(0, ground.reader.lace)
    sync.add(BOB)
    sync.miss_text(REF, None, b"seat")
    sync.greet(sync.peers[BOB], MonoMs(0))
    sync.held.hold_future(ground.dag.round(1, [1])[0], BOB)
    sync.hearsay.hold(sync.peers[BOB], CAROL, ("/ip4/192.0.2.1/tcp/1",))
    sync.lost(BOB)
    assert list(sync.peers) == []
    assert len(sync.held.future) == len(sync.hearsay.early) == 0
    waiting = (sync.probe, sync.pulls, sync.wants)
    assert [at for one in waiting for at in one.wake_times()] == [], "nobody is left to be asked"
