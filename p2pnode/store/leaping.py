"""What leads from an epoch to the current one: links, a state, the proposals closed between."""

from __future__ import annotations

from itertools import islice, pairwise

from p2pnode_protocols.chain import EpochLink, ReceiptSet
from p2pnode_protocols.charter import Charter
from p2pnode_protocols.committee import Committee
from p2pnode_protocols.errors import PeerFault
from p2pnode_protocols.ids import EpochId, MemberId, Round
from p2pnode_protocols.leaps import write_leap
from p2pnode_protocols.limits import SNAPSHOT_BYTES
from p2pnode_protocols.receipts import Statement

from .database import Database, Row, damaged
from .records import Records

_EPOCHS = """SELECT id, genesis_index, genesis_root, round, author, charter, state_hash, snapshot,
    closed, rebuild FROM epochs WHERE number BETWEEN ? AND ? ORDER BY number"""


def find_leap(database: Database, records: Records, first: int, last: int, closed: int) -> bytes:
    """Return the answer to a leap from epoch `first` to `last`; empty when there is none.

    Args:
        closed: how many closed proposals the asker holds.
    """
    rows = list(database.rows(_EPOCHS, first, last))
    for place, row in enumerate(rows[1:], 1):
        if not row.is_null(9):  # receipts prove no more than what was before a rebuild (R6.15)
            rows = rows[:place]
            break
    if len(rows) < 2 or rows[-1].is_null(7):
        return b""
    links: list[EpochLink] = []
    for before, after in pairwise(rows):
        link = find_link(database, records, before, after)
        if link is None:
            return b""
        links.append(link)
    count = max(0, rows[-1].integer(8) - closed)
    whole = write_leap(
        links, rows[-1].blob(7), islice(islice(records.closed(), closed, None), count)
    )
    return whole if len(whole) <= SNAPSHOT_BYTES else b""


def find_link(database: Database, records: Records, before: Row, after: Row) -> EpochLink | None:
    """Return how one epoch led to the next; None while a quorum's receipts are not here."""
    epoch, index = EpochId(before.blob(0)), after.integer(1)
    statement = Statement(epoch, index, after.blob(2), EpochId(after.blob(0)))
    try:
        charter = Charter.from_bytes(before.blob(5))
        following = Charter.from_bytes(after.blob(5))
    except PeerFault as fault:
        raise damaged(database.path, f"the charter of an epoch: {fault.detail}") from fault
    committee = Committee(epoch, charter)
    signed = [
        (one.device, one.signature)
        for one in records.receipts(index)
        if one.statement == statement and one.device in committee.key_index
    ]
    if len(signed) < committee.quorum:
        return None
    return EpochLink(
        Round(after.integer(3)),
        MemberId(after.blob(4)),
        None if following == charter else following,
        after.blob(6),
        ReceiptSet(statement, tuple(sorted(signed)[: committee.quorum])),
    )
