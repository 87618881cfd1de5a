"""One community running on this node: store, network, core and the driver between them.

Nurseries are the shutdown order: what takes work in (network, requests) stops first, then
the driver saves and answers what is queued, then the network says good-bye.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trio

from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.record.bodies import Body
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.seam.in_force import Practices
from p2pnode_protocols.record.seats.charter import Charter, Member
from p2pnode_protocols.record.versions import find_lacking
from p2pnode_protocols.steps.inputs import Asked, Submit
from p2pnode_protocols.steps.notices import OwnChainLearned
from p2pnode_protocols.wire.errors import NotYet
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MemberId, WallMs

from ..answers import Stage
from ..clock import Clock
from ..errors import RequestError
from ..home.errors import StoreError
from ..home.home import Home
from ..net import Endpoint, Net
from ..store.store import Store
from .arrival import Arrival
from .counters import Counters
from .driver import INBOX, Driver, Item, Request, ask
from .driver import submit as hand_over
from .events import Bus, Happening, StageChanged
from .joining import fetch_charter, take_seat
from .neighbours import Neighbours
from .reporting import SeldomTold, log_happenings

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

log = logging.getLogger("p2pnode.session")

PRUNE_EVERY_S = 60.0  # an epoch lasts hours or more
PRUNE_PAUSE_S = 0.05  # between two slices of some milliseconds
DRAIN_S = 5.0  # for what is queued when the node stops; a step takes milliseconds


@dataclass(frozen=True, slots=True)
class Ground:
    """What all communities of one process stand on."""

    home: Home
    clock: Clock
    agent: str  # what peers are told
    started_ms: WallMs  # since when this process runs
    find_endpoint: Callable[[], Endpoint]  # that runs
    practices: Practices  # that this program has


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told what happens in a community."""

    bus: Bus
    counters: Counters


