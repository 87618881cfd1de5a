"""Keep a session running: start it, stop it, and outlast a disk that fails.

Whatever was in memory when the store failed is given up: a session is always rebuilt from
what the store holds (docs/architecture.md, Where a start begins).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from ..answers import Stage
from ..home.errors import StoreError
from ..home.paths import CommunityPaths
from ..store.store import Store
from .arrival import JoinWish
from .events import Alarm, Happening, StageChanged
from .session import Session

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

log = logging.getLogger("p2pnode.keeper")

RETRY_S = 10.0  # between attempts to use a store whose disk is full or away
# What a person can put right while the node waits; anything else ends it.
_PASSING_TROUBLE = ("disk_full", "store_unusable")

MakeSession = Callable[[Store, JoinWish | None], Session]


class Keeper:
    """Own the store and the session of one community.

    Args:
        paths: of the community; made when they do not exist.
        nursery: runs the session.
        tell: hands what happened to the event bus.
        is_alone: whether nothing else runs here, so that the process may end with it.

    Raises:
        StoreError: as `Store.create`.
    """

    def __init__(
        self,
        paths: CommunityPaths,
        nursery: trio.Nursery,
        tell: Callable[[Happening], None],
        is_alone: Callable[[], bool],
    ) -> None:
        paths.prepare()
        self.store = Store.create(paths.store_file)
        self.session: Session | None = None
        self.trouble: StoreError | None = None  # why no session runs though there should
        self._paths = paths
        self._nursery = nursery
        self._tell = tell
        self._is_alone = is_alone
        self._stop_asked = trio.Event()
        self._done = trio.Event()
        self._done.set()  # none runs

    @property
    def stage(self) -> Stage:
        """What this home is to the community; "halted" while its store cannot be used."""
        if self.trouble is not None:
            return "halted"
        return "idle" if self.session is None else self.session.stage

    @property
    def has_stopped(self) -> bool:
        """Whether its store has a trouble that waiting does not put right."""
        return self.trouble is not None and self.trouble.code not in _PASSING_TROUBLE

    async def start(self, make: MakeSession, wish: JoinWish | None) -> None:
        """Begin to take part; none may run.

        Args:
            make: builds a session that has not begun, now and after the store failed.
            wish: the join that has begun; None: none has.
        """
        self._stop_asked, self._done = trio.Event(), trio.Event()
        await self._nursery.start(self._keep, make, wish)

    async def stop(self) -> None:
        """End the session in good order; returns at once when none runs."""
        self._stop_asked.set()
        if self.session is not None:
            self.session.stop()
        await self._done.wait()
        self.session = None

    async def _keep(
        self, make: MakeSession, wish: JoinWish | None, *, task_status: TaskStatus[None]
    ) -> None:
        is_first = True
        try:
            while not self._stop_asked.is_set():
                session = make(self.store, wish)
                try:
                    async with trio.open_nursery() as nursery:
                        await nursery.start(session.run)
                        self._go_on(session)
                        if is_first:
                            is_first = False
                            task_status.started()
                except* StoreError as group:
                    self._halt(group)
                if is_first:  # it failed at once: whoever asks is told why
                    is_first = False
                    task_status.started()
                if self.trouble is not None:
                    await self._wait_until_usable()
                    wish = session.arrival.wish
        finally:
            self._done.set()

    def _go_on(self, session: Session) -> None:
        was_halted = self.trouble is not None
        self.session, self.trouble = session, None
        if was_halted:
            log.info("the store can be used again")
            self._tell(StageChanged(self.stage))

    def _halt(self, group: BaseExceptionGroup[StoreError]) -> None:
        """Do without a session while the store fails.

        What waiting does not put right is raised, unless other communities go on.
        """
        first = leaves(group)[0]
        assert isinstance(first, StoreError)
        self.halt(first)

    def require_others(self, error: StoreError) -> None:
        """Raise `error` when this is all that runs here, and waiting does not put it right."""
        if error.code not in _PASSING_TROUBLE and self._is_alone():
            raise error

    def halt(self, first: StoreError) -> None:
        """Do without a session from here on. Raises as `require_others`."""
        self.require_others(first)
        was_halted = self.trouble is not None
        self.session, self.trouble = None, first
        if not was_halted:
            log.error("nothing can be saved, so nothing is signed or sent: %s", first)
            self._tell(Alarm("store_unwritable", first.detail))
            self._tell(StageChanged(self.stage))

    async def _wait_until_usable(self) -> None:
        """Wait, then open the store anew: what its last transaction left is read back."""
        assert self.trouble is not None
        self.store.close()
        if self.trouble.code not in _PASSING_TROUBLE:
            await self._stop_asked.wait()  # its owner has to do something, and start anew
            return
        while True:
            with trio.move_on_after(RETRY_S):
                await self._stop_asked.wait()
                return
            try:
                self.store = Store.open(self._paths.store_file)
                return
            except StoreError as error:
                if error.code == "store_missing":
                    continue  # it was taken away, which is said, and may be put back
                self.halt(error)
                if error.code not in _PASSING_TROUBLE:
                    await self._stop_asked.wait()
                    return


def leaves(error: BaseException) -> list[BaseException]:
    """Return the errors in a group, however deep, or the error itself."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for one in error.exceptions for leaf in leaves(one)]
