"""How far this device has signed, kept outside the stores, so that an older store is noticed.

A store that was put back to an earlier state knows nothing of the blocks and ops its device
signed since, and would sign others in their place: a fork, by an honest person. So a mark of each
community lies in the state directory, in one file a device, and is moved on after the store's
commit and before anything is sent. A store behind it is refused; where nothing is known, the
device learns from its peers first (docs/protocol.md R4.10, docs/adr/0012-signing-mark.md).

The file is a row of pairs of slots, a pair for each community and one for the key itself. That one
says that the key was made here: then it has signed nothing in a community without a pair. The two
slots of a pair are one page each, written in turn, so that a crash tears at most the one being
written. A slot: 8 bytes "p2pmark" and the version, then big-endian the count of writes (8),
learning (1), device (32), community (32; zero: the key's own), epoch (8), round (8), nonce (8),
time in ms (8), and the SHA-256 of all that.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from p2pnode_protocols.steps.restored import NOTHING_SIGNED, Restored, Signed
from p2pnode_protocols.steps.writes import SaveBlock, SaveOp, Write
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, Round, WallMs, to_short

from .errors import StoreError, unusable

_MAGIC = b"p2pmark\x01"
_SLOT = struct.Struct(">8sQ?32s32sQQQQ")
_SLOT_BYTES = 4096  # a page of the disk: what tears in one leaves the other whole
_PAIR_BYTES = 2 * _SLOT_BYTES
_NONE = bytes(32)
# How long a written slot may lie in the system's cache while more follow. A killed process loses
# nothing by it. After a power cut the mark is this much behind the store, which is fine, and
# would miss only a copy of the store that was made in that moment and put back afterwards.
_SYNC_MS = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """What the newer whole slot of a pair says."""

    count: int  # of writes so far; its lowest bit names the slot
    learning: bool  # the store was behind, or its owner said so: learn before signing
    device: DeviceKey
    community: CommunityId | None  # None: the key's own pair
    signed: Signed
    at_ms: WallMs  # of the last signature; 0: none yet


class Marks:
    """The marks of one device on this machine. One process uses them, under the home's lock."""

    def __init__(self, path: Path, device: DeviceKey, pairs: Sequence[Found | None]) -> None:
        """Args: `pairs`: what each pair of slots in the file says; None: nothing."""
        self.path = path
        self.device = device
        self._places: dict[CommunityId | None, int] = {}
        self._found: dict[CommunityId | None, Found] = {}
        for place, found in enumerate(pairs):
            if found is not None:
                self._places[found.community] = place
                self._found[found.community] = found
        self._length = len(pairs)  # of the file, in pairs
        self._is_damaged = False
        self._file: int | None = None

    @classmethod
    def open(cls, path: Path, device: DeviceKey) -> Marks:
        """Return the marks in `path`; what is missing or damaged says nothing.

        Raises:
            StoreError: `store_unusable`, it is there and cannot be read.
        """
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = b""
        except OSError as error:
            raise unusable(path, error) from error
        pairs = [data[at : at + _PAIR_BYTES] for at in range(0, len(data), _PAIR_BYTES)]
        found = [_read_pair(pair, device) for pair in pairs]
        marks = cls(path, device, found)
        # A damaged pair may be of any community.
        marks._is_damaged = any(
            one is None and any(pair) for one, pair in zip(found, pairs, strict=True)
        )
        return marks

    @classmethod
    def create(cls, path: Path, device: DeviceKey) -> Marks:
        """Return the marks of a key that was made just now and has signed nothing.

        Raises:
            StoreError: `store_unusable`, `disk_full`.
        """
        marks = cls(path, device, ())
        marks.write(Found(0, False, device, None, NOTHING_SIGNED, WallMs(0)))
        marks.sync()
        return marks

    def of(self, community: CommunityId) -> Mark:
        return Mark(self, community)

    def find(self, community: CommunityId) -> Found | None:
        """Return what is known of a community; None: nothing, not even that nothing was signed."""
        found = self._found.get(community)
        if found is None and not self._is_damaged:
            return self._found.get(None)
        return found

    @property
    def signed_in(self) -> tuple[CommunityId, ...]:
        """The communities in which this device has signed something, by their ids."""
        return tuple(
            sorted(
                community
                for community, found in self._found.items()
                if community is not None and found.signed != NOTHING_SIGNED
            )
        )

    def find_lost(self, community: CommunityId, store_file: Path) -> StoreError | None:
        """Return `store_behind` when this device has signed in a community without a record here.

        An older store was put back, perhaps without its write-ahead log; or it was moved away.
        What was signed is noted here alone then, so nobody may write over that.

        Args:
            community: of which the store holds nothing.
            store_file: to be named.
        """
        if community not in self.signed_in:
            return None
        found = self._found[community]
        return StoreError(
            "store_behind",
            f"{store_file} holds no community, but this device has signed in "
            f"{to_short('com', community)}, last on {_date(found.at_ms)}: the store is an "
            "older one, or lacks its -wal",
            "stop the node and put the newer store.db back, with its -wal; if there is none, join "
            "with a link that a member prints (devices link):",
            "p2pnode join LINK",
        )

    def require_learning(self, now_ms: WallMs) -> None:
        """Let the device sign nothing anywhere before it has learned how far it had signed.

        What the marks know stays: it is the least that has to be learned.

        Raises:
            StoreError: `store_unusable`, `disk_full`.
        """
        found = dict(self._found)
        found.setdefault(None, Found(-1, True, self.device, None, NOTHING_SIGNED, now_ms))
        for one in found.values():
            self.write(replace(one, learning=True, count=one.count + 1))
        self.sync()

    # --- the file ---------------------------------------------------------------------------

    def write(self, found: Found) -> None:
        """Write what is known of a community, or of the key; it may lie in the system's cache.

        Raises:
            StoreError: `store_unusable`, `disk_full`.
        """
        try:
            if self._file is None:
                self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            place = self._places.get(found.community)
            if place is None:
                place = self._length
                self._make_room(self._file, place)
            at = place * _PAIR_BYTES + found.count % 2 * _SLOT_BYTES
            os.pwrite(self._file, _pack(found), at)
        except OSError as error:
            raise unusable(self.path, error) from error
        self._places[found.community] = place
        self._found[found.community] = found

    def _make_room(self, file: int, place: int) -> None:
        """Make the file a pair longer; later writes there need no room on the disk."""
        os.pwrite(file, bytes(_PAIR_BYTES), place * _PAIR_BYTES)
        os.fsync(file)
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        self._length = place + 1

    def sync(self) -> None:
        """Force what was written to the disk.

        Raises:
            StoreError: `store_unusable`, `disk_full`.
        """
        if self._file is None:
            return
        try:
            os.fdatasync(self._file)
        except OSError as error:
            raise unusable(self.path, error) from error

    def close(self) -> None:
        """Force what was written to the disk and close the file; a second call does nothing.

        Raises:
            StoreError: `store_unusable`, `disk_full`.
        """
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            try:
                os.fdatasync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise unusable(self.path, error) from error


