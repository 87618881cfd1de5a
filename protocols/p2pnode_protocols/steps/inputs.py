"""Inputs: what the local user asks, and facts."""

from __future__ import annotations

from dataclasses import dataclass

from ..agreement.rebuild import Rebuild
from ..messages.frames import Message
from ..record.bodies import Body
from ..record.texts import TextRef
from ..wire.ids import DeviceKey, MonoMs, TextId, WallMs


@dataclass(frozen=True, slots=True)
class Now:
    """Both clocks, read once per input: monotonic for deadlines, wall for what is shown."""

    mono_ms: MonoMs
    wall_ms: WallMs


@dataclass(frozen=True, slots=True)
class Submit:
    """The local user or program says something; `texts` are the blobs its body refers to.

    `urgent`: pursue finality at once instead of after the charter's linger (`--wait`).
    """

    body: Body
    texts: tuple[bytes, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class HurryUp:
    """The local user waits for all that this device has said: pursue finality at once."""


@dataclass(frozen=True, slots=True)
class SignRebuild:
    """The local user agrees to a rebuild: from here on this node makes no block of the epoch."""

    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class WithdrawRebuild:
    """The local user takes that back: this node makes blocks of the epoch again."""


@dataclass(frozen=True, slots=True)
class ApplyRebuild:
    """The local user lets this node go on in the epoch that a complete rebuild begins."""

    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class PeerUp:
    """A stream to this device is open both ways; the transport has proved the key."""

    peer: DeviceKey


@dataclass(frozen=True, slots=True)
class PeerDown:
    """The last stream to this device has closed."""

    peer: DeviceKey


@dataclass(frozen=True, slots=True)
class Received:
    """A message that `read_frame` returned: decoded, bounded, signatures verified."""

    peer: DeviceKey
    message: Message


@dataclass(frozen=True, slots=True)
class Written:
    """All that was sent to this peer before a `ReportWritten` has been written."""

    peer: DeviceKey


@dataclass(frozen=True, slots=True)
class TextsMissing:
    """What the store had to say to a `ReadMissing`."""

    texts: tuple[TextRef, ...]  # by id
    until: TextId | None  # so far it has read; None: to the end


@dataclass(frozen=True, slots=True)
class Tick:
    """Only time has passed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts that came together: taken in one after the other, followed up once."""

    events: tuple[PeerUp | PeerDown | Received | Written | TextsMissing | Tick, ...]


Asked = Submit | HurryUp | SignRebuild | WithdrawRebuild | ApplyRebuild  # by the local user
Input = Asked | PeerUp | PeerDown | Received | Written | TextsMissing | Tick | Batch
