"""Kinds: what one value on the wire can be, as expressions that readers and writers are made of.

A kind stands beside the type of a field, in `Annotated` (`shapes`). It says in Python source which
decoded values it takes, what they become and how they are written; that goes into the source of
the reader and of the writer of an object. What is wrong with other values it says in words.

These classes hold no data of anybody: of what `dataclass` makes they have but `__init__`, as all of
it would take longer to import than the rest of both modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, Final, cast, get_args

from .codec import Value
from .errors import BugError
from .limits import NAME_CHARS


class _Missing:
    """Stands for a field that is not there; no kind takes it."""


MISSING: Final = _Missing()
IS_LIST = "(type({v}) is list or type({v}) is tuple)"  # exact: a named tuple is an object
_NO_BOUND = 1 << 26  # items: what holds so many has a bound of its own, in bytes
_NAMES: dict[type, str] = {
    int: "a whole number",
    str: "a text",
    bytes: "a byte string",
    bool: "true or false",
    list: "a list",
    tuple: "a list",
    type(None): "nothing",
}


def expected(what: str, found: object) -> str:
    """Return that something of another type was found."""
    return f"{what} expected, {_NAMES.get(type(found), type(found).__name__)} found"


def show_number(number: int) -> str:
    """Return a bound as people read it: a power of two from 2³¹ on, else digits in threes."""
    if number >= 1 << 31 and number & (number - 1) == 0:
        power = str(number.bit_length() - 1)
        return "2" + power.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{number:,}".replace(",", " ")


class Space:
    """The names that a piece of generated source uses."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}

    def bind(self, one: object) -> str:
        """Return a name for something that the source uses."""
        name = f"k{len(self.names)}"
        self.names[name] = one
        return name

    def bind_late(self, make: Callable[[], Callable[..., Any]]) -> str:
        """Return a name for a function that is made when it is called first."""
        name = self.bind(None)

        def first(*given: Any) -> Any:
            self.names[name] = made = make()
            return made(*given)

        self.names[name] = first
        return name

    def define(self, name: str, source: str) -> Callable[..., Any]:
        """Return the function of this name that the source defines."""
        exec(_compiled(name, source), self.names)
        return cast("Callable[..., Any]", self.names[name])


@lru_cache(maxsize=256)
def _compiled(name: str, source: str) -> CodeType:
    """Return the code of a source; many lists and rows differ by nothing but their names."""
    return compile(source, f"<shapes: {name}>", "exec")


class Kind:
    """What one value on the wire can be.

    `v` is the name of what holds the value, `context` that of what the reader or the writer was
    given besides; `space` takes what else an expression needs.
    """

    def test(self, v: str, space: Space) -> str:
        """Return the expression for whether a decoded value is one, as far as a look shows."""
        raise NotImplementedError

    def problem(self, value: object) -> str:
        """Return what is wrong with a value that fails the test, in words."""
        raise NotImplementedError

    def describe(self) -> str:
        """Return what it takes in words, for the docs."""
        raise NotImplementedError

    def convert(self, v: str, space: Space, context: str) -> str:
        """Return the expression for what a value that passed becomes; it may raise a refusal."""
        return v

    def write(self, v: str, space: Space, context: str) -> str:
        """Return the expression for what stands on the wire for it."""
        return v

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        """Return this kind once the type is known which it stands beside."""
        return self


def acceptor(kind: Kind) -> Callable[[object], bool]:
    """Return what says whether a value passes the test of a kind."""
    space = Space()
    return space.define("takes", f"def takes(v): return {kind.test('v', space)}")


# --- one value --------------------------------------------------------------------------------


@dataclass(eq=False, repr=False)
class Flag(Kind):
    """True or false."""

    def test(self, v: str, space: Space) -> str:
        return f"type({v}) is bool"

    def problem(self, value: object) -> str:
        return expected("true or false", value)

    def describe(self) -> str:
        return "true or false"


@dataclass(eq=False, repr=False)
class Whole(Kind):
    """A whole number within bounds."""

    low: int
    high: int

    def test(self, v: str, space: Space) -> str:
        return f"type({v}) is int and {self.low} <= {v} <= {self.high}"  # a bool is an int: exact

    def problem(self, value: object) -> str:
        if type(value) is int:
            return f"{value} is not in {self.low}…{self.high}"
        return expected("a whole number", value)

    def describe(self) -> str:
        return f"{show_number(self.low)} … {show_number(self.high)}"


