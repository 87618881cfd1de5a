"""What stands against a home's store while no node runs on it: damage, or age."""

from __future__ import annotations

from .errors import DAMAGED_STEPS, LocalError, StoreError
from .keystore import read_device
from .mark import Mark
from .paths import Paths
from .store import Store


def find_trouble(paths: Paths) -> LocalError | None:
    """Return why a node would not go on from the store as it is; None: nothing is wrong.

    It reads the whole store, about 30 ms per MiB. One that is not there yet is not wrong unless
    the device has signed already.
    """
    try:
        device = read_device(paths.key_file)
        mark = Mark.open(paths.mark_file(device), device)
        if not paths.store_file.exists():
            return mark.find_other_record(None, paths.store_file)
        with Store.open(paths.store_file) as store:
            damage = store.find_damage()
            if damage:
                return StoreError("store_damaged", "; ".join(damage[:5]), *DAMAGED_STEPS)
            restored, community = store.restore(device), store.community
            if community is None or restored is None:
                return mark.find_other_record(None, paths.store_file)
            mark.judge(community, restored, paths.store_file)
    except LocalError as error:
        return error
    return None
