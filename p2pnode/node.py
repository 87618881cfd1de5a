"""The public Python API: one home, its community, and everything one can do there.

    async with Node.open(home) as node:
        await node.found("Ops", "alice")
        receipt = await node.propose("tactical", "Tea at four", vote="yes")

Values and refusals are the same as those of the HTTP API and the command line. The verbs
are in `speaking.py`, the questions in `reading.py`; here is the home itself: how it comes
to a community, runs it, and stops.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from p2pnode_protocols.charter import FaultModel, default_charter, founder_seat
from p2pnode_protocols.errors import UsageError
from p2pnode_protocols.ids import WallMs

from . import __version__, answers
from .answers import ChangeValue
from .clock import Clock
from .counters import Counters
from .errors import RequestError
from .events import Alarm, StageChanged
from .links import JoinLink, bind
from .net import AddressError, compute_peer_id, split_address
from .pending import PendingJoin, clear_pending, load_pending, save_pending
from .references import find_peer, read_member_id
from .session import Identity, JoinWish, Session, adopt
from .settings import choose_port, net_config
from .speaking import Speaker, wire_changes
from .store.config import Config, load_config
from .store.errors import StoreError
from .store.keystore import load_key
from .store.lock import HomeLock
from .store.paths import Paths, find_paths
from .store.store import Store

log = logging.getLogger("p2pnode.node")

AGENT = f"p2pnode/{__version__}"
RETRY_S = 10.0  # between attempts to use a store whose disk is full or away
STOP_S = 8.0  # for everything to stop in good order; systemd and people wait 10
# What a person can put right while the node waits; anything else ends it.
_PASSING_TROUBLE = ("disk_full", "store_unusable")


class Node(Speaker):
    """A home that is open. Use `Node.open`."""

    def __init__(
        self, paths: Paths, config: Config, identity: Identity, store: Store, nursery: trio.Nursery
    ) -> None:
        super().__init__(Clock())
        self.paths = paths
        self.config = config
        self.store = store
        self.counters = Counters()
        self.started_ms = self.now_ms
        self._identity = identity
        self._nursery = nursery
        self._wish: JoinWish | None = None
        self._session_done = trio.Event()
        self._busy = trio.Lock()  # found, join and giving up: one at a time

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
            LocalError: no key, a home in use by another process, a damaged store, …
            NetError: the addresses to listen on do not work.
        """
        paths = find_paths(home)
        config = load_config(paths.config_file, settings)
        async with cls.start(paths, config, passphrase) as node:
            yield node

    @classmethod
    @asynccontextmanager
    async def start(
        cls, paths: Paths, config: Config, passphrase: bytes | None = None
    ) -> AsyncIterator[Node]:
        """As `open`, with paths and configuration already read."""
        paths.prepare()
        secret = load_key(paths.key_file, passphrase)
        with HomeLock.acquire(paths.lock_file):
            store = Store.create(paths.store_file)
            try:
                async with trio.open_nursery() as nursery:
                    node = cls(paths, config, Identity(secret.signer, secret.seed), store, nursery)
                    try:
                        await node._resume()
                        yield node
                    finally:
                        with trio.CancelScope(shield=True, deadline=trio.current_time() + STOP_S):
                            await node._stop_session()
                        node.bus.close()
                        nursery.cancel_scope.cancel()
            except BaseExceptionGroup as group:
                raise _alone(group) from None
            finally:
                # The session may have opened it anew.
                (node.store if "node" in locals() else store).close()
