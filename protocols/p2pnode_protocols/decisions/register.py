"""All proposals of the log, by number: open ones as values, closed ones at rest as bytes.

No question about open proposals costs more for the closed ones there are.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..charter import Charter
from ..codec import Fields, Value
from ..ids import OpId, WallMs
from ..limits import OPEN_PROPOSALS
from ..ops import MAX_MS, AmendAction
from .proposal import RECORD_BYTES, Proposal, compute_due, compute_rule


class Register:
    """Numbers are given 1, 2, … in the order in which the log opened the proposals."""

    def __init__(self) -> None:
        self._ids: list[OpId] = []  # number − 1 is the place
        self._numbers: dict[OpId, int] = {}
        self._open: dict[int, Proposal] = {}  # ascending, as numbers are given ascending
        self._due: dict[int, WallMs] = {}  # of the open ones
        self._closed: dict[int, bytes] = {}  # records

    def __contains__(self, proposal: OpId) -> bool:
        return proposal in self._numbers

    @property
    def ids(self) -> Sequence[OpId]:
        """All proposals in the order of their numbers."""
        return tuple(self._ids)

    @property
    def next_number(self) -> int:
        return len(self._ids) + 1

    @property
    def open(self) -> tuple[Proposal, ...]:
        """The open ones in the order of their numbers."""
        return tuple(self._open.values())

    def get(self, proposal: OpId) -> Proposal | None:
        """Return a proposal, open or closed; a closed one is decoded each time."""
        number = self._numbers.get(proposal)
        if number is None:
            return None
        record = self._closed.get(number)
        return self._open[number] if record is None else Proposal.from_bytes(record)

    def get_open(self, proposal: OpId) -> Proposal | None:
        return self._open.get(self._numbers.get(proposal, 0))

    def open_numbered(self, number: int) -> Proposal | None:
        return self._open.get(number)

    def open_amendments(self) -> list[int]:
        """Return the numbers of those that would change the charter."""
        return [number for number, one in self._open.items() if isinstance(one.action, AmendAction)]

    def put(self, proposal: Proposal) -> None:
        """Take in a new proposal, or an open one as it stands after an op."""
        if proposal.id not in self._numbers:
            self._ids.append(proposal.id)
            self._numbers[proposal.id] = proposal.number
        self._open[proposal.number] = proposal

    def close(self, proposal: Proposal) -> None:
        """Put an open proposal, as it was decided or withdrawn, to rest."""
        del self._open[proposal.number]
        self._due.pop(proposal.number, None)
        self._closed[proposal.number] = proposal.to_bytes()

    # --- what time decides ----------------------------------------------------------------

    def set_due(self, number: int, due_ms: WallMs) -> None:
        """Note when time alone decides an open proposal."""
        self._due[number] = due_ms

    def due_of(self, proposal: OpId) -> WallMs | None:
        return self._due.get(self._numbers.get(proposal, 0))

    def next_due_ms(self) -> WallMs | None:
        return min(self._due.values(), default=None)

    def due_by(self, time_ms: WallMs) -> list[int]:
        """Return the numbers of what is due by then, earliest first."""
        due = sorted((due_ms, number) for number, due_ms in self._due.items() if due_ms <= time_ms)
        return [number for _, number in due]

    # --- bytes ----------------------------------------------------------------------------

    def to_wire(self) -> Value:
        return [
            self._ids,
            [one.to_bytes() for one in self._open.values()],
            [self._closed[number] for number in sorted(self._closed)],
        ]

    @classmethod
    def read(cls, value: Value, charter: Charter) -> Register:
        """Return the register in a decoded snapshot. Raises `PeerFault` for anything else.

        Args:
            charter: of the snapshot, as open amendments are judged by it.
        """
        register = cls()
        one = Fields(value, "proposals")
        register._ids = [OpId(raw) for raw in _blobs(one, MAX_MS, 32)]
        register._numbers = {key: place for place, key in enumerate(register._ids, 1)}
        for record in _blobs(one, OPEN_PROPOSALS, RECORD_BYTES):
            proposal = Proposal.from_bytes(record)
            register._open[proposal.number] = proposal
            register.set_due(
                proposal.number, compute_due(proposal, compute_rule(proposal, charter))
            )
        closed = _blobs(one, MAX_MS, RECORD_BYTES)
        one.end()
        numbers = [
            number for number in range(1, register.next_number) if number not in register._open
        ]
        if len(numbers) != len(closed):
            raise one.fail(f"{len(register._ids)} proposals expected")
        register._closed = dict(zip(numbers, closed, strict=True))
        return register


def _blobs(one: Fields, most: int, most_bytes: int) -> list[bytes]:
    blobs: list[bytes] = []
    for item in one.items(most):
        if not isinstance(item, bytes) or len(item) > most_bytes:
            raise one.fail(f"bytes of up to {most_bytes} expected")
        blobs.append(item)
    return blobs
