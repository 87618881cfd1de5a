"""Lies in ops: two with one nonce, odd ones, floods; and membership as a weapon."""

from __future__ import annotations

from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import (
    AmendAction,
    InviteAction,
    NoAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import (
    Away,
    Back,
    Body,
    Choice,
    Propose,
    Revise,
    Supports,
    Vote,
)
from p2pnode_protocols.record.opaque import OpaqueAction, OpaqueBody
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import Part, make_text
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.ids import OpId, WallMs

from ..parts.keys import SimSigner
from ..parts.people import INVITE_MS, TIERS
from .liar import Restless

YES_OR_NO: tuple[Choice, ...] = ("yes", "no")

DAY_MS = 24 * 3_600_000
ODD = encode([[], [None, "odd"], 7])  # what a practice says that there is not


class ForkOps(Restless):
    """Votes yes to some and no to others, with one nonce."""

    def act(self, step: Step) -> Step:
        proposals = self.open_questions()
        if not proposals:
            return step
        about = self.rng.choice(proposals)
        nonce = self.core.pool.highest_nonce(self.node.device, self.core.state) + 1
        variants: list[Op] = []
        for choice in ("yes", "no", "aside"):
            vote = Vote(about.id, about.current.id, choice, None)
            variants += self.sign_ops(vote, nonce=nonce)
        if not variants:
            return step
        count = self.rng.choice((2, 2, 3))
        return self.to_each(step, lambda peer: Push(ops=(variants[peer[0] % count],)))


class Flood(Restless):
    """Says more than anybody reads: valid votes and questions by the dozen."""

    EVERY_MS = 3_000
    PER_BURST = 20

    def act(self, step: Step) -> Step:
        bodies: list[Body] = []
        proposals = self.open_questions()
        for _ in range(self.PER_BURST):
            if proposals and self.rng.random() < 0.9:
                about = self.rng.choice(proposals)
                choice = self.rng.choice(YES_OR_NO)
                bodies.append(Vote(about.id, about.current.id, choice, None))
            else:
                title, _ = make_text(self.rng.randbytes(16), "?")  # nobody ever gets the text
                tier = self.rng.choice(TIERS)
                bodies.append(Propose(tier, title, (), NoAction(), WallMs(0)))
        return self.to_all(step, [Push(ops=tuple(self.sign_ops(*bodies)))])


class OddOps(Restless):
    """Says what is out of place: from yesterday or tomorrow, ahead of its turn, about nothing."""

    def act(self, step: Step) -> Step:
        core, member = self.core, self.core.member
        if member is None:
            return step
        rng = self.rng
        nonce = core.pool.highest_nonce(self.node.device, core.state) + rng.choice((1, 1, 2, 80))
        created = WallMs(self.node.now.wall_ms + rng.choice((-DAY_MS, 0, 60_000, DAY_MS)))
        op = sign_op(core.community, member, self.node.signer, nonce, created, self._body())
        return self.to_each(step, lambda peer: Push(ops=(op,)) if self.is_chosen(peer) else None)

    def _body(self) -> Body:
        rng, state = self.rng, self.core.state
        known = [*state.proposal_ids, OpId(rng.randbytes(32))]
        about = rng.choice(known)
        title, _ = make_text(rng.randbytes(16), "!")
        bodies: list[Body] = [
            Vote(about, about, "no", None),
            Vote(about, OpId(rng.randbytes(32)), "yes", None),
            Revise(about, title, (), WallMs(0)),
            Revise(about, title, (Part(rng.randint(1, 400), title),) * 2, WallMs(0)),
            Propose("tactical", title, (Part(rng.choice((1, 201)), title),), NoAction(), WallMs(0)),
            Propose("no such tier", title, (), NoAction(), WallMs(0)),
            Propose("strategic", title, (), RemoveAction(self.node.member), WallMs(1)),
            Propose("constitutional", title, (), AmendAction((("practices.odd", 1),)), WallMs(0)),
            Propose("strategic", title, (), OpaqueAction("odd.deed", ODD), WallMs(0)),
            OpaqueBody(rng.choice(("odd.word", ".", "core.")), ODD),
            Supports((("core", rng.randint(1, 9)), ("odd", 1))),
        ]
        return rng.choice(bodies)


class ComeAndGo(Restless):
    """Goes away and comes back as often as it can say so."""

    def act(self, step: Step) -> Step:
        seat = self.core.state.charter.by_device(self.node.device)
        if seat is None:
            return step
        bodies: tuple[Body, ...] = (Back(),) if seat.away else (Away(), Back(), Away())
        return self.to_all(step, [Push(ops=tuple(self.sign_ops(*bodies)))])


class Friends(Restless):
    """Asks for seats for friends, and to take the same and others' seats off again."""

    EVERY_MS = 2_500

    def act(self, step: Step) -> Step:
        rng, charter = self.rng, self.core.state.charter
        title, blob = make_text(rng.randbytes(16), "friends")
        secret = SimSigner(f"friend of {self.node.name} {rng.randint(1, 3)}")
        expires = WallMs(self.node.now.wall_ms + INVITE_MS)
        seat = rng.choice(charter.members)
        action = rng.choice(
            (
                InviteAction("friend", secret.device, expires, rng.randint(1, 5)),
                RemoveAction(seat.id),
                SetAwayAction(seat.id, True),
            )
        )
        asked = self.sign_ops(Propose("strategic", title, (), action, WallMs(0)))
        if not asked:
            return step
        about = asked[0].id
        vote = Vote(about, about, "yes", None)
        return self.to_all(
            step,
            [Push(ops=(*asked, *self.sign_ops(vote, nonce=asked[0].nonce + 1)), texts=(blob,))],
        )
