"""The verb that writes a backup of this home."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import trio

from p2pnode_protocols.wire.quoting import quoted

from .. import answers
from ..errors import RequestError
from ..home.home import Home
from .backup import About, LastBackup, Seat, note_backup, write_backup
from .communities import Communities
from .settings import AGENT


class BackingUp:
    """Write one file from which this home can be set up again."""

    def __init__(self, home: Home, communities: Communities) -> None:
        self._home = home
        self._communities = communities

    async def back_up(
        self, file: str | Path, *, with_key: bool = False, replace: bool = False
    ) -> answers.BackupMade:
        """Write a backup of this home and read it back, in a thread.

        Args:
            file: absolute; in a directory that exists.
            with_key: put the device key in, encrypted or not as it is here.
            replace: an older backup under this name may be replaced.

        Raises:
            RequestError: `invalid_request`, `file` is no path or not absolute; `no_community`.
            LocalError: `backup_exists`, `backup_unwritable`, `store_damaged`, `disk_full`.
        """
        here = self._communities.find().here
        session, core = here.running()
        target = Path(file)
        if not target.is_absolute() or "\0" in str(target):
            raise RequestError("invalid_request", f"{quoted(str(file))} is not an absolute path")
        seat = core.state.charter.by_device(core.device)
        about = About(
            AGENT,
            session.community,
            core.state.charter.name,
            None if seat is None else Seat(seat.id, seat.name),
            self._home.device,
        )
        now_ms = here.now_ms
        write = partial(write_backup, with_key=with_key, replace=replace)
        made = await trio.to_thread.run_sync(write, self._home.paths, target, about, now_ms)
        note_backup(self._home.paths, LastBackup(now_ms, str(target), made.log_index, made.key))
        return answers.BackupMade(
            file=str(target),
            created_at=now_ms,
            community=made.community,
            member=None if seat is None else answers.Person(seat.id, seat.name),
            device=made.device,
            index=made.log_index,
            root=made.log_root,
            key=made.key,
        )
