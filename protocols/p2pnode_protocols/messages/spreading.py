"""Blocks, ops and texts: sent unasked, or asked for; and that somebody waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..agreement.envelope import AnyOp
from ..wire.ids import OpId
from ..wire.kinds import Many, Whole
from ..wire.limits import HURRIED_OPS, PULL_BYTES, WANT_HASHES
from ..wire.shapes import Hash, Shaped, shaped
from .fields import LIST, OP, Blocks, EpochNumber, Frontier, Place, Texts


@shaped("push", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Push(Shaped):
    """Blocks, ops and texts that the sender believes the receiver lacks, parents first."""

    blocks: Blocks = ()
    ops: Annotated[tuple[Annotated[AnyOp, OP], ...], Many(LIST)] = ()
    texts: Texts = ()

    KIND: ClassVar[int] = 3


@shaped("pull", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Pull(Shaped):
    """Ask for the blocks of one epoch beyond a frontier; one in flight per peer.

    `after`: of those, only what comes after this place (R7.18).
    """

    epoch_number: EpochNumber
    frontier: Frontier
    most_bytes: Annotated[int, Whole(1, PULL_BYTES)]
    after: Place | None = None

    KIND: ClassVar[int] = 4


@shaped("pulled", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Pulled(Shaped):
    """Answer to a pull: blocks by round and then id, with the texts of their ops.

    `more` says that the answer was cut: there are blocks after the last one. `after` is that of
    the pull.
    """

    epoch_number: EpochNumber
    blocks: Blocks
    texts: Texts
    more: bool
    after: Place | None = None

    KIND: ClassVar[int] = 5


@shaped("want", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Want(Shaped):
    """Ask for blocks or texts by hash: missing parents, missing texts."""

    hashes: Annotated[tuple[Hash, ...], Many(WANT_HASHES)]

    KIND: ClassVar[int] = 6


@shaped("hurry", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Hurry(Shaped):
    """Ask to make these ops final at once: their author waits, and makes no blocks (R5.8)."""

    ops: Annotated[tuple[OpId, ...], Many(HURRIED_OPS)]

    KIND: ClassVar[int] = 19
