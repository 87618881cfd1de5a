"""Errors whose cause is this machine: its files, disk, key or configuration.

The fourth class by blame beside `p2pnode_protocols.wire.errors`: neither a peer nor the rules
stand in the way. Nothing slow is imported here: the command line needs this first.
"""

from __future__ import annotations

import errno
from pathlib import Path

from p2pnode_protocols.wire.errors import MACHINE, Refusal

from ..hints import joined_steps


class LocalError(Exception):
    """Something on this machine has to be put right by its owner.

    Args:
        code: a key of `CODES`, stable snake_case.
        detail: what, which, value, allowed; one line, for people.
        steps: what to do next, in this order: each a whole command that can be copied, with
            placeholders in capitals, or a sentence that names none.
    """

    def __init__(self, code: str, detail: str, *steps: str) -> None:
        assert code in CODES, code
        following = " — or: ".join(joined_steps(steps))
        super().__init__(f"{detail}{following and f' — {following}'} [{code}]")
        self.code = code
        self.detail = detail
        self.steps = steps


class StoreError(LocalError):
    """The store cannot be read or written; nothing was half-written.

    After one out of `Store.apply` the caller stops and is rebuilt from the store: whether
    the last transaction reached the disk is known only by reading it back.
    """


class KeyFileError(LocalError):
    """The device key cannot be created or read."""


class HomeLocked(LocalError):
    """Another process works on this home.

    Args:
        detail: as `LocalError`.
        pid: the holder's, None when it left no number.
        is_starting: it has not started yet, or has just now, so that it need not answer.
        steps: as `LocalError`.
    """

    def __init__(self, detail: str, pid: int | None, is_starting: bool, *steps: str) -> None:
        super().__init__("home_locked", detail, *steps)
        self.pid = pid
        self.is_starting = is_starting

    @property
    def holder(self) -> str:
        return "a process" if self.pid is None else f"process {self.pid}"

    @property
    def way_out(self) -> tuple[str, ...]:
        """How to come by a daemon that answers, where the holder does not."""
        stop = "stop that process" if self.pid is None else f"kill {self.pid}"
        return stop, "wait until it has ended, then start another:", "p2pnode run"


class ConfigError(LocalError):
    """The configuration has a value of the wrong type, or one that is not allowed."""


class BackupError(LocalError):
    """A backup cannot be written, or a file is none."""


# What helps against a damaged store. Whether others have the record, only its owner knows.
DAMAGED_STEPS = (
    "check the disk; if others have nodes: stop this one, move store.db, store.db-wal and "
    "store.db-shm away, keep the device key, start again, and fetch the record from them with a "
    "link that a member prints (devices link):",
    "p2pnode join LINK",
    "if nobody has one, put a backup into another home:",
    "p2pnode restore FILE --home DIR",
)


def unusable(path: Path, error: OSError) -> StoreError:
    """Return what keeps a file of the home from being used, and what helps against that."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            "disk_full", f"{path} cannot be written, the disk is full", "make room on it"
        )
    step = "check that it is there, and its owner and mode and those of the directories above it"
    if error.errno == errno.EROFS:
        step = "mount its disk writable, or choose another place with --home"
    return StoreError("store_unusable", f"{path} cannot be used ({error.strerror})", step)


# By code, alphabetical. The API answers with 503: this machine has to be put right first.
REFUSALS: dict[str, Refusal] = {
    "backup_damaged": Refusal(MACHINE, 503, 8, "the file is no backup of ours, or was changed"),
    "backup_exists": Refusal(MACHINE, 409, 6, "there is a file under the backup's name already"),
    "backup_missing": Refusal(MACHINE, 503, 4, "the backup is not there"),
    "backup_too_new": Refusal(MACHINE, 503, 1, "the backup was written by a later version"),
    "backup_too_old": Refusal(
        MACHINE, 503, 1, "the backup was written before the first release, with one community"
    ),
    "backup_unwritable": Refusal(MACHINE, 422, 1, "the backup's file cannot be written"),
    "bad_config": Refusal(
        MACHINE, 503, 2, "a setting has a value of the wrong type, or one that is not allowed"
    ),
    "bad_join": Refusal(
        MACHINE, 503, 2, "the join that has begun is written down in a form we do not know"
    ),
    "bad_passphrase": Refusal(MACHINE, 503, 5, "the passphrase does not open the device key"),
    "disk_full": Refusal(MACHINE, 503, 1, "the disk, or this user's share of it, is full"),
    "home_locked": Refusal(MACHINE, 503, 9, "another process works on this home"),
    "home_not_empty": Refusal(MACHINE, 503, 6, "the home holds a key or a community already"),
    "home_old": Refusal(
        MACHINE, 503, 1, "the home was made by an earlier version, whose files lie otherwise"
    ),
    "home_unsafe": Refusal(
        MACHINE, 503, 1, "a directory belongs to somebody else, or others may enter it"
    ),
    "key_damaged": Refusal(MACHINE, 503, 1, "the key file is not one of ours, or was changed"),
    "key_exists": Refusal(
        MACHINE, 503, 6, "there is a device key already, and it is never overwritten"
    ),
    "key_missing": Refusal(MACHINE, 503, 1, "there is no device key yet"),
    "key_open_to_others": Refusal(
        MACHINE, 503, 1, "other users of this machine may read the device key"
    ),
    "key_too_new": Refusal(MACHINE, 503, 1, "the key file was written by a later version"),
    "passphrase_needed": Refusal(
        MACHINE, 503, 5, "the device key is encrypted and no passphrase was given"
    ),
    "store_behind": Refusal(MACHINE, 503, 8, "the store is older than what this device has signed"),
    "store_damaged": Refusal(MACHINE, 503, 8, "the store's file is damaged"),
    "store_foreign": Refusal(MACHINE, 503, 1, "the file is not a store of p2pnode"),
    "store_missing": Refusal(MACHINE, 503, 1, "there is no store yet"),
    "store_too_new": Refusal(MACHINE, 503, 1, "the store was written by a later version"),
    "store_too_old": Refusal(
        MACHINE, 503, 1, "the store was written before the first release, in another layout"
    ),
    "store_unusable": Refusal(
        MACHINE, 503, 1, "the store's file cannot be opened, read or written"
    ),
}
CODES: dict[str, str] = {code: one.meaning for code, one in REFUSALS.items()}
