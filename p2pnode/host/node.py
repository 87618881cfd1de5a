"""The public Python API: one home, its community, and everything one can do there.

    async with Node.open(home) as node:
        await node.found("Ops", "alice")
        receipt = await node.propose("tactical", "Tea at four", vote="yes")

Values and refusals are the same as those of the HTTP API and the command line. What is said to
the community and asked of it is `community.py`; what is the home's own stands in parts beside
this. Here they are put together, started and stopped.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import trio

from p2pnode_protocols.steps.inputs import Now
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, WallMs

from ..answers import Stage
from ..answers.overview import Overview
from ..clock import Clock
from ..community.community import Community
from ..community.counters import Counters
from ..community.events import Bus
from ..community.here import Here
from ..community.keeper import Keeper, leaves
from ..community.session import Session
from ..home.config import Config, load_config
from ..home.errors import StoreError
from ..home.keystore import load_key
from ..home.lock import HomeLock
from ..home.paths import Paths, find_paths
from ..store.inspecting import require_sound, require_sound_pages
from ..store.store import Store
from .backing_up import BackingUp
from .coming import Coming
from .health import Health
from .home import Home

# A program that sets up no logs is told nothing of what its node does.
logging.getLogger("p2pnode").addHandler(logging.NullHandler())

STOP_S = 8.0  # for everything to stop in good order; systemd and people wait 10


class Node:
    """A home that is open. Use `Node.open`.

    Each verb and each question is a method of the part that has it: its arguments, and what it
    promises and raises, stand there.
    """

    def __init__(self, home: Home, nursery: trio.Nursery) -> None:  # noqa: PLR0915
        clock, bus, counters = Clock(), Bus(), Counters()
        keeper = Keeper(
            home.paths.store_file,
            nursery,
            lambda happening: bus.publish(clock.read().wall_ms, [happening]),
        )
        here = Here(clock, bus, keeper, home.find_other_record)
        community = Community(here)
        coming = Coming(home, here, keeper, clock, counters, nursery)
        backing_up = BackingUp(home, here)
        health = Health(home, here, coming, counters)

        self.community = community
        self.bus = bus
        self.counters = counters
        self._home = home
        self._here = here
        self._keeper = keeper
        self._coming = coming
        self._health = health
        self._nursery = nursery

        # How this home comes to a community.
        self.found = coming.found
        self.join = coming.join
        self.join_status = coming.status
        self.wait_admitted = coming.wait_admitted
        self.give_up_joining = coming.give_up
        self.take_up_kept_join = coming.take_up_kept
        self.device_binding = coming.device_binding
        self.request_binding = coming.request_binding

        # How this node is.
        self.status = health.status
        self.wait_status = health.wait_status
        self.health = health.health
        self.quick_checks = health.quick_checks
        self.back_up = backing_up.back_up

        # A home has one community: what is said to it, and asked of it, is said to the node.
        self.propose = community.propose
        self.vote = community.vote
        self.revise = community.revise
        self.withdraw = community.withdraw
        self.invite = community.invite
        self.amend = community.amend
        self.rekey = community.rekey
        self.erase = community.erase
        self.removal = community.removal
        self.absence = community.absence
        self.away = community.away
        self.back = community.back
        self.leave = community.leave
        self.add_device = community.add_device
        self.revoke_device = community.revoke_device
        self.set_node_key = community.set_node_key
        self.own_ops = community.own_ops
        self.mark_seen = community.mark_seen
        self.hurry = community.hurry
        self.propose_rebuild = community.propose_rebuild
        self.sign_rebuild = community.sign_rebuild
        self.apply_rebuild = community.apply_rebuild
        self.withdraw_rebuild = community.withdraw_rebuild
        self.find_proposal = community.find_proposal
        self.proposal = community.proposal
        self.proposals = community.proposals
        self.decisions = community.decisions
        self.explain = community.explain
        self.wait = community.wait
        self.certificate = community.certificate
        self.wait_for_certificate = community.wait_for_certificate
        self.member = community.member
        self.members = community.members
        self.charter = community.charter
        self.invites = community.invites
        self.commits = community.commits
        self.epochs = community.epochs
        self.rebuilds = community.rebuilds
        self.verify_log = community.verify_log
        self.events = community.events
        self.peers = community.peers
        self.link = community.link
        self.dial = community.dial
        self.block = community.block
        self.unblock = community.unblock

    # --- life -------------------------------------------------------------------------

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        home: str | Path | None = None,
        *,
        passphrase: bytes | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> AsyncIterator[Node]:
        """Open a home that `p2pnode init` made, and take part in its community if it has one.

        Args:
            home: directory of everything; None: `P2PNODE_HOME`, else the user's own.
            passphrase: of the device key, when it has one.
            settings: configuration by key, stronger than file and environment.

        Raises:
            LocalError: no key, a home in use by another process, a damaged store, addresses
                to listen on that do not work, …
        """
        paths = find_paths(home)
        async with cls.start(
            paths, load_config(paths.config_file, settings), passphrase=passphrase
        ) as node:
            yield node

    @classmethod
    @asynccontextmanager
    async def start(
        cls, paths: Paths, config: Config, *, passphrase: bytes | None = None
    ) -> AsyncIterator[Node]:
        """As `open`, with paths and configuration already read."""
        if not paths.key_file.exists():  # a place that was never a home does not become one
            load_key(paths.key_file, passphrase)
        paths.prepare()
        secret = load_key(paths.key_file, passphrase)
        with HomeLock.acquire(paths.lock_file) as lock, _alone():
            async with trio.open_nursery() as nursery:
                node = cls(Home(paths, config, secret), nursery)
                try:
                    await node._begin()
                    lock.note_started()
                    yield node
                finally:
                    await node._close()
                    nursery.cancel_scope.cancel()

    async def _begin(self) -> None:
        if not require_sound(self.store):  # too large for a start to wait
            self._nursery.start_soon(self._look_at_pages)
        await self._coming.resume()

    async def _look_at_pages(self) -> None:
        """Check beside the running node what a small store has checked before; damage ends it."""
        await trio.to_thread.run_sync(
            require_sound_pages,
            self.paths.store_file,
            abandon_on_cancel=True,  # type: ignore[call-arg]  # stubs of an older trio
        )

    async def _close(self) -> None:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + STOP_S):
            await self._keeper.stop()
        self.bus.close()
        self.store.close()

    def reload(self, config: Config) -> None:
        """Take over what can change while running: the bootstrap peers."""
        self._home.config = config
        if self.session is not None:
            self.session.neighbours.set_bootstrap(config.bootstrap)
            core = self.session.core
            self.session.neighbours.review(None if core is None else core.state.charter)

    # --- where it stands --------------------------------------------------------------

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
    def stage(self) -> Stage:
        """What this home is to a community; "halted" while its store cannot be used."""
        return self._here.stage

    @property
    def session(self) -> Session | None:
        """The community that runs here; None: none does, for now or at all."""
        return self._here.session

    @property
    def store(self) -> Store:
        return self._here.store

    @property
    def trouble(self) -> StoreError | None:
        """Why the store cannot be used at the moment; None: it can."""
        return self._here.trouble

    @property
    def overview(self) -> Overview:
        """Answer about the community as it is now.

        Raises:
            RequestError: `no_community`, `joining`, `store_unwritable`.
            LocalError: `store_behind`.
        """
        return self._here.overview

    @property
    def now(self) -> Now:
        return self._here.now

    @property
    def now_ms(self) -> WallMs:
        return self._here.now_ms

    @property
    def started_ms(self) -> WallMs:
        return self._health.started_ms

    def find_other_record(self, community: CommunityId | None) -> StoreError | None:
        """Return what stands against taking part in `community`: signatures of another record.

        Args:
            community: None: the store as it is, which has none.
        """
        return self._home.find_other_record(community)


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
