"""How this device says something: signed, kept, and followed until it is final."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from p2pnode_protocols.record.bodies import Body, Propose, Revise, Vote, Withdraw
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import Part, TextRef, make_text
from p2pnode_protocols.steps.inputs import HurryUp
from p2pnode_protocols.wire.crypto import SALT_BYTES, compute_member_id
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId

from ...answers import Effect, OwnOps, Proposal, Receipt
from ...answers.own_ops import next_steps, refusal_words, what
from ...answers.own_votes import find_own_vote, other_device, replacing_vote
from ...errors import RequestError
from ..asked.questions import OWN_OPS_SHOWN, Questions
from ..here import Here
from .parts import Known, number_parts, split
from .prose import check_text, check_title


@dataclass(frozen=True, slots=True)
class How:
    """How a submission is made, and what is waited for.

    `wait`: "provisional" returns once it is durable here; "final" pursues finality at
    once and returns when it is in the finalized log, or after `timeout_s`.
    `dry_run`: sign nothing, only say whether it would be accepted.
    """

    wait: Literal["provisional", "final"] = "provisional"
    timeout_s: float = 30
    dry_run: bool = False


NOW = How()


@dataclass(slots=True)
class Texts:
    """The detached texts of one op, salted as they are added."""

    blobs: list[bytes] = field(default_factory=list)

    def title(self, text: str) -> TextRef:
        """Raises `UsageError` as `check_title`."""
        check_title(text)
        return self._add(text)

    def text(self, field: str, text: str | None) -> TextRef | None:
        """Raises `UsageError` as `check_text`; `field` is what its author calls it."""
        return None if text is None else self._add(check_text(field, text))

    def parts(self, text: str | None) -> tuple[Part, ...]:
        """Return the parts of a text that is new. Raises `UsageError` as `check_text`."""
        return () if text is None else self.parts_after(text, (), 0)

    def parts_after(self, text: str, before: Sequence[Known], highest: int) -> tuple[Part, ...]:
        """Return the parts of a text that replaces another one (`number_parts`).

        Raises:
            UsageError: as `check_text`.
        """
        found = number_parts(split(check_text("text", text)), before, highest)
        return tuple(one.kept or Part(one.number, self._add(one.text)) for one in found)

    def _add(self, text: str) -> TextRef:
        ref, blob = make_text(os.urandom(SALT_BYTES), text)
        self.blobs.append(blob)
        return ref


class Submitting:
    """Say one thing to the community. What verbs rest on, and a practice's verbs as well."""

    def __init__(self, here: Here, questions: Questions) -> None:
        self._here = here
        self._questions = questions

    async def say(self, body: Body, texts: Texts, how: How) -> Receipt:
        told = self._with_former_vote(body)
        if how.dry_run:
            return told(self.dry_run(body))
        return told(await self.follow(await self.submit(body, texts, how), how))

    def _with_former_vote(self, body: Body) -> Callable[[Receipt], Receipt]:
        """Return what adds to a receipt which vote of the seat this one replaces, as of now."""
        if not isinstance(body, Vote):
            return lambda receipt: receipt
        session, core = self._here.running()
        former = find_own_vote(core, body)
        if former is None:
            return lambda receipt: receipt
        choice, device = former.choice, other_device(core, session.store, former)
        return lambda receipt: replace(receipt, replaces=choice, replaces_device=device)

    def dry_run(self, body: Body) -> Receipt:
        """Return the receipt of an op that was not signed; raise what it would be refused for."""
        self.check(body)
        _session, core = self._here.speaking()
        about = _proposal_of(body)
        named = None if about is None else self._questions.proposal(about)
        return Receipt(
            op=None,
            kind=body.KIND,
            state="dry_run",
            code=None,
            accepted_at=self._here.now_ms,
            final_at=None,
            due_at=None,
            can_finalize=core.finality().can_finalize,
            proposal=named,
            action=self._effect(body, named),
        )

    def check(self, body: Body) -> None:
        """Raise what saying this would be refused for, as things stand here and now."""
        _session, core = self._here.speaking()
        member = core.member or compute_member_id(core.device)
        core.preview.check(member, core.device, body)

    def _effect(self, body: Body, named: Proposal | None) -> Effect | None:
        if isinstance(body, Propose):
            return self._here.overview.proposals.effect(body.action)
        return None if named is None else named.action

    async def submit(self, body: Body, texts: Texts, how: How) -> Op:
        session, _core = self._here.speaking()
        return await session.submit(body, tuple(texts.blobs), urgent=how.wait == "final")

    async def follow(self, op: Op, how: How) -> Receipt:
        """Wait as asked, and return the receipt as it stands then.

        Raises:
            UsageError: the op is final, and was refused there: something came before it.
            RequestError: `removed`: it never will be, as the seat or the key was taken away first.
        """
        kind, timed_out = op.body.KIND, False
        if how.wait == "final":
            session, _core = self._here.running()

            def is_over() -> bool:
                is_lost = self._here.bus.lost_code(op.id) is not None or session.stage == "removed"
                return is_lost or self._here.bus.is_final(op.id)

            timed_out = not await self._here.wait_until(is_over, how.timeout_s)
            if session.stage == "removed" and not self._here.bus.is_final(op.id):
                raise RequestError(
                    "removed",
                    f"your {what(op)} will not count: this device lost its seat before that was "
                    "final",
                    *next_steps("not_a_member"),
                )
        code, is_final = self._here.bus.final_code(op.id), self._here.bus.is_final(op.id)
        refusal = self._here.bus.lost_code(op.id) if code in (None, "ok") else code
        if refusal is not None:
            words = refusal_words(refusal, op.body, in_log=is_final)
            raise UsageError(refusal, f"your {what(op)} was accepted here, but {words}")
        about = op.id if isinstance(op.body, Propose) else _proposal_of(op.body)
        _session, core = self._here.running()
        named = None if about is None else self._questions.proposal(about)
        return Receipt(
            op=op.id,
            kind=kind,
            state="final" if is_final else "queued",
            code=code,
            accepted_at=op.created_ms,
            final_at=self._here.now_ms if is_final else None,
            due_at=None if is_final else core.due_at(op.id),
            can_finalize=core.finality().can_finalize,
            proposal=named,
            action=None if named is None else named.action,
            timed_out=timed_out,
            replaced_by=replacing_vote(core, op, is_final=is_final),
        )

    async def hurry(self, *, how: How = NOW) -> OwnOps:
        """Let all that this device has said be made final at once, not when it has lingered.

        Args:
            how: with `wait` "final" it returns when nothing waits any more, or time is up.

        Returns:
            what still waits then, and what was refused.
        """
        session, core = self._here.running()
        await session.ask(HurryUp())
        if how.wait == "final":
            await self._here.wait_until(lambda: not len(core.fates), how.timeout_s)
        return self._questions.own_ops(limit=OWN_OPS_SHOWN)


def _proposal_of(body: Body) -> OpId | None:
    match body:
        case Vote(proposal=proposal) | Revise(proposal=proposal) | Withdraw(proposal=proposal):
            return proposal
        case _:
            return None
