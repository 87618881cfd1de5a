"""The hashes that chain the log: over commits (R3.10) and over epochs (R6.4).

Both take plain values, so that a node that makes them and a verifier that has only a
certificate compute the same thing by the same lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..wire import crypto
from ..wire.codec import Value, encode
from ..wire.ids import BlockId, CommunityId, EpochId, MemberId, OpId, Round, WallMs
from .committee import Outlined

_NINE_FIELDS = encode([None] * 9)[:1]  # how a list of nine begins
NOBODY = MemberId(bytes(32))  # in whose slot the founding epoch begins


def compute_first_root(community: CommunityId) -> bytes:
    """Return the log root before the first commit."""
    return crypto.digest(crypto.TAG_LOG, community)


def compute_entries_hash(entries: Sequence[tuple[OpId, str]]) -> bytes:
    """Return what a commit's root says of its entries.

    They stand in it by their hash alone, so that outsiders can be shown what a commit decided
    without who else acted in it.
    """
    if not entries:
        return _NO_ENTRIES  # most commits
    return crypto.digest(crypto.TAG_ENTRIES, encode([list(entry) for entry in entries]))


_NO_ENTRIES = crypto.digest(crypto.TAG_ENTRIES, encode([]))


def compute_root(
    community: CommunityId,
    previous: bytes,
    epoch: EpochId,
    round_: Round,
    author: MemberId,
    block: BlockId,
    time_ms: WallMs,
    entries_hash: bytes,
    decided: Sequence[tuple[OpId, str, bytes, bytes | None]],
    derived: Sequence[tuple[bytes, bytes]],
) -> bytes:
    """Return the log root after a commit (R3.10).

    Args:
        entries_hash: `compute_entries_hash`.
        decided: proposal, outcome, `compute_record_hash` and what it said to outsiders, of each
            that the commit closed.
        derived: item and hash of its content, of each that the state itself opened or revised.
    """
    content: Value = [
        previous,
        epoch,
        round_,
        author,
        block,
        time_ms,
        entries_hash,
        [list(one) for one in decided],
        [list(one) for one in derived],
    ]
    return crypto.digest(crypto.TAG_LOG, community, encode(content))


def compute_root_of(community: CommunityId, previous: bytes, epoch: EpochId, wire: bytes) -> bytes:
    """Return the log root after a commit whose other fields, encoded as a list, are `wire`.

    Nothing of it is decoded: what it says is proved or not by the root it leads to.
    """
    content = b"".join((_NINE_FIELDS, encode(previous), encode(epoch), wire[1:]))
    return crypto.digest(crypto.TAG_LOG, community, content)


def compute_record_hash(record: bytes) -> bytes:
    """Return the hash of a closed proposal's record, as it stands in a commit."""
    return crypto.digest(crypto.TAG_RECORD, record)


def compute_rebuilt_id(
    previous: EpochId, index: int, root: bytes, charter: Outlined, state_hash: bytes
) -> EpochId:
    """Return the id of the epoch that begins with a rebuild (R6.11).

    Another tag than that of R6.4: no commit can lead to it.
    """
    content: Value = [previous, index, root, charter.outer.hash, charter.hash, state_hash]
    return EpochId(crypto.digest(crypto.TAG_REBUILD, encode(content)))


def compute_state_hash(snapshot: bytes) -> bytes:
    """Return the hash of an epoch's first state, as it stands in the epoch's id."""
    return crypto.digest(crypto.TAG_STATE, snapshot)


def compute_epoch_id(
    previous: EpochId,
    round_: Round,
    author: MemberId,
    root: bytes,
    charter: Outlined,
    state_hash: bytes,
) -> EpochId:
    """Return the next epoch's id, the parent of its round-1 blocks (R6.4).

    It binds the slot whose commit ended the last epoch, the log up to it, the charter and the
    state the next one begins with. The charter stands in it by two hashes, so that followers of
    the chain can be shown the outer part alone.
    """
    content: Value = [
        previous,
        round_,
        author,
        root,
        charter.outer.hash,
        charter.hash,
        state_hash,
    ]
    return EpochId(crypto.digest(crypto.TAG_EPOCH, encode(content)))


def compute_founding_epoch(community: CommunityId, charter: Outlined, state_hash: bytes) -> EpochId:
    """Return the id of a community's first epoch."""
    root = compute_first_root(community)
    return compute_epoch_id(EpochId(bytes(community)), Round(0), NOBODY, root, charter, state_hash)
