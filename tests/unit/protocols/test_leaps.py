"""From one epoch to a later one by receipts and a snapshot: R7.17, R6.8."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from sim.memory_store import MemoryStore
from support.cluster import Cluster
from support.dag import FakeSigner, fake_verify, make_charter

from p2pnode_protocols.chain import EpochLink, ReceiptSet
from p2pnode_protocols.codec import Value, decode, encode
from p2pnode_protocols.core import Core
from p2pnode_protocols.epoch import found_epoch
from p2pnode_protocols.errors import PeerFault
from p2pnode_protocols.ids import DeviceKey, EpochId, MemberId, Round, TextId, WallMs
from p2pnode_protocols.leaps import FAR_BEHIND, PART_MS, PART_TIMEOUT_MS, read_leap
from p2pnode_protocols.limits import PULL_BYTES, SNAPSHOT_BYTES
from p2pnode_protocols.messages import (
    PROTOCOL_VERSION,
    Hello,
    Leap,
    Leapt,
    Pull,
    Pulled,
    Push,
    Status,
)
from p2pnode_protocols.ops import Away, Back, NoAction, Propose, make_text
from p2pnode_protocols.receipts import Statement, sign_receipt
from p2pnode_protocols.steps import (
    LeaptOver,
    OpLeaptOver,
    PeerRefused,
    PeerUp,
    ProposalDecided,
    Restored,
    SaveBlock,
    SaveCommit,
    SaveEpoch,
    SaveReceipt,
    Send,
    ServeLeap,
    Submit,
)
from p2pnode_protocols.sync import LEAP_REQUESTS, REQUESTS_PER_WINDOW

EPOCHS = 4


class Leaping(Cluster):
    """A cluster of four; the last one may be told not to leap."""

    may_leap = True

    def make_core(self, device: DeviceKey, restored: Restored) -> Core:
        return Core(
            self.charter.community_id,
            FakeSigner(device),
            restored,
            self.now(),
            verify=fake_verify,
            may_leap=self.may_leap,
        )

    def decide(self) -> None:
        proposal = self.propose(0)
        for place in range(3):
            self.vote(place, proposal)
        self.run(1_000)
        assert self.outcome(0, proposal) == "passed"

    def next_epoch(self) -> None:
        """Let the third member go away, or come back."""
        seat = self.charter.members[2].id
        held = self.node(0).core.state.charter.member(seat)
        assert held is not None
        self.give(self.devices[2], Submit(Back() if held.away else Away()))
        self.run(4 * 3_600_000)  # away_interval_ms


@pytest.fixture
def town() -> Leaping:
    """Three of four have gone through some epochs; the fourth was never there."""
    charter = make_charter(4)
    rules = replace(charter.rules, away_interval_ms=0)
    town = Leaping(4, replace(charter, rules=rules, created_ms=WallMs(1_700_000_000_000)))
    town.connect(town.devices[:3])
    for _ in range(EPOCHS):
        town.decide()
        town.next_epoch()
    town.decide()
    town.run(2_000)
    assert town.node(0).core.epoch.number >= EPOCHS
    return town


def store_of(town: Leaping, place: int = 0) -> MemoryStore:
    return town._store(town.node(place))


def whole(town: Leaping, epoch: int = 0, closed: int = 0) -> bytes:
    part = store_of(town).serve_leap(Leap(epoch, closed, 0))
    assert len(part.data) == part.total > 0
    return part.data


def leapt(town: Leaping, place: int) -> list[LeaptOver]:
    return [one for one in town.node(place).notices if isinstance(one, LeaptOver)]


def same_state(town: Leaping, one: int, other: int) -> bool:
    cores = [town.node(place).core for place in (one, other)]
    return (
        cores[0].final_root == cores[1].final_root
        and cores[0].state.to_bytes() == cores[1].state.to_bytes()
        and cores[0].state.closed_proposals == cores[1].state.closed_proposals
    )


def test_newcomer_far_behind_leaps_and_goes_on_with_blocks(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    (leap,) = leapt(town, 3)
    assert leap.from_epoch == 0
    assert leap.to_epoch == town.node(0).core.epoch.number
    assert same_state(town, 0, 3)
    commits = [one.commit for one in town.node(3).writes if isinstance(one, SaveCommit)]
    assert commits, "the epoch's own blocks follow"
    assert min(one.index for one in commits) == leap.index + 1
    town.decide()
    assert same_state(town, 0, 3)


def test_what_was_decided_before_is_told_as_decided(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    decided = [one.proposal for one in town.node(3).notices if isinstance(one, ProposalDecided)]
    assert decided == [one.id for one in town.node(0).core.state.closed_proposals]


def test_newcomer_that_wants_every_commit_replays_them(town: Leaping) -> None:
    town.may_leap = False
    town.start(town.devices[3], Restored(found_epoch(town.charter), (), (), (), (), 0))
    town.connect()
    town.run(30_000)
    assert leapt(town, 3) == []
    assert same_state(town, 0, 3)
    commits = [one for one in town.node(3).writes if isinstance(one, SaveCommit)]
    assert commits[0].commit.index == 1


def test_newcomer_near_the_start_replays(town: Leaping) -> None:
    # Of an epoch or two the blocks are soon fetched, and then the whole log is here.
    fresh = Leaping(4)
    fresh.connect(fresh.devices[:3])
    fresh.decide()
    fresh.connect()
    fresh.run(3_000)
    assert fresh.node(0).core.epoch.number < FAR_BEHIND
    assert leapt(fresh, 3) == []
    assert same_state(fresh, 0, 3)


def test_member_that_was_away_replays_while_its_peers_have_the_blocks(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    late = town.devices[3]
    town.cut = {frozenset((late, one)) for one in town.devices[:3]}
    for _ in range(3):
        town.next_epoch()
        town.decide()
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 1, "the one with which it came"
    assert same_state(town, 0, 3)


def test_member_that_was_away_leaps_when_nobody_has_the_blocks(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    late = town.devices[3]
    town.cut = {frozenset((late, one)) for one in town.devices[:3]}
    for _ in range(3):
        town.next_epoch()
        town.decide()
    town.keep_epochs = 2
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 2
    assert same_state(town, 0, 3)


def test_op_that_a_leap_led_over_waits_for_nothing_more(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    late, others = town.devices[3], town.devices[:3]
    title, _ = make_text(b"o" * 16, "a title")
    step = town.give(late, Submit(Propose("implementation", title, None, NoAction(), WallMs(0))))
    assert step.accepted is not None
    op = step.accepted
    town.run(3)  # it is with the others
    town.cut = {frozenset((late, one)) for one in others}
    for _ in range(3):
        town.next_epoch()
        town.decide()
    core = town.node(3).core
    assert op.id in core.pool
    town.keep_epochs = 2
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 2
    assert core.state.proposal(op.id) is not None
    assert op.id not in core.pool
    assert core.preview.pending_on(op.id) == ()
    assert town.node(3).noticed(OpLeaptOver) == [OpLeaptOver(op.id)]


def test_texts_that_are_here_are_not_asked_for_after_a_leap(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    late = town.devices[3]
    held, lacking = (propose(town, place, bytes([place]) * 16) for place in (0, 1))
    town.tell(3, town.devices[0], Push(texts=(held[1],)))  # one came, one is still missing
    assert set(town.node(3).core.sync.missing_texts) >= {lacking[0]}
    assert held[0] not in town.node(3).core.sync.missing_texts
    town.cut = {frozenset((late, one)) for one in town.devices[:3]}
    new = propose(town, 0, b"n" * 16)
    for _ in range(3):
        town.next_epoch()
        town.decide()
    town.keep_epochs = 2
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 2
    missing = town.node(3).core.sync.missing_texts
    assert {lacking[0], new[0]} <= set(missing)
    assert held[0] not in missing


def propose(town: Leaping, place: int, salt: bytes) -> tuple[TextId, bytes]:
    """Open a proposal whose text is not sent with it; return the text."""
    title, blob = make_text(salt, "a title")
    body = Propose("implementation", title, None, NoAction(), WallMs(0))
    town.give(town.devices[place], Submit(body, (), True))
    town.run(5_000)
    return title.id, blob


def test_leap_survives_a_restart(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    device = town.devices[3]
    restored = store_of(town, 3).restore(device)
    assert restored is not None
    core = town.make_core(device, restored)
    assert core.final_root == town.node(3).core.final_root
    assert core.state.to_bytes() == town.node(3).core.state.to_bytes()


def test_who_leapt_can_show_others_the_way(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    assert store_of(town, 3).serve_leap(Leap(0, 0, 0)).total > 0


def test_parts_are_put_together(town: Leaping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.memory_store.PULL_BYTES", 1_000)
    monkeypatch.setattr("p2pnode_protocols.leaps.PULL_BYTES", 1_000)
    town.connect()
    town.run(3_000)
    assert len(leapt(town, 3)) == 1
    offsets = [
        one.message.offset
        for one in town.node(3).sends
        if isinstance(one, Send) and isinstance(one.message, Leap)
    ]
    assert offsets == list(range(0, 1_000 * len(offsets), 1_000))
    assert len(offsets) > 3


def test_peer_that_has_nothing_is_asked_once(town: Leaping) -> None:
    late, peer = town.devices[3], town.devices[0]
    town.give(late, PeerUp(peer))
    town.tell(3, peer, _hello(town))
    town.tell(3, peer, Leapt(0, bytes(32), 0, 0, b""))
    town.tell(3, peer, Pulled(0, (), (), more=False))
    town.run_until(town.now_ms + 20_000)
    assert len(asked(town, 3, peer)) == 1


def asked(town: Leaping, place: int, peer: DeviceKey) -> list[Leap]:
    sends = [one for one in town.node(place).sends if isinstance(one, Send) and one.peer == peer]
    return [one.message for one in sends if isinstance(one.message, Leap)]


class Liar:
    """Speaks to one node only, first of all peers, and answers every leap with a full part."""

    def __init__(self, town: Leaping, victim: int) -> None:
        self.town = town
        self.victim = victim
        others = [one for one in town.devices if one != town.devices[victim]]
        self.device = min(others)  # peers are looked at in the order of their keys
        self.honest = [one for one in others if one != self.device]
        town.cut = {frozenset((self.device, one)) for one in town.devices if one != self.device}
        self._answered = 0

    def claim(self, epoch: int) -> Status:
        return Status(epoch, EpochId(b"z" * 32), (), (), 10**6, b"r" * 32, 0)

    def greet(self, epoch: int) -> None:
        town = self.town
        hello = Hello(PROTOCOL_VERSION, town.charter.community_id, self.claim(epoch), None, "", ())
        town.give(town.devices[self.victim], PeerUp(self.device))
        town.tell(self.victim, self.device, hello)

    def meet_the_honest(self) -> None:
        victim = self.town.devices[self.victim]
        for one in self.honest:
            self.town.give(one, PeerUp(victim))
            self.town.give(victim, PeerUp(one))

    def drip(self, total: int = SNAPSHOT_BYTES) -> None:
        """Answer what was asked since the last time."""
        for leap in asked(self.town, self.victim, self.device)[self._answered :]:
            self._answered += 1
            part = bytes(PULL_BYTES)
            answer = Leapt(leap.epoch_number, b"d" * 32, total, leap.offset, part)
            self.town.tell(self.victim, self.device, answer)


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
    town.tell(place, liar.device, Pulled(epoch, (), (), more=False))
    assert asked(town, place, liar.device), "it brings no blocks and claims an epoch more"
    friend = next(one for one in liar.honest if one != liar.device)
    higher = ((town.charter.members[0].id, Round(1_000)),)
    told = town.nodes[friend].core.status()
    sent = len(town.node(place).sends)
    town.tell(place, friend, replace(told, frontier=higher))
    since = town.node(place).sends[sent:]
    pulls = [one for one in since if isinstance(one, Send) and isinstance(one.message, Pull)]
    assert [one.peer for one in pulls] == [friend]


def test_proposals_that_close_while_a_leap_is_under_way_are_no_harm(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    late, others = town.devices[3], town.devices[:3]
    town.decide()
    # What decides it is under way to the one that is cut off from all that follows.
    town.run(3_000)
    town.cut = {frozenset((late, one)) for one in others}
    before = len(town.node(3).core.state.closed_proposals)
    blocks = len(town.node(0).writes)
    town.decide()
    town.run(2_000)
    deciding = [one.block for one in town.node(0).writes[blocks:] if isinstance(one, SaveBlock)]
    for _ in range(3):
        town.next_epoch()
        town.decide()
    core = town.node(3).core
    peer = others[0]
    town.give(late, PeerUp(peer))
    town.tell(3, peer, _hello(town))
    town.tell(3, peer, Pulled(core.epoch.number, (), (), more=False))
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
    assert served(town, [Leap(0, 0, place * PULL_BYTES) for place in range(count)]) == count


def test_who_asks_for_ever_other_leaps_is_refused(town: Leaping) -> None:
    allowed = REQUESTS_PER_WINDOW // LEAP_REQUESTS
    assert served(town, [Leap(0, place % 2, 0) for place in range(2 * allowed)]) == allowed
    refused = [one.code for one in town.node(0).notices if isinstance(one, PeerRefused)]
    assert set(refused) == {"limit_rate"}


def _hello(town: Leaping) -> Hello:
    sends = town.give(town.devices[0], PeerUp(town.devices[3])).sends
    messages = [one.message for one in sends if isinstance(one, Send)]
    return next(one for one in messages if isinstance(one, Hello))


# --- what proves nothing ------------------------------------------------------------------

Damage = Callable[[Leaping, list[Value]], Value]


def parts(data: bytes) -> list[Value]:
    value = decode(data, SNAPSHOT_BYTES)
    assert isinstance(value, list)
    return value


def links_of(value: list[Value]) -> list[EpochLink]:
    assert isinstance(value[0], list)
    return [EpochLink.read(one) for one in value[0]]


def with_link(value: list[Value], place: int, link: EpochLink) -> Value:
    links = links_of(value)
    links[place] = link
    return [[one.to_wire() for one in links], *value[1:]]


def drop_link(_: Leaping, value: list[Value]) -> Value:
    return [links_of_wire(value)[1:], *value[1:]]


def links_of_wire(value: list[Value]) -> list[Value]:
    assert isinstance(value[0], list)
    return value[0]


def cut_short(_: Leaping, value: list[Value]) -> Value:
    return [links_of_wire(value)[:-1], *value[1:]]


def no_links(_: Leaping, value: list[Value]) -> Value:
    return [[], *value[1:]]


def changed(**fields: object) -> Damage:
    def damage(_: Leaping, value: list[Value]) -> Value:
        return with_link(value, 1, replace(links_of(value)[1], **fields))  # type: ignore[arg-type]

    return damage


def too_few(_: Leaping, value: list[Value]) -> Value:
    link = links_of(value)[0]
    short = ReceiptSet(link.receipts.statement, link.receipts.signatures[1:])
    return with_link(value, 0, replace(link, receipts=short))


def one_twice(_: Leaping, value: list[Value]) -> Value:
    link = links_of(value)[0]
    first, *rest = link.receipts.signatures
    double = ReceiptSet(link.receipts.statement, (first, first, *rest[1:]))
    return with_link(value, 0, replace(link, receipts=double))


def forged(_: Leaping, value: list[Value]) -> Value:
    link = links_of(value)[0]
    (key, _signature), *rest = link.receipts.signatures
    wrong = ReceiptSet(link.receipts.statement, ((key, bytes(64)), *rest))
    return with_link(value, 0, replace(link, receipts=wrong))


def by_strangers(town: Leaping, value: list[Value]) -> Value:
    link = links_of(value)[0]
    statement = link.receipts.statement
    signed = []
    for number in range(4):
        signer = FakeSigner(DeviceKey(bytes([number]) * 32))
        receipt = sign_receipt(town.charter.community_id, signer, statement)
        signed.append((receipt.device, receipt.signature))
    return with_link(value, 0, replace(link, receipts=ReceiptSet(statement, tuple(signed))))


def resigned(town: Leaping, value: list[Value]) -> Value:
    """A liar's own charter, with the liar's own receipt."""
    link = links_of(value)[-1]
    statement = replace(link.receipts.statement, root=b"x" * 32)
    signer = FakeSigner(town.devices[0])
    receipt = sign_receipt(town.charter.community_id, signer, statement)
    sets = ReceiptSet(statement, ((receipt.device, receipt.signature),))
    return with_link(value, len(links_of(value)) - 1, replace(link, receipts=sets))


def other_state(town: Leaping, value: list[Value]) -> Value:
    founding = found_epoch(town.charter)
    return [value[0], founding.snapshot, value[2]]


def without_a_proposal(_: Leaping, value: list[Value]) -> Value:
    assert isinstance(value[2], list)
    return [value[0], value[1], value[2][1:]]


def other_outcome(_: Leaping, value: list[Value]) -> Value:
    assert isinstance(value[2], list)
    first, *rest = value[2]
    assert isinstance(first, bytes)
    return [value[0], value[1], [first.replace(b"passed", b"lapsed"), *rest]]


def more_than_records(_: Leaping, value: list[Value]) -> Value:
    # An id beside the record was believed, and whoever voted on it parted two logs.
    assert isinstance(value[2], list)
    first, *rest = value[2]
    return [value[0], value[1], [[b"q" * 32, 1, "passed", first], *rest]]


@pytest.mark.parametrize(
    "damage",
    [
        drop_link,
        cut_short,
        no_links,
        changed(round=Round(999)),
        changed(author=MemberId(b"x" * 32)),
        changed(state_hash=b"x" * 32),
        too_few,
        one_twice,
        forged,
        by_strangers,
        resigned,
        other_state,
        without_a_proposal,
        other_outcome,
        more_than_records,
    ],
)
def test_leap_with_anything_changed_is_refused(town: Leaping, damage: Damage) -> None:
    begin = found_epoch(town.charter)
    community = town.charter.community_id
    data = whole(town)
    assert read_leap(community, begin, (), data, fake_verify).record.number > 0
    with pytest.raises(PeerFault):
        read_leap(community, begin, (), encode(damage(town, parts(data))), fake_verify)


def test_leap_from_another_epoch_is_refused(town: Leaping) -> None:
    begin = next(one for one in town.node(0).writes if isinstance(one, SaveEpoch))
    with pytest.raises(PeerFault, match="other epochs"):
        read_leap(town.charter.community_id, begin, (), whole(town), fake_verify)


def test_liar_is_blamed_and_nothing_changes(town: Leaping) -> None:
    late, peer = town.devices[3], town.devices[0]
    town.give(late, PeerUp(peer))
    town.tell(3, peer, _hello(town))
    data = encode(forged(town, parts(whole(town))))
    digest = hashlib.sha256(data).digest()
    before = town.node(3).core.state.to_bytes()
    writes = len(town.node(3).writes)
    town.tell(3, peer, Leapt(0, digest, len(data), 0, data))
    refused = [one.code for one in town.node(3).notices if isinstance(one, PeerRefused)]
    assert refused == ["bad_proof"]
    assert town.node(3).core.state.to_bytes() == before
    assert len(town.node(3).writes) == writes


def test_receipts_of_a_leap_name_what_they_prove(town: Leaping) -> None:
    links = links_of(parts(whole(town)))
    begun = [one for one in town.node(0).writes if isinstance(one, SaveEpoch)]
    assert [one.receipts.statement for one in links] == [
        Statement(before, after.genesis_index, after.genesis_root, after.id)
        for before, after in zip(
            [found_epoch(town.charter).id, *(one.id for one in begun)], begun, strict=False
        )
    ]
