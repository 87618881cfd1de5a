"""All records of one kind: open ones as values, closed ones at rest as bytes.

No question about open records costs more for the closed ones there are, nor does a snapshot,
which holds of the closed ones their number and a hash chain over them only.
"""

from __future__ import annotations

import itertools
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from ...wire.errors import PeerFault
from ...wire.ids import OpId, WallMs
from ..texts import TextRef
from .times import Dues

K = TypeVar("K", int, bytes)  # the key of a record; what is due at the same time goes by it


class Tabled(Protocol):
    """What a table holds: an immutable value; a change gives a new one, or is refused."""

    @property
    def texts(self) -> tuple[tuple[TextRef, OpId], ...]:
        """The texts that it refers to, and whose words: asked for after a leap, erasable."""

    @property
    def due_ms(self) -> WallMs | None:
        """The commit time at which time alone changes it, at the latest; None: never."""

    @property
    def is_closed(self) -> bool:
        """Whether it changes no more: it can be put to rest."""

    def to_bytes(self) -> bytes: ...


class Resting(Protocol):
    """A record at rest, the `place`-th of all: what is known of it without decoding it."""

    @property
    def place(self) -> int:
        """1, 2, … in the order of closing."""

    @property
    def key(self) -> Any: ...

    @property
    def record(self) -> bytes:
        """`Tabled.to_bytes`."""

    @property
    def chain(self) -> bytes:
        """Over all up to this one (R6.4)."""

    def extend(self, chain: bytes, /) -> bytes:
        """Return the chain over all up to this one, `chain` being that over those before it."""


R = TypeVar("R", bound=Tabled)
C = TypeVar("C", bound=Resting)


class Table(Generic[K, R, C]):
    """Records of one kind, by key. A key is that of one record, for ever."""

    def __init__(self, name: str, what: str, dues: Dues) -> None:
        """Args:
        name: of its practice, whose dues these are among those of all; "core" has questions.
        what: what such records are called in refusals: "proposals".
        dues: of all tables.
        """
        self.name = name
        self._what = what
        self._dues = dues
        self._open: dict[K, R] = {}  # in the order in which they came
        self._closed: dict[K, C] = {}  # in the order of closing
        self._older: MutableMapping[K, C] = {}  # of a twin: what had closed before it was made
        self._closed_count = 0
        self._closed_hash = bytes(32)  # chain over their hashes, in the order of closing

    def twin(self, dues: Dues) -> Table[K, R, C]:
        """Return one that goes on from here, to be thrown away before this one does.

        What changes it does not change this one, and its cost does not grow with the closed
        records. It finds all of them, and lists none but its own.

        Args:
            dues: a twin of those of all tables.
        """
        twin: Table[K, R, C] = Table(self.name, self._what, dues)
        twin._open = dict(self._open)
        twin._older = ChainMap(self._closed, self._older)
        twin._closed_count, twin._closed_hash = self._closed_count, self._closed_hash
        return twin

    # --- open ones ------------------------------------------------------------------------

    @property
    def open(self) -> tuple[R, ...]:
        """The open ones in the order in which they came."""
        return tuple(self._open.values())

    def get_open(self, key: K) -> R | None:
        return self._open.get(key)

    def put(self, key: K, record: R) -> None:
        """Take in a new record, or an open one as it stands after a change.

        One that is closed stays here till it is put to rest: in which order is for the commit
        to say.
        """
        assert self.get_closed(key) is None
        self._open[key] = record
        due_ms = record.due_ms
        if due_ms is None:
            self._dues.forget((self.name, key))
        else:
            self._dues.set((self.name, key), due_ms)

    @property
    def open_count(self) -> int:
        return len(self._open)

    def remove(self, key: K) -> None:
        """Let an open record go, of which nothing is to be left."""
        del self._open[key]
        self._dues.forget((self.name, key))

    # --- closed ones ----------------------------------------------------------------------

    def close(self, key: K, record: R, rest: Callable[[int, bytes, bytes], C]) -> C:
        """Put an open record, as it was closed, to rest.

        Args:
            rest: makes what is kept of it, out of its place, its bytes and the chain before it.
        """
        assert record.is_closed
        del self._open[key]
        self._dues.forget((self.name, key))
        closed = rest(self._closed_count + 1, record.to_bytes(), self._closed_hash)
        self._closed[key] = closed
        self._closed_count, self._closed_hash = closed.place, closed.chain
        return closed

    def get_closed(self, key: K) -> C | None:
        found = self._closed.get(key)
        return self._older.get(key) if found is None else found

    @property
    def closed(self) -> tuple[C, ...]:
        """The closed ones in the order of closing."""
        return tuple(self._closed.values())

    def closed_back(self) -> Iterator[C]:
        """Yield the closed ones from the last one back: what is not asked for costs nothing."""
        return reversed(self._closed.values())

    @property
    def closed_count(self) -> int:
        return self._closed_count

    @property
    def closed_hash(self) -> bytes:
        """The chain over the closed ones; it tells them all (R6.4)."""
        return self._closed_hash

    # --- what time changes ----------------------------------------------------------------

    def set_due(self, key: K, due_ms: WallMs) -> None:
        """Note when time alone changes an open record, where more than itself says so.

        Till it is put here again: then it is due when it says.
        """
        assert key in self._open
        self._dues.set((self.name, key), due_ms)

    def due_of(self, key: K) -> WallMs | None:
        return self._dues.get((self.name, key))

    # --- in a snapshot --------------------------------------------------------------------

    def save(self) -> tuple[tuple[bytes, ...], int, bytes]:
        """Return the open records' bytes; of the closed ones, how many, and the chain over them."""
        records = tuple([one.to_bytes() for one in self._open.values()])
        return records, self._closed_count, self._closed_hash

    def restore(
        self, opened: Sequence[tuple[K, R]], count: int, chain: bytes, closed: Iterable[C]
    ) -> None:
        """Fill an empty table with what was saved.

        Args:
            opened: in the order in which they were saved.
            count: of the closed ones.
            chain: over them.
            closed: in the order of closing, from the first on; more than `count` do no harm.

        Raises:
            PeerFault: `bad_field`: these are not the closed ones that it counts, or one is there
                twice. Nothing has changed then.
        """
        assert not self._open
        assert not self._closed
        resting: dict[K, C] = {}
        found, reached = 0, bytes(32)
        for one in itertools.islice(closed, count):
            if one.chain != one.extend(reached):
                break
            found, reached = found + 1, one.chain
            resting[one.key] = one
        if found != count or reached != chain:
            raise self.refusal(f"the {count} closed {self._what} that it counts expected")
        opening = dict(opened)
        is_twice = len(resting) + len(opening) != count + len(opened)
        if is_twice or not opening.keys().isdisjoint(resting):
            raise self.refusal("each once expected")
        self._closed, self._closed_count, self._closed_hash = resting, count, chain
        for key, record in opening.items():
            self.put(key, record)

    def refusal(self, problem: str) -> PeerFault:
        return PeerFault("bad_field", f"{self._what}: {problem}")
