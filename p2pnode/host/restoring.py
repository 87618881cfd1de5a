"""Setting a home up from a backup, and letting one learn what its device had signed.

Both work on files only, under the home's lock: no daemon runs there. A backup without a key
gives a home a new device key, which has to be bound to its seats. With a key, and with a store
that is older than its device's mark, the node signs nothing until it has learned from its
peers how far that device had signed (docs/protocol.md R4.10).
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.steps.restored import Signed
from p2pnode_protocols.wire.crypto import Signer
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, WallMs

from ..community.links import bind
from ..home.errors import BackupError, LocalError, unusable
from ..home.keystore import adopt_key, create_key, read_device
from ..home.lock import HomeLock
from ..home.mark import Marks, is_behind, signed_in
from ..home.paths import CommunityPaths, Paths
from ..home.pending import PendingBinding, save_binding
from ..store.store import Store
from .backup import Backup, open_backup
from .manifest import KEY, Kept, Manifest


@dataclass(frozen=True, slots=True)
class Restoration:
    """What a home has become by a restore."""

    manifest: Manifest
    device: DeviceKey
    bindings: dict[CommunityId, str]  # a new key's requests to be bound; none: it was in the backup


def restore_backup(
    file: Path, paths: Paths, now_ms: WallMs, passphrase: bytes | None = None
) -> Restoration:
    """Set up an empty home from a backup; it is whole afterwards, or as it was.

    All is made aside and checked. The communities come to their place together, then the key, and
    without one it is no home: what was broken off in between is begun anew by the next restore.

    Args:
        file: the backup.
        paths: of the home; made if it does not exist.
        now_ms: when.
        passphrase: encrypts a key that is made here; one in the backup stays as it is.

    Raises:
        BackupError: `backup_missing`, `backup_damaged`, `backup_too_new`, `backup_too_old`.
        HomeLocked: a process works on this home.
        LocalError: `home_not_empty`, `home_unsafe`, `disk_full`, `store_unusable`.
    """
    with open_backup(file) as backup:
        paths.prepare()
        with HomeLock.acquire(paths.lock_file), _writable(paths.data_dir):
            _begin_anew(paths)
            _require_empty(paths)
            aside = _aside(paths)
            try:
                aside.mkdir(mode=0o700)
                return _restore(backup, file, paths, now_ms, passphrase)
            except BaseException:
                if not paths.key_file.exists():
                    _remove(paths.communities_dir)
                raise
            finally:
                _remove(aside)


def _restore(
    backup: Backup, file: Path, paths: Paths, now_ms: WallMs, passphrase: bytes | None
) -> Restoration:
    manifest, aside = backup.manifest, _aside(paths)
    communities, key_file = aside / paths.communities_dir.name, aside / KEY
    places: dict[Kept, CommunityPaths] = {}
    for kept in manifest.communities:
        directory = communities / paths.of(kept.community).data_dir.name
        place = places[kept] = CommunityPaths(kept.community, directory)
        place.prepare()
        _extract(backup, kept.part, place.store_file)
        _check_store(place.store_file, kept, file)
    bindings: dict[CommunityId, str] = {}
    if manifest.key == "none":
        secret = create_key(key_file, passphrase)
        device = secret.device
        # A key that was made just now has signed nothing.
        Marks.create(paths.mark_file(device), device).close()
        for kept, place in places.items():
            if kept.member is not None:  # a joiner's: it takes its seat with its link
                bindings[kept.community] = request_binding(place, secret.signer, kept)
    else:
        device = _take_key(backup, key_file)
        # A mark of this device may be here still: what it says is the least to be learned.
        with closing(Marks.open(paths.mark_file(device), device)) as marks:
            marks.require_learning(now_ms)
    for directory in (*(one.data_dir for one in places.values()), communities):
        _sync(directory)
    communities.rename(paths.communities_dir)
    _sync(paths.data_dir)
    os.link(key_file, paths.key_file)  # unlike a rename, this replaces no key made meanwhile
    _sync(paths.data_dir)
    return Restoration(manifest, device, bindings)


def forget_restoring(paths: Paths) -> None:
    """Remove what a restore left that was killed once it had done all else; for a home in use."""
    if paths.key_file.exists():
        _remove(_aside(paths))


def _aside(paths: Paths) -> Path:
    """Return where a restore makes what it then puts in its place, on the same disk."""
    return paths.data_dir / "restoring"


def _begin_anew(paths: Paths) -> None:
    """Forget a restore that was killed: nobody has worked with what it left."""
    aside = _aside(paths)
    if not aside.exists():
        return
    is_placed = not (aside / paths.communities_dir.name).exists() and (aside / KEY).exists()
    if is_placed and not paths.key_file.exists():
        _remove(paths.communities_dir)
    _remove(aside)


def _remove(directory: Path) -> None:
    if directory.exists():
        shutil.rmtree(directory)


def _require_empty(paths: Paths) -> None:
    held = sorted(paths.communities_dir.iterdir()) if paths.communities_dir.is_dir() else []
    for found in (paths.key_file, *held):
        if found.exists():
            raise LocalError(
                "home_not_empty",
                f"{found} is there: a backup is not put over a home that is in use",
                "choose another place with --home, or move that home away first",
            )
    if paths.communities_dir.is_dir():
        paths.communities_dir.rmdir()


@contextlib.contextmanager
def _writable(directory: Path) -> Iterator[None]:
    """Say in our words what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise unusable(directory, error) from error


