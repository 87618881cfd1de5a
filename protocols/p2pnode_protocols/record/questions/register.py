"""All proposals of the log, by number: open ones as values, closed ones at rest as bytes.

No question about open proposals costs more for the closed ones there are, nor does a
snapshot, which holds the closed ones by their number and a hash chain over them only.
"""

from __future__ import annotations

import bisect
import itertools
from collections import ChainMap
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NoReturn, overload

from ...agreement.roots import compute_record_hash
from ...wire import crypto
from ...wire.codec import encode
from ...wire.errors import PeerFault
from ...wire.ids import DeviceKey, OpId, WallMs
from ...wire.kinds import Blob, Many, Whole
from ...wire.limits import OPEN_PROPOSALS
from ...wire.shapes import Hash, Shaped, shaped
from ..actions import AmendAction, InviteAction
from ..seats.charter import Charter
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

    @property
    def row(self) -> tuple[OpId, str, bytes, bytes | None]:
        """What the log says of it (R3.10)."""
        return self.id, self.outcome, compute_record_hash(self.record), self.said

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


class _Times:
    """A time of some proposals, in order: what asks for the first, or around one, counts none."""

    def __init__(self) -> None:
        self._of: dict[int, WallMs] = {}
        self._sorted: list[tuple[WallMs, int]] = []

    def twin(self) -> _Times:
        times = _Times()
        times._of, times._sorted = dict(self._of), list(self._sorted)
        return times

    def set(self, number: int, time_ms: WallMs) -> None:
        if self._of.get(number) != time_ms:
            self.forget(number)
            self._of[number] = time_ms
            bisect.insort(self._sorted, (time_ms, number))

    def forget(self, number: int) -> None:
        time_ms = self._of.pop(number, None)
        if time_ms is not None:
            del self._sorted[bisect.bisect_left(self._sorted, (time_ms, number))]

    def get(self, number: int) -> WallMs | None:
        return self._of.get(number)

    def first(self) -> WallMs | None:
        return self._sorted[0][0] if self._sorted else None

    def up_to(self, time_ms: WallMs) -> list[int]:
        """Return the numbers of those that are not later, earliest first."""
        return [number for _, number in self._sorted[: self._place_after(time_ms)]]

    def around(self, time_ms: WallMs) -> tuple[WallMs | None, WallMs | None]:
        """Return the last that is not later, and the first that is."""
        place = self._place_after(time_ms)
        last = self._sorted[place - 1][0] if place else None
        return last, self._sorted[place][0] if place < len(self._sorted) else None

    def _place_after(self, time_ms: WallMs) -> int:
        return bisect.bisect_left(self._sorted, (WallMs(time_ms + 1), 0))


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

    def __init__(self) -> None:
        self._ids: list[OpId] = []  # number − 1 is the place
        self._numbers: MutableMapping[OpId, int] = {}
        self._next_number = 1
        self._open: dict[int, Proposal] = {}  # ascending, as numbers are given ascending
        self._dues = _Times()  # of the open ones …
        self._closes = _Times()  # … as these are
        self._closed: MutableMapping[int, Closed] = {}  # in the order of closing
        self._closed_count = 0
        self._closed_hash = bytes(32)  # chain over their hashes, in the order of closing
        self._invites: dict[DeviceKey, list[OpId]] = {}  # of the closed ones, without …
        self._unread: list[Closed] = []  # … these, which nobody has asked about yet

    def twin(self) -> Register:
        """Return one that goes on from here, to be thrown away before this one does.

        What changes it does not change this one, and its cost does not grow with the closed
        proposals. It has no `ids`, `closed` and invites but those of its own.
        """
        twin = Register()
        twin._numbers, twin._next_number = ChainMap({}, self._numbers), self._next_number
        twin._open = dict(self._open)
        twin._dues, twin._closes = self._dues.twin(), self._closes.twin()
        twin._closed, twin._closed_count = ChainMap({}, self._closed), self._closed_count
        twin._closed_hash = self._closed_hash
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
        return tuple(self._open.values())

    def get(self, proposal: OpId) -> Proposal | None:
        """Return a proposal, open or closed; a closed one is decoded each time."""
        number = self._numbers.get(proposal)
        if number is None:
            return None
        closed = self._closed.get(number)
        return self._open[number] if closed is None else Proposal.from_bytes(closed.record)

    @property
    def closed(self) -> tuple[Closed, ...]:
        """The closed ones in the order of closing."""
        return tuple(self._closed.values())

    @property
    def closed_count(self) -> int:
        return self._closed_count

    def get_open(self, proposal: OpId) -> Proposal | None:
        return self._open.get(self._numbers.get(proposal, 0))

    def get_closed(self, proposal: OpId) -> Closed | None:
        return self._closed.get(self._numbers.get(proposal, 0))

    def open_numbered(self, number: int) -> Proposal | None:
        return self._open.get(number)

    def open_amendments(self) -> list[int]:
        """Return the numbers of those that would change the charter."""
        return [number for number, one in self._open.items() if isinstance(one.action, AmendAction)]

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
        return [one for one in self._open.values() if isinstance(one.action, InviteAction)]

    def _read_invites(self) -> None:
        """Decode closed proposals once, when somebody asks: most starts need none of them."""
        for closed in self._unread:
            if _INVITE_MARK in closed.record:
                action = Proposal.from_bytes(closed.record).action
                if isinstance(action, InviteAction):
                    self._invites.setdefault(action.invite_key, []).append(closed.id)
        self._unread.clear()

    def put(self, proposal: Proposal) -> None:
        """Take in a new proposal, or an open one as it stands after an op."""
        if proposal.id not in self._numbers:
            self._ids.append(proposal.id)
            self._numbers[proposal.id] = proposal.number
            self._next_number += 1
        self._open[proposal.number] = proposal
        self._closes.set(proposal.number, proposal.close_ms)

    def close(self, proposal: Proposal, said: bytes | None = None) -> Closed:
        """Put an open proposal, as it was decided or withdrawn, to rest.

        Args:
            said: hash of what the community says to outsiders by it, if anything.
        """
        del self._open[proposal.number]
        self._dues.forget(proposal.number)
        self._closes.forget(proposal.number)
        record = proposal.to_bytes()
        closed = Closed(
            self._closed_count + 1,
            proposal.id,
            proposal.number,
            proposal.outcome,
            proposal.decided_ms,
            proposal.close_ms,
            record,
            extend_closed_hash(self._closed_hash, record, said),
            said,
        )
        self._rest(closed)
        return closed

    def _rest(self, closed: Closed) -> None:
        self._closed[closed.number] = closed
        self._closed_count += 1
        self._unread.append(closed)
        self._closed_hash = closed.chain

    # --- what time decides ----------------------------------------------------------------

    def set_due(self, number: int, due_ms: WallMs) -> None:
        """Note when time alone decides an open proposal."""
        self._dues.set(number, due_ms)

    def due_of(self, proposal: OpId) -> WallMs | None:
        return self._dues.get(self._numbers.get(proposal, 0))

    def next_due_ms(self) -> WallMs | None:
        return self._dues.first()

    def due_by(self, time_ms: WallMs) -> list[int]:
        """Return the numbers of what is due by then, earliest first."""
        return self._dues.up_to(time_ms)

    def closes_around(self, time_ms: WallMs) -> tuple[WallMs | None, WallMs | None]:
        """Return the last close of an open proposal up to a time, and the first after it."""
        return self._closes.around(time_ms)

    # --- in a snapshot --------------------------------------------------------------------

    def save(self) -> SavedProposals:
        records = tuple([one.to_bytes() for one in self._open.values()])
        return SavedProposals(records, self._closed_count, self._closed_hash)

    @classmethod
    def restore(cls, saved: SavedProposals, closed: Iterable[Closed], charter: Charter) -> Register:
        """Return the register that was saved.

        Args:
            closed: in the order of closing, from the first on; more than the snapshot
                counts do no harm.
            charter: of the snapshot, as open amendments are judged by it.

        Raises:
            PeerFault: `bad_field`: a record is none, or these are not the closed ones it counts.
        """
        register = cls()
        opened = [Proposal.from_bytes(record) for record in saved.opened]
        count, chain = saved.closed_count, saved.closed_hash
        ids = {proposal.number: proposal.id for proposal in opened}
        follows = True
        for resting in itertools.islice(closed, count):
            chain_so_far = register._closed_hash
            follows &= resting.chain == extend_closed_hash(
                chain_so_far, resting.record, resting.said
            )
            ids[resting.number] = resting.id
            register._rest(resting)
        if not follows or register._closed_count != count or register._closed_hash != chain:
            raise _refusal(f"the {count} closed proposals that it counts expected")
        if len(set(ids.values())) != len(ids):
            raise _refusal("each proposal once expected")
        if sorted(ids) != list(range(1, len(opened) + count + 1)):
            raise _refusal("proposals numbered 1, 2, … expected")
        register._ids = [ids[number] for number in sorted(ids)]
        register._numbers = {key: place for place, key in enumerate(register._ids, 1)}
        register._next_number = len(register._ids) + 1
        for proposal in opened:
            register._open[proposal.number] = proposal
            register._closes.set(proposal.number, proposal.close_ms)
            register.set_due(
                proposal.number, compute_due(proposal, compute_rule(proposal, charter))
            )
        return register


def _refusal(problem: str) -> PeerFault:
    return PeerFault("bad_field", f"proposals: {problem}")
