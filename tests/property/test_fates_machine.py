"""Whatever was acknowledged has one end: cores on virtual time under random lives.

Members propose with windows from a second to a year, put every action and every op of a seat,
join, bind devices and move them from seat to seat, while nodes are cut off, killed and started
again from their stores, clocks are a day off, everybody sleeps for up to a year, epochs end and are
forgotten, keys fork, copies of homes sign as well, seats are taken away, and survivors rebuild.
When all has been healed, each op that a node acknowledged is exactly one of: counted, an entry that
its author was told of, or one of which its author was told that no entry comes. A proposal that
opened is in the record for ever, with the votes that counted.

Rules: R1.3, R5.7, R5.8, R5.9, R10.14, R10.18, R10.20. `--fates N` tries N lives instead of a few.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.cores.authors import Authors, lively_charter
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import sign_block
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.core import Core
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import (
    CHOICES,
    AddDevice,
    Away,
    Back,
    Body,
    Join,
    Leave,
    Propose,
    Revise,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.seats.terms import LEAST_BYTES_PER_DAY
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import ApplyRebuild, HurryUp, Received, SignRebuild, Tick
from p2pnode_protocols.steps.writes import SaveCommit
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId, WallMs

TITLE, BLOB = make_text(b"s" * 16, "a title")
REASON, REASON_BLOB = make_text(b"s" * 16, "because " * 2_000)  # a good part of a day's bytes
SECOND, MINUTE = 1_000, 60_000
DAY = 86_400_000
YEAR = 365 * DAY
NODES = 4
PLACES = st.integers(0, NODES - 1)
WINDOWS = st.sampled_from(
    [SECOND, 8 * SECOND, 40 * SECOND, MINUTE, 10 * MINUTE, DAY, 7 * DAY, YEAR]
)
PAUSES = st.sampled_from([0, 5, 100, SECOND, 20 * SECOND, 70 * SECOND, 5 * MINUTE])
SLEEPS = st.sampled_from([MINUTE, 3_600 * SECOND, DAY, 8 * DAY, YEAR])
TIERS = st.sampled_from(["tactical", "implementation", "strategic", "constitutional"])


class Lives(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        charter = lively_charter(NODES)
        tiers = tuple(replace(one, max_window_ms=366 * DAY) for one in charter.tiers)
        rules = replace(charter.rules, bytes_per_day=LEAST_BYTES_PER_DAY)
        timing = replace(charter.timing, epoch_rounds=200)
        self.town = Authors(NODES, replace(charter, tiers=tiers, rules=rules, timing=timing))
        self.town.connect()
        self.town.run(100)
        self.seat_of = {place: place for place in range(NODES)}
        self.asked: list[tuple[OpId, OpId, int]] = []  # proposal, its last revision, its author
        self.invites = 0
        self.joiners = 0
        self.has_forked = False
        self.copied: set[MemberId] = set()  # whose homes were copied, and signed as well
        self.rebuilt: Rebuild | None = None

    # --- what members say ---------------------------------------------------------------

    def wall_ms(self, place: int) -> int:
        return self.town.now(self.town.node(place)).wall_ms

    @rule(place=PLACES, tier=TIERS, window_ms=WINDOWS, urgent=st.booleans(), vote=st.booleans())
    def propose(self, place: int, tier: str, window_ms: int, urgent: bool, vote: bool) -> None:
        close_ms = WallMs(self.wall_ms(place) + window_ms)
        body = Propose(tier, TITLE, (), NoAction(), close_ms)
        op = self.town.say(place, body, (BLOB,), urgent=urgent)
        if op is not None:
            self.asked.append((op, op, place))
            if vote:
                self.town.say(place, Vote(op, op, "yes", None), urgent=urgent)

    @rule(place=PLACES, other=PLACES, kind=st.integers(0, 6), data=st.data())
    def propose_action(self, place: int, other: int, kind: int, data: st.DataObject) -> None:
        seat, fresh = self.member(other), DeviceKey(bytes([150 + len(self.town.said) % 50]) * 32)
        fresh = data.draw(st.sampled_from([fresh, *self.town.devices[NODES:]]))
        expires = WallMs(self.wall_ms(place) + DAY)
        self.invites += kind == 0
        actions: list[Action] = [
            InviteAction("x", self.invite_key(self.invites), expires, data.draw(st.integers(1, 2))),
            AmendAction((("rules.max_open_per_member", 3),)),
            RemoveAction(seat),
            SetAwayAction(seat, away=data.draw(st.booleans())),
            RekeyAction(seat, fresh, self.bound(fresh, seat)),
            EraseAction((TITLE.id,)),
            AmendAction((("rules.invite_max_ms", data.draw(st.sampled_from([MINUTE, 30 * DAY]))),)),
        ]
        self.ask_all(place, actions[kind], without=other)

    def ask_all(self, place: int, action: Action, *, without: int) -> None:
        body = Propose("constitutional", TITLE, (), action, WallMs(0))
        op = self.town.say(place, body, (BLOB,), urgent=True)
        if op is not None:
            self.asked.append((op, op, place))
            self.town.run(100)
            for one in range(NODES):
                if one != without:
                    self.town.say(one, Vote(op, op, "yes", None), urgent=True)

    @staticmethod
    def invite_key(number: int) -> DeviceKey:
        return DeviceKey(bytes([100 + number % 50]) * 32)

    @rule(place=PLACES, uses=st.integers(1, 2))
    def invite(self, place: int, uses: int) -> None:
        self.invites += 1
        expires = WallMs(self.wall_ms(place) + 20 * DAY)
        action = InviteAction("x", self.invite_key(self.invites), expires, uses)
        self.ask_all(place, action, without=NODES)
        self.town.run(SECOND)

    @rule(data=st.data(), others=st.integers(0, 2), is_cut_off=st.booleans())
    def start_joiners(self, data: st.DataObject, others: int, is_cut_off: bool) -> None:
        """Start nodes with one invite, more than have room perhaps; the first may be cut off."""
        invites = sorted(self.newest().state.roster.invites)
        if not invites or self.joiners >= 4:
            return
        invite = data.draw(st.sampled_from(invites))
        numbers = []
        for _ in range(1 + others):
            self.joiners += 1
            device = DeviceKey(bytes([80 + self.joiners]) * 32)
            numbers.append(self.town.add_device(device, invite=invite))
            self.seat_of[numbers[-1]] = numbers[-1]
        self.town.run(SECOND)
        if is_cut_off:
            self.town.isolate(numbers[0])
        for number in numbers:
            self.join(number)

    @rule(data=st.data())
    def ask_for_a_seat(self, data: st.DataObject) -> None:
        self.join(data.draw(st.integers(0, len(self.town.devices) - 1)))

    def join(self, number: int) -> None:
        device = self.town.devices[number]
        if device in self.town.admissions:
            invite, _signature = self.town.admissions[device]
            message = crypto.signed_message(crypto.TAG_JOIN, self.town.charter.community_id, device)
            self.town.say(number, Join("x", invite, FakeSigner(invite).sign(message)))

    @rule(data=st.data(), urgent=st.booleans())
    def vote(self, data: st.DataObject, urgent: bool) -> None:
        if self.asked:
            place = data.draw(st.integers(0, len(self.town.devices) - 1))
            proposal, revision, _author = data.draw(st.sampled_from(self.asked[-4:]))
            choice = data.draw(st.sampled_from(CHOICES))
            reason = data.draw(st.sampled_from([None, None, None, REASON]))
            texts = () if reason is None else (REASON_BLOB,)
            self.town.say(place, Vote(proposal, revision, choice, reason), texts, urgent=urgent)

    @rule(data=st.data())
    def vote_and_die(self, data: st.DataObject) -> None:
        """The process ends once the vote is saved, before it is sent."""
        place = data.draw(st.integers(0, len(self.town.devices) - 1))
        if self.asked:
            proposal, revision, _author = data.draw(st.sampled_from(self.asked[-4:]))
            self.town.say_and_die(place, Vote(proposal, revision, "yes", None))

    @rule(place=PLACES, window_ms=WINDOWS)
    def propose_and_die(self, place: int, window_ms: int) -> None:
        close_ms = WallMs(self.wall_ms(place) + window_ms)
        body = Propose("tactical", TITLE, (), NoAction(), close_ms)
        op = self.town.say_and_die(place, body, (BLOB,))
        if op is not None:
            self.asked.append((op, op, place))

    @rule(place=PLACES, count=st.integers(1, 3))
    def a_copy_of_the_home_says_something_else(self, place: int, count: int) -> None:
        device, other = self.town.devices[place], self.town.devices[(place + 1) % NODES]
        state = self.newest().state
        nonce, now = state.next_nonce(device), WallMs(self.wall_ms(place))
        seat = state.charter.by_device(device)
        if seat is None or not self.asked:
            return
        self.copied.add(seat.id)
        about, revision, _author = self.asked[-1]
        ops = tuple(
            sign_op(
                self.town.charter.community_id,
                seat.id,
                FakeSigner(device),
                nonce + one,
                now,
                Vote(about, revision, "no", None),
            )
            for one in range(count)
        )
        carrier = self.town.devices[(place + 2) % NODES]
        self.town.give(other, Received(carrier, Push((), ops, ())))

    @rule(data=st.data(), revises=st.booleans(), window_ms=WINDOWS)
    def end_or_revise(self, data: st.DataObject, revises: bool, window_ms: int) -> None:
        if not self.asked:
            return
        number = data.draw(st.integers(0, len(self.asked) - 1))
        proposal, _revision, author = self.asked[number]
        body: Body = Withdraw(proposal, None)
        if revises:
            body = Revise(proposal, TITLE, (), WallMs(self.wall_ms(author) + window_ms))
        op = self.town.say(author, body, (BLOB,))
        if op is not None and revises:
            self.asked[number] = (proposal, op, author)

    def member(self, place: int) -> MemberId:
        return crypto.compute_member_id(self.town.devices[self.seat_of[place]])

    @rule(data=st.data(), kind=st.sampled_from([*range(9)] * 3 + [9]))
    def change_own_seat(self, data: st.DataObject, kind: int) -> None:
        place = data.draw(st.integers(0, len(self.town.devices) - 1))
        seat = self.seat_of[place]
        first, phone = self.town.devices[seat], self.phone_of(seat)
        bodies: list[Body] = [
            Away(),
            Back(),
            Back(),
            AddDevice(phone, self.bound(phone, crypto.compute_member_id(first))),
            RevokeDevice(phone),
            SetNodeKey(phone),
            SetNodeKey(first),
            RevokeDevice(first),
            AddDevice(first, self.bound(first, crypto.compute_member_id(first))),
            Leave(),
        ]
        if kind != 5 or phone in self.town.devices:  # else its node would never be there
            self.town.say(place, bodies[kind])

    def bound(self, device: DeviceKey, seat: MemberId) -> bytes:
        message = crypto.signed_message(crypto.TAG_BIND, self.town.charter.community_id, seat)
        return FakeSigner(device).sign(message)

    @staticmethod
    def phone_of(place: int) -> DeviceKey:
        return DeviceKey(bytes([65 + place]) * 32)

    @rule(place=PLACES)
    def use_a_phone(self, place: int) -> None:
        """Bind a further device, and start a node on it; not every seat has one."""
        phone = self.phone_of(place)
        if phone in self.town.devices or place % 2:
            return
        if self.town.say(place, AddDevice(phone, self.bound(phone, self.member(place)))):
            self.town.run(SECOND)
            number = self.town.add_device(phone)
            self.seat_of[number] = place

    @rule(place=PLACES, data=st.data())
    def bind_any_device(self, place: int, data: st.DataObject) -> None:
        """Whatever it was before: of another seat, taken off, or still asking to join (R2.10)."""
        charter = self.town.node(place).core.state.charter
        free = [one for one in self.town.devices if charter.by_device(one) is None]
        if free:
            device = data.draw(st.sampled_from(free))
            self.town.say(place, AddDevice(device, self.bound(device, self.member(place))))

    @rule(place=PLACES, data=st.data())
    def take_a_device_off(self, place: int, data: st.DataObject) -> None:
        seat = self.town.node(place).core.state.charter.member(self.member(place))
        if seat is not None and len(seat.devices) > 1:
            self.town.say(place, RevokeDevice(data.draw(st.sampled_from(seat.devices))))

    @rule(data=st.data())
    def hurry(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.town.devices) - 1))
        self.town.give(self.town.devices[place], HurryUp())

    # --- what happens to nodes ----------------------------------------------------------

    @rule(for_ms=PAUSES)
    def pause(self, for_ms: int) -> None:
        self.town.run(for_ms)

    @rule(for_ms=SLEEPS)
    def sleep(self, for_ms: int) -> None:
        self.town.sleep(for_ms)

    @rule(data=st.data())
    def isolate(self, data: st.DataObject) -> None:
        self.town.isolate(data.draw(st.integers(0, len(self.town.devices) - 1)))

    @rule()
    def heal(self) -> None:
        for place in sorted(self.town.isolated):
            self.town.heal(place)

    @rule(data=st.data())
    def restart(self, data: st.DataObject) -> None:
        self.town.restart(data.draw(st.integers(0, len(self.town.devices) - 1)))

    @rule(place=PLACES, skew_ms=st.sampled_from([0, 0, DAY, -DAY, 5_000]))
    def set_clock(self, place: int, skew_ms: int) -> None:
        """Any of them, and any number of them, may be wrong."""
        self.town.node(place).skew_ms = skew_ms
        self.town.give(self.town.devices[place], Tick())

    @rule(keeps=st.sampled_from([1, 1, 2, 1_000]))
    def forget_old_epochs(self, keeps: int) -> None:
        """From here on no node serves blocks of older epochs: who lacks them has to leap."""
        self.town.keep_epochs = keeps

    @rule(place=PLACES)
    def fork(self, place: int) -> None:
        """A copy of a home signs another block where its owner signed one already."""
        core, blocks = self.town.node(place).core, self.town.node(place).own_blocks()
        if self.has_forked or not blocks or blocks[-1].block.epoch != core.epoch.id:
            return
        self.has_forked = True
        block = blocks[-1].block
        rival = sign_block(
            self.town.charter.community_id,
            FakeSigner(block.device),
            epoch=block.epoch,
            author=block.author,
            sequence=block.sequence,
            round_=block.round,
            time_ms=WallMs(block.time_ms + 1),
            parents=block.parents,
            ops=(),
            final_index=block.final_index,
            final_root=block.final_root,
        )
        other, carrier = (self.town.devices[(place + one) % NODES] for one in (1, 2))
        self.town.give(other, Received(carrier, Push((rival,), (), ())))

    @rule(
        kept=st.sets(PLACES, min_size=2, max_size=2), is_time=st.sampled_from([False] * 4 + [True])
    )
    def rebuild(self, kept: set[int], is_time: bool) -> None:
        """All others are cut off, for good as far as these know, and they go on without them.

        The others are too few to go on as well: else there would be two communities.
        """
        town = self.town
        committee = town.node(min(kept)).core.epoch.committee
        is_split = len(committee) - len(kept) >= committee.quorum
        if not is_time or is_split or self.rebuilt is not None or kept & town.isolated:
            return
        for place in range(len(town.devices)):
            if place not in kept:
                town.isolate(place)
        town.run(MINUTE)
        seats = frozenset(self.member(place) for place in kept)
        try:
            plan = town.node(min(kept)).core.rebuilder.plan(seats, town.now())
            for place in sorted(kept):
                town.give(town.devices[place], SignRebuild(plan))
                vow = town.node(place).core.rebuilds.vow
                assert vow is not None
                plan = plan.with_signatures(vow.signatures)
        except UsageError:
            return
        self.rebuilt = plan
        self.follow_rebuild()

    def follow_rebuild(self) -> None:
        """Let every node's user go on by the rebuild, where that node can."""
        for device in self.town.devices:
            if self.rebuilt is not None:
                with contextlib.suppress(UsageError):
                    self.town.give(device, ApplyRebuild(self.rebuilt))

    # --- what holds in the end ----------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        town = self.town
        for place in range(NODES):
            town.node(place).skew_ms = 0
        self.heal()
        town.run(MINUTE)
        self.follow_rebuild()
        town.run(4 * MINUTE)
        for _ in range(2):
            town.sleep(3 * YEAR)
            town.run(3 * MINUTE)
            self.follow_rebuild()
        entries = self.entries()
        for op, said in town.said.items():
            fate = town.fate(op)
            if fate == "waits":
                is_hopeless = self.has_lost_quorum() or self.is_cut_off_for_good(said.place)
                assert is_hopeless, f"{said.op.body.KIND} of {said.place}"
            elif fate in {"counted", "refused and told"} and op in entries:
                is_true = (fate == "counted") == (entries[op] == "ok")
                assert is_true or self.is_cut_off_for_good(said.place), f"{fate}: {entries[op]}"
        self.check_record()

    def entries(self) -> dict[OpId, str]:
        """Return what the log says of each op, wherever a node has that part of it."""
        return {
            op: code
            for node in self.town.nodes.values()
            for write in node.writes
            if isinstance(write, SaveCommit)
            for op, code in write.commit.entries
        }

    def has_lost_quorum(self) -> bool:
        """Return whether too few keys of the committee are anybody's, and every node says so.

        Seats can be given keys that nobody holds. Only a rebuild leads on, by people's hands.
        """
        committee = self.newest().epoch.committee
        is_lost = sum(key in self.town.nodes for key in committee.keys) < committee.quorum
        return is_lost and not self.newest().finality().can_finalize

    def is_cut_off_for_good(self, place: int) -> bool:
        """Return whether nobody is left who could tell a node: of its committee too few are here.

        Or its log went beyond where others began a rebuild: that is another community (R6.15).
        """
        core, newest = self.town.node(place).core, self.newest()
        if self.rebuilt is not None and newest.epoch.id not in (core.epoch.id, *core.ledger.past):
            applied = self.rebuilt.next_epoch in {
                one.next_epoch for one in core.rebuilds.applied.values()
            }
            if not applied and core.final_index > self.rebuilt.statement.index:
                return True
        committee = core.epoch.committee
        left = [one for one in committee.members if newest.state.charter.member(one) is not None]
        is_out = newest.state.charter.by_device(self.town.devices[place]) is None
        return is_out and len(left) <= committee.faults

    def newest(self) -> Core:
        cores = (node.core for node in self.town.nodes.values())
        return max(cores, key=lambda core: (len(core.rebuilds.applied), core.final_index))

    def check_record(self) -> None:
        """What counted stays in the record: proposals, and the last vote of each on a revision."""
        newest = self.newest()
        counted: list[Op] = []
        for op, said in self.town.said.items():
            if self.town.fate(op) == "counted":
                counted.append(said.op)
        for one in counted:
            body = one.body
            if isinstance(body, Propose):
                assert newest.state.proposal(one.id) is not None, "it opened, so it is there"
            if not isinstance(body, Vote):
                continue
            proposal = newest.state.proposal(body.proposal)
            assert proposal is not None
            (votes,) = [it.votes for it in proposal.revisions if it.id == body.revision]
            held = self.town.said.get(votes[one.author].op)
            assert held or one.author in self.copied, "a vote in the record that nobody cast"
            if held and held.op.device == one.device:
                assert held.op.nonce >= one.nonce, "it was replaced by an earlier one"
        assert not newest.state.open_proposals, "all windows have closed"


@pytest.mark.slow
def test_each_acknowledged_op_has_one_end_and_it_is_told(request: pytest.FixtureRequest) -> None:
    lives = request.config.getoption("--fates")
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=lives or 40,
            stateful_step_count=60,
            deadline=None,
            derandomize=lives is None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
