"""Whether all is well on this node, and what to do where it is not."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import replace

import trio

from p2pnode_protocols.wire.ids import WallMs, to_short

from .. import answers
from ..answers import Check, Severity
from ..answers.checks import check, store_integrity
from ..clock import Clock
from ..home.home import Home
from ..store.inspecting import find_damage
from .backup import last_backup
from .communities import Communities

DISK_LOW_BYTES = 256 * 1024 * 1024  # a year of a busy community is some tens of MB
DISK_OUT_BYTES = 16 * 1024 * 1024
_ORDER: tuple[Severity, ...] = ("ok", "info", "warning", "critical")


class Health:
    """Look at this node, and at each community of it."""

    def __init__(
        self, home: Home, communities: Communities, clock: Clock, started_ms: WallMs
    ) -> None:
        self.started_ms = started_ms
        self._home = home
        self._communities = communities
        self._clock = clock

    async def health(self, *, deep: bool = False) -> answers.Health:
        """Return every check and the worst severity; `deep` reads all of the store, in a thread."""
        costly: list[Check] = []
        if deep:
            for community in self._communities:
                file = community.paths.store_file
                costly.append(store_integrity(await trio.to_thread.run_sync(find_damage, file)))
        checks = [*self.quick_checks(), *costly]
        worst: Severity = max((one.severity for one in checks), key=_ORDER.index)
        return answers.Health(worst, tuple(checks))

    def quick_checks(self) -> list[Check]:
        """Return the checks that cost next to nothing."""
        warnings = self._home.config.warnings
        return [
            self._store_writable(),
            self._disk_space(),
            self._key_permissions(),
            self._backup(),
            *(check("configuration", "warning", one, "p2pnode config check") for one in warnings),
            *self._community(),
        ]

    def _community(self) -> list[Check]:
        if not self._communities:
            detail = "this home belongs to no community yet"
            steps = "p2pnode found NAME --name YOU", "p2pnode join LINK --name YOU"
            return [check("community", "info", detail, *steps)]
        found = [
            check("store", "critical", error.detail, *error.steps)
            for error in self._communities.broken.values()
        ]
        is_only = len(self._communities) == 1
        for one in self._communities:
            name = one.name or to_short("com", one.id)
            for told in one.checks(self.started_ms):
                found.append(told if is_only else replace(told, detail=f"{name}: {told.detail}"))
        return found

    def _store_writable(self) -> Check:
        for community in self._communities:
            if (trouble := community.trouble) is not None:
                return check("store_writable", "critical", trouble.detail, *trouble.steps)
        paths = self._home.paths
        stores = [one.paths.store_file for one in self._communities]
        for place in (*stores, paths.data_dir, paths.state_dir):
            if not os.access(place, os.W_OK):
                detail = (
                    f"{place} cannot be written: its disk is mounted read-only, or it is not yours"
                )
                return check("store_writable", "critical", detail, "mount it writable")
        return check("store_writable", "ok", "the store can be written")

    def _disk_space(self) -> Check:
        free = shutil.disk_usage(self._home.paths.data_dir).free
        detail = f"{free // (1024 * 1024)} MiB free in {self._home.paths.data_dir}"
        if free < DISK_OUT_BYTES:
            return check("disk_space", "critical", detail, "free some space")
        if free < DISK_LOW_BYTES:
            return check("disk_space", "warning", detail, "free some space")
        return check("disk_space", "ok", detail)

    def _key_permissions(self) -> Check:
        file = self._home.paths.key_file
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except OSError as error:
            detail = f"{file} cannot be looked at: {error.strerror}"
            return check("key_permissions", "critical", detail, "restore it from a backup")
        if os.name == "posix" and mode & 0o077:
            detail = f"{file} has mode {mode:04o}: others may read it"
            return check("key_permissions", "critical", detail, f"chmod 600 {file}")
        return check("key_permissions", "ok", "only this user can read the device key")

    def _backup(self) -> Check:
        made = last_backup(self._home.paths)
        if made is None:
            return check("backup", "info", "no backup was made here", "p2pnode backup")
        days = max(0, self._clock.read().wall_ms - made.at_ms) // 86_400_000
        age = "today" if days == 0 else f"{days} day{'s' if days > 1 else ''} ago"
        key = "without the device key" if made.key == "none" else "with the device key"
        return check("backup", "ok", f"last backup {age}, {key}: {made.file}")
