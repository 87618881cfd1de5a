"""What peers bring in vain: all that a message costs here and that brings nothing new (R7.24).

Whoever says what is known already, or what is refused as somebody else's, breaks no rule. It costs
this node time all the same. So everything that is said is weighed, what was new here is taken off,
and the rest counts for the seat that said it, with all its devices.

A unit is about what one small signed object takes: mostly some microseconds, where its signature
is new, or it waits for others, up to 0.2 ms.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...agreement.blocks import Block
from ...messages.frames import Message
from ...messages.greeting import Genesis, Hello, Refused
from ...messages.leaps import Leap, Leapt, Recall, Recalled
from ...messages.proofs import Prove, Rebuilt, Receipts
from ...messages.spreading import Hurry, Pull, Pulled, Push, Want
from ...messages.standing import Contacts, Links, Status
from ...record.ops import Op
from ...wire.ids import MonoMs
from ...wire.limits import (
    ASKED_PER_MINUTE,
    KIB,
    PENDING_PER_MEMBER,
    RECEIPTS_IN_MESSAGE,
    VAIN_PER_MINUTE,
)

WINDOW_MS = 60_000
OBJECT_BYTES = 4 * KIB  # hashing and copying so many costs as much as one more object
TEXT_BYTES_MORE = 256  # of a text: sixteen small ones cost as much as one more object
PART_BYTES = 16 * KIB  # … copying alone
KEYS = 32  # keys or numbers in a list that cost as much
PARENTS = 16  # of a block: each may be one to wait for and to ask for
GREETING = 64  # the first hello: links, contacts and receipts are told for its sake
STEPS = 1_000  # links between waiting blocks that are followed, in the time of one object
REFUSAL = 16  # what a peer refuses is written down and told
CONTACT = 64  # a contact that is not what the same seat told last: it goes to disk, and is dialled
EARLY_CONTACT = 16  # … of a device without a seat here: it is kept in memory

# What may come back for one question, of what is here already.
ANSWERS: dict[type[Message], int] = {
    Pull: 2_048,  # of the smallest blocks, with texts
    Leap: 32,
    Recall: 32,
    Prove: RECEIPTS_IN_MESSAGE + 1,
}


def _weigh_wire(wire: bytes) -> int:
    return 1 + len(wire) // OBJECT_BYTES


def weigh_op(op: Op) -> int:
    return _weigh_wire(op.wire)


def weigh_texts(blobs: Sequence[bytes]) -> int:
    """Return what the texts of a message weigh: a proposal may have hundreds, all of them short."""
    return sum(len(blob) + TEXT_BYTES_MORE for blob in blobs) // OBJECT_BYTES


def weigh_block(block: Block) -> int:
    own = 1 + len(block.wire) // OBJECT_BYTES
    return own + len(block.ops) + len(block.parents) // PARENTS


def _weigh_push(push: Push) -> int:
    units = 1 + weigh_texts(push.texts)
    for block in push.blocks:  # loops: nearly all that is heard comes this way
        units += weigh_block(block)
    for op in push.ops:
        units += weigh_op(op)
    return units


def weigh(message: Message) -> int:
    """Return the units that a message takes here, if nothing of it is new.

    One at least. Questions take one: how often they may be asked is counted apart (R7.21).
    """
    match message:
        case Push():
            return _weigh_push(message)
        case Pulled(blocks=blocks, texts=texts):
            return 1 + sum(map(weigh_block, blocks)) + weigh_texts(texts)
        case Receipts(receipts=receipts):
            return 1 + len(receipts)
        case Contacts(contacts=contacts):
            return 1 + len(contacts)
        case Links(devices=devices):
            return 1 + len(devices) // KEYS
        case Rebuilt(rebuild=rebuild):
            return 1 + len(rebuild.signatures)
        case Leapt(data=data) | Recalled(data=data) | Genesis(charter=data):
            return 1 + len(data) // PART_BYTES
        case Status(frontier=frontier, nonces=nonces):
            return 1 + (len(frontier) + len(nonces)) // KEYS
        case Hello(status=status):
            return 1 if status is None else weigh(status)
        case Refused():
            return REFUSAL
        case Pull() | Want() | Prove() | Leap() | Recall() | Hurry():
            return 1
        case _:  # heartbeats and good-byes, which the transport keeps
            return 1


class Vain:
    """Count by seat and minute what was said in vain."""

    def __init__(self) -> None:
        self._since: MonoMs | None = None
        self.window = 0  # its number
        self._new = 0  # units that were new here, since the start
        self._text_bytes = 0  # of new texts, less than a unit
        self._new_here = 0  # … when this window began
        self._new_before = 0  # … when the one before it began
        self._spent: dict[bytes, int] = {}  # in this window, by seat
        self._asked: dict[bytes, int] = {}  # what may come as it was asked for, by seat

    @property
    def new(self) -> int:
        """Units that have been new here since the start."""
        return self._new

    def note_new(self, units: int) -> None:
        """Something was new here: everyone else may still bring it once more."""
        self._new += units

    def note_new_text(self, blob: bytes) -> None:
        """A text was new here; units are noted once there are whole ones of all such texts."""
        units, self._text_bytes = divmod(
            self._text_bytes + len(blob) + TEXT_BYTES_MORE, OBJECT_BYTES
        )
        self.note_new(units)

    def note_question(self, seat: bytes, question: Message) -> None:
        """A device of this seat is asked something: the answer is not in vain."""
        units = ANSWERS.get(type(question), 0)
        if units:
            self._asked[seat] = min(self._asked.get(seat, 0) + units, ASKED_PER_MINUTE)

    def spend(self, seat: bytes, units: int, seats: int, now: MonoMs) -> bool:
        """Count what a seat said in vain; return False when it is over its budget.

        Args:
            units: 0 where all of it was new.
            seats: how many there are: each may have said much that others refuse.
        """
        self._roll(now)
        spent = self._spent[seat] = self._spent.get(seat, 0) + max(0, units)
        budget = VAIN_PER_MINUTE + PENDING_PER_MEMBER * seats
        return spent <= budget + self._new - self._new_before + self._asked.get(seat, 0)

    def _roll(self, now: MonoMs) -> None:
        if self._since is not None and now - self._since < WINDOW_MS:
            return
        is_next = self._since is None or now - self._since < 2 * WINDOW_MS
        self._new_before = self._new_here if is_next else self._new
        self._new_here = self._new
        left = {seat: units - self._spent.get(seat, 0) for seat, units in self._asked.items()}
        self._asked = {seat: units for seat, units in left.items() if units > 0}
        self._spent.clear()
        self._since = now
        self.window += 1
