"""How this home comes to a community: founding one, beginning to join one."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import trio

from p2pnode_protocols.core.peers.greeting import TOLD_OF_INVITE
from p2pnode_protocols.record.seats.charter import (
    Charter,
    FaultModel,
    default_charter,
    founder_seat,
)
from p2pnode_protocols.record.seats.names import find_member_fault, shown
from p2pnode_protocols.steps.restored import NOTHING_SIGNED
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, WallMs

from .. import answers
from ..answers import ChangeValue
from ..community.community import Community
from ..community.links import JoinLink, bind
from ..community.references import read_member_id
from ..community.session import Ground, adopt
from ..community.verbs.acting import wire_changes
from ..community.verbs.paths import check_paths
from ..errors import RequestError
from ..home.errors import LocalError
from ..home.pending import clear_pending, load_pending
from .communities import Communities
from .listening import Listening

log = logging.getLogger("p2pnode.node")


class Coming:
    """Let this home take part in a community: one thing at a time.

    Args:
        takes_one: refuse a second community beside the one that is here.
    """

    def __init__(
        self, ground: Ground, communities: Communities, listening: Listening, *, takes_one: bool
    ) -> None:
        self._ground = ground
        self._communities = communities
        self._listening = listening
        self._takes_one = takes_one
        self._busy = trio.Lock()

    async def resume(self) -> None:
        """Take part in what was found in this home, also in joins that have begun."""
        if self._takes_one:
            self._drop_other_joins()
            if len(self._communities) + len(self._communities.broken) > 1:
                raise LocalError(
                    "home_of_several",
                    "this home has several communities, and the daemon takes part in one",
                    "open it from a program (docs/api.md)",
                )
        if not self._communities:
            log.info("no community yet: found one, or join one")
            return
        await self._listening.begin()
        for community in self._communities:
            try:
                await community.participation.resume()
            except LocalError as error:
                self._communities.give_up(community, error)

    def _drop_other_joins(self) -> None:
        """Forget joins of others beside the community that this home has."""
        taken = [one for one in self._communities if one.store.community or one.is_lost]
        for community in self._communities if taken else ():
            if community not in taken:
                log.warning("the join that was begun is for another community; it is dropped")
                clear_pending(community.paths.data_dir)
                self._communities.forget(community)
                community.paths.forget()

    async def take_up_kept(self) -> None:
        """Begin a join that was kept while this node started: nobody could be asked then.

        To be called once the API listens: who finds none to ask keeps the join in a file, and
        asks once more. So it is seen here, or there.
        """
        async with self._busy:
            for paths in self._ground.home.paths.communities():
                if paths.community in self._communities.broken:
                    continue
                if load_pending(paths.data_dir) is None:
                    continue
                is_known = self._communities.get(paths.community) is not None
                if is_known or not (self._takes_one and self._communities):
                    await self._listening.begin()
                    await self._communities.open(paths.community).participation.take_up_kept()
                else:
                    clear_pending(paths.data_dir)

    async def found(
        self,
        name: str,
        member_name: str,
        *,
        fault_model: FaultModel = "byzantine",
        changes: Mapping[str, ChangeValue] | None = None,
    ) -> answers.Founded:
        """Found a community with this home's owner as its first member.

        Args:
            name: of the community.
            member_name: of the founder's seat.
            fault_model: whether members may lie, or only be silent.
            changes: charter fields by dotted path, as in an amendment.

        Raises:
            UsageError: `bad_charter`, naming the field and what is allowed.
            RequestError: `already_in_community`.
            LocalError: `store_behind`, this device has signed in a community of which the store
                knows nothing; the addresses to listen on do not work; all is saved, start again.
        """
        async with self._busy:
            await self._make_room(None)
            seat = founder_seat(member_name, self._ground.home.device)
            charter = default_charter(name, seat, self._now_ms, fault_model)
            if changes:
                check_paths(charter, changes)
                charter = charter.amended(wire_changes(changes))
            community = self._make(charter)
            await self._listening.begin()
            await community.participation.begin()
        overview = community.overview
        member = overview.my_seat()
        assert member is not None
        made = overview.community()
        return answers.Founded(made.id, made.name, member, overview.committee())

    def _make(self, charter: Charter) -> Community:
        """Return a new community, saved; what cannot be saved whole is not kept."""
        community: Community | None = None
        try:
            community = self._communities.open(charter.community_id)
            adopt(community.store, charter.to_bytes())
            # In a community that did not exist before, no key can have signed anything.
            self._ground.home.marks.of(community.id).set(NOTHING_SIGNED, self._now_ms)
        except LocalError:
            if community is not None:
                self._communities.forget(community)
            self._ground.home.paths.of(charter.community_id).forget()
            raise
        return community

    async def join(self, link: str, member_name: str | None = None) -> Community:
        """Begin to join the community of a link; goes on by itself, also after a restart.

        Args:
            link: of an invite; or, for a device that has a seat and lost its record, of `link`.
            member_name: of the seat that an invite opens; other links open none, and need none.

        Raises:
            RequestError: `bad_link`, `already_in_community`.
            UsageError: `invite_over`, it has expired; `bad_field`, no seat can have this name.
        """
        read = JoinLink.from_text(link)
        if read.secret is None:
            member_name = ""
        elif member_name is None:
            raise UsageError("bad_field", "name: this link opens a seat, which needs one")
        elif (fault := find_member_fault(member_name)) is not None:
            raise UsageError("bad_field", f"name: {shown(member_name)} is not allowed; {fault}")
        async with self._busy:
            await self._make_room(read.community)
            if 0 < read.expires_ms <= self._now_ms:
                raise UsageError("invite_over", TOLD_OF_INVITE["expired"])
            await self._listening.begin()
            community = self._communities.open(read.community)
            await community.participation.join(link, member_name)
        return community

    async def _make_room(self, wanted: CommunityId | None) -> None:
        """Refuse a second community beside the one that is here; a link replaces an older one.

        Args:
            wanted: to be joined; None: one is to be founded.
        """
        if not self._takes_one:
            return
        for community in self._communities:
            if community.id == wanted:
                continue
            community.here.require_store()
            if (lost := community.here.find_lost()) is not None and community.session is None:
                raise lost
            if wanted is not None and not community.store.community:
                await community.give_up_joining()
                continue
            raise RequestError(
                "already_in_community",
                "this home has a community; one home is one seat of one community",
                "another community takes another home:",
                "p2pnode init --home DIR",
            )

    def device_binding(self, link: str, member: str | None = None) -> str:
        """Return this device's agreement to belong to a seat; the seat's device adds it.

        Args:
            link: of the community, from `link` on a device of the seat.
            member: the seat's id in full, for a link that names none.

        Raises:
            RequestError: `bad_link`, it names no seat and `member` is None.
        """
        read = JoinLink.from_text(link)
        seat = read.member if member is None else read_member_id(member)
        if seat is None:
            raise RequestError(
                "bad_link",
                "the link names no seat",
                "make one on another device of the seat:",
                "p2pnode devices link",
            )
        return bind(self._ground.home.secret.signer, read.community, seat).to_text()

    async def request_binding(self, link: str) -> str:
        """Begin to join a seat as a further device; return the code its owner adds it by.

        Goes on by itself, also after a restart, until the device is bound.

        Raises:
            RequestError: `bad_link`, `already_in_community`.
        """
        code = self.device_binding(link)
        read = JoinLink.from_text(link)
        async with self._busy:
            await self._make_room(read.community)
            await self._listening.begin()
            community = self._communities.open(read.community)
            await community.participation.request_binding(link, code)
        return code

    @property
    def _now_ms(self) -> WallMs:
        return self._ground.clock.read().wall_ms
