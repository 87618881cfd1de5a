"""The links of a certificate's chain: over an epoch's last commit, or over a rebuild (R8.9)."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import ClassVar

from ...agreement.chain import EpochLink
from ...agreement.committee import Committee
from ...agreement.rebuild import Rebuild
from ...wire import crypto
from ...wire.errors import PeerFault
from ...wire.ids import CommunityId, MemberId
from ...wire.kinds import Text
from ...wire.limits import NAME_CHARS
from ...wire.shapes import Hash, Shaped, shaped
from ...wire.tagged import Tagged
from ..seats.charter import Charter

LINK_REBUILD = "rebuild"  # those left of an epoch's committee ended it (R6.11)


@shaped("link", is_tagged=True)
@dataclass(frozen=True, slots=True)
class RebuildLink(Shaped):
    """How those left of a committee went on without a quorum, and with what (R8.9).

    No receipts are in it: it rests on the seats that it keeps, and on nobody else.
    """

    KIND: ClassVar[str] = LINK_REBUILD
    charter: Charter  # of the next epoch
    state_hash: Hash  # of the next epoch's first state
    rebuild: Rebuild  # with all signatures; names the next epoch

    def find_fault(
        self, community: CommunityId, charter: Charter, committee: Committee, verify: crypto.Verify
    ) -> str | None:
        """Return what is wrong with who signed it and what it changes; None: nothing.

        Args:
            charter, committee: of the epoch that it ends.
        """
        rebuild = self.rebuild
        keys = dict(zip(committee.members, committee.keys, strict=True))
        if sorted((*rebuild.kept, *rebuild.lost)) != sorted(committee.members):
            return "it names other seats than the committee"
        if not 0 < len(rebuild.kept) < committee.quorum:
            return f"it keeps {len(rebuild.kept)} of {len(committee)}, fewer than a quorum, or more"
        if {key for key, _ in rebuild.signatures} != {keys[one] for one in rebuild.kept}:
            return "it is not signed by just those that it keeps"
        message = rebuild.to_sign(community)
        if not all(verify(key, message, signature) for key, signature in rebuild.signatures):
            return "a signature on it does not match"
        if _without_keys(self.charter, frozenset()) != _without_keys(charter, {*rebuild.lost}):
            return "it changes more of the charter than who is away"
        return None


def _without_keys(charter: Charter, lost: Set[MemberId]) -> Charter:
    """Return a charter without the keys that make no blocks, which no epoch ends for (R6.1)."""
    return charter.with_members(
        replace(
            one,
            devices=() if one.node_key is None else (one.node_key,),
            away=one.away or one.id in lost,
        )
        for one in charter.members
    )


def _unknown_link(kind: str) -> PeerFault:
    known = " or ".join(repr(one.KIND) for one in (EpochLink, RebuildLink))
    return PeerFault("unknown_kind", f"an epoch ended by {kind!r}; known here is {known}")


Link = EpochLink[Charter] | RebuildLink
# Read with what reads a charter.
LINKS: Tagged[Link] = Tagged("link", Text(NAME_CHARS), (EpochLink, RebuildLink), _unknown_link)
