"""The finalized state under random ops in random slots: its invariants after every commit.

People propose, vote, revise, withdraw, come, go and change keys; their ops enter the log
in any order, some twice, with time standing still or jumping past closes. Beside the state
run two twins that are written to bytes and read back before every commit: one gets the same ops,
one only those that the log took.

Rules: R1.3, R2.10, R2.11, R6.6, R6.10, R10.9, R10.14, R10.15, R10.16, R10.18, R10.19.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.cores.dag import FakeSigner
from support.cores.town import (
    DAY,
    HOUR,
    NAMES,
    ROOT,
    SECOND,
    Town,
    check_foreseen,
    key_of,
    propose,
    reread,
    revise,
    withdraw,
)

from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    InviteAction,
    NoAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Away,
    Back,
    Body,
    Choice,
    Leave,
    Revise,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.committing import CommitResult
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.questions.tally import passes
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.views.explain import explain
from p2pnode_protocols.record.views.preview import Preview
from p2pnode_protocols.record.views.view import compute_view
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId, WallMs
from p2pnode_protocols.wire.limits import PROMPT_MS

PEOPLE = st.sampled_from(NAMES[:6])  # of whom five are founders
TIERS = st.sampled_from(
    ["constitutional", "constitutional", "strategic", "tactical", "implementation", "individual"]
)
CHOICES: st.SearchStrategy[Choice] = st.sampled_from(["yes", "yes", "yes", "no", "aside"])
PAUSES = st.sampled_from([0, 1, SECOND, SECOND, HOUR, DAY, 8 * DAY])


class Log(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.town = Town(5)
        self.pending: list[Op] = []
        self.seen: set[OpId] = set()
        self.entered: dict[DeviceKey, list[int]] = {}
        self.ballots: dict[tuple[OpId, MemberId], OpId] = {}  # (revision, member) -> its last vote
        self.electorates: dict[OpId, tuple[MemberId, ...]] = {}
        self.closed: dict[OpId, bytes] = {}

    @property
    def state(self) -> State:
        return self.town.state

    def say(self, name: str, body: Body, device: str = "") -> None:
        self.pending.append(self.town.say(name, body, device=device))

    def pick(self, data: st.DataObject) -> OpId | None:
        known = self.town.preview(self.pending).open_ids or self.state.proposal_ids
        return data.draw(st.sampled_from(known)) if known else None

    # --- what people do -----------------------------------------------------------------

    @rule(name=PEOPLE, tier=TIERS, wish_ms=st.sampled_from([0, 0, SECOND, HOUR, -SECOND]))
    def propose(self, name: str, tier: str, wish_ms: int) -> None:
        close_ms = self.town.now + wish_ms if wish_ms else 0
        self.say(name, propose(tier, close_ms=close_ms))

    @rule(name=PEOPLE, other=PEOPLE, data=st.data())
    def propose_action(self, name: str, other: str, data: st.DataObject) -> None:
        member = self.town.id_of(other)
        secret = data.draw(st.sampled_from(["s1", "s2"]))
        actions: list[Action] = [
            NoAction(),
            InviteAction("x", key_of(secret), WallMs(self.town.now + DAY), 1),
            RemoveAction(member),
            SetAwayAction(member, data.draw(st.booleans())),
            AmendAction((("tiers.tactical.threshold", [data.draw(st.integers(1, 4)), 5]),)),
            AmendAction((("rules.away_interval_ms", data.draw(st.integers(0, HOUR))),)),
            AmendAction((("tiers.tactical.window_ms", data.draw(st.integers(1, DAY))),)),
        ]
        self.say(name, propose("constitutional", data.draw(st.sampled_from(actions))))

    @rule(name=PEOPLE, choice=CHOICES, data=st.data())
    def vote(self, name: str, choice: Choice, data: st.DataObject) -> None:
        proposal = self.pick(data)
        if proposal is not None:
            view = self.town.preview(self.pending).proposal(proposal)
            revisions = [one.id for one in view.revisions] if view else [proposal]
            # Mostly the current revision, now and then one that was replaced.
            revision = data.draw(st.sampled_from([*revisions, revisions[-1], revisions[-1]]))
            self.say(name, Vote(proposal, revision, choice, None))

    @rule(choice=CHOICES, data=st.data())
    def vote_all(self, choice: Choice, data: st.DataObject) -> None:
        proposal = self.pick(data)
        if proposal is not None:
            for seat in self.state.charter.members:
                view = self.town.preview(self.pending).proposal(proposal)
                revision = view.current.id if view else proposal
                self.say(seat.name, Vote(proposal, revision, choice, None))

    @rule(name=PEOPLE, data=st.data())
    def revise_or_withdraw(self, name: str, data: st.DataObject) -> None:
        proposal = self.pick(data)
        if proposal is not None:
            is_revision = data.draw(st.integers(0, 2)) > 0
            self.say(name, revise(proposal) if is_revision else withdraw(proposal))

    @rule(name=PEOPLE, data=st.data())
    def change_own_seat(self, name: str, data: st.DataObject) -> None:
        device = key_of(name + "'s phone")
        message = crypto.signed_message(
            crypto.TAG_BIND, self.state.community, self.town.id_of(name)
        )
        bodies: list[Body] = [
            Away(),
            Back(),
            Leave(),
            AddDevice(device, FakeSigner(device).sign(message)),
            RevokeDevice(data.draw(st.sampled_from([device, key_of(name)]))),
            SetNodeKey(data.draw(st.sampled_from([None, device, key_of(name)]))),
        ]
        by = data.draw(st.sampled_from([name, name + "'s phone"]))
        self.say(name, data.draw(st.sampled_from(bodies)), device=by)

    @rule(name=PEOPLE, secret=st.sampled_from(["s1", "s2"]))
    def join(self, name: str, secret: str) -> None:
        self.pending.append(self.town.join(name, secret))

    @rule(name=PEOPLE, choice=CHOICES, data=st.data())
    def say_what_is_passed_over(self, name: str, choice: Choice, data: st.DataObject) -> None:
        body = Vote(OpId(bytes(32)), OpId(bytes(32)), choice, None)
        used = self.state.next_nonce(key_of(name)) - 1
        nonces = [used + 1_000] + ([used] if used else [])
        by = data.draw(st.sampled_from([name, "a key without a seat"]))
        nonce = data.draw(st.sampled_from(nonces))
        self.pending.append(self.town.say(name, body, device=by, nonce=nonce))

    # --- what the log does ----------------------------------------------------------------

    @precondition(lambda self: self.pending)
    @rule(data=st.data(), pause_ms=PAUSES, is_stale=st.booleans())
    def commit(self, data: st.DataObject, pause_ms: int, is_stale: bool) -> None:
        order = data.draw(st.permutations(self.pending))
        count = data.draw(st.integers(1, len(order)))
        # The word of a half-made round may be as old as the silence before it.
        time_ms = self.state.time_ms if is_stale else WallMs(self.town.now + pause_ms)
        self.take(order[:count] + order[: count // 3], time_ms)
        self.pending = [op for op in self.pending if not self.state.knows(op)]

    @rule(pause_ms=PAUSES)
    def pause(self, pause_ms: int) -> None:
        self.take([], WallMs(self.town.now + pause_ms))

    @rule(days=st.integers(1, 10))
    def fall_silent(self, days: int) -> None:
        self.town.now = WallMs(self.town.now + days * DAY)

    @rule(name=PEOPLE, tier=TIERS)
    def check_and_commit_agree(self, name: str, tier: str) -> None:
        device = key_of(name)
        if self.state.charter.by_device(device) is None or self.waiting():
            return  # no member, or what is kept may change what is asked about
        if self.state.next_nonce(device) <= self.town._nonces.get(device, 0):
            return  # ops of this device are on their way: the next one would wait
        said, _ = self.town.refusal(name, propose(tier))
        op = self.town.say(name, propose(tier))
        result = self.take([op], self.town.now)
        assert result == ((op.id, said),)

    def take(self, ops: list[Op], time_ms: WallMs) -> tuple[tuple[OpId, str], ...]:
        twin, lean = reread(self.state), reread(self.state)
        self.town.now = WallMs(max(self.town.now, time_ms))
        known = len(self.state.proposal_ids)
        now_ms = WallMs(max(time_ms, self.state.time_ms))
        foreseen, soon_ms = self.state.closes_to_come(ops, now_ms), WallMs(now_ms + PROMPT_MS)
        soon = [one for one in foreseen if one < soon_ms]
        assert self.state.closes_to_come(ops, now_ms, soon_ms) == soon
        result = self.state.commit(ops, time_ms, ROOT)
        check_foreseen(self.state, known, foreseen)
        again = twin.commit(ops, time_ms, ROOT)
        if result.ends_epoch:
            self.state.begin_epoch()
            twin.begin_epoch()
        assert again == result
        self.replay(lean, result, time_ms)
        assert twin.to_bytes() == self.state.to_bytes()
        assert twin.next_due_ms() == self.state.next_due_ms()
        self.note(result.ops, [code for _, code in result.entries])
        return result.entries

    def replay(self, lean: State, result: CommitResult, time_ms: WallMs) -> None:
        """What the log passed over changed nothing: who has the rest comes to the same (R6.10)."""
        assert lean.commit(result.taken, time_ms, ROOT) == result
        if result.ends_epoch:
            lean.begin_epoch()
        assert lean.to_bytes() == self.state.to_bytes()

    def note(self, ops: tuple[Op, ...], codes: list[str]) -> None:
        for op, code in zip(ops, codes, strict=True):
            assert op.id not in self.seen, "an op is an entry once"
            self.seen.add(op.id)
            used = self.entered.setdefault(op.device, [])
            assert op.nonce not in used, "of two with one nonce one counts"
            # Only what names a proposal may enter after a later op: it was parked.
            is_parkable = isinstance(op.body, Vote | Revise | Withdraw)
            assert is_parkable or op.nonce > max(used, default=0), "nonces ascend"
            used.append(op.nonce)
            if isinstance(op.body, Vote) and code == "ok":
                self.ballots[op.body.revision, op.author] = op.id

    # --- what always holds ------------------------------------------------------------------

    @invariant()
    def charter_is_valid(self) -> None:
        self.state.charter.validate()
        assert self.state.epoch_charter.members == self.state.charter.members or (
            {seat.id for seat in self.state.epoch_charter.members}
            == {seat.id for seat in self.state.charter.members}
        ), "an epoch's members change only with the epoch"

    @invariant()
    def every_counted_vote_is_the_last_of_its_member_and_counted_once(self) -> None:
        for proposal_id in self.state.proposal_ids:
            proposal = self.town.proposal(proposal_id)
            tally = proposal.tally
            assert 0 <= tally.missing <= tally.electorate
            for revision in proposal.revisions:
                for member, ballot in revision.votes.items():
                    assert member in proposal.electorate
                    assert self.ballots[revision.id, member] == ballot.op
        counted = sum(
            len(revision.votes)
            for proposal_id in self.state.proposal_ids
            for revision in self.town.proposal(proposal_id).revisions
        )
        assert counted == len(self.ballots), "and no accepted vote is lost"

    @invariant()
    def electorate_is_pinned_and_closed_is_closed(self) -> None:
        for proposal_id in self.state.proposal_ids:
            proposal = self.town.proposal(proposal_id)
            pinned = self.electorates.setdefault(proposal_id, proposal.electorate)
            assert proposal.electorate == pinned
            if proposal.outcome != "open":
                record = self.closed.setdefault(proposal_id, proposal.to_bytes())
                assert proposal.to_bytes() == record

    @invariant()
    def outcomes_follow_from_the_votes(self) -> None:
        for proposal_id in self.closed:
            proposal = self.town.proposal(proposal_id)
            if proposal.tier.mode == "objection":
                if proposal.outcome in ("passed", "rejected"):
                    assert (proposal.tally.no > 0) == (proposal.outcome == "rejected")
            elif proposal.judged_by is not None:
                assert passes(proposal.judged_by, proposal.tally) == (proposal.outcome == "passed")

    @invariant()
    def nothing_overdue_is_left_open(self) -> None:
        due_ms = self.state.next_due_ms()
        assert due_ms is None or due_ms > self.state.time_ms
        assert due_ms is not None or not self.state.open_proposals

    @invariant()
    def preview_of_nothing_pending_is_the_state(self) -> None:
        preview = Preview(self.state, (), self.state.time_ms)
        assert not preview.changes_outcome or self.waiting()

    def waiting(self) -> list[Op]:
        return [*self.state.waiting(), *self.state.parked()]

    @invariant()
    def every_used_nonce_is_an_entry_or_kept(self) -> None:
        parked = [op.device for op in self.state.parked()]
        for name in NAMES[:5]:
            device = key_of(name)
            used = self.state.next_nonce(device) - 1
            assert len(self.entered.get(device, [])) + parked.count(device) == used

    @rule(data=st.data())
    def preview_does_not_depend_on_the_order_of_arrival(self, data: st.DataObject) -> None:
        whole = self.town.preview(self.pending)
        grown = self.town.preview()
        for op in data.draw(st.permutations(self.pending)):
            grown.add(op)
        assert grown.open_ids == whole.open_ids
        assert grown.changed == whole.changed
        assert grown.next_due_ms() == whole.next_due_ms()
        for proposal in whole.open_ids:
            assert grown.proposal(proposal) == whole.proposal(proposal)
            assert grown.pending_on(proposal) == whole.pending_on(proposal)

    @rule(name=PEOPLE, choice=CHOICES)
    def every_view_can_be_shown_and_explained(self, name: str, choice: Choice) -> None:
        preview = self.town.preview(self.pending)
        for proposal in preview.open_ids + tuple(self.state.proposal_ids[-3:]):
            view = compute_view(preview, proposal)
            assert explain(preview, proposal).reasons
            assert len(view.missing) == view.tally.missing
            try:
                body = Vote(proposal, view.current.id, choice, None)
                preview.check(self.town.id_of(name), key_of(name), body)
            except UsageError:
                assert (
                    view.grade == "final"
                    or self.town.id_of(name) not in view.electorate
                    or (
                        self.state.charter.by_device(key_of(name)) is None
                        or preview.now_ms >= view.close_ms
                        or view.outcome == "withdrawn"
                    )
                )


TestLog = Log.TestCase
TestLog.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