def _extract(backup: Backup, part: str, file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        for chunk in backup.read(part):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_store(store_file: Path, kept: Kept, file: Path) -> None:
    """Read all of a store; it has to be of the community and as long as the manifest says."""
    with Store.open(store_file) as store:
        said = (kept.community, (kept.log_index, kept.log_root))
        damage = store.find_damage()
        if damage or (store.community, store.last_commit()) != said:
            problem = damage[0] if damage else "it is not the one that the manifest speaks of"
            raise BackupError(
                "backup_damaged",
                f"{file}: its store of {kept.name} is not whole ({problem})",
                "use another backup; nothing was changed here",
            )


def request_binding(place: CommunityPaths, signer: Signer, kept: Kept) -> str:
    """Return a new device's request to be bound to the backup's seat; keep it for `status`."""
    assert kept.member is not None
    code = bind(signer, kept.community, kept.member.id).to_text()
    save_binding(place.data_dir, PendingBinding(code, kept.member.name))
    return code


def _take_key(backup: Backup, file: Path) -> DeviceKey:
    device = adopt_key(file, b"".join(backup.read(KEY)))
    if device != backup.manifest.device:
        raise BackupError(
            "backup_damaged",
            "the key in the backup is another device's than its manifest says",
            "use another backup; nothing was changed here",
        )
    return device


# --- recovering ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recovered:
    """What `recover` found and did in one community."""

    community: CommunityId
    name: str
    was_behind: bool
    trouble: LocalError | None = None  # why its store cannot be gone on from


@dataclass(frozen=True, slots=True)
class Recovery:
    """What `recover` found and did."""

    device: DeviceKey
    communities: tuple[Recovered, ...]
    learns: bool  # False: it may sign at once, as it was told to

    @property
    def was_behind(self) -> bool:
        return any(one.was_behind for one in self.communities)


def recover(paths: Paths, now_ms: WallMs, *, sign_anyway: bool = False) -> Recovery:
    """Let the home's device go on from its stores as they are, however old they may be.

    A store that cannot be read keeps no other from going on. In its community the device learns.

    Args:
        paths: of the home.
        now_ms: when.
        sign_anyway: do not learn first. If the device has signed more than the store and the
            peers it will meet know of, it forks its member's record.

    Raises:
        HomeLocked: a process works on this home.
        LocalError: `key_missing`, …; none of the stores can be gone on from: `store_missing`,
            `store_damaged`, …
    """
    with HomeLock.acquire(paths.lock_file):
        paths.require_current()
        device = read_device(paths.key_file)
        with closing(Marks.open(paths.mark_file(device), device)) as marks:
            found: list[Recovered] = []
            for place in paths.communities():
                if place.store_file.exists():
                    found += _recover(place, device, marks, now_ms, sign_anyway=sign_anyway)
        troubles = [one.trouble for one in found if one.trouble is not None]
        if not found:
            raise LocalError(
                "store_missing",
                f"{paths.communities_dir} holds no community",
                "p2pnode restore FILE --home DIR",
                "p2pnode join LINK --name NAME",
            )
        if len(troubles) == len(found):
            raise troubles[0]
        return Recovery(device, tuple(found), not sign_anyway)


def _recover(
    place: CommunityPaths, device: DeviceKey, marks: Marks, now_ms: WallMs, *, sign_anyway: bool
) -> list[Recovered]:
    """Return what was found and done; nothing where no community is yet."""
    mark = marks.of(place.community)
    try:
        read = _read_signed(place, device)
    except LocalError as error:
        mark.require_learning(now_ms)
        return [Recovered(place.community, "", was_behind=False, trouble=error)]
    if read is None:
        return []
    name, signed = read
    was_behind = mark.found is not None and is_behind(signed, mark.found.signed)
    if sign_anyway:
        mark.set(signed, now_ms)
    else:
        mark.require_learning(now_ms)
    return [Recovered(place.community, name, was_behind)]


def _read_signed(place: CommunityPaths, device: DeviceKey) -> tuple[str, Signed] | None:
    """Return a community's first name, and how far a device has signed as its store knows it.

    Raises:
        LocalError: the store cannot be read.
    """
    with Store.open(place.store_file) as store:
        restored, charter = store.restore(device), store.charter
    if restored is None or charter is None:
        return None
    return Charter.from_bytes(charter).name, signed_in(restored, device)
