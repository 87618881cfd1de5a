"""What passes between nodes: streams as TCP gives them, and how they fail.

A stream delivers in order and loses nothing until it breaks; then what is under way is
lost and both ends hear of it, each at its own time. A cut shorter than the heartbeat's
patience only delays, a longer one breaks. So one lost message is a broken stream, and
between different peers any order is possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from p2pnode_protocols.messages.frames import Message, read_frame, write_frame
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import DeviceKey

from .clockwork import MS, SECOND, Clockwork

HEARTBEAT_US = 10 * SECOND  # silence after which a transport gives a peer up
REDIAL_US = (20 * MS, 2 * SECOND)  # back-off between two attempts, drawn each time


class Endpoint(Protocol):
    """What the network needs of a node."""

    @property
    def device(self) -> DeviceKey: ...
    @property
    def opener(self) -> Opener: ...
    @property
    def is_up(self) -> bool: ...
    @property
    def is_frozen(self) -> bool: ...
    @property
    def on_wire(self) -> bool: ...
    def take(self, event: PeerUp | PeerDown | Received) -> None: ...
    def refuse(self, peer: DeviceKey, fault: PeerFault) -> None: ...


@dataclass(frozen=True)
class Weather:
    """How the network behaves between faults. Times in µs."""

    latency_us: tuple[int, int] = (1 * MS, 30 * MS)  # per link, drawn once
    jitter_us: int = 5 * MS  # mean of an exponential, drawn per frame
    duplicates: float = 0.0  # share of pushes that arrive once more, later
    on_wire: bool = False  # through write_frame and read_frame, not by reference


@dataclass
class _Way:
    """One direction of a link."""

    last_us: int = 0  # arrival of the latest frame: none overtakes it
    held: list[tuple[int, object]] = field(default_factory=list)  # while the link is cut
    flushing: bool = False


def draw_weather(rng: Random) -> Weather:
    """Draw a network between a quick and a slow one; draws three times."""
    return Weather(
        latency_us=rng.choice(((1 * MS, 3 * MS), (1 * MS, 30 * MS), (20 * MS, 200 * MS))),
        jitter_us=rng.choice((200, 5 * MS, 40 * MS)),
        duplicates=rng.choice((0.0, 0.1)),
    )


@dataclass
class Link:
    """A pair of nodes and the connection they may have."""

    ends: tuple[Endpoint, Endpoint]
    latency_us: int
    is_wanted: bool  # the topology has it
    is_cut: bool = False
    cut_count: int = 0
    is_open: bool = False
    generation: int = 0  # one per connection and one per break: what is stale is told by it
    is_dialing: bool = False
    is_eager: bool = False  # somebody dials again without any back-off
    not_before_us: int = 0  # of the next attempt
    known: list[int] = field(default_factory=lambda: [0, 0])  # connection each end knows; 0: none
    ways: tuple[_Way, _Way] = field(default_factory=lambda: (_Way(), _Way()))  # from end 0, 1

    def side(self, end: Endpoint) -> int:
        return 0 if self.ends[0] is end else 1


class Network:
    """All links of a world."""

    def __init__(self, clock: Clockwork, rng: Random, weather: Weather) -> None:
        self.weather = weather
        self.slowness = 1  # factor on latency and jitter, during a slow spell
        self.is_calm = False  # after healing: no duplicates any more
        self.links: list[Link] = []  # in order of creation: iterated by faults
        self.sent: dict[str, int] = {}  # messages by kind
        self.lost = 0  # messages that a broken stream swallowed
        self.is_closed = False  # when the run is over: no redial
        self._clock = clock
        self._rng = rng
        self._of: dict[DeviceKey, dict[DeviceKey, Link]] = {}

    def add(self, node: Endpoint, others: Sequence[Endpoint], wanted: Sequence[Endpoint]) -> None:
        """Link a new node to all `others`; a connection is tried with those `wanted`."""
        self._of[node.device] = {}
        for other in others:
            link = Link((other, node), self._rng.randint(*self.weather.latency_us), other in wanted)
            self.links.append(link)
            self._of[node.device][other.device] = link
            self._of[other.device][node.device] = link

    def links_of(self, node: Endpoint) -> list[Link]:
        return list(self._of[node.device].values())

    def between(self, one: Endpoint, other: Endpoint) -> Link:
        return self._of[one.device][other.device]

    # --- nodes come and go ---------------------------------------------------------------

    def node_up(self, node: Endpoint) -> None:
        for link in self.links_of(node):
            self._redial(link)

    def node_down(self, node: Endpoint, loud: bool) -> None:
        """The node's process is gone. `loud`: its kernel closed the sockets (not power loss)."""
        for link in self.links_of(node):
            link.known[link.side(node)] = 0
            if link.is_open:
                self.break_link(link, None if loud else HEARTBEAT_US)

    def node_frozen(self, node: Endpoint) -> None:
        """The node stands still: its streams live on for as long as peers are patient."""
        for link in self.links_of(node):
            self._clock.after(HEARTBEAT_US, self._give_up_frozen, link, link.generation)

    def _give_up_frozen(self, link: Link, generation: int) -> None:
        if link.generation == generation and link.is_open and any(e.is_frozen for e in link.ends):
            self.break_link(link)

    # --- faults of links -----------------------------------------------------------------

    def cut(self, link: Link) -> None:
        """Nothing passes any more; the ends do not know it yet."""
        if not link.is_cut:
            link.is_cut = True
            link.cut_count += 1
            self._clock.after(HEARTBEAT_US, self._give_up_cut, link, link.cut_count)

    def _give_up_cut(self, link: Link, cut_count: int) -> None:
        if link.is_cut and link.cut_count == cut_count and link.is_open:
            self.break_link(link)

    def heal(self, link: Link) -> None:
        """Everything passes again; what TCP still holds arrives first."""
        if link.is_cut:
            link.is_cut = False
            for side in (0, 1):
                way = link.ways[side]
                if way.held:
                    way.flushing = True
                    self._clock.after(self._delay_us(link), self._flush, link, side)
        self._redial(link)

    def break_link(self, link: Link, patience_us: int | None = None) -> None:
        """End the connection: what is under way is lost, both ends hear of it later."""
        if not link.is_open:
            return
        link.is_open = False
        link.generation += 1
        for side in (0, 1):
            way = link.ways[side]
            self.lost += len(way.held)
            way.held.clear()
            if link.known[side]:
                most = patience_us or 200 * MS
                delay = self._rng.randint(0, most)
                self._clock.after(delay, self._tell_down, link, side, link.generation)
        self._redial(link)

    def disconnect(
        self, node: Endpoint, peer: DeviceKey, retry_ms: int, *, is_eager: bool = False
    ) -> None:
        """The node closes the connection, once what it said has arrived, for `retry_ms`.

        Args:
            is_eager: that it dials again itself, as soon as that time is over.
        """
        link = self._of[node.device].get(peer)
        if link is None:
            return
        link.is_eager = is_eager
        link.not_before_us = max(link.not_before_us, self._clock.now_us + retry_ms * MS)
        said_us = link.ways[link.side(node)].last_us
        self._clock.at(said_us, self._close, link, link.generation)

    def _close(self, link: Link, generation: int) -> None:
        if link.generation == generation:
            self.break_link(link)

    # --- connections ---------------------------------------------------------------------

    def _redial(self, link: Link) -> None:
        if self.is_closed or link.is_dialing or link.is_open or not link.is_wanted:
            return
        link.is_dialing = True
        back_off = MS if link.is_eager else self._rng.randint(*REDIAL_US)
        link.is_eager = False
        when = self._clock.now_us + back_off
        self._clock.at(max(when, link.not_before_us), self._dial, link)

    def _dial(self, link: Link) -> None:
        link.is_dialing = False
        if link.is_open or link.is_cut or not all(end.is_up for end in link.ends):
            return  # heal and node_up dial again
        if any(end.is_frozen for end in link.ends) or self._clock.now_us < link.not_before_us:
            self._redial(link)
            return
        link.is_open = True
        link.generation += 1
        for side in (0, 1):
            heard_us = self._clock.now_us + self._delay_us(link)
            link.ways[1 - side].last_us = heard_us  # nothing arrives before PeerUp
            self._clock.at(heard_us, self._tell_up, link, side, link.generation)

    def _tell_up(self, link: Link, side: int, generation: int) -> None:
        if link.generation != generation:
            return
        if link.known[side]:  # the old connection's end had not been noticed
            self._tell_down(link, side, generation)
        link.known[side] = generation
        link.ends[side].take(PeerUp(link.ends[1 - side].device))

    def _tell_down(self, link: Link, side: int, generation: int) -> None:
        if link.known[side] and link.generation == generation:
            link.known[side] = 0
            link.ends[side].take(PeerDown(link.ends[1 - side].device))

    # --- messages ------------------------------------------------------------------------

    def send(self, node: Endpoint, peer: DeviceKey, messages: Sequence[Message]) -> None:
        """Send one frame. It is lost when the stream is, which the sender may not know yet."""
        for message in messages:
            kind = type(message).__name__
            self.sent[kind] = self.sent.get(kind, 0) + 1
        link = self._of[node.device].get(peer)
        if link is None:
            self.lost += len(messages)
            return
        side = link.side(node)
        if not link.is_open or link.known[side] != link.generation:
            self.lost += len(messages)  # into a stream that has broken
            return
        way = link.ways[side]
        arrival_us = max(self._clock.now_us + self._delay_us(link), way.last_us)
        way.last_us = arrival_us
        on_wire = self.weather.on_wire or node.on_wire
        frame: object = write_frame(messages) if on_wire else tuple(messages)
        self._clock.at(arrival_us, self._arrive, link, side, link.generation, frame)
        if not self.is_calm and self._rng.random() < self.weather.duplicates:
            again = tuple(one for one in messages if isinstance(one, Push))
            if again:
                later = arrival_us + self._rng.randint(0, SECOND)
                frame = write_frame(again) if on_wire else again
                self._clock.at(later, self._arrive, link, side, link.generation, frame)

    def _arrive(self, link: Link, side: int, generation: int, frame: object) -> None:
        if link.generation != generation:
            self.lost += 1
            return
        way = link.ways[side]
        if link.is_cut or way.flushing:
            way.held.append((generation, frame))
            return
        receiver, sender = link.ends[1 - side], link.ends[side].device
        try:
            messages = read_frame(frame, receiver.opener) if isinstance(frame, bytes) else frame
        except PeerFault as fault:
            receiver.refuse(sender, fault)
            self.break_link(link)
            return
        assert isinstance(messages, tuple)
        for message in messages:
            receiver.take(Received(sender, message))

    def _flush(self, link: Link, side: int) -> None:
        way = link.ways[side]
        if link.is_cut:
            way.flushing = False  # cut again before it got through; the next heal flushes
            return
        held, way.held, way.flushing = way.held, [], False
        for generation, frame in held:
            self._arrive(link, side, generation, frame)

    def _delay_us(self, link: Link) -> int:
        jitter = round(self._rng.expovariate(1 / self.weather.jitter_us))
        return (link.latency_us + jitter) * self.slowness
