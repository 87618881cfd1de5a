"""Where one device is, and the rules for when to dial it. All communities share that."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Protocol

import trio

from p2pnode_protocols.wire.ids import DeviceKey
from p2pnode_protocols.wire.limits import ADDRESSES

from ..config import NetConfig
from ..connection.link import Link
from .tips import Tips

SAID_AGAIN_S = 60.0  # between two times that a device's own news make the next dial come at once
REACHED = 4  # sources of one device that are remembered: home, work, a train


class Wish(Protocol):
    """What one community wants of a device."""

    @property
    def is_idle(self) -> bool:
        """Whether it wants nothing, and nothing would be lost by forgetting that."""
        ...

    @property
    def is_held(self) -> bool:
        """Whether the device is kept away."""
        ...

    @property
    def has_greeted(self) -> bool:
        """Whether the device has said hello, in a session that goes on."""
        ...

    def forget(self) -> None:
        """The device's record goes."""
        ...

    @property
    def dial_from_s(self) -> float | None:
        """From when on to dial the device; None: not for this community."""
        ...


class Remote:
    """The mutable record of one device. Only tasks of its endpoint touch it."""

    def __init__(self, device: DeviceKey, config: NetConfig) -> None:
        self.device = device
        self.addresses: list[str] = []  # of the user, of its own word, or that worked; best first
        self.tips = Tips()
        self._said_s = -math.inf  # when its own word made the next dial come at once
        self._reached: list[str] = []  # sources it was connected from or at; newest first
        self._told: list[str] = []  # sources that it told of itself
        self._worked = ""  # the address of them that gave a connection last
        self.wishes: list[Wish] = []  # one a community
        self.has_dialler = False
        self.is_dialling = False
        self._is_round = True  # the dial under way, or the last one, is one of all addresses
        self.links: set[Link] = set()
        self.last_error: str | None = None
        self.errors: dict[str, str] = {}  # of the last dial, by address
        self.changed = trio.Event()  # something that `dial_at_s` depends on
        self._config = config
        self._held_until_s = 0.0
        self._backoff_s = config.redial_first_s
        self._dial_at_s = 0.0

    def notify(self) -> None:
        self.changed.set()
        self.changed = trio.Event()

    # --- addresses --------------------------------------------------------------------

    def add_addresses(self, addresses: Sequence[str]) -> bool:
        """Put new addresses first and forget the worst beyond the limit.

        The one that worked last stays. Returns whether there was a new one.
        """
        fresh = [one for one in dict.fromkeys(addresses) if one not in self.addresses]
        if fresh:
            known = [*fresh, *self.addresses]
            if self._worked in known[ADDRESSES:]:
                known.insert(ADDRESSES - 1, self._worked)
            self.addresses = known[:ADDRESSES]
            self.redial_now()
        return bool(fresh)

    def add_said(self, addresses: Sequence[str]) -> None:
        """Put where the device itself says it is first; the wait ends every `SAID_AGAIN_S`.

        Else who hangs up and calls again, with a new hello each time, chooses what is dialled.
        """
        dial_at_s, backoff_s = self._dial_at_s, self._backoff_s
        if not self.add_addresses(addresses):
            return
        now_s = trio.current_time()
        if now_s < self._said_s + SAID_AGAIN_S:
            self._dial_at_s, self._backoff_s = dial_at_s, backoff_s
            self.notify()
        else:
            self._said_s = now_s

    def add_tips(self, teller: bytes, addresses: Sequence[str]) -> None:
        """Note where others say it is: tried besides, and soon, without a change of the wait."""
        self.tips.tell(teller, [one for one in addresses if one not in self.addresses])
        self.notify()

    def begin_dial(self, may_try: Callable[[bytes], bool]) -> list[str]:
        """Return what to dial now: all, or what others have said since; none: no try is left."""
        self._is_round = self._dial_at_s <= trio.current_time()
        picked = self.tips.pick(self.addresses, may_try, is_round=self._is_round)
        return [*self.addresses, *picked] if self._is_round else picked

    def note_failure(self, why: str, errors: dict[str, str]) -> None:
        """Note that nobody answered. What was only told and tried early tells nothing of it."""
        if self._is_round:
            self.last_error, self.errors = why, errors
        self.end_dial()

    def end_dial(self) -> None:
        """Wait again, after a dial that led to nothing."""
        if self._is_round:
            self.back_off()
        else:
            self.notify()

    @property
    def sources(self) -> list[str]:
        """Where a call of this device would come from (`find_source`)."""
        return [*self._reached, *self._told]

    def note_reached(self, source: str) -> None:
        self._reached = [source, *(one for one in self._reached if one != source)][:REACHED]

    def note_told(self, sources: Sequence[str]) -> None:
        fresh = [one for one in dict.fromkeys(sources) if one not in self._told]
        self._told = [*fresh, *self._told][:ADDRESSES]

    def prefer(self, address: str) -> None:
        """Dial this one first from here on: it worked."""
        if address in self.addresses or address in self.tips:
            self._worked = address
            others = [one for one in self.addresses if one != address]
            self.addresses = [address, *others][:ADDRESSES]

    # --- when to dial -----------------------------------------------------------------

    @property
    def dial_at_s(self) -> float | None:
        """When to dial next; None: not before something changes."""
        wanted_s = [one.dial_from_s for one in self.wishes]
        from_s = min((one for one in wanted_s if one is not None), default=None)
        if from_s is None or self.links:
            return None
        news_s = self.tips.due_s
        if not self.addresses and not self.tips.addresses:
            return None
        due_s = self._dial_at_s if news_s is None else min(self._dial_at_s, news_s)
        return max(due_s, from_s, self._held_until_s)

    def redial_now(self) -> None:
        self._backoff_s = self._config.redial_first_s
        self._dial_at_s = 0.0
        self.notify()

    def back_off(self) -> None:
        """Wait about twice as long as the last time; the jitter parts what would collide."""
        self._dial_at_s = trio.current_time() + self._backoff_s * random.uniform(0.5, 1.0)
        self._backoff_s = min(self._backoff_s * 2, self._config.redial_most_s)
        self.notify()

    def dial_soon(self) -> None:
        """Wait little after this connection: it was no false start."""
        self._backoff_s = self._config.redial_first_s

    def hold(self, seconds: float) -> None:
        """Neither dial nor accept for so long, whatever the community."""
        self._held_until_s = max(self._held_until_s, trio.current_time() + seconds)
        self.notify()

    @property
    def is_held(self) -> bool:
        return self._held_until_s > trio.current_time()

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by forgetting it but its counters, and that it is held."""
        return not self.links and all(one.is_idle for one in self.wishes)

    @property
    def is_wanted(self) -> bool:
        return any(one.dial_from_s is not None for one in self.wishes)

    @property
    def is_kept_away(self) -> bool:
        """Whether it is, in any community or all."""
        return self.is_held or any(one.is_held for one in self.wishes)

    @property
    def has_greeted(self) -> bool:
        """Whether it has said hello in any community."""
        return any(one.has_greeted for one in self.wishes)

    def forget(self) -> None:
        """Nobody remembers this device any more."""
        for one in list(self.wishes):
            one.forget()

    def note_up(self, address: str) -> None:
        """Note that a session has begun on a connection at this address."""
        self.last_error, self.errors = None, {}
        self.prefer(address)

    def kill_links(self) -> None:
        for link in self.links:
            link.kill()
