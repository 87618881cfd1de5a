"""The verbs of survivors: rebuilding a community whose quorum is lost for good.

One survivor proposes, the others sign what they are shown, and each lets its own node apply
what all have signed. Nothing of it happens by itself (docs/protocol.md R6.11–R6.15).
"""

from __future__ import annotations

from collections.abc import Sequence

from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.core import Core
from p2pnode_protocols.record.seats.charter import Member
from p2pnode_protocols.steps.inputs import ApplyRebuild, SignRebuild, WithdrawRebuild
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import EpochId, resolve
from p2pnode_protocols.wire.quoting import quoted

from ... import answers
from ...answers.rebuilds import describe_consequences, describe_rebuild
from ...answers.words import names_of
from ...errors import RequestError
from ..here import Here
from ..links import read_rebuild_text, write_rebuild
from ..references import find_member

_EPOCH_KIND = "epo_"


class Rebuilding:
    """Go on without nodes that are lost for good.

    All raise `UsageError` for what the rules refuse, saying what to do instead, and
    `RequestError` as the other verbs do.
    """

    def __init__(self, here: Here) -> None:
        self._here = here

    async def propose_rebuild(
        self,
        *,
        without: Sequence[str] | None = None,
        keep: Sequence[str] | None = None,
        dry_run: bool = False,
    ) -> answers.RebuildRequest:
        """Plan a rebuild from where this node stands, and sign it as the first.

        From then on this node makes no block of the epoch until it is applied or withdrawn.

        Args:
            without: members whose nodes are lost; or
            keep: members whose nodes are left; this node's own is always kept.
            dry_run: sign nothing.
        """
        _session, core = self._here.speaking()
        if (without is None) == (keep is None):
            raise RequestError("invalid_request", "name either whom to keep, or whom to leave out")
        members = core.epoch.committee.members
        if without is not None:
            gone = {self._seat(core, one).id for one in without}
            strangers = sorted(gone - set(members))
            if strangers:
                raise UsageError(
                    "not_on_committee",
                    f"{names_of(core, strangers)}: no node of theirs is on the committee",
                )
            kept = frozenset(members) - gone
        else:
            kept = frozenset(self._seat(core, one).id for one in (*(keep or ()), "me"))
        return await self._sign(core, core.rebuilder.plan(kept, self._here.now), dry_run)

    async def sign_rebuild(self, request: str, *, dry_run: bool = False) -> answers.RebuildRequest:
        """Agree to the rebuild that a survivor proposed; return it with this signature too."""
        session, core = self._here.speaking()
        return await self._sign(core, read_rebuild_text(request, session.community), dry_run)

    async def _sign(self, core: Core, rebuild: Rebuild, dry_run: bool) -> answers.RebuildRequest:
        session, _core = self._here.running()
        if dry_run:
            core.rebuilder.check_signing(rebuild, self._here.now)
            return _request(core, rebuild, "dry_run")
        await session.ask(SignRebuild(rebuild))
        assert core.rebuilds.vow is not None
        return _request(core, rebuild.with_signatures(core.rebuilds.vow.signatures), "signed")

    async def apply_rebuild(
        self, wanted: str, *, kept: Sequence[str] | None = None, dry_run: bool = False
    ) -> answers.RebuildRequest:
        """Let this node go on in the epoch that a complete rebuild begins.

        Args:
            wanted: the text that all survivors have signed; or, where other nodes have
                applied it and told this one, the id of the epoch it begins.
            kept: the members whose nodes go on by it, all of them, by name or id: whoever
                confirms it has seen whose record it will be.
            dry_run: only say whether it would be accepted.
        """
        session, core = self._here.running()
        if wanted.strip().lower().startswith(_EPOCH_KIND):
            rebuild = self._heard(core, wanted)
        else:
            rebuild = read_rebuild_text(wanted, session.community)
        if dry_run:
            core.rebuilder.check_applying(rebuild, self._here.now)
            return _request(core, rebuild, "dry_run")
        self._require_named(core, rebuild, kept or ())
        await session.ask(ApplyRebuild(rebuild))
        return _request(core, rebuild, "applied")

    def _require_named(self, core: Core, rebuild: Rebuild, kept: Sequence[str]) -> None:
        if {self._seat(core, one).id for one in kept} != set(rebuild.kept):
            raise RequestError(
                "invalid_request",
                f"by this rebuild only {names_of(core, rebuild.kept)} "
                f"{'goes' if len(rebuild.kept) == 1 else 'go'} on, and the nodes of "
                f"{names_of(core, rebuild.lost)} are left out; to confirm it, name all who go on, "
                "and nobody else",
                "p2pnode rebuild apply FILE --keeps NAME",
            )

    def _heard(self, core: Core, wanted: str) -> Rebuild:
        try:
            found = EpochId(resolve("epo", wanted, core.rebuilds.heard))
        except UsageError as error:
            if error.code == "ambiguous_id":
                raise
            raise RequestError(
                "not_found",
                f"no peer has told this node of a rebuild {quoted(wanted)}",
                "p2pnode rebuild apply FILE",
            ) from error
        return core.rebuilds.heard[found]

    async def withdraw_rebuild(self) -> answers.RebuildRequest:
        """Take this node's signature back, as far as that goes: others may hold it."""
        session, core = self._here.running()
        rebuild = core.rebuilds.vow
        await session.ask(WithdrawRebuild())
        assert rebuild is not None, "without one the core refuses"
        return _request(core, rebuild, "withdrawn")

    @staticmethod
    def _seat(core: Core, reference: str) -> Member:
        return find_member(reference, core.state.charter, core.device)


def _request(core: Core, rebuild: Rebuild, state: answers.RebuildState) -> answers.RebuildRequest:
    is_over = state in ("applied", "withdrawn")
    return answers.RebuildRequest(
        rebuild=describe_rebuild(core, rebuild),
        state=state,
        consequences=() if is_over else describe_consequences(core, rebuild),
        request=None if state == "dry_run" else write_rebuild(core.community, rebuild),
    )
