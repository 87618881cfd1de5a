"""How this process is: what a person, a script or a supervisor looks at first."""

from __future__ import annotations

import os

from p2pnode_protocols.wire.ids import to_text

from .. import __version__, answers
from ..answers.lists import CommunityList, cut_sorted
from ..clock import Clock
from ..home.home import Home
from ..net import compute_peer_id
from .communities import Communities
from .health import Health
from .listening import Listening


class Standing:
    """Say how this process and its communities are."""

    def __init__(
        self,
        home: Home,
        communities: Communities,
        clock: Clock,
        listening: Listening,
        health: Health,
    ) -> None:
        self._home = home
        self._communities = communities
        self._clock = clock
        self._listening = listening
        self._health = health

    def status(self) -> answers.NodeStatus:
        """Return how this process is, and how each community of it."""
        return answers.NodeStatus(
            version=__version__,
            pid=os.getpid(),
            home=str(self._home.paths.data_dir),
            started_at=self._health.started_ms,
            now=self._clock.read().wall_ms,
            device=answers.OwnDevice(self._home.device, compute_peer_id(self._home.device)),
            addresses=self._listening.addresses,
            communities=tuple(sorted(self._lines(), key=_place)),
            warnings=tuple(
                one
                for one in self._health.quick_checks()
                if one.severity != "ok" and one.name != "backup"
            ),
        )

    def list_communities(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> CommunityList:
        """Return the communities of this home by name, those that do not run among them."""
        rows, following = cut_sorted("community", self._lines(), _place, (str, str), cursor, limit)
        return CommunityList(tuple(rows), following)

    def _lines(self) -> list[answers.CommunityHere]:
        return [one.line() for one in self._communities] + [
            answers.CommunityHere(
                id=community,
                name=None,
                state="halted",
                members=None,
                member=None,
                needs_my_vote=0,
                refused_ops=0,
                joining=None,
                trouble=trouble.detail,
            )
            for community, trouble in self._communities.broken.items()
        ]


def _place(line: answers.CommunityHere) -> tuple[str, str]:
    return "" if line.name is None else line.name.casefold(), to_text("com", line.id)