class Mark:
    """The mark of one community. Use `Marks.of`."""

    def __init__(self, marks: Marks, community: CommunityId) -> None:
        self.community = community
        self._marks = marks
        self._synced_ms: WallMs | None = None  # when it was last forced to the disk; None: never

    @property
    def found(self) -> Found | None:
        """What is known; None: nothing."""
        return self._marks.find(self.community)

    # --- while the node runs --------------------------------------------------------------

    def note(self, writes: Sequence[Write], now_ms: WallMs) -> None:
        """Move the mark on to what `writes`, saved already, let this device say.

        Raises:
            StoreError: `store_unusable`, `disk_full`; then nothing of it may be sent.
        """
        before = self.found
        signed = NOTHING_SIGNED if before is None else before.signed
        after = signed
        for write in writes:
            match write:
                case SaveBlock(own=True, block=block, epoch_number=number):
                    if (number, block.round) > (after.epoch_number, after.round):
                        after = Signed(number, block.round, after.nonce)
                case SaveOp(own=True, op=op):
                    after = replace(after, nonce=max(after.nonce, op.nonce))
                case _:
                    pass
        if after != signed:
            self._write(after, now_ms, is_one_of_many=True)

    def set(self, signed: Signed, now_ms: WallMs) -> None:
        """Say how far this device has signed, and that it may go on from there.

        Raises:
            StoreError: `store_unusable`, `disk_full`.
        """
        self._write(signed, now_ms)

    def require_learning(self, now_ms: WallMs) -> None:
        """Let the device sign nothing before it has learned from its peers how far it had.

        What the mark knows stays: it is the least that has to be learned.

        Raises:
            StoreError: `store_unusable`, `disk_full`.
        """
        found = self.found
        signed, at_ms = (NOTHING_SIGNED, now_ms) if found is None else (found.signed, found.at_ms)
        self._write(signed, at_ms, learning=True)

    # --- at the start -----------------------------------------------------------------------

    def judge(self, restored: Restored, store_file: Path) -> Restored:
        """Return what the store holds together with what this device is known to have signed.

        Raises:
            StoreError: `store_behind`, the device has signed more than the store knows of.
        """
        found = self.found
        if found is None:
            return replace(restored, must_learn=True)
        if found.learning:
            return replace(restored, must_learn=True, signed=found.signed)
        held = signed_in(restored, self._marks.device)
        if is_behind(held, found.signed):
            raise StoreError(
                "store_behind",
                f"{store_file} is older than what this device has signed: the device signed "
                f"{_words(found.signed)}, last on {_date(found.at_ms)}; the store ends with "
                f"{_words(held)}. Signing on from there would fork this member's record",
                "put the newer store.db back; if there is none, let the node ask the others how "
                "far it had signed, before it signs again:",
                "p2pnode recover",
            )
        return restored

    def find_lost(self, store_file: Path) -> StoreError | None:
        """Return what stands against an empty store: as `Marks.find_lost`."""
        return self._marks.find_lost(self.community, store_file)

    # --- writing ----------------------------------------------------------------------------

    def _write(
        self,
        signed: Signed,
        at_ms: WallMs,
        *,
        learning: bool = False,
        is_one_of_many: bool = False,
    ) -> None:
        device, found = self._marks.device, self.found
        if found is None or found.community is None:  # so that a torn first write leaves one whole
            must_learn = found is None or found.learning
            found = Found(0, must_learn, device, self.community, NOTHING_SIGNED, at_ms)
            self._marks.write(found)
            self._marks.sync()
        count = found.count + 1
        self._marks.write(Found(count, learning, device, self.community, signed, at_ms))
        since_ms = None if self._synced_ms is None else abs(at_ms - self._synced_ms)
        if not is_one_of_many or since_ms is None or since_ms >= _SYNC_MS:
            self._marks.sync()
            self._synced_ms = at_ms

    def close(self) -> None:
        """Force what was written to the disk. Raises as `Marks.sync`."""
        self._marks.sync()


