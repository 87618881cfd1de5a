"""A community on one page: people with keys, their ops in nonce order, and the state.

No network and no blocks: `commit` hands ops to the state as a committed slot would.
Signatures are a keyed hash unless a test asks for real ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from p2pnode_protocols.record.actions import Action, InviteAction, NoAction
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Body,
    Choice,
    Join,
    Propose,
    Revise,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.committing import CommitResult
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.seam.in_force import NO_PRACTICES, Practices
from p2pnode_protocols.record.seats.charter import Charter, Tier, default_charter, founder_seat
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.texts import Part, TextRef, make_text
from p2pnode_protocols.record.versions import CORE_ALONE, Versions
from p2pnode_protocols.record.views.explain import Explanation, explain
from p2pnode_protocols.record.views.preview import Preview
from p2pnode_protocols.record.views.view import ProposalView, compute_view
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import decode
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId, WallMs
from p2pnode_protocols.wire.limits import PROMPT_MS

from .dag import FakeSigner, fake_verify

START_MS = WallMs(1_700_000_000_000)
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
ROOT = b"r" * 32  # of the log before a commit: nothing here hangs on it
NO_ACTION = NoAction()
NAMES = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy")


def key_of(name: str) -> DeviceKey:
    return DeviceKey(hashlib.sha256(name.encode()).digest())


def text_of(words: str) -> TextRef:
    ref, _ = make_text(b"s" * crypto.SALT_BYTES, words)
    return ref


def parts_of(*words: str, numbers: Sequence[int] = ()) -> tuple[Part, ...]:
    """Return a text in parts; without `numbers` they are 1, 2, …"""
    return tuple(
        Part(number, text_of(one))
        for number, one in zip(numbers or range(1, len(words) + 1), words, strict=True)
    )


def found(size: int = 5, practices: Versions = CORE_ALONE, **tiers: Tier) -> Charter:
    """Return a charter of the first `size` names; `tiers` replace those of their names."""
    founder = founder_seat(NAMES[0], key_of(NAMES[0]))
    charter = default_charter("town", founder, START_MS, practices=practices)
    charter = charter.with_members(founder_seat(name, key_of(name)) for name in NAMES[:size])
    charter = replace(charter, tiers=tuple(tiers.get(one.name, one) for one in charter.tiers))
    charter.validate()
    return charter


class Town:
    """Drive a `State`: `say` signs the next op of somebody, `commit` puts ops into the log."""

    def __init__(self, charter: Charter | int = 5, practices: Practices = NO_PRACTICES) -> None:
        """Args: `practices`: that the program has, all of them in force if `charter` is a size."""
        founding = charter
        if isinstance(founding, int):
            founding = found(founding, practices.versions)
        self.practices = practices
        self.state = State.genesis(founding, fake_verify, practices)
        self.now = WallMs(START_MS + SECOND)
        self._nonces: dict[DeviceKey, int] = {}

    def id_of(self, name: str) -> MemberId:
        for seat in self.state.charter.members:
            if seat.name == name:
                return seat.id
        return crypto.compute_member_id(key_of(name))

    def say(self, name: str, body: Body, *, device: str = "", nonce: int = 0) -> Op:
        """Return the next op of this person's device; a nonce given does not advance it."""
        key = key_of(device or name)
        if not nonce:
            nonce = self._nonces[key] = self._nonces.get(key, 0) + 1
        return sign_op(
            self.state.community, self.id_of(name), FakeSigner(key), nonce, self.now, body
        )

    def commit(self, *ops: Op, after_ms: int = SECOND) -> CommitResult:
        self.now = WallMs(self.now + after_ms)
        known = len(self.state.proposal_ids)
        foreseen, soon_ms = self.state.closes_to_come(ops, self.now), WallMs(self.now + PROMPT_MS)
        soon = [one for one in foreseen if one < soon_ms]
        assert self.state.closes_to_come(ops, self.now, soon_ms) == soon
        result = self.state.commit(ops, self.now, ROOT)
        check_foreseen(self.state, known, foreseen)
        if result.ends_epoch:
            self.state.begin_epoch()
        return result

    def codes(self, *ops: Op, after_ms: int = SECOND) -> list[str]:
        return [code for _, code in self.commit(*ops, after_ms=after_ms).entries]

    def enter(self, op: Op, after_ms: int = SECOND) -> str:
        """Commit one op; return its code."""
        (code,) = self.codes(op, after_ms=after_ms)
        return code

    # --- proposals ------------------------------------------------------------------------

    def propose(self, name: str, tier: str, action: Action = NO_ACTION, close_ms: int = 0) -> OpId:
        """Commit a proposal that must be accepted; return its id."""
        op = self.say(name, propose(tier, action, close_ms))
        assert self.enter(op) == "ok"
        return op.id

    def vote(self, name: str, proposal: OpId, choice: Choice) -> Op:
        """Return a vote on the current revision, not committed."""
        return self.say(name, Vote(proposal, self.proposal(proposal).current.id, choice, None))

    def commit_votes(self, proposal: OpId, **choices: Choice) -> CommitResult:
        """Commit these people's votes in one slot, all to be accepted."""
        ops = [self.vote(name, proposal, choice) for name, choice in choices.items()]
        result = self.commit(*ops)
        assert [code for _, code in result.entries] == ["ok"] * len(ops)
        return result

    def decide(self, tier: str, action: Action) -> Proposal:
        """Pass a proposal with everybody's yes; return it."""
        proposal = self.propose(self.state.charter.members[0].name, tier, action)
        for seat in self.state.charter.members:
            if self.proposal(proposal).outcome == "open":
                self.commit(self.vote(seat.name, proposal, "yes"))
        assert self.proposal(proposal).outcome == "passed"
        return self.proposal(proposal)

    def proposal(self, proposal: OpId) -> Proposal:
        found_one = self.state.proposal(proposal)
        assert found_one is not None
        return found_one

    def outcome(self, proposal: OpId) -> str:
        return self.proposal(proposal).outcome

    def preview(self, pending: Sequence[Op] = (), now_ms: int = 0) -> Preview:
        return Preview(self.state, pending, WallMs(now_ms or self.now))

    def view(self, proposal: OpId, *pending: Op) -> ProposalView:
        return compute_view(self.preview(pending), proposal)

    def explain(self, proposal: OpId, *pending: Op) -> Explanation:
        return explain(self.preview(pending), proposal)

    def reasons(self, proposal: OpId, *pending: Op) -> dict[str, str]:
        return {one.code: one.text for one in self.explain(proposal, *pending).reasons}

    # --- seats ------------------------------------------------------------------------------

    def invite(self, secret: str, uses: int = 1, lasts_ms: int = DAY) -> Proposal:
        action = InviteAction("guest", key_of(secret), WallMs(self.now + lasts_ms), uses)
        return self.decide("constitutional", action)

    def join(
        self, name: str, secret: str, *, calls: str = "", nonce: int = 0, signed_by: str = ""
    ) -> Op:
        """Return the op with which `name`'s device joins under the name `calls`.

        Args:
            signed_by: another secret than that of the invite it names.
        """
        key = key_of(name)
        message = crypto.signed_message(crypto.TAG_JOIN, self.state.community, key)
        signature = FakeSigner(key_of(signed_by or secret)).sign(message)
        if not nonce:
            nonce = self._nonces[key] = self._nonces.get(key, 0) + 1
        body = Join(calls or name, key_of(secret), signature)
        author = crypto.compute_member_id(key)
        return sign_op(self.state.community, author, FakeSigner(key), nonce, self.now, body)

    def refusal(self, name: str, body: Body, *, device: str = "") -> tuple[str, str]:
        """Return code and words with which the state would refuse this, or ("ok", "")."""
        try:
            self.state.check(self.id_of(name), key_of(device or name), body, self.now)
        except UsageError as error:
            return error.code, error.detail
        return "ok", ""


