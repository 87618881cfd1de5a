"""What stands against a home's store: damage, or age. For the start, doctor and backups alike."""

from __future__ import annotations

from pathlib import Path

from p2pnode_protocols.wire.ids import DeviceKey

from ..home.errors import DAMAGED_STEPS, LocalError, StoreError
from ..home.keystore import read_device
from ..home.mark import Marks
from ..home.paths import CommunityPaths, Paths
from .store import Store

# A start waits for no more than some tens of ms, of the 1.7 s it takes until the API answers.
READ_AT_START_BYTES = 1 << 20  # all that is in it is checked: 30 ms per MiB
CHECKED_AT_START_BYTES = 32 << 20  # its pages are: 1 ms per MiB; larger ones' beside the start


def find_troubles(paths: Paths) -> dict[CommunityPaths | None, LocalError]:
    """Return why a node would not go on from its stores as they are, by community.

    It reads each whole store, about 30 ms per MiB. One that is not there yet is not wrong unless
    the device has signed already. What is wrong with the home itself is under None, alone.
    """
    try:
        paths.require_current()
        device = read_device(paths.key_file)
        marks = Marks.open(paths.mark_file(device), device)
    except LocalError as error:
        return {None: error}
    found: dict[CommunityPaths | None, LocalError] = {}
    held = [one.community for one in paths.communities()]
    for community in dict.fromkeys((*held, *marks.signed_in)):
        place = paths.of(community)
        try:
            trouble = _look_at(place, device, marks)
        except LocalError as error:
            trouble = error
        if trouble is not None:
            found[place] = trouble
    return found


def _look_at(paths: CommunityPaths, device: DeviceKey, marks: Marks) -> LocalError | None:
    """As `find_troubles`, of one community. Raises `LocalError`."""
    lost = marks.find_lost(paths.community, paths.store_file)
    if not paths.store_file.exists():
        return lost
    with Store.open(paths.store_file) as store:
        damage = store.find_damage()
        if damage:
            return damage_of(damage)
        restored = store.restore(device)
        if store.community is None or restored is None:
            return lost
        marks.of(paths.community).judge(restored, paths.store_file)
    return None


def find_damage(path: Path) -> StoreError | None:
    """Read the whole store in `path`, which may be in use; for a thread. None: it is sound."""
    try:
        with Store.open(path) as store:
            damage = store.find_damage()
    except StoreError as error:
        return error
    return damage_of(damage) if damage else None


def require_sound(store: Store) -> bool:
    """Check as much of a store as a start has time for; return whether its pages were.

    Raises:
        StoreError: `store_damaged`, with the words of doctor.
    """
    size = store.path.stat().st_size
    if size > CHECKED_AT_START_BYTES:
        return False
    damage = store.find_damage() if size <= READ_AT_START_BYTES else store.find_broken_pages()
    if damage:
        raise damage_of(damage)
    return True


def require_sound_pages(path: Path) -> None:
    """Check the pages of a store that is in use; for a thread. Raises as `require_sound`."""
    with Store.open(path) as store:
        damage = store.find_broken_pages()
    if damage:
        raise damage_of(damage)


def damage_of(found: tuple[str, ...]) -> StoreError:
    """Return the error for what `Store.find_damage` found."""
    more = f"; and {len(found) - 1} faults more" if len(found) > 1 else ""
    return StoreError("store_damaged", f"{found[0]}{more}", *DAMAGED_STEPS)
