"""Every shape of a signed or stored object, and what each takes, made out of the shapes alone.

    PYTHONPATH=tests python3 dev.py python -m support.shapes

prints docs/reference/objects.md; `tests/unit/test_shapes_reference.py` holds the page to it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import p2pnode.community.links
import p2pnode.store.records
from p2pnode_protocols.agreement import blocks, chain, committee, envelope, log, rebuild, receipts
from p2pnode_protocols.messages import greeting, leaps, proofs, spreading, standing
from p2pnode_protocols.record import actions, bodies, snapshot, texts
from p2pnode_protocols.record.certificates import certificate, links
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.questions import proposal, register, tally
from p2pnode_protocols.record.seam import practice, slices
from p2pnode_protocols.record.seats import charter, roster, terms
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.turn import nonces, parking
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.ids import BlockId, CommunityId, EpochId, Round, WallMs
from p2pnode_protocols.wire.kinds import (
    Blob,
    Converted,
    Exact,
    Flag,
    Handed,
    Kind,
    Many,
    Maybe,
    Numbered,
    Opened,
    Text,
    TextOrWhole,
    Whole,
    Word,
)
from p2pnode_protocols.wire.reserved import Reserved
from p2pnode_protocols.wire.shapes import Field, Of, Packed, Shape, shape_of
from p2pnode_protocols.wire.tagged import Tagged

from .cores.dag import FakeSigner
from .cores.town import found, key_of

# In the order in which a reader meets them.
GROUPS: dict[str, tuple[ModuleType, ...]] = {
    "Charter": (charter, terms),
    "Ops, their bodies and actions": (texts, actions, bodies, envelope),
    "Blocks": (blocks,),
    "Messages": (standing, greeting, spreading, proofs, leaps),
    "The log and its proofs": (log, receipts, committee, chain, links, rebuild, certificate),
    "Snapshots and records": (
        snapshot,
        roster,
        nonces,
        parking,
        slices,
        practice,
        register,
        proposal,
        tally,
    ),
    "Texts that people pass on, and rows": (p2pnode.community.links, p2pnode.store.records),
}
TOWN = CommunityId(b"t" * 32)
_ITEMS = 2  # in a list of an example that has any


def shapes_in(module: ModuleType) -> list[Shape[Any]]:
    """Return the shapes of the classes that a module defines, in order."""
    return [
        shape_of(one)
        for one in vars(module).values()
        if isinstance(one, type) and "SHAPE" in vars(one) and one.__module__ == module.__name__
    ]


def all_shapes() -> list[Shape[Any]]:
    return [shape for group in GROUPS.values() for module in group for shape in shapes_in(module)]


# --- examples ---------------------------------------------------------------------------------


def accept(_device: bytes, _message: bytes, _signature: bytes) -> bool:
    return True


@functools.cache
def context_of(shape: Shape[Any]) -> Any:
    """Return what a shape is read with."""
    if shape.form.__module__ in {one.__name__ for one in GROUPS["Messages"]}:
        return Opener(TOWN, accept)
    if shape.form is envelope.Envelope:
        return bodies.read_body
    if shape.form is chain.EpochLink:
        return charter.Charter.read
    if shape.form in (nonces.SavedNonces, parking.SavedParking):
        return State.genesis(found(1), accept).roster
    if shape.form is proposal.Revision:
        return (b"\1" * 32, b"\2" * 32)
    return accept


def unsaid_of(shape: Shape[Any]) -> dict[str, bytes]:
    """Return the fields of an object that are not on the wire, and that its reader is given."""
    names = {envelope.Envelope: ("id", "wire"), blocks.Header: ("id", "header", "signature")}
    return dict.fromkeys(names.get(shape.form, ()), b"")


def example(shape: Shape[Any], size: int) -> list[Any]:
    """Return an object as on the wire: of size 0 as small as its fields can be, of 1 as large.

    But for lists: these have two items at most. What has to make sense as a whole is genuine.
    """
    if shape.form is charter.Charter:
        return found(1 + size).to_wire()
    if shape.form is committee.Outer:
        return found(1 + size).outer.to_wire()
    if shape.form is bodies.Supports:  # what has to be in plain letters
        return [[[name, 1 + size] for name in ("core", "garden")[: 1 + size]]]
    if shape.form is bodies.Note:
        return [("a", "org.example-1.minutes")[size], bytes(size)]
    lead: list[Any] = [] if shape.tag is None else [shape.tag]
    if shape.form is proposal.Ballot:
        lead = [0]
    if shape.form is envelope.Envelope:
        body = (bodies.Away, bodies.Propose)[size]
        *others, _kind, _body = shape.fields
        return [*(_field(one, size) for one in others), body.KIND, example(shape_of(body), size)]
    return lead + [_field(one, size) for one in shape.fields]


def _field(field: Field, size: int) -> Any:
    for count in (0 if size == 0 else _ITEMS, 1):
        value = value_of(field.kind, size, 1, count)
        if not isinstance(field.kind, Many) or all(one.holds(value) for one in field.checks):
            return value
    raise AssertionError(f"no example of {field.name}")


def value_of(kind: Kind, size: int, which: int = 1, count: int | None = None) -> Any:
    """Return a value of a kind. Those that are `which` of a list ascend."""
    count = count if count is not None else size * _ITEMS
    match kind:
        case Maybe(inner):
            return None if size == 0 else value_of(inner, size, which)
        case Many(of=inner):
            return [value_of(inner, size, at) for at in range(1, count + 1)]
        case TextOrWhole(text, whole):
            return value_of(text if size else whole, size, which)
        case Of(shape):
            return _row(shape, size, which) if shape.is_row else example(shape, size)
        case Packed(of=type() as form):
            return encode(example(shape_of(form), size))
        case Opened(what=what):
            return _wire_of(what)
        case Converted(what="outer"):
            return example(committee.Outer.SHAPE, size)
        case Handed(what="charter"):
            return example(charter.Charter.SHAPE, size)
        case practice._FactKind():
            return bytes([which]) * 32 if size else 0
        case Tagged():
            return example(list(kind.shapes.values())[0 if size == 0 else -1], size)
        case _:
            return (_small if size == 0 else _large)(kind, which)


def _small(kind: Kind, which: int) -> Any:
    match kind:
        case Whole(low, high):
            return min(low + which - 1, high)
        case Text():
            return ""
        case Exact(length):
            return bytes([which]) * length
        case Blob():
            return b""
        case Word(words):
            return words[0]
        case Reserved(value):
            return [] if value == () else value
        case Flag() | Numbered():
            return False if isinstance(kind, Flag) else 0
        case _:
            return [] if isinstance(kind, Converted) else None


def _large(kind: Kind, which: int) -> Any:
    match kind:
        case Whole(_, high):
            return high - _ITEMS + which
        case Text(chars):
            return f"/p2p/{which}".ljust(chars, "é")[:chars]
        case Exact(length):
            return bytes([which]) * length
        case Blob(most):
            return bytes([which]) * min(most, 40)
        case Word(words):
            return words[-1]
        case Reserved(value):
            return [] if value == () else value
        case Flag() | Numbered():
            return True if isinstance(kind, Flag) else len(kind.words) - 1
        case _:
            return [] if isinstance(kind, Converted) else [1, 2]  # else a new value in a charter


def _row(shape: Shape[Any], size: int, which: int) -> list[Any]:
    return [value_of(one.kind, size, which) for one in shape.fields]


@functools.cache
def _wire_of(what: str) -> bytes:
    signer, author = FakeSigner(key_of("ana")), found(1).members[0].id
    statement = receipts.Statement(EpochId(b"e" * 32), 1, b"r" * 32, None)
    match what:
        case "op":
            return sign_op(TOWN, author, signer, 1, WallMs(1), bodies.Away()).wire
        case "receipt":
            return receipts.sign_receipt(TOWN, signer, statement).wire
        case "rebuild":
            return encode(example(shape_of(rebuild.Rebuild), 1))
        case _:
            return blocks.sign_block(
                TOWN,
                signer,
                epoch=statement.epoch,
                author=author,
                sequence=1,
                round_=Round(1),
                time_ms=WallMs(1),
                parents=(BlockId(b"e" * 32),),
                ops=(),
                final_index=0,
                final_root=bytes(32),
            ).wire


def examples() -> Iterator[tuple[Shape[Any], list[Any]]]:
    """Yield two examples of each shape, the smallest and the largest."""
    for shape in all_shapes():
        for size in (0, 1):
            yield shape, example(shape, size)


def read(shape: Shape[Any], value: Value) -> Any:
    return shape.read(value, context_of(shape), **unsaid_of(shape))


# --- the page ---------------------------------------------------------------------------------


def reference() -> str:
    """Return the tables of docs/reference/objects.md."""
    parts = []
    for title, modules in GROUPS.items():
        lines = [f"## {title}", "", "| object | field | what it is |", "| --- | --- | --- |"]
        for shape in (one for module in modules for one in shapes_in(module)):
            name = f"**{shape.what}**" + ("" if shape.tag is None else f" `{shape.tag}`")
            rows = [(one.name, one.describe()) for one in shape.fields] or [("–", "")]
            for at, (field, kind) in enumerate(rows):
                lines.append(f"| {'' if at else name} | {field} | {kind} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(reference(), end="")