def check_foreseen(state: State, known: int, foreseen: Sequence[WallMs]) -> None:
    """Check that the closes of the proposals after the first `known` ones were foreseen (R3.9)."""
    for proposal, close_ms in zip(state.proposal_ids[known:], foreseen, strict=True):
        one = state.proposal(proposal)
        assert one is not None
        assert one.close_ms == close_ms or len(one.revisions) > 1


def propose(tier: str, action: Action = NO_ACTION, close_ms: int = 0) -> Propose:
    return Propose(tier, text_of("title"), (), action, WallMs(close_ms))


def revise(proposal: OpId, words: str = "better", close_ms: int = 0) -> Revise:
    return Revise(proposal, text_of(words), (), WallMs(close_ms))


def withdraw(proposal: OpId) -> Withdraw:
    return Withdraw(proposal, None)


def bind(town: Town, name: str, device: str) -> AddDevice:
    """Return what binds one more device to this person's seat."""
    message = crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of(name))
    return AddDevice(key_of(device), FakeSigner(key_of(device)).sign(message))


def reread(state: State, practices: Practices = NO_PRACTICES) -> State:
    """Return the state as a restart reads it back."""
    snapshot = state.to_bytes()
    closed = state.closed_proposals
    return State.read(decode(snapshot, len(snapshot)), closed, fake_verify, practices)


def outcomes(result: CommitResult) -> tuple[tuple[OpId, str], ...]:
    """Return the proposals that a commit closed, and how."""
    return tuple((one.id, one.outcome) for one in result.decided)
