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
from p2pnode_protocols.wire.ids import WallMs

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
from ..home.pending import load_pending
from .communities import Communities
from .listening import Listening

log = logging.getLogger("p2pnode.node")


class Coming:
    """Let this home take part in communities: one thing at a time."""

    def __init__(self, ground: Ground, communities: Communities, listening: Listening) -> None:
        self._ground = ground
        self._communities = communities
        self._listening = listening
        self._busy = trio.Lock()

    async def resume(self) -> None:
        """Take part in what was found in this home, also in joins that have begun."""
        if not self._communities:
            log.info("no community yet: found one, or join one")
            return
        await self._listening.begin()
        for community in self._communities:
            try:
                await community.participation.resume()
            except LocalError as error:
                self._communities.give_up(community, error)

    async def take_up_kept(self) -> None:
        """Begin a join that was kept while this node started: nobody could be asked then.

        To be called once the API listens: who finds none to ask keeps the join in a file, and
        asks once more. So it is seen here, or there.
        """
        async with self._busy:
            for paths in self._ground.home.paths.communities():
                if paths.community in self._communities.broken:
                    continue
                if load_pending(paths.data_dir) is not None:
                    await self._listening.begin()
                    await self._communities.open(paths.community).participation.take_up_kept()

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
            LocalError: its files cannot be written; the addresses to listen on do not work.
        """
        async with self._busy:
            seat = founder_seat(member_name, self._ground.home.device)
            charter = default_charter(
                name, seat, self._now_ms, fault_model, self._ground.practices.versions
            )
            if changes:
                check_paths(charter, changes)
                charter = charter.amended(wire_changes(changes))
            await self._listening.begin()
            community = self._found(charter)
            await community.participation.begin()
        overview = community.overview
        member = overview.my_seat()
        assert member is not None
        made = overview.community()
        return answers.Founded(made.id, made.name, member, overview.committee())

    def _found(self, charter: Charter) -> Community:
        """Return the community of a charter, which is new; what fails leaves nothing of it."""
        community = self._communities.open(charter.community_id)
        try:
            adopt(community.store, charter.to_bytes(), self._ground.practices)
            # In a community that did not exist before, no key can have signed anything.
            self._ground.home.marks.of(community.id).set(NOTHING_SIGNED, self._now_ms)
        except LocalError:
            self._communities.forget(community)
            community.paths.forget()
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
            if 0 < read.expires_ms <= self._now_ms:
                raise UsageError("invite_over", TOLD_OF_INVITE["expired"])
            await self._listening.begin()
            community = self._communities.open(read.community)
            await community.participation.join(link, member_name)
        return community

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
            await self._listening.begin()
            community = self._communities.open(read.community)
            await community.participation.request_binding(link, code)
        return code

    @property
    def _now_ms(self) -> WallMs:
        return self._ground.clock.read().wall_ms
