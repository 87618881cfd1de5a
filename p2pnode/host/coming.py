"""How this home comes to a community: founding one, joining one, giving a join up."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import trio

from p2pnode_protocols.core.peers.greeting import TOLD_OF_INVITE
from p2pnode_protocols.record.seats.charter import FaultModel, default_charter, founder_seat
from p2pnode_protocols.record.seats.names import find_member_fault, shown
from p2pnode_protocols.steps.restored import NOTHING_SIGNED
from p2pnode_protocols.wire.errors import UsageError

from .. import answers
from ..answers import ChangeValue
from ..clock import Clock
from ..community.arrival import JoinWish
from ..community.counters import Counters
from ..community.events import StageChanged
from ..community.here import Here
from ..community.keeper import Keeper
from ..community.links import JoinLink, bind
from ..community.references import read_member_id
from ..community.session import Session, adopt
from ..community.verbs.acting import wire_changes
from ..community.verbs.paths import check_paths
from ..errors import RequestError
from ..home.errors import LocalError
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
from .home import AGENT, Home
from .settings import choose_port, net_config

log = logging.getLogger("p2pnode.node")


def trouble_at(dialled: str | None, said: str | None) -> str | None:
    """Return what is the matter with an address: why a node refuses, where it has said so."""
    return said if dialled is None or (said is not None and HUNG_UP in dialled) else dialled


class Coming:
    """Start and stop the session of this home: one thing at a time.

    Args:
        nursery: runs what a session asks for when its join has ended.
    """

    def __init__(
        self,
        home: Home,
        here: Here,
        keeper: Keeper,
        clock: Clock,
        counters: Counters,
        nursery: trio.Nursery,
    ) -> None:
        self._home = home
        self._here = here
        self._keeper = keeper
        self._clock = clock
        self._counters = counters
        self._nursery = nursery
        self._ended: JoinWish | None = None  # while no session holds it
        self._busy = trio.Lock()

    async def resume(self) -> None:
        """Take part in what the store or a join that has begun is of, if there is any."""
        wish = self._load_wish()
        community = self._here.store.community
        if community is None and wish is None:
            if (behind := self._home.find_other_record(None)) is not None:
                log.error("%s", behind)
            else:
                log.info("no community yet: found one, or join one")
            return
        await self._start(wish)

    async def _start(self, wish: JoinWish | None) -> None:
        await self._keeper.start(self._make_session, wish)

    async def take_up_kept(self) -> None:
        """Begin a join that was kept while this node started: nobody could be asked then.

        To be called once the API listens: who finds none to ask keeps the join in a file, and
        asks once more. So it is seen here, or there.
        """
        async with self._busy:
            if self._here.session is not None or self._here.store.community is not None:
                return
            wish = self._load_wish()
            if wish is not None:
                await self._start(wish)
                self._tell_stage()

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
            if self._here.session is not None:
                raise RequestError(
                    "already_in_community", "this home has a community, or joins one"
                )
            if (behind := self._home.find_other_record(None)) is not None:
                raise behind
            seat = founder_seat(member_name, self._home.device)
            charter = default_charter(name, seat, self._here.now_ms, fault_model)
            if changes:
                check_paths(charter, changes)
                charter = charter.amended(wire_changes(changes))
            community = adopt(self._here.store, charter.to_bytes())
            # In a community that did not exist before, no key can have signed anything.
            mark = self._home.open_mark()
            mark.set(community, NOTHING_SIGNED, self._here.now_ms)
            mark.close()
            await self._start(None)
            self._tell_stage()
        overview = self._here.overview
        member = overview.my_seat()
        assert member is not None
        made = overview.community()
        return answers.Founded(made.id, made.name, member, overview.committee())

    async def join(self, link: str, member_name: str | None = None) -> answers.JoinStatus:
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
        wish = JoinWish(read, member_name)
        async with self._busy:
            self._require_joinable(wish.link)
            if 0 < wish.link.expires_ms <= self._here.now_ms:
                raise UsageError("invite_over", TOLD_OF_INVITE["expired"])
            await self._keeper.stop()
            self._ended = None
            save_pending(self._home.paths.data_dir, PendingJoin(link, member_name))
            await self._start(wish)
            self._tell_stage()
        return self.status()

    def _require_joinable(self, link: JoinLink) -> None:
        self._here.require_store()
        session = self._here.session
        core = None if session is None else session.core
        has_seat = (
            self._here.stage == "member"
            and core is not None
            and not core.own_seat.may_have_lost_seat
        )
        if has_seat or self._here.store.community not in (None, link.community):
            raise RequestError(
                "already_in_community",
                "this home has a community; one home is one seat of one community",
                "another community takes another home:",
                "p2pnode init --home DIR",
            )
        if (behind := self._home.find_other_record(link.community)) is not None:
            raise behind

    async def give_up(self) -> None:
        """Forget a join that is not done; the home is idle again.

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
            clear_pending(self._home.paths.data_dir)
            self._ended = None
            if has_signed:
                await self._start(None)
            elif self._here.store.community is not None:
                self._keeper.forget()
            self._tell_stage()

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
        return bind(self._home.secret.signer, read.community, seat).to_text()

    async def request_binding(self, link: str) -> str:
        """Begin to join a seat as a further device; return the code its owner adds it by.

        Goes on by itself, also after a restart, until the device is bound.

        Raises:
            RequestError: `bad_link`, `already_in_community`.
        """
        code = self.device_binding(link)
        async with self._busy:
            self._require_joinable(JoinLink.from_text(link))
            await self._keeper.stop()
            save_binding(self._home.paths.data_dir, PendingBinding(code, ""))
            save_pending(self._home.paths.data_dir, PendingJoin(link, ""))
            await self._start(self._load_wish())
            self._tell_stage()
        return code

    async def _end_join(self, wish: JoinWish, ended: Ended) -> None:
        """Keep what became of a join, and ask on no more."""
        async with self._busy:
            session, pending = self._here.session, load_pending(self._home.paths.data_dir)
            if session is None or session.arrival.wish is not wish or pending is None:
                return  # it was given up, or begun anew, meanwhile
            self._ended = replace(wish, ended=ended)
            await self._keeper.stop()
            save_pending(self._home.paths.data_dir, replace(pending, ended=ended))
            await self._start(self._ended)
            self._tell_stage()

    def _make_session(self, store: Store, wish: JoinWish | None) -> Session:
        community = store.community
        if community is None:
            assert wish is not None, "only a joiner runs without a charter"
            community = wish.link.community
        port = choose_port(self._home.config, self._home.paths.state_dir)
        return Session(
            community,
            self._home.secret,
            store,
            self._home.open_mark(),
            net_config(self._home.config, port),
            self._here.bus,
            clock=self._clock,
            counters=self._counters,
            agent=AGENT,
            ops_per_minute=self._home.config.ops_per_minute,
            keep_epochs=self._home.config.keep_epochs,
            full_replay=self._home.config.full_replay,
            bootstrap=self._home.config.bootstrap,
            wish=wish,
            binding=load_binding(self._home.paths.data_dir),
            on_admitted=lambda: clear_pending(self._home.paths.data_dir),
            on_ended=lambda wish, ended: self._nursery.start_soon(self._end_join, wish, ended),
        )

    def _load_wish(self) -> JoinWish | None:
        pending = load_pending(self._home.paths.data_dir)
        if pending is None:
            return None
        try:
            link = JoinLink.from_text(pending.link)
        except RequestError as error:
            raise LocalError("bad_join", error.detail, "p2pnode join LINK --name NAME") from error
        is_other = self._here.store.community not in (None, link.community)
        if is_other or self._home.find_other_record(link.community) is not None:
            log.warning("the join that was begun is for another community; it is dropped")
            clear_pending(self._home.paths.data_dir)
            return None
        return JoinWish(link, pending.member_name, pending.ended)

    def _tell_stage(self) -> None:
        self._here.bus.publish(self._here.now_ms, [StageChanged(self._here.stage)])
