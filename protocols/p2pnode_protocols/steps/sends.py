"""Sends: after the writes; bounded per peer."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages.frames import Message
from ..messages.leaps import Leap, Recall
from ..messages.spreading import Pull
from ..wire.ids import DeviceKey


@dataclass(frozen=True, slots=True)
class Send:
    peer: DeviceKey
    message: Message


@dataclass(frozen=True, slots=True)
class ServePull:
    """Answer a pull from the store: blocks parents first, texts of their ops with them."""

    peer: DeviceKey
    pull: Pull


@dataclass(frozen=True, slots=True)
class ServeWant:
    """Answer with those of these blocks and texts that the store has (one `Push`)."""

    peer: DeviceKey
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ServeReceipts:
    """Answer with receipts for commits after this one, in order (one `Receipts`)."""

    peer: DeviceKey
    after: int


@dataclass(frozen=True, slots=True)
class ServeLeap:
    """Answer with a part of what leads to this node's epoch (one `Leapt`)."""

    peer: DeviceKey
    leap: Leap


@dataclass(frozen=True, slots=True)
class ServeRecall:
    """Answer with a part of closed proposals (one `Recalled`)."""

    peer: DeviceKey
    recall: Recall


@dataclass(frozen=True, slots=True)
class ReportWritten:
    """Feed a `Written` once all that was sent to this peer, and is asked for, is written."""

    peer: DeviceKey


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Tell the peer why, close the connection, and do not redial before `retry_ms`."""

    peer: DeviceKey
    code: str
    detail: str
    retry_ms: int


Sending = (
    Send
    | ServePull
    | ServeWant
    | ServeReceipts
    | ServeLeap
    | ServeRecall
    | ReportWritten
    | Disconnect
)
