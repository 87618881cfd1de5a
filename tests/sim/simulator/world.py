"""A community in virtual time: nodes, network, people and faults, drawn from one seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId

from .parts.clockwork import MS, SECOND, Clockwork
from .parts.faults import Faults
from .parts.keys import SimSigner
from .parts.network import Network
from .parts.node import SimNode, Wrap
from .parts.people import People
from .parts.strangers import Strangers
from .plan import NAMES, START_MS, Plan, draw_plan, found_charter, phones_of
from .promises import Promises
from .trace import Trace


class World:
    """One run. Tests drive it by hand, or `run` carries out the whole plan.

    Args:
        seed: of every random choice.
        plan: what happens; drawn from the seed when left out.
        wrap: by member name, what replaces that member's honest core.
        keep_trace: keep the trace's text, not only its hash.
        promises: what is checked; with more than f liars, other things are.
    """

    def __init__(
        self,
        seed: int,
        plan: Plan | None = None,
        *,
        wrap: dict[str, Wrap] | None = None,
        keep_trace: bool = False,
        promises: type[Promises] = Promises,
    ) -> None:
        self.seed = seed
        self.plan = draw_plan(seed) if plan is None else plan
        self.rng = Random(seed)
        self.clock = Clockwork()
        self.trace = Trace(keep_trace)
        self.start_ms = START_MS
        self.network = Network(self.clock, self.rng, self.plan.weather)
        self.promises = promises(self)
        self.people = People(self)
        self.faults = Faults(self)
        self.strangers = Strangers(self)
        self.charter, founders = found_charter(self.plan)
        self.community = self.charter.community_id
        self.genesis = found_epoch(self.charter, self.plan.practices)
        self.nodes: list[SimNode] = []
        self._devices: dict[DeviceKey, SimNode] = {}
        self._names = iter(NAMES[len(founders) :])
        self._number = 0
        self._wrap = wrap or {}
        self.family = "test_random_runs.py"  # the test that this seed means something to
        self.settled_us = 0  # from healing to everything final everywhere
        self.slots: dict[str, int] = {}  # how slots were decided, at the end
        self._awaited_ops: dict[OpId, list[Callable[[str], None]]] = {}
        self._awaited_outcomes: dict[OpId, list[Callable[[str], None]]] = {}
        for name, signer in founders:
            self.add_node(name, crypto.compute_member_id(signer.device), signer)
        for name, owner, signer in phones_of(self.plan):
            self.add_node(name, self.node(owner).member, signer)

    # --- who is there --------------------------------------------------------------------

    def add_node(
        self,
        name: str,
        member: MemberId,
        signer: SimSigner,
        *,
        secret: SimSigner | None = None,
        wrap: Wrap | None = None,
    ) -> SimNode:
        """Add a device, not yet started. `secret`: the invite by which it comes in."""
        wrap = wrap or self._wrap.get(name)
        node = SimNode(self, name, member, signer, secret=secret, wrap=wrap)
        others = list(self.nodes)
        count = self.plan.neighbours
        wanted = others
        if count is not None and len(others) > count and not self.faults.is_over:
            wanted = self.rng.sample(others, count)
        self.network.add(node, others, wanted)
        self.nodes.append(node)
        self._devices[node.device] = node
        return node

    def by_device(self, device: DeviceKey) -> SimNode:
        return self._devices[device]

    def has_device(self, device: DeviceKey) -> bool:
        return device in self._devices

    def node(self, name: str) -> SimNode:
        return next(node for node in self.nodes if node.name == name)

    def name_of(self, member: MemberId) -> str:
        for node in self.nodes:
            if node.member == member:
                return node.name
        return member.hex()[:8]

    def next_name(self) -> str:
        return next(self._names, None) or f"guest{self.next_number()}"

    def next_number(self) -> int:
        self._number += 1
        return self._number

    @property
    def has_liars(self) -> bool:
        return any(not node.is_honest for node in self.nodes)

    def is_honest_member(self, member: MemberId) -> bool:
        return any(node.member == member and node.is_honest for node in self.nodes)

    def may_invent(self, op: Op) -> bool:
        """Whether an op that nobody submitted may be final: only a liar's own."""
        return self.has_device(op.device) and not self.by_device(op.device).is_honest

    # --- waiting for the log -------------------------------------------------------------

    def when_final(self, op: OpId, call: Callable[[str], None]) -> None:
        """Call with the op's code, a moment after the first node has it in its log."""
        self._awaited_ops.setdefault(op, []).append(call)

    def when_decided(self, proposal: OpId, call: Callable[[str], None]) -> None:
        """Call with the outcome, a moment after the first node has it in its log."""
        self._awaited_outcomes.setdefault(proposal, []).append(call)

    def on_entry(self, op: OpId, code: str) -> None:
        for call in self._awaited_ops.pop(op, ()):
            self.clock.after(50 * MS, call, code)

    def on_outcome(self, proposal: OpId, outcome: str) -> None:
        for call in self._awaited_outcomes.pop(proposal, ()):
            self.clock.after(50 * MS, call, outcome)

    # --- time ----------------------------------------------------------------------------

    def boot_all(self) -> None:
        for node in self.nodes:
            if not node.is_up:
                node.boot()

    def run_for(self, seconds: float) -> None:
        self.clock.run_until(self.clock.now_us + round(seconds * SECOND))

    def run_until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Run until the condition holds; a broken promise if it does not within `seconds`."""
        if condition():
            return
        self.clock.run_until(self.clock.now_us + round(seconds * SECOND), condition)
        if not condition():
            self.promises.fail(f"liveness: within {seconds} s: {what}")
