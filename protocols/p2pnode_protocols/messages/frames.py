"""Frames: what two nodes say to each other (docs/protocol.md R7.1).

A frame is the canonical list of messages, each `[number, field, …]`; the transport puts a
4-byte big-endian length before it. `read_frame` is the only way in: everything it returns
is decoded, bounded and its signatures verified, and nothing else may reach the core.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from ..wire.codec import decode, encode
from ..wire.errors import PeerFault
from ..wire.kinds import Whole
from ..wire.limits import FIRST_FRAME_BYTES, FRAME_BYTES, FRAME_MESSAGES
from ..wire.tagged import Tagged
from .encoded import Encoded
from .fields import LIST, Opener
from .greeting import PROTOCOL_VERSION, Bye, Genesis, Hello, Ping, Pong, Refused
from .leaps import Leap, Leapt, Recall, Recalled
from .proofs import Prove, Rebuilt, Receipts
from .spreading import Hurry, Pull, Pulled, Push, Want
from .standing import Contacts, Links, Status

# Lists in a frame: where there are many, each two have a key or hash of 34 bytes in them.
_MOST_LISTS, _LIST_BYTES = 2 * LIST, 16

Message = (
    Hello
    | Status
    | Push
    | Pull
    | Pulled
    | Want
    | Links
    | Genesis
    | Ping
    | Pong
    | Refused
    | Bye
    | Contacts
    | Receipts
    | Prove
    | Leap
    | Leapt
    | Recall
    | Recalled
    | Rebuilt
    | Hurry
)
Sendable = Message | Encoded


def write_frame(messages: Sequence[Sendable]) -> bytes:
    """Return the frame that carries these messages, without the length before it."""
    return encode([one.to_wire() for one in messages])


def read_frame(frame: bytes, opener: Opener, *, is_first: bool = False) -> tuple[Message, ...]:
    """Return the messages of a frame, all of it decoded, bounded and verified (R7.2).

    Args:
        is_first: the peer has no seat here, and has not been let in: all that it may say is who
            it is and why it refuses this node (R7.20). No signature is checked for it.

    Raises:
        PeerFault: `bad_frame` for something that is no list of known messages, else the
            code of the first thing that is wrong inside. Nothing of such a frame counts.
    """
    most = FIRST_FRAME_BYTES if is_first else FRAME_BYTES
    value = decode(frame, most, lists=_MOST_LISTS + len(frame) // _LIST_BYTES)
    if not isinstance(value, list):
        raise PeerFault("bad_frame", "a list of messages expected")
    if len(value) > FRAME_MESSAGES:
        raise PeerFault("bad_frame", f"{len(value)} messages, at most {FRAME_MESSAGES}")
    messages = _FIRST if is_first else _MESSAGES
    return tuple([messages.read(one, opener) for one in value])


def _unknown_message(number: int) -> PeerFault:
    return PeerFault("bad_frame", f"message {number} is unknown to version {PROTOCOL_VERSION}")


def _no_first_message(number: int) -> PeerFault:
    if number in _MESSAGES.shapes:
        return PeerFault("bad_frame", f"message {number} of a stranger that is not let in")
    return _unknown_message(number)


_MESSAGES: Tagged[Message] = Tagged("message", Whole(0, 255), get_args(Message), _unknown_message)

_FIRST: Tagged[Message] = Tagged(
    "message", Whole(0, 255), (Hello, Refused, Ping, Pong, Bye), _no_first_message
)
