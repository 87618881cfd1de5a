"""Opening what messages and files carry: blocks, ops, receipts and rebuilds of one community."""

from __future__ import annotations

import hashlib

from ..agreement.blocks import Block, open_block
from ..agreement.rebuild import Rebuild, open_rebuild
from ..agreement.receipts import Receipt, open_receipt
from ..wire import crypto
from ..wire.ids import CommunityId, DeviceKey
from .ops import Op, open_op

OPS_REMEMBERED = 1024  # between the op and its block: what a busy second brings, 24 MiB at most


class Opener:
    """Decode and verify blocks and ops of one community, remembering what was verified.

    In a full mesh an op arrives once by itself and again inside a block, and a signature
    costs more than all the rest. The memory is bounded: so many hashes, and of ops, which
    need not be decoded again either, fewer.
    """

    def __init__(
        self,
        community: CommunityId,
        verify: crypto.Verify = crypto.verify_ed25519,
        remember: int = 8192,
    ) -> None:
        self._community = community
        self._verify = verify
        self._remember = remember
        self._seen: dict[bytes, None] = {}
        self._ops: dict[bytes, Op] = {}  # verified, by their wire
        self._base: Opener | None = None  # what else is known, and is not changed here

    def aside(self) -> Opener:
        """Return an opener that knows what this one does, and remembers for itself.

        It may work in another thread meanwhile: of this one it only looks things up.
        """
        opener = Opener(self._community, self._verify, self._remember)
        opener._base = self
        return opener

    def take_over(self, aside: Opener) -> None:
        """Remember what an opener has verified that had been put aside and works no more."""
        for key in aside._seen:
            self._note(key)
        for wire, op in aside._ops.items():
            self._note_op(wire, op)

    def _note(self, key: bytes) -> None:
        self._seen[key] = None
        if len(self._seen) > self._remember:
            del self._seen[next(iter(self._seen))]  # oldest first: dicts keep insertion order

    def _note_op(self, wire: bytes, op: Op) -> None:
        self._ops[wire] = op
        if len(self._ops) > min(self._remember, OPS_REMEMBERED):
            del self._ops[next(iter(self._ops))]

    def _check(self, device: DeviceKey, message: bytes, signature: bytes) -> bool:
        key = hashlib.sha256(device + signature + message).digest()  # the first two: fixed length
        if key in self._seen or (self._base is not None and key in self._base._seen):
            return True
        if not self._verify(device, message, signature):
            return False
        self._note(key)
        return True

    def block(self, wire: bytes) -> Block:
        return open_block(self._community, wire, self._check, self.op)

    def op(self, wire: bytes) -> Op:
        op = self._ops.get(wire)
        if op is None and self._base is not None:
            op = self._base._ops.get(wire)
        if op is None:
            op = open_op(self._community, wire, self._check)
            self._note_op(wire, op)
        return op

    def receipt(self, wire: bytes) -> Receipt:
        return open_receipt(self._community, wire, self._check)

    def rebuild(self, wire: bytes) -> Rebuild:
        return open_rebuild(self._community, wire, self._check)
