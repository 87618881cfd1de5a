"""The chain of epochs: how each one ended, proved by those who finalized it.

Whoever trusts an epoch's id can follow links from it to any later one: each names what the
next epoch's id is the hash of, and carries receipts by a quorum of the committee before it
(docs/protocol.md R6.4, R8.2). The last id binds a snapshot, so no block need be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, ClassVar, Generic, TypeVar, cast

from ..wire import crypto
from ..wire.codec import Value
from ..wire.errors import PeerFault
from ..wire.ids import MAX_MS, CommunityId, DeviceKey, EpochId, MemberId, Round
from ..wire.kinds import Handed, Many, Text, Whole
from ..wire.limits import MEMBERS, NAME_CHARS, RECEIPT_BYTES
from ..wire.shapes import Hash, Packed, Row, Shaped, Signature, shaped
from ..wire.tagged import Tagged
from .committee import Committee, Seats
from .receipts import Receipt, Statement, make_receipt
from .roots import compute_epoch_id

LINK_COMMIT = "commit"  # the epoch ended with a commit
C = TypeVar("C", bound=Seats)
C_co = TypeVar("C_co", bound=Seats, covariant=True)
_LIST = Many(1 << 26)  # items: what holds it has a bound of its own, in bytes


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
class EpochLink(Shaped, Generic[C_co]):
    """How one epoch ended, and what the next began with (R8.5).

    Read one with `read_link`: what reads a charter is handed in.
    """

    KIND: ClassVar[str] = LINK_COMMIT
    round: Annotated[Round, Whole(1, MAX_MS)]  # the slot of the last commit
    author: MemberId
    # of the next epoch; None: as before
    charter: Annotated[C_co, Handed("charter", _LIST)] | None
    state_hash: Hash  # of the next epoch's first state
    receipts: ReceiptSet  # by the committee of the epoch that ended; names the next


def _unknown_link(kind: str) -> PeerFault:
    return PeerFault("unknown_kind", f"an epoch ended by {kind!r}; known here is {LINK_COMMIT!r}")


_LINKS: Tagged[EpochLink[Seats]] = Tagged("link", Text(NAME_CHARS), (EpochLink,), _unknown_link)


def read_link(value: Value, read_charter: Callable[[Value], C]) -> EpochLink[C]:
    """Return the link in a decoded value. Raises `PeerFault`, `unknown_kind` too."""
    return cast("EpochLink[C]", _LINKS.read(value, read_charter))


@dataclass(frozen=True, slots=True)
class Followed:
    """An epoch to which links have led."""

    number: int
    id: EpochId
    index: int  # of the commit before it
    root: bytes
    charter: bytes  # as bytes: there may be any number of these
    link: EpochLink[Seats]  # without its charter


class Follower:
    """Goes from an epoch that is trusted to later ones, link by link, every step of it proved."""

    def __init__(
        self,
        community: CommunityId,
        number: int,
        epoch: EpochId,
        charter: Seats,
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

    def follow(self, link: EpochLink[Seats]) -> None:
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
