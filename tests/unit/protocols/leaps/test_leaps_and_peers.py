"""Whom a leap is asked of, how long it may take, what goes on meanwhile: R7.17, R7.10."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

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
    whole,
)

from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.gossip.leaping.leaps import (
    AGAIN_FIRST_MS,
    PART_MS,
    PART_TIMEOUT_MS,
    TRY_FIRST_MS,
    Answer,
    Leaps,
)
from p2pnode_protocols.gossip.peers.peer import LEAP_REQUESTS, REQUESTS_PER_WINDOW, Peer
from p2pnode_protocols.gossip.sync import Sync
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.leaps import Leap, Leapt
from p2pnode_protocols.messages.spreading import Pull, Pulled, Push
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.record.actions import InviteAction
from p2pnode_protocols.record.bodies import AddDevice
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Submit
from p2pnode_protocols.steps.notices import PeerRefused
from p2pnode_protocols.steps.sends import Send, ServeLeap
from p2pnode_protocols.steps.writes import SaveBlock, SaveReceipt
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, MemberId, MonoMs, Round, WallMs
from p2pnode_protocols.wire.limits import PULL_BYTES, SNAPSHOT_BYTES


@pytest.fixture
def town() -> Leaping:
    return make_town()


def parts(data: bytes) -> list[Value]:
    value = decode(data, SNAPSHOT_BYTES)
    assert isinstance(value, list)
    return value


def test_peer_that_drips_a_leap_is_given_up(town: Leaping) -> None:
    liar = Liar(town, 3)
    liar.greet(1_000)
    liar.meet_the_honest()
    parts_of_it = 10
    began_ms = town.now_ms
    while not leapt(town, 3):
        town.run(PART_TIMEOUT_MS - 100)
        liar.drip(parts_of_it * PULL_BYTES)
        assert town.now_ms - began_ms < 2 * PART_TIMEOUT_MS + parts_of_it * PART_MS
    assert len(asked(town, 3, liar.device)) > 1, "it did answer for a while"
    town.run(3_000)
    other = town.devices.index(liar.honest[0])
    assert same_state(town, 3, other)


def drip_the_largest(town: Leaping, liar: Liar, since_ms: int) -> None:
    """Answer a leap as slowly as may be, with links that hold, until another peer's has led on."""
    links, *_ = parts(whole(town))
    data = encode([links, bytes(SNAPSHOT_BYTES - 10_000_000), [bytes(32), []], None, []])
    digest, answered = hashlib.sha256(data).digest(), 0
    while not leapt(town, 3) and town.now_ms - since_ms < 3_600_000:
        town.run(PART_TIMEOUT_MS - 100)
        for leap in asked(town, 3, liar.device)[answered:]:
            answered += 1
            part = data[leap.offset : leap.offset + PULL_BYTES]
            town.tell(3, liar.device, Leapt(0, digest, len(data), leap.offset, part))


def test_who_lets_the_largest_leap_drip_holds_nobody_for_long(town: Leaping) -> None:
    liar = Liar(town, 3)
    liar.greet(1_000)
    liar.meet_the_honest()
    began_ms = town.now_ms
    drip_the_largest(town, liar, began_ms)
    assert town.now_ms - began_ms <= TRY_FIRST_MS + 2 * PART_TIMEOUT_MS
    assert same_state(town, 3, town.devices.index(liar.honest[0]))


@dataclass
class Asking:
    """Leaps by themselves, and two members who are ahead; the first has the lower key."""

    town: Leaping

    def __post_init__(self) -> None:
        self.sync = Sync(self.town.devices[3], [])
        self.begin = found_epoch(self.town.charter)
        community = self.town.charter.community_id
        self.leaps = Leaps(
            self.sync.peers, self.sync.pulls, community, fake_verify, is_allowed=True
        )
        self.peers = [Peer(one, MemberId(one)) for one in sorted(self.town.devices[:2])]
        for peer in self.peers:
            self.sync.peers.add(peer)
            peer.status = Status(9, EpochId(b"z" * 32), (), (), 10**6, b"r" * 32, ())
            self.sync.greet(peer, MonoMs(0))

    def work(self, now: int) -> DeviceKey | None:
        """Return who is asked for a leap at this time, if anybody is."""
        self.sync.peers.sends.clear()
        self.leaps.work(self.begin, 0, 0, MonoMs(now))
        asked = [one.peer for one in self.sync.peers.sends if isinstance(one, Send)]
        return asked[0] if asked else None

    def take(self, peer: Peer, part: Leapt, now: int) -> Answer | None:
        return self.leaps.take(peer, part, self.begin, 0, MonoMs(now))


