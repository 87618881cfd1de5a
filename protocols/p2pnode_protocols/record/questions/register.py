"""All proposals of the log, by number: a table of them, and what is said of proposals alone.

No question about open proposals costs more for the closed ones there are.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NoReturn, overload

from ...agreement.roots import compute_record_hash
from ...wire import crypto
from ...wire.codec import encode
from ...wire.ids import DeviceKey, OpId, WallMs
from ...wire.kinds import Blob, Many, Whole
from ...wire.limits import OPEN_PROPOSALS
from ...wire.shapes import Hash, Shaped, shaped
from ..actions import AmendAction, InviteAction
from ..seats.charter import Charter
from ..table.table import Table
from ..table.times import Dues, Times
from .judging import compute_due, compute_rule
from .proposal import MAX_NUMBER, RECORD_BYTES, Outcome, Proposal, refuse_as_decided

# In the record of every proposal for an invite; what has it otherwise is decoded in vain.
_INVITE_MARK = encode(InviteAction.KIND)


@dataclass(frozen=True, slots=True)
class Closed:
    """A proposal at rest: decided or withdrawn, the `place`-th of all."""

    place: int  # 1, 2, … in the order of closing
    id: OpId
    number: int
    outcome: Outcome
    decided_ms: WallMs  # withdrawn counts, too
    close_ms: WallMs
    record: bytes  # `Proposal.to_bytes`
    chain: bytes  # over all up to this one (R6.4)
    said: bytes | None = None  # hash of what the community says to outsiders by it, if anything

    @classmethod
    def of(
        cls, proposal: Proposal, place: int, record: bytes, chain: bytes, said: bytes | None
    ) -> Closed:
        """Return a decided or withdrawn proposal at rest; `record` is its bytes."""
        return cls(
            place,
            proposal.id,
            proposal.number,
            proposal.outcome,
            proposal.decided_ms,
            proposal.close_ms,
            record,
            chain,
            said,
        )

    @property
    def key(self) -> int:
        """By which the table has it."""
        return self.number

    @property
    def row(self) -> tuple[OpId, str, bytes, bytes | None]:
        """What the log says of it (R3.10)."""
        return self.id, self.outcome, compute_record_hash(self.record), self.said

    def extend(self, chain: bytes) -> bytes:
        """Return the chain over all up to this one, `chain` being that over those before it."""
        return extend_closed_hash(chain, self.record, self.said)

    def refuse(self) -> NoReturn:
        """Refuse what is said of it, without a look at its record: that may be large.

        Raises:
            UsageError: as `Proposal.voted`: `closed`, `already_decided`.
        """
        refuse_as_decided(self.outcome, self.decided_ms, self.close_ms)


def extend_closed_hash(chain: bytes, record: bytes, said: bytes | None) -> bytes:
    """Return the chain over one more closed proposal, and what it says to outsiders (R6.4).

    Args:
        chain: over those before it; 32 zero bytes before the first.
    """
    return crypto.digest(crypto.TAG_CLOSED, chain, compute_record_hash(record), said or b"")


@dataclass(frozen=True, slots=True)
class Ids(Sequence[OpId]):
    """Ids in the order of their numbers, in which one is found without going through them."""

    _ids: list[OpId]
    _numbers: MutableMapping[OpId, int]

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int) -> OpId: ...
    @overload
    def __getitem__(self, place: slice) -> list[OpId]: ...
    def __getitem__(self, place: int | slice) -> OpId | list[OpId]:
        return self._ids[place]

    def __contains__(self, one: object) -> bool:
        return one in self._numbers

    def __iter__(self) -> Iterator[OpId]:
        return iter(self._ids)


@shaped("proposals")
@dataclass(frozen=True, slots=True)
class SavedProposals(Shaped):
    """The proposals in a snapshot: the closed ones only as far as they are counted (R6.4)."""

    # Records by number: who only wants to know the rest need not read them.
    opened: Annotated[tuple[Annotated[bytes, Blob(RECORD_BYTES)], ...], Many(OPEN_PROPOSALS)]
    closed_count: Annotated[int, Whole(0, MAX_NUMBER)]
    closed_hash: Hash  # chain over the closed ones


class Register:
    """Numbers are given 1, 2, … in the order in which the log opened the proposals."""

    def __init__(self, dues: Dues) -> None:
        """Args: `dues`: of all tables."""
        self._table: Table[int, Proposal, Closed] = Table("core", "proposals", dues)  # by number
        self._ids: list[OpId] = []  # number − 1 is the place
        self._numbers: MutableMapping[OpId, int] = {}
        self._next_number = 1
        self._closes: Times[int] = Times()  # of the open ones, by number
        self._invites: dict[DeviceKey, list[OpId]] = {}  # of the closed ones, without …
        self._unread: list[Closed] = []  # … these, which nobody has asked about yet

    def twin(self, dues: Dues) -> Register:
        """Return one that goes on from here, to be thrown away before this one does.

        What changes it does not change this one, and its cost does not grow with the closed
        proposals. It has no `ids`, `closed` and invites but those of its own.

        Args:
            dues: a twin of those of all tables.
        """
        twin = Register(dues)
        twin._table = self._table.twin(dues)
        twin._numbers, twin._next_number = ChainMap({}, self._numbers), self._next_number
        twin._closes = self._closes.twin()
        return twin

    def __contains__(self, proposal: OpId) -> bool:
        return proposal in self._numbers

    @property
    def ids(self) -> Ids:
        """All proposals in the order of their numbers, as they are from now on, too."""
        return Ids(self._ids, self._numbers)

    @property
    def next_number(self) -> int:
        return self._next_number

    @property
    def open(self) -> tuple[Proposal, ...]:
        """The open ones in the order of their numbers."""
        return self._table.open

    def get(self, proposal: OpId) -> Proposal | None:
        """Return a proposal, open or closed; a closed one is decoded each time."""
        closed = self.get_closed(proposal)
        return self.get_open(proposal) if closed is None else Proposal.from_bytes(closed.record)

    @property
    def closed(self) -> tuple[Closed, ...]:
        """The closed ones in the order of closing."""
        return self._table.closed

    @property
    def closed_count(self) -> int:
        return self._table.closed_count

    def get_open(self, proposal: OpId) -> Proposal | None:
        return self._table.get_open(self._numbers.get(proposal, 0))

    def get_closed(self, proposal: OpId) -> Closed | None:
        return self._table.get_closed(self._numbers.get(proposal, 0))

    def open_numbered(self, number: int) -> Proposal | None:
        return self._table.get_open(number)

    def open_amendments(self) -> list[int]:
        """Return the numbers of those that would change the charter."""
        return [one.number for one in self.open if isinstance(one.action, AmendAction)]

    def invites(self) -> list[OpId]:
        """Return all proposals for an invite, open and closed."""
        self._read_invites()
        closed = [one for ids in self._invites.values() for one in ids]
        return closed + [one.id for one in self._open_invites()]

    def invites_with(self, key: DeviceKey) -> list[OpId]:
        """Return the proposals for one invite: closed ones in the order of closing, then open."""
        self._read_invites()
        opened = [
            one.id
            for one in self._open_invites()
            if isinstance(one.action, InviteAction) and one.action.invite_key == key
        ]
        return self._invites.get(key, []) + opened

    def _open_invites(self) -> list[Proposal]:
        return [one for one in self.open if isinstance(one.action, InviteAction)]

    def _read_invites(self) -> None:
        """Decode closed proposals once, when somebody asks: most starts need none of them."""
        for closed in self._unread:
            if _INVITE_MARK in closed.record:
                action = Proposal.from_bytes(closed.record).action
                if isinstance(action, InviteAction):
                    self._invites.setdefault(action.invite_key, []).append(closed.id)
        self._unread.clear()

    def put(self, proposal: Proposal) -> None:
        """Take in a new proposal, or an open one as it stands after an op.

        Till it is judged it is due at its close, if it is open.
        """
        if proposal.id not in self._numbers:
            self._ids.append(proposal.id)
            self._numbers[proposal.id] = proposal.number
            self._next_number += 1
        self._table.put(proposal.number, proposal)
        self._closes.set(proposal.number, proposal.close_ms)

    def close(self, proposal: Proposal, said: bytes | None = None) -> Closed:
        """Put an open proposal, as it was decided or withdrawn, to rest.

        Args:
            said: hash of what the community says to outsiders by it, if anything.
        """
        self._closes.forget(proposal.number)

        def rest(place: int, record: bytes, chain: bytes) -> Closed:
            after = extend_closed_hash(chain, record, said)
            return Closed.of(proposal, place, record, after, said)

        closed = self._table.close(proposal.number, proposal, rest)
        self._unread.append(closed)
        return closed

    # --- what time decides ----------------------------------------------------------------

    def set_due(self, number: int, due_ms: WallMs) -> None:
        """Note when time alone decides an open proposal, by the charter of this moment."""
        self._table.set_due(number, due_ms)

    def due_of(self, proposal: OpId) -> WallMs | None:
        return self._table.due_of(self._numbers.get(proposal, 0))

    def closes_around(self, time_ms: WallMs) -> tuple[WallMs | None, WallMs | None]:
        """Return the last close of an open proposal up to a time, and the first after it."""
        return self._closes.around(time_ms)

    # --- in a snapshot --------------------------------------------------------------------

    def save(self) -> SavedProposals:
        return SavedProposals(*self._table.save())

    @classmethod
    def restore(
        cls, saved: SavedProposals, closed: Iterable[Closed], charter: Charter, dues: Dues
    ) -> Register:
        """Return the register that was saved.

        Args:
            closed: in the order of closing, from the first on; more than the snapshot
                counts do no harm.
            charter: of the snapshot, as open amendments are judged by it.
            dues: of all tables.

        Raises:
            PeerFault: `bad_field`: a record is none, or these are not the closed ones it counts.
        """
        register = cls(dues)
        table = register._table
        opened = [(one.number, one) for one in map(Proposal.from_bytes, saved.opened)]
        table.restore(opened, saved.closed_count, saved.closed_hash, closed)
        register._unread = list(table.closed)
        ids = {number: one.id for number, one in opened}
        ids.update((one.number, one.id) for one in table.closed)
        if len(set(ids.values())) != len(ids):
            raise table.refusal("each proposal once expected")
        if sorted(ids) != list(range(1, len(ids) + 1)):
            raise table.refusal("proposals numbered 1, 2, … expected")
        register._ids = [ids[number] for number in sorted(ids)]
        register._numbers = {key: place for place, key in enumerate(register._ids, 1)}
        register._next_number = len(register._ids) + 1
        for number, proposal in opened:
            register._closes.set(number, proposal.close_ms)
            register.set_due(number, compute_due(proposal, compute_rule(proposal, charter)))
        return register
