"""Strangers: ever new keys that come with one open invite, to be asked and to go again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pnode_protocols.record.actions import InviteAction
from p2pnode_protocols.wire.crypto import compute_member_id
from p2pnode_protocols.wire.ids import WallMs

from ..liars import ComesAnew
from .clockwork import MS, SECOND
from .keys import SimSigner
from .people import ASK_AGAIN_US, INVITE_MS

if TYPE_CHECKING:
    from ..world import World
    from .node import SimNode

AT_ONCE = 4  # limits.STRANGERS: a node lets no more in
PAUSE_US = (20 * MS, SECOND)  # from one that goes to the next


class Strangers:
    """Who holds an invite that stays open, as nobody takes the seat."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.left = world.plan.strangers
        self._secret = SimSigner(f"invite of strangers {world.seed}")
        self._came = 0

    def begin(self) -> None:
        """Have a member ask for the invite; once it is open, they come."""
        if self.left:
            self._ask()

    def _ask(self) -> None:
        world = self.world
        asking = next((one for one in world.nodes if one.is_up and one.is_honest), None)
        if asking is None:
            world.clock.after(ASK_AGAIN_US, self._ask)
            return
        expires = WallMs(world.start_ms + world.clock.now_us // MS + INVITE_MS)
        action = InviteAction("stranger", self._secret.device, expires, 1)
        world.people.campaign(asking, "strategic", action, decided=self._decided)

    def _decided(self, outcome: str) -> None:
        if outcome == "passed":
            for _ in range(AT_ONCE):
                self._come()

    def _come(self) -> None:
        if not self.left:
            return
        self.left -= 1
        self._came += 1
        name = f"stranger{self._came}"
        signer = SimSigner(f"{name} of {self.world.seed}")
        node = self.world.add_node(
            name, compute_member_id(signer.device), signer, secret=self._secret, wrap=ComesAnew
        )
        node.boot()

    def replace(self, node: SimNode) -> None:
        """One goes, a moment later another comes."""
        if node.is_gone:
            return
        node.is_gone = True
        clock = self.world.clock
        clock.after(MS, node.crash, "kill")
        clock.after(self.world.rng.randint(*PAUSE_US), self._come)

    def stop(self) -> None:
        """Let no more come."""
        self.left = 0
