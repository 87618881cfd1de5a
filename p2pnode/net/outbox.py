"""What waits to be written to one peer: bounded, and taken out a frame at a time."""

from __future__ import annotations

from collections import deque

from p2pnode_protocols.limits import KIB, RECEIPT_BYTES
from p2pnode_protocols.messages import (
    Genesis,
    Hello,
    Leapt,
    Links,
    Message,
    Pull,
    Pulled,
    Push,
    Receipts,
    Status,
    Want,
)

_SMALL_BYTES = 1024  # a message without what is counted below, generously
_KEY_BYTES = 34
_PAIR_BYTES = 48  # a key and a number
BATCH_BYTES = 1024 * KIB  # one frame takes about this much; a quarter of what a frame may hold


def compute_weight(message: Message) -> int:
    """Return about how many bytes a message takes on the wire, without encoding it."""
    match message:
        case Push():
            return (
                _SMALL_BYTES
                + sum(len(one.wire) for one in message.blocks)
                + sum(len(one.wire) for one in message.ops)
                + sum(map(len, message.texts))
            )
        case Pulled():
            return (
                _SMALL_BYTES
                + sum(len(one.wire) for one in message.blocks)
                + sum(map(len, message.texts))
            )
        case Genesis():
            return _SMALL_BYTES + len(message.charter)
        case Want():
            return _SMALL_BYTES + _KEY_BYTES * len(message.hashes)
        case Leapt():
            return _SMALL_BYTES + len(message.data)
        case Receipts():
            return _SMALL_BYTES + RECEIPT_BYTES * len(message.receipts)
        case Links():
            return _SMALL_BYTES + _KEY_BYTES * len(message.devices)
        case Pull():
            return _SMALL_BYTES + _PAIR_BYTES * len(message.frontier)
        case Status():
            pairs = len(message.frontier) + len(message.nonces) + len(message.unproven)
            return _SMALL_BYTES + _PAIR_BYTES * pairs
        case Hello():
            inner = 0 if message.status is None else compute_weight(message.status)
            return _SMALL_BYTES + inner + sum(map(len, message.addresses))
        case _:
            return _SMALL_BYTES


class Outbox:
    """Queue of one session. Full: `push` refuses, and the caller drops the peer.

    A writer blocked on a peer that does not read holds up nobody else: each peer has its
    own queue and its own writer.
    """

    def __init__(self, most_messages: int, most_bytes: int) -> None:
        self._most_messages = most_messages
        self._most_bytes = most_bytes
        self._waiting: deque[tuple[Message, int]] = deque()
        self._bytes = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, message: Message) -> bool:
        """Queue a message; return False when it does not fit or the session is over."""
        weight = compute_weight(message)
        if (
            self._closed
            or len(self._waiting) >= self._most_messages
            or self._bytes + weight > self._most_bytes
        ):
            return False
        self._waiting.append((message, weight))
        self._bytes += weight
        return True

    @property
    def is_closed(self) -> bool:
        return self._closed

    def take(self) -> list[Message]:
        """Return as many messages as one frame carries, none when none wait."""
        batch: list[Message] = []
        taken = 0
        while self._waiting and (not batch or taken + self._waiting[0][1] <= BATCH_BYTES):
            message, weight = self._waiting.popleft()
            batch.append(message)
            taken += weight
        self._bytes -= taken
        return batch

    def close(self) -> None:
        """Refuse what comes from here on; `take` hands out what is left, then nothing."""
        self._closed = True
