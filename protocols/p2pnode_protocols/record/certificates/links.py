"""The links of a certificate's chain: over an epoch's last commit, or over a rebuild (R8.9).

Charters stand in them by their hashes. A link over a commit says of the next charter what it takes
to check the link after it, and no more (R8.5).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from ...agreement.chain import LINK_COMMIT, ReceiptSet
from ...agreement.committee import Committee, Outer
from ...agreement.rebuild import Rebuild
from ...wire import crypto
from ...wire.codec import Value
from ...wire.ids import MAX_MS, CommunityId, MemberId, Round
from ...wire.kinds import Converted, Text, Whole
from ...wire.limits import NAME_CHARS
from ...wire.shapes import Hash, Shaped, shaped
from ...wire.tagged import Tagged
from ..seats.charter import Charter
from ..versions import CORE_VERSION
from .faults import CertificateFault

LINK_REBUILD = "rebuild"  # those left of an epoch's committee ended it (R6.11)


def check_version(version: int) -> None:
    """Refuse an epoch whose rules are others than those known here."""
    if version != CORE_VERSION:
        raise CertificateFault(
            "unknown_version",
            f"an epoch of version {version} of the rules; known here is {CORE_VERSION}",
        )


def _read_outer(value: Value, _context: object) -> Outer:
    """Return the outer in a decoded value; one of another version may have any other fields."""
    first = value[0] if isinstance(value, list | tuple) and value else None
    if type(first) is int and 0 <= first <= MAX_MS:
        check_version(first)
    return Outer.read(value)


_OUTER = Converted(_read_outer, lambda outer, _context: outer.to_wire(), "outer")


@shaped("short link", is_tagged=True)
@dataclass(frozen=True, slots=True)
class CommitLink(Shaped):
    """How an epoch ended with a commit, and what the next began with (R8.5)."""

    KIND: ClassVar[str] = LINK_COMMIT
    round: Annotated[Round, Whole(1, MAX_MS)]  # the slot of the last commit
    author: MemberId
    charter_hash: Hash  # of the next epoch
    outer: Annotated[Outer, _OUTER] | None  # of that charter; None: as before
    state_hash: Hash  # of the next epoch's first state
    receipts: ReceiptSet  # by the committee of the epoch that ended; names the next


@shaped("short link", is_tagged=True)
@dataclass(frozen=True, slots=True)
class RebuildLink(Shaped):
    """How those left of a committee went on without a quorum, and with what (R8.9).

    No receipts are in it: it rests on the seats that it keeps, and on nobody else.
    """

    KIND: ClassVar[str] = LINK_REBUILD
    charter_hash: Hash  # of the next epoch
    state_hash: Hash  # of the next epoch's first state
    rebuild: Rebuild  # with all signatures; names the next epoch

    def find_fault(
        self,
        community: CommunityId,
        before: Charter,
        after: Charter,
        committee: Committee,
        verify: crypto.Verify,
    ) -> str | None:
        """Return what is wrong with who signed it and what it changes; None: nothing.

        Args:
            before, committee: of the epoch that it ends.
            after: the charter of the epoch that it begins.
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
        if _without_keys(after, frozenset()) != _without_keys(before, {*rebuild.lost}):
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


def _unknown_link(kind: str) -> CertificateFault:
    known = " or ".join(repr(one.KIND) for one in (CommitLink, RebuildLink))
    return CertificateFault("unknown_link", f"an epoch ended by {kind!r}; known here is {known}")


Link = CommitLink | RebuildLink
LINKS: Tagged[Link] = Tagged("link", Text(NAME_CHARS), (CommitLink, RebuildLink), _unknown_link)
