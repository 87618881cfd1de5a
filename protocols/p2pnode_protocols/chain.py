"""The chain of epochs: how each one ended, proved by those who finalized it.

Whoever trusts an epoch's id can follow links from it to any later one: each names what the
next epoch's id is the hash of, and carries receipts by a quorum of the committee before it
(docs/protocol.md R6.4, R8.2). The last id binds a snapshot, so no block need be seen.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, ClassVar, get_args

from . import crypto
from .charter import Charter
from .codec import Value
from .committee import Committee
from .errors import PeerFault
from .ids import MAX_MS, CommunityId, DeviceKey, EpochId, MemberId, Round
from .kinds import Many, Text, Whole
from .limits import MEMBERS, NAME_CHARS, RECEIPT_BYTES
from .rebuild import Rebuild
from .receipts import Receipt, Statement, make_receipt
from .roots import compute_epoch_id
from .shapes import Hash, Packed, Row, Shaped, Signature, Tagged, shaped

LINK_COMMIT = "commit"  # the epoch ended with a commit
LINK_REBUILD = "rebuild"  # … or those left of its committee ended it (R6.11)


@shaped("receipts")
@dataclass(frozen=True, slots=True)
class ReceiptSet(Shaped):
    """What several committee nodes signed alike, and their signatures (R8.1)."""

    statement: Annotated[Statement, Packed(RECEIPT_BYTES)]
    # sorted by key
    signatures: Annotated[
        tuple[Annotated[tuple[DeviceKey, Signature], Row("receipt")], ...], Many(MEMBERS)
    ]

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        return tuple(make_receipt(self.statement, *one) for one in self.signatures)


@shaped("link", is_tagged=True)
@dataclass(frozen=True, slots=True)
class EpochLink(Shaped):
    """How one epoch ended, and what the next began with (R8.5)."""

    KIND: ClassVar[str] = LINK_COMMIT
    round: Annotated[Round, Whole(1, MAX_MS)]  # the slot of the last commit
    author: MemberId
    charter: Charter | None  # of the next epoch; None: as before
    state_hash: Hash  # of the next epoch's first state
    receipts: ReceiptSet  # by the committee of the epoch that ended; names the next

    @classmethod
    def read(cls, value: Value, context: object = None, **unsaid: object) -> EpochLink:
        """Return the link in a decoded value. Raises `PeerFault`, `unknown_kind` too."""
        return _BY_COMMIT.read(value, context)


def _unknown_link(kind: str) -> PeerFault:
    return PeerFault("unknown_kind", f"an epoch ended by {kind!r}; known here is {LINK_COMMIT!r}")


_BY_COMMIT = Tagged("link", Text(NAME_CHARS), (EpochLink,), _unknown_link)


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


Link = EpochLink | RebuildLink
LINKS: Tagged[Link] = Tagged("link", Text(NAME_CHARS), get_args(Link), _unknown_link)


def read_link(value: Value) -> Link:
    """Return the link of a certificate's chain. Raises `PeerFault`, `unknown_kind` too."""
    return LINKS.read(value)


@dataclass(frozen=True, slots=True)
class Followed:
    """An epoch to which links have led."""

    number: int
    id: EpochId
    index: int  # of the commit before it
    root: bytes
    charter: bytes  # as bytes: there may be any number of these
    link: EpochLink  # without its charter


class Follower:
    """Goes from an epoch that is trusted to later ones, link by link, every step of it proved."""

    def __init__(
        self,
        community: CommunityId,
        number: int,
        epoch: EpochId,
        charter: Charter,
        index: int,
        verify: crypto.Verify,
    ) -> None:
        """Args: `number`, `epoch`, `charter`, `index`: where to begin, and the last commit before
        it.
        """
        self._community = community
        self._number, self._epoch, self._charter, self._index = number, epoch, charter, index
        self._charter_bytes = charter.to_bytes()
        self._verify = verify
        self.reached: list[Followed] = []  # one for each link

    def follow(self, link: EpochLink) -> None:
        """Go on by one epoch.

        Raises:
            PeerFault: `bad_proof`: the link does not follow from the one before.
        """
        statement = link.receipts.statement
        where = f"the end of epoch {self._number}"
        following = self._charter if link.charter is None else link.charter
        following_id = compute_epoch_id(
            self._epoch, link.round, link.author, statement.root, following, link.state_hash
        )
        if statement.epoch != self._epoch or statement.next_epoch != following_id:
            raise PeerFault("bad_proof", f"{where}: the receipts are for other epochs")
        if statement.index <= self._index:
            raise PeerFault(
                "bad_proof", f"{where}: commit {statement.index} is not after {self._index}"
            )
        committee = Committee(self._epoch, self._charter)
        _require_quorum(self._community, link.receipts, committee, where, self._verify)
        self._number, self._epoch = self._number + 1, following_id
        if link.charter is not None:
            self._charter, self._charter_bytes = following, following.to_bytes()
        self._index = statement.index
        self.reached.append(
            Followed(
                self._number,
                self._epoch,
                self._index,
                statement.root,
                self._charter_bytes,
                replace(link, charter=None),
            )
        )


def _require_quorum(
    community: CommunityId,
    receipts: ReceiptSet,
    committee: Committee,
    where: str,
    verify: crypto.Verify,
) -> None:
    keys = [device for device, _ in receipts.signatures]
    if any(one >= other for one, other in pairwise(keys)):
        raise PeerFault("bad_proof", f"{where}: receipts must be sorted by key, none twice")
    if len(keys) < committee.quorum or any(key not in committee.key_index for key in keys):
        raise PeerFault(
            "bad_proof",
            f"{where}: {committee.quorum} receipts by its committee of {len(committee)} needed",
        )
    message = crypto.signed_message(crypto.TAG_RECEIPT, community, receipts.statement.to_bytes())
    if not all(verify(key, message, signature) for key, signature in receipts.signatures):
        raise PeerFault("bad_proof", f"{where}: a receipt's signature does not match")
