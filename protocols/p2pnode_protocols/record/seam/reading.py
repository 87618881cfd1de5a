"""The state as a practice reads it, and what a look at pending ops lays over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...wire.errors import BugError
from ...wire.ids import MemberId, OpId
from ..questions.proposal import Proposal
from ..questions.register import Register
from ..seats.charter import Charter
from ..seats.roster import Roster
from .in_force import InForce
from .practice import Practice
from .slices import Slices, sorted_records


class Held(Protocol):
    """What is read of: `Holdings`."""

    @property
    def charter(self) -> Charter: ...
    @property
    def epoch_charter(self) -> Charter: ...
    @property
    def in_force(self) -> InForce: ...
    @property
    def register(self) -> Register: ...
    @property
    def roster(self) -> Roster: ...
    @property
    def slices(self) -> Slices: ...


def _nothing(_id: OpId) -> Proposal | None:
    return None


@dataclass(slots=True)
class Over:
    """What is not final yet, laid over the state: records, and questions."""

    records: dict[tuple[str, bytes], Any | None] = field(default_factory=dict)  # None: gone
    question: Callable[[OpId], Proposal | None] = _nothing


class Reading:
    """What one practice may read of the state, as it is when it asks."""

    __slots__ = ("_holds", "_over", "_practice")

    def __init__(self, holds: Held, practice: Practice[Any], over: Over | None = None) -> None:
        self._holds = holds
        self._practice = practice
        self._over = over

    @property
    def charter(self) -> Charter:
        return self._holds.charter

    @property
    def roster(self) -> Roster:
        return self._holds.roster

    @property
    def electorate(self) -> Sequence[MemberId]:
        return tuple(one.id for one in self._holds.epoch_charter.members)

    @property
    def settings(self) -> Any:
        return self._holds.in_force.settings_of(self._practice.name, self._holds.charter)

    def has_item(self, item: bytes) -> bool:
        return has_item(self._holds, item, self._over)

    def question(self, id: OpId) -> Proposal | None:
        found = None if self._over is None else self._over.question(id)
        return self._holds.register.get(id) if found is None else found

    def record(self, practice: str, key: bytes) -> Any | None:
        self._check_need(practice)
        return find_record(self._holds, practice, key, self._over)

    def records(self, practice: str) -> Iterator[Any]:
        self._check_need(practice)
        return iter(list_records(self._holds, practice, self._over))

    def _check_need(self, practice: str) -> None:
        if practice != self._practice.name and practice not in self._practice.needs:
            raise BugError(f"{self._practice.name} reads {practice}, and does not need it")


def find_record(holds: Held, practice: str, key: bytes, over: Over | None = None) -> Any | None:
    """Return an open record, or None; also where its practice is not in force."""
    if over is not None and (practice, key) in over.records:
        return over.records[practice, key]
    held = holds.slices.get(practice)
    return None if held is None else held.get_open(key)


def list_records(holds: Held, practice: str, over: Over | None = None) -> list[Any]:
    """Return the open records of a practice, by key."""
    held = holds.slices.get(practice)
    found = {} if held is None else {one.key: one for one in sorted_records(held)}
    for (name, key), record in () if over is None else over.records.items():
        if name == practice:
            found[key] = record
    return [found[key] for key in sorted(found) if found[key] is not None]


def has_item(holds: Held, item: bytes, over: Over | None = None) -> bool:
    """Return whether there is anything of this id that people can name."""
    id = OpId(item)
    if id in holds.register or (over is not None and over.question(id) is not None):
        return True
    with_items = (one.name for one in holds.in_force if one.has_items)
    return any(find_record(holds, name, item, over) is not None for name in with_items)