@dataclass(eq=False, repr=False)
class Text(Kind):
    """A text of so many characters at most."""

    chars: int

    def test(self, v: str, space: Space) -> str:
        return f"type({v}) is str and len({v}) <= {self.chars}"

    def problem(self, value: object) -> str:
        if isinstance(value, str):
            return f"{len(value)} characters, at most {self.chars}"
        return expected("a text", value)

    def describe(self) -> str:
        return f"text of up to {self.chars} characters"


@dataclass(eq=False, repr=False)
class Blob(Kind):
    """Bytes, so many at most."""

    most: int

    def test(self, v: str, space: Space) -> str:
        return f"type({v}) is bytes and len({v}) <= {self.most}"

    def problem(self, value: object) -> str:
        if isinstance(value, bytes):
            return f"{len(value)} bytes, at most {self.most}"
        return expected("a byte string", value)

    def describe(self) -> str:
        return f"up to {show_number(self.most)} bytes"


@dataclass(eq=False, repr=False)
class Exact(Kind):
    """So many bytes."""

    length: int
    name: str = ""  # what they are

    def test(self, v: str, space: Space) -> str:
        return f"type({v}) is bytes and len({v}) == {self.length}"

    def problem(self, value: object) -> str:
        if isinstance(value, bytes):
            return f"{len(value)} bytes, exactly {self.length} expected"
        return expected("a byte string", value)

    def describe(self) -> str:
        return f"{self.name}, {self.length} bytes" if self.name else f"{self.length} bytes"


@dataclass(eq=False, repr=False)
class Word(Kind):
    """One of some words. All who say it hold one string."""

    words: tuple[str, ...]

    def test(self, v: str, space: Space) -> str:
        return f"type({v}) is str and {v} in {space.bind(self.words)}"

    def problem(self, value: object) -> str:
        if isinstance(value, str) and len(value) <= NAME_CHARS:
            return f"{value!r} is not one of {', '.join(self.words)}"
        return Text(NAME_CHARS).problem(value)

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind({one: one for one in self.words})}[{v}]"

    def describe(self) -> str:
        return ", ".join(f"`{one}`" for one in self.words)


@dataclass(eq=False, repr=False)
class Numbered(Kind):
    """One of some words, written as its place among them."""

    words: tuple[str, ...]

    def test(self, v: str, space: Space) -> str:
        return Whole(0, len(self.words) - 1).test(v, space)

    def problem(self, value: object) -> str:
        return Whole(0, len(self.words) - 1).problem(value)

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(self.words)}[{v}]"

    def write(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind({one: place for place, one in enumerate(self.words)})}[{v}]"

    def describe(self) -> str:
        return ", ".join(f"{place}: `{one}`" for place, one in enumerate(self.words))


@dataclass(eq=False, repr=False)
class TextOrWhole(Kind):
    """A text or a whole number."""

    text: Text
    whole: Whole

    def test(self, v: str, space: Space) -> str:
        return f"({self.text.test(v, space)} or {self.whole.test(v, space)})"

    def problem(self, value: object) -> str:
        return (self.whole if isinstance(value, int) else self.text).problem(value)

    def describe(self) -> str:
        return f"{self.text.describe()}; or {self.whole.describe()}"


@dataclass(eq=False, repr=False)
class Anything(Kind):
    """Any value."""

    def test(self, v: str, space: Space) -> str:
        return f"{v} is not {space.bind(MISSING)}"

    def problem(self, value: object) -> str:
        raise BugError(f"{value!r} is not anything")

    def describe(self) -> str:
        return "any value"


ANYTHING: Final = Anything()


# --- what is made of other kinds ----------------------------------------------------------------


@dataclass(eq=False, repr=False)
class Maybe(Kind):
    """Nil or something."""

    of: Kind

    def test(self, v: str, space: Space) -> str:
        return f"({v} is None or {self.of.test(v, space)})"

    def problem(self, value: object) -> str:
        return self.of.problem(value)

    def convert(self, v: str, space: Space, context: str) -> str:
        return _unless_nil(v, self.of.convert(v, space, context))

    def write(self, v: str, space: Space, context: str) -> str:
        return _unless_nil(v, self.of.write(v, space, context))

    def describe(self) -> str:
        return f"{self.of.describe()}; or nil"


