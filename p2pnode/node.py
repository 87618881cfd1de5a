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
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import trio

from p2pnode_protocols.core.greeting import TOLD_OF_INVITE
from p2pnode_protocols.record.seats.charter import FaultModel, default_charter, founder_seat
from p2pnode_protocols.record.seats.names import find_member_fault, shown
from p2pnode_protocols.steps.restored import NOTHING_SIGNED
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, WallMs
from p2pnode_protocols.wire.quoting import quoted

from . import __version__, answers
from .answers import ChangeValue
from .backup import About, LastBackup, Seat, note_backup, write_backup
from .clock import Clock
from .counters import Counters
from .errors import RequestError
from .events import Bus, StageChanged
from .keeper import Keeper, leaves
from .links import JoinLink, bind
from .net import HUNG_UP, AddressError, split_address
from .pending import (
    Ended,
    PendingBinding,
    PendingJoin,
    clear_pending,
    load_binding,
    load_pending,
    save_binding,
    save_pending,
)
from .rebuilds import Rebuilder
from .references import find_peer, read_member_id
from .session import Identity, JoinWish, Session, adopt
from .settings import choose_port, net_config
from .speaking import wire_changes
from .status import describe_health, describe_status, store_integrity
from .store.config import Config, load_config
from .store.errors import LocalError, StoreError
from .store.inspecting import find_damage, require_sound, require_sound_pages
from .store.keystore import load_key
from .store.lock import HomeLock
from .store.mark import Mark
from .store.paths import Paths, find_paths
from .store.store import Store
from .verify import verify_store

log = logging.getLogger("p2pnode.node")
# A program that sets up no logs is told nothing of what its node does.
logging.getLogger("p2pnode").addHandler(logging.NullHandler())

AGENT = f"p2pnode/{__version__}"
STOP_S = 8.0  # for everything to stop in good order; systemd and people wait 10


def trouble_at(dialled: str | None, said: str | None) -> str | None:
    """Return what is the matter with an address: why a node refuses, where it has said so."""
    return said if dialled is None or (said is not None and HUNG_UP in dialled) else dialled


