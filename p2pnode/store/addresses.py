"""Where peers listen, as they told it or as it worked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from p2pnode_protocols.ids import DeviceKey, WallMs
from p2pnode_protocols.limits import ADDRESSES

from .database import Database

# Of the addresses kept of a peer, so many stay because they worked: at home, at work, on a
# phone, at a friend's. The rest is for what the peer tells, which may be where it is.
REACHED_KEPT = 4


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """One address a peer told us; `reached_ms` is None until a dial succeeded."""

    device: DeviceKey
    address: str
    told_ms: WallMs
    reached_ms: WallMs | None


class AddressBook:
    """The table of addresses; nothing here is signed, and nothing has to outlast a crash."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note_addresses(self, device: DeviceKey, addresses: Sequence[str], now_ms: WallMs) -> None:
        """Remember where a peer says it listens; at most `ADDRESSES` of one peer are kept."""
        with self._database.transaction(durable=False) as db:
            for address in addresses:
                db.execute(
                    "INSERT INTO addresses (device, address, told_ms) VALUES (?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET told_ms = excluded.told_ms",
                    (device, address, now_ms),
                )
            _forget(db, device)

    def note_reached(self, device: DeviceKey, address: str, now_ms: WallMs) -> None:
        """Remember that a dial to this address reached this device."""
        with self._database.transaction(durable=False) as db:
            db.execute(
                "INSERT INTO addresses (device, address, told_ms, reached_ms) "
                "VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO UPDATE SET reached_ms = ?3",
                (device, address, now_ms),
            )
            _forget(db, device)

    def addresses(self) -> tuple[PeerAddress, ...]:
        """Return every known address: by device, the one that worked last first."""
        rows = self._database.rows(
            "SELECT device, address, told_ms, reached_ms FROM addresses "
            "ORDER BY device, reached_ms DESC NULLS LAST, told_ms DESC, address"
        )
        return tuple(
            PeerAddress(
                DeviceKey(row.blob(0)),
                row.text(1),
                WallMs(row.integer(2)),
                None if row.is_null(3) else WallMs(row.integer(3)),
            )
            for row in rows
        )


def _forget(db: sqlite3.Connection, device: DeviceKey) -> None:
    """Keep where a device was reached last, and else what was told last: it may have moved."""
    db.execute(
        "DELETE FROM addresses WHERE device = ?1 AND address NOT IN ("
        "SELECT address FROM addresses WHERE device = ?1 ORDER BY address IN ("
        "SELECT address FROM addresses WHERE device = ?1 AND reached_ms IS NOT NULL "
        "ORDER BY reached_ms DESC, address LIMIT ?2) DESC, told_ms DESC, address LIMIT ?3)",
        (device, REACHED_KEPT, ADDRESSES),
    )
