"""A community that goes through epochs while one of its members is away, for tests of leaps."""

from __future__ import annotations

from dataclasses import replace

from sim.memory_store import MemoryStore

from p2pnode_protocols.core import Core
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.record.bodies import Away, Back
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Submit
from p2pnode_protocols.steps.notices import LeaptOver
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, WallMs
from p2pnode_protocols.wire.limits import PULL_BYTES, SNAPSHOT_BYTES

from .cluster import Cluster
from .dag import FakeSigner, fake_verify, make_charter

EPOCHS = 4


class Leaping(Cluster):
    """A cluster of four; the last one may be told not to leap."""

    may_leap = True

    def make_core(self, device: DeviceKey, restored: Restored) -> Core:
        return Core(
            self.charter.community_id,
            FakeSigner(device),
            restored,
            self.now(),
            verify=fake_verify,
            pull_bytes=self.pull_bytes,
            may_leap=self.may_leap,
        )

    def decide(self) -> None:
        proposal = self.propose(0)
        for place in range(3):
            self.vote(place, proposal)
        self.run(1_000)
        assert self.outcome(0, proposal) == "passed"

    def next_epoch(self) -> None:
        """Let the third member go away, or come back."""
        seat = self.charter.members[2].id
        held = self.node(0).core.state.charter.member(seat)
        assert held is not None
        self.give(self.devices[2], Submit(Back() if held.away else Away()))
        self.run(4 * 3_600_000)  # away_interval_ms

    def leave_the_last_behind(self) -> None:
        """Connect everyone, then cut the last member off while the others go through epochs."""
        self.connect()
        self.run(3_000)
        self.cut_the_last_off()
        self.go_on()

    def cut_the_last_off(self) -> None:
        late = self.devices[3]
        self.cut = {frozenset((late, one)) for one in self.devices[:3]}

    def hang_up(self) -> None:
        """End the connections of the last member; both sides notice."""
        late = self.devices[3]
        for one in self.devices[:3]:
            self.give(late, PeerDown(one))
            self.give(one, PeerDown(late))

    def go_on(self) -> None:
        """Let the others go through some epochs."""
        for _ in range(3):
            self.next_epoch()
            self.decide()


class OneByOne(Leaping):
    """A cluster whose members ask for one closed proposal at a time, and one block."""

    pull_bytes = 1


class LinkByLink(Leaping):
    """A cluster whose members answer a leap with one link at a time."""

    links_bytes = 1


def make_town(kind: type[Leaping] = Leaping) -> Leaping:
    """Return a community: three of four went through some epochs, one was never there."""
    charter = make_charter(4)
    rules = replace(charter.rules, away_interval_ms=0)
    town = kind(4, replace(charter, rules=rules, created_ms=WallMs(1_700_000_000_000)))
    town.connect(town.devices[:3])
    for _ in range(EPOCHS):
        town.decide()
        town.next_epoch()
    town.decide()
    town.run(2_000)
    assert town.node(0).core.epoch.number >= EPOCHS
    return town


def store_of(town: Leaping, place: int = 0) -> MemoryStore:
    return town._store(town.node(place))


def whole(town: Leaping, epoch: int = 0, closed: int = 0) -> bytes:
    part = store_of(town).serve_leap(Leap(epoch, closed, None, 0))
    assert len(part.data) == part.total > 0
    return part.data


def leapt(town: Leaping, place: int) -> list[LeaptOver]:
    return [one for one in town.node(place).notices if isinstance(one, LeaptOver)]


def same_state(town: Leaping, one: int, other: int) -> bool:
    cores = [town.node(place).core for place in (one, other)]
    return (
        cores[0].final_root == cores[1].final_root
        and cores[0].state.to_bytes() == cores[1].state.to_bytes()
        and cores[0].state.closed_proposals == cores[1].state.closed_proposals
    )


def hello_of(town: Leaping) -> Hello:
    sends = town.give(town.devices[0], PeerUp(town.devices[3])).sends
    messages = [one.message for one in sends if isinstance(one, Send)]
    return next(one for one in messages if isinstance(one, Hello))


def asked(town: Leaping, place: int, peer: DeviceKey) -> list[Leap]:
    sends = [one for one in town.node(place).sends if isinstance(one, Send) and one.peer == peer]
    return [one.message for one in sends if isinstance(one.message, Leap)]


def recalled(town: Leaping, place: int, peer: DeviceKey | None = None) -> list[Recall]:
    """Return what a node asked for of closed proposals, of one peer or of all."""
    sends = [one for one in town.node(place).sends if isinstance(one, Send)]
    return [
        one.message for one in sends if isinstance(one.message, Recall) and peer in (None, one.peer)
    ]


class Liar:
    """Speaks to one node only, first of all peers, and answers every leap with a full part."""

    def __init__(self, town: Leaping, victim: int) -> None:
        self.town = town
        self.victim = victim
        others = [one for one in town.devices if one != town.devices[victim]]
        self.device = min(others)  # peers are looked at in the order of their keys
        self.honest = [one for one in others if one != self.device]
        town.cut = {frozenset((self.device, one)) for one in town.devices if one != self.device}
        self._answered = 0

    def claim(self, epoch: int) -> Status:
        return Status(epoch, EpochId(b"z" * 32), (), (), 10**6, b"r" * 32, ())

    def greet(self, epoch: int) -> None:
        town = self.town
        hello = Hello(PROTOCOL_VERSION, town.charter.community_id, self.claim(epoch), None, "", ())
        town.give(town.devices[self.victim], PeerUp(self.device))
        town.tell(self.victim, self.device, hello)

    def meet_the_honest(self) -> None:
        victim = self.town.devices[self.victim]
        for one in self.honest:
            self.town.give(one, PeerUp(victim))
            self.town.give(victim, PeerUp(one))

    def drip(self, total: int = SNAPSHOT_BYTES) -> None:
        """Answer what was asked since the last time."""
        for leap in asked(self.town, self.victim, self.device)[self._answered :]:
            self._answered += 1
            part = bytes(PULL_BYTES)
            answer = Leapt(leap.epoch_number, b"d" * 32, total, leap.offset, part)
            self.town.tell(self.victim, self.device, answer)
