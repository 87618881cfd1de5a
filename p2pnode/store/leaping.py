"""What leads from an epoch to the current one: links, a state; the proposals closed between."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from p2pnode_protocols.agreement.chain import EpochLink, ReceiptSet
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.agreement.log import LoggedCommit, log_commits
from p2pnode_protocols.agreement.receipts import Statement
from p2pnode_protocols.gossip.leaping.carried import write_leap
from p2pnode_protocols.gossip.leaping.pieces import write_piece
from p2pnode_protocols.messages.leaps import Leap, Recall
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import EpochId, MemberId, Round
from p2pnode_protocols.wire.limits import LINKS_BYTES, RECALL_BYTES, SNAPSHOT_BYTES

from .database import Database, Row, damaged
from .records import Records

_EPOCHS = """SELECT id, genesis_index, genesis_root, round, author, charter, state_hash, snapshot,
    closed, rebuild FROM epochs WHERE number BETWEEN ? AND ? ORDER BY number"""

ANSWERS = 16  # kept whole, as long as they are no larger together than the largest one may be


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer to a leap; empty: there is none."""

    data: bytes
    digest: bytes
    lacking: int | None  # with receipts for this commit it would lead further …
    receipts: int  # … of which so many are here


class Leaping:
    """Find answers to leaps, and keep the last ones: they are asked for part by part."""

    def __init__(self, piece_bytes: int = RECALL_BYTES, links_bytes: int = LINKS_BYTES) -> None:
        """Args: `piece_bytes`, `links_bytes`: of closed proposals and links that a leap holds."""
        self._piece_bytes, self._links_bytes = piece_bytes, links_bytes
        self._recalled: tuple[tuple[int, int, int], bytes] = ((0, 0, 0), b"")  # the last answer
        self._links: dict[int, bytes] = {}  # by the number of the epoch that each ended
        self._links_size = 0
        # By where a leap begins and ends, and what its asker holds; the last one used is the last.
        self._answers: dict[tuple[int, int, int, int | None], Whole] = {}

    def answer(self, database: Database, records: Records, leap: Leap, last: int) -> Whole:
        """Return the answer to a leap to epoch `last`, the current one."""
        asked = (leap.epoch_number, last, leap.closed, leap.after)
        found = self._answers.pop(asked, None)
        if found is None or found.receipts != _count_receipts(database, found.lacking):
            data, lacking = self.find(database, records, leap, last)
            digest = hashlib.sha256(data).digest()
            found = Whole(data, digest, lacking, _count_receipts(database, lacking))
        if leap.epoch_number < last:
            self._answers[asked] = found
            while self._is_much():
                del self._answers[next(iter(self._answers))]
        return found

    def _is_much(self) -> bool:
        size = sum(len(one.data) for one in self._answers.values())
        return len(self._answers) > ANSWERS or size > SNAPSHOT_BYTES

    def find(
        self, database: Database, records: Records, leap: Leap, last: int
    ) -> tuple[bytes, int | None]:
        """Return what leads to epoch `last`, or as far as receipts prove; or b"".

        And for which commit receipts would lead further that are not here yet. Of many links the
        first ones are all: they lead to where the next leap begins.
        """
        links: list[bytes] = []
        first = second = before = None
        lacking: int | None = None
        is_cut = False
        size = 0
        with contextlib.closing(database.rows(_EPOCHS, leap.epoch_number, last)) as rows:
            for number, row in enumerate(rows, leap.epoch_number):
                if before is None:
                    first = before = row
                    continue
                if not row.is_null(9):  # receipts prove no more than what was before a rebuild
                    break  # R6.16
                link = self._link(database, records, before, row, number - 1)
                if link is None:
                    lacking = row.integer(1)  # its receipts are still under way
                    break
                size += len(link)
                is_cut = bool(links) and size > self._links_bytes
                if is_cut:
                    break
                links.append(link)
                second, before = second or row, row
        if first is None or second is None or before is None or (before.is_null(7) and not is_cut):
            return b"", lacking
        log = _find_log(records, first, leap.after, second.integer(1))
        if log is None:
            return b"", lacking
        if is_cut:
            return write_leap(links, None, None, log), lacking
        closed = _find_piece(records, leap.closed, before.integer(8), self._piece_bytes)
        whole = write_leap(links, before.blob(7), closed, log)
        return whole if len(whole) <= SNAPSHOT_BYTES else b"", lacking

    def _link(
        self, database: Database, records: Records, before: Row, after: Row, number: int
    ) -> bytes | None:
        """Return how epoch `number` ended, encoded; None while receipts lack. The last are kept."""
        found = self._links.get(number)
        if found is None:
            link = find_link(database, records, before, after)
            if link is None:
                return None
            found = self._links[number] = encode(link.to_wire())
            self._links_size += len(found)
            while self._links_size > self._links_bytes and len(self._links) > 1:
                self._links_size -= len(self._links.pop(next(iter(self._links))))
        return found

    def recall(self, database: Database, records: Records, recall: Recall) -> bytes:
        """Return the closed proposals that are asked for, the last of them; b"": they lack here.

        The last answer is kept: a large one is asked for part by part.
        """
        asked = (recall.held, recall.until, recall.least)
        if self._recalled[0] != asked:
            here = database.row("SELECT 1 FROM closed WHERE place = ?", recall.until)
            if here is None or recall.held >= recall.until:
                return b""
            self._recalled = (asked, encode(_find_piece(records, *asked)))
        return self._recalled[1]


def _count_receipts(database: Database, commit: int | None) -> int:
    row = database.row("SELECT count(*) FROM receipts WHERE number = ?", commit)
    return 0 if row is None else row.integer(0)


def _find_piece(records: Records, held: int, last: int, least: int) -> Value:
    with contextlib.closing(records.closed_back(last)) as last_first:
        return write_piece(last_first, held, least)


def _find_log(
    records: Records, epoch: Row, after: int | None, end: int
) -> Sequence[LoggedCommit] | None:
    """Return the commits of an epoch that are asked for; None: not all are here."""
    if after is None or after >= end:
        return []
    begin, previous = epoch.integer(1), epoch.blob(2)
    if after != begin:
        held = list(records.commits("WHERE number = ? AND number > ?", after, begin))
        if not held:
            return None
        previous = held[0].root
    commits = list(records.commits("WHERE number > ? AND number <= ? ORDER BY number", after, end))
    if len(commits) != end - after:
        return None
    return log_commits(commits, previous, EpochId(epoch.blob(0)))


def find_link(
    database: Database, records: Records, before: Row, after: Row
) -> EpochLink[Charter] | None:
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
