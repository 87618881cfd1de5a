"""The public Python API: one process, its home, and the communities it takes part in.

    async with Host.open(home) as host:
        await host.found("Ops", "alice")
        community = host.community("Ops")
        receipt = await community.propose("tactical", "Tea at four", vote="yes")

Values and refusals are the same as those of the HTTP API and the command line. What is said to
a community and asked of it is `community.py`; what is the home's own stands in parts beside
this. Here they are put together, started and stopped.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import trio

from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.record.seam.in_force import Practices
from p2pnode_protocols.wire.ids import DeviceKey, WallMs

from .. import answers
from ..clock import Clock
from ..community.community import Community
from ..community.events import Bus
from ..community.keeper import leaves
from ..community.session import Ground
from ..home.config import Config, load_config
from ..home.errors import StoreError
from ..home.home import Home
from ..home.keystore import load_key
from ..home.lock import HomeLock
from ..home.mark import Marks
from ..home.paths import Paths, find_paths
from ..store.inspecting import require_sound, require_sound_pages
from .backing_up import BackingUp
from .coming import Coming
from .communities import Communities
from .health import Health
from .listening import Listening
from .restoring import forget_restoring
from .settings import AGENT
from .standing import Standing

# A program that sets up no logs is told nothing of what its node does.
logging.getLogger("p2pnode").addHandler(logging.NullHandler())

STOP_S = 8.0  # for everything to stop in good order; systemd and people wait 10


class Host:
    """A home that is open. Use `Host.open`.

    Each name below is a method of the part that has it: its arguments, and what it promises and
    raises, stand there.
    """

    def __init__(
        self, home: Home, nursery: trio.Nursery, *, practices: Practices = PRACTICES
    ) -> None:
        clock, bus = Clock(), Bus()
        listening = Listening(home, nursery)
        started_ms = clock.read().wall_ms
        ground = Ground(home, clock, AGENT, started_ms, lambda: listening.endpoint, practices)
        communities = Communities(ground, bus, nursery)
        coming = Coming(ground, communities, listening)
        backing_up = BackingUp(home, communities)
        health = Health(home, communities, clock, started_ms)
        standing = Standing(home, communities, clock, listening, health)

        self.bus = bus
        self._home = home
        self._clock = clock
        self._communities = communities
        self._coming = coming
        self._nursery = nursery

        # How this home comes to a community, and which there is.
        self.found = coming.found
        self.request_binding = coming.request_binding
        self.device_binding = coming.device_binding
        self.take_up_kept_joins = coming.take_up_kept
        self.community = communities.find
        self.list_communities = standing.list_communities

        # How this node is.
        self.node_status = standing.status
        self.health = health.health
        self.quick_checks = health.quick_checks
        self.started_ms = started_ms
        self.back_up = backing_up.back_up

    # --- life -------------------------------------------------------------------------

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        home: str | Path | None = None,
        *,
        passphrase: bytes | None = None,
        settings: Mapping[str, object] | None = None,
        practices: Practices = PRACTICES,
    ) -> AsyncIterator[Host]:
        """Open a home that `p2pnode init` made, and take part in the communities it has.

        Args:
            home: directory of everything; None: `P2PNODE_HOME`, else the user's own.
            passphrase: of the device key, when it has one.
            settings: configuration by key, stronger than file and environment.
            practices: that this program has.

        Raises:
            LocalError: no key, a home in use by another process, a damaged store, addresses
                to listen on that do not work, …
        """
        paths = find_paths(home)
        async with cls.start(
            paths,
            load_config(paths.config_file, settings),
            passphrase=passphrase,
            practices=practices,
        ) as host:
            yield host

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        paths: Paths,
        config: Config,
        *,
        passphrase: bytes | None = None,
        practices: Practices = PRACTICES,
    ) -> AsyncIterator[Host]:
        """As `open`, with paths and configuration already read.

        Args:
            practices: that this program has.
        """
        if not paths.key_file.exists():  # a place that was never a home does not become one
            load_key(paths.key_file, passphrase)
        paths.prepare()
        secret = load_key(paths.key_file, passphrase)
        with HomeLock.acquire(paths.lock_file) as lock, _alone():
            marks = Marks.open(paths.mark_file(secret.device), secret.device)
            forget_restoring(paths)
            with closing(marks):
                async with trio.open_nursery() as nursery:
                    home = Home(paths, config, secret, marks)
                    host = cls(home, nursery, practices=practices)
                    try:
                        await host._begin()
                        lock.note_started()
                        yield host
                    finally:
                        await host._close()
                        nursery.cancel_scope.cancel()

    async def _begin(self) -> None:
        self._communities.look_around()
        for community in self._communities:
            try:
                is_sound = require_sound(community.store)
            except StoreError as error:
                await community.break_off(error)
            else:
                if not is_sound:  # too large for a start to wait
                    self._nursery.start_soon(self._look_at_pages, community)
        await self._coming.resume()

    async def _look_at_pages(self, community: Community) -> None:
        """Check beside the running node what a small store has checked before; damage ends it."""
        try:
            await trio.to_thread.run_sync(
                require_sound_pages,
                community.paths.store_file,
                abandon_on_cancel=True,  # type: ignore[call-arg]  # stubs of an older trio
            )
        except StoreError as error:
            await community.break_off(error)

    async def _close(self) -> None:
        errors: list[StoreError] = []

        async def close(community: Community) -> None:
            try:
                await community.close()
            except StoreError as error:  # raised once the others have ended well
                errors.append(error)

        with trio.CancelScope(shield=True, deadline=trio.current_time() + STOP_S):
            async with trio.open_nursery() as closing_all:
                for community in self._communities:
                    closing_all.start_soon(close, community)
        self.bus.close()
        if errors:
            raise errors[0]

    def reload(self, config: Config) -> None:
        """Take over what can change while running: the bootstrap peers."""
        self._home.config = config
        for community in self._communities:
            if community.session is not None:
                community.session.set_bootstrap(config.bootstrap)

    async def join(
        self, link: str, member_name: str | None = None, *, wait_s: float | None = None
    ) -> answers.JoinStatus:
        """Begin to join the community of a link, as `Coming.join`, and say where that stands.

        Args:
            link: as there.
            member_name: as there.
            wait_s: at most so long until it is done; None: not at all.
        """
        community = await self._coming.join(link, member_name)
        return community.join_status() if wait_s is None else await community.wait_admitted(wait_s)

    # --- where it stands --------------------------------------------------------------

    @property
    def communities(self) -> tuple[Community, ...]:
        return tuple(self._communities)

    @property
    def paths(self) -> Paths:
        return self._home.paths

    @property
    def config(self) -> Config:
        return self._home.config

    @property
    def device(self) -> DeviceKey:
        return self._home.device

    @property
    def now_ms(self) -> WallMs:
        return self._clock.read().wall_ms


@contextmanager
def _alone() -> Iterator[None]:
    """Raise a single error as itself: callers should not have to unpack trio's groups."""
    try:
        yield
    except BaseExceptionGroup as group:
        alone = leaves(group)
        if len(alone) == 1:
            raise alone[0] from None
        raise