def _unless_nil(v: str, expression: str) -> str:
    return v if expression == v else f"(None if {v} is None else {expression})"


@dataclass(eq=False, repr=False)
class Many(Kind):
    """A list, of so many items at most; a tuple here."""

    most: int
    of: Kind = ANYTHING

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        return Many(self.most, kind_of(get_args(hint)[0]))

    def test(self, v: str, space: Space) -> str:
        each = space.bind_late(self._make_each)
        return f"{IS_LIST.format(v=v)} and len({v}) <= {self.most} and (not {v} or {each}({v}))"

    def _make_each(self) -> Callable[..., Any]:
        """Return what says whether each item passes the test of its kind."""
        space = Space()
        source = f"""
def each(items):
    for item in items:
        if not ({self.of.test("item", space)}):
            return False
    return True
"""
        return space.define("each", source)

    def problem(self, value: object) -> str:
        if not isinstance(value, list | tuple):
            return expected("a list", value)
        if len(value) > self.most:
            return f"{len(value)} items, at most {self.most}"
        takes = acceptor(self.of)
        place, item = next((at, one) for at, one in enumerate(value, 1) if not takes(one))
        return f"item {place}: {self.of.problem(item)}"

    def convert(self, v: str, space: Space, context: str) -> str:
        item = self.of.convert("item", space, context)
        return f"tuple({v})" if item == "item" else f"tuple([{item} for item in {v}])"

    def write(self, v: str, space: Space, context: str) -> str:
        item = self.of.write("item", space, context)
        return v if item == "item" else f"[{item} for item in {v}]"

    def describe(self) -> str:
        bound = f" of up to {show_number(self.most)}" if self.most < _NO_BOUND else ""
        return f"list{bound}: {self.of.describe()}"


@dataclass(eq=False, repr=False)
class Keyed(Many):
    """A mapping as the list of its values, by key, which each of them has as an attribute."""

    key: str = "id"

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        return Keyed(self.most, kind_of(get_args(hint)[1]), self.key)

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{{item.{self.key}: item for item in {Many.convert(self, v, space, context)}}}"

    def write(self, v: str, space: Space, context: str) -> str:
        return Many.write(self, f"[{v}[key] for key in sorted({v})]", space, context)

    def describe(self) -> str:
        return f"{Many.describe(self)}, by its {self.key}"


# --- what functions read ------------------------------------------------------------------------


@dataclass(eq=False, repr=False)
class Converted(Kind):
    """What a function of its own reads, once it is of a kind, and another one writes.

    Both get the value and the context.
    """

    read: Callable[[Any, Any], object]
    written: Callable[[Any, Any], Value]
    what: str
    kind: Kind = ANYTHING

    def test(self, v: str, space: Space) -> str:
        return self.kind.test(v, space)

    def problem(self, value: object) -> str:
        return self.kind.problem(value)

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(self.read)}({v}, {context})"

    def write(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(self.written)}({v}, {context})"

    def describe(self) -> str:
        return self.what


@dataclass(eq=False, repr=False)
class Handed(Kind):
    """An object whose reader is handed in: it is what the reader of the whole was given.

    It gets the value; of a field that is read in the light of another one, that one before it.
    """

    what: str
    kind: Kind = ANYTHING

    def test(self, v: str, space: Space) -> str:
        return self.kind.test(v, space)

    def problem(self, value: object) -> str:
        return self.kind.problem(value)

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"context({v})" if context == "context" else f"context({context}, {v})"

    def write(self, v: str, space: Space, context: str) -> str:
        return f"{v}.to_wire()"

    def describe(self) -> str:
        return self.what


@dataclass(eq=False, repr=False)
class Opened(Blob):
    """Bytes, so many at most, that are opened with the reader's context.

    All bytes of a list have been looked at before the first of them is opened: that may take long.
    """

    open: Callable[[Any, bytes], object]
    what: str
    wire: str = "wire"  # where the object has its bytes

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(self.open)}({context}, {v})"

    def write(self, v: str, space: Space, context: str) -> str:
        return f"{v}.{self.wire}"

    def describe(self) -> str:
        return f"{self.what}, as bytes"
