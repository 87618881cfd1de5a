"""A community whose members are told what became of all they said: cores on virtual time.

`Authors` keeps every op that a node acknowledged, over restarts and isolation, and says what
became of each: R5.7 promises that it is exactly one thing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.core.own.fates import LEAPT_OVER, SHUT_OUT
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.bodies import Body
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.steps.inputs import Input, PeerDown, PeerUp, Submit, Tick
from p2pnode_protocols.steps.notices import OwnOpSettled
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Disconnect
from p2pnode_protocols.steps.writes import SaveCommit
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs

from .cluster import LATENCY_MS, START_WALL_MS, Cluster, Node
from .dag import FakeSigner, make_charter

Fate = Literal["counted", "refused and told", "leapt over and told", "shut out and told", "waits"]


@dataclass
class Said:
    op: Op
    place: int


class Authors(Cluster):
    """Nodes that can be cut off, started anew from what they saved, and told to say things."""

    def __init__(self, n: int, charter: Charter | None = None) -> None:
        self.said: dict[OpId, Said] = {}
        self.isolated: set[int] = set()
        self.muted: set[DeviceKey] = set()  # what these push gets lost
        super().__init__(n, charter or lively_charter(n))

    def _post(self, sender: DeviceKey, target: DeviceKey, message: Message) -> None:
        if sender not in self.muted or not isinstance(message, Push):
            super()._post(sender, target, message)

    # --- saying -------------------------------------------------------------------------

    def say(
        self, place: int, body: Body, texts: tuple[bytes, ...] = (), *, urgent: bool = False
    ) -> OpId | None:
        """Return the op's id if it was acknowledged, None if the node refused."""
        try:
            step = self.give(self.devices[place], Submit(body, texts, urgent))
        except UsageError:
            return None
        assert step.accepted is not None
        self.said[step.accepted.id] = Said(step.accepted, place)
        return step.accepted.id

    def say_and_die(self, place: int, body: Body, texts: tuple[bytes, ...] = ()) -> OpId | None:
        """As `say`, but the process is killed once the op is saved, before anything is sent."""
        node = self.node(place)
        try:
            step = node.core.handle(Submit(body, texts), self.now(node))
        except UsageError:
            return None
        assert step.accepted is not None
        self.said[step.accepted.id] = Said(step.accepted, place)
        node.writes.extend(step.writes)
        self.restart(place)
        return step.accepted.id

    # --- what happens to nodes ----------------------------------------------------------

    def add_device(self, device: DeviceKey, *, invite: DeviceKey | None = None) -> int:
        """Start a further node with its own empty store; return its place.

        Args:
            invite: the key of the one that lets it in until it has a seat.
        """
        self.devices.append(device)
        place = len(self.devices) - 1
        if invite is not None:
            self.admit(place, invite)
        self.start(device, Restored(found_epoch(self.charter), (), (), (), (), 0))
        self.isolated.add(place)
        self.heal(place)
        return place

    def admit(self, place: int, invite: DeviceKey) -> None:
        """Let a node show this invite from its next start on."""
        device = self.devices[place]
        message = crypto.signed_message(crypto.TAG_ADMIT, self.charter.community_id, device)
        self.admissions[device] = invite, FakeSigner(invite).sign(message)

    def isolate(self, place: int) -> None:
        """Break all connections of a node."""
        if place in self.isolated:
            return
        self.isolated.add(place)
        device = self.devices[place]
        self.cut |= {frozenset((device, other)) for other in self.devices if other != device}
        for other in self.devices:
            if other != device:
                self.give(device, PeerDown(other))
                self.give(other, PeerDown(device))

    def heal(self, place: int) -> None:
        """Connect a node to all that are not isolated."""
        self.isolated.discard(place)
        device = self.devices[place]
        for number, other in enumerate(self.devices):
            if other != device and number not in self.isolated:
                self.cut.discard(frozenset((device, other)))
                self.give(device, PeerUp(other))
                self.give(other, PeerUp(device))

    def hung_up(self, device: DeviceKey, end: Disconnect) -> None:
        """The other end notices, and they call each other again when they may."""
        self._later(LATENCY_MS, end.peer, PeerDown(device))
        for one, other in ((device, end.peer), (end.peer, device)):
            self._later(end.retry_ms, one, PeerUp(other))

    def is_heard(self, target: DeviceKey, event: Input) -> bool:
        if not isinstance(event, PeerUp):
            return True
        is_up = event.peer in self.nodes[target].core.sync.peers
        return not is_up and frozenset((target, event.peer)) not in self.cut

    def restart(self, place: int) -> Node:
        """End a node's process and start it on what it had saved."""
        was_isolated = place in self.isolated
        self.isolate(place)
        device = self.devices[place]
        node = self.nodes[device]
        restored = self._store(node).restore(device)
        assert restored is not None
        node.core = self.make_core(device, restored)
        self.give(device, Tick())
        if not was_isolated:
            self.heal(place)
        return node

    def renew(self, place: int, device: DeviceKey) -> Node:
        """End a node's process and start it with another key on what it had saved."""
        self.isolate(place)
        node = self.nodes.pop(self.devices[place])
        restored = self._store(node).restore(device)
        assert restored is not None
        self.devices[place] = device
        self.isolated.discard(place)
        self.nodes[device] = Node(self.make_core(device, restored))
        self.nodes[device].writes = node.writes
        self.isolate(place)
        self.give(device, Tick())
        return self.nodes[device]

    def sleep(self, ms: int) -> None:
        """Everybody's clocks go on, and nobody is awake to see it; what is under way comes then."""
        self.now_ms += ms
        for device in list(self.devices):
            self.give(device, Tick())

    # --- what became of it --------------------------------------------------------------

    def fate(self, op: OpId) -> Fate:
        """Return what became of an op by what its own node saved and told; check that it is one."""
        node = self.node(self.said[op].place)
        store = self._store(node)
        entries = [
            code
            for one in node.writes
            if isinstance(one, SaveCommit)
            for entry, code in one.commit.entries
            if entry == op
        ]
        assert len(set(entries)) <= 1, "one entry, again after a restart at most"
        saved = {one.op.id: one for one in store.fates()}.get(op)
        settled = [one for one in node.notices if isinstance(one, OwnOpSettled)]
        told = {one.code for one in settled if one.op == op}
        if entries == ["ok"] * len(entries) and entries:
            assert saved is None, f"counted, and kept as {saved}"
            return "counted"
        if saved is None:
            assert not entries, f"refused in the log as {entries[0]}, and nobody was told"
            assert not told
            return "waits"
        assert saved.code in told or told == set(), "what is kept was told"
        if entries:
            assert (saved.code, saved.commit_index is not None) == (entries[0], True)
        if saved.code == "ok":
            return "counted"
        if saved.code == SHUT_OUT:
            return "shut out and told"
        return "leapt over and told" if saved.code == LEAPT_OVER else "refused and told"

    def kept(self, op: OpId) -> bool:
        """Return whether the record has a place for it where it waits: parked, or before a gap."""
        core = self.node(self.said[op].place).core
        state = core.state
        waiting = (*state.waiting(), *state.parked())
        return op in core.pool or any(one.id == op for one in waiting)


def lively_charter(n: int) -> Charter:
    """Return a charter in which absences are not rate-limited, so that epochs end often."""
    charter = make_charter(n)
    rules = replace(charter.rules, away_interval_ms=0)
    return replace(charter, rules=rules, created_ms=WallMs(START_WALL_MS))
