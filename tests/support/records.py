"""The smallest records that a table can hold."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from p2pnode_protocols.record.table.table import Table
from p2pnode_protocols.record.table.times import Dues
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.wire.codec import decode, encode
from p2pnode_protocols.wire.ids import OpId, WallMs


@dataclass(frozen=True, slots=True)
class Note:
    """A record that says what it is told. Its key stands in its bytes, or nobody could read it."""

    key: bytes
    said: int
    due_ms: WallMs | None = None
    is_closed: bool = False

    @property
    def texts(self) -> tuple[tuple[TextRef, OpId], ...]:
        return ()

    def to_bytes(self) -> bytes:
        return encode([self.key, self.said, self.due_ms, self.is_closed])


@dataclass(frozen=True, slots=True)
class Filed:
    """A note at rest."""

    place: int
    key: bytes
    record: bytes
    chain: bytes

    def extend(self, chain: bytes) -> bytes:
        return extend_chain(chain, self.record)


def extend_chain(chain: bytes, record: bytes) -> bytes:
    return hashlib.sha256(chain + record).digest()


def compute_chain(records: Iterable[bytes]) -> bytes:
    return functools.reduce(extend_chain, records, bytes(32))


Notes: TypeAlias = Table[bytes, Note, Filed]


def make_notes(name: str, dues: Dues) -> Notes:
    return Table(name, name, dues)


def file_away(notes: Notes, note: Note) -> Filed:
    """Close a note, whatever it says, and return it at rest."""
    return notes.close(
        note.key,
        replace(note, due_ms=None, is_closed=True),
        lambda place, record, chain: Filed(place, note.key, record, extend_chain(chain, record)),
    )


def read_note(record: bytes) -> Note:
    found = decode(record, len(record))
    assert isinstance(found, list)
    key, said, due_ms, is_closed = found
    assert isinstance(key, bytes)
    assert isinstance(said, int)
    assert isinstance(is_closed, bool)
    assert due_ms is None or isinstance(due_ms, int)
    return Note(key, said, None if due_ms is None else WallMs(due_ms), is_closed)
