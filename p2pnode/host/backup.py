"""A backup: one file from which a node can be set up again (docs/adr/0013-backups.md).

A tar archive, mode 0600, of `manifest.json`, `store.db` and, if asked for, `device.key` as it
lies in the home, encrypted or not. The manifest comes first: what is in the file, of which
community, seat and device, up to which commit, and each part's size and SHA-256.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import secrets
import sqlite3
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MemberId, WallMs, from_text, to_text

from ..home.errors import BackupError, StoreError
from ..home.keystore import is_encrypted
from ..home.paths import Paths
from ..store.database import translated
from ..store.store import Store

FORMAT = "p2pnode-backup"
VERSION = 1
MANIFEST, STORE, KEY = "manifest.json", "store.db", "device.key"
MANIFEST_BYTES = 65_536  # ours has under 2,000
KEY_BYTES = 4_096
_CHUNK = 1 << 20

KeyState = Literal["none", "open", "encrypted"]


@dataclass(frozen=True, slots=True)
class Seat:
    id: MemberId
    name: str


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
    community: CommunityId
    community_name: str
    member: Seat | None  # None: the device had no seat
    device: DeviceKey
    log_index: int  # the last commit in the store
    log_root: bytes
    key: KeyState
    parts: tuple[Part, ...]

    def to_bytes(self) -> bytes:
        seat = self.member
        content = {
            "format": FORMAT,
            "version": VERSION,
            "created_ms": self.created_ms,
            "software": self.software,
            "community": {
                "id": to_text("com", self.community),
                "name": self.community_name,
            },
            "member": None if seat is None else {"id": to_text("mem", seat.id), "name": seat.name},
            "device": to_text("dev", self.device),
            "log": {"index": self.log_index, "root": self.log_root.hex()},
            "key": self.key,
            "parts": [
                {"name": one.name, "size": one.size, "sha256": one.sha256} for one in self.parts
            ],
        }
        return json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes, file: Path) -> Manifest:
        """Return the manifest. Raises `BackupError` `backup_damaged`, `backup_too_new`."""
        try:
            content = json.loads(data)
            if content["format"] != FORMAT:
                raise _damaged(file, "it is no backup of p2pnode")
            if content["version"] > VERSION:
                raise BackupError(
                    "backup_too_new",
                    f"{file} has version {content['version']}, this program reads up to {VERSION}",
                    "upgrade p2pnode",
                )
            seat = content["member"]
            return cls(
                WallMs(int(content["created_ms"])),
                str(content["software"]),
                CommunityId(from_text("com", content["community"]["id"])),
                str(content["community"]["name"]),
                None
                if seat is None
                else Seat(MemberId(from_text("mem", seat["id"])), str(seat["name"])),
                DeviceKey(from_text("dev", content["device"])),
                int(content["log"]["index"]),
                bytes.fromhex(content["log"]["root"]),
                _KEY_STATES[content["key"]],
                tuple(
                    Part(str(one["name"]), int(one["size"]), str(one["sha256"]))
                    for one in content["parts"]
                ),
            )
        except (ValueError, KeyError, TypeError, UsageError) as error:
            raise _damaged(file, f"its manifest cannot be read ({error})") from error


_KEY_STATES: dict[str, KeyState] = {"none": "none", "open": "open", "encrypted": "encrypted"}


@dataclass(frozen=True, slots=True)
class About:
    """What the node knows and the store's file does not say."""

    software: str
    community: CommunityId
    community_name: str
    member: Seat | None
    device: DeviceKey


# --- writing -------------------------------------------------------------------------------


def write_backup(
    paths: Paths, target: Path, about: About, now_ms: WallMs, *, with_key: bool, replace: bool
) -> Manifest:
    """Write a backup of the home, which may be in use, and read it back; for a thread.

    The file appears whole and checked, or not at all.

    Args:
        paths: of the home.
        target: the file to be; in a directory that exists.
        about: whose backup it is.
        now_ms: when.
        with_key: put the device key in, as it is in the home.
        replace: an older backup under this name may be replaced; nothing else is, ever.

    Raises:
        BackupError: `backup_exists`, `backup_unwritable`.
        StoreError: `store_damaged`, the store is not fit to be kept; `disk_full`.
        KeyFileError: the key cannot be read.
    """
    # Not of the target's name: two backups to one meet only at the end, and any length will do.
    draft = f".p2pnode-backup-{secrets.token_hex(8)}"
    copy, archive = target.parent / f"{draft}.db", target.parent / f"{draft}.tar"
    with _cleaned(target, [copy, archive]):
        _check_target(target, replace)
        index, root = _copy_store(paths.of(about.community).store_file, copy)
        key = paths.key_file.read_bytes() if with_key else None
        state: KeyState = "none"
        if key is not None:
            state = "encrypted" if is_encrypted(paths.key_file) else "open"
        parts = [_part(STORE, copy)]
        if key is not None:
            parts.append(Part(KEY, len(key), hashlib.sha256(key).hexdigest()))
        manifest = Manifest(
            now_ms,
            about.software,
            about.community,
            about.community_name,
            about.member,
            about.device,
            index,
            root,
            state,
            tuple(parts),
        )
        _pack(archive, manifest, copy, key)
        with open_backup(archive) as written:
            written.verify()
        _name(archive, target, replace)
    return manifest


def _check_target(target: Path, replace: bool) -> None:
    try:
        target.lstat()
    except FileNotFoundError:
        return
    if replace:
        try:
            with open_backup(target):
                return
        except BackupError as error:
            raise BackupError(
                "backup_exists",
                f"{target} is there and is no backup of p2pnode, so it is not replaced",
                "choose another name with -o",
            ) from error
    raise BackupError(
        "backup_exists", f"{target} is there already", "choose another name with -o, or --force"
    )


