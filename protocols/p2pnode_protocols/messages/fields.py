"""What the fields of messages can be; what is signed in them is opened by who knows its kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Annotated, Any, Protocol

from ..agreement.blocks import Block
from ..agreement.envelope import AnyOp
from ..agreement.rebuild import Rebuild
from ..agreement.receipts import Receipt
from ..wire import crypto
from ..wire.errors import CODES
from ..wire.ids import MAX_ROUND, BlockId, MemberId, Round
from ..wire.kinds import Blob, Kind, Many, Opened, Space, Text, Whole
from ..wire.limits import (
    ADDRESS_CHARS,
    ADDRESSES,
    BLOCK_BYTES,
    MEMBERS,
    OP_BYTES,
    PULL_BYTES,
    REBUILD_BYTES,
    RECALLED_BYTES,
    RECEIPT_BYTES,
    SNAPSHOT_BYTES,
    TEXT_BYTES,
)
from ..wire.plain import make_plain
from ..wire.shapes import BY_KEY, Check, Row

EPOCHS = 1 << 40
LIST = 4096  # blocks, ops or texts in one message; the frame's size binds first


class Plain(Text):
    """A text, of which only what can be shown is kept (R7.25)."""

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(make_plain)}({v}, {self.chars})"

    def write(self, v: str, space: Space, context: str) -> str:
        return self.convert(v, space, context)


class Heard(Plain):
    """A text of which what this node says is plain already."""

    def write(self, v: str, space: Space, context: str) -> str:
        return v


class Code(Text):
    """A refusal code; one that this version does not know is read as one it knows."""

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"({v} if {v} in {space.bind(CODES)} else 'bad_field')"


class AddressList(Many):
    """Addresses; those that nobody could read are none. Who passes one on need not know (R7.25)."""

    def for_type(self, hint: Any, kind_of: Callable[[Any], Kind]) -> Kind:
        return self

    def convert(self, v: str, space: Space, context: str) -> str:
        return f"{space.bind(_readable)}({v})"


def _readable(addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple([one for one in addresses if one.isprintable()])


def _are_runs(runs: Sequence[tuple[int, int]]) -> bool:
    return all(first <= last for first, last in runs) and all(
        one[1] < two[0] for one, two in pairwise(runs)
    )


RUNS = Check(_are_runs, "ascending and apart")


class Opener(Protocol):
    """What opens blocks, ops, receipts and rebuilds: it knows the community and the kinds of op."""

    def block(self, wire: bytes) -> Block: ...
    def op(self, wire: bytes) -> AnyOp: ...
    def receipt(self, wire: bytes) -> Receipt: ...
    def rebuild(self, wire: bytes) -> Rebuild: ...


BLOCK = Opened(BLOCK_BYTES, lambda opener, wire: opener.block(wire), "block")
OP = Opened(OP_BYTES, lambda opener, wire: opener.op(wire), "op")
RECEIPT = Opened(RECEIPT_BYTES, lambda opener, wire: opener.receipt(wire), "receipt")
REBUILD = Opened(REBUILD_BYTES, lambda opener, wire: opener.rebuild(wire), "rebuild", "to_bytes()")
EpochNumber = Annotated[int, Whole(0, EPOCHS)]

# Of a block in what answers pulls: by round, then by id.
Place = Annotated[tuple[Annotated[Round, Whole(1, MAX_ROUND)], BlockId], Row("place of a block")]

Frontier = Annotated[
    tuple[Annotated[tuple[MemberId, Annotated[Round, Whole(0, MAX_ROUND)]], Row("pair")], ...],
    Many(MEMBERS),
    BY_KEY,
]
Texts = Annotated[tuple[Annotated[bytes, Blob(TEXT_BYTES + crypto.SALT_BYTES)], ...], Many(LIST)]
Addresses = Annotated[tuple[str, ...], AddressList(ADDRESSES, Text(ADDRESS_CHARS))]
Blocks = Annotated[tuple[Annotated[Block, BLOCK], ...], Many(LIST)]
Part = Annotated[bytes, Blob(PULL_BYTES)]  # of an answer
LeapByte = Annotated[int, Whole(0, SNAPSHOT_BYTES)]
RecallByte = Annotated[int, Whole(0, RECALLED_BYTES)]
