"""The communities of this home: which there are, and which one is meant."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import trio

from p2pnode_protocols.record.seats.names import is_same
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

_ID_CHARS = 4  # of an id that is typed, at least
_SHOWN_CHARS = 16  # of an id that is to be typed
_LISTED = 8  # communities in a refusal


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
                paths.forget()

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
                Telling(Bus(self._bus, community), Counters()),
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
        """Return the community meant by a name, an id or its beginning; None: the only one.

        Raises:
            RequestError: `no_community`, `unknown_community`, `which_community`.
            LocalError: its store cannot be opened.
        """
        if reference is None:
            if len(self._all) + len(self._broken) > 1:
                raise self._which("this home has several communities", self._ids)
            for trouble in self._broken.values():
                raise trouble
            for community in self._all.values():
                return community
            raise RequestError("no_community", "this home belongs to no community yet")
        meant = self._meant(reference)
        if len(meant) > 1:
            raise self._which(f"{quoted(reference)} fits {len(meant)} communities here", meant)
        if not meant:
            raise RequestError(
                "unknown_community", f"no community here is called {quoted(reference)}"
            )
        if meant[0] in self._broken:
            raise self._broken[meant[0]]
        return self._all[meant[0]]

    @property
    def _ids(self) -> list[CommunityId]:
        return [*self._all, *self._broken]

    def _meant(self, reference: str) -> list[CommunityId]:
        """Return those that a name or an id could mean; a name as it stands before its like."""
        names = {one.id: one.name for one in self if one.name is not None}
        named = [one for one, name in names.items() if name == reference]
        named = named or [one for one, name in names.items() if is_same(name, reference)]
        if not reference.strip().lower().startswith("com_"):
            return named
        known = reference.strip().lower()  # at least so much of it as can be told apart
        is_long = len(known) >= len("com_") + _ID_CHARS
        begin = [one for one in self._ids if is_long and to_text("com", one).startswith(known)]
        return list(dict.fromkeys((*named, *begin)))

    def _which(self, why: str, meant: Sequence[CommunityId]) -> RequestError:
        """Return the refusal that lists what could be meant."""
        listed: list[str] = []
        for one in meant[:_LISTED]:
            found = self._all.get(one)
            name = "one that does not run" if found is None else found.name or "one without a name"
            listed.append(f"{name} is {to_text('com', one)[:_SHOWN_CHARS]}")
        if len(meant) > _LISTED:
            listed.append("…")
        return RequestError("which_community", f"{why}: {', '.join(listed)}")
