"""Whatever was acknowledged has one end: cores on virtual time under random lives.

Members propose with windows from a second to a year, vote, revise, withdraw, come, go and bind
devices, while nodes are cut off, killed and started again from their stores, clocks are a day
off, everybody sleeps for up to a year, epochs end and seats are taken away. When all has been
healed, each op that a node acknowledged is exactly one of: counted, an entry that its author was
told of, or one of which its author was told that no entry comes. A proposal that opened is in
the record for ever, with the votes that counted.

Rules: R1.3, R5.7, R5.8, R10.14, R10.18, R10.20. `--fates N` tries N lives instead of a few.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.authors import Authors, lively_charter
from support.dag import FakeSigner

from p2pnode_protocols import crypto
from p2pnode_protocols.core import Core
from p2pnode_protocols.ids import DeviceKey, MemberId, OpId, WallMs
from p2pnode_protocols.ops import (
    CHOICES,
    Action,
    AddDevice,
    AmendAction,
    Away,
    Back,
    Body,
    InviteAction,
    NoAction,
    Propose,
    RemoveAction,
    Revise,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
    make_text,
)
from p2pnode_protocols.steps import HurryUp, Tick

TITLE, BLOB = make_text(b"s" * 16, "a title")
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
        self.town = Authors(NODES, replace(charter, tiers=tiers))
        self.town.connect()
        self.town.run(100)
        self.seat_of = {place: place for place in range(NODES)}
        self.asked: list[tuple[OpId, OpId, int]] = []  # proposal, its last revision, its author

    # --- what members say ---------------------------------------------------------------

    def wall_ms(self, place: int) -> int:
        return self.town.now(self.town.node(place)).wall_ms

    @rule(place=PLACES, tier=TIERS, window_ms=WINDOWS, urgent=st.booleans(), vote=st.booleans())
    def propose(self, place: int, tier: str, window_ms: int, urgent: bool, vote: bool) -> None:
        close_ms = WallMs(self.wall_ms(place) + window_ms)
        body = Propose(tier, TITLE, None, NoAction(), close_ms)
        op = self.town.say(place, body, (BLOB,), urgent=urgent)
        if op is not None:
            self.asked.append((op, op, place))
            if vote:
                self.town.say(place, Vote(op, op, "yes", None), urgent=urgent)

    @rule(place=PLACES, other=PLACES, kind=st.integers(0, 2))
    def propose_action(self, place: int, other: int, kind: int) -> None:
        seat = self.member(other)
        expires = WallMs(self.wall_ms(place) + DAY)
        actions: list[Action] = [
            InviteAction("x", DeviceKey(b"i" * 32), expires, 1),
            AmendAction((("rules.max_open_per_member", 3),)),
            RemoveAction(seat),
        ]
        body = Propose("constitutional", TITLE, None, actions[kind], WallMs(0))
        op = self.town.say(place, body, (BLOB,), urgent=True)
        if op is not None:
            self.asked.append((op, op, place))
            self.town.run(100)
            for one in range(NODES):
                if one != other:
                    self.town.say(one, Vote(op, op, "yes", None), urgent=True)

    @rule(data=st.data(), urgent=st.booleans())
    def vote(self, data: st.DataObject, urgent: bool) -> None:
        if self.asked:
            place = data.draw(st.integers(0, len(self.town.devices) - 1))
            proposal, revision, _author = data.draw(st.sampled_from(self.asked[-4:]))
            choice = data.draw(st.sampled_from(CHOICES))
            self.town.say(place, Vote(proposal, revision, choice, None), urgent=urgent)

    @rule(data=st.data(), revises=st.booleans(), window_ms=WINDOWS)
    def end_or_revise(self, data: st.DataObject, revises: bool, window_ms: int) -> None:
        if not self.asked:
            return
        number = data.draw(st.integers(0, len(self.asked) - 1))
        proposal, _revision, author = self.asked[number]
        body: Body = Withdraw(proposal, None)
        if revises:
            body = Revise(proposal, TITLE, None, WallMs(self.wall_ms(author) + window_ms))
        op = self.town.say(author, body, (BLOB,))
        if op is not None and revises:
            self.asked[number] = (proposal, op, author)

    def member(self, place: int) -> MemberId:
        return crypto.compute_member_id(self.town.devices[self.seat_of[place]])

    @rule(data=st.data(), kind=st.integers(0, 6))
    def change_own_seat(self, data: st.DataObject, kind: int) -> None:
        place = data.draw(st.integers(0, len(self.town.devices) - 1))
        seat = self.seat_of[place]
        first, phone = self.town.devices[seat], self.phone_of(seat)
        message = crypto.signed_message(
            crypto.TAG_BIND, self.town.charter.community_id, crypto.compute_member_id(first)
        )
        bodies: list[Body] = [
            Away(),
            Back(),
            Back(),
            AddDevice(phone, FakeSigner(phone).sign(message)),
            RevokeDevice(phone),
            SetNodeKey(phone),
            SetNodeKey(first),
        ]
        if kind != 5 or phone in self.town.devices:  # else its node would never be there
            self.town.say(place, bodies[kind])

    @staticmethod
    def phone_of(place: int) -> DeviceKey:
        return DeviceKey(bytes([65 + place]) * 32)

    @rule(place=PLACES)
    def use_a_phone(self, place: int) -> None:
        """Bind a further device, and start a node on it; not every seat has one."""
        phone = self.phone_of(place)
        if phone in self.town.devices or place % 2:
            return
        message = crypto.signed_message(
            crypto.TAG_BIND, self.town.charter.community_id, self.member(place)
        )
        if self.town.say(place, AddDevice(phone, FakeSigner(phone).sign(message))) is not None:
            self.town.run(SECOND)
            number = self.town.add_device(phone)
            self.seat_of[number] = place

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
        for node in range(NODES):  # at most f of them are wrong
            self.town.node(node).skew_ms = skew_ms if node == place else 0
            self.town.give(self.town.devices[node], Tick())

    # --- what holds in the end ----------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        town = self.town
        for place in range(NODES):
            town.node(place).skew_ms = 0
        self.heal()
        town.run(5 * MINUTE)
        for _ in range(2):
            town.sleep(3 * YEAR)
            town.run(3 * MINUTE)
        for op, said in town.said.items():
            fate = town.fate(op)
            if self.is_unheard(said.place):
                continue
            assert fate != "waits", f"{said.op.body.KIND} of node {said.place}"
        self.check_record()

    def is_unheard(self, place: int) -> bool:
        """Return whether a node lost its seat or key while it was cut off: nobody lets it in."""
        device = self.town.devices[place]
        newest = max(
            (self.town.node(one).core for one in range(NODES)), key=lambda c: c.final_index
        )
        return newest.state.charter.by_device(device) is None

    def newest(self) -> Core:
        cores = (self.town.node(place).core for place in range(NODES))
        return max(cores, key=lambda core: core.final_index)

    def check_record(self) -> None:
        """What counted stays in the record: proposals, and the last vote of each on a revision."""
        newest = max(
            (self.town.node(one).core for one in range(NODES)), key=lambda c: c.final_index
        )
        last: dict[tuple[OpId, MemberId], OpId] = {}
        for op, said in self.town.said.items():
            if self.town.fate(op) != "counted":
                continue
            body = said.op.body
            if isinstance(body, Propose):
                assert newest.state.proposal(op) is not None, "it opened, so it is there"
            if isinstance(body, Vote):
                last[body.revision, said.op.author] = op
        for (revision, author), op in last.items():
            body = self.town.said[op].op.body
            assert isinstance(body, Vote)
            proposal = newest.state.proposal(body.proposal)
            assert proposal is not None
            (votes,) = [one.votes for one in proposal.revisions if one.id == revision]
            assert votes[author].op == op, "the last vote that counted is the one in the record"
        assert not newest.state.open_proposals, "all windows have closed"


def test_each_acknowledged_op_has_one_end_and_it_is_told(request: pytest.FixtureRequest) -> None:
    lives = request.config.getoption("--fates")
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=lives or 20,
            stateful_step_count=40,
            deadline=None,
            derandomize=lives is None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
