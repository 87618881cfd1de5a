"""The community as it runs on this node, or why none does: what verbs and questions rest on."""

from __future__ import annotations

from collections.abc import Callable

import trio

from p2pnode_protocols.core import Core
from p2pnode_protocols.steps.inputs import Now
from p2pnode_protocols.wire.ids import WallMs

from ..answers import Stage
from ..answers.overview import Overview
from ..answers.removal import describe_removal
from ..clock import Clock
from ..errors import RequestError
from ..home.errors import StoreError
from ..store.store import Store
from .events import Bus
from .keeper import Keeper
from .session import Session


class Here:
    """Where this home stands to one community.

    Args:
        clock: of this node.
        bus: tells what happens here.
        keeper: owns the store, and the session while one runs.
        find_lost: returns what stands against an empty store: that this device has signed here.
    """

    def __init__(
        self,
        clock: Clock,
        bus: Bus,
        keeper: Keeper,
        find_lost: Callable[[], StoreError | None],
    ) -> None:
        self.bus = bus
        self.find_lost = find_lost
        self._clock = clock
        self._keeper = keeper

    @property
    def stage(self) -> Stage:
        """What this home is to a community; "halted" while its store cannot be used."""
        return self._keeper.stage

    @property
    def session(self) -> Session | None:
        """The community that runs here; None: none does, for now or at all."""
        return self._keeper.session

    @property
    def store(self) -> Store:
        return self._keeper.store

    @property
    def trouble(self) -> StoreError | None:
        """Why the store cannot be used at the moment; None: it can."""
        return self._keeper.trouble

    @property
    def now(self) -> Now:
        return self._clock.read()

    @property
    def now_ms(self) -> WallMs:
        return self._clock.read().wall_ms

    def running(self) -> tuple[Session, Core]:
        """Return the session and its core.

        Raises:
            RequestError: `no_community`, `joining` before the charter is here,
                `store_unwritable` while the store cannot be used.
            LocalError: `store_behind`, this device has signed in a community of which the store
                knows nothing.
        """
        self.require_store()
        session = self.session
        if session is None:
            if (behind := self.find_lost()) is not None:
                raise behind
            raise RequestError("no_community", "this home takes no part in the community")
        if session.core is None:
            raise RequestError("joining", session.arrival.progress.detail)
        session.look()
        return session, session.core

    def speaking(self) -> tuple[Session, Core]:
        """As `running`, for who is about to say something.

        Raises:
            RequestError: as `running`; `joining`, `removed`.
            LocalError: as `running`.
        """
        session, core = self.running()
        match session.stage:
            case "removed":
                raise RequestError("removed", *describe_removal(core, session.store))
            case "joining" | "observer":
                raise RequestError("joining", session.arrival.progress.detail)
            case "member" | "idle" | "halted":
                return session, core

    def require_store(self) -> None:
        """Raise `RequestError` `store_unwritable` while the store cannot be used."""
        if self.trouble is not None:
            raise RequestError("store_unwritable", self.trouble.detail, *self.trouble.steps)

    @property
    def overview(self) -> Overview:
        """Answer about the community as it is now. Raises as `running`."""
        return Overview(*self.running())

    async def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Return whether `condition` came to hold within the time. Raises as `wait_until`."""
        return await wait_until(self.bus, condition, timeout_s)


async def wait_until(bus: Bus, condition: Callable[[], bool], timeout_s: float) -> bool:
    """Return whether `condition` came to hold within the time.

    Raises:
        RequestError: `stopping`.
    """
    with trio.move_on_after(timeout_s):
        if await bus.wait_until(condition):
            return True
        raise RequestError("stopping", "the node is shutting down")
    return False