def test_who_took_long_in_vain_is_asked_after_those_who_did_not(town: Leaping) -> None:
    asking = Asking(town)
    slow, quick = asking.peers
    assert asking.work(0) == slow.device
    part = Leapt(0, b"d" * 32, SNAPSHOT_BYTES, 0, whole(town).ljust(PULL_BYTES, b"0"))
    assert asking.take(slow, part, PART_TIMEOUT_MS - 1) is None
    assert asking.work(2 * PART_TIMEOUT_MS) == quick.device, "and it says nothing"
    both_ms = 3 * PART_TIMEOUT_MS + AGAIN_FIRST_MS
    assert asking.work(3 * PART_TIMEOUT_MS) is None
    assert asking.work(both_ms) == quick.device, "both may be asked again"


def test_a_leap_over_a_slow_link_comes_with_a_later_try(town: Leaping) -> None:
    # Two seconds a part are allowed; all twenty take longer than the first try may.
    asking = Asking(town)
    slow, other = asking.peers
    asking.sync.lost(other.device)
    links, *_ = parts(whole(town))
    data = encode([links, bytes(20 * PULL_BYTES - 100_000), [bytes(32), []], None, []])
    digest, now, tries = hashlib.sha256(data).digest(), 0, 0
    answer = None
    while answer is None and now < 600_000:
        if asking.work(now) is not None:
            tries, held = tries + 1, 0
        now += PART_MS
        part = data[held : held + PULL_BYTES]
        answer = asking.take(slow, Leapt(0, digest, len(data), held, part), now)
        held += len(part)
    assert answer is not None
    assert tries == 2


def test_peer_that_claims_ever_more_is_asked_after_the_others(town: Leaping) -> None:
    liar = Liar(town, 3)
    liar.greet(1_000)
    liar.meet_the_honest()
    for step in range(5):
        town.run(PART_TIMEOUT_MS - 1_000)
        town.tell(3, liar.device, liar.claim(1_001 + step))
    assert len(leapt(town, 3)) == 1


def test_who_claims_ever_more_keeps_nobody_from_pulling(town: Leaping) -> None:
    # The others have no receipts to lead a newcomer with: it has to replay their blocks.
    for place in range(3):
        node = town.node(place)
        node.writes = [one for one in node.writes if not isinstance(one, SaveReceipt)]
    liar = Liar(town, 3)
    liar.greet(1_000)
    liar.meet_the_honest()
    for step in range(20):
        town.run(PART_TIMEOUT_MS - 1_000)
        town.tell(3, liar.device, liar.claim(1_001 + step))
    assert leapt(town, 3) == []
    assert same_state(town, 3, town.devices.index(liar.honest[0]))


def test_member_goes_on_pulling_while_a_leap_is_under_way(town: Leaping) -> None:
    town.connect()
    town.run(5_000)
    place = town.devices.index(max(town.devices[:2]))
    liar = Liar(town, place)
    victim, core = town.devices[place], town.node(place).core
    town.cut |= {frozenset((victim, one)) for one in town.devices if one != victim}
    epoch = core.epoch.number
    claim = replace(liar.claim(epoch + 1), final_index=core.final_index, final_root=core.final_root)
    town.tell(place, liar.device, claim)
    town.answer_pull(place, liar.device)
    assert asked(town, place, liar.device), "it brings no blocks and claims an epoch more"
    friend = next(one for one in liar.honest if one != liar.device)
    higher = ((town.charter.members[0].id, Round(1_000)),)
    told = town.nodes[friend].core.status()
    sent = len(town.node(place).sends)
    town.tell(place, friend, replace(told, frontier=higher))
    since = town.node(place).sends[sent:]
    pulls = [one for one in since if isinstance(one, Send) and isinstance(one.message, Pull)]
    assert [one.peer for one in pulls] == [friend]


def bind_phones(town: Leaping, liar: Liar, count: int) -> list[DeviceKey]:
    """Give the liar's seat so many further devices, of the lowest keys."""
    seat = town.node(0).core.state.charter.by_device(liar.device)
    assert seat is not None
    phones = [DeviceKey(bytes([1, number]) * 16) for number in range(count)]
    message = crypto.signed_message(crypto.TAG_BIND, town.charter.community_id, seat.id)
    for phone in phones:
        town.give(liar.device, Submit(AddDevice(phone, FakeSigner(phone).sign(message))))
    town.run(5_000)
    for node in town.nodes.values():
        assert node.core.state.charter.by_device(phones[-1]) is not None
    return phones