def signed_in(restored: Restored, device: DeviceKey) -> Signed:
    """Return how far `device` has signed as the store knows it."""
    rounds = [one.round for one in restored.blocks if one.device == device]
    return Signed(restored.epoch.number, max(rounds, default=Round(0)), restored.own_nonce)


def is_behind(held: Signed, signed: Signed) -> bool:
    """Return whether a store that holds this much lacks something that was signed.

    Of an epoch that is over nothing is signed any more, so its blocks do not matter.
    """
    chain = (held.epoch_number, held.round) < (signed.epoch_number, signed.round)
    return chain or held.nonce < signed.nonce


def _pack(found: Found) -> bytes:
    content = _SLOT.pack(
        _MAGIC,
        found.count,
        found.learning,
        found.device,
        found.community or _NONE,
        found.signed.epoch_number,
        found.signed.round,
        found.signed.nonce,
        found.at_ms,
    )
    return content + hashlib.sha256(content).digest()


def _read_pair(pair: bytes, device: DeviceKey) -> Found | None:
    """Return what a pair of slots says of this device; None: nothing."""
    slots = (_read(pair[:_SLOT_BYTES]), _read(pair[_SLOT_BYTES:]))
    whole = [one for one in slots if one is not None and one.device == device]
    return max(whole, key=lambda one: one.count, default=None)


def _read(slot: bytes) -> Found | None:
    """Return what a slot says, None for one that is torn, damaged or was never written."""
    content = slot[: _SLOT.size]
    if slot[_SLOT.size : _SLOT.size + 32] != hashlib.sha256(content).digest():
        return None
    fields = _SLOT.unpack(content)
    magic, count, learning, device, community, epoch, round_, nonce, at_ms = fields
    if magic != _MAGIC:
        return None
    return Found(
        count,
        learning,
        DeviceKey(device),
        None if community == _NONE else CommunityId(community),
        Signed(epoch, Round(round_), nonce),
        WallMs(at_ms),
    )


def _words(signed: Signed) -> str:
    block = "no block" if signed.round == 0 else f"a block of round {signed.round}"
    return f"{block} in epoch {signed.epoch_number} and {signed.nonce} operations"


def _date(at_ms: WallMs) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
