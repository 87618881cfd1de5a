"""Setting a home up from a backup, and letting one learn what its device had signed.

Both work on files only, under the home's lock: no daemon runs there. A backup without a key
gives a home a new device key, which has to be bound to the seat. With a key, and with a store
that is older than its device's mark, the node signs nothing until it has learned from its
peers how far that device had signed (docs/protocol.md R4.10).
"""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from p2pnode_protocols.wire.crypto import Signer
from p2pnode_protocols.wire.ids import DeviceKey, WallMs

from ..community.links import bind
from ..home.errors import BackupError, LocalError
from ..home.identity import create_identity
from ..home.keystore import adopt_key, read_device
from ..home.lock import HomeLock
from ..home.mark import Marks, is_behind, signed_in
from ..home.paths import CommunityPaths, Paths
from ..home.pending import PendingBinding, save_binding
from ..store.store import Store
from .backup import KEY, STORE, Backup, Manifest, open_backup


@dataclass(frozen=True, slots=True)
class Restoration:
    """What a home has become by a restore."""

    manifest: Manifest
    device: DeviceKey
    binding: str | None  # a new key's request to be bound; None: the key was in the backup


def restore_backup(
    file: Path, paths: Paths, now_ms: WallMs, passphrase: bytes | None = None
) -> Restoration:
    """Set up an empty home from a backup; it is whole afterwards, or as it was.

    Args:
        file: the backup.
        paths: of the home; made if it does not exist.
        now_ms: when.
        passphrase: encrypts a key that is made here; one in the backup stays as it is.

    Raises:
        BackupError: `backup_missing`, `backup_damaged`, `backup_too_new`.
        HomeLocked: a process works on this home.
        LocalError: `home_not_empty`, `home_unsafe`, `disk_full`, `store_unusable`.
    """
    with open_backup(file) as backup:
        paths.prepare()
        with HomeLock.acquire(paths.lock_file):
            _require_empty(paths)
            manifest = backup.manifest
            place = paths.of(manifest.community)
            place.prepare()
            draft = place.store_file.with_name(f"{STORE}.{secrets.token_hex(4)}.new")
            try:
                _extract(backup, draft)
                _check_store(draft, manifest, file)
                if manifest.key == "none":
                    result = _with_new_key(paths, manifest, passphrase)
                else:
                    result = _with_its_key(paths, backup, now_ms)
                draft.rename(place.store_file)
            finally:
                for one in place.data_dir.glob(f"{draft.name}*"):
                    one.unlink()
                if not any(place.data_dir.iterdir()):
                    place.data_dir.rmdir()
            return result


def _require_empty(paths: Paths) -> None:
    stores = [one.store_file for one in paths.communities()]
    for found in (paths.key_file, *stores):
        if found.exists():
            raise LocalError(
                "home_not_empty",
                f"{found} is there: a backup is not put over a home that is in use",
                "choose another place with --home, or move that home away first",
            )


def _extract(backup: Backup, draft: Path) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        for chunk in backup.read(STORE):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())


def _check_store(draft: Path, manifest: Manifest, file: Path) -> None:
    """Read all of the store; it has to be of the community and as long as the manifest says."""
    with Store.open(draft) as store:
        said = (manifest.community, (manifest.log_index, manifest.log_root))
        damage = store.find_damage()
        if damage or (store.community, store.last_commit()) != said:
            problem = damage[0] if damage else "it is not the one that the manifest speaks of"
            raise BackupError(
                "backup_damaged",
                f"{file}: its store is not whole ({problem})",
                "use another backup; nothing was changed here",
            )


def _with_new_key(paths: Paths, manifest: Manifest, passphrase: bytes | None) -> Restoration:
    secret = create_identity(paths, passphrase)
    if manifest.member is None:  # a joiner's: it takes its seat with its link
        return Restoration(manifest, secret.signer.device, None)
    code = request_binding(paths, secret.signer, manifest)
    return Restoration(manifest, secret.signer.device, code)


def request_binding(paths: Paths, signer: Signer, manifest: Manifest) -> str:
    """Return a new device's request to be bound to the backup's seat; keep it for `status`."""
    assert manifest.member is not None
    code = bind(signer, manifest.community, manifest.member.id).to_text()
    save_binding(paths.of(manifest.community).data_dir, PendingBinding(code, manifest.member.name))
    return code


def _with_its_key(paths: Paths, backup: Backup, now_ms: WallMs) -> Restoration:
    device = adopt_key(paths.key_file, b"".join(backup.read(KEY)))
    if device != backup.manifest.device:
        paths.key_file.unlink()
        raise BackupError(
            "backup_damaged",
            "the key in the backup is another device's than its manifest says",
            "use another backup; nothing was changed here",
        )
    # A mark of this device may be here still: what it says is the least to be learned.
    with closing(Marks.open(paths.mark_file(device), device)) as marks:
        marks.require_learning(now_ms)
    return Restoration(backup.manifest, device, None)


# --- recovering ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recovery:
    """What `recover` found and did."""

    device: DeviceKey
    was_behind: bool
    learns: bool  # False: it may sign at once, as it was told to


def recover(paths: Paths, now_ms: WallMs, *, sign_anyway: bool = False) -> Recovery:
    """Let the home's device go on from the store as it is, however old that may be.

    Args:
        paths: of the home.
        now_ms: when.
        sign_anyway: do not learn first. If the device has signed more than the store and the
            peers it will meet know of, it forks its member's record.

    Raises:
        HomeLocked: a process works on this home.
        LocalError: `key_missing`, `store_missing`, `store_damaged`, …
    """
    with HomeLock.acquire(paths.lock_file):
        paths.require_current()
        device = read_device(paths.key_file)
        with closing(Marks.open(paths.mark_file(device), device)) as marks:
            place = _find_community(paths, marks)
            with Store.open(place.store_file) as store:
                restored = store.restore(device)
            if restored is None:
                raise _holds_nothing(place.store_file)
            mark = marks.of(place.community)
            held = signed_in(restored, device)
            was_behind = mark.found is not None and is_behind(held, mark.found.signed)
            if sign_anyway:
                mark.set(held, now_ms)
            else:
                mark.require_learning(now_ms)
        return Recovery(device, was_behind, not sign_anyway)


def _find_community(paths: Paths, marks: Marks) -> CommunityPaths:
    """Return the community of a home: of several the one in which its device has signed."""
    held = paths.communities()
    signed = [one for one in held if one.community in marks.signed_in]
    for place in (*signed, *held):
        if place.store_file.exists():
            return place
    raise _holds_nothing(paths.communities_dir)


def _holds_nothing(where: Path) -> LocalError:
    return LocalError(
        "store_missing",
        f"{where} holds no community",
        "p2pnode restore FILE --home DIR",
        "p2pnode join LINK --name NAME",
    )