def test_further_devices_of_a_liar_are_asked_after_everybody_else(town: Leaping) -> None:
    # One after the other they would keep a member from catching up for as many timeouts.
    town.connect()
    town.run(5_000)
    late, core = town.devices[3], town.node(3).core
    liar = Liar(town, 3)
    town.cut.clear()
    phones = bind_phones(town, liar, 6)
    town.cut_the_last_off()
    town.hang_up()
    town.go_on()
    town.keep_epochs = 2
    town.cut = {frozenset((late, liar.device))}
    epoch = core.epoch.number
    lying = (liar.device, *phones)
    for device in lying:
        hello = replace(hello_of(town), status=liar.claim(epoch + 1), addresses=())
        town.give(late, PeerUp(device))
        town.tell(3, device, hello)
    while not all(core.sync.pulls.is_barren(core.sync.peers[one]) for one in lying):
        for device in lying:
            town.answer_pull(3, device)
        town.run(10)
    liar.meet_the_honest()
    town.run(2 * PART_TIMEOUT_MS)
    # The second was asked while it was still open whether the honest have the blocks.
    assert sum(bool(asked(town, 3, one)) for one in lying) <= 2
    assert len(leapt(town, 3)) == 2


def test_proposals_that_close_while_a_leap_is_under_way_are_no_harm(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    late, peer = town.devices[3], town.devices[0]
    town.decide()
    # What decides it is under way to the one that is cut off from all that follows.
    town.run(3_000)
    town.cut_the_last_off()
    before = len(town.node(3).core.state.closed_proposals)
    blocks = len(town.node(0).writes)
    town.decide()
    town.run(2_000)
    deciding = [one.block for one in town.node(0).writes[blocks:] if isinstance(one, SaveBlock)]
    town.go_on()
    core = town.node(3).core
    town.give(late, PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    town.answer_pull(3, peer)
    (leap,) = asked(town, 3, peer)[-1:]
    assert leap.closed == before
    town.tell(3, peer, Push(blocks=tuple(deciding)))
    assert len(core.state.closed_proposals) == before + 1, "closed here in the meantime"
    assert core.epoch.number == leap.epoch_number
    town.tell(3, peer, store_of(town).serve_leap(leap))
    assert [one for one in town.node(3).notices if isinstance(one, PeerRefused)] == []
    assert len(leapt(town, 3)) == 2
    assert (
        core.state.closed_proposals[: before + 2]
        == town.node(0).core.state.closed_proposals[: before + 2]
    )


def served(town: Leaping, leaps: Iterable[Leap]) -> int:
    """Return how many of these leaps, asked for by one peer at once, a node answers."""
    steps = [town.tell(0, town.devices[1], one) for one in leaps]
    return sum(isinstance(one, ServeLeap) for step in steps for one in step.sends)


def test_parts_of_the_largest_leap_are_answered(town: Leaping) -> None:
    count = SNAPSHOT_BYTES // PULL_BYTES
    assert served(town, [Leap(0, 0, None, place * PULL_BYTES) for place in range(count)]) == count


def test_who_asks_for_ever_other_leaps_is_refused(town: Leaping) -> None:
    allowed = REQUESTS_PER_WINDOW // LEAP_REQUESTS
    assert served(town, [Leap(0, place % 2, None, 0) for place in range(2 * allowed)]) == allowed
    refused = [one.code for one in town.node(0).notices if isinstance(one, PeerRefused)]
    assert set(refused) == {"limit_rate"}


def test_who_answers_pulls_of_other_epochs_keeps_nobody_from_the_honest(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    core = town.node(3).core
    town.cut_the_last_off()
    town.next_epoch()
    town.decide()
    town.hang_up()
    liar = Liar(town, 3)
    liar.greet(core.epoch.number + 1)
    liar.meet_the_honest()
    answered = 0
    for _ in range(2_000):
        town.run(10)
        for pull in town.pulls_of(3, liar.device)[answered:]:
            answered += 1
            other = pull.epoch_number + 1
            town.tell(3, liar.device, Pulled(other, (), (), more=False))
            assert core.sync.peers[liar.device].pull_until is not None, "still waiting for one"
    assert 0 < answered < 10, "each is as good as no answer"
    assert core.final_index == town.nodes[liar.honest[0]].core.final_index


@pytest.mark.parametrize("is_mute", [True, False])
def test_who_hangs_up_and_calls_again_keeps_nobody_from_the_honest(
    town: Leaping, is_mute: bool
) -> None:
    # Of those equally good the lowest key came first, and a new connection had a clean slate:
    # two devices of one liar were asked by turns.
    town.connect()
    town.run(3_000)
    late, core = town.devices[3], town.node(3).core
    liar = Liar(town, 3)
    town.cut.clear()
    phones = bind_phones(town, liar, 2)
    town.cut_the_last_off()
    town.hang_up()
    town.next_epoch()
    town.decide()
    town.cut = {frozenset((late, liar.device))}
    claim = liar.claim(core.epoch.number + 1)

    def call(device: DeviceKey) -> None:
        hello = replace(hello_of(town), status=claim, addresses=())
        town.give(late, PeerUp(device))
        town.tell(3, device, hello)

    for phone in phones:
        call(phone)
    liar.meet_the_honest()
    calls = 0
    while core.final_index < town.nodes[liar.honest[0]].core.final_index and calls < 20:
        town.run(1_000)
        for phone in phones:
            if core.sync.peers[phone].pull_until is not None:
                if not is_mute:
                    town.answer_pull(3, phone)
                town.give(late, PeerDown(phone))
                call(phone)
                calls += 1
    assert calls < 4, "they are asked in their turn, and no more"


def test_ever_new_strangers_keep_nobody_from_leaping(town: Leaping) -> None:
    # To one who was away the invite is open for good, and its holder may have any number of keys.
    town.connect()
    town.run(5_000)
    late, core = town.devices[3], town.node(3).core
    key = DeviceKey(b"i" * 32)
    invite = InviteAction("eve", key, WallMs(town.charter.created_ms + 29 * 86_400_000), 1)
    proposal = town.propose_action(0, town.charter.rules.membership_tier, invite)
    for place in range(4):
        town.vote(place, proposal)
    town.run(7 * 86_400_000)
    assert town.outcome(3, proposal) == "passed"
    town.cut_the_last_off()
    town.hang_up()
    town.go_on()
    town.keep_epochs = 2
    town.cut.clear()
    epoch, community = core.epoch.number, town.charter.community_id
    claim = Status(epoch + 1, EpochId(b"z" * 32), (), (), 10**6, b"r" * 32, ())
    came: list[DeviceKey] = []

    def come() -> None:
        device = DeviceKey((len(came) + 1).to_bytes(4, "big") * 8)
        came.append(device)
        vouched = FakeSigner(key).sign(crypto.signed_message(crypto.TAG_ADMIT, community, device))
        town.give(late, PeerUp(device))
        town.tell(3, device, Hello(PROTOCOL_VERSION, community, claim, (key, vouched), "", ()))

    for _ in range(4):
        come()
    for one in town.devices[:3]:
        town.give(one, PeerUp(late))
        town.give(late, PeerUp(one))
    before = len(leapt(town, 3))
    while len(leapt(town, 3)) == before and len(came) < 40:
        town.run(50)
        for device in came:
            peer = core.sync.peers.get(device)
            if peer is not None and peer.pull_until is not None:
                town.answer_pull(3, device)
            elif peer is not None and asked(town, 3, device) and not core.leaps.is_under_way:
                town.give(late, PeerDown(device))
                come()
    assert len(leapt(town, 3)) == before + 1
    assert sum(bool(asked(town, 3, one)) for one in came) <= 2


def test_leap_instead_of_pulls_leaves_no_wake_up_in_the_past(town: Leaping) -> None:
    # A pull that nobody answers was not given up while a leap was under way: 1,000 steps a second.
    late = town.devices[3]
    near, far = town.devices[:2]
    town.cut = {frozenset((one, other)) for one in town.devices for other in town.devices}
    for peer, epoch in ((near, 1), (far, 9)):
        status = Status(epoch, EpochId(b"z" * 32), (), (), 10**6, b"r" * 32, ())
        hello = Hello(PROTOCOL_VERSION, town.charter.community_id, status, None, "", ())
        town.give(late, PeerUp(peer))
        town.tell(3, peer, hello)
    assert town.pulls_of(3, near)
    assert asked(town, 3, far)
    end_ms, offset, steps = town.now_ms + 60_000, 0, 0
    while town.now_ms < end_ms:
        part = Leapt(0, b"d" * 32, SNAPSHOT_BYTES, offset, bytes(PULL_BYTES))
        town.tell(3, far, part)
        offset += PULL_BYTES
        until_ms = town.now_ms + 2_000
        while town.now_ms < until_ms:
            town.run_until(min(until_ms, max(town.node(3).wake_at, town.now_ms + 1)))
            steps += 1
    assert steps < 300
