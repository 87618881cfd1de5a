"""What members do: propose, vote, change their minds, revise, withdraw, invite, leave.

People know only what their own node accepts; what it refuses is part of life. What is
structural is campaigned for: everyone is asked, and asked again, until they have voted.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    InviteAction,
    NoAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import (
    CHOICES,
    AddDevice,
    Away,
    Back,
    Body,
    Choice,
    Join,
    Leave,
    Note,
    Propose,
    Revise,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import Part, Parts, TextRef, highest_number, make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.crypto import compute_member_id
from p2pnode_protocols.wire.errors import ProtocolError
from p2pnode_protocols.wire.ids import OpId, WallMs

from ..promises import Said
from .clockwork import MS, SECOND
from .keys import SimSigner

if TYPE_CHECKING:
    from ..world import World
    from .node import SimNode

TIERS = ("constitutional", "strategic", "tactical", "implementation", "individual")
ASK_AGAIN_US = 2 * SECOND  # a campaign's patience with a node that is down or knows nothing yet
ASKED_TIMES = 15
INVITE_MS = 30 * 60_000


@dataclass
class Topic:
    """A proposal as people talk about it."""

    id: OpId
    revision: OpId
    author: SimNode


@dataclass
class People:
    """All that is said in a run."""

    world: World
    topics: list[Topic] = field(default_factory=list)
    joiners_left: int = 0
    shrinks_left: int | None = None  # None: any number
    refusals: dict[str, int] = field(default_factory=dict)
    is_quiet: bool = False  # nobody starts anything any more

    # --- saying --------------------------------------------------------------------------

    def say(
        self,
        node: SimNode,
        body: Body,
        texts: tuple[bytes, ...] = (),
        *,
        urgent: bool = False,
        then: Callable[[Op], None] | None = None,
        refused: Callable[[], None] | None = None,
    ) -> None:
        """Submit at a node; what it acknowledges must one day be final everywhere."""

        def done(op: Op | None, error: ProtocolError | None) -> None:
            if op is None:
                assert error is not None
                self.refusals[error.code] = self.refusals.get(error.code, 0) + 1
                if refused is not None:
                    refused()
                return
            self.world.promises.said[op.id].is_acknowledged = True
            if then is not None:
                then(op)

        node.submit(Submit(body, texts, urgent), done)

    def note(self, node: SimNode, op: Op) -> None:
        """The core made an op; whether it is acknowledged is seen later."""
        self.world.promises.said[op.id] = Said(op, node)
        if node.is_honest:
            self.world.promises.times.note_said(op)

    def _text(self, text: str) -> tuple[TextRef, bytes]:
        return make_text(self.world.rng.randbytes(crypto.SALT_BYTES), text)

    def _parts_after(self, topic: Topic, title: bytes) -> tuple[Parts, tuple[bytes, ...]]:
        """Return the parts of a revision, as its author's node knows those before."""
        core = topic.author.core
        found = None if core is None else core.preview.proposal(topic.id)
        if found is None:
            return (), ()
        highest = highest_number([one.parts for one in found.revisions])
        return self._parts(title, found.current.parts, highest)

    def _parts(self, title: bytes, before: Parts, highest: int) -> tuple[Parts, tuple[bytes, ...]]:
        """Return parts: some as before, some reworded, some new, in any order.

        In a revision now and then with a number that no part of it may have.

        Args:
            title: by which they are chosen: what else happens in a run does not hang on them.
        """
        rng = random.Random(title)
        parts: list[Part] = []
        blobs: list[bytes] = []

        def write(number: int) -> None:
            ref, blob = make_text(rng.randbytes(crypto.SALT_BYTES), f"paragraph {number}")
            parts.append(Part(number, ref))
            blobs.append(blob)

        for part in before:
            match rng.choice(("kept", "kept", "kept", "reworded", "gone")):
                case "kept":
                    parts.append(part)
                case "reworded":
                    write(part.number)
                case "gone":
                    pass
        for number in range(1, rng.choice((1, 1, 2, 4))):
            write(highest + number)
        if before and rng.random() < 0.1:
            write(rng.randint(1, highest + 9))
        rng.shuffle(parts)
        return tuple(parts), tuple(blobs)

    def propose(
        self,
        node: SimNode,
        tier: str,
        action: Action | None = None,
        *,
        close_ms: int = 0,
        urgent: bool = False,
        then: Callable[[Topic], None] | None = None,
    ) -> None:
        title, blob = self._text(f"question {len(self.topics) + 1}")
        parts, blobs = self._parts(blob, (), 0)

        def opened(op: Op) -> None:
            topic = Topic(op.id, op.id, node)
            self.topics.append(topic)
            if then is not None:
                then(topic)

        body = Propose(tier, title, parts, action or NoAction(), WallMs(close_ms))
        self.say(node, body, (blob, *blobs), urgent=urgent, then=opened)

    def vote(
        self,
        node: SimNode,
        topic: Topic,
        choice: Choice,
        *,
        urgent: bool = False,
        refused: Callable[[], None] | None = None,
    ) -> None:
        reason: TextRef | None = None
        blobs: tuple[bytes, ...] = ()
        if self.world.rng.random() < 0.2:
            reason, blob = self._text(f"because of {choice}")
            blobs = (blob,)
        body = Vote(topic.id, topic.revision, choice, reason)
        self.say(node, body, blobs, urgent=urgent, refused=refused)

    # --- a random life -------------------------------------------------------------------

    def begin(self) -> None:
        """Spread the plan's acts over its busy time."""
        plan, rng = self.world.plan, self.world.rng
        self.joiners_left, self.shrinks_left = plan.joiners, plan.shrinks
        for _ in range(plan.acts):
            when = rng.randint(0, plan.busy_ms) * MS
            structural = rng.random() < plan.structural
            self.world.clock.after(when, self._act_structural if structural else self._act)

    def _someone(self) -> SimNode | None:
        speakers = [node for node in self.world.nodes if node.is_up and node.is_honest]
        return self.world.rng.choice(speakers) if speakers else None

    def _act(self) -> None:
        rng, node = self.world.rng, self._someone()
        if node is None or self.is_quiet:
            return
        urgent = rng.random() < 0.4
        kind = rng.random()
        if not self.topics or kind < 0.25:
            close = 0
            if rng.random() < 0.3:
                close = node.now.wall_ms + rng.randint(2_000, 2 * self.world.plan.window_ms)
            self.propose(node, rng.choice(TIERS), close_ms=close, urgent=urgent)
            return
        topic = rng.choice(self.topics)
        if kind < 0.85:
            self.vote(node, topic, rng.choice((*CHOICES, "yes")), urgent=urgent)
        elif kind < 0.88:
            self.say(node, Note("org.example", rng.randbytes(rng.randint(0, 40))), urgent=urgent)
        elif kind < 0.94:
            title, blob = self._text("put better")

            def revised(op: Op) -> None:
                topic.revision = op.id

            parts, blobs = self._parts_after(topic, blob)
            body = Revise(topic.id, title, parts, WallMs(0))
            self.say(topic.author, body, (blob, *blobs), urgent=urgent, then=revised)
        else:
            self.say(topic.author, Withdraw(topic.id, None), urgent=urgent)

    # --- what changes who decides --------------------------------------------------------

    def _act_structural(self) -> None:
        node = self._someone()
        if node is None or self.is_quiet:
            return
        shrinking = [self.go_away_and_come_back, self._set_away]
        acts: list[Callable[[SimNode], None]] = [self._amend, self.change_device]
        if self.joiners_left:
            acts += [self.invite] * 3
        if self.world.plan.members > 3:
            shrinking += [self.leave, self._remove]
        if self.shrinks_left != 0:
            acts += shrinking
        act = self.world.rng.choice(acts)
        if act in shrinking and self.shrinks_left is not None:
            self.shrinks_left -= 1
        act(node)

    def campaign(
        self,
        node: SimNode,
        tier: str,
        action: Action,
        decided: Callable[[str], None] | None = None,
    ) -> None:
        """Propose and let every member vote yes as soon as its node knows of it."""

        def opened(topic: Topic) -> None:
            self._ask_everyone(topic)
            if decided is not None:
                self.world.when_decided(topic.id, decided)

        self.propose(node, tier, action, urgent=True, then=opened)

    def _ask_everyone(self, topic: Topic) -> None:
        for node in self.world.nodes:
            delay = self.world.rng.randint(100 * MS, 3 * SECOND)
            self.world.clock.after(delay, self._ask, node, topic, ASKED_TIMES)

    def _ask(self, node: SimNode, topic: Topic, times: int) -> None:
        def later() -> None:
            if times > 1 and not self.is_quiet and topic.id not in self.world.promises.outcomes:
                self.world.clock.after(ASK_AGAIN_US, self._ask, node, topic, times - 1)

        if node.is_up:
            self.vote(node, topic, "yes", urgent=True, refused=later)
        elif not node.is_gone:
            later()

    def invite(self, node: SimNode) -> None:
        """Open a seat; once that is final somewhere, the newcomer's node starts and joins."""
        number = self.joiners_left
        self.joiners_left -= 1
        rng = self.world.rng
        secret = SimSigner(f"invite {number} of {self.world.seed}")
        name = self.world.next_name()
        expires = WallMs(self.world.start_ms + self.world.clock.now_us // MS + INVITE_MS)
        action = InviteAction(name, secret.device, expires, rng.randint(1, 2))
        self.campaign(node, "strategic", action, lambda outcome: self._join(name, secret, outcome))

    def _join(self, name: str, secret: SimSigner, outcome: str) -> None:
        if outcome != "passed":
            return
        signer = SimSigner(name)
        node = self.world.add_node(name, compute_member_id(signer.device), signer, secret=secret)
        node.boot()
        self._take_seat(node, secret, ASKED_TIMES)

    def _take_seat(self, node: SimNode, secret: SimSigner, times: int) -> None:
        """Ask for the seat until the node accepts that: it has to learn of the invite first."""

        def later() -> None:
            if times > 1 and not self.is_quiet:
                self.world.clock.after(ASK_AGAIN_US, self._take_seat, node, secret, times - 1)

        if not node.is_up:
            later()
            return
        proof = secret.sign(
            crypto.signed_message(crypto.TAG_JOIN, self.world.community, node.device)
        )
        self.say(node, Join(node.name, secret.device, proof), refused=later)

    def go_away_and_come_back(self, node: SimNode) -> None:
        def away(_op: Op) -> None:
            delay = self.world.rng.randint(8, 20) * SECOND
            self.world.clock.after(delay, self._back, node, ASKED_TIMES)

        self.say(node, Away(), then=away)

    def _back(self, node: SimNode, times: int) -> None:
        def later() -> None:
            if times > 1 and not self.is_quiet:
                self.world.clock.after(ASK_AGAIN_US, self._back, node, times - 1)

        if node.is_up:
            self.say(node, Back(), refused=later)
        else:
            later()

    def _amend(self, node: SimNode) -> None:
        rng = self.world.rng
        # Who knows of liars among them does not choose a model without any.
        model = "byzantine" if self.world.plan.liars else rng.choice(("crash", "byzantine"))
        changes: list[tuple[tuple[str, Value], ...]] = [
            (("fault_model", model),),
            (("tiers.tactical.threshold", [2, 3]),),
            (("timing.delta_ms", rng.randint(20, 100)), ("name", "renamed")),
            (("timing.linger_ms", rng.randint(0, 5_000)),),
        ]
        self.campaign(node, "constitutional", AmendAction(rng.choice(changes)))

    def _set_away(self, node: SimNode) -> None:
        other = self.world.rng.choice(self.world.nodes)
        away = self.world.rng.random() < 0.5
        self.campaign(node, "strategic", SetAwayAction(other.member, away))

    def _remove(self, node: SimNode) -> None:
        other = self.world.rng.choice(self.world.nodes)
        self.campaign(node, "strategic", RemoveAction(other.member))

    def leave(self, node: SimNode) -> None:
        self.say(node, Leave())

    def change_device(self, node: SimNode) -> None:
        """Bind a second device, and let it make the blocks from then on."""
        name = f"{node.name}-{self.world.next_number()}"
        signer = SimSigner(name)
        proof = signer.sign(
            crypto.signed_message(crypto.TAG_BIND, self.world.community, node.member)
        )
        revoke = self.world.rng.random() < 0.4

        def bound(code: str) -> None:
            if code != "ok":
                return
            other = self.world.add_node(name, node.member, signer)
            other.boot()
            self.say(node, SetNodeKey(signer.device), then=switching)

        def switching(op: Op) -> None:
            if revoke:
                self.world.when_final(op.id, switched)

        def switched(code: str) -> None:
            other = self.world.by_device(signer.device)
            if code == "ok" and other.is_up:
                self.say(other, RevokeDevice(node.device))

        def adding(op: Op) -> None:
            self.world.when_final(op.id, bound)

        self.say(node, AddDevice(signer.device, proof), then=adding)
