"""The communities of this home: which there are, and which one is meant."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import trio

from p2pnode_protocols.wire.ids import CommunityId, to_short, to_text
from p2pnode_protocols.wire.quoting import quoted

from ..community.community import Community
from ..community.counters import Counters
from ..community.events import Bus
from ..community.session import Ground, Telling
from ..errors import RequestError
from ..home.errors import LocalError
from ..home.paths import CommunityPaths
from ..home.pending import load_pending

log = logging.getLogger("p2pnode.node")


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
        self._broken: dict[CommunityId, LocalError] = {}

    def __iter__(self) -> Iterator[Community]:
        return iter(tuple(self._all.values()))

    def get(self, community: CommunityId) -> Community | None:
        return self._all.get(community)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def broken(self) -> dict[CommunityId, LocalError]:
        """Those whose store cannot be opened, while others run."""
        return self._broken

    @property
    def only(self) -> Community | None:
        """The one there is; None: there is none. Raises `RequestError` `which_community`."""
        return self.find() if self._all else None

    def look_around(self) -> None:
        """Find those that have files here, or in which this device has signed.

        One that cannot be opened keeps none of the others from running.

        Raises:
            LocalError: no other is there, and its store is damaged, of a later version, …, or
                its join is written in a form we do not know (`bad_join`).
        """
        home = self._ground.home
        held = [paths.community for paths in home.paths.communities()]
        signed = home.marks.signed_in
        for community in dict.fromkeys((*held, *signed)):
            try:
                self._look_at(home.paths.of(community), has_signed=community in signed)
            except LocalError as error:
                self._broken[community] = error
        if self._broken and not self._all:
            raise next(iter(self._broken.values()))
        for community, trouble in self._broken.items():
            log.error("%s does not run: %s", to_short("com", community), trouble)

    def _look_at(self, paths: CommunityPaths, *, has_signed: bool) -> None:
        is_asked = load_pending(paths.data_dir) is not None
        if is_asked or has_signed or paths.store_file.exists():
            found = self.open(paths.community)
            if not (is_asked or found.store.community or found.is_lost):
                self.forget(found)  # a founding that was broken off

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
                Telling(Bus(self._bus), Counters()),
                self._nursery,
                self.forget,
                lambda: self._is_all_that_runs(community),
            )
        return found

    def _is_all_that_runs(self, community: CommunityId) -> bool:
        return all(one.id == community or one.has_stopped for one in self)

    def give_up(self, community: Community, error: LocalError) -> None:
        """Do without one whose files are of no use; the others run.

        Raises:
            LocalError: `error`, when there is no other.
        """
        if self._is_all_that_runs(community.id):
            raise error
        log.error("%s does not run: %s", to_short("com", community.id), error)
        self._broken[community.id] = error
        self.forget(community)

    def forget(self, community: Community) -> None:
        """Have nothing to do with it any more; its session does not run."""
        community.store.close()
        community.bus.close()
        del self._all[community.id]

    def find(self, reference: str | None = None) -> Community:
        """Return the community meant by a name or an id; None: the only one.

        Raises:
            RequestError: `no_community`, `unknown_community`, `which_community`.
            LocalError: its store cannot be opened.
        """
        if reference is None:
            if not self._all:
                raise RequestError("no_community", "this home belongs to no community yet")
            # One that does not run may be the one that is meant.
            if len(self._all) + len(self._broken) > 1:
                raise self._which("several communities are here")
            return next(iter(self._all.values()))
        found = [one for one in self if reference in (one.name, to_text("com", one.id))]
        for community, trouble in self._broken.items():
            if reference == to_text("com", community):
                raise trouble
        if len(found) > 1:
            raise self._which(f"{len(found)} communities here are called {quoted(reference)}")
        if not found:
            raise RequestError(
                "unknown_community", f"no community here is called {quoted(reference)}"
            )
        return found[0]

    def _which(self, why: str) -> RequestError:
        return RequestError("which_community", f"{why}: say which one by its id")