class Session:
    """A community on this node, from start to shutdown. Runs once.

    `core` is None until the founding charter is here.
    """

    def __init__(
        self,
        ground: Ground,
        community: CommunityId,
        store: Store,
        arrival: Arrival,
        telling: Telling,
    ) -> None:
        home = ground.home
        self.community = community
        self.device = home.device
        self.store = store
        self.mark = home.marks.of(community)
        self.core: Core | None = None
        self.arrival = arrival
        self._secret = home.secret
        self._config = home.config  # as it was at the start: most of it counts from then on
        self._clock = ground.clock
        self._agent = ground.agent
        self.practices = ground.practices
        self._telling = telling
        self._bus = telling.bus
        self._events, self._inbox = trio.open_memory_channel[Item](INBOX)
        self._net_events = self._events.clone()
        self._stopping = trio.Event()
        self._reviewed: Charter | None = None
        self.net = Net(
            ground.find_endpoint(),
            community,
            self._is_known,
            Opener(community),
            self._net_events,
            seat_of=self._seat_of,
            is_let_in=self._is_let_in,
        )
        # Who asks for nothing any more, and knows no community, dials nobody.
        is_idle = self.arrival.asked is None and store.charter is None
        self.neighbours = Neighbours(
            self.device,
            self.net,
            store.address_book,
            () if is_idle else home.config.bootstrap,
            self.arrival.link_addresses,
        )
        self._told_stage: Stage | None = None
        self._seldom = SeldomTold(self._is_known)

    def _is_known(self, device: DeviceKey) -> bool:
        return self.core is not None and self.core.state.charter.by_device(device) is not None

    def _is_let_in(self, device: DeviceKey) -> bool:
        return self.core is not None and device in self.core.sync.peers.connected

    def _seat_of(self, device: DeviceKey) -> bytes:
        """Return what a device has in common with others: its seat, or who it was invited by."""
        if self.core is None:
            return device
        seat = self.core.state.charter.by_device(device)
        if seat is not None:
            return seat.id
        peer = self.core.sync.peers.get(device)
        return device if peer is None or peer.invite is None else peer.invite

    # --- life ------------------------------------------------------------------------

    async def run(self, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Take part in the community until `stop`; started once it listens.

        Raises:
            StoreError: something could not be saved; build a new session from the store.
        """
        if self.store.charter is not None:
            self.core = self._build_core()
        self.arrival.begin(self.core)
        with self._inbox:
            async with trio.open_nursery() as work:
                with self._events, self._net_events:
                    async with trio.open_nursery() as intake:
                        await intake.start(self.net.run)
                        self._review_charter()
                        self._note_stage()
                        intake.start_soon(self._take_part, work)
                        intake.start_soon(self._prune)
                        intake.start_soon(self.arrival.expire, self._read_ms)
                        intake.start_soon(self.arrival.see_to_seat, self._look_around)
                        intake.start_soon(self.arrival.see_to_join)
                        task_status.started()
                        await self._stopping.wait()
                        intake.cancel_scope.cancel()
                work.cancel_scope.deadline = trio.current_time() + DRAIN_S

    def stop(self) -> None:
        """Take nothing more in, finish what is queued, say good-bye; `run` returns then."""
        self._stopping.set()

    def set_bootstrap(self, bootstrap: Sequence[str]) -> None:
        """Dial these besides from here on, in place of those of before."""
        self.neighbours.set_bootstrap(bootstrap)
        self.neighbours.review(None if self.core is None else self.core.state.charter)

    async def _prune(self) -> None:
        """Forget what nothing needs, a little at a time: peers and people come first."""
        while True:
            more = False
            if self.core is not None:  # only it knows what may still come
                more = self.store.prune(self._config.keep_epochs, self.core.coming_ops())
            await trio.sleep(PRUNE_PAUSE_S if more else PRUNE_EVERY_S)

    def _read_ms(self) -> WallMs:
        return self._clock.read().wall_ms

    def _look_around(self) -> None:
        """Look what has come of it that no event tells."""
        self._report(self._read_ms(), ())

    async def _take_part(self, work: trio.Nursery) -> None:
        waiting: list[Item] = []
        self.arrival.say_unbound()
        if self.core is None:
            wish = self.arrival.wish
            assert wish is not None, "a store without a charter belongs to a joiner"
            if wish.ended is not None:
                await self._pass_over()
                return
            charter, waiting = await fetch_charter(
                wish.link,
                self.device,
                self.net,
                self._inbox,
                self.arrival.progress,
                agent=self._agent,
                called=self.neighbours.wanted,
            )
            adopt(self.store, charter, self.practices)
            self._begin_anew()
            self.core = self._build_core()
            self._review_charter()
        work.start_soon(self._drive, self.core, waiting)
        await self._take_seat(self.core)

    async def _take_seat(self, core: Core) -> None:
        """Ask for the seat that a link opens, once it is known how far this device had signed."""
        arrival = self.arrival
        if arrival.binding is not None or arrival.asked is None:
            return
        is_time = await self._bus.wait_until(
            lambda: not core.own_chain.must_learn and not arrival.rejoins
        )
        if not is_time or arrival.wish is None:  # it may have turned out to have a seat already
            return
        await take_seat(
            arrival.wish.link,
            arrival.wish.member_name,
            core,
            self._bus,
            lambda join: self.submit(join, urgent=True),
            arrival.progress,
        )

    async def _pass_over(self) -> None:
        """Pass over what callers say: this node knows no community, and asks for none."""
        while True:
            await self._inbox.receive()

    def _begin_anew(self) -> None:
        """Learn first, when this device has signed here before: its store was taken away.

        That is no older store by mistake, so there is nothing to refuse.
        """
        found = self.mark.found
        if found is not None and found.community == self.community:
            self.mark.require_learning(self._clock.read().wall_ms)

    def _build_core(self) -> Core:
        with paused_collector():
            return self._restore_core()

    def _restore_core(self) -> Core:
        restored = self.store.restore(self.device)
        charter = self.store.charter
        assert restored is not None
        assert charter is not None
        lacking = find_lacking(
            Charter.from_bytes(restored.epoch.charter).practices, dict(self.practices.versions)
        )
        if lacking is not None:
            name, version = lacking
            had = ", ".join(f"{one} {most}" for one, most in self.practices.versions)
            raise StoreError(
                "store_too_new",
                f"{self.store.path} is of a community in which {name} {version} is in force, and "
                f"this program has {had}",
                "upgrade p2pnode; an older program never changes a newer store",
            )
        core = Core(
            self.community,
            self._secret.signer,
            self.mark.judge(restored, self.store.path),
            self._clock.read(),
            admission=self.arrival.admission(self.device),
            hosts=self.arrival.hosts,
            agent=self._agent,
            ops_per_minute=self._config.ops_per_minute,
            may_leap=not self._config.full_replay,
            practices=self.practices,
        )
        core.genesis_charter = charter
        return core

    async def _drive(self, core: Core, waiting: Sequence[Item]) -> None:
        driver = Driver(
            core,
            self.store,
            self.mark,
            self.net,
            self._report,
            clock=self._clock,
            counters=self._telling.counters,
        )
        try:
            await driver.run(self._inbox, waiting)
        finally:
            self._answer_the_rest()
            self.mark.close()

    def _answer_the_rest(self) -> None:
        """Nobody may wait for an answer of a driver that has ended."""
        while True:
            try:
                item = self._inbox.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                return
            if isinstance(item, Request):
                item.fail(RequestError("stopping", "the node stopped before it got to this"))

    # --- what happens ------------------------------------------------------------------

    def _report(self, at_ms: WallMs, happenings: Sequence[Happening]) -> None:
        """Tell everyone on this node what a step caused; called by the driver, must not fail."""
        self.neighbours.on_happenings(at_ms, happenings)
        told = list(self._seldom.pass_on(at_ms, happenings))
        log_happenings(told)
        if any(isinstance(one, OwnChainLearned) for one in happenings):
            self._note_learned(at_ms)
        self._review_charter()
        if self.core is not None:
            self.arrival.review(self.core, happenings)
        if self.stage != self._told_stage:
            self._note_stage()
            told.append(StageChanged(self.stage))
        self._bus.publish(at_ms, told)

    def _note_learned(self, at_ms: WallMs) -> None:
        """Keep that this device knows again how far it had signed.

        What it learned came from others, and so may not be on the disk yet; the mark must
        not be ahead of the store.
        """
        assert self.core is not None
        self.store.sync()
        self.mark.set(self.core.own_chain.signed(), at_ms)

    def _review_charter(self) -> None:
        """Dial whom the charter names, when it is another than last time."""
        charter = None if self.core is None else self.core.state.charter
        if charter is None or charter is not self._reviewed:
            self._reviewed = charter
            self.neighbours.review(charter)

    def _note_stage(self) -> None:
        stage = self._told_stage = self.stage
        log.info("stage", extra={"stage": stage})
        if stage == "member":
            self.arrival.note_seat(self._seat, self.device)

    @property
    def _seat(self) -> Member | None:
        return None if self.core is None else self.core.state.charter.by_device(self.device)

    @property
    def other_name(self) -> str | None:
        """What to tell a joiner whose seat has another name than it asked for in this session."""
        return self.arrival.find_other_name(self._seat, self.device)

    @property
    def stage(self) -> Stage:
        """What this device is to the community, in the finalized state."""
        if self.core is None:
            return "joining"
        if self.arrival.rejoins:
            return "joining"
        if self.core.member is not None:
            # By its own log it has a seat; more than may lie say otherwise (R5.9).
            return "member" if self.core.own_seat.shut_out() is None else "removed"
        if self.arrival.wish is not None:
            return "joining"  # perhaps for the second time: who left comes back by an invite
        if self.core.state.next_nonce(self.device) > 1:
            return "removed"  # it has spoken, so it had a seat
        # The state forgets keys that were bound and revoked (R2.10); the store does not.
        return "removed" if self.core.own_chain.signed().nonce > 0 else "observer"

    @property
    def refusing(self) -> tuple[MemberId, ...]:
        """The committee's seats that were reached and do not let this device in."""
        if self.core is None:
            return ()
        committee = self.core.epoch.committee
        turned_away = self.neighbours.turned_away(self._clock.read().wall_ms)
        seats = zip(committee.keys, committee.members, strict=True)
        return tuple(member for key, member in seats if key in turned_away)

    def look(self) -> None:
        """Judge what is not final at this moment's clock, for a reader between two steps."""
        if self.core is not None:
            now_ms = self._clock.read().wall_ms
            changed = self.core.look(now_ms)
            if changed:
                self._bus.publish(now_ms, changed)

    async def submit(
        self, body: Body, texts: tuple[bytes, ...] = (), *, urgent: bool = False
    ) -> Op:
        """Sign and send an op; return it once it is on disk.

        Raises:
            UsageError: the rules refuse it, with words that say why.
            RequestError: `joining`, `store_unwritable`, `stopping`.
        """
        if self.core is None:
            raise RequestError("joining", "this home does not have the community's charter yet")
        return await hand_over(self._events, Request(Submit(body, texts, urgent)))

    async def ask(self, asked: Asked) -> None:
        """Let the core do what its user asks; return once it is on disk. Raises as `submit`."""
        if self.core is None:
            raise RequestError("joining", "this home does not have the community's charter yet")
        await ask(self._events, Request(asked))


@contextmanager
def paused_collector() -> Iterator[None]:
    """Keep the garbage collector out of what makes many objects and no garbage.

    Otherwise it goes over all of them again and again: a third of a start with 10,000 ops.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def adopt(store: Store, charter: bytes, practices: Practices) -> CommunityId:
    """Bind a store to the community that `charter` founds, durably; twice is once.

    Args:
        practices: that this program has.

    Raises:
        PeerFault: the bytes are no valid charter.
        StoreError: `store_too_new`: it lists a practice that this program lacks.
    """
    try:
        first = found_epoch(Charter.from_bytes(charter), practices)
    except NotYet as lacking:
        raise StoreError(
            "store_too_new", f"the founding charter: {lacking.detail}", "upgrade p2pnode"
        ) from lacking
    community = store.adopt(charter)
    store.apply([first], durable=True)
    return community