class Node(Rebuilder):
    """A home that is open. Use `Node.open`."""

    def __init__(
        self, paths: Paths, config: Config, identity: Identity, nursery: trio.Nursery
    ) -> None:
        clock, bus = Clock(), Bus()
        keeper = Keeper(
            paths.store_file,
            nursery,
            self._make_session,
            lambda happening: bus.publish(self.now_ms, [happening]),
        )
        super().__init__(clock, bus, keeper)
        self.paths = paths
        self.config = config
        self.counters = Counters()
        self.started_ms = self.now_ms
        self._identity = identity
        self._nursery = nursery
        self._ended: JoinWish | None = None  # while no session holds it
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
                node = cls(paths, config, Identity(secret.signer, secret.seed), nursery)
                try:
                    await node._resume()
                    lock.note_started()
                    yield node
                finally:
                    await node._close()
                    nursery.cancel_scope.cancel()

    async def _resume(self) -> None:
        if not require_sound(self.store):  # too large for a start to wait
            self._nursery.start_soon(self._look_at_pages)
        wish = self._load_wish()
        community = self.store.community
        if community is None and wish is None:
            if (behind := self.find_other_record(None)) is not None:
                log.error("%s", behind)
            else:
                log.info("no community yet: found one, or join one")
            return
        await self._keeper.start(wish)

    async def _look_at_pages(self) -> None:
        """Check beside the running node what a small store has checked before; damage ends it."""
        await trio.to_thread.run_sync(
            require_sound_pages,
            self.paths.store_file,
            abandon_on_cancel=True,  # type: ignore[call-arg]  # stubs of an older trio
        )

    async def take_up_kept_join(self) -> None:
        """Begin a join that was kept while this node started: nobody could be asked then.

        To be called once the API listens: who finds none to ask keeps the join in a file, and
        asks once more. So it is seen here, or there.
        """
        async with self._busy:
            if self.session is not None or self.store.community is not None:
                return
            wish = self._load_wish()
            if wish is not None:
                await self._keeper.start(wish)
                self.bus.publish(self.now_ms, [StageChanged(self.stage)])

    def find_other_record(self, community: CommunityId | None) -> StoreError | None:
        mark = Mark.open(self.paths.mark_file(self.device), self.device)
        return mark.find_other_record(community, self.paths.store_file)

    def _load_wish(self) -> JoinWish | None:
        pending = load_pending(self.paths.data_dir)
        if pending is None:
            return None
        try:
            link = JoinLink.from_text(pending.link)
        except RequestError as error:
            raise LocalError("bad_join", error.detail, "p2pnode join LINK --name NAME") from error
        is_other = self.store.community not in (None, link.community)
        if is_other or self.find_other_record(link.community) is not None:
            log.warning("the join that was begun is for another community; it is dropped")
            clear_pending(self.paths.data_dir)
            return None
        return JoinWish(link, pending.member_name, pending.ended)

    async def _close(self) -> None:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + STOP_S):
            await self._keeper.stop()
        self.bus.close()
        self.store.close()

    def _make_session(self, store: Store, wish: JoinWish | None) -> Session:
        community = store.community
        if community is None:
            assert wish is not None, "only a joiner runs without a charter"
            community = wish.link.community
        port = choose_port(self.config, self.paths.state_dir)
        return Session(
            community,
            self._identity,
            store,
            Mark.open(self.paths.mark_file(self.device), self.device),
            net_config(self.config, port),
            self.bus,
            clock=self._clock,
            counters=self.counters,
            agent=AGENT,
            ops_per_minute=self.config.ops_per_minute,
            keep_epochs=self.config.keep_epochs,
            full_replay=self.config.full_replay,
            bootstrap=self.config.bootstrap,
            wish=wish,
            binding=load_binding(self.paths.data_dir),
            on_admitted=lambda: clear_pending(self.paths.data_dir),
            on_ended=lambda wish, ended: self._nursery.start_soon(self._end_join, wish, ended),
        )

    async def _end_join(self, wish: JoinWish, ended: Ended) -> None:
        """Keep what became of a join, and ask on no more."""
        async with self._busy:
            session, pending = self.session, load_pending(self.paths.data_dir)
            if session is None or session.wish is not wish or pending is None:
                return  # it was given up, or begun anew, meanwhile
            self._ended = replace(wish, ended=ended)
            await self._keeper.stop()
            save_pending(self.paths.data_dir, replace(pending, ended=ended))
            await self._keeper.start(self._ended)
            self.bus.publish(self.now_ms, [StageChanged(self.stage)])

    # --- coming to a community ------------------------------------------------------------

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
            if self.session is not None:
                raise RequestError(
                    "already_in_community", "this home has a community, or joins one"
                )
            if (behind := self.find_other_record(None)) is not None:
                raise behind
            seat = founder_seat(member_name, self._identity.device)
            charter = default_charter(name, seat, self.now_ms, fault_model)
            if changes:
                charter = charter.amended(wire_changes(changes))
            community = adopt(self.store, charter.to_bytes())
            # In a community that did not exist before, no key can have signed anything.
            mark = Mark.open(self.paths.mark_file(self.device), self.device)
            mark.set(community, NOTHING_SIGNED, self.now_ms)
            mark.close()
            await self._keeper.start(None)
            self.bus.publish(self.now_ms, [StageChanged(self.stage)])
        overview = self.overview
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
            if 0 < wish.link.expires_ms <= self.now_ms:
                raise UsageError("invite_over", TOLD_OF_INVITE["expired"])
            await self._keeper.stop()
            self._ended = None
            save_pending(self.paths.data_dir, PendingJoin(link, member_name))
            await self._keeper.start(wish)
            self.bus.publish(self.now_ms, [StageChanged(self.stage)])
        return self.join_status()

    def _require_joinable(self, link: JoinLink) -> None:
        self._require_store()
        session = self.session
        core = None if session is None else session.core
        has_seat = (
            self.stage == "member" and core is not None and not core.own_seat.may_have_lost_seat
        )
        if has_seat or self.store.community not in (None, link.community):
            raise RequestError(
                "already_in_community",
                "this home has a community; one home is one seat of one community",
                "another community takes another home:",
                "p2pnode init --home DIR",
            )
        if (behind := self.find_other_record(link.community)) is not None:
            raise behind

    async def give_up_joining(self) -> None:
        """Forget a join that is not done; the home is idle again.

        Once this device has asked for a seat, its store stays, as it says how far it has signed;
        the home can then join the same community only.

        Raises:
            RequestError: `already_in_community` when this device has a seat, or had one.
        """
        async with self._busy:
            self._require_store()
            has_ended = self.session is not None and self.session.progress.ended is not None
            if self.stage in ("removed", "observer") and not has_ended:
                return  # none is under way
            if self.stage not in ("joining", "idle") and not has_ended:
                raise RequestError("already_in_community", "this device has a seat already")
            has_signed = self._has_signed()
            await self._keeper.stop()
            clear_pending(self.paths.data_dir)
            self._ended = None
            if has_signed:
                await self._keeper.start(None)
            elif self.store.community is not None:
                self._keeper.forget()
            self.bus.publish(self.now_ms, [StageChanged(self.stage)])

    def _has_signed(self) -> bool:
        """Return whether this device signed anything, which a new store would sign again."""
        if self.session is None or self.session.core is None:
            return False
        core, found = self.session.core, self.session.mark.found
        said, known = core.own_chain.signed(), NOTHING_SIGNED if found is None else found.signed
        return core.member is not None or any(one.nonce or one.round for one in (said, known))

    def join_status(self, *, timed_out: bool = False) -> answers.JoinStatus:
        """Return where the join stands. Raises `RequestError` `no_community` when there is none."""
        if self.session is None:
            if self._ended is None or self._ended.ended is None:
                raise RequestError("no_community", "no join has begun")
            ended = self._ended.ended
            community = self._ended.link.community
            return answers.JoinStatus("refused", ended.detail, community, code=ended.code)
        progress = self.session.progress
        member = None if self.session.core is None else self.overview.my_seat()
        tried = [
            answers.Tried(address, trouble_at(dict(peer.errors).get(address), answered))
            for peer in self.session.net.statistics().peers
            for answered in (progress.errors.get(peer.device),)
            for address in peer.addresses
        ]
        return answers.JoinStatus(
            stage="admitted" if self.session.stage == "member" else progress.step,
            detail=progress.detail,
            code=progress.code,
            community=self.session.community,
            addresses=tuple(tried),
            binding=None if self.session.binding is None else self.session.binding.code,
            member=member,
            timed_out=timed_out,
        )

    async def wait_admitted(self, timeout_s: float = 30) -> answers.JoinStatus:
        """Return the join's status once it is done or refused, or when time is up."""
        done = await self._wait_until(
            lambda: self.join_status().stage in ("admitted", "refused"), timeout_s
        )
        return self.join_status(timed_out=not done)

    # --- status ----------------------------------------------------------------------------

    def status(self, *, timed_out: bool = False) -> answers.Status:
        """Return how this node and its community are, what needs this member's vote first."""
        return describe_status(self, timed_out=timed_out)

    async def health(self, *, deep: bool = False) -> answers.Health:
        """Return every check; `deep` reads the whole store, in a thread."""
        if not deep:
            return describe_health(self)
        damage = await trio.to_thread.run_sync(find_damage, self.paths.store_file)
        return describe_health(self, store_integrity(damage))

    async def wait_status(
        self, is_enough: Callable[[answers.Status], bool], timeout_s: float = 30
    ) -> answers.Status:
        """Return the status once `is_enough` says so, or when time is up (`timed_out`)."""
        reached = await self._wait_until(lambda: is_enough(self.status()), timeout_s)
        return self.status(timed_out=not reached)

    async def verify_log(self) -> answers.Verification:
        """Check every signature and replay the whole log from the founding charter, in a thread."""
        self._running()
        return await trio.to_thread.run_sync(verify_store, self.paths.store_file)

    # --- links and devices ------------------------------------------------------------------

    @property
    def device(self) -> DeviceKey:
        return self._identity.device

    def link(self) -> str:
        """Return a link without a seat, for a further device of a member."""
        session, core = self._running()
        addresses = session.neighbours.link_addresses()
        return JoinLink(session.community, None, WallMs(0), addresses, core.member).to_text()

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
        return bind(self._identity.signer, read.community, seat).to_text()

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
            save_binding(self.paths.data_dir, PendingBinding(code, ""))
            save_pending(self.paths.data_dir, PendingJoin(link, ""))
            await self._keeper.start(self._load_wish())
            self.bus.publish(self.now_ms, [StageChanged(self.stage)])
        return code

    # --- backups ----------------------------------------------------------------------------

    async def back_up(
        self, file: str | Path, *, with_key: bool = False, replace: bool = False
    ) -> answers.BackupMade:
        """Write a backup of this home and read it back, in a thread.

        Args:
            file: absolute; in a directory that exists.
            with_key: put the device key in, encrypted or not as it is here.
            replace: an older backup under this name may be replaced.

        Raises:
            RequestError: `invalid_request`, `file` is no path or not absolute; `no_community`.
            LocalError: `backup_exists`, `backup_unwritable`, `store_damaged`, `disk_full`.
        """
        session, core = self._running()
        target = Path(file)
        if not target.is_absolute() or "\0" in str(target):
            raise RequestError("invalid_request", f"{quoted(str(file))} is not an absolute path")
        seat = core.state.charter.by_device(core.device)
        about = About(
            AGENT,
            session.community,
            core.state.charter.name,
            None if seat is None else Seat(seat.id, seat.name),
            self.device,
        )
        now_ms = self.now_ms
        write = partial(write_backup, with_key=with_key, replace=replace)
        made = await trio.to_thread.run_sync(write, self.paths, target, about, now_ms)
        note_backup(self.paths, LastBackup(now_ms, str(target), made.log_index, made.key))
        return answers.BackupMade(
            file=str(target),
            created_at=now_ms,
            community=made.community,
            member=None if seat is None else answers.Person(seat.id, seat.name),
            device=made.device,
            index=made.log_index,
            root=made.log_root,
            key=made.key,
        )

    # --- peers ------------------------------------------------------------------------------

    def dial(self, address: str) -> None:
        """Add an address, which must end in /p2p/ and a peer id, to those that are dialled."""
        session, core = self._running()
        try:
            device, address = split_address(address)
        except AddressError as error:
            raise RequestError("invalid_request", str(error)) from error
        session.neighbours.add(device, address)
        session.neighbours.review(core.state.charter)

    def block(self, peer: str) -> None:
        """Cut a member's or device's connections and refuse new ones, until `unblock`."""
        session, _core = self._running()
        for device in self._find_peer(peer):
            session.net.block(device)

    def unblock(self, peer: str) -> None:
        """End a `block`."""
        session, _core = self._running()
        for device in self._find_peer(peer):
            session.net.unblock(device)

    def _find_peer(self, reference: str) -> list[DeviceKey]:
        session, core = self._running()
        known = [one.device for one in session.net.statistics().peers]
        found = find_peer(reference, core.state.charter, known)
        return [one for one in found if one != self.device]

    # --- configuration ----------------------------------------------------------------------

    def reload(self, config: Config) -> None:
        """Take over what can change while running: the bootstrap peers."""
        self.config = config
        if self.session is not None:
            self.session.neighbours.set_bootstrap(config.bootstrap)
            core = self.session.core
            self.session.neighbours.review(None if core is None else core.state.charter)


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
