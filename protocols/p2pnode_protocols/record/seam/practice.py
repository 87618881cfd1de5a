"""The seam: what a practice is, as data and pure functions (docs/adr/0036-the-seam.md).

A practice adds kinds of op, actions, records of its own and facts. Nothing here does anything:
what is said, heard and falls due is carried out by the state (`planning`, `changing`), the same
way for all practices. How to write one: docs/practices/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

from ...wire.codec import Value, decode
from ...wire.errors import PeerFault, UsageError
from ...wire.ids import MemberId, OpId, WallMs
from ...wire.kinds import Kind, Many, Space, expected
from ...wire.limits import NAME_CHARS, RECORD_OF_PRACTICE_BYTES
from ...wire.shapes import BY_KEY, Hash, Name, Row, Shape, Shaped, shaped
from ..opaque import Opaque, OpaqueBody
from ..questions.proposal import Proposal
from ..seats.charter import Charter
from ..seats.roster import Roster
from ..table.table import Tabled


class Record(Tabled, Protocol):
    """What a practice keeps of one item: an immutable value; a change gives a new one.

    What it has of a dataclass with a shape, it has from there.
    """

    SHAPE: ClassVar[Shape[Any]]

    @property
    def key(self) -> bytes:
        """32 bytes: the id of what it is, or of the item that it is about."""


R = TypeVar("R", bound=Record)
B = TypeVar("B", bound=Shaped)


class Base(Protocol):
    """What a practice may read, and never change: the state before this op, fact or due."""

    @property
    def charter(self) -> Charter: ...
    @property
    def roster(self) -> Roster: ...
    @property
    def electorate(self) -> Sequence[MemberId]:
        """Whom a question asks that opens in this epoch, by id."""

    @property
    def settings(self) -> Any:
        """The practice's own, as its `settings` reads them."""

    def has_item(self, item: bytes) -> bool:
        """Return whether there is or was anything of this id that people can name."""

    def question(self, id: OpId) -> Proposal | None:
        """Return a question, open or closed. Those closed are decoded each time: see `has_item`."""

    def record(self, practice: str, key: bytes) -> Any | None:
        """Return an open record of the practice itself, or of one that it `needs`."""

    def records(self, practice: str) -> Iterator[Any]:
        """Yield all of these, by key."""


FactValue: TypeAlias = int | str | bytes


class _FactKind(Kind):
    """A number, a word or an id."""

    def test(self, v: str, space: Space) -> str:
        return (
            f"(type({v}) is int or type({v}) is str and len({v}) <= {NAME_CHARS} "
            f"or type({v}) is bytes and len({v}) == 32)"
        )

    def problem(self, value: object) -> str:
        return expected("a number, a word or an id", value)

    def describe(self) -> str:
        return "a number, a word, or 32 bytes"


@shaped("fact")
@dataclass(frozen=True, slots=True)
class Fact(Shaped):
    """What a commit made happen (R10.29). Ids, labels and numbers; never texts."""

    name: Name  # "rating.rose"
    subject: Hash  # id of the item
    fields: Annotated[
        tuple[
            Annotated[tuple[Name, Annotated[FactValue, _FactKind()]], Row("field of a fact")], ...
        ],
        Many(16),
        BY_KEY,
    ] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """End an open question without a decision, as withdrawn."""

    question: OpId


# What a practice asks of questions and seats (R10.30). Closed: an order is for core to carry out.
Order: TypeAlias = Close


@dataclass(frozen=True, slots=True)
class Said(Generic[B]):
    """What a member said, or what a passed question says."""

    op: OpId  # of the question, if it is that
    author: MemberId
    body: B
    at_ms: WallMs  # commit time


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """What becomes of a record."""

    record: R | None  # None: nothing of it is left
    facts: tuple[Fact, ...] = ()
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Verb(Generic[B, R]):
    """A kind of op, or an action of a passed question."""

    kind: str  # "ratings.rate": practice, dot, word; for ever
    body: Shape[B]
    key: Callable[[Said[B]], bytes]  # of the one record that it is about; 32 bytes
    # The new record. Raises `UsageError`, with words for its author; changes nothing then.
    apply: Callable[[R | None, Said[B], Base], Change[R]]
    # The id of what has to be there before: an op waits for that (R10.18). None: for nothing.
    awaits: Callable[[Said[B]], bytes] | None = None
    # Would it end a phase or change an outcome? Then it is due at once (R5.2).
    urgent: Callable[[R | None, Said[B], Base], bool] | None = None

    def read(self, one: Opaque) -> B:
        """Return what an op or action of this kind says.

        Raises:
            UsageError: `bad_field`, naming field and value.
        """
        try:
            return self.body.read(one.value)
        except PeerFault as fault:  # an entry of the log, and nobody's fault (R2.25)
            raise UsageError("bad_field", f"{self.kind}: {fault.detail}") from fault


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for one member."""

    code: str  # a key of the practice's `reasons`
    item: bytes
    until_ms: WallMs | None
    text: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something stands as it does. Times stand beside the words, not in them."""

    code: str  # a key of `reasons` of the practice, or of `explain.REASONS`
    text: str
    members: tuple[MemberId, ...] = ()
    at_ms: WallMs | None = None


Heard: TypeAlias = "Sequence[tuple[bytes, Change[R]]]"  # which records, and what becomes of them


def _no_needs(*_: object) -> Sequence[Need]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice(Generic[R]):
    """A practice in one version: all that the program knows of it."""

    name: str
    version: int
    record: Shape[R]
    most_open: int  # records that the slice may hold
    verbs: tuple[Verb[Any, R], ...] = ()  # said by members
    deeds: tuple[Verb[Any, R], ...] = ()  # done by passed questions
    view: Callable[[R, Base, WallMs], object]
    explain: Callable[[R, Base, WallMs], Sequence[Reason]]
    needs: tuple[str, ...] = ()  # practices whose records it reads
    has_items: bool = True  # its records' keys are ids that people can name
    # A dataclass all of whose fields have defaults. A later version takes all of an earlier one's.
    settings: Shape[Any] | None = None
    tick: Callable[[R, WallMs, Base], Change[R]] | None = None  # at what `due_ms` says
    hears: Mapping[str, Callable[[Fact, Base], Heard[R]]] = field(default_factory=dict)
    # Refuses an op of a member, of any kind. It never allows what is refused.
    guard: Callable[[Said[Any], Base], None] | None = None
    needs_me: Callable[[R, MemberId, Base, WallMs], Sequence[Need]] = _no_needs
    facts: Mapping[str, str] = field(default_factory=dict)  # name -> what has happened then
    codes: tuple[str, ...] = ()  # with which its verbs refuse: keys of `errors.CODES`
    reasons: Mapping[str, str] = field(default_factory=dict)  # code -> what it means
    # A record of the version before, as on the wire -> of this one. None: it is the same.
    upgrade: Callable[[Value], Value] | None = None

    def read_record(self, data: bytes) -> R:
        """Return the record in its bytes. Raises `PeerFault`."""
        return self.record.read(decode(data, RECORD_OF_PRACTICE_BYTES))


def said_of(kind: str, body: Shaped) -> OpaqueBody:
    """Return what an op of this kind holds, to be signed."""
    return OpaqueBody.of(kind, body.to_wire())