def _copy_store(store: Path, copy: Path) -> tuple[int, bytes]:
    """Write a copy of one moment, read all of it, and return its last commit and root."""
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with translated(store), contextlib.closing(sqlite3.connect(store, isolation_level=None)) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    with Store.open(copy) as opened:
        damage = opened.find_damage()
        if damage:
            raise StoreError(
                "store_damaged",
                f"{store} is damaged, so it makes no backup ({damage[0]})",
                "p2pnode doctor",
            )
        return opened.last_commit()


def _part(name: str, file: Path) -> Part:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
        return Part(name, opened.tell(), digest.hexdigest())


def _pack(archive: Path, manifest: Manifest, copy: Path, key: bytes | None) -> None:
    at_s = manifest.created_ms // 1000
    descriptor = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            data = manifest.to_bytes()
            tar.addfile(_entry(MANIFEST, len(data), at_s), io.BytesIO(data))
            with copy.open("rb") as store:
                tar.addfile(_entry(STORE, copy.stat().st_size, at_s), store)
            if key is not None:
                tar.addfile(_entry(KEY, len(key), at_s), io.BytesIO(key))
        file.flush()
        os.fsync(file.fileno())


def _entry(name: str, size: int, at_s: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, at_s, 0o600
    return entry


def _name(archive: Path, target: Path, replace: bool) -> None:
    if replace:
        archive.replace(target)
    else:
        try:
            os.link(archive, target)  # unlike a rename, this replaces nothing made meanwhile
        except FileExistsError:
            raise BackupError(
                "backup_exists", f"{target} was made meanwhile", "choose another name with -o"
            ) from None
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextlib.contextmanager
def _cleaned(target: Path, drafts: list[Path]) -> Iterator[None]:
    """Leave no draft behind, and say in our words what the disk refuses."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            full = f"{target} cannot be written, the disk is full"
            raise StoreError("disk_full", full, "make room on it") from error
        raise BackupError(
            "backup_unwritable",
            f"{target} cannot be written ({error.strerror})",
            "choose another place with -o: the daemon writes the file, so it must be allowed there",
        ) from error
    finally:
        for draft in drafts:
            for one in (draft, *(draft.with_name(draft.name + tail) for tail in ("-wal", "-shm"))):
                with contextlib.suppress(OSError):
                    one.unlink()


# --- reading -------------------------------------------------------------------------------


class Backup:
    """A backup that is open for reading. Use `open_backup`."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest, file: Path) -> None:
        self.manifest = manifest
        self._tar = tar
        self._file = file

    def verify(self) -> None:
        """Read every part. Raises `BackupError` `backup_damaged`."""
        for part in self.manifest.parts:
            for _ in self.read(part.name):
                pass

    def read(self, name: str) -> Iterator[bytes]:
        """Yield a part's bytes; what comes is right only once nothing was raised at the end.

        Raises:
            BackupError: `backup_damaged`, it is missing, cut short or was changed.
        """
        part = next((one for one in self.manifest.parts if one.name == name), None)
        if part is None:
            raise _damaged(self._file, f"it has no {name}")
        digest, size = hashlib.sha256(), 0
        with _translated(self._file):
            found = self._tar.extractfile(name)
            if found is None:
                raise _damaged(self._file, f"its {name} is no file")
            while size <= part.size and (chunk := found.read(_CHUNK)):
                size += len(chunk)
                digest.update(chunk)
                yield chunk
        if (size, digest.hexdigest()) != (part.size, part.sha256):
            raise _damaged(self._file, f"its {name} is not what the manifest says")


@contextlib.contextmanager
def open_backup(file: Path) -> Iterator[Backup]:
    """Open a backup and read its manifest; its parts are checked as they are read.

    Raises:
        BackupError: `backup_missing`, `backup_damaged`, `backup_too_new`.
    """
    with _translated(file):
        if not file.is_file():
            raise BackupError("backup_missing", f"{file} is not there", "check the name")
        opened = tarfile.open(file, "r:")  # noqa: SIM115 (closed below; its errors are ours)
    with contextlib.closing(opened) as tar:
        with _translated(file):
            first = tar.next()
            if first is None or first.name != MANIFEST or first.size > MANIFEST_BYTES:
                raise _damaged(file, "it does not begin with a manifest")
            held = tar.extractfile(first)
            data = b"" if held is None else held.read()
        yield Backup(tar, Manifest.from_bytes(data, file), file)


@contextlib.contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise _damaged(file, f"it is no whole archive ({error})") from error
    except OSError as error:
        raise _damaged(file, f"it cannot be read ({error.strerror})") from error


def _damaged(file: Path, problem: str) -> BackupError:
    return BackupError(
        "backup_damaged", f"{file}: {problem}", "use another backup; nothing was changed here"
    )


# --- when the last one was made --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LastBackup:
    at_ms: WallMs
    file: str
    log_index: int
    key: KeyState


def note_backup(paths: Paths, made: LastBackup) -> None:
    """Remember the last backup, for `health`; that it was made counts, not this note."""
    draft = paths.backup_note.with_suffix(".new")
    with contextlib.suppress(OSError):
        draft.write_text(
            json.dumps(
                {"at_ms": made.at_ms, "file": made.file, "index": made.log_index, "key": made.key}
            )
        )
        draft.replace(paths.backup_note)


def last_backup(paths: Paths) -> LastBackup | None:
    """Return when the last backup was made here, None when none is known of."""
    try:
        found = json.loads(paths.backup_note.read_text())
        return LastBackup(
            WallMs(int(found["at_ms"])),
            str(found["file"]),
            int(found["index"]),
            _KEY_STATES[found["key"]],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
