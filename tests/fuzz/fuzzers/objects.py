"""What is signed, stored or proven: ops, blocks, charters, snapshots, records."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from functools import partial
from typing import Any

from practices.kit import kit_of
from support import shapes
from support.cores.dag import FakeSigner, fake_verify
from support.cores.town import Town, found, reread

from p2pnode_protocols.agreement.blocks import Block, is_fork, open_header, sign_block
from p2pnode_protocols.agreement.receipts import open_receipt, sign_receipt
from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.record.actions import read_action
from p2pnode_protocols.record.certificates.faults import CertificateFault
from p2pnode_protocols.record.opaque import OpaqueBody
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import Op, open_op, sign_op
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.seam.practice import Verb
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.state import State
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Fields, decode, encode
from p2pnode_protocols.wire.errors import ProtocolError
from p2pnode_protocols.wire.ids import WallMs
from p2pnode_protocols.wire.limits import OP_BYTES

from . import genuine, values
from .parts import Part, mutate_part, seeds_of, try_part

_SNAPSHOT_BYTES = 1 << 20


def _read_op(data: bytes) -> None:
    _check_op(open_op(genuine.community(), data, genuine.accept))


def _check_op(op: Op) -> None:
    """What was read says the same when it is signed anew: no field is lost or bent."""
    signer = FakeSigner(op.device)
    again = sign_op(genuine.community(), op.author, signer, op.nonce, op.created_ms, op.body)
    assert again.id == op.id
    content = Fields(decode(op.wire, OP_BYTES), "op").blob(OP_BYTES)
    assert Fields(decode(again.wire, OP_BYTES), "op").blob(OP_BYTES) == content


def _read_block(data: bytes) -> None:
    block = Opener(genuine.community(), genuine.accept).block(data)
    assert block.wire == data
    for op in block.ops:
        _check_op(op)
    assert _resigned(block).id == block.id


def _resigned(block: Block) -> Block:
    # Every field but these is an argument of `sign_block`, under its own name.
    fields: dict[str, Any] = {
        one.name: getattr(block, one.name)
        for one in dataclasses.fields(Block)
        if one.name not in ("id", "device", "wire", "round", "header", "signature", "ops_hash")
    }
    signer = FakeSigner(block.device)
    return sign_block(genuine.community(), signer, round_=block.round, **fields)


def _read_charter(data: bytes) -> None:
    charter = Charter.from_bytes(data)
    assert charter.to_bytes() == data
    assert charter.committee


def _amend(data: bytes) -> None:
    """Any pairs of text and value are a valid charter's change, or refused as a whole."""
    fields = Fields(decode(data, OP_BYTES), "changes")
    changes = []
    for item in fields.items(32):
        pair = Fields(item, "change")
        changes.append((pair.text(200), pair.any()))
        pair.end()
    charter = genuine.charter().amended(changes)
    assert Charter.from_bytes(charter.to_bytes()) == charter


def _read_action(data: bytes) -> None:
    action = read_action(decode(data, OP_BYTES))
    assert encode(action.to_wire()) == data


def _read_snapshot(data: bytes) -> None:
    state = State.read(decode(data, _SNAPSHOT_BYTES), genuine.closed(), genuine.accept)
    assert state.to_bytes() == data, "a snapshot was not what it was read as"
    state.commit(genuine.ops(), WallMs(state.time_ms + 1), bytes(32))
    state.to_bytes()


def _read_record(data: bytes) -> None:
    assert Proposal.from_bytes(data).to_bytes() == data, "a record was not what it was read as"


def _read_receipt(data: bytes) -> None:
    receipt = open_receipt(genuine.community(), data, genuine.accept)
    assert receipt.wire == data
    again = sign_receipt(genuine.community(), FakeSigner(receipt.device), receipt.statement)
    assert open_receipt(genuine.community(), again.wire, fake_verify).statement == receipt.statement


def _read_header(data: bytes) -> None:
    header = open_header(genuine.community(), data, b"", genuine.accept)
    assert header.id == crypto.digest(crypto.TAG_BLOCK, genuine.community(), data)
    assert not is_fork(header, header)


def _charters() -> list[bytes]:
    return [genuine.charter().to_bytes()]


