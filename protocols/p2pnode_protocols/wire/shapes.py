"""Shapes: the fields of every signed or stored object are said once, on its dataclass.

    @shaped("text reference")
    @dataclass(frozen=True, slots=True)
    class TextRef(Shaped):
        id: TextId
        size: Annotated[int, Whole(0, TEXT_BYTES)]

From that come its reader, its writer, its rows in docs/reference/objects.md, and the values that
tests begin with. On the wire an object is the list of its fields in this order (R2.1). What a
field can be is said by its type where that is enough (ids, times, words, other objects), else by
a kind beside it in `Annotated` (`kinds`).

The reader and the writer of a shape are Python source, what one would write by hand: nothing is
looked up while bytes are read. It is made when the first object is read or written, as most
programs need few of the shapes, and all of it in `Shape.read_list` and `Shape.write`, out of the
expressions that the kinds give.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from itertools import pairwise
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NewType,
    Self,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from .codec import Value, decode, encode
from .errors import BugError, PeerFault
from .ids import MAX_MS, WallMs
from .kinds import (
    IS_LIST,
    MISSING,
    Blob,
    Exact,
    Flag,
    Kind,
    Many,
    Maybe,
    Space,
    Text,
    Whole,
    Word,
    expected,
)
from .limits import NAME_CHARS

_T = TypeVar("_T")

# --- kinds of objects -------------------------------------------------------------------------


@dataclass(eq=False, repr=False)
class Of(Kind):
    """An object with a shape of its own."""

    shape: Shape[Any]

    def test(self, v: str, space: Space) -> str:
        return IS_LIST.format(v=v)

    def problem(self, value: object) -> str:
        return self.shape.not_a_list(value)

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind_late(lambda: self.shape.read_list)}({v}, {context})"

    def write(self, v: str, space: Space, context: str) -> str:
        if self.shape.is_written_as_it_is:
            return v
        return f"{space.bind_late(lambda: self.shape.write)}({v}, {context})"

    def describe(self) -> str:
        if self.shape.is_row:
            return f"[{', '.join(one.kind.describe() for one in self.shape.fields)}]"
        return self.shape.what


@dataclass(eq=False, repr=False)
class Row(Kind):
    """A list of fields that have no names; a tuple here."""

    what: str

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        return Of(row(self.what, hint))


@dataclass(eq=False, repr=False)
class Bare(Kind):
    """An object whose own list begins with its kind, without that."""

    what: str

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        return Of(Shape(hint, self.what))


@dataclass(eq=False, repr=False)
class Packed(Blob):
    """An object as its canonical bytes, of which there may be so many.

    Args:
        of: what it is in these bytes, if that is not what the field is.
        become: … and how it becomes that.
    """

    of: type[Shaped] | None = None
    become: Callable[[Any], object] | None = None

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        return self if self.of else Packed(self.most, hint)

    def convert(self, v: str, space: Space, context: str) -> str:
        assert self.of is not None
        read = f"{space.bind(self.of.from_bytes)}({v}, {context})"
        return read if self.become is None else f"{space.bind(self.become)}({read})"

    def write(self, v: str, space: Space, context: str) -> str:
        return f"{v}.to_bytes()"

    def describe(self) -> str:
        assert self.of is not None
        return f"{shape_of(self.of).what}, as bytes"


@dataclass(eq=False, repr=False)
class Pairs(Many):
    """A mapping as the list of its [key, value], by key or in its own order."""

    what: str = "pair"
    is_sorted: bool = True

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        pair = row(self.what, tuple.__class_getitem__(get_args(hint)))
        return Pairs(self.most, Of(pair), self.what, self.is_sorted)

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"dict({Many.convert(self, v, space, context)})"

    def write(self, v: str, space: Space, context: str) -> str:
        return f"sorted({v}.items())" if self.is_sorted else f"list({v}.items())"

    def describe(self) -> str:
        return Many.describe(self) + (", by the first" if self.is_sorted else "")


# --- what stands beside a kind ------------------------------------------------------------------


@dataclass(eq=False, repr=False)
class Check:
    """What else must hold of a field that was read, and how that is said."""

    holds: Callable[[Any], bool]
    words: str


@dataclass(eq=False, repr=False)
class Within:
    """The field is read and written in the light of another one before it: its context."""

    field: str


@dataclass(eq=False, repr=False)
class Unsaid:
    """The field is not on the wire; whoever reads the object gives it.

    Args:
        source: where it is found all the same: `context`, or an attribute of a field before it.
    """

    source: str | None = None


UNSAID: Final = Unsaid()
ASCENDING: Final = Check(
    lambda items: all(one < two for one, two in pairwise(items)), "sorted, none twice"
)
BY_KEY: Final = Check(
    lambda pairs: all(one[0] < two[0] for one, two in pairwise(pairs)),
    "sorted by the first, none twice",
)

Hash = Annotated[bytes, Exact(32)]
Signature = Annotated[bytes, Exact(64)]
Name = Annotated[str, Text(NAME_CHARS)]
Ms = Annotated[int, Whole(0, MAX_MS)]  # a length of time, or any number that may be as large

_BARE: dict[object, Kind] = {bool: Flag(), WallMs: Whole(0, MAX_MS)}


def kind_of(hint: Any) -> Kind:
    """Return the kind of value that a type, with what stands beside it, says."""
    if hint in _BARE:
        return _BARE[hint]
    if isinstance(hint, NewType) and hint.__supertype__ is bytes:
        return Exact(32, re.sub("(?<=.)([A-Z])", r" \1", hint.__name__).lower())  # ids and keys
    origin = get_origin(hint)
    if origin is Annotated:
        (kind,) = (one for one in hint.__metadata__ if isinstance(one, Kind))
        return kind.for_type(hint.__origin__, kind_of)
    if origin is Literal:
        return Word(get_args(hint))
    if origin in (Union, UnionType):
        something, nothing = get_args(hint)
        assert nothing is type(None), hint
        return Maybe(kind_of(something))
    if isinstance(hint, type) and "SHAPE" in vars(hint):
        return Of(shape_of(hint))
    raise BugError(f"{hint}: its kind is not said")


# --- shapes -----------------------------------------------------------------------------------


@dataclass(eq=False, repr=False)
class Field:
    """One field of an object."""

    name: str  # empty: of a row
    kind: Kind
    checks: tuple[Check, ...] = ()
    within: str | None = None

    def describe(self) -> str:
        """Return what it can be, in words."""
        return "; ".join((self.kind.describe(), *(one.words for one in self.checks)))


@dataclass(eq=False, repr=False)
class Absent:
    """One that is not on the wire."""

    name: str
    source: str | None

    def expression(self, variables: Mapping[str, str]) -> str:
        """Return what it is, once all fields have been read."""
        field, _, attribute = (self.source or self.name).partition(".")
        return f"{variables[field]}.{attribute}" if attribute else field


class Shape(Generic[_T]):
    """How the objects of one class are read and written.

    Args:
        form: a dataclass or named tuple whose fields say their kinds, or a tuple of types.
        what: the object in the words of a refusal.
        lead: items that stand before the fields in the list; whoever reads them says which.
        tag: the first of them, when the object says it itself.
        limit: most bytes of one, where one is read from bytes.
        written: what people write for it.
        check: called with what was read; returns it or raises what is wrong with it.
    """

    def __init__(
        self,
        form: type[_T],
        what: str,
        *,
        lead: int = 0,
        tag: str | int | None = None,
        limit: int | None = None,
        written: str | None = None,
        check: Callable[[_T], _T] | None = None,
    ) -> None:
        self.form = form
        self.what = what
        self.tag = tag
        self.limit = limit
        self.is_row = get_origin(form) is tuple
        self._lead = lead
        self._written = written
        self._check = check

    def read(self, value: Value, context: object = None, **unsaid: object) -> _T:
        """Return the object in a decoded value.

        Args:
            context: what fields are read with that say so.
            unsaid: fields that are not on the wire.

        Raises:
            PeerFault: `bad_field`, naming the object, the field's place and what is allowed; what
                is wrong with a part.
        """
        if type(value) is not list and type(value) is not tuple:
            raise PeerFault("bad_field", f"{self.what}: {self.not_a_list(value)}")
        if self.tag is not None and [self.tag] != list(value[:1]):
            raise PeerFault("bad_field", f"{self.what}, field 1: {self.tag!r} expected")
        return self.read_list(value, context, **unsaid)

    def not_a_list(self, value: object) -> str:
        """Return that something else was found; the value itself, if people write it."""
        if self._written is None:
            return expected("a list", value)
        return f"{self._written} expected, {value!r:.40} found"

    @cached_property
    def _all(self) -> tuple[Field | Absent, ...]:
        """All fields of the class in order."""
        if self.is_row:
            return tuple(Field("", kind_of(hint)) for hint in get_args(self.form))
        hints = get_type_hints(self.form, include_extras=True)
        return tuple(_field_of(name, hints[name]) for name in _names_of(self.form))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Those that are on the wire."""
        return tuple(one for one in self._all if isinstance(one, Field))

    @property
    def _count(self) -> int:
        return self._lead + len(self.fields)

    @cached_property
    def is_written_as_it_is(self) -> bool:
        """Whether what is held is what is on the wire."""
        plain = all(one.kind.write("v", Space(), "context") == "v" for one in self.fields)
        return self.is_row and plain

    # --- the source that is made ----------------------------------------------------------

    @cached_property
    def read_list(self) -> Callable[..., _T]:
        """The reader of what is a list: each field in turn is refused or taken.

        For a text reference it is this:

            def read(value, context=None):
                if len(value) != 2:
                    raise miscounted(value, context)
                (f0, f1,) = value
                if not (type(f0) is bytes and len(f0) == 32):
                    raise bad(0, f0)
                if not (type(f1) is int and 0 <= f1 <= 65536):
                    raise bad(1, f1)
                return form(f0, f1)
        """
        space = Space()
        space.names.update(form=self.form, bad=self._bad, failed=self._failed, check=self._check)
        space.names["miscounted"] = self._miscounted
        asked = [one.name for one in self._all if isinstance(one, Absent) and one.source is None]
        passed = "".join(f", {name}={name}" for name in asked)
        head = f"value, context=None{', *' if asked else ''}{''.join(f', {one}' for one in asked)}"
        variables = {one.name: f"f{at}" for at, one in enumerate(self.fields) if one.name}
        lines = [
            f"def read({head}):",
            f" if len(value) != {self._count}:",
            f"  raise miscounted(value, context{passed})",
        ]
        names = ["_"] * self._lead + [f"f{at}" for at in range(len(self.fields))]
        if names:
            lines.append(f" ({', '.join(names)},) = value")
        for at, one in enumerate(self.fields):
            v = f"f{at}"
            context = "context" if one.within is None else variables[one.within]
            lines += [f" if not ({one.kind.test(v, space)}):", f"  raise bad({at}, {v})"]
            converted = one.kind.convert(v, space, context)
            if converted != v:
                lines.append(f" {v} = {converted}")
            for check in one.checks:
                lines += [
                    f" if not {space.bind(check.holds)}({v}):",
                    f"  raise failed({at}, {check.words!r})",
                ]
        places = iter(range(len(self.fields)))
        values = [
            f"f{next(places)}" if isinstance(one, Field) else one.expression(variables)
            for one in self._all
        ]
        made = f"({''.join(f'{one}, ' for one in values)})"
        if not self.is_row:
            made = f"form{made}"
        lines.append(f" return {made if self._check is None else f'check({made})'}")
        return space.define("read", "\n".join(lines))

    @cached_property
    def write(self) -> Callable[..., list[Value]]:
        """The writer: the list of what each field is on the wire."""
        space = Space()
        items = [] if self.tag is None else [repr(self.tag)]
        for at, one in enumerate(self.fields):
            context = "context" if one.within is None else f"one.{one.within}"
            held = f"one.{one.name}" if one.name else f"one[{at}]"
            items.append(one.kind.write(held, space, context))
        source = f"def write(one, context=None):\n return [{', '.join(items)}]"
        return space.define("write", source)

    # --- refusals -------------------------------------------------------------------------

    def _bad(self, at: int, value: object) -> PeerFault:
        place = at + self._lead + 1
        if value is MISSING:
            return PeerFault("bad_field", f"{self.what}: field {place} is missing")
        return self._failed(at, self.fields[at].kind.problem(value))

    def _failed(self, at: int, problem: str) -> PeerFault:
        return PeerFault("bad_field", f"{self.what}, field {at + self._lead + 1}: {problem}")

    def _miscounted(self, value: Sequence[Value], context: object, **unsaid: object) -> PeerFault:
        """Return what is wrong with a list of another length; raise what is wrong before that."""
        missing = [MISSING] * (self._count - len(value))
        self.read_list([*value[: self._count], *missing], context, **unsaid)
        if missing:
            raise BugError(f"{self.what}: something that is missing was read")
        return PeerFault("bad_field", f"{self.what}: {len(value)} fields, {self._count} expected")


