"""What waits to be written to one peer: bounded, and taken out a frame at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from p2pnode_protocols.gossip.memory import (
    KEY_BYTES,
    MESSAGE_BYTES,
    PAIR_BYTES,
    compute_memory,
    memory_of_block,
    memory_of_op,
)
from p2pnode_protocols.messages.frames import Message, Sendable
from p2pnode_protocols.messages.greeting import Genesis, Hello, Refused
from p2pnode_protocols.messages.leaps import Leapt, Recalled
from p2pnode_protocols.messages.proofs import Rebuilt, Receipts
from p2pnode_protocols.messages.spreading import Hurry, Pull, Pulled, Push, Want
from p2pnode_protocols.messages.standing import Contacts, Links, Status
from p2pnode_protocols.wire.limits import KIB, RECEIPT_BYTES

from .seats.allowance import Allowance

BATCH_BYTES = 1024 * KIB  # one frame takes about this much; a quarter of what a frame may hold

# Requests of one peer that wait to be answered; of more, the oldest are forgotten: it asks again.
# An honest peer has one pull, one leap or recall and one request for receipts in flight, and sends
# one want in a while.
# "written" is no request: the core asks to be told that all before it is written (R7.23).
WAITING = {"pull": 1, "leap": 1, "recall": 1, "receipts": 1, "want": 16, "written": 1}

Answer = Callable[[], Sendable | None]  # made when it can be written, not before


def compute_weight(message: Message) -> int:
    """Return about how many bytes a message takes on the wire, without encoding it."""
    match message:
        case Push():
            return (
                MESSAGE_BYTES
                + sum(len(one.wire) for one in message.blocks)
                + sum(len(one.wire) for one in message.ops)
                + sum(map(len, message.texts))
            )
        case Pulled():
            return (
                MESSAGE_BYTES
                + sum(len(one.wire) for one in message.blocks)
                + sum(map(len, message.texts))
            )
        case Genesis():
            return MESSAGE_BYTES + len(message.charter)
        case Want():
            return MESSAGE_BYTES + KEY_BYTES * len(message.hashes)
        case Leapt() | Recalled():
            return MESSAGE_BYTES + len(message.data)
        case Receipts():
            return MESSAGE_BYTES + RECEIPT_BYTES * len(message.receipts)
        case Links():
            return MESSAGE_BYTES + KEY_BYTES * len(message.devices)
        case Pull():
            return MESSAGE_BYTES + PAIR_BYTES * len(message.frontier)
        case Status():
            pairs = len(message.frontier) + len(message.nonces) + len(message.unproven)
            return MESSAGE_BYTES + PAIR_BYTES * pairs
        case Hello():
            inner = 0 if message.status is None else compute_weight(message.status)
            return MESSAGE_BYTES + inner + _weigh_addresses(message.addresses)
        case _:
            return MESSAGE_BYTES + _weigh_rare(message)


def _weigh_rare(message: Message) -> int:
    match message:
        case Contacts(contacts=contacts):
            told = sum(_weigh_addresses(addresses) for _device, addresses in contacts)
            return KEY_BYTES * len(contacts) + told
        case Rebuilt(rebuild=rebuild):
            return len(rebuild.to_bytes())
        case Refused(detail=detail):
            return len(detail.encode())
        case Hurry(ops=ops):
            return KEY_BYTES * len(ops)
        case _:
            return 0


def _weigh_addresses(addresses: Sequence[str]) -> int:
    return sum(len(one.encode()) + 8 for one in addresses)


def compute_message_memory(message: Message) -> int:
    """Return about how much memory a message takes while it waits, decoded as it is."""
    match message:
        case Push(blocks=blocks, ops=ops, texts=texts):
            held = sum(map(memory_of_block, blocks)) + sum(map(memory_of_op, ops))
            return held + sum(map(len, texts)) + MESSAGE_BYTES * (1 + len(texts))
        case Genesis():  # bytes as they are
            return compute_weight(message)
        case _:
            return compute_memory(compute_weight(message))


class Outbox:
    """Queue of one session. Full: `push` refuses, and the caller drops the peer.

    A writer blocked on a peer that does not read holds up nobody else: each peer has its
    own queue and its own writer. What answers a request is made when it can be written, so a
    peer that asks and does not read costs one answer.
    """

    def __init__(
        self, most_messages: int, allowance: Allowance, overflow: Callable[[], None]
    ) -> None:
        """Args: `overflow`: called when another device of the seat needs this one's room."""
        self._most_messages = most_messages
        self._allowance = allowance
        self._overflow = overflow
        self._waiting: deque[tuple[Message, int, int]] = deque()
        self._answers: deque[tuple[str, Answer]] = deque()
        self.memory = 0
        self._closed = False
        allowance.join(self)

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, message: Message) -> bool:
        """Queue a message; return False when it does not fit or the session is over."""
        memory = compute_message_memory(message)
        if (
            self._closed
            or len(self._waiting) >= self._most_messages
            or not self._allowance.make_room(self, memory)
        ):
            return False
        self._waiting.append((message, compute_weight(message), memory))
        self.memory += memory
        return True

    def answer(self, kind: str, make: Answer) -> None:
        """Answer a request of this kind (`WAITING`) when all that waits has been taken."""
        if self._closed:
            return
        self._answers.append((kind, make))
        same = [place for place, (one, _) in enumerate(self._answers) if one == kind]
        if len(same) > WAITING[kind]:
            del self._answers[same[0]]

    @property
    def is_closed(self) -> bool:
        return self._closed

    def take(self) -> list[Sendable]:
        """Return as many messages as one frame carries, none when none wait but answers."""
        batch: list[Sendable] = []
        taken = 0
        while self._waiting and (not batch or taken + self._waiting[0][1] <= BATCH_BYTES):
            message, weight, memory = self._waiting.popleft()
            batch.append(message)
            taken += weight
            self.memory -= memory
        return batch

    def take_answer(self, *, is_over: bool = False) -> Sendable | None:
        """Return the next answer, when nothing else waits; None: there is none to be made now.

        Args:
            is_over: the seat is over its share of this machine's time, so what it asked for has
                to wait (R7.26). What the core wants to know does not.
        """
        made: Sendable | None = None
        waiting, self._answers = self._answers, deque()
        while waiting and made is None:
            kind, make = waiting.popleft()
            if is_over and kind != "written":
                self._answers.append((kind, make))
            else:
                made = make()
        self._answers += waiting
        return made

    @property
    def has_answers(self) -> bool:
        """Whether there are answers to be made."""
        return bool(self._answers)

    def overflow(self) -> None:
        """Forget what waits: the peer does not read, and its seat needs the room."""
        self._waiting.clear()
        self._answers.clear()
        self.memory = 0
        self._overflow()

    def close(self) -> None:
        """Refuse what comes from here on; `take` hands out what is left, then nothing."""
        self._closed = True
        self._answers.clear()

    def leave(self) -> None:
        """The session is over: give its room back."""
        self._allowance.leave(self)

    def move(self, allowance: Allowance) -> None:
        """Count for another seat from here on."""
        self._allowance.leave(self)
        self._allowance = allowance
        allowance.join(self)
