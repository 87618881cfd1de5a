"""Whether all is well on this node, and what to do where it is not."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import trio

from p2pnode_protocols.wire.ids import WallMs, to_short

from .. import answers
from ..answers import Check, Severity
from ..answers.checks import check, store_integrity
from ..clock import Clock
from ..community.community import Community
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
        """Return every check and the worst severity; `deep` reads all stores, in a thread."""
        costly: list[Check] = []
        if deep:
            for community in self._communities:
                damage = await trio.to_thread.run_sync(find_damage, community.paths.store_file)
                costly.append(self._of(community, store_integrity(damage)))
        checks = [*self.quick_checks(), *costly]
        worst: Severity = max((one.severity for one in checks), key=_ORDER.index)
        return answers.Health(worst, tuple(checks))

    def quick_checks(self) -> list[Check]:
        """Return the checks that cost next to nothing."""
        warnings = self._home.config.warnings
        return [
            *self._store_writable(),
            *self._disk_space(),
            self._key_permissions(),
            self._backup(),
            *(check("configuration", "warning", one, "p2pnode config check") for one in warnings),
            *self._community(),
        ]

    def _of(self, community: Community, found: Check) -> Check:
        """Say of which community a check is, in words too where there are several."""
        told = replace(found, community=community.id)
        if len(self._communities) + len(self._communities.broken) == 1:
            return told
        return replace(told, detail=f"{_name_of(community)}: {found.detail}")

    def _community(self) -> list[Check]:
        found = [
            replace(check("store", "critical", error.detail, *error.steps), community=community)
            for community, error in self._communities.broken.items()
        ]
        if not (self._communities or found):
            detail = "this home belongs to no community yet"
            steps = "p2pnode found NAME --name YOU", "p2pnode join LINK --name YOU"
            return [check("community", "info", detail, *steps)]
        for one in self._communities:
            found += [self._of(one, told) for told in one.checks(self.started_ms)]
        return found

    def _store_writable(self) -> list[Check]:
        """Return it of each community; of the home where that, or nothing else, is to be said."""
        paths = self._home.paths
        found: list[Check] = []
        for community in self._communities:
            if (trouble := community.trouble) is not None:
                told = check("store_writable", "critical", trouble.detail, *trouble.steps)
            else:
                told = _writable(community.paths.store_file)
            found.append(self._of(community, told))
        homes = [_writable(place) for place in (paths.data_dir, paths.state_dir)]
        wrong = [one for one in homes if one.severity != "ok"]
        return [*found, *(wrong[:1] if found or wrong else homes[:1])]

    def _disk_space(self) -> list[Check]:
        """Return it of the home's disk, and of other disks on which communities are."""
        data_dir = self._home.paths.data_dir
        found = [_space_in(data_dir)]
        seen = {_device_of(data_dir)}
        for community in self._communities:
            directory = community.paths.data_dir
            device = _device_of(directory)
            if device is not None and device not in seen:
                found.append(self._of(community, _space_in(directory)))
        return found

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
        detail = f"last backup {age}, {key}: {made.file}"
        without = [
            _name_of(one)
            for one in self._communities
            if one.core is not None and one.id not in made.communities
        ]
        if without:
            detail += f"; not in it: {', '.join(without)}"
            return check("backup", "info", detail, "p2pnode backup")
        return check("backup", "ok", detail)


def is_well(checks: Sequence[Check]) -> bool:
    """Return whether a process can do its work: for it all, or for some community, that is.

    What is critical for one community of several keeps the others from nothing.
    """
    if any(one.severity == "critical" and one.community is None for one in checks):
        return False
    unwell: dict[object, bool] = {}
    for one in checks:
        if one.community is not None:
            unwell[one.community] = unwell.get(one.community, False) or one.severity == "critical"
    return not unwell or not all(unwell.values())


def _name_of(community: Community) -> str:
    return community.name or to_short("com", community.id)


def _writable(place: Path) -> Check:
    if os.access(place, os.W_OK):
        return check("store_writable", "ok", "the store can be written")
    why = "its disk is mounted read-only, or it is not yours" if place.exists() else "it is gone"
    return check(
        "store_writable", "critical", f"{place} cannot be written: {why}", "mount it writable"
    )


def _device_of(directory: Path) -> int | None:
    """Return which disk a directory is on; None: it cannot be looked at."""
    try:
        return directory.stat().st_dev
    except OSError:
        return None


def _space_in(directory: Path) -> Check:
    try:
        free = shutil.disk_usage(directory).free
    except OSError as error:
        detail = f"{directory} cannot be looked at: {error.strerror}"
        return check("disk_space", "critical", detail, "put it back")
    detail = f"{free // (1024 * 1024)} MiB free in {directory}"
    if free < DISK_OUT_BYTES:
        return check("disk_space", "critical", detail, "free some space")
    if free < DISK_LOW_BYTES:
        return check("disk_space", "warning", detail, "free some space")
    return check("disk_space", "ok", detail)
