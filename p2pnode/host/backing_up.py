"""The verb that writes a backup of this home."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import trio

from p2pnode_protocols.wire.quoting import quoted

from .. import answers
from ..community.community import Community
from ..errors import RequestError
from ..home.home import Home
from .backup import About, LastBackup, note_backup, write_backup
from .communities import Communities
from .manifest import Kept, Seat
from .settings import AGENT


class BackingUp:
    """Write one file from which this home can be set up again."""

    def __init__(self, home: Home, communities: Communities) -> None:
        self._home = home
        self._communities = communities

    async def back_up(
        self,
        file: str | Path,
        *,
        with_key: bool = False,
        replace: bool = False,
        only: Sequence[str] | None = None,
    ) -> answers.BackupMade:
        """Write a backup of this home and read it back, in a thread.

        A join that has no record yet is not in it: its link is a secret, and opens one seat.

        Args:
            file: absolute; in a directory that exists.
            with_key: put the device key in, encrypted or not as it is here.
            replace: an older backup under this name may be replaced.
            only: communities by name or id; None: all that have a record here.

        Raises:
            RequestError: `invalid_request`, `file` is no path or not absolute; `no_community`,
                `unknown_community`, `which_community`; `joining`, none has a record;
                `store_unwritable`, one of them is halted.
            LocalError: `backup_exists`, `backup_unwritable`, `store_damaged`, `disk_full`; one of
                them does not run.
        """
        chosen, left_out = self._choose(only)
        target = Path(file)
        if not target.is_absolute() or "\0" in str(target):
            raise RequestError("invalid_request", f"{quoted(str(file))} is not an absolute path")
        now_ms = chosen[0].now_ms
        write = partial(
            write_backup,
            self._home.paths,
            target,
            [_describe(one) for one in chosen],
            software=AGENT,
            device=self._home.device,
            now_ms=now_ms,
            with_key=with_key,
            replace=replace,
        )
        made = await trio.to_thread.run_sync(write)
        kept = frozenset(one.community for one in made.communities)
        note_backup(self._home.paths, LastBackup(now_ms, str(target), kept, made.key))
        return answers.BackupMade(
            file=str(target),
            created_at=now_ms,
            communities=tuple(map(_answer, made.communities)),
            left_out=tuple(one.id for one in left_out),
            device=made.device,
            key=made.key,
        )

    def _choose(self, only: Sequence[str] | None) -> tuple[list[Community], list[Community]]:
        """Return the communities to be kept, and those without a record. Raises as `back_up`."""
        if only:
            found = dict.fromkeys(self._communities.find(one) for one in only)
        else:
            for trouble in self._communities.broken.values():
                raise trouble
            found = dict.fromkeys(self._communities)
        kept: list[Community] = []
        without: list[Community] = []
        for one in found:
            one.here.require_store()
            (kept if one.core is not None else without).append(one)
        if not kept:
            (without[0] if without else self._communities.find()).here.running()
        return kept, without


def _describe(community: Community) -> About:
    _, core = community.here.running()
    charter = core.state.charter
    seat = charter.by_device(core.device)
    member = None if seat is None else Seat(seat.id, seat.name)
    return About(community.id, charter.name, member)


def _answer(kept: Kept) -> answers.BackedUp:
    seat = kept.member
    return answers.BackedUp(
        id=kept.community,
        name=kept.name,
        member=None if seat is None else answers.Person(seat.id, seat.name),
        index=kept.log_index,
        root=kept.log_root,
    )
