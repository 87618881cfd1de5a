"""Where peers listen, as they told it or as it worked."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from p2pnode_protocols.wire.ids import DeviceKey, WallMs
from p2pnode_protocols.wire.limits import ADDRESSES

from .database import Database

# Of the addresses kept of a peer, so many stay because they worked: at home, at work, on a
# phone, at a friend's. The rest is for what the peer tells, which may be where it is.
REACHED_KEPT = 4
HEARSAY_KEPT = 8  # of each who tells of a peer


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """One address a peer told us; `reached_ms` is None until a dial succeeded."""

    device: DeviceKey
    address: str
    told_ms: WallMs
    reached_ms: WallMs | None


@dataclass(frozen=True, slots=True)
class Hearsay:
    """One address of a device that somebody else told us; `teller` empty: who has no seat."""

    device: DeviceKey
    teller: bytes
    address: str


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

    def note_hearsay(
        self, device: DeviceKey, teller: bytes, addresses: Sequence[str], now_ms: WallMs
    ) -> None:
        """Remember where others say that a peer listens: of each teller its newest words.

        They have places of their own, so no teller crowds out another, or the peer's own word.
        """
        with self._database.transaction(durable=False) as db:
            for address in addresses[:HEARSAY_KEPT]:
                db.execute(
                    "INSERT INTO hearsay (device, teller, address, told_ms) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET told_ms = excluded.told_ms",
                    (device, teller, address, now_ms),
                )
            db.execute(
                "DELETE FROM hearsay WHERE device = ?1 AND teller = ?2 AND address NOT IN ("
                "SELECT address FROM hearsay WHERE device = ?1 AND teller = ?2 "
                "ORDER BY told_ms DESC, address LIMIT ?3)",
                (device, teller, HEARSAY_KEPT),
            )

    def hearsay(self) -> tuple[Hearsay, ...]:
        """Return all that others told, by device and teller, the oldest first."""
        rows = self._database.rows(
            "SELECT device, teller, address FROM hearsay "
            "ORDER BY device, teller, told_ms, address DESC"
        )
        return tuple(Hearsay(DeviceKey(row.blob(0)), row.blob(1), row.text(2)) for row in rows)

    def forget_others(self, devices: Collection[DeviceKey]) -> None:
        """Forget all devices but these."""
        known = self._database.rows("SELECT device FROM addresses UNION SELECT device FROM hearsay")
        gone = {row.blob(0) for row in known} - set(devices)
        if gone:
            with self._database.transaction(durable=False) as db:
                for device in sorted(gone):
                    db.execute("DELETE FROM addresses WHERE device = ?", (device,))
                    db.execute("DELETE FROM hearsay WHERE device = ?", (device,))

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
