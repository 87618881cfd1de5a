"""The node's verbs: what its member says to the community (part of `Node`)."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from p2pnode_protocols.core import Core
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
    AddDevice,
    Away,
    Back,
    Body,
    Choice,
    Leave,
    Propose,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.bodies import Revise as ReviseBody
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.seats.names import find_fault, find_member_fault, shown
from p2pnode_protocols.record.texts import TextRef, make_text
from p2pnode_protocols.record.views.view import ProposalView
from p2pnode_protocols.steps.inputs import HurryUp
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.crypto import SALT_BYTES, Ed25519Signer, compute_member_id
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs, to_short, to_text
from p2pnode_protocols.wire.limits import ERASED_TEXTS, TITLE_CHARS

from .answers import ChangeValue, Effect, Fraction, OwnOps, Proposal, Receipt
from .describe import find_replacing
from .errors import RequestError
from .fates import next_steps, refusal_words, what
from .inviting import check_voting_time, choose_close
from .links import Binding, JoinLink
from .prose import check_text, check_title, shorten
from .reading import OWN_OPS_SHOWN, Reader
from .references import find_device, find_member, find_revision
from .removal import describe_removal
from .session import Session

SECRET_BYTES = 32
WEEK_MS = 7 * 24 * 3_600_000


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
_NO_ACTION = NoAction()


@dataclass(slots=True)
class _Texts:
    """The detached texts of one op, salted as they are added."""

    blobs: list[bytes]

    def title(self, text: str) -> TextRef:
        """Raises `UsageError` as `check_title`."""
        check_title(text)
        return self._add(text)

    def text(self, field: str, text: str | None) -> TextRef | None:
        """Raises `UsageError` as `check_text`; `field` is what its author calls it."""
        return None if text is None else self._add(check_text(field, text))

    def _add(self, text: str) -> TextRef:
        ref, blob = make_text(os.urandom(SALT_BYTES), text)
        self.blobs.append(blob)
        return ref


class Speaker(Reader):
    """Say things. Every verb returns a receipt once the op is durable on this machine.

    All raise `UsageError` for what the rules refuse, and `RequestError` when no community
    runs here, the home is still `joining`, was `removed`, or the node is `stopping`.
    """

    # --- proposals --------------------------------------------------------------------

    async def propose(
        self,
        tier: str,
        title: str,
        text: str | None = None,
        *,
        close_ms: WallMs | None = None,
        action: Action = _NO_ACTION,
        vote: Choice | None = None,
        how: How = NOW,
    ) -> Receipt:
        """Open a proposal, and vote on it when `vote` is given.

        Args:
            tier: how much agreement it needs, a tier of the charter.
            title: one line.
            text: the whole text; None when the title says it all.
            close_ms: when voting ends; None: the tier's window from now.
            action: what its passing does by itself.
            vote: this member's own vote.
            how: what to wait for.
        """
        texts = _Texts([])
        body = Propose(
            tier, texts.title(title), texts.text("text", text), action, close_ms or WallMs(0)
        )
        if how.dry_run:
            return self._dry_run(body)
        op = await self._submit(body, texts, how)
        if vote is None:
            return await self._follow(op, how)
        ballot = Vote(op.id, op.id, vote, None)
        cast = await self._submit(ballot, _Texts([]), how)  # before any wait: one round for both
        receipt = await self._follow(op, how)
        await self._follow(cast, replace(how, timeout_s=0 if receipt.timed_out else how.timeout_s))
        return replace(receipt, proposal=self.proposal(op.id))

    async def vote(
        self,
        proposal: str | OpId,
        choice: Choice,
        reason: str | None = None,
        *,
        revision: str | None = None,
        how: How = NOW,
    ) -> Receipt:
        """Vote; a later vote replaces this one until the proposal is decided.

        Args:
            proposal: number, id or beginning of one.
            choice: yes, no, or aside.
            reason: shown to everyone with the vote.
            revision: id of the text voted on. May be left out while there has been one only:
                it may have been replaced since the caller read it.
            how: what to wait for.

        Raises:
            RequestError: `revision_unnamed`; as every verb.
        """
        overview = self.overview
        view = overview.proposals.view(self._proposal_id(proposal))
        chosen = view.current.id
        # Before the text it names: nothing can be said on what is decided, whatever it names.
        self._check(Vote(view.id, chosen, choice, None))
        if revision is None and len(view.revisions) > 1:
            raise RequestError(
                "revision_unnamed",
                f"there have been {len(view.revisions)} texts; name the one that the vote is for: "
                f"the current one is {to_text('pro', chosen)}",
            )
        if revision is not None:
            chosen = find_revision(revision, [one.id for one in view.revisions])
        texts = _Texts([])
        return await self._say(
            Vote(view.id, chosen, choice, texts.text("reason", reason)), texts, how
        )

    async def revise(
        self,
        proposal: str | OpId,
        *,
        title: str | None = None,
        text: str | None = None,
        close_ms: WallMs | None = None,
        revision: str | None = None,
        how: How = NOW,
    ) -> Receipt:
        """Replace a proposal's text, and ask everyone again. None: keep what it is.

        Args:
            proposal: number, id or beginning of one.
            title: the new one.
            text: the new one.
            close_ms: when voting ends; None: after as long as before.
            revision: id of the text that is replaced; another device of this seat may have
                replaced it since the caller read it. None: whatever stands there.
            how: what to wait for.

        Raises:
            UsageError: `superseded_revision`; as every verb.
            RequestError: `nothing_to_revise`; as every verb.
        """
        view = self._view(proposal)
        self._check(ReviseBody(view.id, view.current.title, view.current.text, WallMs(0)))
        self._require_meant(view, revision)
        if not self._changes_something(view, title, text, close_ms):
            raise RequestError(
                "nothing_to_revise",
                "nothing would change, and every vote would be asked for again",
                "p2pnode show ID",
            )
        texts = _Texts([])
        body = ReviseBody(
            view.id,
            view.current.title if title is None else texts.title(title),
            view.current.text if text is None else texts.text("text", text),
            close_ms or WallMs(0),
        )
        return await self._say(body, texts, how)

    def _changes_something(
        self, view: ProposalView, title: str | None, text: str | None, close_ms: WallMs | None
    ) -> bool:
        """Return whether a revision would say anything else than the text that stands there."""
        proposals = self.overview.proposals
        is_other = title is not None and title != proposals.text(view.current.title)
        if text is not None:
            is_other |= check_text("text", text) != proposals.text(view.current.text)
        return is_other or close_ms not in (None, view.close_ms)

    async def withdraw(
        self,
        proposal: str | OpId,
        reason: str | None = None,
        *,
        revision: str | None = None,
        how: How = NOW,
    ) -> Receipt:
        """End an own proposal without a decision; `revision` as with `revise`."""
        view = self._view(proposal)
        self._check(Withdraw(view.id, None))
        self._require_meant(view, revision)
        texts = _Texts([])
        return await self._say(Withdraw(view.id, texts.text("reason", reason)), texts, how)

    def _view(self, proposal: str | OpId) -> ProposalView:
        return self.overview.proposals.view(self._proposal_id(proposal))

    def _require_meant(self, view: ProposalView, revision: str | None) -> None:
        """Refuse to speak about another text than the one that stands there; None: that one.

        Raises:
            UsageError: `superseded_revision`; `bad_id`, `ambiguous_id`.
        """
        if revision is None:
            return
        named = find_revision(revision, [one.id for one in view.revisions])
        if named != view.current.id:
            raise UsageError(
                "superseded_revision",
                f"{to_short('pro', named)} has been replaced; the text is now that of "
                f"{to_short('pro', view.current.id)}",
            )

    # --- proposals that do something --------------------------------------------------

    async def invite(
        self,
        name: str,
        *,
        uses: int = 1,
        valid_ms: int = WEEK_MS,
        text: str | None = None,
        vote: Choice | None = "yes",
        how: How = NOW,
    ) -> Receipt:
        """Propose to open `uses` seats; the receipt's `link` is the only copy of the secret.

        The link lets its holder join as soon as the proposal has passed.

        Args:
            name: of the person it is for, or of the people where `uses` is more than 1.

        Raises:
            UsageError: `bad_field`: no seat can have that name, or it ends before the others
                can have voted on it.
        """
        session, core = self._speaking()
        # One seat is for one person, who would be refused under a name that no seat can have.
        fault = find_member_fault(name) if uses == 1 else find_fault(name)
        if fault is not None:
            raise UsageError("bad_field", f"name: {shown(name)} is not allowed; {fault}")
        check_voting_time(core.state.charter, valid_ms, vote)
        close_ms = choose_close(core.state.charter, self.now_ms, valid_ms)
        secret = os.urandom(SECRET_BYTES)
        expires_ms = WallMs(self.now_ms + valid_ms)
        action = InviteAction(name, Ed25519Signer(secret).device, expires_ms, uses)
        receipt = await self.propose(
            core.state.charter.rules.membership_tier,
            f"Invite {name}",
            text,
            close_ms=close_ms,
            action=action,
            vote=vote,
            how=how,
        )
        if receipt.op is None:
            return receipt
        addresses = session.neighbours.link_addresses()
        link = JoinLink(session.community, secret, expires_ms, addresses)
        return replace(receipt, link=link.to_text())

    async def amend(
        self,
        changes: Mapping[str, ChangeValue],
        *,
        title: str | None = None,
        text: str | None = None,
        vote: Choice | None = "yes",
        how: How = NOW,
    ) -> Receipt:
        """Propose to change the charter: {"tiers.tactical.threshold": Fraction(2, 3)}."""
        _session, core = self._speaking()
        wire = wire_changes(changes)
        return await self.propose(
            core.state.charter.rules.amendment_tier,
            title or shorten(f"Amend {', '.join(path for path, _ in wire)}", TITLE_CHARS),
            text,
            action=AmendAction(wire),
            vote=vote,
            how=how,
        )

    async def rekey(
        self,
        binding: str,
        *,
        text: str | None = None,
        vote: Choice | None = "yes",
        how: How = NOW,
    ) -> Receipt:
        """Propose to give a seat whose keys are lost a new one, in place of all it had.

        Args:
            binding: the new device's request.
            text: why; above all, how its owner was recognized.
            vote: this member's own vote.
            how: what to wait for.
        """
        _session, core = self._speaking()
        asked = Binding.from_text(binding)
        seat = core.state.charter.member(asked.member)
        if seat is None:
            raise UsageError("unknown_member", "the request is for a seat that is not here")
        return await self.propose(
            core.state.charter.rules.membership_tier,
            f"A new key for {seat.name}",
            text,
            action=RekeyAction(asked.member, asked.device, asked.signature),
            vote=vote,
            how=how,
        )

    async def erase(
        self,
        proposal: str,
        *,
        text: str | None = None,
        vote: Choice | None = "yes",
        revision: str | None = None,
        how: How = NOW,
    ) -> Receipt:
        """Propose to delete a proposal's texts at every node: titles, bodies, reasons.

        Args:
            proposal: a reference.
            text: why; it stays.
            vote: this member's own vote.
            revision: as with `revise`.
            how: what to wait for.

        Raises:
            UsageError: `already_decided`: its texts are erased; `bad_field`: it has more than
                one decision may erase; `superseded_revision`.
        """
        _session, core = self._speaking()
        view = self._view(proposal)
        self._require_meant(view, revision)
        refs = [ref for one in view.revisions for ref in (one.title, one.text)]
        refs += [vote.reason for one in view.revisions for vote in one.votes]
        found = dict.fromkeys(
            ref.id
            for ref in (*refs, view.withdrawn_for)
            if ref is not None and core.state.erased_by(ref.id) is None
        )
        if not found:
            raise UsageError("already_decided", "its texts are erased already")
        if len(found) > ERASED_TEXTS:
            raise UsageError(
                "bad_field", f"{len(found)} texts to erase; one decision erases {ERASED_TEXTS}"
            )
        return await self.propose(
            core.state.charter.rules.membership_tier,
            f"Erase the texts of proposal {view.number or 'not final yet'}",
            text,
            action=EraseAction(tuple(found)),
            vote=vote,
            how=how,
        )

    def removal(self, member: str) -> RemoveAction:
        """Return the action that takes a member's seat away, for `propose`."""
        _session, core = self._running()
        return RemoveAction(find_member(member, core.state.charter, core.device).id)

    def absence(self, member: str, away: bool) -> SetAwayAction:
        """Return the action that takes a member's node off the committee, or puts it back."""
        _session, core = self._running()
        return SetAwayAction(find_member(member, core.state.charter, core.device).id, away)

    async def hurry(self, *, how: How = NOW) -> OwnOps:
        """Let all that this device has said be made final at once, not when it has lingered.

        Args:
            how: with `wait` "final" it returns when nothing waits any more, or time is up.

        Returns:
            what still waits then, and what was refused.
        """
        session, core = self._running()
        await session.ask(HurryUp())
        if how.wait == "final":
            await self._wait_until(lambda: not len(core.fates), how.timeout_s)
        return self.own_ops(limit=OWN_OPS_SHOWN)

    # --- one's own seat ---------------------------------------------------------------

    async def away(self, *, how: How = NOW) -> Receipt:
        """Take this seat's node off the committee; the vote stays."""
        return await self._say(Away(), _Texts([]), how)

    async def back(self, *, how: How = NOW) -> Receipt:
        """Put this seat's node back on the committee."""
        return await self._say(Back(), _Texts([]), how)

    async def leave(self, *, how: How = NOW) -> Receipt:
        """Give this seat up."""
        return await self._say(Leave(), _Texts([]), how)

    async def add_device(self, binding: str, *, how: How = NOW) -> Receipt:
        """Bind a further device to this seat; `binding` comes from that device."""
        self._speaking()
        bound = Binding.from_text(binding)
        return await self._say(AddDevice(bound.device, bound.signature), _Texts([]), how)

    async def revoke_device(self, device: str, *, how: How = NOW) -> Receipt:
        """Take a device off this seat."""
        key = find_device(device, self._my_devices())
        return await self._say(RevokeDevice(key), _Texts([]), how)

    async def set_node_key(self, device: str | None, *, how: How = NOW) -> Receipt:
        """Say which device of this seat makes blocks; None: it votes but runs no node."""
        key = None if device is None else find_device(device, self._my_devices())
        return await self._say(SetNodeKey(key), _Texts([]), how)

    def _my_devices(self) -> tuple[DeviceKey, ...]:
        _session, core = self._speaking()
        seat = core.state.charter.by_device(core.device)
        return () if seat is None else seat.devices

    # --- saying -----------------------------------------------------------------------

    def _speaking(self) -> tuple[Session, Core]:
        session, core = self._running()
        match session.stage:
            case "removed":
                raise RequestError("removed", *describe_removal(core, session.store))
            case "joining" | "observer":
                raise RequestError("joining", session.progress.detail)
            case "member" | "idle" | "halted":
                return session, core

    async def _say(self, body: Body, texts: _Texts, how: How) -> Receipt:
        if how.dry_run:
            return self._dry_run(body)
        return await self._follow(await self._submit(body, texts, how), how)

    def _dry_run(self, body: Body) -> Receipt:
        """Return the receipt of an op that was not signed; raise what it would be refused for."""
        self._check(body)
        _session, core = self._speaking()
        about = _proposal_of(body)
        named = None if about is None else self.proposal(about)
        return Receipt(
            op=None,
            kind=body.KIND,
            state="dry_run",
            code=None,
            accepted_at=self.now_ms,
            final_at=None,
            due_at=None,
            can_finalize=core.finality().can_finalize,
            proposal=named,
            action=self._effect(body, named),
        )

    def _check(self, body: Body) -> None:
        """Raise what saying this would be refused for, as things stand here and now."""
        _session, core = self._speaking()
        member = core.member or compute_member_id(core.device)
        core.preview.check(member, core.device, body)

    def _effect(self, body: Body, named: Proposal | None) -> Effect | None:
        if isinstance(body, Propose):
            return self.overview.proposals.effect(body.action)
        return None if named is None else named.action

    async def _submit(self, body: Body, texts: _Texts, how: How) -> Op:
        session, _core = self._speaking()
        return await session.submit(body, tuple(texts.blobs), urgent=how.wait == "final")

    async def _follow(self, op: Op, how: How) -> Receipt:
        """Wait as asked, and return the receipt as it stands then.

        Raises:
            UsageError: the op is final, and was refused there: something came before it.
            RequestError: `removed`: it never will be, as the seat or the key was taken away first.
        """
        kind, timed_out = op.body.KIND, False
        if how.wait == "final":
            session, _core = self._running()

            def is_over() -> bool:
                is_lost = self.bus.lost_code(op.id) is not None or session.stage == "removed"
                return is_lost or self.bus.is_final(op.id)

            timed_out = not await self._wait_until(is_over, how.timeout_s)
            if session.stage == "removed" and not self.bus.is_final(op.id):
                raise RequestError(
                    "removed",
                    f"your {what(op)} will not count: this device lost its seat before that was "
                    "final",
                    *next_steps("not_a_member"),
                )
        code, is_final = self.bus.final_code(op.id), self.bus.is_final(op.id)
        refusal = self.bus.lost_code(op.id) if code in (None, "ok") else code
        if refusal is not None:
            words = refusal_words(refusal, op.body, in_log=is_final)
            raise UsageError(refusal, f"your {what(op)} was accepted here, but {words}")
        about = op.id if isinstance(op.body, Propose) else _proposal_of(op.body)
        _session, core = self._running()
        named = None if about is None else self.proposal(about)
        return Receipt(
            op=op.id,
            kind=kind,
            state="final" if is_final else "queued",
            code=code,
            accepted_at=op.created_ms,
            final_at=self.now_ms if is_final else None,
            due_at=None if is_final else core.due_at(op.id),
            can_finalize=core.finality().can_finalize,
            proposal=named,
            action=None if named is None else named.action,
            timed_out=timed_out,
            replaced_by=self._replaced_by(op) if is_final else None,
        )

    def _replaced_by(self, op: Op) -> Choice | None:
        """Return the vote that came in place of this one, by another device of the seat."""
        if not isinstance(op.body, Vote):
            return None
        view = self.overview.proposals.view(op.body.proposal)
        return find_replacing(view, op.author, op.body.revision, op.id)


def wire_changes(changes: Mapping[str, ChangeValue]) -> tuple[tuple[str, Value], ...]:
    """Return charter changes as an op carries them: by path, fractions in lowest terms."""
    return tuple((path, _wire_value(value)) for path, value in sorted(changes.items()))


def _wire_value(value: ChangeValue) -> Value:
    if not isinstance(value, Fraction):
        return value
    divisor = math.gcd(value.num, value.den) or 1
    return [value.num // divisor, value.den // divisor]


def _proposal_of(body: Body) -> OpId | None:
    match body:
        case Vote(proposal=proposal) | ReviseBody(proposal=proposal) | Withdraw(proposal=proposal):
            return proposal
        case _:
            return None