def _field_of(name: str, hint: Any) -> Field | Absent:
    marks = getattr(hint, "__metadata__", ())
    for one in marks:
        if isinstance(one, Unsaid):
            return Absent(name, one.source)
    within = next((one.field for one in marks if isinstance(one, Within)), None)
    checks = tuple(one for one in marks if isinstance(one, Check))
    says_enough = marks and not any(isinstance(one, Kind) for one in marks)
    return Field(name, kind_of(hint.__origin__ if says_enough else hint), checks, within)


def _names_of(form: type) -> Sequence[str]:
    """Return the names of the fields that an object is made of, in order."""
    if is_dataclass(form):
        return [one.name for one in fields(form) if one.init]
    return cast("Sequence[str]", form._fields)  # type: ignore[attr-defined]


def row(what: str, form: Any) -> Shape[Any]:
    """Return the shape of a list of fields without names: `tuple[MemberId, Round]`."""
    return Shape(form, what)


class Shaped:
    """Base of dataclasses that have a shape."""

    __slots__ = ()
    SHAPE: ClassVar[Shape[Any]]  # set by `shaped`

    def to_wire(self) -> list[Value]:
        """Return the list that this is on the wire, to be encoded."""
        return self.SHAPE.write(self)

    @classmethod
    def read(cls, value: Value, context: object = None, **unsaid: object) -> Self:
        """Return the object in a decoded value. Raises `PeerFault`, as `Shape.read`."""
        shape: Shape[Self] = cls.SHAPE
        return shape.read(value, context, **unsaid)

    def to_bytes(self) -> bytes:
        """Return the canonical bytes."""
        return encode(self.to_wire())

    @classmethod
    def from_bytes(cls, data: bytes, context: object = None) -> Self:
        """Return the object in its canonical bytes. Raises `PeerFault` for anything else."""
        limit = cls.SHAPE.limit
        assert limit is not None, f"{cls.__name__} is not read from bytes"
        return cls.read(decode(data, limit), context)


def shaped(what: str, *, is_tagged: bool = False, **more: Any) -> Callable[[type[_T]], type[_T]]:
    """Return what gives a dataclass or named tuple its shape; its fields say the rest.

    Args:
        is_tagged: its list begins with its `KIND`.
        more: as for `Shape`.
    """

    def give(form: type[_T]) -> type[_T]:
        if is_tagged:
            more.update(lead=1, tag=form.KIND)  # type: ignore[attr-defined]
        form.SHAPE = Shape(form, what, **more)  # type: ignore[attr-defined]
        return form

    return give


def shape_of(form: type[_T]) -> Shape[_T]:
    """Return the shape of a class that has one."""
    shape: Shape[_T] = form.SHAPE  # type: ignore[attr-defined]
    return shape
