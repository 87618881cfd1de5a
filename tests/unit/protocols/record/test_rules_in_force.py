"""R2.24 to R2.26, R6.17 to R6.20: what is in force, going over to it, and stopping instead."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner, fake_verify
from support.cores.garden import CORE_AND_GARDEN, OLDER, Plant, Water, say

from p2pnode_protocols.agreement.blocks import sign_block
from p2pnode_protocols.core import Core
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import AmendAction, NoAction
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Body,
    Leave,
    Note,
    Propose,
    SetNodeKey,
    Supports,
)
from p2pnode_protocols.record.opaque import OpaqueAction, OpaqueBody
from p2pnode_protocols.record.ops import read_text_ids, sign_op
from p2pnode_protocols.record.seam.in_force import NO_PRACTICES, Practices
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.record.versions import CORE_ALONE, Versions
from p2pnode_protocols.steps.inputs import Input, PeerDown, PeerUp, SignRebuild, Submit, Tick
from p2pnode_protocols.steps.notices import FactTold, LeaptOver, OpFinal, PeerRefused, UpdateNeeded
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import SaveBlock, SaveOp, SaveReceipt, SaveText
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.crypto import TAG_BIND, signed_message
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MemberId, OpId, Round, WallMs

GARDEN: Versions = CORE_AND_GARDEN
ADD_GARDEN = AmendAction((("practices.garden", 1),))
MINUTE = 60_000


class Town(Cluster):
    """Members of whom the first `ready` have a program with the made-up practice `garden`."""

    def __init__(self, n: int, ready: int) -> None:
        self.programs: dict[int, Practices] = dict.fromkeys(range(ready), OLDER)
        self.woken: list[DeviceKey] = []  # by their own clocks
        super().__init__(n)
        self.connect()
        self.run(2 * MINUTE)  # what each supports is in the log

    def make_core(self, device: DeviceKey, restored: Restored) -> Core:
        return Core(
            self.charter.community_id,
            FakeSigner(device),
            restored,
            self.now(),
            verify=fake_verify,
            practices=self.programs.get(self.devices.index(device), NO_PRACTICES),
        )

    def give(self, device: DeviceKey, event: Input) -> Step:
        if isinstance(event, Tick):
            self.woken.append(device)
        return super().give(device, event)

    def submit(self, place: int, body: Body, texts: tuple[bytes, ...] = ()) -> OpId:
        step = self.give(self.devices[place], Submit(body, texts, urgent=True))
        assert step.accepted is not None
        return step.accepted.id

    def force(self, place: int, body: Body) -> OpId:
        """Let a node put into its pool what its own rules would refuse."""
        core = self.node(place).core
        check, core.preview.check = core.preview.check, lambda *_: None  # type: ignore[method-assign]
        try:
            return self.submit(place, body)
        finally:
            core.preview.check = check  # type: ignore[method-assign]

    def code_of(self, place: int, op: OpId) -> str | None:
        codes = [one.code for one in self.node(place).noticed(OpFinal) if one.op == op]
        return codes[-1] if codes else None

    def amend(self) -> OpId:
        proposal = self.propose_action(0, "constitutional", ADD_GARDEN)
        for place in range(len(self.devices)):
            self.vote(place, proposal, urgent=True)
        self.run(5_000)
        return proposal

    def restart(self, place: int) -> None:
        device = self.devices[place]
        for other in self.devices:
            if other != device:
                self.give(other, PeerDown(device))
        node = self.node(place)
        node.core = self.make_core(device, self.restored(place))
        for other in self.devices:
            if other != device:
                self.give(other, PeerUp(device))
                self.give(device, PeerUp(other))


# --- kinds of practices ---------------------------------------------------------------------------


@pytest.mark.parametrize("value", [[], [1, [2, [3]]], None, "dig", [[]] * 40, [b"x" * 9_000]])
@pytest.mark.parametrize("kind", ["garden.dig", "garden.", ".dig", ".", "a.b.c", "Garden.Dig"])
def test_a_kind_with_a_dot_is_taken_in_whatever_it_is_and_nobody_is_blamed(
    kind: str, value: object
) -> None:
    town = Town(4, 0)
    op = town.force(1, OpaqueBody(kind, encode(value)))  # type: ignore[arg-type]
    town.run(2_000)
    assert [town.code_of(place, op) for place in range(4)] == ["not_active"] * 4
    assert not any(town.node(place).noticed(PeerRefused) for place in range(4))


def test_what_is_not_in_force_is_refused_to_its_author_at_once() -> None:
    town, (title, blob) = Town(4, 0), make_text(b"s" * 16, "a garden")
    action = OpaqueAction("garden.plant", encode([7]))
    for body in (
        OpaqueBody("garden.dig", encode([])),
        Propose("implementation", title, (), action, WallMs(0)),
    ):
        with pytest.raises(UsageError) as refused:
            town.submit(0, body, (blob,))
        assert refused.value.code == "not_active"
        assert "garden" in refused.value.detail


def test_a_proposal_with_an_action_of_no_practice_in_force_is_an_entry_without_effect() -> None:
    town, (title, _) = Town(4, 0), make_text(b"s" * 16, "a garden")
    body = Propose("implementation", title, (), OpaqueAction("garden.plant", encode([])), WallMs(0))
    op = town.force(2, body)
    town.run(2_000)
    assert [town.code_of(place, op) for place in range(4)] == ["not_active"] * 4
    assert not town.node(0).core.state.has_proposal(op)


def test_a_word_that_a_practice_in_force_does_not_know_is_an_entry_without_effect() -> None:
    town = Town(4, 4)
    town.amend()
    op = town.force(1, OpaqueBody("garden.fly", encode([])))
    town.run(2_000)
    assert [town.code_of(place, op) for place in range(4)] == ["unknown_kind"] * 4


def test_a_note_is_ordered_and_changes_nothing() -> None:
    town = Town(4, 0)
    before = town.node(1).core.state.to_wire()
    op = town.submit(0, Note("org.example.minutes", b"\0\xff" * 2_048))
    town.run(2_000)
    assert [town.code_of(place, op) for place in range(4)] == ["ok"] * 4
    after = town.node(1).core.state.to_wire()
    assert (before[0], before[-1]) == (after[0], after[-1])  # seats, questions


@pytest.mark.parametrize("namespace", ["", "Org", "a b", "a..b", "-a", "a" * 81, "ä"])
def test_a_note_says_whose_it_is_in_plain_letters(namespace: str) -> None:
    with pytest.raises(UsageError) as refused:
        Town(4, 0).submit(0, Note(namespace, b""))
    assert refused.value.code == "bad_field"


def test_a_note_has_a_most() -> None:
    with pytest.raises(UsageError) as refused:
        Town(4, 0).submit(0, Note("a", bytes(4_097)))
    assert refused.value.code == "bad_field"


def test_kinds_that_nobody_knows_leave_nothing_behind_in_a_node_that_serves_them() -> None:
    """A member may make up any number of them."""
    signer = FakeSigner(DeviceKey(b"d" * 32))
    before = sys.getallocatedblocks()
    for number in range(5_000):
        body = OpaqueBody(f"garden.word{number}", encode([]))
        op = sign_op(CommunityId(b"c" * 32), MemberId(b"m" * 32), signer, 1, WallMs(1), body)
        assert read_text_ids(op.wire) == ()
    assert sys.getallocatedblocks() - before < 1_000


# --- who supports what ----------------------------------------------------------------------------


def said_by(town: Town, place: int) -> list[Versions]:
    ops = [one.op for one in town.node(place).writes if isinstance(one, SaveOp) and one.own]
    return [op.body.practices for op in ops if isinstance(op.body, Supports)]


def test_a_node_says_once_what_its_program_has_if_that_is_not_what_is_in_force() -> None:
    town = Town(4, 3)
    assert [said_by(town, place) for place in range(4)] == [[GARDEN]] * 3 + [[]]
    state = town.node(3).core.state
    assert sorted(state.roster.supports.values()) == [GARDEN] * 3
    town.restart(1)
    town.run(2 * MINUTE)
    assert said_by(town, 1) == [GARDEN]
    town.programs[1] = NO_PRACTICES  # an older program: it takes back what it said
    town.restart(1)
    town.run(2 * MINUTE)
    assert said_by(town, 1) == [GARDEN, CORE_ALONE]
    assert sorted(town.node(0).core.state.roster.supports.values()) == [CORE_ALONE, GARDEN, GARDEN]


def test_only_a_seats_own_node_says_it_and_not_twice() -> None:
    town = Town(4, 2)
    with pytest.raises(UsageError) as refused:
        town.submit(0, Supports(GARDEN))
    assert refused.value.code == "already_said"


def test_what_a_seat_supports_is_forgotten_with_its_node_key() -> None:
    """Another node makes its blocks from then on, with a program of its own."""
    roster = Town(4, 3).node(0).core.state.roster
    seat = next(one for one in roster.charter.members if one.id in roster.supports)
    phone = DeviceKey(b"p" * 32)
    proof = FakeSigner(phone).sign(signed_message(TAG_BIND, roster.community, seat.id))
    bound = roster.changed(seat, seat.devices[0], AddDevice(phone, proof), WallMs(1))
    assert bound.supports == roster.supports
    (with_phone,) = (one for one in bound.charter.members if one.id == seat.id)
    moved = bound.changed(with_phone, phone, SetNodeKey(phone), WallMs(1))
    assert seat.id not in moved.supports
    (there,) = (one for one in moved.charter.members if one.id == seat.id)
    with pytest.raises(UsageError) as refused:
        moved.changed(there, seat.devices[0], Supports(GARDEN), WallMs(1))
    assert refused.value.code == "not_allowed"
    assert moved.changed(there, phone, Supports(GARDEN), WallMs(1)).supports[seat.id] == GARDEN
    assert seat.id not in roster.changed(seat, seat.devices[0], Leave(), WallMs(1)).supports


# --- going over -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "quorum"), [(3, 2), (4, 3), (5, 4), (7, 5)])
def test_without_a_quorum_that_is_ready_nothing_comes_into_force(n: int, quorum: int) -> None:
    town = Town(n, quorum - 1)
    with pytest.raises(UsageError) as refused:
        town.propose_action(0, "constitutional", ADD_GARDEN)
    assert refused.value.code == "not_ready"
    assert f"{quorum - 1} of the {n}" in refused.value.detail
    ready = Town(n, quorum)
    proposal = ready.amend()
    assert ready.outcome(0, proposal) == "passed"
    assert ready.node(0).core.epoch.number == 1
    assert ready.node(0).core.state.epoch_charter.practices == GARDEN


def test_who_is_not_ready_any_more_when_it_passes_keeps_it_from_coming_into_force() -> None:
    town = Town(4, 3)
    proposal = town.propose_action(0, "constitutional", ADD_GARDEN)
    town.programs[2] = NO_PRACTICES
    town.restart(2)
    town.run(2 * MINUTE)
    for place in range(4):
        town.vote(place, proposal, urgent=True)
    town.run(5_000)
    decided = town.node(0).core.state.proposal(proposal)
    assert decided is not None
    assert (decided.outcome, decided.effect) == ("passed", "not_ready")
    assert town.node(0).core.epoch.number == 0


@pytest.mark.parametrize(
    ("name", "version", "says"),
    [
        ("garden", 2, "1 is first"),
        ("garden", 0, "1 is first"),
        ("garden", "1", "1 is first"),
        ("garden", True, "1 is first"),
        ("core", 1, "2 is next"),
        ("core", 3, "2 is next"),
        ("Garden", 1, "small letter"),
        ("", 1, "small letter"),
        ("x" * 33, 1, "32 at most"),
    ],
)
def test_versions_go_up_one_by_one(name: str, version: object, says: str) -> None:
    town = Town(4, 4)
    with pytest.raises(UsageError) as refused:
        town.propose_action(0, "constitutional", AmendAction(((f"practices.{name}", version),)))  # type: ignore[arg-type]
    assert refused.value.code == "bad_charter"
    assert says in refused.value.detail


# --- stopping -------------------------------------------------------------------------------------


def gone_over() -> Town:
    """Five members, the last of whom stopped as the others went over."""
    town = Town(5, 4)
    town.amend()
    return town


def test_a_node_without_what_comes_into_force_stops_at_that_commit_and_says_why() -> None:
    town = gone_over()
    old, new = town.node(4), town.node(0)
    assert old.noticed(UpdateNeeded) == [UpdateNeeded("garden", 1)]
    assert old.core.ledger.lacking == ("garden", 1)
    assert old.core.epoch.number == 0
    assert old.core.final_root == new.core.epoch.record.genesis_root  # that commit is its last
    for ask in (
        lambda: town.submit(4, Note("a", b"")),
        lambda: town.propose_action(4, "implementation", NoAction()),
    ):
        with pytest.raises(UsageError) as refused:
            ask()
        assert refused.value.code == "update_needed"
        assert "garden 1" in refused.value.detail


def test_it_makes_nothing_more_and_costs_the_others_nothing() -> None:
    town = gone_over()
    old = town.node(4)
    made = len([one for one in old.writes if isinstance(one, SaveBlock | SaveReceipt) and one.own])
    town.woken.clear()
    sent = len(old.sends)
    for round_ in range(3):
        proposal = town.propose(round_)
        for place in range(4):
            town.vote(place, proposal, urgent=True)
        town.run(10_000)
        assert town.outcome(0, proposal) == "passed"
    town.run(60 * MINUTE)
    own = [one for one in old.writes if isinstance(one, SaveBlock | SaveReceipt) and one.own]
    assert len(own) == made
    assert len(old.sends) - sent < 200, "it asks for what it cannot use"
    woken = [step for step in town.woken if step == town.devices[4]]
    assert len(woken) < 50, "it has nothing to wait for"
    refused = [town.node(place).noticed(PeerRefused) for place in range(5)]
    assert refused == [[]] * 5


def test_it_does_not_follow_others_who_go_on_in_the_epoch_that_has_ended() -> None:
    """They may not know of the end yet, or lie: a node that takes part follows f + 1 of them."""
    town = gone_over()
    old, epoch = town.node(4), town.node(4).core.epoch
    made, top = len(old.own_blocks()), epoch.lace.highest(0)
    members = epoch.committee.members
    for round_ in range(top + 1, top + 4):
        below = [epoch.lace.slot(Round(round_ - 1), place) for place in range(5)]
        parents = [vertices[0].block for vertices in below if vertices]
        for place in range(4):
            own = [one for one in parents if one.author == members[place]]
            block = sign_block(
                town.charter.community_id,
                FakeSigner(epoch.committee.keys[place]),
                epoch=epoch.id,
                author=members[place],
                sequence=own[0].sequence + 1,
                round_=Round(round_),
                time_ms=WallMs(town.now().wall_ms + round_),
                parents=tuple(one.id for one in (*own, *(o for o in parents if o not in own))),
                ops=(),
                final_index=0,
                final_root=old.core.final_root,
            )
            town.tell(4, town.devices[0], Push(blocks=(block,)))
    town.run(MINUTE)
    assert epoch.lace.highest(0) == top + 3
    assert len(old.own_blocks()) == made


def test_it_serves_what_it_has() -> None:
    town = gone_over()
    town.run(MINUTE)
    index = town.node(4).core.final_index
    town.programs[0] = OLDER
    newcomer = town.devices[0]
    town.nodes[newcomer].writes.clear()
    town.nodes[newcomer].core = town.make_core(
        newcomer, replace(town.restored(0), own_nonce=town.node(4).core.state.next_nonce(newcomer))
    )
    for other in town.devices[1:4]:
        town.give(other, PeerDown(newcomer))
    town.cut = {frozenset((newcomer, other)) for other in town.devices[1:4]}
    town.give(newcomer, PeerUp(town.devices[4]))
    town.give(town.devices[4], PeerUp(newcomer))
    town.run(MINUTE)
    assert town.node(0).core.final_index == index
    assert town.node(0).core.epoch.number == 1  # it goes on by itself from there


def test_after_a_restart_it_stops_again_and_with_a_newer_program_it_goes_on() -> None:
    town = gone_over()
    town.restart(4)
    town.run(MINUTE)
    assert town.node(4).core.ledger.lacking == ("garden", 1)
    assert town.node(4).core.epoch.number == 0
    town.programs[4] = OLDER
    town.restart(4)
    town.run(MINUTE)
    core = town.node(4).core
    assert core.ledger.lacking is None
    assert (core.epoch.number, core.epoch.id) == (1, town.node(0).core.epoch.id)
    proposal = town.propose(4)
    for place in range(5):
        town.vote(place, proposal, urgent=True)
    town.run(10_000)
    assert [town.outcome(place, proposal) for place in range(5)] == ["passed"] * 5
    assert core.final_root == town.node(0).core.final_root


def test_who_was_away_and_is_led_there_by_a_leap_stops_as_well() -> None:
    town = Town(5, 4)
    away = town.devices[4]
    town.keep_epochs = 1
    for other in town.devices[:4]:
        town.give(other, PeerDown(away))
        town.give(away, PeerDown(other))
        town.cut.add(frozenset((away, other)))
    proposal = town.propose_action(0, "constitutional", ADD_GARDEN)
    for place in range(4):
        town.vote(place, proposal, urgent=True)
    town.run(MINUTE)
    assert town.node(0).core.epoch.number == 1
    town.cut.clear()
    for other in town.devices[:4]:
        town.give(other, PeerUp(away))
        town.give(away, PeerUp(other))
    town.run(5 * MINUTE)
    old = town.node(4)
    assert old.core.ledger.lacking == ("garden", 1)
    assert old.noticed(UpdateNeeded) == [UpdateNeeded("garden", 1)]
    refused = [town.node(place).noticed(PeerRefused) for place in range(5)]
    assert refused == [[]] * 5
    town.programs[4] = OLDER
    town.restart(4)
    town.run(5 * MINUTE)
    assert old.core.epoch.id == town.node(0).core.epoch.id


def test_it_signs_no_rebuild() -> None:
    town = gone_over()
    with pytest.raises(UsageError) as refused:
        town.give(town.devices[4], SignRebuild(None))  # type: ignore[arg-type]
    assert refused.value.code == "update_needed"


def test_nothing_of_it_is_sent_to_whom_it_does_not_know() -> None:
    town = gone_over()
    assert all(one.peer in town.devices for one in town.node(4).sends if isinstance(one, Send))


# --- what a practice keeps ------------------------------------------------------------------------


def beds_of(town: Town, place: int) -> list[OpId]:
    return [one.id for one in town.node(place).core.state.records("garden")]


def test_what_a_practice_keeps_is_the_same_at_all_nodes_after_a_restart_and_after_a_leap() -> None:
    """R6.21: with the texts that it refers to, which a leap does not bring."""
    town = Town(5, 5)
    town.amend()
    away, (label, blob) = town.devices[4], make_text(b"s" * 16, "roses")
    town.keep_epochs = 1
    for other in town.devices[:4]:
        town.give(other, PeerDown(away))
        town.give(away, PeerDown(other))
        town.cut.add(frozenset((away, other)))
    bed = town.submit(0, say(Plant((label,), 10 * MINUTE)), (blob,))
    town.run(100)  # not final yet
    town.submit(1, say(Water((), bed, 60 * MINUTE)))
    town.run(2_000)
    for name in ("one", "two"):  # epochs that the one who is away never sees
        proposal = town.propose_action(0, "constitutional", AmendAction((("name", name),)))
        for place in range(4):
            town.vote(place, proposal, urgent=True)
        town.run(MINUTE)
    assert [beds_of(town, place) for place in range(4)] == [[bed]] * 4
    town.restart(1)
    town.cut.clear()
    for other in town.devices[:4]:
        town.give(other, PeerUp(away))
        town.give(away, PeerUp(other))
    town.run(5 * MINUTE)
    assert town.node(4).noticed(LeaptOver)
    assert [beds_of(town, place) for place in range(5)] == [[bed]] * 5
    assert label.id in town.node(4).core.sync.texts.missing  # asked for: no leap brings texts
    town.tell(4, town.devices[0], Push(texts=(blob,)))
    assert label.id not in town.node(4).core.sync.texts.missing
    assert any(isinstance(one, SaveText) and one.blob == blob for one in town.node(4).writes)
    town.run(60 * MINUTE)
    assert [beds_of(town, place) for place in range(5)] == [[]] * 5
    told = [one.name for one in town.node(4).noticed(FactTold)]
    assert told == ["bed.withered"]


def test_an_op_that_would_end_a_phase_is_made_final_at_once() -> None:
    """R5.2, P0.10: here nobody asks to hurry."""
    town = Town(4, 4)
    town.amend()
    beds = [town.submit(0, say(Plant((), length))) for length in (30 * MINUTE, 90 * MINUTE)]
    town.run(2_000)
    ops = []
    for bed in beds:
        step = town.give(town.devices[1], Submit(say(Water((), bed, 120 * MINUTE))))
        assert step.accepted is not None
        ops.append(step.accepted.id)
        town.run(2_000)
    assert [town.code_of(2, op) for op in ops] == ["ok", None]