def _actions() -> list[bytes]:
    return [
        encode(one.body.action.to_wire()) for one in genuine.ops() if hasattr(one.body, "action")
    ]


def _changes() -> list[bytes]:
    charter = genuine.charter()
    return [
        encode([["name", "other"], ["fault_model", "crash"], ["timing.delta_ms", 50]]),
        encode([["tiers.tactical.threshold", [2, 3]], ["rules.membership_tier", "tactical"]]),
        encode([[f"tiers.individual.{name}", value] for name, value in _tier_fields(charter)]),
    ]


def _tier_fields(charter: Charter) -> list[tuple[str, Any]]:
    tier = charter.tier("individual")
    return list(zip(type(tier).__slots__[1:], tier.to_wire()[1:], strict=True))


def _records() -> list[bytes]:
    last = genuine.snapshots()[-1]
    state = State.read(decode(last, len(last)), genuine.closed(), genuine.accept)
    opened = [one.to_bytes() for one in state.open_proposals]
    return [*opened, *(one.record for one in genuine.closed())]


def _read_any_shape(data: bytes) -> None:
    """A number says which shape the value after it has; what is read says the same again."""
    fields = Fields(decode(data, _SNAPSHOT_BYTES), "any shape")
    number, value = fields.integer(0, 255), fields.any()
    fields.end()
    shape = shapes.all_shapes()[number % len(shapes.all_shapes())]
    one = shapes.read(shape, value)
    again = shape.write(one, shapes.context_of(shape))
    shape.read([*_lead(shape, value), *again], shapes.context_of(shape), **shapes.unsaid_of(shape))


def _lead(shape: shapes.Shape[Any], value: Any) -> list[Any]:
    """Return what stands before the fields and the object does not know."""
    return [] if shape.tag is not None else list(value[: len(value) - len(shape.fields)])


def _shapes() -> list[bytes]:
    numbers = {id(one): at for at, one in enumerate(shapes.all_shapes())}
    return [encode([numbers[id(shape)], wire]) for shape, wire in shapes.examples()]


def _verbs() -> list[Verb[Any, Any]]:
    return [verb for one in PRACTICES for verb in (*one.verbs, *one.deeds)]


def _read_practice(data: bytes) -> None:
    """A number says of which kind the body after it is; what is read says the same again."""
    fields = Fields(decode(data, OP_BYTES), "op of a practice")
    number, value = fields.integer(0, 255), fields.any()
    fields.end()
    verb = _verbs()[number % len(_verbs())]
    body = verb.read(OpaqueBody.of(verb.kind, value))
    assert encode(body.to_wire()) == encode(value)
    town = Town(found(3, PRACTICES.versions), PRACTICES)
    town.commit(town.say("alice", OpaqueBody.of(verb.kind, value)))
    assert reread(town.state, PRACTICES).to_bytes() == town.state.to_bytes()


def _practices() -> list[bytes]:
    numbers = {verb.kind: number for number, verb in enumerate(_verbs())}
    examples = [kit_of(name).examples for name in sorted({one.name for one in PRACTICES})]
    return [
        encode([numbers[kind], body.to_wire()])
        for kinds in examples
        for kind, bodies in kinds.items()
        for body in bodies
    ]


# Only ever added to at the end: the first byte of an input is a place in this list.
PARTS = (
    Part("op", _read_op, lambda: [one.wire for one in genuine.ops()]),
    Part("block", _read_block, lambda: [one.wire for one in genuine.blocks()]),
    Part("charter", _read_charter, _charters),
    Part("amendment", _amend, _changes),
    Part("action", _read_action, _actions),
    Part("snapshot", _read_snapshot, genuine.snapshots),
    Part("record", _read_record, _records),
    Part("receipt", _read_receipt, lambda: [one.wire for one in genuine.receipts()]),
    Part("header", _read_header, lambda: [one.header for one in genuine.blocks()]),
    Part("any shape", _read_any_shape, _shapes, refusals=(ProtocolError, CertificateFault)),
    Part("op of a practice", _read_practice, _practices),
)


def check(data: bytes) -> None:
    try_part(PARTS, data)


def seeds() -> Iterator[bytes]:
    return seeds_of(PARTS)


def mutate(data: bytes, source: random.Random) -> bytes:
    return mutate_part(PARTS, data, source, partial(values.edit, mend=genuine.mend))
