"""The verbs of proposals that do something by themselves once they pass."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import replace

from p2pnode_protocols.record.actions import (
    AmendAction,
    EraseAction,
    InviteAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import Choice
from p2pnode_protocols.record.seats.names import find_fault, find_member_fault, shown
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.record.views.view import ProposalView
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.crypto import Ed25519Signer
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import WallMs
from p2pnode_protocols.wire.limits import ERASED_TEXTS, TITLE_CHARS

from ...answers import ChangeValue, Fraction, Receipt
from ..asked.questions import Questions
from ..here import Here
from ..links import Binding, JoinLink
from ..references import find_member, require_meant
from .inviting import check_voting_time, choose_close
from .paths import check_paths
from .proposing import Proposing
from .prose import shorten
from .submitting import NOW, How

SECRET_BYTES = 32
WEEK_MS = 7 * 24 * 3_600_000


class Acting:
    """Propose what is done by the decision itself. Raises as `Proposing` does."""

    def __init__(self, here: Here, questions: Questions, proposing: Proposing) -> None:
        self._here = here
        self._questions = questions
        self._proposing = proposing

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
        session, core = self._here.speaking()
        # One seat is for one person, who would be refused under a name that no seat can have.
        fault = find_member_fault(name) if uses == 1 else find_fault(name)
        if fault is not None:
            raise UsageError("bad_field", f"name: {shown(name)} is not allowed; {fault}")
        check_voting_time(core.state.charter, valid_ms, vote)
        close_ms = choose_close(core.state.charter, self._here.now_ms, valid_ms)
        secret = os.urandom(SECRET_BYTES)
        expires_ms = WallMs(self._here.now_ms + valid_ms)
        action = InviteAction(name, Ed25519Signer(secret).device, expires_ms, uses)
        receipt = await self._proposing.propose(
            core.state.charter.rules.membership_tier,
            f"Invite {name}",
            text,
            close_ms=close_ms,
            action=action,
            vote=vote,
            how=how,
        )
        called = core.state.roster.free_name(name) if uses == 1 else name
        receipt = replace(receipt, seat_name=None if called == name else called)
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
        _session, core = self._here.speaking()
        check_paths(core.state.charter, changes)
        wire = wire_changes(changes)
        return await self._proposing.propose(
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
        _session, core = self._here.speaking()
        asked = Binding.from_text(binding)
        seat = core.state.charter.member(asked.member)
        if seat is None:
            raise UsageError("unknown_member", "the request is for a seat that is not here")
        return await self._proposing.propose(
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
        part: int | None = None,
        text: str | None = None,
        vote: Choice | None = "yes",
        revision: str | None = None,
        how: How = NOW,
    ) -> Receipt:
        """Propose to delete a proposal's texts at every node: titles, bodies, reasons.

        Args:
            proposal: a reference.
            part: only what has stood in the part of this number; None: all of it.
            text: why; it stays.
            vote: this member's own vote.
            revision: as with `revise`.
            how: what to wait for.

        Raises:
            UsageError: `already_decided`: its texts are erased; `bad_part`: no revision has such
                a part; `bad_field`: it has more than one decision may erase;
                `superseded_revision`.
        """
        _session, core = self._here.speaking()
        view = self._questions.view(proposal)
        require_meant(view, revision)
        refs = _texts_of(view) if part is None else _texts_of_part(view, part)
        found = dict.fromkeys(ref.id for ref in refs if core.state.erased_by(ref.id) is None)
        if not found:
            raise UsageError("already_decided", "its texts are erased already")
        if len(found) > ERASED_TEXTS:
            raise UsageError(
                "bad_field",
                f"{len(found)} texts to erase; one decision erases {ERASED_TEXTS}: erase by parts",
            )
        number = view.number or "not final yet"
        what = "the texts" if part is None else f"part {part}"
        return await self._proposing.propose(
            core.state.charter.rules.membership_tier,
            f"Erase {what} of proposal {number}",
            text,
            action=EraseAction(tuple(found)),
            vote=vote,
            how=how,
        )

    def removal(self, member: str) -> RemoveAction:
        """Return the action that takes a member's seat away, for `propose`."""
        _session, core = self._here.running()
        return RemoveAction(find_member(member, core.state.charter, core.device).id)

    def absence(self, member: str, away: bool) -> SetAwayAction:
        """Return the action that takes a member's node off the committee, or puts it back."""
        _session, core = self._here.running()
        return SetAwayAction(find_member(member, core.state.charter, core.device).id, away)


def _texts_of(view: ProposalView) -> list[TextRef]:
    """Return all texts of a proposal: titles, parts and reasons of all revisions."""
    refs: list[TextRef | None] = [ref for one in view.revisions for ref in one.texts]
    refs += [vote.reason for one in view.revisions for vote in one.votes]
    return [ref for ref in (*refs, view.withdrawn_for) if ref is not None]


def _texts_of_part(view: ProposalView, number: int) -> list[TextRef]:
    """Return what stands, or has stood, in a part. Raises `UsageError` `bad_part`."""
    parts = [part for one in view.revisions for part in one.parts]
    found = [part.text for part in parts if part.number == number]
    if not found:
        known = ", ".join(map(str, sorted({part.number for part in parts}))) or "none"
        raise UsageError("bad_part", f"no part {number} in it; it has {known}")
    return found


def wire_changes(changes: Mapping[str, ChangeValue]) -> tuple[tuple[str, Value], ...]:
    """Return charter changes as an op carries them: by path, fractions in lowest terms."""
    return tuple((path, _wire_value(value)) for path, value in sorted(changes.items()))


def _wire_value(value: ChangeValue) -> Value:
    if not isinstance(value, Fraction):
        return value
    divisor = math.gcd(value.num, value.den) or 1
    return [value.num // divisor, value.den // divisor]
