"""Leaps: from one epoch to a later one without the log between them (docs/protocol.md R7.17).

Who joins, or was away for so long that nobody keeps the blocks it lacks, takes over a state
that receipts prove (`chain`), and goes on from there with blocks as ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import crypto
from .chain import EpochLink, Followed, follow
from .charter import Charter
from .codec import Fields, Value, decode, encode
from .decisions import Closed, State
from .decisions.proposal import MAX_NUMBER, RECORD_BYTES, Proposal
from .errors import PeerFault
from .ids import CommunityId, DeviceKey, EpochId, MonoMs
from .limits import PULL_BYTES, SNAPSHOT_BYTES
from .messages import Leap, Leapt
from .roots import compute_state_hash
from .steps import SaveEpoch
from .sync import Peer, Sync

PART_TIMEOUT_MS = 5_000
FAR_BEHIND = 2  # epochs; a newcomer so far behind leaps at once


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a leap leads: proved, and not yet taken over."""

    passed: tuple[Followed, ...]  # the epochs in order, the last one begins in `state`
    record: SaveEpoch  # of the last
    state: State
    closed: tuple[Closed, ...]  # proposals that closed since, in the order of closing


def write_leap(links: Sequence[EpochLink], snapshot: bytes, closed: Iterable[Closed]) -> bytes:
    """Return what answers a leap, whole; `closed` are those that the asker lacks."""
    records: list[Value] = [one.record for one in closed]
    return encode([[link.to_wire() for link in links], snapshot, records])


def read_leap(
    community: CommunityId,
    begin: SaveEpoch,
    held: Sequence[Closed],
    data: bytes,
    verify: crypto.Verify,
) -> Landing:
    """Return where the leap in `data` leads from the epoch `begin`, every part of it checked.

    Args:
        held: the proposals that are closed here, in the order of closing.

    Raises:
        PeerFault: `bad_proof`, or what is wrong with a part.
    """
    fields = Fields(decode(data, SNAPSHOT_BYTES), "leap")
    links = [EpochLink.read(item) for item in fields.items(MAX_NUMBER)]
    snapshot = fields.blob(SNAPSHOT_BYTES)
    closed = [_read_closed(item, len(held) + place) for place, item in _numbered(fields)]
    fields.end()
    if not links:
        raise PeerFault("bad_proof", "a leap that leads nowhere")
    passed = follow(
        community,
        begin.number,
        begin.id,
        Charter.from_bytes(begin.charter),
        begin.genesis_index,
        links,
        verify,
    )
    last = passed[-1]
    if compute_state_hash(snapshot) != last.link.state_hash:
        raise PeerFault("bad_proof", f"the state is not the one that epoch {last.number} begins in")
    state = State.read(decode(snapshot, SNAPSHOT_BYTES), (*held, *closed), verify)
    record = SaveEpoch(
        last.number,
        last.id,
        last.index,
        last.root,
        state.time_ms,
        last.link.round,
        last.link.author,
        last.charter.to_bytes(),
        snapshot,
    )
    return Landing(tuple(passed), record, state, tuple(closed))


def _numbered(fields: Fields) -> Iterable[tuple[int, Value]]:
    return enumerate(fields.items(MAX_NUMBER), 1)


def _read_closed(value: Value, place: int) -> Closed:
    """Return the closed proposal in a record: nothing but the record is proved."""
    if not isinstance(value, bytes) or len(value) > RECORD_BYTES:
        raise PeerFault("bad_field", f"closed proposal {place}: at most {RECORD_BYTES} bytes")
    proposal = Proposal.from_bytes(value)
    if proposal.outcome == "open":
        raise PeerFault("bad_proof", f"closed proposal {place} is open")
    return Closed(place, proposal.id, proposal.number, proposal.outcome, value)


@dataclass(slots=True)
class _Under:
    """A leap under way: one peer, part by part."""

    peer: DeviceKey
    epoch: EpochId
    closed: int
    until: MonoMs
    digest: bytes | None = None  # of the whole; None: no part has come yet
    data: bytes = b""


class Leaps:
    """Decide when to leap, ask for the parts, put them together."""

    def __init__(self, sync: Sync, is_allowed: bool) -> None:
        self._sync = sync
        self._is_allowed = is_allowed
        self._under: _Under | None = None
        self._vain: dict[DeviceKey, int] = {}  # peer -> the epoch it was in when it had nothing

    @property
    def is_under_way(self) -> bool:
        return self._under is not None

    def work(self, begin: SaveEpoch, closed: int, is_new: bool, now: MonoMs) -> None:
        """Begin a leap when that is the way on, or give up on a peer that does not answer.

        Args:
            is_new: nothing is final here yet.
        """
        under = self._under
        if under is not None:
            if under.epoch == begin.id and now < under.until and under.peer in self._sync.peers:
                return
            self._give_up()
        if not self._is_allowed:
            return
        for peer in self._sync.greeted():
            ahead = peer.epoch_number - begin.number
            is_way = self._sync.is_barren(peer) or (is_new and ahead >= FAR_BEHIND)
            if ahead > 0 and is_way and self._vain.get(peer.device, -1) < peer.epoch_number:
                self._under = _Under(peer.device, begin.id, closed, MonoMs(now + PART_TIMEOUT_MS))
                self._sync.send(peer.device, Leap(begin.number, closed, 0))
                return

    def take(self, peer: Peer, part: Leapt, begin: SaveEpoch, now: MonoMs) -> bytes | None:
        """Take a part in; return the whole when it is complete.

        Raises:
            PeerFault: `bad_proof`: the parts do not make what was announced.
        """
        under = self._under
        if (
            under is None
            or under.peer != peer.device
            or under.epoch != begin.id
            or part.epoch_number != begin.number
        ):
            return None  # too late
        if part.total == 0:
            self._give_up()
            return None
        if under.digest not in (None, part.digest):
            # The peer has gone on to another epoch, or has more receipts: begin again, once.
            self._under = None
            self._vain[peer.device] = peer.epoch_number - 1
            return None
        is_short = len(part.data) < min(PULL_BYTES, part.total - part.offset)
        if part.offset != len(under.data) or is_short:
            self._give_up()
            raise PeerFault("bad_proof", f"a part at {part.offset}, {len(under.data)} expected")
        under.digest = part.digest
        under.data += part.data
        if len(under.data) < part.total:
            under.until = MonoMs(now + PART_TIMEOUT_MS)
            self._sync.send(peer.device, Leap(begin.number, under.closed, len(under.data)))
            return None
        data = under.data
        self._give_up()  # if it proves nothing, not again from this peer in this epoch
        if hashlib.sha256(data).digest() != part.digest:
            raise PeerFault("bad_proof", "the parts of a leap do not fit together")
        return data

    def _give_up(self) -> None:
        assert self._under is not None
        peer = self._sync.peers.get(self._under.peer)
        if peer is not None:
            self._vain[peer.device] = peer.epoch_number
        self._under = None

    def landed(self) -> None:
        """A leap succeeded: the next one is another matter."""
        self._vain.clear()

    def lost(self, device: DeviceKey) -> None:
        self._vain.pop(device, None)

    def wake_times(self) -> Iterable[MonoMs]:
        if self._under is not None:
            yield self._under.until
