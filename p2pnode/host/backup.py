"""A backup: one file from which a home can be set up again (docs/adr/0013-backups.md).

A tar archive, mode 0600, of `manifest.json`, a store for each community and, if asked for,
`device.key` as it lies in the home, encrypted or not. The manifest comes first: what is in the
file, of which device and communities, up to which commits, and each part's size and SHA-256.
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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, WallMs, from_text, to_text

from ..home.errors import BackupError, StoreError
from ..home.keystore import is_encrypted
from ..home.paths import Paths
from ..store.database import translated
from ..store.store import Store
from .manifest import KEY, KEY_STATES, Kept, KeyState, Manifest, Part, Seat, damaged

MANIFEST = "manifest.json"
MANIFEST_BYTES = 1 << 20  # ours has under 500 for each community
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class About:
    """What the node knows of a community and its store's file does not say."""

    community: CommunityId
    name: str
    member: Seat | None


# --- writing -------------------------------------------------------------------------------


def write_backup(
    paths: Paths,
    target: Path,
    communities: Sequence[About],
    *,
    software: str,
    device: DeviceKey,
    now_ms: WallMs,
    with_key: bool,
    replace: bool,
) -> Manifest:
    """Write a backup of the home, which may be in use, and read it back; for a thread.

    The file appears whole and checked, or not at all.

    Args:
        paths: of the home.
        target: the file to be; in a directory that exists.
        communities: at least one, each once.
        software: that makes it.
        device: of the home.
        now_ms: when.
        with_key: put the device key in, as it is in the home.
        replace: an older backup under this name may be replaced; nothing else is, ever.

    Raises:
        BackupError: `backup_exists`, `backup_unwritable`.
        StoreError: `store_damaged`, a store is not fit to be kept; `disk_full`.
        KeyFileError: the key cannot be read.
    """
    # Not of the target's name: two backups to one meet only at the end, and any length will do.
    draft = f".p2pnode-backup-{secrets.token_hex(8)}"
    copies = [target.parent / f"{draft}.{place}.db" for place, _ in enumerate(communities)]
    archive = target.parent / f"{draft}.tar"
    with _cleaned(target, [*copies, archive]):
        _check_target(target, replace)
        kept: list[Kept] = []
        for about, copy in zip(communities, copies, strict=True):
            index, root = _copy_store(paths.of(about.community).store_file, copy)
            kept.append(Kept(about.community, about.name, about.member, index, root))
        files = {one.part: copy for one, copy in zip(kept, copies, strict=True)}
        parts = [_part(name, copy) for name, copy in files.items()]
        key = paths.key_file.read_bytes() if with_key else None
        state: KeyState = "none"
        if key is not None:
            state = "encrypted" if is_encrypted(paths.key_file) else "open"
            parts.append(Part(KEY, len(key), hashlib.sha256(key).hexdigest()))
        manifest = Manifest(now_ms, software, device, state, tuple(kept), tuple(parts))
        _pack(archive, manifest, files, key)
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


def _pack(archive: Path, manifest: Manifest, files: Mapping[str, Path], key: bytes | None) -> None:
    at_s = manifest.created_ms // 1000
    descriptor = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            data = manifest.to_bytes()
            tar.addfile(_entry(MANIFEST, len(data), at_s), io.BytesIO(data))
            for name, copy in files.items():
                with copy.open("rb") as store:
                    tar.addfile(_entry(name, copy.stat().st_size, at_s), store)
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
            raise damaged(self._file, f"it has no {name}")
        digest, size = hashlib.sha256(), 0
        with _translated(self._file):
            found = self._tar.extractfile(name)
            if found is None:
                raise damaged(self._file, f"its {name} is no file")
            while size <= part.size and (chunk := found.read(_CHUNK)):
                size += len(chunk)
                digest.update(chunk)
                yield chunk
        if (size, digest.hexdigest()) != (part.size, part.sha256):
            raise damaged(self._file, f"its {name} is not what the manifest says")


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
                raise damaged(file, "it does not begin with a manifest")
            held = tar.extractfile(first)
            data = b"" if held is None else held.read()
        yield Backup(tar, Manifest.from_bytes(data, file), file)


@contextlib.contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise damaged(file, f"it is no whole archive ({error})") from error
    except OSError as error:
        raise damaged(file, f"it cannot be read ({error.strerror})") from error


# --- when the last one was made --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LastBackup:
    at_ms: WallMs
    file: str
    communities: frozenset[CommunityId]
    key: KeyState


def note_backup(paths: Paths, made: LastBackup) -> None:
    """Remember the last backup, for `health`; that it was made counts, not this note."""
    draft = paths.backup_note.with_suffix(".new")
    content = {
        "at_ms": made.at_ms,
        "file": made.file,
        "communities": sorted(to_text("com", one) for one in made.communities),
        "key": made.key,
    }
    with contextlib.suppress(OSError):
        draft.write_text(json.dumps(content))
        draft.replace(paths.backup_note)


def last_backup(paths: Paths) -> LastBackup | None:
    """Return when the last backup was made here, None when none is known of."""
    try:
        found = json.loads(paths.backup_note.read_text())
        return LastBackup(
            WallMs(int(found["at_ms"])),
            str(found["file"]),
            frozenset(CommunityId(from_text("com", one)) for one in found["communities"]),
            KEY_STATES[found["key"]],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UsageError):
        return None
