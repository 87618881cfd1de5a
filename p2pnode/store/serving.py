"""Answers to what peers ask of the store, but for leaps (`leaping`).

They are made of bytes as they were saved: what was verified once is not decoded for it.
"""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Generator, Iterator, Sequence

from p2pnode_protocols.messages.encoded import Encoded, encode_pulled, encode_push, encode_receipts
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.record.ops import read_text_ids
from p2pnode_protocols.wire.ids import BlockId, TextId
from p2pnode_protocols.wire.limits import PULL_BYTES, RECEIPTS_IN_MESSAGE

from .database import Database
from .interface import LIST_ITEMS
from .pruning import is_pruned
from .records import Records

_Link = tuple[int, bytes, bytes]  # round, id, wire: one block of a chain


def serve_pull(database: Database, records: Records, pull: Pull) -> Encoded:
    if is_pruned(database, pull.epoch_number):
        return encode_pulled(pull, (), (), more=False)
    frontier: dict[bytes, int] = dict(pull.frontier)
    place = pull.after or (0, b"")
    chains: list[Generator[_Link]] = []
    for row in database.rows(
        "SELECT author, max(round) FROM blocks WHERE epoch_number = ? GROUP BY author",
        pull.epoch_number,
    ):
        author, highest = row.blob(0), row.integer(1)
        known = max(frontier.get(author, 0), place[0] - 1)
        if highest > known:
            chains.append(_chain(database, pull.epoch_number, author, known, place))
    with contextlib.ExitStack() as stack:
        for chain in chains:
            stack.enter_context(contextlib.closing(chain))
        # By round, then by id: a parent's round is always lower, and no node's order is its own.
        return _fill(records, pull, heapq.merge(*chains))


def _chain(
    database: Database, epoch_number: int, author: bytes, known: int, place: tuple[int, bytes]
) -> Generator[_Link]:
    """Yield an author's blocks of rounds above `known`, and of those what comes after `place`."""
    for row in database.rows(
        "SELECT round, id, wire FROM blocks "
        "WHERE epoch_number = ? AND author = ? AND round > ? AND (round > ? OR id > ?) "
        "ORDER BY round, id",
        epoch_number,
        author,
        known,
        *place,
    ):
        yield row.integer(0), row.blob(1), row.blob(2)


def _fill(records: Records, pull: Pull, links: Iterator[_Link]) -> Encoded:
    def answer(*, more: bool) -> Encoded:
        return encode_pulled(pull, blocks, list(texts.values()), more=more)

    blocks: list[bytes] = []
    texts: dict[TextId, bytes] = {}
    used = 0
    for _round, block_id, wire in links:
        if blocks and (used + len(wire) > pull.most_bytes or len(blocks) == LIST_ITEMS):
            return answer(more=True)
        blocks.append(wire)
        used += len(wire)
        op_wires = records.op_wires(wire, block_id)
        for text in (text for op in op_wires for text in read_text_ids(op)):
            if text in texts or len(texts) == LIST_ITEMS:
                continue
            blob = records.text(text)
            # What does not fit is left out: a peer asks for texts it misses by hash.
            if blob is not None and used + len(blob) <= pull.most_bytes:
                texts[text] = blob
                used += len(blob)
    return answer(more=False)


def serve_want(records: Records, hashes: Sequence[bytes]) -> Encoded:
    blocks: list[bytes] = []
    texts: list[bytes] = []
    used = 0
    for wanted in dict.fromkeys(hashes):
        block = records.block_wire(BlockId(wanted))
        blob = None if block is not None else records.text(wanted)
        size = len(block or blob or b"")
        if used > 0 and used + size > PULL_BYTES:
            break  # what is left out is asked for again
        used += size
        if block is not None:
            blocks.append(block)
        elif blob is not None:
            texts.append(blob)
    return encode_push(blocks, texts)


def serve_receipts(database: Database, after: int) -> Encoded:
    rows = database.rows(
        "SELECT wire FROM receipts WHERE number > ? ORDER BY number, device LIMIT ?",
        after,
        RECEIPTS_IN_MESSAGE,
    )
    return encode_receipts([row.blob(0) for row in rows], after)
