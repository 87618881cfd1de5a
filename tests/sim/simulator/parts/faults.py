"""What goes wrong: each fault begins at some moment and is over some time later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clockwork import MS
from .node import CRASH_POINTS, Loss

if TYPE_CHECKING:
    from ..world import World
    from .node import SimNode

YEAR_MS = 366 * 24 * 3_600_000


class Faults:
    """Bring a plan's bad luck about, and end all of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_over = False

    def begin(self) -> None:
        world = self.world
        plan, rng = world.plan, world.rng
        for node in rng.sample(world.nodes, plan.skewed):
            node.wall_offset_ms = rng.choice((-1, 1)) * rng.randint(60_000, YEAR_MS)
        for _ in range(plan.faults):
            kind = rng.choice(plan.fault_kinds)
            world.clock.at(rng.randint(0, plan.busy_ms) * MS, self._strike, kind)

    def end(self) -> None:
        """Heal every link, start every node that is not gone, calm the weather."""
        self.is_over = True
        self.world.network.slowness = 1
        self.world.network.is_calm = True
        for link in self.world.network.links:
            # Who left may have been all that joined two others: they find one another.
            link.is_wanted = link.is_wanted or self.world.plan.structural > 0
            self.world.network.heal(link)
        self._join_honest()
        for node in self.world.nodes:
            node.crash_at = None
            node.thaw()
            self.restart(node)

    def _join_honest(self) -> None:
        """Let nobody depend on liars to hear of others: progress is promised to who is connected.

        Only where needed, as most is to be seen where links are few.
        """
        part_of = {node.device: node.device for node in self.world.nodes if node.is_honest}
        links = [
            link
            for link in self.world.network.links
            if all(end.device in part_of for end in link.ends)
        ]
        for link in sorted(links, key=lambda one: not one.is_wanted):  # stable
            one, other = (part_of[end.device] for end in link.ends)
            if one == other:
                continue
            if not link.is_wanted:
                link.is_wanted = True
                self.world.network.heal(link)
            for device, part in part_of.items():
                if part == other:
                    part_of[device] = one

    def restart(self, node: SimNode) -> None:
        if not node.is_up and not node.is_gone:
            node.boot()

    def _strike(self, kind: str) -> None:
        if self.is_over:
            return
        match kind:
            case "kill" | "power":
                node = self.world.rng.choice(self.world.nodes)
                self._crash(node, "kill" if kind == "kill" else "power")
            case "blackout":
                for node in self.world.nodes:
                    self._crash(node, "power")
            case "freeze" | "suspend":
                node = self.world.rng.choice(self.world.nodes)
                node.freeze(self._lasts(100, 15_000), suspended=kind == "suspend")
            case "partition":
                self._partition()
            case "blip" | "break" | "flap":
                self._disturb_link(kind)
            case "slow":
                self._slow_down()
            case _:
                node = self.world.rng.choice(self.world.nodes)
                node.set_clock(node.wall_offset_ms + self.world.rng.randint(-5_000, 5_000))

    def _lasts(self, low_ms: int, high_ms: int) -> int:
        """Return a duration in µs; short ones are as likely as long ones."""
        ratio: float = (high_ms / low_ms) ** self.world.rng.random()
        return round(low_ms * ratio) * MS

    def _crash(self, node: SimNode, loss: Loss) -> None:
        """End a process while it carries a batch out, or where it stands; start it later."""
        rng = self.world.rng
        if not node.is_up:
            return
        if rng.random() < 0.8:
            node.crash_at = (rng.choice(CRASH_POINTS), loss)
        else:
            node.crash(loss)
        self.world.clock.after(self._lasts(50, 15_000), self.restart, node)

    def _partition(self) -> None:
        network, rng = self.world.network, self.world.rng
        side = {node.device for node in self.world.nodes if rng.random() < 0.5}
        crossing = [
            link
            for link in network.links
            if (link.ends[0].device in side) != (link.ends[1].device in side)
        ]
        for link in crossing:
            network.cut(link)
        lasts = self._lasts(300, 20_000)
        for link in crossing:
            self.world.clock.after(lasts + rng.randint(0, 200) * MS, network.heal, link)

    def _disturb_link(self, kind: str) -> None:
        network, rng = self.world.network, self.world.rng
        if not network.links:
            return  # somebody alone has nothing to lose
        link = rng.choice(network.links)
        match kind:
            case "blip":
                network.cut(link)
                self.world.clock.after(self._lasts(100, 8_000), network.heal, link)
            case "break":
                network.break_link(link)
            case _:
                for number in range(rng.randint(3, 10)):
                    delay = number * rng.randint(200, 1_500) * MS
                    self.world.clock.after(delay, network.break_link, link)

    def _slow_down(self) -> None:
        self.world.network.slowness = self.world.rng.randint(3, 20)
        self.world.clock.after(self._lasts(500, 10_000), self._speed_up)

    def _speed_up(self) -> None:
        self.world.network.slowness = 1
