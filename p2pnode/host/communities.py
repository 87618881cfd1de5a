"""The communities of this home: which there are, and which one is meant."""

from __future__ import annotations

from collections.abc import Iterator

import trio

from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, from_text
from p2pnode_protocols.wire.quoting import quoted

from ..community.community import Community
from ..community.counters import Counters
from ..community.events import Bus
from ..community.session import Ground, Telling
from ..errors import RequestError
from ..home.pending import load_pending


class Communities:
    """Hold them for as long as this home has something to do with them.

    Args:
        nursery: runs them.
    """

    def __init__(self, ground: Ground, bus: Bus, nursery: trio.Nursery) -> None:
        self._ground = ground
        self._bus = bus
        self._nursery = nursery
        self._all: dict[CommunityId, Community] = {}

    def __iter__(self) -> Iterator[Community]:
        return iter(tuple(self._all.values()))

    def get(self, community: CommunityId) -> Community | None:
        return self._all.get(community)

    @property
    def only(self) -> Community | None:
        """The one there is; None: there is none."""
        return next(iter(self._all.values()), None)

    def look_around(self) -> None:
        """Find those that have files here, or in which this device has signed.

        Raises:
            LocalError: a store is damaged, of a later version, …; `bad_join`.
        """
        home = self._ground.home
        for paths in home.paths.communities():
            is_asked = load_pending(paths.data_dir) is not None
            if is_asked or paths.store_file.exists():
                found = self.open(paths.community)
                if not (is_asked or found.store.community or found.is_lost):
                    self.forget(found)  # a founding that was broken off
        for community in home.marks.signed_in:
            self.open(community)

    def open(self, community: CommunityId) -> Community:
        """Return it, opened if it is not yet; its session does not start by that.

        Raises:
            LocalError: its store is damaged, of a later version, …
        """
        found = self._all.get(community)
        if found is None:
            found = self._all[community] = Community(
                self._ground,
                self._ground.home.paths.of(community),
                Telling(self._bus, Counters()),
                self._nursery,
                self.forget,
            )
        return found

    def forget(self, community: Community) -> None:
        """Have nothing to do with it any more; its session does not run."""
        community.store.close()
        del self._all[community.id]

    def find(self, reference: str | None = None) -> Community:
        """Return the community meant by a name or an id; None: the only one.

        Raises:
            RequestError: `no_community`, `unknown_community`, `which_community`.
        """
        if reference is None:
            if not self._all:
                raise RequestError("no_community", "this home belongs to no community yet")
            if len(self._all) > 1:
                raise self._which("several communities are here")
            return next(iter(self._all.values()))
        try:
            by_id = self._all.get(CommunityId(from_text("com", reference)))
        except UsageError:
            by_id = None
        found = [by_id] if by_id else [one for one in self if one.name == reference]
        if len(found) > 1:
            raise self._which(f"{len(found)} communities here are called {quoted(reference)}")
        if not found:
            raise RequestError(
                "unknown_community", f"no community here is called {quoted(reference)}"
            )
        return found[0]

    def _which(self, why: str) -> RequestError:
        return RequestError("which_community", f"{why}: say which one by its id")
