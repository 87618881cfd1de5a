"""Taking part in one community: its session starts and stops, a join goes on or is given up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import trio

from p2pnode_protocols.steps.restored import NOTHING_SIGNED

from .. import answers
from ..errors import RequestError
from ..home.errors import LocalError, StoreError
from ..home.paths import CommunityPaths
from ..home.pending import (
    Ended,
    PendingBinding,
    PendingJoin,
    clear_pending,
    load_binding,
    load_pending,
    save_binding,
    save_pending,
)
from ..net import HUNG_UP
from ..store.store import Store
from .arrival import Arrival, JoinWish
from .events import StageChanged
from .here import Here
from .keeper import Keeper
from .links import JoinLink
from .session import Ground, Session, Telling

log = logging.getLogger("p2pnode.node")


def trouble_at(dialled: str | None, said: str | None) -> str | None:
    """Return what is the matter with an address: why a node refuses, where it has said so."""
    return said if dialled is None or (said is not None and HUNG_UP in dialled) else dialled


def find_lost(ground: Ground, paths: CommunityPaths, store: Store) -> StoreError | None:
    """Return what stands against a store without a community: that this device has signed there."""
    if store.community is not None:
        return None
    return ground.home.marks.find_lost(paths.community, paths.store_file)


class Participation:
    """Start and stop the session of a community: one thing at a time.

    Args:
        nursery: runs what a session asks for when its join has ended.
        on_left: called when this home has nothing to do with the community any more.
    """

    def __init__(
        self,
        ground: Ground,
        paths: CommunityPaths,
        here: Here,
        keeper: Keeper,
        telling: Telling,
        nursery: trio.Nursery,
        on_left: Callable[[], None],
    ) -> None:
        self._ground = ground
        self._paths = paths
        self._here = here
        self._keeper = keeper
        self._telling = telling
        self._nursery = nursery
        self._on_left = on_left
        self._ended: JoinWish | None = None  # while no session holds it
        self._busy = trio.Lock()

    async def resume(self) -> None:
        """Take part in what the store or a join that has begun is of, if there is any.

        Raises:
            LocalError: `bad_join`, what has begun here cannot be read.
        """
        if self._here.trouble is not None:
            return  # it is not fit to be used
        wish = self._load_wish()
        load_binding(self._paths.data_dir)  # a session reads it; here it can still be refused
        if self._here.store.community is not None or wish is not None:
            await self._keeper.start(self._make_session, wish)
        elif (lost := self._here.find_lost()) is not None:
            log.error("%s", lost)

    async def begin(self) -> None:
        """Take part in a community that was founded here just now."""
        async with self._busy:
            await self._keeper.start(self._make_session, None)
            self._tell_stage()

    # --- a join -----------------------------------------------------------------------

    async def take_up_kept(self) -> None:
        """Begin a join that was kept while this node started: nobody could be asked then."""
        async with self._busy:
            if self._here.session is not None or self._here.store.community is not None:
                return
            wish = self._load_wish()
            if wish is not None:
                await self._keeper.start(self._make_session, wish)
                self._tell_stage()

    async def join(self, link: str, member_name: str) -> None:
        """Begin to join; goes on by itself, also after a restart.

        Args:
            link: to this community.
            member_name: of the seat that it opens; empty for one that opens none.

        Raises:
            RequestError: `already_in_community`, `store_unwritable`.
        """
        await self._come(PendingJoin(link, member_name), None)

    async def request_binding(self, link: str, code: str) -> None:
        """Begin to join a seat as a further device, until `code` is used. Raises as `join`."""
        await self._come(PendingJoin(link, ""), PendingBinding(code, ""))

    async def _come(self, pending: PendingJoin, binding: PendingBinding | None) -> None:
        async with self._busy:
            self._require_joinable()
            await self._keeper.stop()
            self._ended = None
            if binding is not None:
                save_binding(self._paths.data_dir, binding)
            save_pending(self._paths.data_dir, pending)
            await self._keeper.start(self._make_session, self._load_wish())
            self._tell_stage()

    def _require_joinable(self) -> None:
        self._here.require_store()
        session = self._here.session
        core = None if session is None else session.core
        has_seat = (
            self._here.stage == "member"
            and core is not None
            and not core.own_seat.may_have_lost_seat
        )
        if has_seat:
            raise RequestError("already_in_community", "this home has a seat in this community")

    async def give_up(self) -> None:
        """Forget a join that is not done.

        Once this device has asked for a seat, its store stays, as it says how far it has signed;
        the home can then join the same community only.

        Raises:
            RequestError: `already_in_community` when this device has a seat, or had one.
        """
        async with self._busy:
            self._here.require_store()
            session = self._here.session
            has_ended = session is not None and session.arrival.progress.ended is not None
            if self._here.stage in ("removed", "observer") and not has_ended:
                return  # none is under way
            if self._here.stage not in ("joining", "idle") and not has_ended:
                raise RequestError("already_in_community", "this device has a seat already")
            has_signed = self._has_signed()
            await self._keeper.stop()
            clear_pending(self._paths.data_dir)
            self._ended = None
            if has_signed:
                await self._keeper.start(self._make_session, None)
                self._tell_stage()
            else:
                self._tell_stage()  # while somebody hears it
                self._on_left()
                self._paths.forget()

    def _has_signed(self) -> bool:
        """Return whether this device signed anything, which a new store would sign again."""
        session = self._here.session
        if session is None or session.core is None:
            return False
        core, found = session.core, session.mark.found
        said, known = core.own_chain.signed(), NOTHING_SIGNED if found is None else found.signed
        return core.member is not None or any(one.nonce or one.round for one in (said, known))

    def status(self, *, timed_out: bool = False) -> answers.JoinStatus:
        """Return where the join stands. Raises `RequestError` `no_community` when there is none."""
        session = self._here.session
        if session is None:
            if self._ended is None or self._ended.ended is None:
                raise RequestError("no_community", "no join has begun")
            ended = self._ended.ended
            community = self._ended.link.community
            return answers.JoinStatus("refused", ended.detail, community, code=ended.code)
        progress = session.arrival.progress
        member = None if session.core is None else self._here.overview.my_seat()
        tried = [
            answers.Tried(address, trouble_at(dict(peer.errors).get(address), answered))
            for peer in session.net.statistics().peers
            for answered in (progress.errors.get(peer.device),)
            for address in peer.addresses
        ]
        return answers.JoinStatus(
            stage="admitted" if session.stage == "member" else progress.step,
            detail=progress.detail,
            code=progress.code,
            community=session.community,
            addresses=tuple(tried),
            binding=None if session.arrival.binding is None else session.arrival.binding.code,
            member=member,
            timed_out=timed_out,
        )

    async def wait_admitted(self, timeout_s: float = 30) -> answers.JoinStatus:
        """Return the join's status once it is done or refused, or when time is up."""
        done = await self._here.wait_until(
            lambda: self.status().stage in ("admitted", "refused"), timeout_s
        )
        return self.status(timed_out=not done)

    async def _end_join(self, wish: JoinWish, ended: Ended) -> None:
        """Keep what became of a join, and ask on no more."""
        async with self._busy:
            session, pending = self._here.session, load_pending(self._paths.data_dir)
            if session is None or session.arrival.wish is not wish or pending is None:
                return  # it was given up, or begun anew, meanwhile
            self._ended = replace(wish, ended=ended)
            await self._keeper.stop()
            try:
                save_pending(self._paths.data_dir, replace(pending, ended=ended))
            except StoreError as error:  # it is asked once more after a restart, then
                log.warning("how the join has ended is not kept: %s", error)
            await self._keeper.start(self._make_session, self._ended)
            self._tell_stage()

    # --- the session ------------------------------------------------------------------

    def _make_session(self, store: Store, wish: JoinWish | None) -> Session:
        data_dir = self._paths.data_dir
        arrival = Arrival(
            wish,
            load_binding(data_dir),
            tell=lambda: self._here.bus.publish(self._here.now_ms, []),
            on_admitted=self._forget_join,
            on_ended=lambda wish, ended: self._nursery.start_soon(self._end_join, wish, ended),
        )
        return Session(self._ground, self._paths.community, store, arrival, self._telling)

    def _forget_join(self) -> None:
        try:
            clear_pending(self._paths.data_dir)
        except StoreError as error:  # the next start sees that the seat is there
            log.warning("the join is done, and still noted: %s", error)

    def _load_wish(self) -> JoinWish | None:
        pending = load_pending(self._paths.data_dir)
        if pending is None:
            return None
        try:
            link = JoinLink.from_text(pending.link)
        except RequestError as error:
            detail = f"the join kept in {self._paths.data_dir} has a bad link: {error.detail}"
            raise LocalError("bad_join", detail, "p2pnode join LINK --name NAME") from error
        if link.community != self._paths.community:
            log.warning("the join that was begun is for another community; it is dropped")
            clear_pending(self._paths.data_dir)
            return None
        return JoinWish(link, pending.member_name, pending.ended)

    def _tell_stage(self) -> None:
        self._here.bus.publish(self._here.now_ms, [StageChanged(self._here.stage)])
