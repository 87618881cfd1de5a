"""A message that is sent out of a store, where its objects are known by their bytes only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..wire.codec import Value
from .proofs import Receipts
from .spreading import Pull, Pulled, Push


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message to be sent of which the objects are known by their bytes only.

    Who answers out of a store has verified them once, and need not decode them for that.
    """

    fields: tuple[Value, ...]  # with the number before them

    def to_wire(self) -> Sequence[Value]:
        return self.fields


def encode_pulled(
    pull: Pull, blocks: Sequence[bytes], texts: Sequence[bytes], *, more: bool
) -> Encoded:
    """Return a `Pulled` out of the wires of its blocks."""
    return Encoded((Pulled.KIND, pull.epoch_number, blocks, texts, more, pull.after))


def encode_push(blocks: Sequence[bytes], texts: Sequence[bytes]) -> Encoded:
    """Return a `Push` without ops out of the wires of its blocks."""
    return Encoded((Push.KIND, blocks, (), texts))


def encode_receipts(receipts: Sequence[bytes], after: int) -> Encoded:
    """Return the `Receipts` that answer a `Prove`, out of their wires."""
    return Encoded((Receipts.KIND, receipts, after))
