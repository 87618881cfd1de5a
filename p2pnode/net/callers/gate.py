"""Whom this node lets connect, once its key is proved: members, and a few strangers."""

from __future__ import annotations

import logging

from p2pnode_protocols.wire.ids import DeviceKey, to_short

from ..config import NetConfig
from ..dialling.book import Book
from .places import Room

log = logging.getLogger("p2pnode.net")

LINKS = 4  # of one device, while it is settled which one to use


class Gate:
    """Decide about devices. The core sees to it that those let in are few of each invite."""

    def __init__(self, config: NetConfig, book: Book) -> None:
        self.is_open = False  # whether anybody is admitted
        self._config = config
        self._device = book.device
        self._book = book

    def admit(self, device: DeviceKey) -> bool:
        """Decide about a caller whose key is proved."""
        record = self._book.get(device)
        if record is not None and len(record.links) >= LINKS:
            return False
        if device == self._device or not self.is_open or self._book.is_kept_away(device):
            return False
        if self._book.is_welcome(device):
            return True
        return len(self._strangers(device)) < self._config.strangers or (
            not self._giving_way(device).is_empty
        )

    def make_room(self, device: DeviceKey) -> None:
        """Let another stranger go for this one if there are too many."""
        if self._book.is_welcome(device):
            return
        victim = self._giving_way(device).drop()
        if len(self._strangers(device)) >= self._config.strangers and victim is not None:
            log.debug("stranger %s gives way to another", to_short("dev", victim))
            self._book[victim].kill_links()

    def _strangers(self, but: DeviceKey) -> list[DeviceKey]:
        """Return the strangers that the core has not let in."""
        return [
            device
            for device in self._book.strangers()
            if device != but and not self._book.is_let_in(device)
        ]

    def _giving_way(self, but: DeviceKey) -> Room[DeviceKey]:
        """Return those at the gate that give way to another: no hello yet, or sent away."""
        room: Room[DeviceKey] = Room(len(self._book) + 1)
        for device in self._strangers(but):
            remote = self._book[device]
            # Who was sent away has a moment to hang up itself, and need not.
            if remote.is_kept_away or not remote.has_greeted:
                room.enter(device, next(iter(remote.links)).source)
        return room
