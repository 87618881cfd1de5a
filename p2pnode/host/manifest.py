"""What a backup says of itself: when and by what it was made, of which device and communities."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MemberId, WallMs, from_text, to_text

from ..home.errors import BackupError

FORMAT = "p2pnode-backup"
VERSION = 2
KEY = "device.key"

KeyState = Literal["none", "open", "encrypted"]
KEY_STATES: Mapping[str, KeyState] = {"none": "none", "open": "open", "encrypted": "encrypted"}


@dataclass(frozen=True, slots=True)
class Seat:
    id: MemberId
    name: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One community that is in a backup."""

    community: CommunityId
    name: str
    member: Seat | None  # None: the device had no seat
    log_index: int  # the last commit in the store
    log_root: bytes

    @property
    def part(self) -> str:
        """The name of its store in the archive."""
        return f"communities/{to_text('com', self.community)}/store.db"


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside the archive."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    created_ms: WallMs
    software: str
    device: DeviceKey
    key: KeyState
    communities: tuple[Kept, ...]
    parts: tuple[Part, ...]

    def to_bytes(self) -> bytes:
        content = {
            "format": FORMAT,
            "version": VERSION,
            "created_ms": self.created_ms,
            "software": self.software,
            "device": to_text("dev", self.device),
            "key": self.key,
            "communities": [_describe(one) for one in self.communities],
            "parts": [
                {"name": one.name, "size": one.size, "sha256": one.sha256} for one in self.parts
            ],
        }
        return json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes, file: Path) -> Manifest:
        """Return the manifest; its parts are those of its communities and its key.

        Raises:
            BackupError: `backup_damaged`, `backup_too_new`, `backup_too_old`.
        """
        try:
            content = json.loads(data)
            if content["format"] != FORMAT:
                raise damaged(file, "it is no backup of p2pnode")
            _require_version(content["version"], file)
            manifest = cls(
                WallMs(int(content["created_ms"])),
                str(content["software"]),
                DeviceKey(from_text("dev", content["device"])),
                KEY_STATES[content["key"]],
                tuple(_read_kept(one) for one in content["communities"]),
                tuple(
                    Part(str(one["name"]), int(one["size"]), str(one["sha256"]))
                    for one in content["parts"]
                ),
            )
        except (ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
            raise damaged(file, f"its manifest cannot be read ({error})") from error
        manifest._require_fit(file)
        return manifest

    def _require_fit(self, file: Path) -> None:
        """Refuse parts of no community here, and communities without a part."""
        if not self.communities:
            raise damaged(file, "it has no community")
        wanted = Counter(one.part for one in self.communities)
        if self.key != "none":
            wanted[KEY] += 1
        given = Counter(one.name for one in self.parts)
        if set(wanted.values()) != {1} or given != wanted:
            wrong = sorted((wanted - given) + (given - wanted)) or sorted(wanted)
            raise damaged(file, f"its parts are not those that its manifest speaks of ({wrong[0]})")


def _describe(kept: Kept) -> dict[str, object]:
    seat = kept.member
    return {
        "id": to_text("com", kept.community),
        "name": kept.name,
        "member": None if seat is None else {"id": to_text("mem", seat.id), "name": seat.name},
        "log": {"index": kept.log_index, "root": kept.log_root.hex()},
        "store": kept.part,
    }


def _read_kept(content: Any) -> Kept:
    seat = content["member"]
    kept = Kept(
        CommunityId(from_text("com", content["id"])),
        str(content["name"]),
        None if seat is None else Seat(MemberId(from_text("mem", seat["id"])), str(seat["name"])),
        int(content["log"]["index"]),
        bytes.fromhex(content["log"]["root"]),
    )
    if content["store"] != kept.part:
        raise ValueError(f"{content['store']!r} is not where the store of {content['id']} is")
    return kept


def _require_version(version: object, file: Path) -> None:
    if not isinstance(version, int):
        raise damaged(file, "its version is not a number")
    if version > VERSION:
        raise BackupError(
            "backup_too_new",
            f"{file} has version {version}, this program reads up to {VERSION}",
            "upgrade p2pnode",
        )
    if version < VERSION:
        raise BackupError(
            "backup_too_old",
            f"{file} has version {version}, of before the first release, which held one community; "
            f"this program reads version {VERSION}",
            "restore it with the version that made it",
        )


def damaged(file: Path, problem: str) -> BackupError:
    return BackupError(
        "backup_damaged", f"{file}: {problem}", "use another backup; nothing was changed here"
    )
